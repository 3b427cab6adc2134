//! The root of mutations.

use async_graphql::MergedObject;

use super::{
    customer::{
        CustomerMutation, address::CustomerAddressMutation, consent::CustomerConsentMutation,
        contact::CustomerContactMutation, extension::CustomerExtensionMutation,
    },
    customer_group::CustomerGroupMutation,
    loyalty_program::LoyaltyProgramMutation,
    loyalty_program_collection::LoyaltyProgramCollectionMutation,
    pos_customer_group::PosCustomerGroupMutation,
    supplier_number_at_customer::SupplierNumberAtCustomerMutation,
};

/// What can be changed. Each mutation is one transaction: it is made as a whole, or not at all.
#[derive(Default, MergedObject)]
pub struct Mutation(
    CustomerMutation,
    CustomerAddressMutation,
    CustomerConsentMutation,
    CustomerContactMutation,
    CustomerExtensionMutation,
    CustomerGroupMutation,
    LoyaltyProgramMutation,
    LoyaltyProgramCollectionMutation,
    PosCustomerGroupMutation,
    SupplierNumberAtCustomerMutation,
);
