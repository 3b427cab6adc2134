//! Customers.

pub mod address;
pub mod consent;
pub mod contact;
pub mod extension;

mod filter;
mod input;
mod mutation;
mod parts;
mod query;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    child,
    connection::{ConnectionOf, PageArgs, Parent, connection},
    customer_group::{CustomerGroup, CustomerGroupFilter, CustomerGroupOrder},
    error::Error,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    node::RowNode,
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    db::types::{Decimal, Timestamp},
    id::NodeType,
    models::{
        self,
        customer::{
            address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
        },
        customer_group::CustomerGroupRelation,
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

use self::{
    address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
    extension::CustomerExtension,
};

pub use self::{
    filter::{CustomerFilter, CustomerOrder},
    mutation::CustomerMutation,
    parts::{CustomerCredit, CustomerType},
    query::CustomerQuery,
};

pub struct Customer(pub(in crate::graphql) Arc<models::Customer>);

/// A customer: a company, an individual or a partnership.
#[Object]
impl Customer {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::Customer.id(self.0.id).to_string().into()
    }

    /// ID chosen by the client. Unique among the customers.
    async fn external_id(&self) -> Option<&str> {
        self.0.attributes.external_id.as_deref()
    }

    /// Name of the company, or full name of the person.
    async fn customer_name(&self) -> &str {
        &self.0.attributes.customer_name
    }

    /// Short name for display. Falls back to `customerName`.
    async fn display_name(&self) -> &str {
        let attributes = &self.0.attributes;
        attributes.display_name.as_deref().unwrap_or(&attributes.customer_name)
    }

    /// Legal form of the customer.
    async fn customer_type(&self) -> CustomerType {
        self.0.attributes.customer_type.into()
    }

    /// First name of the person, or of the company's contact person.
    async fn first_name(&self) -> Option<&str> {
        self.0.attributes.first_name.as_deref()
    }

    /// Last name of the person, or of the company's contact person.
    async fn last_name(&self) -> Option<&str> {
        self.0.attributes.last_name.as_deref()
    }

    /// Gender of the person; free text.
    async fn gender(&self) -> Option<&str> {
        self.0.attributes.gender.as_deref()
    }

    /// E-mail address, like `name@example.com`.
    async fn email_id(&self) -> Option<&str> {
        self.0.attributes.email_id.as_deref()
    }

    /// Mobile phone number, in any format.
    async fn mobile_no(&self) -> Option<&str> {
        self.0.attributes.mobile_no.as_deref()
    }

    /// URL of the website. Starts with `http://` or `https://`.
    async fn website(&self) -> Option<&str> {
        self.0.attributes.website.as_deref()
    }

    /// URL of a picture. Starts with `http://` or `https://`.
    async fn image(&self) -> Option<&str> {
        self.0.attributes.image.as_deref()
    }

    /// Language for correspondence; free text, like `nb`.
    async fn language(&self) -> Option<&str> {
        self.0.attributes.language.as_deref()
    }

    /// Sales territory; an identifier from another system.
    async fn territory(&self) -> Option<&str> {
        self.0.attributes.territory.as_deref()
    }

    /// Market segment; free text.
    async fn market_segment(&self) -> Option<&str> {
        self.0.attributes.market_segment.as_deref()
    }

    /// Industry; free text.
    async fn industry(&self) -> Option<&str> {
        self.0.attributes.industry.as_deref()
    }

    /// Account manager; a user of another system.
    async fn account_manager(&self) -> Option<&str> {
        self.0.attributes.account_manager.as_deref()
    }

    /// Name of the account manager.
    async fn account_manager_name(&self) -> Option<&str> {
        self.0.attributes.account_manager_name.as_deref()
    }

    /// Code of the account manager at the points of sale.
    async fn account_manager_code(&self) -> Option<&str> {
        self.0.attributes.account_manager_code.as_deref()
    }

    /// ID of the customer at the points of sale. Unique among the customers.
    async fn customer_pos_id(&self) -> Option<&str> {
        self.0.attributes.customer_pos_id.as_deref()
    }

    /// Notes that may be printed on documents; can have several lines.
    async fn customer_details(&self) -> Option<&str> {
        self.0.attributes.customer_details.as_deref()
    }

    /// Notes for internal use only, not for printing; can have several lines.
    async fn internal_note(&self) -> Option<&str> {
        self.0.attributes.internal_note.as_deref()
    }

    /// Number of the loyalty card or membership. Unique among the customers.
    async fn loyalty_id(&self) -> Option<&str> {
        self.0.attributes.loyalty_id.as_deref()
    }

    /// Customer number in the ledger of another system. Need not be unique.
    async fn ledger_number(&self) -> Option<&str> {
        self.0.attributes.ledger_number.as_deref()
    }

    /// Source of the customer, like a system, a shop or a campaign.
    async fn origin(&self) -> Option<&str> {
        self.0.attributes.origin.as_deref()
    }

    /// Credit limit and balance.
    async fn credit(&self) -> CustomerCredit {
        let attributes = &self.0.attributes;
        CustomerCredit { limit: attributes.credit_limit, balance: attributes.credit_balance }
    }

    /// Tax ID, like a VAT number. The format is not validated.
    async fn tax_id(&self) -> Option<&str> {
        self.0.attributes.tax_id.as_deref()
    }

    /// Tax category; an identifier from another system.
    async fn tax_category(&self) -> Option<&str> {
        self.0.attributes.tax_category.as_deref()
    }

    /// Withholding tax category; an identifier from another system.
    async fn tax_withholding_category(&self) -> Option<&str> {
        self.0.attributes.tax_withholding_category.as_deref()
    }

    /// Withholding tax group; an identifier from another system.
    async fn tax_withholding_group(&self) -> Option<&str> {
        self.0.attributes.tax_withholding_group.as_deref()
    }

    /// Billing currency; an ISO 4217 code of three capital letters, like `EUR`.
    async fn default_currency(&self) -> Option<&str> {
        self.0.attributes.default_currency.as_deref()
    }

    /// Price list; an identifier from another system.
    async fn default_price_list(&self) -> Option<&str> {
        self.0.attributes.default_price_list.as_deref()
    }

    /// Company bank account that the customer pays to; an identifier from another system.
    async fn default_bank_account(&self) -> Option<&str> {
        self.0.attributes.default_bank_account.as_deref()
    }

    /// Payment terms; a name from another system.
    async fn payment_terms(&self) -> Option<&str> {
        self.0.attributes.payment_terms.as_deref()
    }

    /// Payment period, in days.
    async fn payment_terms_days(&self) -> Option<i32> {
        self.0.attributes.payment_terms_days
    }

    /// Whether the customer accepts invoices in EHF, the Norwegian e-invoice format.
    async fn ehf_enabled(&self) -> bool {
        self.0.attributes.ehf_enabled
    }

    /// Sales partner; an identifier from another system.
    async fn default_sales_partner(&self) -> Option<&str> {
        self.0.attributes.default_sales_partner.as_deref()
    }

    /// Commission of the sales partner, in percent: `"2.5"` is 2.5%.
    async fn default_commission_rate(&self) -> Option<Decimal> {
        self.0.attributes.default_commission_rate
    }

    /// Lead that became the customer; an identifier from another system.
    async fn lead_name(&self) -> Option<&str> {
        self.0.attributes.lead_name.as_deref()
    }

    /// Opportunity that became the customer; an identifier from another system.
    async fn opportunity_name(&self) -> Option<&str> {
        self.0.attributes.opportunity_name.as_deref()
    }

    /// Prospect that became the customer; an identifier from another system.
    async fn prospect_name(&self) -> Option<&str> {
        self.0.attributes.prospect_name.as_deref()
    }

    /// Your own company that an internal customer represents; an identifier from another system.
    async fn represents_company(&self) -> Option<&str> {
        self.0.attributes.represents_company.as_deref()
    }

    /// Whether the customer is one of your own companies.
    async fn is_internal_customer(&self) -> bool {
        self.0.attributes.is_internal_customer
    }

    /// Whether the customer is closed to new transactions. POS profiles exclude disabled customers.
    async fn disabled(&self) -> bool {
        self.0.attributes.disabled
    }

    /// Whether the customer's accounts are frozen.
    async fn is_frozen(&self) -> bool {
        self.0.attributes.is_frozen
    }

    /// Whether the customer can be invoiced without a sales order. `true` allows it, despite the
    /// field's name.
    async fn so_required(&self) -> bool {
        self.0.attributes.so_required
    }

    /// Whether the customer can be invoiced without a delivery note. `true` allows it, despite the
    /// field's name.
    async fn dn_required(&self) -> bool {
        self.0.attributes.dn_required
    }

    /// When the customer was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the customer, or an object that belongs to it, like an address, was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Name of the API key, or of the command (like `import`), that created the customer.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// Name of the API key, or of the command, that last changed the customer or an object that
    /// belongs to it.
    async fn last_modified_by(&self) -> &str {
        &self.0.last_modified_by
    }

    /// Primary group, which is one of `customerGroups`.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
        CustomerGroup::load(ctx, self.0.attributes.customer_group_id?).await.transpose()
    }

    /// Groups that the customer is a member of, including the primary one but not the groups above
    /// them. Most recently created first by default.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customer_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100. Not with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, 0 to 100,000. Default: 0.")] offset: Option<i32>,
        #[graphql(desc = "Sort order. Default: most recently created first.")] order_by: Option<
            CustomerGroupOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<
            Box<CustomerGroupFilter>,
        >,
    ) -> Result<ConnectionOf<CustomerGroup>, Error> {
        let parent = Parent { uid: self.0.id, relation: CustomerGroupRelation::OfCustomer };
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) =
            (order_by.unwrap_or_default().into(), CustomerGroupFilter::tests(filter)?);
        let name = "Customer.customerGroups";
        connection::<models::CustomerGroup, _>(ctx, name, Some(parent), args, order, filter).await
    }

    /// Loyalty program that the customer takes part in.
    async fn loyalty_program(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgram>, Error>> {
        LoyaltyProgram::load(ctx, self.0.attributes.loyalty_program_id?).await.transpose()
    }

    /// Tier of `loyaltyProgram` that the customer is in.
    async fn loyalty_program_tier(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgramCollection>, Error>> {
        LoyaltyProgramCollection::load(ctx, self.0.attributes.loyalty_program_tier_id?)
            .await
            .transpose()
    }

    /// Addresses, oldest first.
    async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<CustomerAddress>, Error> {
        child::list::<CustomerAddressAttributes, _>(ctx, self.0.id).await
    }

    /// Primary address, which is one of `addresses`.
    async fn primary_address(&self, ctx: &Context<'_>) -> Option<Result<CustomerAddress, Error>> {
        let is_primary = |it: &CustomerAddressAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.0.id, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// Contacts, oldest first.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<CustomerContact>, Error> {
        child::list::<CustomerContactAttributes, _>(ctx, self.0.id).await
    }

    /// Primary contact, which is one of `contacts`.
    async fn primary_contact(&self, ctx: &Context<'_>) -> Option<Result<CustomerContact, Error>> {
        let is_primary = |it: &CustomerContactAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.0.id, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// Consents that the customer gave or refused, oldest first.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<CustomerConsent>, Error> {
        child::list::<CustomerConsentAttributes, _>(ctx, self.0.id).await
    }

    /// Registrations of the customer itself with third-party services, oldest first. Those of its
    /// contacts are in the contacts' `extensions`.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Vec<CustomerExtension>, Error> {
        let is_own = |it: &CustomerExtensionAttributes| it.contact_id.is_none();
        child::list_where(ctx, self.0.id, is_own).await
    }

    /// Numbers of your own companies as suppliers to the customer, by `idx`.
    async fn supplier_numbers(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<SupplierNumberAtCustomer>, Error> {
        child::list::<SupplierNumberAtCustomerAttributes, _>(ctx, self.0.id).await
    }
}
