//! Object types and helpers for attributes of a customer.

use async_graphql::{Context, SimpleObject};

use crate::{
    db::types::Decimal,
    graphql::{context::ContextExt, error::Error},
    phone,
};

/// Credit limit and balance of a customer, in its `defaultCurrency`.
#[derive(SimpleObject)]
pub struct CustomerCredit {
    /// Maximum amount that the customer may owe. 0 means no limit; `null` leaves the limit to the
    /// customer's groups and to the tenant (see `effective`). The limit is not enforced here.
    pub(super) limit: Option<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    pub(super) balance: Option<Decimal>,
}

/// Converts a phone number to E.164; `None` if it is invalid. Numbers without an international
/// prefix belong to the tenant's country.
pub fn e164(ctx: &Context<'_>, number: Option<&str>) -> Result<Option<String>, Error> {
    let country = ctx.tenant()?.country();
    Ok(number.and_then(|number| phone::e164(number, country)))
}
