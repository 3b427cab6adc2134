//! The demo's customers, and all that is their own.

use super::{
    GOLD_CLUB, Groups,
    loyalty::Programs,
    names::{FIRST_NAMES, LAST_NAMES, TERRITORIES, TITLES, TRADES, Territory},
    slug,
};
use crate::{
    auth::Writer,
    db::{Conn, types::Decimal},
    models::{
        self, Customer,
        child::{Child, ChildAttributes},
        customer::{
            CustomerAttributes, CustomerType,
            address::{AddressType, CustomerAddressAttributes},
            consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes,
            extension::CustomerExtensionAttributes,
        },
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// The one of a list that falls to the `number`th customer.
fn pick(list: &[&'static str], number: usize, salt: usize) -> &'static str {
    let position = (number * 7 + number / list.len() * salt) % list.len();
    list.get(position).copied().unwrap_or_default()
}

fn territory(number: usize) -> Option<&'static Territory> {
    TERRITORIES.get(number * 5 % TERRITORIES.len())
}

const fn is_company(number: usize) -> bool {
    number.is_multiple_of(3)
}

/// The `number`th customer: every third a company, the others people.
pub fn attributes(number: usize, groups: &Groups, programs: &Programs) -> CustomerAttributes {
    let (first, last) = (pick(FIRST_NAMES, number, 3), pick(LAST_NAMES, number, 5));
    let is_company = is_company(number);
    let name = if is_company {
        format!("{last} {}", pick(TRADES, number, 1))
    } else {
        format!("{first} {last}")
    };
    let place = territory(number);
    let of_company = |value: String| is_company.then_some(value);
    let manager = pick(FIRST_NAMES, number, 11);
    let (loyalty_program_id, loyalty_program_tier_id) = programs.of(number, is_company);
    CustomerAttributes {
        external_id: Some(format!("C-{:05}", 10_001 + number)),
        email_id: Some(format!("{}@example.com", slug(&name).replace('-', "."))),
        // A range of numbers that is never given to anyone.
        mobile_no: Some(format!("+44 7700 900{:03}", number % 1_000)),
        customer_type: match (is_company, number.is_multiple_of(21)) {
            (true, true) => CustomerType::Partnership,
            (true, false) => CustomerType::Company,
            (false, _) => CustomerType::Individual,
        },
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        customer_name: name,
        customer_group_id: groups.leaves.get(number * 11 % groups.leaves.len()).copied(),
        territory: place.map(|it| it.name.to_owned()),
        language: place.map(|it| it.language.to_owned()),
        default_currency: place.map(|it| it.currency.to_owned()),
        tax_id: place.and_then(|it| {
            of_company(format!("{}{:09}", it.language.to_uppercase(), 314_159 * (number + 1)))
        }),
        industry: of_company(pick(TRADES, number, 1).to_owned()),
        account_manager: of_company(manager.to_lowercase()),
        account_manager_name: of_company(manager.to_owned()),
        account_manager_code: of_company(format!("{:03}", number % 40)),
        payment_terms: number.is_multiple_of(12).then(|| "Net 14".to_owned()),
        payment_terms_days: number.is_multiple_of(12).then_some(14),
        credit_limit: if is_company { amount(1_000 * (number % 50), 0) } else { None },
        credit_balance: if is_company { amount(37 * number, 25 * number) } else { None },
        default_commission_rate: number.is_multiple_of(15).then(|| "2.5".parse().ok()).flatten(),
        loyalty_id: loyalty_program_id.map(|_| format!("B-{:06}", 7_919 * number % 1_000_000)),
        loyalty_program_id,
        loyalty_program_tier_id,
        ledger_number: of_company(format!("{}", 15_000 + number)),
        origin: Some(if number.is_multiple_of(4) { "Web Shop" } else { "Store" }.into()),
        internal_note: (number % 37 == 36).then(|| "Wants to talk about the invoices.".to_owned()),
        ehf_enabled: is_company && place.is_some_and(|it| it.country == "NO"),
        disabled: number % 23 == 22,
        is_frozen: number % 37 == 36,
        so_required: number % 17 == 16,
        is_internal_customer: number % 139 == 138,
        represents_company: (number % 139 == 138).then(|| "Clientele Demo".to_owned()),
        ..CustomerAttributes::default()
    }
}

fn amount(whole: usize, cents: usize) -> Option<Decimal> {
    format!("{whole}.{:02}", cents % 100).parse().ok()
}

/// Gives the customers their addresses, contacts, consents, extensions and supplier numbers.
pub async fn parts(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Customer],
) -> Result<(), models::Error> {
    insert(tx, writer, customers, addresses).await?;
    insert(tx, writer, customers, contacts).await?;
    insert(tx, writer, customers, consents).await?;
    insert(tx, writer, customers, extensions).await?;
    insert(tx, writer, customers, supplier_numbers).await
}

/// Inserts what `of` says that the `number`th customer has, that of all customers together.
async fn insert<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Customer],
    of: impl Fn(usize, &Customer) -> Vec<A>,
) -> Result<(), models::Error> {
    let mut rows = Vec::new();
    for (number, customer) in customers.iter().enumerate() {
        let child = |(attributes, idx): (A, i32)| {
            let ((id, now), parent) = (writer.new_id(), customer.id);
            Child { id, parent, idx, attributes, created_at: now, updated_at: now }
        };
        rows.extend(of(number, customer).into_iter().zip(1..).map(child));
    }
    // A statement of PostgreSQL has only so many parameters.
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(500));
        A::insert_rows(tx, writer.tenant(), std::mem::replace(&mut rows, rest)).await?;
    }
    Ok(())
}

fn addresses(number: usize, customer: &Customer) -> Vec<CustomerAddressAttributes> {
    let Some(place) = territory(number) else { return Vec::new() };
    let it = &customer.attributes;
    let company = is_company(number).then(|| it.customer_name.clone());
    let person = |name: &Option<String>| if is_company(number) { None } else { name.clone() };
    let delivery = CustomerAddressAttributes {
        is_primary: true,
        company_name: company,
        first_name: person(&it.first_name),
        last_name: person(&it.last_name),
        address: Some(format!("{} {}", place.street, number % 90 + 1)),
        postal_code: Some(format!("{:05}", 1_000 + number * 13)),
        city: Some(place.city.to_owned()),
        country_code: Some(place.country.to_owned()),
        phone: it.mobile_no.clone(),
        ..CustomerAddressAttributes::default()
    };
    let invoice = CustomerAddressAttributes {
        address_type: AddressType::InvoiceAddress,
        is_primary: false,
        address: Some(format!("Postboks {}", 100 + number)),
        email_id: it.email_id.clone(),
        ..delivery.clone()
    };
    if number.is_multiple_of(6) { vec![delivery, invoice] } else { vec![delivery] }
}

fn contacts(number: usize, customer: &Customer) -> Vec<CustomerContactAttributes> {
    if !is_company(number) {
        return Vec::new();
    }
    let contact = |salt: usize, is_primary: bool| {
        let first = pick(FIRST_NAMES, number + salt, 3);
        let last = pick(LAST_NAMES, number + salt, 5);
        CustomerContactAttributes {
            is_primary,
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            title: Some(pick(TITLES, number + salt, 1).to_owned()),
            email_id: Some(format!("{}@example.com", slug(first))),
            mobile_no: if is_primary { customer.attributes.mobile_no.clone() } else { None },
            ..CustomerContactAttributes::default()
        }
    };
    if number.is_multiple_of(12) {
        vec![contact(0, true), contact(5, false)]
    } else {
        vec![contact(0, true)]
    }
}

fn consents(number: usize, _customer: &Customer) -> Vec<CustomerConsentAttributes> {
    let consent = |name: &str, status| CustomerConsentAttributes {
        external_id: None,
        name: name.to_owned(),
        status,
        source: Some(if number.is_multiple_of(4) { "Web Shop" } else { "Till" }.into()),
    };
    let newsletter = consent("Newsletter", number.is_multiple_of(3));
    if number.is_multiple_of(GOLD_CLUB) {
        vec![newsletter, consent("Text Messages", !number.is_multiple_of(2))]
    } else {
        vec![newsletter]
    }
}

fn extensions(number: usize, _customer: &Customer) -> Vec<CustomerExtensionAttributes> {
    let extension = CustomerExtensionAttributes {
        extension_code: "TWO_INVOICE".to_owned(),
        organization_uid: Some(format!("{}", 990_000_000 + number)),
        ..CustomerExtensionAttributes::default()
    };
    if number.is_multiple_of(12) { vec![extension] } else { Vec::new() }
}

fn supplier_numbers(
    number: usize,
    _customer: &Customer,
) -> Vec<SupplierNumberAtCustomerAttributes> {
    let supplier_number =
        |company: &str, supplier_number: usize| SupplierNumberAtCustomerAttributes {
            external_id: None,
            company: Some(company.to_owned()),
            supplier_number: format!("S-{supplier_number}"),
        };
    if number.is_multiple_of(9) {
        vec![
            supplier_number("Clientele Demo", 4_000 + number),
            supplier_number("Clientele Demo Nordic", 9_000 + number),
        ]
    } else {
        Vec::new()
    }
}
