//! The tiers of loyalty programs, which the original REST documents call collections.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object};

use super::{customer::Customer, loyalty_program::LoyaltyProgram};
use crate::{
    db::types::Decimal,
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, filter},
        input::set,
        object::object,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self, Code, Violation,
        child::{ChildTest, Entry},
        customer::CustomerRelation,
        loyalty_program_collection::{
            LoyaltyProgramCollectionAttributes, LoyaltyProgramCollectionTest,
        },
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
        /// ID chosen by the client. Unique among the tiers of all programs.
        externalId: it.attributes.external_id,
        /// ID of the loyalty program.
        loyaltyProgramId: NodeType::LoyaltyProgram.id(it.parent),
        /// Position among the program's tiers, from 1, without gaps. It is for display only: `minSpent`
        /// determines which tier a customer reaches, and `MIN_SPENT` sorts by it.
        idx: it.idx,
        /// Name of the tier. Unique within the program.
        tierName: it.attributes.tier_name,
        /// Amount to spend for one point, in the program's currency.
        collectionFactor: it.attributes.collection_factor,
        /// Minimum amount that a customer must have spent to reach the tier. Unique within the program;
        /// the lowest is 0.
        minSpent: it.attributes.min_spent,
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
    /// Name of the tier; 1 to 255 characters. Must be unique within the program.
    tier_name: String,
    /// Amount to spend for one point, in the program's currency; not negative.
    collection_factor: Decimal,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
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
    loyalty_program_collection: LoyaltyProgramCollectionInput,
}

/// Input for `loyaltyProgramCollectionUpdate`. Omitted fields keep their values, and `null` clears
/// a field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionUpdateInput {
    /// New position among the program's tiers, from 1, for display; it need not follow `minSpent`.
    /// If omitted or `null`, the tier keeps its position.
    idx: Option<i32>,
    /// Name of the tier; 1 to 255 characters. Must be unique within the program. Cannot be cleared.
    tier_name: MaybeUndefined<String>,
    /// Amount to spend for one point, in the program's currency; not negative. Cannot be cleared.
    collection_factor: MaybeUndefined<Decimal>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
}

/// An entry in the complete list of a loyalty program's tiers: an existing tier (with `id`) or a
/// new one. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionEntryInput {
    /// ID of an existing tier, whose omitted fields keep their values. Omit it for a new tier.
    id: Option<ID>,
    /// Name of the tier; 1 to 255 characters. Must be unique within the program. Required for a new
    /// tier; cannot be cleared.
    tier_name: MaybeUndefined<String>,
    /// Amount to spend for one point, in the program's currency; not negative. Required for a new
    /// tier; cannot be cleared.
    collection_factor: MaybeUndefined<Decimal>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
}

/// The fields of a tier that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionAttributesInput {
    /// ID chosen by the client. Must be unique among the tiers of all programs.
    external_id: MaybeUndefined<String>,
    /// Minimum amount that a customer must have spent to reach the tier; not negative. Default: 0.
    /// Must be unique within the program; the lowest must be 0.
    min_spent: MaybeUndefined<Decimal>,
}

impl LoyaltyProgramCollectionInput {
    pub fn into_attributes(self) -> LoyaltyProgramCollectionAttributes {
        let mut attributes = LoyaltyProgramCollectionAttributes {
            tier_name: self.tier_name,
            collection_factor: self.collection_factor,
            ..LoyaltyProgramCollectionAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl LoyaltyProgramCollectionEntryInput {
    /// The entry, or its violations.
    pub fn into_entry(self) -> Result<Entry<LoyaltyProgramCollectionAttributes>, Vec<Violation>> {
        let is_missing = |is_undefined, is_null| is_null || self.id.is_none() && is_undefined;
        let missing = [
            ("tierName", is_missing(self.tier_name.is_undefined(), self.tier_name.is_null())),
            (
                "collectionFactor",
                is_missing(self.collection_factor.is_undefined(), self.collection_factor.is_null()),
            ),
        ];
        let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        let message = if self.id.is_some() { "cannot be cleared" } else { "must be given" };
        let missing: Vec<Violation> =
            missing.map(|(field, _)| Violation::new(field, Code::Required, message)).collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let id = self.id.map(|id| NodeType::LoyaltyProgramCollection.uid(&id));
        let attributes = self.attributes.into_change();
        let change = move |it: &mut LoyaltyProgramCollectionAttributes| {
            set(&mut it.tier_name, self.tier_name);
            set(&mut it.collection_factor, self.collection_factor);
            attributes(it);
        };
        Ok(match id {
            Some(id) => Entry::Stored(id, Box::new(change)),
            None => {
                let mut attributes = LoyaltyProgramCollectionAttributes::default();
                change(&mut attributes);
                Entry::New(attributes)
            }
        })
    }
}

impl LoyaltyProgramCollectionUpdateInput {
    fn into_change(
        self,
    ) -> Result<impl FnOnce(&mut LoyaltyProgramCollectionAttributes) + Send, models::Error> {
        if self.collection_factor.is_null() {
            return Err(
                Violation::new("collectionFactor", Code::Required, "cannot be cleared").into()
            );
        }
        let change = self.attributes.into_change();
        Ok(move |it: &mut LoyaltyProgramCollectionAttributes| {
            set(&mut it.tier_name, self.tier_name);
            set(&mut it.collection_factor, self.collection_factor);
            change(it);
        })
    }
}

impl LoyaltyProgramCollectionAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut LoyaltyProgramCollectionAttributes) + Send {
        move |it: &mut LoyaltyProgramCollectionAttributes| {
            self.external_id.update_to(&mut it.external_id);
            set(&mut it.min_spent, self.min_spent);
        }
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
    LoyaltyProgramCollectionFilter makes ChildTest<LoyaltyProgramCollectionTest> {
        /// The loyalty program.
        loyalty_program_id: IdFilter => |it| it.tests(NodeType::LoyaltyProgram, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Name of the tier.
        tier_name: ExactFilter =>
            |it| it.tests(ChildTest::own(LoyaltyProgramCollectionTest::TierName)),
        /// Minimum amount that a customer must have spent to reach the tier.
        min_spent: DecimalFilter =>
            |it| it.tests(ChildTest::own(LoyaltyProgramCollectionTest::MinSpent)),
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
        let attributes = input.loyalty_program_collection.into_attributes();
        Ok(child::create(ctx, &input.loyalty_program_id, input.idx, attributes).await?.into())
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
        let idx = input.idx;
        Ok(child::update(ctx, id, external_id, idx, input.into_change()).await?.into())
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
