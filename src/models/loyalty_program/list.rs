//! Lists of loyalty programs.

use super::{ID, LoyaltyProgram, LoyaltyProgramType, SEARCH, TABLE};
use crate::{
    auth::Tenant,
    db::{
        schema::loyalty_programs,
        sql::{Column, Condition, Sql},
        types::Timestamp,
    },
    models::{
        filter::{AttributeTest, Filter, RangeTest, TextTest, has_attribute_tests},
        list::Listed,
    },
};

const NAME: Column = Column::of::<loyalty_programs::loyalty_program_name>(TABLE);
const NAME_KEY: Column = Column::of::<loyalty_programs::loyalty_program_name_key>(TABLE);
const TYPE: Column = Column::of::<loyalty_programs::loyalty_program_type>(TABLE);
const GROUP: Column = Column::of::<loyalty_programs::customer_group_id>(TABLE);
pub(super) const FROM_DATE: Column = Column::of::<loyalty_programs::from_date>(TABLE);
pub(super) const TO_DATE: Column = Column::of::<loyalty_programs::to_date>(TABLE);
pub(super) const AUTO_OPT_IN: Column = Column::of::<loyalty_programs::auto_opt_in>(TABLE);
const UPDATED_AT: Column = Column::of::<loyalty_programs::updated_at>(TABLE);

/// The filter conditions on a loyalty program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramTest {
    Attribute(AttributeTest),
    Name(TextTest),
    Type(Vec<LoyaltyProgramType>),
    HasNoType(bool),
    /// The group to which it is restricted.
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
}

has_attribute_tests!(LoyaltyProgramTest);

/// The relations of loyalty programs to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramRelation {
    /// To the group to which they are restricted.
    OfGroup,
}

impl Listed for LoyaltyProgram {
    type Filter = Filter<LoyaltyProgramTest>;
    type Relation = LoyaltyProgramRelation;

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| match test {
            LoyaltyProgramTest::Attribute(test) => test.condition(),
            LoyaltyProgramTest::Name(test) => test.condition(tenant, SEARCH, NAME, NAME_KEY),
            LoyaltyProgramTest::Type(types) => {
                Condition::text_in(TYPE, types.iter().map(|it| it.name().to_owned()))
            }
            LoyaltyProgramTest::HasNoType(has_none) => Condition::null(TYPE, *has_none),
            LoyaltyProgramTest::CreatedAt(test) => test.creation_condition(ID),
            LoyaltyProgramTest::UpdatedAt(test) => test.condition(UPDATED_AT),
        })
    }

    fn relation_condition(_tenant: &Tenant, relation: LoyaltyProgramRelation) -> Condition {
        match relation {
            LoyaltyProgramRelation::OfGroup => {
                Condition::of(Sql::default().column(GROUP).sql(" = parent.id"))
            }
        }
    }
}
