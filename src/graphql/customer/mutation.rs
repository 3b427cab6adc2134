//! Mutations of customers.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{
    Customer,
    input::{CustomerCreateInput, CustomerUpdateInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{DeletePayload, Payload, UpdatePayload, UserError, UserWarning, outcome},
        selector::Selector,
    },
    id::NodeType,
    models,
};

#[derive(Default)]
pub struct CustomerMutation;

/// Payload of `customerCreate`.
#[derive(SimpleObject)]
pub struct CustomerCreatePayload {
    /// The object after the mutation; `null` if there are user errors.
    customer: Option<Customer>,
    /// Warnings for the user; empty if there are none. They do not prevent the creation.
    warnings: Vec<UserWarning>,
    /// Errors that the user can correct; empty on success. If there are any, nothing was changed.
    user_errors: Vec<UserError>,
}

#[Object]
impl CustomerMutation {
    /// Creates a customer with its addresses, contacts, consents, extensions and supplier numbers,
    /// all or nothing. If `loyaltyProgramId` is omitted, the customer joins the matching program
    /// with `autoOptIn` in its lowest tier.
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
        let created = created.map(|it| (Arc::new(it.customer).into(), it.warnings));
        let (customer, warnings) = created.unzip();
        let warnings = warnings.into_iter().flatten().map(UserWarning::from).collect();
        Ok(CustomerCreatePayload { customer, warnings, user_errors })
    }

    /// Updates a customer. Omitted fields keep their values.
    async fn customer_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerUpdateInput,
    ) -> Result<UpdatePayload<Customer>, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::Customer)?;
        let (primary, patch) = (input.primary(), input.into_patch());
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let updated = models::Customer::update(conn, writer, lookup, primary, &patch).await;
        Payload::of(updated, selector.argument)
    }

    /// Permanently deletes a customer, its group memberships and all objects that belong to it.
    async fn customer_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<DeletePayload<Customer>, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::Customer)?;
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let deleted = models::Customer::delete(conn, writer, &selector.lookup).await;
        Payload::of(deleted, selector.argument)
    }
}
