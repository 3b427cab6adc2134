//! The texts by which a customer is found, and making their search keys anew.

use super::{
    Customer, CustomerAttributes, address::CustomerAddressAttributes, child_keys,
    contact::CustomerContactAttributes,
};
use crate::{
    auth::Tenant,
    db::{self, Conn, Db, Measured, types::Uid},
    models::{
        child::{Child, ChildAttributes},
        entity::EntityAttributes as _,
        search::{self, KeyKind, SearchedField, SearchedText},
        tenant,
    },
};

/// Customers per transaction: others may write between two of them.
const BATCH: i64 = 500;

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

/// Shortens the tables of texts.
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

/// Makes the search keys of all customers of the tenant anew: after a change of its country, or of the rules.
pub async fn rebuild(db: &Db, tenant: &Tenant) -> Result<(), db::Error> {
    let mut after = Uid::NOTHING;
    loop {
        let mut lease = db.write().await?;
        let conn = &mut lease.conn();
        let last = conn.transaction(async |tx| rebuild_some(tx, tenant, after).await).await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Makes the search keys anew that older rules have made, or that have not been made yet.
pub async fn rebuild_outdated(db: &Db) -> Result<(), db::Error> {
    let outdated =
        tenant::with_search_before(&mut db.read().await?.conn(), search::VERSION).await?;
    for name in outdated {
        let Some(tenant) = Tenant::named(db, &name).await? else { continue };
        rebuild(db, &tenant).await?;
        tenant::set_search_version(&mut db.write().await?.conn(), &name, search::VERSION).await?;
    }
    Ok(())
}

/// Returns the last of these customers, in the order of their ids.
async fn rebuild_some(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    after: Uid,
) -> Result<Option<Uid>, db::Error> {
    let page = Customer::page_by_id(tx, tenant, after, BATCH).await?;
    let ids: Vec<Uid> = page.iter().map(|customer| customer.id).collect();
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let customers = Customer::find_ids_for_update(tx, tenant, &ids).await?;
    let rows: Vec<_> = customers.iter().map(|it| (it, &it.attributes)).collect();
    search::rebuild(tx, tenant, CustomerAttributes::SEARCHED, &rows).await?;
    rebuild_children::<CustomerContactAttributes>(tx, tenant, &ids).await?;
    rebuild_children::<CustomerAddressAttributes>(tx, tenant, &ids).await?;
    child_keys::rebuild(tx, tenant, &ids).await?;
    Ok(Some(last))
}

async fn rebuild_children<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
) -> Result<(), db::Error> {
    let children = Child::<A>::of_parents(tx, tenant, customers).await?;
    let children = children.into_values().flatten().map(Measured::into_row);
    let children: Vec<Child<A>> = children.collect();
    let rows: Vec<_> = children.iter().map(|it| (it, &it.attributes)).collect();
    search::rebuild(tx, tenant, A::SEARCHED, &rows).await
}
