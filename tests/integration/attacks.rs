//! The server under attack, as a whole: the binary, over HTTP, by several clients at once.

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

/// How long `/health` may take, beyond what this test itself waits for a processor: it shares them
/// with others.
const HEALTH_MAX: Duration = Duration::from_millis(100);

/// How much memory the process may keep, in KiB. A request returns all that it takes; the allocator
/// keeps some of it for the next.
const KEPT_MAX: u64 = 20 << 10;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 1 << 20;

/// Clients that send nested documents at once.
const CLIENTS: usize = 3;

/// Requests that are made up from the schema, from this seed on.
const GENERATED: u64 = 200;
const SEED: u64 = 7_000;

/// How long the slowest things took.
#[derive(Debug, Default)]
struct Longest {
    /// `/health`.
    health: Duration,
    /// A thread that only sleeps, beyond its time: the wait for a processor.
    oversleep: Duration,
}

/// Asks for `/health` on a thread of its own until told to stop.
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

/// Sends documents that are nested, long or tangled.
async fn send_cases(server: &Server, key: &str, client: usize) {
    for (case, sizes) in cases::CASES.iter().skip(client).step_by(CLIENTS) {
        for size in *sizes {
            let body = json!({ "query": cases::document(case, *size) }).to_string().into_bytes();
            // The server closes the connection on a body that is too long, while it is being sent.
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

/// Sends requests made up from the schema, some with bytes changed, and strings that break others.
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

/// Connections that are silent, slow, half-closed or broken in the middle.
fn break_connections(server: &Server, key: &str) {
    let silent: Vec<Raw> = (0..50).map(|_| Raw::connect(server.address())).collect();
    let whole = request(key, "{ customers { nodes { id } } }", "");
    for end in (1..whole.len()).step_by(7) {
        // It goes with a part of a request sent.
        Raw::connect(server.address()).send(&whole[..end]);
    }
    let mut slow = Raw::connect(server.address());
    for byte in whole.as_bytes().chunks(9) {
        slow.send(std::str::from_utf8(byte).unwrap());
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(slow.response().status, 200);
    let mut half_closed = Raw::connect(server.address());
    assert_eq!(half_closed.send(&whole).half_close().response().status, 200);
    // They go before their response is there.
    for _ in 0..20 {
        Raw::connect(server.address()).send(&whole);
    }
    drop(silent);
}

/// Tells the watcher to stop, also if a test fails: it holds the server.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Everything at once; how long `/health` took meanwhile.
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
    let (_, _, _, _, broken) = tokio::join!(
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

both! {
    async fn an_attack_neither_ends_nor_stalls_nor_swells_the_server(database: Database) {
        let shell = Shell::on(&database);
        shell.succeed(&["tenant", "create", "acme"]);
        let key = shell.succeed(&["key", "create", "--tenant", "acme", "--scope", "read"]);
        let server = Arc::new(shell.serve(&[]).await);
        // Once without counting, so that what a server has once is there.
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
