//! The reasons why rows cannot be restored: a unique value now belongs to another object, or an object to which they
//! refer is missing.

use std::collections::{BTreeSet, HashSet};

use diesel::{ExpressionMethods, QueryDsl};

use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on, pick::ColumnSet, schema::customers, sql::Condition, types::Uid,
    },
    models::{
        Code, CustomerGroup, LoyaltyProgram, Row, Violation, Violations,
        child::{Child, ChildAttributes},
        customer::{
            CUSTOMER_POS_ID, CustomerAttributes, LOYALTY_ID, each_list,
            merge::{owners_of_external_id, snapshot::Snapshot},
        },
        loyalty_program_collection::LoyaltyProgramCollection,
    },
};

/// Finds these reasons in a fixed number of statements.
pub async fn find(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    survivor: &Snapshot,
    absorbed: &Snapshot,
) -> Result<Violations, db::Error> {
    let mut violations = Violations::default();
    let taken = |what: &str| {
        let message = format!("{what} is now used by another object");
        Violation::new("absorbedId", Code::Taken, message)
    };
    let id = survivor.customer.id;
    for snapshot in [survivor, absorbed] {
        let Some(external_id) = &snapshot.customer.attributes.external_id else { continue };
        let owners = owners_of_external_id(tx, tenant, external_id).await?;
        if owners.iter().any(|owner| *owner != id) {
            violations.push(taken(&format!("the externalId {external_id:?}")));
        }
    }
    let both = [&survivor.customer.attributes, &absorbed.customer.attributes];
    for number in taken_numbers(tx, tenant, id, both).await? {
        violations.push(taken(&number));
    }
    each_list!((&survivor.lists, &absorbed.lists), |list, others| {
        for external_id in taken_external_ids(tx, tenant, id, [list, others]).await? {
            violations.push(taken(&format!("the externalId {external_id:?}")));
        }
    });
    missing(tx, tenant, survivor, absorbed, &mut violations).await?;
    Ok(violations)
}

/// The numbers of both customers that a customer other than the survivor has.
async fn taken_numbers(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    survivor: Uid,
    both: [&CustomerAttributes; 2],
) -> Result<Vec<String>, db::Error> {
    let loyalty_ids: Vec<String> = both.iter().filter_map(|it| it.loyalty_id.clone()).collect();
    let pos_ids: Vec<String> = both.iter().filter_map(|it| it.customer_pos_id.clone()).collect();
    let of = |column, texts: &[String]| {
        (!texts.is_empty()).then(|| Condition::text_in(column, texts.iter().cloned()))
    };
    let named: Vec<Condition> = [of(LOYALTY_ID, &loyalty_ids), of(CUSTOMER_POS_ID, &pos_ids)]
        .into_iter()
        .flatten()
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let with_any = customers::table
        .filter(customers::tenant_id.eq(tenant.id()))
        .filter(Condition::any(named))
        .select((customers::id, customers::loyalty_id, customers::customer_pos_id));
    let found: Vec<(Uid, Option<String>, Option<String>)> = on!(tx, |c| with_any.load(c).await)?;
    let mut taken = Vec::new();
    for (_, loyalty_id, pos_id) in found.into_iter().filter(|(id, ..)| *id != survivor) {
        let loyalty_id = loyalty_id.filter(|it| loyalty_ids.contains(it));
        let pos_id = pos_id.filter(|it| pos_ids.contains(it));
        taken.extend(loyalty_id.map(|it| format!("the loyaltyId {it:?}")));
        taken.extend(pos_id.map(|it| format!("the customerPosId {it:?}")));
    }
    Ok(taken)
}

/// The external ids of these children that a child of a customer other than the survivor has.
async fn taken_external_ids<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    survivor: Uid,
    children: [&Vec<Child<A>>; 2],
) -> Result<Vec<String>, db::Error> {
    let children = children.into_iter().flatten();
    let texts = children.filter_map(|it| it.attributes.external_id());
    let texts: Vec<String> = texts.map(str::to_owned).collect();
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let with_these = Condition::text_in(Child::<A>::EXTERNAL_ID, texts);
    let found = Child::<A>::select(tx, tenant, with_these, ColumnSet::ALL).await?;
    let others = found.iter().filter(|it| it.parent != survivor);
    Ok(others.filter_map(|it| it.attributes.external_id().map(str::to_owned)).collect())
}

/// Adds the violations of missing groups, programs and tiers.
async fn missing(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    survivor: &Snapshot,
    absorbed: &Snapshot,
    violations: &mut Violations,
) -> Result<(), db::Error> {
    let both = [survivor, absorbed];
    let groups = both.iter().flat_map(|it| it.memberships.iter().map(|it| it.group)).collect();
    let attributes = both.map(|it| &it.customer.attributes);
    let programs = attributes.iter().filter_map(|it| it.loyalty_program_id).collect();
    let tiers = attributes.iter().filter_map(|it| it.loyalty_program_tier_id).collect();
    violations.extend(missing_rows::<CustomerGroup>(tx, tenant, groups, "customer group").await?);
    violations
        .extend(missing_rows::<LoyaltyProgram>(tx, tenant, programs, "loyalty program").await?);
    violations.extend(missing_rows::<LoyaltyProgramCollection>(tx, tenant, tiers, "tier").await?);
    Ok(())
}

async fn missing_rows<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    ids: BTreeSet<Uid>,
    noun: &str,
) -> Result<Option<Violation>, db::Error> {
    if ids.is_empty() {
        return Ok(None);
    }
    let ids: Vec<Uid> = ids.into_iter().collect();
    let found = R::find_columns(tx, tenant, &ids, ColumnSet::ID).await?;
    let found: HashSet<Uid> = found.iter().map(|row| row.uid()).collect();
    let missing = ids.iter().filter(|id| !found.contains(id)).count();
    let message = format!("a {noun} of one of the customers has been deleted");
    Ok((missing > 0).then(|| Violation::new("absorbedId", Code::NotFound, message)))
}
