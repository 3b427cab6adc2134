//! Responses: their maximum length and their compression.

use super::*;

both! {
    async fn a_response_that_is_too_long_is_refused(app: App) {
        let limits = Limits { response_bytes: 300, ..Limits::default() };
        let router = limited_router(&app, limits);
        let create = |number: usize| {
            format!(r#"a{number}: customerCreate(input: {{ customerName: "A" }}) {{ customer {{ id customerName }} }}"#)
        };
        let creates: Vec<_> = (0..10).map(create).collect();
        let mutation = format!("mutation {{ {} }}", creates.join(" "));
        let ask = |query: &str| post(&app.key).body(body_of(query)).unwrap();
        let mutated = answer(&router, ask(&mutation)).await;
        let long = answer(&router, ask("{ customers { nodes { id customerName createdAt } } }")).await;
        for answer in [&mutated, &long] {
            let limit = &answer["body"]["errors"][0]["extensions"]["limit"];
            assert_eq!((&limit["name"], &limit["max"]), (&json!("response-bytes"), &json!(300)));
            assert_eq!(answer["body"].get("data"), None);
        }
        insta::assert_json_snapshot!("too_long_to_send", [mutated, long]);
        let short = answer(&router, ask("{ customers { totalCount } }")).await;
        assert_eq!(short["body"]["data"]["customers"]["totalCount"], 10);
    }

    async fn the_cost_is_reported_on_request(app: App) {
        let router = router(&app, false);
        let ask = async |value: &str| {
            let request = post(&app.key).header("clientele-cost", value);
            let query = "{ customers(first: 10) { nodes { id customerName } } }";
            answer(&router, request.body(body_of(query)).unwrap()).await["body"].clone()
        };
        assert_eq!(ask("0").await.get("extensions"), None);
        let mut told = ask("1").await;
        let cost = &mut told["extensions"]["cost"];
        for (part, name) in
            [("used", "milliseconds"), ("used", "memoryBytes"), ("remaining", "memoryBytes")]
        {
            assert!(cost[part][name].is_u64(), "{cost}");
            cost[part][name] = json!("NUMBER");
        }
        insta::assert_json_snapshot!("cost", told);
    }

    async fn long_responses_are_compressed(app: App) {
        for number in 0..40 {
            app.create_customer(&format!(r#"customerName: "Customer {number}""#)).await;
        }
        let query = "{ customers(first: 40) { nodes { id customerName createdAt updatedAt createdBy } } }";
        let router = router(&app, false);
        let ask = async |encoding: &str, query: &str| {
            let request = post(&app.key).header(header::ACCEPT_ENCODING, encoding);
            let response = router.clone().oneshot(request.body(body_of(query)).unwrap()).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let encoding = parts.headers.get(header::CONTENT_ENCODING).cloned();
            (encoding.map(|it| it.to_str().unwrap().to_owned()), parts.headers, body.len())
        };
        let (encoding, headers, plain) = ask("identity", query).await;
        assert_eq!(encoding, None);
        assert!(headers.get_all(header::VARY).iter().any(|it| it == "accept-encoding"));
        for wanted in ["br", "gzip", "zstd"] {
            let (encoding, _, length) = ask(wanted, query).await;
            assert_eq!(encoding.as_deref(), Some(wanted));
            assert!(length * 4 < plain, "{wanted}: {length} of {plain}");
        }
        assert_eq!(ask("gzip, br;q=0.5", query).await.0.as_deref(), Some("gzip"));
        assert_eq!(ask("br", "{ __typename }").await.0, None);
    }
}
