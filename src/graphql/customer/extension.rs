//! Extensions: registrations of customers and contacts with third-party services.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object};

use super::{Customer, contact::CustomerContact};
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
        customer::extension::CustomerExtensionAttributes,
    },
};

/// A registration of a customer, or of one of its contacts, with a third-party service.
pub struct CustomerExtension(
    pub(in crate::graphql) Arc<models::customer::extension::CustomerExtension>,
);

impl ChildNode for CustomerExtensionAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerExtension;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

object! {
    /// A registration of a customer, or of one of its contacts, with a third-party service.
    CustomerExtension(it: models::customer::extension::CustomerExtension) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::CustomerExtension.id(it.id),
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// ID of the registered contact; `null` if the customer itself is registered.
        contactId: it.attributes.contact_id.map(|contact| NodeType::CustomerContact.id(contact)),
        /// When the extension was created.
        createdAt: it.created_at,
        /// When the extension was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
        /// The registered contact; `null` if the customer itself is registered.
        contact: CustomerContact by it.attributes.contact_id,
    }
}

#[ComplexObject]
impl CustomerExtension {}

/// An extension of a new customer or a new contact. Text is trimmed, and empty text becomes `null`.
/// Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionInput {
    #[graphql(flatten)]
    pub attributes: NestedAttributes<CustomerExtensionAttributes>,
}

/// Input for `customerExtensionCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerExtensionAttributes>,
}

/// Input for `customerExtensionUpdate`. Omitted fields keep their values, and `null` clears a
/// field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<CustomerExtensionAttributes>,
}

payloads! {
    CustomerExtension, customer_extension, NodeType::CustomerExtension;
    "customerExtensionCreate" => CustomerExtensionCreatePayload,
    "customerExtensionUpdate" => CustomerExtensionUpdatePayload,
    "customerExtensionDelete" => CustomerExtensionDeletePayload,
}

filter! {
    /// Filter for extensions. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerExtensionFilter of CustomerExtensionAttributes makes ChildTest<NoTest> {
        /// Customer that is registered, or whose contact is.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// When the extension was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the extension was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { CustomerExtensionOrder by CustomerExtensionOrderField: "extensions" }

queries! {
    CustomerExtensionQuery of CustomerExtension;
    customer_extension: "extension",
    customer_extensions ("customerExtensions"): "extensions";
    CustomerExtensionOrder, CustomerExtensionFilter
}

#[derive(Default)]
pub struct CustomerExtensionMutation;

#[Object]
impl CustomerExtensionMutation {
    /// Adds an extension to a customer or to one of its contacts.
    async fn customer_extension_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new extension.")] input: CustomerExtensionCreateInput,
    ) -> Result<CustomerExtensionCreatePayload, Error> {
        Ok(child::create(ctx, &input.customer_id, None, input.attributes).await?.into())
    }

    /// Updates an extension. Omitted fields keep their values.
    async fn customer_extension_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerExtensionUpdateInput,
    ) -> Result<CustomerExtensionUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, input.attributes).await?.into())
    }

    /// Permanently deletes an extension.
    async fn customer_extension_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerExtensionDeletePayload, Error> {
        Ok(child::delete::<CustomerExtensionAttributes>(ctx, id, external_id).await?.into())
    }
}
