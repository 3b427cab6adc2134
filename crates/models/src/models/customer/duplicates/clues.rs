//! The texts that two customers share if they are the same person or company.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    auth::Tenant,
    models::{
        customer::{
            CustomerAttributes, address::CustomerAddressAttributes,
            contact::CustomerContactAttributes,
        },
        search::{KeyKind, phone_digits},
        search_key::fold,
    },
    phone,
    search_words::without_separators,
};

/// Maximum number of clues of a customer. Its own come before those of its contacts and addresses.
const CLUES_MAX: usize = 20;

/// The reason why two customers are probably the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    TaxId,
    Card,
    EmailId,
    Phone,
    NameAndPostalCode,
}

impl Reason {
    /// The probability that the customers are the same, by this reason alone.
    const fn weight(self) -> f64 {
        match self {
            Self::TaxId | Self::Card => 0.9,
            Self::EmailId => 0.8,
            Self::Phone => 0.7,
            Self::NameAndPostalCode => 0.6,
        }
    }
}

/// A reason, with the text that both customers share, as one of them has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub reason: Reason,
    pub text: String,
}

/// The probability that two customers are the same, as if the reasons were independent of each other.
pub fn score(reasons: &[Shared]) -> f64 {
    1.0 - reasons.iter().fold(1.0, |doubt, it| doubt * (1.0 - it.reason.weight()))
}

/// A text of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Clue {
    reason: Reason,
    /// The key by which customers with the text are found.
    key: String,
    text: String,
}

/// The texts of a customer, its contacts and its addresses.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    clues: Vec<Clue>,
    name: String,
    /// The folded name.
    name_key: String,
    /// Postal codes without separators, with their texts.
    postal_codes: BTreeMap<String, String>,
}

impl Clues {
    pub fn of(
        tenant: &Tenant,
        customer: &CustomerAttributes,
        contacts: &[&CustomerContactAttributes],
        addresses: &[&CustomerAddressAttributes],
    ) -> Self {
        let own = [
            (Reason::TaxId, KeyKind::Identifier, &customer.tax_id),
            (Reason::Card, KeyKind::Identifier, &customer.loyalty_id),
            (Reason::Card, KeyKind::Identifier, &customer.customer_pos_id),
            (Reason::EmailId, KeyKind::Email, &customer.email_id),
            (Reason::Phone, KeyKind::Phone, &customer.mobile_no),
        ];
        let of_contacts = contacts.iter().flat_map(|it| {
            [
                (Reason::EmailId, KeyKind::Email, &it.email_id),
                (Reason::Phone, KeyKind::Phone, &it.mobile_no),
            ]
        });
        let of_addresses = addresses.iter().flat_map(|it| {
            [
                (Reason::EmailId, KeyKind::Email, &it.email_id),
                (Reason::Phone, KeyKind::Phone, &it.phone),
            ]
        });
        let mut clues: Vec<Clue> = Vec::new();
        for (reason, kind, text) in own.into_iter().chain(of_contacts).chain(of_addresses) {
            let clue = text.as_ref().and_then(|text| clue(tenant, reason, kind, text));
            let is_known = |clue: &Clue| {
                clues.iter().any(|it| (it.reason, &it.key) == (clue.reason, &clue.key))
            };
            if let Some(clue) = clue.filter(|clue| !is_known(clue)) {
                clues.push(clue);
            }
            if clues.len() == CLUES_MAX {
                break;
            }
        }
        let postal_codes = addresses.iter().filter_map(|it| it.postal_code.as_ref());
        let postal_codes = postal_codes.map(|it| (without_separators(it), it.clone()));
        Self {
            clues,
            name: customer.customer_name.clone(),
            name_key: fold(&customer.customer_name),
            postal_codes: postal_codes.filter(|(key, _)| !key.is_empty()).collect(),
        }
    }

    /// The keys by which customers with the same texts are found.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.clues.iter().map(|it| &it.key)
    }

    /// The folded name, if the customer has a postal code as well.
    pub fn name_key(&self) -> Option<&String> {
        (!self.postal_codes.is_empty()).then_some(&self.name_key)
    }

    /// The reasons why another customer is probably the same, at most one of each kind. Only `keys` and `names` count,
    /// because too many customers have the others.
    pub fn shared(
        &self,
        other: &Self,
        keys: &BTreeSet<String>,
        names: &BTreeSet<String>,
    ) -> Vec<Shared> {
        let mut shared: BTreeMap<Reason, &String> = BTreeMap::new();
        for clue in self.clues.iter().filter(|it| keys.contains(&it.key)) {
            if other.clues.iter().any(|it| (it.reason, &it.key) == (clue.reason, &clue.key)) {
                shared.entry(clue.reason).or_insert(&clue.text);
            }
        }
        let shared = shared.into_iter().map(|(reason, text)| (reason, text.clone()));
        let postal_code = self.postal_codes.iter().find(|(key, _)| {
            self.name_key == other.name_key
                && names.contains(&self.name_key)
                && other.postal_codes.contains_key(*key)
        });
        let name = postal_code
            .map(|(_, text)| (Reason::NameAndPostalCode, format!("{}, {text}", self.name)));
        shared.chain(name).map(|(reason, text)| Shared { reason, text }).collect()
    }
}

fn clue(tenant: &Tenant, reason: Reason, kind: KeyKind, text: &str) -> Option<Clue> {
    if kind == KeyKind::Phone && phone_digits(text, tenant).len() < phone::DIGITS_MIN {
        return None;
    }
    let key = kind.keys(text, tenant).pop_first()?;
    Some(Clue { reason, key, text: text.to_owned() })
}
