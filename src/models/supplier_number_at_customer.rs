//! The numbers of our companies as suppliers to a customer: line items of the customer.

use diesel::{ExpressionMethods, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    Code, Customer, Error, Violation, Violations,
    child::{Child, ChildAttributes, child_queries},
    filter::ExactTest,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all,
        pick::columns_of,
        schema::supplier_numbers_at_customer,
        sql::{Column, Condition},
        types::Uid,
    },
};

const TABLE: &str = "supplier_numbers_at_customer";
const COMPANY: Column = Column::of::<supplier_numbers_at_customer::company>(TABLE);
const SUPPLIER_NUMBER: Column = Column::of::<supplier_numbers_at_customer::supplier_number>(TABLE);

pub type SupplierNumberAtCustomer = Child<SupplierNumberAtCustomerAttributes>;

columns_of! {
    supplier_numbers_at_customer;
    /// The writable attributes of a supplier number.
    #[derive(
        Clone,
        Debug,
        Default,
        PartialEq,
        Eq,
        Insertable,
        Queryable,
        Selectable,
        Serialize,
        Deserialize,
    )]
    #[diesel(table_name = supplier_numbers_at_customer)]
    #[diesel(treat_none_as_default_value = false)]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    pub struct SupplierNumberAtCustomerAttributes {
        pub external_id: Option<String>,
        /// Our company. A customer has at most one number per company, and at most one without a
        /// company.
        pub company: Option<String>,
        pub supplier_number: String,
    }
}

/// The filter conditions on a supplier number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SupplierNumberAtCustomerTest {
    Company(ExactTest),
    SupplierNumber(ExactTest),
}

impl ChildAttributes for SupplierNumberAtCustomerAttributes {
    child_queries!(supplier_numbers_at_customer, customer_id, "customers", Customer);

    type Test = SupplierNumberAtCustomerTest;

    fn test_condition(_tenant: &Tenant, test: &SupplierNumberAtCustomerTest) -> Condition {
        match test {
            SupplierNumberAtCustomerTest::Company(test) => test.condition(COMPANY),
            SupplierNumberAtCustomerTest::SupplierNumber(test) => test.condition(SUPPLIER_NUMBER),
        }
    }

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.required_line("supplierNumber", &mut self.supplier_number);
        violations.line("externalId", &mut self.external_id);
        violations.line("company", &mut self.company);
        violations.finish()
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = match self.company {
            Some(_) => "the customer has a supplier number for this company",
            None => "the customer has a supplier number without a company",
        };
        (self.company == other.company).then(|| Violation::new("company", Code::Taken, message))
    }
}
