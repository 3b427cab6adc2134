//! Filters of POS profiles.

use async_graphql::{ID, InputObject};

use super::{PosProfile, profile_name};
use crate::{
    graphql::{
        custom_attribute::CustomAttributeFilter,
        error::Error,
        filter::{Tests, filter, terms, uids},
    },
    id::NodeType,
    models::{
        Lookup,
        custom_attribute::Noun,
        filter::{Filter, RowTest},
        pos_profile::PosProfileTest,
    },
};

filter! {
    /// Filter for POS profiles. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    PosProfile {
        /// The profile's `id` or `posProfileId`.
        posProfileId: PosProfileIdFilter => PosProfileIdFilter::tests,
        /// Groups that the profile is linked to.
        customerGroup: PosProfileGroupFilter => PosProfileGroupFilter::tests,
        /// Custom attribute of the profile, by its `key`. To combine several, use `and`.
        attribute: CustomAttributeFilter => |it| it.tests(Noun::PosProfile),
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
    fn tests(self) -> Tests<RowTest<PosProfileTest>> {
        Ok(Filter::All(
            self.names()?.into_iter().map(PosProfileTest::Named).map(Filter::own).collect(),
        ))
    }

    /// The profiles that each condition names.
    pub fn names(self) -> Result<Vec<Vec<Lookup>>, Error> {
        let names = [self.eq.map(|it| vec![it]), self.is_in].into_iter().flatten();
        let names =
            names.map(|names| Ok(terms(names)?.iter().map(|name| profile_name(name)).collect()));
        names.collect()
    }
}

impl PosProfileGroupFilter {
    fn tests(self) -> Tests<RowTest<PosProfileTest>> {
        let groups = uids(&self.is_in, NodeType::CustomerGroup)?;
        let include_ancestors = self.include_ancestors;
        Ok(Filter::own(PosProfileTest::Group { groups, include_ancestors }))
    }
}
