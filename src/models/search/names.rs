//! The words of names, by which a word with typing errors is found.
//!
//! Two words with at most so many typing errors between them are the same after as many letters are left out of each,
//! and so are their beginnings. A known word is stored with all that remains of its beginning; a search leaves letters
//! out of what is typed, and looks the remainders up. (The symmetric deletion of `SymSpell`.)

use std::collections::BTreeSet;

use super::{KeyKind, SearchedText};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, execute,
        sql::{Sql, always},
    },
    search_words::indexed_words,
};

/// Fewest letters of a word that is found despite typing errors.
const WORD_MIN: usize = 3;

/// The letters at the beginning of a word by which it is found. With fewer, many words would have the same; with more,
/// each word would be stored more often.
const BEGINNING: usize = 7;

/// A statement that adds the words of rows that are not known yet, if that condition is met.
pub fn new_words<'r, A: 'r>(
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: impl Iterator<Item = &'r A>,
    condition: &Sql,
) -> Option<Sql> {
    word_insertion(tenant, &rows.flat_map(|row| names_of(texts, row)).collect(), condition)
}

/// Adds the words of a changed row.
pub async fn add_words<A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    (before, row): (&A, &A),
) -> Result<(), db::Error> {
    let mut names = texts.iter().filter(|text| text.kind == KeyKind::Words);
    if !names.any(|text| text.is_changed(before, row)) {
        return Ok(());
    }
    let known = names_of(texts, before);
    let new = names_of(texts, row).into_iter().filter(|name| !known.contains(name)).collect();
    match word_insertion(tenant, &new, &always()) {
        Some(words) => Ok(execute!(tx, words)?),
        None => Ok(()),
    }
}

/// The words of a row that are found despite typing errors: those in names.
fn names_of<A>(texts: &[SearchedText<A>], row: &A) -> BTreeSet<String> {
    let names = texts.iter().filter(|text| text.kind == KeyKind::Words);
    let words = names.filter_map(|text| (text.text)(row)).flat_map(|text| indexed_words(&text));
    let is_name = |word: &String| {
        !word.chars().any(char::is_numeric) && word.chars().nth(WORD_MIN - 1).is_some()
    };
    words.filter(is_name).collect()
}

/// What remains of the beginning of a word, if up to so many letters are left out.
pub fn remainders(word: &str, left_out: usize) -> BTreeSet<String> {
    let whole: Vec<char> = word.chars().take(BEGINNING).collect();
    let mut remainders = BTreeSet::from([whole]);
    for _ in 0..left_out {
        let shorter = remainders.iter().flat_map(|letters| {
            (0..letters.len()).map(|place| {
                let mut letters = letters.clone();
                letters.remove(place);
                letters
            })
        });
        let shorter: Vec<Vec<char>> = shorter.collect();
        remainders.extend(shorter);
    }
    remainders.into_iter().map(String::from_iter).collect()
}

/// The places of the two letters that are left out of a beginning of [`BEGINNING`] letters; places beyond its end leave
/// out none.
const GAPS: &str = "(VALUES (8, 9), \
    (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (6, 8), (7, 8), \
    (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (1, 7), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7), \
    (3, 4), (3, 5), (3, 6), (3, 7), (4, 5), (4, 6), (4, 7), (5, 6), (5, 7), (6, 7)) AS gaps";

/// Adds the words that are not known yet, with what remains of their beginnings. (A word of less than six letters is only
/// compared with those that have one typing error.) A known word costs one look-up.
fn word_insertion(tenant: &Tenant, words: &BTreeSet<String>, condition: &Sql) -> Option<Sql> {
    if words.is_empty() {
        return None;
    }
    // Not by `NOT EXISTS`, which PostgreSQL can turn into a join that reads all words of the tenant.
    let is_new = Sql::new("(SELECT 1 FROM customer_search_words AS known WHERE known.tenant_id = ")
        .text(tenant.id())
        .sql(" AND known.remainder = substr(listed.value, 1, 7) AND known.word = listed.value")
        .sql(" LIMIT 1) IS NULL");
    let words = words.iter().cloned().collect();
    Some(
        Sql::new("INSERT INTO customer_search_words (tenant_id, remainder, word) SELECT DISTINCT ")
            .text(tenant.id())
            .sql(
                ", substr(added.word, 1, gaps.column1 - 1) \
                || substr(added.word, gaps.column1 + 1, gaps.column2 - gaps.column1 - 1) \
                || substr(substr(added.word, 1, 7), gaps.column2 + 1), added.word \
                FROM (SELECT listed.value AS word FROM ",
            )
            .texts(words)
            .sql(" AS listed WHERE ")
            .append(condition.clone())
            .sql(" AND ")
            .append(is_new)
            .sql(") AS added JOIN ")
            .sql(GAPS)
            .sql(" ON gaps.column2 > 7 OR length(added.word) >= 6"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_so_many_letters_of_the_beginning_are_left_out() {
        let of = |word, left_out| remainders(word, left_out).into_iter().collect::<Vec<_>>();
        assert_eq!(of("anna", 0), ["anna"]);
        assert_eq!(of("anna", 1), ["ana", "ann", "anna", "nna"]);
        assert_eq!(of("ab", 2), ["", "a", "ab", "b"]);
        assert_eq!(of("abcdefghij", 0), ["abcdefg"]);
        assert_eq!(of("abcdefghij", 2).len(), 1 + 7 + 21);
    }
}
