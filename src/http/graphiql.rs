//! GraphiQL, the page that a browser gets at `/`.
//!
//! `npm run build` in `graphiql/` builds it and the binary embeds what it
//! finds there. A build without it needs no Node: it serves the same page with
//! GraphiQL itself loaded from a CDN, pinned by version and by hash.

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use rust_embed::Embed;
use serde_json::json;

#[derive(Embed)]
#[folder = "graphiql/dist/"]
#[allow_missing = true]
struct Dist;

const CDN_ORIGIN: &str = "https://unpkg.com";
const CDN_PAGE: &str = include_str!("../../graphiql/cdn.html");

/// The page's own sources, which the CDN page loads as they are.
const CDN_ASSETS: [(&str, &str, &str); 3] = [
    ("cdn.js", "text/javascript", include_str!("../../graphiql/src/cdn.js")),
    ("page.css", "text/css", include_str!("../../graphiql/src/page.css")),
    ("page.js", "text/javascript", include_str!("../../graphiql/src/page.js")),
];

const NO_SNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// The routes of the page and of its assets. A server in demo mode passes its
/// key, which the page then fills in.
pub fn router<S: Clone + Send + Sync + 'static>(demo_key: Option<&str>) -> Router<S> {
    let (page, sources) = match Dist::get("index.html") {
        Some(file) => (String::from_utf8_lossy(&file.data).into_owned(), "'self'".to_owned()),
        None => (CDN_PAGE.to_owned(), format!("'self' {CDN_ORIGIN}")),
    };
    let page = configure(&page, demo_key);
    let policy = content_security_policy(&sources);

    let page = move || async move {
        (
            [
                NO_SNIFF,
                // The key in it is that of the running server.
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
            ],
            [(header::CONTENT_SECURITY_POLICY, policy)],
            Html(page),
        )
    };

    Router::new().route("/", get(page)).route("/assets/{*path}", get(asset))
}

/// Writes into the page where the API is and which key to fill in.
fn configure(page: &str, demo_key: Option<&str>) -> String {
    // `<` would otherwise let a value end the script element.
    let config =
        json!({ "endpoint": "/graphql", "demoKey": demo_key }).to_string().replace('<', "\\u003c");
    let block =
        format!(r#"<script type="application/json" id="clientele-config">{config}</script>"#);
    page.replacen("</head>", &format!("{block}</head>"), 1)
}

fn content_security_policy(sources: &str) -> String {
    [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src data:",
        &format!("connect-src {sources}"),
        &format!("font-src {sources} data:"),
        &format!("script-src {sources}"),
        // The editor sets its colours and sizes in style elements.
        &format!("style-src {sources} 'unsafe-inline'"),
        "worker-src 'self' blob:",
    ]
    .join("; ")
}

async fn asset(Path(path): Path<String>) -> Response {
    if let Some(file) = Dist::get(&format!("assets/{path}")) {
        let headers = [
            NO_SNIFF,
            // Its name has a hash of its content.
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        let content_type = [(header::CONTENT_TYPE, file.metadata.mimetype())];
        return (headers, content_type, file.data).into_response();
    }

    match CDN_ASSETS.iter().find(|(name, ..)| *name == path) {
        Some(&(_, content_type, source)) => (
            [NO_SNIFF, (header::CACHE_CONTROL, "no-cache"), (header::CONTENT_TYPE, content_type)],
            source,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn a_key_cannot_end_the_script_element() {
        let page = configure("<head></head>", Some("</script><script>alert(1)</script>"));

        assert_eq!(page.matches("</script>").count(), 1);
        assert!(page.contains(r"\u003c/script>\u003cscript>alert(1)"));
    }

    #[tokio::test]
    async fn serves_the_page_and_its_assets() {
        let get = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router::<()>(None).oneshot(request).await.unwrap()
        };

        let page = get("/").await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");

        let source = get("/assets/page.js").await;
        assert_eq!(source.status(), StatusCode::OK);
        assert_eq!(source.headers()[header::CONTENT_TYPE], "text/javascript");

        assert_eq!(get("/assets/nothing.js").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/assets/../index.html").await.status(), StatusCode::NOT_FOUND);
    }
}
