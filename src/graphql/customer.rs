//! Customers.

pub mod address;
pub mod consent;
pub mod contact;
pub mod extension;

mod filter;
mod input;
mod mutation;
mod query;

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

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
    db::types::{Decimal, Timestamp, Uid},
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
    query::CustomerQuery,
};

/// A customer: a company, an individual or a partnership.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Customer {
    #[graphql(skip)]
    uid: Uid,
    #[graphql(skip)]
    customer_group_uid: Option<Uid>,
    #[graphql(skip)]
    loyalty_program_uid: Option<Uid>,
    #[graphql(skip)]
    loyalty_program_tier_uid: Option<Uid>,
    /// ID chosen by the client. Unique among the customers.
    external_id: Option<String>,
    /// Name of the company, or full name of the person.
    customer_name: String,
    /// Short name for display. Falls back to `customerName`.
    display_name: String,
    /// Legal form of the customer.
    customer_type: CustomerType,
    /// First name of the person, or of the company's contact person.
    first_name: Option<String>,
    /// Last name of the person, or of the company's contact person.
    last_name: Option<String>,
    /// Gender of the person; free text.
    gender: Option<String>,
    /// E-mail address, like `name@example.com`.
    email_id: Option<String>,
    /// Mobile phone number, in any format.
    mobile_no: Option<String>,
    /// URL of the website. Starts with `http://` or `https://`.
    website: Option<String>,
    /// URL of a picture. Starts with `http://` or `https://`.
    image: Option<String>,
    /// Language for correspondence; free text, like `nb`.
    language: Option<String>,
    /// Sales territory; an identifier from another system.
    territory: Option<String>,
    /// Market segment; free text.
    market_segment: Option<String>,
    /// Industry; free text.
    industry: Option<String>,
    /// Account manager; a user of another system.
    account_manager: Option<String>,
    /// Name of the account manager.
    account_manager_name: Option<String>,
    /// Code of the account manager at the points of sale.
    account_manager_code: Option<String>,
    /// ID of the customer at the points of sale. Unique among the customers.
    customer_pos_id: Option<String>,
    /// Notes that may be printed on documents; can have several lines.
    customer_details: Option<String>,
    /// Notes for internal use only, not for printing; can have several lines.
    internal_note: Option<String>,
    /// Number of the loyalty card or membership. Unique among the customers.
    loyalty_id: Option<String>,
    /// Customer number in the ledger of another system. Need not be unique.
    ledger_number: Option<String>,
    /// Source of the customer, like a system, a shop or a campaign.
    origin: Option<String>,
    /// Credit limit and balance.
    credit: CustomerCredit,
    /// Tax ID, like a VAT number. The format is not validated.
    tax_id: Option<String>,
    /// Tax category; an identifier from another system.
    tax_category: Option<String>,
    /// Withholding tax category; an identifier from another system.
    tax_withholding_category: Option<String>,
    /// Withholding tax group; an identifier from another system.
    tax_withholding_group: Option<String>,
    /// Billing currency; an ISO 4217 code of three capital letters, like `EUR`.
    default_currency: Option<String>,
    /// Price list; an identifier from another system.
    default_price_list: Option<String>,
    /// Company bank account that the customer pays to; an identifier from another system.
    default_bank_account: Option<String>,
    /// Payment terms; a name from another system.
    payment_terms: Option<String>,
    /// Payment period, in days.
    payment_terms_days: Option<i32>,
    /// Whether the customer accepts invoices in EHF, the Norwegian e-invoice format.
    ehf_enabled: bool,
    /// Sales partner; an identifier from another system.
    default_sales_partner: Option<String>,
    /// Commission of the sales partner, in percent: `"2.5"` is 2.5%.
    default_commission_rate: Option<Decimal>,
    /// Lead that became the customer; an identifier from another system.
    lead_name: Option<String>,
    /// Opportunity that became the customer; an identifier from another system.
    opportunity_name: Option<String>,
    /// Prospect that became the customer; an identifier from another system.
    prospect_name: Option<String>,
    /// Your own company that an internal customer represents; an identifier from another system.
    represents_company: Option<String>,
    /// Whether the customer is one of your own companies.
    is_internal_customer: bool,
    /// Whether the customer is closed to new transactions. POS profiles exclude disabled customers.
    disabled: bool,
    /// Whether the customer's accounts are frozen.
    is_frozen: bool,
    /// Whether the customer can be invoiced without a sales order. `true` allows it, despite the
    /// field's name.
    so_required: bool,
    /// Whether the customer can be invoiced without a delivery note. `true` allows it, despite the
    /// field's name.
    dn_required: bool,
    /// When the customer was created.
    created_at: Timestamp,
    /// When the customer, or an object that belongs to it, like an address, was last changed.
    updated_at: Timestamp,
    /// Name of the API key, or of the command (like `import`), that created the customer.
    created_by: String,
    /// Name of the API key, or of the command, that last changed the customer or an object that
    /// belongs to it.
    last_modified_by: String,
}

/// Credit limit and balance of a customer, in its `defaultCurrency`.
#[derive(SimpleObject)]
pub struct CustomerCredit {
    /// Maximum amount that the customer may owe; `null` or 0 means no limit. The limit is not
    /// enforced here.
    limit: Option<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    balance: Option<Decimal>,
}

/// Legal forms of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::CustomerType")]
pub enum CustomerType {
    /// A company.
    Company,
    /// A private person.
    Individual,
    /// A partnership.
    Partnership,
}

impl From<models::Customer> for Customer {
    fn from(row: models::Customer) -> Self {
        let it = row.attributes;
        Self {
            uid: row.id,
            customer_group_uid: it.customer_group_id,
            loyalty_program_uid: it.loyalty_program_id,
            loyalty_program_tier_uid: it.loyalty_program_tier_id,
            display_name: it.display_name.unwrap_or_else(|| it.customer_name.clone()),
            account_manager_name: it.account_manager_name,
            account_manager_code: it.account_manager_code,
            internal_note: it.internal_note,
            loyalty_id: it.loyalty_id,
            ledger_number: it.ledger_number,
            origin: it.origin,
            credit: CustomerCredit { limit: it.credit_limit, balance: it.credit_balance },
            payment_terms_days: it.payment_terms_days,
            ehf_enabled: it.ehf_enabled,
            external_id: it.external_id,
            customer_name: it.customer_name,
            customer_type: it.customer_type.into(),
            first_name: it.first_name,
            last_name: it.last_name,
            gender: it.gender,
            email_id: it.email_id,
            mobile_no: it.mobile_no,
            website: it.website,
            image: it.image,
            language: it.language,
            territory: it.territory,
            market_segment: it.market_segment,
            industry: it.industry,
            account_manager: it.account_manager,
            customer_pos_id: it.customer_pos_id,
            customer_details: it.customer_details,
            tax_id: it.tax_id,
            tax_category: it.tax_category,
            tax_withholding_category: it.tax_withholding_category,
            tax_withholding_group: it.tax_withholding_group,
            default_currency: it.default_currency,
            default_price_list: it.default_price_list,
            default_bank_account: it.default_bank_account,
            payment_terms: it.payment_terms,
            default_sales_partner: it.default_sales_partner,
            default_commission_rate: it.default_commission_rate,
            lead_name: it.lead_name,
            opportunity_name: it.opportunity_name,
            prospect_name: it.prospect_name,
            represents_company: it.represents_company,
            is_internal_customer: it.is_internal_customer,
            disabled: it.disabled,
            is_frozen: it.is_frozen,
            so_required: it.so_required,
            dn_required: it.dn_required,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by,
            last_modified_by: row.last_modified_by,
        }
    }
}

#[ComplexObject]
impl Customer {
    /// Globally unique ID, assigned by the server.
    pub async fn id(&self) -> ID {
        NodeType::Customer.id(self.uid).to_string().into()
    }

    /// Primary group, which is one of `customerGroups`.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
        CustomerGroup::load(ctx, self.customer_group_uid?).await.transpose()
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
        let parent = Parent { uid: self.uid, relation: CustomerGroupRelation::OfCustomer };
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
        LoyaltyProgram::load(ctx, self.loyalty_program_uid?).await.transpose()
    }

    /// Tier of `loyaltyProgram` that the customer is in.
    async fn loyalty_program_tier(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgramCollection>, Error>> {
        LoyaltyProgramCollection::load(ctx, self.loyalty_program_tier_uid?).await.transpose()
    }

    /// Addresses, oldest first.
    async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<CustomerAddress>, Error> {
        child::list::<CustomerAddressAttributes, _>(ctx, self.uid).await
    }

    /// Primary address, which is one of `addresses`.
    async fn primary_address(&self, ctx: &Context<'_>) -> Option<Result<CustomerAddress, Error>> {
        let is_primary = |it: &CustomerAddressAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.uid, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// Contacts, oldest first.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<CustomerContact>, Error> {
        child::list::<CustomerContactAttributes, _>(ctx, self.uid).await
    }

    /// Primary contact, which is one of `contacts`.
    async fn primary_contact(&self, ctx: &Context<'_>) -> Option<Result<CustomerContact, Error>> {
        let is_primary = |it: &CustomerContactAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.uid, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// Consents that the customer gave or refused, oldest first.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<CustomerConsent>, Error> {
        child::list::<CustomerConsentAttributes, _>(ctx, self.uid).await
    }

    /// Registrations of the customer itself with third-party services, oldest first. Those of its
    /// contacts are in the contacts' `extensions`.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Vec<CustomerExtension>, Error> {
        let is_own = |it: &CustomerExtensionAttributes| it.contact_id.is_none();
        child::list_where(ctx, self.uid, is_own).await
    }

    /// Numbers of your own companies as suppliers to the customer, by `idx`.
    async fn supplier_numbers(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<SupplierNumberAtCustomer>, Error> {
        child::list::<SupplierNumberAtCustomerAttributes, _>(ctx, self.uid).await
    }
}
