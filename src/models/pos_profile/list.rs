//! Lists of POS profiles.

use std::sync::Arc;

use super::{ID, PosProfile, UPDATED_AT, is_linked, named};
use crate::{
    auth::Tenant,
    db::{
        sql::{Condition, Sql, UidSet},
        types::{Timestamp, Uid},
    },
    models::{
        Lookup,
        filter::{AttributeTest, Filter, RangeTest, has_attribute_tests},
        list::Listed,
    },
};

/// The filter conditions on a POS profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PosProfileTest {
    Attribute(AttributeTest),
    /// Has one of these names, of either kind.
    Named(Vec<Lookup>),
    /// Is linked to one of the groups or, with ancestors, to one above them.
    Group {
        groups: Vec<Uid>,
        include_ancestors: bool,
    },
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
}

has_attribute_tests!(PosProfileTest);

/// The relations of POS profiles to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PosProfileRelation {
    /// To a group that they are linked to.
    OfGroup,
}

impl Listed for PosProfile {
    type Filter = Filter<PosProfileTest>;
    type Relation = PosProfileRelation;

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| match test {
            PosProfileTest::Attribute(test) => test.condition(),
            PosProfileTest::Named(names) => named(names),
            PosProfileTest::CreatedAt(test) => test.creation_condition(ID),
            PosProfileTest::UpdatedAt(test) => test.condition(UPDATED_AT),
            PosProfileTest::Group { groups, include_ancestors } => {
                let groups = Arc::new(groups.iter().copied().collect::<UidSet>());
                let groups = Sql::new("SELECT id FROM ").uids(groups).sql(" AS named");
                is_linked(tenant, ID, groups, *include_ancestors)
            }
        })
    }

    fn relation_condition(tenant: &Tenant, relation: PosProfileRelation) -> Condition {
        match relation {
            PosProfileRelation::OfGroup => {
                is_linked(tenant, ID, Sql::new("SELECT parent.id"), false)
            }
        }
    }
}
