//! The demo's data is the same in both databases, to the byte.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use clientele::{
    auth::KeySecret,
    clock::Clock,
    db::Db,
    demo,
    http::{App, router},
};
use serde_json::json;
use tower::ServiceExt;

use crate::support::database::{Backend, Database};

const QUERIES: &[&str] = &[
    "{ customers(first: 100) { totalCount pageInfo { endCursor } nodes { id externalId customerName
        customerType emailId mobileNo taxId territory createdAt updatedAt createdBy
        defaultCommissionRate customerGroup { id customerGroupName
            ancestors { id customerGroupName } }
        customerGroups { totalCount nodes { customerGroupName } } } } }",
    "{ customerGroup(externalId: \"all\") { id descendants { id customerGroupName depth isGroup
        createdAt customers(first: 3, orderBy: { field: CUSTOMER_NAME }) {
            totalCount edges { cursor node { id customerName } } } } } }",
    "{ customers(filter: { search: \"ød\", disabled: { eq: false } },
        orderBy: { field: EMAIL_ID, direction: DESC }) {
            totalCount nodes { customerName emailId } } }",
    "{ loyaltyPrograms(orderBy: { field: FROM_DATE }) { nodes { id externalId loyaltyProgramName
        loyaltyProgramType fromDate toDate autoOptIn conversionFactor expiryDuration
        customerGroup { customerGroupName } updatedAt
        collections { id idx tierName minSpent collectionFactor customers { totalCount } }
        customers(first: 2) { totalCount nodes { customerName loyaltyId } } } } }",
    "{ posProfiles { nodes { id posProfileId posCustomerGroups { id idx customerGroup {
            customerGroupName posProfiles { totalCount } } }
        customers(first: 5, orderBy: { field: CREDIT_BALANCE, direction: DESC }) {
            totalCount edges { cursor node { customerName credit { limit balance }
                loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName } } } } } } }",
    "{ customers(first: 40, filter: { consent: { in: [\"Newsletter\"] } }) { totalCount nodes {
        displayName addresses { id addressType isPrimary formatted displayName }
        contacts { id displayName title emailId isPrimary createdAt }
        consents { name status source } extensions { extensionCode organizationUid }
        supplierNumbers { id idx company supplierNumber }
        primaryContact { displayName } primaryAddress { displayName } } } }",
];

async fn answers(database: &Database) -> Vec<String> {
    let db = Db::open(&database.parsed(), 4).unwrap();
    let clock = Clock::system();
    demo::fill(&db, &clock).await.unwrap();
    let router = router(App::new(db, clock, true), Vec::new());
    let mut answers = Vec::new();
    for query in QUERIES {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", KeySecret::demo().reveal()))
            .body(Body::from(json!({ "query": query }).to_string()))
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        answers.push(String::from_utf8(body.to_vec()).unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_give_the_same_bytes() {
    let sqlite = Database::migrated(Backend::Sqlite).await.unwrap();
    let answer = answers(&sqlite).await;
    insta::assert_snapshot!("demo", answer.join("\n"));
    // A second start changes nothing.
    assert_eq!(answers(&sqlite).await, answer);
    if let Some(postgres) = Database::migrated(Backend::Postgres).await {
        assert_eq!(answers(&postgres).await, answer);
    }
}
