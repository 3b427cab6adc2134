//! The key by which rows are matched with existing customers.

use anyhow::bail;
use serde_json::{Map, Value};

use super::fields::trimmed;
use crate::{models::customer::CustomerKey, transfer::columns::ID};

/// The key, if any, that identifies existing customers. (A row's `id` always identifies its
/// customer.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKey {
    By(CustomerKey),
    /// Every row is a new customer.
    CreateOnly,
}

impl MatchKey {
    pub fn check_header(self, names: &[String]) -> anyhow::Result<()> {
        match self {
            Self::By(column) if !names.iter().any(|it| it == column.name() || it == ID) => bail!(
                "there is no column {:?} to identify customers; without it, each import \
                 would create all of them again: name another column with --match, or give \
                 --create-only if that is intended",
                column.name()
            ),
            _ => Ok(()),
        }
    }

    /// The text that identifies the customer in a row with these fields.
    pub fn text(self, fields: &Map<String, Value>) -> Option<&str> {
        match self {
            Self::By(column) => trimmed(fields, column.name()),
            Self::CreateOnly => None,
        }
    }
}
