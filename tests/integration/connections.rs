//! Connections of slow, silent, numerous or disconnected clients, and the server's shutdown.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::support::{
    binary::{Server, Shell},
    database::{Backend, Database},
    dump::dump,
    lock::WriteLock,
    raw::{Raw, get, request, wait_until},
};

const CREATE: &str = r#"mutation { customerCreate(input: { customerName: "Ada" }) {
    customer { customerName } userErrors { code message } } }"#;

const LONG: &str = "{ __schema { types { name description fields(includeDeprecated: true) { name
    description args { name description type { name kind } } type { name kind } }
    inputFields { name description type { name kind } } enumValues { name description } } } }";

/// Time within which a server exits if nothing is in progress.
const SOON: Duration = Duration::from_secs(8);

/// A shell whose database contains the tenant `shop`, and a key of the tenant.
fn shop(database: &Database) -> (Shell, String) {
    let shell = Shell::on(database);
    shell.succeed(&["tenant", "create", "shop"]);
    let key = shell.succeed(&["key", "create", "--tenant", "shop"]);
    (shell, key)
}

/// Waits until the server has closed a connection for this reason.
fn wait_for_closed(server: &Server, reason: &str) {
    let line = format!("clientele_connections_closed_total{{reason=\"{reason}\"}} ");
    wait_until(&line, || get(server.operations(), "/metrics").body.contains(&line));
}

/// Waits until this many requests are in progress.
fn wait_for_requests(server: &Server, number: usize) {
    let line = format!("clientele_requests_in_progress {number}\n");
    wait_until(&line, || get(server.operations(), "/metrics").body.contains(&line));
}

const METRICS: [&str; 2] = ["--metrics-listen", "127.0.0.1:0"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_disconnected() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let (shell, key) = shop(&database);
    let timeouts =
        ["--header-timeout", "500ms", "--idle-timeout", "1s", "--write-timeout", "500ms"];
    let server = shell.serve(&[&METRICS[..], &timeouts].concat()).await;
    let (mut silent, mut slow) = (Raw::connect(server.address()), Raw::connect(server.address()));
    slow.send("GET /health HTTP/1.1\r\nHo");
    assert_eq!((silent.rest(), slow.rest()), (Vec::new(), Vec::new()));
    wait_for_closed(&server, "slow_head");

    let mut idle = Raw::connect(server.address());
    assert_eq!(idle.get("/health", "").response().status, 200);
    assert_eq!(idle.get("/health", "").response().status, 200, "it is kept open");
    assert_eq!(idle.rest(), b"");
    wait_for_closed(&server, "idle");

    let mut deaf = Raw::connect(server.address());
    deaf.send(&request(&key, LONG, "").repeat(100));
    wait_for_closed(&server, "not_reading");
    assert_eq!(get(server.address(), "/health").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_its_response_is_disconnected() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let (shell, key) = shop(&database);
    let server = shell.serve(&[&METRICS[..], &["--response-timeout", "1s"]].concat()).await;
    let mut deaf = Raw::connect(server.address());
    deaf.send(&request(&key, LONG, "").repeat(100));
    wait_for_closed(&server, "slow_reading");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_do_not_lock_out_other_clients() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let (shell, key) = shop(&database);
    let server = shell.serve_with_files(128, &[]).await;
    let silent: Vec<Raw> = (0..200).map(|_| Raw::connect(server.address())).collect();
    let start = Instant::now();
    let mut client = Raw::connect(server.address());
    let response = client.query(&key, "{ customers { totalCount } }").response();
    assert_eq!(response.status, 200, "{response:?}");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert!(server.wait_for("--max-connections").contains("open files"));
    drop(silent);
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_works_with_prior_knowledge() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let (shell, key) = shop(&database);
    let server = shell.serve(&[]).await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let queries = (0..20).map(|_| async {
        let request = client.post(format!("{}/graphql", server.url)).bearer_auth(&key);
        let request = request.json(&json!({ "query": "{ customers { totalCount } }" }));
        let response = request.send().await.unwrap();
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        response.json::<Value>().await.unwrap()
    });
    for response in futures_util::future::join_all(queries).await {
        assert_eq!(response, json!({ "data": { "customers": { "totalCount": 0 } } }));
    }
    server.stop();
}

both! {
    async fn a_half_closed_client_gets_its_response(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&[]).await;
        let mut client = Raw::connect(server.address());
        let response = client.query(&key, CREATE).half_close().response();
        assert_eq!(response.json()["data"]["customerCreate"]["customer"]["customerName"], "Ada");
        // A mutation is completed even if its client has disconnected.
        Raw::connect(server.address()).query(&key, CREATE);
        server.stop();
        let customers = dump(&database).await["customers"].len();
        assert!((1..=2).contains(&customers), "{customers}");
    }

    async fn the_connection_that_is_idle_longest_is_closed_for_a_new_one(database: Database) {
        let (shell, key) = shop(&database);
        let options = ["--max-connections", "2"];
        let server = shell.serve(&[&METRICS[..], &options].concat()).await;
        let (mut first, mut second) =
            (Raw::connect(server.address()), Raw::connect(server.address()));
        assert_eq!(first.get("/health", "").response().status, 200);
        // The server records the end of a response only after the client has received it.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(second.get("/health", "").response().status, 200);
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut third = Raw::connect(server.address());
        assert_eq!(third.get("/health", "").response().status, 200);
        assert_eq!(first.rest(), b"", "it was idle longest");

        let lock = WriteLock::take(&database).await;
        second.query(&key, CREATE);
        third.query(&key, CREATE);
        wait_for_requests(&server, 2);
        let refused = Raw::connect(server.address()).get("/health", "").response();
        assert_eq!(refused.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        server.wait_for(refused.header("x-request-id").unwrap());
        drop(lock);
        assert_eq!((second.response().status, third.response().status), (200, 200));
        assert_eq!(get(server.address(), "/health").status, 200);
        wait_for_closed(&server, "evicted");
    }

    async fn a_request_refused_before_its_body_ended_closes_its_connection(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&[]).await;
        for (key, status) in [(key.as_str(), 413), ("no-key", 401)] {
            let mut client = Raw::connect(server.address());
            // The client receives the response although it is still sending: the connection is not reset.
            let response = client.query(key, &" ".repeat(8 << 20)).response();
            assert_eq!((response.status, response.header("connection")), (status, Some("close")));
            assert_eq!(client.rest(), b"");
        }
        let mut client = Raw::connect(server.address());
        for _ in 0..2 {
            let response = client.query("no-key", "{ __typename }").response();
            assert_eq!((response.status, response.header("connection")), (401, None));
        }
        server.stop();
    }

    async fn a_connection_is_kept_if_a_short_body_follows_its_response(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&["--idle-timeout", "1s"]).await;
        let refused = request("no-key", "{ __typename }", "");
        let (head, body) = refused.split_at(refused.find('{').unwrap());
        let mut client = Raw::connect(server.address());
        let response = client.send(head).response();
        assert_eq!((response.status, response.header("connection")), (401, None));
        assert_eq!(client.send(body).query(&key, "{ __typename }").response().status, 200);

        // A client that never sends the body keeps the connection no longer than an idle client.
        assert_eq!(client.send(head).response().status, 401);
        assert_eq!(client.rest(), b"");

        // After `Expect: 100-continue`, the client need not send the body.
        let refused = request("no-key", "{ __typename }", "Expect: 100-continue\r\n");
        let (head, _) = refused.split_at(refused.find('{').unwrap());
        let response = Raw::connect(server.address()).send(head).response();
        assert_eq!((response.status, response.header("connection")), (401, Some("close")));
    }

    async fn concurrent_requests_are_limited(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&[&METRICS[..], &["--max-requests", "1"]].concat()).await;
        let lock = WriteLock::take(&database).await;
        let mut first = Raw::connect(server.address());
        first.query(&key, CREATE);
        wait_for_requests(&server, 1);
        let mut second = Raw::connect(server.address());
        let refused = second.query(&key, "{ __typename }").response();
        assert_eq!(refused.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(get(server.address(), "/health").status, 200);
        assert_eq!(get(server.address(), "/ready").status, 200);
        drop(lock);
        assert_eq!(first.response().status, 200);
        assert_eq!(second.query(&key, "{ __typename }").response().status, 200);
    }

    async fn a_tenant_leaves_a_quarter_of_the_concurrent_requests_to_others(database: Database) {
        let (shell, key) = shop(&database);
        shell.succeed(&["tenant", "create", "other"]);
        let other = shell.succeed(&["key", "create", "--tenant", "other", "--scope", "read"]);
        let server = shell.serve(&[&METRICS[..], &["--max-requests", "4"]].concat()).await;
        let lock = WriteLock::take(&database).await;
        let send = |_| {
            let mut client = Raw::connect(server.address());
            client.query(&key, CREATE);
            client
        };
        let mut clients: Vec<Raw> = (0..3).map(send).collect();
        wait_for_requests(&server, 3);
        let mut last = Raw::connect(server.address());
        let refused = last.query(&key, "{ __typename }").response();
        assert_eq!(refused.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(last.query(other.trim(), "{ __typename }").response().status, 200);
        drop(lock);
        for client in &mut clients {
            assert_eq!(client.response().status, 200);
        }
        assert_eq!(last.query(&key, "{ __typename }").response().status, 200);
    }

    async fn a_request_that_exceeds_a_limit_while_it_is_executed_has_no_data(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&["--limit-rows", "1"]).await;
        let mut client = Raw::connect(server.address());
        for _ in 0..2 {
            assert_eq!(client.query(&key, CREATE).response().status, 200);
        }
        let response = client.query(&key, "{ customers { nodes { id } } }").response();
        let message = "the request has 2 rows; the limit is 1 (limit-rows)";
        let expected = json!({ "data": null, "errors": [{ "message": message, "extensions": {
            "code": "BAD_USER_INPUT", "limit": { "name": "rows", "max": 1, "value": 2 } } }] });
        assert_eq!((response.status, response.json()), (200, expected));
    }

    async fn requests_share_memory_until_their_responses_are_sent(database: Database) {
        let (shell, key) = shop(&database);
        let max = (36 << 20).to_string();
        let server = shell.serve(&[&METRICS[..], &["--max-memory-bytes", &max]].concat()).await;
        let has_taken = |is_so: fn(&str) -> bool| {
            let metrics = get(server.operations(), "/metrics").body;
            let line = metrics.lines().find_map(|it| it.strip_prefix("clientele_shared_memory_bytes "));
            is_so(line.unwrap_or_else(|| panic!("{metrics}")))
        };
        // A response that does not fit into the buffers of a connection.
        let field = |number| match number % 2 {
            0 => format!("a{number}: description "),
            _ => format!("a{number}: name "),
        };
        let fields = (0..600).map(field).collect::<Vec<_>>().concat();
        let types = ["a", "b", "c", "d"].map(|it| format!(r#"{it}: __type(name: "Customer") {{ fields {{ ...F }} }}"#));
        let types = types.join(" ");
        let large = format!("{{ {types} }} fragment F on __Field {{ {fields} }}");
        let mut deaf = Raw::connect(server.address());
        deaf.query(&key, &large);
        let mut status = [0; 15];
        deaf.stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200 OK");
        assert!(has_taken(|it| it != "0"));
        let mut other = Raw::connect(server.address());
        let refused = other.query(&key, &large).response();
        assert_eq!(refused.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        // Most requests need no more than their own share of memory.
        assert_eq!(other.query(&key, "{ customers { totalCount } }").response().status, 200);
        drop(deaf);
        wait_until("the memory is free", || has_taken(|it| it == "0"));
        assert_eq!(other.query(&key, &large).response().status, 200);
    }

    async fn an_incomplete_request_does_not_delay_shutdown(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&["--shutdown-timeout", "60s"]).await;
        let connect = || Raw::connect(server.address());
        let (_silent, mut head, mut body, mut idle) = (connect(), connect(), connect(), connect());
        head.send("POST /graphql HTTP/1.1\r\nHost: te");
        let whole = request(&key, CREATE, "");
        body.send(whole.strip_suffix('}').unwrap());
        assert_eq!(idle.get("/health", "").response().status, 200);
        let start = Instant::now();
        server.signal("TERM");
        assert_eq!(idle.rest(), b"");
        let (code, stderr) = server.wait();
        assert_eq!(code, Some(0), "{stderr}");
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
        assert_eq!(dump(&database).await["customers"].len(), 0);
    }

    async fn shutdown_has_a_timeout_and_a_second_signal_stops_immediately(database: Database) {
        let (shell, key) = shop(&database);
        for (options, signals, expected) in [
            (["--shutdown-timeout", "500ms"], &["TERM"][..], 0),
            (["--shutdown-timeout", "60s"], &["TERM", "TERM"], 143),
            (["--shutdown-timeout", "60s"], &["TERM", "INT"], 130),
        ] {
            let server = shell.serve(&[&METRICS[..], &options].concat()).await;
            let lock = WriteLock::take(&database).await;
            let mut client = Raw::connect(server.address());
            client.query(&key, CREATE);
            wait_for_requests(&server, 1);
            assert_eq!(get(server.operations(), "/ready").status, 200);
            let start = Instant::now();
            for (number, signal) in signals.iter().enumerate() {
                server.signal(signal);
                server.wait_for("stopping");
                // The responses tell clients to send no more requests on the connection.
                if signals.len() == 2 && number == 0 {
                    let ready = get(server.operations(), "/ready");
                    let draining = (503, "the server is stopping\n");
                    assert_eq!((ready.status, ready.body.as_str()), draining);
                }
            }
            let (code, stderr) = server.wait();
            assert_eq!(code, Some(expected), "{stderr}");
            assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
            drop(lock);
        }
        assert_eq!(dump(&database).await["customers"].len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_ends_when_its_client_disconnects() {
    let Some(database) = Database::start(Backend::Postgres).await else { return };
    let (shell, key) = shop(&database);
    let server = shell.serve(&[]).await;
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    // Within a transaction, `pg_stat_activity` is a snapshot as of the first query, so use a separate connection for
    // the lock.
    let (locker, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    locker.batch_execute("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut reader = Raw::connect(server.address());
    reader.query(&key, "{ customers { totalCount } }");
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                   AND datname = current_database()";
    let mut tries = 0;
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tries += 1;
        assert!(tries < 1000, "the query does not wait");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(reader);
    assert!(server.wait_for("client_gone").contains("INFO"));
    // The statement is cancelled although the lock is still held.
    let mut tries = 0;
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tries += 1;
        assert!(tries < 1000, "the statement still waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
