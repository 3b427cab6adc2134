//! Merging of two customers that are the same person or company, and undoing it.
//!
//! The absorbed customer's rows leave their tables, so that lists, counts, searches and unique keys do not have to know
//! of merges. `customer_merges` has the customer to which its ids redirect, and an archive of all rows of both
//! customers.

mod archive;
pub mod external_ids;
mod kinds;
mod plan;
mod redirect;
mod snapshot;
mod undo;
mod unite;
mod values;

use self::{
    archive::Archive,
    plan::{Chosen, token},
    snapshot::Snapshot,
};
use super::{Customer, CustomerLists, each_list};
use crate::{
    auth::{Tenant, Writer},
    db::{
        Conn, Measured, execute,
        pick::ColumnSet,
        sql::Condition,
        types::{Timestamp, Uid},
    },
    models::{
        Code, Error, Lookup, Row, Violation, Violations,
        child::Children,
        custom_attribute::{self, Definition, Noun},
        lock::{Lock, select_locked},
        membership,
        row::deletion,
    },
};

pub use self::{
    archive::empty_old_archives,
    kinds::UnitedKind,
    plan::{MergedAttribute, Plan},
    redirect::{Merged, owners_of_external_id, redirect_target, successors},
    undo::{Undo, Undone},
    unite::{Fate, UnitedChild},
    values::MergedValues,
};

/// The time for which a merge can be undone: 30 days.
const UNDO_MICROSECONDS: i64 = 30 * 24 * 60 * 60 * 1_000_000;

/// Maximum number of customers that have been merged into one.
pub const MERGED_MAX: usize = 500;

/// A merge of two customers.
#[derive(Clone, Debug)]
pub struct Merge {
    pub survivor: Uid,
    /// The customer that becomes a part of the survivor.
    pub absorbed: Uid,
    /// The attributes whose values are taken from the absorbed customer, by their names in the API.
    pub fields: Vec<String>,
}

/// A merge as it would be now.
pub struct Preview {
    pub survivor: Customer,
    pub absorbed: Customer,
    pub plan: Plan,
    /// A text that changes with any row of both customers, and with the fields.
    pub token: String,
}

impl Merge {
    /// Plans the merge, and changes nothing.
    pub async fn preview(&self, conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Preview, Error> {
        let ids = [self.survivor, self.absorbed];
        let found = Customer::find_many(conn, tenant, &ids).await?;
        let found = found.into_iter().map(Measured::into_row).collect();
        let definitions = custom_attribute::of_noun(conn, tenant, Noun::Customer).await?;
        let Prepared { survivor, absorbed, plan, token, .. } =
            self.prepare(conn, tenant, found, &definitions, Timestamp::default()).await?;
        let (survivor, absorbed) = (survivor.customer, absorbed.customer);
        Ok(Preview { survivor, absorbed, plan, token })
    }

    /// Merges the customers, in a transaction that is in progress, and returns the survivor. Fails if anything has
    /// changed since the preview with that token.
    pub async fn run(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        preview: Option<&str>,
    ) -> Result<Customer, Error> {
        let tenant = writer.tenant();
        external_ids::lock(tx, tenant).await?;
        let both = Condition::uid_in(Customer::ID, &[self.survivor, self.absorbed]);
        let found =
            select_locked::<Customer>(tx, tenant, both, ColumnSet::ALL, Lock::Update).await?;
        let definitions = custom_attribute::keep_of_noun(tx, tenant, Noun::Customer).await?;
        let prepared = self.prepare(tx, tenant, found, &definitions, writer.now()).await?;
        if preview.is_some_and(|token| token != prepared.token) {
            let message = "the customers, or the fields, are not those of the preview any more";
            return Err(Violation::new("previewToken", Code::Stale, message).into());
        }
        let archive = Archive::of(&prepared.survivor, &prepared.absorbed);
        let Prepared { survivor, absorbed, plan, ordinal, .. } = prepared;
        let external_id = absorbed.customer.attributes.external_id;
        redirect::repoint(tx, tenant, redirect::redirects_to(absorbed.customer.id), self.survivor)
            .await?;
        execute!(tx, deletion::<Customer>(tenant, &[self.absorbed]))?;
        write(tx, writer, survivor, plan).await?;
        let changed = Customer::find(tx, tenant, &Lookup::Id(self.survivor)).await?;
        let changed = changed.ok_or(diesel::result::Error::NotFound)?;
        let after = Snapshot::load(tx, tenant, vec![changed]).await?.pop();
        let after = after.ok_or(diesel::result::Error::NotFound)?;
        let merged = Merged {
            absorbed: self.absorbed,
            external_id,
            survivor: self.survivor,
            customer: self.survivor,
            ordinal,
            merged_at: writer.now(),
            merged_by: writer.name().to_owned(),
            has_archive: true,
        };
        archive.insert(tx, writer, merged, after.digest()?).await?;
        Ok(after.customer)
    }

    /// Reads all rows of both customers, which may be locked, and plans their merge.
    async fn prepare(
        &self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        found: Vec<Customer>,
        definitions: &[Definition],
        now: Timestamp,
    ) -> Result<Prepared, Error> {
        let mut violations = Violations::default();
        let chosen = Chosen::new(&self.fields, definitions)?;
        if self.survivor == self.absorbed && self.survivor != Uid::NOTHING {
            let message = "a customer cannot be merged with itself";
            violations.push(Violation::new("absorbedId", Code::Invalid, message));
        }
        violations.extend(self.missing(conn, tenant, &found).await?);
        violations.finish()?;
        let merged = Merged::into_customers(conn, tenant, &[self.survivor, self.absorbed]).await?;
        let ordinal = merged.values().flatten().map(|it| it.ordinal).max().unwrap_or_default() + 1;
        if merged.values().map(Vec::len).sum::<usize>() >= MERGED_MAX {
            return Err(too_many("absorbedId").into());
        }
        let mut snapshots = Snapshot::load(conn, tenant, found).await?;
        snapshots.sort_by_key(|it| it.customer.id == self.absorbed);
        let [survivor, absorbed] = <[Snapshot; 2]>::try_from(snapshots)
            .map_err(|_gone| diesel::result::Error::NotFound)?;
        let plan = Plan::new(&survivor, &absorbed, definitions, &chosen, now)?;
        let token = token(&survivor, &absorbed, &chosen)?;
        Ok(Prepared { survivor, absorbed, plan, token, ordinal })
    }

    /// The violations of customers that were not found.
    async fn missing(
        &self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        found: &[Customer],
    ) -> Result<Vec<Violation>, Error> {
        let named = [("survivorId", self.survivor), ("absorbedId", self.absorbed)];
        let missing = named.into_iter().filter(|(_, id)| !found.iter().any(|it| it.id == *id));
        let missing: Vec<(&str, Uid)> = missing.collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let lookups: Vec<Lookup> = missing.iter().map(|(_, id)| Lookup::Id(*id)).collect();
        let successors = successors(conn, tenant, &lookups).await?;
        let violation = |(field, id): (&str, Uid)| match successors.get(&Lookup::Id(id)) {
            Some(successor) => Violation::merged(field, *successor),
            None => Violation::new(field, Code::NotFound, "there is no customer with this id"),
        };
        Ok(missing.into_iter().map(violation).collect())
    }
}

/// The violation of merging more than [`MERGED_MAX`] customers into one.
pub fn too_many(field: &str) -> Violation {
    let message = format!("at most {MERGED_MAX} customers can be merged into one");
    Violation::new(field, Code::TooMany, message)
}

/// All rows of two customers, and the plan of their merge.
struct Prepared {
    survivor: Snapshot,
    absorbed: Snapshot,
    plan: Plan,
    token: String,
    /// The ordinal of the merge among those whose ids redirect to the survivor.
    ordinal: i32,
}

/// Writes the survivor as planned, after the absorbed customer was deleted.
async fn write(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    survivor: Snapshot,
    plan: Plan,
) -> Result<(), Error> {
    let Snapshot { mut customer, lists: stored, .. } = survivor;
    membership::join(tx, writer, customer.id, &plan.joined).await?;
    let before = std::mem::replace(&mut customer.attributes, plan.after);
    customer.write(tx, writer, &before).await?;
    let mut stored: CustomerLists<super::StoredChildren> = stored;
    each_list!((plan.lists, &mut stored), |list, stored| {
        let stored = std::mem::take(stored);
        Children::with_changes(customer.id, stored, list).write(tx, writer).await?;
    });
    values::write(tx, writer.tenant(), customer.id, plan.values).await
}
