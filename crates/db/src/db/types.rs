//! The types that the two databases store differently, as our own SQL types.
//!
//! Each has one Rust type, and one format per database such that both databases compare and sort
//! its values in the same way. (`migrations/README.md` lists the column types.)

use diesel::sql_types::{
    Bool, Integer, Nullable, SqlType, Text,
    is_nullable::{IsNullable, NotNull},
};

pub mod sql_types {
    //! The SQL types of columns.
    //!
    //! They must not be called `Uuid`, `Timestamp`, `Date` or `Numeric`: for those names `table!`
    //! would add operators that only one database has.

    use diesel::{query_builder::QueryId, sql_types::SqlType};

    /// `uuid` on PostgreSQL, a `BLOB` of 16 bytes on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// `timestamptz` on PostgreSQL, RFC 3339 text in UTC with microseconds on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
    pub struct UtcTimestamp;

    /// `numeric` on PostgreSQL, text that sorts like the number on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1700, array_oid = 1231), sqlite_type(name = "Text"))]
    pub struct ExactDecimal;

    /// `date` on PostgreSQL, ISO 8601 text on SQLite.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1082, array_oid = 1182), sqlite_type(name = "Text"))]
    pub struct CalendarDate;
}

/// Declares a fieldless enum that is stored as text, and written as the same text in files: `One = "ONE"`.
#[macro_export]
macro_rules! stored_as_text {
    (
        $(#[$meta:meta])*
        pub enum $Enum:ident {
            $($(#[$variant_meta:meta])* $Variant:ident = $name:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow,
            serde::Serialize,
            serde::Deserialize,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $Enum {
            $($(#[$variant_meta])* #[serde(rename = $name)] $Variant,)+
        }

        impl $crate::db::types::Stored for $Enum {
            type SqlType = diesel::sql_types::Text;
        }

        impl $crate::db::types::StoredAsText for $Enum {
            const TYPE_NAME: &'static str = stringify!($Enum);
            const NAMES: &'static [&'static str] = Self::NAMES;

            fn stored_name(self) -> &'static str {
                self.name()
            }

            fn from_stored_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$Variant),)+
                    _ => None,
                }
            }
        }

        impl $Enum {
            /// The stored names of all values.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The stored name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)+
                }
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB>
            for $Enum
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.name().to_sql(out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB>
            for $Enum
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let name = String::from_sql(value)?;
                let value = <Self as $crate::db::types::StoredAsText>::from_stored_name(&name);
                value.ok_or_else(|| {
                    format!("{name} is not a value of {}", stringify!($Enum)).into()
                })
            }
        }
    };
}
pub use stored_as_text;

/// An enum whose values are stored by their names.
pub trait StoredAsText: Copy {
    const TYPE_NAME: &'static str;
    const NAMES: &'static [&'static str];

    fn stored_name(self) -> &'static str;
    fn from_stored_name(name: &str) -> Option<Self>;
}

/// Whether columns of a type can be null, as a value instead of Diesel's marker types.
pub trait Nullability {
    const IS_NULLABLE: bool;
}

impl Nullability for IsNullable {
    const IS_NULLABLE: bool = true;
}

impl Nullability for NotNull {
    const IS_NULLABLE: bool = false;
}

/// A type whose values are stored in columns.
pub trait Stored {
    /// Their type in SQL, on both databases.
    type SqlType: SqlType<IsNull: Nullability>;
}

macro_rules! stored {
    ($($Type:ty => $SqlType:ty),+ $(,)?) => {
        $(impl Stored for $Type {
            type SqlType = $SqlType;
        })+
    };
}

stored! {
    String => Text,
    bool => Bool,
    i32 => Integer,
    Uid => sql_types::Uid,
    Timestamp => sql_types::UtcTimestamp,
    Date => sql_types::CalendarDate,
    Decimal => sql_types::ExactDecimal,
}

impl<T: Stored<SqlType: SqlType<IsNull = NotNull>>> Stored for Option<T> {
    type SqlType = Nullable<T::SqlType>;
}

mod date;
mod decimal;
mod timestamp;
mod uid;

pub use self::{date::Date, decimal::Decimal, timestamp::Timestamp, uid::Uid};
