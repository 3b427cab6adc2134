//! Lists of POS profiles.

use std::sync::Arc;

use super::{ID, PosProfile, is_linked, named};
use crate::{
    auth::Tenant,
    db::{
        sql::{Condition, Sql, UidSet},
        types::Uid,
    },
    models::{Lookup, filter::OwnTest, list::Listed},
};

/// The tests that only POS profiles have, besides tests of columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PosProfileTest {
    /// Has one of these names, of either kind.
    Named(Vec<Lookup>),
    /// Is linked to one of the groups or, with ancestors, to one above them.
    Group { groups: Vec<Uid>, include_ancestors: bool },
}

impl OwnTest for PosProfileTest {
    fn condition(&self, tenant: &Tenant) -> Condition {
        match self {
            Self::Named(names) => named(names),
            Self::Group { groups, include_ancestors } => {
                let groups = Arc::new(groups.iter().copied().collect::<UidSet>());
                let groups = Sql::new("SELECT id FROM ").uids(groups).sql(" AS named");
                is_linked(tenant, ID, groups, *include_ancestors)
            }
        }
    }
}

/// The relations of POS profiles to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PosProfileRelation {
    /// To a group that they are linked to.
    OfGroup,
}

impl Listed for PosProfile {
    type Test = PosProfileTest;
    type Relation = PosProfileRelation;

    fn relation_condition(tenant: &Tenant, relation: PosProfileRelation) -> Condition {
        match relation {
            PosProfileRelation::OfGroup => {
                is_linked(tenant, ID, Sql::new("SELECT parent.id"), false)
            }
        }
    }
}
