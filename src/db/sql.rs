//! Pieces of SQL that are put together at run time, for both databases at once.
//!
//! Diesel types a query by its tables, columns and database. A filter that a client writes, an
//! order it chooses, or a page for each of many parents would become a type per combination and
//! database; here they are values. Text comes only from `&'static str`, values are only ever bind
//! parameters, so nothing that a client sends can become SQL.

mod condition;
mod dialect;
mod query;

use std::sync::Arc;

use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};

use self::dialect::Dialect;
pub use self::{
    condition::{Condition, SearchIndex},
    dialect::{TextSet, UidSet},
    query::{Expr, Returning, Select, from_parents, one_page, page_per_parent, parent_id},
};
use super::types::{Date, Decimal, Timestamp, Uid, sql_types};

/// A column as it is written in SQL.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
}

impl Column {
    /// The column `C`, whose name Diesel knows, of that table, whose name it keeps to itself.
    pub const fn of<C: diesel::Column>(table: &'static str) -> Self {
        Self { table, name: C::NAME }
    }
}

/// A value that rows are ordered by and compared with. Where it may be missing, that is less than
/// anything, in both databases; and an index is by the same expression.
pub trait SortValue: Copy {
    /// The value as a bind parameter.
    fn sql(self) -> Sql;

    /// What stands for a missing one, if it may be missing: less than any, and equal to none.
    fn missing() -> Option<Sql> {
        None
    }

    /// What a column of this type is ordered by.
    fn order(column: Column) -> Sql {
        match Self::missing() {
            None => Sql::default().column(column),
            Some(missing) => {
                Sql::new("coalesce(").column(column).sql(", ").append(missing).sql(")")
            }
        }
    }

    /// One that may be missing.
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

/// A piece of SQL with its bind parameters.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Sql(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Sql(&'static str),
    Text(String),
    Number(i64),
    Literal(i64),
    Uid(Uid),
    Uids(Arc<UidSet>),
    NumberedUids(Arc<UidSet>),
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
        self.sql("\"").sql(name).sql("\"")
    }

    pub fn column(self, column: Column) -> Self {
        self.name(column.table).sql(".").name(column.name)
    }

    pub fn text(self, value: impl Into<String>) -> Self {
        self.with(Piece::Text(value.into()))
    }

    pub fn number(self, value: i64) -> Self {
        self.with(Piece::Number(value))
    }

    /// A number in the statement's text, for limits: PostgreSQL plans a statement whose limit is a
    /// parameter anew each time, which takes longer than to execute it. Each number makes a statement of
    /// its own, so there must be few of them.
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

    /// A table of one column, `id`: write it after `IN` or `FROM`. However many ids there are, they
    /// are one bind parameter, so that the statement's text stays the same.
    pub fn uids(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::Uids(uids))
    }

    /// As [`Sql::uids`], with a second column: `position`, the place of each in the list, from 1.
    pub fn numbered_uids(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::NumberedUids(uids))
    }

    /// Is one of these texts: write it after what is to be one. One bind parameter, as for ids.
    pub fn is_any_text(self, texts: TextSet) -> Self {
        self.with(Piece::AnyText(texts))
    }

    /// Is one of these ids, as for texts.
    pub fn is_any_uid(self, uids: Arc<UidSet>) -> Self {
        self.with(Piece::AnyUid(uids))
    }

    /// A piece that clients put together. Connections keep the statements that they prepared: of
    /// these there would be no end.
    pub fn uncached(self) -> Self {
        self.with(Piece::Uncached)
    }

    /// What has to be written differently.
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

impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
