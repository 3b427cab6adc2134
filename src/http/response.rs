//! Serialization of a response: once, into a bounded buffer, in the format that the client prefers.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use async_graphql::{Name, ServerError, Value};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    NO_STORE, PANICKED,
    negotiate::{self, Format},
    outcome::{Outcome, RequestOutcome},
    paced::PacedBody,
};
use crate::{
    graphql::{ErrorCode, bound_errors, limit_exceeded, request_error},
    limits::{Exceeded, Overrun},
};

/// Request headers that the response to a GET depends on.
const VARY: HeaderValue = HeaderValue::from_static("Authorization, Accept, Accept-Encoding");

/// Clients may cache the response to a GET, but must revalidate it each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A response with errors and no data.
#[derive(Debug)]
pub struct Refusal {
    errors: Vec<ServerError>,
    /// `None` for a well-formed request that is not valid GraphQL: its status depends on the media
    /// type of the response.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The outcome to log; `None` for the error's code.
    outcome: Option<Outcome>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self::with_error(status, request_error(code, message))
    }

    /// Rejects a request that exceeds a limit before it is parsed, or for which no memory is
    /// available.
    pub fn overrun(overrun: &Overrun) -> Self {
        match overrun {
            Overrun::Limit(exceeded) => {
                Self::with_error(StatusCode::BAD_REQUEST, limit_exceeded(exceeded))
            }
            Overrun::Memory => {
                let (status, code) =
                    (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable);
                let message = overrun.to_string();
                Self::later(status, code, "memory", &message, Duration::from_secs(1))
            }
        }
    }

    pub fn with_error(status: StatusCode, error: ServerError) -> Self {
        Self { errors: vec![error], status: Some(status), headers: Vec::new(), outcome: None }
    }

    /// Rejects a well-formed request that cannot be executed.
    pub fn of_graphql(errors: Vec<ServerError>) -> Self {
        Self { errors, status: None, headers: Vec::new(), outcome: None }
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Rejects a request that the client should retry later. `limit` is the name of the exhausted
    /// limit.
    pub fn later(
        status: StatusCode,
        code: ErrorCode,
        limit: &'static str,
        message: &str,
        wait: Duration,
    ) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let refusal = Self::new(status, code, message)
            .with_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        Self { outcome: Some(Outcome::Rejected(limit)), ..refusal }
    }

    /// Ends a query whose client has disconnected. Nobody reads this response.
    pub fn client_gone() -> Self {
        let message = "the client closed the connection before the response was ready";
        let status = StatusCode::REQUEST_TIMEOUT;
        let refusal = Self::new(status, ErrorCode::RequestTimeout, message);
        Self { outcome: Some(Outcome::ClientGone), ..refusal }
    }

    /// The response after a panic, which is a defect of the server.
    pub fn panicked() -> Self {
        tracing::error!("a request panicked");
        let (status, code) = (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError);
        Self::new(status, code, PANICKED)
    }

    /// The outcome to log.
    pub fn outcome(&self) -> Outcome {
        self.outcome.unwrap_or_else(|| Outcome::of_errors(&self.errors))
    }

    pub fn into_response(self, format: Format) -> Response {
        let status = self.status.unwrap_or(match format {
            Format::Json => StatusCode::OK,
            Format::GraphqlResponse => StatusCode::BAD_REQUEST,
        });
        let body = ResponseBody { data: None, errors: self.errors, extensions: BTreeMap::new() };
        // Errors are few and short.
        let body = body.write(usize::MAX, |_| Ok(())).unwrap_or_default();
        let headers = [NO_STORE, (header::CONTENT_TYPE, format.content_type())];
        (status, headers, self.headers.into_iter().collect::<HeaderMap>(), body).into_response()
    }
}

/// A GraphQL response, without `data` if nothing was executed.
#[derive(Serialize)]
pub struct ResponseBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

impl From<async_graphql::Response> for ResponseBody {
    fn from(response: async_graphql::Response) -> Self {
        let async_graphql::Response { data, errors, extensions, .. } = response;
        Self { data: Some(data), errors, extensions }
    }
}

impl ResponseBody {
    /// Serializes the response, and stops with an error as soon as it is too long. `reserve` takes
    /// memory for the buffer.
    pub fn write(
        mut self,
        max: usize,
        reserve: impl FnOnce(usize) -> Result<(), Overrun>,
    ) -> Result<Bytes, Overrun> {
        bound_errors(&mut self.errors);
        let least = self.data.as_ref().map_or(0, least_length);
        // Fail early if the response is certain to be too long.
        check_length(max, least)?;
        // Reserve room for numbers and escapes: growing the buffer would copy it and double its capacity.
        let capacity = least.saturating_add(least / 8 + 256);
        reserve(capacity)?;
        let mut writer = Bounded { buffer: Vec::with_capacity(capacity), max, exceeded: None };
        let written = serde_json::to_writer(&mut writer, &self);
        match (writer.exceeded, written) {
            (Some(exceeded), _) => Err(exceeded.into()),
            (None, Ok(())) => Ok(writer.buffer.into()),
            (None, Err(error)) => {
                tracing::error!(%error, "a response that cannot be written");
                Ok(Bytes::new())
            }
        }
    }
}

fn check_length(max: usize, length: usize) -> Result<(), Exceeded> {
    Exceeded::check("response-bytes", "bytes in its response", max, length)
}

/// A lower bound for the length of a serialized value, in bytes. It ignores escapes in strings.
fn least_length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::List(items) => items.iter().map(|item| least_length(item) + 1).sum::<usize>() + 1,
        Value::Object(fields) => {
            let length = |(name, value): (&Name, &Value)| name.len() + 4 + least_length(value);
            fields.iter().map(length).sum::<usize>() + 1
        }
        Value::Null | Value::Boolean(true) => 4,
        Value::Boolean(false) => 5,
        Value::Number(_) | Value::Binary(_) => 1,
    }
}

/// A buffer for up to `max` bytes; writing more is an error.
struct Bounded {
    buffer: Vec<u8>,
    max: usize,
    exceeded: Option<Exceeded>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.buffer.len().saturating_add(bytes.len());
        match check_length(self.max, length) {
            Ok(()) => {
                self.buffer.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            Err(exceeded) => {
                self.exceeded = Some(exceeded);
                Err(io::ErrorKind::FileTooLarge.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The response to a POST.
pub fn uncached(format: Format, body: Bytes) -> Response {
    let headers = [NO_STORE, (header::CONTENT_TYPE, format.content_type())];
    (headers, Body::from(PacedBody::new(body))).into_response()
}

/// The response to a GET: 304 if the client has it cached. The entity tag is weak, because the same
/// body may be sent in several encodings.
pub fn revalidated(format: Format, body: Bytes, request: &HeaderMap) -> Response {
    let digest = Sha256::digest(&body);
    let etag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(digest));
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, REVALIDATE);
    headers.insert(header::VARY, VARY);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if negotiate::has_representation(request, &etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, format.content_type());
    (headers, Body::from(PacedBody::new(body))).into_response()
}

/// The response to a request that is rejected before it is read.
pub fn refused(refusal: Refusal) -> Response {
    let outcome = RequestOutcome { result: refusal.outcome(), ..RequestOutcome::default() };
    let mut response = refusal.into_response(Format::default());
    response.extensions_mut().insert(outcome);
    response
}
