//! What customers have consented to.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::Customer;
use crate::{
    db::types::Timestamp,
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, filter},
        input::set,
        node::RowNode,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::ChildTest,
        customer::consent::{CustomerConsentAttributes, CustomerConsentTest},
    },
};

/// What a customer has consented to, or has refused.
pub struct CustomerConsent(models::customer::consent::CustomerConsent);

impl From<models::customer::consent::CustomerConsent> for CustomerConsent {
    fn from(row: models::customer::consent::CustomerConsent) -> Self {
        Self(row)
    }
}

impl ChildNode for CustomerConsentAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerConsent;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

/// What a customer has consented to, or has refused.
#[Object]
impl CustomerConsent {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::CustomerConsent.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the consents.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// The id of the customer.
    async fn customer_id(&self) -> ID {
        NodeType::Customer.id(self.0.parent).to_string().into()
    }

    /// The customer.
    async fn customer(&self, ctx: &Context<'_>) -> Option<Result<Box<Customer>, Error>> {
        Customer::load(ctx, self.0.parent).await.transpose()
    }

    /// What it is about. A customer has one consent of a name.
    async fn name(&self) -> &str {
        &self.0.attributes.name
    }

    /// Is it given?
    async fn status(&self) -> bool {
        self.0.attributes.status
    }

    /// Where the customer said so.
    async fn source(&self) -> Option<&str> {
        self.0.attributes.source.as_deref()
    }

    /// When the customer said so, as far as it is known: as it was given, or when the consent was
    /// created here or its `status` changed.
    async fn recorded_at(&self) -> Timestamp {
        self.0.attributes.recorded_at.unwrap_or(self.0.updated_at)
    }

    /// Who recorded it: as it was given, or the name of the credential that created the consent here
    /// or changed its `status`. `null` for one from before this was kept.
    async fn recorded_by(&self) -> Option<&str> {
        self.0.attributes.recorded_by.as_deref()
    }

    /// When the consent was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the consent was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// A consent that comes with a new customer. Texts have up to 255 characters unless said otherwise;
/// they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentInput {
    /// What it is about, in 1 to 255 characters. A customer has one consent of a name.
    name: String,
    /// Is it given?
    status: bool,
    #[graphql(flatten)]
    attributes: CustomerConsentAttributesInput,
}

/// Input of `customerConsentCreate`. Texts have up to 255 characters unless said otherwise; they
/// are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentCreateInput {
    /// The customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_consent: CustomerConsentInput,
}

/// Input of `customerConsentUpdate`: what is not given stays, and `null` clears. Texts have up to
/// 255 characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentUpdateInput {
    /// What it is about, in 1 to 255 characters. A customer has one consent of a name. It cannot be
    /// cleared.
    name: MaybeUndefined<String>,
    /// Is it given? `null` is `false`.
    status: MaybeUndefined<bool>,
    #[graphql(flatten)]
    attributes: CustomerConsentAttributesInput,
}

/// What may be given of a consent, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentAttributesInput {
    /// An id of the client's choosing, unique among the consents.
    external_id: MaybeUndefined<String>,
    /// Where the customer said so.
    source: MaybeUndefined<String>,
    /// When the customer said so: for consents that come from elsewhere. Default: now, for a new
    /// consent and for one whose `status` changes. `null` means now.
    recorded_at: MaybeUndefined<Timestamp>,
    /// Who recorded it: for consents that come from elsewhere. Default: the name of the credential,
    /// for a new consent and for one whose `status` changes. `null` means that name.
    recorded_by: MaybeUndefined<String>,
}

impl CustomerConsentInput {
    pub fn into_attributes(self) -> CustomerConsentAttributes {
        let mut attributes = CustomerConsentAttributes {
            name: self.name,
            status: self.status,
            ..CustomerConsentAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl CustomerConsentUpdateInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerConsentAttributes) + Send {
        let change = self.attributes.into_change();
        move |it: &mut CustomerConsentAttributes| {
            let status = it.status;
            set(&mut it.name, self.name);
            set(&mut it.status, self.status);
            // Another answer is recorded anew: what is not given is filled in when it is written.
            if it.status != status {
                it.recorded_at = None;
                it.recorded_by = None;
            }
            change(it);
        }
    }
}

impl CustomerConsentAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerConsentAttributes) + Send {
        move |it: &mut CustomerConsentAttributes| {
            self.external_id.update_to(&mut it.external_id);
            self.source.update_to(&mut it.source);
            self.recorded_at.update_to(&mut it.recorded_at);
            self.recorded_by.update_to(&mut it.recorded_by);
        }
    }
}

payloads! {
    CustomerConsent, customer_consent, NodeType::CustomerConsent;
    "customerConsentCreate" => CustomerConsentCreatePayload,
    "customerConsentUpdate" => CustomerConsentUpdatePayload,
    "customerConsentDelete" => CustomerConsentDeletePayload,
}

filter! {
    /// Filter for consents. All given conditions must hold; at most 100 in all.
    CustomerConsentFilter makes ChildTest<CustomerConsentTest> {
        /// The customer.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// The id that the client chose.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// What it is about.
        name: ExactFilter => |it| it.tests(ChildTest::own(CustomerConsentTest::Name)),
        /// Is it given?
        status: BooleanFilter => |it| it.tests(ChildTest::own(CustomerConsentTest::Status)),
        /// When the consent was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the consent was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { CustomerConsentOrder by CustomerConsentOrderField: "consents" }

queries! {
    CustomerConsentQuery of CustomerConsent;
    customer_consent: "consent",
    customer_consents ("customerConsents"): "consents";
    CustomerConsentOrder, CustomerConsentFilter
}

#[derive(Default)]
pub struct CustomerConsentMutation;

#[Object]
impl CustomerConsentMutation {
    /// Creates a consent.
    async fn customer_consent_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new consent.")] input: CustomerConsentCreateInput,
    ) -> Result<CustomerConsentCreatePayload, Error> {
        let attributes = input.customer_consent.into_attributes();
        Ok(child::create(ctx, &input.customer_id, None, attributes).await?.into())
    }

    /// Changes a consent: what the input does not give stays.
    async fn customer_consent_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerConsentUpdateInput,
    ) -> Result<CustomerConsentUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
    }

    /// Deletes a consent, for good.
    async fn customer_consent_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerConsentDeletePayload, Error> {
        Ok(child::delete::<CustomerConsentAttributes>(ctx, id, external_id).await?.into())
    }
}
