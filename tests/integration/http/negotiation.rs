//! Content negotiation, and the status of a response.

use super::*;

const LEGACY: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

both! {
    async fn the_status_depends_on_the_media_type_of_the_response(app: App) {
        app.create_customer(r#"customerName: "A", externalId: "A""#).await;
        let router = router(&app, false);
        let by_id = "query($id: ID!) { customer(id: $id) { id } }";
        let ask = async |accept: &str, body: &Value| {
            let request = post(&app.key).header(header::ACCEPT, accept);
            answer(&router, request.body(Body::from(body.to_string())).unwrap()).await
        };
        let cases = [
            (json!({ "query": "{ customers { totalCount } }" }), 200),
            // Some data, and an error.
            (json!({ "query": r#"{ customer(id: "a", externalId: "b") { id } }"# }), 200),
            (json!({ "query": "{" }), 400),
            (json!({ "query": "{ shoes }" }), 400),
            (json!({ "query": by_id }), 400),
            (json!({ "query": by_id, "variables": { "id": [] } }), 400),
            (json!({ "query": by_id, "operationName": "A", "variables": { "id": "a" } }), 400),
            (json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "a" } } }), 400),
        ];
        for (body, status) in cases {
            let graphql = ask(GRAPHQL, &body).await;
            assert_eq!(graphql["status"], status, "{body}: {graphql}");
            assert_eq!(graphql["headers"]["content-type"], format!("{GRAPHQL}; charset=utf-8"));
            let legacy = ask(LEGACY, &body).await;
            assert_eq!(legacy["status"], 200, "{body}: {legacy}");
            assert_eq!(legacy["headers"]["content-type"], format!("{LEGACY}; charset=utf-8"));
            assert_eq!(legacy["body"], graphql["body"], "{body}");
            // If nothing was executed, the response has no `data`, not even `null`.
            assert_eq!(legacy["body"].get("data").is_some(), status == 200, "{body}: {legacy}");
        }
        // The status for a body that is not a GraphQL request does not depend on `Accept`.
        for accept in [GRAPHQL, LEGACY, "*/*"] {
            assert_eq!(ask(accept, &json!({})).await["status"], 400, "{accept}");
        }
    }

    async fn an_unsupported_media_type_is_not_acceptable(app: App) {
        let router = router(&app, false);
        let ask = |accept: &str| {
            post(&app.key).header(header::ACCEPT, accept).body(body_of("{ __typename }")).unwrap()
        };
        let answers = answers(
            &router,
            [("text/html", ask("text/html")), ("nothing of ours", ask("application/json;q=0, image/*"))],
        );
        let answers = answers.await;
        for (accept, answer) in &answers {
            assert_eq!(answer["status"], 406, "{accept}");
        }
        insta::assert_json_snapshot!("not_acceptable", answers);
    }
}
