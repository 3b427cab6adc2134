//! A customer's addresses.

use diesel::{
    ExpressionMethods, deserialize::FromSqlRow, expression::AsExpression, prelude::*,
    sql_types::Text,
};
use serde::{Deserialize, Serialize};

use super::{Customer, MaybePrimary};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all,
        pick::columns_of,
        schema::customer_addresses,
        sql::{Column, Condition},
        types::{Uid, stored_as_text},
    },
    models::{
        Error, Violation, Violations,
        child::{Child, ChildAttributes, child_queries},
        filter::ExactTest,
    },
};

const TABLE: &str = "customer_addresses";
const ADDRESS_TYPE: Column = Column::of::<customer_addresses::address_type>(TABLE);
const COUNTRY_CODE: Column = Column::of::<customer_addresses::country_code>(TABLE);
const POSTAL_CODE: Column = Column::of::<customer_addresses::postal_code>(TABLE);

pub type CustomerAddress = Child<CustomerAddressAttributes>;

columns_of! {
    customer_addresses;
    /// The writable attributes of an address.
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
    #[diesel(table_name = customer_addresses)]
    #[diesel(treat_none_as_default_value = false)]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    pub struct CustomerAddressAttributes {
        pub external_id: Option<String>,
        pub address_type: AddressType,
        /// A customer has at most one primary address: the one set last.
        #[serde(skip)]
        pub is_primary: bool,
        pub display_name: Option<String>,
        pub company_name: Option<String>,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        /// The lines above the city.
        pub address: Option<String>,
        pub postal_code: Option<String>,
        pub city: Option<String>,
        pub region: Option<String>,
        /// An ISO 3166-1 code.
        pub country_code: Option<String>,
        pub phone: Option<String>,
        pub email_id: Option<String>,
    }
}

/// The purpose of an address.
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
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AddressType {
    #[default]
    DeliveryAddress,
    InvoiceAddress,
    PostalAddress,
    VisitingAddress,
    OtherAddress,
}

stored_as_text!(AddressType {
    DeliveryAddress = "DELIVERY_ADDRESS",
    InvoiceAddress = "INVOICE_ADDRESS",
    PostalAddress = "POSTAL_ADDRESS",
    VisitingAddress = "VISITING_ADDRESS",
    OtherAddress = "OTHER_ADDRESS",
});

impl CustomerAddressAttributes {
    /// The title of the address in lists: its own, or one derived from the recipient and the place.
    pub fn display_name(&self) -> String {
        let person = joined([&self.first_name, &self.last_name], " ");
        let street = self.address.as_ref().and_then(|text| text.lines().next()).map(str::to_owned);
        let place = [street, self.city.clone()];
        // Without street and city, the other parts of the place.
        let rest = [self.postal_code.clone(), self.region.clone(), self.country_code.clone()];
        let has_place = place.iter().any(Option::is_some);
        let place = place.into_iter().chain(rest.into_iter().filter(|_| !has_place));
        let who = self.company_name.clone().unwrap_or(person);
        let parts = [Some(who)].into_iter().chain(place).flatten().filter(|it| !it.is_empty());
        let derived = parts.collect::<Vec<_>>().join(", ");
        self.display_name.clone().unwrap_or(derived)
    }

    /// The address as printed on a letter.
    pub fn formatted(&self) -> String {
        let lines = [
            self.company_name.clone(),
            Some(joined([&self.first_name, &self.last_name], " ")),
            self.address.clone(),
            Some(joined([&self.postal_code, &self.city], " ")),
            self.region.clone(),
            self.country_code.clone(),
        ];
        let lines = lines.into_iter().flatten().filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn joined<const N: usize>(texts: [&Option<String>; N], separator: &str) -> String {
    texts.into_iter().flatten().cloned().collect::<Vec<_>>().join(separator)
}

/// The filter conditions on an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerAddressTest {
    Type(Vec<AddressType>),
    IsPrimary(bool),
    CountryCode(ExactTest),
    PostalCode(ExactTest),
}

impl ChildAttributes for CustomerAddressAttributes {
    child_queries!(customer_addresses, customer_id, "customers", Customer);

    const SHOWS_PLACE: bool = false;

    type Test = CustomerAddressTest;

    fn test_condition(_tenant: &Tenant, test: &CustomerAddressTest) -> Condition {
        match test {
            CustomerAddressTest::Type(types) => {
                Condition::text_in(ADDRESS_TYPE, types.iter().map(|it| it.name().to_owned()))
            }
            CustomerAddressTest::IsPrimary(value) => Condition::flag(Self::IS_PRIMARY, *value),
            CustomerAddressTest::CountryCode(test) => test.condition(COUNTRY_CODE),
            CustomerAddressTest::PostalCode(test) => test.condition(POSTAL_CODE),
        }
    }

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.text("address", &mut self.address);
        violations.country("countryCode", &mut self.country_code);
        violations.email("emailId", &mut self.email_id);
        for (field, value) in [
            ("externalId", &mut self.external_id),
            ("displayName", &mut self.display_name),
            ("companyName", &mut self.company_name),
            ("firstName", &mut self.first_name),
            ("lastName", &mut self.last_name),
            ("postalCode", &mut self.postal_code),
            ("city", &mut self.city),
            ("region", &mut self.region),
            ("phone", &mut self.phone),
        ] {
            violations.line(field, value);
        }
        violations.finish()
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        (self.is_primary && other.is_primary).then(Violation::second_primary)
    }

    fn yield_to(&mut self, changed: &Self) {
        self.is_primary &= !changed.is_primary;
    }
}
