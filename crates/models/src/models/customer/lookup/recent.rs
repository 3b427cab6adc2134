//! The customers that changed last, for words that very many customers have. Reading these in order takes less time
//! than sorting all.

use super::{HITS_MAX, Quality, sql::Word};
use crate::{
    auth::Tenant,
    db::sql::{Column, Condition, Sql},
};

/// The columns of a customer that is read.
pub const ID: Column = Column { table: TABLE, name: "id" };
pub const DISABLED: Column = Column { table: TABLE, name: "disabled" };
const TABLE: &str = "recent";

/// Maximum number of customers that are read to find those with a word.
const READ_MAX: i64 = 10_000;

/// A query for the `id` and `updated_at` of the customers with all of these words, in the way of that quality, among
/// those that changed last. It reads nothing unless the condition is met.
pub fn hits(
    (tenant, filter): (&Tenant, Condition),
    (words, quality): (&[Word], Quality),
    condition: &Sql,
) -> Sql {
    let is_whole = quality == Quality::Words;
    let conditions = words.iter().map(|word| word.is_in("recent.keys", is_whole));
    let conditions = conditions.chain([filter.into_sql()]);
    let conditions = conditions.reduce(|all, next| all.sql(" AND ").append(next));
    let read = || Sql::default().literal(READ_MAX);
    // PostgreSQL tests such a condition once, and SQLite for each row. SQLite would also sort all rows that it reads,
    // although they are already in order.
    let is_met = Sql::new(" AND ").append(condition.clone());
    let read_if_met = Sql::template(
        "iif({is_met}, {read}, 0)",
        [("is_met", condition.clone()), ("read", read())],
    );
    let in_order = Sql::new(" ORDER BY recent.updated_at DESC, recent.id DESC");
    Sql::template(
        "SELECT recent.id, recent.updated_at FROM (SELECT id, updated_at, disabled, \
        ' ' || search_keys || ' ' || child_search_keys || ' ' AS keys \
        FROM customers WHERE tenant_id = {tenant}{and_is_met} ORDER BY updated_at DESC, id DESC LIMIT {read}) \
        AS recent WHERE {conditions}{in_order} LIMIT {limit}",
        [
            ("tenant", Sql::default().text(tenant.id())),
            ("and_is_met", Sql::default().per_dialect(is_met, Sql::default())),
            ("read", Sql::default().per_dialect(read(), read_if_met)),
            ("conditions", conditions.unwrap_or_default()),
            ("in_order", Sql::default().per_dialect(in_order, Sql::default())),
            ("limit", Sql::default().literal(HITS_MAX.into())),
        ],
    )
}
