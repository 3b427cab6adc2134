//! Arbitrary texts.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;

use super::{ask, populate};
use crate::{
    laws::config,
    support::{app::App, database::Backend},
};

/// Arbitrary text, with a preference for difficult characters.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        4 => "[a-zA-Z ]{1,8}",
        2 => prop::sample::select(vec![
            "\0", "\n", "\u{1b}", "%", "_", "\\", "'", "\"", "\u{fdfa}", "\u{301}", "ß", "ſ", "İ", "ς", "Σ",
            "\u{200d}", "\u{feff}", "\u{ffff}", "\u{10ffff}", "🏪", "ada", "example", "ES-", "POS-1", "news", "2026-", "-01-01", "1.5", "-", "*", "{", "AND",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Operations that take a text as `$it`, and one that takes none.
const TAKES_TEXT: [&str; 50] = [
    "mutation($it: String!) { loyaltyProgramCreate(input: { loyaltyProgramName: $it, fromDate: \"2026-01-01\", externalId: $it,
        collections: [{ tierName: $it, collectionFactor: 1, externalId: $it }, { tierName: \"New\", minSpent: 1, collectionFactor: 1 }] }) {
        loyaltyProgram { loyaltyProgramName collections { idx tierName } } userErrors { field code message } } }",
    "mutation($it: Date!) { loyaltyProgramUpdate(externalId: \"P-1\", input: { fromDate: $it }) {
        loyaltyProgram { fromDate } userErrors { field code message } } }",
    "mutation($it: Decimal!) { loyaltyProgramCollectionUpdate(externalId: \"T-2\", input: { minSpent: $it }) {
        loyaltyProgramCollection { minSpent } userErrors { field code message } } }",
    "mutation($it: String!) { loyaltyProgramCollectionUpdate(externalId: \"T-3\", input: { tierName: $it, idx: 1 }) {
        loyaltyProgramCollection { idx tierName } userErrors { field code message } } }",
    "mutation($it: String!) { posCustomerGroupUpdate(externalId: \"L-1\", input: { posProfileId: $it }) {
        posCustomerGroup { idx posProfileId } userErrors { field code message } } }",
    "mutation($it: ID!) { posCustomerGroupReorder(parentId: $it, ids: [$it]) {
        posCustomerGroups { idx } userErrors { field code message } } }",
    "mutation($it: String!) { supplierNumberAtCustomerUpdate(externalId: \"S-1\", input: { company: $it, supplierNumber: $it }) {
        supplierNumberAtCustomer { company supplierNumber } userErrors { field code message } } }",
    "mutation($it: String!) { customerUpdate(externalId: \"C-1\", input: { displayName: $it, internalNote: $it, loyaltyId: $it }) {
        customer { displayName internalNote loyaltyId } userErrors { field code message } } }",
    "mutation($it: String!) { customerCreate(input: { customerName: \"New\",
        addresses: [{ address: $it, city: $it, countryCode: $it }, { companyName: $it, externalId: $it }],
        contacts: [{ firstName: $it, externalId: $it, extensions: [{ extensionCode: $it }] }],
        consents: [{ name: $it, status: true }, { name: \"news\", status: false, source: $it }] }) {
        customer { addresses { displayName formatted } contacts { displayName } consents { name source } }
        userErrors { field code message } } }",
    "mutation($it: String!) { customerConsentUpdate(externalId: \"N-2\", input: { name: $it }) {
        customerConsent { name } userErrors { field code message } } }",
    "mutation($it: String!) { customerAddressUpdate(externalId: $it, input: { displayName: $it, phone: $it }) {
        customerAddress { displayName phone } userErrors { field code message } } }",
    "query($it: String!) { customers(filter: { consent: { in: [$it, \"news\"] }, not: { loyaltyId: { eq: $it } } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(filter: { posProfileId: $it }) { totalCount nodes { id } } posProfiles(filter: { posProfileId: { eq: $it } }) { totalCount } }",
    "query($it: ID!) { posProfile(id: $it) { posProfileId posCustomerGroups { idx } customers { totalCount } } }",
    "query($it: String!) { loyaltyPrograms(filter: { search: $it }, orderBy: { field: LOYALTY_PROGRAM_NAME }) { totalCount edges { cursor node { loyaltyProgramName } } } }",
    "query($it: String!) { loyaltyPrograms(after: $it, orderBy: { field: TO_DATE }) { totalCount nodes { id } } posProfiles(before: $it) { totalCount } }",
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
    "mutation($it: String!) { attributeDefinitionCreate(input: { noun: CUSTOMER, key: $it, type: CHOICE, choices: [$it, \"b\"], description: $it }) {
        attributeDefinition { key choices description } userErrors { field code message } } }",
    "mutation($it: String!) { customerUpdate(externalId: \"C-1\", input: { attributes: [{ key: \"note\", value: { text: $it } }] }) {
        customer { attributes { key values { text } } } userErrors { field code message } } }",
    "mutation($it: String!) { customerUpdate(externalId: \"C-2\", input: { attributes: [{ key: $it, values: [{ choice: $it }] },
        { key: \"note\", value: { money: { amount: 1, currency: $it } } }] }) { userErrors { field code message } } }",
    "query($it: String!) { customers { nodes { attribute(key: $it) { key } } } attributeDefinition(noun: CUSTOMER, key: $it) { key } }",
    "query($it: String!) { customers(filter: { attribute: { key: \"note\", eq: { text: $it } } }) { totalCount nodes { id } }
        other: customers(filter: { attribute: { key: \"note\", startsWith: $it } }, orderBy: { attribute: \"note\" }) { edges { cursor } } }",
    "query($it: String!) { customers(filter: { not: { attribute: { key: \"note\", contains: $it, in: [{ text: $it }, { text: \"a\" }] } } }) { totalCount nodes { id } } }",
    "query($it: String!) { customers(orderBy: { attribute: $it }) { totalCount } }",
    "query { customers(first: 100, orderBy: { field: CUSTOMER_NAME }) { edges { cursor node { id customerName } } } }",
];

/// Every sequence of requests with arbitrary texts gets a response, which is identical on both
/// databases.
#[test]
fn any_text_gets_the_same_response_from_both_databases() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let apps = runtime.block_on(async {
        let apps = (App::start(Backend::Sqlite).await, App::start(Backend::Postgres).await);
        for app in [&apps.0, &apps.1].into_iter().flatten() {
            populate(app).await;
        }
        apps
    });
    let (Some(sqlite), Some(postgres)) = apps else { return };
    // The cases share a database, so each sees the rows of earlier cases.
    let any_request = (prop::sample::select(TAKES_TEXT.to_vec()), any_text());
    let any_sequence = prop::collection::vec(any_request, 1..8);
    let result = TestRunner::new(config(100)).run(&any_sequence, |sequence| {
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
