//! A customer's addresses.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object};

use super::Customer;
use crate::{
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, enum_filter, filter},
        input::set,
        object::object,
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
pub struct CustomerAddress(pub(in crate::graphql) Arc<models::customer::address::CustomerAddress>);

/// Purposes of addresses.
#[expect(clippy::enum_variant_names, reason = "the documents name them so")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::address::AddressType")]
pub enum CustomerAddressType {
    /// For deliveries.
    DeliveryAddress,
    /// For invoices.
    InvoiceAddress,
    /// For other mail.
    PostalAddress,
    /// For visits.
    VisitingAddress,
    /// For any other purpose.
    OtherAddress,
}

impl ChildNode for CustomerAddressAttributes {
    const NODE_TYPE: NodeType = NodeType::CustomerAddress;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

object! {
    /// An address of a customer.
    CustomerAddress(it: models::customer::address::CustomerAddress) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::CustomerAddress.id(it.id),
        /// ID chosen by the client. Unique among the addresses of all customers.
        externalId: it.attributes.external_id,
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Purpose of the address.
        addressType: it.attributes.address_type,
        /// Whether it is the customer's primary address. A customer has at most one.
        isPrimary: it.attributes.is_primary,
        /// Company name of the recipient.
        companyName: it.attributes.company_name,
        /// First name of the recipient.
        firstName: it.attributes.first_name,
        /// Last name of the recipient.
        lastName: it.attributes.last_name,
        /// Street and any other lines above the city; can have several lines.
        address: it.attributes.address,
        /// Postal code.
        postalCode: it.attributes.postal_code,
        /// City.
        city: it.attributes.city,
        /// Region, like a state, a province or a county.
        region: it.attributes.region,
        /// Country; an ISO 3166-1 code of two capital letters, like `NO`.
        countryCode: it.attributes.country_code,
        /// Phone number, in any format.
        phone: it.attributes.phone,
        /// E-mail address, like `name@example.com`.
        emailId: it.attributes.email_id,
        /// Title of the address in lists. Falls back to the recipient and the place.
        displayName: it.attributes.display_name(),
        /// The address as printed on a letter: recipient, street, postal code and city, region and
        /// country code, on separate lines.
        formatted: it.attributes.formatted(),
        /// When the address was created.
        createdAt: it.created_at,
        /// When the address was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
    }
}

#[ComplexObject]
impl CustomerAddress {}

/// An address of a new customer. Text is trimmed, and empty text becomes `null`. Maximum length:
/// 255 characters unless stated otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressInput {
    #[graphql(flatten)]
    attributes: CustomerAddressAttributesInput,
}

/// Input for `customerAddressCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters unless stated otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    customer_address: CustomerAddressInput,
}

/// Input for `customerAddressUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated
/// otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressUpdateInput {
    #[graphql(flatten)]
    attributes: CustomerAddressAttributesInput,
}

/// The fields of an address that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressAttributesInput {
    /// Title of the address in lists. Default: derived from the recipient and the place.
    display_name: MaybeUndefined<String>,
    /// ID chosen by the client. Must be unique among the addresses of all customers.
    external_id: MaybeUndefined<String>,
    /// Purpose of the address. Default: `DELIVERY_ADDRESS`.
    address_type: MaybeUndefined<CustomerAddressType>,
    /// Whether it is the customer's primary address. Default: `false`. `true` replaces the previous
    /// primary address. At most one address of a new customer can be primary.
    is_primary: MaybeUndefined<bool>,
    /// Company name of the recipient.
    company_name: MaybeUndefined<String>,
    /// First name of the recipient.
    first_name: MaybeUndefined<String>,
    /// Last name of the recipient.
    last_name: MaybeUndefined<String>,
    /// Street and any other lines above the city; can have several lines, up to 10,000 characters.
    address: MaybeUndefined<String>,
    /// Postal code.
    postal_code: MaybeUndefined<String>,
    /// City.
    city: MaybeUndefined<String>,
    /// Region, like a state, a province or a county.
    region: MaybeUndefined<String>,
    /// Country; an ISO 3166-1 code of two capital letters, like `NO`.
    country_code: MaybeUndefined<String>,
    /// Phone number, in any format.
    phone: MaybeUndefined<String>,
    /// E-mail address, like `name@example.com`.
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
    /// Filter for purposes of addresses. All given conditions must match.
    CustomerAddressTypeFilter(CustomerAddressType)
}

filter! {
    /// Filter for addresses. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerAddressFilter makes ChildTest<CustomerAddressTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Purpose of the address.
        address_type: CustomerAddressTypeFilter =>
            |it| it.tests(ChildTest::own(CustomerAddressTest::Type)),
        /// Whether it is the customer's primary address.
        is_primary: BooleanFilter => |it| it.tests(ChildTest::own(CustomerAddressTest::IsPrimary)),
        /// Country; an ISO 3166-1 code of two capital letters, like `NO`.
        country_code: ExactFilter =>
            |it| it.tests(ChildTest::own(CustomerAddressTest::CountryCode)),
        /// Postal code.
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
    /// Adds an address to a customer.
    async fn customer_address_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new address.")] input: CustomerAddressCreateInput,
    ) -> Result<CustomerAddressCreatePayload, Error> {
        let attributes = input.customer_address.into_attributes();
        Ok(child::create(ctx, &input.customer_id, None, attributes).await?.into())
    }

    /// Updates an address. Omitted fields keep their values.
    async fn customer_address_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerAddressUpdateInput,
    ) -> Result<CustomerAddressUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, None, Ok(input.into_change())).await?.into())
    }

    /// Permanently deletes an address.
    async fn customer_address_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<CustomerAddressDeletePayload, Error> {
        Ok(child::delete::<CustomerAddressAttributes>(ctx, id, external_id).await?.into())
    }
}
