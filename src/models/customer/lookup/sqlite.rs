//! Searches for customers on SQLite, which has a row for each key: the word with the fewest keys is looked up first, and
//! the others among the keys of its customers.

use super::{
    super::{ID, UPDATED_AT},
    sql::{CANDIDATES_MAX, Part, Word, quality, quality_of, union},
    term::WORDS_MAX,
};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql},
    models::search::{KEYS, KeyTest},
};

/// The best hits of these parts: ` FROM … AS best …`.
pub fn hits(tenant: &Tenant, filter: &Condition, parts: &[Part], limit: i64) -> Sql {
    let parts = parts.iter().map(|part| match part {
        Part::Keys(test, of_all) => {
            let query = Sql::new("SELECT customer_id, ").append(quality(*of_all));
            let query = query.sql(" FROM (SELECT customer_id").append(candidates(tenant, test));
            query.sql(") AS found")
        }
        Part::Words(words, otherwise) => union((0..words.len()).map(|first| {
            let are_whole = are_whole(tenant, words, first);
            with_all(tenant, words, first, quality_of(are_whole, *otherwise))
        })),
    });
    Sql::new(" FROM (SELECT customer_id, min(quality) AS quality FROM (")
        .append(union(parts))
        .sql(") AS hits GROUP BY customer_id) AS best CROSS JOIN customers ON customers.tenant_id = ")
        .text(tenant.id())
        .sql(" AND customers.id = best.customer_id WHERE ")
        .append(filter.clone().into_sql())
        .sql(" ORDER BY best.quality, ")
        .column(UPDATED_AT)
        .sql(" DESC, ")
        .column(ID)
        .sql(" DESC LIMIT ")
        .literal(limit)
}

/// The rows with such keys, but not too many of them.
fn candidates(tenant: &Tenant, keys: &KeyTest) -> Sql {
    Sql::new(" FROM customer_search_keys WHERE tenant_id = ")
        .text(tenant.id())
        .sql(" AND ")
        .append(keys.of_key(KEYS))
        .sql(" LIMIT ")
        .literal(CANDIDATES_MAX)
}

/// The customers with all of these words, looked up from that one if no other has fewer keys.
fn with_all(tenant: &Tenant, words: &[Word], first: usize, quality: Sql) -> Sql {
    let Some(word) = words.get(first) else { return Sql::default() };
    let query = Sql::new("SELECT customer_id, ")
        .append(quality)
        .sql(" FROM (SELECT customer_id, key")
        .append(candidates(tenant, &word.test()))
        .sql(") AS found WHERE ")
        .append(has_fewest_keys(words.len(), first));
    let others = words.iter().enumerate().filter(|(place, _)| *place != first);
    others.fold(query, |query, (_, it)| query.sql(" AND ").append(has(tenant, &it.test())))
}

/// The condition that the key that was found is the whole word, and that the customer has the others.
fn are_whole(tenant: &Tenant, words: &[Word], first: usize) -> Sql {
    let test = |(place, word): (usize, &Word)| match word.whole() {
        whole if place == first => whole.of_key("found"),
        whole => has(tenant, &whole),
    };
    let tests = words.iter().enumerate().map(test);
    tests.reduce(|all, it| all.sql(" AND ").append(it)).unwrap_or_default()
}

fn has(tenant: &Tenant, keys: &KeyTest) -> Sql {
    keys.of_customer(tenant, Sql::new("found.customer_id"))
}

/// The names of the numbers of keys.
const COUNTS: [&str; WORDS_MAX] =
    ["count_1", "count_2", "count_3", "count_4", "count_5", "count_6", "count_7", "count_8"];

/// Counts the keys of each word, up to the maximum that is considered: they decide with which one the search begins.
pub fn counts(tenant: &Tenant, parts: &[Part]) -> Sql {
    let words = parts.iter().find_map(|part| match part {
        Part::Words(words, _) if words.len() > 1 => Some(words),
        _ => None,
    });
    let Some(words) = words else { return Sql::default() };
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
