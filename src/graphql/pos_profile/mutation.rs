//! Mutations of POS profiles.

use async_graphql::{Context, ID, InputObject, Object};

use super::{PosProfile, profile_name};
use crate::{
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        context::ContextExt,
        error::Error,
        payload::{CreatePayload, DeletePayload, Payload, UpdatePayload},
    },
    models::{self, pos_profile::PosProfileAttributes},
};

/// Input for `posProfileCreate`.
#[derive(InputObject)]
pub struct PosProfileCreateInput {
    #[graphql(flatten)]
    attributes: NewAttributes<PosProfileAttributes>,
}

/// Input for `posProfileUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct PosProfileUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<PosProfileAttributes>,
}

#[derive(Default)]
pub struct PosProfileMutation;

#[Object]
impl PosProfileMutation {
    /// Creates a POS profile without links. Unless it sells to everyone, it may sell to nobody
    /// until it has links. `posCustomerGroupCreate` can also create a profile, with its first link.
    async fn pos_profile_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new profile.")] input: PosProfileCreateInput,
    ) -> Result<CreatePayload<PosProfile>, Error> {
        let writer = ctx.writer()?;
        let attributes = input.attributes.patch.into_new();
        let mut lease = ctx.db()?.write().await?;
        let created = models::PosProfile::create(&mut lease.conn(), writer, attributes).await;
        Payload::created(created)
    }

    /// Updates a POS profile. Omitted fields keep their values, and the links stay as they are.
    async fn pos_profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` or `posProfileId` of the profile.")] id: ID,
        #[graphql(desc = "The fields to change.")] input: PosProfileUpdateInput,
    ) -> Result<UpdatePayload<PosProfile>, Error> {
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, profile) = (&mut lease.conn(), profile_name(&id));
        let updated =
            models::PosProfile::update(conn, writer, &profile, &input.attributes.patch).await;
        Payload::of(updated, "id")
    }

    /// Permanently deletes a POS profile and its links. Filters that name the profile then fail
    /// with `NOT_FOUND`.
    async fn pos_profile_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` or `posProfileId` of the profile.")] id: ID,
    ) -> Result<DeletePayload<PosProfile>, Error> {
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, profile) = (&mut lease.conn(), profile_name(&id));
        let deleted = models::PosProfile::delete(conn, writer, &profile).await;
        Payload::of(deleted, "id")
    }
}
