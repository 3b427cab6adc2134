//! Any text at all.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;

use super::{ask, populate};
use crate::support::{app::App, database::Backend};

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
