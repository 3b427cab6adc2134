//! The writable attributes of a customer, and their rules.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Text};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::filter::CustomerText;
use crate::{
    db::{
        pick::columns_of,
        schema::customers,
        types::{Decimal, Uid, stored_as_text},
    },
    models::{Error, Violations},
};

columns_of! {
    customers;
    /// The writable attributes of a customer, named as in the REST documents.
    #[derive(
        Clone,
        Debug,
        Default,
        PartialEq,
        Eq,
        Insertable,
        Queryable,
        Selectable,
        Serialize,
        Deserialize,
    )]
    #[diesel(table_name = customers)]
    #[diesel(treat_none_as_default_value = false)]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    pub struct CustomerAttributes {
        pub external_id: Option<String>,
        pub customer_name: String,
        pub customer_type: CustomerType,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub gender: Option<String>,
        pub email_id: Option<String>,
        pub mobile_no: Option<String>,
        pub website: Option<String>,
        pub image: Option<String>,
        pub language: Option<String>,
        /// The primary group, which is also one of the customer's memberships.
        #[serde(skip)]
        pub customer_group_id: Option<Uid>,
        pub territory: Option<String>,
        pub market_segment: Option<String>,
        pub industry: Option<String>,
        pub account_manager: Option<String>,
        pub customer_pos_id: Option<String>,
        pub customer_details: Option<String>,
        pub tax_id: Option<String>,
        pub tax_category: Option<String>,
        pub tax_withholding_category: Option<String>,
        pub tax_withholding_group: Option<String>,
        pub default_currency: Option<String>,
        pub default_price_list: Option<String>,
        pub default_bank_account: Option<String>,
        pub payment_terms: Option<String>,
        pub default_sales_partner: Option<String>,
        /// In percent.
        pub default_commission_rate: Option<Decimal>,
        pub lead_name: Option<String>,
        pub opportunity_name: Option<String>,
        pub prospect_name: Option<String>,
        pub represents_company: Option<String>,
        /// Short name for display. Default: the customer's name.
        pub display_name: Option<String>,
        pub account_manager_name: Option<String>,
        pub account_manager_code: Option<String>,
        /// The number of the customer's loyalty card.
        pub loyalty_id: Option<String>,
        #[serde(skip)]
        pub loyalty_program_id: Option<Uid>,
        /// A tier of that program.
        #[serde(skip)]
        pub loyalty_program_tier_id: Option<Uid>,
        pub ledger_number: Option<String>,
        pub origin: Option<String>,
        pub internal_note: Option<String>,
        #[serde(deserialize_with = "whole_number")]
        pub payment_terms_days: Option<i32>,
        #[serde(rename = "credit.limit")]
        pub credit_limit: Option<Decimal>,
        #[serde(rename = "credit.balance")]
        pub credit_balance: Option<Decimal>,
        pub ehf_enabled: bool,
        pub is_internal_customer: bool,
        pub disabled: bool,
        pub is_frozen: bool,
        pub so_required: bool,
        pub dn_required: bool,
    }
}

impl CustomerAttributes {
    /// The short name for display: its own, or the customer's name.
    pub fn display_name(&self) -> String {
        self.display_name.as_ref().unwrap_or(&self.customer_name).clone()
    }

    /// Normalizes the attributes and runs the checks that need no database.
    pub fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.required_line("customerName", &mut self.customer_name);
        violations.email("emailId", &mut self.email_id);
        violations.url("website", &mut self.website);
        violations.url("image", &mut self.image);
        violations.currency("defaultCurrency", &mut self.default_currency);
        violations.text("customerDetails", &mut self.customer_details);
        violations.text("internalNote", &mut self.internal_note);
        violations.not_negative("paymentTermsDays", self.payment_terms_days);
        violations.not_negative("credit.limit", self.credit_limit);
        for (field, value) in [
            ("externalId", &mut self.external_id),
            ("firstName", &mut self.first_name),
            ("lastName", &mut self.last_name),
            ("gender", &mut self.gender),
            ("mobileNo", &mut self.mobile_no),
            ("language", &mut self.language),
            ("territory", &mut self.territory),
            ("marketSegment", &mut self.market_segment),
            ("industry", &mut self.industry),
            ("accountManager", &mut self.account_manager),
            ("customerPosId", &mut self.customer_pos_id),
            ("taxId", &mut self.tax_id),
            ("taxCategory", &mut self.tax_category),
            ("taxWithholdingCategory", &mut self.tax_withholding_category),
            ("taxWithholdingGroup", &mut self.tax_withholding_group),
            ("defaultPriceList", &mut self.default_price_list),
            ("defaultBankAccount", &mut self.default_bank_account),
            ("paymentTerms", &mut self.payment_terms),
            ("defaultSalesPartner", &mut self.default_sales_partner),
            ("leadName", &mut self.lead_name),
            ("opportunityName", &mut self.opportunity_name),
            ("prospectName", &mut self.prospect_name),
            ("representsCompany", &mut self.represents_company),
            ("displayName", &mut self.display_name),
            ("accountManagerName", &mut self.account_manager_name),
            ("accountManagerCode", &mut self.account_manager_code),
            ("loyaltyId", &mut self.loyalty_id),
            ("ledgerNumber", &mut self.ledger_number),
            ("origin", &mut self.origin),
        ] {
            violations.line(field, value);
        }
        violations.finish()
    }

    /// Like [`CustomerAttributes::check`], for a change. Unchanged attributes are not checked,
    /// because they may be older than a rule.
    pub(super) fn check_change(&mut self, before: &Self) -> Result<(), Error> {
        let violations = match self.check() {
            Err(Error::Invalid(violations)) => violations,
            other => return other,
        };
        // Serialized, each field has its API name.
        let (now, before) = (serde_json::to_value(&*self), serde_json::to_value(before));
        let (now, before) = (now.unwrap_or_default(), before.unwrap_or_default());
        let is_changed = |field: &str| now.get(field) != before.get(field);
        let violations = violations.into_iter().filter(|it| is_changed(&it.field.join(".")));
        let mut changed = Violations::default();
        changed.extend(violations);
        changed.finish()
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

columns_of! {
    customers;
    /// The folded texts for searching and sorting customers.
    #[derive(Default, Insertable)]
    #[diesel(table_name = customers)]
    #[diesel(treat_none_as_default_value = false)]
    pub struct CustomerKeys {
        pub customer_name_key: String,
        pub email_id_key: String,
        pub mobile_no_key: String,
        pub tax_id_key: String,
    }
}

impl CustomerKeys {
    pub(super) fn of(attributes: &CustomerAttributes) -> Self {
        Self {
            customer_name_key: CustomerText::Name.key_of(attributes),
            email_id_key: CustomerText::Email.key_of(attributes),
            mobile_no_key: CustomerText::Mobile.key_of(attributes),
            tax_id_key: CustomerText::TaxId.key_of(attributes),
        }
    }
}

/// The legal form of a customer.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    AsExpression,
    FromSqlRow,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "UPPERCASE")]
pub enum CustomerType {
    #[default]
    Company,
    Individual,
    Partnership,
}

stored_as_text!(CustomerType {
    Company = "COMPANY",
    Individual = "INDIVIDUAL",
    Partnership = "PARTNERSHIP",
});
