//! What clients filter and order POS profiles by.

use async_graphql::{Enum, ID, InputObject};

use super::profile_name;
use crate::{
    graphql::{
        error::Error,
        filter::{BooleanFilter, DateTimeFilter, Tests, filter, terms, uids},
        order::order,
    },
    id::NodeType,
    models::{
        Lookup,
        filter::Filter,
        pos_profile::{PosProfileSort, PosProfileTest},
    },
};

order! {
    /// An order of POS profiles.
    PosProfileOrder by PosProfileOrderField makes PosProfileSort
}

/// What POS profiles can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PosProfileSort")]
pub enum PosProfileOrderField {
    /// Creation time.
    CreatedAt,
    /// Time of the last change to the profile or its links.
    UpdatedAt,
    /// The id in the system that has them, byte by byte.
    PosProfileId,
}

filter! {
    /// Filter for POS profiles. All given conditions must hold; at most 100 in all.
    PosProfileFilter makes PosProfileTest {
        /// Which profile it is.
        pos_profile_id: PosProfileIdFilter => PosProfileIdFilter::tests,
        /// The groups that it has links to.
        customer_group: PosProfileGroupFilter => PosProfileGroupFilter::tests,
        /// May it sell to everyone?
        sells_to_everyone: BooleanFilter => |it| it.tests(PosProfileTest::SellsToEveryone),
        /// When the profile was created.
        created_at: DateTimeFilter => |it| it.tests(PosProfileTest::CreatedAt),
        /// When the profile, or its links, were last changed.
        updated_at: DateTimeFilter => |it| it.tests(PosProfileTest::UpdatedAt),
    }
}

/// Conditions on which POS profile it is: by the id that the server gave, or by the one in the
/// system that has the profile. All given ones must hold. In a filter of profiles, an id that does not
/// exist matches nothing; in one of anything else, it is an error (`NOT_FOUND`).
#[derive(Clone, Debug, Default, InputObject)]
pub struct PosProfileIdFilter {
    /// Is this profile.
    eq: Option<String>,
    /// Is one of these profiles; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
}

/// Condition on the groups that a POS profile has links to.
#[derive(Clone, Debug, InputObject)]
pub struct PosProfileGroupFilter {
    /// Has a link to one of these groups; at most 1,000. An id that does not exist matches nothing.
    #[graphql(name = "in")]
    is_in: Vec<ID>,
    /// Or to any group above one of them: its links let it sell to the customers of one of them. (One
    /// that sells to everyone need not have a link.)
    #[graphql(default = false)]
    include_ancestors: bool,
}

impl PosProfileIdFilter {
    fn tests(self) -> Tests<PosProfileTest> {
        Ok(Filter::All(
            self.names()?.into_iter().map(PosProfileTest::Named).map(Filter::Is).collect(),
        ))
    }

    /// The profiles that each of its conditions names.
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
