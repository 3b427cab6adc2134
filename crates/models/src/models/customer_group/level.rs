//! The groups on a level of the tree, page by page.

use super::{CustomerGroup, PARENT_ID, TABLE, TENANT_ID, tree};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, load,
        pick::{ColumnSet, Pick},
        sql::{Condition, Select, Sql},
        types::Uid,
    },
    models::Row as _,
};

/// A page of the groups on that level (1: the roots), ordered by id, after the given one.
pub async fn page_of_level(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    level: i64,
    after: Uid,
    limit: i64,
) -> Result<Vec<Measured<CustomerGroup>>, db::Error> {
    let roots =
        Sql::new("SELECT id, id, CAST(1 AS bigint), CAST(0 AS bigint) FROM customer_groups")
            .sql(" WHERE ")
            .append(Condition::text(TENANT_ID, tenant.id()).into_sql())
            .sql(" AND ")
            .append(Condition::null(PARENT_ID, true).into_sql());
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(tree::tree(tenant, roots, level - 1)),
        selection: Pick::<CustomerGroup>::new(TABLE, ColumnSet::ALL),
        from: tree::join_groups(tenant, "tree", "id")
            .sql(" WHERE tree.depth = ")
            .number(level)
            .sql(" AND ")
            .append(Condition::uid_compared(CustomerGroup::ID, " > ", after).into_sql())
            .sql(" ORDER BY ")
            .column(CustomerGroup::ID)
            .sql(" LIMIT ")
            .number(limit),
    };
    load!(conn, query)
}
