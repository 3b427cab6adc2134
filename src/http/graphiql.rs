//! GraphiQL, the page for browsers at `/`.
//!
//! `graphiql/built` contains the output of `npm run build`, so that Clientele is built without
//! Node. Its assets are stored compressed with gzip and sent as they are, because every browser
//! supports gzip.

mod assets;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::negotiate::has_representation;

const PAGE: &str = include_str!("../../graphiql/built/index.html");

const NO_SNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// The page may load resources only from its own server.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; img-src data:; connect-src 'self'; font-src 'self'; \
     script-src 'self'; worker-src 'self'; \
     style-src 'self' 'unsafe-inline'"; // The editor sets its colours and sizes in style elements.

/// The routes of the page and its assets. A server in demo mode passes its public key, which the
/// page fills in.
pub fn router<S: Clone + Send + Sync + 'static>(demo_key: Option<&str>) -> Router<S> {
    Router::new()
        .route("/", get(page).with_state(Page::new(demo_key)))
        .route("/assets/{*path}", get(assets::asset))
}

/// The page with this server's settings.
#[derive(Clone)]
struct Page {
    html: String,
    etag: String,
}

impl Page {
    fn new(demo_key: Option<&str>) -> Self {
        let html = configure(PAGE, demo_key);
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&html));
        // A weak tag, because the same page may be sent in several encodings.
        Self { html, etag: format!("W/\"{digest}\"") }
    }
}

/// Sends the page, unless the browser has it cached. The page must be revalidated, because the
/// names of its assets change with each release.
async fn page(State(page): State<Page>, request: HeaderMap) -> Response {
    let headers = [
        NO_SNIFF,
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let is_known = has_representation(&request, &page.etag);
    let etag = [(header::ETAG, page.etag)];
    if is_known {
        (StatusCode::NOT_MODIFIED, headers, etag).into_response()
    } else {
        (headers, etag, Html(page.html)).into_response()
    }
}

/// Inserts the path of the API and the key to fill in into the page.
fn configure(page: &str, demo_key: Option<&str>) -> String {
    // Escapes `<`, so that a value cannot end the script element.
    let config =
        json!({ "endpoint": "/graphql", "demoKey": demo_key }).to_string().replace('<', "\\u003c");
    let block =
        format!(r#"<script type="application/json" id="clientele-config">{config}</script>"#);
    page.replacen("</head>", &format!("{block}</head>"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_end_the_script_element() {
        let page = configure("<head></head>", Some("</script><script>alert(1)</script>"));

        assert_eq!(page.matches("</script>").count(), 1);
        assert!(page.contains(r"\u003c/script>\u003cscript>alert(1)"));
    }
}
