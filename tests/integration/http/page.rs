//! GraphiQL's page and its assets: their encodings and caching.

use std::io::Read;

use axum::response::Response;
use flate2::read::GzDecoder;

use super::*;

/// A response with its body as sent, before decompression.
struct Sent {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Bytes,
}

impl Sent {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The values of a header.
    fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap());
        let values: Vec<&str> = values.collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

async fn send(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Sent {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    Sent::of(router.clone().oneshot(request).await.unwrap()).await
}

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Sent {
    send(router, Method::GET, path, headers).await
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').unwrap().1
}

/// The paths of the scripts and styles in the page.
async fn assets(router: &Router) -> Vec<String> {
    let page = get(router, "/", &[]).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let quoted = html.split('"').filter(|text| text.starts_with("/assets/"));
    let found: Vec<String> = quoted.map(str::to_owned).collect();
    assert!(found.iter().any(|path| extension(path) == "js"), "{html}");
    assert!(found.iter().any(|path| extension(path) == "css"), "{html}");
    found
}

both! {
    async fn the_page_is_revalidated_by_its_etag(app: App) {
        let router = router(&app, false);
        let page = get(&router, "/", &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control").as_deref(), Some("no-cache"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe-eval"), "{policy}");

        let etag = page.header("etag").unwrap();
        let same = get(&router, "/", &[("if-none-match", &etag)]).await;
        assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(same.header("etag").as_ref(), Some(&etag));
        assert_eq!(get(&router, "/", &[("if-none-match", "\"other\"")]).await.status, 200);

        // With the demo's key, the page is a different representation.
        let demo = get(&super::router(&app, true), "/", &[("if-none-match", &etag)]).await;
        assert_eq!(demo.status, 200);
        assert_ne!(demo.header("etag").unwrap(), etag);
    }

    async fn only_the_page_of_the_demo_contains_its_key(app: App) {
        let html = async |demo: bool| {
            let page = get(&router(&app, demo), "/", &[]).await;
            String::from_utf8(page.body.to_vec()).unwrap()
        };
        let key = KeySecret::demo();
        assert!(html(true).await.contains(key.reveal()));
        assert!(html(false).await.contains(r#""demoKey":null"#));
        assert!(!html(false).await.contains("sk_"));
    }

    async fn assets_are_immutable_and_compressed(app: App) {
        let router = router(&app, false);
        for path in assets(&router).await {
            let packed = get(&router, &path, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
            assert_eq!(packed.status, 200, "{path}");
            assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"), "{path}");
            let keep = "public, max-age=31536000, immutable";
            assert_eq!(packed.header("cache-control").as_deref(), Some(keep), "{path}");
            assert_eq!(packed.header("vary").as_deref(), Some("Accept-Encoding"), "{path}");
            assert_eq!(packed.header("x-content-type-options").as_deref(), Some("nosniff"));
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();

            // Clients without gzip get the same content, uncompressed or in another encoding.
            for refusal in [&[][..], &[("accept-encoding", "identity")], &[("accept-encoding", "gzip;q=0")]] {
                let plain = get(&router, &path, refusal).await;
                assert_eq!(plain.header("content-encoding"), None, "{path}");
                assert_eq!(plain.header("content-type"), packed.header("content-type"), "{path}");
                assert_eq!(plain.header("cache-control").as_deref(), Some(keep), "{path}");
                assert!(plain.body == unpacked, "{path}");
            }
            let brotli = get(&router, &path, &[("accept-encoding", "br")]).await;
            assert_eq!(brotli.header("content-encoding").as_deref(), Some("br"), "{path}");
        }
    }

    async fn a_head_request_returns_the_headers_of_a_get_request(app: App) {
        let router = router(&app, false);
        let paths = [vec!["/".to_owned()], assets(&router).await].concat();
        for path in paths {
            let gzip = [("accept-encoding", "gzip")];
            let whole = get(&router, &path, &gzip).await;
            let head = send(&router, Method::HEAD, &path, &gzip).await;
            assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
            let length = whole.body.len().to_string();
            assert_eq!(head.header("content-length"), Some(length), "{path}");
            for name in ["content-type", "content-encoding", "cache-control", "etag"] {
                assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
            }
        }
    }

    async fn other_paths_beside_the_page_do_not_exist(app: App) {
        let router = router(&app, false);
        let script = assets(&router).await.into_iter().find(|path| extension(path) == "js").unwrap();
        let compressed = format!("{script}.gz");
        for path in ["/assets/nothing.js", "/assets/", "/assets/../index.html", "/index.html", &compressed] {
            let missing = get(&router, path, &[("accept-encoding", "gzip")]).await;
            assert_eq!(missing.status, 404, "{path}");
            assert_eq!(missing.header("cache-control"), None, "{path}");
        }
        assert_eq!(send(&router, Method::POST, "/", &[]).await.status, 405);
    }
}
