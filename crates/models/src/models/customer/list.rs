//! Lists of customers.

use std::collections::HashMap;

use super::{
    Customer, CustomerTest, DISABLED, ID, LOYALTY_PROGRAM_ID, LOYALTY_PROGRAM_TIER_ID,
    filter::{self, CustomerFilter},
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        pick::ColumnSet,
        sql::{Column, Condition, Sql},
        types::Uid,
    },
    models::{
        Lookup,
        filter::{Filter, IdTest, Predicate, RowTest},
        list::{self, List, ListOf, Listed, Slice, Sort, Source},
        membership::{self, Members, Order},
        pos_profile,
    },
};

/// The relations of customers to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerRelation {
    /// To a group.
    InGroup,
    /// To a group, or to one below it.
    InSubtree,
    /// To a loyalty program.
    InLoyaltyProgram,
    /// To a tier of one.
    InLoyaltyProgramTier,
    /// To the customers that a POS profile may sell to.
    InPosScope,
}

impl Listed for Customer {
    type Test = CustomerTest;
    type Relation = CustomerRelation;

    fn relation_condition(tenant: &Tenant, relation: CustomerRelation) -> Condition {
        let refers_by =
            |column: Column| Condition::of(Sql::default().column(column).sql(" = parent.id"));
        let in_group = |subtree: bool| {
            membership::customer_is_in(tenant, ID, Sql::new("SELECT parent.id"), subtree)
        };
        match relation {
            CustomerRelation::InGroup => in_group(false),
            CustomerRelation::InSubtree => in_group(true),
            CustomerRelation::InLoyaltyProgram => refers_by(LOYALTY_PROGRAM_ID),
            CustomerRelation::InLoyaltyProgramTier => refers_by(LOYALTY_PROGRAM_TIER_ID),
            CustomerRelation::InPosScope => pos_profile::scope_of_parent(tenant, ID, DISABLED),
        }
    }

    fn with_relation(
        filter: &CustomerFilter,
        relation: CustomerRelation,
        parent: Uid,
    ) -> Option<CustomerFilter> {
        let in_group = |include_descendants| {
            RowTest::Own(CustomerTest::Group { groups: vec![parent], include_descendants })
        };
        let refers = |column| {
            let is_parent = Predicate::Id(IdTest::In(vec![parent]));
            RowTest::column(column, is_parent)
        };
        let test = match relation {
            CustomerRelation::InGroup => in_group(false),
            CustomerRelation::InSubtree => in_group(true),
            CustomerRelation::InLoyaltyProgram => refers(LOYALTY_PROGRAM_ID),
            CustomerRelation::InLoyaltyProgramTier => refers(LOYALTY_PROGRAM_TIER_ID),
            CustomerRelation::InPosScope => {
                RowTest::Own(CustomerTest::PosScope(Lookup::Id(parent)))
            }
        };
        Some(Filter::Is(test).and(filter))
    }

    async fn resolve(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: CustomerFilter,
    ) -> Result<CustomerFilter, db::Error> {
        filter::resolve(conn, tenant, filter, None).await
    }

    async fn resolve_page(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        list: &ListOf<Self>,
    ) -> Result<CustomerFilter, db::Error> {
        let order = if list.sort == Sort::CreatedAt { Order::ById } else { Order::ByColumn };
        filter::resolve(conn, tenant, list.filter.clone(), Some(order)).await
    }

    fn source(tenant: &Tenant, list: &ListOf<Self>) -> Source {
        if let Some(search) = filter::search(tenant, &list.filter) {
            return Source::Search(search);
        }
        let Some((groups, condition)) = filter::members(&list.filter) else { return Source::Table };
        match (groups.members, list.sort) {
            (Members::Many, Sort::CreatedAt) => {
                let (rows, id) = groups.in_order_of_ids(tenant, condition);
                Source::OtherTable(rows, id)
            }
            (Members::Several, _) if condition.is_none() => Source::Index,
            _ => Source::Table,
        }
    }

    fn counted(filter: &CustomerFilter) -> CustomerFilter {
        filter::counted(filter)
    }

    async fn pages(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        relation: CustomerRelation,
        parents: &[Uid],
        list: &ListOf<Self>,
        columns: ColumnSet,
    ) -> Result<HashMap<Uid, Slice<Self>>, db::Error> {
        let (open, others) = split(conn, tenant, relation, parents).await?;
        let mut pages =
            list::pages_of_parents::<Self>(conn, tenant, relation, &others, list, columns).await?;
        if !open.is_empty() {
            let all = List { filter: enabled(&list.filter), ..list.clone() };
            let page = Self::page(conn, tenant, &all, columns).await?;
            pages.extend(open.into_iter().map(|profile| (profile, page.clone())));
        }
        Ok(pages)
    }

    async fn count(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: &CustomerFilter,
    ) -> Result<i64, db::Error> {
        match filter::members(filter) {
            Some((groups, condition)) => groups.count(conn, tenant, condition).await,
            None => list::count::<Self>(conn, tenant, filter).await,
        }
    }

    async fn counts(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        relation: CustomerRelation,
        parents: &[Uid],
        filter: &CustomerFilter,
    ) -> Result<HashMap<Uid, i64>, db::Error> {
        let (open, others) = split(conn, tenant, relation, parents).await?;
        let mut counts = list::counts::<Self>(conn, tenant, relation, &others, filter).await?;
        if !open.is_empty() {
            let count = Self::count(conn, tenant, &enabled(filter)).await?;
            counts.extend(open.into_iter().map(|profile| (profile, count)));
        }
        Ok(counts)
    }
}

/// Separates the POS profiles that sell to everyone from the others. All profiles that sell to
/// everyone have the same customers, so no groups need to be looked up.
async fn split(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    relation: CustomerRelation,
    parents: &[Uid],
) -> Result<(Vec<Uid>, Vec<Uid>), db::Error> {
    if relation != CustomerRelation::InPosScope {
        return Ok((Vec::new(), parents.to_vec()));
    }
    let open = pos_profile::open_profiles(conn, tenant, parents).await?;
    Ok(parents.iter().partition(|profile| open.contains(profile)))
}

/// The filter, restricted to customers that are not disabled.
fn enabled(filter: &CustomerFilter) -> CustomerFilter {
    Filter::Is(filter::is_enabled()).and(filter)
}
