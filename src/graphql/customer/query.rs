//! Queries for customers.

use super::{Customer, CustomerFilter, CustomerOrder};
use crate::graphql::query::queries;

queries! {
    CustomerQuery of Customer;
    customer: "customer",
    customers ("customers"): "customers";
    CustomerOrder, CustomerFilter
}
