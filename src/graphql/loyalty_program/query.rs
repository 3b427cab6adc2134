//! Queries for loyalty programs.

use async_graphql::{Context, ID, Object};

use super::{LoyaltyProgram, LoyaltyProgramFilter, LoyaltyProgramOrder};
use crate::{
    graphql::{
        connection::{ConnectionOf, PageArgs, connection, cost},
        context::ContextExt,
        error::Error,
        query::Selector,
    },
    id::NodeType,
    models,
};

#[derive(Default)]
pub struct LoyaltyProgramQuery;

#[Object]
impl LoyaltyProgramQuery {
    /// The loyalty program with this id. `null` if there is none. Exactly one argument must be
    /// given.
    async fn loyalty_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose.")] external_id: Option<String>,
    ) -> Option<Result<LoyaltyProgram, Error>> {
        find(ctx, id, external_id).await.transpose()
    }

    /// All loyalty programs. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn loyalty_programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, at most 100,000.")] offset: Option<i32>,
        #[graphql(desc = "The order. Default: most recently created first.")] order_by: Option<
            LoyaltyProgramOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<
            LoyaltyProgramFilter,
        >,
    ) -> Result<ConnectionOf<LoyaltyProgram>, Error> {
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) =
            (order_by.unwrap_or_default().into(), LoyaltyProgramFilter::tests(filter)?);
        connection::<models::LoyaltyProgram, _>(ctx, "loyaltyPrograms", None, args, order, filter)
            .await
    }
}

async fn find(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Option<LoyaltyProgram>, Error> {
    let selector = Selector::new(id, external_id, NodeType::LoyaltyProgram)?;
    let (db, tenant) = ctx.source()?;
    let row = ctx
        .load(async move {
            let mut lease = db.read().await?;
            models::LoyaltyProgram::find(&mut lease.conn(), &tenant, &selector.lookup).await
        })
        .await?;
    Ok(row.map(LoyaltyProgram::from))
}
