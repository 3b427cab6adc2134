//! `/graphql`: the API.

use std::net::IpAddr;

use async_graphql::{Request, parser::types::OperationType};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequest, Request as HttpRequest, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    App, NO_STORE, TIMEOUT,
    client::Client,
    paced::PacedBody,
    request_log::{Outcome, RequestOutcome},
};
use crate::{
    auth::{KeySecret, Viewer},
    db,
    graphql::{self, Abandoned, ErrorCode},
};

const JSON: (HeaderName, HeaderValue) =
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// Answers a request: JSON with `query`, and perhaps `operationName` and `variables`.
///
/// The body is read only when it is known who sends it, and not for ever.
pub async fn post(State(app): State<App>, request: HttpRequest) -> Response {
    let headers = request.headers().clone();
    let address = app.admission.address(request.extensions(), &headers);
    let client = request.extensions().get::<Client>().cloned();
    let viewer = match authenticate(&app, &headers, address).await {
        Ok(viewer) => viewer,
        Err(response) => return *response,
    };
    if !is_json(&headers) {
        let message = "the Content-Type must be application/json";
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::BadUserInput, message);
    }
    let body = match tokio::time::timeout(TIMEOUT, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => {
            return error(rejection.status(), ErrorCode::BadUserInput, &rejection.body_text());
        }
        Err(_elapsed) => {
            let message = format!("the body took more than {} seconds", TIMEOUT.as_secs());
            return error(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, &message);
        }
    };
    let request = match parse(&body) {
        Ok(request) => request,
        Err(invalid) => {
            let message = format!("the body is not a GraphQL request in JSON: {invalid}");
            return error(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &message);
        }
    };
    execute(app, viewer, client, request).await
}

/// Reads a request. It must be an object: Serde would also take a list for one, by position.
fn parse(body: &[u8]) -> Result<Request, serde_json::Error> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(serde::de::Error::custom("it is a list; requests are sent one by one"));
    }
    serde_json::from_slice(body)
}

/// A browser that was sent here wants the page; anything else must use POST.
pub async fn get(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return Redirect::to("/").into_response();
    }
    let message = "requests are sent by POST";
    let response = error(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::BadUserInput, message);
    ([(header::ALLOW, "POST")], response).into_response()
}

async fn execute(
    app: App,
    viewer: Viewer,
    client: Option<Client>,
    mut request: Request,
) -> Response {
    let is_mutation = is_mutation(&mut request);
    let mut outcome = RequestOutcome {
        key: Some(viewer.name().to_owned()),
        kind: Some(if is_mutation { "mutation" } else { "query" }),
        ..RequestOutcome::default()
    };
    outcome.set_operation(request.operation_name.as_deref().unwrap_or_default());
    // A task of its own: a client that goes away ends a query, but no mutation in the middle.
    let abandoned = Abandoned::default();
    let executor = app.executor.clone();
    let answer = {
        let abandoned = abandoned.clone();
        async move {
            let response = graphql::execute(&app.schema, &app.db, viewer, abandoned, request).await;
            let body = serde_json::to_vec(&response).map(PacedBody::new);
            (Outcome::from(&response), body)
        }
    };
    let task = executor.spawn(answer.instrument(tracing::info_span!("execute")));
    let _running = Running { is_mutation, abandoned, handle: task.abort_handle() };
    let gone = async {
        match client {
            Some(client) if !is_mutation => client.gone.gone().await,
            _ => std::future::pending().await,
        }
    };
    let mut response = tokio::select! {
        answer = task => match answer {
            Ok((result, Ok(body))) => {
                outcome.result = result;
                ([NO_STORE, JSON], Body::from(body)).into_response()
            }
            _ => super::panicked(Box::new(())),
        },
        () = gone => {
            let message = "the client closed the connection before the response was ready";
            let mut response =
                error(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, message);
            RequestOutcome::of(&mut response).result = Outcome::ClientGone;
            response
        }
        () = tokio::time::sleep(TIMEOUT) => {
            let seconds = TIMEOUT.as_secs();
            let message = if is_mutation {
                format!(
                    "the request took more than {seconds} seconds: it may have been done, or not"
                )
            } else {
                format!("the request took more than {seconds} seconds")
            };
            error(StatusCode::GATEWAY_TIMEOUT, ErrorCode::RequestTimeout, &message)
        }
    };
    RequestOutcome::of(&mut response).complete(outcome);
    response
}

/// A request that someone waits for.
struct Running {
    is_mutation: bool,
    abandoned: Abandoned,
    handle: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abandoned.set();
        if !self.is_mutation {
            self.handle.abort();
        }
    }
}

fn is_mutation(request: &mut Request) -> bool {
    request.parsed_query().is_ok_and(|document| {
        let mut operations = document.operations.iter();
        operations.any(|(_, operation)| operation.node.ty == OperationType::Mutation)
    })
}

async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Viewer, Box<Response>> {
    let unauthenticated = |message: &str| {
        let response = error(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message);
        Box::new(([(header::WWW_AUTHENTICATE, "Bearer")], response).into_response())
    };
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(unauthenticated("no key: send the header Authorization: Bearer <key>"));
    };
    let wrong = || {
        app.admission.key_failed(address);
        unauthenticated("the key is not valid: it is unknown, revoked or expired")
    };
    let secret = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| KeySecret::parse(key.trim()))
        .filter(|secret| app.demo || !secret.is_demo());
    app.admission.check_address(address, secret.as_ref())?;
    let secret = secret.ok_or_else(wrong)?;
    let viewer = app.authenticator.authenticate(&secret).await;
    let viewer = viewer.map_err(|failure| Box::new(unavailable(&failure)))?.ok_or_else(wrong)?;
    app.admission.key_passed(&secret, &viewer)?;
    Ok(viewer)
}

fn unavailable(failure: &db::Error) -> Response {
    tracing::error!(error = %db::describe(failure), "cannot authenticate");
    let message = "the database is not available: try again later";
    error(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, message)
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// An answer without data: a GraphQL error with its code.
pub fn error(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    let error = json!({ "message": message, "extensions": { "code": code.name() } });
    let mut response = (status, [NO_STORE], Json(json!({ "errors": [error] }))).into_response();
    RequestOutcome::of(&mut response).result = Outcome::Error(code.name());
    response
}
