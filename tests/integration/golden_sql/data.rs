//! The data, with enough rows of each type for realistic plans.

use serde_json::{Value, json};

const AREAS: usize = 40;
const STORES: usize = 1_000;
const PROGRAMS: usize = 120;
const PROFILES: usize = 600;

fn group_id(number: usize) -> String {
    format!("customer-group_019b8d2d06e870008000{number:012x}")
}

/// The custom attributes of customers: key, type, whether it is a list, unique and searchable, and choices.
const ATTRIBUTES: [(&str, &str, [bool; 3], &[&str]); 5] = [
    ("card", "TEXT", [false, true, true], &[]),
    ("note", "TEXT", [false, false, false], &[]),
    ("shoeSize", "NUMBER", [false, false, true], &[]),
    ("store", "CHOICE", [false, false, true], &["Bergen", "Oslo", "Tromsø"]),
    ("topics", "TEXT", [true, false, true], &[]),
];

fn attribute(
    (key, value_type, [is_list, is_unique, is_searchable], choices): (
        &str,
        &str,
        [bool; 3],
        &[&str],
    ),
) -> Value {
    json!({
        "type": "AttributeDefinition", "noun": "CUSTOMER", "key": key, "valueType": value_type, "isList": is_list,
        "isUnique": is_unique, "isSearchable": is_searchable, "choices": choices,
    })
}

fn area(number: usize) -> Value {
    json!({
        "type": "CustomerGroup", "id": group_id(1 + number), "externalId": format!("area-{number}"),
        "customerGroupName": format!("Area {number}"), "isGroup": true, "parentId": group_id(0),
        "defaultPriceList": if number.is_multiple_of(4) { json!(format!("Area {number}")) } else { Value::Null },
    })
}

fn store(number: usize) -> Value {
    json!({
        "type": "CustomerGroup", "id": group_id(100 + number), "externalId": format!("store-{number}"),
        "customerGroupName": format!("Store {number}"), "parentId": group_id(1 + number % AREAS),
        "attributes": { "budget": { "amount": number.to_string(), "currency": "NOK" } },
    })
}

fn program(number: usize) -> Value {
    let tiers: Vec<Value> = ["Silver", "Gold", "Platinum"]
        .iter()
        .enumerate()
        .map(|(place, name)| json!({ "tierName": name, "minSpent": (place * 100).to_string(), "collectionFactor": "1" }))
        .collect();
    json!({
        "type": "LoyaltyProgram", "externalId": format!("program-{number}"),
        "loyaltyProgramName": format!("Program {number}"), "fromDate": "2026-01-01",
        "collections": tiers,
    })
}

/// A surname without digits for each number. A thousand of them differ.
fn surname(number: usize) -> String {
    let letter = |divisor: usize| char::from(b"abdefgkmno"[number / divisor % 10]);
    format!("{}{}{}sen", letter(1), letter(10), letter(100))
}

fn customer(number: usize) -> Value {
    let one_in = |count: usize| number.is_multiple_of(count);
    let (kinds, stores) = (["INDIVIDUAL", "COMPANY", "PARTNERSHIP"], ["Bergen", "Oslo", "Tromsø"]);
    json!({
        "type": "Customer", "externalId": format!("c-{number}"),
        "customerName": format!("Ibrahim {number}"),
        "customerType": kinds[number % 3],
        "emailId": format!("c-{number}@example.com"),
        "mobileNo": if one_in(50) { Value::Null } else { json!(format!("+47 {number:08}")) },
        "taxId": format!("T-{number}"), "territory": format!("North {}", number % 200),
        "disabled": one_in(100), "isFrozen": one_in(101),
        "defaultPriceList": if one_in(50) { json!(format!("Own {}", number % 20)) } else { Value::Null },
        "credit": { "limit": (number % 1_000).to_string() },
        "customerGroupId": group_id(100 + number % STORES),
        "loyaltyProgram": if one_in(2) { json!(format!("program-{}", number % PROGRAMS)) } else { Value::Null },
        "addresses": [{
            "city": format!("City {}", number % 500), "postalCode": format!("{:04}", number % 900), "isPrimary": true,
        }],
        "contacts": [{
            "firstName": "Ana", "lastName": surname(number), "emailId": format!("contact-{number}@example.com"), "isPrimary": true,
            "extensions": [{ "extensionCode": "crm" }],
        }],
        "consents": [{ "name": if one_in(40) { "newsletter" } else { "terms" }, "status": true }],
        "extensions": [{ "extensionCode": "web" }],
        "supplierNumbers": [{ "company": "Luna", "supplierNumber": number.to_string() }],
        "attributes": {
            "card": format!("card {number}"),
            "note": if one_in(3) { json!("Likes tea") } else { Value::Null },
            "shoeSize": if one_in(5) { Value::Null } else { json!(((number % 40) + 70).to_string()) },
            "store": stores[number % 3],
            "topics": if one_in(10) { json!(["Wine", format!("Topic {}", number % 100)]) } else { Value::Null },
        },
    })
}

fn profile(number: usize) -> Value {
    json!({
        "type": "PosProfile", "posProfileId": format!("till-{number}"),
        "posCustomerGroups": [{ "customerGroupId": group_id(1 + number % AREAS) }],
    })
}

/// A file for `clientele import all`, with this many customers.
pub fn lines(customers: usize) -> String {
    let root = json!({
        "type": "CustomerGroup", "id": group_id(0), "externalId": "all", "customerGroupName": "All",
        "isGroup": true,
    });
    let rows = ATTRIBUTES
        .into_iter()
        .map(attribute)
        .chain([
            json!({ "type": "AttributeDefinition", "noun": "CUSTOMER_GROUP", "key": "budget", "valueType": "MONEY" }),
            root,
        ])
        .chain((0..AREAS).map(area))
        .chain((0..STORES).map(store))
        .chain((0..PROGRAMS).map(program))
        .chain((0..customers).map(customer))
        .chain((0..PROFILES).map(profile));
    rows.map(|row| row.to_string()).collect::<Vec<_>>().join("\n")
}

/// The query for the ids and cursors that [`variables`] needs.
pub const QUERY: &str = r#"{
    customer(externalId: "c-77") { id }
    otherCustomer: customer(externalId: "c-78") { id }
    customers(first: 100, orderBy: { field: CUSTOMER_NAME }) { pageInfo { endCursor } }
    loyaltyProgram(externalId: "program-6") { id collections { id } }
    topics: attributeDefinition(noun: CUSTOMER, key: "topics") { id }
    store: attributeDefinition(noun: CUSTOMER, key: "store") { id }
}"#;

/// The variables of all operations. `cursor` is that of a list sorted by `CUSTOMER_NAME`.
pub fn variables(found: &Value) -> Value {
    let program = &found["loyaltyProgram"];
    let tiers = program["collections"].as_array().unwrap();
    json!({
        "root": group_id(0), "area": group_id(1 + 7), "group": group_id(100 + 77), "otherGroup": group_id(100 + 78),
        "customer": found["customer"]["id"], "otherCustomer": found["otherCustomer"]["id"],
        "cursor": found["customers"]["pageInfo"]["endCursor"],
        "program": program["id"], "definition": found["topics"]["id"], "choices": found["store"]["id"],
        "tiers": tiers.iter().rev().map(|tier| &tier["id"]).collect::<Vec<_>>(),
    })
}
