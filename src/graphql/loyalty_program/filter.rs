//! Filters of loyalty programs.

use async_graphql::InputObject;

use super::LoyaltyProgramType;
use crate::{
    graphql::filter::{DateTimeFilter, Tests, TextFilter, filter, term},
    models::{
        filter::{Filter, TextTest},
        loyalty_program::{LoyaltyProgramAttributes, LoyaltyProgramTest},
    },
};

filter! {
    /// Filter for loyalty programs. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    LoyaltyProgramFilter of LoyaltyProgramAttributes makes LoyaltyProgramTest {
        /// Text contained in the name, ignoring case and accents; up to 255 characters.
        search: String =>
            |it| Ok(Filter::Is(LoyaltyProgramTest::Name(TextTest::Contains(term(it)?)))),
        /// Name of the program.
        loyalty_program_name: TextFilter => |it| it.tests(LoyaltyProgramTest::Name),
        /// Type of the program.
        loyalty_program_type: LoyaltyProgramTypeFilter => LoyaltyProgramTypeFilter::tests,
        /// When the program was created.
        created_at: DateTimeFilter => |it| it.tests(LoyaltyProgramTest::CreatedAt),
        /// When the program was last changed.
        updated_at: DateTimeFilter => |it| it.tests(LoyaltyProgramTest::UpdatedAt),
    }
}

/// Filter for types of loyalty programs. All given conditions must match.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LoyaltyProgramTypeFilter {
    /// Equals this type.
    eq: Option<LoyaltyProgramType>,
    /// Equals one of these types.
    #[graphql(name = "in")]
    is_in: Option<Vec<LoyaltyProgramType>>,
    /// Whether the type is `null`.
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
