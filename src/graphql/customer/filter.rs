//! What clients filter and order customers by.

use async_graphql::{Enum, ID, InputObject};

use super::CustomerType;
use crate::{
    graphql::{
        connection::OrderDirection,
        error::Error,
        filter::{
            BooleanFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, TextFilter,
            check_size, term, terms, uids,
        },
    },
    id::NodeType,
    models::{
        customer::{CustomerExact, CustomerFlag, CustomerSort, CustomerTest, CustomerText},
        filter::Filter,
        pos_profile::PosProfileName,
    },
};

/// An order of customers.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerOrder {
    /// What to order by.
    field: CustomerOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What customers can be ordered by. Texts are ordered ignoring case and accents; what is missing
/// comes before all others.
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

impl Default for CustomerOrder {
    fn default() -> Self {
        Self { field: CustomerOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

impl From<CustomerOrder> for (CustomerSort, bool) {
    fn from(order: CustomerOrder) -> Self {
        let sort = match order.field {
            CustomerOrderField::CreatedAt => CustomerSort::CreatedAt,
            CustomerOrderField::UpdatedAt => CustomerSort::UpdatedAt,
            CustomerOrderField::CustomerName => CustomerSort::Text(CustomerText::Name),
            CustomerOrderField::EmailId => CustomerSort::Text(CustomerText::Email),
            CustomerOrderField::MobileNo => CustomerSort::Text(CustomerText::Mobile),
            CustomerOrderField::TaxId => CustomerSort::Text(CustomerText::TaxId),
            CustomerOrderField::CreditLimit => CustomerSort::CreditLimit,
            CustomerOrderField::CreditBalance => CustomerSort::CreditBalance,
        };
        (sort, order.direction == OrderDirection::Desc)
    }
}

/// Filter for customers. All given conditions must hold; at most 100 in all.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerFilter {
    /// All of these hold.
    and: Option<Vec<CustomerFilter>>,
    /// Any of these holds.
    or: Option<Vec<CustomerFilter>>,
    /// This does not hold.
    not: Option<Box<CustomerFilter>>,
    /// The name, the e-mail address, the mobile number or the tax id has this text somewhere within.
    search: Option<String>,
    /// The name.
    customer_name: Option<TextFilter>,
    /// The e-mail address.
    email_id: Option<TextFilter>,
    /// The number of the mobile phone.
    mobile_no: Option<TextFilter>,
    /// The tax id.
    tax_id: Option<TextFilter>,
    /// The id that the client chose.
    external_id: Option<ExactFilter>,
    /// The kind of customer.
    customer_type: Option<CustomerTypeFilter>,
    /// The groups that the customer is in.
    customer_group: Option<CustomerMembershipFilter>,
    /// The loyalty program.
    loyalty_program_id: Option<IdFilter>,
    /// The tier of the loyalty program.
    loyalty_program_tier_id: Option<IdFilter>,
    /// What the customer has consented to.
    consent: Option<CustomerConsentFilter>,
    /// The customers that this POS profile (by its id here, or in the system that has it) may sell to:
    /// those in the groups that it has links to, or below them, save for disabled ones. A profile
    /// without links is not restricted.
    pos_profile_id: Option<String>,
    /// The sales territory.
    territory: Option<ExactFilter>,
    /// Who looks after the customer.
    account_manager: Option<ExactFilter>,
    /// The number of the loyalty card or membership.
    loyalty_id: Option<ExactFilter>,
    /// The number in the ledger.
    ledger_number: Option<ExactFilter>,
    /// The id at the points of sale.
    customer_pos_id: Option<ExactFilter>,
    /// The most that the customer may owe.
    credit_limit: Option<DecimalFilter>,
    /// What the customer owes.
    credit_balance: Option<DecimalFilter>,
    /// When the customer was created.
    created_at: Option<DateTimeFilter>,
    /// When the customer was last changed.
    updated_at: Option<DateTimeFilter>,
    /// Is the customer a company of one's own?
    is_internal_customer: Option<BooleanFilter>,
    /// Is the customer closed for new transactions?
    disabled: Option<BooleanFilter>,
    /// Are the customer's accounts frozen?
    is_frozen: Option<BooleanFilter>,
    /// May the customer be invoiced without a sales order?
    so_required: Option<BooleanFilter>,
    /// May the customer be invoiced without a delivery note?
    dn_required: Option<BooleanFilter>,
}

/// Conditions on the kind of customer. All given ones must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerTypeFilter {
    /// Is of this kind.
    eq: Option<CustomerType>,
    /// Is of one of these kinds.
    #[graphql(name = "in")]
    is_in: Option<Vec<CustomerType>>,
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
pub struct CustomerConsentFilter {
    /// Has a consent of one of these names; at most 1,000.
    #[graphql(name = "in")]
    is_in: Vec<String>,
    /// That was given (`true`), or refused (`false`).
    #[graphql(default = true)]
    status: bool,
}

impl CustomerFilter {
    pub fn tests(filter: Option<Self>) -> Result<Filter<CustomerTest>, Error> {
        check_size(filter.map(Self::into_tests).transpose()?.unwrap_or_default())
    }

    fn into_tests(self) -> Result<Filter<CustomerTest>, Error> {
        let many = |filters: Vec<Self>| filters.into_iter().map(Self::into_tests).collect();
        let mut tests = Vec::new();
        tests.extend(self.and.map(many).transpose()?.map(Filter::All));
        tests.extend(self.or.map(many).transpose()?.map(Filter::Any));
        let not = self.not.map(|filter| filter.into_tests()).transpose()?;
        tests.extend(not.map(|filter| Filter::Not(Box::new(filter))));
        if let Some(text) = self.search {
            tests.push(Filter::Is(CustomerTest::Search(term(text)?)));
        }
        for (text, filter) in [
            (CustomerText::Name, self.customer_name),
            (CustomerText::Email, self.email_id),
            (CustomerText::Mobile, self.mobile_no),
            (CustomerText::TaxId, self.tax_id),
        ] {
            let filter = filter.map(|it| it.tests(|test| CustomerTest::Text(text, test)));
            tests.extend(filter.transpose()?);
        }
        if let Some(filter) = self.external_id {
            tests.push(filter.tests(CustomerTest::ExternalId)?);
        }
        for (text, filter) in [
            (CustomerExact::Territory, self.territory),
            (CustomerExact::AccountManager, self.account_manager),
            (CustomerExact::LoyaltyId, self.loyalty_id),
            (CustomerExact::LedgerNumber, self.ledger_number),
            (CustomerExact::CustomerPosId, self.customer_pos_id),
        ] {
            let filter = filter.map(|it| it.tests(|test| CustomerTest::Exact(text, test)));
            tests.extend(filter.transpose()?);
        }
        if let Some(filter) = self.loyalty_program_id {
            tests.push(filter.tests(NodeType::LoyaltyProgram, CustomerTest::LoyaltyProgram)?);
        }
        if let Some(filter) = self.loyalty_program_tier_id {
            let node_type = NodeType::LoyaltyProgramCollection;
            tests.push(filter.tests(node_type, CustomerTest::LoyaltyProgramTier)?);
        }
        if let Some(CustomerConsentFilter { is_in, status }) = self.consent {
            let names = terms(is_in)?;
            tests.push(Filter::Is(CustomerTest::Consent { names, status }));
        }
        if let Some(text) = self.pos_profile_id {
            tests.push(Filter::Is(CustomerTest::PosScope(profile_name(&term(text)?)?)));
        }
        tests.extend(self.credit_limit.map(|it| it.tests(CustomerTest::CreditLimit)));
        tests.extend(self.credit_balance.map(|it| it.tests(CustomerTest::CreditBalance)));
        tests.extend(self.created_at.map(|it| it.tests(CustomerTest::CreatedAt)));
        tests.extend(self.updated_at.map(|it| it.tests(CustomerTest::UpdatedAt)));
        if let Some(CustomerTypeFilter { eq, is_in }) = self.customer_type {
            for types in [eq.map(|it| vec![it]), is_in].into_iter().flatten() {
                let types = types.into_iter().map(Into::into).collect();
                tests.push(Filter::Is(CustomerTest::Type(types)));
            }
        }
        if let Some(CustomerMembershipFilter { is_in, include_descendants }) = self.customer_group {
            let groups = uids(&is_in, NodeType::CustomerGroup)?;
            tests.push(Filter::Is(CustomerTest::Group { groups, include_descendants }));
        }
        for (flag, filter) in [
            (CustomerFlag::IsInternalCustomer, self.is_internal_customer),
            (CustomerFlag::Disabled, self.disabled),
            (CustomerFlag::IsFrozen, self.is_frozen),
            (CustomerFlag::SoRequired, self.so_required),
            (CustomerFlag::DnRequired, self.dn_required),
        ] {
            tests.extend(filter.map(|filter| Filter::Is(CustomerTest::Flag(flag, filter.eq))));
        }
        Ok(Filter::All(tests))
    }
}

/// Reads how a filter names a POS profile. An empty name would be that of a profile without links.
fn profile_name(text: &str) -> Result<PosProfileName, Error> {
    if let Some(uid) = NodeType::PosProfile.parse(text) {
        return Ok(PosProfileName::Id(uid));
    }
    match text.trim() {
        "" => Err(Error::bad_input("filter: posProfileId must not be empty")),
        text => Ok(PosProfileName::Text(text.to_owned())),
    }
}
