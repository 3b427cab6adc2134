//! Lists of loyalty programs.

use super::{LoyaltyProgram, TABLE};
use crate::{
    auth::Tenant,
    db::{
        schema::loyalty_programs,
        sql::{Column, Condition, Sql},
    },
    models::{filter::NoTest, list::Listed},
};

pub(super) const GROUP: Column = Column::of::<loyalty_programs::customer_group_id>(TABLE);
pub(super) const FROM_DATE: Column = Column::of::<loyalty_programs::from_date>(TABLE);
pub(super) const TO_DATE: Column = Column::of::<loyalty_programs::to_date>(TABLE);
pub(super) const AUTO_OPT_IN: Column = Column::of::<loyalty_programs::auto_opt_in>(TABLE);

/// The relations of loyalty programs to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramRelation {
    /// To the group to which they are restricted.
    OfGroup,
}

impl Listed for LoyaltyProgram {
    type Test = NoTest;
    type Relation = LoyaltyProgramRelation;

    fn relation_condition(_tenant: &Tenant, relation: LoyaltyProgramRelation) -> Condition {
        match relation {
            LoyaltyProgramRelation::OfGroup => {
                Condition::of(Sql::default().column(GROUP).sql(" = parent.id"))
            }
        }
    }
}
