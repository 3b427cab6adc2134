//! A part of a search whose criteria are counted, so that the lookup begins with the most selective one.

use super::{
    super::{
        Quality,
        sql::{CANDIDATES_MAX, Part, Search, quality},
        term::WORDS_MAX,
    },
    criterion::Criterion,
};
use crate::db::sql::Sql;

/// Maximum number of customers with the rarest of several words for which the others are looked up.
const CANDIDATES_OF_WORDS_MAX: i64 = 5_000;

/// Maximum number of keys of each word that are compared with those of the others, if all have more than that.
const COMPARED_MAX: i64 = 50_000;

/// Maximum number of keys of one word for which the scope is looked up, if both have very many customers.
const IN_SCOPE_MAX: i64 = 20_000;

/// Maximum number of customers that are found among these.
const HITS_MAX: i64 = 2_000;

/// The names of the counts of customers that meet each criterion.
const COUNTS: [&str; WORDS_MAX + 1] = [
    "count_1", "count_2", "count_3", "count_4", "count_5", "count_6", "count_7", "count_8",
    "count_9",
];

/// The name of the subquery with the counts for whole words.
const OF_WORDS: &str = "counts_of_words";

/// A part of a search whose criteria are counted.
pub struct Counted<'a> {
    search: Search<'a>,
    quality: Quality,
    /// The criteria of its keys or words.
    words: Vec<Criterion<'a>>,
    scope: Option<Criterion<'a>>,
    /// The name of the subquery with the counts.
    counts: &'static str,
}

impl<'a> Counted<'a> {
    /// `None` for a part that matches few customers. In a scope, beginnings of e-mail addresses are counted like words.
    pub fn of(search: Search<'a>, part: &'a Part) -> Option<Self> {
        let scope = search.scope.groups().map(Criterion::Member);
        let (words, quality, counts) = match part {
            Part::Keys(test, Quality::Beginnings) if scope.is_some() => {
                (vec![Criterion::Key(test.clone())], Quality::Beginnings, "counts_of_keys")
            }
            Part::Words(words, quality) => {
                let criteria = match (words.as_slice(), quality) {
                    // Another part finds the whole word, which may have very many keys of its own.
                    ([word], Quality::Beginnings) => vec![Criterion::LongerKey(&word.key)],
                    _ => words.iter().map(|word| Criterion::Key(word.test(*quality))).collect(),
                };
                (criteria, *quality, name_of_counts(*quality))
            }
            Part::Keys(..) | Part::Absorbed(_) => return None,
        };
        Some(Self { search, quality, words, scope, counts })
    }

    fn criteria(&self) -> impl Iterator<Item = &Criterion<'a>> {
        self.words.iter().chain(&self.scope)
    }

    /// Maximum number of customers that are considered for one criterion.
    const fn limit(&self) -> i64 {
        match (self.quality, self.words.len()) {
            (Quality::Typos, _) => CANDIDATES_MAX,
            (_, 1) => self.search.word_limit(),
            _ => CANDIDATES_OF_WORDS_MAX,
        }
    }

    /// The queries for the customers that meet all criteria.
    pub fn customers(&self) -> impl Iterator<Item = Sql> {
        let begins = (0..self.criteria().count()).map(|first| self.from(first));
        begins.chain((self.words.len() > 1).then(|| self.compared()))
    }

    /// The customers that meet all criteria, beginning with that one. Empty unless it is the most
    /// selective one.
    fn from(&self, first: usize) -> Sql {
        let tenant = self.search.tenant;
        let is_one_in_scope = self.words.len() == 1 && self.scope.is_some();
        let limit = if is_one_in_scope && first == 0 { IN_SCOPE_MAX } else { self.limit() };
        let rows = self.criteria().nth(first).map(|it| it.rows(tenant, limit));
        let others = self.criteria().enumerate().filter(|(place, _)| *place != first);
        let meets_others = others.map(|(_, other)| Sql::new(" AND ").append(other.is_met(tenant)));
        let are_few = || Sql::new(" AND NOT ").append(self.are_many(self.counts));
        let query = Sql::template(
            "SELECT DISTINCT customer_id, {quality}, {is_full} AS is_full \
            FROM (SELECT customer_id {rows}) AS found \
            WHERE {has_fewest}{and_is_of_interest}{and_are_few}{and_meets_others}",
            [
                ("quality", quality(self.quality)),
                ("is_full", self.are_many(self.counts)),
                ("rows", rows.unwrap_or_default()),
                ("has_fewest", self.has_fewest_customers(first)),
                ("and_is_of_interest", self.is_searched()),
                ("and_are_few", (self.words.len() > 1).then(are_few).unwrap_or_default()),
                ("and_meets_others", meets_others.reduce(Sql::append).unwrap_or_default()),
            ],
        );
        if !is_one_in_scope {
            return query;
        }
        Sql::template(
            "SELECT * FROM ({query} LIMIT iif({are_many}, {limit}, -1))",
            [
                ("query", query),
                ("are_many", self.are_many(self.counts)),
                ("limit", Sql::default().literal(HITS_MAX)),
            ],
        )
    }

    /// The customers that meet all criteria, if very many customers meet each of these.
    fn compared(&self) -> Sql {
        let tenant = self.search.tenant;
        let mut rows = self
            .words
            .iter()
            .map(|word| Sql::new("SELECT customer_id ").append(word.rows(tenant, COMPARED_MAX)));
        let first = rows.next().unwrap_or_default();
        let have_others = rows.map(|other| {
            let is_in_other = " AND customer_id IN (SELECT customer_id FROM ({other}))";
            Sql::template(is_in_other, [("other", other)])
        });
        let is_in_scope = self.scope.iter().map(|it| Sql::new(" AND ").append(it.is_met(tenant)));
        Sql::template(
            "SELECT DISTINCT customer_id, {quality}, 1 AS is_full FROM ({rows}) AS found \
            WHERE {are_many}{and_is_of_interest}{and_meet_others}",
            [
                ("quality", quality(self.quality)),
                ("rows", first),
                ("are_many", self.are_many(self.counts)),
                ("and_is_of_interest", self.is_searched()),
                (
                    "and_meet_others",
                    have_others.chain(is_in_scope).reduce(Sql::append).unwrap_or_default(),
                ),
            ],
        )
    }

    /// The condition that the part is searched: beginnings are not if very many customers have the whole words, unless
    /// these may be out of scope.
    fn is_searched(&self) -> Sql {
        match self.quality {
            Quality::Beginnings if !self.search.scope.is_narrow() => {
                Sql::new(" AND NOT ").append(self.are_many(OF_WORDS))
            }
            _ => Sql::default(),
        }
    }

    /// The condition that more customers may be hits of this part than are considered.
    pub fn are_many_hits(&self) -> Sql {
        self.are_many(self.counts)
    }

    /// The condition that more customers meet each criterion than are considered, by the counts of that name.
    fn are_many(&self, counts: &'static str) -> Sql {
        let limit = self.limit();
        self.condition(counts, |_, count| Sql::new(count).sql(" >= ").literal(limit))
    }

    /// The condition that the criterion is the most selective one, or the first of several that are.
    fn has_fewest_customers(&self, place: usize) -> Sql {
        let count = COUNTS.get(place).copied().unwrap_or_default();
        self.condition(self.counts, |other, of_other| {
            let is_less = if other < place { " < " } else { " <= " };
            Sql::new(count).sql(is_less).sql(of_other)
        })
    }

    /// A condition on each of the counts of that name.
    fn condition(&self, counts: &'static str, of: impl Fn(usize, &'static str) -> Sql) -> Sql {
        let each = COUNTS.into_iter().take(self.criteria().count()).enumerate();
        let conditions = each.map(|(place, count)| of(place, count));
        let all = conditions.reduce(|all, next| all.sql(" AND ").append(next)).unwrap_or_default();
        Sql::template("(SELECT {all} FROM {counts})", [("all", all), ("counts", Sql::new(counts))])
    }

    /// The subquery that counts the customers that meet each criterion, up to those that are
    /// considered.
    pub fn counts(&self) -> Sql {
        let count = |(criterion, name): (&Criterion<'_>, &'static str)| {
            Sql::template(
                "(SELECT count(*) FROM (SELECT 1 {rows})) AS {name}",
                [
                    ("rows", criterion.rows(self.search.tenant, self.limit())),
                    ("name", Sql::new(name)),
                ],
            )
        };
        let counts = self.criteria().zip(COUNTS).map(count);
        let counts = counts.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default();
        Sql::template(
            "{name} AS MATERIALIZED (SELECT {counts})",
            [("name", Sql::new(self.counts)), ("counts", counts)],
        )
    }
}

/// The name of the subquery with the counts for words of that quality.
const fn name_of_counts(quality: Quality) -> &'static str {
    match quality {
        Quality::Words => OF_WORDS,
        Quality::Typos => "counts_of_similar_words",
        Quality::Beginnings | Quality::Identifier => "counts_of_beginnings",
    }
}
