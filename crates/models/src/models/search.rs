//! The search keys by which customers are found, of their own texts and of those of their contacts and addresses.
//!
//! A key is a letter for its kind and a text, normalized to ignore differences that people do not see or do not care
//! about. A row has its keys in one column, which both databases index by tenant and key, to look up whole keys and
//! prefixes of keys.

mod key_test;
mod names;
mod write;

use std::collections::BTreeSet;

use super::search_key::fold;
use crate::{
    auth::Tenant,
    phone,
    search_words::{indexed_words, without_separators},
};

pub(super) use self::key_test::{
    KEYS, KEYS_ALIAS, KeyTest, all_of, any_or_all_of, are_found_by, customer_has_key,
    has_listed_key, has_spelling, listed_key,
};
#[cfg(test)]
pub(super) use self::names::remainders;
pub(super) use self::names::{add_words, known_words, names_of_all, new_words, word_insertion};
pub(super) use self::write::{changed_keys, store_all_keys, store_keys, stored_keys};

/// The version of the rules in this module. Keys of an older version are rebuilt when a server starts.
pub const VERSION: i32 = 5;

/// A text by which customers are found.
pub struct SearchedText<A> {
    pub field: SearchedField,
    pub kind: KeyKind,
    /// The columns that it is made of.
    pub columns: &'static [&'static str],
    pub text: fn(&A) -> Option<String>,
}

impl<A> SearchedText<A> {
    fn is_changed(&self, before: &A, row: &A) -> bool {
        (self.text)(before) != (self.text)(row)
    }
}

/// The field of a text by which customers are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchedField {
    LoyaltyId,
    CustomerPosId,
    MobileNo,
    EmailId,
    TaxId,
    LedgerNumber,
    ExternalId,
    CustomerName,
    DisplayName,
    PersonName,
    ContactName,
    ContactDisplayName,
    ContactMobileNo,
    ContactEmailId,
    AddressCity,
    AddressPostalCode,
    AddressPhone,
    AddressEmailId,
}

/// The comparison of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// By its words, and by the beginnings of these.
    Words,
    /// Likewise, and also without the spaces.
    PostalCode,
    /// As a whole, without separators.
    Identifier,
    /// Likewise, and also separately from other identifiers.
    Card,
    /// As a whole, or by its beginning.
    Email,
    /// In E.164, or by its last digits.
    Phone,
}

/// The key of a word, which is a prefix of the keys of words that begin with it.
pub fn word_key(word: &str) -> String {
    format!("w{word}")
}

/// The key of an identifier; `None` if it has only separators.
pub fn identifier_key(text: &str) -> Option<String> {
    let identifier = without_separators(text);
    (!identifier.is_empty()).then(|| key('i', &identifier))
}

/// The key of a card's number, which no other identifier has.
fn card_key(text: &str) -> Option<String> {
    let number = without_separators(text);
    (!number.is_empty()).then(|| key('c', &number))
}

/// Maximum number of characters of a key. PostgreSQL's lexemes have up to 2,046 bytes; a text of 255 characters can
/// become much longer by its compatibility variants (`ﷺ` is 18 letters).
const KEY_MAX: usize = 500;

fn key(kind: char, text: &str) -> String {
    [kind].into_iter().chain(text.chars()).take(KEY_MAX).collect()
}

/// The key of an e-mail address, which is a prefix of the keys of those that begin with it. (The columns of keys cannot
/// have spaces, `"` and `\\`, which hardly any address has.)
pub fn email_key(text: &str) -> String {
    let mut address = fold(text);
    address.retain(|char| !char.is_whitespace() && !matches!(char, '"' | '\\'));
    key('e', &address)
}

/// The key of a phone number's digits, which is a prefix of the keys of those that end with them.
pub fn phone_key(digits: &str) -> String {
    let reversed: String = digits.chars().rev().collect();
    key('p', &reversed)
}

/// Likewise, the key of a number within a text that contains more than the number: numbers with different extensions are
/// not the same.
pub fn phone_part_key(digits: &str) -> String {
    let reversed: String = digits.chars().rev().collect();
    key('q', &reversed)
}

fn whole_phone_key(text: &str, tenant: &Tenant) -> Option<String> {
    Some(phone_digits(text, tenant)).filter(|it| !it.is_empty()).map(|it| phone_key(&it))
}

/// The number of digits in a key of phone numbers.
pub fn digits_of_key(key: &str) -> usize {
    key.chars().filter(char::is_ascii_digit).count()
}

/// The digits of a phone number that its key has: those of E.164 or, if it is invalid, those of the
/// text.
pub fn phone_digits(text: &str, tenant: &Tenant) -> String {
    let number = phone::e164(text, tenant.country());
    phone::significant_digits(number.as_deref().unwrap_or(text))
}

impl KeyKind {
    /// The keys that equal texts of this kind have in any spelling, and that no text of another kind has.
    pub fn own_keys(self, text: &str, tenant: &Tenant) -> BTreeSet<String> {
        match self {
            Self::Card => card_key(text).into_iter().collect(),
            Self::Phone => whole_phone_key(text, tenant).into_iter().collect(),
            _ => self.keys(text, tenant),
        }
    }

    /// The keys of a text.
    pub fn keys(self, text: &str, tenant: &Tenant) -> BTreeSet<String> {
        let words = || indexed_words(text).into_iter();
        match self {
            Self::Words => words().map(|word| word_key(&word)).collect(),
            Self::PostalCode => {
                let whole = Some(without_separators(text)).filter(|whole| !whole.is_empty());
                words().chain(whole).map(|word| word_key(&word)).collect()
            }
            Self::Identifier => identifier_key(text).into_iter().collect(),
            Self::Card => [identifier_key(text), card_key(text)].into_iter().flatten().collect(),
            Self::Email => BTreeSet::from([email_key(text)]),
            Self::Phone => {
                let parts = phone::parts(text, tenant.country()).into_iter();
                let parts = parts.map(|part| phone_part_key(&phone_digits(part, tenant)));
                whole_phone_key(text, tenant).into_iter().chain(parts).collect()
            }
        }
    }
}

/// The keys of all texts of a row.
fn keys_of<A>(texts: &[SearchedText<A>], row: &A, tenant: &Tenant) -> BTreeSet<String> {
    let keys = |text: &SearchedText<A>| (text.text)(row).map(|it| text.kind.keys(&it, tenant));
    texts.iter().filter_map(keys).flatten().collect()
}
