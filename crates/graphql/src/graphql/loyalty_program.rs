//! Loyalty programs.

mod filter;
mod input;

use async_graphql::ComplexObject;

use super::{
    customer::Customer,
    customer_group::CustomerGroup,
    loyalty_program_collection::LoyaltyProgramCollection,
    mutable_node::{MutableNode, MutationDescriptions},
    node::ListedNode,
    object::object,
};
use crate::{
    id::NodeType,
    models::{self, customer::CustomerRelation},
};

use self::input::{LoyaltyProgramCreateInput, LoyaltyProgramUpdateInput};

object! {
    /// A loyalty program, in which customers collect points for their purchases. Points are not counted
    /// here, and customers do not change tiers automatically: set `loyaltyProgramTierId`.
    pub struct LoyaltyProgram(it: models::LoyaltyProgram) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::LoyaltyProgram.id(it.id),
        /// When the program was created.
        createdAt: it.created_at,
        /// When the program or one of its tiers was last changed.
        updatedAt: it.updated_at,
        /// Name of the API key, or of the command (like `import`), that created the program.
        createdBy: it.created_by,
        /// Name of the API key, or of the command, that last changed the program or one of its tiers.
        lastModifiedBy: it.last_modified_by,
    }
    references {
        /// Group whose customers, including those of the groups below it, can join; `null` if all
        /// customers can. Customers who have joined stay in the program if they leave the group.
        customerGroup: CustomerGroup by it.attributes.customer_group_id,
    }
    sortable children {
        /// Tiers of the program, by `idx` by default.
        collections: LoyaltyProgramCollection,
    }
    custom {
        attribute, attributes
    }
    connections {
        /// Customers who take part in the program, most recently created first by default.
        customers: Customer in CustomerRelation::InLoyaltyProgram,
    }
}

#[ComplexObject]
impl LoyaltyProgram {}

impl ListedNode for LoyaltyProgram {
    const ONE: &'static str = "loyaltyProgram";
    const MANY: &'static str = "loyaltyPrograms";
    const NOUNS: (&'static str, &'static str) = ("loyalty program", "loyalty programs");
    const FILTER_TIMES: (&'static str, &'static str) =
        ("When the program was created.", "When the program was last changed.");
    const ORDER_RULES: &'static str = "`null` sorts before any value.";
}

impl MutableNode for LoyaltyProgram {
    type CreateInput = LoyaltyProgramCreateInput;
    type UpdateInput = LoyaltyProgramUpdateInput;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Creates a loyalty program with its tiers, all or nothing.",
        update: "Updates a loyalty program and, with `collections`, all its tiers at once. Omitted fields\n\
            keep their values.",
        delete: "Permanently deletes a loyalty program and its tiers. The policy `UNENROLL_CUSTOMERS` requires the\n\
            scope `ADMIN`; otherwise the error is `FORBIDDEN`.",
    };
}
