//! The tiers of loyalty programs, which the original REST API calls collections.

use async_graphql::{ComplexObject, ID, InputObject};

use super::{customer::Customer, loyalty_program::LoyaltyProgram};
use crate::{
    graphql::{
        attributes::ChangedAttributes,
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, of_parent},
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
        object::object,
    },
    id::NodeType,
    models::{
        self, child::Entry, customer::CustomerRelation,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

object! {
    /// A tier of a loyalty program.
    pub struct LoyaltyProgramCollection(it: models::loyalty_program_collection::LoyaltyProgramCollection) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::LoyaltyProgramCollection.id(it.id),
        /// ID of the loyalty program.
        loyaltyProgramId: NodeType::LoyaltyProgram.id(it.parent),
        /// Position among the program's tiers, from 1, without gaps. It is for display only: `minSpent`
        /// determines which tier a customer reaches, and `MIN_SPENT` sorts by it.
        idx: it.idx,
        /// When the tier was created.
        createdAt: it.created_at,
        /// When the tier was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The loyalty program.
        loyaltyProgram: LoyaltyProgram by it.parent,
    }
    connections {
        /// Customers in the tier, most recently created first by default.
        customers: Customer in CustomerRelation::InLoyaltyProgramTier,
    }
}

#[ComplexObject]
impl LoyaltyProgramCollection {}

/// An entry in the complete list of a loyalty program's tiers: an existing tier (with `id`) or a
/// new one, which must have a `tierName` and a `collectionFactor`. Text is trimmed, and empty text
/// becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct LoyaltyProgramCollectionEntryInput {
    /// ID of an existing tier, whose omitted fields keep their values. Omit it for a new tier.
    id: Option<ID>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<LoyaltyProgramCollectionAttributes>,
}

impl LoyaltyProgramCollectionEntryInput {
    /// Converts the input to an entry, or returns its violations.
    pub fn into_entry(self) -> Result<Entry<LoyaltyProgramCollectionAttributes>, models::Error> {
        let patch = self.attributes.patch;
        patch.missing(self.id.is_none()).finish()?;
        Ok(match self.id {
            Some(id) => Entry::Stored(NodeType::LoyaltyProgramCollection.uid(&id), patch),
            None => Entry::New(patch.into_new()),
        })
    }
}

filter! {
    /// Filter for loyalty program tiers. All given conditions must match; at most 100 conditions,
    /// nested ones included.
    LoyaltyProgramCollection {
        /// ID of the loyalty program.
        loyaltyProgramId: IdFilter => of_parent::<LoyaltyProgramCollection>,
    }
}

impl ListedNode for LoyaltyProgramCollection {
    const ONE: &'static str = "loyaltyProgramCollection";
    const MANY: &'static str = "loyaltyProgramCollections";
    const NOUNS: (&'static str, &'static str) = ("loyalty program tier", "loyalty program tiers");
}

impl ChildNode for LoyaltyProgramCollection {
    type Attributes = LoyaltyProgramCollectionAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = LoyaltyProgram;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a tier to a loyalty program, at the end unless `idx` is given.",
        update: "Updates a loyalty program tier. Omitted fields keep their values. A new `idx` moves the tier.",
        delete: "Permanently deletes a loyalty program tier. Later tiers move up by one. A tier with customers cannot be deleted: the user error is `IN_USE`.",
    };
    const REORDER: Option<(&str, &str)> =
        Some(("Changes the order of a loyalty program's tiers.", "ID of the loyalty program."));
}
