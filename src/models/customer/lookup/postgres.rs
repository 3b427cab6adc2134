//! Searches for customers on PostgreSQL: one index finds the customers with all words of a search.

use super::sql::{CANDIDATES_MAX, Part, Word, quality, quality_of, union};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql},
    models::search::all_of,
};

/// The best hits of these parts: ` FROM … AS best …`.
pub fn hits(tenant: &Tenant, filter: &Condition, parts: &[Part], limit: i64) -> Sql {
    let parts = parts.iter().map(|part| part_of(tenant, filter, part));
    Sql::new(
        " FROM (SELECT customer_id, min(quality) AS quality, max(updated_at) AS updated_at FROM (",
    )
    .append(union(parts))
    .sql(") AS hits GROUP BY customer_id) AS best")
    .sql(" ORDER BY best.quality, best.updated_at DESC, best.customer_id DESC LIMIT ")
    .literal(limit)
}

fn part_of(tenant: &Tenant, filter: &Condition, part: &Part) -> Sql {
    let (quality, tests) = match part {
        Part::Keys(test, of_all) => (quality(*of_all), vec![test.clone()]),
        Part::Words(words, otherwise) => {
            let are_whole = words.iter().map(is_whole);
            let are_whole = are_whole.reduce(|all, it| all.sql(" AND ").append(it));
            let tests = words.iter().map(Word::test).collect();
            (quality_of(are_whole.unwrap_or_default(), *otherwise), tests)
        }
    };
    Sql::new("SELECT customer_id, ")
        .append(quality)
        .sql(", updated_at FROM (SELECT customers.id AS customer_id, customers.updated_at, ")
        .sql("customers.search_keys || ' ' || customers.child_search_keys AS search_keys")
        .sql(" FROM customers WHERE customers.tenant_id = ")
        .text(tenant.id())
        .sql(" AND ")
        .append(all_of(tenant, &tests))
        .sql(" AND ")
        .append(filter.clone().into_sql())
        .sql(" LIMIT ")
        .literal(CANDIDATES_MAX)
        .sql(") AS found")
}

/// The condition that a customer that is found has the whole word.
fn is_whole(word: &Word) -> Sql {
    let key = format!(" {} ", word.key);
    Sql::new("strpos(' ' || found.search_keys || ' ', ").text(key).sql(") > 0")
}
