//! The tiers of loyalty programs, which the documents call collections.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{
    connection::{ConnectionOf, PageArgs, Parent, connection},
    customer::{Customer, CustomerFilter, CustomerOrder},
    loyalty_program::LoyaltyProgram,
};
use crate::{
    db::types::{Decimal, Timestamp},
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, filter},
        input::set,
        node::RowNode,
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

/// A tier of a loyalty program: a line item of the program.
pub struct LoyaltyProgramCollection(models::loyalty_program_collection::LoyaltyProgramCollection);

impl From<models::loyalty_program_collection::LoyaltyProgramCollection>
    for LoyaltyProgramCollection
{
    fn from(row: models::loyalty_program_collection::LoyaltyProgramCollection) -> Self {
        Self(row)
    }
}

impl ChildNode for LoyaltyProgramCollectionAttributes {
    const NODE_TYPE: NodeType = NodeType::LoyaltyProgramCollection;
    const PARENT_TYPE: NodeType = NodeType::LoyaltyProgram;
    const PARENT_FIELD: &'static str = "loyaltyProgramId";
}

/// A tier of a loyalty program: a line item of the program.
#[Object]
impl LoyaltyProgramCollection {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::LoyaltyProgramCollection.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the loyalty program collections.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// The id of the loyalty program.
    async fn loyalty_program_id(&self) -> ID {
        NodeType::LoyaltyProgram.id(self.0.parent).to_string().into()
    }

    /// The loyalty program.
    async fn loyalty_program(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgram>, Error>> {
        LoyaltyProgram::load(ctx, self.0.parent).await.transpose()
    }

    /// The place in the list of the program's tiers, from 1, without gaps. It is for display, as you
    /// arrange the tiers: which of them a customer reaches follows from `minSpent` alone. Tiers can be
    /// ordered by that instead: `MIN_SPENT`.
    async fn idx(&self) -> i32 {
        self.0.idx
    }

    /// The name of the tier. No other tier of the program has it.
    async fn tier_name(&self) -> &str {
        &self.0.attributes.tier_name
    }

    /// What is to be spent for one point, in the program's currency.
    async fn collection_factor(&self) -> Decimal {
        self.0.attributes.collection_factor
    }

    /// The least that a customer must have spent to be in the tier. The lowest tier begins at 0,
    /// and no two begin at one amount.
    async fn min_spent(&self) -> Decimal {
        self.0.attributes.min_spent
    }

    /// The customers in the tier. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100. Not with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, 0 to 100,000. Default: 0.")] offset: Option<i32>,
        #[graphql(desc = "Sort order. Default: most recently created first.")] order_by: Option<
            CustomerOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<Box<CustomerFilter>>,
    ) -> Result<ConnectionOf<Customer>, Error> {
        let parent = Parent { uid: self.0.id, relation: CustomerRelation::InLoyaltyProgramTier };
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) = (order_by.unwrap_or_default().into(), CustomerFilter::tests(filter)?);
        let name = "LoyaltyProgramCollection.customers";
        connection::<models::Customer, _>(ctx, name, Some(parent), args, order, filter).await
    }

    /// When the loyalty program collection was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the loyalty program collection was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// A loyalty program collection that comes with a new loyalty program. Texts have up to 255
/// characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionInput {
    /// The name of the tier, of 1 to 255 characters. No other tier of the program has it.
    tier_name: String,
    /// What is to be spent for one point, in the program's currency; not negative.
    collection_factor: Decimal,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
}

/// Input of `loyaltyProgramCollectionCreate`. Texts have up to 255 characters unless said
/// otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionCreateInput {
    /// The loyalty program to add it to.
    loyalty_program_id: ID,
    /// The place that it takes in the list of the program's tiers, from 1; those from there on move
    /// up. It is for display, and need not follow `minSpent`. Default: at the end.
    idx: Option<i32>,
    #[graphql(flatten)]
    loyalty_program_collection: LoyaltyProgramCollectionInput,
}

/// Input of `loyaltyProgramCollectionUpdate`: what is not given stays, and `null` clears. Texts
/// have up to 255 characters unless said otherwise; they are trimmed, and an empty one is a missing
/// one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionUpdateInput {
    /// The place to move to in the list of the program's tiers, from 1. It is for display, and need
    /// not follow `minSpent`. Without it, or with `null`, the tier stays where it is.
    idx: Option<i32>,
    /// The name of the tier, of 1 to 255 characters. No other tier of the program has it. It cannot
    /// be cleared.
    tier_name: MaybeUndefined<String>,
    /// What is to be spent for one point, in the program's currency; not negative. It cannot be
    /// cleared.
    collection_factor: MaybeUndefined<Decimal>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
}

/// A tier in the list of all those that a loyalty program is to have: one that it has, changed, or
/// a new one. Texts have up to 255 characters; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionEntryInput {
    /// The id of the tier that it is; what is not given of that one stays. Without it, it is a new
    /// one.
    id: Option<ID>,
    /// The name of the tier, of 1 to 255 characters. No other tier of the program has it. A new one
    /// must be given it, and it cannot be cleared.
    tier_name: MaybeUndefined<String>,
    /// What is to be spent for one point, in the program's currency; not negative. A new one must
    /// be given it, and it cannot be cleared.
    collection_factor: MaybeUndefined<Decimal>,
    #[graphql(flatten)]
    attributes: LoyaltyProgramCollectionAttributesInput,
}

/// What may be given of a loyalty program collection, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct LoyaltyProgramCollectionAttributesInput {
    /// An id of the client's choosing, unique among the loyalty program collections.
    external_id: MaybeUndefined<String>,
    /// The least that a customer must have spent to be in the tier; not negative, and 0 for a new
    /// one. The lowest tier begins at 0, and no two begin at one amount.
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
    /// The entry, or what is wrong with it.
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
    /// Filter for loyalty program collections. All given conditions must hold; at most 100 in all.
    LoyaltyProgramCollectionFilter makes ChildTest<LoyaltyProgramCollectionTest> {
        /// The loyalty program.
        loyalty_program_id: IdFilter => |it| it.tests(NodeType::LoyaltyProgram, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// The name of the tier.
        tier_name: ExactFilter =>
            |it| it.tests(ChildTest::own(LoyaltyProgramCollectionTest::TierName)),
        /// The least that a customer must have spent to be in the tier.
        min_spent: DecimalFilter =>
            |it| it.tests(ChildTest::own(LoyaltyProgramCollectionTest::MinSpent)),
        /// When the loyalty program collection was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the loyalty program collection was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! {
    LoyaltyProgramCollectionOrder by LoyaltyProgramCollectionOrderField: "loyalty program collections",
    /// The least that a customer must have spent to be in them.
    MinSpent
}

queries! {
    LoyaltyProgramCollectionQuery of LoyaltyProgramCollection;
    loyalty_program_collection: "loyalty program collection",
    loyalty_program_collections ("loyaltyProgramCollections"): "loyalty program collections";
    LoyaltyProgramCollectionOrder, LoyaltyProgramCollectionFilter
}

#[derive(Default)]
pub struct LoyaltyProgramCollectionMutation;

#[Object]
impl LoyaltyProgramCollectionMutation {
    /// Creates a loyalty program collection. It is the last one, unless `idx` says otherwise.
    async fn loyalty_program_collection_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new loyalty program collection.")]
        input: LoyaltyProgramCollectionCreateInput,
    ) -> Result<LoyaltyProgramCollectionCreatePayload, Error> {
        let attributes = input.loyalty_program_collection.into_attributes();
        Ok(child::create(ctx, &input.loyalty_program_id, input.idx, attributes).await?.into())
    }

    /// Changes a loyalty program collection: what the input does not give stays. With `idx`, it
    /// moves there.
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

    /// Deletes a loyalty program collection, for good. Those after it move down.
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

    /// Puts the loyalty program collections of a loyalty program into another order.
    async fn loyalty_program_collection_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The loyalty program.")] parent_id: ID,
        #[graphql(desc = "The IDs of all of them, each exactly once, in the new order.")] ids: Vec<
            ID,
        >,
    ) -> Result<LoyaltyProgramCollectionReorderPayload, Error> {
        let reordered =
            child::reorder::<LoyaltyProgramCollectionAttributes, _>(ctx, &parent_id, &ids);
        Ok(reordered.await?.into())
    }
}
