//! Changes of customers.

use async_graphql::{Context, ID, Object};

use super::{
    Customer,
    input::{CustomerCreateInput, CustomerUpdateInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{outcome, payloads},
        query::Selector,
    },
    id::NodeType,
    models,
};

#[derive(Default)]
pub struct CustomerMutation;

payloads! {
    Customer, customer, NodeType::Customer;
    "customerCreate" => CustomerCreatePayload,
    "customerUpdate" => CustomerUpdatePayload,
    "customerDelete" => CustomerDeletePayload,
}

#[Object]
impl CustomerMutation {
    /// Creates a customer, with all that is its own: as a whole, or not at all.
    async fn customer_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new customer.")] input: CustomerCreateInput,
    ) -> Result<CustomerCreatePayload, Error> {
        let writer = ctx.writer()?;
        let result = match input.into_new() {
            Ok(new) => {
                let mut lease = ctx.db()?.write().await?;
                models::Customer::create(&mut lease.conn(), writer, new).await.map(Some)
            }
            Err(error) => Err(error),
        };
        Ok(outcome(result, NodeType::Customer, "id", Some("input"))?.into())
    }

    /// Changes a customer: what the input does not give stays.
    async fn customer_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerUpdateInput,
    ) -> Result<CustomerUpdatePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::Customer)?;
        let primary = input.primary();
        let change = primary.and_then(|primary| Ok((primary, input.into_change()?)));
        let result = match (selector.lookup, change) {
            (Some(lookup), Ok((primary, change))) => {
                let mut lease = ctx.db()?.write().await?;
                let conn = &mut lease.conn();
                models::Customer::update(conn, writer, &lookup, primary, change).await
            }
            (None, _) => Ok(None),
            (_, Err(error)) => Err(error),
        };
        Ok(outcome(result, NodeType::Customer, selector.argument, Some("input"))?.into())
    }

    /// Deletes a customer, its memberships and all that is its own, for good.
    async fn customer_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerDeletePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::Customer)?;
        let result = match selector.lookup {
            Some(lookup) => {
                let mut lease = ctx.db()?.write().await?;
                models::Customer::delete(&mut lease.conn(), writer, &lookup).await
            }
            None => Ok(None),
        };
        Ok(outcome(result, NodeType::Customer, selector.argument, None)?.into())
    }
}
