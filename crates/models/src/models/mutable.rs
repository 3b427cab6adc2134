//! Rows that clients create, update and delete, each in a transaction of its own: after a violation, nothing is
//! written.

use super::{Error, Lookup, Row};
use crate::{
    auth::Writer,
    db::{Conn, types::Uid},
};

/// A type of rows that clients create, update and delete.
pub trait Mutable: Row {
    type New: Create<Self>;
    type Change: Update<Self>;
    type Deletion<'a>: Delete<Self>;
}

/// A new row of the type `R`, with what is created together with it.
pub trait Create<R: Send>: Send + Sized {
    /// Creates it in a transaction that is in progress.
    fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> impl Future<Output = Result<Created<R>, Error>> + Send;

    /// Creates it atomically.
    fn create(
        self,
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> impl Future<Output = Result<Created<R>, Error>> + Send {
        conn.transaction(async move |tx| self.create_in(tx, writer).await)
    }
}

/// Changes of a row of the type `R`, and of what is changed together with it.
pub trait Update<R>: Send {
    /// Changes a row in a transaction that is in progress; returns it, or `None` if it does not exist. If nothing
    /// changes, nothing is written.
    fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<R>, Error>> + Send;
}

/// The policy for what depends on a deleted row of the type `R`; `()` if clients have no choice.
pub trait Delete<R>: Send {
    /// Deletes a row with the objects that belong to it, in a transaction that is in progress; returns its id, or
    /// `None` if it does not exist.
    fn delete(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Uid>, Error>> + Send;
}

/// A created row, with warnings for the user.
pub struct Created<R> {
    pub row: R,
    pub warnings: Vec<Warning>,
}

impl<R> From<R> for Created<R> {
    fn from(row: R) -> Self {
        Self { row, warnings: Vec::new() }
    }
}

/// A result that the user may not expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Several loyalty programs with `autoOptIn` match the customer, so it joins none.
    AmbiguousAutoOptIn,
}

impl Warning {
    /// The message for people, in English.
    pub const fn message(self) -> &'static str {
        match self {
            Self::AmbiguousAutoOptIn => {
                "several loyalty programs with autoOptIn match the customer: it joined none"
            }
        }
    }
}
