//! The numbers of our companies as suppliers to a customer: line items of the customer.

use diesel::ExpressionMethods;

use super::{
    Code, Customer, Violation,
    attribute::{Filterable, Line, Optional, Required, attributes},
    child::{Child, ChildAttributes, NoTest, child_queries},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all,
        schema::supplier_numbers_at_customer,
        sql::{Column, Condition},
        types::Uid,
    },
};

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
    child_queries!(supplier_numbers_at_customer, customer_id, "customers", Customer);

    type Test = NoTest;

    fn test_condition(_tenant: &Tenant, test: &NoTest) -> Condition {
        match *test {}
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = match self.company {
            Some(_) => "the customer has a supplier number for this company",
            None => "the customer has a supplier number without a company",
        };
        (self.company == other.company).then(|| Violation::new("company", Code::Taken, message))
    }
}
