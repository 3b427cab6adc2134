//! Documents from attackers and careless clients. None of them stops the server, and validation
//! agrees with graphql-js.

pub mod cases;
pub mod generated;

use async_graphql::Variables;
use clientele::{
    graphql::{Engine, Policy},
    limits::{ERROR_MESSAGE_MAX, ERRORS_MAX, Limits},
};
use serde_json::{Value, json};

use crate::support::{app::App, binary::data_file, database::Backend};

/// Maximum size of an error response, which must repeat little of the document.
const ERROR_RESPONSE_MAX: usize = 16 << 10;

/// Sends a request with this document. Returns the response as text.
async fn post(app: &App, document: &str, variables: &Value) -> String {
    let body = json!({ "query": document, "variables": variables }).to_string();
    app.post(Some(&app.key), &body).await.1.to_string()
}

async fn assert_bounded(app: &App, name: &str, document: &str, variables: &Value) {
    let response = post(app, document, variables).await;
    assert!(!response.contains("INTERNAL_SERVER_ERROR"), "{name}: {response}");
    if response.contains("\"errors\"") {
        let shown: String = response.chars().take(200).collect();
        assert!(response.len() <= ERROR_RESPONSE_MAX, "{name}: {} bytes: {shown}", response.len());
        let response: Value = serde_json::from_str(&response).unwrap();
        let errors = response["errors"].as_array().unwrap();
        assert!(errors.len() <= ERRORS_MAX, "{name}");
        for error in errors {
            assert!(error["message"].as_str().unwrap().len() <= ERROR_MESSAGE_MAX, "{name}");
        }
    }
}

/// Each document is sent from a worker thread with a smaller stack than the binary's, so that too
/// deep a recursion aborts the test run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_of_any_nesting_and_size_is_bounded() {
    let app = App::start(Backend::Sqlite).await.unwrap();
    app.create_group(r#"customerGroupName: "Root", externalId: "1""#).await;
    for (case, sizes) in cases::CASES {
        for size in *sizes {
            let (app, name) = (&app, format!("{case}, {size}"));
            let document = cases::document(case, *size);
            assert_bounded(app, &name, &document, &json!({})).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_nested_up_to_the_limit() {
    let app = App::start(Backend::Sqlite).await.unwrap();
    let max = Limits::default().value_depth;
    let nested = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({ "not": inner }));
    let query = |levels: usize| {
        let (open, close) = ("{not:".repeat(levels), "}".repeat(levels));
        format!(
            "query($filter: CustomerFilter) {{ customers(filter: {open}$filter{close}) {{ totalCount }} }}"
        )
    };
    // A variable with levels of its own within levels of the literal.
    for (literal, variable) in [(0, max - 1), (max - 1, 0), (20, max - 21), (max / 2, max / 2 - 1)]
    {
        let variables = json!({ "filter": nested(variable) });
        let response = post(&app, &query(literal), &variables).await;
        assert_eq!(response, r#"{"data":{"customers":{"totalCount":0}}}"#, "{literal} {variable}");
    }
    for (literal, variable) in [(0, max), (max, 0), (20, max - 20), (max / 2, max / 2), (1, 5_000)]
    {
        let variables = json!({ "filter": nested(variable.min(100)) });
        let response = post(&app, &query(literal), &variables).await;
        assert!(response.contains("value-depth"), "{literal} {variable}: {response}");
    }
}

/// Documents on which this server and graphql-js disagree, and why.
const EXCEPTIONS: [(&str, &str); 2] = [
    // graphql-js reports only during execution that the schema has no subscriptions.
    ("subscription", "The schema has no \"subscription\" root type defined."),
    // According to the specification, a block string and a string with the same content are the
    // same value. graphql-js compares them as printed.
    ("\"\"\"1\"\"\"", ""),
];

#[test]
fn documents_are_validated_as_by_graphql_js() {
    let verdicts = std::fs::read_to_string(data_file("verdicts.json")).unwrap();
    let verdicts: Vec<Value> = serde_json::from_str(&verdicts).unwrap();
    let engine = Engine::new(Limits::default(), Policy::default());
    let mut different = Vec::new();
    for verdict in &verdicts {
        let document = verdict["document"].as_str().unwrap();
        let ours = engine.prepare(document, verdict["operation"].as_str());
        let theirs = verdict["errors"].as_array().unwrap();
        let is_exception = EXCEPTIONS.iter().any(|(text, message)| {
            let says = |error: &async_graphql::ServerError| error.message == *message;
            document.contains(text) && ours.as_ref().map_or_else(|it| it.iter().any(says), |_| true)
        });
        if ours.is_ok() != theirs.is_empty() && !is_exception {
            let ours = ours.map_or_else(|it| it[0].message.clone(), |_| "valid".to_owned());
            different.push(json!({ "document": document, "graphql-js": theirs, "ours": ours }));
        }
    }
    assert_eq!(different, Vec::<Value>::new(), "{different:#?}");
    assert!(verdicts.len() > 250);
}

#[test]
fn similar_names_are_suggested_unless_that_is_turned_off() {
    let query = "{ customers(frist: 3) { nodes { custmerName } } }";
    let messages = |policy| {
        let errors = Engine::new(Limits::default(), policy).prepare(query, None).unwrap_err();
        errors.into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    assert_eq!(
        messages(Policy::default()),
        [
            "Unknown argument \"frist\" on field \"Query.customers\". Did you mean \"first\"?",
            "Cannot query field \"custmerName\" on type \"Customer\". Did you mean \"customerName\"?",
        ]
    );
    assert_eq!(
        messages(Policy { suggestions: false, ..Policy::default() }),
        [
            "Unknown argument \"frist\" on field \"Query.customers\".",
            "Cannot query field \"custmerName\" on type \"Customer\".",
        ]
    );
}

#[test]
fn the_cost_of_introspection_assumes_the_largest_type() {
    let engine = Engine::new(Limits::default(), Policy::default());
    let fields = |document: &str| {
        let operation = engine.prepare(document, None).unwrap();
        engine.bind(&operation, Variables::default()).map(|bound| bound.fields)
    };
    // The estimated cost of introspection follows from the number of fields in the schema.
    let of_all = fields("{ __schema { types { fields { args { name } } } } }").unwrap();
    assert!((1_000..10_000).contains(&of_all), "{of_all}");
    let of_one = fields(r#"{ __type(name: "Customer") { fields { name } } }"#).unwrap();
    assert!((60..200).contains(&of_one), "{of_one}");
    let names: Vec<_> = (0..500).map(|number| format!("n{number}: name")).collect();
    let names = names.join(" ");
    for selection in [
        format!(r#"__type(name: "Node") {{ possibleTypes {{ fields {{ {names} }} }} }}"#),
        format!("__schema {{ types {{ fields {{ type {{ fields {{ {names} }} }} }} }} }}"),
    ] {
        let errors = fields(&format!("{{ {selection} }}")).unwrap_err();
        assert!(errors[0].message.contains("limit-fields"), "{}", errors[0].message);
    }
}

#[test]
fn introspection_can_be_turned_off() {
    let engine = |introspection| {
        Engine::new(Limits::default(), Policy { introspection, ..Policy::default() })
    };
    let documents = [
        "{ __schema { queryType { name } } }",
        "{ ...A } fragment A on Query { ... { type: __type(name: \"Customer\") { name } } }",
    ];
    for document in documents {
        assert!(engine(true).prepare(document, None).is_ok(), "{document}");
        let errors = engine(false).prepare(document, None).unwrap_err();
        assert_eq!(errors[0].message, "Introspection is turned off on this server.");
    }
    assert!(engine(false).prepare("{ __typename customers { __typename } }", None).is_ok());
}
