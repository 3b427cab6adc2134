//! The root of queries.

use async_graphql::{ID, MergedObject};

use super::{
    customer::{
        CustomerQuery, address::CustomerAddressQuery, consent::CustomerConsentQuery,
        contact::CustomerContactQuery, extension::CustomerExtensionQuery,
    },
    customer_group::CustomerGroupQuery,
    error::Error,
    loyalty_program::LoyaltyProgramQuery,
    loyalty_program_collection::LoyaltyProgramCollectionQuery,
    node::NodeQuery,
    pos_customer_group::PosCustomerGroupQuery,
    pos_profile::PosProfileQuery,
    supplier_number_at_customer::SupplierNumberAtCustomerQuery,
};
use crate::{db::types::Uid, id::NodeType, models::Lookup};

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    CustomerQuery,
    CustomerAddressQuery,
    CustomerConsentQuery,
    CustomerContactQuery,
    CustomerExtensionQuery,
    CustomerGroupQuery,
    LoyaltyProgramQuery,
    LoyaltyProgramCollectionQuery,
    NodeQuery,
    PosCustomerGroupQuery,
    PosProfileQuery,
    SupplierNumberAtCustomerQuery,
);

/// Which object a request means.
pub struct Selector {
    /// How it is looked up.
    pub lookup: Lookup,
    /// The argument that says so.
    pub argument: &'static str,
}

impl Selector {
    /// Reads the arguments `id` and `externalId`, of which exactly one must be given.
    pub fn new(
        id: Option<ID>,
        external_id: Option<String>,
        node_type: NodeType,
    ) -> Result<Self, Error> {
        match (id, external_id) {
            (Some(id), None) => Ok(Self { lookup: Lookup::Id(node_type.uid(&id)), argument: "id" }),
            (None, Some(text)) => {
                // No text that is stored has control characters, and PostgreSQL takes no NUL.
                let lookup = if text.contains(char::is_control) {
                    Lookup::Id(Uid::NOTHING)
                } else {
                    Lookup::ExternalId(text)
                };
                Ok(Self { lookup, argument: "externalId" })
            }
            _ => Err(Error::bad_input("id, externalId: exactly one of them must be given")),
        }
    }
}
