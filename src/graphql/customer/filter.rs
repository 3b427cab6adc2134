//! What clients filter and order customers by.

use async_graphql::{Enum, ID, InputObject};

use super::CustomerType;
use crate::{
    graphql::{
        error::Error,
        filter::{
            BooleanFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, Tests, TextFilter,
            enum_filter, filter, term, terms, uids,
        },
        order::order,
        pos_profile::profile_name,
    },
    id::NodeType,
    models::{
        customer::{CustomerExact, CustomerFlag, CustomerSort, CustomerTest, CustomerText},
        filter::Filter,
    },
};

order! {
    /// An order of customers.
    CustomerOrder by CustomerOrderField makes CustomerSort
}

/// What customers can be ordered by. Texts are ordered ignoring case and accents; a missing
/// value counts as less than any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CustomerOrderField {
    /// When they were created.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// The name.
    CustomerName,
    /// The e-mail address.
    EmailId,
    /// The number of the mobile phone.
    MobileNo,
    /// The tax id.
    TaxId,
    /// The most that the customer may owe, as a number.
    CreditLimit,
    /// What the customer owes, as a number.
    CreditBalance,
}

impl From<CustomerOrderField> for CustomerSort {
    fn from(field: CustomerOrderField) -> Self {
        match field {
            CustomerOrderField::CreatedAt => Self::CreatedAt,
            CustomerOrderField::UpdatedAt => Self::UpdatedAt,
            CustomerOrderField::CustomerName => Self::Text(CustomerText::Name),
            CustomerOrderField::EmailId => Self::Text(CustomerText::Email),
            CustomerOrderField::MobileNo => Self::Text(CustomerText::Mobile),
            CustomerOrderField::TaxId => Self::Text(CustomerText::TaxId),
            CustomerOrderField::CreditLimit => Self::CreditLimit,
            CustomerOrderField::CreditBalance => Self::CreditBalance,
        }
    }
}

filter! {
    /// Filter for customers. All given conditions must hold; at most 100 in all.
    CustomerFilter makes CustomerTest {
        /// The name, the e-mail address, the mobile number or the tax id contains this text.
        search: String => |it| Ok(Filter::Is(CustomerTest::Search(term(it)?))),
        /// The name.
        customer_name: TextFilter =>
            |it| it.tests(|test| CustomerTest::Text(CustomerText::Name, test)),
        /// The e-mail address.
        email_id: TextFilter => |it| it.tests(|test| CustomerTest::Text(CustomerText::Email, test)),
        /// The number of the mobile phone.
        mobile_no: TextFilter =>
            |it| it.tests(|test| CustomerTest::Text(CustomerText::Mobile, test)),
        /// The tax id.
        tax_id: TextFilter => |it| it.tests(|test| CustomerTest::Text(CustomerText::TaxId, test)),
        /// The id that the client chose.
        external_id: ExactFilter => |it| it.tests(CustomerTest::ExternalId),
        /// The kind of customer.
        customer_type: CustomerTypeFilter => |it| it.tests(CustomerTest::Type),
        /// The groups that the customer is in.
        customer_group: CustomerMembershipFilter => CustomerMembershipFilter::tests,
        /// The loyalty program.
        loyalty_program_id: IdFilter =>
            |it| it.tests(NodeType::LoyaltyProgram, CustomerTest::LoyaltyProgram),
        /// The tier of the loyalty program.
        loyalty_program_tier_id: IdFilter =>
            |it| it.tests(NodeType::LoyaltyProgramCollection, CustomerTest::LoyaltyProgramTier),
        /// What the customer has consented to.
        consent: CustomerConsentStatusFilter => CustomerConsentStatusFilter::tests,
        /// The customers that this POS profile may sell to: those in the groups that it has links
        /// to, or below them, or everyone, if it sells to everyone; except disabled ones. It is named
        /// by the id that the server gave, or by the one in the system that has the profile. One that
        /// does not exist is an error (`NOT_FOUND`); one that has no links and does not sell to
        /// everyone matches nothing.
        pos_profile_id: String => pos_scope,
        /// The sales territory.
        territory: ExactFilter =>
            |it| it.tests(|test| CustomerTest::Exact(CustomerExact::Territory, test)),
        /// Who looks after the customer.
        account_manager: ExactFilter =>
            |it| it.tests(|test| CustomerTest::Exact(CustomerExact::AccountManager, test)),
        /// The number of the loyalty card or membership.
        loyalty_id: ExactFilter =>
            |it| it.tests(|test| CustomerTest::Exact(CustomerExact::LoyaltyId, test)),
        /// The number in the ledger.
        ledger_number: ExactFilter =>
            |it| it.tests(|test| CustomerTest::Exact(CustomerExact::LedgerNumber, test)),
        /// The id at the points of sale.
        customer_pos_id: ExactFilter =>
            |it| it.tests(|test| CustomerTest::Exact(CustomerExact::CustomerPosId, test)),
        /// The most that the customer may owe.
        credit_limit: DecimalFilter => |it| it.tests(CustomerTest::CreditLimit),
        /// What the customer owes.
        credit_balance: DecimalFilter => |it| it.tests(CustomerTest::CreditBalance),
        /// When the customer was created.
        created_at: DateTimeFilter => |it| it.tests(CustomerTest::CreatedAt),
        /// When the customer was last changed.
        updated_at: DateTimeFilter => |it| it.tests(CustomerTest::UpdatedAt),
        /// Is the customer one of your own companies?
        is_internal_customer: BooleanFilter =>
            |it| it.tests(|value| CustomerTest::Flag(CustomerFlag::IsInternalCustomer, value)),
        /// Is the customer closed for new transactions?
        disabled: BooleanFilter =>
            |it| it.tests(|value| CustomerTest::Flag(CustomerFlag::Disabled, value)),
        /// Are the customer's accounts frozen?
        is_frozen: BooleanFilter =>
            |it| it.tests(|value| CustomerTest::Flag(CustomerFlag::IsFrozen, value)),
        /// May the customer be invoiced without a sales order?
        so_required: BooleanFilter =>
            |it| it.tests(|value| CustomerTest::Flag(CustomerFlag::SoRequired, value)),
        /// May the customer be invoiced without a delivery note?
        dn_required: BooleanFilter =>
            |it| it.tests(|value| CustomerTest::Flag(CustomerFlag::DnRequired, value)),
    }
}

enum_filter! {
    /// Conditions on the kind of customer. All given ones must hold.
    CustomerTypeFilter(CustomerType)
}

/// Condition on the groups that a customer is in.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerMembershipFilter {
    /// Is in one of these groups; at most 1,000. An id that does not exist matches nothing.
    #[graphql(name = "in")]
    is_in: Vec<ID>,
    /// Or in any group below one of them.
    #[graphql(default = false)]
    include_descendants: bool,
}

/// Condition on what a customer has consented to.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentStatusFilter {
    /// Has a consent of one of these names; at most 1,000.
    #[graphql(name = "in")]
    is_in: Vec<String>,
    /// That was given (`true`), or refused (`false`).
    #[graphql(default = true)]
    status: bool,
}

impl CustomerMembershipFilter {
    fn tests(self) -> Tests<CustomerTest> {
        let groups = uids(&self.is_in, NodeType::CustomerGroup)?;
        let include_descendants = self.include_descendants;
        Ok(Filter::Is(CustomerTest::Group { groups, include_descendants }))
    }
}

impl CustomerConsentStatusFilter {
    fn tests(self) -> Tests<CustomerTest> {
        let names = terms(self.is_in)?;
        Ok(Filter::Is(CustomerTest::Consent { names, status: self.status }))
    }
}

fn pos_scope(profile: String) -> Tests<CustomerTest> {
    let profile = term(profile)?;
    if profile.trim().is_empty() {
        // No profile can have that name.
        return Err(Error::bad_input("filter: posProfileId must not be empty"));
    }
    Ok(Filter::Is(CustomerTest::PosScope(profile_name(&profile))))
}
