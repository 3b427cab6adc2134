//! The customers that have been merged into others, and the redirection of their ids.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, QueryDsl, Queryable,
    sql_types::{Bool, Integer, Nullable, Text},
};

use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, execute, insert_all, on,
        schema::customer_merges,
        sql::{Column, Condition, Expr, Select, Sql},
        types::{Timestamp, Uid, sql_types},
    },
    models::{
        Customer, Lookup, Row,
        customer::merge::{UNDO_MICROSECONDS, archive::is_over},
        grouped,
        row::of_tenant,
    },
};

const TABLE: &str = "customer_merges";
pub(super) const TENANT_ID: Column = Column::of::<customer_merges::tenant_id>(TABLE);
pub(super) const ABSORBED_ID: Column = Column::of::<customer_merges::absorbed_id>(TABLE);
const EXTERNAL_ID: Column = Column::of::<customer_merges::external_id>(TABLE);
const CUSTOMER_ID: Column = Column::of::<customer_merges::customer_id>(TABLE);

/// Rows per insert statement, because the number of parameters is limited.
const ROWS: usize = 1_000;

/// A customer that has been merged into another one.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Merged {
    pub absorbed: Uid,
    pub external_id: Option<String>,
    /// The customer that it was merged into.
    pub survivor: Uid,
    /// The customer to which its ids redirect: the survivor or, if that was merged as well, its survivor.
    pub customer: Uid,
    /// Greater than that of each earlier merge that redirects to the same customer.
    pub ordinal: i32,
    pub merged_at: Timestamp,
    pub merged_by: String,
    /// Whether there is an archive to undo the merge from: neither emptied, nor missing because the merge was imported.
    pub has_archive: bool,
}

/// A merge to be stored.
pub(super) struct NewMerge {
    pub merged: Merged,
    /// Empty if the merge cannot be undone.
    pub survivor_digest: String,
    pub archive: Option<String>,
}

type Columns = (
    sql_types::Uid,
    Nullable<Text>,
    sql_types::Uid,
    sql_types::Uid,
    Integer,
    sql_types::UtcTimestamp,
    Text,
    Bool,
);

impl Merged {
    /// The end of the time in which the merge can be undone; `None` if it cannot.
    pub fn undo_until(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.merged_at.as_microseconds().saturating_add(UNDO_MICROSECONDS);
        let end = Timestamp::from_microseconds(end).unwrap_or(self.merged_at);
        (self.has_archive && !is_over(self.merged_at, now)).then_some(end)
    }

    /// The merges that redirect to these customers. Of each customer, the last merge comes first. Fails if there are
    /// more than the request may read.
    pub async fn into_customers(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
    ) -> Result<HashMap<Uid, Vec<Self>>, db::Error> {
        let condition = of_tenant(TENANT_ID, tenant, Condition::uid_in(CUSTOMER_ID, customers));
        let limit = Sql::default().literal(conn.meter().row_limit());
        let query = Select {
            with: Sql::default(),
            selection: Expr::<Columns>::literal(
                "absorbed_id, external_id, survivor_id, customer_id, ordinal, merged_at, merged_by, \
                 archive IS NOT NULL",
            ),
            from: Sql::template(
                " FROM customer_merges WHERE {condition} LIMIT {limit}",
                [("condition", condition.into_sql()), ("limit", limit)],
            ),
        };
        let mut found: Vec<Self> = on!(conn, |c| query.load(c).await)?;
        conn.meter().take_rows(found.len())?;
        found.sort_by_key(|it| std::cmp::Reverse((it.ordinal, it.merged_at, it.absorbed)));
        Ok(grouped(found.into_iter().map(|it| (it.customer, it))))
    }

    /// Stores merges that were made elsewhere, which cannot be undone here.
    pub async fn insert_all(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        merged: Vec<Self>,
    ) -> Result<(), db::Error> {
        let new = |merged| NewMerge { merged, survivor_digest: String::new(), archive: None };
        insert(tx, tenant, merged.into_iter().map(new).collect()).await
    }
}

/// Stores merges.
pub(super) async fn insert(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    mut merges: Vec<NewMerge>,
) -> Result<(), db::Error> {
    while !merges.is_empty() {
        let rest = merges.split_off(merges.len().min(ROWS));
        let row = |NewMerge { merged, survivor_digest, archive }: NewMerge| {
            (
                customer_merges::tenant_id.eq(tenant.id().to_owned()),
                customer_merges::absorbed_id.eq(merged.absorbed),
                customer_merges::external_id.eq(merged.external_id),
                customer_merges::survivor_id.eq(merged.survivor),
                customer_merges::customer_id.eq(merged.customer),
                customer_merges::ordinal.eq(merged.ordinal),
                customer_merges::merged_at.eq(merged.merged_at),
                customer_merges::merged_by.eq(merged.merged_by),
                customer_merges::survivor_digest.eq(survivor_digest),
                customer_merges::archive.eq(archive),
            )
        };
        let rows: Vec<_> = merges.into_iter().map(row).collect();
        insert_all!(tx, customer_merges::table, rows);
        merges = rest;
    }
    Ok(())
}

/// The customers to which the ids of absorbed ones redirect, by these ids.
pub async fn successors(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    missing: &[Lookup],
) -> Result<HashMap<Lookup, Uid>, db::Error> {
    let named = missing.iter().filter(|it| **it != Lookup::Id(Uid::NOTHING) && it.is_possible());
    let (ids, external_ids) = Lookup::split(named);
    let by_id = (!ids.is_empty()).then(|| Condition::uid_in(ABSORBED_ID, &ids));
    let by_external_id =
        (!external_ids.is_empty()).then(|| Condition::text_in(EXTERNAL_ID, external_ids));
    let named: Vec<Condition> = by_id.into_iter().chain(by_external_id).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let merged = customer_merges::table
        .filter(customer_merges::tenant_id.eq(tenant.id()))
        .filter(Condition::any(named))
        .select((
            customer_merges::absorbed_id,
            customer_merges::external_id,
            customer_merges::customer_id,
        ));
    let found: Vec<(Uid, Option<String>, Uid)> = on!(conn, |c| merged.load(c).await)?;
    let mut successors = HashMap::new();
    for (absorbed, external_id, customer) in found {
        successors.insert(Lookup::Id(absorbed), customer);
        successors.extend(external_id.map(|it| (Lookup::ExternalId(it), customer)));
    }
    Ok(successors)
}

/// A query for the customer to which the external id of an absorbed one redirects.
pub fn redirect_target(tenant: &Tenant, external_id: &str) -> Sql {
    let merged = of_tenant(TENANT_ID, tenant, Condition::text(EXTERNAL_ID, external_id));
    Sql::new("SELECT customer_id FROM customer_merges WHERE ").append(merged.into_sql())
}

/// The customers that have this external id, or to which it redirects: one, if any.
pub async fn owners_of_external_id(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    external_id: &str,
) -> Result<Vec<Uid>, db::Error> {
    let named = Condition::text(Customer::EXTERNAL_ID, external_id);
    let live = of_tenant(Customer::TENANT_ID, tenant, named);
    let query = Select {
        with: Sql::default(),
        selection: Expr::<sql_types::Uid>::literal("id"),
        from: Sql::template(
            " FROM (SELECT id FROM customers WHERE {live} UNION ALL {led_to}) AS owners",
            [("live", live.into_sql()), ("led_to", redirect_target(tenant, external_id))],
        ),
    };
    Ok(on!(conn, |c| query.load(c).await)?)
}

/// Redirects the ids of the merges that meet the condition `merged` to a customer.
pub(super) async fn repoint(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    merged: Condition,
    customer: Uid,
) -> Result<(), db::Error> {
    let update = Sql::template(
        "UPDATE customer_merges SET customer_id = {customer} WHERE {of_tenant} AND {merged}",
        [
            ("customer", Sql::default().uid(customer)),
            ("of_tenant", Condition::text(TENANT_ID, tenant.id()).into_sql()),
            ("merged", merged.into_sql()),
        ],
    );
    Ok(execute!(tx, update)?)
}

/// The condition on the merges whose ids redirect to that customer.
pub(super) fn redirects_to(customer: Uid) -> Condition {
    Condition::uid_in(CUSTOMER_ID, &[customer])
}
