//! Searches for customers on PostgreSQL: one index finds the customers with all words of a search.

use super::{
    Quality,
    sql::{CANDIDATES_MAX, Part, quality, union},
};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql},
    models::search::all_of,
};

/// The best hits of these parts: ` FROM … AS hits …`.
pub fn hits(
    tenant: &Tenant,
    filter: &Condition,
    parts: &[Part],
    (word_limit, limit): (i64, i64),
) -> Sql {
    let parts = parts.iter().map(|part| part_of(tenant, filter, part, word_limit));
    Sql::new(" FROM (")
        .append(union(parts))
        .sql(") AS hits ORDER BY hits.quality, hits.updated_at DESC, hits.customer_id DESC LIMIT ")
        .literal(limit)
}

fn part_of(tenant: &Tenant, filter: &Condition, part: &Part, word_limit: i64) -> Sql {
    let (of_all, limit, tests) = match part {
        Part::Keys(test, of_all) => (*of_all, CANDIDATES_MAX, vec![test.clone()]),
        Part::Words(words, of_all) => {
            let tests = words.iter().map(|word| word.test(*of_all)).collect();
            let has_typos = *of_all == Quality::Typos;
            (*of_all, if has_typos { CANDIDATES_MAX } else { word_limit }, tests)
        }
    };
    Sql::new("SELECT customer_id, ")
        .append(quality(of_all))
        .sql(", count(*) OVER () >= ")
        .literal(limit)
        .sql(" AS is_full, updated_at")
        .sql(" FROM (SELECT customers.id AS customer_id, customers.updated_at")
        .sql(" FROM customers WHERE customers.tenant_id = ")
        .text(tenant.id())
        .sql(" AND ")
        .append(all_of(tenant, &tests))
        .sql(" AND ")
        .append(filter.clone().into_sql())
        .sql(" LIMIT ")
        .literal(limit)
        .sql(") AS found")
}
