//! A customer's addresses.

use async_graphql::ComplexObject;

use super::Customer;
use crate::{
    graphql::{
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, customer_child, of_parent},
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
    },
    models::{self, customer::address::CustomerAddressAttributes},
};

customer_child! {
    /// An address of a customer.
    pub struct CustomerAddress(it: models::customer::address::CustomerAddress) of Customer {
        /// Title of the address in lists. Falls back to the recipient and the place.
        displayName: it.attributes.display_name(),
        /// The address as printed on a letter: recipient, street, postal code and city, region and
        /// country code, on separate lines.
        formatted: it.attributes.formatted(),
    }
}

#[ComplexObject]
impl CustomerAddress {}

filter! {
    /// Filter for addresses. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerAddress {
        /// ID of the customer that it belongs to.
        customerId: IdFilter => of_parent::<CustomerAddress>,
    }
}

impl ListedNode for CustomerAddress {
    const ONE: &'static str = "customerAddress";
    const MANY: &'static str = "customerAddresses";
    const NOUNS: (&'static str, &'static str) = ("address", "addresses");
}

impl ChildNode for CustomerAddress {
    type Attributes = CustomerAddressAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds an address to a customer.",
        update: "Updates an address. Omitted fields keep their values.",
        delete: "Permanently deletes an address.",
    };
}
