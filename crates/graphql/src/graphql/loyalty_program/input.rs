//! The inputs for loyalty programs.

use async_graphql::{
    Context, Enum, InputObject, MaybeUndefined,
    registry::{MetaInputValue, Registry},
};

use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        child::{ChildInput, new_children},
        context::ContextExt,
        custom_attribute::{CustomAttributeInput, assignments},
        error::Error,
        loyalty_program_collection::{
            LoyaltyProgramCollection, LoyaltyProgramCollectionEntryInput,
        },
        mutable_node::{PolicyArgument, policy_argument, policy_value},
    },
    models::{
        self, Violations,
        child::Entry,
        custom_attribute::WithAttributes,
        loyalty_program::{
            DeletePolicy, LoyaltyProgramAttributes, LoyaltyProgramChange, NewLoyaltyProgram,
        },
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
    /// Custom attributes; at most 100.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: NewAttributes<LoyaltyProgramAttributes>,
}

/// Input for `loyaltyProgramUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct LoyaltyProgramUpdateInput {
    /// Complete list of the program's tiers, in order; at most 500. Tiers that are not listed are
    /// deleted; if one of them has customers, the user error is `IN_USE`. If the list is not empty, the
    /// lowest `minSpent` must be 0. `null` means an empty list.
    collections: MaybeUndefined<Vec<LoyaltyProgramCollectionEntryInput>>,
    /// Custom attributes to change; at most 100. The others keep their values.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: ChangedAttributes<LoyaltyProgramAttributes>,
}

/// Policies for the customers enrolled in a loyalty program that is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum LoyaltyProgramDeletePolicy {
    /// Deletes the program only if no customer takes part in it; otherwise the user error is `IN_USE`.
    #[default]
    Restrict,
    /// Removes all customers from the program and its tiers, and deletes it. No customer is deleted;
    /// their `updatedAt` changes. Requires the scope `ADMIN`; otherwise the error is `FORBIDDEN`.
    UnenrollCustomers,
}

impl<'a> PolicyArgument<'a> for DeletePolicy<'a> {
    fn argument(registry: &mut Registry) -> Option<MetaInputValue> {
        let description = "Policy for the customers enrolled in the program.";
        Some(policy_argument::<LoyaltyProgramDeletePolicy>(registry, description))
    }

    fn read(ctx: &'a Context<'_>) -> Result<Self, Error> {
        Ok(match policy_value(ctx)? {
            LoyaltyProgramDeletePolicy::Restrict => Self::Restrict,
            LoyaltyProgramDeletePolicy::UnenrollCustomers => {
                Self::UnenrollCustomers(ctx.administrator()?)
            }
        })
    }
}

impl From<LoyaltyProgramCreateInput> for WithAttributes<NewLoyaltyProgram> {
    fn from(input: LoyaltyProgramCreateInput) -> Self {
        let tiers = new_children(input.collections);
        let program = NewLoyaltyProgram { attributes: input.fields.patch.into_new(), tiers };
        Self { object: program, attributes: assignments(input.attributes) }
    }
}

impl TryFrom<LoyaltyProgramUpdateInput> for WithAttributes<LoyaltyProgramChange> {
    type Error = models::Error;

    /// Fails if a required attribute of the program is cleared, or a required attribute of a new tier is missing.
    fn try_from(input: LoyaltyProgramUpdateInput) -> Result<Self, models::Error> {
        let patch = input.fields.patch;
        let mut violations = patch.cleared();
        let tiers = match input.collections {
            MaybeUndefined::Undefined => None,
            collections => Some(entries(collections.take().unwrap_or_default(), &mut violations)?),
        };
        violations.finish()?;
        let program = LoyaltyProgramChange { patch, tiers };
        Ok(Self { object: program, attributes: assignments(input.attributes) })
    }
}

fn entries(
    tiers: Vec<LoyaltyProgramCollectionEntryInput>,
    violations: &mut Violations,
) -> Result<Vec<Entry<LoyaltyProgramCollectionAttributes>>, models::Error> {
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
