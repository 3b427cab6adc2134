//! Numbers of our own companies as suppliers to customers.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object};

use super::customer::Customer;
use crate::{
    graphql::{
        attributes::{ChangedAttributes, NestedAttributes, NewAttributes},
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, IdFilter, filter},
        object::object,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::{ChildTest, NoTest},
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// The supplier number that a customer assigned to one of your own companies.
pub struct SupplierNumberAtCustomer(
    pub(in crate::graphql) Arc<models::supplier_number_at_customer::SupplierNumberAtCustomer>,
);

impl ChildNode for SupplierNumberAtCustomerAttributes {
    const NODE_TYPE: NodeType = NodeType::SupplierNumberAtCustomer;
    const PARENT_TYPE: NodeType = NodeType::Customer;
    const PARENT_FIELD: &'static str = "customerId";
}

object! {
    /// The supplier number that a customer assigned to one of your own companies.
    SupplierNumberAtCustomer(it: models::supplier_number_at_customer::SupplierNumberAtCustomer) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::SupplierNumberAtCustomer.id(it.id),
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Position among the customer's supplier numbers, from 1, without gaps.
        idx: it.idx,
        /// When the supplier number was created.
        createdAt: it.created_at,
        /// When the supplier number was last changed.
        updatedAt: it.updated_at,
    }
    references {
        /// The customer that it belongs to.
        customer: Customer by it.parent,
    }
}

#[ComplexObject]
impl SupplierNumberAtCustomer {}

/// A supplier number of a new customer. Text is trimmed, and empty text becomes `null`. Maximum
/// length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct SupplierNumberAtCustomerInput {
    #[graphql(flatten)]
    pub attributes: NestedAttributes<SupplierNumberAtCustomerAttributes>,
}

/// Input for `supplierNumberAtCustomerCreate`. Text is trimmed, and empty text becomes `null`.
/// Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct SupplierNumberAtCustomerCreateInput {
    /// ID of the customer to add it to.
    customer_id: ID,
    /// Position among the customer's supplier numbers, from 1. Later numbers shift by one. Default:
    /// the end.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: NewAttributes<SupplierNumberAtCustomerAttributes>,
}

/// Input for `supplierNumberAtCustomerUpdate`. Omitted fields keep their values, and `null` clears
/// a field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct SupplierNumberAtCustomerUpdateInput {
    /// New position among the customer's supplier numbers, from 1. If omitted or `null`, the number
    /// keeps its position.
    idx: Option<i32>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<SupplierNumberAtCustomerAttributes>,
}

payloads! {
    SupplierNumberAtCustomer, supplier_number_at_customer, NodeType::SupplierNumberAtCustomer;
    "supplierNumberAtCustomerCreate" => SupplierNumberAtCustomerCreatePayload,
    "supplierNumberAtCustomerUpdate" => SupplierNumberAtCustomerUpdatePayload,
    "supplierNumberAtCustomerDelete" => SupplierNumberAtCustomerDeletePayload,
}
payloads! {
    "supplierNumberAtCustomerReorder" => SupplierNumberAtCustomerReorderPayload {
        /// The complete list in its new order; `null` if there are user errors.
        supplier_numbers_at_customer: Vec<SupplierNumberAtCustomer>
    }
}

filter! {
    /// Filter for supplier numbers. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    SupplierNumberAtCustomerFilter of SupplierNumberAtCustomerAttributes makes ChildTest<NoTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// When the supplier number was created.
        created_at: DateTimeFilter => |it| it.tests(ChildTest::CreatedAt),
        /// When the supplier number was last changed.
        updated_at: DateTimeFilter => |it| it.tests(ChildTest::UpdatedAt),
    }
}

child_order! { SupplierNumberAtCustomerOrder by SupplierNumberAtCustomerOrderField: "supplier numbers" }

queries! {
    SupplierNumberAtCustomerQuery of SupplierNumberAtCustomer;
    supplier_number_at_customer: "supplier number",
    supplier_numbers_at_customer ("supplierNumbersAtCustomer"): "supplier numbers";
    SupplierNumberAtCustomerOrder, SupplierNumberAtCustomerFilter
}

#[derive(Default)]
pub struct SupplierNumberAtCustomerMutation;

#[Object]
impl SupplierNumberAtCustomerMutation {
    /// Adds a supplier number to a customer, at the end unless `idx` is given.
    async fn supplier_number_at_customer_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new supplier number.")] input: SupplierNumberAtCustomerCreateInput,
    ) -> Result<SupplierNumberAtCustomerCreatePayload, Error> {
        Ok(child::create(ctx, &input.customer_id, input.idx, input.attributes).await?.into())
    }

    /// Updates a supplier number. Omitted fields keep their values. A new `idx` moves the number.
    async fn supplier_number_at_customer_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: SupplierNumberAtCustomerUpdateInput,
    ) -> Result<SupplierNumberAtCustomerUpdatePayload, Error> {
        Ok(child::update(ctx, id, external_id, input.idx, input.attributes).await?.into())
    }

    /// Permanently deletes a supplier number; later numbers close the gap.
    async fn supplier_number_at_customer_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID assigned by the server.")] id: Option<ID>,
        #[graphql(desc = "The ID chosen by the client, instead of `id`.")] external_id: Option<
            String,
        >,
    ) -> Result<SupplierNumberAtCustomerDeletePayload, Error> {
        Ok(child::delete::<SupplierNumberAtCustomerAttributes>(ctx, id, external_id).await?.into())
    }

    /// Changes the order of a customer's supplier numbers.
    async fn supplier_number_at_customer_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the customer.")] parent_id: ID,
        #[graphql(desc = "The IDs of all of them, each exactly once, in the new order.")] ids: Vec<
            ID,
        >,
    ) -> Result<SupplierNumberAtCustomerReorderPayload, Error> {
        let reordered =
            child::reorder::<SupplierNumberAtCustomerAttributes, _>(ctx, &parent_id, &ids);
        Ok(reordered.await?.into())
    }
}
