//! Extensions: registrations of customers and contacts with third-party services.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object};

use super::{Customer, contact::CustomerContact};
use crate::{
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, ExactFilter, IdFilter, filter},
        input::{reference, set},
        object::object,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::ChildTest,
        customer::extension::{CustomerExtensionAttributes, CustomerExtensionTest},
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
        /// ID chosen by the client. Unique among the extensions of all customers.
        externalId: it.attributes.external_id,
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Code of the service, like `TWO_INVOICE`. Unique among the extensions of the customer itself,
        /// or of the contact.
        extensionCode: it.attributes.extension_code,
        /// ID of the customer or contact at the service.
        organizationUid: it.attributes.organization_uid,
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
    /// Code of the service, like `TWO_INVOICE`; 1 to 255 characters. Must be unique among the
    /// extensions of the customer itself, or of the contact.
    extension_code: String,
    #[graphql(flatten)]
    attributes: CustomerExtensionAttributesInput,
}

/// Input for `customerExtensionCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    /// ID of the customer's contact to register. `null` registers the customer itself.
    contact_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    customer_extension: CustomerExtensionInput,
}

/// Input for `customerExtensionUpdate`. Omitted fields keep their values, and `null` clears a
/// field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionUpdateInput {
    /// Code of the service, like `TWO_INVOICE`; 1 to 255 characters. Must be unique among the
    /// extensions of the customer itself, or of the contact. Cannot be cleared.
    extension_code: MaybeUndefined<String>,
    /// ID of the customer's contact to register. `null` registers the customer itself.
    contact_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    attributes: CustomerExtensionAttributesInput,
}

/// The fields of an extension that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionAttributesInput {
    /// ID chosen by the client. Must be unique among the extensions of all customers.
    external_id: MaybeUndefined<String>,
    /// ID of the customer or contact at the service.
    organization_uid: MaybeUndefined<String>,
}

impl CustomerExtensionInput {
    pub fn into_attributes(self) -> CustomerExtensionAttributes {
        let mut attributes = CustomerExtensionAttributes {
            extension_code: self.extension_code,
            ..CustomerExtensionAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl CustomerExtensionCreateInput {
    fn into_attributes(self) -> CustomerExtensionAttributes {
        let contact_id = reference(self.contact_id, NodeType::CustomerContact).take();
        CustomerExtensionAttributes { contact_id, ..self.customer_extension.into_attributes() }
    }
}

impl CustomerExtensionUpdateInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerExtensionAttributes) + Send {
        let contact_id = reference(self.contact_id, NodeType::CustomerContact);
        let change = self.attributes.into_change();
        move |it: &mut CustomerExtensionAttributes| {
            set(&mut it.extension_code, self.extension_code);
            contact_id.update_to(&mut it.contact_id);
            change(it);
        }
    }
}

impl CustomerExtensionAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerExtensionAttributes) + Send {
        move |it: &mut CustomerExtensionAttributes| {
            self.external_id.update_to(&mut it.external_id);
            self.organization_uid.update_to(&mut it.organization_uid);
        }
    }
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
    CustomerExtensionFilter makes ChildTest<CustomerExtensionTest> {
        /// Customer that is registered, or whose contact is.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Contact that is registered.
        contact_id: IdFilter =>
            |it| it.tests(NodeType::CustomerContact, ChildTest::own(CustomerExtensionTest::Contact)),
        /// Code of the service.
        extension_code: ExactFilter =>
            |it| it.tests(ChildTest::own(CustomerExtensionTest::ExtensionCode)),
        /// ID of the customer or contact at the service.
        organization_uid: ExactFilter =>
            |it| it.tests(ChildTest::own(CustomerExtensionTest::OrganizationUid)),
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
        let customer = input.customer_id.clone();
        Ok(child::create(ctx, &customer, None, input.into_attributes()).await?.into())
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
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
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
