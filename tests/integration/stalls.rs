//! Nothing outlives its request, and a hanging database does not stall the server.

use std::{pin::pin, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use clientele::{
    db::{Db, Error, Meter, migrate::Plan, migrate::migrate},
    http::{self, App as State},
    limits::Limits,
    models::{Customer, Lookup, Row},
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio_postgres::NoTls;
use tower::ServiceExt;

use crate::support::{
    app::App,
    cluster::Cluster,
    database::{Backend, Database},
};

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with so many connections.
fn router(app: &App, connections: usize) -> Router {
    let db = Db::open(&app.database.parsed(), connections).unwrap();
    http::router(State::new(db, app.clock.clone(), false), Vec::new())
}

/// The response to a query, and its status.
async fn query(router: Router, key: String, query: &str) -> (u16, Value) {
    let request = Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({ "query": query }).to_string()))
        .unwrap();
    let response = tokio::time::timeout(PATIENCE, router.oneshot(request)).await.unwrap().unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn client(app: &App) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&app.database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Waits until so many statements wait for a lock.
async fn until_waiting(client: &tokio_postgres::Client, count: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let wait = async {
        while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_waits_for_is_cancelled() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let router = router(&app, 1);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    holder.batch_execute("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    for _ in 0..3 {
        let request = query(router.clone(), app.key.clone(), "{ customers { totalCount } }");
        tokio::select! {
            answer = request => panic!("{answer:?}"),
            () = until_waiting(&watcher, 1) => {}
        }
        // The client is gone, and the lock is still held.
        until_waiting(&watcher, 0).await;
        let other = query(router.clone(), app.key.clone(), "{ customerGroups { totalCount } }");
        let answer = json!({ "data": { "customerGroups": { "totalCount": 0 } } });
        assert_eq!(other.await, (200, answer), "the only connection serves others");
    }
}

/// On one thread: if dropping a statement blocked it, nothing else would go on.
#[tokio::test]
async fn a_statement_of_sqlite_ends_by_itself() {
    let database = Database::migrated(Backend::Sqlite).await.unwrap();
    let db = Db::open(&database.parsed(), 1).unwrap();
    let slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
                SELECT count(*) FROM n";
    let mut lease = db.read().await.unwrap();
    assert!(lease.conn().batch_execute(slow).now_or_never().is_none(), "it is in progress");
    drop(lease);
    let mut next = pin!(db.read());
    assert!(next.as_mut().now_or_never().is_none(), "the connection is not free yet");
    let mut lease = next.await.unwrap();
    lease.conn().batch_execute("SELECT 1").await.unwrap();
}

both! {
    async fn reading_ends_when_nobody_waits_for_it(app: App) {
        app.create_customer(r#"customerName: "Ana", externalId: "ana""#).await;
        let (meter, lookup) = (Meter::new(&Limits::default()), Lookup::ExternalId("ana".to_owned()));
        let db = app.db.metered(meter.clone());
        let find = async |mut lease: clientele::db::Lease| {
            Customer::find(&mut lease.conn(), &app.tenant, &lookup).await
        };
        assert!(find(db.read().await.unwrap()).await.unwrap().is_some());
        meter.abandon();
        assert!(matches!(find(db.read().await.unwrap()).await, Err(Error::Abandoned)));
        // A lease for writing goes on.
        assert!(find(db.write().await.unwrap()).await.unwrap().is_some());
        assert_eq!(meter.statements(), 3);
    }

    async fn a_database_without_all_migrations_is_not_ready(app: App) {
        app.db.check().await.unwrap();
        migrate(&app.database.parsed(), Plan::Revert).await.unwrap();
        let error = app.db.check().await.unwrap_err();
        assert!(matches!(error, Error::NotMigrated(6..)), "{error}");
        app.db.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_not_waited_for() {
    let Some(cluster) = Cluster::private() else { return };
    let app = App::start_on(Database::on(&cluster).await).await.unwrap();
    let router = router(&app, 2);
    let ask = || query(router.clone(), app.key.clone(), "{ customers { totalCount } }");
    assert_eq!(ask().await.0, 200);
    cluster.signal("STOP");
    assert!(matches!(app.db.ping().await, Err(Error::Unavailable(_))));
    for (status, answer) in [ask().await, ask().await, ask().await] {
        assert_eq!(status, 503, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE");
    }
    cluster.signal("CONT");
    let back = async { while ask().await.0 != 200 {} };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
}
