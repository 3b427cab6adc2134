//! Lists of children of one kind, across all parents.

use std::collections::HashMap;

use super::{Child, ChildAttributes};
use crate::{
    auth::Tenant,
    db::{self, Conn, pick::ColumnSet, sql::Condition, types::Uid},
    models::{
        Row,
        entity::Entity,
        list::{FilterOf, ListOf, Listed, Slice},
    },
};

/// Pages of children are only available across all parents: one parent has few, which are loaded as
/// a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoRelation {}

impl<A: ChildAttributes> Listed for Child<A> {
    type Test = A::Test;
    type Relation = NoRelation;

    fn relation_condition(_tenant: &Tenant, relation: NoRelation) -> Condition {
        match relation {}
    }

    async fn resolve(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: FilterOf<Self>,
    ) -> Result<FilterOf<Self>, db::Error> {
        let parents = filter.parents();
        let successors = if parents.is_empty() {
            HashMap::new()
        } else {
            Entity::<A::Parent>::successors(conn, tenant, &parents).await?
        };
        A::resolve(conn, tenant, filter.with_successors(&successors)).await
    }

    async fn pages(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        relation: NoRelation,
        _parents: &[Uid],
        _list: &ListOf<Self>,
        _columns: ColumnSet,
    ) -> Result<HashMap<Uid, Slice<Self>>, db::Error> {
        match relation {}
    }
}
