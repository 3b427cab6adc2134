//! A customer's addresses.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object};

use super::Customer;
use crate::{
    graphql::{
        attributes::{ChangedAttributes, NestedAttributes, NewAttributes},
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, IdFilter, enum_filter, filter},
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
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
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
    pub attributes: NestedAttributes<CustomerAddressAttributes>,
}

/// Input for `customerAddressCreate`. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters unless stated otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerAddressAttributes>,
}

/// Input for `customerAddressUpdate`. Omitted fields keep their values, and `null` clears a field.
/// Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated
/// otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAddressUpdateInput {
    #[graphql(flatten)]
    attributes: ChangedAttributes<CustomerAddressAttributes>,
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
    CustomerAddressFilter of CustomerAddressAttributes makes ChildTest<CustomerAddressTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// Purpose of the address.
        address_type: CustomerAddressTypeFilter =>
            |it| it.tests(ChildTest::own(CustomerAddressTest::Type)),
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
        Ok(child::create(ctx, &input.customer_id, None, input.attributes).await?.into())
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
        Ok(child::update(ctx, id, external_id, None, input.attributes).await?.into())
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
