//! Loyalty programs.

mod filter;
mod input;
mod mutation;
mod query;

use std::sync::Arc;

use async_graphql::{ComplexObject, Enum};

use super::{
    customer::Customer, customer_group::CustomerGroup,
    loyalty_program_collection::LoyaltyProgramCollection, object::object,
};
use crate::{
    id::NodeType,
    models::{self, customer::CustomerRelation},
};

pub use self::{
    filter::{LoyaltyProgramFilter, LoyaltyProgramOrder},
    mutation::LoyaltyProgramMutation,
    query::LoyaltyProgramQuery,
};

/// A loyalty program, in which customers collect points for their purchases.
pub struct LoyaltyProgram(pub(in crate::graphql) Arc<models::LoyaltyProgram>);

/// Types of loyalty programs, by the number of tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::loyalty_program::LoyaltyProgramType")]
pub enum LoyaltyProgramType {
    /// At most one tier.
    SingleTierProgram,
    /// Any number of tiers, up to 500.
    MultipleTierProgram,
}

object! {
    /// A loyalty program, in which customers collect points for their purchases.
    LoyaltyProgram(it: models::LoyaltyProgram) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::LoyaltyProgram.id(it.id),
        /// ID chosen by the client. Unique among the loyalty programs.
        externalId: it.attributes.external_id,
        /// Name of the program. Need not be unique.
        loyaltyProgramName: it.attributes.loyalty_program_name,
        /// Type of the program, which limits the number of tiers; `null` does not.
        loyaltyProgramType: it.attributes.loyalty_program_type,
        /// First day on which customers collect points.
        fromDate: it.attributes.from_date,
        /// Last day on which customers collect points; `null` if the program has no end.
        toDate: it.attributes.to_date,
        /// Sales territory of the program, used by `autoOptIn`; an identifier from another system.
        /// `null` stands for all territories.
        customerTerritory: it.attributes.customer_territory,
        /// Whether new customers join automatically. A customer created without a program joins this
        /// one, in the tier with the lowest `minSpent`, if its primary group is `customerGroup` or
        /// below it, its territory is `customerTerritory`, and the current date (in UTC) is from
        /// `fromDate` to `toDate`. If several programs match, the customer joins none of them, and the
        /// payload has a warning.
        autoOptIn: it.attributes.auto_opt_in,
        /// Value of one point, in the program's currency.
        conversionFactor: it.attributes.conversion_factor,
        /// Number of days after which points expire; `null` or 0 if they never do.
        expiryDuration: it.attributes.expiry_duration,
        /// Account to which redeemed points are booked; an identifier from another system.
        expenseAccount: it.attributes.expense_account,
        /// Cost center to which redeemed points are booked; an identifier from another system.
        costCenter: it.attributes.cost_center,
        /// Your own company that runs the program; an identifier from another system.
        company: it.attributes.company,
        /// Project to which redeemed points are booked; an identifier from another system.
        project: it.attributes.project,
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
    connections {
        /// Customers who take part in the program, most recently created first by default.
        customers: Customer in CustomerRelation::InLoyaltyProgram,
    }
}

#[ComplexObject]
impl LoyaltyProgram {}
