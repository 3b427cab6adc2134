//! Statements end with their requests, and an unresponsive database does not stall the server.

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clientele::{
    auth::Tenant,
    db::{Db, Error, Meter, migrate::Plan, migrate::migrate, pick::ColumnSet},
    executor::Executor,
    limits::Limits,
    models::{Customer, Lookup, Row},
};
use futures_util::{FutureExt, future::join_all};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::support::{
    app::App,
    cluster::{Cluster, cluster},
    contention::{PATIENCE, client, query, router, router_of, until_waiting},
    database::{Backend, Database},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_statement_of_an_abandoned_query_is_cancelled() {
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
        // The client has disconnected, so the statement is cancelled although the lock is still
        // held.
        until_waiting(&watcher, 0).await;
        let other = query(router.clone(), app.key.clone(), "{ customerGroups { totalCount } }");
        let answer = json!({ "data": { "customerGroups": { "totalCount": 0 } } });
        assert_eq!(other.await, (200, answer), "the only connection serves others");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_share_a_connection_to_read_few_rows() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    app.create_customer(r#"customerName: "Ana", externalId: "ana""#).await;
    let db = Db::open(&app.database.parsed(), 3).unwrap();
    let (usual, small) = (Limits::default(), Limits { memory_bytes: 1, ..Limits::default() });
    let of_request = |limits: &Limits| db.of_request("acme", Meter::new(limits));
    {
        let _few = of_request(&usual).read_rows(100).await.unwrap();
        let _many = of_request(&usual).read_rows(101).await.unwrap();
        assert_eq!(db.pool_status().size, 2, "many rows are read on a connection of their own");
    }
    // A request that exceeds a limit does not affect the others, and each request counts its own statements.
    let find = async |db: Db| {
        let lookup = Lookup::ExternalId("ana".to_owned());
        let mut lease = db.read_rows(1).await?;
        let found =
            Customer::find_measured(&mut lease.conn(), &app.tenant, &lookup, ColumnSet::ALL).await;
        Ok::<_, Error>((found?.is_some(), db.meter().statements()))
    };
    for _ in 0..3 {
        let requests = (0..8).map(|it| if it == 2 { &small } else { &usual });
        let found = join_all(requests.map(of_request).map(find)).await;
        for (request, found) in found.into_iter().enumerate() {
            match (request, found) {
                (2, Err(Error::Overrun(_))) => {}
                (2, found) => panic!("{found:?}"),
                (_, found) => assert_eq!(found.unwrap(), (true, 1)),
            }
        }
    }
}

/// The pool clears the prepared statements of a connection when it lends it, so a shared connection
/// must return to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_returns_to_the_pool_after_many_different_statements() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let db = Db::open(&app.database.parsed(), 3).unwrap();
    let in_use = || db.pool_status().size - db.pool_status().available;
    let (first, second) = loop {
        let leases = (db.read_rows(1).await.unwrap(), db.read_rows(1).await.unwrap());
        if in_use() == 1 {
            break leases;
        }
        // The second lease was too late to share the connection.
    };
    let mut own = db.read().await.unwrap();
    let lookup = Lookup::ExternalId("ana".to_owned());
    for number in 0..256 {
        let places = (0..8).filter(|place| number & (1 << place) != 0);
        let columns = places.fold(ColumnSet::ID, |set, place| set.union(ColumnSet::of(place + 5)));
        Customer::find_measured(&mut own.conn(), &app.tenant, &lookup, columns).await.unwrap();
    }
    assert_eq!(in_use(), 2);
    // The end of a lease proves that the shared connection has not stalled.
    drop(second);
    let third = db.read_rows(1).await.unwrap();
    assert_eq!(in_use(), 3, "a request gets another connection");
    drop((first, own, third));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_is_held_up_does_not_hold_up_other_requests() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let ana = app.create_customer(r#"customerName: "Ana""#).await;
    let group = app.create_group(r#"customerGroupName: "G""#).await;
    let router = router(&app, 2);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    let ask = |text: String| {
        let (router, key) = (router.clone(), app.key.clone());
        tokio::spawn(async move { query(router, key, &text).await })
    };
    holder.batch_execute("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let held_up = ask(format!("{{ customer(id: {ana:?}) {{ customerName }} }}"));
    until_waiting(&watcher, 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let other = ask(format!("{{ customerGroup(id: {group:?}) {{ customerGroupName }} }}"));
    let response = json!({ "data": { "customerGroup": { "customerGroupName": "G" } } });
    assert_eq!(other.await.unwrap(), (200, response));
    assert!(!held_up.is_finished());
    holder.batch_execute("ROLLBACK").await.unwrap();
    let response = json!({ "data": { "customer": { "customerName": "Ana" } } });
    assert_eq!(held_up.await.unwrap(), (200, response));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_wait_for_connections_in_use_if_postgresql_accepts_no_further_one() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let db = Db::open(&app.database.parsed(), 3).unwrap();
    let router = router_of(&app, db.clone());
    let groups = || query(router.clone(), app.key.clone(), "{ customerGroups { totalCount } }");
    let in_use = db.read().await.unwrap();
    let accept = async |accepted: bool| {
        let (admin, connection) =
            tokio_postgres::connect(&cluster().unwrap().url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let name = app.database.url.rsplit_once('/').unwrap().1;
        let change = format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {accepted}");
        admin.batch_execute(&change).await.unwrap();
    };
    accept(false).await;
    let waiting = tokio::spawn(groups());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    drop(in_use);
    let response = (200, json!({ "data": { "customerGroups": { "totalCount": 0 } } }));
    assert_eq!(waiting.await.unwrap(), response);
    accept(true).await;
}

/// A statement of SQLite that takes some hundred milliseconds.
const SLOW: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
    SELECT count(*) FROM n";

/// There is only one thread for tasks, and more statements than that.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn slow_statements_of_sqlite_delay_nothing_else() {
    const READERS: usize = 3;
    let database = Database::migrated(Backend::Sqlite).await.unwrap();
    let db = Db::open(&database.parsed(), READERS).unwrap();
    let running = Arc::new(AtomicUsize::new(READERS));
    let slow: Vec<_> = (0..READERS)
        .map(|_| {
            let (db, running) = (db.clone(), Arc::clone(&running));
            tokio::spawn(async move {
                let mut lease = db.read().await.unwrap();
                lease.conn().batch_execute(SLOW).await.unwrap();
                running.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    let others = tokio::spawn(async move {
        while (db.pool_status().size, db.pool_status().available) != (READERS, 0) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut lease = db.write().await.unwrap();
        lease.conn().batch_execute("SELECT 1").await.unwrap();
        running.load(Ordering::SeqCst)
    });
    assert_eq!(others.await.unwrap(), READERS, "all of them are still running");
    join_all(slow).await.into_iter().for_each(Result::unwrap);
}

/// Tokio would schedule the task that waits for the connection on the thread that returns it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_returned_connection_is_lent_before_its_last_user_runs_another_statement() {
    let database = Database::migrated(Backend::Sqlite).await.unwrap();
    let db = Db::open(&database.parsed(), 1).unwrap();
    drop((db.read().await.unwrap(), db.write().await.unwrap()));
    let executor = Executor::start(db.blocking_calls()).unwrap();
    let first = {
        let db = db.clone();
        executor.spawn(async move {
            let lease = db.read().await.unwrap();
            while db.pool_status().waiting == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(lease);
            let mut lease = db.write().await.unwrap();
            lease.conn().batch_execute(SLOW).await.unwrap();
            Instant::now()
        })
    };
    let second = executor.spawn(async move {
        while db.pool_status().available == 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        db.read().await.unwrap();
        Instant::now()
    });
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(second < first, "{:?} later", second - first);
}

#[tokio::test]
async fn statements_of_sqlite_run_on_the_thread_of_the_caller() {
    let database = Database::migrated(Backend::Sqlite).await.unwrap();
    let db = Db::open(&database.parsed(), 1).unwrap();
    let mut lease = db.read().await.unwrap();
    lease.conn().batch_execute("SELECT 1").now_or_never().unwrap().unwrap();
}

both! {
    async fn an_abandoned_request_reads_nothing_more(app: App) {
        app.create_customer(r#"customerName: "Ana", externalId: "ana""#).await;
        let (meter, lookup) = (Meter::new(&Limits::default()), Lookup::ExternalId("ana".to_owned()));
        let db = app.db.of_request("acme", meter.clone());
        let find = async |mut lease: clientele::db::Lease| {
            Customer::find(&mut lease.conn(), &app.tenant, &lookup).await
        };
        assert!(find(db.read().await.unwrap()).await.unwrap().is_some());
        let lease = db.read().await.unwrap();
        meter.abandon();
        assert!(matches!(find(lease).await, Err(Error::Abandoned)));
        assert!(matches!(db.read().await.err(), Some(Error::Abandoned)));
        // A lease for writing still works.
        assert!(find(db.write().await.unwrap()).await.unwrap().is_some());
        assert_eq!(meter.statements(), 3);
    }

    async fn a_transaction_that_is_dropped_is_rolled_back(app: App) {
        let mut lease = app.db.write().await.unwrap();
        let mut conn = lease.conn();
        let dropped = conn.transaction(async |tx| {
            Tenant::create(tx, "dropped", None, &app.clock).await?;
            // SQLite has executed the statements at this point. PostgreSQL gets the time to do so.
            future::pending::<Result<(), Error>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(500), dropped).await.is_err());
        drop(lease);
        let tenant = Tenant::named(&app.db, "dropped").await.unwrap();
        assert!(tenant.is_none(), "nothing of it is kept");
        app.make_tenant("kept").await;
        assert!(Tenant::named(&app.db, "kept").await.unwrap().is_some(), "others can write");
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
async fn a_frozen_postgresql_is_reported_as_unavailable() {
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
