//! Searches for customers on PostgreSQL: one index finds the customers with all words of a search.

use super::{
    super::merge::redirect_target,
    Quality,
    sql::{CANDIDATES_MAX, Part, Search, quality, union},
};
use crate::{
    db::sql::{Sql, always},
    models::search::{KeyTest, all_of},
};

/// The hits of a search.
pub struct Hits<'a>(pub Search<'a>);

impl Hits<'_> {
    /// The customers with the whole words, as a part of a `WITH` clause, followed by a comma. Two parts of the search
    /// refer to them.
    pub fn with(&self) -> Sql {
        let whole = self.0.parts.iter().find_map(|part| match part {
            Part::Words(words, Quality::Words) => {
                let tests: Vec<_> = words.iter().map(|word| word.test(Quality::Words)).collect();
                Some(self.customers(&tests, self.0.word_limit(), always()))
            }
            _ => None,
        });
        whole.map_or_else(Sql::default, |whole| {
            Sql::template("whole_words AS MATERIALIZED ({whole}), ", [("whole", whole)])
        })
    }

    /// A query for the best of them, in order, with the times of their last changes.
    pub fn best(&self, limit: i64) -> Sql {
        Sql::template(
            "SELECT customer_id, quality, is_full, updated_at FROM ({parts}) AS hits \
            ORDER BY hits.quality, hits.updated_at DESC, hits.customer_id DESC LIMIT {limit}",
            [
                ("parts", union(self.0.parts.iter().map(|part| self.part(part)))),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }

    fn part(&self, part: &Part) -> Sql {
        let are_many_whole = || {
            let limit = Sql::default().literal(self.0.word_limit());
            Sql::template("(SELECT count(*) FROM whole_words) >= {limit}", [("limit", limit)])
        };
        let (of_all, is_full, found) = match part {
            Part::Keys(test, of_all) => {
                let found = self.customers(std::slice::from_ref(test), CANDIDATES_MAX, always());
                (*of_all, Sql::new("false"), found)
            }
            Part::Absorbed(external_id) => {
                let tenant = Sql::default().text(self.0.tenant.id());
                let pass = Sql::template(
                    "customers.tenant_id = {tenant} AND customers.id = ANY (ARRAY({led_to}))",
                    [("tenant", tenant), ("led_to", redirect_target(self.0.tenant, external_id))],
                );
                let found = self.customers_that(pass, CANDIDATES_MAX, always());
                (Quality::Identifier, Sql::new("false"), found)
            }
            Part::Words(_, Quality::Words) => {
                (Quality::Words, are_many_whole(), Sql::new("SELECT * FROM whole_words"))
            }
            Part::Words(words, of_all) => {
                let tests: Vec<_> = words.iter().map(|word| word.test(*of_all)).collect();
                let (limit, condition) = if *of_all == Quality::Typos {
                    (CANDIDATES_MAX, always())
                } else {
                    // Beginnings are not searched if very many customers have the whole words.
                    (self.0.word_limit(), Sql::new("NOT ").append(are_many_whole()))
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
        // Keys begin with the tenant's name, so their index finds few customers of others. `IS TRUE` keeps PostgreSQL
        // from looking up all of the tenant's customers in another index, because it expects many customers with a key.
        let tenant = Sql::default().text(self.0.tenant.id());
        let holes = [("tenant", tenant), ("all", all_of(self.0.tenant, tests))];
        let pass = Sql::template("(customers.tenant_id = {tenant}) IS TRUE AND {all}", holes);
        self.customers_that(pass, limit, condition)
    }

    fn customers_that(&self, pass: Sql, limit: i64, condition: Sql) -> Sql {
        Sql::template(
            "SELECT customers.id AS customer_id, customers.updated_at FROM customers \
            WHERE {pass} AND {filter} AND {condition} LIMIT {limit}",
            [
                ("pass", pass),
                ("filter", self.0.scope.condition(self.0.tenant).into_sql()),
                ("condition", condition),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }
}
