//! The results of rows, and the reasons why rows are not written.

use super::{Outcome, Problem};
use crate::db;

pub type RowResult = Result<Outcome, Vec<Problem>>;

/// The reason why a transaction was not committed.
pub enum Abort {
    /// It was a dry run with these results.
    RolledBack(Vec<RowResult>),
    /// A row failed after part of it was written, so each row is tried separately.
    OneByOne,
    Failed(db::Error),
}

impl From<diesel::result::Error> for Abort {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<db::Error> for Abort {
    fn from(error: db::Error) -> Self {
        Self::Failed(error)
    }
}

/// Converts an error that the row itself caused to a problem. Any other error is returned as is.
pub fn refused(error: db::Error) -> Result<Problem, db::Error> {
    let message = match &error {
        db::Error::NotUnique(_) => {
            "a unique value of this row (an id, an externalId) belongs to another row"
        }
        db::Error::Reference(_) => "something that this row refers to does not exist",
        db::Error::Conflict(_) => "another transaction interfered",
        _ => return Err(error),
    };
    Ok(Problem::of_row(message))
}
