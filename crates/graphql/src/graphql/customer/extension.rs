//! Extensions: registrations of customers and contacts with third-party services.

use async_graphql::ComplexObject;

use super::{Customer, contact::CustomerContact};
use crate::{
    graphql::{
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, customer_child, of_parent},
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
    },
    id::NodeType,
    models::{self, customer::extension::CustomerExtensionAttributes},
};

customer_child! {
    /// A registration of a customer, or of one of its contacts, with a third-party service.
    pub struct CustomerExtension(it: models::customer::extension::CustomerExtension) of Customer {
        /// ID of the registered contact; `null` if the customer itself is registered.
        contactId: it.attributes.contact_id.map(|contact| NodeType::CustomerContact.id(contact)),
    }
    references {
        /// The registered contact; `null` if the customer itself is registered.
        contact: CustomerContact by it.attributes.contact_id,
    }
}

#[ComplexObject]
impl CustomerExtension {}

filter! {
    /// Filter for extensions. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerExtension {
        /// ID of the customer that is registered, or whose contact is registered.
        customerId: IdFilter => of_parent::<CustomerExtension>,
    }
}

impl ListedNode for CustomerExtension {
    const ONE: &'static str = "customerExtension";
    const MANY: &'static str = "customerExtensions";
    const NOUNS: (&'static str, &'static str) = ("extension", "extensions");
}

impl ChildNode for CustomerExtension {
    type Attributes = CustomerExtensionAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds an extension to a customer or to one of its contacts.",
        update: "Updates an extension. Omitted fields keep their values.",
        delete: "Permanently deletes an extension.",
    };
}
