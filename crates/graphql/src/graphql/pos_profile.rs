//! POS profiles.

mod filter;
mod input;

use async_graphql::{
    ComplexObject, Context, ID,
    registry::{MetaInputValue, Registry},
};

use super::{
    customer::Customer,
    error::Error,
    mutable_node::{MutableNode, MutationDescriptions},
    node::ListedNode,
    object::{argument, object, value},
    pos_customer_group::PosCustomerGroup,
    selector::Selector,
};
use crate::{
    id::{Id, NodeType},
    models::{self, Lookup, customer::CustomerRelation},
};

use self::input::{PosProfileCreateInput, PosProfileUpdateInput};

pub use self::filter::PosProfileIdFilter;

impl PosProfile {
    /// The profile's id in the system that manages it.
    pub fn name(&self) -> &str {
        &self.0.attributes.pos_profile_id
    }
}

/// Parses a reference to a profile: its id here, or its id in the system that manages it. A text in
/// the format of our ids that is invalid, or an id of another type, refers to no profile.
pub fn profile_name(text: &str) -> Lookup {
    let text = text.trim();
    if Id::parse(text).is_some() || NodeType::PosProfile.is_meant_by(text) {
        Lookup::Id(NodeType::PosProfile.uid(text))
    } else {
        Lookup::ExternalId(text.to_owned())
    }
}

object! {
    /// A POS profile: settings that several points of sale share. Another system manages them; here, a profile
    /// determines which customers its points of sale may sell to, through links to customer groups or
    /// `sellsToEveryone`. Without either, it cannot sell to any customer.
    pub struct PosProfile(it: models::PosProfile) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::PosProfile.id(it.id),
        /// When the profile was created, by `posProfileCreate` or with its first link.
        createdAt: it.created_at,
        /// When the profile or one of its links was last changed.
        updatedAt: it.updated_at,
        /// Name of the API key, or of the command (like `import`), that created the profile.
        createdBy: it.created_by,
        /// Name of the API key, or of the command, that last changed the profile or its links.
        lastModifiedBy: it.last_modified_by,
    }
    children {
        /// Links to the groups that the profile may sell to, by `idx`.
        posCustomerGroups: PosCustomerGroup,
    }
    custom {
        attribute, attributes
    }
    connections {
        /// Customers that the profile may sell to: members of its linked groups and of the groups below
        /// them, each listed once, or all customers if it sells to everyone. Disabled customers are
        /// excluded. Most recently created first by default.
        customers: Customer in CustomerRelation::InPosScope,
    }
}

#[ComplexObject]
impl PosProfile {}

impl ListedNode for PosProfile {
    const ONE: &'static str = "posProfile";
    const MANY: &'static str = "posProfiles";
    const NOUNS: (&'static str, &'static str) = ("POS profile", "POS profiles");
    const FILTER_TIMES: (&'static str, &'static str) =
        ("When the profile was created.", "When the profile or one of its links was last changed.");
    const UPDATED_AT: &'static str = "Time of the last change to the profile or its links.";

    fn selector_arguments(registry: &mut Registry) -> Vec<MetaInputValue> {
        vec![argument::<ID>(registry, "id", "The `id` or `posProfileId` of the profile.")]
    }

    fn selector(ctx: &Context<'_>) -> Result<Selector, Error> {
        let id: ID = value(ctx, "id")?;
        Ok(Selector { lookup: profile_name(&id), argument: "id" })
    }
}

impl MutableNode for PosProfile {
    type CreateInput = PosProfileCreateInput;
    type UpdateInput = PosProfileUpdateInput;
    const NEW: &'static str = "profile";
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Creates a POS profile without links. Unless it sells to everyone, it may sell to nobody\n\
            until it has links. `posCustomerGroupCreate` can also create a profile, with its first link.",
        update: "Updates a POS profile. Omitted fields keep their values, and the links stay as they are.",
        delete: "Permanently deletes a POS profile and its links. Filters that name the profile then fail\n\
            with `NOT_FOUND`.",
    };
}
