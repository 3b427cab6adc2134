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
    let roots = Sql::template(
        "SELECT id, id, CAST(1 AS bigint), CAST(0 AS bigint) \
         FROM customer_groups WHERE {of_tenant} AND {is_root}",
        [
            ("of_tenant", Condition::text(TENANT_ID, tenant.id()).into_sql()),
            ("is_root", Condition::null(PARENT_ID, true).into_sql()),
        ],
    );
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(tree::tree(tenant, roots, level - 1)),
        selection: Pick::<CustomerGroup>::new(TABLE, ColumnSet::ALL),
        from: Sql::template(
            "{from_tree} WHERE tree.depth = {level} AND {follows} ORDER BY {id} LIMIT {limit}",
            [
                ("from_tree", tree::join_groups(tenant, "tree", "id")),
                ("level", Sql::default().number(level)),
                ("follows", Condition::uid_compared(CustomerGroup::ID, " > ", after).into_sql()),
                ("id", CustomerGroup::ID.sql()),
                ("limit", Sql::default().number(limit)),
            ],
        ),
    };
    load!(conn, query)
}
