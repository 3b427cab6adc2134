//! HTTP: authentication, content negotiation, and behaviour in failures.

mod bodies;
mod get;
mod negotiation;
mod page;
mod persisted;
mod responses;
mod trusted;

use std::{collections::BTreeMap, future::poll_fn, pin::pin, task::Poll, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, StatusCode, header, request::Builder},
};
use clientele::{
    auth::KeySecret,
    db::Db,
    graphql::Policy,
    http::{self, App as State},
    limits::Limits,
    models::api_key::{ApiKey, Scope},
};
use serde_json::{Map, Value, json};
use tokio_postgres::NoTls;
use tower::ServiceExt;

use crate::support::{
    app::{App, post},
    cluster::cluster,
    database::Backend,
};

const ORIGIN: &str = "https://shop.example.com";

/// Headers that Apollo's client, urql and tracing add to a request.
const CLIENT_HEADERS: &str = "accept,apollo-require-preflight,apollographql-client-name,\
    apollographql-client-version,authorization,baggage,clientele-cost,content-encoding,content-type,\
    sentry-trace,traceparent,tracestate,x-apollo-operation-id,x-apollo-operation-name,x-request-id";

/// The server, with a CORS origin that may call it.
fn router(app: &App, demo: bool) -> Router {
    router_of(State::new(app.db.clone(), app.clock.clone(), demo))
}

fn router_of(state: State) -> Router {
    http::router(state, vec![HeaderValue::from_static(ORIGIN)])
}

/// The server with other limits.
fn limited_router(app: &App, limits: Limits) -> Router {
    let (db, clock) = (app.db.clone(), app.clock.clone());
    router_of(State::with_limits(db, clock, false, limits, Policy::default()))
}

/// The parts of a response that a client sees.
async fn answer(router: &Router, request: Request<Body>) -> Value {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = BTreeMap::<String, Vec<&str>>::new();
    // The request id differs each time.
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "x-request-id") {
        headers.entry(name.to_string()).or_default().push(value.to_str().unwrap());
    }
    let body: Value = serde_json::from_slice(&body)
        .unwrap_or_else(|_| String::from_utf8(body.to_vec()).unwrap().into());
    let headers = headers.into_iter().map(|(name, values)| (name, values.join(", ").into()));
    let headers: Map<String, Value> = headers.collect();
    json!({ "status": parts.status.as_u16(), "headers": headers, "body": body })
}

fn body_of(query: &str) -> Body {
    Body::from(json!({ "query": query }).to_string())
}

/// The responses, by the names of their requests.
async fn answers<const N: usize>(
    router: &Router,
    requests: [(&str, Request<Body>); N],
) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, request) in requests {
        all.insert(name.to_owned(), answer(router, request).await);
    }
    all
}

/// The raw response to a query, as text.
async fn text(app: &App, body: Value) -> String {
    let request = post(&app.key).body(Body::from(body.to_string())).unwrap();
    let (status, body) = app.send(request).await;
    assert_eq!(status, StatusCode::OK);
    String::from_utf8(body).unwrap()
}

/// A body of this length.
fn padded(length: usize) -> Body {
    let request = json!({ "query": "{ __typename }" }).to_string();
    Body::from(request.clone() + &" ".repeat(length - request.len()))
}

async fn revoke(app: &App, name: &str) {
    let mut lease = app.db.write().await.unwrap();
    let conn = &mut lease.conn();
    let keys = ApiKey::list(conn, &app.tenant).await.unwrap();
    let key = keys.iter().find(|key| key.name == name).unwrap();
    assert!(ApiKey::revoke(conn, &app.tenant, key.id, app.clock.now()).await.unwrap());
}

both! {
    async fn requests_without_a_valid_key_are_refused(app: App) {
        let revoked = app.make_key(Scope::Admin, "revoked", None).await;
        revoke(&app, "revoked").await;
        let expired = app.make_key(Scope::Admin, "expired", Some(app.clock.now())).await;
        let elsewhere = app.key.replace("_acme_", "_bravo_");
        let with = |authorization: &[u8]| {
            Request::post("/graphql")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, HeaderValue::from_bytes(authorization).unwrap())
                .body(body_of("{ __typename }"))
                .unwrap()
        };
        let bearer = |key: &str| with(format!("Bearer {key}").as_bytes());
        let keyless = Request::post("/graphql").body(body_of("{ __typename }")).unwrap();
        let router = router(&app, false);
        let refused = answers(
            &router,
            [
                ("no key", keyless),
                ("another scheme", with(format!("Basic {}", app.key).as_bytes())),
                ("no scheme", with(app.key.as_bytes())),
                ("nothing after the scheme", with(b"Bearer ")),
                ("not text", with(b"Bearer \xff\xfe")),
                ("malformed", bearer("hunter2")),
                ("unknown", bearer(&format!("{}0", app.key))),
                ("of a tenant that is none", bearer(&elsewhere)),
                ("revoked", bearer(&revoked)),
                ("expired", bearer(&expired)),
                ("the demo's", bearer(KeySecret::demo().reveal())),
            ],
        )
        .await;
        for (name, answer) in &refused {
            assert_eq!(answer["status"], 401, "{name}");
            assert_eq!(answer["headers"]["www-authenticate"], "Bearer", "{name}");
            // The response must not reveal how close a guessed key was.
            if name != "no key" {
                assert_eq!(answer, &refused["unknown"], "{name}");
            }
        }
        insta::assert_json_snapshot!("unauthenticated", refused);
    }

    async fn the_scheme_may_be_in_any_case(app: App) {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "APPLICATION/JSON; charset=utf-8")
            .header(header::AUTHORIZATION, format!("bEARER  {}", app.key))
            .body(body_of("{ __typename }"))
            .unwrap();
        insta::assert_json_snapshot!("accepted", answer(&router(&app, false), request).await);
    }

    async fn a_key_ends_when_it_expires(app: App) {
        let end = "2026-11-20T09:00:00Z".parse().unwrap();
        let key = app.make_key(Scope::Read, "for an hour", Some(end)).await;
        let status = async || {
            let (status, _) =
                app.post(Some(&key), &json!({ "query": "{ __typename }" }).to_string()).await;
            status
        };
        assert_eq!(status().await, StatusCode::OK);
        while app.clock.now() < end {}
        assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    }

    async fn the_key_of_the_demo_is_valid_only_in_a_demo(app: App) {
        let (demo, _) = app.make_tenant("demo").await;
        let mut lease = app.db.write().await.unwrap();
        let (conn, secret) = (&mut lease.conn(), KeySecret::demo());
        let key =
            ApiKey::create(conn, &demo, &app.clock, &secret, Scope::Write, Some("demo"), None);
        key.await.unwrap().touch(conn, "2999-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
        drop(lease);
        let ask = async |demo: bool| {
            let request = post(KeySecret::demo().reveal()).body(body_of("{ __typename }")).unwrap();
            answer(&router(&app, demo), request).await["status"].clone()
        };
        assert_eq!(ask(false).await, 401);
        assert_eq!(ask(true).await, 200);
    }

    async fn a_key_for_reading_cannot_write(app: App) {
        let group = app.create_group(r#"customerGroupName: "Kept", externalId: "G""#).await;
        let customer = app.create_customer(r#"customerName: "Kept", externalId: "C""#).await;
        let key = app.make_key(Scope::Read, "reader", None).await;
        let read = "{
            customers { nodes { id customerName updatedAt customerGroups { totalCount } } }
            customerGroups { nodes { id customerGroupName updatedAt } }
        }";
        let before = app.query(read).await;
        assert_eq!(app.query_as(&key, read, json!({})).await, before);
        let mutations = [
            r#"customerCreate(input: { customerName: "New" }) { customer { id } }"#.to_owned(),
            format!(
                r#"customerUpdate(id: "{customer}", input: {{ customerName: "New" }}) {{ customer {{ id }} }}"#
            ),
            format!(r#"customerDelete(id: "{customer}") {{ deletedId }}"#),
            r#"customerGroupCreate(input: { customerGroupName: "New" }) { customerGroup { id } }"#
                .to_owned(),
            format!(
                r#"customerGroupUpdate(id: "{group}", input: {{ customerGroupName: "New" }}) {{ customerGroup {{ id }} }}"#
            ),
            format!(r#"customerGroupDelete(id: "{group}") {{ deletedId }}"#),
            format!(
                r#"customerGroupUpdateCustomers(id: "{group}", addCustomerIds: ["{customer}"]) {{ customerGroup {{ id }} }}"#
            ),
            // A read-only key must not learn the user errors of a mutation.
            r#"customerCreate(input: { customerName: "" }) { customer { id } }"#.to_owned(),
            r"customerDelete { deletedId }".to_owned(),
        ];
        let mut refused = Vec::new();
        for mutation in mutations {
            refused
                .push(app.query_as(&key, &format!("mutation {{ {mutation} }}"), json!({})).await);
        }
        for answer in &refused {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        }
        insta::assert_json_snapshot!("forbidden", refused);
        assert_eq!(app.query(read).await, before);
    }

    async fn malformed_requests_are_refused_with_a_reason(app: App) {
        let with = |body: Body| post(&app.key).body(body).unwrap();
        let typed = |content_type: &str| {
            Request::post("/graphql")
                .header(header::AUTHORIZATION, format!("Bearer {}", app.key))
                .header(header::CONTENT_TYPE, content_type)
                .body(body_of("{ __typename }"))
                .unwrap()
        };
        let untyped = Request::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {}", app.key))
            .body(body_of("{ __typename }"))
            .unwrap();
        let router = router(&app, false);
        let refused = answers(
            &router,
            [
                ("nothing", with(Body::empty())),
                ("not JSON", with(Body::from("query { __typename }"))),
                ("half of it", with(Body::from(r#"{ "query": "{ __typename"#))),
                ("a text", with(Body::from(r#""{ __typename }""#))),
                ("null", with(Body::from("null"))),
                ("a batch", with(Body::from(r#"[{ "query": "{ __typename }" }]"#))),
                ("a list of texts", with(Body::from(r#"["{ __typename }"]"#))),
                ("no query", with(Body::from("{}"))),
                ("a query that is null", with(Body::from(r#"{ "query": null }"#))),
                ("an empty query", with(body_of(""))),
                ("a query that is a number", with(Body::from(r#"{ "query": 1 }"#))),
                (
                    "variables that are a list",
                    with(Body::from(r#"{ "query": "{ __typename }", "variables": [1] }"#)),
                ),
                ("not UTF-8", with(Body::from(&b"{ \"query\": \"{ \xff }\" }"[..]))),
                ("half a surrogate pair", with(Body::from(r#"{ "query": "{ \ud800 }" }"#))),
                (
                    "variables nested too deep",
                    with(Body::from("{ \"variables\": { \"a\": ".to_owned() + &"[".repeat(10_000))),
                ),
                ("too long", with(padded(Limits::default().body_bytes + 1))),
                ("another type", typed("text/plain")),
                ("a form", typed("application/x-www-form-urlencoded")),
                ("GraphQL itself", typed("application/graphql")),
                ("a type that begins so", typed("application/json-seq")),
                ("no type", untyped),
            ],
        )
        .await;
        for (name, answer) in &refused {
            let code = &answer["body"]["errors"][0]["extensions"]["code"];
            assert_eq!(code, "BAD_USER_INPUT", "{name}: {answer}");
        }
        insta::assert_json_snapshot!("no_request", refused);
    }

    async fn a_body_of_the_maximum_length_is_accepted(app: App) {
        let request = post(&app.key).body(padded(Limits::default().body_bytes)).unwrap();
        assert_eq!(answer(&router(&app, false), request).await["status"], 200);
        // Also a body without `Content-Length`.
        let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1 << 16]));
        let chunks = futures_util::stream::iter((0..17).map(move |_| chunk()));
        let request = post(&app.key).body(Body::from_stream(chunks)).unwrap();
        assert_eq!(answer(&router(&app, false), request).await["status"], 413);
    }

    async fn other_methods_and_paths_are_refused(app: App) {
        let get = |path: &str| Request::get(path);
        let browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
        let empty = |request: Builder| request.body(Body::empty()).unwrap();
        let router = router(&app, false);
        let other = answers(
            &router,
            [
                ("a program gets", empty(get("/graphql"))),
                ("a browser gets", empty(get("/graphql").header(header::ACCEPT, browser))),
                ("delete", empty(Request::delete("/graphql"))),
                ("no such path", empty(get("/nothing"))),
                ("no such path to post to", empty(Request::post("/graphql/"))),
                ("health", empty(get("/health"))),
                ("posting health", empty(Request::post("/health"))),
            ],
        );
        insta::assert_json_snapshot!("other_methods_and_paths", other.await);
    }

    async fn only_pages_of_known_origins_may_call(app: App) {
        let asking = |origin: &str, method: &str, headers: &str| {
            Request::builder()
                .method(Method::OPTIONS)
                .uri("/graphql")
                .header(header::ORIGIN, origin)
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, method)
                .header(header::ACCESS_CONTROL_REQUEST_HEADERS, headers)
                .body(Body::empty())
                .unwrap()
        };
        let preflight = |origin: &str| asking(origin, "POST", "authorization,content-type");
        let call = |origin: &str| {
            let request = post(&app.key).header(header::ORIGIN, origin);
            request.body(body_of("{ __typename }")).unwrap()
        };
        let keyless = Request::post("/graphql").header(header::ORIGIN, ORIGIN);
        let answers = answers(
            &router(&app, false),
            [
                ("preflight", preflight(ORIGIN)),
                ("preflight of another origin", preflight("https://evil.example.com")),
                ("preflight of no origin at all", preflight("null")),
                ("preflight of a GET with tracing", asking(ORIGIN, "GET", CLIENT_HEADERS)),
                ("call", call(ORIGIN)),
                ("call from another origin", call("https://evil.example.com")),
                ("call without a key", keyless.body(body_of("{ __typename }")).unwrap()),
            ],
        )
        .await;
        for (name, answer) in &answers {
            let allowed = answer["headers"].get("access-control-allow-origin");
            let expected = (!name.contains("origin")).then(|| json!(ORIGIN));
            assert_eq!(allowed, expected.as_ref(), "{name}");
        }
        insta::assert_json_snapshot!("cors", answers);
    }

    async fn invalid_queries_are_refused_with_a_reason(app: App) {
        let create = "mutation($input: CustomerCreateInput!) {
            customerCreate(input: $input) { customer { id } userErrors { field code } } }";
        let by_id = "query($id: ID!) { customer(id: $id) { id } }";
        let cases = [
            ("syntax", "{ customers { ", json!({})),
            ("unknown field", "{ customers { nodes { shoeSize } } }", json!({})),
            ("unknown argument", "{ customers(shoeSize: 44) { totalCount } }", json!({})),
            ("unknown type", "query($it: Shoe) { customer(id: $it) { id } }", json!({})),
            ("unknown fragment", "{ customers { ...Shoe } }", json!({})),
            ("unknown directive", "{ customers @shoe { totalCount } }", json!({})),
            (
                "unknown input",
                r#"mutation { customerCreate(input: { customerName: "A", shoeSize: 44 }) { userErrors { code } } }"#,
                json!({}),
            ),
            ("missing argument", "mutation { customerCreate { userErrors { code } } }", json!({})),
            (
                "missing input",
                "mutation { customerCreate(input: {}) { userErrors { code } } }",
                json!({}),
            ),
            (
                "number for text",
                "mutation { customerCreate(input: { customerName: 1 }) { userErrors { code } } }",
                json!({}),
            ),
            ("text for number", r#"{ customers(first: "1") { totalCount } }"#, json!({})),
            ("number out of range", "{ customers(first: 3000000000) { totalCount } }", json!({})),
            (
                "unknown value",
                r"{ customers(orderBy: { field: SHOE_SIZE }) { totalCount } }",
                json!({}),
            ),
            ("no selection", "{ customers }", json!({})),
            ("selection of a scalar", "{ customers { totalCount { it } } }", json!({})),
            ("missing variable", by_id, json!({})),
            ("null variable", by_id, json!({ "id": null })),
            ("variable of another type", by_id, json!({ "id": { "a": 1 } })),
            ("missing field in a variable", create, json!({ "input": {} })),
            ("null field in a variable", create, json!({ "input": { "customerName": null } })),
            (
                "unknown field in a variable",
                create,
                json!({ "input": { "customerName": "A", "shoeSize": 44 } }),
            ),
            ("number for text in a variable", create, json!({ "input": { "customerName": 1 } })),
            (
                "unknown value in a variable",
                create,
                json!({ "input": { "customerName": "A", "customerType": "CAT" } }),
            ),
            ("variable that is not declared", "{ customer(id: $id) { id } }", json!({ "id": "A" })),
            ("variable that is not used", "query($id: ID) { __typename }", json!({})),
            (
                "fragments in a circle",
                "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
                json!({}),
            ),
            (
                "two operations and no name",
                "query A { __typename } query B { __typename }",
                json!({}),
            ),
            (
                "two operations of one name",
                "query A { __typename } query A { __typename }",
                json!({}),
            ),
            ("subscription", "subscription { customers { totalCount } }", json!({})),
        ];
        let mut refused = Map::new();
        for (name, query, variables) in cases {
            let answer = app.query_with(query, variables).await;
            for error in answer["errors"].as_array().unwrap_or_else(|| panic!("{name}: {answer}")) {
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{name}: {answer}");
            }
            refused.insert(name.to_owned(), answer);
        }
        insta::assert_json_snapshot!("wrong_queries", refused);
        assert_eq!(
            app.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"],
            0
        );
    }

    async fn queries_beyond_a_limit_are_refused(app: App) {
        let nested = |times: usize| {
            let open = "{ customerGroups(first: 1) { nodes ".to_owned()
                + &"{ children(first: 1) { nodes ".repeat(times);
            open + "{ id }" + &" } }".repeat(times + 1)
        };
        let aliases = |field: &str, times: usize| {
            let fields: Vec<_> = (0..times).map(|number| format!("a{number}: {field}")).collect();
            format!("{{ {} }}", fields.join(" "))
        };
        let parents = "parentCustomerGroup { ".repeat(40) + "id" + &" }".repeat(40);
        let doubling: Vec<_> = (0..30)
            .map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }}", n + 1))
            .collect();
        let doubling = doubling.join(" ");
        let doubling = format!("{{ ...F0 }} {doubling} fragment F30 on Query {{ __typename }}");
        let cases = [
            ("depth", nested(12)),
            ("depth by parents", format!("{{ customerGroups {{ nodes {{ {parents} }} }} }}")),
            ("depth by far", nested(5_000)),
            (
                "complexity",
                "{ customers(first: 100) { nodes { customerGroups(first: 100) { nodes {
                customers(first: 100) { nodes { id } } } } } } }"
                    .to_owned(),
            ),
            (
                // A complexity so large that the sum would overflow.
                "complexity without end",
                format!("{{ {}id{} }}",
                    "customers(first: 100) { nodes { customerGroups(first: 100) { nodes { ".repeat(5),
                    " } } } }".repeat(5)),
            ),
            (
                "complexity by aliases",
                aliases("customers(first: 100) { nodes { id customerName } }", 5_000),
            ),
            (
                "complexity by ids",
                aliases(
                    r#"nodes(ids: ["a", "b", "c"]) { id ... on Customer { customerGroups(first: 100) { nodes { id } } } }"#,
                    2_000,
                ),
            ),
            (
                "lists in lists",
                format!(
                    "{{ customer(id: {}{}) {{ id }} }}",
                    "[".repeat(100_000),
                    "]".repeat(100_000)
                ),
            ),
            (
                "objects in objects",
                format!(
                    "{{ customers(filter: {}{}) {{ totalCount }} }}",
                    "{not:".repeat(100_000),
                    "}".repeat(100_000)
                ),
            ),
            ("lists that never end", format!("{{ customer(id: {}", "[".repeat(500_000))),
            (
                "types in types",
                format!("query($id: {}) {{ customer(id: $id) {{ id }} }}", "[".repeat(500_000)),
            ),
            ("fragments of fragments", doubling),
        ];
        let mut refused = Map::new();
        for (name, query) in cases {
            let answer = app.query(&query).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{name}: {answer}"
            );
            assert_eq!(answer.get("data").filter(|data| !data.is_null()), None, "{name}: {answer}");
            let message = answer["errors"][0]["message"].as_str().unwrap();
            // A syntax error contains the line, which is the whole request.
            let end: String = message.chars().rev().take(80).collect();
            refused.insert(name.to_owned(), end.chars().rev().collect::<String>().into());
        }
        insta::assert_json_snapshot!("too_much", refused);
    }

    async fn large_queries_within_the_limits_are_executed(app: App) {
        let aliases: Vec<_> =
            (0..100).map(|n| format!("a{n}: node(id: \"{n}\") {{ id }}")).collect();
        let aliases = aliases.join(" ");
        let answer = app.data(&format!("{{ {aliases} }}"), json!({})).await;
        assert_eq!(answer.as_object().unwrap().len(), 100);
        // Nested deeply, but within the limit, and with brackets in comments and strings.
        let query = "# [[[[[[[[[[ {{{{{{{{{{\n{ customers(filter: { customerName: { contains: \"[[[[[[ \\\"{{{{{{\" } }) { totalCount }
            customerGroups(first: 5) { nodes { children(first: 2) { nodes { children(first: 2) { nodes { children(first: 2) { nodes {
            children { nodes { children { nodes { id } } } } } } } } } } } } }";
        app.data(query, json!({})).await;
    }

    async fn the_operation_is_chosen_by_its_name(app: App) {
        let id = app.create_customer(r#"customerName: "Kept", externalId: "C""#).await;
        let query = "
            query ById($id: ID!) { customer(id: $id) { customerName } }
            query ByExternalId($externalId: String!) { customer(externalId: $externalId) { id } }
            mutation Rename($id: ID!, $name: String!) {
                customerUpdate(id: $id, input: { customerName: $name }) { customer { customerName } } }";
        let ask = async |name: Value, variables: Value| {
            let body = json!({ "query": query, "operationName": name, "variables": variables });
            app.post(Some(&app.key), &body.to_string()).await.1
        };
        insta::assert_json_snapshot!(
            "operations",
            json!({
                "by id": ask(json!("ById"), json!({ "id": id })).await,
                "by external id": ask(json!("ByExternalId"), json!({ "externalId": "C" })).await,
                "mutation": ask(json!("Rename"), json!({ "id": id, "name": "New" })).await,
                "one variable too many": ask(json!("ById"), json!({ "id": id, "name": "New" })).await,
                "variable of another operation": ask(json!("ById"), json!({ "externalId": "C" })).await,
                "no such operation": ask(json!("Nothing"), json!({ "id": id })).await,
                "no name": ask(Value::Null, json!({ "id": id })).await,
            })
        );
    }

    async fn fields_of_a_response_have_the_order_of_the_request(app: App) {
        let group =
            app.create_group(r#"customerGroupName: "Group", externalId: "G", isGroup: true"#).await;
        for number in 0..5 {
            let fields =
                format!("customerName: \"Customer {number}\", customerGroupId: \"{group}\"");
            app.create_customer(&fields).await;
            let fields = format!("customerGroupName: \"Child {number}\", parentId: \"{group}\"");
            app.create_group(&fields).await;
        }
        // Fields without a load, with one load and with several, in all combinations.
        let query = r#"{
            z: customers(first: 2) { totalCount nodes {
                customerGroups { totalCount nodes { ancestors { id } depth customerGroupName } }
                customerName customerGroup { descendants { customerGroupName } depth id } id
            } pageInfo { hasNextPage } }
            __typename
            a: customerGroup(externalId: "G") {
                descendants { depth id }
                customers(first: 1) { nodes { id } totalCount }
                customerGroupName
                children(first: 1) { totalCount nodes { id parentCustomerGroup { children { totalCount } id } } }
                ancestors { id }
                depth
            }
            m: node(id: "nothing") { id }
            customerGroups(last: 1) { edges { cursor node { id } } totalCount }
        }"#;
        let first = text(&app, json!({ "query": query })).await;
        insta::assert_snapshot!("order_of_keys", first);
        for _ in 0..10 {
            assert_eq!(text(&app, json!({ "query": query })).await, first);
        }
    }

    async fn an_error_makes_only_the_nearest_nullable_field_null(app: App) {
        app.create_group(r#"customerGroupName: "Group", externalId: "G""#).await;
        app.create_customer(r#"customerName: "Customer", externalId: "C""#).await;
        let cases = [
            // `customer` is nullable, so its error does not propagate.
            r#"{ before: __typename customer(id: "a", externalId: "b") { id } after: __typename }"#,
            // A connection is non-null, so its error propagates to the next nullable field.
            r#"{ before: __typename customer(externalId: "C") { id customerGroups(first: 0) { totalCount } } after: __typename }"#,
            r#"{ before: __typename customerGroup(externalId: "G") { id children(first: 1) { nodes { id } } customers(after: "?") { totalCount } } after: __typename }"#,
            "{ before: __typename customers(first: 0) { totalCount } }",
            // Several errors: each is reported with its path.
            r#"{ a: customer { id } b: customer(id: "a", externalId: "b") { id } c: customer(externalId: "C") { customerName } }"#,
            // Within lists whose items are not nullable.
            "{ customers { nodes { id customerGroups(offset: -1) { totalCount } } } }",
        ];
        let mut answers = Vec::new();
        for query in cases {
            answers.push(json!({ "query": query, "answer": app.query(query).await }));
        }
        insta::assert_json_snapshot!("null_on_error", answers);
    }

    async fn a_conflict_of_one_mutation_hides_no_other(app: App) {
        // A constraint that the models do not check, like the effect of a concurrent change.
        let rule = "CREATE UNIQUE INDEX one_of_a_name ON customers (tenant_id, customer_name)";
        app.database.execute(rule).await;
        let create = |name: &str| {
            format!(r#"customerCreate(input: {{ customerName: "{name}" }}) {{ customer {{ customerName }} }}"#)
        };
        let mutation =
            format!("mutation {{ a: {0} b: {0} c: {1} }}", create("Ada"), create("Grace"));
        insta::assert_json_snapshot!("mutations_around_a_conflict", app.query(&mutation).await);
        let made = app.data("{ customers { nodes { customerName } } }", json!({})).await;
        insta::assert_json_snapshot!("made_around_a_conflict", made);
    }

    async fn mutations_run_one_after_the_other_and_fail_alone(app: App) {
        let query = r#"mutation {
            a: customerCreate(input: { customerName: "A", externalId: "1" }) { customer { customerName } userErrors { code } }
            b: customerCreate(input: { customerName: "B", externalId: "1" }) { customer { customerName } userErrors { code } }
            c: customerUpdate(externalId: "1", input: { customerName: "C" }) { customer { customerName } userErrors { code } }
            d: customerDelete(externalId: "1") { deletedId userErrors { code } }
            e: customerCreate(input: { customerName: "E", externalId: "1" }) { customer { customerName } userErrors { code } }
        }"#;
        insta::assert_json_snapshot!("mutations_in_order", app.query(query).await);
    }

    async fn an_error_hides_no_committed_mutation(app: App) {
        let create = |name: &str| {
            format!(
                r#"customerCreate(input: {{ customerName: "{name}", externalId: "{name}" }}) {{ customer {{ customerName }} }}"#
            )
        };
        let failing = [
            // In the resolver.
            r#"customerDelete(id: "a", externalId: "b") { deletedId }"#,
            // In the selection on the payload, after the change was made.
            r#"customerUpdate(externalId: "a", input: { customerType: COMPANY }) { customer { customerGroups(first: 0) { totalCount } } }"#,
        ];
        let mutations = failing.iter().enumerate().map(|(number, failing)| {
            format!("b{number}: {failing} c{number}: {}", create(&format!("c{number}")))
        });
        let mutations = mutations.collect::<Vec<_>>().join(" ");
        let answer = app.query(&format!("mutation {{ a: {} {mutations} }}", create("a"))).await;
        insta::assert_json_snapshot!("mutations_around_a_failure", answer);
        let made = app.data("{ customers { nodes { customerName customerType } } }", json!({})).await;
        insta::assert_json_snapshot!("made_around_a_failure", made);
    }

    async fn a_client_that_disconnects_breaks_nothing(app: App) {
        let group = app.create_group(r#"customerGroupName: "Group""#).await;
        let router = router(&app, false);
        let query = "mutation($group: ID!, $it: String!) {
            customerCreate(input: { customerName: $it, externalId: $it, customerGroupId: $group }) {
                customer { id } userErrors { code } } }";
        let rounds = 60;
        for round in 0..rounds {
            let name = format!("abandoned {round}");
            let variables = json!({ "group": group, "it": name });
            let body = json!({ "query": query, "variables": variables }).to_string();
            let request = post(&app.key).body(Body::from(body)).unwrap();
            poll_so_often(router.clone().oneshot(request), round % 20).await;
            // A query that is abandoned in between mutations.
            let request = post(&app.key).body(body_of("{ customers { totalCount } }")).unwrap();
            poll_so_often(router.clone().oneshot(request), round % 20).await;
        }
        // Mutations that have begun continue. These wait until they have finished, because they need the same
        // connections: the only one for writing, or any of the pool.
        for number in 0..10 {
            app.create_customer(&format!("customerName: \"after {number}\"")).await;
        }
        let all = app
            .data(
                "{ customers(first: 100) { totalCount nodes {
            externalId customerName customerGroup { id } customerGroups { nodes { id } } } } }",
                json!({}),
            )
            .await;
        let created = all["customers"]["nodes"].as_array().unwrap();
        let abandoned: Vec<&Value> =
            created.iter().filter(|it| !it["externalId"].is_null()).collect();
        for customer in &abandoned {
            assert_eq!(customer["externalId"], customer["customerName"]);
            assert_eq!(customer["customerGroup"]["id"], group, "whole, or not at all");
            assert_eq!(customer["customerGroups"]["nodes"], json!([{ "id": group }]));
        }
        assert_eq!(created.len() - abandoned.len(), 10);
        let some = 1..rounds;
        assert!(some.contains(&abandoned.len()), "some were abandoned before they began, not all");
    }

    async fn health_reports_a_reachable_database(app: App) {
        let request = Request::get("/health").body(Body::empty()).unwrap();
        insta::assert_json_snapshot!("healthy", answer(&router(&app, false), request).await);
    }
}

/// Polls a request this many times, and then drops it unless it is complete.
async fn poll_so_often<F: Future>(request: F, times: usize) {
    let mut request = pin!(request);
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 || request.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Asserts that the error for an unavailable database reveals nothing.
async fn assert_away(router: &Router, app: &App, name: &str) {
    let health = Request::get("/health").body(Body::empty()).unwrap();
    let query = post(&app.key).body(body_of("{ customers { totalCount } }")).unwrap();
    let answers = answers(router, [("health", health), ("query", query)]).await;
    insta::assert_json_snapshot!(name, answers);
}

async fn assert_back(router: &Router, app: &App) {
    for _ in 0..10 {
        let health = Request::get("/health").body(Body::empty()).unwrap();
        assert_eq!(answer(router, health).await["status"], 200);
        let query = post(&app.key).body(body_of("{ customers { totalCount } }")).unwrap();
        let body = &answer(router, query).await["body"];
        assert_eq!(body, &json!({ "data": { "customers": { "totalCount": 1 } } }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_sqlite_file_is_opened_when_it_appears() {
    let app = App::start(Backend::Sqlite).await.unwrap();
    app.create_customer("customerName: \"Kept\"").await;
    let path = app.database.url.strip_prefix("sqlite:").unwrap();
    let (folder, file) = path.rsplit_once('/').unwrap();
    let later = format!("{folder}/later");
    let db = Db::open(&format!("sqlite:{later}/{file}").parse().unwrap(), 2).unwrap();
    let router = http::router(State::new(db, app.clock.clone(), false), Vec::new());
    assert_away(&router, &app, "database_away").await;
    std::os::unix::fs::symlink(folder, later).unwrap();
    assert_back(&router, &app).await;
}

/// A connection to another database on the server of the test's database.
async fn administrator() -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(&cluster().unwrap().url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_succeed_again_when_postgresql_is_back() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    app.create_customer("customerName: \"Kept\"").await;
    let router = router(&app, false);
    assert_back(&router, &app).await;
    let (admin, name) = (administrator().await, app.database.url.rsplit_once('/').unwrap().1);
    let allow = async |allowed: bool| {
        let change = format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {allowed}");
        admin.batch_execute(&change).await.unwrap();
    };
    allow(false).await;
    let end = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
               WHERE datname = $1";
    admin.query_one(end, &[&name]).await.unwrap();
    // For up to a second the key is cached, and the query itself fails.
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_away(&router, &app, "database_away").await;
    allow(true).await;
    assert_back(&router, &app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_whose_connection_breaks_is_reported() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    app.create_customer("customerName: \"Kept\"").await;
    let router = router(&app, false);
    let (mut blocker, connection) =
        tokio_postgres::connect(&app.database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let lock = blocker.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let query =
        r#"mutation { customerCreate(input: { customerName: "Lost" }) { customer { id } } }"#;
    let request = post(&app.key).body(body_of(query)).unwrap();
    let waiting = tokio::spawn({
        let router = router.clone();
        async move { answer(&router, request).await }
    });
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let ended = || async { lock.query_one(end, &[]).await.unwrap().get::<_, i64>(0) };
    while ended().await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    insta::assert_json_snapshot!("connection_broken", waiting.await.unwrap());
    lock.rollback().await.unwrap();
    assert_back(&router, &app).await;
}
