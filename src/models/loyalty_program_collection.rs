//! The tiers of a loyalty program, which the documents call its collections: line items of the
//! program.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Code, Error, LoyaltyProgram, Row, Violation, Violations,
    child::{Child, ChildAttributes, child_queries},
    describe_counts,
    filter::{ExactTest, RangeTest},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all, on,
        schema::{customers, loyalty_program_collections},
        sql::{Column, Condition},
        types::{Decimal, Uid},
    },
};

const TABLE: &str = "loyalty_program_collections";
const TIER_NAME: Column = Column::of::<loyalty_program_collections::tier_name>(TABLE);
const MIN_SPENT: Column = Column::of::<loyalty_program_collections::min_spent>(TABLE);

const CUSTOMER_TIER_ID: Column = Column::of::<customers::loyalty_program_tier_id>("customers");

pub type LoyaltyProgramCollection = Child<LoyaltyProgramCollectionAttributes>;

/// What a client may write of a tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = loyalty_program_collections)]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LoyaltyProgramCollectionAttributes {
    pub external_id: Option<String>,
    pub tier_name: String,
    /// The least that a customer must have spent to be in the tier.
    pub min_spent: Decimal,
    /// What is to be spent for one point.
    pub collection_factor: Decimal,
}

/// What can be asked of a tier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoyaltyProgramCollectionTest {
    TierName(ExactTest),
    MinSpent(RangeTest<Decimal>),
}

impl ChildAttributes for LoyaltyProgramCollectionAttributes {
    child_queries!(
        loyalty_program_collections,
        loyalty_program_id,
        "loyalty_programs",
        LoyaltyProgram
    );

    type Test = LoyaltyProgramCollectionTest;

    fn test_condition(_tenant: &Tenant, test: &LoyaltyProgramCollectionTest) -> Condition {
        match test {
            LoyaltyProgramCollectionTest::TierName(test) => test.condition(TIER_NAME),
            LoyaltyProgramCollectionTest::MinSpent(test) => test.condition(MIN_SPENT),
        }
    }

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.required_line("tierName", &mut self.tier_name);
        violations.line("externalId", &mut self.external_id);
        violations.not_negative("minSpent", Some(self.min_spent));
        violations.not_negative("collectionFactor", Some(self.collection_factor));
        violations.finish()
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        if self.tier_name == other.tier_name {
            let message = "another tier of the program has this name";
            return Some(Violation::new("tierName", Code::Taken, message));
        }
        let message = "another tier of the program begins at this amount";
        (self.min_spent == other.min_spent)
            .then(|| Violation::new("minSpent", Code::Taken, message))
    }

    fn placeholder(&self, position: usize) -> Option<Self> {
        // No name has a line break, and no amount is negative.
        let tier_name = format!("\n{position}");
        let min_spent = rust_decimal::Decimal::from(-1 - i64::try_from(position).ok()?).into();
        Some(Self { external_id: None, tier_name, min_spent, ..self.clone() })
    }

    fn check_list(list: &[Child<Self>]) -> Option<(Uid, Violation)> {
        let lowest = list.iter().min_by_key(|tier| tier.attributes.min_spent)?;
        let message = "the lowest tier must begin at 0: every customer is in one";
        (lowest.attributes.min_spent != Decimal::default())
            .then(|| (lowest.id, Violation::new("minSpent", Code::Invalid, message)))
    }

    async fn check_stored(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        list: &[Child<Self>],
        _changed: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let [_, second, ..] = list else { return Ok(Vec::new()) };
        let programs = LoyaltyProgram::find_many(tx, tenant, &[second.parent]).await?;
        let is_single = programs.iter().any(LoyaltyProgram::has_one_tier_only);
        Ok(is_single.then(|| (second.id, too_many_tiers())).into_iter().collect())
    }

    async fn check_unused(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        tiers: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let ids: Vec<Uid> = tiers.iter().map(|tier| tier.id).collect();
        let counts = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(Condition::uid_in(CUSTOMER_TIER_ID, &ids))
            .group_by(customers::loyalty_program_tier_id)
            .select((customers::loyalty_program_tier_id, diesel::dsl::count_star()));
        let counts: Vec<(Option<Uid>, i64)> = on!(tx, |c| counts.load(c).await)?;
        let counts: HashMap<Option<Uid>, i64> = counts.into_iter().collect();
        let violation = |tier: &&Child<Self>| {
            let count = counts.get(&Some(tier.id)).copied().unwrap_or_default();
            let holds = describe_counts(&[(count, "customer")])?;
            let message = format!("the tier {} has {holds}", tier.attributes.tier_name);
            Some((tier.id, Violation { field: Vec::new(), code: Code::InUse, message }))
        };
        Ok(tiers.iter().filter_map(violation).collect())
    }
}

pub(super) fn too_many_tiers() -> Violation {
    let message = "a program of the type SINGLE_TIER_PROGRAM has one tier only";
    Violation { field: Vec::new(), code: Code::Invalid, message: message.to_owned() }
}
