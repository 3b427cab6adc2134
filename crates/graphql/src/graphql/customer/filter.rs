//! Filters of customers.

use async_graphql::{ID, InputObject};

use super::{Customer, address::CustomerAddress, contact::CustomerContact};
use crate::{
    graphql::{
        custom_attribute::CustomAttributeFilter,
        error::Error,
        filter::{ExactFilter, FilterInput, Tests, filter, term, terms, uids},
        pos_profile::profile_name,
    },
    id::NodeType,
    models::{
        custom_attribute::Noun,
        customer::CustomerTest,
        filter::{Filter, RowTest},
    },
};

filter! {
    /// Filter for customers. All given conditions must match; at most 100 conditions, nested ones
    /// included.
    Customer {
        /// Text contained in the name, the e-mail address, the mobile phone number or the tax ID, ignoring case and
        /// accents; up to 255 characters. Also matches like `customerLookup`, except for typing errors: phone numbers
        /// in any spelling, identifiers with other separators, and words, in any order, from the names of the customer
        /// and its contacts, from cities and from postal codes.
        search: String => search,
        /// Has a contact that meets all of these conditions; `{}` means any contact.
        contact: Box<FilterInput<CustomerContact>> => contact,
        /// Has an address that meets all of these conditions, like `{ city: { eq: "Oslo" } }`; `{}` means
        /// any address.
        address: Box<FilterInput<CustomerAddress>> => address,
        /// Groups that the customer is a member of.
        customerGroup: CustomerMembershipFilter => CustomerMembershipFilter::tests,
        /// Consents that the customer gave or refused.
        consent: CustomerConsentStatusFilter => CustomerConsentStatusFilter::tests,
        /// Customers that this POS profile may sell to: members of its linked groups and of the
        /// groups below them, or everyone if it sells to everyone, but never disabled customers.
        /// Takes the profile's `id` or `posProfileId`. A profile that does not exist causes the
        /// error `NOT_FOUND`; one without links that does not sell to everyone matches nothing.
        posProfileId: String => pos_scope,
        /// Price list in effect, as in `effective`: the customer's own, else that of its primary group,
        /// of the nearest group above that has one, or of the tenant.
        effectivePriceList: ExactFilter => effective_price_list,
        /// Custom attribute of the customer, by its `key`. To combine several, use `and`.
        attribute: CustomAttributeFilter => |it| it.tests(Noun::Customer),
    }
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
    fn tests(self) -> Tests<RowTest<CustomerTest>> {
        let groups = uids(&self.is_in, NodeType::CustomerGroup)?;
        let include_descendants = self.include_descendants;
        Ok(Filter::own(CustomerTest::Group { groups, include_descendants }))
    }
}

impl CustomerConsentStatusFilter {
    fn tests(self) -> Tests<RowTest<CustomerTest>> {
        let names = terms(self.is_in)?;
        Ok(Filter::own(CustomerTest::Consent { names, status: self.status }))
    }
}

fn search(text: String) -> Tests<RowTest<CustomerTest>> {
    Ok(Filter::own(CustomerTest::Search { text: term(text)?, customers: None }))
}

fn contact(filter: Box<FilterInput<CustomerContact>>) -> Tests<RowTest<CustomerTest>> {
    Ok(Filter::own(CustomerTest::Contact(FilterInput::tests(Some(filter))?)))
}

fn address(filter: Box<FilterInput<CustomerAddress>>) -> Tests<RowTest<CustomerTest>> {
    Ok(Filter::own(CustomerTest::Address(FilterInput::tests(Some(filter))?)))
}

fn effective_price_list(filter: ExactFilter) -> Tests<RowTest<CustomerTest>> {
    let own = |test| RowTest::Own(CustomerTest::EffectivePriceList { test, sources: None });
    Ok(filter.tests()?.map(&own))
}

fn pos_scope(profile: String) -> Tests<RowTest<CustomerTest>> {
    let profile = term(profile)?;
    if profile.trim().is_empty() {
        // No profile can have an empty name.
        return Err(Error::bad_input("filter: posProfileId must not be empty"));
    }
    Ok(Filter::own(CustomerTest::PosScope(profile_name(&profile))))
}
