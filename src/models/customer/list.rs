//! Lists of customers.

use std::collections::HashMap;

use diesel::SelectableHelper;
use diesel_async::RunQueryDsl;

use super::{Customer, CustomerTest, CustomerText, ID, TENANT_ID, UPDATED_AT};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, on,
        sql::{Column, Condition, Sql},
        types::Uid,
    },
    models::{
        filter::Filter,
        list::{ListOf, Listed, Slice, SortColumn, SortKey, of_all, per_parent},
        membership,
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerSort {
    CreatedAt,
    UpdatedAt,
    /// By one of the texts that people search.
    Text(CustomerText),
}

/// Ways in which customers belong to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerRelation {
    /// To a group.
    InGroup,
    /// To a group, or to one below it.
    InSubtree,
}

impl Listed for Customer {
    type Filter = Filter<CustomerTest>;
    type Sort = CustomerSort;
    type Relation = CustomerRelation;

    const TENANT_ID: Column = TENANT_ID;
    const ID: Column = ID;

    fn uid(&self) -> Uid {
        self.id
    }

    fn sort_column(sort: CustomerSort) -> SortColumn {
        match sort {
            CustomerSort::CreatedAt => SortColumn::Id,
            CustomerSort::UpdatedAt => SortColumn::Time(UPDATED_AT),
            CustomerSort::Text(text) => SortColumn::Text(text.key_column()),
        }
    }

    fn sort_key(&self, sort: CustomerSort) -> SortKey {
        match sort {
            CustomerSort::CreatedAt => SortKey::Id,
            CustomerSort::UpdatedAt => SortKey::Time(self.updated_at),
            CustomerSort::Text(text) => SortKey::Text(text.key_of(&self.attributes)),
        }
    }

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| test.condition(tenant))
    }

    fn relation_condition(tenant: &Tenant, relation: CustomerRelation) -> Condition {
        let subtree = relation == CustomerRelation::InSubtree;
        membership::customer_is_in(tenant, ID, Sql::new("SELECT parent.id"), subtree)
    }

    async fn page(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        list: &ListOf<Self>,
    ) -> Result<Slice<Self>, db::Error> {
        let rows = on!(conn, |c| of_all::<Self, _>(tenant, list, Self::as_select()).load(c).await)?;
        Ok(Slice::new(rows, &list.page))
    }

    async fn pages(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        relation: CustomerRelation,
        parents: &[Uid],
        list: &ListOf<Self>,
    ) -> Result<HashMap<Uid, Slice<Self>>, db::Error> {
        let rows = on!(conn, |c| {
            per_parent::<Self, _>(tenant, relation, parents, list, Self::as_select()).load(c).await
        })?;
        Ok(Slice::per_parent(rows, &list.page))
    }
}
