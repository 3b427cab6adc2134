//! A customer's addresses.

use super::{CustomerAttributes, search::text};
use crate::{
    db::types::stored_as_text,
    id::NodeType,
    models::{
        Violation,
        attribute::{
            Choice, Country, Defaulted, Derived, Email, Filterable, Flag, Folded, Keyed, Line,
            LongText, Optional, Phone, attributes,
        },
        child::{Child, ChildAttributes, ChildChange, NewChild},
        filter::NoTest,
        search::{KeyKind, SearchedField, SearchedText},
        search_key::fold,
    },
};

pub type CustomerAddress = Child<CustomerAddressAttributes>;

attributes! {
    customer_addresses;
    /// The writable attributes of an address.
    pub struct CustomerAddressAttributes {
        /// ID chosen by the client. Unique among the addresses of all customers.
        external_id: Filterable<Optional<Line>>,
        /// Purpose of the address.
        address_type: Filterable<Defaulted<Choice<AddressType>>>,
        /// Whether it is the customer's primary address. A customer has at most one: making another address
        /// primary replaces it. `customerCreate` accepts at most one primary address.
        #[serde(skip)]
        is_primary: Filterable<Defaulted<Flag>>,
        /// Title of the address in lists. Default: derived from the recipient and the place.
        display_name: Optional<Line>,
        /// Company name of the recipient.
        company_name: Optional<Line>,
        /// First name of the recipient.
        first_name: Optional<Line>,
        /// Last name of the recipient.
        last_name: Optional<Line>,
        /// Street and any other lines above the city; can have several lines.
        address: Optional<LongText>,
        /// Postal code.
        postal_code: Filterable<Optional<Line>>,
        /// City.
        #[filter = "City, compared ignoring case and accents."]
        city: Folded<Optional<Line>>,
        /// Region, like a state, a province or a county.
        region: Optional<Line>,
        /// Country; an ISO 3166-1 code of two capital letters, like `NO`.
        country_code: Filterable<Optional<Country>>,
        /// Phone number. Any format is accepted.
        #[filter = "Phone number, compared in E.164: any spelling matches."]
        phone: Keyed<Optional<Phone>>,
        /// E-mail address, like `name@example.com`.
        #[filter = "E-mail address, compared ignoring case and accents."]
        email_id: Keyed<Optional<Email>>,
        /// The folded city.
        #[serde(skip)]
        city_key: Derived<Option<String>>,
    }
}

stored_as_text! {
    /// The purpose of an address.
    #[derive(Default)]
    pub enum AddressType {
        #[default]
        DeliveryAddress = "DELIVERY_ADDRESS",
        InvoiceAddress = "INVOICE_ADDRESS",
        PostalAddress = "POSTAL_ADDRESS",
        VisitingAddress = "VISITING_ADDRESS",
        OtherAddress = "OTHER_ADDRESS",
    }
}

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

impl ChildAttributes for CustomerAddressAttributes {
    type Parent = CustomerAttributes;
    type New = NewChild<Self>;
    type Change = ChildChange<Self>;
    const FIELD: &str = "addresses";
    const NODE_TYPE: NodeType = NodeType::CustomerAddress;

    const SHOWS_PLACE: bool = false;

    const SEARCHED: &'static [SearchedText<Self>] = &[
        text(SearchedField::AddressPhone, KeyKind::Phone, &["phone"], |it| it.phone.clone()),
        text(SearchedField::AddressEmailId, KeyKind::Email, &["email_id"], |it| {
            it.email_id.clone()
        }),
        text(SearchedField::AddressCity, KeyKind::Words, &["city"], |it| it.city.clone()),
        text(SearchedField::AddressPostalCode, KeyKind::PostalCode, &["postal_code"], |it| {
            it.postal_code.clone()
        }),
    ];

    type Test = NoTest;

    fn derive(&mut self) {
        self.city_key = self.city.as_deref().map(fold);
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        (self.is_primary && other.is_primary).then(Violation::second_primary)
    }

    fn is_primary(&self) -> bool {
        self.is_primary
    }

    fn set_primary(&mut self, is_primary: bool) {
        self.is_primary = is_primary;
    }
}
