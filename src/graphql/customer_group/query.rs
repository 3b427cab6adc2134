//! Queries for groups.

use async_graphql::{Context, ID, Object};

use super::{CustomerGroup, CustomerGroupFilter, CustomerGroupOrder};
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
pub struct CustomerGroupQuery;

#[Object]
impl CustomerGroupQuery {
    /// The customer group with this id. `null` if there is none. Exactly one argument must be
    /// given.
    async fn customer_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose.")] external_id: Option<String>,
    ) -> Option<Result<CustomerGroup, Error>> {
        find(ctx, id, external_id).await.transpose()
    }

    /// All customer groups. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn customer_groups(
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
            CustomerGroupOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<CustomerGroupFilter>,
    ) -> Result<ConnectionOf<CustomerGroup>, Error> {
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) =
            (order_by.unwrap_or_default().into(), CustomerGroupFilter::tests(filter)?);
        connection::<models::CustomerGroup, _>(ctx, "customerGroups", None, args, order, filter)
            .await
    }
}

async fn find(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Option<CustomerGroup>, Error> {
    let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
    let (db, tenant) = ctx.source()?;
    let row = ctx
        .load(async move {
            let mut lease = db.read().await?;
            models::CustomerGroup::find(&mut lease.conn(), &tenant, &selector.lookup).await
        })
        .await?;
    Ok(row.map(CustomerGroup::from))
}
