//! Rows and how much memory they take, measured as they are decoded.

use std::{ops::Deref, sync::Arc};

use diesel::{
    QueryResult,
    backend::Backend,
    deserialize::FromSqlRow,
    expression::Selectable,
    pg::Pg,
    result::Error,
    row::{Field, Row},
    sqlite::{Sqlite, SqliteType},
};

/// Bytes that the allocator needs for a piece of memory besides those that are asked for.
const ALLOCATION: usize = 24;

/// A row that was read, shared by all who asked for it.
#[derive(Debug)]
pub struct Measured<T> {
    row: Arc<T>,
    /// How much memory it takes.
    pub bytes: usize,
}

impl<T> Measured<T> {
    /// How long its texts are.
    pub fn texts(&self) -> usize {
        self.bytes.saturating_sub(size_of::<T>() + ALLOCATION)
    }

    /// The row itself; copied only if others have it, too.
    pub fn into_row(self) -> T
    where
        T: Clone,
    {
        Arc::unwrap_or_clone(self.row)
    }
}

/// Clones share the row.
impl<T> Clone for Measured<T> {
    fn clone(&self) -> Self {
        Self { row: Arc::clone(&self.row), bytes: self.bytes }
    }
}

impl<T> Deref for Measured<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

/// The value that `load!` makes of each row that is decoded.
pub trait Loaded: Send + 'static {
    /// As it is decoded.
    type Row;

    fn new(row: Self::Row, bytes: usize) -> Self;

    /// The same, in memory of the thread that calls this.
    #[must_use]
    fn copied(self) -> Self;
}

impl<T: Clone + Send + Sync + 'static> Loaded for Measured<T> {
    type Row = T;

    fn new(row: T, bytes: usize) -> Self {
        Self { row: Arc::new(row), bytes }
    }

    fn copied(self) -> Self {
        Self { row: Arc::new(T::clone(&self.row)), bytes: self.bytes }
    }
}

/// A row, what it was found by, and what is known of it besides.
impl<K: Send + 'static, D: Send + 'static, T: Clone + Send + Sync + 'static> Loaded
    for (K, D, Measured<T>)
{
    type Row = (K, D, T);

    fn new((key, data, row): (K, D, T), bytes: usize) -> Self {
        (key, data, Measured::new(row, bytes))
    }

    fn copied(self) -> Self {
        (self.0, self.1, self.2.copied())
    }
}

/// A row and what it was found by.
impl<K: Send + 'static, T: Clone + Send + Sync + 'static> Loaded for (K, Measured<T>) {
    type Row = (K, T);

    fn new((key, row): (K, T), bytes: usize) -> Self {
        (key, Measured::new(row, bytes))
    }

    fn copied(self) -> Self {
        (self.0, self.1.copied())
    }
}

/// Decodes a row; answers how much memory it takes, too.
pub fn decode<'a, T, ST, DB>(row: &impl Row<'a, DB>) -> QueryResult<(T, usize)>
where
    T: FromSqlRow<ST, DB>,
    DB: RawLength,
{
    let decoded = T::build_from_row(row).map_err(Error::DeserializationError)?;
    let length = |column| match row.get(column)?.value().map(DB::length) {
        None | Some(0) => None,
        Some(length) => Some(length + ALLOCATION),
    };
    let texts: usize = (0..row.field_count()).filter_map(length).sum();
    Ok((decoded, size_of::<T>() + ALLOCATION + texts))
}

/// A database whose values can be measured before they are decoded.
pub trait RawLength: Backend {
    /// The bytes of a value that is of no fixed size.
    fn length(value: Self::RawValue<'_>) -> usize;
}

impl RawLength for Pg {
    fn length(value: Self::RawValue<'_>) -> usize {
        const TEXT: u32 = 25;
        if value.get_oid().get() == TEXT { value.as_bytes().len() } else { 0 }
    }
}

impl RawLength for Sqlite {
    fn length(mut value: Self::RawValue<'_>) -> usize {
        match value.value_type() {
            Some(SqliteType::Text) => value.read_text().len(),
            _ => 0,
        }
    }
}

/// The columns of a row, for `load!`. (Diesel's `as_select` would fix the row's type, and the
/// database's.)
pub fn columns<T: Selectable<Pg>>() -> T::SelectExpression {
    T::construct_selection()
}
