//! Automatic persisted queries.

use clientele::http::Documents;
use sha2::{Digest, Sha256};

use super::*;

pub(super) fn digest(query: &str) -> String {
    Sha256::digest(query).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Sends the digest of a query, and the query itself if it is given.
pub(super) async fn ask(router: &Router, key: &str, hash: &str, query: Option<&str>) -> Value {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let mut body = json!({ "extensions": extensions });
    if let Some(query) = query {
        body["query"] = query.into();
    }
    answer(router, post(key).body(Body::from(body.to_string())).unwrap()).await
}

fn code(answer: &Value) -> &Value {
    &answer["body"]["errors"][0]["extensions"]["code"]
}

const QUERY: &str = "{ customers { totalCount } }";

both! {
    async fn a_persisted_query_is_found_by_its_hash(app: App) {
        let (_, elsewhere) = app.make_tenant("elsewhere").await;
        let router = router(&app, false);
        let hash = digest(QUERY);
        let unknown = ask(&router, &app.key, &hash, None).await;
        assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(ask(&router, &app.key, &hash, Some(QUERY)).await["status"], 200);
        let known = ask(&router, &app.key, &hash.to_uppercase(), None).await;
        assert_eq!(known["body"], json!({ "data": { "customers": { "totalCount": 0 } } }));
        // Another tenant cannot detect the registered document.
        assert_eq!(ask(&router, &elsewhere, &hash, None).await, unknown);
        let mismatch = ask(&router, &app.key, &hash, Some("{ __typename }")).await;
        assert_eq!(mismatch["status"], 400);
        let no_digest = ask(&router, &app.key, "é", Some(QUERY)).await;
        assert_eq!(no_digest["body"], mismatch["body"]);
        insta::assert_json_snapshot!("persisted", [unknown, mismatch]);
    }

    async fn an_invalid_query_is_not_persisted(app: App) {
        let router = router(&app, false);
        for query in ["{ customers {", "{ shoes }"] {
            let hash = digest(query);
            assert_eq!(code(&ask(&router, &app.key, &hash, Some(query)).await), "BAD_USER_INPUT");
            let kept = ask(&router, &app.key, &hash, None).await;
            assert_eq!(code(&kept), "PERSISTED_QUERY_NOT_FOUND", "{query}");
        }
    }

    async fn the_persisted_queries_of_a_tenant_are_limited_and_displace_no_others(app: App) {
        let (_, greedy) = app.make_tenant("greedy").await;
        let state = State::new(app.db.clone(), app.clock.clone(), false);
        let router = router_of(state.with_documents(Documents::any(10_000)));
        let padded = |number: usize| format!("{QUERY} # {number} {}", " ".repeat(1_000));
        let mine = digest(QUERY);
        ask(&router, &app.key, &mine, Some(QUERY)).await;
        for number in 0..100 {
            ask(&router, &greedy, &digest(&padded(number)), Some(&padded(number))).await;
        }
        let mut kept = 0;
        for number in 0..100 {
            let answer = ask(&router, &greedy, &digest(&padded(number)), None).await;
            kept += usize::from(answer["body"].get("data").is_some());
        }
        assert!((1..=9).contains(&kept), "{kept}");
        assert!(ask(&router, &app.key, &mine, None).await["body"].get("data").is_some());
    }

    async fn persisted_queries_can_be_turned_off(app: App) {
        let state = State::new(app.db.clone(), app.clock.clone(), false);
        let router = router_of(state.with_documents(Documents::any(0)));
        let hash = digest(QUERY);
        assert_eq!(ask(&router, &app.key, &hash, Some(QUERY)).await["status"], 200);
        let refused = ask(&router, &app.key, &hash, None).await;
        assert_eq!(code(&refused), "PERSISTED_QUERY_NOT_SUPPORTED");
        insta::assert_json_snapshot!("not_supported", refused);
    }
}
