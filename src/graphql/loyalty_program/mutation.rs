//! Mutations of loyalty programs.

use async_graphql::{Context, Enum, ID, Object};

use super::{
    LoyaltyProgram,
    input::{LoyaltyProgramCreateInput, LoyaltyProgramUpdateInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{CreatePayload, DeletePayload, Payload, UpdatePayload},
        selector::Selector,
    },
    id::NodeType,
    models,
};

/// Policies for the customers enrolled in a loyalty program that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum LoyaltyProgramDeletePolicy {
    /// Deletes the program only if no customer takes part in it; otherwise the user error is `IN_USE`.
    Restrict,
    /// Removes all customers from the program and its tiers, and deletes it. No customer is deleted;
    /// their `updatedAt` changes. Requires the scope `ADMIN`; otherwise the error is `FORBIDDEN`.
    UnenrollCustomers,
}

#[derive(Default)]
pub struct LoyaltyProgramMutation;

#[Object]
impl LoyaltyProgramMutation {
    /// Creates a loyalty program with its tiers, all or nothing.
    async fn loyalty_program_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new loyalty program.")] input: LoyaltyProgramCreateInput,
    ) -> Result<CreatePayload<LoyaltyProgram>, Error> {
        let writer = ctx.writer()?;
        let (attributes, tiers) = input.into_new();
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let created = models::LoyaltyProgram::create(conn, writer, attributes, tiers).await;
        Payload::created(created)
    }

    /// Updates a loyalty program and, with `collections`, all its tiers at once. Omitted fields
    /// keep their values.
    async fn loyalty_program_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: LoyaltyProgramUpdateInput,
    ) -> Result<UpdatePayload<LoyaltyProgram>, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::LoyaltyProgram)?;
        let updated = match input.into_change() {
            Ok((tiers, patch)) => {
                let mut lease = ctx.db()?.write().await?;
                let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
                models::LoyaltyProgram::update(conn, writer, lookup, tiers, &patch).await
            }
            Err(error) => Err(error),
        };
        Payload::of(updated, selector.argument)
    }

    /// Permanently deletes a loyalty program and its tiers. The policy `UNENROLL_CUSTOMERS` requires the
    /// scope `ADMIN`; otherwise the error is `FORBIDDEN`.
    async fn loyalty_program_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(
            desc = "Policy for the customers enrolled in the program.",
            default_with = "LoyaltyProgramDeletePolicy::Restrict"
        )]
        policy: LoyaltyProgramDeletePolicy,
    ) -> Result<DeletePayload<LoyaltyProgram>, Error> {
        let writer = ctx.writer()?;
        let unenrolling = match policy {
            LoyaltyProgramDeletePolicy::Restrict => None,
            LoyaltyProgramDeletePolicy::UnenrollCustomers => Some(ctx.administrator()?),
        };
        let selector = Selector::new(id, external_id, NodeType::LoyaltyProgram)?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let deleted = match unenrolling {
            None => models::LoyaltyProgram::delete(conn, writer, lookup).await,
            Some(admin) => models::LoyaltyProgram::delete_unenrolling(conn, admin, lookup).await,
        };
        Payload::of(deleted, selector.argument)
    }
}
