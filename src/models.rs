//! What there is, and its rules: rows, queries, checks. No GraphQL here.
//!
//! Every function takes a connection first and a [`Tenant`](crate::auth::Tenant) (or a
//! [`Writer`](crate::auth::Writer), which has one) second.

pub mod api_key;
pub mod customer;
pub mod customer_group;
pub mod filter;
pub mod list;
pub mod membership;
pub mod search_key;
pub mod tenant;
pub mod violation;

use crate::db::{self, types::Uid};

pub use self::{
    customer::Customer,
    customer_group::CustomerGroup,
    violation::{Code, Violation, Violations},
};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client can mend it: everything that is wrong with what it asked for.
    #[error("the input is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

/// How an object is looked up: by our id, or by the one that the client chose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    Id(Uid),
    ExternalId(String),
}
