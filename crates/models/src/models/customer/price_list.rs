//! The test of the price list that is in effect for a customer: its own or, if it has none, the one that it
//! inherits.
//!
//! A customer is found by its own price list, or without one by its primary group. The groups whose customers inherit a
//! wanted price list are looked up first, so that the databases know them when they plan.

use diesel::sql_types::{BigInt, Nullable};

use super::{CUSTOMER_GROUP_ID, Customer, DEFAULT_PRICE_LIST, ID, TABLE};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Column, Condition, Expr, Select, Sql, each_looks_up},
        types::{Uid, sql_types},
    },
    models::{
        Row as _,
        customer_group::inheriting_price_list,
        filter::ExactTest,
        membership::{GROUPS_MAX, Members, Order, count_of_customers},
        row::of_tenant,
        tenant,
    },
};

/// The sources from which customers without a price list of their own inherit a wanted one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sources {
    groups: Vec<Uid>,
    /// Whether the tenant's default is wanted, which customers without a primary group have.
    tenant: bool,
    /// The number of customers that match.
    customers: Members,
}

/// Looks up the sources for a list in that order or for a count; `None` if there are too many groups.
pub(super) async fn sources(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    test: &ExactTest,
    order: Option<Order>,
) -> Result<Option<Sources>, db::Error> {
    // The condition of `IsNull(false)` is the negation of that of `IsNull(true)`.
    let test = if *test == ExactTest::IsNull(false) { &ExactTest::IsNull(true) } else { test };
    // PostgreSQL does not need the counts, because it has statistics of the customers.
    let order = order.filter(|_| matches!(conn, Conn::Sqlite(_)));
    let query = Select {
        with: Sql::template(
            "WITH found (id) AS (SELECT id FROM ({groups}) AS inheriting \
             UNION ALL SELECT NULL FROM tenants WHERE {has_default}) ",
            [
                ("groups", inheriting_price_list(tenant, test)),
                ("has_default", tenant::has_price_list(tenant, test).into_sql()),
            ],
        ),
        selection: (
            Expr::<Nullable<sql_types::Uid>>::literal("found.id"),
            Expr::<BigInt>::new(count_of_matches(tenant, test, order)),
            Expr::<BigInt>::new(order.map_or_else(zero, |_| count_of_customers())),
        ),
        from: Sql::new(" FROM found LIMIT ").literal(GROUPS_MAX.saturating_add(2)),
    };
    let found: Vec<(Option<Uid>, i64, i64)> = on!(conn, |c| query.load(c).await)?;
    let customers = match found.as_slice() {
        [(_, matches, all), ..] => Members::of(*matches, *all, order),
        [] => Members::Unknown,
    };
    let tenant = found.iter().any(|(group, ..)| group.is_none());
    let groups: Vec<Uid> = found.into_iter().filter_map(|(group, ..)| group).collect();
    let are_few = i64::try_from(groups.len()).is_ok_and(|it| it <= GROUPS_MAX);
    Ok(are_few.then_some(Sources { groups, tenant, customers }))
}

/// The condition on a customer, given the sources if they are looked up.
pub(super) fn condition(tenant: &Tenant, test: &ExactTest, sources: Option<&Sources>) -> Condition {
    if *test == ExactTest::IsNull(false) {
        return condition(tenant, &ExactTest::IsNull(true), sources).negated();
    }
    let ways = ways(tenant, test, sources);
    let any = Condition::any(ways.iter().cloned()).into_sql();
    // PostgreSQL plans the statement each time, because the best plan depends on the values.
    let postgres = any.clone().uncached();
    let sqlite = match sources.map(|it| it.customers) {
        None | Some(Members::Unknown) => any,
        // All are found by their indexes, and sorted.
        Some(Members::Few) => is_found(tenant, ways),
        // The list is read in its order until a page is found: `+` keeps SQLite from using the
        // indexes.
        Some(Members::Several | Members::Many) => Sql::new("+").append(any),
    };
    Condition::of(Sql::default().per_dialect(postgres, sqlite))
}

impl Sources {
    /// The same sources for a count, which finds all customers that match.
    pub(super) fn counted(&self) -> Self {
        Self { customers: Members::Few, ..self.clone() }
    }
}

/// SQLite's test that the customer is found in one of these ways.
fn is_found(tenant: &Tenant, ways: Vec<Condition>) -> Sql {
    let found = ways.into_iter().map(|way| {
        Sql::new("SELECT id FROM customers WHERE ")
            .append(of_tenant(Customer::TENANT_ID, tenant, way).into_sql())
    });
    let found = found.reduce(|all, next| all.sql(" UNION ALL ").append(next));
    let found = found.unwrap_or_else(|| Sql::new("SELECT NULL WHERE 1 = 0"));
    Sql::template("{id} IN ({found})", [("id", ID.sql()), ("found", found)])
}

/// The conditions of which a customer meets at most one: by its own price list, by its primary group, and without
/// one by the tenant.
fn ways(tenant: &Tenant, test: &ExactTest, sources: Option<&Sources>) -> Vec<Condition> {
    let inherits =
        |from: Condition| Condition::all([Condition::null(DEFAULT_PRICE_LIST, true), from]);
    let mut ways = Vec::new();
    if !matches!(test, ExactTest::IsNull(_)) {
        ways.push(test.condition(DEFAULT_PRICE_LIST));
    }
    let has_no_group = || Condition::null(CUSTOMER_GROUP_ID, true);
    match sources {
        Some(Sources { groups, tenant, .. }) => {
            if !groups.is_empty() {
                ways.push(inherits(Condition::uid_in(CUSTOMER_GROUP_ID, groups)));
            }
            if *tenant {
                ways.push(inherits(has_no_group()));
            }
        }
        None => {
            let groups = inheriting_price_list(tenant, test);
            let array = Sql::template(" = ANY (ARRAY({groups}))", [("groups", groups.clone())]);
            let set = Sql::template(" IN ({groups})", [("groups", groups)]);
            let is_in = CUSTOMER_GROUP_ID.sql().per_dialect(array, set);
            ways.push(inherits(Condition::of(is_in)));
            let has_default = tenant::gives_price_list(tenant, test);
            ways.push(inherits(Condition::all([has_no_group(), has_default])));
        }
    }
    ways
}

/// The number of customers that match, up to the number that matters for that order.
fn count_of_matches(tenant: &Tenant, test: &ExactTest, order: Option<Order>) -> Sql {
    let Some(order) = order else { return zero() };
    let own = match test {
        ExactTest::IsNull(_) => Sql::default(),
        test => {
            let has_it = test.condition(DEFAULT_PRICE_LIST);
            let has_it = of_tenant(Customer::TENANT_ID, tenant, has_it);
            Sql::template(
                "SELECT 1 FROM customers WHERE {has_it} UNION ALL ",
                [("has_it", has_it.into_sql())],
            )
        }
    };
    let of_heir = |column: Column| Column { table: "heir", ..column }.sql();
    let inherits = Sql::template(
        "{tenant_id} = {tenant} AND {price_list} IS NULL AND {group_id} IS counted.id",
        [
            ("tenant_id", of_heir(Customer::TENANT_ID)),
            ("tenant", Sql::default().text(tenant.id())),
            ("price_list", of_heir(DEFAULT_PRICE_LIST)),
            ("group_id", of_heir(CUSTOMER_GROUP_ID)),
        ],
    );
    Sql::template(
        "(SELECT count(*) FROM ({own}SELECT 1 FROM found AS counted {heirs} LIMIT {most}) AS few)",
        [
            ("own", own),
            ("heirs", each_looks_up(TABLE, "heir", inherits)),
            ("most", order.members_counted()),
        ],
    )
}

fn zero() -> Sql {
    Sql::new("CAST(0 AS bigint)")
}
