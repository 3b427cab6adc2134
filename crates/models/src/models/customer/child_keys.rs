//! The search keys of contacts and addresses, which are copied into the rows of their customers so that one index has
//! all keys of a customer.

use std::collections::{BTreeMap, HashMap};

use super::ID;
use crate::{
    auth::Tenant,
    db::{
        self, Conn, execute,
        sql::{Condition, Sql},
        types::Uid,
    },
    models::{
        Row,
        child::{Child, ChildAttributes},
        search,
    },
};

const COLUMN: &str = "child_search_keys";

/// Maximum length of these keys, in characters, because PostgreSQL indexes up to 1 MiB of a row, with the tenant's name
/// before each key. The keys of the oldest contacts and addresses come first.
const LENGTH_MAX: usize = 150_000;

/// The keys of the children of new customers.
#[derive(Debug, Default)]
pub struct ChildKeys(HashMap<Uid, BTreeMap<Uid, String>>);

impl ChildKeys {
    pub fn add<A: ChildAttributes>(&mut self, tenant: &Tenant, children: &[Child<A>]) {
        for child in children {
            let keys = search::stored_keys(A::SEARCHED, &child.attributes, tenant);
            if let Some((_, keys)) = keys.filter(|(_, keys)| !keys.is_empty()) {
                self.0.entry(child.parent).or_default().insert(child.id, keys);
            }
        }
    }

    /// The column and the text to insert for that customer; `None` if none of the new customers has such keys.
    pub(super) fn of(&self, customer: Uid) -> Option<(&'static str, String)> {
        let mut text = String::new();
        let mut length = 0;
        for keys in self.0.get(&customer).into_iter().flat_map(BTreeMap::values) {
            length += keys.chars().count();
            if length > LENGTH_MAX {
                break;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(keys);
        }
        (!self.0.is_empty()).then_some((COLUMN, text))
    }
}

/// The assignment of the keys in an `UPDATE` of customers.
pub(super) fn assignment() -> Sql {
    Sql::new("child_search_keys = ").append(stored_keys())
}

/// The keys of the stored children of a customer, in the form of [`ChildKeys::of`].
fn stored_keys() -> Sql {
    let longest = i64::try_from(LENGTH_MAX).unwrap_or(i64::MAX);
    let are_theirs =
        "tenant_id = customers.tenant_id AND customer_id = customers.id AND search_keys <> ''";
    Sql::template(
        "coalesce((SELECT {join}(listed.search_keys, ' ' ORDER BY listed.id) FROM (\
         SELECT id, search_keys, sum(length(search_keys)) OVER (ORDER BY id) AS total FROM (\
         SELECT id, search_keys FROM customer_contacts WHERE {are_theirs} UNION ALL \
         SELECT id, search_keys FROM customer_addresses WHERE {are_theirs}) AS children) AS listed \
         WHERE listed.total <= {longest}), '')",
        [
            ("join", Sql::default().per_dialect(Sql::new("string_agg"), Sql::new("group_concat"))),
            ("are_theirs", Sql::new(are_theirs)),
            ("longest", Sql::default().literal(longest)),
        ],
    )
}

/// Rebuilds the keys of these customers from those of their children.
pub(super) async fn rebuild(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
) -> Result<(), db::Error> {
    let update = Sql::template(
        "UPDATE customers SET child_search_keys = {stored} \
         WHERE {of_tenant} AND {listed} AND child_search_keys <> {stored}",
        [
            ("stored", stored_keys()),
            ("of_tenant", Condition::text(super::Customer::TENANT_ID, tenant.id()).into_sql()),
            ("listed", Condition::uid_in(ID, customers).into_sql()),
        ],
    );
    Ok(execute!(tx, update)?)
}
