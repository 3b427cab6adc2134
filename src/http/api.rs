//! `/graphql`: the API.

use async_graphql::{Request, Response as GraphqlResponse, ServerError};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request as HttpRequest, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;
use tokio::task::{AbortHandle, JoinHandle};
use tracing::{Instrument, Span};

use super::{App, NO_STORE, TIMEOUT};
use crate::{
    auth::{KeySecret, Viewer},
    db,
    graphql::{Abandoned, ErrorCode},
};

/// Answers a request: JSON with `query`, and perhaps `operationName` and `variables`.
///
/// The body is read only when it is known who sends it, and not for ever.
pub async fn post(State(app): State<App>, request: HttpRequest) -> Response {
    let headers = request.headers().clone();
    let viewer = match authenticate(&app, &headers).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
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
    execute(app, viewer, request).await
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

async fn execute(app: App, viewer: Viewer, request: Request) -> Response {
    let name = request.operation_name.as_deref();
    let operation = match app.engine.prepare(&request.query, name) {
        Ok(operation) => operation,
        Err(errors) => return rejected(errors),
    };
    let bound = match app.engine.bind(&operation, request.variables) {
        Ok(bound) => bound,
        Err(errors) => return rejected(errors),
    };
    let is_mutation = operation.is_mutation();
    // A task of its own: a client that goes away ends a query, but no mutation in the middle.
    let abandoned = Abandoned::default();
    let answer = {
        let abandoned = abandoned.clone();
        async move { app.engine.execute(&app.db, viewer, abandoned, bound).await }
    };
    let task = tokio::spawn(answer.instrument(Span::current()));
    let _running = Running { is_mutation, abandoned, handle: task.abort_handle() };
    match tokio::time::timeout(TIMEOUT, finish(task)).await {
        Ok(Some(response)) => ([NO_STORE], Json(response)).into_response(),
        Ok(None) => super::panicked(Box::new(())),
        Err(_elapsed) => {
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
    }
}

/// The response to a request that is not executed.
fn rejected(errors: Vec<ServerError>) -> Response {
    ([NO_STORE], Json(GraphqlResponse::from_errors(errors))).into_response()
}

async fn finish(task: JoinHandle<GraphqlResponse>) -> Option<GraphqlResponse> {
    task.await.ok()
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

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Viewer, Response> {
    let unauthenticated = |message: &str| {
        let response = error(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message);
        ([(header::WWW_AUTHENTICATE, "Bearer")], response).into_response()
    };
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(unauthenticated("no key: send the header Authorization: Bearer <key>"));
    };
    let wrong = || unauthenticated("the key is not valid: it is unknown, revoked or expired");
    let secret = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| KeySecret::parse(key.trim()))
        .filter(|secret| app.demo || !secret.is_demo())
        .ok_or_else(wrong)?;
    match app.authenticator.authenticate(&secret).await {
        Ok(viewer) => viewer.ok_or_else(wrong),
        Err(failure) => Err(unavailable(&failure)),
    }
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
    (status, [NO_STORE], Json(json!({ "errors": [error] }))).into_response()
}
