//! Queries for customers.

use async_graphql::{Context, ID, Object};

use super::{Customer, CustomerFilter, CustomerOrder};
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
pub struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// The customer with this id. `null` if there is none. Exactly one argument must be given.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose.")] external_id: Option<String>,
    ) -> Option<Result<Customer, Error>> {
        find(ctx, id, external_id).await.transpose()
    }

    /// All customers. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn customers(
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
            CustomerOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<CustomerFilter>,
    ) -> Result<ConnectionOf<Customer>, Error> {
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) = (order_by.unwrap_or_default().into(), CustomerFilter::tests(filter)?);
        connection::<models::Customer, _>(ctx, "customers", None, args, order, filter).await
    }
}

async fn find(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Option<Customer>, Error> {
    let selector = Selector::new(id, external_id, NodeType::Customer)?;
    let (db, tenant) = ctx.source()?;
    let row = ctx
        .load(async move {
            let mut lease = db.read().await?;
            models::Customer::find(&mut lease.conn(), &tenant, &selector.lookup).await
        })
        .await?;
    Ok(row.map(Customer::from))
}
