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

/// A person to talk to at a customer.
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

/// A person to talk to at a customer.
#[Object]
impl CustomerContact {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::CustomerContact.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the contacts.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// The id of the customer.
    async fn customer_id(&self) -> ID {
        NodeType::Customer.id(self.0.parent).to_string().into()
    }

    /// The customer.
    async fn customer(&self, ctx: &Context<'_>) -> Option<Result<Box<Customer>, Error>> {
        Customer::load(ctx, self.0.parent).await.transpose()
    }

    /// Is it the customer's primary contact? A customer has one at most.
    async fn is_primary(&self) -> bool {
        self.0.attributes.is_primary
    }

    /// The first name.
    async fn first_name(&self) -> Option<&str> {
        self.0.attributes.first_name.as_deref()
    }

    /// The last name.
    async fn last_name(&self) -> Option<&str> {
        self.0.attributes.last_name.as_deref()
    }

    /// What the person is at the customer, like `Owner`.
    async fn title(&self) -> Option<&str> {
        self.0.attributes.title.as_deref()
    }

    /// The e-mail address.
    async fn email_id(&self) -> Option<&str> {
        self.0.attributes.email_id.as_deref()
    }

    /// The number of the mobile phone, as it was given.
    async fn mobile_no(&self) -> Option<&str> {
        self.0.attributes.mobile_no.as_deref()
    }

    /// What the contact is called: what was given for that, the name, or else how to reach it.
    async fn display_name(&self) -> String {
        self.0.attributes.display_name()
    }

    /// Third-party services where the contact is registered.
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

/// A contact that comes with a new customer; of several, one at most is primary. Texts have up to 255 characters unless said otherwise;
/// they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactInput {
    /// Third-party services where the contact is registered; at most 500 with those of the customer
    /// and of its other contacts.
    extensions: Option<Vec<CustomerExtensionInput>>,
    #[graphql(flatten)]
    attributes: CustomerContactAttributesInput,
}

/// Input of `customerContactCreate`. Texts have up to 255 characters unless said otherwise; they
/// are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactCreateInput {
    /// The customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_contact: CustomerContactInput,
}

/// Input of `customerContactUpdate`: what is not given stays, and `null` clears. Texts have up to
/// 255 characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactUpdateInput {
    #[graphql(flatten)]
    attributes: CustomerContactAttributesInput,
}

/// What may be given of a contact, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerContactAttributesInput {
    /// What the contact is called.
    display_name: MaybeUndefined<String>,
    /// An id of the client's choosing, unique among the contacts.
    external_id: MaybeUndefined<String>,
    /// Is it the customer's primary contact? `false` for a new one. With `true`, the one that was
    /// it no longer is. Of several that come with a new customer, at most one can be.
    is_primary: MaybeUndefined<bool>,
    /// The first name.
    first_name: MaybeUndefined<String>,
    /// The last name.
    last_name: MaybeUndefined<String>,
    /// What the person is at the customer, like `Owner`.
    title: MaybeUndefined<String>,
    /// The e-mail address.
    email_id: MaybeUndefined<String>,
    /// The number of the mobile phone, as it was given.
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
    /// Filter for contacts. All given conditions must hold; at most 100 in all.
    CustomerContactFilter makes ChildTest<CustomerContactTest> {
        /// The customer.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// The id that the client chose.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Is it the customer's primary contact?
        is_primary: BooleanFilter => |it| it.tests(ChildTest::own(CustomerContactTest::IsPrimary)),
        /// The e-mail address, ignoring case and accents, as those of customers are compared.
        email_id: ExactFilter => |it| it.tests(ChildTest::own(CustomerContactTest::EmailId)),
        /// The number of the mobile phone, to the byte.
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
    /// Creates a contact, with its extensions: as a whole, or not at all.
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

    /// Changes a contact: what the input does not give stays.
    async fn customer_contact_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerContactUpdateInput,
    ) -> Result<CustomerContactUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
    }

    /// Deletes a contact and its extensions, for good.
    async fn customer_contact_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerContactDeletePayload, Error> {
        Ok(child::delete::<CustomerContactAttributes>(ctx, id, external_id).await?.into())
    }
}
