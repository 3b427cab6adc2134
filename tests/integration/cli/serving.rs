//! Starting the server, and its listening address.

use std::net::TcpListener;

use serde_json::json;

use super::{CREATE, shop};
use crate::support::{
    binary::Shell,
    cluster::cluster,
    database::{Backend, Database},
    dump::dump,
    raw::{get, wait_until},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_of_serve_need_no_command() {
    let database = Database::empty(Backend::Sqlite).await.unwrap();
    let shell = Shell::on(&database);
    for options in [&["--demo", "--listen", "127.0.0.1:0"], &["--listen", "localhost:0", "--demo"]]
    {
        let server = shell.start(options).await;
        server.wait_for("Demo key:");
        server.stop();
    }
    // All interfaces, which the demo refuses.
    shell.start(&["--listen", ":0"]).await.stop();
    insta::assert_snapshot!(
        "options_without_a_command",
        shell.transcript(&[
            &["--demos"],
            &["--demo", "--listen", ":0"],
            &["key", "list", "--demo"],
            &["--listen", "two words:8000"],
            &["--listen", ":seven"],
            &["--listen", "[::1]"],
        ])
    );
}

both! {
    async fn an_address_in_use_is_reported_before_anything_is_written(database: Database) {
        let empty = Database::empty(database.backend).await.unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let refused = Shell::on(&empty).run(&["serve", "--demo", "--listen", &address]);
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(dump(&empty).await.is_empty());
    }

    async fn a_server_without_tenants_explains_how_to_create_a_key(database: Database) {
        let shell = Shell::on(&database);
        let server = shell.serve(&[]).await;
        server.wait_for("clientele key create --tenant NAME");
        server.stop();
        shell.succeed(&["tenant", "create", "shop"]);
        let told = shell.serve(&[]).await.stop();
        assert!(!told.contains("There is no tenant"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_this_machine_needs_no_tls() {
    let Some((folder, port)) = cluster().and_then(|it| it.socket_folder.clone()) else { return };
    let database = Database::start(Backend::Postgres).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let host = folder.display().to_string().replace('/', "%2F");
    for mode in ["disable", "prefer", "require"] {
        let url = format!("postgres://postgres@{host}:{port}/{name}?sslmode={mode}");
        assert_eq!(Shell::with_url(&url).succeed(&["tenant", "list"]), "NAME  CREATED", "{mode}");
    }
}

/// Mounts a small disk in a private mount namespace, and runs the command there.
const ON_SMALL_DISK: &str =
    r#"mount -t tmpfs -o size=6m none "$0" && cp shop.db "$0" && exec "$@""#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_reported_and_loses_nothing() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let shell = shop(&database);
    let key = shell.succeed(&["key", "create", "--tenant", "shop"]);
    shell.succeed(&["backup", "shop.db"]);
    std::fs::create_dir(shell.path("disk")).unwrap();
    let probe = ["--user", "--map-root-user", "--mount", "true"];
    let may_mount = std::process::Command::new("unshare").args(probe).status();
    if !may_mount.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this machine lets no test mount a small disk");
        return;
    }
    let folder = shell.path("disk").display().to_string();
    let on_disk = Shell::with_url(&format!("sqlite:{folder}/shop.db"));
    std::fs::copy(shell.path("shop.db"), on_disk.path("shop.db")).unwrap();
    let unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", ON_SMALL_DISK];
    let server = on_disk.serve_within(&[&unshare[..], &[&folder]].concat(), &[]);
    assert_eq!(get(server.address(), "/ready").status, 200);
    let note = "n".repeat(9_000);
    let create = format!(
        r#"mutation {{ customerCreate(input: {{ customerName: "Ada", internalNote: "{note}" }}) {{
            customer {{ id }} }} }}"#
    );
    let mut created = 0;
    let refused = loop {
        let (status, response) = server.query(&key, &create).await;
        assert_eq!(status, 200, "{response}");
        if response["data"]["customerCreate"].is_null() {
            break response;
        }
        created += 1;
        assert!(created < 5_000, "the disk does not fill");
    };
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE", "{refused}");
    let full = "the disk of the database is full";
    assert!(error["message"].as_str().unwrap().starts_with(full), "{refused}");
    wait_until("/ready", || {
        let ready = get(server.address(), "/ready");
        (ready.status, ready.body.trim()) == (503, full)
    });
    // The server can still read, and has all acknowledged data.
    let count = json!({ "data": { "customers": { "totalCount": created } } });
    assert_eq!(server.query(&key, "{ customers { totalCount } }").await, (200, count));
    assert_eq!(server.query(&key, CREATE).await.0, 200);
    server.stop();
}
