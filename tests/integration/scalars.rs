//! Numbers and times in all notations that clients may use.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    introspection::{Schema, items, name, type_name},
};

/// Numbers in the notation of JSON and GraphQL, and as the API returns them.
const NUMBERS: [(&str, &str); 9] = [
    ("0.1", "0.1"),
    ("1.50", "1.5"),
    ("-0.0", "0"),
    ("12345678901.123456789", "12345678901.123456789"),
    ("-9999999999999999999999999999", "-9999999999999999999999999999"),
    ("0.1234567890123456789012345678", "0.1234567890123456789012345678"),
    ("18446744073709551616", "18446744073709551616"),
    ("2.5e3", "2500"),
    ("-1E-7", "-0.0000001"),
];

const CREATE: &str = "customer { credit { balance } } userErrors { message }";

impl App {
    /// Sends a request with these variables in JSON. Returns the whole response.
    async fn with_variables(&self, query: &str, variables: &str) -> Value {
        let body = format!("{{\"query\": {}, \"variables\": {variables}}}", json!(query));
        let (status, answer) = self.post(Some(&self.key), &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

both! {
    async fn decimals_keep_every_digit(app: App) {
        let nested = format!("mutation($input: CustomerCreateInput!) {{ it: customerCreate(input: $input) {{ {CREATE} }} }}");
        let plain = format!("mutation($balance: Decimal) {{
            it: customerCreate(input: {{ customerName: \"C\", credit: {{ balance: $balance }} }}) {{ {CREATE} }} }}");
        for (written, told) in NUMBERS {
            let input = format!("{{\"input\": {{\"customerName\": \"C\", \"credit\": {{\"balance\": {written} }}}}}}");
            let literal = plain.replace("($balance: Decimal)", "").replace("$balance", written);
            let default = plain.replace("Decimal", &format!("Decimal = {written}"));
            for (query, variables) in [
                (&nested, input),
                (&plain, format!("{{\"balance\": {written}}}")),
                (&plain, format!("{{\"balance\":{}}}", json!(told))),
                (&literal, "{}".to_owned()),
                (&default, "{}".to_owned()),
            ] {
                let answer = app.with_variables(query, &variables).await;
                let credit = &answer["data"]["it"]["customer"]["credit"];
                assert_eq!(credit["balance"], told, "{query} {variables}: {answer}");
            }
            // In a list of filters, and in a URL.
            let query = "query($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }";
            let filter = format!(
                "{{\"filter\": {{\"and\": [{{\"creditBalance\": {{\"gte\": {written}, \"lte\": {written}}}}}]}}}}"
            );
            let answer = app.with_variables(query, &filter).await;
            assert_eq!(answer["data"]["customers"]["totalCount"], 5, "{filter}: {answer}");
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let url = format!("/graphql?query={}&variables={}", encode(query), encode(&filter));
            let request = Request::get(url).header(header::AUTHORIZATION, format!("Bearer {}", app.key));
            let (status, body) = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(body, answer.to_string().into_bytes());
        }
    }

    async fn numbers_that_would_be_rounded_are_refused(app: App) {
        let query = "query($it: Decimal) { customers(filter: { creditBalance: { gte: $it } }) { totalCount } }";
        let mut answers = serde_json::Map::new();
        for written in [
            "0.12345678901234567890123456789", "12345678901234567890123456789.5", "1e28", "1e-29", "1.5e300",
            "true", "[1.5, 2]",
        ] {
            let told = app.with_variables(query, &format!("{{\"it\": {written}}}")).await;
            let literal = query.replace("($it: Decimal)", "").replace("$it", written);
            answers.insert(written.to_owned(), json!([told["errors"], app.query(&literal).await["errors"]]));
        }
        insta::assert_json_snapshot!("rounded_numbers", answers);
        // Arguments of other types do not accept numbers with a decimal point.
        for (ty, field) in [("Int", "customers(first: $it) { totalCount }"), ("ID!", "node(id: $it) { id }")] {
            let query = format!("query($it: {ty}) {{ {field} }}");
            let told = app.with_variables(&query, "{\"it\": 1.5}").await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{told}");
        }
    }

    /// Numbers that are not integers reach resolvers as text, from which async-graphql cannot parse
    /// a `Float`.
    async fn no_input_is_a_float(app: App) {
        let schema = Schema::of(&app).await;
        for object in schema.types() {
            let fields = items(&object["fields"]);
            let given = fields.flat_map(|field| items(&field["args"])).chain(items(&object["inputFields"]));
            for input in given {
                assert_ne!(type_name(input), "Float", "{} of {}", name(input), name(object));
            }
        }
    }

    async fn times_are_those_of_rfc_3339(app: App) {
        app.create_customer(r#"customerName: "Ana""#).await;
        let query = "query($it: DateTime!) { before: customers(filter: { createdAt: { lt: $it } }) { totalCount }
            after: customers(filter: { updatedAt: { gt: $it } }) { totalCount } }";
        for (written, before) in [
            ("9999-12-31T23:59:59Z", 1), ("9999-12-31T23:59:59.999999999Z", 1), ("9999-12-31T23:59:59+14:00", 1),
            ("0001-01-01T00:00:00Z", 0), ("2026-11-20T08:00:00Z", 0), ("2026-11-20t10:01:00.5+02:00", 1),
            ("2026-11-20T08:01:00z", 1), ("2026-11-20T08:01:00-00:00", 1), ("2026-12-31T23:59:60Z", 1),
        ] {
            let data = app.data(query, json!({ "it": written })).await;
            let expected = json!({ "before": { "totalCount": before }, "after": { "totalCount": 1 - before } });
            assert_eq!(data, expected, "{written}");
        }
        for written in [
            "2026-11-20", "2026-11-20T08:00:00", "2026-11-20 08:00:00Z", "2026-11-20T08:00Z", "20261120T080000Z",
            "2026-11-20T08:00:00+0200", "2026-11-20T08:00:00+02", "2026-11-20T08:00:00,5Z", "2026-11-20T08:00:00Z[UTC]",
            "2026-11-20T24:00:00Z", "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z",
        ] {
            let told = app.query_with(query, json!({ "it": written })).await;
            let message = told["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("RFC 3339"), "{written}: {told}");
        }
    }

    async fn starts_with_finds_texts_that_continue_with_any_character(app: App) {
        let last = char::MAX;
        for name in [
            "A".to_owned(), format!("A{last}"), format!("A{last}{last}z"), "A\u{e000}".to_owned(), "B".to_owned(),
            format!("{last}{last}"),
        ] {
            app.create("customer", json!({ "customerName": name, "taxId": name })).await;
        }
        let query = "query($it: String!) { customers(filter: { taxId: { startsWith: $it } }) { totalCount } }";
        for (start, count) in [
            ("a".to_owned(), 4), (format!("A{last}"), 2), (format!("A{last}{last}"), 1), ("b".to_owned(), 1),
            (String::new(), 6), (last.to_string(), 1), ("A\u{d7ff}".to_owned(), 0), ("A\u{e000}".to_owned(), 1),
        ] {
            let data = app.data(query, json!({ "it": start })).await;
            assert_eq!(data["customers"]["totalCount"], count, "{start:?}");
        }
    }
}
