//! What the two databases store differently, as SQL types of our own.
//!
//! Each has one Rust type, and one format per database such that both databases compare and sort
//! its values alike. (`migrations/README.md` lists the column types.)

pub mod sql_types {
    //! The SQL types that `schema.rs` names.
    //!
    //! They must not be called `Uuid`, `Timestamp` or `Numeric`: for those names `table!` would add
    //! operators that only one database has.

    use diesel::{query_builder::QueryId, sql_types::SqlType};

    /// `uuid` on PostgreSQL, a `BLOB` of 16 bytes on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// `timestamptz` on PostgreSQL, RFC 3339 text in UTC with microseconds on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
    pub struct UtcTimestamp;

    /// `numeric` on PostgreSQL, text that sorts as the number does on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1700, array_oid = 1231), sqlite_type(name = "Text"))]
    pub struct ExactDecimal;
}

mod decimal;
mod timestamp;
mod uid;

pub use self::{decimal::Decimal, timestamp::Timestamp, uid::Uid};
