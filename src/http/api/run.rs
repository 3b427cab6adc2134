//! Executing an operation: in time, and to the end if it changes anything.

use axum::http::StatusCode;
use tokio::{
    task::{AbortHandle, JoinHandle},
    time::{Instant, timeout_at},
};
use tracing::{Instrument, Span};

use super::response::Refusal;
use crate::{
    auth::Viewer,
    graphql::{Abandoned, Bound, ErrorCode},
    http::{App, PANICKED},
};

/// Executes an operation until the deadline, in a task of its own: a client that goes away ends a
/// query, but no mutation in the middle.
pub async fn execute(
    app: &App,
    viewer: Viewer,
    bound: Bound,
    is_mutation: bool,
    deadline: Instant,
) -> Result<async_graphql::Response, Refusal> {
    let abandoned = Abandoned::default();
    let execution = {
        let (app, abandoned) = (app.clone(), abandoned.clone());
        async move { app.engine.execute(&app.db, viewer, abandoned, bound).await }
    };
    let task = tokio::spawn(execution.instrument(Span::current()));
    let _running = Running { is_mutation, abandoned, handle: task.abort_handle() };
    match timeout_at(deadline, finish(task)).await {
        Ok(Some(response)) => Ok(response),
        Ok(None) => {
            tracing::error!("a request panicked");
            let (status, code) =
                (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError);
            Err(Refusal::new(status, code, PANICKED))
        }
        Err(_elapsed) => {
            let done = if is_mutation { ": it may have been done, or not" } else { "" };
            let seconds = app.limits.seconds;
            let message = format!("the request took more than {seconds} seconds{done}");
            Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, ErrorCode::RequestTimeout, message))
        }
    }
}

async fn finish(task: JoinHandle<async_graphql::Response>) -> Option<async_graphql::Response> {
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
