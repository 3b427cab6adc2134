//! Supplier numbers that customers assigned to the retailer's own companies.

use async_graphql::ComplexObject;

use super::customer::Customer;
use crate::{
    graphql::{
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, customer_child, of_parent},
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
    },
    models::{self, supplier_number_at_customer::SupplierNumberAtCustomerAttributes},
};

customer_child! {
    /// The supplier number that a customer assigned to one of your own companies.
    pub struct SupplierNumberAtCustomer(it: models::supplier_number_at_customer::SupplierNumberAtCustomer) of Customer {
        /// Position among the customer's supplier numbers, from 1, without gaps.
        idx: it.idx,
    }
}

#[ComplexObject]
impl SupplierNumberAtCustomer {}

filter! {
    /// Filter for supplier numbers. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    SupplierNumberAtCustomer {
        /// ID of the customer that it belongs to.
        customerId: IdFilter => of_parent::<SupplierNumberAtCustomer>,
    }
}

impl ListedNode for SupplierNumberAtCustomer {
    const ONE: &'static str = "supplierNumberAtCustomer";
    const MANY: &'static str = "supplierNumbersAtCustomer";
    const NOUNS: (&'static str, &'static str) = ("supplier number", "supplier numbers");
}

impl ChildNode for SupplierNumberAtCustomer {
    type Attributes = SupplierNumberAtCustomerAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a supplier number to a customer, at the end unless `idx` is given.",
        update: "Updates a supplier number. Omitted fields keep their values. A new `idx` moves the number.",
        delete: "Permanently deletes a supplier number. Later numbers move up by one.",
    };
    const REORDER: Option<(&str, &str)> =
        Some(("Changes the order of a customer's supplier numbers.", "ID of the customer."));
}
