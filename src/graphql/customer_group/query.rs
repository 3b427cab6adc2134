//! Queries for customer groups.

use super::{CustomerGroup, CustomerGroupFilter, CustomerGroupOrder};
use crate::graphql::query::queries;

queries! {
    CustomerGroupQuery of CustomerGroup;
    customer_group: "customer group",
    customer_groups ("customerGroups"): "customer groups";
    CustomerGroupOrder, CustomerGroupFilter
}
