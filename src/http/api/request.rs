//! Parsing of requests: from the body of a POST or the URL of a GET.

use std::error::Error as StdError;

use async_graphql::{Value, Variables};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;

use super::{
    json::{LEVELS_AROUND_VALUES, count_values},
    numbers,
};
use crate::{
    db::Meter,
    graphql::ErrorCode,
    http::{negotiate, response::Refusal},
    limits::{Limits, Overrun},
};

/// Memory of a parsed JSON value in bytes, with its key and its share of spare capacity in its list or object.
const VALUE_BYTES: usize = 160;

/// The parameters of a request, from GET or POST.
#[derive(Debug, Default)]
pub struct Params {
    pub document: Wanted,
    pub operation_name: Option<String>,
    pub variables: Variables,
}

/// The document that a request wants. At least one of the fields is set.
#[derive(Debug, Default)]
pub struct Wanted {
    pub query: Option<String>,
    /// The id of a trusted document.
    pub document_id: Option<String>,
    /// The SHA-256 digest of a document, in hexadecimal: `extensions.persistedQuery`.
    pub sha256_hash: Option<String>,
}

/// The JSON of a request. Duplicate keys are an error, and unknown ones are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    query: Option<Value>,
    document_id: Option<Value>,
    operation_name: Option<Value>,
    variables: Option<Value>,
    extensions: Option<Value>,
}

impl Params {
    /// Parses the body of a POST, as returned by [`receive`].
    pub fn from_json(body: &[u8], limits: &Limits, meter: &Meter) -> Result<Self, Refusal> {
        reserve(body, LEVELS_AROUND_VALUES, limits, meter)?;
        // Serde would accept a list in place of an object, and would quote the client's strings in
        // its errors.
        match body.trim_ascii_start().first() {
            Some(b'{') => {}
            Some(b'[') => {
                return Err(bad(
                    "the body is a list: this server accepts no batches, so send each \
                                request by itself",
                ));
            }
            _ => return Err(bad("the body must be a JSON object that has a query")),
        }
        let invalid = |invalid: serde_json::Error| {
            bad(format!("the body is not a GraphQL request: {invalid}"))
        };
        let mut envelope: Envelope = serde_json::from_slice(body).map_err(invalid)?;
        if let Some(variables) = envelope.variables.as_mut().filter(|it| numbers::has_rounded(it)) {
            let written: numbers::Written<'_> = serde_json::from_slice(body).map_err(invalid)?;
            written.restore(variables).map_err(invalid)?;
        }
        Self::from_envelope(envelope)
    }

    /// Parses the query string of a URL, in which `variables` and `extensions` are JSON. Empty
    /// parameters count as absent.
    pub fn from_url(query: &str, limits: &Limits, meter: &Meter) -> Result<Self, Refusal> {
        let parameter = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, value)| key == name && !value.is_empty());
            match (values.next(), values.next()) {
                (Some(_), Some(_)) => Err(bad(format!("the URL has more than one {name}"))),
                (value, _) => Ok(value.map(|(_, value)| value.into_owned())),
            }
        };
        let text = |name: &str| Ok(parameter(name)?.map(Value::String));
        let object = |name: &str| {
            let Some(text) = parameter(name)? else { return Ok(None) };
            reserve(text.as_bytes(), LEVELS_AROUND_VALUES - 1, limits, meter)?;
            let invalid = |invalid| bad(format!("{name} is not JSON: {invalid}"));
            let mut value = serde_json::from_str(&text).map_err(invalid)?;
            numbers::restore(&mut value, &text).map_err(invalid)?;
            Ok(Some(value))
        };
        Self::from_envelope(Envelope {
            query: text("query")?,
            document_id: text("documentId")?,
            operation_name: text("operationName")?,
            variables: object("variables")?,
            extensions: object("extensions")?,
        })
    }

    fn from_envelope(envelope: Envelope) -> Result<Self, Refusal> {
        let variables = match envelope.variables {
            None => Variables::default(),
            Some(variables @ Value::Object(_)) => Variables::from_value(variables),
            Some(_) => return Err(bad("variables must be an object")),
        };
        let document = Wanted {
            query: text("query", envelope.query)?,
            document_id: text("documentId", envelope.document_id)?,
            sha256_hash: sha256_hash(envelope.extensions)?,
        };
        let Wanted { query, document_id, sha256_hash } = &document;
        if query.as_ref().or(document_id.as_ref()).or(sha256_hash.as_ref()).is_none() {
            return Err(bad("the request has no query"));
        }
        let operation_name = text("operationName", envelope.operation_name)?;
        // An empty name counts as absent.
        let operation_name = operation_name.filter(|name| !name.is_empty());
        Ok(Self { document, operation_name, variables })
    }
}

/// Checks the limits of JSON, and takes memory for its values from the meter.
fn reserve(json: &[u8], around: usize, limits: &Limits, meter: &Meter) -> Result<(), Refusal> {
    let values = count_values(json, around, limits).map_err(Overrun::from);
    let reserved = values.and_then(|values| meter.reserve(json.len() + values * VALUE_BYTES));
    reserved.map_err(|overrun| Refusal::overrun(&overrun))
}

/// Whether the query string of a URL contains any parameter of a GraphQL request.
pub fn is_request(query: &str) -> bool {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    parameters.any(|(name, _)| matches!(name.as_ref(), "query" | "documentId" | "extensions"))
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, Refusal> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(format!("{name} must be a string"))),
    }
}

/// `persistedQuery.sha256Hash` in the extensions; all others are ignored.
fn sha256_hash(extensions: Option<Value>) -> Result<Option<String>, Refusal> {
    let mut extensions = match extensions {
        None => return Ok(None),
        Some(Value::Object(extensions)) => extensions,
        Some(_) => return Err(bad("extensions must be an object")),
    };
    match extensions.swap_remove("persistedQuery") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(mut persisted)) => {
            let is_known = matches!(persisted.get("version"), Some(Value::Number(version)) if version.as_u64() == Some(1));
            if !is_known {
                return Err(bad("extensions.persistedQuery.version must be 1"));
            }
            match text("extensions.persistedQuery.sha256Hash", persisted.swap_remove("sha256Hash"))?
            {
                Some(hash) => Ok(Some(hash)),
                None => Err(bad("extensions.persistedQuery must have a sha256Hash")),
            }
        }
        Some(_) => Err(bad("extensions.persistedQuery must be an object")),
    }
}

/// Rejects a body by its headers, before it is read.
fn check_head(headers: &HeaderMap, limits: &Limits) -> Result<(), Refusal> {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let unsupported = |message: &str| Refusal::new(status, ErrorCode::BadUserInput, message);
    if !negotiate::is_json(headers) {
        return Err(unsupported("the Content-Type must be application/json, in UTF-8"));
    }
    // The decompression layer has removed the header for the encodings that it supports.
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let encodings = HeaderValue::from_static("gzip, deflate, br, zstd");
        return Err(unsupported("the Content-Encoding must be gzip, deflate, br or zstd")
            .with_header(header::ACCEPT_ENCODING, encodings));
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length > limits.body_bytes => Err(too_long(limits)),
        _ => Ok(()),
    }
}

/// Receives the body of a POST. A layer limits its compressed size, and this function its size after decompression.
pub async fn receive(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Refusal> {
    check_head(headers, limits)?;
    match Limited::new(body, limits.body_bytes).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_too_long(&*error) => Err(too_long(limits)),
        Err(error) => {
            tracing::debug!(error, "a body that cannot be read");
            Err(bad("the body cannot be read: it ended early, or is not compressed as its \
                     Content-Encoding says"))
        }
    }
}

fn too_long(limits: &Limits) -> Refusal {
    let message = format!("the body is longer than {} bytes (limit-body-bytes)", limits.body_bytes);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::BadUserInput, message)
}

fn is_too_long(error: &(dyn StdError + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(<dyn StdError>::is::<LengthLimitError>)
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, message)
}
