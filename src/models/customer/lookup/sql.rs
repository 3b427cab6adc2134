//! The SQL of searches for customers.

use std::collections::BTreeSet;

use diesel::sql_types::Text;

use super::term::{self, SearchTerm, WORDS_MAX};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Column, Condition, Expr, Select, Sql, TextSet},
    },
    models::search::{grams, word_key},
};

/// Maximum number of words that are considered as the meaning of a word with typing errors.
const SIMILAR_MAX: i64 = 200;

/// Maximum number of keys that are considered for a word: of the beginnings of words, and of words themselves, which
/// more customers have, some are not found.
const CANDIDATES_MAX: i64 = 10_000;

/// Queries for customers, with what they need before.
pub struct Hits {
    pub with: Sql,
    pub queries: Sql,
}

/// A condition on keys: SQLite has a row for each, and PostgreSQL one for all keys of a row.
#[derive(Clone, Default)]
struct KeyTest {
    whole: BTreeSet<String>,
    beginnings: Vec<String>,
}

impl KeyTest {
    fn whole(keys: impl IntoIterator<Item = String>) -> Self {
        Self { whole: keys.into_iter().collect(), beginnings: Vec::new() }
    }

    fn beginning(key: &str) -> Self {
        Self { whole: BTreeSet::new(), beginnings: vec![key.to_owned()] }
    }

    /// The condition by which the rows of [`KEYS`] are found.
    fn condition(&self) -> Sql {
        let keys = Column { table: KEYS, name: "keys" };
        let wanted = Sql::new("CAST(").text(self.tsquery()).sql(" AS tsquery)");
        let postgres = Sql::default().column(keys).sql(" @@ ").append(wanted);
        Sql::default().per_dialect(postgres, self.of_one_key(KEYS))
    }

    /// The condition on a row that is found already, in a table or subquery of that name.
    fn of_row(&self, table: &'static str) -> Sql {
        let keys = Column { table, name: "search_keys" };
        let contains = |text: String| {
            let keys = Sql::new("(strpos(' ' || ").column(keys).sql(" || ' ', ");
            keys.text(text).sql(") > 0)")
        };
        let whole = self.whole.iter().map(String::as_str).collect::<Vec<_>>();
        let postgres = match (whole.as_slice(), self.beginnings.as_slice()) {
            ([key], []) => contains(format!(" {key} ")),
            ([], [key]) => contains(format!(" {key}")),
            // One parameter for any number of keys. Those of words have no characters that mean anything here.
            (whole, beginnings) => {
                let beginnings = beginnings.iter().map(|key| format!("{key}[^ ]*"));
                let all = beginnings.chain(whole.iter().map(|&key| key.to_owned()));
                let all = all.collect::<Vec<_>>().join("|");
                let keys = Sql::new("(' ' || ").column(keys).sql(" || ' ' ~ ");
                keys.text(format!(" ({all}) ")).sql(")")
            }
        };
        Sql::default().per_dialect(postgres, self.of_one_key(table))
    }

    /// SQLite's condition on one key.
    fn of_one_key(&self, table: &'static str) -> Sql {
        let key = Column { table, name: "key" };
        let is_any = |keys: TextSet| Condition::of(Sql::default().column(key).is_any_text(keys));
        let whole = (!self.whole.is_empty()).then(|| is_any(self.whole.iter().cloned().collect()));
        let begins = self.beginnings.iter().map(|it| Condition::starts_with(key, it.clone()));
        Condition::any(whole.into_iter().chain(begins)).into_sql()
    }

    fn tsquery(&self) -> String {
        let whole = self.whole.iter().map(|key| listed_key(key));
        let beginnings = self.beginnings.iter().map(|key| listed_key(key) + ":*");
        whole.chain(beginnings).collect::<Vec<_>>().join(" | ")
    }
}

/// The keys of customers: on SQLite a table, and on PostgreSQL a view of all that have keys.
pub const KEYS: &str = "customer_search_keys";

/// A whole key as PostgreSQL lists it: as a `tsquery`.
pub fn listed_key(key: &str) -> String {
    format!("'{}'", key.replace('\\', "\\\\").replace('\'', "''"))
}

/// The condition by which the rows of [`KEYS`] are found that have the whole key `listed.value`: on PostgreSQL a
/// [`listed_key`].
pub fn has_listed_key() -> Sql {
    let postgres = Sql::new("customer_search_keys.keys @@ CAST(listed.value AS tsquery)");
    let sqlite = Sql::new("customer_search_keys.key = listed.value");
    Sql::default().per_dialect(postgres, sqlite)
}

/// Queries for customers with the term's identifiers, or with all of its words or their beginnings.
pub fn exact(tenant: &Tenant, term: &SearchTerm) -> Hits {
    let identifiers = Some(term.identifiers.clone()).filter(|keys| !keys.is_empty());
    let identifiers = identifiers.map(|keys| of_key(tenant, "0", &KeyTest::whole(keys)));
    let ends = term.phone_end.as_ref().map(|key| begins(tenant, "0", key));
    let emails = term.email_start.as_ref().map(|key| begins(tenant, "2", key));
    let words: Vec<Word> = term.words.iter().map(|word| Word::beginning(word)).collect();
    let with_words = (!words.is_empty()).then(|| with_all(tenant, &words, "2"));
    let queries = [identifiers, ends, emails, with_words].into_iter().flatten();
    Hits { with: counts(tenant, &words), queries: union(queries) }
}

/// Queries for customers with all words of the term, or with similar words instead.
pub fn with_typos(tenant: &Tenant, term: &SearchTerm, similar: Vec<BTreeSet<String>>) -> Hits {
    let words = term.words.iter().zip(similar);
    let word = |(word, mut similar): (&String, BTreeSet<String>)| {
        // So that the statement does not depend on whether there are others.
        similar.insert(word.clone());
        Word { similar, ..Word::beginning(word) }
    };
    let words: Vec<Word> = words.map(word).collect();
    Hits { with: counts(tenant, &words), queries: with_all(tenant, &words, "3") }
}

fn union(queries: impl Iterator<Item = Sql>) -> Sql {
    queries.reduce(|all, next| all.sql(" UNION ALL ").append(next)).unwrap_or_default()
}

/// The customers with keys that begin with that one.
fn begins(tenant: &Tenant, quality: &'static str, key: &str) -> Sql {
    of_key(tenant, quality, &KeyTest::beginning(key))
}

fn of_key(tenant: &Tenant, quality: &'static str, keys: &KeyTest) -> Sql {
    Sql::new("SELECT customer_id, CAST(")
        .sql(quality)
        .sql(" AS bigint) AS quality FROM (SELECT customer_id")
        .append(candidates(tenant, keys))
        .sql(") AS found")
}

/// The rows with such keys, but not too many of them.
fn candidates(tenant: &Tenant, keys: &KeyTest) -> Sql {
    Sql::new(" FROM customer_search_keys WHERE tenant_id = ")
        .text(tenant.id())
        .sql(" AND ")
        .append(keys.condition())
        .sql(" LIMIT ")
        .literal(CANDIDATES_MAX)
}

/// A word that customers are found by.
struct Word {
    /// The key of the whole word, with which the others begin.
    key: String,
    similar: BTreeSet<String>,
}

impl Word {
    fn beginning(word: &str) -> Self {
        Self { key: word_key(word), similar: BTreeSet::new() }
    }

    fn test(&self) -> KeyTest {
        let similar = self.similar.iter().map(|word| word_key(word));
        KeyTest { whole: similar.collect(), ..KeyTest::beginning(&self.key) }
    }

    fn whole(&self) -> KeyTest {
        KeyTest::whole([self.key.clone()])
    }
}

/// The customers with all of these words. The word with the fewest keys is looked up first (see [`counts`]), and the
/// others among the keys of its customers.
fn with_all(tenant: &Tenant, words: &[Word], otherwise: &'static str) -> Sql {
    union((0..words.len()).map(|first| with_all_from(tenant, words, first, otherwise)))
}

fn with_all_from(tenant: &Tenant, words: &[Word], first: usize, otherwise: &'static str) -> Sql {
    let Some(word) = words.get(first) else { return Sql::default() };
    let others = || words.iter().enumerate().filter(|(place, _)| *place != first);
    // Not by `EXISTS`, which PostgreSQL can turn into a join that reads all keys of the other word.
    let has = |keys: KeyTest| {
        Sql::new("(SELECT 1 FROM customer_search_keys WHERE tenant_id = ")
            .text(tenant.id())
            .sql(" AND customer_search_keys.customer_id = found.customer_id AND ")
            .append(keys.of_row(KEYS))
            .sql(" LIMIT 1) IS NOT NULL")
    };
    let is_whole = word.whole().of_row("found");
    let are_whole =
        others().fold(is_whole, |all, (_, it)| all.sql(" AND ").append(has(it.whole())));
    let query = Sql::new("SELECT customer_id, CAST(CASE WHEN ")
        .append(are_whole)
        .sql(" THEN 1 ELSE ")
        .sql(otherwise)
        .sql(" END AS bigint) AS quality FROM (SELECT customer_id, ")
        .per_dialect(Sql::new("search_keys"), Sql::new("key"))
        .append(candidates(tenant, &word.test()))
        .sql(") AS found WHERE ")
        .append(has_fewest_keys(words.len(), first));
    others().fold(query, |query, (_, it)| query.sql(" AND ").append(has(it.test())))
}

/// The names of the numbers of keys.
const COUNTS: [&str; WORDS_MAX] =
    ["count_1", "count_2", "count_3", "count_4", "count_5", "count_6", "count_7", "count_8"];

/// Counts the keys of each word, up to the maximum that is considered: they decide with which one the search begins.
fn counts(tenant: &Tenant, words: &[Word]) -> Sql {
    if words.len() < 2 {
        return Sql::default();
    }
    let count = |(word, name): (&Word, &'static str)| {
        let keys = candidates(tenant, &word.test());
        let count = Sql::new("(SELECT count(*) FROM (SELECT 1").append(keys).sql(") AS found) AS ");
        count.sql(name)
    };
    let counts = words.iter().zip(COUNTS).map(count);
    let counts = counts.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default();
    Sql::new("WITH counts AS MATERIALIZED (SELECT ").append(counts).sql(") ")
}

/// The condition that no other word has fewer keys than that one.
fn has_fewest_keys(words: usize, place: usize) -> Sql {
    let Some(count) = COUNTS.get(place).copied().filter(|_| words > 1) else {
        return Sql::new("1 = 1");
    };
    let others = COUNTS.iter().take(words).filter(|other| **other != count);
    let is_less = |other: &&'static str| Sql::new(count).sql(" <= ").sql(other);
    let are_less = others.map(is_less).reduce(|all, it| all.sql(" AND ").append(it));
    Sql::new("(SELECT ").append(are_less.unwrap_or_default()).sql(" FROM counts)")
}

/// For each word of the term, the known words that it can be with typing errors.
pub async fn similar_words(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    term: &SearchTerm,
) -> Result<Vec<BTreeSet<String>>, db::Error> {
    let with_typos = term.words.iter().filter(|word| term::typos_of(word) > 0);
    let queries = with_typos.map(|word| {
        let mut shared: BTreeSet<String> = grams(word).into_iter().collect();
        shared.extend(term::swapped(word).iter().flat_map(|word| grams(word)));
        let shared: TextSet = shared.into_iter().collect();
        // Those that share the most with the word come first.
        Sql::new("SELECT * FROM (SELECT word FROM customer_search_words WHERE tenant_id = ")
            .text(tenant.id())
            .sql(" AND gram")
            .is_any_text(shared)
            .sql(" GROUP BY word ORDER BY count(DISTINCT gram) DESC, word LIMIT ")
            .literal(SIMILAR_MAX)
            .sql(") AS alike")
    });
    let query = Select {
        with: Sql::default(),
        selection: Expr::<Text>::literal("word"),
        from: Sql::new(" FROM (").append(union(queries)).sql(") AS known"),
    };
    let known: BTreeSet<String> =
        on!(conn, |c| query.load::<String>(c).await)?.into_iter().collect();
    let similar = |word: &String| {
        known.iter().filter(|known| term::is_similar(word, known)).cloned().collect()
    };
    Ok(term.words.iter().map(similar).collect())
}
