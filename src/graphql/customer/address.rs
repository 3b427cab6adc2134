//! A customer's addresses.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object};

use super::Customer;
use crate::{
    db::types::Timestamp,
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, enum_filter, filter},
        input::set,
        node::RowNode,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::ChildTest,
        customer::address::{CustomerAddressAttributes, CustomerAddressTest},
    },
};

/// An address of a customer.
pub struct CustomerAddress(models::customer::address::CustomerAddress);

impl From<models::customer::address::CustomerAddress> for CustomerAddress {
    fn from(row: models::customer::address::CustomerAddress) -> Self {
        Self(row)
    }
}

/// The purpose of an address.
#[expect(clippy::enum_variant_names, reason = "the documents name them so")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::address::AddressType")]
pub enum CustomerAddressType {
    /// Where goods are delivered to.
    DeliveryAddress,
    /// Where invoices are sent to.
    InvoiceAddress,
    /// Where other letters are sent to.
    PostalAddress,
    /// Where the customer can be met.
    VisitingAddress,
    /// Anything else.
    OtherAddress,
}

impl ChildNode for CustomerAddressAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerAddress;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

/// An address of a customer.
#[Object]
impl CustomerAddress {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::CustomerAddress.id(self.0.id).to_string().into()
    }

    /// The id that the client chose; unique among the addresses.
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

    /// The purpose of the address.
    async fn address_type(&self) -> CustomerAddressType {
        self.0.attributes.address_type.into()
    }

    /// Is it the customer's primary address? A customer has one at most.
    async fn is_primary(&self) -> bool {
        self.0.attributes.is_primary
    }

    /// The company at the address.
    async fn company_name(&self) -> Option<&str> {
        self.0.attributes.company_name.as_deref()
    }

    /// The first name of the person at the address.
    async fn first_name(&self) -> Option<&str> {
        self.0.attributes.first_name.as_deref()
    }

    /// The last name of the person at the address.
    async fn last_name(&self) -> Option<&str> {
        self.0.attributes.last_name.as_deref()
    }

    /// The street and whatever else stands above the city, on several lines if need be.
    async fn address(&self) -> Option<&str> {
        self.0.attributes.address.as_deref()
    }

    /// The postal code.
    async fn postal_code(&self) -> Option<&str> {
        self.0.attributes.postal_code.as_deref()
    }

    /// The city.
    async fn city(&self) -> Option<&str> {
        self.0.attributes.city.as_deref()
    }

    /// The region: a state, a province or a county.
    async fn region(&self) -> Option<&str> {
        self.0.attributes.region.as_deref()
    }

    /// The country: a code of ISO 3166-1, like `NO`.
    async fn country_code(&self) -> Option<&str> {
        self.0.attributes.country_code.as_deref()
    }

    /// The number of the phone, as it was given.
    async fn phone(&self) -> Option<&str> {
        self.0.attributes.phone.as_deref()
    }

    /// The e-mail address.
    async fn email_id(&self) -> Option<&str> {
        self.0.attributes.email_id.as_deref()
    }

    /// The title of the address in a list: the one that was given, else its recipient and place.
    async fn display_name(&self) -> String {
        self.0.attributes.display_name()
    }

    /// The address as it is written on a letter, line by line.
    async fn formatted(&self) -> String {
        self.0.attributes.formatted()
    }

    /// When the address was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the address was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// An address that comes with a new customer; of several, one at most is primary. Texts have up to 255 characters unless said
/// otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressInput {
    #[graphql(flatten)]
    attributes: CustomerAddressAttributesInput,
}

/// Input of `customerAddressCreate`. Texts have up to 255 characters unless said otherwise; they
/// are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressCreateInput {
    /// The customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_address: CustomerAddressInput,
}

/// Input of `customerAddressUpdate`: what is not given stays, and `null` clears. Texts have up to
/// 255 characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressUpdateInput {
    #[graphql(flatten)]
    attributes: CustomerAddressAttributesInput,
}

/// The fields of an address, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressAttributesInput {
    /// The title of the address in a list.
    display_name: MaybeUndefined<String>,
    /// An id of the client's choosing, unique among the addresses.
    external_id: MaybeUndefined<String>,
    /// The purpose of the address. Default for a new one: `DELIVERY_ADDRESS`.
    address_type: MaybeUndefined<CustomerAddressType>,
    /// Is it the customer's primary address? `false` for a new one. With `true`, the one that was
    /// it no longer is. Of several that come with a new customer, at most one can be.
    is_primary: MaybeUndefined<bool>,
    /// The company at the address.
    company_name: MaybeUndefined<String>,
    /// The first name of the person at the address.
    first_name: MaybeUndefined<String>,
    /// The last name of the person at the address.
    last_name: MaybeUndefined<String>,
    /// The street and whatever else stands above the city, on several lines if need be; up to
    /// 10,000 characters.
    address: MaybeUndefined<String>,
    /// The postal code.
    postal_code: MaybeUndefined<String>,
    /// The city.
    city: MaybeUndefined<String>,
    /// The region: a state, a province or a county.
    region: MaybeUndefined<String>,
    /// The country: a code of ISO 3166-1, like `NO`.
    country_code: MaybeUndefined<String>,
    /// The number of the phone, as it was given.
    phone: MaybeUndefined<String>,
    /// The e-mail address.
    email_id: MaybeUndefined<String>,
}

impl CustomerAddressInput {
    pub fn into_attributes(self) -> CustomerAddressAttributes {
        let mut attributes = CustomerAddressAttributes::default();
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl CustomerAddressUpdateInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerAddressAttributes) + Send {
        self.attributes.into_change()
    }
}

impl CustomerAddressAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerAddressAttributes) + Send {
        let address_type = self.address_type.map_value(Into::into);
        move |it: &mut CustomerAddressAttributes| {
            self.display_name.update_to(&mut it.display_name);
            self.external_id.update_to(&mut it.external_id);
            set(&mut it.address_type, address_type);
            set(&mut it.is_primary, self.is_primary);
            self.company_name.update_to(&mut it.company_name);
            self.first_name.update_to(&mut it.first_name);
            self.last_name.update_to(&mut it.last_name);
            self.address.update_to(&mut it.address);
            self.postal_code.update_to(&mut it.postal_code);
            self.city.update_to(&mut it.city);
            self.region.update_to(&mut it.region);
            self.country_code.update_to(&mut it.country_code);
            self.phone.update_to(&mut it.phone);
            self.email_id.update_to(&mut it.email_id);
        }
    }
}

payloads! {
    CustomerAddress, customer_address, NodeType::CustomerAddress;
    "customerAddressCreate" => CustomerAddressCreatePayload,
    "customerAddressUpdate" => CustomerAddressUpdatePayload,
    "customerAddressDelete" => CustomerAddressDeletePayload,
}

enum_filter! {
    /// Conditions on what an address is for. All given ones must hold.
    CustomerAddressTypeFilter(CustomerAddressType)
}

filter! {
    /// Filter for addresses. All given conditions must hold; at most 100 in all.
    CustomerAddressFilter makes ChildTest<CustomerAddressTest> {
        /// The customer.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// The id that the client chose.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// The purpose of the address.
        address_type: CustomerAddressTypeFilter =>
            |it| it.tests(ChildTest::own(CustomerAddressTest::Type)),
        /// Is it the customer's primary address?
        is_primary: BooleanFilter => |it| it.tests(ChildTest::own(CustomerAddressTest::IsPrimary)),
        /// The country: a code of ISO 3166-1, like `NO`.
        country_code: ExactFilter =>
            |it| it.tests(ChildTest::own(CustomerAddressTest::CountryCode)),
        /// The postal code.
        postal_code: ExactFilter => |it| it.tests(ChildTest::own(CustomerAddressTest::PostalCode)),
        /// When the address was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the address was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { CustomerAddressOrder by CustomerAddressOrderField: "addresses" }

queries! {
    CustomerAddressQuery of CustomerAddress;
    customer_address: "address",
    customer_addresses ("customerAddresses"): "addresses";
    CustomerAddressOrder, CustomerAddressFilter
}

#[derive(Default)]
pub struct CustomerAddressMutation;

#[Object]
impl CustomerAddressMutation {
    /// Creates an address.
    async fn customer_address_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new address.")] input: CustomerAddressCreateInput,
    ) -> Result<CustomerAddressCreatePayload, Error> {
        let attributes = input.customer_address.into_attributes();
        Ok(child::create(ctx, &input.customer_id, None, attributes).await?.into())
    }

    /// Changes an address: what the input does not give stays.
    async fn customer_address_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The change.")] input: CustomerAddressUpdateInput,
    ) -> Result<CustomerAddressUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
    }

    /// Deletes an address, for good.
    async fn customer_address_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: Option<ID>,
        #[graphql(desc = "The id that the client chose, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerAddressDeletePayload, Error> {
        Ok(child::delete::<CustomerAddressAttributes>(ctx, id, external_id).await?.into())
    }
}
