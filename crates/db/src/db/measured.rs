//! Rows with the memory that they take, measured as they are decoded.

use std::{ops::Deref, sync::Arc};

use diesel::{
    QueryResult,
    backend::Backend,
    deserialize::FromSqlRow,
    pg::Pg,
    result::Error,
    row::{Field, Row},
    sqlite::{Sqlite, SqliteType},
};

/// Overhead of the allocator for each allocation, in bytes.
const ALLOCATION: usize = 24;

/// A row that was read, shared by all who requested it.
#[derive(Debug)]
pub struct Measured<T> {
    row: Arc<T>,
    /// The memory that it takes, in bytes.
    pub bytes: usize,
}

impl<T> Measured<T> {
    /// The memory that its texts take, in bytes.
    pub fn texts(&self) -> usize {
        self.bytes.saturating_sub(size_of::<T>() + ALLOCATION)
    }

    /// The row, still shared.
    pub fn shared(self) -> Arc<T> {
        self.row
    }

    /// The row itself; copied only if it is shared.
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

/// The value into which `load!` converts each decoded row.
pub trait Loaded: Send + 'static {
    /// The decoded row.
    type Row;

    fn new(row: Self::Row, bytes: usize) -> Self;
}

impl<T: Send + Sync + 'static> Loaded for Measured<T> {
    type Row = T;

    fn new(row: T, bytes: usize) -> Self {
        Self { row: Arc::new(row), bytes }
    }
}

/// A row, the key that it was found by, and additional data.
impl<K: Send + 'static, D: Send + 'static, T: Send + Sync + 'static> Loaded
    for (K, D, Measured<T>)
{
    type Row = (K, D, T);

    fn new((key, data, row): (K, D, T), bytes: usize) -> Self {
        (key, data, Measured::new(row, bytes))
    }
}

/// A row and the key that it was found by.
impl<K: Send + 'static, T: Send + Sync + 'static> Loaded for (K, Measured<T>) {
    type Row = (K, T);

    fn new((key, row): (K, T), bytes: usize) -> Self {
        (key, Measured::new(row, bytes))
    }
}

/// Decodes a row, and returns the memory that it takes, in bytes.
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
    /// The length of a value of variable size, in bytes.
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
