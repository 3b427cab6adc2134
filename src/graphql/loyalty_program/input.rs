//! The inputs for loyalty programs.

use async_graphql::{InputObject, MaybeUndefined};

use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        child::ChildInput,
        loyalty_program_collection::{
            LoyaltyProgramCollection, LoyaltyProgramCollectionEntryInput,
        },
    },
    models::{
        self, Violations, attribute::Patch, child::Entry,
        loyalty_program::LoyaltyProgramAttributes,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

/// Input for `loyaltyProgramCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(InputObject)]
pub struct LoyaltyProgramCreateInput {
    /// Tiers, in the order of their `idx`; at most 500. If there are any, the lowest `minSpent`
    /// must be 0.
    collections: Option<Vec<ChildInput<LoyaltyProgramCollection>>>,
    #[graphql(flatten)]
    attributes: NewAttributes<LoyaltyProgramAttributes>,
}

/// Input for `loyaltyProgramUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct LoyaltyProgramUpdateInput {
    /// Complete list of the program's tiers, in order; at most 500. Tiers that are not listed are
    /// deleted; if one of them has customers, the user error is `IN_USE`. If the list is not empty, the
    /// lowest `minSpent` must be 0. `null` means an empty list.
    collections: MaybeUndefined<Vec<LoyaltyProgramCollectionEntryInput>>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<LoyaltyProgramAttributes>,
}

/// The complete list of a program's tiers.
type Tiers = Vec<Entry<LoyaltyProgramCollectionAttributes>>;

/// A new program and its tiers.
type NewLoyaltyProgram = (LoyaltyProgramAttributes, Vec<LoyaltyProgramCollectionAttributes>);

impl LoyaltyProgramCreateInput {
    pub fn into_new(self) -> NewLoyaltyProgram {
        let tiers = self.collections.into_iter().flatten();
        let tiers = tiers.map(|tier| tier.attributes.patch.into_new()).collect();
        (self.attributes.patch.into_new(), tiers)
    }
}

impl LoyaltyProgramUpdateInput {
    /// The complete list of tiers, if given, and the change of the program.
    pub fn into_change(
        self,
    ) -> Result<(Option<Tiers>, Patch<LoyaltyProgramAttributes>), models::Error> {
        let mut violations = self.attributes.patch.cleared();
        let tiers = (!self.collections.is_undefined()).then(|| self.collections.take());
        let tiers = match tiers {
            Some(tiers) => Some(entries(tiers.unwrap_or_default(), &mut violations)?),
            None => None,
        };
        violations.finish()?;
        Ok((tiers, self.attributes.patch))
    }
}

fn entries(
    tiers: Vec<LoyaltyProgramCollectionEntryInput>,
    violations: &mut Violations,
) -> Result<Tiers, models::Error> {
    let mut entries = Vec::new();
    for (position, tier) in tiers.into_iter().enumerate() {
        match tier.into_entry() {
            Ok(entry) => entries.push(entry),
            Err(models::Error::Invalid(found)) => {
                let path = || ["collections".to_owned(), position.to_string()];
                violations.extend(found.into_iter().map(|it| it.within(path())));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}
