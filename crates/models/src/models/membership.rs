//! The memberships of customers in groups: one table, the only source of truth.

mod groups;
mod stored;
mod update;

use std::{collections::BTreeSet, sync::Arc};

use diesel::{ExpressionMethods, QueryDsl};

use super::{Customer, CustomerGroup, Row as _, customer_group, lock::Lock};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, execute, on,
        schema::{customer_group_memberships, customers},
        sql::{Column, Condition, Returning, Sql, UidSet},
        types::{Uid, sql_types},
    },
};

pub(in crate::models) use self::groups::{GROUPS_MAX, count_of_customers};

pub use self::{
    groups::{Groups, Members, Order},
    stored::Membership,
    update::{Named, update},
};

const PRIMARY_GROUP_OF_CUSTOMER: Column = Column::of::<customers::customer_group_id>("customers");

const TABLE: &str = "customer_group_memberships";
const TENANT_ID: Column = Column::of::<customer_group_memberships::tenant_id>(TABLE);
const CUSTOMER_ID: Column = Column::of::<customer_group_memberships::customer_id>(TABLE);
const CUSTOMER_GROUP_ID: Column =
    Column::of::<customer_group_memberships::customer_group_id>(TABLE);

/// Makes the customers members of the group; existing members are skipped. Returns the new ones.
pub async fn insert(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Uid],
    group: Uid,
) -> Result<Vec<Uid>, db::Error> {
    let source = Sql::new("FROM ").uids(in_order(customers)).sql(" AS added WHERE 1 = 1");
    let (customer, group) = (Sql::new("added.id"), Sql::default().uid(group));
    let inserted = insertion(writer, customer, group, source);
    let returned: Returning<sql_types::Uid> =
        Returning::new(inserted.sql(" RETURNING customer_id"));
    Ok(on!(tx, |c| returned.load(c).await)?)
}

/// Makes a customer a member of the groups.
pub async fn join(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    groups: &[Uid],
) -> Result<(), db::Error> {
    if groups.is_empty() {
        return Ok(());
    }
    let source = Sql::new("FROM ").uids(in_order(groups)).sql(" AS joined WHERE 1 = 1");
    let (customer, group) = (Sql::default().uid(customer), Sql::new("joined.id"));
    insert_from(tx, writer, customer, group, source).await
}

/// Makes new customers members of further groups, given as pairs without duplicates.
pub async fn insert_pairs(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut pairs: Vec<(Uid, Uid)>,
) -> Result<(), db::Error> {
    pairs.sort_unstable();
    let (created_at, by) = (writer.now(), writer.name());
    let membership =
        |(customer, group)| Membership { customer, group, created_at, created_by: by.to_owned() };
    let memberships: Vec<Membership> = pairs.into_iter().map(membership).collect();
    Membership::insert_all(tx, writer.tenant(), &memberships).await
}

/// The memberships of these customers, in the order of both ids.
pub async fn pairs_of(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
) -> Result<Vec<(Uid, Uid)>, db::Error> {
    let pairs = customer_group_memberships::table
        .filter(customer_group_memberships::tenant_id.eq(tenant.id()))
        .filter(Condition::uid_in(CUSTOMER_ID, customers))
        .select((
            customer_group_memberships::customer_id,
            customer_group_memberships::customer_group_id,
        ));
    let mut pairs: Vec<(Uid, Uid)> = on!(conn, |c| pairs.load(c).await)?;
    // Sorted here, because SQLite would also sort them in memory.
    pairs.sort_unstable();
    Ok(pairs)
}

/// Removes a customer from groups, none of which is its primary one.
pub async fn leave(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    groups: &[Uid],
) -> Result<(), db::Error> {
    let left = customer_group_memberships::table
        .filter(customer_group_memberships::tenant_id.eq(writer.tenant().id()))
        .filter(customer_group_memberships::customer_id.eq(customer))
        .filter(Condition::uid_in(CUSTOMER_GROUP_ID, groups));
    on!(tx, |c| diesel::delete(left).execute(c).await)?;
    Ok(())
}

/// The ids in the order in which rows are inserted, so that two overlapping inserts do not
/// deadlock.
fn in_order(uids: &[Uid]) -> Arc<UidSet> {
    let uids: BTreeSet<Uid> = uids.iter().copied().collect();
    Arc::new(uids.into_iter().collect())
}

/// Makes the customers members of their primary groups; those without one, and existing members,
/// are skipped.
pub async fn insert_primary(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Uid],
) -> Result<(), db::Error> {
    if customers.is_empty() {
        return Ok(());
    }
    let of_tenant = Condition::text(Customer::TENANT_ID, writer.tenant().id()).into_sql();
    let source = Sql::template(
        "FROM customers WHERE customers.customer_group_id IS NOT NULL AND {of_tenant} AND {listed}",
        [
            ("of_tenant", of_tenant),
            ("listed", Condition::uid_in(Customer::ID, customers).into_sql()),
        ],
    );
    let (customer, group) = (Sql::new("customers.id"), Sql::new("customers.customer_group_id"));
    insert_from(tx, writer, customer, group, source).await
}

/// Moves the members of one group to another, also as their primary group; all of them, and the
/// other group, count as changed. A customer that joins the first group in the meantime stays in
/// it, so that the group cannot be deleted.
pub async fn move_all(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    from: Uid,
    to: Uid,
) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let of_tenant = || Sql::default().text(tenant.id());
    let [old, new] = [from, to].map(|group| Sql::default().uid(group));
    let members = Sql::template(
        "FROM customer_group_memberships AS old WHERE old.tenant_id = {tenant} \
         AND old.customer_group_id = {old}",
        [("tenant", of_tenant()), ("old", old.clone())],
    );
    // The lock keeps these memberships from being deleted, and rows are inserted in the fixed
    // order.
    let locked = Sql::new(" ORDER BY old.customer_id").append(Lock::Update.clause());
    let source = members.clone().append(locked);
    insert_from(tx, writer, Sql::new("old.customer_id"), new.clone(), source).await?;
    let primary = Sql::template(
        "UPDATE customers SET customer_group_id = \
         CASE customer_group_id WHEN {old} THEN {new} ELSE customer_group_id END, \
         updated_at = {now}, last_modified_by = {by} \
         WHERE tenant_id = {tenant} AND id IN (SELECT old.customer_id {members})",
        [
            ("old", old.clone()),
            ("new", new.clone()),
            ("now", Sql::default().time(writer.now())),
            ("by", Sql::default().text(writer.name())),
            ("tenant", of_tenant()),
            ("members", members),
        ],
    );
    on!(tx, |c| primary.execute(c).await)?;
    let leave = Sql::template(
        "DELETE FROM customer_group_memberships \
         WHERE tenant_id = {tenant} AND customer_group_id = {old} AND customer_id IN (\
         SELECT new.customer_id FROM customer_group_memberships AS new \
         WHERE new.customer_group_id = {new} AND new.tenant_id = {tenant})",
        [("tenant", of_tenant()), ("old", old), ("new", new)],
    );
    on!(tx, |c| leave.execute(c).await)?;
    CustomerGroup::touch(tx, writer, to).await
}

/// Deletes all memberships in these groups, which are locked, so that customers cannot join them. Customers whose
/// primary group is one of them have no primary group afterwards. All former members count as changed.
pub async fn end_all(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    groups: &[Uid],
) -> Result<(), db::Error> {
    let memberships = Sql::template(
        "FROM customer_group_memberships WHERE {of_tenant} AND {of_groups}",
        [
            ("of_tenant", Condition::text(TENANT_ID, writer.tenant().id()).into_sql()),
            ("of_groups", Condition::uid_in(CUSTOMER_GROUP_ID, groups).into_sql()),
        ],
    );
    let release = Sql::template(
        "UPDATE customers SET customer_group_id = \
         CASE WHEN {in_groups} THEN NULL ELSE customer_group_id END, \
         updated_at = {now}, last_modified_by = {by} \
         WHERE {of_tenant} AND {id} IN (SELECT customer_id {memberships})",
        [
            ("in_groups", Condition::uid_in(PRIMARY_GROUP_OF_CUSTOMER, groups).into_sql()),
            ("now", Sql::default().time(writer.now())),
            ("by", Sql::default().text(writer.name())),
            ("of_tenant", Condition::text(Customer::TENANT_ID, writer.tenant().id()).into_sql()),
            ("id", Sql::default().column(Customer::ID)),
            ("memberships", memberships.clone()),
        ],
    );
    on!(tx, |c| release.execute(c).await)?;
    let end = Sql::new("DELETE ").append(memberships);
    on!(tx, |c| end.execute(c).await)?;
    Ok(())
}

/// Inserts memberships from a query: the expressions of the customer and of the group, and the
/// source of rows.
async fn insert_from(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Sql,
    group: Sql,
    source: Sql,
) -> Result<(), db::Error> {
    let statement = insertion(writer, customer, group, source);
    Ok(execute!(tx, statement)?)
}

/// The statement that inserts memberships, as for [`insert_from`].
fn insertion(writer: Writer<'_>, customer: Sql, group: Sql, source: Sql) -> Sql {
    Sql::template(
        "INSERT INTO customer_group_memberships \
         (tenant_id, customer_id, customer_group_id, created_at, created_by) \
         SELECT {tenant}, {customer}, {group}, {now}, {by} {source} ON CONFLICT DO NOTHING",
        [
            ("tenant", Sql::default().text(writer.tenant().id())),
            ("customer", customer),
            ("group", group),
            ("now", Sql::default().time(writer.now())),
            ("by", Sql::default().text(writer.name())),
            ("source", source),
        ],
    )
}

/// The number of customers in the group.
pub async fn count(conn: &mut Conn<'_>, tenant: &Tenant, group: Uid) -> Result<i64, db::Error> {
    let members = customer_group_memberships::table
        .filter(customer_group_memberships::tenant_id.eq(tenant.id()))
        .filter(customer_group_memberships::customer_group_id.eq(group))
        .count();
    Ok(on!(conn, |c| members.get_result(c).await)?)
}

/// The condition that a customer (by its id's column) is in one of the groups that the query
/// `groups` selects, or, with `subtree`, in one below them.
pub fn customer_is_in(tenant: &Tenant, customer: Column, groups: Sql, subtree: bool) -> Condition {
    let groups = if subtree { customer_group::subtree_of(tenant, groups) } else { groups };
    Condition::of(Sql::template(
        "{customer} IN (SELECT customer_id FROM customer_group_memberships AS member \
         WHERE member.tenant_id = {tenant} AND member.customer_group_id IN ({groups}))",
        [
            ("customer", Sql::default().column(customer)),
            ("tenant", Sql::default().text(tenant.id())),
            ("groups", groups),
        ],
    ))
}

/// The condition that a group (by its id's column) contains the customer, which the query calls
/// `parent`.
pub fn groups_of_parent(tenant: &Tenant, group: Column) -> Condition {
    Condition::of(Sql::template(
        "{group} IN (SELECT customer_group_id FROM customer_group_memberships AS member \
         WHERE member.customer_id = parent.id AND member.tenant_id = {tenant})",
        [("group", Sql::default().column(group)), ("tenant", Sql::default().text(tenant.id()))],
    ))
}
