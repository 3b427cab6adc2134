//! The inputs for customers.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{
    CustomerType, address::CustomerAddressInput, consent::CustomerConsentInput,
    contact::CustomerContactInput, extension::CustomerExtensionInput,
};
use crate::{
    db::types::Decimal,
    graphql::{
        input::{reference, references, set},
        supplier_number_at_customer::SupplierNumberAtCustomerInput,
    },
    id::NodeType,
    models::customer::{Change, CustomerAttributes, NewCustomer, PrimaryChange},
};

/// Input for `customerCreate`. Text is trimmed, and empty text becomes `null`. Maximum length: 255
/// characters unless stated otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerCreateInput {
    /// Name of the company, or full name of the person; 1 to 255 characters. Need not be unique.
    customer_name: String,
    /// IDs of groups to become a member of, besides the primary one; at most 1,000.
    customer_group_ids: Option<Vec<ID>>,
    /// Addresses; at most 500.
    addresses: Option<Vec<CustomerAddressInput>>,
    /// Contacts; at most 500.
    contacts: Option<Vec<CustomerContactInput>>,
    /// Consents that the customer gave or refused; at most 500.
    consents: Option<Vec<CustomerConsentInput>>,
    /// Registrations of the customer with third-party services; at most 500 including those of its
    /// contacts.
    extensions: Option<Vec<CustomerExtensionInput>>,
    /// Numbers of your own companies as suppliers to the customer, in order; at most 500.
    supplier_numbers: Option<Vec<SupplierNumberAtCustomerInput>>,
    #[graphql(flatten)]
    attributes: CustomerAttributesInput,
}

/// Input for `customerUpdate`. Omitted fields keep their values, and `null` clears a field. Text is
/// trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerUpdateInput {
    /// Name of the company, or full name of the person; 1 to 255 characters. Cannot be cleared.
    customer_name: MaybeUndefined<String>,
    /// ID of the customer's contact to make the primary one; `null` for none.
    primary_contact_id: MaybeUndefined<ID>,
    /// ID of the customer's address to make the primary one; `null` for none.
    primary_address_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    attributes: CustomerAttributesInput,
}

/// The fields of a customer that can be both created and updated.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAttributesInput {
    /// ID chosen by the client. Must be unique among the customers.
    external_id: MaybeUndefined<String>,
    /// Short name for display. Default: `customerName`.
    display_name: MaybeUndefined<String>,
    /// Legal form of the customer. Default: `COMPANY`.
    customer_type: MaybeUndefined<CustomerType>,
    /// First name of the person, or of the company's contact person.
    first_name: MaybeUndefined<String>,
    /// Last name of the person, or of the company's contact person.
    last_name: MaybeUndefined<String>,
    /// Gender of the person; free text.
    gender: MaybeUndefined<String>,
    /// E-mail address, like `name@example.com`.
    email_id: MaybeUndefined<String>,
    /// Mobile phone number, in any format.
    mobile_no: MaybeUndefined<String>,
    /// URL of the website. Must start with `http://` or `https://`; up to 2,048 characters.
    website: MaybeUndefined<String>,
    /// URL of a picture. Must start with `http://` or `https://`; up to 2,048 characters.
    image: MaybeUndefined<String>,
    /// Language for correspondence; free text, like `nb`.
    language: MaybeUndefined<String>,
    /// ID of the primary group. The customer becomes a member of it, and stays a member of the
    /// previous primary group.
    customer_group_id: MaybeUndefined<ID>,
    /// Sales territory; an identifier from another system.
    territory: MaybeUndefined<String>,
    /// Market segment; free text.
    market_segment: MaybeUndefined<String>,
    /// Industry; free text.
    industry: MaybeUndefined<String>,
    /// Account manager; a user of another system.
    account_manager: MaybeUndefined<String>,
    /// Name of the account manager.
    account_manager_name: MaybeUndefined<String>,
    /// Code of the account manager at the points of sale.
    account_manager_code: MaybeUndefined<String>,
    /// ID of the customer at the points of sale. Unique among the customers.
    customer_pos_id: MaybeUndefined<String>,
    /// Notes that may be printed on documents; can have several lines, up to 10,000 characters.
    customer_details: MaybeUndefined<String>,
    /// Notes for internal use only, not for printing; can have several lines, up to 10,000
    /// characters.
    internal_note: MaybeUndefined<String>,
    /// ID of the loyalty program to take part in. If the program has a customer group, the customer
    /// must be in that group or in one below it. Changing the program clears the tier unless a tier
    /// is given. If a new customer omits this field, it joins the matching program with
    /// `autoOptIn`; `null` opts out.
    loyalty_program_id: MaybeUndefined<ID>,
    /// ID of the tier. Must belong to the loyalty program.
    loyalty_program_tier_id: MaybeUndefined<ID>,
    /// Number of the loyalty card or membership. Unique among the customers.
    loyalty_id: MaybeUndefined<String>,
    /// Customer number in the ledger of another system. Need not be unique.
    ledger_number: MaybeUndefined<String>,
    /// Source of the customer, like a system, a shop or a campaign.
    origin: MaybeUndefined<String>,
    /// Credit limit and balance.
    credit: MaybeUndefined<CustomerCreditInput>,
    /// Tax ID, like a VAT number. The format is not validated.
    tax_id: MaybeUndefined<String>,
    /// Tax category; an identifier from another system.
    tax_category: MaybeUndefined<String>,
    /// Withholding tax category; an identifier from another system.
    tax_withholding_category: MaybeUndefined<String>,
    /// Withholding tax group; an identifier from another system.
    tax_withholding_group: MaybeUndefined<String>,
    /// Billing currency; an ISO 4217 code of three capital letters, like `EUR`.
    default_currency: MaybeUndefined<String>,
    /// Price list; an identifier from another system.
    default_price_list: MaybeUndefined<String>,
    /// Company bank account that the customer pays to; an identifier from another system.
    default_bank_account: MaybeUndefined<String>,
    /// Payment terms; a name from another system.
    payment_terms: MaybeUndefined<String>,
    /// Payment period, in days; not negative.
    payment_terms_days: MaybeUndefined<i32>,
    /// Whether the customer accepts invoices in EHF, the Norwegian e-invoice format. Default:
    /// `false`.
    ehf_enabled: MaybeUndefined<bool>,
    /// Sales partner; an identifier from another system.
    default_sales_partner: MaybeUndefined<String>,
    /// Commission of the sales partner, in percent: `"2.5"` is 2.5%.
    default_commission_rate: MaybeUndefined<Decimal>,
    /// Lead that became the customer; an identifier from another system.
    lead_name: MaybeUndefined<String>,
    /// Opportunity that became the customer; an identifier from another system.
    opportunity_name: MaybeUndefined<String>,
    /// Prospect that became the customer; an identifier from another system.
    prospect_name: MaybeUndefined<String>,
    /// Your own company that an internal customer represents; an identifier from another system.
    represents_company: MaybeUndefined<String>,
    /// Whether the customer is one of your own companies. Default: `false`.
    is_internal_customer: MaybeUndefined<bool>,
    /// Whether the customer is closed to new transactions. POS profiles exclude disabled customers.
    /// Default: `false`.
    disabled: MaybeUndefined<bool>,
    /// Whether the customer's accounts are frozen. Default: `false`.
    is_frozen: MaybeUndefined<bool>,
    /// Whether the customer can be invoiced without a sales order. `true` allows it, despite the
    /// field's name. Default: `false`.
    so_required: MaybeUndefined<bool>,
    /// Whether the customer can be invoiced without a delivery note. `true` allows it, despite the
    /// field's name. Default: `false`.
    dn_required: MaybeUndefined<bool>,
}

/// Credit limit and balance of a customer, in its `defaultCurrency`. Omitted fields keep their
/// values, and `null` clears a field.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerCreditInput {
    /// Maximum amount that the customer may owe; not negative. `null` or 0 means no limit.
    limit: MaybeUndefined<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    balance: MaybeUndefined<Decimal>,
}

impl CustomerCreateInput {
    pub fn into_new(self) -> NewCustomer {
        let mut attributes = CustomerAttributes {
            customer_name: self.customer_name,
            ..CustomerAttributes::default()
        };
        let stays_out = self.attributes.loyalty_program_id.is_null();
        self.attributes.into_change()(&mut attributes);
        let groups = self.customer_group_ids.unwrap_or_default();
        let (addresses, consents) = (self.addresses.into_iter(), self.consents.into_iter());
        let (contacts, extensions) = (self.contacts.into_iter(), self.extensions.into_iter());
        let numbers = self.supplier_numbers.into_iter().flatten();
        NewCustomer {
            attributes,
            group_ids: references(&groups, NodeType::CustomerGroup),
            addresses: addresses.flatten().map(CustomerAddressInput::into_attributes).collect(),
            contacts: contacts.flatten().map(CustomerContactInput::into_new).collect(),
            consents: consents.flatten().map(CustomerConsentInput::into_attributes).collect(),
            extensions: extensions.flatten().map(CustomerExtensionInput::into_attributes).collect(),
            supplier_numbers: numbers.map(SupplierNumberAtCustomerInput::into_attributes).collect(),
            stays_out,
        }
    }
}

impl CustomerUpdateInput {
    /// The contact and the address that become primary.
    pub fn primary(&self) -> PrimaryChange {
        let (contact, address) = (self.primary_contact_id.clone(), self.primary_address_id.clone());
        PrimaryChange {
            contact: change(reference(contact, NodeType::CustomerContact)),
            address: change(reference(address, NodeType::CustomerAddress)),
        }
    }

    pub fn into_change(self) -> impl FnOnce(&mut CustomerAttributes) + Send {
        let change = self.attributes.into_change();
        move |it: &mut CustomerAttributes| {
            set(&mut it.customer_name, self.customer_name);
            change(it);
        }
    }
}

impl CustomerAttributesInput {
    fn into_change(self) -> impl FnOnce(&mut CustomerAttributes) + Send {
        let group = reference(self.customer_group_id, NodeType::CustomerGroup);
        let program = reference(self.loyalty_program_id, NodeType::LoyaltyProgram);
        let tier = reference(self.loyalty_program_tier_id, NodeType::LoyaltyProgramCollection);
        let customer_type = self.customer_type.map_value(Into::into);
        let (limit, balance) = match self.credit {
            MaybeUndefined::Value(CustomerCreditInput { limit, balance }) => (limit, balance),
            MaybeUndefined::Null => (MaybeUndefined::Null, MaybeUndefined::Null),
            MaybeUndefined::Undefined => (MaybeUndefined::Undefined, MaybeUndefined::Undefined),
        };
        move |it: &mut CustomerAttributes| {
            self.external_id.update_to(&mut it.external_id);
            set(&mut it.customer_type, customer_type);
            self.display_name.update_to(&mut it.display_name);
            self.account_manager_name.update_to(&mut it.account_manager_name);
            self.account_manager_code.update_to(&mut it.account_manager_code);
            self.internal_note.update_to(&mut it.internal_note);
            let program_before = it.loyalty_program_id;
            program.update_to(&mut it.loyalty_program_id);
            // A tier belongs to a program, so a new program clears the tier unless one is given.
            if it.loyalty_program_id != program_before {
                it.loyalty_program_tier_id = None;
            }
            tier.update_to(&mut it.loyalty_program_tier_id);
            self.loyalty_id.update_to(&mut it.loyalty_id);
            self.ledger_number.update_to(&mut it.ledger_number);
            self.origin.update_to(&mut it.origin);
            limit.update_to(&mut it.credit_limit);
            balance.update_to(&mut it.credit_balance);
            self.payment_terms_days.update_to(&mut it.payment_terms_days);
            set(&mut it.ehf_enabled, self.ehf_enabled);
            self.first_name.update_to(&mut it.first_name);
            self.last_name.update_to(&mut it.last_name);
            self.gender.update_to(&mut it.gender);
            self.email_id.update_to(&mut it.email_id);
            self.mobile_no.update_to(&mut it.mobile_no);
            self.website.update_to(&mut it.website);
            self.image.update_to(&mut it.image);
            self.language.update_to(&mut it.language);
            group.update_to(&mut it.customer_group_id);
            self.territory.update_to(&mut it.territory);
            self.market_segment.update_to(&mut it.market_segment);
            self.industry.update_to(&mut it.industry);
            self.account_manager.update_to(&mut it.account_manager);
            self.customer_pos_id.update_to(&mut it.customer_pos_id);
            self.customer_details.update_to(&mut it.customer_details);
            self.tax_id.update_to(&mut it.tax_id);
            self.tax_category.update_to(&mut it.tax_category);
            self.tax_withholding_category.update_to(&mut it.tax_withholding_category);
            self.tax_withholding_group.update_to(&mut it.tax_withholding_group);
            self.default_currency.update_to(&mut it.default_currency);
            self.default_price_list.update_to(&mut it.default_price_list);
            self.default_bank_account.update_to(&mut it.default_bank_account);
            self.payment_terms.update_to(&mut it.payment_terms);
            self.default_sales_partner.update_to(&mut it.default_sales_partner);
            self.default_commission_rate.update_to(&mut it.default_commission_rate);
            self.lead_name.update_to(&mut it.lead_name);
            self.opportunity_name.update_to(&mut it.opportunity_name);
            self.prospect_name.update_to(&mut it.prospect_name);
            self.represents_company.update_to(&mut it.represents_company);
            set(&mut it.is_internal_customer, self.is_internal_customer);
            set(&mut it.disabled, self.disabled);
            set(&mut it.is_frozen, self.is_frozen);
            set(&mut it.so_required, self.so_required);
            set(&mut it.dn_required, self.dn_required);
        }
    }
}

fn change<T>(value: MaybeUndefined<T>) -> Change<T> {
    match value {
        MaybeUndefined::Undefined => Change::Keep,
        MaybeUndefined::Null => Change::Clear,
        MaybeUndefined::Value(value) => Change::Set(value),
    }
}
