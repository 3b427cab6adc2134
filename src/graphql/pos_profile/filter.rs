//! Filters of POS profiles.

use async_graphql::{ID, InputObject};

use super::profile_name;
use crate::{
    graphql::{
        error::Error,
        filter::{DateTimeFilter, Tests, filter, terms, uids},
    },
    id::NodeType,
    models::{
        Lookup,
        filter::Filter,
        pos_profile::{PosProfileAttributes, PosProfileTest},
    },
};

filter! {
    /// Filter for POS profiles. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    PosProfileFilter of PosProfileAttributes makes PosProfileTest {
        /// The profile's `id` or `posProfileId`.
        pos_profile_id: PosProfileIdFilter => PosProfileIdFilter::tests,
        /// Groups that the profile is linked to.
        customer_group: PosProfileGroupFilter => PosProfileGroupFilter::tests,
        /// When the profile was created.
        created_at: DateTimeFilter => |it| it.tests(PosProfileTest::CreatedAt),
        /// When the profile or one of its links was last changed.
        updated_at: DateTimeFilter => |it| it.tests(PosProfileTest::UpdatedAt),
    }
}

/// Filter for POS profiles by `id` or `posProfileId`. All given conditions must match. A profile
/// that does not exist matches nothing in a filter for POS profiles, and causes the error
/// `NOT_FOUND` in any other filter.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PosProfileIdFilter {
    /// Is the profile with this ID.
    eq: Option<String>,
    /// Is one of the profiles with these IDs; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
}

/// Filter for POS profiles by the customer groups that they are linked to.
#[derive(Clone, Debug, InputObject)]
pub struct PosProfileGroupFilter {
    /// Has a link to one of the groups with these IDs; at most 1,000. An ID that does not exist
    /// matches nothing.
    #[graphql(name = "in")]
    is_in: Vec<ID>,
    /// Whether links to groups above them match, too. The filter then finds the profiles whose
    /// links let them sell to customers of these groups; profiles that sell to everyone match only
    /// if they have such a link.
    #[graphql(default = false)]
    include_ancestors: bool,
}

impl PosProfileIdFilter {
    fn tests(self) -> Tests<PosProfileTest> {
        Ok(Filter::All(
            self.names()?.into_iter().map(PosProfileTest::Named).map(Filter::Is).collect(),
        ))
    }

    /// The profiles named by each of its conditions.
    pub fn names(self) -> Result<Vec<Vec<Lookup>>, Error> {
        let names = [self.eq.map(|it| vec![it]), self.is_in].into_iter().flatten();
        let names =
            names.map(|names| Ok(terms(names)?.iter().map(|name| profile_name(name)).collect()));
        names.collect()
    }
}

impl PosProfileGroupFilter {
    fn tests(self) -> Tests<PosProfileTest> {
        let groups = uids(&self.is_in, NodeType::CustomerGroup)?;
        let include_ancestors = self.include_ancestors;
        Ok(Filter::Is(PosProfileTest::Group { groups, include_ancestors }))
    }
}
