//! The inputs for customer groups.

use async_graphql::{
    Context, Enum, InputObject,
    registry::{MetaInputValue, Registry},
};

use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        context::ContextExt,
        custom_attribute::{CustomAttributeInput, assignments},
        error::Error,
        mutable_node::{PolicyArgument, policy_argument, policy_value},
    },
    models::{
        attribute::Patch,
        custom_attribute::WithAttributes,
        customer_group::{CustomerGroupAttributes, DeletePolicy},
    },
};

/// Input for `customerGroupCreate`. Text is trimmed, and empty text becomes `null`. Maximum length:
/// 255 characters.
#[derive(InputObject)]
pub struct CustomerGroupCreateInput {
    /// Custom attributes; at most 100.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: NewAttributes<CustomerGroupAttributes>,
}

/// Input for `customerGroupUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct CustomerGroupUpdateInput {
    /// Custom attributes to change; at most 100. The others keep their values.
    attributes: Option<Vec<CustomAttributeInput>>,
    #[graphql(flatten)]
    fields: ChangedAttributes<CustomerGroupAttributes>,
}

/// Policies for the children, customers, loyalty programs and POS links of a customer group that is
/// deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum CustomerGroupDeletePolicy {
    /// Deletes the group only if it has no children, customers, loyalty programs or POS links;
    /// otherwise the user error is `IN_USE`.
    #[default]
    Restrict,
    /// Moves the group's children, customers, loyalty programs and POS links to its parent. A root
    /// has no parent and must be empty. If a POS profile is already linked to the parent, its link to
    /// the deleted group is removed.
    ReassignToParent,
    /// Deletes the group, all groups below it, the loyalty programs that are restricted to one of these groups, and the
    /// POS links to these groups: all or nothing. No customer is deleted. Customers lose their memberships in the
    /// deleted groups; a customer whose primary group is deleted has no primary group. Customers in a deleted program
    /// lose the program and the tier, even if they are not in one of the groups. A POS profile that loses its last link
    /// can no longer sell to anyone, unless it sells to everyone. Requires the scope `ADMIN`; otherwise the error is
    /// `FORBIDDEN`.
    DeleteSubtree,
}

impl<'a> PolicyArgument<'a> for DeletePolicy<'a> {
    fn argument(registry: &mut Registry) -> Option<MetaInputValue> {
        let description = "Policy for the contents of the group.";
        Some(policy_argument::<CustomerGroupDeletePolicy>(registry, description))
    }

    fn read(ctx: &'a Context<'_>) -> Result<Self, Error> {
        Ok(match policy_value(ctx)? {
            CustomerGroupDeletePolicy::Restrict => Self::Restrict,
            CustomerGroupDeletePolicy::ReassignToParent => Self::ReassignToParent,
            CustomerGroupDeletePolicy::DeleteSubtree => Self::DeleteSubtree(ctx.administrator()?),
        })
    }
}

impl From<CustomerGroupCreateInput> for WithAttributes<CustomerGroupAttributes> {
    fn from(input: CustomerGroupCreateInput) -> Self {
        let attributes = assignments(input.attributes);
        Self { object: input.fields.patch.into_new(), attributes }
    }
}

impl From<CustomerGroupUpdateInput> for WithAttributes<Patch<CustomerGroupAttributes>> {
    fn from(input: CustomerGroupUpdateInput) -> Self {
        Self { object: input.fields.patch, attributes: assignments(input.attributes) }
    }
}
