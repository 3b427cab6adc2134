//! Rules that span all rows, checked for `clientele check`. Each function returns a line per
//! problem.

use diesel::{QueryableByName, sql_types::Text};

use crate::db::{self, Db, RunQueryDsl, on};

/// Tables of line items, with the columns of their parent. The items of one parent are numbered 1..n.
const ORDERED: [(&str, &str); 11] = [
    ("customer_addresses", "customer_id"),
    ("customer_attribute_values", "object_id, definition_id"),
    ("customer_consents", "customer_id"),
    ("customer_contacts", "customer_id"),
    ("customer_extensions", "customer_id"),
    ("customer_group_attribute_values", "object_id, definition_id"),
    ("loyalty_program_attribute_values", "object_id, definition_id"),
    ("loyalty_program_collections", "loyalty_program_id"),
    ("pos_customer_groups", "profile_id"),
    ("pos_profile_attribute_values", "object_id, definition_id"),
    ("supplier_numbers_at_customer", "customer_id"),
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    tenant_id: String,
}

async fn tenants(db: &Db, sql: &str) -> Result<Vec<String>, db::Error> {
    let mut lease = db.read().await?;
    let query = diesel::sql_query(sql);
    let found: Vec<Found> = on!(&mut lease.conn(), |c| RunQueryDsl::load(query, c).await)?;
    Ok(found.into_iter().map(|row| row.tenant_id).collect())
}

/// Tenants with groups that cannot be reached from a root.
pub async fn groups_in_circles(db: &Db) -> Result<Vec<String>, db::Error> {
    let sql = "WITH RECURSIVE reached (tenant_id, id) AS ( \
             SELECT tenant_id, id FROM customer_groups WHERE parent_id IS NULL \
             UNION SELECT child.tenant_id, child.id FROM reached \
             JOIN customer_groups AS child \
                 ON child.tenant_id = reached.tenant_id AND child.parent_id = reached.id) \
         SELECT DISTINCT tenant_id FROM customer_groups AS grp WHERE NOT EXISTS ( \
             SELECT 1 FROM reached WHERE reached.tenant_id = grp.tenant_id AND reached.id = grp.id) \
         ORDER BY tenant_id";
    let found = tenants(db, sql).await?;
    Ok(found.iter().map(|tenant| format!("{tenant} has groups in a cycle")).collect())
}

/// Tenants with line items that are not numbered 1..n.
pub async fn gaps_in_orders(db: &Db) -> Result<Vec<String>, db::Error> {
    let mut wrong = Vec::new();
    for (table, parent) in ORDERED {
        let sql = format!(
            "SELECT DISTINCT tenant_id FROM (SELECT tenant_id FROM {table} \
             GROUP BY tenant_id, {parent} \
             HAVING min(idx) <> 1 OR max(idx) <> count(*) OR count(DISTINCT idx) <> count(*)) \
             AS gaps ORDER BY tenant_id"
        );
        let found = tenants(db, &sql).await?;
        wrong.extend(found.iter().map(|tenant| format!("{tenant} has gaps in {table}")));
    }
    Ok(wrong)
}
