//! Terms of searches for customers.

use std::collections::BTreeSet;

use strsim::osa_distance;

use crate::{
    auth::Tenant,
    models::search::{email_key, identifier_key, phone_digits, phone_key, phone_part_key},
    phone,
    search_words::{is_invisible, without_separators, words},
};

/// Longest term, in characters.
const TERM_MAX: usize = 255;

/// Maximum number of words of a term.
pub(super) const WORDS_MAX: usize = 8;

/// Longest postal code of digits only, without separators.
const POSTAL_CODE_MAX: usize = 10;

/// Fewest characters by which an e-mail address is found from its beginning.
const EMAIL_MIN: usize = 3;

/// A text by which customers are searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerm {
    /// The text without spaces around it.
    pub(super) text: String,
    /// The keys of the whole text as an identifier, an e-mail address or a phone number.
    pub(super) identifiers: BTreeSet<String>,
    /// The prefixes of the keys of phone numbers that end with these digits. There may be several, because a leading
    /// zero may belong to the number or be a trunk prefix.
    pub(super) phone_ends: Vec<String>,
    /// The prefix of the keys of e-mail addresses that begin with the text.
    pub(super) email_start: Option<String>,
    pub(super) words: Vec<String>,
}

/// The reason why a text is not a valid term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    #[error("must contain a letter or a digit")]
    Empty,
    #[error("must have at most {TERM_MAX} characters")]
    Long,
    #[error("must have at most {WORDS_MAX} words")]
    Words,
    #[error("must not have control characters")]
    Control,
}

impl SearchTerm {
    pub fn new(text: &str, tenant: &Tenant) -> Result<Self, TermError> {
        let text = text.trim();
        if text.chars().count() > TERM_MAX {
            return Err(TermError::Long);
        }
        let text = as_typed(text);
        if text.chars().any(char::is_control) {
            return Err(TermError::Control);
        }
        let text = text.as_str();
        let mut words = words(text);
        let mut identifiers: BTreeSet<String> = identifier_key(text).into_iter().collect();
        if identifiers.is_empty() {
            return Err(TermError::Empty);
        }
        let mut phone_ends = Vec::new();
        if phone::is_number(text) {
            // Its groups of digits are not words, but together they can be a postal code.
            if words.len() > 1 {
                let code = without_separators(text);
                let is_code = code.len() <= POSTAL_CODE_MAX && !text.contains('+');
                words = if is_code { vec![code] } else { Vec::new() };
            }
            let digits = phone_digits(text, tenant);
            // A number may be stored without the code of its country.
            let keys = |digits: String| [phone_key(&digits), phone_part_key(&digits)];
            let national = phone::national_digits(text, tenant.country());
            identifiers.extend(national.into_iter().flat_map(keys));
            let typed: String = text.chars().filter(char::is_ascii_digit).collect();
            let ends = BTreeSet::from([digits, typed]).into_iter();
            let ends = ends.filter(|digits| digits.len() >= phone::DIGITS_MIN);
            phone_ends.extend(ends.flat_map(keys));
        }
        for number in phone::parts(text, tenant.country()) {
            let digits = phone_digits(number, tenant);
            identifiers.extend([phone_key(&digits), phone_part_key(&digits)]);
        }
        let email = address(text).unwrap_or(text);
        if text.split_whitespace().any(is_address) {
            // The parts of an e-mail address are not names, and most addresses contain `com`.
            words.clear();
        }
        if words.len() > WORDS_MAX {
            return Err(TermError::Words);
        }
        let is_one = !email.contains(char::is_whitespace) && email.chars().count() >= EMAIL_MIN;
        let email_start = is_one.then(|| email_key(email));
        identifiers.extend(email_start.clone().filter(|_| email.contains('@')));
        let text = text.to_owned();
        Ok(Self { text, identifiers, phone_ends, email_start, words })
    }
}

/// The text without the invisible characters that were copied with it.
fn as_typed(text: &str) -> String {
    let plain = |char: char| if char.is_whitespace() { ' ' } else { char };
    text.chars()
        .filter(|char| !is_invisible(*char))
        .map(plain)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The e-mail address in a text like `Åse <ase@example.com>` or `mailto:ase@example.com`, or the beginning of one, if
/// there is no other.
fn address(text: &str) -> Option<&str> {
    let parts = text.split(|char: char| " <>()[],;:\"".contains(char));
    let parts = parts.map(|part| part.trim_matches('\'').trim_end_matches('.'));
    let mut addresses = parts.filter(|part| part.contains('@'));
    let (address, None) = (addresses.next()?, addresses.next()) else { return None };
    Some(address)
}

/// Whether the text has the form of a whole e-mail address.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && domain.trim_matches('.').contains('.'))
}

/// The number of typing errors that a word may have: one from four letters, two from eight, none
/// with digits.
pub(super) fn typos_of(word: &str) -> usize {
    match word.chars().count() {
        _ if word.chars().any(char::is_numeric) => 0,
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The number of typing errors between a typed word and a known one: a missing, an additional or a wrong letter, or two
/// letters in the wrong order. `None` if the word may not have so many.
pub(super) fn typos_between(word: &str, known: &str) -> Option<usize> {
    let allowed = typos_of(word);
    // Most pairs of words differ too much in length.
    let is_long = known.chars().count().abs_diff(word.chars().count()) > allowed;
    let between = (allowed > 0 && !is_long).then(|| osa_distance(word, known))?;
    (between <= allowed).then_some(between)
}

/// Whether the word may be a misspelling of the known one.
pub(super) fn is_similar(word: &str, known: &str) -> bool {
    typos_between(word, known).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::models::search::remainders;

    proptest! {
        /// A known word is found by the remainders of the typed one.
        #[test]
        fn similar_words_have_a_remainder_in_common(
            typed in "[ab]{4,12}",
            known in "[ab]{3,12}",
        ) {
            let stored = if known.len() < 6 { 1 } else { 2 };
            let looked_up = remainders(&typed, typos_of(&typed));
            if is_similar(&typed, &known) {
                prop_assert!(!looked_up.is_disjoint(&remainders(&known, stored)));
            }
        }
    }
}
