//! Links from POS profiles to the groups that they may sell to.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::{
    child::{self, ChildNode, child_order},
    context::ContextExt,
    customer_group::CustomerGroup,
    error::Error,
    filter::{DateTimeFilter, ExactFilter, IdFilter, Tests, filter},
    input::{reference, references},
    node::RowNode,
    payload::{Outcome, outcome, payloads},
    pos_profile::{PosProfile, PosProfileIdFilter, profile_name},
    query::{Selector, queries},
};
use crate::{
    db::types::Timestamp,
    id::NodeType,
    models::{
        self, Code, Lookup, Violation,
        child::ChildTest,
        filter::Filter,
        pos_customer_group::{self, PosCustomerGroupAttributes, PosCustomerGroupTest},
    },
};

/// A link from a POS profile to a group of customers that it may sell to, with the groups below it:
/// a line item of the profile.
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

/// A link from a POS profile to a group of customers that it may sell to, with the groups below it:
/// a line item of the profile.
#[Object]
impl PosCustomerGroup {
    /// Globally unique ID, assigned by the server.
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
    async fn pos_profile_id(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let profile = PosProfile::load(ctx, self.0.parent).await?.ok_or_else(Error::gone)?;
        Ok(profile.name().to_owned())
    }

    /// The POS profile.
    async fn pos_profile(&self, ctx: &Context<'_>) -> Option<Result<Box<PosProfile>, Error>> {
        PosProfile::load(ctx, self.0.parent).await.transpose()
    }

    /// The group. A profile has one link to a group.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
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
    /// The POS profile: its id in the system that has it, of 1 to 255 characters, or the id that the
    /// server gave. One that is not known here yet is created, by the former id.
    pos_profile_id: String,
    /// The group that the profile may sell to.
    customer_group_id: ID,
    /// The place that it takes among the profile's links, from 1; those from there on move up. By
    /// default, at the end.
    idx: Option<i32>,
    /// An id of the client's choosing, unique among the POS customer groups; up to 255 characters.
    external_id: Option<String>,
}

/// Input of `posCustomerGroupUpdate`: what is not given stays, and `null` clears.
#[derive(Clone, Debug, InputObject)]
pub struct PosCustomerGroupUpdateInput {
    /// The POS profile, named as in `posCustomerGroupCreate`. With another one, the link moves
    /// there: to its end, or to `idx`. It cannot be cleared.
    pos_profile_id: MaybeUndefined<String>,
    /// The group that the profile may sell to. It cannot be cleared.
    customer_group_id: MaybeUndefined<ID>,
    /// The place to move to among the profile's links, from 1. Without it, or with `null`, it stays
    /// where it is.
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
        /// The complete list in its new order; `null` if there are user errors.
        pos_customer_groups: Vec<PosCustomerGroup>
    }
}

fn of_profile(filter: PosProfileIdFilter) -> Tests<ChildTest<PosCustomerGroupTest>> {
    let of_profile = |names| Filter::Is(ChildTest::Own(PosCustomerGroupTest::Profile(names)));
    Ok(Filter::All(filter.names()?.into_iter().map(of_profile).collect()))
}

filter! {
    /// Filter for POS customer groups. All given conditions must hold; at most 100 in all.
    PosCustomerGroupFilter makes ChildTest<PosCustomerGroupTest> {
        /// The POS profile.
        pos_profile_id: PosProfileIdFilter => of_profile,
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// The group that the profile may sell to.
        customer_group_id: IdFilter =>
            |it| it.tests(NodeType::CustomerGroup, ChildTest::own(PosCustomerGroupTest::Group)),
        /// When the POS customer group was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the POS customer group was last changed.
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
    /// Lets a POS profile sell to a group of customers. It is the last link, unless `idx` says
    /// otherwise.
    async fn pos_customer_group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new link.")] input: PosCustomerGroupCreateInput,
    ) -> Result<PosCustomerGroupCreatePayload, Error> {
        let writer = ctx.writer()?;
        let PosCustomerGroupCreateInput { pos_profile_id, customer_group_id, idx, external_id } =
            input;
        let customer_group_id = NodeType::CustomerGroup.uid(&customer_group_id);
        let attributes = PosCustomerGroupAttributes { external_id, customer_group_id };
        let profile = profile_name(&pos_profile_id);
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let created = pos_customer_group::create(conn, writer, &profile, idx, attributes).await;
        Ok(outcome(created.map(Some), NodeType::PosCustomerGroup, "id", Some("input"))?.into())
    }

    /// Changes a POS customer group: what the input does not give stays. With `idx`, it moves
    /// there.
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

    /// Deletes a POS customer group, for good. Those after it move down. The profile stays: without any,
    /// it may sell to nobody, unless it sells to everyone.
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

    /// Puts the links of a POS profile into another order.
    async fn pos_customer_group_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The POS profile: the id that the server gave, or the one in the system \
                          that has the profile."
        )]
        parent_id: ID,
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
    let idx = input.idx;
    let result = match input.into_change() {
        Ok((profile, change)) => {
            let mut lease = ctx.db()?.write().await?;
            let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
            pos_customer_group::update(conn, writer, lookup, profile, idx, change).await
        }
        Err(error) => Err(error),
    };
    outcome(result, NodeType::PosCustomerGroup, selector.argument, Some("input"))
}

impl PosCustomerGroupUpdateInput {
    /// The profile to go to, and what else is changed.
    fn into_change(
        self,
    ) -> Result<(Option<Lookup>, impl FnOnce(&mut PosCustomerGroupAttributes) + Send), models::Error>
    {
        let missing = [
            ("posProfileId", self.pos_profile_id.is_null()),
            ("customerGroupId", self.customer_group_id.is_null()),
        ];
        let missing = missing.into_iter().filter(|(_, is_null)| *is_null);
        let missing: Vec<Violation> = missing
            .map(|(field, _)| Violation::new(field, Code::Required, "cannot be cleared"))
            .collect();
        if !missing.is_empty() {
            return Err(models::Error::Invalid(missing));
        }
        let profile = self.pos_profile_id.take().map(|text| profile_name(&text));
        let group = reference(self.customer_group_id, NodeType::CustomerGroup).take();
        let change = move |it: &mut PosCustomerGroupAttributes| {
            self.external_id.update_to(&mut it.external_id);
            it.customer_group_id = group.unwrap_or(it.customer_group_id);
        };
        Ok((profile, change))
    }
}
