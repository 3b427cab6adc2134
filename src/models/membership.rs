//! Which customer is in which groups: one table, the one truth.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use diesel::{ExpressionMethods, QueryDsl, sql_types::BigInt};
use diesel_async::RunQueryDsl;

use super::{
    Code, Customer, Error, Lookup, Row, Violation, Violations,
    customer_group::{self, CustomerGroup},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, on,
        schema::{customer_group_memberships, customers},
        sql::{Column, Condition, Expr, Select, Sql, UidSet},
        types::{Uid, sql_types},
    },
};

/// How many customers one change of a group's members may name.
const CHANGES_MAX: usize = 1_000;

/// A customer that a change of a group's members names, and where in the input it does.
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

/// Adds customers to a group and removes others, all or nothing; `None` if there is no such group.
///
/// Idempotent: who is a member already stays one, who is none already stays none. A group that is a
/// customer's primary one is not taken from it.
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
        // Whoever deletes it waits, or is waited for, before anything else is locked.
        if !customer_group::keep(tx, tenant, group.id).await? {
            return Ok(None);
        }
        let (add, remove) = resolve(tx, tenant, group.id, add, remove).await?;
        insert(tx, writer, &add, group.id).await?;
        let members = customer_group_memberships::table
            .filter(customer_group_memberships::tenant_id.eq(tenant.id()))
            .filter(customer_group_memberships::customer_group_id.eq(group.id))
            .filter(Condition::uid_in(CUSTOMER_ID, &remove));
        on!(tx, |c| diesel::delete(members).execute(c).await)?;
        Ok(Some(group))
    })
    .await
}

/// The ids of those to add and of those to remove, if that can be done.
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

/// The id and the primary group of each of the customers that there is.
async fn primary_groups(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    named: impl Iterator<Item = &Named>,
) -> Result<HashMap<Lookup, (Uid, Option<Uid>)>, db::Error> {
    let (mut uids, mut external_ids) = (Vec::new(), Vec::new());
    for named in named {
        match &named.customer {
            Lookup::Id(uid) => uids.push(*uid),
            // No text that is stored has control characters, and PostgreSQL takes no NUL.
            Lookup::ExternalId(text) if text.contains(char::is_control) => {}
            Lookup::ExternalId(text) => external_ids.push(text.clone()),
        }
    }
    let by_id = Condition::uid_in(Customer::ID, &uids);
    let by_external_id = Condition::text_in(Customer::EXTERNAL_ID, external_ids);
    let found = customers::table
        .filter(customers::tenant_id.eq(tenant.id()))
        .filter(Condition::any([by_id, by_external_id]))
        .select((customers::id, customers::external_id, customers::customer_group_id));
    let found: Vec<(Uid, Option<String>, Option<Uid>)> = on!(tx, |c| found.load(c).await)?;
    let mut primary_groups = HashMap::new();
    for (uid, external_id, primary) in found {
        primary_groups.insert(Lookup::Id(uid), (uid, primary));
        if let Some(external_id) = external_id {
            primary_groups.insert(Lookup::ExternalId(external_id), (uid, primary));
        }
    }
    Ok(primary_groups)
}

/// Makes the customers members of the group; who is one already stays one.
pub async fn insert(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Uid],
    group: Uid,
) -> Result<(), db::Error> {
    let source = Sql::new(" FROM ").uids(in_order(customers)).sql(" AS added WHERE 1 = 1");
    insert_from(tx, writer, Sql::new("added.id"), Sql::default().uid(group), source).await
}

/// Makes a customer a member of the groups.
pub async fn join(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    groups: &[Uid],
) -> Result<(), db::Error> {
    let source = Sql::new(" FROM ").uids(in_order(groups)).sql(" AS joined WHERE 1 = 1");
    let (customer, group) = (Sql::default().uid(customer), Sql::new("joined.id"));
    insert_from(tx, writer, customer, group, source).await
}

/// The ids in the one order in which rows are inserted, so that two who insert some of the same do
/// not wait for each other.
fn in_order(uids: &[Uid]) -> Arc<UidSet> {
    let uids: BTreeSet<Uid> = uids.iter().copied().collect();
    Arc::new(uids.into_iter().collect())
}

/// Makes the customers members of their primary groups; who has none, or is one already, is left.
pub async fn insert_primary(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Uid],
) -> Result<(), db::Error> {
    let source = Sql::new(" FROM customers WHERE customers.customer_group_id IS NOT NULL AND ")
        .append(Condition::text(TENANT_ID_OF_CUSTOMER, writer.tenant().id()).into_sql())
        .sql(" AND ")
        .append(Condition::uid_in(ID_OF_CUSTOMER, customers).into_sql());
    let (customer, group) = (Sql::new("customers.id"), Sql::new("customers.customer_group_id"));
    insert_from(tx, writer, customer, group, source).await
}

/// Gives the members of one group to another one, also as their primary group. Who becomes a member
/// of the one meanwhile stays one: it cannot be deleted then.
pub async fn move_all(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    from: Uid,
    to: Uid,
) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let of_group = |selected: Sql| {
        selected
            .sql(" FROM customer_group_memberships AS old WHERE old.tenant_id = ")
            .text(tenant.id())
            .sql(" AND old.customer_group_id = ")
            .uid(from)
    };
    let (customer, group) = (Sql::new("old.customer_id"), Sql::default().uid(to));
    // Nobody else ends these memberships meanwhile, and they begin in the one order. SQLite has one
    // writer anyway.
    let locked = Sql::new(" ORDER BY old.customer_id FOR UPDATE");
    let locked = Sql::default().per_dialect(locked, Sql::default());
    insert_from(tx, writer, customer, group, of_group(Sql::default()).append(locked)).await?;
    let members = of_group(Sql::new("SELECT old.customer_id"));
    let with_primary = customers::table
        .filter(customers::tenant_id.eq(tenant.id()))
        .filter(customers::customer_group_id.eq(from))
        .filter(Condition::of(Sql::new("customers.id IN (").append(members).sql(")")));
    let change = (
        customers::customer_group_id.eq(to),
        customers::updated_at.eq(writer.now()),
        customers::last_modified_by.eq(writer.name()),
    );
    on!(tx, |c| diesel::update(with_primary).set(change).execute(c).await)?;
    let leave = Sql::new("DELETE FROM customer_group_memberships WHERE tenant_id = ")
        .text(tenant.id())
        .sql(" AND customer_group_id = ")
        .uid(from)
        .sql(" AND customer_id IN (SELECT new.customer_id FROM customer_group_memberships AS new")
        .sql(" WHERE new.customer_group_id = ")
        .uid(to)
        .sql(" AND new.tenant_id = ")
        .text(tenant.id())
        .sql(")");
    on!(tx, |c| leave.execute(c).await)?;
    Ok(())
}

/// Inserts memberships that come from a query: the expressions of the customer and of the group,
/// and where they come from.
async fn insert_from(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Sql,
    group: Sql,
    source: Sql,
) -> Result<(), db::Error> {
    let statement = Sql::new("INSERT INTO customer_group_memberships")
        .sql(" (tenant_id, customer_id, customer_group_id, created_at, created_by) SELECT ")
        .text(writer.tenant().id())
        .sql(", ")
        .append(customer)
        .sql(", ")
        .append(group)
        .sql(", ")
        .time(writer.now())
        .sql(", ")
        .text(writer.name())
        .append(source)
        .sql(" ON CONFLICT DO NOTHING");
    on!(tx, |c| statement.execute(c).await)?;
    Ok(())
}

/// How many customers are in the group.
pub async fn count(conn: &mut Conn<'_>, tenant: &Tenant, group: Uid) -> Result<i64, db::Error> {
    let members = customer_group_memberships::table
        .filter(customer_group_memberships::tenant_id.eq(tenant.id()))
        .filter(customer_group_memberships::customer_group_id.eq(group))
        .count();
    Ok(on!(conn, |c| members.get_result(c).await)?)
}

const TENANT_ID_OF_CUSTOMER: Column = Column::of::<customers::tenant_id>("customers");
const ID_OF_CUSTOMER: Column = Column::of::<customers::id>("customers");
const TABLE: &str = "customer_group_memberships";
const TENANT_ID: Column = Column::of::<customer_group_memberships::tenant_id>(TABLE);
const CUSTOMER_ID: Column = Column::of::<customer_group_memberships::customer_id>(TABLE);
const CUSTOMER_GROUP_ID: Column =
    Column::of::<customer_group_memberships::customer_group_id>(TABLE);

/// Some groups, looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    pub ids: Vec<Uid>,
    /// Are there so many members that one soon comes upon some in any list?
    pub have_many: bool,
}

/// Most groups that are looked up. Of more, the database is to find the customers by itself.
const GROUPS_MAX: usize = 10_000;

/// So many members are many: to find them all, and sort them, takes as long as to look for some in
/// a list of a million customers.
const MANY: i64 = 5_000;

impl Groups {
    /// Those that the query selects (`SELECT id …`) and all below them; `None` if there are too many.
    pub async fn below(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: Sql,
    ) -> Result<Option<Self>, db::Error> {
        let subtree = customer_group::subtree_of(tenant, groups);
        // PostgreSQL's statistics tell.
        let members = members(tenant, subtree.clone());
        let members = Sql::default().per_dialect(Sql::new("CAST(0 AS bigint)"), members);
        let at_most = i64::try_from(GROUPS_MAX).unwrap_or(i64::MAX);
        let query = Select {
            with: Sql::default(),
            selection: (
                diesel::dsl::sql::<sql_types::Uid>("found.id"),
                Expr::<BigInt>::new(members),
            ),
            from: Sql::new(" FROM (")
                .append(subtree)
                .sql(") AS found LIMIT ")
                .number(at_most.saturating_add(1)),
        };
        let found: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
        let have_many = found.iter().any(|(_, members)| *members >= MANY);
        let ids: Vec<Uid> = found.into_iter().map(|(id, _)| id).collect();
        Ok((ids.len() <= GROUPS_MAX).then_some(Self { ids, have_many }))
    }

    /// These groups; `None` if there is nothing to look up.
    pub async fn of(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: &[Uid],
    ) -> Result<Option<Self>, db::Error> {
        let Conn::Sqlite(conn) = conn else { return Ok(None) };
        let set: UidSet = groups.iter().copied().collect();
        let named = Sql::new("SELECT id FROM ").uids(Arc::new(set)).sql(" AS named");
        let query = Select {
            with: Sql::default(),
            selection: Expr::<BigInt>::new(members(tenant, named)),
            from: Sql::default(),
        };
        let members: i64 = query.get_result(*conn).await?;
        Ok(Some(Self { ids: groups.to_vec(), have_many: members >= MANY }))
    }

    /// The condition that a customer (by its id's column) is in one of them.
    pub fn have(&self, tenant: &Tenant, customer: Column) -> Condition {
        let of_tenant = || Condition::text(TENANT_ID, tenant.id());
        let in_groups = Condition::uid_in(CUSTOMER_GROUP_ID, &self.ids);
        let found = Sql::default()
            .column(customer)
            .sql(" IN (SELECT customer_id FROM customer_group_memberships WHERE ")
            .append(Condition::all([of_tenant(), in_groups]).into_sql())
            .sql(")");
        if !self.have_many {
            return Condition::of(found);
        }
        // SQLite finds all that are in a subquery before it looks at the list. Here it looks at the
        // list, and then, by the index of the customer (hence the plus), whether each is in one of
        // the groups.
        let ids = Arc::new(self.ids.iter().copied().collect::<UidSet>());
        let met = Sql::new("EXISTS (SELECT 1 FROM customer_group_memberships WHERE ")
            .append(of_tenant().into_sql())
            .sql(" AND +customer_group_id")
            .is_any_uid(ids)
            .sql(" AND customer_id = ")
            .column(customer)
            .sql(")");
        Condition::of(Sql::default().per_dialect(found, met))
    }
}

/// How many members the groups have that the query selects, up to [`MANY`].
fn members(tenant: &Tenant, groups: Sql) -> Sql {
    Sql::new("(SELECT count(*) FROM (SELECT 1 FROM customer_group_memberships AS member")
        .sql(" WHERE member.tenant_id = ")
        .text(tenant.id())
        .sql(" AND member.customer_group_id IN (")
        .append(groups)
        .sql(") LIMIT ")
        .number(MANY)
        .sql(") AS some)")
}

/// The condition that a customer (by its id's column) is in one of the groups that the query
/// `groups` selects, or, with `subtree`, somewhere below one.
pub fn customer_is_in(tenant: &Tenant, customer: Column, groups: Sql, subtree: bool) -> Condition {
    let groups = if subtree { customer_group::subtree_of(tenant, groups) } else { groups };
    let sql = Sql::default()
        .column(customer)
        .sql(" IN (SELECT customer_id FROM customer_group_memberships AS member")
        .sql(" WHERE member.tenant_id = ")
        .text(tenant.id())
        .sql(" AND member.customer_group_id IN (")
        .append(groups)
        .sql("))");
    Condition::of(sql)
}

/// The condition that a group (by its id's column) has the customer that the query calls `parent`.
pub fn groups_of_parent(tenant: &Tenant, group: Column) -> Condition {
    let sql = Sql::default()
        .column(group)
        .sql(" IN (SELECT customer_group_id FROM customer_group_memberships AS member")
        .sql(" WHERE member.customer_id = parent.id AND member.tenant_id = ")
        .text(tenant.id())
        .sql(")");
    Condition::of(sql)
}
