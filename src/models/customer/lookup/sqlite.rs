//! Searches for customers on SQLite, which has a row for each key: the word with the fewest keys is looked up first, and
//! the others among the keys of its customers.

use super::{
    super::{ID, UPDATED_AT},
    Quality,
    sql::{CANDIDATES_MAX, Part, Word, quality, union},
    term::WORDS_MAX,
};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql},
    models::search::{KEYS, KeyTest},
};

/// The best hits of these parts: ` FROM … AS hits …`.
pub fn hits(
    tenant: &Tenant,
    filter: &Condition,
    parts: &[Part],
    (word_limit, limit): (i64, i64),
) -> Sql {
    let parts = parts.iter().map(|part| match part {
        Part::Keys(test, of_all) => Sql::new("SELECT customer_id, ")
            .append(quality(*of_all))
            .sql(", 0 AS is_full")
            .append(customers_with(tenant, test, CANDIDATES_MAX)),
        Part::Words(words, of_all) => {
            let words = Words { words, quality: *of_all, word_limit };
            union((0..words.words.len()).map(|first| words.from(tenant, first)))
        }
    });
    Sql::new(" FROM (")
        .append(union(parts))
        .sql(") AS hits CROSS JOIN customers ON customers.tenant_id = ")
        .text(tenant.id())
        .sql(" AND customers.id = hits.customer_id WHERE ")
        .append(filter.clone().into_sql())
        .sql(" ORDER BY hits.quality, ")
        .column(UPDATED_AT)
        .sql(" DESC, ")
        .column(ID)
        .sql(" DESC LIMIT ")
        .literal(limit)
}

/// The rows with such keys, but not too many of them.
fn rows_with(tenant: &Tenant, keys: &KeyTest, limit: i64) -> Sql {
    Sql::new(" FROM customer_search_keys WHERE tenant_id = ")
        .text(tenant.id())
        .sql(" AND ")
        .append(keys.of_key(KEYS))
        .sql(" LIMIT ")
        .literal(limit)
}

/// The customers of these rows, each once: ` FROM … AS found`.
fn customers_with(tenant: &Tenant, keys: &KeyTest, limit: i64) -> Sql {
    Sql::new(" FROM (SELECT DISTINCT customer_id FROM (SELECT customer_id")
        .append(rows_with(tenant, keys, limit))
        .sql(")) AS found")
}

/// The names of the numbers of keys.
const COUNTS: [&str; WORDS_MAX] =
    ["count_1", "count_2", "count_3", "count_4", "count_5", "count_6", "count_7", "count_8"];

/// The words of a part.
struct Words<'a> {
    words: &'a [Word],
    quality: Quality,
    /// The customers that are considered for a single word.
    word_limit: i64,
}

impl Words<'_> {
    /// The keys of one word that are considered.
    fn limit(&self) -> i64 {
        let is_one = self.words.len() == 1 && self.quality != Quality::Typos;
        if is_one { self.word_limit } else { CANDIDATES_MAX }
    }

    /// The customers with all words, looked up from that one if no other has fewer keys.
    fn from(&self, tenant: &Tenant, first: usize) -> Sql {
        let Some(word) = self.words.get(first) else { return Sql::default() };
        let query = Sql::new("SELECT customer_id, ")
            .append(quality(self.quality))
            .sql(", (SELECT ")
            .append(self.each_count(|count| Sql::new(count).sql(" >= ").literal(self.limit())))
            .sql(" FROM ")
            .sql(self.name())
            .sql(") AS is_full")
            .append(customers_with(tenant, &word.test(self.quality), self.limit()))
            .sql(" WHERE (SELECT ")
            .append(self.has_fewest_keys(first))
            .sql(" FROM ")
            .sql(self.name())
            .sql(")");
        let others = self.words.iter().enumerate().filter(|(place, _)| *place != first);
        others.fold(query, |query, (_, other)| {
            let customer = Sql::new("found.customer_id");
            query.sql(" AND ").append(other.test(self.quality).of_customer(tenant, customer))
        })
    }

    /// The name of the numbers of keys, which decide with which word the search begins.
    const fn name(&self) -> &'static str {
        match self.quality {
            Quality::Words => "counts_of_words",
            Quality::Typos => "counts_of_similar_words",
            Quality::Beginnings | Quality::Identifier => "counts_of_beginnings",
        }
    }

    fn counts(&self, tenant: &Tenant) -> Sql {
        let count = |(word, name): (&Word, &'static str)| {
            let keys = rows_with(tenant, &word.test(self.quality), self.limit());
            Sql::new("(SELECT count(*) FROM (SELECT 1").append(keys).sql(")) AS ").sql(name)
        };
        let counts = self.words.iter().zip(COUNTS).map(count);
        let counts = counts.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default();
        Sql::new(self.name()).sql(" AS MATERIALIZED (SELECT ").append(counts).sql(")")
    }

    /// A condition on each number of keys.
    fn each_count(&self, condition: impl Fn(&'static str) -> Sql) -> Sql {
        let conditions = COUNTS.into_iter().take(self.words.len()).map(condition);
        conditions.reduce(|all, next| all.sql(" AND ").append(next)).unwrap_or_default()
    }

    fn has_fewest_keys(&self, place: usize) -> Sql {
        let count = COUNTS.get(place).copied().unwrap_or_default();
        self.each_count(|other| Sql::new(count).sql(" <= ").sql(other))
    }
}

/// What the hits of these parts refer to: `WITH … `.
pub fn counts(tenant: &Tenant, parts: &[Part], word_limit: i64) -> Sql {
    let counts = parts.iter().filter_map(|part| match part {
        Part::Keys(..) => None,
        Part::Words(words, quality) => {
            Some(Words { words, quality: *quality, word_limit }.counts(tenant))
        }
    });
    let counts = counts.reduce(|all, next| all.sql(", ").append(next));
    counts.map(|counts| Sql::new("WITH ").append(counts).sql(" ")).unwrap_or_default()
}
