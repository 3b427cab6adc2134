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
        payload::{UserError, outcome},
        query::Selector,
    },
    id::NodeType,
    models,
};

#[derive(Default)]
pub struct CustomerMutation;

/// Payload of `customerCreate`.
#[derive(SimpleObject)]
pub struct CustomerCreatePayload {
    /// The new customer; `null` if there are user errors.
    customer: Option<Customer>,
    /// What the user can correct; empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `customerUpdate`.
#[derive(SimpleObject)]
pub struct CustomerUpdatePayload {
    /// The changed customer; `null` if there are user errors.
    customer: Option<Customer>,
    /// What the user can correct; empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `customerDelete`.
#[derive(SimpleObject)]
pub struct CustomerDeletePayload {
    /// The id of the deleted customer; `null` if there are user errors.
    deleted_id: Option<ID>,
    /// What the user can correct; empty on success.
    user_errors: Vec<UserError>,
}

#[Object]
impl CustomerMutation {
    /// Creates a customer.
    async fn customer_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new customer.")] input: CustomerCreateInput,
    ) -> Result<CustomerCreatePayload, Error> {
        let writer = ctx.writer()?;
        let result = match input.into_attributes() {
            Ok(attributes) => {
                let mut lease = ctx.db()?.write().await?;
                models::Customer::create(&mut lease.conn(), writer, attributes).await.map(Some)
            }
            Err(error) => Err(error),
        };
        let (customer, user_errors) = outcome(result, NodeType::Customer, "id", Some("input"))?;
        Ok(CustomerCreatePayload { customer: customer.map(Customer::from), user_errors })
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
        let result = match (selector.lookup, input.into_change()) {
            (Some(lookup), Ok(change)) => {
                let mut lease = ctx.db()?.write().await?;
                models::Customer::update(&mut lease.conn(), writer, &lookup, change).await
            }
            (None, _) => Ok(None),
            (_, Err(error)) => Err(error),
        };
        let (customer, user_errors) =
            outcome(result, NodeType::Customer, selector.argument, Some("input"))?;
        Ok(CustomerUpdatePayload { customer: customer.map(Customer::from), user_errors })
    }

    /// Deletes a customer and its memberships, for good.
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
        let (deleted, user_errors) = outcome(result, NodeType::Customer, selector.argument, None)?;
        let deleted_id = deleted.map(|uid| NodeType::Customer.id(uid).to_string().into());
        Ok(CustomerDeletePayload { deleted_id, user_errors })
    }
}
