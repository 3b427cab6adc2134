//! The texts of a customer that match a search.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::term::{SearchTerm, is_similar};
use crate::{
    auth::Tenant,
    models::search::{
        KeyKind, SearchedField, SearchedText, digits_of_key, email_key, phone_digits,
        phone_part_key,
    },
    phone,
    search_words::{
        ABBREVIATING, abbreviation, indexed_words, is_separator, is_written_unspaced, starts,
        without_separators, words,
    },
};

/// The text of a customer, a contact or an address that matches a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub field: SearchedField,
    /// The text in order: what matches, and what lies between.
    pub fragments: Vec<Fragment>,
    /// The quality of the match, the number of the term's words that do not match, and the sum of
    /// the qualities of those that do. Less is better.
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
    let found = |key: &String| {
        let number = || place_of_number(key, stored, tenant);
        if term.identifiers.contains(key) || term.phone_ends.contains(key) {
            return Some((0, part(stored, number())));
        }
        let is_begun_by = |start: &&String| key.starts_with(start.as_str());
        if let Some(end) = term.phone_ends.iter().filter(is_begun_by).max_by_key(|end| end.len()) {
            return Some((0, last_digits(stored, number(), digits_of_key(end))));
        }
        let start = term.email_start.as_ref().filter(is_begun_by)?;
        Some((2, beginning(stored, |text| email_key(text).starts_with(start))))
    };
    let keys = text.kind.keys(stored, tenant);
    let (rank, fragments) = keys.iter().filter_map(found).min_by_key(|(rank, _)| *rank)?;
    Some(Match { field: text.field, fragments, rank: (rank, 0, 0) })
}

fn whole(stored: &str) -> Vec<Fragment> {
    vec![Fragment { text: stored.to_owned(), is_match: true }]
}

/// The place of the phone number with that key in a text with several numbers, or an extension; otherwise the whole text.
fn place_of_number(key: &str, stored: &str, tenant: &Tenant) -> Range<usize> {
    let mut end = 0;
    for number in phone::parts(stored, tenant.country()) {
        // The numbers follow each other, and the last digits of one can be those of another.
        let rest = stored.get(end..).unwrap_or_default();
        let start = end + rest.find(number).unwrap_or_default();
        end = start + number.len();
        if phone_part_key(&phone_digits(number, tenant)) == key {
            return start..end;
        }
    }
    0..stored.len()
}

/// Divides a text so that the last digits of the phone number at that place match.
fn last_digits(stored: &str, number: Range<usize>, count: usize) -> Vec<Fragment> {
    let text = stored.get(number.clone()).unwrap_or_default();
    let digits = text.char_indices().rev().filter(|(_, char)| char.is_numeric());
    let first = digits.take(count).last().map_or(0, |(start, _)| start);
    part(stored, number.start + first..number.end)
}

/// Divides a text so that the part at that place matches.
fn part(stored: &str, place: Range<usize>) -> Vec<Fragment> {
    let places = [(0..place.start, false), (place.clone(), true), (place.end..stored.len(), false)];
    let fragment = |(place, is_match): (Range<usize>, bool)| Fragment {
        text: stored.get(place).unwrap_or_default().to_owned(),
        is_match,
    };
    places.into_iter().map(fragment).filter(|it| !it.text.is_empty()).collect()
}

/// Divides a text so that its shortest beginning that `matches` does.
fn beginning(stored: &str, matches: impl Fn(&str) -> bool) -> Vec<Fragment> {
    part(stored, 0..length_of_beginning(stored, matches))
}

/// The length of the shortest beginning of a text that `matches`, in bytes; of the whole text if there is none. Marks
/// after a letter belong to it.
fn length_of_beginning(text: &str, matches: impl Fn(&str) -> bool) -> usize {
    let is_whole =
        |end: &usize| !text.get(*end..).is_some_and(|rest| rest.starts_with(is_combining_mark));
    let ends = text.char_indices().map(|(start, char)| start + char.len_utf8()).filter(is_whole);
    let mut ends = ends.filter(|end| text.get(..*end).is_some_and(&matches));
    ends.next().unwrap_or(text.len())
}

/// The quality of the match between a stored word and a word of the term. Less is better.
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
        let code = without_separators(stored);
        if let [wanted] = term.words.as_slice()
            && let Some(found) = quality(&code, wanted)
        {
            let rank = (found, 0, 0);
            return Some(Match { field: text.field, fragments: whole(stored), rank });
        }
        known.insert(code);
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
    for chunk in stored.split_inclusive(|char| is_separator(char) && !ABBREVIATING.contains(&char))
    {
        let abbreviated = chunk.trim_end_matches(is_separator);
        if abbreviation(&words(abbreviated).join(".")).is_some_and(|it| wanted.contains(&it)) {
            push(abbreviated, true);
            push(chunk.get(abbreviated.len()..).unwrap_or_default(), false);
            continue;
        }
        for part in chunk.split_inclusive(is_separator) {
            let mut word = part.trim_end_matches(is_separator);
            let separator = part.get(word.len()..).unwrap_or_default();
            while let Some((before, matching, after)) = first_match(wanted, word) {
                push(before, false);
                push(matching, true);
                word = after;
                if !is_written_unspaced(word) {
                    break;
                }
            }
            push(word, false);
            push(separator, false);
        }
    }
    fragments
}

/// Divides a word at the first part that matches.
fn first_match<'a>(wanted: &[String], word: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    starts(word).find_map(|start| {
        let (before, word) = word.split_at_checked(start)?;
        let (matching, after) = word.split_at_checked(matching_length(wanted, word)?)?;
        Some((before, matching, after))
    })
}

/// The length of the part of a word that matches, in bytes: its beginning, or all of it if the word is similar.
fn matching_length(wanted: &[String], word: &str) -> Option<usize> {
    let normalized = words(word).concat();
    let best = wanted.iter().filter_map(|it| quality(&normalized, it).map(|found| (found, it)));
    match best.min() {
        Some((2, beginning)) => {
            Some(length_of_beginning(word, |it| words(it).concat().starts_with(beginning.as_str())))
        }
        Some(_) => Some(word.len()),
        // The word may be a part of a name that was typed without spaces.
        None => {
            let is_in = |it: &String| it.contains(&normalized);
            (is_written_unspaced(&normalized) && wanted.iter().any(is_in)).then_some(word.len())
        }
    }
}
