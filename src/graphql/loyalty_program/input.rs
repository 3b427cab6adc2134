//! What clients say about loyalty programs.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use super::LoyaltyProgramType;
use crate::{
    db::types::{Date, Decimal},
    graphql::{
        connection::OrderDirection,
        error::Error,
        filter::{
            BooleanFilter, DateFilter, DateTimeFilter, ExactFilter, IdFilter, TextFilter,
            check_size, term,
        },
        input::{reference, set},
        loyalty_program_collection::LoyaltyProgramCollectionInput,
    },
    id::NodeType,
    models::{
        self, Code, Violation,
        filter::{Filter, TextTest},
        loyalty_program::{LoyaltyProgramAttributes, LoyaltyProgramSort, LoyaltyProgramTest},
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

/// An order of loyalty programs.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct LoyaltyProgramOrder {
    /// What to order by.
    field: LoyaltyProgramOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What loyalty programs can be ordered by. What is missing comes before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "LoyaltyProgramSort")]
pub enum LoyaltyProgramOrderField {
    /// When they were created.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// The name, ignoring case and accents.
    #[graphql(name = "LOYALTY_PROGRAM_NAME")]
    Name,
    /// The first day.
    FromDate,
    /// The last day.
    ToDate,
}

impl Default for LoyaltyProgramOrder {
    fn default() -> Self {
        Self { field: LoyaltyProgramOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

impl From<LoyaltyProgramOrder> for (LoyaltyProgramSort, bool) {
    fn from(order: LoyaltyProgramOrder) -> Self {
        (order.field.into(), order.direction == OrderDirection::Desc)
    }
}

/// Filter for loyalty programs. All given conditions must hold; at most 100 in all.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LoyaltyProgramFilter {
    /// All of these hold.
    and: Option<Vec<LoyaltyProgramFilter>>,
    /// Any of these holds.
    or: Option<Vec<LoyaltyProgramFilter>>,
    /// This does not hold.
    not: Option<Box<LoyaltyProgramFilter>>,
    /// The name has this text somewhere within.
    search: Option<String>,
    /// The name.
    loyalty_program_name: Option<TextFilter>,
    /// The id that the client chose.
    external_id: Option<ExactFilter>,
    /// How many tiers they have.
    loyalty_program_type: Option<LoyaltyProgramTypeFilter>,
    /// The group that they are for.
    customer_group_id: Option<IdFilter>,
    /// The sales territory that they are for.
    customer_territory: Option<ExactFilter>,
    /// The company of one's own whose programs they are.
    company: Option<ExactFilter>,
    /// Do customers take part without being asked?
    auto_opt_in: Option<BooleanFilter>,
    /// The first day.
    from_date: Option<DateFilter>,
    /// The last day.
    to_date: Option<DateFilter>,
    /// When the program was created.
    created_at: Option<DateTimeFilter>,
    /// When the program was last changed.
    updated_at: Option<DateTimeFilter>,
}

/// Conditions on how many tiers a loyalty program has. All given ones must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LoyaltyProgramTypeFilter {
    /// Is of this kind.
    eq: Option<LoyaltyProgramType>,
    /// Is of one of these kinds.
    #[graphql(name = "in")]
    is_in: Option<Vec<LoyaltyProgramType>>,
    /// None is given (`true`), or one is (`false`).
    is_null: Option<bool>,
}

impl LoyaltyProgramFilter {
    pub fn tests(filter: Option<Self>) -> Result<Filter<LoyaltyProgramTest>, Error> {
        check_size(filter.map(Self::into_tests).transpose()?.unwrap_or_default())
    }

    fn into_tests(self) -> Result<Filter<LoyaltyProgramTest>, Error> {
        let many = |filters: Vec<Self>| filters.into_iter().map(Self::into_tests).collect();
        let mut tests = Vec::new();
        tests.extend(self.and.map(many).transpose()?.map(Filter::All));
        tests.extend(self.or.map(many).transpose()?.map(Filter::Any));
        let not = self.not.map(|filter| filter.into_tests()).transpose()?;
        tests.extend(not.map(|filter| Filter::Not(Box::new(filter))));
        if let Some(text) = self.search {
            tests.push(Filter::Is(LoyaltyProgramTest::Name(TextTest::Contains(term(text)?))));
        }
        if let Some(filter) = self.loyalty_program_name {
            tests.push(filter.tests(LoyaltyProgramTest::Name)?);
        }
        if let Some(filter) = self.external_id {
            tests.push(filter.tests(LoyaltyProgramTest::ExternalId)?);
        }
        if let Some(LoyaltyProgramTypeFilter { eq, is_in, is_null }) = self.loyalty_program_type {
            let has_none = |it| Filter::Is(LoyaltyProgramTest::HasNoType(it));
            tests.extend(is_null.map(has_none));
            for types in [eq.map(|it| vec![it]), is_in].into_iter().flatten() {
                let types = types.into_iter().map(Into::into).collect();
                tests.push(Filter::Is(LoyaltyProgramTest::Type(types)));
            }
        }
        if let Some(filter) = self.customer_group_id {
            tests.push(filter.tests(NodeType::CustomerGroup, LoyaltyProgramTest::Group)?);
        }
        if let Some(filter) = self.customer_territory {
            tests.push(filter.tests(LoyaltyProgramTest::Territory)?);
        }
        if let Some(filter) = self.company {
            tests.push(filter.tests(LoyaltyProgramTest::Company)?);
        }
        tests.extend(self.auto_opt_in.map(|it| Filter::Is(LoyaltyProgramTest::AutoOptIn(it.eq))));
        tests.extend(self.from_date.map(|it| it.tests(LoyaltyProgramTest::FromDate)));
        tests.extend(self.to_date.map(|it| it.tests(LoyaltyProgramTest::ToDate)));
        tests.extend(self.created_at.map(|it| it.tests(LoyaltyProgramTest::CreatedAt)));
        tests.extend(self.updated_at.map(|it| it.tests(LoyaltyProgramTest::UpdatedAt)));
        Ok(Filter::All(tests))
    }
}

/// Input of `loyaltyProgramCreate`. Texts have up to 255 characters; they are trimmed, and an empty one
/// is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCreateInput {
    /// The name, of 1 to 255 characters.
    loyalty_program_name: String,
    /// The first day on which points are given.
    from_date: Date,
    /// The tiers, in order; at most 500. The lowest begins at 0.
    collections: Option<Vec<LoyaltyProgramCollectionInput>>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// Input of `loyaltyProgramUpdate`: what is not given stays, and `null` clears. Texts have up to 255
/// characters; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramUpdateInput {
    /// The name, of 1 to 255 characters. It cannot be cleared.
    loyalty_program_name: MaybeUndefined<String>,
    /// The first day on which points are given. It cannot be cleared.
    from_date: MaybeUndefined<Date>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramAttributesInput,
}

/// What may be given of a loyalty program, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramAttributesInput {
    /// An id of the client's choosing, unique among the loyalty programs.
    external_id: MaybeUndefined<String>,
    /// How many tiers the program has.
    loyalty_program_type: MaybeUndefined<LoyaltyProgramType>,
    /// The last day on which points are given, not before `fromDate`; `null` is without an end.
    to_date: MaybeUndefined<Date>,
    /// The group that the program is for, with the groups below it; `null` is for all customers.
    customer_group_id: MaybeUndefined<ID>,
    /// The sales territory that the program is for: an identifier of another system.
    customer_territory: MaybeUndefined<String>,
    /// Do customers that the program is for take part without being asked? `false` for a new one.
    auto_opt_in: MaybeUndefined<bool>,
    /// What a point is worth, in the program's currency; not negative.
    conversion_factor: MaybeUndefined<Decimal>,
    /// After how many days points expire; not negative. `null` or 0 is never.
    expiry_duration: MaybeUndefined<i32>,
    /// The account that redeemed points are booked to: an identifier of another system.
    expense_account: MaybeUndefined<String>,
    /// The cost center that redeemed points are booked to: an identifier of another system.
    cost_center: MaybeUndefined<String>,
    /// The company of one's own whose program it is: an identifier of another system.
    company: MaybeUndefined<String>,
    /// The project that redeemed points are booked to: an identifier of another system.
    project: MaybeUndefined<String>,
}

/// A program to be created, and its tiers.
type NewLoyaltyProgram = (LoyaltyProgramAttributes, Vec<LoyaltyProgramCollectionAttributes>);

impl LoyaltyProgramCreateInput {
    pub fn into_new(self) -> Result<NewLoyaltyProgram, models::Error> {
        let mut attributes = LoyaltyProgramAttributes {
            loyalty_program_name: self.loyalty_program_name,
            from_date: self.from_date,
            ..LoyaltyProgramAttributes::default()
        };
        self.attributes.into_change()?(&mut attributes);
        let tiers = self.collections.into_iter().flatten();
        Ok((attributes, tiers.map(LoyaltyProgramCollectionInput::into_attributes).collect()))
    }
}

impl LoyaltyProgramUpdateInput {
    pub fn into_change(
        self,
    ) -> Result<impl FnOnce(&mut LoyaltyProgramAttributes) + Send, models::Error> {
        if self.from_date.is_null() {
            return Err(Violation::new("fromDate", Code::Required, "must be given").into());
        }
        let change = self.attributes.into_change()?;
        Ok(move |it: &mut LoyaltyProgramAttributes| {
            set(&mut it.loyalty_program_name, self.loyalty_program_name);
            set(&mut it.from_date, self.from_date);
            change(it);
        })
    }
}

impl LoyaltyProgramAttributesInput {
    fn into_change(
        self,
    ) -> Result<impl FnOnce(&mut LoyaltyProgramAttributes) + Send, models::Error> {
        let group = reference(self.customer_group_id, NodeType::CustomerGroup, "customerGroupId")?;
        let program_type = self.loyalty_program_type.map_value(Into::into);
        Ok(move |it: &mut LoyaltyProgramAttributes| {
            self.external_id.update_to(&mut it.external_id);
            program_type.update_to(&mut it.loyalty_program_type);
            self.to_date.update_to(&mut it.to_date);
            group.update_to(&mut it.customer_group_id);
            self.customer_territory.update_to(&mut it.customer_territory);
            set(&mut it.auto_opt_in, self.auto_opt_in);
            self.conversion_factor.update_to(&mut it.conversion_factor);
            self.expiry_duration.update_to(&mut it.expiry_duration);
            self.expense_account.update_to(&mut it.expense_account);
            self.cost_center.update_to(&mut it.cost_center);
            self.company.update_to(&mut it.company);
            self.project.update_to(&mut it.project);
        })
    }
}
