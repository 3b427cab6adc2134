//! Links from POS profiles to the customer groups that they may sell to.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object};

use super::{
    attributes::{ChangedAttributes, NewAttributes},
    child::{self, ChildNode, child_order},
    context::ContextExt,
    customer_group::CustomerGroup,
    error::Error,
    filter::{DateTimeFilter, Tests, filter},
    input::references,
    node::RowNode,
    object::object,
    payload::{Outcome, outcome, payloads},
    pos_profile::{PosProfile, PosProfileIdFilter, profile_name},
    query::{Selector, queries},
};
use crate::{
    db::pick::ColumnSet,
    id::NodeType,
    models::{
        self, Code, Lookup, Violation, Violations,
        child::ChildTest,
        filter::Filter,
        pos_customer_group::{self, PosCustomerGroupAttributes, PosCustomerGroupTest},
    },
};

/// A link from a POS profile to a customer group: the profile may sell to the customers of the
/// group and of the groups below it.
pub struct PosCustomerGroup(pub(in crate::graphql) Arc<pos_customer_group::PosCustomerGroup>);

impl ChildNode for PosCustomerGroupAttributes {
    const NODE_TYPE: NodeType = NodeType::PosCustomerGroup;
    const PARENT_TYPE: NodeType = NodeType::PosProfile;
    const PARENT_FIELD: &'static str = "posProfileId";
}

object! {
    /// A link from a POS profile to a customer group: the profile may sell to the customers of the
    /// group and of the groups below it.
    PosCustomerGroup(it: models::pos_customer_group::PosCustomerGroup) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::PosCustomerGroup.id(it.id),
        /// Position among the profile's links, from 1, without gaps.
        idx: it.idx,
        /// When the link was created.
        createdAt: it.created_at,
        /// When the link was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// POS profile that may sell to the group.
        posProfile: PosProfile by it.parent,
        /// Group that the profile may sell to. A profile has at most one link to a group.
        customerGroup: CustomerGroup by it.attributes.customer_group_id,
    }
}

#[ComplexObject]
impl PosCustomerGroup {
    /// ID of the POS profile in the system that manages it.
    async fn pos_profile_id(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let profile = PosProfile::load_columns(ctx, self.0.parent, ColumnSet::ALL).await?;
        let profile = profile.ok_or_else(Error::gone)?;
        Ok(profile.name().to_owned())
    }
}

/// Input for `posCustomerGroupCreate`.
#[derive(Clone, Debug, InputObject)]
pub struct PosCustomerGroupCreateInput {
    /// POS profile: its `posProfileId` (1 to 255 characters, trimmed) or its `id`. If no profile
    /// has this `posProfileId`, one is created.
    pos_profile_id: String,
    /// Position among the profile's links, from 1. Later links shift by one. Default: the end.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: NewAttributes<PosCustomerGroupAttributes>,
}

/// Input for `posCustomerGroupUpdate`. Omitted fields keep their values, and `null` clears a field.
#[derive(Clone, Debug, InputObject)]
pub struct PosCustomerGroupUpdateInput {
    /// POS profile, as in `posCustomerGroupCreate`. A new profile gets the link at position `idx`,
    /// or at the end. Cannot be cleared.
    pos_profile_id: MaybeUndefined<String>,
    /// New position among the profile's links, from 1. If omitted or `null`, the link keeps its
    /// position.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<PosCustomerGroupAttributes>,
}

payloads! {
    PosCustomerGroup, pos_customer_group, NodeType::PosCustomerGroup;
    "posCustomerGroupCreate" => PosCustomerGroupCreatePayload,
    "posCustomerGroupUpdate" => PosCustomerGroupUpdatePayload,
    "posCustomerGroupDelete" => PosCustomerGroupDeletePayload,
}
payloads! {
    "posCustomerGroupReorder" => PosCustomerGroupReorderPayload {
        /// The complete list in its new order; `null` if there are user errors.
        pos_customer_groups: Vec<PosCustomerGroup>
    }
}

fn of_profile(filter: PosProfileIdFilter) -> Tests<ChildTest<PosCustomerGroupTest>> {
    let of_profile = |names| Filter::Is(ChildTest::Own(PosCustomerGroupTest::Profile(names)));
    Ok(Filter::All(filter.names()?.into_iter().map(of_profile).collect()))
}

filter! {
    /// Filter for POS customer groups. All given conditions must match; at most 100 conditions,
    /// nested ones included.
    PosCustomerGroupFilter of PosCustomerGroupAttributes makes ChildTest<PosCustomerGroupTest> {
        /// POS profile that may sell to the group.
        pos_profile_id: PosProfileIdFilter => of_profile,
        /// When the link was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the link was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { PosCustomerGroupOrder by PosCustomerGroupOrderField: "POS customer groups" }

queries! {
    PosCustomerGroupQuery of PosCustomerGroup;
    pos_customer_group: "POS customer group",
    pos_customer_groups ("posCustomerGroups"): "POS customer groups";
    PosCustomerGroupOrder, PosCustomerGroupFilter
}

#[derive(Default)]
pub struct PosCustomerGroupMutation;

#[Object]
impl PosCustomerGroupMutation {
    /// Lets a POS profile sell to a customer group. The link is added at the end unless `idx` is
    /// given.
    async fn pos_customer_group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new link.")] input: PosCustomerGroupCreateInput,
    ) -> Result<PosCustomerGroupCreatePayload, Error> {
        let writer = ctx.writer()?;
        let (profile, attributes) = (profile_name(&input.pos_profile_id), input.attributes);
        let attributes = attributes.patch.into_new();
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let created =
            pos_customer_group::create(conn, writer, &profile, input.idx, attributes).await;
        Ok(outcome(created.map(Some), NodeType::PosCustomerGroup, "id", Some("input"))?.into())
    }

    /// Updates a POS customer group. Omitted fields keep their values. A new `idx` moves the link.
    async fn pos_customer_group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: PosCustomerGroupUpdateInput,
    ) -> Result<PosCustomerGroupUpdatePayload, Error> {
        Ok(update(ctx, id, external_id, input).await?.into())
    }

    /// Permanently deletes a POS customer group; later links close the gap. The profile remains.
    /// Without any links, it may sell to nobody unless it sells to everyone.
    async fn pos_customer_group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<PosCustomerGroupDeletePayload, Error> {
        Ok(child::delete::<PosCustomerGroupAttributes>(ctx, id, external_id).await?.into())
    }

    /// Changes the order of a POS profile's links.
    async fn pos_customer_group_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` or `posProfileId` of the POS profile.")] parent_id: ID,
        #[graphql(desc = "The IDs of all of them, each exactly once, in the new order.")] ids: Vec<
            ID,
        >,
    ) -> Result<PosCustomerGroupReorderPayload, Error> {
        let writer = ctx.writer()?;
        let (profile, ids) =
            (profile_name(&parent_id), references(&ids, NodeType::PosCustomerGroup));
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let reordered = pos_customer_group::reorder(conn, writer, &profile, &ids).await;
        Ok(child::reordered::<PosCustomerGroupAttributes, _>(reordered)?.into())
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
    let result = match input.profile() {
        Ok(profile) => {
            let mut lease = ctx.db()?.write().await?;
            let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
            let patch = &input.attributes.patch;
            pos_customer_group::update(conn, writer, lookup, profile, input.idx, patch).await
        }
        Err(error) => Err(error),
    };
    outcome(result, NodeType::PosCustomerGroup, selector.argument, Some("input"))
}

impl PosCustomerGroupUpdateInput {
    /// The profile to move to, if any. Nothing that a link must have may be cleared.
    fn profile(&self) -> Result<Option<Lookup>, models::Error> {
        let mut violations = Violations::default();
        if self.pos_profile_id.is_null() {
            violations.push(Violation::new("posProfileId", Code::Required, "cannot be cleared"));
        }
        violations.take(self.attributes.patch.cleared().finish())?;
        violations.finish()?;
        Ok(self.pos_profile_id.as_opt_ref().flatten().map(|text| profile_name(text)))
    }
}
