//! The inputs for groups.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::{
    graphql::input::{reference, set},
    id::NodeType,
    models::customer_group::CustomerGroupAttributes,
};

/// Input of `customerGroupCreate`. Texts have up to 255 characters; they are trimmed, and an empty
/// one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupCreateInput {
    /// The name, of 1 to 255 characters.
    customer_group_name: String,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// Input of `customerGroupUpdate`: what is not given stays, and `null` clears. Texts have up to 255
/// characters; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupUpdateInput {
    /// The name, of 1 to 255 characters. It cannot be cleared.
    customer_group_name: MaybeUndefined<String>,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// The fields of a customer group, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupAttributesInput {
    /// An id of the client's choosing, unique among the groups; up to 255 characters.
    external_id: MaybeUndefined<String>,
    /// The parent, which must have `isGroup: true`; `null` for a root. On a change, the group moves
    /// with all below it.
    parent_id: MaybeUndefined<ID>,
    /// May the group have children? `false` for a new one.
    is_group: MaybeUndefined<bool>,
    /// The price list of the group's customers; up to 255 characters.
    default_price_list: MaybeUndefined<String>,
    /// The name of the payment terms of the group's customers; up to 255 characters.
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
