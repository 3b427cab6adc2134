//! A customer's contacts.

use async_graphql::{ComplexObject, Context, ID, InputObject};

use super::{Customer, extension::CustomerExtension, parts::e164};
use crate::{
    graphql::{
        attributes::NewAttributes,
        child::{
            self, ChildInput, ChildNode, ChildUpdateInput, customer_child, new_children, of_parent,
        },
        error::Error,
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
        object::Objects,
    },
    id::NodeType,
    models::{
        self,
        customer::{
            NewContact,
            contact::{CustomerContactAttributes, NewContactOf},
            extension::CustomerExtensionAttributes,
        },
    },
};

customer_child! {
    /// A contact person of a customer.
    pub struct CustomerContact(it: models::customer::contact::CustomerContact) of Customer {
        /// Name for display. Falls back to the first and last names, the e-mail address, the mobile
        /// phone number, and the title.
        displayName: it.attributes.display_name(),
    }
}

#[ComplexObject]
impl CustomerContact {
    /// `mobileNo` in E.164, like `+4791234567`; `null` if it is not a valid number. Numbers without an international
    /// prefix are assumed to be in the tenant's country, if it is set.
    async fn mobile_no_e164(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        e164(ctx, self.0.attributes.mobile_no.as_deref())
    }

    /// Registrations of the contact with third-party services, oldest first.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Objects<CustomerExtension>, Error> {
        let is_its = |it: &CustomerExtensionAttributes| it.contact_id == Some(self.0.id);
        child::list_where(ctx, self.0.parent, is_its).await
    }
}

/// A contact of a new customer. Text is trimmed, and empty text becomes `null`. Maximum length: 255
/// characters.
#[derive(InputObject)]
pub struct CustomerContactInput {
    /// Registrations of the contact with third-party services; at most 500 including those of the
    /// customer and of its other contacts.
    extensions: Option<Vec<ChildInput<CustomerExtension>>>,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerContactAttributes>,
}

/// Input for `customerContactCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(InputObject)]
pub struct CustomerContactCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_contact: CustomerContactInput,
}

impl CustomerContactInput {
    pub fn into_new(self) -> NewContact {
        let extensions = new_children(self.extensions);
        NewContact { attributes: self.attributes.patch.into_new(), extensions }
    }
}

filter! {
    /// Filter for contacts. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerContact {
        /// ID of the customer that it belongs to.
        customerId: IdFilter => of_parent::<CustomerContact>,
    }
}

impl ListedNode for CustomerContact {
    const ONE: &'static str = "customerContact";
    const MANY: &'static str = "customerContacts";
    const NOUNS: (&'static str, &'static str) = ("contact", "contacts");
}

impl ChildNode for CustomerContact {
    type Attributes = CustomerContactAttributes;
    type CreateInput = CustomerContactCreateInput;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a contact, with its extensions, to a customer, all or nothing.",
        update: "Updates a contact. Omitted fields keep their values.",
        delete: "Permanently deletes a contact and its extensions.",
    };
}

impl From<CustomerContactCreateInput> for NewContactOf {
    fn from(input: CustomerContactCreateInput) -> Self {
        let customer = NodeType::Customer.uid(&input.customer_id);
        Self { customer, contact: input.customer_contact.into_new() }
    }
}
