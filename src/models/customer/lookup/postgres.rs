//! Searches for customers on PostgreSQL: one index finds the customers with all words of a search.

use super::{
    Quality,
    sql::{CANDIDATES_MAX, Part, quality, union},
};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql, always},
    models::search::{KeyTest, all_of},
};

/// A query for customers, with the hits among them as ` FROM … AS hits …`.
pub struct Hits<'a> {
    pub tenant: &'a Tenant,
    pub filter: &'a Condition,
    pub parts: &'a [Part],
    /// The customers that are considered for words.
    pub word_limit: i64,
}

impl Hits<'_> {
    /// The customers with the whole words, which two parts refer to.
    pub fn with(&self) -> Sql {
        let whole = self.parts.iter().find_map(|part| match part {
            Part::Words(words, Quality::Words) => {
                let tests: Vec<_> = words.iter().map(|word| word.test(Quality::Words)).collect();
                Some(self.customers(&tests, self.word_limit, always()))
            }
            _ => None,
        });
        whole.map_or_else(Sql::default, |whole| {
            Sql::template("WITH whole_words AS MATERIALIZED ({whole}) ", [("whole", whole)])
        })
    }

    pub fn from(&self, limit: i64) -> Sql {
        Sql::template(
            " FROM ({parts}) AS hits \
            ORDER BY hits.quality, hits.updated_at DESC, hits.customer_id DESC LIMIT {limit}",
            [
                ("parts", union(self.parts.iter().map(|part| self.part(part)))),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }

    fn part(&self, part: &Part) -> Sql {
        let are_many_whole = || {
            let limit = Sql::default().literal(self.word_limit);
            Sql::template("(SELECT count(*) FROM whole_words) >= {limit}", [("limit", limit)])
        };
        let (of_all, is_full, found) = match part {
            Part::Keys(test, of_all) => {
                let found = self.customers(std::slice::from_ref(test), CANDIDATES_MAX, always());
                (*of_all, Sql::new("false"), found)
            }
            Part::Words(_, Quality::Words) => {
                (Quality::Words, are_many_whole(), Sql::new("SELECT * FROM whole_words"))
            }
            Part::Words(words, of_all) => {
                let tests: Vec<_> = words.iter().map(|word| word.test(*of_all)).collect();
                let (limit, condition) = if *of_all == Quality::Typos {
                    (CANDIDATES_MAX, always())
                } else {
                    // Beginnings are of no interest if very many customers have the whole words.
                    (self.word_limit, Sql::new("NOT ").append(are_many_whole()))
                };
                let is_full = Sql::new("count(*) OVER () >= ").literal(limit);
                (*of_all, is_full, self.customers(&tests, limit, condition))
            }
        };
        Sql::template(
            "SELECT customer_id, {quality}, {is_full} AS is_full, updated_at FROM ({found}) AS found",
            [("quality", quality(of_all)), ("is_full", is_full), ("found", found)],
        )
    }

    /// Customers that pass all of these tests, if that condition is met.
    fn customers(&self, tests: &[KeyTest], limit: i64, condition: Sql) -> Sql {
        Sql::template(
            "SELECT customers.id AS customer_id, customers.updated_at FROM customers \
            WHERE customers.tenant_id = {tenant} AND {pass} AND {filter} AND {condition} LIMIT {limit}",
            [
                ("tenant", Sql::default().text(self.tenant.id())),
                ("pass", all_of(self.tenant, tests)),
                ("filter", self.filter.clone().into_sql()),
                ("condition", condition),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }
}
