//! Which of a customer's texts a search has found.

use super::term::{SearchTerm, is_similar};
use crate::{
    auth::Tenant,
    models::search::{KeyKind, SearchedField, SearchedText},
    search_words::{indexed_words, starts, without_separators, words},
};

/// The text of a customer, a contact or an address that matches a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub field: SearchedField,
    /// The text in order: what matches, and what lies between.
    pub fragments: Vec<Fragment>,
    /// How many of the term's words match, and how well: less is better.
    rank: (u8, usize, usize),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    pub is_match: bool,
}

/// The text of the row that matches best; of equal ones, the first.
pub fn best_match<A>(
    term: &SearchTerm,
    texts: &[SearchedText<A>],
    row: &A,
    tenant: &Tenant,
) -> Option<Match> {
    let matched = |text: &SearchedText<A>| {
        let stored = (text.text)(row)?;
        of_identifier(term, text, &stored, tenant).or_else(|| of_words(term, text, &stored))
    };
    texts.iter().filter_map(matched).min_by_key(|found| found.rank)
}

impl Match {
    /// The better one; the first of equal ones.
    #[must_use]
    pub fn or_better(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.rank < self.rank => other,
            _ => self,
        }
    }

    /// Whether all words of the term match, or the term as a whole.
    pub const fn is_complete(&self) -> bool {
        self.rank.1 == 0
    }
}

fn of_identifier<A>(
    term: &SearchTerm,
    text: &SearchedText<A>,
    stored: &str,
    tenant: &Tenant,
) -> Option<Match> {
    if matches!(text.kind, KeyKind::Words | KeyKind::PostalCode) {
        return None;
    }
    let begins_with = |key: &str, starts: &[String]| starts.iter().any(|it| key.starts_with(it));
    let rank = |key: &String| {
        if term.identifiers.contains(key) || begins_with(key, &term.phone_ends) {
            Some(0)
        } else {
            begins_with(key, term.email_start.as_slice()).then_some(2)
        }
    };
    let rank = text.kind.keys(stored, tenant).iter().filter_map(rank).min()?;
    let fragments = vec![Fragment { text: stored.to_owned(), is_match: true }];
    Some(Match { field: text.field, fragments, rank: (rank, 0, 0) })
}

/// How well a stored word matches a word of the term.
fn quality(stored: &str, wanted: &str) -> Option<u8> {
    if stored == wanted {
        Some(1)
    } else if stored.starts_with(wanted) {
        Some(2)
    } else {
        is_similar(wanted, stored).then_some(3)
    }
}

fn of_words<A>(term: &SearchTerm, text: &SearchedText<A>, stored: &str) -> Option<Match> {
    if !matches!(text.kind, KeyKind::Words | KeyKind::PostalCode) {
        return None;
    }
    let mut known = indexed_words(stored);
    if text.kind == KeyKind::PostalCode {
        let whole = without_separators(stored);
        if let [wanted] = term.words.as_slice()
            && let Some(found) = quality(&whole, wanted)
        {
            let fragments = vec![Fragment { text: stored.to_owned(), is_match: true }];
            return Some(Match { field: text.field, fragments, rank: (found, 0, 0) });
        }
        known.insert(whole);
    }
    let best = |wanted: &String| known.iter().filter_map(|stored| quality(stored, wanted)).min();
    let found: Vec<u8> = term.words.iter().filter_map(best).collect();
    let worst = found.iter().max().copied()?;
    let missing = term.words.len() - found.len();
    let sum = found.iter().map(|quality| usize::from(*quality)).sum();
    // A text with all of the words is better than one with a part of them.
    let rank = (if missing > 0 { 4 } else { worst }, missing, sum);
    Some(Match { field: text.field, fragments: fragments(&term.words, stored), rank })
}

/// Divides a text at the words that match.
fn fragments(wanted: &[String], stored: &str) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut push = |text: &str, is_match: bool| match fragments.last_mut() {
        Some(last) if last.is_match == is_match => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => fragments.push(Fragment { text: text.to_owned(), is_match }),
    };
    for part in stored.split_inclusive(is_separator) {
        let word = part.trim_end_matches(is_separator);
        let rest = part.get(word.len()..).unwrap_or_default();
        let found = starts(word).find_map(|start| {
            let (before, word) = word.split_at_checked(start)?;
            let length = matching_length(wanted, word)?;
            Some((before, word.split_at_checked(length)?))
        });
        match found {
            Some((before, (matching, after))) => {
                push(before, false);
                push(matching, true);
                push(after, false);
            }
            None => push(word, false),
        }
        push(rest, false);
    }
    fragments
}

/// The length of the part of a word that matches, in bytes: its beginning, or all of it if the word is similar.
fn matching_length(wanted: &[String], word: &str) -> Option<usize> {
    let normalized = words(word).concat();
    let best = wanted.iter().filter_map(|it| quality(&normalized, it).map(|found| (found, it)));
    match best.min() {
        Some((2, beginning)) => {
            let ends = word.char_indices().map(|(start, char)| start + char.len_utf8());
            let is_begun = |end: &usize| {
                let begin = word.get(..*end).unwrap_or_default();
                words(begin).concat().starts_with(beginning.as_str())
            };
            Some(ends.into_iter().find(is_begun).unwrap_or(word.len()))
        }
        Some(_) => Some(word.len()),
        None => None,
    }
}

fn is_separator(char: char) -> bool {
    char.is_whitespace() || "-,./()&+;:\"".contains(char)
}
