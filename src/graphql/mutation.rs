//! The root of mutations.

use async_graphql::MergedObject;

use super::{customer::CustomerMutation, customer_group::CustomerGroupMutation};

/// What can be changed. Each mutation is one transaction: it is made as a whole, or not at all.
#[derive(Default, MergedObject)]
pub struct Mutation(CustomerMutation, CustomerGroupMutation);
