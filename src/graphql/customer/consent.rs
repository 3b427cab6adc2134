//! Customers' consents.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object};

use super::Customer;
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
        child::{ChildTest, NoTest},
        customer::consent::CustomerConsentAttributes,
    },
};

/// A consent that a customer gave or refused.
pub struct CustomerConsent(pub(in crate::graphql) Arc<models::customer::consent::CustomerConsent>);

impl ChildNode for CustomerConsentAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerConsent;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

object! {
    /// A consent that a customer gave or refused.
    CustomerConsent(it: models::customer::consent::CustomerConsent) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::CustomerConsent.id(it.id),
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// When the customer made the decision. Defaults to the time when the consent was created or
        /// its `status` last changed.
        recordedAt: it.attributes.recorded_at.unwrap_or(it.updated_at),
        /// Who recorded the decision. Defaults to the name of the API key that created the consent or
        /// last changed its `status`. `null` for consents created before this field existed.
        recordedBy: it.attributes.recorded_by,
        /// When the consent was created.
        createdAt: it.created_at,
        /// When the consent was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
    }
}

#[ComplexObject]
impl CustomerConsent {}

/// A consent of a new customer. Text is trimmed, and empty text becomes `null`. Maximum length: 255
/// characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentInput {
    #[graphql(flatten)]
    pub attributes: NestedAttributes<CustomerConsentAttributes>,
}

/// Input for `customerConsentCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerConsentAttributes>,
}

/// Input for `customerConsentUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<CustomerConsentAttributes>,
}

payloads! {
    CustomerConsent, customer_consent, NodeType::CustomerConsent;
    "customerConsentCreate" => CustomerConsentCreatePayload,
    "customerConsentUpdate" => CustomerConsentUpdatePayload,
    "customerConsentDelete" => CustomerConsentDeletePayload,
}

filter! {
    /// Filter for consents. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerConsentFilter of CustomerConsentAttributes makes ChildTest<NoTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// When the consent was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the consent was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { CustomerConsentOrder by CustomerConsentOrderField: "consents" }

queries! {
    CustomerConsentQuery of CustomerConsent;
    customer_consent: "consent",
    customer_consents ("customerConsents"): "consents";
    CustomerConsentOrder, CustomerConsentFilter
}

#[derive(Default)]
pub struct CustomerConsentMutation;

#[Object]
impl CustomerConsentMutation {
    /// Adds a consent to a customer.
    async fn customer_consent_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new consent.")] input: CustomerConsentCreateInput,
    ) -> Result<CustomerConsentCreatePayload, Error> {
        Ok(child::create(ctx, &input.customer_id, None, input.attributes).await?.into())
    }

    /// Updates a consent. Omitted fields keep their values.
    async fn customer_consent_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerConsentUpdateInput,
    ) -> Result<CustomerConsentUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, input.attributes).await?.into())
    }

    /// Permanently deletes a consent.
    async fn customer_consent_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerConsentDeletePayload, Error> {
        Ok(child::delete::<CustomerConsentAttributes>(ctx, id, external_id).await?.into())
    }
}
