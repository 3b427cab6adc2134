//! Links from POS profiles to the groups that they may sell to.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{
    child::{self, ChildNode},
    context::ContextExt,
    customer_group::CustomerGroup,
    error::Error,
    payload::{Outcome, outcome, payloads},
    pos_profile::PosProfile,
    query::Selector,
};
use crate::{
    db::types::{Timestamp, Uid},
    id::NodeType,
    models::{
        self, Code, Violation,
        pos_customer_group::{self, PosCustomerGroupAttributes},
    },
};

/// A link from a POS profile to a group of customers that it may sell to, with the groups below it: a
/// line item of the profile.
pub struct PosCustomerGroup(pos_customer_group::PosCustomerGroup);

impl From<pos_customer_group::PosCustomerGroup> for PosCustomerGroup {
    fn from(row: pos_customer_group::PosCustomerGroup) -> Self {
        Self(row)
    }
}

impl ChildNode for PosCustomerGroupAttributes {
    const NODE_TYPE: NodeType = NodeType::PosCustomerGroup;
    const PARENT_TYPE: NodeType = NodeType::PosProfile;
    const PARENT_FIELD: &'static str = "posProfileId";
}

/// A link from a POS profile to a group of customers that it may sell to, with the groups below it: a
/// line item of the profile.
#[Object]
impl PosCustomerGroup {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::PosCustomerGroup.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the POS customer groups.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// The place among the profile's links, from 1, without gaps.
    async fn idx(&self) -> i32 {
        self.0.idx
    }

    /// The POS profile's id in the system that has it.
    async fn pos_profile_id(&self, ctx: &Context<'_>) -> Option<Result<String, Error>> {
        let profile = PosProfile::load(ctx, self.0.parent).await.transpose()?;
        Some(profile.map(|profile| profile.name().to_owned()))
    }

    /// The POS profile.
    async fn pos_profile(&self, ctx: &Context<'_>) -> Option<Result<PosProfile, Error>> {
        PosProfile::load(ctx, self.0.parent).await.transpose()
    }

    /// The group. A profile has one link to a group.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<CustomerGroup, Error>> {
        CustomerGroup::load(ctx, self.0.attributes.customer_group_id).await.transpose()
    }

    /// When the link was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the link was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// Input of `posCustomerGroupCreate`.
#[derive(Clone, Debug, InputObject)]
pub struct PosCustomerGroupCreateInput {
    /// The POS profile's id in the system that has it, of 1 to 255 characters. It need not be known here
    /// yet.
    pos_profile_id: String,
    /// The group that the profile may sell to.
    customer_group_id: ID,
    /// The place that it takes among the profile's links, from 1; those from there on move up. At the
    /// end if not given.
    idx: Option<i32>,
    /// An id of the client's choosing, unique among the POS customer groups; up to 255 characters.
    external_id: Option<String>,
}

/// Input of `posCustomerGroupUpdate`: what is not given stays, and `null` clears.
#[derive(Clone, Debug, InputObject)]
pub struct PosCustomerGroupUpdateInput {
    /// The POS profile whose link it is. With another one, the link goes there: to its end, or to `idx`.
    /// It cannot be cleared.
    pos_profile_id: MaybeUndefined<String>,
    /// The group that the profile may sell to. It cannot be cleared.
    customer_group_id: MaybeUndefined<ID>,
    /// The place to move to among the profile's links, from 1.
    idx: Option<i32>,
    /// An id of the client's choosing, unique among the POS customer groups; up to 255 characters.
    external_id: MaybeUndefined<String>,
}

payloads! {
    PosCustomerGroup, pos_customer_group, NodeType::PosCustomerGroup;
    "posCustomerGroupCreate" => PosCustomerGroupCreatePayload,
    "posCustomerGroupUpdate" => PosCustomerGroupUpdatePayload,
    "posCustomerGroupDelete" => PosCustomerGroupDeletePayload,
}
payloads! {
    "posCustomerGroupReorder" => PosCustomerGroupReorderPayload {
        pos_customer_groups: Vec<PosCustomerGroup>
    }
}

#[derive(Default)]
pub struct PosCustomerGroupQuery;

#[Object]
impl PosCustomerGroupQuery {
    /// The POS customer group with this id. `null` if there is none. Exactly one argument must be given.
    async fn pos_customer_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose.")] external_id: Option<String>,
    ) -> Option<Result<PosCustomerGroup, Error>> {
        child::find(ctx, id, external_id).await.map(|it| it.map(PosCustomerGroup)).transpose()
    }
}

#[derive(Default)]
pub struct PosCustomerGroupMutation;

#[Object]
impl PosCustomerGroupMutation {
    /// Lets a POS profile sell to a group of customers. It is the last link, unless `idx` says otherwise.
    async fn pos_customer_group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new link.")] input: PosCustomerGroupCreateInput,
    ) -> Result<PosCustomerGroupCreatePayload, Error> {
        let writer = ctx.writer()?;
        let PosCustomerGroupCreateInput { pos_profile_id, customer_group_id, idx, external_id } =
            input;
        let references = check_profile(&pos_profile_id).and_then(|()| group(&customer_group_id));
        let result = match references {
            Ok(customer_group_id) => {
                let attributes = PosCustomerGroupAttributes { external_id, customer_group_id };
                let mut lease = ctx.db()?.write().await?;
                let conn = &mut lease.conn();
                pos_customer_group::create(conn, writer, &pos_profile_id, idx, attributes).await
            }
            Err(error) => Err(error),
        };
        let result = result.map(Some);
        Ok(outcome(result, NodeType::PosCustomerGroup, "id", Some("input"))?.into())
    }

    /// Changes a POS customer group: what the input does not give stays. With `idx`, it moves there.
    async fn pos_customer_group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: PosCustomerGroupUpdateInput,
    ) -> Result<PosCustomerGroupUpdatePayload, Error> {
        Ok(update(ctx, id, external_id, input).await?.into())
    }

    /// Deletes a POS customer group, for good. Those after it move down. A profile without any is not
    /// restricted any more.
    async fn pos_customer_group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<PosCustomerGroupDeletePayload, Error> {
        Ok(child::delete::<PosCustomerGroupAttributes>(ctx, id, external_id).await?.into())
    }

    /// Puts the links of a POS profile into another order.
    async fn pos_customer_group_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The POS profile: the id that the server gave, or the one in the system \
                          that has the profile."
        )]
        parent_id: ID,
        #[graphql(desc = "The ids of all of them, each once, in the new order.")] ids: Vec<ID>,
    ) -> Result<PosCustomerGroupReorderPayload, Error> {
        ctx.writer()?;
        let parent = match NodeType::PosProfile.parse(&parent_id) {
            None if !parent_id.contains(char::is_control) => {
                let (mut lease, tenant) = (ctx.db()?.write().await?, ctx.tenant()?);
                let conn = &mut lease.conn();
                models::PosProfile::named(conn, tenant, &parent_id).await?.map(|it| it.id)
            }
            parent => parent,
        };
        let outcome =
            child::reorder::<PosCustomerGroupAttributes, PosCustomerGroup>(ctx, parent, &ids);
        Ok(outcome.await?.into())
    }
}

async fn update(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
    input: PosCustomerGroupUpdateInput,
) -> Result<Outcome<pos_customer_group::PosCustomerGroup>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, NodeType::PosCustomerGroup)?;
    let group = match input.customer_group_id {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(required("customerGroupId")),
        MaybeUndefined::Value(id) => group(&id).map(Some),
    };
    let pos_profile_id = match input.pos_profile_id {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(required("posProfileId")),
        MaybeUndefined::Value(text) => check_profile(&text).map(|()| Some(text)),
    };
    let change = group.and_then(|group| Ok((group, pos_profile_id?)));
    let result = match (selector.lookup, change) {
        (Some(lookup), Ok((group, pos_profile_id))) => {
            let mut lease = ctx.db()?.write().await?;
            let (conn, idx, external_id) = (&mut lease.conn(), input.idx, input.external_id);
            let change = |it: &mut PosCustomerGroupAttributes| {
                external_id.update_to(&mut it.external_id);
                it.customer_group_id = group.unwrap_or(it.customer_group_id);
            };
            pos_customer_group::update(conn, writer, &lookup, pos_profile_id, idx, change).await
        }
        (None, _) => Ok(None),
        (_, Err(error)) => Err(error),
    };
    outcome(result, NodeType::PosCustomerGroup, selector.argument, Some("input"))
}

fn group(id: &ID) -> Result<Uid, models::Error> {
    NodeType::CustomerGroup.parse(id).ok_or_else(|| Violation::no_customer_group().into())
}

/// An id of ours is none of the system that has the profile: it could not be told from ours.
fn check_profile(id: &str) -> Result<(), models::Error> {
    if NodeType::PosProfile.parse(id.trim()).is_none() {
        return Ok(());
    }
    let message = "must be the profile's id in the system that has it, not the id here";
    Err(Violation::new("posProfileId", Code::Invalid, message).into())
}

fn required(field: &str) -> models::Error {
    Violation::new(field, Code::Required, "cannot be cleared").into()
}
