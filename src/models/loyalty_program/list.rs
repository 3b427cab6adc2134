//! Lists of loyalty programs.

use std::collections::HashMap;

use super::{EXTERNAL_ID, ID, LoyaltyProgram, LoyaltyProgramType, SEARCH, TABLE};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        schema::loyalty_programs,
        sql::{Column, Condition, Sql},
        types::{Date, Timestamp, Uid},
    },
    models::{
        filter::{ExactTest, Filter, IdTest, RangeTest, TextTest},
        list::{self, ListOf, Listed, Slice, SortColumn, SortKey, page_queries},
    },
};

const NAME: Column = Column::of::<loyalty_programs::loyalty_program_name>(TABLE);
const NAME_KEY: Column = Column::of::<loyalty_programs::loyalty_program_name_key>(TABLE);
const TYPE: Column = Column::of::<loyalty_programs::loyalty_program_type>(TABLE);
const GROUP: Column = Column::of::<loyalty_programs::customer_group_id>(TABLE);
const TERRITORY: Column = Column::of::<loyalty_programs::customer_territory>(TABLE);
const COMPANY: Column = Column::of::<loyalty_programs::company>(TABLE);
pub(super) const FROM_DATE: Column = Column::of::<loyalty_programs::from_date>(TABLE);
pub(super) const TO_DATE: Column = Column::of::<loyalty_programs::to_date>(TABLE);
pub(super) const AUTO_OPT_IN: Column = Column::of::<loyalty_programs::auto_opt_in>(TABLE);
const UPDATED_AT: Column = Column::of::<loyalty_programs::updated_at>(TABLE);

/// The filter conditions on a loyalty program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramTest {
    ExternalId(ExactTest),
    Name(TextTest),
    Type(Vec<LoyaltyProgramType>),
    HasNoType(bool),
    /// The group to which it is restricted.
    Group(IdTest),
    Territory(ExactTest),
    Company(ExactTest),
    AutoOptIn(bool),
    FromDate(RangeTest<Date>),
    ToDate(RangeTest<Date>),
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramSort {
    CreatedAt,
    UpdatedAt,
    Name,
    FromDate,
    ToDate,
}

/// The relations of loyalty programs to parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramRelation {
    /// To the group to which they are restricted.
    OfGroup,
}

impl Listed for LoyaltyProgram {
    type Filter = Filter<LoyaltyProgramTest>;
    type Sort = LoyaltyProgramSort;
    type Relation = LoyaltyProgramRelation;

    fn sort_column(sort: LoyaltyProgramSort) -> SortColumn {
        match sort {
            LoyaltyProgramSort::CreatedAt => SortColumn::Id,
            LoyaltyProgramSort::UpdatedAt => SortColumn::Time(UPDATED_AT),
            LoyaltyProgramSort::Name => SortColumn::Text(NAME_KEY),
            LoyaltyProgramSort::FromDate => SortColumn::Date(FROM_DATE),
            LoyaltyProgramSort::ToDate => SortColumn::Date(TO_DATE),
        }
    }

    fn sort_key(&self, sort: LoyaltyProgramSort) -> SortKey {
        match sort {
            LoyaltyProgramSort::CreatedAt => SortKey::Id,
            LoyaltyProgramSort::UpdatedAt => SortKey::Time(self.updated_at),
            LoyaltyProgramSort::Name => SortKey::Text(self.name_key()),
            LoyaltyProgramSort::FromDate => SortKey::Date(Some(self.attributes.from_date)),
            LoyaltyProgramSort::ToDate => SortKey::Date(self.attributes.to_date),
        }
    }

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| match test {
            LoyaltyProgramTest::ExternalId(test) => test.condition(EXTERNAL_ID),
            LoyaltyProgramTest::Name(test) => test.condition(tenant, SEARCH, NAME, NAME_KEY),
            LoyaltyProgramTest::Type(types) => {
                Condition::text_in(TYPE, types.iter().map(|it| it.name().to_owned()))
            }
            LoyaltyProgramTest::HasNoType(has_none) => Condition::null(TYPE, *has_none),
            LoyaltyProgramTest::Group(test) => test.condition(GROUP),
            LoyaltyProgramTest::Territory(test) => test.condition(TERRITORY),
            LoyaltyProgramTest::Company(test) => test.condition(COMPANY),
            LoyaltyProgramTest::AutoOptIn(value) => Condition::flag(AUTO_OPT_IN, *value),
            LoyaltyProgramTest::FromDate(test) => test.condition(FROM_DATE),
            LoyaltyProgramTest::ToDate(test) => test.condition(TO_DATE),
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

    page_queries!();
}
