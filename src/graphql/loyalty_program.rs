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

/// A loyalty program: points for what customers spend.
pub struct LoyaltyProgram(models::LoyaltyProgram);

impl From<models::LoyaltyProgram> for LoyaltyProgram {
    fn from(row: models::LoyaltyProgram) -> Self {
        Self(row)
    }
}

/// How many tiers a loyalty program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::loyalty_program::LoyaltyProgramType")]
pub enum LoyaltyProgramType {
    /// One at most.
    SingleTierProgram,
    /// Any number.
    MultipleTierProgram,
}

/// A loyalty program: points for what customers spend.
#[Object]
impl LoyaltyProgram {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::LoyaltyProgram.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the loyalty programs.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// The name. Programs may share one.
    async fn loyalty_program_name(&self) -> &str {
        &self.0.attributes.loyalty_program_name
    }

    /// How many tiers the program has.
    async fn loyalty_program_type(&self) -> Option<LoyaltyProgramType> {
        self.0.attributes.loyalty_program_type.map(Into::into)
    }

    /// The first day on which points are given.
    async fn from_date(&self) -> Date {
        self.0.attributes.from_date
    }

    /// The last day on which points are given; `null` is without an end.
    async fn to_date(&self) -> Option<Date> {
        self.0.attributes.to_date
    }

    /// The group that the program is for, with the groups below it; `null` is for all customers.
    /// Customers who are in none of these cannot join. (Who has joined already stays, whatever becomes
    /// of the groups.)
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
        CustomerGroup::load(ctx, self.0.attributes.customer_group_id?).await.transpose()
    }

    /// The sales territory that the program is for: an identifier of another system. `null` is for
    /// all.
    async fn customer_territory(&self) -> Option<&str> {
        self.0.attributes.customer_territory.as_deref()
    }

    /// Do customers take part without being asked? A new customer that is given no program joins this
    /// one, in its lowest tier (by `minSpent`), if its primary group is the program's or below it, its
    /// territory is the program's, and the day (in UTC) is within the program's dates. If several
    /// programs are for it, it joins none, with a warning.
    async fn auto_opt_in(&self) -> bool {
        self.0.attributes.auto_opt_in
    }

    /// What a point is worth, in the program's currency.
    async fn conversion_factor(&self) -> Option<Decimal> {
        self.0.attributes.conversion_factor
    }

    /// After how many days points expire; `null` or 0 is never.
    async fn expiry_duration(&self) -> Option<i32> {
        self.0.attributes.expiry_duration
    }

    /// The account that redeemed points are booked to: an identifier of another system.
    async fn expense_account(&self) -> Option<&str> {
        self.0.attributes.expense_account.as_deref()
    }

    /// The cost center that redeemed points are booked to: an identifier of another system.
    async fn cost_center(&self) -> Option<&str> {
        self.0.attributes.cost_center.as_deref()
    }

    /// The one of your own companies whose program it is: an identifier of another system.
    async fn company(&self) -> Option<&str> {
        self.0.attributes.company.as_deref()
    }

    /// The project that redeemed points are booked to: an identifier of another system.
    async fn project(&self) -> Option<&str> {
        self.0.attributes.project.as_deref()
    }

    /// When the program was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the program, or one of its tiers, was last changed.
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

    /// The tiers, as you arranged them (by `idx`), unless ordered otherwise.
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order. Default: by `idx`, from 1.")] order_by: Option<
            LoyaltyProgramCollectionOrder,
        >,
    ) -> Result<Vec<LoyaltyProgramCollection>, Error> {
        let order = order_by.map(Into::into);
        child::list_in_order::<LoyaltyProgramCollectionAttributes, _>(ctx, self.0.id, order).await
    }

    /// The customers who take part in the program. Most recently created first, unless ordered
    /// otherwise.
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
