//! Queries by GET.

use super::*;

/// A GET with these parameters, form-encoded.
fn get(key: &str, parameters: &[(&str, &str)]) -> Builder {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let parameters = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    let query = parameters.collect::<Vec<_>>().join("&");
    Request::get(format!("/graphql?{query}")).header(header::AUTHORIZATION, format!("Bearer {key}"))
}

fn empty(request: Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

const COUNT: (&str, &str) = ("query", "{ customers { totalCount } }");

both! {
    async fn queries_are_accepted_by_get(app: App) {
        app.create_customer(r#"customerName: "Åse", externalId: "C""#).await;
        let sent = |parameters: &[(&str, &str)]| empty(get(&app.key, parameters));
        let by_id = "query A($id: String!) { customer(externalId: $id) { customerName } } query B { __typename }";
        let answers = answers(
            &router(&app, false),
            [
                ("a query", sent(&[COUNT])),
                ("with variables", sent(&[("query", by_id), ("operationName", "A"), ("variables", r#"{"id":"C"}"#)])),
                ("with empty parameters", sent(&[COUNT, ("operationName", ""), ("variables", ""), ("extensions", "")])),
                ("with a plus", empty(get(&app.key, &[]).uri("/graphql?query=%7B+__typename+%7D"))),
                ("variables that are not JSON", sent(&[COUNT, ("variables", "{")])),
                ("variables that are no object", sent(&[COUNT, ("variables", "[]")])),
                ("deep variables", sent(&[COUNT, ("variables", &format!("{{\"a\":{}", "[".repeat(100)))])),
                ("two queries", sent(&[COUNT, COUNT])),
                ("no query", sent(&[("operationName", "A")])),
                ("an empty query", sent(&[("query", "")])),
                ("a wrong query", sent(&[("query", "{ shoes }")])),
                ("no key", empty(Request::get("/graphql?query=%7B__typename%7D"))),
            ],
        )
        .await;
        insta::assert_json_snapshot!("by_get", answers);
    }

    async fn mutations_are_refused_by_get(app: App) {
        let mutation = r#"mutation A { customerCreate(input: { customerName: "A" }) { customer { id } } } query B { customers { totalCount } }"#;
        let ask = async |name: &str| {
            let request = get(&app.key, &[("query", mutation), ("operationName", name)]);
            answer(&router(&app, false), empty(request)).await
        };
        let refused = ask("A").await;
        assert_eq!(refused["status"], 405);
        assert_eq!(refused["headers"]["allow"], "POST");
        insta::assert_json_snapshot!("mutation_by_get", refused);
        assert_eq!(ask("B").await["body"]["data"]["customers"]["totalCount"], 0);
    }

    async fn a_browser_can_send_a_query_or_open_the_page(app: App) {
        let browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
        let router = router(&app, false);
        let asked = empty(get(&app.key, &[COUNT]).header(header::ACCEPT, browser));
        assert_eq!(answer(&router, asked).await["body"]["data"]["customers"]["totalCount"], 0);
        let sent = Request::get("/graphql?utm_source=mail").header(header::ACCEPT, browser);
        assert_eq!(answer(&router, empty(sent)).await["headers"]["location"], "/");
    }

    async fn a_response_to_get_is_revalidated_by_its_etag(app: App) {
        let router = router(&app, false);
        let ask = async |tag: &str| {
            let request = get(&app.key, &[COUNT]).header(header::IF_NONE_MATCH, tag);
            answer(&router, empty(request)).await
        };
        let first = ask("\"another\"").await;
        let tag = first["headers"]["etag"].as_str().unwrap().to_owned();
        let strong = tag.trim_start_matches("W/");
        for known in [&tag, strong, "*", &format!("\"a\", {tag}, \"b\"")] {
            let same = ask(known).await;
            assert_eq!((&same["status"], &same["body"]), (&json!(304), &json!("")), "{known}");
            assert_eq!(same["headers"]["etag"], tag, "{known}");
        }
        insta::assert_json_snapshot!("not_modified", [first, ask(&tag).await]);
        app.create_customer(r#"customerName: "A""#).await;
        let changed = ask(&tag).await;
        assert_eq!(changed["status"], 200);
        assert_ne!(changed["headers"]["etag"], tag);
    }
}
