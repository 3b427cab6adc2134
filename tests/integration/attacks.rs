//! Several clients attack the server (the binary, over HTTP) concurrently.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    documents::{
        cases,
        generated::{Source, check, naughty_strings},
    },
    support::{
        binary::{Server, Shell},
        database::Database,
        introspection::Schema,
        raw::{Raw, request},
    },
};

/// Maximum latency of `/health`, in addition to the time that this test itself waits for a
/// processor.
const HEALTH_MAX: Duration = Duration::from_millis(100);

/// Maximum memory that the process may keep, in KiB. A request frees all of its memory, but the
/// allocator keeps some of it for the next.
const KEPT_MAX: u64 = 20 << 10;

/// Maximum size of a request body, in bytes.
const BODY_MAX: usize = 1 << 20;

/// Number of clients that send nested documents at once.
const CLIENTS: usize = 3;

/// Number of requests that are generated from the schema, and the first seed.
const GENERATED: u64 = 200;
const SEED: u64 = 7_000;

/// The maximum latencies that were observed.
#[derive(Debug, Default)]
struct Longest {
    /// `/health`.
    health: Duration,
    /// The excess sleep of an idle thread, as a measure of the wait for a processor.
    oversleep: Duration,
}

/// Requests `/health` on a separate thread until stopped.
fn watch(server: &Server, is_over: &AtomicBool) -> Longest {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut longest = Longest::default();
    while !is_over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let response = Raw::connect(server.address()).get("/health", "").response();
        assert_eq!(response.status, 200);
        longest.health = longest.health.max(started.elapsed());
        let started = Instant::now();
        thread::sleep(PAUSE);
        longest.oversleep = longest.oversleep.max(started.elapsed().saturating_sub(PAUSE));
    }
    longest
}

/// Sends deeply nested, long or cyclic documents.
async fn send_cases(server: &Server, key: &str, client: usize) {
    for (case, sizes) in cases::CASES.iter().skip(client).step_by(CLIENTS) {
        for size in *sizes {
            let body = json!({ "query": cases::document(case, *size) }).to_string().into_bytes();
            // The server closes the connection while a body that is too long is being sent.
            let allowed: &[u16] = if body.len() > BODY_MAX { &[413] } else { &[200, 400] };
            match server.post(key, body).await {
                Some((status, response)) => {
                    assert!(allowed.contains(&status), "{case} {size}: {status} {response}");
                }
                None => assert_eq!(allowed, [413], "{case} {size}: the connection ended"),
            }
        }
    }
}

/// Sends requests that are generated from the schema, some with changed bytes, and difficult
/// strings.
async fn send_generated(server: &Server, key: &str) {
    let source = Source::new(Schema::served(server, key).await);
    for seed in SEED..SEED + GENERATED {
        let body = source.body(seed);
        let (status, response) = server.post(key, body.clone()).await.unwrap();
        if let Err(error) = check(&body, status, &response) {
            panic!("seed {seed}: {error}");
        }
    }
    let query = "query($it: String!) { customers(filter: { search: $it }) { totalCount }
        customer(externalId: $it) { id } }";
    for text in naughty_strings() {
        let body = json!({ "query": query, "variables": { "it": text } }).to_string().into_bytes();
        let (status, response) = server.post(key, body.clone()).await.unwrap();
        if let Err(error) = check(&body, status, &response) {
            panic!("{error}");
        }
    }
}

/// Opens connections that are silent, slow, half-closed or aborted.
fn break_connections(server: &Server, key: &str) {
    let silent: Vec<Raw> = (0..50).map(|_| Raw::connect(server.address())).collect();
    let whole = request(key, "{ customers { nodes { id } } }", "");
    for (end, _) in whole.char_indices().step_by(7) {
        // The client disconnects after sending part of a request.
        Raw::connect(server.address()).send(whole.get(..end).unwrap());
    }
    let mut slow = Raw::connect(server.address());
    for byte in whole.as_bytes().chunks(9) {
        slow.send(std::str::from_utf8(byte).unwrap());
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(slow.response().status, 200);
    let mut half_closed = Raw::connect(server.address());
    assert_eq!(half_closed.send(&whole).half_close().response().status, 200);
    // The client disconnects before its response.
    for _ in 0..20 {
        Raw::connect(server.address()).send(&whole);
    }
    drop(silent);
}

/// Stops the watcher when dropped, even if a test fails, because the watcher keeps the server
/// running.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs all attacks concurrently. Returns the latencies of `/health`.
async fn attack(server: &Arc<Server>, key: &str) -> Longest {
    let over = Over(Arc::default());
    let watching = {
        let (server, is_over) = (Arc::clone(server), Arc::clone(&over.0));
        thread::spawn(move || watch(&server, &is_over))
    };
    let breaking = {
        let (server, key) = (Arc::clone(server), key.to_owned());
        tokio::task::spawn_blocking(move || break_connections(&server, &key))
    };
    let ((), (), (), (), broken) = tokio::join!(
        send_cases(server, key, 0),
        send_cases(server, key, 1),
        send_cases(server, key, 2),
        send_generated(server, key),
        breaking,
    );
    broken.unwrap();
    drop(over);
    watching.join().unwrap()
}

/// Maximum memory of one request, in KiB.
const HELD_MAX: u64 = 64 << 10;

/// A query with this many aliases for a page of customers that have two texts of 10,000 characters
/// each.
fn heavy_pages(aliases: usize) -> String {
    let page = r#"customers(filter: { search: "Heavy" }, first: 100) {
        nodes { id customerDetails internalNote } }"#;
    let pages = (0..aliases).map(|number| format!("a{number}: {page} "));
    format!("{{ {} }}", pages.collect::<String>())
}

/// A query for the customers of many groups, with the given fields of each.
fn wide_tree(fields: &str) -> String {
    format!(
        "{{ customerGroups(first: 100) {{ nodes {{ customers(first: 100) {{ nodes {{ {fields} }} }} }} }} }}"
    )
}

/// An import file with 40 groups of 100 customers, and 100 customers with long texts.
fn heavy_data() -> String {
    let text = "é".repeat(9_900);
    let mut rows = vec!["customerName,customerGroup,customerDetails,internalNote".to_owned()];
    rows.extend((0..4_000).map(|it| format!("Customer {it},Root > Group {},,", it % 40)));
    rows.extend((0..100).map(|it| format!("Heavy {it},Root > Heavy,{text},{text}")));
    rows.join("\n")
}

both! {
    async fn a_request_holds_at_most_64_mib(database: Database) {
        let shell = Shell::on(&database);
        shell.succeed(&["tenant", "create", "acme"]);
        let key = shell.succeed(&["key", "create", "--tenant", "acme", "--scope", "read"]);
        shell.write("heavy.csv", heavy_data());
        shell.succeed(&["import", "customers", "heavy.csv", "--tenant", "acme", "--create-only"]);
        let in_group = r#"{ customers(filter: { search: "Heavy" }, first: 100) { nodes { customerDetails
            customerGroup { customers(first: 20) { nodes { customerDetails } } } } } }"#;
        let twelve = "id customerName customerType createdAt updatedAt createdBy externalId taxId
            disabled website language defaultCurrency";
        let cases = [
            ("a response as long as it may be", 200, heavy_pages(4)),
            ("one that is too long", 400, heavy_pages(6)),
            ("texts within texts", 400, in_group.to_owned()),
            ("many rows", 200, wide_tree(twelve)),
            ("many objects", 200, wide_tree(
                "customerGroup { id parentCustomerGroup { id } ancestors { id customerGroupName } }",
            )),
        ];
        for (case, status, query) in cases {
            // Each query runs on its own server, because the allocator keeps memory for the next
            // request.
            let server = shell.serve(&[]).await;
            assert_eq!(server.query(&key, "{ customers { nodes { id } } }").await.0, 200);
            let before = server.memory();
            server.forget_peak();
            let body = json!({ "query": query }).to_string().into_bytes();
            let (got, length) = server.post_for_length(&key, body).await;
            let held = server.peak() - before;
            println!("{case}: {held} KiB for {length} bytes");
            assert_eq!(got, status, "{case}");
            assert!(held < HELD_MAX, "{case}: {held} KiB");
            server.stop();
        }
    }

    async fn an_attack_neither_stops_nor_stalls_the_server_nor_fills_its_memory(database: Database) {
        let shell = Shell::on(&database);
        shell.succeed(&["tenant", "create", "acme"]);
        let key = shell.succeed(&["key", "create", "--tenant", "acme", "--scope", "read"]);
        let server = Arc::new(shell.serve(&[]).await);
        // A warm-up, for everything that a server loads only once.
        attack(&server, &key).await;
        let before = server.memory();
        let longest = attack(&server, &key).await;
        let kept = server.memory().saturating_sub(before);
        println!("{longest:?}; {kept} KiB more are kept");
        assert!(longest.health < HEALTH_MAX + longest.oversleep, "{longest:?}");
        assert!(kept < KEPT_MAX, "{kept} KiB are kept");
        Arc::into_inner(server).unwrap().stop();
    }
}
