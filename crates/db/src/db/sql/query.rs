//! Queries around a typed selection.

use std::{marker::PhantomData, sync::Arc};

use diesel::{
    AppearsOnTable, Expression, QueryResult,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

use super::{Column, Condition, Sql, UidSet};
use crate::db::types::sql_types;

/// A fragment of SQL as an expression of the type `ST`, independent of the query and of the
/// database. Unlike a query with `diesel::dsl::sql`, one with an `Expr` stays prepared.
#[derive(Debug)]
pub struct Expr<ST>(Sql, PhantomData<fn() -> ST>);

impl<ST> Expr<ST> {
    pub fn new(sql: Sql) -> Self {
        Self(sql, PhantomData)
    }

    /// A fragment without parameters.
    pub fn literal(sql: &'static str) -> Self {
        Self::new(Sql::new(sql))
    }

    pub fn into_sql(self) -> Sql {
        self.0
    }
}

impl<ST> Clone for Expr<ST> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<ST, DB: Backend> QueryFragment<DB> for Expr<ST>
where
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<ST> QueryId for Expr<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST: diesel::expression::TypedExpressionType> Expression for Expr<ST> {
    type SqlType = ST;
}

impl<ST, QS> AppearsOnTable<QS> for Expr<ST> where Self: Expression {}

impl<ST, GB> ValidGrouping<GB> for Expr<ST> {
    type IsAggregate = is_aggregate::No;
}

/// A query around a typed selection: `{with}SELECT {selection}{from}`.
#[derive(Debug)]
pub struct Select<Selection> {
    pub with: Sql,
    pub selection: Selection,
    pub from: Sql,
}

impl<ST> Select<Expr<ST>> {
    /// The text of the query, as a part of another statement.
    pub fn into_sql(self) -> Sql {
        self.with.sql("SELECT ").append(self.selection.into_sql()).append(self.from)
    }
}

impl<Selection: Expression> Query for Select<Selection> {
    type SqlType = Selection::SqlType;
}

impl<Selection, Conn> diesel::RunQueryDsl<Conn> for Select<Selection> {}

impl<Selection, DB: Backend> QueryFragment<DB> for Select<Selection>
where
    Selection: QueryFragment<DB>,
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.with.walk_ast(out.reborrow())?;
        out.push_sql("SELECT ");
        self.selection.walk_ast(out.reborrow())?;
        self.from.walk_ast(out)
    }
}

impl<Selection> QueryId for Select<Selection> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// A statement that returns rows of the type `ST`: an `INSERT` with `RETURNING`.
#[derive(Debug)]
pub struct Returning<ST>(Sql, PhantomData<fn() -> ST>);

impl<ST> Returning<ST> {
    pub fn new(statement: Sql) -> Self {
        Self(statement, PhantomData)
    }
}

impl<ST: diesel::expression::TypedExpressionType> Query for Returning<ST> {
    type SqlType = ST;
}

impl<ST, Conn> diesel::RunQueryDsl<Conn> for Returning<ST> {}

impl<ST, DB: Backend> QueryFragment<DB> for Returning<ST>
where
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<ST> QueryId for Returning<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Joins a table whose rows are looked up by an index for each of the preceding rows. `condition` refers
/// to both.
///
/// Neither planner knows how many rows a recursion returns. PostgreSQL guesses hundreds, and would
/// scan the whole table in each step. `OFFSET 0` keeps it from flattening the subquery, and so from
/// such a plan. SQLite keeps the order of a `CROSS JOIN`.
pub fn each_looks_up(table: &'static str, name: &'static str, condition: Sql) -> Sql {
    let joined = |text, condition| {
        let (table, name) = (Sql::default().name(table), Sql::default().name(name));
        Sql::template(text, [("table", table), ("name", name), ("condition", condition)])
    };
    let postgres = "CROSS JOIN LATERAL \
        (SELECT * FROM {table} AS {name} WHERE {condition} OFFSET 0) AS {name}";
    let sqlite = "CROSS JOIN {table} AS {name} ON {condition}";
    Sql::default().per_dialect(joined(postgres, condition.clone()), joined(sqlite, condition))
}

/// A `FROM` clause with a row for each parent, to which the query refers as `parent.id`.
pub fn from_parents(parents: Arc<UidSet>) -> Sql {
    Sql::new(" FROM ").uids(parents).sql(" AS parent")
}

/// The id of the parent for which a row is selected.
pub fn parent_id() -> Expr<sql_types::Uid> {
    Expr::literal("parent.id")
}

/// The rest of a query for the rows of a table that meet the condition.
pub fn from_where(table: &'static str, condition: Condition) -> Sql {
    Sql::new(" FROM ").name(table).sql(" WHERE ").append(condition.into_sql())
}

/// The rest of a query that selects one page of a table's rows, unordered: `page`, or `found`, which
/// selects the same rows by their keys ([`rows_of`]).
///
/// SQLite sorts in memory, so it sorts keys instead of rows.
pub fn one_page(page: Sql, found: Sql) -> Sql {
    Sql::default().per_dialect(page, found)
}

/// The key of a row within one statement. SQLite finds a row by its `rowid` at once, and by its id only after it has
/// looked up the `rowid` in an index. (A `rowid` may change between statements.)
pub fn row_key(id: Column) -> Sql {
    let rowid = Column { table: id.table, name: "rowid" };
    Sql::default().per_dialect(id.sql(), rowid.sql())
}

/// The rest of a query that selects the rows of a table whose `key` (its id's column, or [`row_key`]) another query
/// selects. `tenancy` is the condition on all rows.
pub fn rows_of(table: &'static str, tenancy: Condition, key: Sql, keys: Sql) -> Sql {
    let table = Sql::default().name(table);
    let holes = [("table", table), ("tenancy", tenancy.into_sql()), ("key", key), ("keys", keys)];
    Sql::template(" FROM {table} WHERE {tenancy} AND {key} IN ({keys})", holes)
}

/// The rest of a query that selects one page of a table's rows for each parent, unordered.
///
/// `page` is the rest of a query for one parent's rows, and `tenancy` as for [`rows_of`].
/// Reading stops at the end of each page, using the index for its order. (The usual
/// `row_number() OVER (PARTITION BY …)` would read all children of all parents and discard most of
/// them.)
pub fn page_per_parent(parents: Arc<UidSet>, id: Column, tenancy: Condition, page: Sql) -> Sql {
    let table = || Sql::default().name(id.table);
    // The subquery has the table's name, so that the selection finds its columns there.
    let postgres = Sql::template(
        " CROSS JOIN LATERAL (SELECT {table}.*{page}) AS {table}",
        [("table", table()), ("page", page.clone())],
    );
    // SQLite has no LATERAL, but a subquery after IN can refer to the preceding row. CROSS fixes
    // the order; otherwise the subquery might run for each pair of a parent and a row of the table.
    let (key, tenancy) = (row_key(id), tenancy.into_sql());
    let sqlite = Sql::template(
        " CROSS JOIN {table} ON {key} IN (SELECT {key}{page}) AND {tenancy}",
        [("table", table()), ("key", key), ("page", page), ("tenancy", tenancy)],
    );
    from_parents(parents).per_dialect(postgres, sqlite)
}
