//! The customers that changed last, for words that very many have: reading these in order takes less than sorting all.

use super::sql::Word;
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

/// Those of the customers that changed last that have all of these words: ` FROM … AS recent …`.
pub fn hits(
    tenant: &Tenant,
    filter: Condition,
    (words, are_whole): (&[Word], bool),
    limit: i64,
) -> Sql {
    let conditions = words.iter().map(|word| word.is_in("recent.keys", are_whole));
    let conditions = conditions.chain([filter.into_sql()]);
    let conditions = conditions.reduce(|all, next| all.sql(" AND ").append(next));
    // SQLite would sort all that it reads, although they are in order.
    let in_order = Sql::new(" ORDER BY recent.updated_at DESC, recent.id DESC");
    Sql::template(
        " FROM (SELECT id, updated_at, disabled, \
        ' ' || search_keys || ' ' || child_search_keys || ' ' AS keys \
        FROM customers WHERE tenant_id = {tenant} ORDER BY updated_at DESC, id DESC LIMIT {read}) \
        AS recent WHERE {conditions}{in_order} LIMIT {limit}",
        [
            ("tenant", Sql::default().text(tenant.id())),
            ("read", Sql::default().literal(READ_MAX)),
            ("conditions", conditions.unwrap_or_default()),
            ("in_order", Sql::default().per_dialect(in_order, Sql::default())),
            ("limit", Sql::default().literal(limit)),
        ],
    )
}
