//! The server from the operator's point of view, and its rate limits.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc,
};

use serde_json::{Value, json};

use crate::support::{
    binary::Shell,
    cluster::cluster,
    database::{Backend, Database},
    raw::{Raw, get, request, wait_until},
};

const QUERY: &str = "query Count { customers { totalCount } }";

fn shop(database: &Database) -> (Shell, String) {
    let shell = Shell::on(database);
    shell.succeed(&["tenant", "create", "shop"]);
    let key = shell.succeed(&["key", "create", "--tenant", "shop", "--name", "till"]);
    (shell, key)
}

both! {
    async fn requests_with_wrong_keys_are_limited(database: Database) {
        let (shell, key) = shop(&database);
        let limit = ["--failed-key-limit", "2/h", "--trusted-proxies", "1"];
        let server = shell.serve(&limit).await;
        let wrong = format!("{key}0");
        let mut client = Raw::connect(server.address());
        let mut ask = |key: &str, from: &str| {
            // Entries to the left are not from a trusted proxy, so they can be forged.
            let header = format!("X-Forwarded-For: 192.0.2.99, {from}\r\n");
            client.send(&request(key, QUERY, &header)).response()
        };
        assert_eq!(ask(&key, "192.0.2.1").status, 200);
        assert_eq!(ask(&wrong, "192.0.2.1").status, 401);
        assert_eq!(ask("hunter2", "192.0.2.1").status, 401);
        let refused = ask(&wrong, "192.0.2.1");
        assert_eq!(refused.error(), (429, "RATE_LIMITED".to_owned()));
        let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=1800).contains(&seconds), "{seconds}");
        assert_eq!(ask(&wrong, "192.0.2.2").status, 401, "another address");
        assert_eq!(ask(&key, "192.0.2.1").status, 200, "a key that is known");
    }

    async fn requests_of_a_key_are_limited(database: Database) {
        let (shell, key) = shop(&database);
        let other = shell.succeed(&["key", "create", "--tenant", "shop", "--name", "other"]);
        let server = shell.serve(&["--rate-limit", "10/h", "--rate-burst", "2"]).await;
        let mut client = Raw::connect(server.address());
        let mut ask = |key: &str| client.query(key, QUERY).response();
        assert_eq!((ask(&key).status, ask(&key).status), (200, 200));
        let refused = ask(&key);
        assert_eq!(refused.error(), (429, "RATE_LIMITED".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("360"));
        assert_eq!(ask(&other).status, 200);
    }

    async fn each_request_has_an_id_and_a_log_line(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&["--log-format", "json"]).await;
        let mut client = Raw::connect(server.address());
        let mut ask = |header: &str, query: &str| {
            let response = client.send(&request(&key, query, header)).response();
            response.header("x-request-id").unwrap().to_owned()
        };
        assert_eq!(ask("X-Request-Id: my-Own_id.1\r\n", QUERY), "my-Own_id.1");
        let long = format!("X-Request-Id: {}\r\n", "x".repeat(65));
        for bad in ["", "X-Request-Id: two words\r\n", &long] {
            let id = ask(bad, "{ secret: nothing }");
            assert!(id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
        }
        let secret = r#"mutation { customerCreate(input: { customerName: "" }) {
            userErrors { code } } }"#;
        ask("X-Request-Id: refused\r\n", secret);
        assert!(get(server.address(), "/nothing").header("x-request-id").is_some());
        let stderr = server.stop();
        let lines = stderr.lines().filter(|line| line.starts_with('{'));
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |id: &str| {
            let mut lines = lines.iter().filter(|it| it["span"]["id"] == id);
            let line = lines.find(|it| it["message"] == "request").unwrap();
            let names = ["level", "key", "kind", "outcome", "status"];
            json!(names.map(|name| line[name].clone()))
        };
        assert_eq!(of("my-Own_id.1"), json!(["INFO", "till", "query", "ok", 200]));
        assert_eq!(of("refused"), json!(["INFO", "till", "mutation", "user_error", 200]));
        assert!(!stderr.contains("secret: nothing"), "{stderr}");
    }

    async fn metrics_are_served_for_prometheus(database: Database) {
        let (shell, key) = shop(&database);
        let server = shell.serve(&["--metrics-listen", "127.0.0.1:0"]).await;
        let mut client = Raw::connect(server.address());
        assert_eq!(client.query(&key, QUERY).response().status, 200);
        assert_eq!(client.query("hunter2", QUERY).response().status, 401);
        let metrics = get(server.operations(), "/metrics");
        assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
        let version = concat!("clientele_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1");
        for line in [
            version,
            "clientele_requests_total{outcome=\"ok\"} 1",
            "clientele_requests_total{outcome=\"UNAUTHENTICATED\"} 1",
            "clientele_request_duration_seconds_count 2",
            // One request is the health check at the server's start.
            "clientele_connections_open 2",
            "clientele_connections_rejected_total 0",
            "clientele_requests_in_progress 0",
            "clientele_pool_waiting 0",
        ] {
            assert!(metrics.body.lines().any(|it| it == line), "{line}: {}", metrics.body);
        }
        let ready = get(server.operations(), "/ready");
        assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
        assert_eq!(get(server.operations(), "/health").status, 200);
        // The public listener does not serve metrics.
        assert_eq!(get(server.address(), "/metrics").status, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ready_fails_when_the_database_stops() {
    let Some(database) = Database::start(Backend::Postgres).await else { return };
    let server = Shell::on(&database).serve(&[]).await;
    let ready = || get(server.address(), "/ready").status;
    assert_eq!(ready(), 200);
    let url = &cluster().unwrap().url;
    let (admin, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let name = database.url.rsplit_once('/').unwrap().1;
    let allow = |allowed| format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {allowed}");
    admin.batch_execute(&allow(false)).await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
               WHERE datname = $1";
    admin.query_one(end, &[&name]).await.unwrap();
    wait_until("not ready", || ready() == 503);
    assert_eq!(get(server.address(), "/health").status, 200, "it is alive");
    admin.batch_execute(&allow(true)).await.unwrap();
    wait_until("ready again", || ready() == 200);
}

#[test]
fn an_invalid_log_filter_is_refused() {
    let outcome = Shell::with_url("sqlite:not-needed.db").run(&["serve", "--log", "json"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("\"json\" is not a level"), "{}", outcome.stderr);
}

/// Receives batches of spans like a collector. Passes on the body of each request.
fn collector() -> (SocketAddr, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, batches) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut batch, mut part) = (Vec::new(), [0; 4096]);
            while !is_whole(&batch) {
                let length = stream.read(&mut part).unwrap();
                batch.extend(&part[..length]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            sender.send(batch).unwrap();
        }
    });
    (address, batches)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some(end) = request.windows(4).position(|it| it == b"\r\n\r\n") else { return false };
    let length = text.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    request.len() >= end + 4 + length.parse::<usize>().unwrap()
}

both! {
    async fn traces_are_sent_to_a_collector(database: Database) {
        let (shell, key) = shop(&database);
        let (address, batches) = collector();
        let endpoint = format!("http://{address}");
        let server = shell.serve(&["--otlp-endpoint", &endpoint]).await;
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let header = format!("traceparent: 00-{trace}-b7ad6b7169203331-01\r\n");
        let mut client = Raw::connect(server.address());
        assert_eq!(client.send(&request(&key, QUERY, &header)).response().status, 200);
        server.stop();
        let sent: Vec<u8> = batches.try_iter().flatten().collect();
        let text = String::from_utf8_lossy(&sent);
        assert!(text.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("application/x-protobuf"), "{text}");
        let trace = u128::from_str_radix(trace, 16).unwrap().to_be_bytes();
        assert!(sent.windows(16).any(|it| it == trace), "the client's trace");
        for span in ["request", "execute", "statement"] {
            assert!(text.contains(span), "{span}: {text}");
        }
    }
}
