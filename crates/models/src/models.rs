//! The data and its rules: rows, queries, checks. It contains no GraphQL.
//!
//! Every function takes a connection first and a [`Tenant`](crate::auth::Tenant) (or a
//! [`Writer`](crate::auth::Writer), which has one) second.

pub mod api_key;
pub mod attribute;
pub mod child;
pub mod custom_attribute;
pub mod customer;
pub mod customer_group;
pub mod entity;
pub mod filter;
pub mod integrity;
pub mod list;
mod lock;
pub mod loyalty_program;
pub mod loyalty_program_collection;
pub mod membership;
pub mod mutable;
mod noun;
pub mod pos_customer_group;
pub mod pos_profile;
pub mod row;
pub mod search;
pub mod supplier_number_at_customer;
pub mod tenant;
mod text;
pub mod violation;

use std::{collections::HashMap, convert::Infallible, hash::Hash};

use crate::db::{self, types::Uid};

pub use crate::search_key;

pub use self::{
    customer::Customer,
    customer_group::CustomerGroup,
    loyalty_program::LoyaltyProgram,
    pos_profile::PosProfile,
    row::Row,
    violation::{Code, Violation, Violations},
};

/// The reason why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The violations in the request, which the client can correct.
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

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

/// The key of a lookup: our id, or an external id that the client assigned or, for a POS profile,
/// the system that manages it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    Id(Uid),
    ExternalId(String),
}

impl Lookup {
    /// Whether there can be such a row: no stored text has control characters, and PostgreSQL rejects NUL.
    fn is_possible(&self) -> bool {
        !matches!(self, Self::ExternalId(text) if text.contains(char::is_control))
    }

    /// The ids among the lookups, and the external ids.
    pub fn split<'l>(lookups: impl IntoIterator<Item = &'l Self>) -> (Vec<Uid>, Vec<String>) {
        let (mut ids, mut external_ids) = (Vec::new(), Vec::new());
        for lookup in lookups {
            match lookup {
                Self::Id(id) => ids.push(*id),
                Self::ExternalId(text) => external_ids.push(text.clone()),
            }
        }
        (ids, external_ids)
    }
}

/// The values of each key, in their order.
pub fn grouped<K: Eq + Hash, V>(pairs: impl IntoIterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// Lists counts in words; `None` if all are zero.
fn describe_counts(counts: &[(i64, &str)]) -> Option<String> {
    let plural = |count| if count == 1 { "" } else { "s" };
    let parts = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> =
        parts.map(|(count, what)| format!("{count} {what}{}", plural(*count))).collect();
    let last = parts.pop()?;
    Some(if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) })
}
