//! Servers with few database connections, and locks that their statements wait for.

use std::time::Duration;

use axum::{Router, body::Body};
use clientele::{
    db::Db,
    http::{self, App as State},
};
use serde_json::{Value, json};
use tokio_postgres::NoTls;
use tower::ServiceExt;

use super::app::{App, post};

/// Time that a test waits before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server with this many database connections.
pub fn router(app: &App, connections: usize) -> Router {
    let db = Db::open(&app.database.parsed(), connections).unwrap();
    router_of(app, db)
}

/// A server with this database.
pub fn router_of(app: &App, db: Db) -> Router {
    http::router(State::new(db, app.clock.clone(), false), Vec::new())
}

/// The response to a query, and its status.
pub async fn query(router: Router, key: String, query: &str) -> (u16, Value) {
    let request = post(&key).body(Body::from(json!({ "query": query }).to_string())).unwrap();
    let response = tokio::time::timeout(PATIENCE, router.oneshot(request)).await.unwrap().unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// A connection to PostgreSQL, for locks.
pub async fn client(app: &App) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&app.database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Waits until exactly this many statements wait for a lock.
pub async fn until_waiting(client: &tokio_postgres::Client, count: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let wait = async {
        while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
}
