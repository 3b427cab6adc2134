//! The server under attack, as a whole: the binary, over HTTP, by several clients at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    documents::cases,
    support::{
        binary::{Server, Shell},
        database::Database,
    },
};

/// How long `/health` may take. A quiet machine needs a hundredth of it, and this test shares its
/// processors with others: it shows that nobody waits for an attack to end.
const HEALTH_MAX: Duration = Duration::from_secs(2);

/// How much memory the process may keep, in KiB. A request returns all that it takes; the allocator
/// keeps some of it for the next.
const KEPT_MAX: u64 = 32 << 10;

/// Longest body of a request, in bytes: in JSON, a document may take twice its length.
const BODY_MAX: usize = 1 << 20;

/// Clients that attack at once.
const CLIENTS: usize = 4;

/// Asks for `/health` until told to stop; returns the longest that it took.
async fn watch(server: &Server, is_over: Arc<AtomicBool>) -> Duration {
    let mut longest = Duration::ZERO;
    while !is_over.load(Ordering::Relaxed) {
        let started = Instant::now();
        assert_eq!(server.get("/health").await, 200);
        longest = longest.max(started.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    longest
}

async fn attack(server: &Server, key: &str, client: usize) {
    for (position, (case, sizes)) in cases::CASES.iter().enumerate() {
        if position % CLIENTS != client {
            continue;
        }
        for size in *sizes {
            let document = cases::document(case, *size);
            // The server closes the connection on a body that is too long, while it is being sent.
            if document.len() > BODY_MAX / 2 {
                continue;
            }
            let (status, response) = server.query(key, &document).await;
            assert!([200, 400].contains(&status), "{case} {size}: {status} {response}");
        }
    }
}

both! {
    async fn an_attack_neither_ends_nor_stalls_nor_swells_the_server(database: Database) {
        let shell = Shell::on(&database);
        shell.succeed(&["tenant", "create", "acme"]);
        let key = shell.succeed(&["key", "create", "--tenant", "acme", "--scope", "read"]);
        let server = shell.serve(&[]).await;
        // Once without counting, so that what a server has once is there.
        attack(&server, &key, 0).await;
        let before = server.memory();
        let is_over = Arc::new(AtomicBool::new(false));
        let attacks = async {
            tokio::join!(
                attack(&server, &key, 0),
                attack(&server, &key, 1),
                attack(&server, &key, 2),
                attack(&server, &key, 3),
            );
            is_over.store(true, Ordering::Relaxed);
        };
        let ((), longest) = tokio::join!(attacks, watch(&server, Arc::clone(&is_over)));
        let kept = server.memory().saturating_sub(before);
        println!("the longest /health took {longest:?}; {kept} KiB more are kept");
        assert!(longest < HEALTH_MAX, "/health took {longest:?}");
        assert!(kept < KEPT_MAX, "{kept} KiB are kept");
        server.stop();
    }
}
