//! The criteria that a customer has to meet.

use crate::{
    auth::Tenant,
    db::sql::{Column, Condition, Sql},
    models::{
        membership::Groups,
        search::{KEYS, KEYS_ALIAS, KeyTest, customer_has_key},
    },
};

/// A customer that meets another criterion.
const FOUND: Column = Column { table: "found", name: "customer_id" };

/// A criterion that a customer has to meet.
pub enum Criterion<'a> {
    /// It has such a key.
    Key(KeyTest),
    /// It has a longer key that begins with this one.
    LongerKey(&'a str),
    /// It is a member of one of these groups.
    Member(&'a Groups),
}

impl Criterion<'_> {
    /// The `FROM` clause for rows with the `customer_id` of those that meet it, up to `limit` rows. A customer may have
    /// several rows.
    pub fn rows(&self, tenant: &Tenant, limit: i64) -> Sql {
        let rows = match self {
            Self::Key(test) => rows_with_key(tenant, test.of_key(KEYS)),
            Self::LongerKey(key) => rows_with_key(tenant, is_longer(KEYS, key)),
            Self::Member(groups) => groups.memberships(tenant),
        };
        rows.sql(" LIMIT ").literal(limit)
    }

    /// The condition that the customer in [`FOUND`] meets it, too.
    pub fn is_met(&self, tenant: &Tenant) -> Sql {
        let found = Sql::default().column(FOUND);
        match self {
            Self::Key(test) => test.of_customer(tenant, found),
            Self::LongerKey(key) => customer_has_key(tenant, found, is_longer(KEYS_ALIAS, key)),
            Self::Member(groups) => groups.contain_each(tenant, FOUND).into_sql(),
        }
    }
}

fn rows_with_key(tenant: &Tenant, is_key: Sql) -> Sql {
    Sql::template(
        "FROM customer_search_keys WHERE tenant_id = {tenant} AND {is_key}",
        [("tenant", Sql::default().text(tenant.id())), ("is_key", is_key)],
    )
}

fn is_longer(table: &'static str, key: &str) -> Sql {
    Condition::starts_with_and_is_longer(Column { table, name: "key" }, key.to_owned()).into_sql()
}
