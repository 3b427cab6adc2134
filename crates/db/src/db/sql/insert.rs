//! Inserting rows with attributes.

use std::marker::PhantomData;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

use super::Sql;
use crate::db::pick::{Database, ToColumns};

/// `INSERT INTO {table} ({columns}) VALUES {rows}`. The columns are `tenant_id`, those that are not null in at least
/// one of the rows, and those of the rows' keys.
///
/// Connections keep it prepared if it has one row. Diesel would name every column and bind a parameter for each,
/// although most columns of a customer are null.
#[derive(Debug)]
pub struct Insert<R> {
    table: &'static str,
    tenant: String,
    rows: Vec<InsertedRow<R>>,
    other: Option<Sql>,
}

/// A row to insert.
#[derive(Clone, Debug)]
pub struct InsertedRow<R> {
    pub row: R,
    /// Folded texts and search keys by their columns, which are the same for each row.
    pub keys: Vec<(&'static str, String)>,
}

impl<R: ToColumns<Pg>> InsertedRow<R> {
    /// Whether both rows have values in the same columns, so that statements for them are the same.
    pub fn has_columns_of(&self, other: &Self) -> bool {
        let keys = self.keys.iter().zip(&other.keys);
        self.keys.len() == other.keys.len()
            && keys.into_iter().all(|((name, _), (other, _))| name == other)
            && (0..R::column_count()).all(|it| self.row.is_null(it) == other.row.is_null(it))
    }
}

impl<R> Insert<R> {
    pub fn new(table: &'static str, tenant: &str, rows: Vec<InsertedRow<R>>) -> Self {
        Self { table, tenant: tenant.to_owned(), rows, other: None }
    }

    /// The same statement with another one in its `WITH` clause, which only PostgreSQL supports.
    #[must_use]
    pub fn with(self, other: Option<Sql>) -> Self {
        Self { other, ..self }
    }

    /// One statement for each of the rows.
    pub fn one_by_one(self) -> impl Iterator<Item = Self> {
        let (table, tenant) = (self.table, self.tenant);
        self.rows.into_iter().map(move |row| Self::new(table, &tenant, vec![row]))
    }
}

impl<R> Insert<R> {
    /// Pushes `INSERT INTO {table} ({columns})`, and returns the places of the columns.
    fn push_into<DB: Database>(&self, mut out: AstPass<'_, '_, DB>) -> QueryResult<Vec<usize>>
    where
        R: ToColumns<DB>,
    {
        let has_value = |place: &usize| self.rows.iter().any(|it| !it.row.is_null(*place));
        let places: Vec<usize> = (0..R::column_count()).filter(has_value).collect();
        out.push_sql("INSERT INTO ");
        out.push_identifier(self.table)?;
        out.push_sql(" (tenant_id");
        let keys = self.rows.first().into_iter().flat_map(|it| it.keys.iter().map(|(key, _)| *key));
        for name in places.iter().filter_map(|place| R::column(*place)).chain(keys) {
            out.push_sql(", ");
            out.push_identifier(name)?;
        }
        out.push_sql(")");
        Ok(places)
    }

    /// Pushes `VALUES {rows}`, with these columns.
    fn push_rows<'b, DB: Database>(
        &'b self,
        places: &[usize],
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        R: ToColumns<DB>,
    {
        out.push_sql("VALUES ");
        for (position, row) in self.rows.iter().enumerate() {
            out.push_sql(if position == 0 { "(" } else { ", (" });
            self.push_values(row, places, out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }

    /// Pushes the values of a row in these columns.
    fn push_values<'b, DB: Database>(
        &'b self,
        InsertedRow { row, keys }: &'b InsertedRow<R>,
        places: &[usize],
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        R: ToColumns<DB>,
    {
        DB::bind_text(&self.tenant, out.reborrow())?;
        for place in places {
            out.push_sql(", ");
            row.bind(*place, out.reborrow())?;
        }
        for (_, key) in keys {
            out.push_sql(", ");
            DB::bind_text(key, out.reborrow())?;
        }
        Ok(())
    }
}

impl<R, DB> QueryFragment<DB> for Insert<R>
where
    R: ToColumns<DB>,
    DB: Database,
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.rows.len() > 1 {
            // There would be one statement per number of rows.
            out.unsafe_to_cache_prepared();
        }
        if let Some(other) = &self.other {
            out.push_sql("WITH other AS (");
            other.walk_ast(out.reborrow())?;
            out.push_sql(") ");
        }
        let places = self.push_into(out.reborrow())?;
        out.push_sql(" ");
        self.push_rows(&places, out)
    }
}

impl<R> QueryId for Insert<R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `WITH found AS ({query}), inserted AS (INSERT … WHERE NOT EXISTS …) SELECT * FROM found`: inserts rows if the query
/// finds nothing, and returns the rows of the type `ST` that it finds. Only PostgreSQL supports such statements; its
/// connections keep one prepared for each number of rows. Another statement can be part of it, under the condition
/// [`nothing_is_found`].
#[derive(Debug)]
pub struct InsertOrFind<R, ST> {
    insert: Insert<R>,
    query: Sql,
    found: PhantomData<fn() -> ST>,
}

impl<R, ST> InsertOrFind<R, ST> {
    pub fn new(
        table: &'static str,
        tenant: &str,
        rows: Vec<InsertedRow<R>>,
        query: Sql,
        other: Option<Sql>,
    ) -> Self {
        let insert = Insert::new(table, tenant, rows).with(other);
        Self { insert, query, found: PhantomData }
    }
}

/// A condition that is always met.
pub fn always() -> Sql {
    Sql::new("1 = 1")
}

/// The condition of the other statement in an [`InsertOrFind`].
pub fn nothing_is_found() -> Sql {
    Sql::new("NOT EXISTS (SELECT 1 FROM found)")
}

impl<R, ST> Query for InsertOrFind<R, ST> {
    type SqlType = ST;
}

impl<R, ST, Conn> diesel::RunQueryDsl<Conn> for InsertOrFind<R, ST> {}

impl<R: ToColumns<Pg>, ST> QueryFragment<Pg> for InsertOrFind<R, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH found AS (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql("), inserted AS (");
        let places = self.insert.push_into(out.reborrow())?;
        if let [row] = &*self.insert.rows {
            out.push_sql(" SELECT ");
            self.insert.push_values(row, &places, out.reborrow())?;
        } else {
            out.push_sql(" SELECT * FROM (");
            self.insert.push_rows(&places, out.reborrow())?;
            out.push_sql(") AS new");
        }
        out.push_sql(" WHERE NOT EXISTS (SELECT 1 FROM found))");
        if let Some(other) = &self.insert.other {
            out.push_sql(", other AS (");
            other.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT * FROM found");
        Ok(())
    }
}

impl<R, ST> QueryId for InsertOrFind<R, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, sql_types::Bool, sqlite::Sqlite};

    use super::*;
    use crate::db::pick::columns_of;

    columns_of! {
        #[derive(Clone, Debug, Default)]
        pub struct Names {
            pub customer_name: String,
            pub first_name: Option<String>,
            pub last_name: Option<String>,
        }
    }

    fn row(customer_name: &str, last_name: Option<&str>) -> InsertedRow<Names> {
        let (customer_name, last_name) = (customer_name.to_owned(), last_name.map(str::to_owned));
        let keys = vec![("customer_name_key", customer_name.to_lowercase())];
        let row = Names { customer_name, first_name: None, last_name };
        InsertedRow { row, keys }
    }

    #[test]
    fn a_column_that_is_null_in_all_rows_is_left_out() {
        let rows = vec![row("Ana", None), row("", Some("Li"))];
        let insert = Insert::new("customers", "t", rows);
        assert_eq!(
            debug_query::<Pg, _>(&insert).to_string(),
            r#"INSERT INTO "customers" (tenant_id, "customer_name", "last_name", "customer_name_key") VALUES ($1, $2, $3, $4), ($5, $6, $7, $8) -- binds: ["t", "Ana", None, "ana", "t", "", Some("Li"), ""]"#
        );
        let first = insert.one_by_one().next().expect("it has rows");
        assert_eq!(
            debug_query::<Sqlite, _>(&first).to_string(),
            r#"INSERT INTO `customers` (tenant_id, `customer_name`, `customer_name_key`) VALUES (?, ?, ?) -- binds: ["t", "Ana", "ana"]"#
        );
        let (query, other) = (Sql::new("SELECT 1"), Some(Sql::new("SELECT 2")));
        let rows = vec![row("Ana", None), row("Li", None)];
        let one = InsertOrFind::<_, Bool>::new(
            "customers",
            "t",
            vec![row("Ana", None)],
            Sql::new("SELECT 1"),
            None,
        );
        assert_eq!(
            debug_query::<Pg, _>(&one).to_string(),
            r#"WITH found AS (SELECT 1), inserted AS (INSERT INTO "customers" (tenant_id, "customer_name", "customer_name_key") SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM found)) SELECT * FROM found -- binds: ["t", "Ana", "ana"]"#
        );
        let insert = InsertOrFind::<_, Bool>::new("customers", "t", rows, query, other);
        assert_eq!(
            debug_query::<Pg, _>(&insert).to_string(),
            r#"WITH found AS (SELECT 1), inserted AS (INSERT INTO "customers" (tenant_id, "customer_name", "customer_name_key") SELECT * FROM (VALUES ($1, $2, $3), ($4, $5, $6)) AS new WHERE NOT EXISTS (SELECT 1 FROM found)), other AS (SELECT 2) SELECT * FROM found -- binds: ["t", "Ana", "ana", "t", "Li", "li"]"#
        );
    }
}
