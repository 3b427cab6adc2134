//! Bad input: it is told what is wrong, the same on both databases, and nothing is written.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

use crate::{
    support::{app::App, database::Backend},
    tenancy::DUMP,
};

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

both! {
    async fn names(app: App) {
        populate(&app).await;
        let inputs = |field: &'static str| {
            [
                ("empty", ""),
                ("spaces", " \u{a0}\u{2003} "),
                ("256 characters", &"x".repeat(256)),
                ("256 characters of many bytes", &"🏪".repeat(256)),
                ("10,000 characters", &"x".repeat(10_000)),
                ("a line break", "a\nb"),
                ("NUL", "a\0b"),
                ("NUL alone", "\0"),
                ("an escape", "\u{1b}[31m"),
                ("a control character of Latin 1", "a\u{85}b"),
                ("long and with NUL", &("\0".to_owned() + &"x".repeat(256))),
            ]
            .map(|(name, value)| (name, json!({ field: value })))
            .into_iter()
            .chain([("null", json!({ field: null })), ("a number", json!({ field: 1 }))])
            .collect::<Vec<_>>()
        };
        insta::assert_json_snapshot!(
            "names",
            [
                refused_by(&app, &OF_CUSTOMERS, &inputs("customerName")).await,
                refused_by(&app, &OF_GROUPS, &inputs("customerGroupName")).await,
            ]
        );
    }

    async fn names_as_long_as_they_may_be(app: App) {
        populate(&app).await;
        for char in [
            "x",
            "é",
            "🏪",
            "\u{1f468}\u{200d}\u{1f469}",
            "\u{fdfa}",
            "ß",
            "\u{301}",
            "\"",
            "%",
            "\\",
        ] {
            // As many characters as there may be, of which each may fold into many.
            let name: String = char.chars().cycle().take(255).collect();
            for (mutation, field, list) in [
                (CREATE_CUSTOMER, "customerName", "customers"),
                (CREATE_GROUP, "customerGroupName", "customerGroups"),
            ] {
                let variables = json!({ "input": { field: name } });
                let created = app.data(mutation, variables).await;
                let id = &created["it"]["it"]["id"];
                assert!(id.is_string(), "{char}: {created}");
                let found = format!(
                    "query($name: String!, $start: String!) {{
                        eq: {list}(filter: {{ {field}: {{ eq: $name }} }}) {{ nodes {{ id {field} }} }}
                        contains: {list}(filter: {{ {field}: {{ contains: $name }} }}) {{ nodes {{ id {field} }} }}
                        search: {list}(filter: {{ search: $start }}, first: 1) {{ nodes {{ id {field} }} }}
                        startsWith: {list}(filter: {{ {field}: {{ startsWith: $name }} }}, first: 1) {{
                            nodes {{ id {field} }} }} }}"
                );
                let start: String = name.chars().take(3).collect();
                let found = app.data(&found, json!({ "name": name, "start": start })).await;
                for (test, found) in found.as_object().unwrap() {
                    assert_eq!(
                        found["nodes"][0],
                        json!({ "id": id, field: name }),
                        "{test} {char}"
                    );
                }
            }
        }
        // Sorted by names that fold alike, page by page: none is left out, none comes twice.
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = "query($after: String) { customers(first: 3, after: $after, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { id } pageInfo { endCursor hasNextPage } } }";
            let page = app.data(page, json!({ "after": after })).await;
            let page = &page["customers"];
            seen.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["id"].to_string()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                assert_eq!(seen.len(), page["totalCount"]);
                break;
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 12);
    }

    async fn texts(app: App) {
        populate(&app).await;
        let mut all = Map::new();
        for (mutation, query, input) in [
            ("create customer", CREATE_CUSTOMER, "CustomerCreateInput"),
            ("update customer", UPDATE_CUSTOMER, "CustomerUpdateInput"),
            ("create group", CREATE_GROUP, "CustomerGroupCreateInput"),
            ("update group", UPDATE_GROUP, "CustomerGroupUpdateInput"),
        ] {
            let mut complaints = Map::new();
            for field in text_fields(&app, input).await {
                let mut of_field = Map::new();
                for (name, value) in [
                    ("10,001 characters", "x".repeat(10_001)),
                    ("NUL", "a\0b".to_owned()),
                    ("DEL", "a\u{7f}b".to_owned()),
                ] {
                    let names = [("customerName", "New"), ("customerGroupName", "New")];
                    let name_field = names[usize::from(input.contains("Group"))];
                    let mut input = json!({ name_field.0: name_field.1 });
                    input[&field] = value.into();
                    of_field.insert(
                        name.to_owned(),
                        refused(&app, query, json!({ "input": input })).await,
                    );
                }
                complaints.insert(field, of_field.into());
            }
            all.insert(mutation.to_owned(), complaints.into());
        }
        insta::assert_json_snapshot!("texts", all);
    }

    async fn values(app: App) {
        let data = populate(&app).await;
        let mut inputs = Vec::new();
        for value in ["a", "@b", "a@", "a@b..c", "a b@c", "a@b c", "a@.", "a\u{2003}@b", "@@"] {
            inputs.push((format!("emailId {value}"), json!({ "emailId": value })));
        }
        for value in ["eur", "EURO", "EU", "E1R", "€€€", "E R"] {
            inputs.push((format!("defaultCurrency {value}"), json!({ "defaultCurrency": value })));
        }
        let decimals = [
            json!("1234567890".repeat(4)),
            json!("NaN"),
            json!("Infinity"),
            json!("1e400"),
            json!("1e2"),
            json!("12345678901234567890123456789"),
            json!("99999999999999999999999999999"),
            json!("0.00000000000000000000000000001"),
            json!(""),
            json!("-"),
            json!("1,5"),
            json!("+1"),
            json!(" 1"),
            json!("1\u{0}"),
            json!("١"),
            json!(1.5),
            json!(1e300),
            json!(true),
            json!([]),
        ];
        for value in decimals {
            inputs.push((
                format!("defaultCommissionRate {value}"),
                json!({ "defaultCommissionRate": value }),
            ));
        }
        for value in [json!("CAT"), json!("company"), json!(""), json!(1), json!("COMPANY\0")] {
            inputs.push((format!("customerType {value}"), json!({ "customerType": value })));
        }
        for value in [json!("true"), json!(1), json!("")] {
            inputs.push((format!("disabled {value}"), json!({ "disabled": value })));
        }
        inputs.push(("externalId that is taken".to_owned(), json!({ "externalId": "C-2" })));
        inputs.push((
            "externalId that is taken, with spaces".to_owned(),
            json!({ "externalId": " C-2 " }),
        ));
        inputs.push(("several".to_owned(), json!({
            "customerName": " ", "emailId": "a\0", "defaultCurrency": "x", "taxId": "x".repeat(256),
            "website": "x".repeat(2_049), "externalId": "C-2", "customerGroupId": NO_GROUP,
        })));
        inputs.push((
            "a group and a text".to_owned(),
            json!({ "taxId": "\0", "customerGroupId": "?" }),
        ));
        let inputs: Vec<_> = inputs.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
        insta::assert_json_snapshot!(
            "values_of_customers",
            refused_by(&app, &OF_CUSTOMERS, &inputs).await
        );

        let inputs = [
            ("externalId that is taken", json!({ "externalId": "G-1" })),
            ("externalId that is taken, with spaces", json!({ "externalId": "\t G-1 " })),
            ("isGroup that is text", json!({ "isGroup": "true" })),
            ("parentId of a leaf", json!({ "parentId": data.leaf })),
            ("parentId of a customer", json!({ "parentId": data.customer })),
            (
                "several",
                json!({
                    "customerGroupName": " ", "externalId": "\0", "paymentTerms": "x".repeat(256),
                    "defaultPriceList": "\0".repeat(256), "parentId": data.leaf,
                }),
            ),
        ];
        insta::assert_json_snapshot!(
            "values_of_groups",
            refused_by(&app, &OF_GROUPS, &inputs).await
        );
    }

    async fn values_at_the_edge_are_taken(app: App) {
        populate(&app).await;
        let read = "mutation($input: CustomerUpdateInput!) {
            customerUpdate(externalId: \"C-1\", input: $input) { userErrors { field message }
                customer { externalId emailId defaultCurrency defaultCommissionRate customerType disabled website
                    customerDetails } } }";
        for (given, kept) in [
            // One's own external id is no other's, and one of a group is none of a customer.
            (json!({ "externalId": "C-1" }), json!({ "externalId": "C-1" })),
            (json!({ "externalId": "G-1" }), json!({ "externalId": "G-1" })),
            (json!({ "externalId": " C-1 " }), json!({ "externalId": "C-1" })),
            (json!({ "emailId": " a@b " }), json!({ "emailId": "a@b" })),
            (json!({ "emailId": "\"@\"@ü.example" }), json!({ "emailId": "\"@\"@ü.example" })),
            (json!({ "emailId": "" }), json!({ "emailId": null })),
            (json!({ "defaultCurrency": "XXX" }), json!({ "defaultCurrency": "XXX" })),
            (json!({ "defaultCurrency": null }), json!({ "defaultCurrency": null })),
            (json!({ "defaultCommissionRate": "-5" }), json!({ "defaultCommissionRate": "-5" })),
            (json!({ "defaultCommissionRate": 12 }), json!({ "defaultCommissionRate": "12" })),
            (json!({ "defaultCommissionRate": "-0.0" }), json!({ "defaultCommissionRate": "0" })),
            (
                json!({ "defaultCommissionRate": "1234567890123456789012345678" }),
                json!({ "defaultCommissionRate": "1234567890123456789012345678" }),
            ),
            (
                json!({ "defaultCommissionRate": "0.0000000000000000000000000001" }),
                json!({ "defaultCommissionRate": "0.0000000000000000000000000001" }),
            ),
            (json!({ "defaultCommissionRate": null }), json!({ "defaultCommissionRate": null })),
            (json!({ "customerType": null }), json!({ "customerType": "COMPANY" })),
            (json!({ "disabled": null }), json!({ "disabled": false })),
            (json!({ "website": "x".repeat(2_048) }), json!({ "website": "x".repeat(2_048) })),
            (json!({ "customerDetails": "a\r\n\tb" }), json!({ "customerDetails": "a\r\n\tb" })),
            (
                json!({ "customerDetails": "🏪".repeat(10_000) }),
                json!({ "customerDetails": "🏪".repeat(10_000) }),
            ),
        ] {
            let answer = app.data(read, json!({ "input": given })).await;
            let payload = &answer["customerUpdate"];
            assert_eq!(payload["userErrors"], json!([]), "{given}");
            let (field, value) = kept.as_object().unwrap().iter().next().unwrap();
            assert_eq!(&payload["customer"][field], value, "{given}");
            if field == "externalId" {
                let back = json!({ "input": { "externalId": "C-1" } });
                let id = value.as_str().unwrap();
                app.data(&UPDATE_CUSTOMER.replace("C-1", id), back).await;
            }
        }
    }

    async fn ids_of_nothing(app: App) {
        let data = populate(&app).await;
        let cases = [
            (NO_CUSTOMER, "query($it: ID!) { customer(id: $it) { id } }"),
            (NO_CUSTOMER, "query($it: ID!) { node(id: $it) { id } }"),
            (NO_CUSTOMER, "query($it: ID!) { nodes(ids: [$it, $it]) { id } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerUpdate(id: $it, input: { customerName: \"\" }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerDelete(id: $it) {
                it: deletedId userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: [$it]) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerGroupUpdateCustomers(externalId: \"G-1\", removeCustomerIds: [$it]) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "query($it: ID!) { customerGroup(id: $it) { id } }"),
            (NO_GROUP, "query($it: ID!) { customers(filter: { customerGroup: { in: [$it] } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customers(filter: { not: { customerGroup: { in: [$it], includeDescendants: true } } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customerGroups(filter: { parentId: { eq: $it } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customerGroups(filter: { not: { parentId: { in: [$it] } } }) { totalCount } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerCreate(input: { customerName: \"New\", customerGroupId: $it }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerUpdate(externalId: \"C-1\", input: { customerGroupId: $it }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupCreate(input: { customerGroupName: \"New\", parentId: $it }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdate(id: $it, input: { customerGroupName: \"\" }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdate(externalId: \"G-2\", input: { parentId: $it }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupDelete(id: $it) {
                it: deletedId userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdateCustomers(id: $it, addCustomerIds: []) {
                it: customerGroup { id } userErrors { field code message } } }"),
        ];
        let before = app.query(DUMP).await;
        let mut answers = Vec::new();
        for (nothing, query) in cases {
            let answer = ask(&app, query, &json!({ "it": nothing })).await;
            // Of another type, and whatever else is none: to the byte the answer of an id of nothing.
            let of_another_type = if nothing == NO_CUSTOMER { &data.root } else { &data.customer };
            let own = if nothing == NO_CUSTOMER { &data.customer } else { &data.root };
            let others = [
                "",
                "_",
                "0",
                "\0",
                "customer_",
                "customer_0",
                "customer-group_\0",
                "customer_0000000000007000800000000000000g",
                "key_00000000000070008000000000000000",
                &own.to_uppercase(),
                &format!(" {own}"),
                &format!("{own}\0"),
                &format!("{own}0"),
                &own.replace('_', "__"),
                "'; DROP TABLE customers; --",
                &"x".repeat(900_000),
            ];
            for other in others {
                assert_eq!(
                    ask(&app, query, &json!({ "it": other })).await,
                    answer,
                    "{query}: {other}"
                );
            }
            assert_eq!(ask(&app, query, &json!({ "it": 1 })).await, answer, "{query}: a number");
            if !query.contains("node") {
                assert_eq!(
                    ask(&app, query, &json!({ "it": of_another_type })).await,
                    answer,
                    "{query}"
                );
            }
            answers.push(serde_json::from_str::<Value>(&answer).unwrap());
        }
        assert_eq!(app.query(DUMP).await, before);
        insta::assert_json_snapshot!("ids_of_nothing", answers);
    }

    async fn external_ids_of_nothing(app: App) {
        populate(&app).await;
        let before = app.query(DUMP).await;
        let mut answers = Vec::new();
        for query in [
            "query($it: String!) { customer(externalId: $it) { id } }",
            "query($it: String!) { customerGroup(externalId: $it) { id } }",
            "mutation($it: String!) { customerUpdate(externalId: $it, input: { customerName: \"\" }) {
                customer { id } userErrors { field code message } } }",
            "mutation($it: String!) { customerDelete(externalId: $it) { deletedId userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupUpdate(externalId: $it, input: { customerGroupName: \"\" }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupDelete(externalId: $it) { deletedId userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupUpdateCustomers(externalId: $it) {
                customerGroup { id } userErrors { field code message } } }",
        ] {
            let answer = ask(&app, query, &json!({ "it": "nobodys" })).await;
            for other in ["", "\0", "C-1\0", "G-1\0", "c-1", "g-1", "C-1\n", "%", "_-1", &"x".repeat(900_000)] {
                assert_eq!(ask(&app, query, &json!({ "it": other })).await, answer, "{query}: {other}");
            }
            answers.push(serde_json::from_str::<Value>(&answer).unwrap());
        }
        assert_eq!(app.query(DUMP).await, before);
        insta::assert_json_snapshot!("external_ids_of_nothing", answers);
    }

    async fn lookups_by_neither_or_both(app: App) {
        let data = populate(&app).await;
        let mut complaints = Map::new();
        for (field, selection) in [
            ("query { it: customer", "{ id }"),
            ("query { it: customerGroup", "{ id }"),
            ("mutation { it: customerDelete", "{ deletedId }"),
            ("mutation { it: customerUpdate", "{ userErrors { code } }"),
            ("mutation { it: customerGroupDelete", "{ deletedId }"),
            ("mutation { it: customerGroupUpdate", "{ userErrors { code } }"),
            ("mutation { it: customerGroupUpdateCustomers", "{ userErrors { code } }"),
        ] {
            let id = if field.contains("Group") { &data.leaf } else { &data.customer };
            let input = if field.ends_with("Update") { "input: {}" } else { "" };
            for arguments in [
                String::new(),
                "id: null".to_owned(),
                "id: null, externalId: null".to_owned(),
                format!("id: \"{id}\", externalId: \"C-1\""),
                "id: \"?\", externalId: \"\"".to_owned(),
            ] {
                let all = format!("{arguments} {input}");
                let all = if all.trim().is_empty() { String::new() } else { format!("({all})") };
                let query = format!("{field}{all} {selection} }}");
                let complaint = refused(&app, &query, json!({})).await;
                complaints.insert(query.replace(id, "ID"), complaint);
            }
        }
        insta::assert_json_snapshot!("lookups", complaints);
    }

    async fn pages(app: App) {
        populate(&app).await;
        let mut complaints = Map::new();
        for list in [
            "customers(ARGUMENTS) { totalCount }",
            "customerGroups(ARGUMENTS) { totalCount }",
            "customer(externalId: \"C-1\") { customerGroups(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { children(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { customers(ARGUMENTS) { totalCount } }",
        ] {
            for arguments in [
                "first: 0",
                "first: -1",
                "first: 101",
                "first: -2147483648",
                "last: 0",
                "last: -1",
                "last: 101",
                "first: 1, last: 1",
                "first: 0, last: 0",
                "offset: -1",
                "offset: 100001",
                "offset: 2147483647",
            ] {
                let query = format!("{{ {} }}", list.replace("ARGUMENTS", arguments));
                complaints.insert(query.clone(), refused(&app, &query, json!({})).await);
            }
            // At the edge.
            for arguments in ["first: 1", "first: 100", "last: 100", "offset: 0", "offset: 100000"]
            {
                app.data(&format!("{{ {} }}", list.replace("ARGUMENTS", arguments)), json!({}))
                    .await;
            }
        }
        let group =
            "{ customerGroup(externalId: \"G-1\") { descendants(maxDepth: DEPTH) { id } } }";
        for depth in ["0", "-1", "4294967296"] {
            let query = group.replace("DEPTH", depth);
            complaints.insert(query.clone(), refused(&app, &query, json!({})).await);
        }
        app.data(&group.replace("DEPTH", "4294967295"), json!({})).await;
        insta::assert_json_snapshot!("pages", complaints);
    }

    async fn cursors(app: App) {
        populate(&app).await;
        let lists = [
            ("customers", "{ field: CREATED_AT }"),
            ("customers", "{ field: UPDATED_AT }"),
            ("customers", "{ field: CUSTOMER_NAME }"),
            ("customers", "{ field: CUSTOMER_NAME, direction: DESC }"),
            ("customerGroups", "{ field: CUSTOMER_GROUP_NAME }"),
        ];
        let page = |list: &str, order: &str, argument: &str| {
            format!(
                "query($it: String) {{ {list}(first: 1, orderBy: {order}, {argument}: $it) {{ edges {{ cursor }} }} }}"
            )
        };
        let mut cursors = Vec::new();
        for (list, order) in lists {
            let data = app.data(&page(list, order, "after"), json!({})).await;
            cursors.push(data[list]["edges"][0]["cursor"].as_str().unwrap().to_owned());
        }
        let mut complaints = Map::new();
        for (number, (list, order)) in lists.into_iter().enumerate() {
            let own = &cursors[number];
            let fields = String::from_utf8(BASE64.decode(own).unwrap()).unwrap();
            let fields: Vec<&str> = fields.split('\n').collect();
            let [connection, sort, key, uid] = fields[..] else { panic!("{fields:?}") };
            let encode = |fields: &[&str]| BASE64.encode(fields.join("\n"));
            let mut bad = vec![
                ("empty", String::new()),
                ("not base64", "!!!".to_owned()),
                ("NUL", "\0".to_owned()),
                ("padded", format!("{own}==")),
                ("without its beginning", own.chars().skip(4).collect()),
                ("nonsense in base64", BASE64.encode("nonsense")),
                ("not UTF-8 in base64", BASE64.encode([0xff, 0xfe])),
                ("a field more", encode(&[connection, sort, key, uid, ""])),
                ("no id", encode(&[connection, sort, key, ""])),
                (
                    "an id with its prefix",
                    encode(&[connection, sort, key, &format!("customer_{uid}")]),
                ),
                ("long", "A".repeat(900_000)),
            ];
            // The order by creation has no key, and reads none.
            if sort.contains("Text") || sort.contains("Name") {
                bad.push(("NUL in the key", encode(&[connection, sort, "\0", uid])));
                bad.push(("a tab in the key", encode(&[connection, sort, "\t", uid])));
            }
            if sort.contains("Updated") {
                bad.push(("no time in the key", encode(&[connection, sort, "yesterday", uid])));
                bad.push(("NUL in the key", encode(&[connection, sort, "\0", uid])));
                bad.push((
                    "a time out of range",
                    encode(&[connection, sort, "-9999-01-01T00:00:00Z", uid]),
                ));
                bad.push((
                    "a time far away",
                    encode(&[connection, sort, "9999-12-31T23:59:60Z", uid]),
                ));
            }
            for (other, cursor) in cursors.iter().enumerate().filter(|(other, _)| *other != number)
            {
                let name = ["created", "updated", "name", "name, descending", "group"][other];
                bad.push((name, cursor.clone()));
            }
            let mut of_list = Map::new();
            for (name, cursor) in bad {
                for argument in ["after", "before"] {
                    let query = page(list, order, argument);
                    let complaint = refused(&app, &query, json!({ "it": cursor })).await;
                    of_list.insert(format!("{argument}: {name}"), complaint);
                }
            }
            complaints.insert(format!("{list} {order}"), of_list.into());
            // Whatever the key and the id: a place in the order, if nothing stands there, too.
            let key = match () {
                () if sort.contains("Updated") => "9999-01-01T00:00:00.000000Z",
                () if sort.contains("Created") => "",
                () => "🏪\"'%\\",
            };
            let cursor = encode(&[connection, sort, key, &"f".repeat(32)]);
            app.data(&page(list, order, "after"), json!({ "it": cursor })).await;
        }
        insta::assert_json_snapshot!("cursors", complaints);
    }

    async fn filters(app: App) {
        populate(&app).await;
        let mut texts = Vec::new();
        for (list, field) in [
            ("customers", "customerName"),
            ("customers", "emailId"),
            ("customers", "mobileNo"),
            ("customers", "taxId"),
            ("customers", "externalId"),
            ("customerGroups", "customerGroupName"),
            ("customerGroups", "externalId"),
        ] {
            let exact = field == "externalId";
            let tests: &[&str] =
                if exact { &["eq", "in"] } else { &["eq", "in", "contains", "startsWith"] };
            texts.extend(
                tests.iter().map(|test| (list, format!("{{ {field}: {{ {test}: IT }} }}"))),
            );
        }
        texts.extend(
            ["customers", "customerGroups"].map(|list| (list, "{ search: IT }".to_owned())),
        );
        texts.push(("customers", "{ or: [{ not: { and: [{ search: IT }] } }] }".to_owned()));
        let mut complaints = Map::new();
        for (list, filter) in &texts {
            let list_type = filter.contains("in: IT");
            let it = if list_type { "[$it]" } else { "$it" };
            let query = format!(
                "query($it: String!) {{ {list}(filter: {}) {{ totalCount nodes {{ id }} }} }}",
                filter.replace("IT", it)
            );
            let mut of_filter = Map::new();
            for (name, value) in [
                ("NUL", "a\0b".to_owned()),
                ("a line break", "a\nb".to_owned()),
                ("DEL", "\u{7f}".to_owned()),
                ("256 characters", "🏪".repeat(256)),
                ("900,000 characters", "x".repeat(900_000)),
            ] {
                of_filter
                    .insert(name.to_owned(), refused(&app, &query, json!({ "it": value })).await);
            }
            complaints.insert(format!("{list} {filter}"), of_filter.into());
            for value in [
                "",
                " ",
                "%",
                "_",
                "\\",
                "'",
                "\"",
                "\"\"\"",
                "* OR a",
                "{",
                "NEAR(",
                "\u{301}",
                "\u{fdfa}",
                &"🏪".repeat(255),
                &"\u{fdfa}".repeat(255),
                &"\"".repeat(255),
            ] {
                app.data(&query, json!({ "it": value })).await;
            }
        }
        insta::assert_json_snapshot!("filter_texts", complaints);
    }

    async fn either_a_filter_holds_or_its_contrary(app: App) {
        let data = populate(&app).await;
        for (list, filter) in [
            ("customers", json!({ "externalId": { "eq": "C-1" } })),
            ("customers", json!({ "externalId": { "in": ["C-1", "nobodys"] } })),
            ("customers", json!({ "taxId": { "eq": "ES-1" } })),
            ("customers", json!({ "emailId": { "contains": "example" } })),
            ("customers", json!({ "search": "ada" })),
            (
                "customers",
                json!({ "customerGroup": { "in": [data.root], "includeDescendants": true } }),
            ),
            ("customers", json!({ "not": { "externalId": { "eq": "C-1" } }, "search": "a" })),
            ("customerGroups", json!({ "parentId": { "eq": data.root } })),
            ("customerGroups", json!({ "parentId": { "in": [] } })),
            (
                "customerGroups",
                json!({ "or": [{ "parentId": { "eq": data.root } }, { "isGroup": { "eq": true } }] }),
            ),
            ("customerGroups", json!({ "externalId": { "in": ["G-1"] } })),
        ] {
            app.create_customer("customerName: \"Without anything\"").await;
            app.create_group("customerGroupName: \"Without anything\"").await;
            let filter_type =
                if list == "customers" { "CustomerFilter" } else { "CustomerGroupFilter" };
            let query = format!(
                "query($it: {filter_type}) {{ all: {list} {{ totalCount }}
                    it: {list}(filter: $it) {{ totalCount }} not: {list}(filter: {{ not: $it }}) {{ totalCount }} }}"
            );
            let counts = app.data(&query, json!({ "it": filter })).await;
            let count = |name: &str| counts[name]["totalCount"].as_i64().unwrap();
            assert_eq!(count("it") + count("not"), count("all"), "{filter}");
        }
    }

    async fn filters_that_are_too_big(app: App) {
        let data = populate(&app).await;
        let customers = "query($filter: CustomerFilter) { customers(filter: $filter) { totalCount nodes { id } } }";
        let groups = "query($filter: CustomerGroupFilter) { customerGroups(filter: $filter) { totalCount nodes { id } } }";
        let many = |count: usize| (0..count).map(|it| format!("{it:x}")).collect::<Vec<_>>();
        let ids = |count: usize| {
            (0..count)
                .map(|it| format!("customer-group_{it:012x}70008000000000000000"))
                .collect::<Vec<_>>()
        };
        let nested = |times: usize, of: &str| {
            (0..times).fold(json!({ "disabled": { "eq": true } }), |it, _| match of {
                "not" => json!({ "not": it }),
                of => json!({ of: [it] }),
            })
        };
        let tests =
            |count: usize| json!({ "or": vec![json!({ "disabled": { "eq": true } }); count] });
        let mut complaints = Map::new();
        for (name, query, filter) in [
            ("101 tests", customers, tests(101)),
            (
                "101 tests of text",
                customers,
                json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 101] }),
            ),
            ("101 tests of nothing", customers, json!({ "or": vec![json!({}); 101] })),
            (
                "5 tests, 21 times",
                customers,
                json!({ "or": vec![json!({ "taxId": {
                "eq": "a", "in": ["a"], "contains": "a", "startsWith": "a", "isNull": false } }); 21] }),
            ),
            ("1,001 names", customers, json!({ "customerName": { "in": many(1_001) } })),
            ("1,001 external ids", customers, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 groups", customers, json!({ "customerGroup": { "in": ids(1_001) } })),
            ("1,001 groups of groups", groups, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 parents", groups, json!({ "parentId": { "in": ids(1_001) } })),
            ("1,001 parents that are none", groups, json!({ "parentId": { "in": many(1_001) } })),
            (
                "101 tests of groups",
                groups,
                json!({ "not": { "or": vec![json!({ "isRoot": true }); 101] } }),
            ),
        ] {
            complaints
                .insert(name.to_owned(), refused(&app, query, json!({ "filter": filter })).await);
        }
        insta::assert_json_snapshot!("filters_too_big", complaints);

        // At the edge, and all of them at once.
        for (query, filter) in [
            (customers, tests(100)),
            (customers, json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 100] })),
            (customers, json!({ "customerName": { "in": many(1_000) } })),
            (customers, json!({ "externalId": { "in": many(1_000) } })),
            (customers, json!({ "not": { "emailId": { "in": many(1_000) } } })),
            (
                customers,
                json!({ "customerGroup": { "in": ids(1_000), "includeDescendants": true } }),
            ),
            (
                groups,
                json!({ "customerGroupName": { "in": many(1_000) }, "externalId": { "in": many(1_000) } }),
            ),
            (groups, json!({ "parentId": { "in": ids(1_000) } })),
            (
                customers,
                json!({ "or": vec![json!({ "customerName": { "in": many(1_000) } }); 100] }),
            ),
            (
                customers,
                json!({ "and": vec![json!({ "customerGroup": { "in": [data.root] } }); 100] }),
            ),
            (customers, json!({ "or": vec![json!({ "search": "ada example com" }); 100] })),
            (groups, json!({ "and": vec![json!({ "externalId": { "in": many(1_000) } }); 100] })),
            (customers, nested(50, "not")),
            (customers, nested(30, "and")),
            (customers, nested(30, "or")),
            (customers, json!({ "or": [] })),
            (customers, json!({ "and": [], "not": {} })),
            (
                customers,
                json!({ "customerName": { "in": [] }, "customerGroup": { "in": [] }, "customerType": { "in": [] } }),
            ),
        ] {
            let variables = json!({ "filter": filter });
            let answer = app.query_with(query, variables.clone()).await;
            let shown: String = variables.to_string().chars().take(200).collect();
            assert_eq!(answer.get("errors"), None, "{shown}: {answer}");
        }
    }

    async fn lists_of_ids_that_are_too_long(app: App) {
        let data = populate(&app).await;
        let members = "mutation($add: [ID!]!, $remove: [ID!]!) {
            it: customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: $add, removeCustomerIds: $remove) {
                it: customerGroup { id } userErrors { field code message } } }";
        let ids = |count: usize| vec![data.customer.clone(); count];
        let mut complaints = Map::new();
        for (name, add, remove) in [
            ("1,001 to add", ids(1_001), vec![]),
            ("1,001 to remove", vec![], ids(1_001)),
            ("1,001 in all", ids(1_000), ids(1)),
            ("1,001 in all, most to remove", ids(1), ids(1_000)),
            ("1,001 that are none", vec!["?".to_owned(); 1_001], vec![]),
            ("the same to add and to remove", ids(1), ids(1)),
            (
                "two that are none",
                vec!["?".to_owned(), data.customer.clone(), NO_CUSTOMER.to_owned()],
                vec![],
            ),
            ("none and nothing", vec!["?".to_owned()], vec![NO_CUSTOMER.to_owned()]),
        ] {
            let variables = json!({ "add": add, "remove": remove });
            complaints.insert(name.to_owned(), refused(&app, members, variables).await);
        }
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        complaints
            .insert("101 nodes".to_owned(), refused(&app, nodes, json!({ "ids": ids(101) })).await);
        insta::assert_json_snapshot!("lists_too_long", complaints);

        let answer = app.data(nodes, json!({ "ids": ids(100) })).await;
        assert_eq!(answer["nodes"].as_array().unwrap().len(), 100);
        for variables in
            [json!({ "add": ids(1_000), "remove": [] }), json!({ "add": [], "remove": ids(1_000) })]
        {
            let answer = app.data(members, variables).await;
            assert_eq!(answer["it"]["userErrors"], json!([]));
        }
    }
}

/// Any text at all, more often one with what breaks things.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        4 => "[a-zA-Z ]{1,8}",
        2 => prop::sample::select(vec![
            "\0", "\n", "\u{1b}", "%", "_", "\\", "'", "\"", "\u{fdfa}", "\u{301}", "ß", "ſ", "İ", "ς", "Σ",
            "\u{200d}", "\u{feff}", "\u{ffff}", "\u{10ffff}", "🏪", "ada", "example", "ES-", "*", "{", "AND",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// An operation that takes a text as `$it`, and one that is new as `$new`.
const TAKES_TEXT: [&str; 27] = [
    "mutation($it: String!) { customerCreate(input: { customerName: $it, taxId: $it, customerDetails: $it, externalId: $it }) {
        customer { id customerName taxId customerDetails externalId } userErrors { field code message } } }",
    "mutation($it: String!) { customerCreate(input: { customerName: \"New\", mobileNo: $it, website: $it }) {
        customer { id mobileNo website } userErrors { field code message } } }",
    "mutation($it: String!) { customerCreate(input: { customerName: \"New\", emailId: $it, defaultCurrency: $it }) {
        customer { id } userErrors { field code message } } }",
    "mutation($it: String!) { customerUpdate(externalId: $it, input: { firstName: $it }) {
        customer { id firstName } userErrors { field code message } } }",
    "mutation($it: Decimal!) { customerUpdate(externalId: \"C-1\", input: { defaultCommissionRate: $it }) {
        customer { id defaultCommissionRate } userErrors { field code message } } }",
    "mutation($it: ID!) { customerUpdate(id: $it, input: { customerGroupId: $it }) { userErrors { field code message } } }",
    "mutation($it: String!) { customerGroupCreate(input: { customerGroupName: $it, externalId: $it, paymentTerms: $it }) {
        customerGroup { id customerGroupName externalId paymentTerms } userErrors { field code message } } }",
    "mutation($it: ID!) { customerGroupCreate(input: { customerGroupName: \"New\", parentId: $it }) {
        customerGroup { id } userErrors { field code message } } }",
    "mutation($it: String!) { customerGroupUpdate(externalId: $it, input: { customerGroupName: $it }) {
        customerGroup { id customerGroupName } userErrors { field code message } } }",
    "mutation($it: String!) { customerDelete(externalId: $it) { deletedId userErrors { field code message } } }",
    "query($it: String!) { customer(externalId: $it) { id customerName } customerGroup(externalId: $it) { id } }",
    "query($it: ID!) { node(id: $it) { id } customer(id: $it) { id } customerGroup(id: $it) { id } }",
    "query($it: String!) { customers(filter: { search: $it }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { customerName: { contains: $it } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { customerName: { startsWith: $it } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { customerName: { eq: $it } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { taxId: { in: [$it, \"ES-1\"] } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { not: { mobileNo: { contains: $it } } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { externalId: { in: [$it, \"C-1\"] } }) { totalCount nodes { id } } }",
    "query($it: ID!) { customers(filter: { customerGroup: { in: [$it] } }) { totalCount nodes { id } } }",
    "query($it: String!) { customerGroups(filter: { search: $it }) { totalCount nodes { id } } }",
    "query($it: String!) { customerGroups(filter: { customerGroupName: { startsWith: $it } }) { totalCount nodes { id } } }",
    "query($it: ID!) { customerGroups(filter: { parentId: { eq: $it } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(after: $it) { totalCount nodes { id } } }",
    "query($it: String!) { customers(before: $it, orderBy: { field: TAX_ID }) { totalCount nodes { id } } }",
    "query($it: String!) { customerGroups(after: $it) { totalCount nodes { id } } }",
    "query { customers(first: 100, orderBy: { field: CUSTOMER_NAME }) { edges { cursor node { id customerName } } } }",
];

/// Any sequence of requests with any texts is answered, and by both databases to the byte the same.
#[test]
fn any_text_gets_the_same_answer_from_both() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let apps = runtime.block_on(async {
        let apps = (App::start(Backend::Sqlite).await, App::start(Backend::Postgres).await);
        for app in [&apps.0, &apps.1].into_iter().flatten() {
            populate(app).await;
        }
        apps
    });
    let (Some(sqlite), Some(postgres)) = apps else { return };
    // The cases share their data: each finds what those before it have left.
    let any_request = (prop::sample::select(TAKES_TEXT.to_vec()), any_text());
    let any_sequence = prop::collection::vec(any_request, 1..8);
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&any_sequence, |sequence| {
        for (query, it) in sequence {
            let variables = if query.contains("$it") { json!({ "it": it }) } else { json!({}) };
            let (left, right) = runtime.block_on(async {
                futures_util::join!(
                    ask(&sqlite, query, &variables),
                    ask(&postgres, query, &variables)
                )
            });
            prop_assert_eq!(left, right, "{} {}", query, variables);
        }
        Ok(())
    });
    result.unwrap();
}
