//! Changes of loyalty programs.

use async_graphql::{Context, ID, Object};

use super::{
    LoyaltyProgram,
    input::{LoyaltyProgramCreateInput, LoyaltyProgramUpdateInput},
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

payloads! {
    LoyaltyProgram, loyalty_program, NodeType::LoyaltyProgram;
    "loyaltyProgramCreate" => LoyaltyProgramCreatePayload,
    "loyaltyProgramUpdate" => LoyaltyProgramUpdatePayload,
    "loyaltyProgramDelete" => LoyaltyProgramDeletePayload,
}

#[derive(Default)]
pub struct LoyaltyProgramMutation;

#[Object]
impl LoyaltyProgramMutation {
    /// Creates a loyalty program with its tiers: as a whole, or not at all.
    async fn loyalty_program_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new loyalty program.")] input: LoyaltyProgramCreateInput,
    ) -> Result<LoyaltyProgramCreatePayload, Error> {
        let writer = ctx.writer()?;
        let result = match input.into_new() {
            Ok((attributes, tiers)) => {
                let mut lease = ctx.db()?.write().await?;
                let conn = &mut lease.conn();
                models::LoyaltyProgram::create(conn, writer, attributes, tiers).await.map(Some)
            }
            Err(error) => Err(error),
        };
        Ok(outcome(result, NodeType::LoyaltyProgram, "id", Some("input"))?.into())
    }

    /// Changes a loyalty program: what the input does not give stays.
    async fn loyalty_program_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: LoyaltyProgramUpdateInput,
    ) -> Result<LoyaltyProgramUpdatePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::LoyaltyProgram)?;
        let result = match (selector.lookup, input.into_change()) {
            (Some(lookup), Ok(change)) => {
                let mut lease = ctx.db()?.write().await?;
                models::LoyaltyProgram::update(&mut lease.conn(), writer, &lookup, change).await
            }
            (None, _) => Ok(None),
            (_, Err(error)) => Err(error),
        };
        Ok(outcome(result, NodeType::LoyaltyProgram, selector.argument, Some("input"))?.into())
    }

    /// Deletes a loyalty program and its tiers, for good. One that customers take part in is not
    /// deleted.
    async fn loyalty_program_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<LoyaltyProgramDeletePayload, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::LoyaltyProgram)?;
        let result = match selector.lookup {
            Some(lookup) => {
                let mut lease = ctx.db()?.write().await?;
                models::LoyaltyProgram::delete(&mut lease.conn(), writer, &lookup).await
            }
            None => Ok(None),
        };
        Ok(outcome(result, NodeType::LoyaltyProgram, selector.argument, None)?.into())
    }
}
