//! Changes of POS profiles.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{PosProfile, profile_name};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        input::set,
        payload::{outcome, payloads},
    },
    id::NodeType,
    models::{self, pos_profile::PosProfileAttributes},
};

/// Input of `posProfileCreate`.
#[derive(Clone, Debug, InputObject)]
pub struct PosProfileCreateInput {
    /// The profile's id in the system that has it, of 1 to 255 characters; unique among the profiles.
    pos_profile_id: String,
    /// May it sell to every customer that is not disabled, whatever links it has? Default: `false`.
    sells_to_everyone: MaybeUndefined<bool>,
}

/// Input of `posProfileUpdate`: what is not given stays.
#[derive(Clone, Debug, InputObject)]
pub struct PosProfileUpdateInput {
    /// The profile's id in the system that has it, of 1 to 255 characters; unique among the profiles.
    /// It cannot be cleared.
    pos_profile_id: MaybeUndefined<String>,
    /// May it sell to every customer that is not disabled, whatever links it has? `null` is `false`.
    sells_to_everyone: MaybeUndefined<bool>,
}

payloads! {
    PosProfile, pos_profile, NodeType::PosProfile;
    "posProfileCreate" => PosProfileCreatePayload,
    "posProfileUpdate" => PosProfileUpdatePayload,
    "posProfileDelete" => PosProfileDeletePayload,
}

#[derive(Default)]
pub struct PosProfileMutation;

#[Object]
impl PosProfileMutation {
    /// Creates a POS profile without links: it may sell to nobody until it gets links, unless it sells
    /// to everyone. (`posCustomerGroupCreate` creates a profile with its first link.)
    async fn pos_profile_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new profile.")] input: PosProfileCreateInput,
    ) -> Result<PosProfileCreatePayload, Error> {
        let writer = ctx.writer()?;
        let attributes = PosProfileAttributes {
            pos_profile_id: input.pos_profile_id,
            sells_to_everyone: input.sells_to_everyone.take().unwrap_or_default(),
        };
        let mut lease = ctx.db()?.write().await?;
        let created = models::PosProfile::create(&mut lease.conn(), writer, attributes).await;
        Ok(outcome(created.map(Some), NodeType::PosProfile, "id", Some("input"))?.into())
    }

    /// Changes a POS profile: what the input does not give stays, and so do its links.
    async fn pos_profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave, or the one in the system that has the \
                          profile.")]
        id: ID,
        #[graphql(desc = "The fields to change.")] input: PosProfileUpdateInput,
    ) -> Result<PosProfileUpdatePayload, Error> {
        let writer = ctx.writer()?;
        let change = move |it: &mut PosProfileAttributes| {
            set(&mut it.pos_profile_id, input.pos_profile_id);
            set(&mut it.sells_to_everyone, input.sells_to_everyone);
        };
        let mut lease = ctx.db()?.write().await?;
        let (conn, profile) = (&mut lease.conn(), profile_name(&id));
        let updated = models::PosProfile::update(conn, writer, &profile, change).await;
        Ok(outcome(updated, NodeType::PosProfile, "id", Some("input"))?.into())
    }

    /// Deletes a POS profile and its links, for good. From then on it is an unknown profile: to ask
    /// what it may sell is an error.
    async fn pos_profile_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave, or the one in the system that has the \
                          profile.")]
        id: ID,
    ) -> Result<PosProfileDeletePayload, Error> {
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, profile) = (&mut lease.conn(), profile_name(&id));
        let deleted = models::PosProfile::delete(conn, writer, &profile).await;
        Ok(outcome(deleted, NodeType::PosProfile, "id", None)?.into())
    }
}
