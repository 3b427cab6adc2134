//! Conditions on the search keys of customers.

use std::collections::BTreeSet;

use super::KeyKind;
use crate::{
    auth::Tenant,
    db::sql::{Column, Condition, Sql, TextSet},
};

/// The keys of customers: on SQLite a table with a row for each key, and on PostgreSQL a view with a row for all keys
/// of a customer.
pub const KEYS: &str = "customer_search_keys";

/// The condition to have one of the whole keys, or a key that begins with one of the beginnings.
#[derive(Clone, Debug, Default)]
pub struct KeyTest {
    pub whole: BTreeSet<String>,
    pub beginnings: Vec<String>,
}

impl KeyTest {
    pub fn whole(keys: impl IntoIterator<Item = String>) -> Self {
        Self { whole: keys.into_iter().collect(), beginnings: Vec::new() }
    }

    pub fn beginning(key: String) -> Self {
        Self { whole: BTreeSet::new(), beginnings: vec![key] }
    }

    /// The condition by which rows of [`KEYS`] are found.
    pub fn condition(&self, tenant: &Tenant) -> Sql {
        let keys = Sql::default().column(Column { table: KEYS, name: "keys" });
        let query = Sql::default().text(self.tsquery(tenant));
        Sql::default().per_dialect(matches(keys, query), self.of_key(KEYS))
    }

    /// SQLite's condition on a key, in a table or subquery of that name.
    pub fn of_key(&self, table: &'static str) -> Sql {
        let key = Column { table, name: "key" };
        let is_any = |keys: TextSet| Condition::of(Sql::default().column(key).is_any_text(keys));
        let whole = (!self.whole.is_empty()).then(|| is_any(self.whole.iter().cloned().collect()));
        let begins = self.beginnings.iter().map(|it| Condition::starts_with(key, it.clone()));
        Condition::any(whole.into_iter().chain(begins)).into_sql()
    }

    /// SQLite's condition on the customer with that id, which has already been found.
    pub fn of_customer(&self, tenant: &Tenant, id: Sql) -> Sql {
        customer_has_key(tenant, id, self.of_key(KEYS_ALIAS))
    }

    /// The test as a `tsquery`; empty if it has no keys.
    fn tsquery(&self, tenant: &Tenant) -> String {
        let whole = self.whole.iter().map(|key| listed_key(tenant, key));
        let beginnings = self.beginnings.iter().map(|key| listed_key(tenant, key) + ":*");
        whole.chain(beginnings).collect::<Vec<_>>().join(" | ")
    }
}

/// The alias of the table with the keys in [`customer_has_key`].
pub const KEYS_ALIAS: &str = "other";

/// SQLite's condition that the customer with that id, which has already been found, has such a key. `is_key` is a
/// condition on [`KEYS_ALIAS`].
pub fn customer_has_key(tenant: &Tenant, id: Sql, is_key: Sql) -> Sql {
    Sql::template(
        "(SELECT 1 FROM customer_search_keys AS other WHERE other.tenant_id = {tenant} \
         AND other.customer_id = {id} AND {is_key} LIMIT 1) IS NOT NULL",
        [("tenant", Sql::default().text(tenant.id())), ("id", id), ("is_key", is_key)],
    )
}

/// A `tsquery` of PostgreSQL for a whole key.
pub fn listed_key(tenant: &Tenant, key: &str) -> String {
    let key = key.replace('\\', "\\\\").replace('\'', "''");
    format!("'{}:{key}'", tenant.id())
}

/// The condition on rows of [`KEYS`] with the whole key `listed.value`, which is a [`listed_key`] on PostgreSQL.
pub fn has_listed_key() -> Sql {
    let postgres = Sql::new("customer_search_keys.keys @@ CAST(listed.value AS tsquery)");
    let sqlite = Sql::new("customer_search_keys.key = listed.value");
    Sql::default().per_dialect(postgres, sqlite)
}

/// PostgreSQL's condition on customers that pass all of these tests. The subquery hides the keys from the planner, so
/// that plans for certain keys do not look cheaper than a generic one, and connections keep the generic one.
pub fn all_of(tenant: &Tenant, tests: &[KeyTest]) -> Sql {
    let query = Sql::default().text(joined(tenant, tests));
    let holes = [("keys", Sql::new(KEYS_OF_CUSTOMERS)), ("query", query)];
    Sql::template("{keys} @@ (SELECT CAST({query} AS tsquery))", holes)
}

/// PostgreSQL's `tsquery` for customers that pass one test, or all of the others.
pub fn any_or_all_of(tenant: &Tenant, any: &KeyTest, all: &[KeyTest]) -> String {
    let either =
        [any.tsquery(tenant), joined(tenant, all)].into_iter().filter(|query| !query.is_empty());
    either.collect::<Vec<_>>().join(" | ")
}

/// PostgreSQL's condition on customers that this `tsquery` finds.
pub fn are_found_by(query: Sql) -> Sql {
    matches(Sql::new(KEYS_OF_CUSTOMERS), query)
}

/// The keys of a customer as PostgreSQL's index and the view [`KEYS`] have them, each prefixed with the tenant's name.
const KEYS_OF_CUSTOMERS: &str = "array_to_tsvector(array_remove(string_to_array(replace(\
    ' ' || customers.search_keys || ' ' || customers.child_search_keys, \
    ' ', ' ' || customers.tenant_id || ':'), ' '), ''))";

fn joined(tenant: &Tenant, tests: &[KeyTest]) -> String {
    let each = tests.iter().map(|test| format!("({})", test.tsquery(tenant)));
    each.collect::<Vec<_>>().join(" & ")
}

fn matches(keys: Sql, query: Sql) -> Sql {
    Sql::template("{keys} @@ CAST({query} AS tsquery)", [("keys", keys), ("query", query)])
}

/// The condition that a text of a customer, a contact or an address equals one of these in any spelling. No other text
/// of the row may have keys of that kind.
pub fn has_spelling(text: Column, kind: KeyKind, wanted: &[String], tenant: &Tenant) -> Condition {
    let (mut keys, mut without_keys) = (BTreeSet::new(), Vec::new());
    for text in wanted {
        let of_text = kind.own_keys(text, tenant);
        if of_text.is_empty() {
            without_keys.push(text.clone());
        }
        keys.extend(of_text);
    }
    let found = (!keys.is_empty()).then(|| has_key(text.table, &keys, tenant));
    let same = (!without_keys.is_empty()).then(|| Condition::text_in(text, without_keys));
    Condition::any(found.into_iter().chain(same))
}

/// The condition that a row has one of these keys itself: an index finds the customer, which also has the keys of its
/// contacts and addresses.
fn has_key(table: &'static str, keys: &BTreeSet<String>, tenant: &Tenant) -> Condition {
    let customer = if table == "customers" { "id" } else { "customer_id" };
    let test = |text| {
        let holes = [
            ("customer", Column { table, name: customer }.sql()),
            ("tenant", Sql::default().text(tenant.id())),
            ("is_key", KeyTest::whole(keys.clone()).condition(tenant)),
            ("wanted", Sql::default().texts(keys.iter().cloned().collect())),
            ("own", Column { table, name: "search_keys" }.sql()),
        ];
        Sql::template(text, holes)
    };
    // For `OR`, PostgreSQL can combine the index lookup of an array with other indexes, but not
    // that of a subquery.
    let postgres = "{customer} = ANY (ARRAY(\
        SELECT customer_id FROM customer_search_keys WHERE tenant_id = {tenant} AND {is_key})) \
        AND EXISTS (SELECT 1 FROM {wanted} AS wanted \
        WHERE strpos(' ' || {own} || ' ', ' ' || wanted.value || ' ') > 0)";
    let sqlite = "{customer} IN (\
        SELECT customer_id FROM customer_search_keys WHERE tenant_id = {tenant} AND {is_key}) \
        AND EXISTS (SELECT 1 FROM {wanted} AS wanted \
        WHERE instr(' ' || {own} || ' ', ' ' || wanted.value || ' ') > 0)";
    Condition::of(Sql::default().per_dialect(test(postgres), test(sqlite)))
}
