//! Extensions: third-party services where customers and their contacts are registered.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{Customer, contact::CustomerContact};
use crate::{
    db::types::Timestamp,
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, ExactFilter, IdFilter, filter},
        input::{reference, set},
        node::RowNode,
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

/// A third-party service where a customer, or one of its contacts, is registered.
pub struct CustomerExtension(models::customer::extension::CustomerExtension);

impl From<models::customer::extension::CustomerExtension> for CustomerExtension {
    fn from(row: models::customer::extension::CustomerExtension) -> Self {
        Self(row)
    }
}

impl ChildNode for CustomerExtensionAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerExtension;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

/// A third-party service where a customer, or one of its contacts, is registered.
#[Object]
impl CustomerExtension {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::CustomerExtension.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the extensions.
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

    /// Which service, like `TWO_INVOICE`. A customer, or a contact, has one extension of a code.
    async fn extension_code(&self) -> &str {
        &self.0.attributes.extension_code
    }

    /// The id that the service has for it.
    async fn organization_uid(&self) -> Option<&str> {
        self.0.attributes.organization_uid.as_deref()
    }

    /// The id of the contact whose extension it is; `null` if it is the customer's own.
    async fn contact_id(&self) -> Option<ID> {
        self.0.attributes.contact_id.map(|it| NodeType::CustomerContact.id(it).to_string().into())
    }

    /// The contact whose extension it is; `null` if it is the customer's own.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerContact>, Error>> {
        let contact = self.0.attributes.contact_id?;
        CustomerContact::load(ctx, contact).await.transpose()
    }

    /// When the extension was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the extension was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// An extension that comes with a new customer or a new contact. Texts have up to 255 characters
/// unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionInput {
    /// Which service, like `TWO_INVOICE`, in 1 to 255 characters. A customer, or a contact, has one
    /// extension of a code.
    extension_code: String,
    #[graphql(flatten)]
    attributes: CustomerExtensionAttributesInput,
}

/// Input of `customerExtensionCreate`. Texts have up to 255 characters unless said otherwise; they
/// are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionCreateInput {
    /// The customer to add it to.
    customer_id: ID,
    /// The customer's contact whose extension it is, instead of the customer's own.
    contact_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    customer_extension: CustomerExtensionInput,
}

/// Input of `customerExtensionUpdate`: what is not given stays, and `null` clears. Texts have up to
/// 255 characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionUpdateInput {
    /// Which service, like `TWO_INVOICE`, in 1 to 255 characters. A customer, or a contact, has one
    /// extension of a code. It cannot be cleared.
    extension_code: MaybeUndefined<String>,
    /// The customer's contact whose extension it is, instead of the customer's own.
    contact_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    attributes: CustomerExtensionAttributesInput,
}

/// The fields of an extension, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExtensionAttributesInput {
    /// An id of the client's choosing, unique among the extensions.
    external_id: MaybeUndefined<String>,
    /// The id that the service has for it.
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
    /// Filter for extensions. All given conditions must hold; at most 100 in all.
    CustomerExtensionFilter makes ChildTest<CustomerExtensionTest> {
        /// The customer whose extension it is, or whose contact's.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// The id that the client chose.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// The contact whose extension it is.
        contact_id: IdFilter =>
            |it| it.tests(NodeType::CustomerContact, ChildTest::own(CustomerExtensionTest::Contact)),
        /// Which service.
        extension_code: ExactFilter =>
            |it| it.tests(ChildTest::own(CustomerExtensionTest::ExtensionCode)),
        /// The id that the service has for it.
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
    /// Creates an extension.
    async fn customer_extension_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new extension.")] input: CustomerExtensionCreateInput,
    ) -> Result<CustomerExtensionCreatePayload, Error> {
        let customer = input.customer_id.clone();
        Ok(child::create(ctx, &customer, None, input.into_attributes()).await?.into())
    }

    /// Changes an extension: what the input does not give stays.
    async fn customer_extension_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerExtensionUpdateInput,
    ) -> Result<CustomerExtensionUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
    }

    /// Deletes an extension, for good.
    async fn customer_extension_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerExtensionDeletePayload, Error> {
        Ok(child::delete::<CustomerExtensionAttributes>(ctx, id, external_id).await?.into())
    }
}
