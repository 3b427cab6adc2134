//! The known words that a word with typing errors can stand for.

use std::collections::BTreeSet;

use super::{
    sql::union,
    term::{SearchTerm, typos_between, typos_of},
};
use crate::{auth::Tenant, db::sql::Sql, models::search::known_words};

/// Maximum number of known words that are compared with the words of a term.
const KNOWN_MAX: i64 = 20_000;

/// Maximum number of words that a word with typing errors can stand for.
const SIMILAR_MAX: usize = 100;

/// Known words that have letters in common with those of a term.
pub struct KnownWords {
    /// The words, separated by spaces.
    pub words: String,
    /// Whether more customers may have the words of the term than were considered.
    pub is_full: bool,
}

impl KnownWords {
    /// For each word of the term, the known words that it may be a misspelling of. `None` if a search for these would
    /// find nothing else.
    pub fn similar(&self, term: &SearchTerm) -> Option<Vec<BTreeSet<String>>> {
        let known: Vec<&str> = self.words.split_whitespace().collect();
        let similar = term.words.iter().map(|word| most_similar(word, &known));
        let similar: Vec<BTreeSet<String>> = similar.collect();
        let mut of_each = term.words.iter().zip(&similar);
        let finds_more = |(word, similar): (&String, &BTreeSet<String>)| {
            similar.iter().any(|it| self.is_full || it != word)
        };
        of_each.any(finds_more).then_some(similar)
    }
}

/// The known words that are most similar to `word`.
fn most_similar(word: &str, known: &[&str]) -> BTreeSet<String> {
    let similar = |known: &&str| Some((typos_between(word, known)?, (*known).to_owned()));
    let similar: BTreeSet<_> = known.iter().filter_map(similar).collect();
    similar.into_iter().take(SIMILAR_MAX).map(|(_, known)| known).collect()
}

/// A query for the [`KnownWords`] as one text; `None` if no word of the term may have typing errors.
pub fn query(tenant: &Tenant, term: &SearchTerm) -> Option<Sql> {
    let with_typos: Vec<&String> = term.words.iter().filter(|word| typos_of(word) > 0).collect();
    let limit = KNOWN_MAX / i64::try_from(with_typos.len()).ok().filter(|words| *words > 0)?;
    let known = union(with_typos.into_iter().map(|word| known_to(tenant, word, limit)));
    Some(Sql::template(
        "SELECT string_agg(word, ' ') FROM (SELECT DISTINCT word FROM ({known}) AS known) AS known",
        [("known", known)],
    ))
}

/// A query for known words that are about as long as that one.
fn known_to(tenant: &Tenant, word: &str, limit: i64) -> Sql {
    let length = i64::try_from(word.chars().count()).unwrap_or(i64::MAX);
    let typos = i64::try_from(typos_of(word)).unwrap_or_default();
    Sql::template(
        "SELECT * FROM (SELECT word {known} AND length(word) BETWEEN {least} AND {most} LIMIT {limit}) AS alike",
        [
            ("known", known_words(tenant, word, typos_of(word))),
            ("least", Sql::default().number(length.saturating_sub(typos))),
            ("most", Sql::default().number(length.saturating_add(typos))),
            ("limit", Sql::default().literal(limit)),
        ],
    )
}
