//! The inputs for POS profiles.

use async_graphql::InputObject;

use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        custom_attribute::{CustomAttributeInput, assignments},
    },
    models::{
        attribute::Patch, custom_attribute::WithAttributes, pos_profile::PosProfileAttributes,
    },
};

/// Input for `posProfileCreate`.
#[derive(InputObject)]
pub struct PosProfileCreateInput {
    /// Custom attributes; at most 100.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: NewAttributes<PosProfileAttributes>,
}

/// Input for `posProfileUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct PosProfileUpdateInput {
    /// Custom attributes to change; at most 100. The others keep their values.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: ChangedAttributes<PosProfileAttributes>,
}

impl From<PosProfileCreateInput> for WithAttributes<PosProfileAttributes> {
    fn from(input: PosProfileCreateInput) -> Self {
        let attributes = assignments(input.attributes);
        Self { object: input.fields.patch.into_new(), attributes }
    }
}

impl From<PosProfileUpdateInput> for WithAttributes<Patch<PosProfileAttributes>> {
    fn from(input: PosProfileUpdateInput) -> Self {
        Self { object: input.fields.patch, attributes: assignments(input.attributes) }
    }
}
