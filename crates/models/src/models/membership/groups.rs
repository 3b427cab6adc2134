//! Groups that are looked up before their members are listed.

use std::sync::Arc;

use diesel::sql_types::BigInt;

use super::{CUSTOMER_GROUP_ID, CUSTOMER_ID, TABLE, TENANT_ID};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Column, Condition, Expr, Select, Sql, UidSet, each_looks_up},
        types::{Uid, sql_types},
    },
    models::{Customer, Row as _, customer_group, row::of_tenant},
};

/// Groups that have been looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    pub ids: Vec<Uid>,
    pub members: Members,
}

/// The magnitude of the number of members, which decides how the page of a list is found among
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Members {
    /// Not counted. PostgreSQL decides by its statistics.
    Unknown,
    /// Few: all of them are found, and sorted.
    Few,
    /// Several: a set of all of them is built, and the list is read in its order until a page of its
    /// rows is found in the set.
    Several,
    /// Many: the list is read in its order, and each row is looked up among the members. A page of
    /// them is soon found.
    Many,
}

/// The order of a list of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    ById,
    /// By another column, which has an index with the ids.
    ByColumn,
}

impl Order {
    /// The number up to which members are counted.
    pub(in crate::models) fn members_counted(self) -> Sql {
        match self {
            Self::ById => {
                Sql::template("(SELECT 500 + {all} / 400)", [("all", count_of_customers())])
            }
            Self::ByColumn => Sql::default().literal(MEMBERS_MAX),
        }
    }
}

/// Maximum number of groups to look up. Beyond it, the database finds the customers itself.
pub(in crate::models) const GROUPS_MAX: i64 = 10_000;

/// Members are counted up to that number.
const MEMBERS_MAX: i64 = 5_000;

impl Groups {
    /// The groups that the query selects (`SELECT id …`) and all below them, for a list in that order
    /// or for a count; `None` if there are too many.
    pub async fn below(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: Sql,
        order: Option<Order>,
    ) -> Result<Option<Self>, db::Error> {
        let groups = customer_group::subtree_of(tenant, groups);
        Self::found(conn, tenant, groups, order).await
    }

    /// These groups, as for [`Groups::below`].
    pub async fn of(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: &[Uid],
        order: Option<Order>,
    ) -> Result<Option<Self>, db::Error> {
        // The counts are not worth a statement on PostgreSQL, which has statistics of the members.
        if order.is_none() || matches!(conn, Conn::Postgres(_)) {
            return Ok(Some(Self { ids: groups.to_vec(), members: Members::Unknown }));
        }
        let set: UidSet = groups.iter().copied().collect();
        let named = Sql::new("SELECT id FROM ").uids(Arc::new(set)).sql(" AS named");
        Self::found(conn, tenant, named, order).await
    }

    async fn found(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: Sql,
        order: Option<Order>,
    ) -> Result<Option<Self>, db::Error> {
        let number = Expr::<BigInt>::new;
        let query = Select {
            with: Sql::template("WITH found (id) AS ({groups}) ", [("groups", groups)]),
            selection: (
                Expr::<sql_types::Uid>::literal("found.id"),
                number(count_of_members(tenant, order)),
                number(count_of_customers()),
            ),
            from: Sql::new(" FROM found LIMIT ").literal(GROUPS_MAX.saturating_add(1)),
        };
        let found: Vec<(Uid, i64, i64)> = on!(conn, |c| query.load(c).await)?;
        if i64::try_from(found.len()).is_ok_and(|groups| groups > GROUPS_MAX) {
            return Ok(None);
        }
        let members = match found.as_slice() {
            [(_, members, customers), ..] => Members::of(*members, *customers, order),
            [] => Members::Unknown,
        };
        Ok(Some(Self { ids: found.into_iter().map(|(id, ..)| id).collect(), members }))
    }

    /// The condition that a customer (by its id's column) is a member of one of the groups.
    pub fn contain(&self, tenant: &Tenant, customer: Column) -> Condition {
        let holes = || [("customer", customer.sql()), ("from_these", self.memberships(tenant))];
        let is_found = Sql::template("{customer} IN (SELECT customer_id {from_these})", holes());
        match self.members {
            Members::Unknown => Condition::of(is_found),
            Members::Few => {
                // An array, so that PostgreSQL looks up all members instead of scanning the list for them.
                let is_one = "{customer} = ANY (ARRAY(SELECT customer_id {from_these}))";
                let is_one = Sql::template(is_one, holes());
                Condition::of(Sql::default().per_dialect(is_one, is_found))
            }
            Members::Several => Condition::of(in_set(is_found)),
            // PostgreSQL decides by its statistics, but SQLite has none. Without the limit, SQLite 3.51 turns the test
            // into a join, so that an offset counts a customer once for each of its groups.
            Members::Many => {
                let is_met = Sql::template(
                    "EXISTS (SELECT 1 FROM customer_group_memberships \
                     WHERE {met} AND customer_id = {customer} LIMIT 1)",
                    [("met", self.is_in_groups(tenant)), ("customer", customer.sql())],
                );
                Condition::of(Sql::default().per_dialect(is_found, is_met))
            }
        }
    }

    /// The same, looked up in a set of all members: for customers that other conditions find.
    pub fn contain_by_set(&self, tenant: &Tenant, customer: Column) -> Condition {
        Self { members: Members::Several, ..self.clone() }.contain(tenant, customer)
    }

    /// The same, looked up for each customer by itself: for customers that are read in their order.
    pub fn contain_each(&self, tenant: &Tenant, customer: Column) -> Condition {
        // Not by `EXISTS`, which PostgreSQL can turn into a join with all members.
        Condition::of(Sql::template(
            "(SELECT 1 FROM customer_group_memberships \
             WHERE {met} AND customer_id = {customer} LIMIT 1) IS NOT NULL",
            [("met", self.is_in_groups(tenant)), ("customer", customer.sql())],
        ))
    }

    /// The number of customers in the groups; with `is_enabled`, without disabled ones.
    pub async fn count(
        &self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        is_enabled: Option<Condition>,
    ) -> Result<i64, db::Error> {
        let and_is_enabled = is_enabled.map(|it| of_customer(tenant, it)).unwrap_or_default();
        let from = Sql::template(
            " FROM (SELECT DISTINCT customer_id {from_these}{and_is_enabled}) AS members",
            [("from_these", self.memberships(tenant)), ("and_is_enabled", and_is_enabled)],
        );
        let selection = Expr::<BigInt>::literal("count(*)");
        let query = Select { with: Sql::default(), selection, from };
        Ok(on!(conn, |c| query.get_result(c).await)?)
    }

    /// ` FROM` their memberships, in the order of the customers' ids, and the column with these ids. Only of customers
    /// that meet the condition, if there is one.
    pub fn in_order_of_ids(&self, tenant: &Tenant, condition: Option<Condition>) -> (Sql, Column) {
        let rows = match condition {
            None => Sql::new(" FROM customer_group_memberships WHERE ")
                .append(self.is_in_groups(tenant)),
            Some(condition) => Sql::template(
                " FROM customer_group_memberships {customers} WHERE {met} AND {condition}",
                [
                    ("customers", each_looks_up("customers", "customers", is_customer(tenant))),
                    ("met", self.is_in_groups(tenant)),
                    ("condition", condition.into_sql()),
                ],
            ),
        };
        (rows, CUSTOMER_ID)
    }

    /// `FROM` their memberships.
    pub(in crate::models) fn memberships(&self, tenant: &Tenant) -> Sql {
        let in_groups = Condition::uid_in(CUSTOMER_GROUP_ID, &self.ids);
        Sql::new("FROM customer_group_memberships WHERE ")
            .append(of_tenant(TENANT_ID, tenant, in_groups).into_sql())
    }

    /// The condition that a membership is one of these groups, for queries that read memberships by customer and not by
    /// group.
    fn is_in_groups(&self, tenant: &Tenant) -> Sql {
        let ids = Arc::new(self.ids.iter().copied().collect::<UidSet>());
        let is_met = CUSTOMER_GROUP_ID.sql().sql(" IN ").uids(ids);
        of_tenant(TENANT_ID, tenant, Condition::of(in_set(is_met))).into_sql()
    }
}

impl Members {
    /// Estimates the costs: finding a member costs one unit with its row, and a fifth without it. A row of the list
    /// that is not a member costs a fifth if it is looked up in a set, and one if it is looked up by an index. For a
    /// page of 20 rows, 20 × customers / members rows of the list are read.
    pub(in crate::models) fn of(members: i64, customers: i64, order: Option<Order>) -> Self {
        let is_set_small = members < MEMBERS_MAX && members * members <= customers * 100;
        match order {
            None => Self::Unknown,
            Some(_) if members < 500 + customers / 400 => Self::Few,
            Some(Order::ByColumn) if is_set_small => Self::Several,
            Some(_) => Self::Many,
        }
    }
}

/// The same `IN` test, with a subquery that is evaluated once, to a set. Otherwise, both databases could turn it into a
/// join, and read all rows of the result first.
fn in_set(test: Sql) -> Sql {
    let postgres = Sql::template("({test}) IS TRUE", [("test", test.clone())]);
    Sql::default().per_dialect(postgres, Sql::new("+").append(test))
}

/// ` AND` the customer of the membership meets the condition.
fn of_customer(tenant: &Tenant, condition: Condition) -> Sql {
    let holes = [("is_customer", is_customer(tenant)), ("condition", condition.into_sql())];
    Sql::template(
        " AND EXISTS (SELECT 1 FROM customers WHERE {is_customer} AND {condition})",
        holes,
    )
}

/// The condition of being the customer of the membership.
fn is_customer(tenant: &Tenant) -> Sql {
    let of_tenant = Condition::text(Customer::TENANT_ID, tenant.id()).into_sql();
    of_tenant.sql(" AND ").column(Customer::ID).sql(" = ").column(CUSTOMER_ID)
}

/// The number of members in the groups `found`, up to the number that matters for that order.
fn count_of_members(tenant: &Tenant, order: Option<Order>) -> Sql {
    let Some(order) = order else { return Sql::new("CAST(0 AS bigint)") };
    let of_member = |column: Column| Column { table: "member", ..column }.sql();
    let of_tenant = of_member(TENANT_ID).sql(" = ").text(tenant.id());
    let in_group = of_member(CUSTOMER_GROUP_ID).sql(" = counted.id");
    let members = each_looks_up(TABLE, "member", of_tenant.sql(" AND ").append(in_group));
    Sql::template(
        "(SELECT count(*) FROM (SELECT 1 FROM found AS counted {members} LIMIT {most}) AS few)",
        [("members", members), ("most", order.members_counted())],
    )
}

/// An estimate of the number of customers of all tenants.
pub(in crate::models) fn count_of_customers() -> Sql {
    let postgres = "(SELECT CAST(greatest(reltuples, 0) AS bigint) FROM pg_class WHERE oid = 'customers'::regclass)";
    let sqlite = "(SELECT coalesce(max(rowid), 0) FROM customers)";
    Sql::default().per_dialect(Sql::new(postgres), Sql::new(sqlite))
}
