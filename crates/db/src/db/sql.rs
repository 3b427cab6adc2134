//! Fragments of SQL that are combined at run time, for both databases.
//!
//! Diesel types a query by its tables, columns and database. Filters and orders from clients, and
//! pages for each of many parents, would need a type per combination and database; here they are
//! values. SQL text comes only from `&'static str`, and values are always bind parameters, so
//! nothing that a client sends can become SQL.

mod condition;
mod dialect;
mod insert;
mod query;
mod update;

use std::{mem, sync::Arc};

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};

use self::dialect::Dialect;
pub use self::{
    condition::{Condition, SearchIndex, has_trigram},
    dialect::{TextSet, UidSet},
    insert::{Insert, InsertOrFind, InsertedRow, always, nothing_is_found},
    query::{
        Expr, Returning, Select, each_looks_up, from_parents, from_where, one_page,
        page_per_parent, parent_id, row_key, rows_of,
    },
    update::{Changes, Update},
};
use super::types::{Date, Decimal, Timestamp, Uid, sql_types};

/// A column in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
}

impl Column {
    /// The column `C` of that table. Diesel exposes the name of the column, but not that of its
    /// table.
    pub const fn of<C: diesel::Column>(table: &'static str) -> Self {
        Self { table, name: C::NAME }
    }

    /// The quoted name, qualified by that of the table.
    pub fn sql(self) -> Sql {
        Sql::default().column(self)
    }
}

/// A value by which rows are ordered and compared. `NULL` sorts before any value in both databases;
/// indexes use the same expression.
pub trait SortValue: Copy {
    /// The value as a bind parameter.
    fn sql(self) -> Sql;

    /// The value that stands for `NULL`, if the column is nullable: less than any value, and equal
    /// to none.
    fn missing() -> Option<Sql> {
        None
    }

    /// The expression by which a column of this type is ordered.
    fn order(column: Column) -> Sql {
        match Self::missing() {
            None => column.sql(),
            Some(missing) => {
                Sql::new("coalesce(").column(column).sql(", ").append(missing).sql(")")
            }
        }
    }

    /// A nullable value.
    fn optional(value: Option<Self>) -> Sql {
        value.map_or_else(|| Self::missing().unwrap_or_default(), Self::sql)
    }
}

impl SortValue for Timestamp {
    fn sql(self) -> Sql {
        Sql::default().time(self)
    }
}

impl SortValue for Date {
    fn sql(self) -> Sql {
        Sql::default().date(self)
    }

    fn missing() -> Option<Sql> {
        Some(Sql::default().per_dialect(Sql::new("'-infinity'::date"), Sql::new("''")))
    }
}

impl SortValue for Decimal {
    fn sql(self) -> Sql {
        Sql::default().decimal(self)
    }

    fn missing() -> Option<Sql> {
        Some(Sql::default().per_dialect(Sql::new("'-Infinity'::numeric"), Sql::new("''")))
    }
}

/// A fragment of SQL with its bind parameters.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Sql(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Sql(&'static str),
    Name(&'static str),
    Column(Column),
    Text(String),
    Number(i64),
    Literal(i64),
    Uid(Uid),
    Uids(Arc<UidSet>),
    NumberedUids(Arc<UidSet>),
    Texts(TextSet),
    AnyText(TextSet),
    AnyUid(Arc<UidSet>),
    Time(Timestamp),
    Date(Date),
    Decimal(Decimal),
    PerDialect { postgres: Sql, sqlite: Sql },
    Uncached,
}

impl Sql {
    pub fn new(sql: &'static str) -> Self {
        Self::default().sql(sql)
    }

    /// A statement with named holes: `Sql::template("DELETE FROM t WHERE id = {id}", [("id", id)])`. A fragment may
    /// fill several holes. A hole without a fragment stays in the text, which no database accepts.
    pub fn template<const N: usize>(text: &'static str, mut holes: [(&str, Self); N]) -> Self {
        let (mut sql, mut rest) = (Self(Vec::with_capacity(4 * N)), text);
        // The pieces of the fragments that have filled a hole. Only further holes copy them, because a fragment can
        // have thousands of texts.
        let mut filled = [const { 0..0 }; N];
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, following)) = after.split_once('}') else { break };
            let mut fragments = holes.iter_mut().zip(&mut filled);
            let Some(((_, fragment), pieces)) = fragments.find(|((hole, _), _)| *hole == name)
            else {
                break;
            };
            sql = sql.sql(before);
            if pieces.start == pieces.end {
                let first = sql.0.len();
                sql = sql.append(mem::take(fragment));
                *pieces = first..sql.0.len();
            } else {
                sql.0.extend_from_within(pieces.clone());
            }
            rest = following;
        }
        sql.sql(rest)
    }

    /// A row value of two expressions, to be compared with another one.
    pub fn pair(one: Self, other: Self) -> Self {
        Self::new("(").append(one).sql(", ").append(other).sql(")")
    }

    fn with(mut self, piece: Piece) -> Self {
        self.0.push(piece);
        self
    }

    pub fn sql(self, sql: &'static str) -> Self {
        self.with(Piece::Sql(sql))
    }

    pub fn append(mut self, mut other: Self) -> Self {
        self.0.append(&mut other.0);
        self
    }

    /// A quoted name.
    pub fn name(self, name: &'static str) -> Self {
        self.with(Piece::Name(name))
    }

    pub fn column(self, column: Column) -> Self {
        self.with(Piece::Column(column))
    }

    pub fn text(self, value: impl Into<String>) -> Self {
        self.with(Piece::Text(value.into()))
    }

    pub fn number(self, value: i64) -> Self {
        self.with(Piece::Number(value))
    }

    /// A number in the statement's text, for limits: PostgreSQL plans a statement whose limit is a parameter anew each
    /// time, which takes longer than to execute it. Each number results in another statement to prepare, so there must
    /// be few of them.
    pub fn literal(self, value: i64) -> Self {
        self.with(Piece::Literal(value))
    }

    pub fn uid(self, value: Uid) -> Self {
        self.with(Piece::Uid(value))
    }

    pub fn time(self, value: Timestamp) -> Self {
        self.with(Piece::Time(value))
    }

    pub fn date(self, value: Date) -> Self {
        self.with(Piece::Date(value))
    }

    pub fn decimal(self, value: Decimal) -> Self {
        self.with(Piece::Decimal(value))
    }

    /// A table with one column, `id`, for use after `IN` or `FROM`. All ids are one bind parameter,
    /// so that the statement's text stays the same.
    pub fn uids(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::Uids(uids))
    }

    /// Like [`Sql::uids`], with a second column `position`: the position of each id in the list,
    /// from 1.
    pub fn numbered_uids(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::NumberedUids(uids))
    }

    /// A table with one column, `value`, as for ids.
    pub fn texts(self, texts: TextSet) -> Self {
        self.with(Piece::Texts(texts))
    }

    /// Tests that the preceding expression is one of these texts. One bind parameter, as for ids.
    pub fn is_any_text(self, texts: TextSet) -> Self {
        self.with(Piece::AnyText(texts))
    }

    /// Tests that the preceding expression is one of these ids, as for texts.
    pub fn is_any_uid(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::AnyUid(uids))
    }

    /// Keeps connections from caching the prepared statement, for texts that depend on the client's
    /// input: their number is unlimited.
    pub fn uncached(self) -> Self {
        self.with(Piece::Uncached)
    }

    /// A fragment that differs between the databases.
    pub fn per_dialect(self, postgres: Self, sqlite: Self) -> Self {
        self.with(Piece::PerDialect { postgres, sqlite })
    }
}

impl<DB> QueryFragment<DB> for Sql
where
    DB: Dialect
        + HasSqlType<sql_types::Uid>
        + HasSqlType<sql_types::UtcTimestamp>
        + HasSqlType<sql_types::CalendarDate>
        + HasSqlType<sql_types::ExactDecimal>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    Uid: ToSql<sql_types::Uid, DB>,
    Timestamp: ToSql<sql_types::UtcTimestamp, DB>,
    Date: ToSql<sql_types::CalendarDate, DB>,
    Decimal: ToSql<sql_types::ExactDecimal, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for piece in &self.0 {
            match piece {
                Piece::Sql(sql) => out.push_sql(sql),
                Piece::Name(name) => push_name(&mut out, name),
                Piece::Column(Column { table, name }) => {
                    push_name(&mut out, table);
                    out.push_sql(".");
                    push_name(&mut out, name);
                }
                Piece::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Piece::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Piece::Literal(value) => out.push_sql(&value.to_string()),
                Piece::Uid(value) => out.push_bind_param::<sql_types::Uid, _>(value)?,
                Piece::Time(value) => out.push_bind_param::<sql_types::UtcTimestamp, _>(value)?,
                Piece::Date(value) => out.push_bind_param::<sql_types::CalendarDate, _>(value)?,
                Piece::Decimal(value) => {
                    out.push_bind_param::<sql_types::ExactDecimal, _>(value)?;
                }
                Piece::NumberedUids(uids) => DB::push_numbered_uids(uids, out.reborrow())?,
                Piece::Uids(uids) => DB::push_uids(uids, out.reborrow())?,
                Piece::Texts(texts) => DB::push_texts(texts, out.reborrow())?,
                Piece::AnyUid(uids) => DB::push_is_any_uid(uids, out.reborrow())?,
                Piece::AnyText(texts) => DB::push_is_any_text(texts, out.reborrow())?,
                Piece::Uncached => out.unsafe_to_cache_prepared(),
                Piece::PerDialect { postgres, sqlite } => {
                    DB::choose(postgres, sqlite).walk_ast(out.reborrow())?;
                }
            }
        }
        Ok(())
    }
}

/// Quotes a name in the way of both dialects. (Diesel's identifiers have backticks on SQLite.)
fn push_name<DB: Backend>(out: &mut AstPass<'_, '_, DB>, name: &str) {
    out.push_sql("\"");
    out.push_sql(name);
    out.push_sql("\"");
}

impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(sql: &Sql) -> String {
        diesel::debug_query::<diesel::sqlite::Sqlite, _>(sql).to_string()
    }

    #[test]
    fn fragments_fill_the_holes_of_their_names() {
        let holes = [("name", Sql::default().text("Ana")), ("id", Sql::new("t.id"))];
        let sql = Sql::template("SELECT {id} FROM t WHERE {id} = {name}", holes);
        assert_eq!(text_of(&sql), r#"SELECT t.id FROM t WHERE t.id = ? -- binds: ["Ana"]"#);
    }

    #[test]
    fn a_hole_without_a_fragment_stays() {
        let sql = Sql::template("SELECT {a}, {b}, {a", [("a", Sql::new("1"))]);
        assert_eq!(text_of(&sql), "SELECT 1, {b}, {a -- binds: []");
    }
}
