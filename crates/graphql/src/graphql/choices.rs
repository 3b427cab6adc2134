//! The GraphQL enums of attributes, named as in the models, and their filters.

use async_graphql::{Enum, InputObject};

use crate::models::{self, filter::ExactTest};

/// Defines a filter for an enum: its name in GraphQL, the enum in GraphQL and in the models, and the noun for a value
/// in descriptions. A nullable field adds the operator `is_null`.
macro_rules! enum_filter {
    (
        $(#[$doc:meta])* $Filter:ident($Value:ty as $Stored:ty): $word:literal
        $(, $(#[$null_doc:meta])* $is_null:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct $Filter {
            #[doc = concat!("Equals this ", $word, ".")]
            eq: Option<$Value>,
            #[doc = concat!("Equals one of these ", $word, "s.")]
            #[graphql(name = "in")]
            is_in: Option<Vec<$Value>>,
            $($(#[$null_doc])* $is_null: Option<bool>,)?
        }

        impl From<$Filter> for Vec<ExactTest> {
            fn from(filter: $Filter) -> Self {
                let name = |value| <$Stored>::from(value).name().to_owned();
                let values = [filter.eq.map(|it| vec![it]), filter.is_in].into_iter().flatten();
                let tests = values.map(|it| ExactTest::In(it.into_iter().map(name).collect()));
                $(let tests = tests.chain(filter.$is_null.map(ExactTest::IsNull));)?
                tests.collect()
            }
        }
    };
}

/// Legal forms of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::CustomerType")]
pub enum CustomerType {
    /// A company.
    Company,
    /// A private person.
    Individual,
    /// A partnership.
    Partnership,
}

enum_filter! {
    /// Filter for legal forms of customers. All given conditions must match.
    CustomerTypeFilter(CustomerType as models::customer::CustomerType): "value"
}

/// Purposes of addresses.
#[expect(clippy::enum_variant_names, reason = "the documents name them so")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::address::AddressType")]
pub enum CustomerAddressType {
    /// For deliveries.
    DeliveryAddress,
    /// For invoices.
    InvoiceAddress,
    /// For mail other than invoices.
    PostalAddress,
    /// For visits.
    VisitingAddress,
    /// For any other purpose.
    OtherAddress,
}

enum_filter! {
    /// Filter for purposes of addresses. All given conditions must match.
    CustomerAddressTypeFilter(CustomerAddressType as models::customer::address::AddressType): "value"
}

/// Types of loyalty programs, by the number of tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::loyalty_program::LoyaltyProgramType")]
pub enum LoyaltyProgramType {
    /// At most one tier.
    SingleTierProgram,
    /// Any number of tiers, up to 500.
    MultipleTierProgram,
}

enum_filter! {
    /// Filter for types of loyalty programs. All given conditions must match.
    LoyaltyProgramTypeFilter(LoyaltyProgramType as models::loyalty_program::LoyaltyProgramType): "type",
    /// Whether the type is `null`.
    is_null
}
