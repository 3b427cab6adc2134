//! Lists of groups.

use super::{CustomerGroup, ID, PARENT_ID};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql},
    models::{
        filter::{IdTest, NoTest, Predicate, RowTest},
        list::Listed,
        membership,
    },
};

/// The test that a group is a root, or is not one.
pub const fn is_root(is_root: bool) -> RowTest<NoTest> {
    RowTest::column(PARENT_ID, Predicate::Id(IdTest::IsNull(is_root)))
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
    type Test = NoTest;
    type Relation = CustomerGroupRelation;

    fn relation_condition(tenant: &Tenant, relation: CustomerGroupRelation) -> Condition {
        match relation {
            CustomerGroupRelation::Child => {
                Condition::of(Sql::default().column(PARENT_ID).sql(" = parent.id"))
            }
            CustomerGroupRelation::OfCustomer => membership::groups_of_parent(tenant, ID),
        }
    }
}
