//! Bad input: it is told what is wrong, the same on both databases, and nothing is written.

mod any_text;
mod lists;
mod references;
mod texts;
mod values;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Map, Value, json};

use crate::{support::app::App, tenancy::DUMP};

/// An id that nothing has.
const NO_CUSTOMER: &str = "customer_00000000000070008000000000000000";
const NO_GROUP: &str = "customer-group_00000000000070008000000000000000";

/// The mutations, all with `$id` and `$input` and with the names of their objects left out.
const CREATE_CUSTOMER: &str = "mutation($input: CustomerCreateInput!) {
    it: customerCreate(input: $input) { it: customer { id } userErrors { field code message } } }";
const UPDATE_CUSTOMER: &str = "mutation($input: CustomerUpdateInput!) {
    it: customerUpdate(externalId: \"C-1\", input: $input) {
        it: customer { id } userErrors { field code message } } }";
const CREATE_GROUP: &str = "mutation($input: CustomerGroupCreateInput!) {
    it: customerGroupCreate(input: $input) {
        it: customerGroup { id } userErrors { field code message } } }";
const UPDATE_GROUP: &str = "mutation($input: CustomerGroupUpdateInput!) {
    it: customerGroupUpdate(externalId: \"G-2\", input: $input) {
        it: customerGroup { id } userErrors { field code message } } }";

/// A little of everything, for mutations to be refused on.
struct Data {
    customer: String,
    root: String,
    leaf: String,
}

async fn populate(app: &App) -> Data {
    let root = r#"customerGroupName: "Root", externalId: "G-1", isGroup: true"#;
    let root = app.create_group(root).await;
    let leaf = format!(r#"customerGroupName: "Leaf", externalId: "G-2", parentId: "{root}""#);
    let leaf = app.create_group(&leaf).await;
    let customer = format!(
        r#"customerName: "Ada", externalId: "C-1", emailId: "ada@example.com",
           customerGroupId: "{leaf}""#
    );
    let customer = app.create_customer(&customer).await;
    app.create_customer(r#"customerName: "Bob", externalId: "C-2", taxId: "ES-1""#).await;
    Data { customer, root, leaf }
}

/// What was wrong: the user errors of a payload, or the errors of the answer.
fn complaints(answer: &Value) -> Value {
    let errors = match answer.get("errors") {
        Some(errors) => errors,
        None => {
            assert_eq!(answer["data"]["it"]["it"], Value::Null, "{answer}");
            &answer["data"]["it"]["userErrors"]
        }
    };
    let complaint = |error: &Value| -> Value {
        let message = error["message"].as_str().unwrap();
        let (code, place) = match error.get("extensions") {
            Some(extensions) => (&extensions["code"], error.get("path")),
            None => (&error["code"], error.get("field")),
        };
        let place = place.map_or_else(String::new, |place| format!(" {place}"));
        format!("{}{place}: {message}", code.as_str().unwrap()).into()
    };
    let errors = errors.as_array().unwrap();
    assert!(!errors.is_empty(), "{answer}");
    errors.iter().map(complaint).collect()
}

/// Asks for what must be refused; answers what was wrong.
async fn refused(app: &App, query: &str, variables: Value) -> Value {
    let before = app.query(DUMP).await;
    let shown: String = variables.to_string().chars().take(200).collect();
    let answer = app.query_with(query, variables).await;
    assert!(!answer.to_string().contains("INTERNAL_SERVER_ERROR"), "{shown}: {answer}");
    assert_eq!(app.query(DUMP).await, before, "{shown}");
    let complaints = complaints(&answer);
    assert!(complaints.to_string().len() < 2_000, "too much to read: {complaints}");
    complaints
}

/// Gives each input to each mutation; answers what was wrong, by the mutation.
async fn refused_by(app: &App, mutations: &[(&str, &str)], inputs: &[(&str, Value)]) -> Value {
    let mut all = Map::new();
    for (mutation, query) in mutations {
        let mut complaints = Map::new();
        for (name, input) in inputs {
            let mut input = input.clone();
            if mutation.starts_with("create") {
                let name =
                    if mutation.contains("group") { "customerGroupName" } else { "customerName" };
                input.as_object_mut().unwrap().entry(name).or_insert_with(|| "New".into());
            }
            let complaint = refused(app, query, json!({ "input": input })).await;
            complaints.insert((*name).to_owned(), complaint);
        }
        all.insert((*mutation).to_owned(), complaints.into());
    }
    all.into()
}

const OF_CUSTOMERS: [(&str, &str); 2] =
    [("create customer", CREATE_CUSTOMER), ("update customer", UPDATE_CUSTOMER)];
const OF_GROUPS: [(&str, &str); 2] =
    [("create group", CREATE_GROUP), ("update group", UPDATE_GROUP)];

/// The fields of an input that are text.
async fn text_fields(app: &App, input: &str) -> Vec<String> {
    let query = format!(
        "{{ __type(name: \"{input}\") {{ inputFields {{ name type {{ name ofType {{ name }} }} }} }} }}"
    );
    let data = app.data(&query, json!({})).await;
    let fields = data["__type"]["inputFields"].as_array().unwrap();
    let is_text = |field: &&Value| {
        field["type"]["name"] == "String" || field["type"]["ofType"]["name"] == "String"
    };
    fields.iter().filter(is_text).map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// The bare answer, and that it is no defect.
async fn ask(app: &App, query: &str, variables: &Value) -> String {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.key))
        .body(Body::from(json!({ "query": query, "variables": variables }).to_string()));
    let (status, body) = app.send(request.unwrap()).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(!text.contains("INTERNAL_SERVER_ERROR"), "{query} {variables}: {text}");
    text
}
