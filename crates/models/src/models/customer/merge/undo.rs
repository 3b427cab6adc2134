//! Undoing a merge, which restores both customers exactly as they were before.

mod obstacles;

use std::collections::BTreeSet;

use super::{
    Merged,
    archive::{Archive, Archived, is_over},
    external_ids,
    redirect::{ABSORBED_ID, repoint},
    snapshot::Snapshot,
    values,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn,
        pick::ColumnSet,
        sql::Condition,
        types::{Timestamp, Uid},
    },
    id::NodeType,
    models::{
        Code, Customer, Error, Row, Violation,
        child::{Child, ChildAttributes},
        custom_attribute::{self, Noun},
        customer::{CustomerLists, StoredChildren, child_keys, each_list},
        lock::{Lock, select_locked},
        membership::Membership,
    },
};

/// A request to undo a merge.
#[derive(Clone, Copy, Debug)]
pub struct Undo {
    pub absorbed: Uid,
    /// Whether later changes of the survivor may be discarded.
    pub discards_changes: bool,
}

/// Both customers as they were before their merge.
pub struct Undone {
    pub survivor: Customer,
    pub absorbed: Customer,
}

impl Undo {
    /// Restores both customers, in a transaction that is in progress.
    pub async fn run(self, tx: &mut Conn<'_>, writer: Writer<'_>) -> Result<Undone, Error> {
        let tenant = writer.tenant();
        // The survivor gets back the external id that it had before the merge.
        external_ids::share(tx, tenant).await?;
        let Some((merge, customer)) = self.lock(tx, tenant).await? else {
            let message = "no customer with this id has been merged into another one";
            return Err(Violation::new("absorbedId", Code::NotFound, message).into());
        };
        let merged = Merged::into_customers(tx, tenant, &[customer.id]).await?;
        let merged = merged.into_values().next().unwrap_or_default();
        self.check_last(&merged)?;
        let archive = archive_of(merge.archive, merge.merged_at, writer.now())?;
        let current = Snapshot::load(tx, tenant, vec![customer]).await?.pop();
        let current = current.ok_or(diesel::result::Error::NotFound)?;
        if !self.discards_changes && current.digest()? != merge.survivor_digest {
            let message = "the survivor has changed since the merge: these changes would be lost";
            return Err(Violation::new("discardChanges", Code::Stale, message).into());
        }
        let [survivor, absorbed] = Archive::read(&archive)?;
        obstacles::find(tx, tenant, &survivor, &absorbed).await?.finish()?;
        let definitions = custom_attribute::keep_of_noun(tx, tenant, Noun::Customer).await?;
        values::check(&definitions, [&survivor, &absorbed], self.discards_changes).finish()?;
        restore(tx, tenant, &current, &survivor, &absorbed).await?;
        values::restore(tx, tenant, &definitions, &current, [&survivor, &absorbed]).await?;
        let led: Vec<Uid> = self.merged_into_absorbed(&merged).into_iter().collect();
        if !led.is_empty() {
            let led = Condition::uid_in(ABSORBED_ID, &led);
            repoint(tx, tenant, led, self.absorbed).await?;
        }
        Archived::delete(tx, tenant, self.absorbed).await?;
        Ok(Undone { survivor: survivor.customer, absorbed: absorbed.customer })
    }

    /// The merge, and the customer to which it redirects, which is locked until this transaction
    /// ends.
    async fn lock(
        self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Option<(Archived, Customer)>, db::Error> {
        loop {
            let Some(merge) = Archived::find(tx, tenant, self.absorbed).await? else {
                return Ok(None);
            };
            let row = Condition::uid_in(Customer::ID, &[merge.customer]);
            let mut locked =
                select_locked::<Customer>(tx, tenant, row, ColumnSet::ALL, Lock::Update).await?;
            // Another transaction may have merged or restored the customer before it was locked.
            let now = Archived::find(tx, tenant, self.absorbed).await?;
            if let (Some(now), Some(customer)) = (now, locked.pop())
                && now.customer == customer.id
            {
                return Ok(Some((now, customer)));
            }
        }
    }

    /// Fails unless it is the survivor's last merge, because a later one archived the result of this one.
    fn check_last(self, merged: &[Merged]) -> Result<(), Error> {
        match merged.first() {
            Some(last) if last.absorbed != self.absorbed => {
                let later = NodeType::Customer.id(last.absorbed);
                let message = format!("undo the later merge of {later} first");
                Err(Violation::new("absorbedId", Code::LaterMerge, message).into())
            }
            _ => Ok(()),
        }
    }

    /// The customers that had been merged into the absorbed one, directly or indirectly.
    fn merged_into_absorbed(self, merged: &[Merged]) -> BTreeSet<Uid> {
        let mut found = BTreeSet::new();
        // The last merge comes first, so that each one follows the merge of its survivor.
        for it in merged {
            if it.survivor == self.absorbed || found.contains(&it.survivor) {
                found.insert(it.absorbed);
            }
        }
        found
    }
}

/// The archive from which a merge can be undone.
fn archive_of(
    archive: Option<String>,
    merged_at: Timestamp,
    now: Timestamp,
) -> Result<String, Violation> {
    let expired = |message| Violation::new("absorbedId", Code::Expired, message);
    if is_over(merged_at, now) {
        return Err(expired("a merge can be undone within 30 days"));
    }
    archive.ok_or_else(|| expired("a merge that was imported cannot be undone"))
}

/// Writes both customers as they were.
async fn restore(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    current: &Snapshot,
    survivor: &Snapshot,
    absorbed: &Snapshot,
) -> Result<(), db::Error> {
    let id = survivor.customer.id;
    each_list!(&current.lists, |list| delete(tx, tenant, id, list).await?);
    Membership::delete_of(tx, tenant, id).await?;
    survivor.customer.overwrite(tx, tenant, &current.customer.attributes).await?;
    let inserted = std::slice::from_ref(&absorbed.customer);
    Customer::insert_all(tx, tenant, inserted, |_| None).await?;
    let memberships = [survivor.memberships.as_slice(), &absorbed.memberships].concat();
    Membership::insert_all(tx, tenant, &memberships).await?;
    let mut lists: CustomerLists<StoredChildren> = survivor.lists.clone();
    each_list!((&mut lists, &absorbed.lists), |list, of_absorbed| {
        list.extend_from_slice(of_absorbed);
        if !list.is_empty() {
            Child::insert_rows(tx, tenant, list).await?;
        }
    });
    child_keys::rebuild(tx, tenant, &[id, absorbed.customer.id]).await
}

/// Deletes all children of a kind of a customer. `list` has these, and may be empty.
async fn delete<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customer: Uid,
    list: &[Child<A>],
) -> Result<(), db::Error> {
    if list.is_empty() {
        return Ok(());
    }
    Child::<A>::delete_of_parent(tx, tenant, customer).await
}
