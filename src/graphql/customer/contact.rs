//! A customer's contacts.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{
    Customer,
    extension::{CustomerExtension, CustomerExtensionInput},
};
use crate::{
    db::types::Timestamp,
    graphql::{
        child::{self, ChildNode, child_order},
        context::ContextExt,
        error::Error,
        filter::{BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, filter},
        input::set,
        node::RowNode,
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
pub struct CustomerContact(models::customer::contact::CustomerContact);

impl From<models::customer::contact::CustomerContact> for CustomerContact {
    fn from(row: models::customer::contact::CustomerContact) -> Self {
        Self(row)
    }
}

impl ChildNode for CustomerContactAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerContact;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

/// A contact person of a customer.
#[Object]
impl CustomerContact {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::CustomerContact.id(self.0.id).to_string().into()
    }

    /// ID chosen by the client. Unique among the contacts of all customers.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// ID of the customer that it belongs to.
    async fn customer_id(&self) -> ID {
        NodeType::Customer.id(self.0.parent).to_string().into()
    }

    /// The customer that it belongs to.
    async fn customer(&self, ctx: &Context<'_>) -> Option<Result<Box<Customer>, Error>> {
        Customer::load(ctx, self.0.parent).await.transpose()
    }

    /// Whether it is the customer's primary contact. A customer has at most one.
    async fn is_primary(&self) -> bool {
        self.0.attributes.is_primary
    }

    /// First name.
    async fn first_name(&self) -> Option<&str> {
        self.0.attributes.first_name.as_deref()
    }

    /// Last name.
    async fn last_name(&self) -> Option<&str> {
        self.0.attributes.last_name.as_deref()
    }

    /// Job title, like `Owner`.
    async fn title(&self) -> Option<&str> {
        self.0.attributes.title.as_deref()
    }

    /// E-mail address, like `name@example.com`.
    async fn email_id(&self) -> Option<&str> {
        self.0.attributes.email_id.as_deref()
    }

    /// Mobile phone number, in any format.
    async fn mobile_no(&self) -> Option<&str> {
        self.0.attributes.mobile_no.as_deref()
    }

    /// Name for display. Falls back to the first and last names, the e-mail address, the mobile
    /// phone number, and the title.
    async fn display_name(&self) -> String {
        self.0.attributes.display_name()
    }

    /// Registrations of the contact with third-party services, oldest first.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Vec<CustomerExtension>, Error> {
        let is_its = |it: &CustomerExtensionAttributes| it.contact_id == Some(self.0.id);
        child::list_where(ctx, self.0.parent, is_its).await
    }

    /// When the contact was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the contact was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
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
    attributes: CustomerContactAttributesInput,
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
    attributes: CustomerContactAttributesInput,
}

/// The fields of a contact that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactAttributesInput {
    /// Name for display. Default: derived from the other fields.
    display_name: MaybeUndefined<String>,
    /// ID chosen by the client. Must be unique among the contacts of all customers.
    external_id: MaybeUndefined<String>,
    /// Whether it is the customer's primary contact. Default: `false`. `true` replaces the previous
    /// primary contact. At most one contact of a new customer can be primary.
    is_primary: MaybeUndefined<bool>,
    /// First name.
    first_name: MaybeUndefined<String>,
    /// Last name.
    last_name: MaybeUndefined<String>,
    /// Job title, like `Owner`.
    title: MaybeUndefined<String>,
    /// E-mail address, like `name@example.com`.
    email_id: MaybeUndefined<String>,
    /// Mobile phone number, in any format.
    mobile_no: MaybeUndefined<String>,
}

impl CustomerContactInput {
    pub fn into_new(self) -> NewContact {
        let extensions = self.extensions.into_iter().flatten();
        let extensions = extensions.map(CustomerExtensionInput::into_attributes).collect();
        NewContact { attributes: self.attributes.into_attributes(), extensions }
    }
}

impl CustomerContactUpdateInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerContactAttributes) + Send {
        self.attributes.into_change()
    }
}

impl CustomerContactAttributesInput {
    fn into_attributes(self) -> CustomerContactAttributes {
        let mut attributes = CustomerContactAttributes::default();
        self.into_change()(&mut attributes);
        attributes
    }

    fn into_change(self) -> impl FnOnce(&mut CustomerContactAttributes) + Send {
        move |it: &mut CustomerContactAttributes| {
            self.display_name.update_to(&mut it.display_name);
            self.external_id.update_to(&mut it.external_id);
            set(&mut it.is_primary, self.is_primary);
            self.first_name.update_to(&mut it.first_name);
            self.last_name.update_to(&mut it.last_name);
            self.title.update_to(&mut it.title);
            self.email_id.update_to(&mut it.email_id);
            self.mobile_no.update_to(&mut it.mobile_no);
        }
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
    CustomerContactFilter makes ChildTest<CustomerContactTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Whether it is the customer's primary contact.
        is_primary: BooleanFilter => |it| it.tests(ChildTest::own(CustomerContactTest::IsPrimary)),
        /// E-mail address, compared ignoring case and accents.
        email_id: ExactFilter => |it| it.tests(ChildTest::own(CustomerContactTest::EmailId)),
        /// Mobile phone number, compared exactly.
        mobile_no: ExactFilter => |it| it.tests(ChildTest::own(CustomerContactTest::MobileNo)),
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
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
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
