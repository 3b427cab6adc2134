//! Changes of customers.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{
    Customer,
    input::{CustomerCreateInput, CustomerUpdateInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{UserError, UserWarning, outcome, payloads},
        query::Selector,
    },
    id::NodeType,
    models,
};

#[derive(Default)]
pub struct CustomerMutation;

payloads! { "customerUpdate" => CustomerUpdatePayload { customer: Customer } }
payloads! { NodeType::Customer; "customerDelete" => CustomerDeletePayload }

/// Payload of `customerCreate`.
#[derive(SimpleObject)]
pub struct CustomerCreatePayload {
    /// The object after the change; `null` if there are user errors.
    customer: Option<Customer>,
    /// What the user may want to know: the customer was created all the same.
    warnings: Vec<UserWarning>,
    /// What the user can correct; empty on success.
    user_errors: Vec<UserError>,
}

#[Object]
impl CustomerMutation {
    /// Creates a customer, with all that is its own: as a whole, or not at all. If it is given no loyalty
    /// program, it joins the one with `autoOptIn` that is for it, in the lowest tier.
    async fn customer_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new customer.")] input: CustomerCreateInput,
    ) -> Result<CustomerCreatePayload, Error> {
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        let created = models::Customer::create(&mut lease.conn(), writer, input.into_new()).await;
        let (created, user_errors) =
            outcome(created.map(Some), NodeType::Customer, "id", Some("input"))?;
        let (customer, warnings) = created.map(|it| (it.customer.into(), it.warnings)).unzip();
        let warnings = warnings.into_iter().flatten().map(UserWarning::from).collect();
        Ok(CustomerCreatePayload { customer, warnings, user_errors })
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
