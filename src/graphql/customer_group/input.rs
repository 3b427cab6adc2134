//! The inputs for customer groups.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::{
    graphql::input::{reference, set},
    id::NodeType,
    models::customer_group::CustomerGroupAttributes,
};

/// Input for `customerGroupCreate`. Text is trimmed, and empty text becomes `null`. Maximum length:
/// 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupCreateInput {
    /// Name of the group; 1 to 255 characters. Need not be unique.
    customer_group_name: String,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// Input for `customerGroupUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupUpdateInput {
    /// Name of the group; 1 to 255 characters. Cannot be cleared.
    customer_group_name: MaybeUndefined<String>,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// The fields of a customer group that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupAttributesInput {
    /// ID chosen by the client. Must be unique among the groups.
    external_id: MaybeUndefined<String>,
    /// ID of the parent group, which must have `isGroup: true`; `null` for a root. Changing it
    /// moves the group with all its descendants. A tree has at most 32 levels.
    parent_id: MaybeUndefined<ID>,
    /// Whether the group can have children. Default: `false`. A group with children cannot become a
    /// leaf.
    is_group: MaybeUndefined<bool>,
    /// Price list for the group's customers; an identifier from another system.
    default_price_list: MaybeUndefined<String>,
    /// Payment terms for the group's customers; a name from another system.
    payment_terms: MaybeUndefined<String>,
}

impl CustomerGroupCreateInput {
    pub fn into_attributes(self) -> CustomerGroupAttributes {
        let mut attributes = CustomerGroupAttributes {
            customer_group_name: self.customer_group_name,
            ..CustomerGroupAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl CustomerGroupUpdateInput {
    pub fn into_change(self) -> impl FnOnce(&mut CustomerGroupAttributes) + Send {
        let change = self.attributes.into_change();
        move |it: &mut CustomerGroupAttributes| {
            set(&mut it.customer_group_name, self.customer_group_name);
            change(it);
        }
    }
}

impl CustomerGroupAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerGroupAttributes) + Send {
        let parent = reference(self.parent_id, NodeType::CustomerGroup);
        move |it: &mut CustomerGroupAttributes| {
            self.external_id.update_to(&mut it.external_id);
            parent.update_to(&mut it.parent_id);
            set(&mut it.is_group, self.is_group);
            self.default_price_list.update_to(&mut it.default_price_list);
            self.payment_terms.update_to(&mut it.payment_terms);
        }
    }
}
