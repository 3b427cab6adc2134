//! Searches for customers on SQLite, which has a row for each key.
//!
//! A customer has to meet several criteria: to have each word and, with a POS profile, to be a member of its groups.
//! The most selective criterion, which the fewest customers meet, is looked up first. The others are tested for each of
//! its customers. If very many customers meet each of them, only some are considered.

mod counted;
mod criterion;

use self::{counted::Counted, criterion::Criterion};
use super::{
    super::merge::redirect_target,
    Quality,
    sql::{CANDIDATES_MAX, Part, Search, quality, union},
};
use crate::db::sql::Sql;

/// The hits of a search.
pub struct Hits<'a>(pub Search<'a>);

impl<'a> Hits<'a> {
    /// The counts of customers that meet each criterion, as parts of a `WITH` clause, each followed by a comma. The
    /// parts of the search refer to them.
    pub fn with(&self) -> Sql {
        let counts = self.counted().map(|part| part.counts().sql(", "));
        counts.reduce(Sql::append).unwrap_or_default()
    }

    /// The condition that more customers may be hits of a part than are considered.
    pub fn are_many(&self) -> Sql {
        let are_many = self.counted().map(|part| part.are_many_hits());
        are_many.reduce(|any, next| any.sql(" OR ").append(next)).unwrap_or_default()
    }

    /// A query for the best of them, in order, with the times of their last changes.
    pub fn best(&self, limit: i64) -> Sql {
        let counted = self.counted().flat_map(|part| part.customers().collect::<Vec<_>>());
        Sql::template(
            "SELECT hits.customer_id, hits.quality, hits.is_full, customers.updated_at FROM ({parts}) AS hits \
            CROSS JOIN customers ON customers.tenant_id = {tenant} AND customers.id = hits.customer_id \
            WHERE {filter} \
            ORDER BY hits.quality, customers.updated_at DESC, customers.id DESC LIMIT {limit}",
            [
                ("parts", union(self.with_keys().chain(counted))),
                ("tenant", Sql::default().text(self.0.tenant.id())),
                ("filter", self.0.scope.besides_groups().into_sql()),
                ("limit", Sql::default().literal(limit)),
            ],
        )
    }

    /// The customers of the parts that match few rows.
    fn with_keys(&self) -> impl Iterator<Item = Sql> {
        let Search { tenant, scope, parts } = self.0;
        let found = parts.iter().filter_map(|part| self.rows_of_few(part));
        found.map(move |(rows, of_all)| {
            let is_in_scope = scope.groups().map(|it| Criterion::Member(it).is_met(tenant));
            let is_in_scope = is_in_scope.map(|it| Sql::new(" WHERE ").append(it));
            Sql::template(
                "SELECT DISTINCT customer_id, {quality}, 0 AS is_full \
                FROM ({rows}) AS found{where_in_scope}",
                [
                    ("quality", quality(of_all)),
                    ("rows", rows),
                    ("where_in_scope", is_in_scope.unwrap_or_default()),
                ],
            )
        })
    }

    /// The rows with the customers of a part, and the quality of these hits; `None` if the part is [`Counted`]. Hardly
    /// more than one customer has such a key.
    fn rows_of_few(&self, part: &Part) -> Option<(Sql, Quality)> {
        let tenant = self.0.tenant;
        match part {
            Part::Keys(test, of_all) if Counted::of(self.0, part).is_none() => {
                let rows = Criterion::Key(test.clone()).rows(tenant, CANDIDATES_MAX);
                Some((Sql::new("SELECT customer_id ").append(rows), *of_all))
            }
            Part::Absorbed(external_id) => {
                Some((redirect_target(tenant, external_id), Quality::Identifier))
            }
            Part::Keys(..) | Part::Words(..) => None,
        }
    }

    fn counted(&self) -> impl Iterator<Item = Counted<'a>> {
        self.0.parts.iter().filter_map(|part| Counted::of(self.0, part))
    }
}
