//! The tiers of loyalty programs, which the original REST documents call collections.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object};

use super::{customer::Customer, loyalty_program::LoyaltyProgram};
use crate::{
    graphql::{
        attributes::{ChangedAttributes, NestedAttributes, NewAttributes},
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, IdFilter, filter},
        object::object,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::{ChildTest, Entry, NoTest},
        customer::CustomerRelation,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

/// A tier of a loyalty program.
pub struct LoyaltyProgramCollection(
    pub(in crate::graphql) Arc<models::loyalty_program_collection::LoyaltyProgramCollection>,
);

impl ChildNode for LoyaltyProgramCollectionAttributes {
    const NODE_TYPE: NodeType = NodeType::LoyaltyProgramCollection;
    const PARENT_TYPE: NodeType = NodeType::LoyaltyProgram;
    const PARENT_FIELD: &'static str = "loyaltyProgramId";
}

object! {
    /// A tier of a loyalty program.
    LoyaltyProgramCollection(it: models::loyalty_program_collection::LoyaltyProgramCollection) {
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

/// A tier of a new loyalty program. Text is trimmed, and empty text becomes `null`. Maximum length:
/// 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionInput {
    #[graphql(flatten)]
    pub attributes: NestedAttributes<LoyaltyProgramCollectionAttributes>,
}

/// Input for `loyaltyProgramCollectionCreate`. Text is trimmed, and empty text becomes `null`.
/// Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionCreateInput {
    /// ID of the loyalty program to add the tier to.
    loyalty_program_id: ID,
    /// Position among the program's tiers, from 1, for display; it need not follow `minSpent`.
    /// Later tiers shift by one. Default: the end.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: NewAttributes<LoyaltyProgramCollectionAttributes>,
}

/// Input for `loyaltyProgramCollectionUpdate`. Omitted fields keep their values, and `null` clears
/// a field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionUpdateInput {
    /// New position among the program's tiers, from 1, for display; it need not follow `minSpent`.
    /// If omitted or `null`, the tier keeps its position.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<LoyaltyProgramCollectionAttributes>,
}

/// An entry in the complete list of a loyalty program's tiers: an existing tier (with `id`) or a
/// new one, which must have a `tierName` and a `collectionFactor`. Text is trimmed, and empty text
/// becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionEntryInput {
    /// ID of an existing tier, whose omitted fields keep their values. Omit it for a new tier.
    id: Option<ID>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<LoyaltyProgramCollectionAttributes>,
}

impl LoyaltyProgramCollectionEntryInput {
    /// The entry, or its violations.
    pub fn into_entry(self) -> Result<Entry<LoyaltyProgramCollectionAttributes>, models::Error> {
        let patch = self.attributes.patch;
        patch.missing(self.id.is_none()).finish()?;
        Ok(match self.id {
            Some(id) => Entry::Stored(NodeType::LoyaltyProgramCollection.uid(&id), patch),
            None => Entry::New(patch.into_new()),
        })
    }
}

payloads! {
    LoyaltyProgramCollection, loyalty_program_collection, NodeType::LoyaltyProgramCollection;
    "loyaltyProgramCollectionCreate" => LoyaltyProgramCollectionCreatePayload,
    "loyaltyProgramCollectionUpdate" => LoyaltyProgramCollectionUpdatePayload,
    "loyaltyProgramCollectionDelete" => LoyaltyProgramCollectionDeletePayload,
}
payloads! {
    "loyaltyProgramCollectionReorder" => LoyaltyProgramCollectionReorderPayload {
        /// The complete list in its new order; `null` if there are user errors.
        loyalty_program_collections: Vec<LoyaltyProgramCollection>
    }
}

filter! {
    /// Filter for loyalty program tiers. All given conditions must match; at most 100 conditions,
    /// nested ones included.
    LoyaltyProgramCollectionFilter of LoyaltyProgramCollectionAttributes makes ChildTest<NoTest> {
        /// The loyalty program.
        loyalty_program_id: IdFilter => |it| it.tests(NodeType::LoyaltyProgram, ChildTest::Parent),
        /// When the tier was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the tier was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! {
    LoyaltyProgramCollectionOrder by LoyaltyProgramCollectionOrderField: "loyalty program tiers",
    /// Minimum amount that a customer must have spent to reach the tier.
    MinSpent
}

queries! {
    LoyaltyProgramCollectionQuery of LoyaltyProgramCollection;
    loyalty_program_collection: "loyalty program tier",
    loyalty_program_collections ("loyaltyProgramCollections"): "loyalty program tiers";
    LoyaltyProgramCollectionOrder, LoyaltyProgramCollectionFilter
}

#[derive(Default)]
pub struct LoyaltyProgramCollectionMutation;

#[Object]
impl LoyaltyProgramCollectionMutation {
    /// Adds a tier to a loyalty program, at the end unless `idx` is given.
    async fn loyalty_program_collection_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new tier.")] input: LoyaltyProgramCollectionCreateInput,
    ) -> Result<LoyaltyProgramCollectionCreatePayload, Error> {
        Ok(child::create(ctx, &input.loyalty_program_id, input.idx, input.attributes).await?.into())
    }

    /// Updates a loyalty program tier. Omitted fields keep their values. A new `idx` moves the
    /// tier.
    async fn loyalty_program_collection_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: LoyaltyProgramCollectionUpdateInput,
    ) -> Result<LoyaltyProgramCollectionUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, input.idx, input.attributes).await?.into())
    }

    /// Permanently deletes a loyalty program tier; later tiers close the gap. A tier with customers
    /// cannot be deleted.
    async fn loyalty_program_collection_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<LoyaltyProgramCollectionDeletePayload, Error> {
        Ok(child::delete::<LoyaltyProgramCollectionAttributes>(ctx, id, external_id).await?.into())
    }

    /// Changes the order of a loyalty program's tiers.
    async fn loyalty_program_collection_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the loyalty program.")] parent_id: ID,
        #[graphql(desc = "The IDs of all of them, each exactly once, in the new order.")] ids: Vec<
            ID,
        >,
    ) -> Result<LoyaltyProgramCollectionReorderPayload, Error> {
        let reordered =
            child::reorder::<LoyaltyProgramCollectionAttributes, _>(ctx, &parent_id, &ids);
        Ok(reordered.await?.into())
    }
}
