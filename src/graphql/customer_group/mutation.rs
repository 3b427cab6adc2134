//! Changes of groups.

use async_graphql::{Context, Enum, ID, Object};

use super::{
    CustomerGroup,
    input::{CustomerGroupCreateInput, CustomerGroupUpdateInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        input::references,
        payload::{Outcome, outcome, payloads},
        query::Selector,
    },
    id::NodeType,
    models::{self, Code, Violation, customer_group::DeletePolicy, membership},
};

#[derive(Default)]
pub struct CustomerGroupMutation;

payloads! {
    CustomerGroup, customer_group, NodeType::CustomerGroup;
    "customerGroupCreate" => CustomerGroupCreatePayload,
    "customerGroupUpdate" => CustomerGroupUpdatePayload,
    "customerGroupDelete" => CustomerGroupDeletePayload,
}
payloads! {
    "customerGroupUpdateCustomers" => CustomerGroupUpdateCustomersPayload {
        customer_group: CustomerGroup
    }
}

/// What becomes of what a customer group holds when it is deleted: its children, customers, loyalty
/// programs and POS links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DeletePolicy")]
pub enum CustomerGroupDeletePolicy {
    /// A group that holds anything is not deleted.
    Restrict,
    /// They go to its parent. A root has none, and must be empty. A POS profile that has a link to the
    /// parent already keeps that one.
    ReassignToParent,
}

#[Object]
impl CustomerGroupMutation {
    /// Creates a customer group.
    async fn customer_group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new group.")] input: CustomerGroupCreateInput,
    ) -> Result<CustomerGroupCreatePayload, Error> {
        let writer = ctx.writer()?;
        let result = match input.into_attributes() {
            Ok(attributes) => {
                let mut lease = ctx.db()?.write().await?;
                models::CustomerGroup::create(&mut lease.conn(), writer, attributes).await.map(Some)
            }
            Err(error) => Err(error),
        };
        Ok(outcome(result, NodeType::CustomerGroup, "id", Some("input"))?.into())
    }

    /// Changes a customer group: what the input does not give stays. With another `parentId`, the
    /// group moves with all below it.
    async fn customer_group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerGroupUpdateInput,
    ) -> Result<CustomerGroupUpdatePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
        let result = match (selector.lookup, input.into_change()) {
            (Some(lookup), Ok(change)) => {
                let mut lease = ctx.db()?.write().await?;
                models::CustomerGroup::update(&mut lease.conn(), writer, &lookup, change).await
            }
            (None, _) => Ok(None),
            (_, Err(error)) => Err(error),
        };
        Ok(outcome(result, NodeType::CustomerGroup, selector.argument, Some("input"))?.into())
    }

    /// Deletes a customer group, for good.
    async fn customer_group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(
            desc = "What becomes of what the group holds.",
            default_with = "CustomerGroupDeletePolicy::Restrict"
        )]
        policy: CustomerGroupDeletePolicy,
    ) -> Result<CustomerGroupDeletePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
        let result = match selector.lookup {
            Some(lookup) => {
                let mut lease = ctx.db()?.write().await?;
                let (conn, policy) = (&mut lease.conn(), policy.into());
                models::CustomerGroup::delete(conn, writer, &lookup, policy).await
            }
            None => Ok(None),
        };
        Ok(outcome(result, NodeType::CustomerGroup, selector.argument, None)?.into())
    }

    /// Adds customers to a group and removes others, all or nothing. Idempotent: adding a member, or
    /// removing a customer that is none, changes nothing and is no error. A customer's primary group
    /// is not taken from it.
    async fn customer_group_update_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(
            desc = "The customers to add; together with those to remove at most 1,000.",
            default
        )]
        add_customer_ids: Vec<ID>,
        #[graphql(
            desc = "The customers to remove; together with those to add at most 1,000.",
            default
        )]
        remove_customer_ids: Vec<ID>,
    ) -> Result<CustomerGroupUpdateCustomersPayload, Error> {
        let result = update_customers(ctx, id, external_id, add_customer_ids, remove_customer_ids);
        Ok(result.await?.into())
    }
}

async fn update_customers(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
    add: Vec<ID>,
    remove: Vec<ID>,
) -> Result<Outcome<models::CustomerGroup>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
    let changes = || {
        if add.len() + remove.len() > membership::CHANGES_MAX {
            let field = if add.len() > membership::CHANGES_MAX || remove.is_empty() {
                "addCustomerIds"
            } else {
                "removeCustomerIds"
            };
            let message = format!("at most {} customers at once", membership::CHANGES_MAX);
            return Err(Violation::new(field, Code::TooMany, message).into());
        }
        Ok((
            references(&add, NodeType::Customer, "addCustomerIds")?,
            references(&remove, NodeType::Customer, "removeCustomerIds")?,
        ))
    };
    let result = match (selector.lookup, changes()) {
        (Some(group), Ok((add, remove))) => {
            let mut lease = ctx.db()?.write().await?;
            membership::update(&mut lease.conn(), writer, &group, &add, &remove).await
        }
        (None, _) => Ok(None),
        (_, Err(error)) => Err(error),
    };
    outcome(result, NodeType::CustomerGroup, selector.argument, None)
}
