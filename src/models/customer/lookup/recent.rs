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
    let read = Sql::new(
        " FROM (SELECT id, updated_at, disabled, \
        ' ' || search_keys || ' ' || child_search_keys || ' ' AS keys \
        FROM customers WHERE tenant_id = ",
    );
    let read = read
        .text(tenant.id())
        .sql(" ORDER BY updated_at DESC, id DESC LIMIT ")
        .literal(READ_MAX)
        .sql(") AS recent WHERE ");
    let are_in = words
        .iter()
        .fold(read, |query, word| query.append(word.is_in("recent.keys", are_whole)).sql(" AND "));
    // SQLite would sort all that it reads, although they are in order.
    let in_order = Sql::new(" ORDER BY recent.updated_at DESC, recent.id DESC");
    are_in
        .append(filter.into_sql())
        .append(Sql::default().per_dialect(in_order, Sql::default()))
        .sql(" LIMIT ")
        .literal(limit)
}
