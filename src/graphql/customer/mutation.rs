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
        let mut lease = ctx.db()?.write().await?;
        let created = models::Customer::create(&mut lease.conn(), writer, input.into_new()).await;
        Ok(outcome(created.map(Some), NodeType::Customer, "id", Some("input"))?.into())
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
        let (primary, change) = (input.primary(), input.into_change());
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let updated = models::Customer::update(conn, writer, lookup, primary, change).await;
        Ok(outcome(updated, NodeType::Customer, selector.argument, Some("input"))?.into())
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
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let deleted = models::Customer::delete(conn, writer, &selector.lookup).await;
        Ok(outcome(deleted, NodeType::Customer, selector.argument, None)?.into())
    }
}
