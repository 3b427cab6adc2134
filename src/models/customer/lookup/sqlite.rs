//! Searches for customers on SQLite, which has a row for each key: the word with the fewest keys is looked up first, and
//! the others among the keys of its customers. If all have very many, their keys are compared.

use super::{
    Quality,
    sql::{CANDIDATES_MAX, Part, Search, Word, quality, union},
    term::WORDS_MAX,
};
use crate::{
    auth::Tenant,
    db::sql::Sql,
    models::search::{KEYS, KeyTest},
};

/// Maximum number of keys of the rarest of several words for which the others are looked up by its customers.
const CANDIDATES_OF_WORDS_MAX: i64 = 5_000;

/// Maximum number of keys of each word that are compared with those of the others, if all have more than that.
const COMPARED_MAX: i64 = 50_000;

/// The hits of a search: ` FROM … AS hits …`.
pub struct Hits<'a>(pub Search<'a>);

impl Hits<'_> {
    /// The numbers of keys, which the parts refer to.
    pub fn with(&self) -> Sql {
        let counts = self.words().map(|words| words.counts(self.0.tenant));
        let counts = counts.reduce(|all, next| all.sql(", ").append(next));
        counts.map(|counts| Sql::new("WITH ").append(counts).sql(" ")).unwrap_or_default()
    }

    pub fn from(&self, limit: i64) -> Sql {
        Sql::template(
            " FROM ({parts}) AS hits \
            CROSS JOIN customers ON customers.tenant_id = {tenant} AND customers.id = hits.customer_id \
            WHERE {filter} \
            ORDER BY hits.quality, customers.updated_at DESC, customers.id DESC LIMIT {limit}",
            [
                ("parts", union(self.keys().chain(self.customers_with_words()))),
                ("tenant", Sql::default().text(self.0.tenant.id())),
                ("filter", self.0.filter.clone().into_sql()),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }

    fn keys(&self) -> impl Iterator<Item = Sql> {
        self.0.parts.iter().filter_map(|part| match part {
            Part::Words(..) => None,
            Part::Keys(test, of_all) => Some(Sql::template(
                "SELECT customer_id, {quality}, 0 AS is_full FROM ({found}) AS found",
                [
                    ("quality", quality(*of_all)),
                    ("found", customers_with(self.0.tenant, test, CANDIDATES_MAX)),
                ],
            )),
        })
    }

    fn words(&self) -> impl Iterator<Item = Words<'_>> {
        self.0.parts.iter().filter_map(|part| match part {
            Part::Keys(..) => None,
            Part::Words(words, quality) => Some(Words { words, quality: *quality, search: self.0 }),
        })
    }

    fn customers_with_words(&self) -> impl Iterator<Item = Sql> {
        self.words().flat_map(|words| {
            let places = 0..words.words.len();
            let from = places.map(|first| words.from(self.0.tenant, first)).collect::<Vec<_>>();
            from.into_iter().chain(words.compared(self.0.tenant))
        })
    }
}

/// The rows with such keys, but not too many of them.
fn rows_with(tenant: &Tenant, keys: &KeyTest, limit: i64) -> Sql {
    Sql::template(
        " FROM customer_search_keys WHERE tenant_id = {tenant} AND {is_key} LIMIT {limit}",
        [
            ("tenant", Sql::default().text(tenant.id())),
            ("is_key", keys.of_key(KEYS)),
            ("limit", Sql::default().literal(limit)),
        ],
    )
}

/// The customers of these rows, each once.
fn customers_with(tenant: &Tenant, keys: &KeyTest, limit: i64) -> Sql {
    let rows = rows_with(tenant, keys, limit);
    Sql::template("SELECT DISTINCT customer_id FROM (SELECT customer_id{rows})", [("rows", rows)])
}

/// The names of the numbers of keys.
const COUNTS: [&str; WORDS_MAX] =
    ["count_1", "count_2", "count_3", "count_4", "count_5", "count_6", "count_7", "count_8"];

/// The words of a part.
struct Words<'a> {
    words: &'a [Word],
    quality: Quality,
    search: Search<'a>,
}

impl Words<'_> {
    /// The keys of one word that are considered.
    fn limit(&self) -> i64 {
        match self.words {
            _ if self.quality == Quality::Typos => CANDIDATES_MAX,
            [_] => self.search.word_limit(),
            _ => CANDIDATES_OF_WORDS_MAX,
        }
    }

    /// The customers with all of several words, each of which very many have.
    fn compared(&self, tenant: &Tenant) -> Option<Sql> {
        let rows = |word: &Word| {
            Sql::new("SELECT customer_id").append(rows_with(
                tenant,
                &word.test(self.quality),
                COMPARED_MAX,
            ))
        };
        let (first, others) = self.words.split_first().filter(|(_, others)| !others.is_empty())?;
        let have = others.iter().map(|other| {
            Sql::new(" AND customer_id IN (SELECT customer_id FROM (").append(rows(other)).sql("))")
        });
        Some(Sql::template(
            "SELECT DISTINCT customer_id, {quality}, 1 AS is_full FROM ({rows}) \
            WHERE {are_many}{and_is_of_interest}{and_have_others}",
            [
                ("quality", quality(self.quality)),
                ("rows", rows(first)),
                ("are_many", self.are_many(self.quality)),
                ("and_is_of_interest", self.is_of_interest()),
                ("and_have_others", have.reduce(Sql::append).unwrap_or_default()),
            ],
        ))
    }

    /// The customers with all words, looked up from that one if it has the fewest keys.
    fn from(&self, tenant: &Tenant, first: usize) -> Sql {
        let Some(word) = self.words.get(first) else { return Sql::default() };
        let query = Sql::template(
            "SELECT customer_id, {quality}, {is_full} AS is_full FROM ({found}) AS found \
            WHERE {has_fewest}{and_is_of_interest}",
            [
                ("quality", quality(self.quality)),
                ("is_full", self.are_many(self.quality)),
                ("found", customers_with(tenant, &word.test(self.quality), self.limit())),
                ("has_fewest", self.has_fewest_keys(first)),
                ("and_is_of_interest", self.is_of_interest()),
            ],
        );
        let query = match self.words {
            [_] => query,
            _ => query.sql(" AND NOT ").append(self.are_many(self.quality)),
        };
        let others = self.words.iter().enumerate().filter(|(place, _)| *place != first);
        others.fold(query, |query, (_, other)| {
            let customer = Sql::new("found.customer_id");
            query.sql(" AND ").append(other.test(self.quality).of_customer(tenant, customer))
        })
    }

    /// Beginnings are of no interest if very many customers have the whole words, unless these may be out of scope.
    fn is_of_interest(&self) -> Sql {
        match self.quality {
            Quality::Beginnings if !self.search.is_scoped => {
                Sql::new(" AND NOT ").append(self.are_many(Quality::Words))
            }
            _ => Sql::default(),
        }
    }

    /// The condition that each word has more keys than are considered.
    fn are_many(&self, quality: Quality) -> Sql {
        let limit = self.limit();
        self.condition(quality, |_, count| Sql::new(count).sql(" >= ").literal(limit))
    }

    /// The condition that no word before that one has as few keys, and none after it has fewer.
    fn has_fewest_keys(&self, place: usize) -> Sql {
        let count = COUNTS.get(place).copied().unwrap_or_default();
        self.condition(self.quality, |other, of_other| {
            let is_less = if other < place { " < " } else { " <= " };
            Sql::new(count).sql(is_less).sql(of_other)
        })
    }

    /// A condition on each number of keys.
    fn condition(&self, quality: Quality, of: impl Fn(usize, &'static str) -> Sql) -> Sql {
        let counts = COUNTS.into_iter().take(self.words.len()).enumerate();
        let conditions = counts.map(|(place, count)| of(place, count));
        let all = conditions.reduce(|all, next| all.sql(" AND ").append(next)).unwrap_or_default();
        Sql::template(
            "(SELECT {all} FROM {counts})",
            [("all", all), ("counts", Sql::new(name_of_counts(quality)))],
        )
    }

    fn counts(&self, tenant: &Tenant) -> Sql {
        let count = |(word, name): (&Word, &'static str)| {
            Sql::template(
                "(SELECT count(*) FROM (SELECT 1{rows})) AS {name}",
                [
                    ("rows", rows_with(tenant, &word.test(self.quality), self.limit())),
                    ("name", Sql::new(name)),
                ],
            )
        };
        let counts = self.words.iter().zip(COUNTS).map(count);
        let counts = counts.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default();
        Sql::template(
            "{name} AS MATERIALIZED (SELECT {counts})",
            [("name", Sql::new(name_of_counts(self.quality))), ("counts", counts)],
        )
    }
}

/// The name of the numbers of keys, which decide with which word the search begins.
const fn name_of_counts(quality: Quality) -> &'static str {
    match quality {
        Quality::Words => "counts_of_words",
        Quality::Typos => "counts_of_similar_words",
        Quality::Beginnings | Quality::Identifier => "counts_of_beginnings",
    }
}
