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

use async_graphql::{ComplexObject, Context};

use super::{
    child,
    customer_group::CustomerGroup,
    error::Error,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    object::{Objects, object},
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    id::NodeType,
    models::{
        self,
        customer::{
            address::CustomerAddressAttributes, contact::CustomerContactAttributes,
            extension::CustomerExtensionAttributes,
        },
        customer_group::CustomerGroupRelation,
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

object! {
    /// A customer: a company, an individual or a partnership.
    Customer(it: models::Customer) {
        /// Globally unique ID, assigned by the server.
        id: NodeType::Customer.id(it.id),
        /// ID chosen by the client. Unique among the customers.
        externalId: it.attributes.external_id,
        /// Name of the company, or full name of the person.
        customerName: it.attributes.customer_name,
        /// Short name for display. Falls back to `customerName`.
        displayName: it.attributes.display_name(),
        /// Legal form of the customer.
        customerType: it.attributes.customer_type,
        /// First name of the person, or of the company's contact person.
        firstName: it.attributes.first_name,
        /// Last name of the person, or of the company's contact person.
        lastName: it.attributes.last_name,
        /// Gender of the person; free text.
        gender: it.attributes.gender,
        /// E-mail address, like `name@example.com`.
        emailId: it.attributes.email_id,
        /// Mobile phone number, in any format.
        mobileNo: it.attributes.mobile_no,
        /// URL of the website. Starts with `http://` or `https://`.
        website: it.attributes.website,
        /// URL of a picture. Starts with `http://` or `https://`.
        image: it.attributes.image,
        /// Language for correspondence; free text, like `nb`.
        language: it.attributes.language,
        /// Sales territory; an identifier from another system.
        territory: it.attributes.territory,
        /// Market segment; free text.
        marketSegment: it.attributes.market_segment,
        /// Industry; free text.
        industry: it.attributes.industry,
        /// Account manager; a user of another system.
        accountManager: it.attributes.account_manager,
        /// Name of the account manager.
        accountManagerName: it.attributes.account_manager_name,
        /// Code of the account manager at the points of sale.
        accountManagerCode: it.attributes.account_manager_code,
        /// ID of the customer at the points of sale. Unique among the customers.
        customerPosId: it.attributes.customer_pos_id,
        /// Notes that may be printed on documents; can have several lines.
        customerDetails: it.attributes.customer_details,
        /// Notes for internal use only, not for printing; can have several lines.
        internalNote: it.attributes.internal_note,
        /// Number of the loyalty card or membership. Unique among the customers.
        loyaltyId: it.attributes.loyalty_id,
        /// Customer number in the ledger of another system. Need not be unique.
        ledgerNumber: it.attributes.ledger_number,
        /// Source of the customer, like a system, a shop or a campaign.
        origin: it.attributes.origin,
        /// Tax ID, like a VAT number. The format is not validated.
        taxId: it.attributes.tax_id,
        /// Tax category; an identifier from another system.
        taxCategory: it.attributes.tax_category,
        /// Withholding tax category; an identifier from another system.
        taxWithholdingCategory: it.attributes.tax_withholding_category,
        /// Withholding tax group; an identifier from another system.
        taxWithholdingGroup: it.attributes.tax_withholding_group,
        /// Billing currency; an ISO 4217 code of three capital letters, like `EUR`.
        defaultCurrency: it.attributes.default_currency,
        /// Price list; an identifier from another system.
        defaultPriceList: it.attributes.default_price_list,
        /// Company bank account that the customer pays to; an identifier from another system.
        defaultBankAccount: it.attributes.default_bank_account,
        /// Payment terms; a name from another system.
        paymentTerms: it.attributes.payment_terms,
        /// Payment period, in days.
        paymentTermsDays: it.attributes.payment_terms_days,
        /// Whether the customer accepts invoices in EHF, the Norwegian e-invoice format.
        ehfEnabled: it.attributes.ehf_enabled,
        /// Sales partner; an identifier from another system.
        defaultSalesPartner: it.attributes.default_sales_partner,
        /// Commission of the sales partner, in percent: `"2.5"` is 2.5%.
        defaultCommissionRate: it.attributes.default_commission_rate,
        /// Lead that became the customer; an identifier from another system.
        leadName: it.attributes.lead_name,
        /// Opportunity that became the customer; an identifier from another system.
        opportunityName: it.attributes.opportunity_name,
        /// Prospect that became the customer; an identifier from another system.
        prospectName: it.attributes.prospect_name,
        /// Your own company that an internal customer represents; an identifier from another system.
        representsCompany: it.attributes.represents_company,
        /// Whether the customer is one of your own companies.
        isInternalCustomer: it.attributes.is_internal_customer,
        /// Whether the customer is closed to new transactions. POS profiles exclude disabled customers.
        disabled: it.attributes.disabled,
        /// Whether the customer's accounts are frozen.
        isFrozen: it.attributes.is_frozen,
        /// Whether the customer can be invoiced without a sales order. `true` allows it, despite the
        /// field's name.
        soRequired: it.attributes.so_required,
        /// Whether the customer can be invoiced without a delivery note. `true` allows it, despite the
        /// field's name.
        dnRequired: it.attributes.dn_required,
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
        /// Numbers of your own companies as suppliers to the customer, by `idx`.
        supplierNumbers: SupplierNumberAtCustomer,
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
