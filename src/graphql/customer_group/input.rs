//! The inputs for customer groups.

use async_graphql::InputObject;

use crate::{
    graphql::attributes::{ChangedAttributes, NewAttributes},
    models::customer_group::CustomerGroupAttributes,
};

/// Input for `customerGroupCreate`. Text is trimmed, and empty text becomes `null`. Maximum length:
/// 255 characters.
#[derive(InputObject)]
pub struct CustomerGroupCreateInput {
    #[graphql(flatten)]
    pub attributes: NewAttributes<CustomerGroupAttributes>,
}

/// Input for `customerGroupUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct CustomerGroupUpdateInput {
    #[graphql(flatten)]
    pub attributes: ChangedAttributes<CustomerGroupAttributes>,
}
