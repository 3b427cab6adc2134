//! Links from POS profiles to the customer groups that they may sell to.

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined};

use super::{
    attributes::{ChangedAttributes, NewAttributes},
    child::ChildNode,
    customer_group::CustomerGroup,
    error::Error,
    filter::{Tests, filter},
    mutable_node::MutationDescriptions,
    node::{ListedNode, RowNode},
    object::object,
    pos_profile::{PosProfile, PosProfileIdFilter, profile_name},
};
use crate::{
    db::pick::ColumnSet,
    id::NodeType,
    models::{
        self, Code, Lookup, Violation, Violations,
        filter::{Filter, RowTest},
        pos_customer_group::{
            LinkChange, NewLink, PosCustomerGroupAttributes, PosCustomerGroupTest,
        },
    },
};

object! {
    /// A link from a POS profile to a customer group: the profile may sell to the customers of the
    /// group and of the groups below it.
    pub struct PosCustomerGroup(it: models::pos_customer_group::PosCustomerGroup) {
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
        let profile = profile.ok_or_else(Error::deleted)?;
        Ok(profile.name().to_owned())
    }
}

/// Input for `posCustomerGroupCreate`.
#[derive(InputObject)]
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
#[derive(InputObject)]
pub struct PosCustomerGroupUpdateInput {
    /// POS profile, as in `posCustomerGroupCreate`. Changing it moves the link to that profile, to
    /// position `idx` or to the end. Cannot be cleared.
    pos_profile_id: MaybeUndefined<String>,
    /// New position among the profile's links, from 1. If omitted or `null`, the link keeps its
    /// position.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<PosCustomerGroupAttributes>,
}

fn of_profile(filter: PosProfileIdFilter) -> Tests<RowTest<PosCustomerGroupTest>> {
    let of_profile = |names| Filter::own(PosCustomerGroupTest::Profile(names));
    Ok(Filter::All(filter.names()?.into_iter().map(of_profile).collect()))
}

filter! {
    /// Filter for POS customer groups. All given conditions must match; at most 100 conditions,
    /// nested ones included.
    PosCustomerGroup {
        /// POS profile that may sell to the group: its `id` or `posProfileId`.
        posProfileId: PosProfileIdFilter => of_profile,
    }
}

impl ListedNode for PosCustomerGroup {
    const ONE: &'static str = "posCustomerGroup";
    const MANY: &'static str = "posCustomerGroups";
    const NOUNS: (&'static str, &'static str) = ("POS customer group", "POS customer groups");
    const FILTER_TIMES: (&'static str, &'static str) =
        ("When the link was created.", "When the link was last changed.");
}

impl ChildNode for PosCustomerGroup {
    type Attributes = PosCustomerGroupAttributes;
    type CreateInput = PosCustomerGroupCreateInput;
    type UpdateInput = PosCustomerGroupUpdateInput;
    type Parent = PosProfile;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Links a POS profile to a customer group, so that it may sell to the group's customers. The link is added at the end unless `idx` is given.",
        update: "Updates a POS customer group. Omitted fields keep their values. A new `idx` moves the link.",
        delete: "Permanently deletes a link from a POS profile to a customer group. Later links move up by one. The profile remains; without links, it may sell to nobody unless it sells to everyone.",
    };
    const REORDER: Option<(&str, &str)> = Some((
        "Changes the order of a POS profile's links.",
        "The `id` or `posProfileId` of the POS profile.",
    ));

    fn parent(id: &ID) -> Lookup {
        profile_name(id)
    }
}

impl From<PosCustomerGroupCreateInput> for NewLink {
    fn from(input: PosCustomerGroupCreateInput) -> Self {
        let profile = profile_name(&input.pos_profile_id);
        Self { profile, idx: input.idx, attributes: input.attributes.patch.into_new() }
    }
}

impl TryFrom<PosCustomerGroupUpdateInput> for LinkChange {
    type Error = models::Error;

    /// Fails if a required attribute of the link, or its profile, is cleared.
    fn try_from(input: PosCustomerGroupUpdateInput) -> Result<Self, models::Error> {
        let (profile, patch) = (input.pos_profile_id, input.attributes.patch);
        let mut violations = Violations::default();
        if profile.is_null() {
            violations.push(Violation::new("posProfileId", Code::Required, "cannot be cleared"));
        }
        violations.take(patch.cleared().finish())?;
        violations.finish()?;
        Ok(Self { profile: profile.take().map(|it| profile_name(&it)), idx: input.idx, patch })
    }
}
