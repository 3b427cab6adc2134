//! The writable attributes of a customer, and their rules.

use serde::{Deserialize, Deserializer, de};

use crate::{
    db::{
        schema::customers,
        types::{Decimal, stored_as_text},
    },
    models::{
        CustomerGroup, LoyaltyProgram,
        attribute::{
            AttributeValue, CardNumber, Choice, Count, Currency, Defaulted, Email, Filterable,
            Flag, Keyed, Line, LongText, NotNegative, Number, Optional, Patch, Phone, Reference,
            Required, Searchable, Sortable, Url, attributes,
        },
        loyalty_program_collection::LoyaltyProgramCollection,
    },
};

attributes! {
    customers;
    /// The writable attributes of a customer, named as in the REST documents.
    pub struct CustomerAttributes {
        /// ID chosen by the client. Unique among the customers.
        external_id: Filterable<Optional<Line>>,
        /// Name of the company, or full name of the person. Need not be unique.
        #[filter = "Name of the customer."]
        customer_name: Searchable<Required<Line>>,
        /// Legal form of the customer.
        customer_type: Filterable<Defaulted<Choice<CustomerType>>>,
        /// First name of the person, or of the company's contact person.
        first_name: Optional<Line>,
        /// Last name of the person, or of the company's contact person.
        last_name: Optional<Line>,
        /// Gender of the person; free text.
        gender: Filterable<Optional<Line>>,
        /// E-mail address, like `name@example.com`.
        #[filter = "E-mail address."]
        email_id: Searchable<Optional<Email>>,
        /// Mobile phone number. Any format is accepted.
        #[filter = "Mobile phone number. `eq` and `in` match any spelling, by E.164."]
        mobile_no: Keyed<Searchable<Optional<Phone>>>,
        /// URL of the website, which starts with `http://` or `https://`.
        website: Optional<Url>,
        /// URL of a picture, which starts with `http://` or `https://`.
        image: Optional<Url>,
        /// Language for correspondence; free text, like `nb`.
        language: Filterable<Optional<Line>>,
        /// ID of the primary group. The customer becomes a member of it. In an update, the customer also
        /// stays a member of the previous primary group.
        #[serde(skip)]
        customer_group_id: Optional<Reference<CustomerGroup>>,
        /// Sales territory; an identifier from another system.
        territory: Filterable<Optional<Line>>,
        /// Market segment; free text.
        market_segment: Filterable<Optional<Line>>,
        /// Industry; free text.
        industry: Filterable<Optional<Line>>,
        /// Account manager; a user of another system.
        account_manager: Filterable<Optional<Line>>,
        /// ID of the customer at the points of sale. Unique among the customers.
        customer_pos_id: Filterable<Optional<Line>>,
        /// Notes that may be printed on documents; can have several lines.
        customer_details: Optional<LongText>,
        /// Tax ID, like a VAT number. The format is not validated.
        #[filter = "Tax ID."]
        tax_id: Searchable<Optional<Line>>,
        /// Tax category; an identifier from another system.
        tax_category: Optional<Line>,
        /// Withholding tax category; an identifier from another system.
        tax_withholding_category: Optional<Line>,
        /// Withholding tax group; an identifier from another system.
        tax_withholding_group: Optional<Line>,
        /// Billing currency; an ISO 4217 code of three capital letters, like `EUR`.
        default_currency: Filterable<Optional<Currency>>,
        /// Price list; an identifier from another system.
        default_price_list: Optional<Line>,
        /// Company bank account that the customer pays to; an identifier from another system.
        default_bank_account: Optional<Line>,
        /// Payment terms; a name from another system.
        payment_terms: Optional<Line>,
        /// Sales partner; an identifier from another system.
        default_sales_partner: Optional<Line>,
        /// Commission of the sales partner, in percent: `"2.5"` is 2.5%.
        default_commission_rate: Optional<Number>,
        /// Lead that became the customer; an identifier from another system.
        lead_name: Optional<Line>,
        /// Opportunity that became the customer; an identifier from another system.
        opportunity_name: Optional<Line>,
        /// Prospect that became the customer; an identifier from another system.
        prospect_name: Optional<Line>,
        /// Your own company that an internal customer represents; an identifier from another system.
        represents_company: Optional<Line>,
        /// Short name for display. Default: `customerName`.
        display_name: Optional<Line>,
        /// Name of the account manager.
        account_manager_name: Optional<Line>,
        /// Code of the account manager at the points of sale.
        account_manager_code: Optional<Line>,
        /// Number of the loyalty card or membership. Unique among the customers.
        #[filter = "Number of the loyalty card or membership, compared ignoring case and separators."]
        loyalty_id: Keyed<Optional<CardNumber>>,
        /// ID of the loyalty program that the customer takes part in. If the program has a customer group,
        /// the customer must be in that group or in a group below it. Changing the program clears the tier
        /// unless a tier is given. If `customerCreate` omits this field, the customer joins the matching
        /// program with `autoOptIn`; `null` opts out.
        #[serde(skip)]
        loyalty_program_id: Filterable<Optional<Reference<LoyaltyProgram>>>,
        /// ID of the tier that the customer is in. Must belong to the customer's loyalty program.
        #[serde(skip)]
        loyalty_program_tier_id: Filterable<Optional<Reference<LoyaltyProgramCollection>>>,
        /// Customer number in the ledger of another system. Need not be unique.
        ledger_number: Filterable<Optional<Line>>,
        /// Source of the customer, like a system, a shop or a campaign.
        origin: Optional<Line>,
        /// Notes for internal use only, not for printing; can have several lines.
        internal_note: Optional<LongText>,
        /// Payment period, in days.
        #[serde(deserialize_with = "whole_number")]
        payment_terms_days: Optional<Count>,
        /// Maximum amount that the customer may owe. 0 means no limit; `null` leaves the limit to the
        /// customer's groups and to the tenant.
        #[filter = "The customer's own credit limit. A limit of 0 means no limit. Amounts in different currencies are compared as numbers."]
        #[order = "Credit limit, numerically."]
        credit_limit as "credit.limit": Sortable<Filterable<Optional<NotNegative>>>,
        /// Amount that the customer owes. Negative if the customer is in credit.
        #[filter = "Credit balance. Amounts in different currencies are compared as numbers."]
        #[order = "Credit balance, numerically."]
        credit_balance as "credit.balance": Sortable<Filterable<Optional<Number>>>,
        /// Whether the customer accepts invoices in EHF, the Norwegian e-invoice format.
        ehf_enabled: Defaulted<Flag>,
        /// Whether the customer is one of your own companies.
        is_internal_customer: Filterable<Defaulted<Flag>>,
        /// Whether the customer is closed to new transactions. POS profiles exclude disabled customers.
        disabled: Filterable<Defaulted<Flag>>,
        /// Whether the customer's accounts are frozen.
        is_frozen: Filterable<Defaulted<Flag>>,
        /// Whether the customer can be invoiced without a sales order. `true` allows it, despite the field's
        /// name.
        so_required: Filterable<Defaulted<Flag>>,
        /// Whether the customer can be invoiced without a delivery note. `true` allows it, despite the
        /// field's name.
        dn_required: Filterable<Defaulted<Flag>>,
    }

    fn patch(&mut self, patch) {
        let program = self.loyalty_program_id;
        patch.apply(self);
        // A tier belongs to a program, so a new program clears the tier unless one is given.
        if self.loyalty_program_id != program {
            self.loyalty_program_tier_id.take_if(|_| !patch.sets::<customers::loyalty_program_tier_id>());
        }
    }
}

impl Patch<CustomerAttributes> {
    /// Whether a new customer stays out of all loyalty programs, even those with `autoOptIn`.
    pub fn opts_out(&self) -> bool {
        self.value_of::<customers::loyalty_program_id>() == Some(&AttributeValue::Null)
    }

    /// Sets the credit limit, or clears it.
    pub fn set_credit_limit(&mut self, limit: Option<Decimal>) {
        self.set_column::<customers::credit_limit>(AttributeValue::from(limit));
    }

    /// Sets the credit balance, or clears it.
    pub fn set_credit_balance(&mut self, balance: Option<Decimal>) {
        self.set_column::<customers::credit_balance>(AttributeValue::from(balance));
    }
}

impl CustomerAttributes {
    /// The short name for display: its own, or the customer's name.
    pub fn display_name(&self) -> String {
        self.display_name.as_ref().unwrap_or(&self.customer_name).clone()
    }
}

/// Parses a whole number, which is text in a CSV file.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be a whole number")]
    enum Spelling {
        Number(i32),
        Text(String),
    }
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Spelling::Number(number)) => Ok(Some(number)),
        Some(Spelling::Text(text)) => {
            let number = text.trim().parse().map_err(|_invalid| "must be a whole number");
            number.map(Some).map_err(de::Error::custom)
        }
    }
}

stored_as_text! {
    /// The legal form of a customer.
    #[derive(Default)]
    pub enum CustomerType {
        #[default]
        Company = "COMPANY",
        Individual = "INDIVIDUAL",
        Partnership = "PARTNERSHIP",
    }
}
