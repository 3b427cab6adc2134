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

/// A customer: a company, a person or a partnership that buys.
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
    /// The id that the client chose; unique among the customers.
    external_id: Option<String>,
    /// The name: of the company, or of the person in full.
    customer_name: String,
    /// What the customer is called where space is short: what was given for that, or the name.
    display_name: String,
    /// What kind of customer it is.
    customer_type: CustomerType,
    /// The first name of the person, or of the one to talk to.
    first_name: Option<String>,
    /// The last name of the person, or of the one to talk to.
    last_name: Option<String>,
    /// The gender of the person.
    gender: Option<String>,
    /// The e-mail address.
    email_id: Option<String>,
    /// The number of the mobile phone, as it was given.
    mobile_no: Option<String>,
    /// The address of the web site; it begins with `http://` or `https://`.
    website: Option<String>,
    /// The address of a picture; it begins with `http://` or `https://`.
    image: Option<String>,
    /// The language to write to the customer in.
    language: Option<String>,
    /// The sales territory: an identifier of another system.
    territory: Option<String>,
    /// The segment of the market.
    market_segment: Option<String>,
    /// The industry.
    industry: Option<String>,
    /// Who looks after the customer: a user of another system.
    account_manager: Option<String>,
    /// The name of who looks after the customer.
    account_manager_name: Option<String>,
    /// The code of who looks after the customer, as used at the points of sale.
    account_manager_code: Option<String>,
    /// The customer's id at the points of sale; unique among the customers.
    customer_pos_id: Option<String>,
    /// Anything worth knowing; may be printed on documents.
    customer_details: Option<String>,
    /// Anything worth knowing that is for your own people only; never printed.
    internal_note: Option<String>,
    /// The number of the customer's loyalty card or membership; unique among the customers.
    loyalty_id: Option<String>,
    /// The customer's number in the ledger of another system.
    ledger_number: Option<String>,
    /// Where the customer came from: a system, a shop or a campaign.
    origin: Option<String>,
    /// What the customer may owe, and owes.
    credit: CustomerCredit,
    /// The tax id: a VAT number, or what the country has instead.
    tax_id: Option<String>,
    /// The tax category: an identifier of another system.
    tax_category: Option<String>,
    /// The category for withholding tax: an identifier of another system.
    tax_withholding_category: Option<String>,
    /// The group for withholding tax: an identifier of another system.
    tax_withholding_group: Option<String>,
    /// The currency to bill in: an ISO 4217 code.
    default_currency: Option<String>,
    /// The price list: an identifier of another system.
    default_price_list: Option<String>,
    /// The bank account of the company to be paid to: an identifier of another system.
    default_bank_account: Option<String>,
    /// The name of the payment terms, in another system.
    payment_terms: Option<String>,
    /// How many days the customer has to pay.
    payment_terms_days: Option<i32>,
    /// Does the customer take invoices in the format EHF?
    ehf_enabled: bool,
    /// The sales partner: an identifier of another system.
    default_sales_partner: Option<String>,
    /// The sales partner's commission, in percent.
    default_commission_rate: Option<Decimal>,
    /// The lead that the customer came from: an identifier of another system.
    lead_name: Option<String>,
    /// The opportunity that the customer came from: an identifier of another system.
    opportunity_name: Option<String>,
    /// The prospect that the customer came from: an identifier of another system.
    prospect_name: Option<String>,
    /// The one of your own companies that an internal customer stands for.
    represents_company: Option<String>,
    /// Is the customer one of your own companies?
    is_internal_customer: bool,
    /// Is the customer closed for new transactions?
    disabled: bool,
    /// Are the customer's accounts frozen?
    is_frozen: bool,
    /// May the customer be invoiced without a sales order?
    so_required: bool,
    /// May the customer be invoiced without a delivery note?
    dn_required: bool,
    /// When the customer was created.
    created_at: Timestamp,
    /// When the customer, or something of its own, like an address, was last changed.
    updated_at: Timestamp,
    /// The name of the credential that created the customer.
    created_by: String,
    /// The name of the credential that changed the customer last.
    last_modified_by: String,
}

/// What a customer may owe, and owes, in its currency.
#[derive(SimpleObject)]
pub struct CustomerCredit {
    /// The most that the customer may owe; `null` or 0 means no limit.
    limit: Option<Decimal>,
    /// What the customer owes; less than 0 is what it has to its credit.
    balance: Option<Decimal>,
}

/// Kinds of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::CustomerType")]
pub enum CustomerType {
    /// A company.
    Company,
    /// A person.
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
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::Customer.id(self.uid).to_string().into()
    }

    /// The primary group: one of `customerGroups`.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<Box<CustomerGroup>, Error>> {
        CustomerGroup::load(ctx, self.customer_group_uid?).await.transpose()
    }

    /// All groups that the customer is in. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customer_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, at most 100,000.")] offset: Option<i32>,
        #[graphql(desc = "The order. Default: most recently created first.")] order_by: Option<
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

    /// The loyalty program that the customer takes part in.
    async fn loyalty_program(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgram>, Error>> {
        LoyaltyProgram::load(ctx, self.loyalty_program_uid?).await.transpose()
    }

    /// The tier of the loyalty program that the customer is in.
    async fn loyalty_program_tier(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Box<LoyaltyProgramCollection>, Error>> {
        LoyaltyProgramCollection::load(ctx, self.loyalty_program_tier_uid?).await.transpose()
    }

    /// The customer's addresses, in the order in which they were made.
    async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<CustomerAddress>, Error> {
        child::list::<CustomerAddressAttributes, _>(ctx, self.uid).await
    }

    /// The one of `addresses` that is the primary one.
    async fn primary_address(&self, ctx: &Context<'_>) -> Option<Result<CustomerAddress, Error>> {
        let is_primary = |it: &CustomerAddressAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.uid, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// The people to talk to at the customer, in the order in which they were made.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<CustomerContact>, Error> {
        child::list::<CustomerContactAttributes, _>(ctx, self.uid).await
    }

    /// The one of `contacts` that is the primary one.
    async fn primary_contact(&self, ctx: &Context<'_>) -> Option<Result<CustomerContact, Error>> {
        let is_primary = |it: &CustomerContactAttributes| it.is_primary;
        let primary = child::list_where(ctx, self.uid, is_primary).await;
        primary.map(|mut it| it.pop()).transpose()
    }

    /// What the customer has consented to, or has refused.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<CustomerConsent>, Error> {
        child::list::<CustomerConsentAttributes, _>(ctx, self.uid).await
    }

    /// The third-party services where the customer itself is registered. Those of its contacts are
    /// the contacts' `extensions`.
    async fn extensions(&self, ctx: &Context<'_>) -> Result<Vec<CustomerExtension>, Error> {
        let is_own = |it: &CustomerExtensionAttributes| it.contact_id.is_none();
        child::list_where(ctx, self.uid, is_own).await
    }

    /// The numbers under which your own companies are suppliers to the customer, in order.
    async fn supplier_numbers(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<SupplierNumberAtCustomer>, Error> {
        child::list::<SupplierNumberAtCustomerAttributes, _>(ctx, self.uid).await
    }
}
