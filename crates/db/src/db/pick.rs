//! Reading only the requested columns of rows.
//!
//! A customer has more than 50 columns, and most requests need five. A [`Pick`] selects a [`ColumnSet`] of a row's
//! columns, and reads them into the type of a complete row: the other columns have their defaults. So only code that
//! has picked a column may read it, like the resolver of a requested field. Code that checks or changes rows reads
//! [`ColumnSet::ALL`].

use std::marker::PhantomData;

use diesel::{
    QueryResult,
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    row::{Field, Row},
    sql_types::{BigInt, Integer, SqlType, Text},
    sqlite::Sqlite,
};

use super::types::{Nullability, Timestamp, Uid, sql_types};

/// A set of columns of one type of rows, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnSet(u64);

impl ColumnSet {
    /// Every column that the type has.
    pub const ALL: Self = Self(u64::MAX);
    /// The first column alone: the id.
    pub const ID: Self = Self(1);

    /// The column at that place, which is below 64, and the id.
    pub const fn of(place: usize) -> Self {
        Self(1 | 1 << (place % 64))
    }

    /// The first `count` columns.
    pub const fn first(count: usize) -> Self {
        Self::ALL.among(count)
    }

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The columns of this set that exist in a type with `count` columns.
    const fn among(self, count: usize) -> Self {
        if count < 64 { Self(self.0 & ((1 << count) - 1)) } else { self }
    }

    fn places(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let place = usize::try_from(left.trailing_zeros()).ok().filter(|_| left != 0)?;
            left &= left - 1;
            Some(place)
        })
    }
}

/// Number of columns that a type of rows has besides its attributes.
pub const OWN_COLUMNS: usize = 5;

/// Maximum number of attributes of a type of rows.
pub const ATTRIBUTES_MAX: usize = 64 - OWN_COLUMNS;

/// A type of rows whose columns can be picked, or the part of one that clients write. There are at most
/// 64 columns, and the first of a row is its id.
pub trait Columns: Default + Send + 'static {
    /// The name of the column at that place.
    fn column(place: usize) -> Option<&'static str>;

    /// The number of columns.
    fn column_count() -> usize;

    /// Whether the value of the column at that place is null.
    fn is_null(&self, place: usize) -> bool;

    /// The column of that name, and the id; `None` if there is no such column.
    fn named(name: &str) -> Option<ColumnSet> {
        (0..Self::column_count())
            .find(|place| Self::column(*place) == Some(name))
            .map(ColumnSet::of)
    }

    /// The columns of these names, and the id; all columns if one of them does not exist.
    fn columns_named(names: &[&str]) -> ColumnSet {
        let columns = names.iter().map(|name| Self::named(name).unwrap_or(ColumnSet::ALL));
        columns.fold(ColumnSet::ID, ColumnSet::union)
    }
}

/// A type that can be read from rows of that database, column by column.
pub trait FromColumns<DB: Backend>: Columns {
    /// Takes the value of the column at that place.
    fn set(&mut self, place: usize, value: Option<DB::RawValue<'_>>) -> deserialize::Result<()>;
}

/// A type whose columns can be read from and written to both databases.
pub trait BothColumns:
    ComparedColumns + FromColumns<Pg> + FromColumns<Sqlite> + ToColumns<Pg> + ToColumns<Sqlite>
{
}

impl<R> BothColumns for R where
    R: ComparedColumns + FromColumns<Pg> + FromColumns<Sqlite> + ToColumns<Pg> + ToColumns<Sqlite>
{
}

/// A type whose columns can be compared one by one.
pub trait ComparedColumns: Columns {
    /// Whether both have different values in the column at that place.
    fn differs(&self, other: &Self, place: usize) -> bool;
}

/// A type of rows that can be picked from both databases.
pub trait PickedRow: Columns + FromSqlRow<Picked, Pg> + FromSqlRow<Picked, Sqlite> {}

impl<R: Columns + FromSqlRow<Picked, Pg> + FromSqlRow<Picked, Sqlite>> PickedRow for R {}

/// A type whose columns can be written to that database one by one.
pub trait ToColumns<DB: Backend>: Columns {
    /// Adds the value of the column at that place as a bind parameter.
    fn bind<'b>(&'b self, place: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

/// Whether columns of that SQL type can be null. Their values are `Option`s.
pub fn is_nullable<ST: SqlType<IsNull: Nullability>>() -> bool {
    ST::IsNull::IS_NULLABLE
}

/// A selection of columns of a table's rows.
#[derive(Debug)]
pub struct Pick<R> {
    table: &'static str,
    columns: ColumnSet,
    row: PhantomData<fn() -> R>,
}

impl<R: Columns> Pick<R> {
    pub fn new(table: &'static str, columns: ColumnSet) -> Self {
        let columns = columns.union(ColumnSet::ID).among(R::column_count());
        Self { table, columns, row: PhantomData }
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.places().filter_map(R::column)
    }
}

/// The SQL type of a pick: the set of the columns, and then the columns.
#[derive(Clone, Copy, Debug, SqlType, QueryId)]
#[diesel(postgres_type(oid = 20, array_oid = 1016), sqlite_type(name = "Long"))]
pub struct Picked;

impl<R> Expression for Pick<R> {
    type SqlType = Picked;
}

impl<R, QS> AppearsOnTable<QS> for Pick<R> {}

impl<R, QS> SelectableExpression<QS> for Pick<R> {}

impl<R, GB> ValidGrouping<GB> for Pick<R> {
    type IsAggregate = is_aggregate::No;
}

impl<R> QueryId for Pick<R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R: Columns, DB: Database> QueryFragment<DB> for Pick<R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The same bits; the highest one becomes the sign.
        let set = i64::from_ne_bytes(self.columns.0.to_ne_bytes());
        out.push_sql(&set.to_string());
        out.push_sql(DB::BIG_INT);
        for name in self.names() {
            out.push_sql(", \"");
            out.push_sql(self.table);
            out.push_sql("\".\"");
            out.push_sql(name);
            out.push_sql("\"");
        }
        Ok(())
    }
}

/// A database whose rows can be picked and inserted.
pub trait Database: Backend + Sized {
    /// The cast of a literal number to `bigint`.
    const BIG_INT: &'static str;

    fn number(value: Option<Self::RawValue<'_>>) -> deserialize::Result<i64>;
    fn place(value: Option<Self::RawValue<'_>>) -> deserialize::Result<i32>;
    fn text(value: Option<Self::RawValue<'_>>) -> deserialize::Result<String>;
    fn uid(value: Option<Self::RawValue<'_>>) -> deserialize::Result<Uid>;
    fn time(value: Option<Self::RawValue<'_>>) -> deserialize::Result<Timestamp>;

    fn bind_place<'b>(value: &'b i32, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;
    fn bind_text<'b>(value: &'b str, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;
    fn bind_uid<'b>(value: &'b Uid, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;
    fn bind_time<'b>(value: &'b Timestamp, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;
}

macro_rules! database {
    ($DB:ty, $big_int:literal) => {
        impl Database for $DB {
            const BIG_INT: &'static str = $big_int;

            database!($DB: number(BigInt) -> i64);
            database!($DB: place(Integer) -> i32);
            database!($DB: text(Text) -> String);
            database!($DB: uid(sql_types::Uid) -> Uid);
            database!($DB: time(sql_types::UtcTimestamp) -> Timestamp);

            database!($DB: bind_place(Integer) <- i32);
            database!($DB: bind_text(Text) <- str);
            database!($DB: bind_uid(sql_types::Uid) <- Uid);
            database!($DB: bind_time(sql_types::UtcTimestamp) <- Timestamp);
        }
    };
    ($DB:ty: $name:ident($ST:ty) <- $Type:ty) => {
        fn $name<'b>(value: &'b $Type, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
            out.push_bind_param::<$ST, $Type>(value)
        }
    };
    ($DB:ty: $name:ident($ST:ty) -> $Type:ty) => {
        fn $name(value: Option<<Self as Backend>::RawValue<'_>>) -> deserialize::Result<$Type> {
            <$Type as FromSql<$ST, $DB>>::from_nullable_sql(value)
        }
    };
}

database!(Pg, "::bigint");
database!(Sqlite, "");

/// Reads a row that was picked.
pub fn read<'a, R, DB>(row: &impl Row<'a, DB>) -> deserialize::Result<R>
where
    R: FromColumns<DB>,
    DB: Database,
{
    let set = row.get(0).ok_or("a pick without its columns")?;
    let set = DB::number(set.value())?;
    let columns = ColumnSet(u64::from_ne_bytes(set.to_ne_bytes()));
    let mut picked = R::default();
    for (position, place) in columns.places().enumerate() {
        let field = row.get(position + 1).ok_or("a pick that lacks a column")?;
        picked.set(place, field.value())?;
    }
    Ok(picked)
}

/// Implements `FromSqlRow` for picked rows of that type, once for each database. It cannot be generic over the
/// database: another crate might define one whose rows Diesel reads in its own way, so the compiler would reject it.
#[macro_export]
macro_rules! read_picked {
    ($Row:ty $(, $A:ident)?) => {
        $crate::db::pick::read_picked!(@ diesel::pg::Pg; $Row $(, $A)?);
        $crate::db::pick::read_picked!(@ diesel::sqlite::Sqlite; $Row $(, $A)?);
    };
    (@ $DB:ty; $Row:ty $(, $A:ident)?) => {
        impl$(<$A>)? diesel::deserialize::FromSqlRow<$crate::db::pick::Picked, $DB> for $Row
        where
            Self: $crate::db::pick::FromColumns<$DB>,
        {
            fn build_from_row<'a>(
                row: &impl diesel::row::Row<'a, $DB>,
            ) -> diesel::deserialize::Result<Self> {
                $crate::db::pick::read(row)
            }
        }
    };
}
pub use read_picked;

/// Declares a struct of attributes whose columns can be picked and written one by one. Each field has the name of its
/// column.
#[macro_export]
macro_rules! columns_of {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident {
            $($(#[$field_meta:meta])* pub $field:ident: $Type:ty,)*
        }
    ) => {
        $(#[$meta])*
        pub struct $Name {
            $($(#[$field_meta])* pub $field: $Type,)*
        }

        impl $crate::db::pick::Columns for $Name {
            fn column(place: usize) -> Option<&'static str> {
                const NAMES: &[&str] = &[$(stringify!($field),)*];
                NAMES.get(place).copied()
            }

            fn column_count() -> usize {
                const NAMES: &[&str] = &[$(stringify!($field),)*];
                const { assert!(NAMES.len() <= $crate::db::pick::ATTRIBUTES_MAX) };
                NAMES.len()
            }

            fn is_null(&self, place: usize) -> bool {
                const TESTS: &[fn(&$Name) -> bool] =
                    &[$(|row| {
                        $crate::db::pick::is_nullable::<<$Type as $crate::db::types::Stored>::SqlType>()
                            && row.$field == <$Type>::default()
                    },)*];
                TESTS.get(place).is_some_and(|is_null| is_null(self))
            }
        }

        impl $crate::db::pick::ComparedColumns for $Name {
            fn differs(&self, other: &Self, place: usize) -> bool {
                const TESTS: &[fn(&$Name, &$Name) -> bool] =
                    &[$(|row, other| row.$field != other.$field,)*];
                TESTS.get(place).is_some_and(|differ| differ(self, other))
            }
        }

        $crate::db::pick::columns_of!(@from diesel::pg::Pg; $Name { $($field: $Type,)* });
        $crate::db::pick::columns_of!(
            @from diesel::sqlite::Sqlite; $Name { $($field: $Type,)* }
        );
    };
    (@from $DB:ty; $Name:ident { $($field:ident: $Type:ty,)* }) => {
        impl $crate::db::pick::FromColumns<$DB> for $Name {
            fn set(
                &mut self,
                place: usize,
                value: Option<<$DB as diesel::backend::Backend>::RawValue<'_>>,
            ) -> diesel::deserialize::Result<()> {
                type Set = fn(
                    &mut $Name,
                    Option<<$DB as diesel::backend::Backend>::RawValue<'_>>,
                ) -> diesel::deserialize::Result<()>;
                const SETTERS: &[Set] = &[$(|row, value| {
                    row.$field = <$Type as diesel::deserialize::FromSql<
                        <$Type as $crate::db::types::Stored>::SqlType, $DB,
                    >>::from_nullable_sql(value)?;
                    Ok(())
                },)*];
                SETTERS.get(place).map_or(Ok(()), |set| set(self, value))
            }
        }

        impl $crate::db::pick::ToColumns<$DB> for $Name {
            fn bind<'b>(
                &'b self,
                place: usize,
                out: diesel::query_builder::AstPass<'_, 'b, $DB>,
            ) -> diesel::QueryResult<()> {
                type Bind = for<'a, 'b> fn(
                    &'b $Name,
                    diesel::query_builder::AstPass<'a, 'b, $DB>,
                ) -> diesel::QueryResult<()>;
                const BINDS: &[Bind] = &[$(|row, mut out| {
                    out.push_bind_param::<<$Type as $crate::db::types::Stored>::SqlType, _>(&row.$field)
                },)*];
                BINDS.get(place).map_or(Ok(()), |bind| bind(self, out))
            }
        }
    };
}
pub use columns_of;
