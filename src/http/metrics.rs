//! Metrics: the server's counters, and their export to Prometheus.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

use super::outcome::RequestOutcome;
use crate::db::{Db, Memory, status::PoolStatus};

type Label = [(&'static str, &'static str); 1];

/// Upper bounds of the latency buckets, in seconds.
const LATENCIES: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The server's counters. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Numbers>);

impl std::ops::Deref for Metrics {
    type Target = Numbers;

    fn deref(&self) -> &Numbers {
        &self.0
    }
}

pub struct Numbers {
    pub connections_open: Gauge,
    pub connections_rejected: Counter,
    pub requests_in_progress: Gauge,
    connections_closed: Family<Label, Counter>,
    requests: Family<Label, Counter>,
    rejections: Family<Label, Counter>,
    latency: Histogram,
    rows: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Numbers {
            connections_open: Gauge::default(),
            connections_rejected: Counter::default(),
            requests_in_progress: Gauge::default(),
            connections_closed: Family::default(),
            requests: Family::default(),
            rejections: Family::default(),
            latency: Histogram::new(LATENCIES),
            rows: Counter::default(),
        }))
    }
}

impl Metrics {
    /// Counts a connection that the server closed.
    pub fn connection_closed(&self, reason: &'static str) {
        self.connections_closed.get_or_create(&[("reason", reason)]).inc();
    }

    /// Counts a GraphQL request.
    pub fn request(&self, outcome: &RequestOutcome, elapsed: Duration) {
        self.requests.get_or_create(&[("outcome", outcome.result.class())]).inc();
        if let Some(limit) = outcome.result.limit() {
            self.rejections.get_or_create(&[("limit", limit)]).inc();
        }
        self.latency.observe(elapsed.as_secs_f64());
        self.rows.inc_by(outcome.rows.unwrap_or_default());
    }

    /// All metrics with their names.
    fn registry(&self, memory: &Memory, db: &Db) -> Registry {
        let mut registry = Registry::with_prefix("clientele");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The server", version);
        let open = self.connections_open.clone();
        registry.register("connections_open", "Connections that are open", open);
        let rejected = self.connections_rejected.clone();
        let help = "Connections for which there was no room";
        registry.register("connections_rejected", help, rejected);
        let closed = self.connections_closed.clone();
        let help = "Connections that the server closed, by reason";
        registry.register("connections_closed", help, closed);
        let in_progress = self.requests_in_progress.clone();
        registry.register("requests_in_progress", "Requests without a response yet", in_progress);
        let help = "GraphQL requests, by outcome";
        registry.register("requests", help, self.requests.clone());
        let help = "GraphQL requests that were rejected, by limit";
        registry.register("rejections", help, self.rejections.clone());
        let help = "Seconds from a GraphQL request to its response";
        registry.register("request_duration_seconds", help, self.latency.clone());
        registry.register("rows", "Rows read for responses", self.rows.clone());
        let help = "Memory that requests have of what they share";
        register_number(&mut registry, "shared_memory_bytes", help, memory.taken());
        register_database(&mut registry, db);
        registry
    }
}

fn register_database(registry: &mut Registry, db: &Db) {
    let statements: Counter<u64, AtomicU64> = Counter::default();
    statements.inc_by(db.statements_sent());
    registry.register("statements", "Statements sent to the database", statements);
    let PoolStatus { size, available, waiting } = db.pool_status();
    for (name, help, number) in [
        ("pool_size", "Connections to the database", size),
        ("pool_available", "Connections to the database that nobody uses", available),
        ("pool_waiting", "Requests that wait for a connection to the database", waiting),
    ] {
        register_number(registry, name, help, number);
    }
}

fn register_number(registry: &mut Registry, name: &str, help: &str, number: usize) {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
    registry.register(name, help, gauge);
}

pub fn router(metrics: Metrics, memory: Memory, db: Db) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state((metrics, memory, db))
}

async fn scrape(State((metrics, memory, db)): State<(Metrics, Memory, Db)>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &metrics.registry(&memory, &db)) {
        Ok(()) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, content_type)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "/metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
