//! Execution of an operation: until the deadline, and always to the end of a mutation.

use std::{future, sync::Arc, time::Duration};

use async_graphql::{Value, value};
use axum::{body::Bytes, http::StatusCode};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use tracing::Instrument;

use crate::{
    auth::Viewer,
    db::Meter,
    graphql::{Bound, ErrorCode, limit_exceeded},
    http::{
        App,
        client::Client,
        outcome::{Outcome, RequestOutcome},
        response::{Refusal, ResponseBody},
    },
    limits::{Limits, Overrun},
};

/// An operation to execute.
pub struct Run {
    pub viewer: Viewer,
    pub meter: Meter,
    /// The client that waits for the response, if known.
    pub client: Option<Client>,
    pub bound: Bound,
    pub is_mutation: bool,
    pub deadline: Instant,
    /// Whether the response includes its cost.
    pub wants_cost: bool,
}

impl Run {
    /// Executes the operation until the deadline, and writes the response. It runs as a separate task: a client that
    /// disconnects ends a query, but never interrupts a mutation.
    pub async fn execute(
        self,
        app: &Arc<App>,
        outcome: &mut RequestOutcome,
    ) -> Result<Bytes, Refusal> {
        let Self { viewer, meter, client, bound, is_mutation, deadline, wants_cost } = self;
        let execution = {
            let (app, meter) = (Arc::clone(app), meter.clone());
            async move {
                let (fields, started) = (bound.fields, Instant::now());
                let mut response = app.engine.execute(&app.db, viewer, &meter, bound).await;
                if wants_cost {
                    let cost = cost(&app.limits, &meter, fields, started.elapsed());
                    response.extensions.insert("cost".to_owned(), cost);
                }
                (Outcome::from(&response), write(&app, response, &meter))
            }
        };
        let task = app.executor.spawn(execution.instrument(tracing::info_span!("execute")));
        let running = Running { is_mutation, meter: meter.clone(), handle: task.abort_handle() };
        let response = tokio::select! {
            executed = task => {
                let (result, body) = executed.map_err(|_panicked| Refusal::panicked())?;
                outcome.result = result;
                body
            }
            () = gone(client, is_mutation) => Err(Refusal::client_gone()),
            () = sleep_until(deadline) => Err(overdue(app.limits.seconds, is_mutation)),
        };
        drop(running);
        outcome.rows = u64::try_from(meter.rows()).ok();
        outcome.statements = u64::try_from(meter.statements()).ok();
        response
    }
}

/// The extension `cost`: the estimate for a request, its use of the limits, and the remaining
/// amounts.
fn cost(limits: &Limits, meter: &Meter, fields: usize, took: Duration) -> Value {
    let (rows, bytes) = (meter.rows(), meter.bytes());
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let statements = meter.statements();
    value!({
        "estimated": { "fields": fields },
        "used": {
            "fields": meter.fields(),
            "rows": rows,
            "memoryBytes": bytes,
            "statements": statements,
            "milliseconds": milliseconds,
        },
        "remaining": {
            "fields": limits.fields.saturating_sub(fields),
            "rows": limits.rows.saturating_sub(rows),
            "memoryBytes": limits.memory_bytes.saturating_sub(bytes),
        },
    })
}

/// The body of the response.
fn write(app: &App, response: async_graphql::Response, meter: &Meter) -> Result<Bytes, Refusal> {
    let has_written = meter.has_written();
    if let Some(overrun @ Overrun::Memory) = meter.overrun()
        && !has_written
    {
        return Err(Refusal::overrun(overrun));
    }
    let reserve = |bytes| meter.reserve(bytes);
    let written = ResponseBody::from(response).write(app.limits.response_bytes, reserve);
    let body = written.map_err(|overrun| match overrun {
        Overrun::Limit(exceeded) => {
            let mut error = limit_exceeded(&exceeded);
            if has_written {
                error.message.push_str("; the mutations that succeeded were committed");
            }
            Refusal::of_graphql(vec![error])
        }
        Overrun::Memory => Refusal::overrun(&overrun),
    })?;
    meter.keep_response(body.len());
    Ok(body)
}

/// Resolves when the client of a query has disconnected. For a mutation, it never resolves.
async fn gone(client: Option<Client>, is_mutation: bool) {
    match client {
        Some(client) if !is_mutation => client.gone.gone().await,
        _ => future::pending().await,
    }
}

fn overdue(seconds: usize, is_mutation: bool) -> Refusal {
    let done = if is_mutation { ": the mutation may or may not have been committed" } else { "" };
    let message = format!("the request took more than {seconds} seconds{done}");
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, ErrorCode::RequestTimeout, message)
}

/// A request that its client is waiting for.
struct Running {
    is_mutation: bool,
    meter: Meter,
    handle: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.meter.abandon();
        if !self.is_mutation {
            self.handle.abort();
        }
    }
}
