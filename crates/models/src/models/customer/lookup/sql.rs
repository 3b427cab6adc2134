//! The parts of searches for customers.

use std::collections::BTreeSet;

use super::{Quality, scope::Scope, term::SearchTerm};
use crate::{
    auth::Tenant,
    db::sql::Sql,
    models::search::{KeyTest, word_key},
};

/// Maximum number of customers that are considered for a part of a search.
pub const CANDIDATES_MAX: i64 = 10_000;

/// The same for a word, or its beginning: if more customers have it, those that changed last are read in that order.
const CANDIDATES_OF_WORD_MAX: i64 = 2_000;

/// A search for customers in scope, by several parts.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    pub tenant: &'a Tenant,
    pub scope: &'a Scope,
    pub parts: &'a [Part],
}

impl Search<'_> {
    /// Maximum number of customers that are considered for words, or their beginnings.
    pub const fn word_limit(&self) -> i64 {
        if self.scope.is_narrow() { CANDIDATES_MAX } else { CANDIDATES_OF_WORD_MAX }
    }
}

/// A part of a search: a customer that it finds is a hit.
pub enum Part {
    /// Customers with such keys.
    Keys(KeyTest, Quality),
    /// Customers with all of these words, in the way of that quality.
    Words(Vec<Word>, Quality),
    /// The customer to which this external id of an absorbed one redirects.
    Absorbed(String),
}

/// A word that customers are found by.
#[derive(Clone)]
pub struct Word {
    /// The key of the whole word. Those of longer words begin with it.
    pub key: String,
    similar: BTreeSet<String>,
}

impl Word {
    fn beginning(word: &str) -> Self {
        Self { key: word_key(word), similar: BTreeSet::new() }
    }

    pub fn test(&self, quality: Quality) -> KeyTest {
        if quality == Quality::Words {
            return KeyTest::whole([self.key.clone()]);
        }
        let similar = self.similar.iter().map(|word| word_key(word));
        KeyTest { whole: similar.collect(), ..KeyTest::beginning(self.key.clone()) }
    }

    /// The condition that a text of keys, separated by spaces, contains the whole word or, unless
    /// `is_whole` is set, one that begins with it.
    pub fn is_in(&self, keys: &'static str, is_whole: bool) -> Sql {
        let key = format!(" {}{}", self.key, if is_whole { " " } else { "" });
        let place = Sql::default().per_dialect(Sql::new("strpos"), Sql::new("instr"));
        let holes = [("place", place), ("keys", Sql::new(keys)), ("key", Sql::default().text(key))];
        Sql::template("{place}({keys}, {key}) > 0", holes)
    }
}

/// The words of a term.
pub fn words(term: &SearchTerm) -> Vec<Word> {
    term.words.iter().map(|word| Word::beginning(word)).collect()
}

/// Customers with the term's identifiers, or with all of its words or their beginnings.
pub fn exact(term: &SearchTerm) -> Vec<Part> {
    let identifiers = Some(term.identifiers.clone()).filter(|keys| !keys.is_empty());
    let identifiers = identifiers.map(|keys| Part::Keys(KeyTest::whole(keys), Quality::Identifier));
    let beginnings = |keys: Vec<String>, quality| {
        let test = KeyTest { beginnings: keys, ..KeyTest::default() };
        (!test.beginnings.is_empty()).then_some(Part::Keys(test, quality))
    };
    let ends = beginnings(term.phone_ends.clone(), Quality::Identifier);
    let emails = beginnings(term.email_start.iter().cloned().collect(), Quality::Beginnings);
    let words = |quality| {
        let words = words(term);
        (!words.is_empty()).then_some(Part::Words(words, quality))
    };
    let absorbed = Some(Part::Absorbed(term.text.clone()));
    let words = [words(Quality::Words), words(Quality::Beginnings)];
    [identifiers, absorbed, ends, emails].into_iter().chain(words).flatten().collect()
}

/// Customers with all words of the term, or with similar words instead.
pub fn with_typos(term: &SearchTerm, similar: Vec<BTreeSet<String>>) -> Vec<Part> {
    let words = term.words.iter().zip(similar);
    let word = |(word, mut similar): (&String, BTreeSet<String>)| {
        // So that the statement does not depend on whether there are others.
        similar.insert(word.clone());
        Word { similar, ..Word::beginning(word) }
    };
    vec![Part::Words(words.map(word).collect(), Quality::Typos)]
}

pub fn union(queries: impl Iterator<Item = Sql>) -> Sql {
    queries.reduce(|all, next| all.sql(" UNION ALL ").append(next)).unwrap_or_default()
}

/// The quality of all hits of a part.
pub fn quality(quality: Quality) -> Sql {
    Sql::new("CAST(").literal(quality.number()).sql(" AS bigint) AS quality")
}
