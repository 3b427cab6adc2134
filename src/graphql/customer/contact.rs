//! A customer's contacts.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object};

use super::{
    Customer,
    extension::{CustomerExtension, CustomerExtensionInput},
};
use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        child::{self, ChildNode, child_order},
        context::ContextExt,
        error::Error,
        filter::{DateTimeFilter, ExactFilter, IdFilter, filter},
        object::{Objects, object},
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::ChildTest,
        customer::{
            NewContact,
            contact::{self, CustomerContactAttributes, CustomerContactTest},
            extension::CustomerExtensionAttributes,
        },
    },
};

/// A contact person of a customer.
pub struct CustomerContact(pub(in crate::graphql) Arc<models::customer::contact::CustomerContact>);

impl ChildNode for CustomerContactAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerContact;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

object! {
    /// A contact person of a customer.
    CustomerContact(it: models::customer::contact::CustomerContact) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::CustomerContact.id(it.id),
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Name for display. Falls back to the first and last names, the e-mail address, the mobile
        /// phone number, and the title.
        displayName: it.attributes.display_name(),
        /// When the contact was created.
        createdAt: it.created_at,
        /// When the contact was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
    }
}

#[ComplexObject]
impl CustomerContact {
    /// Registrations of the contact with third-party services, oldest first.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Objects<CustomerExtension>, Error> {
        let is_its = |it: &CustomerExtensionAttributes| it.contact_id == Some(self.0.id);
        child::list_where(ctx, self.0.parent, is_its).await
    }
}

/// A contact of a new customer. Text is trimmed, and empty text becomes `null`. Maximum length: 255
/// characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactInput {
    /// Registrations of the contact with third-party services; at most 500 including those of the
    /// customer and of its other contacts.
    extensions: Option<Vec<CustomerExtensionInput>>,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerContactAttributes>,
}

/// Input for `customerContactCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_contact: CustomerContactInput,
}

/// Input for `customerContactUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<CustomerContactAttributes>,
}

impl CustomerContactInput {
    pub fn into_new(self) -> NewContact {
        let extensions = self.extensions.into_iter().flatten();
        let extensions = extensions.map(|it| it.attributes.patch.into_new()).collect();
        NewContact { attributes: self.attributes.patch.into_new(), extensions }
    }
}

payloads! {
    CustomerContact, customer_contact, NodeType::CustomerContact;
    "customerContactCreate" => CustomerContactCreatePayload,
    "customerContactUpdate" => CustomerContactUpdatePayload,
    "customerContactDelete" => CustomerContactDeletePayload,
}

filter! {
    /// Filter for contacts. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerContactFilter of CustomerContactAttributes makes ChildTest<CustomerContactTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// E-mail address, compared ignoring case and accents.
        email_id: ExactFilter => |it| it.tests(ChildTest::own(CustomerContactTest::EmailId)),
        /// When the contact was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the contact was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { CustomerContactOrder by CustomerContactOrderField: "contacts" }

queries! {
    CustomerContactQuery of CustomerContact;
    customer_contact: "contact",
    customer_contacts ("customerContacts"): "contacts";
    CustomerContactOrder, CustomerContactFilter
}

#[derive(Default)]
pub struct CustomerContactMutation;

#[Object]
impl CustomerContactMutation {
    /// Adds a contact, with its extensions, to a customer, all or nothing.
    async fn customer_contact_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new contact.")] input: CustomerContactCreateInput,
    ) -> Result<CustomerContactCreatePayload, Error> {
        let (writer, customer) = (ctx.writer()?, NodeType::Customer.uid(&input.customer_id));
        let mut lease = ctx.db()?.write().await?;
        let (conn, new) = (&mut lease.conn(), input.customer_contact.into_new());
        Ok(child::created(contact::create(conn, writer, customer, new).await)?.into())
    }

    /// Updates a contact. Omitted fields keep their values.
    async fn customer_contact_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerContactUpdateInput,
    ) -> Result<CustomerContactUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, input.attributes).await?.into())
    }

    /// Permanently deletes a contact and its extensions.
    async fn customer_contact_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerContactDeletePayload, Error> {
        Ok(child::delete::<CustomerContactAttributes>(ctx, id, external_id).await?.into())
    }
}
