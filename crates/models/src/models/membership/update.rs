//! Changes of a group's members.

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, QueryDsl};

use super::{CUSTOMER_ID, insert};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, on, pick::Columns as _, schema::customer_group_memberships,
        sql::Condition, types::Uid,
    },
    models::{
        Code, Customer, CustomerGroup, Error, Lookup, Row, Violation, Violations,
        lock::{Lock, lock_row, select_locked},
    },
};

/// Maximum number of customers in one change of a group's members.
const CHANGES_MAX: usize = 1_000;

/// A customer in a change of a group's members, with its path in the input.
#[derive(Clone, Debug)]
pub struct Named {
    pub customer: Lookup,
    pub field: &'static str,
    pub position: usize,
}

impl Named {
    fn violation(&self, code: Code, message: &str) -> Violation {
        Violation::at(self.field, self.position, code, message)
    }
}

/// Adds customers to a group and removes others, all or nothing; `None` if the group does not
/// exist.
///
/// Idempotent: adding a member or removing a non-member changes nothing. A customer cannot be
/// removed from its primary group. The group, and the customers that join or leave, count as
/// changed.
pub async fn update(
    conn: &mut Conn<'_>,
    writer: Writer<'_>,
    group: &Lookup,
    add: &[Named],
    remove: &[Named],
) -> Result<Option<CustomerGroup>, Error> {
    let tenant = writer.tenant();
    conn.transaction(async |tx| {
        let Some(group) = CustomerGroup::find(tx, tenant, group).await? else { return Ok(None) };
        // Locked first, so that a concurrent deletion of the group waits, or is waited for.
        if !lock_row::<CustomerGroup>(tx, tenant, group.id, Lock::KeyShare).await? {
            return Ok(None);
        }
        let (add, remove) = resolve(tx, tenant, group.id, add, remove).await?;
        let mut changed = insert(tx, writer, &add, group.id).await?;
        let members = customer_group_memberships::table
            .filter(customer_group_memberships::tenant_id.eq(tenant.id()))
            .filter(customer_group_memberships::customer_group_id.eq(group.id))
            .filter(Condition::uid_in(CUSTOMER_ID, &remove));
        let left = diesel::delete(members).returning(customer_group_memberships::customer_id);
        changed.extend(on!(tx, |c| left.load::<Uid>(c).await)?);
        if changed.is_empty() {
            return Ok(Some(group));
        }
        Customer::touch_many(tx, writer, &changed).await?;
        CustomerGroup::touch(tx, writer, group.id).await?;
        Ok(CustomerGroup::find(tx, tenant, &Lookup::Id(group.id)).await?)
    })
    .await
}

/// The ids of the customers to add and to remove, if that is possible.
async fn resolve(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    group: Uid,
    add: &[Named],
    remove: &[Named],
) -> Result<(Vec<Uid>, Vec<Uid>), Error> {
    if let Some(named) = add.iter().chain(remove).nth(CHANGES_MAX) {
        let message = format!("at most {CHANGES_MAX} customers at once");
        return Err(Violation::new(named.field, Code::TooMany, message).into());
    }
    let primary_groups = primary_groups(tx, tenant, add.iter().chain(remove)).await?;
    let mut violations = Violations::default();
    let (mut added, mut removed) = (HashSet::new(), Vec::new());
    let add = add.iter().map(|named| (named, true));
    for (named, is_added) in add.chain(remove.iter().map(|named| (named, false))) {
        let Some((uid, primary)) = primary_groups.get(&named.customer) else {
            let message = match named.customer {
                Lookup::Id(_) => "there is no customer with this id",
                Lookup::ExternalId(_) => "there is no customer with this externalId",
            };
            violations.push(named.violation(Code::NotFound, message));
            continue;
        };
        if is_added {
            added.insert(*uid);
        } else if added.contains(uid) {
            let message = "cannot be added and removed at once";
            violations.push(named.violation(Code::Invalid, message));
        } else if *primary == Some(group) {
            let message = "this is the customer's primary group: give it another one first";
            violations.push(named.violation(Code::IsPrimary, message));
        } else {
            removed.push(*uid);
        }
    }
    violations.finish()?;
    Ok((added.into_iter().collect(), removed))
}

/// The id and the primary group of each existing customer, or of its successor, locked until this transaction ends.
/// Customers are locked before their memberships, in the same order as when a customer is changed.
async fn primary_groups(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    named: impl Iterator<Item = &Named>,
) -> Result<HashMap<Lookup, (Uid, Option<Uid>)>, db::Error> {
    let lookups: Vec<Lookup> =
        named.map(|it| it.customer.clone()).filter(Lookup::is_possible).collect();
    let mut found = HashMap::new();
    lock_customers(tx, tenant, &lookups, &mut found).await?;
    let missing = lookups.into_iter().filter(|it| !found.contains_key(it));
    let missing: Vec<Lookup> = missing.collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let successors = Customer::successors(tx, tenant, &missing).await?;
    // The customers themselves, too: a merge may have been undone in the meantime.
    let ids = successors.values().map(|id| Lookup::Id(*id));
    let either: Vec<Lookup> = missing.into_iter().chain(ids).collect();
    lock_customers(tx, tenant, &either, &mut found).await?;
    for (lookup, successor) in successors {
        if let Some(customer) = found.get(&Lookup::Id(successor)).copied() {
            found.entry(lookup).or_insert(customer);
        }
    }
    Ok(found)
}

/// Locks these customers, and adds the id and the primary group of each existing one by both of its ids.
async fn lock_customers(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    lookups: &[Lookup],
    found: &mut HashMap<Lookup, (Uid, Option<Uid>)>,
) -> Result<(), db::Error> {
    let (uids, external_ids) = Lookup::split(lookups);
    let by_id = Condition::uid_in(Customer::ID, &uids);
    let by_external_id = Condition::text_in(Customer::EXTERNAL_ID, external_ids);
    let named = Condition::any([by_id, by_external_id]);
    let columns = Customer::columns_named(&["external_id", "customer_group_id"]);
    let locked = select_locked::<Customer>(tx, tenant, named, columns, Lock::NoKeyUpdate).await?;
    for Customer { id, attributes, .. } in locked {
        let primary = attributes.customer_group_id;
        found.insert(Lookup::Id(id), (id, primary));
        if let Some(external_id) = attributes.external_id {
            found.insert(Lookup::ExternalId(external_id), (id, primary));
        }
    }
    Ok(())
}
