//! Trusted documents: only the documents of a manifest are accepted.

use clientele::{
    graphql::Engine,
    http::{Documents, Trusted},
};

use super::{
    persisted::{ask, digest},
    *,
};

const COUNT: &str = "query Count { customers { totalCount } }";
const RENAME: &str = "mutation Rename($id: ID!) { customerUpdate(id: $id, input: { customerName: \"B\" }) { customer { customerName } } }";

fn read(manifest: &str) -> Result<Trusted, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), manifest).unwrap();
    let engine = Engine::new(Limits::default(), Policy::default());
    let path = file.path().display().to_string();
    Trusted::read(file.path(), &engine).map_err(|error| error.to_string().replace(&path, "FILE"))
}

fn trusting(app: &App, manifest: &Value) -> Router {
    let state = State::new(app.db.clone(), app.clock.clone(), false);
    let documents = Documents::Trusted(read(&manifest.to_string()).unwrap());
    router_of(state.with_documents(documents))
}

both! {
    async fn only_trusted_documents_are_executed(app: App) {
        let id = app.create_customer(r#"customerName: "A""#).await;
        let relay = json!({ "b5c1": COUNT, "rename": RENAME });
        let apollo = json!({
            "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [
                { "id": "b5c1", "name": "Count", "type": "query", "body": COUNT },
                { "id": "rename", "name": "Rename", "type": "mutation", "body": RENAME },
            ],
        });
        for manifest in [relay, apollo] {
            let router = trusting(&app, &manifest);
            let ask_with = async |body: Value| {
                answer(&router, post(&app.key).body(Body::from(body.to_string())).unwrap()).await
            };
            let count = json!({ "data": { "customers": { "totalCount": 1 } } });
            assert_eq!(ask_with(json!({ "documentId": "b5c1" })).await["body"], count);
            assert_eq!(ask_with(json!({ "query": COUNT })).await["body"], count);
            assert_eq!(ask_with(json!({ "query": COUNT, "documentId": "b5c1" })).await["body"], count);
            assert_eq!(ask(&router, &app.key, "b5c1", None).await["body"], count);
            assert_eq!(ask(&router, &app.key, &digest(COUNT), None).await["body"], count);
            let renamed = ask_with(json!({ "documentId": "rename", "variables": { "id": id } })).await;
            assert_eq!(renamed["body"]["data"]["customerUpdate"]["customer"]["customerName"], "B");
            let url = Request::get("/graphql?documentId=b5c1")
                .header(header::AUTHORIZATION, format!("Bearer {}", app.key));
            assert_eq!(answer(&router, url.body(Body::empty()).unwrap()).await["body"], count);
            let refused = [
                ask_with(json!({ "documentId": "b5c2" })).await,
                ask_with(json!({ "query": "{ customers { totalCount } }" })).await,
                ask_with(json!({ "query": "{ __typename }", "documentId": "b5c1" })).await,
                ask(&router, &app.key, &digest("{ __typename }"), None).await,
                ask(&router, &app.key, &digest("{ __typename }"), Some("{ __typename }")).await,
            ];
            for answer in &refused {
                assert_eq!(answer, &refused[0]);
            }
            insta::assert_json_snapshot!("untrusted", refused[0]);
        }
    }

    async fn without_a_manifest_document_ids_are_refused(app: App) {
        let request = post(&app.key).body(Body::from(r#"{ "documentId": "b5c1" }"#)).unwrap();
        insta::assert_json_snapshot!("no_manifest", answer(&router(&app, false), request).await);
    }
}

#[test]
fn a_manifest_is_checked_when_it_is_read() {
    let many: Map<String, Value> =
        (10..30).map(|number| (format!("id{number}"), "{ customers {".into())).collect();
    let apollo = |version: u8, operations: Value| json!({ "format": "apollo-persisted-query-manifest", "version": version, "operations": operations });
    let twice = json!([{ "id": "a", "body": COUNT }, { "id": "a", "body": RENAME }]);
    let cases = [
        ("not JSON", "{".to_owned()),
        ("a list", "[]".to_owned()),
        ("empty", "{}".to_owned()),
        ("not texts", r#"{ "a": 1 }"#.to_owned()),
        ("another version", apollo(2, json!([])).to_string()),
        ("an id twice", apollo(1, twice).to_string()),
        ("syntax errors", Value::from(many).to_string()),
    ];
    let told = cases.map(|(name, manifest)| (name.to_owned(), read(&manifest).err().into()));
    insta::assert_json_snapshot!("manifests", told.into_iter().collect::<Map<String, Value>>());
}
