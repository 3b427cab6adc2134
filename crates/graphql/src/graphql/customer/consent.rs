//! Customers' consents.

use async_graphql::ComplexObject;

use super::Customer;
use crate::{
    graphql::{
        child::{ChildCreateInput, ChildNode, ChildUpdateInput, customer_child, of_parent},
        filter::{IdFilter, filter},
        mutable_node::MutationDescriptions,
        node::ListedNode,
    },
    models::{self, customer::consent::CustomerConsentAttributes},
};

customer_child! {
    /// A consent that a customer gave or refused.
    pub struct CustomerConsent(it: models::customer::consent::CustomerConsent) of Customer {
        /// When the customer made the decision. Defaults to the time when the consent was created or
        /// its `status` last changed.
        recordedAt: it.attributes.recorded_at.unwrap_or(it.updated_at),
        /// Who recorded the decision. Defaults to the name of the API key that created the consent or
        /// last changed its `status`. `null` for consents created before this field existed.
        recordedBy: it.attributes.recorded_by,
    }
}

#[ComplexObject]
impl CustomerConsent {}

filter! {
    /// Filter for consents. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerConsent {
        /// ID of the customer that it belongs to.
        customerId: IdFilter => of_parent::<CustomerConsent>,
    }
}

impl ListedNode for CustomerConsent {
    const ONE: &'static str = "customerConsent";
    const MANY: &'static str = "customerConsents";
    const NOUNS: (&'static str, &'static str) = ("consent", "consents");
}

impl ChildNode for CustomerConsent {
    type Attributes = CustomerConsentAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a consent to a customer.",
        update: "Updates a consent. Omitted fields keep their values.",
        delete: "Permanently deletes a consent.",
    };
}
