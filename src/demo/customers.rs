//! The demo's customers, with the objects that belong to them.

use super::{
    GOLD_CLUB, Groups, NEWSLETTER, STAFF,
    loyalty::Programs,
    names::{COMPANY, FIRST_NAMES, LAST_NAMES, PLACES, Place, SEGMENTS, TITLES, TRADES},
    slug,
};
use crate::{
    db::types::Decimal,
    models::{
        customer::{
            CustomerAttributes, CustomerLists, CustomerType, NewContact, NewCustomer,
            address::{AddressType, CustomerAddressAttributes},
            consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes,
            extension::CustomerExtensionAttributes,
        },
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// Picks an item of a list for the `number`th customer.
fn pick<T: Copy + Default>(list: &[T], number: usize, salt: usize) -> T {
    let position = (number * 7 + number / list.len() * salt) % list.len();
    list.get(position).copied().unwrap_or_default()
}

/// Picks one of these names, which have spaces between them.
fn pick_name(names: &'static str, number: usize, salt: usize) -> &'static str {
    let names: Vec<&str> = names.split(' ').collect();
    pick(&names, number, salt)
}

/// The value for every `count`th customer; `None` for the others.
fn every<T>(count: usize, number: usize, value: T) -> Option<T> {
    (number % count == count - 1).then_some(value)
}

/// The text for every `count`th customer; `None` for the others.
fn text(count: usize, number: usize, text: &str) -> Option<String> {
    every(count, number, text.to_owned())
}

const fn is_company(number: usize) -> bool {
    number.is_multiple_of(3)
}

/// A person who was registered twice, with two spellings of the same phone number.
const REGISTERED_TWICE: (usize, usize) = (400, 419);

/// The number of the customer from whom the `number`th one takes its name, place and e-mail
/// address.
const fn same_person(number: usize) -> usize {
    let (first, second) = REGISTERED_TWICE;
    if number == second { first } else { number }
}

/// The `number`th customer: every third is a company, in a group of its business; the others are
/// people, in the group of their city.
pub fn customer(number: usize, groups: &Groups, programs: &Programs) -> NewCustomer {
    let place = pick(PLACES, same_person(number), 2);
    let (_, business) = pick(TRADES, number, 1);
    let group = if is_company(number) { business } else { place.city };
    let mut attributes = attributes(number, place);
    attributes.customer_group_id = groups.named(group);
    (attributes.loyalty_program_id, attributes.loyalty_program_tier_id) =
        programs.of(number, is_company(number));
    if attributes.loyalty_program_id.is_some() {
        attributes.loyalty_id = Some(format!("B-{:06}", 7_919 * number % 1_000_000));
    }
    let clubs = [("Newsletter", NEWSLETTER), ("Gold Club", GOLD_CLUB), ("Staff", STAFF)];
    let clubs = clubs.into_iter().filter(|(_, every)| number.is_multiple_of(*every));
    let contacts = contacts(number, &attributes).into_iter().map(NewContact::into_parts);
    let (contacts, extensions_of_contacts) = contacts.unzip();
    NewCustomer {
        group_ids: clubs.filter_map(|(club, _)| groups.named(club)).collect(),
        lists: CustomerLists {
            addresses: addresses(number, place, &attributes),
            contacts,
            consents: consents(number),
            extensions: extensions(number, "TWO_INVOICE", 12).collect(),
            supplier_numbers: supplier_numbers(number),
        },
        extensions_of_contacts,
        attributes,
        stays_out: false,
    }
}

fn attributes(number: usize, place: Place) -> CustomerAttributes {
    let person = same_person(number);
    let (first, last) = (pick_name(FIRST_NAMES, person, 3), pick_name(LAST_NAMES, person, 5));
    let (trade, _) = pick(TRADES, number, 1);
    let is_company = is_company(number);
    let prefix = if person == number { "+44 7700 900" } else { "0044 7700-900" };
    let name = if is_company { format!("{last} {trade}") } else { format!("{first} {last}") };
    let of_company = |value: String| is_company.then_some(value);
    let manager = pick_name(FIRST_NAMES, number, 11);
    let is_internal = number % 139 == 138;
    CustomerAttributes {
        external_id: Some(format!("C-{:05}", 10_001 + number)),
        display_name: of_company(last.to_owned()),
        email_id: Some(format!("{}@example.com", slug(&name).replace('-', "."))),
        // A range of numbers that is reserved for fiction.
        mobile_no: Some(format!("{prefix}{:03}", person % 1_000)),
        website: of_company(format!("https://{}.example", slug(&name))),
        image: every(15, number, format!("https://pictures.example/{}.jpg", slug(&name))),
        customer_type: match (is_company, number.is_multiple_of(21)) {
            (true, true) => CustomerType::Partnership,
            (true, false) => CustomerType::Company,
            (false, _) => CustomerType::Individual,
        },
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        gender: (!is_company).then(|| pick(&["female", "male", "other"], number, 1).to_owned()),
        territory: Some(place.territory.to_owned()),
        language: Some(place.language.to_owned()),
        default_currency: Some(place.currency.to_owned()),
        tax_id: of_company(format!("{}{:09}", place.country, 314_159 * (number + 1))),
        tax_category: of_company(if number.is_multiple_of(2) { "Domestic" } else { "EU" }.into()),
        tax_withholding_category: text(33, number, "Services"),
        tax_withholding_group: text(33, number, "Contractors"),
        industry: of_company(trade.to_owned()),
        market_segment: of_company(pick(SEGMENTS, number, 1).to_owned()),
        account_manager: of_company(slug(manager)),
        account_manager_name: of_company(manager.to_owned()),
        account_manager_code: of_company(format!("{:03}", number % 40)),
        customer_pos_id: every(5, number, format!("{:06}", 400_000 + number)),
        customer_details: text(10, number, "Delivers to the back door.\nRing twice."),
        internal_note: text(37, number, "Wants to talk about the invoices."),
        default_price_list: text(18, number, "Wholesale 2026"),
        default_bank_account: text(18, number, "Operating Account"),
        payment_terms: number.is_multiple_of(12).then(|| "Net 14".to_owned()),
        payment_terms_days: number.is_multiple_of(12).then_some(14),
        default_sales_partner: text(15, number, "Agentur Nord"),
        default_commission_rate: every(15, number, "2.5").and_then(|rate| rate.parse().ok()),
        credit_limit: if is_company { amount(1_000 * (number % 50), 0) } else { None },
        credit_balance: if is_company { amount(37 * number, 25 * number) } else { None },
        lead_name: every(24, number, format!("LEAD-{number:05}")),
        opportunity_name: every(48, number, format!("OPP-{number:05}")),
        prospect_name: every(60, number, format!("Prospect {last}")),
        ledger_number: of_company(format!("{}", 15_000 + number)),
        origin: Some(if number.is_multiple_of(4) { "Web Shop" } else { "Store" }.into()),
        ehf_enabled: is_company && place.country == "NO",
        disabled: number % 23 == 22,
        is_frozen: number % 37 == 36,
        so_required: number % 17 == 16,
        dn_required: number % 34 == 33,
        is_internal_customer: is_internal,
        represents_company: is_internal.then(|| COMPANY.to_owned()),
        customer_name: name,
        ..CustomerAttributes::default()
    }
}

fn amount(whole: usize, cents: usize) -> Option<Decimal> {
    format!("{whole}.{:02}", cents % 100).parse().ok()
}

/// Everyone has a delivery address; some have one of each other type.
fn addresses(
    number: usize,
    place: Place,
    of: &CustomerAttributes,
) -> Vec<CustomerAddressAttributes> {
    let person = |name: &Option<String>| if is_company(number) { None } else { name.clone() };
    let delivery = CustomerAddressAttributes {
        external_id: Some(format!("A-{number:05}")),
        is_primary: true,
        company_name: is_company(number).then(|| of.customer_name.clone()),
        first_name: person(&of.first_name),
        last_name: person(&of.last_name),
        address: Some(format!("{} {}", place.street, number % 90 + 1)),
        postal_code: Some(place.postal_code.to_owned()),
        city: Some(place.city.to_owned()),
        region: Some(place.region.to_owned()),
        country_code: Some(place.country.to_owned()),
        phone: of.mobile_no.clone(),
        ..CustomerAddressAttributes::default()
    };
    let others = [
        (AddressType::InvoiceAddress, 6, "Accounts Payable"),
        (AddressType::PostalAddress, 12, "Post Box"),
        (AddressType::VisitingAddress, 18, "Front Desk"),
        (AddressType::OtherAddress, 24, "Warehouse"),
    ];
    let other = |(address_type, _, name): (AddressType, usize, &str)| CustomerAddressAttributes {
        external_id: None,
        address_type,
        is_primary: false,
        display_name: Some(name.to_owned()),
        address: Some(format!("{name}\n{} {}", place.street, number % 90 + 2)),
        email_id: of.email_id.clone(),
        ..delivery.clone()
    };
    let others = others.into_iter().filter(|(_, every, _)| number.is_multiple_of(*every));
    let others: Vec<_> = others.map(other).collect();
    [vec![delivery], others].concat()
}

/// Each company has a contact, and some have a second one.
fn contacts(number: usize, of: &CustomerAttributes) -> Vec<NewContact> {
    let contact = |place: usize| {
        let number = number + 5 * place;
        let (first, last) = (pick_name(FIRST_NAMES, number, 3), pick_name(LAST_NAMES, number, 5));
        let is_primary = place == 0;
        let attributes = CustomerContactAttributes {
            external_id: is_primary.then(|| format!("K-{number:05}")),
            is_primary,
            display_name: (!is_primary).then(|| format!("{first} (on Mondays)")),
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            title: Some(pick(TITLES, number, 1).to_owned()),
            email_id: Some(format!("{}.{}@example.com", slug(first), slug(last))),
            mobile_no: if is_primary { of.mobile_no.clone() } else { None },
            ..CustomerContactAttributes::default()
        };
        NewContact { attributes, extensions: extensions(number, "SCHEDULER", 9).collect() }
    };
    let count = match (is_company(number), number.is_multiple_of(12)) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    (0..count).map(contact).collect()
}

fn consents(number: usize) -> Vec<CustomerConsentAttributes> {
    let consent = |name: &str, status| CustomerConsentAttributes {
        external_id: Some(format!("{}-{number:05}", slug(name))),
        name: name.to_owned(),
        status,
        source: Some(if number.is_multiple_of(4) { "Web Shop" } else { "Till" }.into()),
        ..CustomerConsentAttributes::default()
    };
    let newsletter = consent("Newsletter", number.is_multiple_of(NEWSLETTER));
    let messages = consent("Text Messages", !number.is_multiple_of(2));
    if number.is_multiple_of(GOLD_CLUB) { vec![newsletter, messages] } else { vec![newsletter] }
}

fn extensions(
    number: usize,
    code: &'static str,
    every: usize,
) -> impl Iterator<Item = CustomerExtensionAttributes> {
    let extension = number.is_multiple_of(every).then(|| CustomerExtensionAttributes {
        external_id: Some(format!("{}-{number:05}", slug(code))),
        extension_code: code.to_owned(),
        organization_uid: Some(format!("{}", 990_000_000 + number)),
        ..CustomerExtensionAttributes::default()
    });
    extension.into_iter()
}

fn supplier_numbers(number: usize) -> Vec<SupplierNumberAtCustomerAttributes> {
    let supplier_number = |company: Option<&str>, supplier_number: usize| {
        let supplier_number = format!("S-{supplier_number}");
        SupplierNumberAtCustomerAttributes {
            external_id: Some(supplier_number.clone()),
            company: company.map(str::to_owned),
            supplier_number,
        }
    };
    if !number.is_multiple_of(9) {
        return Vec::new();
    }
    let mut numbers = vec![
        supplier_number(Some(COMPANY), 4_000 + number),
        supplier_number(Some("Clientele Demo Nordic"), 9_000 + number),
    ];
    if number.is_multiple_of(27) {
        numbers.push(supplier_number(None, 14_000 + number));
    }
    numbers
}
