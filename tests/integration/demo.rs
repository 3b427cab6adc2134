//! The demo's data is identical in both databases.

use axum::{body::Body, http::StatusCode};
use clientele::{
    auth::KeySecret,
    clock::Clock,
    db::Db,
    demo,
    http::{App, router},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    app::post,
    database::{Backend, Database},
    types::{assert_names_all_lists, queries_of_all},
};

/// Queries for the data in snapshots: a sample of each type.
const SHOWN: &[&str] = &[
    "{ customers(first: 12) { totalCount nodes { id externalId customerName customerType emailId taxId
        territory createdAt createdBy customerGroup { customerGroupName ancestors { customerGroupName } }
        loyaltyProgramTier { tierName } credit { limit balance }
        addresses { addressType formatted } contacts { displayName extensions { extensionCode } }
        consents { name status } extensions { extensionCode }
        supplierNumbers { idx company supplierNumber } } } }",
    "{ customerGroup(externalId: \"all\") { id descendants { customerGroupName depth isGroup
        customers { totalCount } } } }",
    "{ loyaltyPrograms(orderBy: { field: FROM_DATE }) { nodes { id externalId loyaltyProgramName
        loyaltyProgramType fromDate toDate customerGroup { customerGroupName } customers { totalCount }
        collections { idx tierName minSpent collectionFactor customers { totalCount } } } } }",
    "{ tenant { name defaults { defaultPriceList paymentTerms paymentTermsDays creditLimit language } }
        customers(first: 6) { nodes { externalId customerGroup { customerGroupName } effective {
            defaultPriceList { value source { kind customerGroup { customerGroupName } } }
            paymentTermsDays { value source { kind } } creditLimit { value source { kind } }
            language { value source { kind } } } } } }",
    "{ posProfiles { nodes { id posProfileId customers { totalCount }
        posCustomerGroups { id idx customerGroup { customerGroupName } } } } }",
];

/// Queries for further data that is compared between the databases, besides all fields of the first objects of each
/// type.
const COMPARED: &[&str] = &[
    "{ customers(first: 100) { pageInfo { endCursor } } }",
    "{ customers(filter: { search: \"ød\", disabled: { eq: false } },
        orderBy: { field: EMAIL_ID, direction: DESC }) {
            totalCount nodes { customerName emailId } } }",
    "{ posProfiles { nodes { customers(first: 50, orderBy: { field: CREDIT_BALANCE, direction: DESC }) {
            edges { cursor node { customerName credit { limit balance } } } } } } }",
];

async fn answers(database: &Database) -> Vec<String> {
    let db = Db::open(&database.parsed(), 4).unwrap();
    let clock = Clock::system();
    demo::fill(&db, &clock).await.unwrap();
    let router = router(App::new(db, clock, true), Vec::new());
    let mut answers = Vec::new();
    let fixed = SHOWN.iter().chain(COMPARED).map(|query| (*query).to_owned());
    for query in fixed.chain(queries_of_all()) {
        let request = post(KeySecret::demo().reveal())
            .body(Body::from(json!({ "query": query }).to_string()))
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let answer = String::from_utf8(body.to_vec()).unwrap();
        assert!(!answer.contains("\"errors\""), "{query}: {answer}");
        answers.push(answer);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_the_same_on_both_databases() {
    let sqlite = Database::migrated(Backend::Sqlite).await.unwrap();
    let answer = answers(&sqlite).await;
    let shown = answer.iter().take(SHOWN.len());
    let shown: Vec<Value> = shown.map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_names_all_lists("Customer", SHOWN[0]);
    insta::assert_json_snapshot!("demo", shown);
    // A second start changes nothing.
    assert_eq!(answers(&sqlite).await, answer);
    if let Some(postgres) = Database::migrated(Backend::Postgres).await {
        assert_eq!(answers(&postgres).await, answer);
    }
}
