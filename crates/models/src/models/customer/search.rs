//! The texts by which a customer is found, and the rebuilding of their search keys.

use std::{collections::BTreeSet, pin::pin, time::Instant};

use futures_util::{TryStreamExt, stream};

use super::{
    ChildKeys, Customer, CustomerAttributes, address::CustomerAddressAttributes,
    contact::CustomerContactAttributes,
};
use crate::{
    auth::Tenant,
    db::{self, Conn, Db, Measured, execute, pick::ColumnSet, sql::always, types::Uid},
    models::{
        child::{Child, ChildAttributes},
        entity::EntityAttributes as _,
        search::{self, KeyKind, SearchedField, SearchedText},
        tenant,
    },
};

/// The name of this work for [`Db::lock_work`].
const REBUILD: &str = "rebuild search keys";

/// Number of customers per transaction. Others can write between two transactions.
const BATCH: i64 = 500;

/// Number of concurrent transactions: PostgreSQL uses a processor for each. (On SQLite they run one after another.)
const AT_ONCE: usize = 2;

/// Number of customers between two lines of the log.
const LOGGED: usize = 50_000;

pub(super) const TEXTS: &[SearchedText<CustomerAttributes>] = &[
    text(SearchedField::LoyaltyId, KeyKind::Card, &["loyalty_id"], |it| it.loyalty_id.clone()),
    text(SearchedField::CustomerPosId, KeyKind::Identifier, &["customer_pos_id"], |it| {
        it.customer_pos_id.clone()
    }),
    text(SearchedField::MobileNo, KeyKind::Phone, &["mobile_no"], |it| it.mobile_no.clone()),
    text(SearchedField::EmailId, KeyKind::Email, &["email_id"], |it| it.email_id.clone()),
    text(SearchedField::TaxId, KeyKind::Identifier, &["tax_id"], |it| it.tax_id.clone()),
    text(SearchedField::LedgerNumber, KeyKind::Identifier, &["ledger_number"], |it| {
        it.ledger_number.clone()
    }),
    text(SearchedField::ExternalId, KeyKind::Identifier, &["external_id"], |it| {
        it.external_id.clone()
    }),
    text(SearchedField::CustomerName, KeyKind::Words, &["customer_name"], |it| {
        Some(it.customer_name.clone())
    }),
    text(SearchedField::DisplayName, KeyKind::Words, &["display_name"], |it| {
        it.display_name.clone()
    }),
    text(SearchedField::PersonName, KeyKind::Words, &["first_name", "last_name"], |it| {
        person_name(it.first_name.as_deref(), it.last_name.as_deref())
    }),
];

/// Constructs an entry of the tables of searched texts.
pub(super) const fn text<A>(
    field: SearchedField,
    kind: KeyKind,
    columns: &'static [&'static str],
    text: fn(&A) -> Option<String>,
) -> SearchedText<A> {
    SearchedText { field, kind, columns, text }
}

/// The first and the last name; `None` if there is neither.
pub(super) fn person_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<&str> = [first, last].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Rebuilds the search keys of all customers of the tenant, after a change of its country or of the rules.
pub async fn rebuild(db: &Db, tenant: &Tenant) -> Result<(), db::Error> {
    Rebuild { db, tenant, until: None }.run().await?;
    tenant::set_search_version(&mut db.write().await?.conn(), tenant.id(), search::VERSION).await
}

/// Rebuilds the search keys that are missing, or that were made by older rules. If several servers start at once, one
/// of them does it, and the others wait for it.
pub async fn rebuild_outdated(db: &Db) -> Result<(), db::Error> {
    if outdated(db).await?.is_empty() {
        return Ok(());
    }
    tracing::info!("search keys are outdated: one server rebuilds them");
    let lock = db.lock_work(REBUILD).await?;
    for name in outdated(db).await? {
        let Some(tenant) = Tenant::named(db, &name).await? else { continue };
        Rebuild { db, tenant: &tenant, until: Some(search::VERSION) }.run().await?;
        tenant::set_search_version(&mut db.write().await?.conn(), &name, search::VERSION).await?;
    }
    drop(lock);
    tracing::info!("all search keys have been made");
    Ok(())
}

/// The tenants whose search keys are outdated.
async fn outdated(db: &Db) -> Result<Vec<String>, db::Error> {
    tenant::with_search_before(&mut db.read().await?.conn(), search::VERSION).await
}

/// The rebuilding of a tenant's search keys.
#[derive(Clone, Copy)]
struct Rebuild<'a> {
    db: &'a Db,
    tenant: &'a Tenant,
    /// Stops as soon as the tenant's keys are of that version, because another server has rebuilt
    /// the rest.
    until: Option<i32>,
}

impl Rebuild<'_> {
    async fn run(self) -> Result<(), db::Error> {
        let batches = stream::try_unfold(Uid::NOTHING, move |after| self.batch(after));
        let done = batches.map_ok(move |ids| self.rebuild(ids)).try_buffer_unordered(AT_ONCE);
        let (mut done, mut customers, mut logged) = (pin!(done), 0, 0);
        while let Some(number) = done.try_next().await? {
            customers += number;
            if customers - logged >= LOGGED {
                logged = customers;
                tracing::info!(tenant = self.tenant.id(), customers, "made search keys");
            }
        }
        Ok(())
    }

    /// The next customers in the order of their ids, and the last of them.
    async fn batch(self, after: Uid) -> Result<Option<(Vec<Uid>, Uid)>, db::Error> {
        let mut lease = self.db.read().await?;
        let conn = &mut lease.conn();
        let is_done = match self.until {
            Some(version) => tenant::search_version(conn, self.tenant).await? >= Some(version),
            None => false,
        };
        if is_done {
            return Ok(None);
        }
        let page = Customer::page_by_id(conn, self.tenant, after, ColumnSet::ID, BATCH).await?;
        let ids: Vec<Uid> = page.iter().map(|customer| customer.id).collect();
        Ok(ids.last().copied().map(|last| (ids, last)))
    }

    /// Rebuilds the keys of these customers; returns their number.
    async fn rebuild(self, ids: Vec<Uid>) -> Result<usize, db::Error> {
        let mut lease = self.db.write().await?;
        let tenant = self.tenant;
        let began = Instant::now();
        lease.conn().transaction(async |tx| rebuild_some(tx, tenant, &ids).await).await?;
        // With the lease, so that the other transaction of this process pauses as well.
        self.db.let_others_write(began.elapsed()).await;
        Ok(ids.len())
    }
}

/// Rebuilds the keys of these customers, and of their contacts and addresses. The customers are locked until this
/// transaction ends, so their texts cannot change.
async fn rebuild_some(tx: &mut Conn<'_>, tenant: &Tenant, ids: &[Uid]) -> Result<(), db::Error> {
    let customers = Customer::find_ids_for_update(tx, tenant, ids).await?;
    let rows: Vec<_> = customers.iter().map(|it| (it, &it.attributes)).collect();
    let (mut names, mut child_keys) = (BTreeSet::new(), ChildKeys::default());
    rebuild_children::<CustomerContactAttributes>(tx, tenant, ids, (&mut names, &mut child_keys))
        .await?;
    rebuild_children::<CustomerAddressAttributes>(tx, tenant, ids, (&mut names, &mut child_keys))
        .await?;
    let of_children = |id| child_keys.of(id).map(|(_, keys)| keys).unwrap_or_default();
    search::store_all_keys(tx, tenant, CustomerAttributes::SEARCHED, &rows, of_children).await?;
    let attributes = customers.iter().map(|it| &it.attributes);
    names.extend(search::names_of_all(CustomerAttributes::SEARCHED, attributes));
    match search::word_insertion(tenant, &names, &always()) {
        Some(words) => Ok(execute!(tx, words)?),
        None => Ok(()),
    }
}

/// Rebuilds the keys of the children of these customers; adds their names and keys to those of the
/// customers.
async fn rebuild_children<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
    (names, keys): (&mut BTreeSet<String>, &mut ChildKeys),
) -> Result<(), db::Error> {
    let children = Child::<A>::of_parents(tx, tenant, customers).await?;
    let children = children.into_values().flatten().map(Measured::into_row);
    let children: Vec<Child<A>> = children.collect();
    let rows: Vec<_> = children.iter().map(|it| (it, &it.attributes)).collect();
    search::store_keys(tx, tenant, A::SEARCHED, &rows).await?;
    names.extend(search::names_of_all(A::SEARCHED, children.iter().map(|it| &it.attributes)));
    keys.add(tenant, &children);
    Ok(())
}
