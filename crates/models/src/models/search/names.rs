//! The words of names, by which a word with typing errors is found.
//!
//! If there are at most n typing errors between two words, they are equal after up to n letters are left out of each,
//! and so are their beginnings. Each known word is stored with the remainders of its beginning. A search leaves letters
//! out of the typed word, and looks up the remainders. (The symmetric deletion of `SymSpell`.)

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

/// The letters at the beginning of a word by which it is found, as in the migrations. With fewer, many words would have
/// the same; with more, each word would be stored more often.
const BEGINNING: usize = 7;

/// A statement that adds the words of rows that are not known yet.
pub fn new_words<'r, A: 'r>(
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: impl Iterator<Item = &'r A>,
) -> Option<Sql> {
    word_insertion(tenant, &names_of_all(texts, rows), &always())
}

/// The words in the names of rows.
pub fn names_of_all<'r, A: 'r>(
    texts: &[SearchedText<A>],
    rows: impl Iterator<Item = &'r A>,
) -> BTreeSet<String> {
    rows.flat_map(|row| names_of(texts, row)).collect()
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

/// All remainders of the beginning of a word after up to `left_out` letters are left out.
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

/// A statement that adds the words that are not known yet, if the condition is met. A known word
/// costs one look-up.
pub fn word_insertion(tenant: &Tenant, words: &BTreeSet<String>, condition: &Sql) -> Option<Sql> {
    if words.is_empty() {
        return None;
    }
    // Not by `NOT EXISTS`, which PostgreSQL can turn into a join that reads all words of the tenant.
    Some(Sql::template(
        "INSERT INTO customer_search_words (tenant_id, word) \
         SELECT {tenant}, listed.value FROM {words} AS listed WHERE {condition} AND \
         (SELECT 1 FROM customer_search_words AS known WHERE known.tenant_id = {tenant} \
         AND known.word = listed.value LIMIT 1) IS NULL",
        [
            ("tenant", Sql::default().text(tenant.id())),
            ("words", Sql::default().texts(words.iter().cloned().collect())),
            ("condition", condition.clone()),
        ],
    ))
}

/// `FROM … WHERE …`: the known words that have a remainder in common with that word, after up to `left_out` letters of
/// it are left out. PostgreSQL has the remainders in an index, each prefixed with the tenant's name, and SQLite in a
/// table.
pub fn known_words(tenant: &Tenant, word: &str, left_out: usize) -> Sql {
    let remainders = remainders(word, left_out);
    let listed = remainders.iter().map(|remainder| format!("{}:{remainder}", tenant.id()));
    let postgres = Sql::template(
        "remainders && ARRAY(SELECT value FROM {listed} AS listed)",
        [("listed", Sql::default().texts(listed.collect()))],
    );
    let sqlite = Sql::new("remainder").is_any_text(remainders.into_iter().collect());
    let is_like = Sql::default().per_dialect(postgres, sqlite);
    Sql::template(
        "FROM customer_search_remainders WHERE tenant_id = {tenant} AND {is_like}",
        [("tenant", Sql::default().text(tenant.id())), ("is_like", is_like)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remainders_lack_up_to_the_given_number_of_letters() {
        let of = |word, left_out| remainders(word, left_out).into_iter().collect::<Vec<_>>();
        assert_eq!(of("anna", 0), ["anna"]);
        assert_eq!(of("anna", 1), ["ana", "ann", "anna", "nna"]);
        assert_eq!(of("ab", 2), ["", "a", "ab", "b"]);
        assert_eq!(of("abcdefghij", 0), ["abcdefg"]);
        assert_eq!(of("abcdefghij", 2).len(), 1 + 7 + 21);
    }
}
