//! Numbers of our own companies as suppliers to customers.

use async_graphql::ComplexObject;

use super::customer::Customer;
use crate::{
    graphql::{
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, MutationDescriptions, child_order},
        filter::{DateTimeFilter, IdFilter, filter},
        node::ListedNode,
        object::object,
    },
    id::NodeType,
    models::{
        self,
        child::{ChildTest, NoTest},
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

object! {
    /// The supplier number that a customer assigned to one of your own companies.
    pub struct SupplierNumberAtCustomer(it: models::supplier_number_at_customer::SupplierNumberAtCustomer) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::SupplierNumberAtCustomer.id(it.id),
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Position among the customer's supplier numbers, from 1, without gaps.
        idx: it.idx,
        /// When the supplier number was created.
        createdAt: it.created_at,
        /// When the supplier number was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
    }
}

#[ComplexObject]
impl SupplierNumberAtCustomer {}

filter! {
    /// Filter for supplier numbers. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    SupplierNumberAtCustomerFilter of SupplierNumberAtCustomerAttributes makes ChildTest<NoTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// When the supplier number was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the supplier number was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { SupplierNumberAtCustomerOrder by SupplierNumberAtCustomerOrderField: "supplier numbers" }

impl ListedNode for SupplierNumberAtCustomer {
    type Order = SupplierNumberAtCustomerOrder;
    type Filter = SupplierNumberAtCustomerFilter;
    const ONE: &'static str = "supplierNumberAtCustomer";
    const MANY: &'static str = "supplierNumbersAtCustomer";
    const NOUNS: (&'static str, &'static str) = ("supplier number", "supplier numbers");
}

impl ChildNode for SupplierNumberAtCustomer {
    type Attributes = SupplierNumberAtCustomerAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a supplier number to a customer, at the end unless `idx` is given.",
        update: "Updates a supplier number. Omitted fields keep their values. A new `idx` moves the number.",
        delete: "Permanently deletes a supplier number; later numbers close the gap.",
        reorder: Some((
            "Changes the order of a customer's supplier numbers.",
            "ID of the customer.",
        )),
    };
}
