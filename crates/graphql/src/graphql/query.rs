//! The root of queries.

use super::{
    api_key::ApiKeyQuery,
    attribute_definition::AttributeDefinitionQuery,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        duplicates::CustomerDuplicatesQuery, extension::CustomerExtension,
        lookup::CustomerLookupQuery, merge::MergePreviewQuery,
    },
    customer_group::CustomerGroup,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    nodes::NodeQuery,
    object::merged,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    queries::Queries,
    supplier_number_at_customer::SupplierNumberAtCustomer,
    tenant::TenantQuery,
};

merged! {
    /// The root of queries.
    pub struct Query as "Query" (
        ApiKeyQuery,
        AttributeDefinitionQuery,
        Queries<Customer>,
        Queries<CustomerAddress>,
        Queries<CustomerConsent>,
        Queries<CustomerContact>,
        CustomerDuplicatesQuery,
        Queries<CustomerExtension>,
        Queries<CustomerGroup>,
        CustomerLookupQuery,
        MergePreviewQuery,
        Queries<LoyaltyProgram>,
        Queries<LoyaltyProgramCollection>,
        NodeQuery,
        Queries<PosCustomerGroup>,
        Queries<PosProfile>,
        Queries<SupplierNumberAtCustomer>,
        TenantQuery,
    );
}
