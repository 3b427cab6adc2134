//! Lists of groups.

use super::{CustomerGroup, ID, NAME, NAME_KEY, PARENT_ID, SEARCH, UPDATED_AT};
use crate::{
    auth::Tenant,
    db::{
        sql::{Condition, Sql},
        types::Timestamp,
    },
    models::{
        filter::{AttributeTest, Filter, RangeTest, TextTest, has_attribute_tests},
        list::{Listed, SortColumn, SortKey},
        membership,
    },
};

/// The filter conditions on a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerGroupTest {
    Attribute(AttributeTest),
    Name(TextTest),
    IsRoot(bool),
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
}

has_attribute_tests!(CustomerGroupTest);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerGroupSort {
    CreatedAt,
    UpdatedAt,
    Name,
}

/// The relations of groups to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerGroupRelation {
    /// To their parent group.
    Child,
    /// To a customer that is a member.
    OfCustomer,
}

impl Listed for CustomerGroup {
    type Filter = Filter<CustomerGroupTest>;
    type Sort = CustomerGroupSort;
    type Relation = CustomerGroupRelation;

    fn sort_column(sort: CustomerGroupSort) -> SortColumn {
        match sort {
            CustomerGroupSort::CreatedAt => SortColumn::Id,
            CustomerGroupSort::UpdatedAt => SortColumn::Time(UPDATED_AT),
            CustomerGroupSort::Name => SortColumn::Text(NAME_KEY),
        }
    }

    fn sort_key(&self, sort: CustomerGroupSort) -> SortKey {
        match sort {
            CustomerGroupSort::CreatedAt => SortKey::Id,
            CustomerGroupSort::UpdatedAt => SortKey::Time(self.updated_at),
            CustomerGroupSort::Name => SortKey::Text(self.name_key()),
        }
    }

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| match test {
            CustomerGroupTest::Attribute(test) => test.condition(),
            CustomerGroupTest::Name(test) => test.condition(tenant, SEARCH, NAME, NAME_KEY),
            CustomerGroupTest::IsRoot(is_root) => Condition::null(PARENT_ID, *is_root),
            CustomerGroupTest::CreatedAt(test) => test.creation_condition(ID),
            CustomerGroupTest::UpdatedAt(test) => test.condition(UPDATED_AT),
        })
    }

    fn relation_condition(tenant: &Tenant, relation: CustomerGroupRelation) -> Condition {
        match relation {
            CustomerGroupRelation::Child => {
                Condition::of(Sql::default().column(PARENT_ID).sql(" = parent.id"))
            }
            CustomerGroupRelation::OfCustomer => membership::groups_of_parent(tenant, ID),
        }
    }
}
