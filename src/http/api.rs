//! `/graphql`: the API, following the specification of GraphQL over HTTP.
//!
//! Unlike cookies, browsers do not send API keys automatically. A page of another site cannot send
//! requests on behalf of a user, by GET or by POST, so no CSRF token is needed.

mod json;
mod numbers;
mod persisted;
mod request;
mod run;
mod trusted;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{from_fn_with_state, map_request},
    response::{IntoResponse, Redirect, Response},
    routing,
};
use http_body_util::Limited;
use tokio::time::{Instant, timeout_at};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    decompression::RequestDecompressionLayer,
};

use self::request::Params;
pub use self::{
    persisted::Documents,
    trusted::{ManifestError, Trusted},
};
use super::{
    App,
    admission::{self, Admission, Place},
    client::Client,
    negotiate::{self, Format},
    outcome::RequestOutcome,
    response::{self, Refusal, refused},
};
use crate::{
    auth::{KeySecret, Viewer},
    db::{self, Meter},
    graphql::{Bound, ErrorCode},
};

const COST: HeaderName = HeaderName::from_static("clientele-cost");

/// Request headers that clients and their tracing may send, besides those safelisted by CORS.
const REQUEST_HEADERS: [HeaderName; 15] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::ACCEPT,
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("baggage"),
    COST,
    HeaderName::from_static("sentry-trace"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-apollo-operation-id"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("x-request-id"),
];

/// Response headers that pages may read.
const RESPONSE_HEADERS: [HeaderName; 3] =
    [header::ETAG, header::RETRY_AFTER, HeaderName::from_static("x-request-id")];

/// The routes of the API. `origins` are the CORS origins that may call it.
pub fn router(app: &App, origins: Vec<HeaderValue>) -> Router<Arc<App>> {
    let body_bytes = app.limits.body_bytes;
    // Limits the size of the body as received, before decompression.
    let bound_body = move |request: Request| async move {
        request.map(|body| Body::new(Limited::new(body, body_bytes)))
    };
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(Duration::from_secs(3600));
    Router::new()
        .route("/graphql", routing::get(get).post(serve))
        // `request` rejects unknown encodings with a message.
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(map_request(bound_body))
        .layer(from_fn_with_state(app.admission.clone(), admission::limit))
        .layer(cors)
}

/// Returns the GraphiQL page to a browser that navigates here. For any other client, a GET is a
/// query.
async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let is_query = request.uri().query().is_some_and(request::is_request);
    if !is_query && negotiate::accepts_html(request.headers()) {
        return Redirect::to("/").into_response();
    }
    serve(State(app), request).await
}

/// Serves a request, with a response in the format that the client prefers.
async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let format = Format::negotiate(&parts.headers).unwrap_or_default();
    let mut outcome = RequestOutcome::default();
    let mut response = match respond(&app, &parts, body, &mut outcome).await {
        Ok(body) if parts.method == Method::POST => response::uncached(format, body),
        Ok(body) => response::revalidated(format, body, &parts.headers),
        Err(refusal) => {
            outcome.result = refusal.outcome();
            refusal.into_response(format)
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

/// Returns the body of the response. The body of the request is read only after authentication.
async fn respond(
    app: &Arc<App>,
    parts: &Parts,
    body: Body,
    outcome: &mut RequestOutcome,
) -> Result<Bytes, Refusal> {
    let seconds = u32::try_from(app.limits.seconds).unwrap_or(u32::MAX);
    let deadline = Instant::now() + Duration::from_secs(seconds.into());
    let viewer = authenticate(app, parts).await?;
    outcome.key = Some(viewer.name().to_owned());
    if Format::negotiate(&parts.headers).is_none() {
        let message = "responses are application/graphql-response+json or application/json, and \
                       the header Accept takes neither";
        return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, ErrorCode::BadUserInput, message));
    }
    let meter = Meter::sharing(app.admission.memory(), &app.limits);
    if let Some(place) = parts.extensions.get::<Arc<Place>>() {
        place.hold_memory(meter.clone());
    }
    let (params, length) = read(app, parts, body, &meter, deadline).await?;
    let is_long = length > INLINE_BYTES_MAX;
    let (bound, is_mutation) =
        bind(app, &viewer, &meter, &parts.method, (params, is_long), outcome).await?;
    let client = parts.extensions.get::<Client>().cloned();
    let wants_cost = wants_cost(&parts.headers);
    let run = run::Run { viewer, meter, client, bound, is_mutation, deadline, wants_cost };
    run.execute(app, outcome).await
}

/// Maximum size of a request that is parsed and prepared on the receiving thread, in bytes. A longer one would block
/// the thread.
const INLINE_BYTES_MAX: usize = 2 << 10;

/// Runs work whose duration depends on the size of the request. For long requests, it runs on the executor.
async fn work<T: Send + 'static>(
    app: &App,
    is_long: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    if is_long {
        app.executor.spawn(async { work() }).await.map_err(|_panicked| Refusal::panicked())
    } else {
        Ok(work())
    }
}

/// Finds the operation of a request and binds its variables. Also returns whether it is a mutation.
async fn bind(
    app: &App,
    viewer: &Viewer,
    meter: &Meter,
    method: &Method,
    (params, is_long): (Params, bool),
    outcome: &mut RequestOutcome,
) -> Result<(Bound, bool), Refusal> {
    let Params { document, operation_name, variables } = params;
    let document = app.documents.find(viewer.tenant(), document)?;
    let (engine, text) = (app.engine.clone(), document.text.clone());
    let prepare = move || engine.prepare(&text, operation_name.as_deref());
    let operation = work(app, document.text.len() > INLINE_BYTES_MAX, prepare).await?;
    let operation = operation.map_err(Refusal::of_graphql)?;
    app.documents.register(viewer.tenant(), &document);
    let is_mutation = operation.is_mutation();
    outcome.kind = Some(if is_mutation { "mutation" } else { "query" });
    outcome.set_operation(operation.name().unwrap_or_default());
    if is_mutation && method != Method::POST {
        let message = "mutations are sent by POST";
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(Refusal::new(status, ErrorCode::BadUserInput, message)
            .with_header(header::ALLOW, HeaderValue::from_static("POST")));
    }
    let engine = app.engine.clone();
    let bound = work(app, is_long, move || engine.bind(&operation, variables)).await?;
    let bound = bound.map_err(Refusal::of_graphql)?;
    meter.reserve(bound.bytes).map_err(|overrun| Refusal::overrun(&overrun))?;
    Ok((bound, is_mutation))
}

/// Whether the client wants the cost of its request in the response.
fn wants_cost(headers: &HeaderMap) -> bool {
    headers.get(COST).is_some_and(|value| value == "1")
}

/// Reads a request, whose body must arrive before the deadline. Also returns the length of its text
/// in bytes.
async fn read(
    app: &App,
    parts: &Parts,
    body: Body,
    meter: &Meter,
    deadline: Instant,
) -> Result<(Params, usize), Refusal> {
    if parts.method != Method::POST {
        let query = parts.uri.query().unwrap_or_default();
        return Ok((Params::from_url(query, &app.limits, meter)?, query.len()));
    }
    let text = timeout_at(deadline, request::receive(&parts.headers, body, &app.limits)).await;
    let text = text.unwrap_or_else(|_elapsed| {
        let message = format!("the body took more than {} seconds", app.limits.seconds);
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, message))
    })?;
    let (length, limits, meter) = (text.len(), app.limits, meter.clone());
    let read = move || Params::from_json(&text, &limits, &meter);
    let params = work(app, length > INLINE_BYTES_MAX, read).await?;
    Ok((params?, length))
}

async fn authenticate(app: &App, parts: &Parts) -> Result<Viewer, Refusal> {
    let admission: &Admission = &app.admission;
    let address = admission.address(&parts.extensions, &parts.headers);
    let unauthenticated = |message: &str| {
        Refusal::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    };
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return Err(unauthenticated("no key: send the header Authorization: Bearer <key>"));
    };
    let wrong = || {
        admission.key_failed(address);
        unauthenticated("the key is not valid: it is unknown, revoked or expired")
    };
    let secret = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| KeySecret::parse(key.trim()))
        .filter(|secret| app.demo || !secret.is_demo());
    admission.check_address(address, secret.as_ref())?;
    let secret = secret.ok_or_else(wrong)?;
    let viewer = app.authenticator.authenticate(&secret).await;
    let viewer = viewer.map_err(|failure| unavailable(&failure))?.ok_or_else(wrong)?;
    admission.key_passed(&secret, &viewer, parts.extensions.get())?;
    Ok(viewer)
}

fn unavailable(failure: &db::Error) -> Refusal {
    tracing::error!(error = %db::describe(failure), "cannot authenticate");
    let message = "the database is not available: try again later";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, message)
}

/// A response without data: a GraphQL error with its code.
pub fn error(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    refused(Refusal::new(status, code, message))
}
