//! Executing an operation: in time, and to the end if it changes anything.

use std::future;

use async_graphql::value;
use axum::{body::Bytes, http::StatusCode};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use tracing::Instrument;

use super::response::{Answer, Refusal};
use crate::{
    auth::Viewer,
    graphql::{Abandoned, Bound, ErrorCode, limit_exceeded},
    http::{
        App,
        client::Client,
        request_log::{Outcome, RequestOutcome},
    },
};

/// An operation that is to be executed.
pub struct Run {
    pub viewer: Viewer,
    /// Who waits for the response, if it is known.
    pub client: Option<Client>,
    pub bound: Bound,
    pub is_mutation: bool,
    pub deadline: Instant,
    /// Whether the response is to say what it cost.
    pub wants_cost: bool,
}

impl Run {
    /// Executes the operation until the deadline, and writes the response. This is a task of its own:
    /// a client that goes away ends a query, but no mutation in the middle.
    pub async fn execute(self, app: &App, outcome: &mut RequestOutcome) -> Result<Bytes, Refusal> {
        let Self { viewer, client, bound, is_mutation, deadline, wants_cost } = self;
        let abandoned = Abandoned::default();
        let execution = {
            let (app, abandoned) = (app.clone(), abandoned.clone());
            async move {
                let fields = bound.fields;
                let mut response = app.engine.execute(&app.db, viewer, abandoned, bound).await;
                if wants_cost {
                    let cost = value!({ "fields": fields, "max": app.limits.fields });
                    response.extensions.insert("cost".to_owned(), cost);
                }
                (Outcome::from(&response), write(&app, response, is_mutation))
            }
        };
        let task = app.executor.spawn(execution.instrument(tracing::info_span!("execute")));
        let _running = Running { is_mutation, abandoned, handle: task.abort_handle() };
        tokio::select! {
            executed = task => {
                let (result, body) = executed.map_err(|_panicked| Refusal::panicked())?;
                outcome.result = result;
                body
            }
            () = gone(client, is_mutation) => Err(Refusal::client_gone()),
            () = sleep_until(deadline) => Err(overdue(app.limits.seconds, is_mutation)),
        }
    }
}

/// The body of the response.
fn write(
    app: &App,
    response: async_graphql::Response,
    is_mutation: bool,
) -> Result<Bytes, Refusal> {
    Answer::from(response).write(app.limits.response_bytes).map_err(|exceeded| {
        let mut error = limit_exceeded(&exceeded);
        if is_mutation {
            error.message.push_str("; what the mutations changed is changed");
        }
        Refusal::of_graphql(vec![error])
    })
}

/// Returns when nobody waits for the response to a query any more.
async fn gone(client: Option<Client>, is_mutation: bool) {
    match client {
        Some(client) if !is_mutation => client.gone.gone().await,
        _ => future::pending().await,
    }
}

fn overdue(seconds: usize, is_mutation: bool) -> Refusal {
    let done = if is_mutation { ": it may have been done, or not" } else { "" };
    let message = format!("the request took more than {seconds} seconds{done}");
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, ErrorCode::RequestTimeout, message)
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
