//! The numbers of our companies as suppliers to a customer: line items of the customer.

use super::{
    Code, Violation,
    attribute::{Filterable, Line, Optional, Required, attributes},
    child::{Child, ChildAttributes, ChildChange, NewChild},
    customer::CustomerAttributes,
    filter::NoTest,
};
use crate::id::NodeType;

pub type SupplierNumberAtCustomer = Child<SupplierNumberAtCustomerAttributes>;

attributes! {
    supplier_numbers_at_customer;
    /// The writable attributes of a supplier number.
    pub struct SupplierNumberAtCustomerAttributes {
        /// ID chosen by the client. Unique among the supplier numbers of all customers.
        external_id: Filterable<Optional<Line>>,
        /// Your own company that has the number; an identifier from another system. A customer has at most
        /// one number per company, and at most one without a company.
        company: Filterable<Optional<Line>>,
        /// The supplier number.
        supplier_number: Filterable<Required<Line>>,
    }
}

impl ChildAttributes for SupplierNumberAtCustomerAttributes {
    type Parent = CustomerAttributes;
    type New = NewChild<Self>;
    type Change = ChildChange<Self>;
    const FIELD: &str = "supplierNumbers";
    const NODE_TYPE: NodeType = NodeType::SupplierNumberAtCustomer;

    type Test = NoTest;

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = match self.company {
            Some(_) => "the customer has a supplier number for this company",
            None => "the customer has a supplier number without a company",
        };
        (self.company == other.company).then(|| Violation::new("company", Code::Taken, message))
    }
}
