//! Invalid input: the errors are the same on both databases, and nothing is written.

mod any_text;
mod fields;
mod line_items;
mod lists;
mod loyalty;
mod nested;
mod references;
mod rich_customers;
mod texts;
mod values;

use std::collections::BTreeMap;

use axum::{body::Body, http::StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    support::{
        app::{App, capitalised, post},
        types::{Type, children_of, types, with_lists},
    },
    tenancy::DUMP,
};

/// An id that does not exist, without its prefix.
const NOTHING: &str = "00000000000070008000000000000000";

/// The ids of existing objects, by external id.
type Ids = BTreeMap<String, String>;

/// Creates objects of each type, for mutations that must be rejected. Objects whose external id
/// ends in 9 belong to another customer, program or profile than the rest.
async fn populate(app: &App) -> Ids {
    let mut ids = Ids::new();
    let root = json!({ "customerGroupName": "Root", "externalId": "G-1", "isGroup": true });
    create(app, &mut ids, "customerGroup", root).await;
    for (id, name) in [("G-2", "Leaf"), ("G-3", "Other")] {
        let group = json!({ "customerGroupName": name, "externalId": id, "parentId": ids["G-1"] });
        create(app, &mut ids, "customerGroup", group).await;
    }
    let tier = |id: &str, name: &str, min_spent: &str| json!({ "externalId": id, "tierName": name, "minSpent": min_spent, "collectionFactor": "10" });
    let program = json!({
        "externalId": "P-1", "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
        "toDate": "2026-12-31", "customerGroupId": ids["G-1"],
        "collections": [tier("T-1", "Bronze", "0"), tier("T-2", "Silver", "100"), tier("T-3", "Gold", "200")],
    });
    create(app, &mut ids, "loyaltyProgram", program).await;
    let program = json!({
        "externalId": "P-2", "loyaltyProgramName": "Cards", "fromDate": "2026-01-01",
        "loyaltyProgramType": "SINGLE_TIER_PROGRAM", "collections": [tier("T-9", "All", "0")],
    });
    create(app, &mut ids, "loyaltyProgram", program).await;
    for (id, profile, group) in [
        ("L-1", "POS-1", "G-1"),
        ("L-2", "POS-1", "G-2"),
        ("L-3", "POS-1", "G-3"),
        ("L-9", "POS-2", "G-1"),
    ] {
        let link =
            json!({ "externalId": id, "posProfileId": profile, "customerGroupId": ids[group] });
        create(app, &mut ids, "posCustomerGroup", link).await;
    }
    let customer = json!({
        "customerName": "Ada", "externalId": "C-1", "emailId": "ada@example.com",
        "customerGroupId": ids["G-2"],
        "loyaltyProgramId": ids["P-1"], "loyaltyProgramTierId": ids["T-2"],
        "addresses": [{ "externalId": "A-1", "city": "Oslo", "isPrimary": true }, { "externalId": "A-2" }],
        "contacts": [
            {
                "externalId": "K-1", "firstName": "Ana", "isPrimary": true,
                "extensions": [{ "externalId": "E-3", "extensionCode": "TWO" }],
            },
            { "externalId": "K-2", "firstName": "Bea" },
        ],
        "consents": [
            { "externalId": "N-1", "name": "news", "status": true },
            { "externalId": "N-2", "name": "post", "status": false },
        ],
        "extensions": [
            { "externalId": "E-1", "extensionCode": "ONE" }, { "externalId": "E-2", "extensionCode": "TWO" },
        ],
        "supplierNumbers": [
            { "externalId": "S-1", "supplierNumber": "1", "company": "Nord" },
            { "externalId": "S-2", "supplierNumber": "2", "company": "Sud" },
            { "externalId": "S-3", "supplierNumber": "3" },
        ],
    });
    let named = |it: &Type, number| it.named(&it.external_id(number));
    let customer = with_lists("Customer", customer, |it| json!([named(it, 1), named(it, 2)]));
    create(app, &mut ids, "customer", customer).await;
    let customer = json!({
        "customerName": "Bob", "externalId": "C-2", "taxId": "ES-1",
        "addresses": [{ "externalId": "A-9" }], "contacts": [{ "externalId": "K-9" }],
        "consents": [{ "externalId": "N-9", "name": "news", "status": true }],
        "extensions": [{ "externalId": "E-9", "extensionCode": "ONE" }],
        "supplierNumbers": [{ "externalId": "S-9", "supplierNumber": "9" }],
    });
    let customer = with_lists("Customer", customer, |it| json!([named(it, 9)]));
    create(app, &mut ids, "customer", customer).await;
    for noun in ["CUSTOMER", "CUSTOMER_GROUP", "LOYALTY_PROGRAM", "POS_PROFILE"] {
        let fields = json!({ "type": "TEXT", "isSearchable": true });
        ids.insert(format!("note of {noun}"), app.define(noun, "note", fields).await);
    }
    ids
}

async fn create(app: &App, ids: &mut Ids, name: &str, input: Value) {
    let created = app.create_as(&app.key, name, input).await;
    ids.extend(created.into_iter().map(|(id, external_id)| (external_id, id)));
}

/// A valid input of a mutation, with one of each kind of nested object.
fn new(ids: &Ids, mutation: &str) -> Value {
    match mutation {
        "attributeDefinitionCreate" => json!({ "noun": "CUSTOMER", "key": "new", "type": "TEXT" }),
        "customerCreate" => {
            let input = json!({
                "customerName": "New", "attributes": [{ "key": "note" }],
                "contacts": [{ "extensions": [{ "extensionCode": "NEW" }] }],
            });
            with_lists("Customer", input, |it| json!([(it.new)("New")]))
        }
        "customerGroupCreate" => {
            json!({ "customerGroupName": "New", "attributes": [{ "key": "note" }] })
        }
        "loyaltyProgramCreate" => json!({
            "loyaltyProgramName": "New", "fromDate": "2026-01-01", "attributes": [{ "key": "note" }],
            "collections": [{ "tierName": "New", "collectionFactor": "1" }],
        }),
        "loyaltyProgramCollectionCreate" => json!({
            "loyaltyProgramId": ids["P-1"], "tierName": "New", "minSpent": "7", "collectionFactor": "1",
        }),
        "posCustomerGroupCreate" => {
            json!({ "posProfileId": "POS-2", "customerGroupId": ids["G-2"] })
        }
        "apiKeyCreate" => json!({ "name": "New", "scope": "READ" }),
        "posProfileCreate" => {
            json!({ "posProfileId": "POS-3", "attributes": [{ "key": "note" }] })
        }
        "customerContactCreate" => {
            json!({ "customerId": ids["C-1"], "extensions": [{ "extensionCode": "NEW" }] })
        }
        // The program's tiers, unchanged.
        "loyaltyProgramUpdate" => {
            json!({ "collections": [{ "id": ids["T-1"] }, { "id": ids["T-2"] }, { "id": ids["T-3"] }],
                "attributes": [{ "key": "note" }] })
        }
        "customerUpdate" | "customerGroupUpdate" | "posProfileUpdate" => {
            json!({ "attributes": [{ "key": "note" }] })
        }
        other => {
            let created = other.strip_suffix("Create");
            let Some(created) = created else { return json!({}) };
            let child = children_of("Customer").find(|(_, child)| child.one == created);
            let (_, child) = child.unwrap_or_else(|| panic!("{other} needs a good input"));
            let mut input = (child.new)("New");
            input["customerId"] = json!(ids["C-1"]);
            input
        }
    }
}

/// A mutation that takes an `$input`. If it is an update, it changes the object of the mutation's
/// default external id.
fn change(mutation: &str) -> String {
    if let Some(object) = mutation.strip_suffix("Create") {
        return change_of(mutation, object, "");
    }
    let object = mutation.strip_suffix("Update").unwrap();
    let lookup = match object {
        "customer" => "C-1".to_owned(),
        "loyaltyProgram" => "P-1".to_owned(),
        "posProfile" => "POS-1".to_owned(),
        // The caller inserts the id.
        "attributeDefinition" => "DEFINITION".to_owned(),
        // The tenant of the key needs no argument.
        "tenant" => String::new(),
        _ => types().iter().find(|it| it.one == object).unwrap().external_id(2),
    };
    change_of(mutation, object, &lookup)
}

/// Like [`change`], for the object with this external id.
fn change_of(mutation: &str, object: &str, external_id: &str) -> String {
    let lookup = match external_id {
        "" => String::new(),
        name if ["attributeDefinition", "posProfile"].contains(&object) => {
            format!("id: \"{name}\", ")
        }
        external_id => format!("externalId: \"{external_id}\", "),
    };
    let known_by = if object == "tenant" { "name" } else { "id" };
    format!(
        "mutation($input: {}Input!) {{ it: {mutation}({lookup}input: $input) {{
            it: {object} {{ {known_by} }} userErrors {{ field code message }} }} }}",
        capitalised(mutation)
    )
}

/// The user errors of a payload, or the errors of the response.
fn complaints(answer: &Value) -> Vec<String> {
    let errors = match answer.get("errors") {
        Some(errors) => errors,
        None => {
            assert_eq!(answer["data"]["it"]["it"], Value::Null, "{answer}");
            &answer["data"]["it"]["userErrors"]
        }
    };
    let complaint = |error: &Value| {
        let message = error["message"].as_str().unwrap();
        let (code, place) = match error.get("extensions") {
            Some(extensions) => (&extensions["code"], error.get("path")),
            None => (&error["code"], error.get("field")),
        };
        let place = place.map_or_else(String::new, |place| format!(" {place}"));
        format!("{}{place}: {message}", code.as_str().unwrap())
    };
    let errors = errors.as_array().unwrap();
    assert!(!errors.is_empty(), "{answer}");
    errors.iter().map(complaint).collect()
}

/// Sends a request that must be rejected. Returns the errors.
async fn told(app: &App, query: &str, variables: Value) -> Vec<String> {
    let shown: String = variables.to_string().chars().take(200).collect();
    let answer = app.query_with(query, variables).await;
    assert!(!answer.to_string().contains("INTERNAL_SERVER_ERROR"), "{shown}: {answer}");
    let complaints = complaints(&answer);
    let length: usize = complaints.iter().map(String::len).sum();
    assert!(length < 2_000, "too much to read: {complaints:?}");
    complaints
}

/// Like [`told`], and asserts that nothing was written.
async fn refused(app: &App, query: &str, variables: Value) -> Value {
    let before = app.query(&DUMP).await;
    let shown: String = variables.to_string().chars().take(200).collect();
    let complaints = told(app, query, variables).await;
    assert_eq!(app.query(&DUMP).await, before, "{shown}");
    complaints.into()
}

/// Sends each input to this mutation, with the mutation's other arguments. Returns the errors.
async fn refused_by(app: &App, ids: &Ids, mutation: &str, inputs: &[(&str, Value)]) -> Value {
    let mut all = Map::new();
    for (name, fields) in inputs {
        let mut input = new(ids, mutation);
        for (field, value) in fields.as_object().unwrap() {
            input[field] = value.clone();
        }
        let complaints = refused(app, &change(mutation), json!({ "input": input })).await;
        all.insert((*name).to_owned(), complaints);
    }
    all.into()
}

/// The errors of each input. Inputs with equal errors are grouped.
fn merged(all: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut merged: Vec<(Vec<String>, Value)> = Vec::new();
    for (name, told) in all {
        match merged.iter_mut().find(|(_, other)| *other == told) {
            Some((names, _)) => names.push(name),
            None => merged.push((vec![name], told)),
        }
    }
    merged.into_iter().map(|(names, told)| json!({ "to": names, "told": told })).collect()
}

/// The raw response, which must not report a defect of the server.
async fn ask(app: &App, query: &str, variables: &Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let request = post(&app.key).body(Body::from(body));
    let (status, body) = app.send(request.unwrap()).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(!text.contains("INTERNAL_SERVER_ERROR"), "{query} {variables}: {text}");
    text
}
