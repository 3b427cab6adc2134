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
        list::Listed,
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
    type Relation = CustomerGroupRelation;

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
