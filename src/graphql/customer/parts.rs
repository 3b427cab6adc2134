//! The types of some attributes of a customer.

use async_graphql::{Enum, SimpleObject};

use crate::{db::types::Decimal, models};

/// Credit limit and balance of a customer, in its `defaultCurrency`.
#[derive(SimpleObject)]
pub struct CustomerCredit {
    /// Maximum amount that the customer may owe. 0 means no limit; `null` leaves the limit to the
    /// customer's groups and to the tenant (see `effective`). The limit is not enforced here.
    pub(super) limit: Option<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    pub(super) balance: Option<Decimal>,
}

/// Legal forms of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::CustomerType")]
pub enum CustomerType {
    /// A company.
    Company,
    /// A private person.
    Individual,
    /// A partnership.
    Partnership,
}
