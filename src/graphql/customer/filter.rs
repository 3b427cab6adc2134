//! Filters of customers.

use async_graphql::{ID, InputObject};

use super::CustomerType;
use crate::{
    graphql::{
        error::Error,
        filter::{
            DateTimeFilter, DecimalFilter, Tests, TextFilter, enum_filter, filter, term, terms,
            uids,
        },
        pos_profile::profile_name,
    },
    id::NodeType,
    models::{
        customer::{CustomerAttributes, CustomerTest, CustomerText},
        filter::Filter,
    },
};

filter! {
    /// Filter for customers. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    CustomerFilter of CustomerAttributes makes CustomerTest {
        /// Text contained in the name, the e-mail address, the mobile phone number or the tax ID,
        /// ignoring case and accents; up to 255 characters.
        search: String => |it| Ok(Filter::Is(CustomerTest::Search(term(it)?))),
        /// Name of the customer.
        customer_name: TextFilter =>
            |it| it.tests(|test| CustomerTest::Text(CustomerText::Name, test)),
        /// E-mail address.
        email_id: TextFilter => |it| it.tests(|test| CustomerTest::Text(CustomerText::Email, test)),
        /// Mobile phone number.
        mobile_no: TextFilter =>
            |it| it.tests(|test| CustomerTest::Text(CustomerText::Mobile, test)),
        /// Tax ID.
        tax_id: TextFilter => |it| it.tests(|test| CustomerTest::Text(CustomerText::TaxId, test)),
        /// Legal form of the customer.
        customer_type: CustomerTypeFilter => |it| it.tests(CustomerTest::Type),
        /// Groups that the customer is a member of.
        customer_group: CustomerMembershipFilter => CustomerMembershipFilter::tests,
        /// Consents that the customer gave or refused.
        consent: CustomerConsentStatusFilter => CustomerConsentStatusFilter::tests,
        /// Customers that this POS profile may sell to: members of its linked groups and of the
        /// groups below them, or everyone if it sells to everyone, but never disabled customers.
        /// Takes the profile's `id` or `posProfileId`. A profile that does not exist causes the
        /// error `NOT_FOUND`; one without links that does not sell to everyone matches nothing.
        pos_profile_id: String => pos_scope,
        /// Credit limit. A limit of 0 means no limit, as `null` does.
        credit_limit: DecimalFilter => |it| it.tests(CustomerTest::CreditLimit),
        /// Credit balance.
        credit_balance: DecimalFilter => |it| it.tests(CustomerTest::CreditBalance),
        /// When the customer was created.
        created_at: DateTimeFilter => |it| it.tests(CustomerTest::CreatedAt),
        /// When the customer was last changed.
        updated_at: DateTimeFilter => |it| it.tests(CustomerTest::UpdatedAt),
    }
}

enum_filter! {
    /// Filter for legal forms of customers. All given conditions must match.
    CustomerTypeFilter(CustomerType)
}

/// Filter for customers by the groups that they are members of.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerMembershipFilter {
    /// Is a member of one of the groups with these IDs; at most 1,000. An ID that does not exist
    /// matches nothing.
    #[graphql(name = "in")]
    is_in: Vec<ID>,
    /// Whether members of the groups below them match, too.
    #[graphql(default = false)]
    include_descendants: bool,
}

/// Filter for customers by their consents.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerConsentStatusFilter {
    /// Has a consent with one of these names; at most 1,000. Names are compared exactly, including
    /// case.
    #[graphql(name = "in")]
    is_in: Vec<String>,
    /// Whether that consent was given (`true`) or refused (`false`).
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
        // No profile can have an empty name.
        return Err(Error::bad_input("filter: posProfileId must not be empty"));
    }
    Ok(Filter::Is(CustomerTest::PosScope(profile_name(&profile))))
}
