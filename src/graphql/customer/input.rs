//! What clients say of a customer.

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

/// Input of `customerCreate`. Texts have up to 255 characters unless said otherwise; they are
/// trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerCreateInput {
    /// The name, of 1 to 255 characters.
    customer_name: String,
    /// Further groups to be a member of, besides the primary one; at most 1,000.
    customer_group_ids: Option<Vec<ID>>,
    /// The customer's addresses; at most 500.
    addresses: Option<Vec<CustomerAddressInput>>,
    /// The people to talk to at the customer; at most 500.
    contacts: Option<Vec<CustomerContactInput>>,
    /// What the customer has consented to, or has refused; at most 500.
    consents: Option<Vec<CustomerConsentInput>>,
    /// Third-party services where the customer is registered; at most 500 with those of its
    /// contacts.
    extensions: Option<Vec<CustomerExtensionInput>>,
    /// The numbers under which your own companies are suppliers to the customer, in order; at most
    /// 500.
    supplier_numbers: Option<Vec<SupplierNumberAtCustomerInput>>,
    #[graphql(flatten)]
    attributes: CustomerAttributesInput,
}

/// Input of `customerUpdate`: what is not given stays, and `null` clears. Texts have up to 255
/// characters unless said otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerUpdateInput {
    /// The name, of 1 to 255 characters. It cannot be cleared.
    customer_name: MaybeUndefined<String>,
    /// The one of the customer's contacts that is the primary one.
    primary_contact_id: MaybeUndefined<ID>,
    /// The one of the customer's addresses that is the primary one.
    primary_address_id: MaybeUndefined<ID>,
    #[graphql(flatten)]
    attributes: CustomerAttributesInput,
}

/// What may be given of a customer, new or not. Texts have up to 255 characters unless said
/// otherwise; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerAttributesInput {
    /// An id of the client's choosing, unique among the customers.
    external_id: MaybeUndefined<String>,
    /// What the customer is called where space is short; without it, that is the name.
    display_name: MaybeUndefined<String>,
    /// What kind of customer it is. `COMPANY` for a new one.
    customer_type: MaybeUndefined<CustomerType>,
    /// The first name of the person, or of the one to talk to.
    first_name: MaybeUndefined<String>,
    /// The last name of the person, or of the one to talk to.
    last_name: MaybeUndefined<String>,
    /// The gender of the person.
    gender: MaybeUndefined<String>,
    /// The e-mail address.
    email_id: MaybeUndefined<String>,
    /// The number of the mobile phone, as it was given.
    mobile_no: MaybeUndefined<String>,
    /// The address of the web site, which begins with `http://` or `https://`; up to 2,048
    /// characters.
    website: MaybeUndefined<String>,
    /// The address of a picture, which begins with `http://` or `https://`; up to 2,048 characters.
    image: MaybeUndefined<String>,
    /// The language to write to the customer in.
    language: MaybeUndefined<String>,
    /// The primary group, which makes the customer a member. On a change, the membership in the one
    /// before stays.
    customer_group_id: MaybeUndefined<ID>,
    /// The sales territory: an identifier of another system.
    territory: MaybeUndefined<String>,
    /// The segment of the market.
    market_segment: MaybeUndefined<String>,
    /// The industry.
    industry: MaybeUndefined<String>,
    /// Who looks after the customer: a user of another system.
    account_manager: MaybeUndefined<String>,
    /// The name of who looks after the customer.
    account_manager_name: MaybeUndefined<String>,
    /// The code of who looks after the customer, as used at the points of sale.
    account_manager_code: MaybeUndefined<String>,
    /// The customer's id at the points of sale; unique among the customers.
    customer_pos_id: MaybeUndefined<String>,
    /// Anything worth knowing, on several lines; up to 10,000 characters. May be printed on
    /// documents.
    customer_details: MaybeUndefined<String>,
    /// Anything worth knowing that is for your own people only, on several lines; up to 10,000
    /// characters.
    internal_note: MaybeUndefined<String>,
    /// The loyalty program that the customer takes part in. If it is for a customer group, the customer
    /// must be in that, or in one below it. With another program, the tier is cleared, unless one of it
    /// is given. A new customer that is given none joins the one with `autoOptIn` that is for it;
    /// with `null`, it joins none.
    loyalty_program_id: MaybeUndefined<ID>,
    /// The tier of the loyalty program that the customer is in.
    loyalty_program_tier_id: MaybeUndefined<ID>,
    /// The number of the customer's loyalty card or membership; unique among the customers.
    loyalty_id: MaybeUndefined<String>,
    /// The customer's number in the ledger of another system.
    ledger_number: MaybeUndefined<String>,
    /// Where the customer came from: a system, a shop or a campaign.
    origin: MaybeUndefined<String>,
    /// What the customer may owe, and owes.
    credit: MaybeUndefined<CustomerCreditInput>,
    /// The tax id: a VAT number, or what the country has instead.
    tax_id: MaybeUndefined<String>,
    /// The tax category: an identifier of another system.
    tax_category: MaybeUndefined<String>,
    /// The category for withholding tax: an identifier of another system.
    tax_withholding_category: MaybeUndefined<String>,
    /// The group for withholding tax: an identifier of another system.
    tax_withholding_group: MaybeUndefined<String>,
    /// The currency to bill in: an ISO 4217 code.
    default_currency: MaybeUndefined<String>,
    /// The price list: an identifier of another system.
    default_price_list: MaybeUndefined<String>,
    /// The bank account of the company to be paid to: an identifier of another system.
    default_bank_account: MaybeUndefined<String>,
    /// The name of the payment terms, in another system.
    payment_terms: MaybeUndefined<String>,
    /// How many days the customer has to pay; not negative.
    payment_terms_days: MaybeUndefined<i32>,
    /// Does the customer take invoices in the format EHF? `false` for a new one.
    ehf_enabled: MaybeUndefined<bool>,
    /// The sales partner: an identifier of another system.
    default_sales_partner: MaybeUndefined<String>,
    /// The sales partner's commission, in percent.
    default_commission_rate: MaybeUndefined<Decimal>,
    /// The lead that the customer came from: an identifier of another system.
    lead_name: MaybeUndefined<String>,
    /// The opportunity that the customer came from: an identifier of another system.
    opportunity_name: MaybeUndefined<String>,
    /// The prospect that the customer came from: an identifier of another system.
    prospect_name: MaybeUndefined<String>,
    /// The one of your own companies that an internal customer stands for.
    represents_company: MaybeUndefined<String>,
    /// Is the customer one of your own companies? `false` for a new one.
    is_internal_customer: MaybeUndefined<bool>,
    /// Is the customer closed for new transactions? `false` for a new one.
    disabled: MaybeUndefined<bool>,
    /// Are the customer's accounts frozen? `false` for a new one.
    is_frozen: MaybeUndefined<bool>,
    /// May the customer be invoiced without a sales order? `false` for a new one.
    so_required: MaybeUndefined<bool>,
    /// May the customer be invoiced without a delivery note? `false` for a new one.
    dn_required: MaybeUndefined<bool>,
}

/// What a customer may owe, and owes, in its currency: what is not given stays, and `null` clears.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerCreditInput {
    /// The most that the customer may owe; not negative. `null` or 0 means no limit.
    limit: MaybeUndefined<Decimal>,
    /// What the customer owes; less than 0 is what it has to its credit.
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
    /// Which contact and which address it makes the primary one.
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
            // A tier belongs to a program: another program, and no tier, unless one is given.
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
