//! Rules that span all rows, checked for `clientele check`. Each function returns a line per
//! problem.

use std::collections::BTreeMap;

use diesel::{QueryableByName, sql_types::Text};

use super::{
    child::ChildAttributes as _,
    custom_attribute::Noun,
    customer::{
        address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
        contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
    },
    loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    pos_customer_group::PosCustomerGroupAttributes,
    supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
};
use crate::db::{self, Db, RunQueryDsl, on, sql::Column};

/// The columns of children with the ids of their parents. The children of one parent are numbered 1..n.
const PARENTS: &[Column] = &[
    CustomerAddressAttributes::PARENT_ID,
    CustomerConsentAttributes::PARENT_ID,
    CustomerContactAttributes::PARENT_ID,
    CustomerExtensionAttributes::PARENT_ID,
    LoyaltyProgramCollectionAttributes::PARENT_ID,
    PosCustomerGroupAttributes::PARENT_ID,
    SupplierNumberAtCustomerAttributes::PARENT_ID,
];

/// The tables of which rows are numbered 1..n, in the order of their names, with the columns that such rows share.
fn ordered_tables() -> BTreeMap<&'static str, &'static str> {
    let of_parents = PARENTS.iter().map(|parent| (parent.table, parent.name));
    let of_objects = Noun::ALL.map(|noun| (noun.table(), "object_id, definition_id"));
    of_parents.chain(of_objects).collect()
}

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
    for (table, parent) in ordered_tables() {
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
