//! Numbers of our own companies as suppliers to customers.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object};

use super::customer::Customer;
use crate::{
    graphql::{
        child::{self, ChildNode, child_order},
        error::Error,
        filter::{DateTimeFilter, ExactFilter, IdFilter, filter},
        input::set,
        object::object,
        payload::payloads,
        query::queries,
    },
    id::NodeType,
    models::{
        self,
        child::ChildTest,
        supplier_number_at_customer::{
            SupplierNumberAtCustomerAttributes, SupplierNumberAtCustomerTest,
        },
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
        /// ID chosen by the client. Unique among the supplier numbers of all customers.
        externalId: it.attributes.external_id,
        /// ID of the customer that it belongs to.
        customerId: NodeType::Customer.id(it.parent),
        /// Position among the customer's supplier numbers, from 1, without gaps.
        idx: it.idx,
        /// Your own company that has the number; an identifier from another system. A customer has at
        /// most one number per company, and at most one without a company.
        company: it.attributes.company,
        /// The supplier number.
        supplierNumber: it.attributes.supplier_number,
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
    /// The supplier number; 1 to 255 characters.
    supplier_number: String,
    #[graphql(flatten)]
    attributes: SupplierNumberAtCustomerAttributesInput,
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
    supplier_number_at_customer: SupplierNumberAtCustomerInput,
}

/// Input for `supplierNumberAtCustomerUpdate`. Omitted fields keep their values, and `null` clears
/// a field. Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(Clone, Debug, InputObject)]
pub struct SupplierNumberAtCustomerUpdateInput {
    /// New position among the customer's supplier numbers, from 1. If omitted or `null`, the number
    /// keeps its position.
    idx: Option<i32>,
    /// The supplier number; 1 to 255 characters. Cannot be cleared.
    supplier_number: MaybeUndefined<String>,
    #[graphql(flatten)]
    attributes: SupplierNumberAtCustomerAttributesInput,
}

/// The fields of a supplier number that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct SupplierNumberAtCustomerAttributesInput {
    /// ID chosen by the client. Must be unique among the supplier numbers of all customers.
    external_id: MaybeUndefined<String>,
    /// Your own company that has the number; an identifier from another system. A customer has at
    /// most one number per company, and at most one without a company.
    company: MaybeUndefined<String>,
}

impl SupplierNumberAtCustomerInput {
    pub fn into_attributes(self) -> SupplierNumberAtCustomerAttributes {
        let mut attributes = SupplierNumberAtCustomerAttributes {
            supplier_number: self.supplier_number,
            ..SupplierNumberAtCustomerAttributes::default()
        };
        self.attributes.into_change()(&mut attributes);
        attributes
    }
}

impl SupplierNumberAtCustomerUpdateInput {
    fn into_change(self) -> impl FnOnce(&mut SupplierNumberAtCustomerAttributes) + Send {
        let change = self.attributes.into_change();
        move |it: &mut SupplierNumberAtCustomerAttributes| {
            set(&mut it.supplier_number, self.supplier_number);
            change(it);
        }
    }
}

impl SupplierNumberAtCustomerAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut SupplierNumberAtCustomerAttributes) + Send {
        move |it: &mut SupplierNumberAtCustomerAttributes| {
            self.external_id.update_to(&mut it.external_id);
            self.company.update_to(&mut it.company);
        }
    }
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
    SupplierNumberAtCustomerFilter makes ChildTest<SupplierNumberAtCustomerTest> {
        /// The customer that it belongs to.
        customer_id: IdFilter => |it| it.tests(NodeType::Customer, ChildTest::Parent),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(ChildTest::ExternalId),
        /// Your own company that has the number.
        company: ExactFilter =>
            |it| it.tests(ChildTest::own(SupplierNumberAtCustomerTest::Company)),
        /// The supplier number.
        supplier_number: ExactFilter =>
            |it| it.tests(ChildTest::own(SupplierNumberAtCustomerTest::SupplierNumber)),
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
        let attributes = input.supplier_number_at_customer.into_attributes();
        Ok(child::create(ctx, &input.customer_id, input.idx, attributes).await?.into())
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
        let idx = input.idx;
        Ok(child::update(ctx, id, external_id, idx, Ok(input.into_change())).await?.into())
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
