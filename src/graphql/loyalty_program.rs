//! Loyalty programs.

mod filter;
mod input;
mod mutation;
mod query;

use async_graphql::{Context, Enum, ID, Object};

use super::{
    child,
    connection::{ConnectionOf, PageArgs, Parent, connection},
    customer::{Customer, CustomerFilter, CustomerOrder},
    customer_group::CustomerGroup,
    error::Error,
    loyalty_program_collection::{LoyaltyProgramCollection, LoyaltyProgramCollectionOrder},
    node::RowNode,
};
use crate::{
    db::types::{Date, Decimal, Timestamp},
    id::NodeType,
    models::{
        self, customer::CustomerRelation,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
    },
};

pub use self::{
    filter::{LoyaltyProgramFilter, LoyaltyProgramOrder},
    mutation::LoyaltyProgramMutation,
    query::LoyaltyProgramQuery,
};

/// A loyalty program, in which customers collect points for their purchases.
pub struct LoyaltyProgram(models::LoyaltyProgram);

impl From<models::LoyaltyProgram> for LoyaltyProgram {
    fn from(row: models::LoyaltyProgram) -> Self {
        Self(row)
    }
}

/// Types of loyalty programs, by the number of tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::loyalty_program::LoyaltyProgramType")]
pub enum LoyaltyProgramType {
    /// At most one tier.
    SingleTierProgram,
    /// Any number of tiers, up to 500.
    MultipleTierProgram,
}

/// A loyalty program, in which customers collect points for their purchases.
#[Object]
impl LoyaltyProgram {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::LoyaltyProgram.id(self.0.id).to_string().into()
    }

    /// ID chosen by the client. Unique among the loyalty programs.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// Name of the program. Need not be unique.
    async fn loyalty_program_name(&self) -> &str {
        &self.0.attributes.loyalty_program_name
    }

    /// Type of the program, which limits the number of tiers; `null` does not.
    async fn loyalty_program_type(&self) -> Option<LoyaltyProgramType> {
        self.0.attributes.loyalty_program_type.map(Into::into)
    }

    /// First day on which customers collect points.
    async fn from_date(&self) -> Date {
        self.0.attributes.from_date
    }

    /// Last day on which customers collect points; `null` if the program has no end.
    async fn to_date(&self) -> Option<Date> {
        self.0.attributes.to_date
    }

    /// Group whose customers, including those of the groups below it, can join; `null` if all
    /// customers can. Customers who have joined stay in the program if they leave the group.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
        CustomerGroup::load(ctx, self.0.attributes.customer_group_id?).await.transpose()
    }

    /// Sales territory of the program, used by `autoOptIn`; an identifier from another system.
    /// `null` stands for all territories.
    async fn customer_territory(&self) -> Option<&str> {
        self.0.attributes.customer_territory.as_deref()
    }

    /// Whether new customers join automatically. A customer created without a program joins this
    /// one, in the tier with the lowest `minSpent`, if its primary group is `customerGroup` or
    /// below it, its territory is `customerTerritory`, and the current date (in UTC) is from
    /// `fromDate` to `toDate`. If several programs match, the customer joins none of them, and the
    /// payload has a warning.
    async fn auto_opt_in(&self) -> bool {
        self.0.attributes.auto_opt_in
    }

    /// Value of one point, in the program's currency.
    async fn conversion_factor(&self) -> Option<Decimal> {
        self.0.attributes.conversion_factor
    }

    /// Number of days after which points expire; `null` or 0 if they never do.
    async fn expiry_duration(&self) -> Option<i32> {
        self.0.attributes.expiry_duration
    }

    /// Account to which redeemed points are booked; an identifier from another system.
    async fn expense_account(&self) -> Option<&str> {
        self.0.attributes.expense_account.as_deref()
    }

    /// Cost center to which redeemed points are booked; an identifier from another system.
    async fn cost_center(&self) -> Option<&str> {
        self.0.attributes.cost_center.as_deref()
    }

    /// Your own company that runs the program; an identifier from another system.
    async fn company(&self) -> Option<&str> {
        self.0.attributes.company.as_deref()
    }

    /// Project to which redeemed points are booked; an identifier from another system.
    async fn project(&self) -> Option<&str> {
        self.0.attributes.project.as_deref()
    }

    /// When the program was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the program or one of its tiers was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Name of the API key, or of the command (like `import`), that created the program.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// Name of the API key, or of the command, that last changed the program or one of its tiers.
    async fn last_modified_by(&self) -> &str {
        &self.0.last_modified_by
    }

    /// Tiers of the program, by `idx` by default.
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Sort order. Default: by `idx`, ascending.")] order_by: Option<
            LoyaltyProgramCollectionOrder,
        >,
    ) -> Result<Vec<LoyaltyProgramCollection>, Error> {
        let order = order_by.map(Into::into);
        child::list_in_order::<LoyaltyProgramCollectionAttributes, _>(ctx, self.0.id, order).await
    }

    /// Customers who take part in the program, most recently created first by default.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100. Not with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, 0 to 100,000. Default: 0.")] offset: Option<i32>,
        #[graphql(desc = "Sort order. Default: most recently created first.")] order_by: Option<
            CustomerOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<Box<CustomerFilter>>,
    ) -> Result<ConnectionOf<Customer>, Error> {
        let parent = Parent { uid: self.0.id, relation: CustomerRelation::InLoyaltyProgram };
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) = (order_by.unwrap_or_default().into(), CustomerFilter::tests(filter)?);
        connection::<models::Customer, _>(
            ctx,
            "LoyaltyProgram.customers",
            Some(parent),
            args,
            order,
            filter,
        )
        .await
    }
}
