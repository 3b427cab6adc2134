//! Filters and orders of loyalty programs.

use async_graphql::{Enum, InputObject};

use super::LoyaltyProgramType;
use crate::{
    graphql::{
        filter::{
            BooleanFilter, DateFilter, DateTimeFilter, ExactFilter, IdFilter, Tests, TextFilter,
            filter, term,
        },
        order::order,
    },
    id::NodeType,
    models::{
        filter::{Filter, TextTest},
        loyalty_program::{LoyaltyProgramSort, LoyaltyProgramTest},
    },
};

order! {
    /// An order of loyalty programs.
    LoyaltyProgramOrder by LoyaltyProgramOrderField makes LoyaltyProgramSort
}

/// The fields that loyalty programs can be ordered by. A missing value counts as less than any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "LoyaltyProgramSort")]
pub enum LoyaltyProgramOrderField {
    /// Creation time.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// The name, ignoring case and accents.
    #[graphql(name = "LOYALTY_PROGRAM_NAME")]
    Name,
    /// The first day.
    FromDate,
    /// The last day.
    ToDate,
}

filter! {
    /// Filter for loyalty programs. All given conditions must hold; at most 100 in all.
    LoyaltyProgramFilter makes LoyaltyProgramTest {
        /// The name contains this text.
        search: String =>
            |it| Ok(Filter::Is(LoyaltyProgramTest::Name(TextTest::Contains(term(it)?)))),
        /// The name.
        loyalty_program_name: TextFilter => |it| it.tests(LoyaltyProgramTest::Name),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(LoyaltyProgramTest::ExternalId),
        /// How many tiers they have.
        loyalty_program_type: LoyaltyProgramTypeFilter => LoyaltyProgramTypeFilter::tests,
        /// The group that they are for.
        customer_group_id: IdFilter =>
            |it| it.tests(NodeType::CustomerGroup, LoyaltyProgramTest::Group),
        /// The sales territory that they are for.
        customer_territory: ExactFilter => |it| it.tests(LoyaltyProgramTest::Territory),
        /// The one of your own companies whose programs they are.
        company: ExactFilter => |it| it.tests(LoyaltyProgramTest::Company),
        /// Do customers take part without being asked?
        auto_opt_in: BooleanFilter => |it| it.tests(LoyaltyProgramTest::AutoOptIn),
        /// The first day.
        from_date: DateFilter => |it| it.tests(LoyaltyProgramTest::FromDate),
        /// The last day.
        to_date: DateFilter => |it| it.tests(LoyaltyProgramTest::ToDate),
        /// When the program was created.
        created_at: DateTimeFilter => |it| it.tests(LoyaltyProgramTest::CreatedAt),
        /// When the program was last changed.
        updated_at: DateTimeFilter => |it| it.tests(LoyaltyProgramTest::UpdatedAt),
    }
}

/// Conditions on the type of a loyalty program: how many tiers it has. All given ones must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LoyaltyProgramTypeFilter {
    /// Is of this type.
    eq: Option<LoyaltyProgramType>,
    /// Is of one of these types.
    #[graphql(name = "in")]
    is_in: Option<Vec<LoyaltyProgramType>>,
    /// None is given (`true`), or one is (`false`).
    is_null: Option<bool>,
}

impl LoyaltyProgramTypeFilter {
    #[expect(clippy::unnecessary_wraps, reason = "as those of the other conditions")]
    fn tests(self) -> Tests<LoyaltyProgramTest> {
        let has_none = self.is_null.map(|it| Filter::Is(LoyaltyProgramTest::HasNoType(it)));
        let types = [self.eq.map(|it| vec![it]), self.is_in].into_iter().flatten();
        let types = types.map(|types| {
            let types = types.into_iter().map(Into::into).collect();
            Filter::Is(LoyaltyProgramTest::Type(types))
        });
        Ok(Filter::All(has_none.into_iter().chain(types).collect()))
    }
}
