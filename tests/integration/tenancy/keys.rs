//! Management of keys through the API, which requires the scope admin.

use clientele::models::api_key::Scope;
use serde_json::{Value, json};

use crate::support::app::App;

const KEY: &str = "id name scope createdAt expiresAt revokedAt";

impl App {
    async fn make_api_key(&self, input: Value) -> Value {
        let selection = format!("apiKey {{ {KEY} }} secret");
        self.mutate("apiKeyCreate", json!({ "input": input }), &selection).await
    }

    async fn names_of_keys(&self, arguments: &str) -> Value {
        let data = self.data(&format!("{{ apiKeys{arguments} {{ name }} }}"), json!({})).await;
        data["apiKeys"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect()
    }
}

both! {
    async fn a_key_is_created_used_and_revoked(app: App) {
        let mut answers = Vec::new();
        let mut secrets = Vec::new();
        for input in [
            json!({ "name": " Web Shop ", "scope": "WRITE" }),
            json!({ "name": "Reports", "scope": "READ", "expiresAt": "2026-12-31T00:00:00Z", "isTest": true }),
            json!({ "scope": "ADMIN" }),
            json!({ "name": "till", "scope": "READ" }),
            json!({ "name": "a\u{202e}b", "scope": "READ", "expiresAt": "2026-11-20T08:00:00Z" }),
        ] {
            let mut made = app.make_api_key(input).await;
            secrets.push(made["secret"].take());
            answers.push(made);
        }
        insta::assert_json_snapshot!("keys_made", answers);
        let starts = ["sk_live_acme_", "sk_test_acme_", "sk_live_acme_"];
        for (secret, start) in secrets.iter().zip(starts) {
            assert!(secret.as_str().unwrap().starts_with(start), "{secret}");
        }
        assert_eq!(secrets[3..], [Value::Null, Value::Null]);
        let dumped = crate::support::dump::dump(&app.database).await;
        for secret in &secrets[..3] {
            let secret = secret.as_str().unwrap();
            assert!(!format!("{dumped:?}").contains(secret), "a secret is stored");
        }

        // Each key permits exactly the operations of its scope.
        let change = "mutation { customerCreate(input: { customerName: \"Ana\" }) { customer { createdBy } } }";
        let made = app.query_as(secrets[0].as_str().unwrap(), change, json!({})).await;
        assert_eq!(made["data"]["customerCreate"]["customer"]["createdBy"], "Web Shop");
        let refused = app.query_as(secrets[1].as_str().unwrap(), change, json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let read = app.query_as(secrets[1].as_str().unwrap(), "{ customers { totalCount } }", json!({})).await;
        assert_eq!(read["data"]["customers"]["totalCount"], 1);

        let id = answers[0]["apiKey"]["id"].clone();
        let mut revoked = Vec::new();
        for id in [id.clone(), id, json!("key_00000000000070008000000000000000"), json!("?")] {
            let selection = format!("apiKey {{ {KEY} }}");
            revoked.push(app.mutate("apiKeyRevoke", json!({ "id": id }), &selection).await);
        }
        insta::assert_json_snapshot!("keys_revoked", revoked);
        let body = json!({ "query": change }).to_string();
        let (status, _) = app.post(secrets[0].as_str(), &body).await;
        assert_eq!(status, 401);
        let third = answers[2]["apiKey"]["name"].clone();
        assert_eq!(app.names_of_keys("").await, json!(["till", "Reports", third]));
        let all = json!(["till", "Web Shop", "Reports", third]);
        assert_eq!(app.names_of_keys("(includeEnded: true)").await, all);
    }

    async fn only_an_administrator_manages_keys(app: App) {
        let key = app.make_key(Scope::Write, "office", None).await;
        let reader = app.make_key(Scope::Read, "reader", None).await;
        let id = app.make_api_key(json!({ "name": "Shop", "scope": "READ" })).await["apiKey"]["id"].take();
        let before = crate::support::dump::dump(&app.database).await;
        let mut answers = Vec::new();
        for query in [
            "{ apiKeys { name } }".to_owned(),
            "mutation { apiKeyCreate(input: { scope: READ }) { secret } }".to_owned(),
            "mutation { apiKeyCreate(input: { scope: ADMIN, name: \"x\" }) { secret } }".to_owned(),
            format!("mutation {{ apiKeyRevoke(id: {id}) {{ apiKey {{ name }} }} }}"),
        ] {
            for key in [&key, &reader] {
                let answer = app.query_as(key, &query, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
                answers.push(answer);
            }
        }
        insta::assert_json_snapshot!("forbidden", answers.iter().map(|it| &it["errors"][0]["message"]).collect::<Vec<_>>());
        assert!(crate::support::dump::dump(&app.database).await == before, "something was changed");
        // An administrator of another tenant finds no keys of this one.
        let (_, other) = app.make_tenant("bravo").await;
        let revoke = app.mutate_as(&other, "apiKeyRevoke", json!({ "id": id }), "apiKey { name }").await;
        assert_eq!(revoke["userErrors"][0]["code"], "NOT_FOUND");
        let listed = app.query_as(&other, "{ apiKeys(includeEnded: true) { name } }", json!({})).await;
        assert_eq!(listed["data"]["apiKeys"], json!([{ "name": "till" }]));
    }
}
