//! The id, the log line and the metrics of each request.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::{
    metrics::Metrics,
    outcome::{Outcome, RequestOutcome},
};
use crate::{clock::random_bytes, telemetry};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of a request id that a client supplies.
const ID_MAX: usize = 64;

/// Maximum length of a path in the log, in bytes.
const PATH_MAX: usize = 64;

impl RequestOutcome {
    fn log(&self, status: StatusCode, started: Instant) {
        // Rounded to the microsecond.
        let milliseconds = (started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        tracing::info!(
            key = self.key,
            operation = self.operation,
            kind = self.kind,
            outcome = self.result.class(),
            limit = self.result.limit(),
            status = status.as_u16(),
            milliseconds,
            rows = self.rows,
            statements = self.statements,
            "request"
        );
    }
}

/// Middleware that assigns an id to each request, which all its log lines contain, and logs its
/// outcome.
pub async fn log(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let id = id_of(&request);
    let path = request.uri().path();
    let is_graphql = path == "/graphql";
    let path = beginning(path);
    let span = tracing::info_span!("request", id, method = %request.method(), path = ?path);
    telemetry::follow(&span, request.headers());
    let mut pending = Pending { metrics, span: span.clone(), is_graphql, started: None };
    pending.begin();
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    let outcome = response.extensions_mut().remove::<RequestOutcome>();
    pending.end(&outcome.unwrap_or_default(), response.status());
    response
}

fn beginning(path: &str) -> &str {
    if path.len() <= PATH_MAX {
        return path;
    }
    let end = (0..=PATH_MAX).rev().find(|end| path.is_char_boundary(*end));
    path.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// The client's request id, or a new one.
fn id_of(request: &Request) -> String {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    given
        .filter(|id| (1..=ID_MAX).contains(&id.len()) && id.bytes().all(allowed))
        .map_or_else(new_id, str::to_owned)
}

pub fn new_id() -> String {
    Uuid::from_bytes(random_bytes()).simple().to_string()
}

/// A request without a response yet. If it is dropped, the client has disconnected.
struct Pending {
    metrics: Metrics,
    span: Span,
    is_graphql: bool,
    started: Option<Instant>,
}

/// Nginx's status for a request whose client has disconnected. It is only logged.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl Pending {
    fn begin(&mut self) {
        self.started = Some(Instant::now());
        self.metrics.requests_in_progress.inc();
    }

    fn end(&mut self, outcome: &RequestOutcome, status: StatusCode) {
        let Some(started) = self.started.take() else { return };
        self.metrics.requests_in_progress.dec();
        if self.is_graphql {
            self.metrics.request(outcome, started.elapsed());
            self.span.in_scope(|| outcome.log(status, started));
        } else {
            self.span.in_scope(|| tracing::debug!(status = status.as_u16(), "request"));
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let outcome = RequestOutcome { result: Outcome::ClientGone, ..RequestOutcome::default() };
        let status = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or_default();
        self.end(&outcome, status);
    }
}
