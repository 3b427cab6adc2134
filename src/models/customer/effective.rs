//! The values that are in effect for a customer: its own or, if it has none, those that it inherits.

use super::CustomerAttributes;
use crate::{
    db::types::{Decimal, Uid},
    models::{customer_group::Level, tenant::Defaults},
};

/// Where a value comes from.
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
    /// Those of a customer that inherits from these levels, nearest first.
    pub fn of(customer: &CustomerAttributes, levels: &[Level]) -> Self {
        Self {
            default_price_list: nearest(&customer.default_price_list, levels, |it| {
                &it.default_price_list
            }),
            payment_terms: nearest(&customer.payment_terms, levels, |it| &it.payment_terms),
            payment_terms_days: nearest(&customer.payment_terms_days, levels, |it| {
                &it.payment_terms_days
            }),
            credit_limit: nearest(&customer.credit_limit, levels, |it| &it.credit_limit),
            language: nearest(&customer.language, levels, |it| &it.language),
        }
    }

    /// The length of the longest text among them, in bytes.
    pub fn longest_text(&self) -> usize {
        let texts = [&self.default_price_list, &self.payment_terms, &self.language];
        texts.into_iter().flatten().map(|(text, _)| text.len()).max().unwrap_or_default()
    }
}

fn nearest<T: Clone>(
    own: &Option<T>,
    levels: &[Level],
    value: impl Fn(&Defaults) -> &Option<T>,
) -> Option<(T, Source)> {
    if let Some(own) = own {
        return Some((own.clone(), Source::Customer));
    }
    levels.iter().find_map(|level| {
        let source = level.group.map_or(Source::Tenant, Source::Group);
        value(&level.values).clone().map(|value| (value, source))
    })
}
