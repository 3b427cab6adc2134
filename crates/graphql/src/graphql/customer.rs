//! Customers.

pub mod address;
pub mod consent;
pub mod contact;
pub mod duplicates;
pub mod extension;
pub mod lookup;
pub mod merge;

mod effective;
mod filter;
mod input;
mod parts;

use std::cmp::Reverse;

use async_graphql::{ComplexObject, Context};

use super::{
    child,
    context::ContextExt,
    customer_group::CustomerGroup,
    error::Error,
    input::size,
    loader::{DuplicatesOf, MergedInto},
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    mutable_node::{MutableNode, MutationDescriptions},
    node::ListedNode,
    object::{Items, Objects, object},
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    db::pick::ColumnSet,
    id::NodeType,
    models::{
        self,
        customer::{
            address::CustomerAddressAttributes, contact::CustomerContactAttributes,
            duplicates::DUPLICATES_MAX, extension::CustomerExtensionAttributes,
        },
        customer_group::CustomerGroupRelation,
    },
};

use self::{
    address::CustomerAddress,
    consent::CustomerConsent,
    contact::CustomerContact,
    duplicates::{CustomerDuplicate, most_probable},
    effective::CustomerEffective,
    extension::CustomerExtension,
    input::{CustomerCreateInput, CustomerUpdateInput},
    merge::MergedCustomer,
    parts::e164,
};

pub use self::parts::CustomerCredit;

object! {
    /// A customer: a company, an individual or a partnership.
    pub struct Customer(it: models::Customer) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::Customer.id(it.id),
        /// Short name for display. Falls back to `customerName`.
        displayName: it.attributes.display_name(),
        /// When the customer was created.
        createdAt: it.created_at,
        /// When the customer, or an object that belongs to it, like an address, was last changed.
        updatedAt: it.updated_at,
        /// Name of the API key, or of the command (like `import`), that created the customer.
        createdBy: it.created_by,
        /// Name of the API key, or of the command, that last changed the customer or an object that
        /// belongs to it.
        lastModifiedBy: it.last_modified_by,
    }
    references {
        /// Primary group, which is one of `customerGroups`.
        customerGroup: CustomerGroup by it.attributes.customer_group_id,
        /// Loyalty program that the customer takes part in.
        loyaltyProgram: LoyaltyProgram by it.attributes.loyalty_program_id,
        /// Tier of `loyaltyProgram` that the customer is in.
        loyaltyProgramTier: LoyaltyProgramCollection by it.attributes.loyalty_program_tier_id,
    }
    children {
        /// Addresses, oldest first.
        addresses: CustomerAddress,
        /// Contacts, oldest first.
        contacts: CustomerContact,
        /// Consents that the customer gave or refused, oldest first.
        consents: CustomerConsent,
        /// Supplier numbers that the customer assigned to your own companies, sorted by `idx`.
        supplierNumbers: SupplierNumberAtCustomer,
    }
    custom {
        attribute, attributes
    }
    connections {
        /// Groups that the customer is a member of, including the primary one but not the groups above
        /// them. Most recently created first by default.
        customerGroups: CustomerGroup in CustomerGroupRelation::OfCustomer,
    }
}

#[ComplexObject]
impl Customer {
    /// Credit limit and balance.
    async fn credit(&self) -> CustomerCredit {
        let attributes = &self.0.attributes;
        CustomerCredit { limit: attributes.credit_limit, balance: attributes.credit_balance }
    }

    /// `mobileNo` in E.164, like `+4791234567`; `null` if it is not a valid number. Numbers without an international
    /// prefix are assumed to be in the tenant's country, if it is set.
    async fn mobile_no_e164(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        e164(ctx, self.0.attributes.mobile_no.as_deref())
    }

    /// Values in effect for the customer. Each is the first one that is set: on the customer, on its primary group,
    /// on that group's ancestors (nearest first), or on the tenant.
    async fn effective(&self, ctx: &Context<'_>) -> Result<CustomerEffective, Error> {
        effective::of(ctx, &self.0).await
    }

    /// Other customers that are probably the same person or company, most probable first.
    async fn duplicates(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "Maximum number of pairs, 1 to 50.")] first: i32,
    ) -> Result<Items<CustomerDuplicate>, Error> {
        let first = size("first", first, DUPLICATES_MAX)?;
        let pairs = ctx.loader()?.load(DuplicatesOf(self.0.id), ColumnSet::ID).await?;
        Ok(most_probable(&pairs.unwrap_or_default(), first))
    }

    /// Customers that were merged into this one, directly or through another customer, last merge first; at most
    /// 500.
    async fn merged_from(&self, ctx: &Context<'_>) -> Result<Items<MergedCustomer>, Error> {
        let merged = ctx.loader()?.load(MergedInto(self.0.id), ColumnSet::ID).await?;
        let mut merged = merged.map(|it| it.to_vec()).unwrap_or_default();
        merged.sort_by_key(|it| Reverse((it.merged_at, it.ordinal)));
        let now = ctx.viewer()?.now();
        Ok(merged.iter().map(|it| MergedCustomer::new(it, now)).collect())
    }

    /// Primary address, which is one of `addresses`.
    async fn primary_address(&self, ctx: &Context<'_>) -> Option<Result<CustomerAddress, Error>> {
        let is_primary = |it: &CustomerAddressAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.0.id, is_primary).await;
        primary.map(|mut it| it.0.pop()).transpose()
    }

    /// Primary contact, which is one of `contacts`.
    async fn primary_contact(&self, ctx: &Context<'_>) -> Option<Result<CustomerContact, Error>> {
        let is_primary = |it: &CustomerContactAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.0.id, is_primary).await;
        primary.map(|mut it| it.0.pop()).transpose()
    }

    /// Registrations of the customer itself with third-party services, oldest first. Those of its
    /// contacts are in the contacts' `extensions`.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Objects<CustomerExtension>, Error> {
        let is_own = |it: &CustomerExtensionAttributes| it.contact_id.is_none();
        child::list_where(ctx, self.0.id, is_own).await
    }
}

impl ListedNode for Customer {
    const ONE: &'static str = "customer";
    const MANY: &'static str = "customers";
    const NOUNS: (&'static str, &'static str) = ("customer", "customers");
    const FILTER_TIMES: (&'static str, &'static str) =
        ("When the customer was created.", "When the customer was last changed.");
    const ORDER_RULES: &'static str =
        "Text is sorted ignoring case and accents; `null` sorts before any\nvalue.";
}

impl MutableNode for Customer {
    type CreateInput = CustomerCreateInput;
    type UpdateInput = CustomerUpdateInput;
    const HAS_WARNINGS: bool = true;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Creates a customer with its addresses, contacts, consents, extensions and supplier numbers,\n\
            all or nothing. If `loyaltyProgramId` is omitted, the customer joins the matching program\n\
            with `autoOptIn` in its lowest tier.",
        update: "Updates a customer. Omitted fields keep their values.",
        delete: "Permanently deletes a customer, its group memberships and all objects that belong to it.",
    };
}
