//! The inputs for POS profiles.

use async_graphql::InputObject;

use crate::{
    graphql::attributes::{ChangedAttributes, NewAttributes},
    models::{attribute::Patch, pos_profile::PosProfileAttributes},
};

/// Input for `posProfileCreate`.
#[derive(InputObject)]
pub struct PosProfileCreateInput {
    #[graphql(flatten)]
    attributes: NewAttributes<PosProfileAttributes>,
}

/// Input for `posProfileUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct PosProfileUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<PosProfileAttributes>,
}

impl From<PosProfileCreateInput> for PosProfileAttributes {
    fn from(input: PosProfileCreateInput) -> Self {
        input.attributes.patch.into_new()
    }
}

impl From<PosProfileUpdateInput> for Patch<PosProfileAttributes> {
    fn from(input: PosProfileUpdateInput) -> Self {
        input.attributes.patch
    }
}
