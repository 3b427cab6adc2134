//! Request bodies: compressed ones, long ones, and ones with many values.

use std::convert::Infallible;

use tower::{ServiceBuilder, service_fn};
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

use super::*;

/// `{"query":"{ __typename }"}`, compressed with the encoding `deflate`.
const DEFLATED: [u8; 34] = [
    0x78, 0x9c, 0xab, 0x56, 0x2a, 0x2c, 0x4d, 0x2d, 0xaa, 0x54, 0xb2, 0x52, 0xaa, 0x56, 0x88, 0x8f,
    0x2f, 0xa9, 0x2c, 0x48, 0xcd, 0x4b, 0xcc, 0x4d, 0x55, 0xa8, 0x55, 0xaa, 0x05, 0x00, 0x7c, 0xd8,
    0x09, 0x4a,
];

/// Compresses a body with this encoding, using the server's library.
async fn compress(encoding: &str, body: Vec<u8>) -> Vec<u8> {
    let answer = service_fn(move |_: Request<Body>| {
        let body = body.clone();
        async move { Ok::<_, Infallible>(axum::http::Response::new(Body::from(body))) }
    });
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(0));
    let service = ServiceBuilder::new().layer(layer).service(answer);
    let request = Request::get("/").header(header::ACCEPT_ENCODING, encoding);
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], encoding);
    let body = Body::new(response.into_body());
    axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()
}

fn encoded(app: &App, encoding: &str, body: Vec<u8>) -> Request<Body> {
    let request = post(&app.key).header(header::CONTENT_ENCODING, encoding);
    request.body(Body::from(body)).unwrap()
}

both! {
    async fn a_body_may_be_compressed(app: App) {
        let router = router(&app, false);
        let query = json!({ "query": "{ __typename }" }).to_string().into_bytes();
        let bomb = json!({ "query": "{ __typename }", "x": " ".repeat(4 << 20) });
        let bomb = bomb.to_string().into_bytes();
        for encoding in ["gzip", "br", "zstd"] {
            let compressed = compress(encoding, query.clone()).await;
            let read = answer(&router, encoded(&app, encoding, compressed.clone())).await;
            assert_eq!(read["body"], json!({ "data": { "__typename": "Query" } }), "{encoding}");
            let half = compressed[..compressed.len() / 2].to_vec();
            assert_eq!(answer(&router, encoded(&app, encoding, half)).await["status"], 400);
            let compressed = compress(encoding, bomb.clone()).await;
            assert!(compressed.len() < 10_000, "{encoding}");
            let refused = answer(&router, encoded(&app, encoding, compressed)).await;
            assert_eq!(refused["status"], 413, "{encoding}: {refused}");
        }
        let read = answer(&router, encoded(&app, "deflate", DEFLATED.to_vec())).await;
        assert_eq!(read["body"], json!({ "data": { "__typename": "Query" } }));
        let identity = answer(&router, encoded(&app, "identity", query.clone())).await;
        assert_eq!(identity["status"], 200);
        // A long compressed body that decompresses to nothing.
        let empty = compress("gzip", Vec::new()).await;
        let endless = empty.repeat((2 << 20) / empty.len());
        assert_eq!(answer(&router, encoded(&app, "gzip", endless)).await["status"], 413);
        let refused = answers(
            &router,
            [
                ("not compressed at all", encoded(&app, "gzip", query.clone())),
                ("an encoding that nobody knows", encoded(&app, "rot13", query)),
            ],
        );
        insta::assert_json_snapshot!("compressed_badly", refused.await);
    }

    async fn json_with_too_many_values_is_refused_before_it_is_parsed(app: App) {
        let limits = Limits { json_values: 50_000, value_depth: 32, ..Limits::default() };
        let router = limited_router(&app, limits);
        let with = |variables: String| {
            let body = format!(r#"{{ "query": "{{ __typename }}", "variables": {{ "a": {variables} }} }}"#);
            post(&app.key).body(Body::from(body)).unwrap()
        };
        let refused = answers(
            &router,
            [
                ("many values", with(format!("[{}0]", "0,".repeat(300_000)))),
                ("many empty lists", with(format!("[{}0]", "[],".repeat(200_000)))),
                ("many keys", with(format!("{{{}}}", r#""a":0,"#.repeat(100_000)))),
                ("many levels", with("[".repeat(33) + &"]".repeat(33))),
                ("brackets without end", with("[".repeat(500_000))),
            ],
        )
        .await;
        for (name, refused) in &refused {
            assert_eq!(refused["status"], 400, "{name}");
        }
        insta::assert_json_snapshot!("too_much_json", refused);
        for read in [format!("[{}0]", "0,".repeat(40_000)), "[".repeat(32) + &"]".repeat(32)] {
            let read = answer(&router, with(read)).await;
            assert!(read["body"]["errors"][0]["extensions"].get("limit").is_none(), "{read}");
        }
    }

    async fn parameters_of_wrong_types_are_refused(app: App) {
        let with = |body: &str| post(&app.key).body(Body::from(body.to_owned())).unwrap();
        let router = router(&app, false);
        let long = format!(r#"{{ "query": "{{ __typename }}", "variables": "{}" }}"#, "x".repeat(10_000));
        let refused = answers(
            &router,
            [
                ("variables", with(r#"{ "query": "{ __typename }", "variables": "{}" }"#)),
                ("long variables", with(&long)),
                ("a long text", with(&format!("\"{}\"", "x".repeat(10_000)))),
                ("operationName", with(r#"{ "query": "{ __typename }", "operationName": 1 }"#)),
                ("extensions", with(r#"{ "query": "{ __typename }", "extensions": [] }"#)),
                ("documentId", with(r#"{ "documentId": {} }"#)),
                ("a key twice", with(r#"{ "query": "{ __typename }", "query": "{ customers { totalCount } }" }"#)),
                ("persistedQuery", with(r#"{ "extensions": { "persistedQuery": 1 } }"#)),
                ("its version", with(r#"{ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": "a" } } }"#)),
                ("its hash", with(r#"{ "extensions": { "persistedQuery": { "version": 1 } } }"#)),
            ],
        )
        .await;
        for (name, refused) in &refused {
            assert_eq!(refused["status"], 400, "{name}");
            let message = refused["body"]["errors"][0]["message"].as_str().unwrap();
            assert!(message.len() < 200, "{name}: {message}");
        }
        insta::assert_json_snapshot!("types_of_parameters", refused);
        for body in [
            r#"{ "query": "{ __typename }", "variables": null, "operationName": null, "extensions": null, "documentId": null }"#,
            r#"{ "query": "{ __typename }", "variables": {}, "operationName": "", "extensions": { "tracing": [1, 2] }, "more": 1 }"#,
        ] {
            assert_eq!(answer(&router, with(body)).await["status"], 200, "{body}");
        }
    }
}
