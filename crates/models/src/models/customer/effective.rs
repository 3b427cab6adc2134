//! The values that are in effect for a customer: its own or, if it has none, those that it inherits.

use super::CustomerAttributes;
use crate::{
    db::types::{Decimal, Uid},
    models::{customer_group::Level, tenant::Defaults},
};

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Customer,
    Group(Uid),
    Tenant,
}

/// The values in effect for a customer, each with its source; `None` where there is no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    pub default_price_list: Option<(String, Source)>,
    pub payment_terms: Option<(String, Source)>,
    pub payment_terms_days: Option<(i32, Source)>,
    pub credit_limit: Option<(Decimal, Source)>,
    pub language: Option<(String, Source)>,
}

impl Effective {
    /// The values of a customer that inherits from these levels, nearest first.
    pub fn of(customer: &CustomerAttributes, levels: &[Level]) -> Self {
        let days = |it: &Defaults| it.payment_terms_days;
        let limit = |it: &Defaults| it.credit_limit;
        Self {
            default_price_list: nearest(customer.default_price_list.clone(), levels, |it| {
                it.default_price_list.clone()
            }),
            payment_terms: nearest(customer.payment_terms.clone(), levels, |it| {
                it.payment_terms.clone()
            }),
            payment_terms_days: nearest(customer.payment_terms_days, levels, days),
            credit_limit: nearest(customer.credit_limit, levels, limit),
            language: nearest(customer.language.clone(), levels, |it| it.language.clone()),
        }
    }

    /// The length of the longest text among them, in bytes.
    pub fn longest_text(&self) -> usize {
        let texts = [&self.default_price_list, &self.payment_terms, &self.language];
        texts.into_iter().flatten().map(|(text, _)| text.len()).max().unwrap_or_default()
    }
}

/// The customer's own value, or the first one among the levels.
fn nearest<T>(
    own: Option<T>,
    levels: &[Level],
    value: impl Fn(&Defaults) -> Option<T>,
) -> Option<(T, Source)> {
    if let Some(own) = own {
        return Some((own, Source::Customer));
    }
    levels.iter().find_map(|level| {
        let source = level.group.map_or(Source::Tenant, Source::Group);
        Some((value(&level.values)?, source))
    })
}
