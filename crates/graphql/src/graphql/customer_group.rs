//! Customer groups.

mod filter;
mod input;
mod members;

use std::sync::Arc;

use async_graphql::{ComplexObject, Context};

use super::{
    columns,
    context::ContextExt,
    customer::Customer,
    error::Error,
    loader::{AncestorsOf, DepthOf, DescendantsOf},
    loyalty_program::LoyaltyProgram,
    memory,
    mutable_node::{MutableNode, MutationDescriptions},
    node::ListedNode,
    object::{Objects, object},
    pos_profile::PosProfile,
};
use crate::{
    db::pick::ColumnSet,
    id::NodeType,
    models::{
        self,
        customer::CustomerRelation,
        customer_group::{CustomerGroupRelation, Descendant},
        loyalty_program::LoyaltyProgramRelation,
        pos_profile::PosProfileRelation,
    },
};

use self::input::{CustomerGroupCreateInput, CustomerGroupUpdateInput};

pub use self::members::MembersMutation;

/// A group of customers. Groups form trees: each has at most one parent.
pub struct CustomerGroup {
    row: Arc<models::CustomerGroup>,
    /// The level in the tree, if it is already known.
    depth: Option<i64>,
}

impl AsRef<models::CustomerGroup> for CustomerGroup {
    fn as_ref(&self) -> &models::CustomerGroup {
        &self.row
    }
}

impl From<Arc<models::CustomerGroup>> for CustomerGroup {
    fn from(row: Arc<models::CustomerGroup>) -> Self {
        Self { row, depth: None }
    }
}

impl From<models::CustomerGroup> for CustomerGroup {
    fn from(row: models::CustomerGroup) -> Self {
        Self::from(Arc::new(row))
    }
}

impl From<Descendant> for CustomerGroup {
    fn from(Descendant { group, depth }: Descendant) -> Self {
        Self { row: group.shared(), depth: Some(depth) }
    }
}

object! {
    /// A group of customers. Groups form trees: each has at most one parent.
    CustomerGroup(it: models::CustomerGroup) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::CustomerGroup.id(it.id),
        /// When the group was created.
        createdAt: it.created_at,
        /// When the group was last changed, or `customerGroupUpdateCustomers` last changed its members.
        /// Changing a customer's primary group changes only the `updatedAt` of the customer.
        updatedAt: it.updated_at,
        /// Name of the API key, or of the command (like `import`), that created the group.
        createdBy: it.created_by,
        /// Name of the API key, or of the command, that last changed the group.
        lastModifiedBy: it.last_modified_by,
        /// ID of the parent group; `null` for a root.
        parentId: it.attributes.parent_id.map(|parent| NodeType::CustomerGroup.id(parent)),
    }
    references {
        /// Parent group; `null` for a root.
        parentCustomerGroup: CustomerGroup by it.attributes.parent_id,
    }
    custom {
        attribute, attributes
    }
    connections {
        /// Groups directly below this one, most recently created first by default.
        children: CustomerGroup in CustomerGroupRelation::Child,
        /// Customers that are members of the group, most recently created first by default.
        customers(include_descendants as "includeDescendants":
            "Whether to include customers of the groups below. Each customer is listed once."
        ): Customer in if include_descendants {
            CustomerRelation::InSubtree
        } else {
            CustomerRelation::InGroup
        },
        /// Loyalty programs restricted to this group (not those of the groups above), most recently
        /// created first by default.
        loyaltyPrograms: LoyaltyProgram in LoyaltyProgramRelation::OfGroup,
        /// POS profiles linked to this group (not those linked to the groups above), most recently
        /// created first by default.
        posProfiles: PosProfile in PosProfileRelation::OfGroup,
    }
}

#[ComplexObject]
impl CustomerGroup {
    /// Level in the tree, from 1 (a root) to 32.
    async fn depth(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        match self.depth {
            Some(depth) => Ok(depth),
            None => Ok(ctx.loader()?.load(DepthOf(self.row.id), ColumnSet::ID).await?.unwrap_or(1)),
        }
    }

    /// Groups above this one, from the parent up to the root.
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Objects<CustomerGroup>, Error> {
        let (key, columns) = (AncestorsOf(self.row.id), columns::of_objects::<Self>(ctx));
        let groups = ctx.loader()?.load(key, columns).await?.unwrap_or_default();
        memory::take_shared(ctx, groups.iter())?;
        Ok(Objects(groups.iter().cloned().map(|group| Self::from(group.shared())).collect()))
    }

    /// Groups at all levels below this one, depth first: each group is followed by its own
    /// descendants, and siblings are sorted by name.
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Number of levels below the group, at least 1. Default: all levels.",
            validator(minimum = 1)
        )]
        max_depth: Option<u32>,
    ) -> Result<Objects<CustomerGroup>, Error> {
        let key = DescendantsOf { group: self.row.id, levels: max_depth };
        let columns = columns::of_objects::<Self>(ctx);
        let groups = ctx.loader()?.load(key, columns).await?.unwrap_or_default();
        memory::take_shared(ctx, groups.iter().map(|it| &it.group))?;
        Ok(Objects(groups.iter().cloned().map(Self::from).collect()))
    }
}

impl ListedNode for CustomerGroup {
    const ONE: &'static str = "customerGroup";
    const MANY: &'static str = "customerGroups";
    const NOUNS: (&'static str, &'static str) = ("customer group", "customer groups");
    const FILTER_TIMES: (&'static str, &'static str) =
        ("When the group was created.", "When the group was last changed.");
}

impl MutableNode for CustomerGroup {
    type CreateInput = CustomerGroupCreateInput;
    type UpdateInput = CustomerGroupUpdateInput;
    const NEW: &'static str = "group";
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Creates a customer group.",
        update: "Updates a customer group. Omitted fields keep their values. A new `parentId` moves the group\n\
            with all its descendants.",
        delete: "Permanently deletes a customer group. The policy `DELETE_SUBTREE` requires the scope `ADMIN`;\n\
            otherwise the error is `FORBIDDEN`.",
    };
}
