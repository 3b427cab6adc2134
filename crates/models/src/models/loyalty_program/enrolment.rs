//! Enrolment in loyalty programs: automatic for those with `autoOptIn`, and checked for all.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use diesel::{
    Queryable,
    sql_types::{BigInt, Nullable, Text},
};

use super::list::{AUTO_OPT_IN, FROM_DATE, TO_DATE};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Condition, Expr, Select, Sql, UidSet},
        types::{Date, Uid, sql_types},
    },
    models::{
        Code, LoyaltyProgram, Row, Violation, customer::CustomerAttributes, customer_group,
        filter::RangeTest, loyalty_program_collection::LoyaltyProgramCollection,
    },
};

/// A program with `autoOptIn`.
#[derive(Clone, Queryable)]
pub struct OpenProgram {
    id: Uid,
    /// Restricted to this group and those below it; `None` for all customers.
    group: Option<Uid>,
    /// Restricted to this territory; `None` for all.
    territory: Option<String>,
    lowest_tier: Option<Uid>,
}

impl OpenProgram {
    /// Whether the program matches that customer. `lines` has the groups of customers, each with
    /// those above it.
    fn is_for(&self, customer: &CustomerAttributes, lines: &HashMap<Uid, HashSet<Uid>>) -> bool {
        let is_in = |group: Uid| {
            let line = customer.customer_group_id.and_then(|own| lines.get(&own));
            line.is_some_and(|line| line.contains(&group))
        };
        let is_territory = |territory: &String| customer.territory.as_ref() == Some(territory);
        self.group.is_none_or(is_in) && self.territory.as_ref().is_none_or(is_territory)
    }
}

/// Lets new customers without a program join the matching one with `auto_opt_in` on that day, in
/// its lowest tier. Returns the number of customers for which several match: these join none.
///
/// At most two statements for any number of customers, and one if no such program is for a group.
pub async fn opt_in(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    today: Date,
    customers: Vec<&mut CustomerAttributes>,
) -> Result<usize, db::Error> {
    let customers = customers.into_iter().filter(|it| it.loyalty_program_id.is_none());
    let customers: Vec<&mut CustomerAttributes> = customers.collect();
    if customers.is_empty() {
        return Ok(0);
    }
    let query = open_on(tenant, today);
    let open = on!(tx, |c| query.load(c).await)?;
    join(tx, tenant, open, customers).await
}

/// Lets customers join the matching one of these programs, as [`opt_in`] does.
pub async fn join(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    open: Vec<OpenProgram>,
    customers: Vec<&mut CustomerAttributes>,
) -> Result<usize, db::Error> {
    let is_of_groups = open.iter().any(|program| program.group.is_some());
    let groups = customers.iter().filter(|_| is_of_groups).filter_map(|it| it.customer_group_id);
    let groups: BTreeSet<Uid> = groups.collect();
    let lines = customer_group::lines(tx, tenant, groups).await?;
    let mut ambiguous = 0;
    for customer in customers {
        let mut programs = open.iter().filter(|program| program.is_for(customer, &lines));
        match (programs.next(), programs.next()) {
            (Some(program), None) => {
                customer.loyalty_program_id = Some(program.id);
                customer.loyalty_program_tier_id = program.lowest_tier;
            }
            (Some(_), Some(_)) => ambiguous += 1,
            (None, _) => {}
        }
    }
    Ok(ambiguous)
}

/// The types of [`OpenProgram`] in SQL.
pub(super) type OpenColumns =
    (sql_types::Uid, Nullable<sql_types::Uid>, Nullable<Text>, Nullable<sql_types::Uid>);

/// A query for the programs with `auto_opt_in` that are active on that day.
pub(super) fn open_on(tenant: &Tenant, today: Date) -> Select<Expr<OpenColumns>> {
    let selection = Expr::literal(
        "loyalty_programs.id, loyalty_programs.customer_group_id, loyalty_programs.customer_territory, \
         (SELECT tier.id FROM loyalty_program_collections AS tier \
         WHERE tier.tenant_id = loyalty_programs.tenant_id AND tier.loyalty_program_id = loyalty_programs.id \
         ORDER BY tier.min_spent LIMIT 1)",
    );
    let without_end = RangeTest::<Date>::IsNull(true).condition(TO_DATE);
    let is_open = Condition::all([
        Condition::text(LoyaltyProgram::TENANT_ID, tenant.id()),
        Condition::flag(AUTO_OPT_IN, true),
        RangeTest::Lte(today).condition(FROM_DATE),
        Condition::any([without_end, RangeTest::Gte(today).condition(TO_DATE)]),
    ]);
    let from = Sql::new(" FROM loyalty_programs WHERE ").append(is_open.into_sql());
    Select { with: Sql::default(), selection, from }
}

/// The current or future groups of a customer, which determine the programs that it may take part
/// in.
#[derive(Clone, Copy)]
pub enum GroupsOf<'a> {
    /// A new customer, with its further groups.
    New(&'a [Uid]),
    /// A stored one.
    Stored(Uid),
    /// One restored from an export, which keeps its program.
    Restored,
}

/// Whether the customer, by its primary group and its further ones, is outside that group and those
/// below it.
async fn is_outside(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    group: Uid,
    primary: Option<Uid>,
    further: GroupsOf<'_>,
) -> Result<bool, db::Error> {
    let given = match further {
        GroupsOf::New(further) => further,
        GroupsOf::Stored(_) => &[],
        GroupsOf::Restored => return Ok(false),
    };
    let given: UidSet = given.iter().copied().chain(primary).collect();
    let groups = Sql::new("SELECT id FROM ").uids(Arc::new(given)).sql(" AS given");
    let groups = match further {
        GroupsOf::New(_) | GroupsOf::Restored => groups,
        GroupsOf::Stored(customer) => Sql::template(
            "SELECT id FROM ({groups} UNION ALL \
             SELECT customer_group_id FROM customer_group_memberships AS member \
             WHERE member.customer_id = {customer} AND member.tenant_id = {tenant}) AS own",
            [
                ("groups", groups),
                ("customer", Sql::default().uid(customer)),
                ("tenant", Sql::default().text(tenant.id())),
            ],
        ),
    };
    let line = customer_group::line_of(tenant, groups);
    let query = Select {
        with: Sql::default(),
        selection: Expr::<BigInt>::literal("count(*)"),
        from: Sql::template(
            " FROM ({line}) AS above WHERE above.id = {group}",
            [("line", line), ("group", Sql::default().uid(group))],
        ),
    };
    let found: i64 = on!(tx, |c| query.get_result(c).await)?;
    Ok(found == 0)
}

/// The violations of a customer's program and tier. If the customer joins the program now, one of
/// its groups (`joins`) must be that of the program, or below it. The tier must belong to the
/// program.
pub async fn check_membership(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customer: &CustomerAttributes,
    joins: Option<GroupsOf<'_>>,
) -> Result<Vec<Violation>, db::Error> {
    let (program, tier) = (customer.loyalty_program_id, customer.loyalty_program_tier_id);
    let mut violations = Vec::new();
    if let Some(id) = program {
        let found = LoyaltyProgram::find_many(tx, tenant, &[id]).await?.pop();
        let of_group = found.as_ref().and_then(|it| it.attributes.customer_group_id);
        if found.is_none() {
            let message = "there is no loyalty program with this id";
            violations.push(Violation::new("loyaltyProgramId", Code::NotFound, message));
        } else if let (Some(group), Some(groups)) = (of_group, joins)
            && is_outside(tx, tenant, group, customer.customer_group_id, groups).await?
        {
            let message = "the loyalty program is for a customer group that the customer is not in";
            violations.push(Violation::new("loyaltyProgramId", Code::Invalid, message));
        }
    }
    if let Some(tier) = tier {
        let found = LoyaltyProgramCollection::find_many(tx, tenant, &[tier]).await?;
        if !found.iter().any(|found| Some(found.parent) == program) {
            let message = "the customer's loyalty program has no tier with this id";
            violations.push(Violation::new("loyaltyProgramTierId", Code::NotFound, message));
        }
    }
    Ok(violations)
}
