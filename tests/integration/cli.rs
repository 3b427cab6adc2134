//! The command line, through the real binary.

mod administration;
mod serving;

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use clientele::auth::KeySecret;
use serde_json::{Value, json};

use crate::support::{
    binary::Shell,
    cluster::cluster,
    database::{Backend, Database},
    dump::dump,
    lock::WriteLock,
};

/// Every command.
const COMMANDS: [&[&str]; 18] = [
    &[],
    &["serve"],
    &["migrate"],
    &["tenant"],
    &["tenant", "create"],
    &["tenant", "list"],
    &["tenant", "delete"],
    &["key"],
    &["key", "create"],
    &["key", "list"],
    &["key", "rotate"],
    &["key", "revoke"],
    &["import"],
    &["export"],
    &["check"],
    &["backup"],
    &["schema"],
    &["completions"],
];

const CREATE: &str = r#"mutation { customerCreate(input: { customerName: "Ada" }) {
    customer { customerName createdBy } userErrors { code message } } }"#;

#[test]
fn every_command_explains_itself() {
    let shell = Shell::with_url("sqlite:not-needed.db");
    let helps = COMMANDS.map(|command| [command, &["--help"]].concat());
    let helps: Vec<&[&str]> = helps.iter().map(Vec::as_slice).collect();
    insta::assert_snapshot!("help", shell.transcript(&helps));
}

#[test]
fn schema_prints_the_committed_schema() {
    let outcome = Shell::with_url("sqlite:not-needed.db").run(&["schema"]);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    assert!(outcome.stdout == fs::read_to_string(file).unwrap(), "schema.graphql is another one");
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", Some(0)));
}

/// A server accepts a key for up to a second after another process has revoked it.
const KNOWN: Duration = Duration::from_millis(1_050);

both! {
    async fn migrate_creates_the_schema_in_an_empty_database(database: Database) {
        let empty = Database::empty(database.backend).await.unwrap();
        let shell = Shell::on(&empty);
        let first = shell.run(&["migrate"]);
        assert_eq!((first.stdout.as_str(), first.code), ("", Some(0)), "{}", first.stderr);
        let names = migration_names();
        let ran = format!("Ran {} migrations on {}", names.len(), empty.parsed());
        assert_eq!(first.stderr, format!("{ran}: {}.\n", names.join(", ")));

        let before = dump(&empty).await;
        assert_eq!(before["__diesel_schema_migrations"].len(), names.len());
        let again = shell.run(&["migrate"]);
        let up_to_date = format!("The schema of {} is up to date.\n", empty.parsed());
        assert_eq!((again.stderr, again.code), (up_to_date, Some(0)));
        assert_eq!(dump(&empty).await, before);
    }

    async fn no_migrate_refuses_a_database_that_lacks_migrations(database: Database) {
        let mut shell = Shell::on(&database);
        assert_eq!(shell.succeed(&["tenant", "list", "--no-migrate"]), "NAME  CREATED");
        let empty = Database::empty(database.backend).await.unwrap();
        let refused = Shell::on(&empty).run(&["tenant", "list", "--no-migrate"]);
        let count = migration_names().len();
        let hint = "run `clientele migrate`, or leave out --no-migrate";
        let message = format!(
            "clientele: DATABASE_URL ({}): {count} migrations have not been run: {hint}\n",
            empty.parsed()
        );
        assert_eq!((refused.stderr, refused.code), (message, Some(1)));

        shell = Shell::on(&empty);
        for (value, code) in [("1", 1), ("yes", 1), ("true", 1), ("0", 0), ("false", 0)] {
            shell.set("CLIENTELE_NO_MIGRATE", value);
            assert_eq!(shell.run(&["tenant", "list"]).code, Some(code), "{value}");
        }
    }

    async fn a_database_of_a_newer_version_is_refused(database: Database) {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        database.execute(newer).await;
        let shell = Shell::on(&database);
        let text = shell.transcript(&[
            &["migrate"],
            &["tenant", "list"],
            &["tenant", "list", "--no-migrate"],
            &["serve", "--listen", "127.0.0.1:0"],
        ]);
        insta::assert_snapshot!("newer_migration", text);
    }

    async fn tenants_are_created_and_listed(database: Database) {
        let long = "x".repeat(33);
        let shell = Shell::on(&database);
        let text = shell.transcript(&[
            &["tenant", "list"],
            &["tenant", "create", "north-2"],
            &["tenant", "create", "north-2"],
            &["tenant", "create", "a-name-of-thirty-two-characters-"],
            &["tenant", "create", &long],
            &["tenant", "create", ""],
            &["tenant", "create", "North"],
            &["tenant", "create", "nord_2"],
            &["tenant", "create", "Zoë"],
            &["tenant", "create"],
            &["tenant", "create", "a"],
            &["tenant", "list"],
        ]);
        insta::assert_snapshot!("tenants", text);
    }

    async fn a_new_key_is_the_only_text_on_standard_output(database: Database) {
        let shell = shop(&database);
        let create = ["key", "create", "--tenant", "shop"];
        for (option, prefix) in [(None, "sk_live_shop_"), (Some("--test"), "sk_test_shop_")] {
            let arguments = [&create[..], option.as_slice()].concat();
            let outcome = shell.run(&arguments);
            let key = outcome.stdout.strip_suffix('\n').unwrap();
            assert_eq!(outcome.code, Some(0));
            assert!(key.starts_with(prefix) && KeySecret::parse(key).is_some(), "{key}");
            assert!(!outcome.stderr.contains(key), "{}", outcome.stderr);
            let kept = format!("{:?}", dump(&database).await);
            assert!(!kept.contains(key), "the key is stored");
        }
    }

    async fn keys_are_created_listed_and_revoked(database: Database) {
        let shell = shop(&database);
        let long = "x".repeat(256);
        let key = ["key", "create", "--tenant", "shop"];
        let with = |options: &[&'static str]| [&key[..], options].concat();
        let text = shell.transcript(&[
            &["key", "list", "--tenant", "shop"],
            &with(&["--name", " till ", "--scope", "read"]),
            &with(&["--name", "till"]),
            &with(&["--expires", "2999-01-31T12:00:00Z", "--scope", "admin", "--name", "ERP"]),
            &with(&["--name", ""]),
            &[&key[..], &["--name", &long]].concat(),
            &with(&["--name", "two\nlines"]),
            &with(&["--scope", "root"]),
            &with(&["--expires", "2001-01-31T12:00:00Z"]),
            &with(&["--expires", "soon"]),
            &["key", "create", "--tenant", "nobody"],
            &["key", "create"],
            &["key", "list", "--tenant", "nobody"],
            &["key", "list", "--tenant", "shop"],
            &["key", "revoke", "--tenant", "shop", "till"],
            &["key", "revoke", "--tenant", "shop", "key_01a1f7458f6478aca3b4d9a9be18c403"],
        ]);
        insta::assert_snapshot!("keys", text);

        shell.succeed(&["tenant", "create", "other"]);
        let id = key_id(&shell, "till");
        let text = shell.transcript(&[
            &["key", "revoke", "--tenant", "other", &id],
            &["key", "revoke", "--tenant", "shop", &id],
            &["key", "list", "--tenant", "shop"],
        ]);
        insta::assert_snapshot!("keys_revoked", text);
        let before = dump(&database).await;
        shell.succeed(&["key", "revoke", "--tenant", "shop", &id]);
        assert_eq!(dump(&database).await, before, "revoked again");
    }

    async fn a_key_is_valid_for_its_scope_until_it_is_revoked(database: Database) {
        let shell = shop(&database);
        let server = shell.serve(&[]).await;
        let make = |options: &[&str]| {
            let create: &[&str] = &["key", "create", "--tenant", "shop"];
            shell.succeed(&[create, options].concat())
        };
        let [reader, writer, admin] = ["read", "write", "admin"]
            .map(|scope| make(&["--scope", scope, "--name", scope, "--expires", "1d"]));
        let read = "{ customers { totalCount } }";
        for (number, key) in [&writer, &admin, &reader].into_iter().enumerate() {
            let count = json!({ "data": { "customers": { "totalCount": number } } });
            assert_eq!(server.query(key, read).await, (200, count));
            let (status, answer) = server.query(key, CREATE).await;
            let created = &answer["data"]["customerCreate"]["customer"]["customerName"];
            let may_write = key != &reader;
            assert_eq!((status, created == "Ada"), (200, may_write), "{answer}");
        }

        let refused = |answer: &(u16, Value)| {
            answer.0 == 401 && answer.1["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        };
        shell.succeed(&["key", "revoke", "--tenant", "shop", &key_id(&shell, "write")]);
        tokio::time::sleep(KNOWN).await;
        let answer = server.query(&writer, read).await;
        assert!(refused(&answer), "{answer:?}");
        assert_eq!(server.query(&admin, read).await.0, 200);
        let expired = make(&["--expires", "1ms"]);
        let answer = server.query(&expired, read).await;
        assert!(refused(&answer), "{answer:?}");
        let listed = shell.succeed(&["key", "list", "--tenant", "shop"]);
        assert!(listed.contains("  revoked 2") && listed.contains("  expired 2"), "{listed}");
    }

    async fn without_a_command_the_server_starts(database: Database) {
        let empty = Database::empty(database.backend).await.unwrap();
        let mut shell = Shell::on(&empty);
        shell.set("CLIENTELE_LISTEN", "127.0.0.1:0");
        let server = shell.start(&[]).await;
        shell.succeed(&["tenant", "create", "shop"]);
        let key = shell.succeed(&["key", "create", "--tenant", "shop"]);
        let none = json!({ "data": { "customers": { "totalCount": 0 } } });
        assert_eq!(server.query(&key, "{ customers { totalCount } }").await, (200, none));
        let stderr = server.stop();
        assert!(stderr.contains("ran the migration"), "{stderr}");
        assert!(!stderr.contains('\u{1b}'), "colours in a file: {stderr:?}");
    }

    async fn the_demo_is_available_immediately_and_never_changes(database: Database) {
        let empty = Database::empty(database.backend).await.unwrap();
        let shell = Shell::on(&empty);
        let server = shell.serve(&["--demo"]).await;
        let line = server.wait_for("Demo key:");
        let key = line.trim_start_matches("Demo key:").trim();
        let query = "{
            customerGroups(filter: { isRoot: true }) { nodes {
                id customerGroupName createdAt
                descendants { customerGroupName depth isGroup customers { totalCount } }
                customers(first: 3, includeDescendants: true) { totalCount nodes {
                    id customerName createdAt createdBy customerGroup { ancestors { id } }
                    customerGroups { nodes { customerGroupName } }
                } }
            } }
        }";
        let (status, answer) = server.query(key, query).await;
        assert_eq!(status, 200);
        insta::assert_json_snapshot!("demo", answer);
        let (_, created) = server.query(key, CREATE).await;
        let customer = &created["data"]["customerCreate"]["customer"];
        assert_eq!(customer, &json!({ "customerName": "Ada", "createdBy": "demo" }));
        server.stop();

        let before = dump(&empty).await;
        shell.serve(&["--demo"]).await.stop();
        assert_eq!(dump(&empty).await, before);

        // The key is public: a server without --demo does not accept it.
        let server = shell.serve(&[]).await;
        let (status, answer) = server.query(key, query).await;
        assert_eq!((status, &answer["data"]), (401, &Value::Null));
        server.stop();
        assert_eq!(dump(&empty).await, before);
    }

    async fn the_demo_refuses_public_addresses_and_databases_in_use(database: Database) {
        let shell = shop(&database);
        let before = dump(&database).await;
        let text = shell.transcript(&[
            &["serve", "--demo", "--listen", "0.0.0.0:0"],
            &["serve", "--demo", "--listen", "[::]:0"],
            &["serve", "--demo", "--listen", "127.0.0.1:0"],
        ]);
        insta::assert_snapshot!("demo_refused", text);
        assert_eq!(dump(&database).await, before);
    }

    async fn a_stopping_server_completes_requests_in_progress(database: Database) {
        let shell = shop(&database);
        for signal in ["TERM", "INT"] {
            let name = format!("key for {signal}");
            let create = ["key", "create", "--tenant", "shop", "--name", &name];
            let key = shell.succeed(&create);
            let server = shell.serve(&[]).await;
            // The lock blocks all writers, so the mutation waits.
            let lock = WriteLock::take(&database).await;
            let mut request = BegunRequest::send(&server.url, &key, CREATE);
            request.finish();
            server.signal(signal);
            server.wait_for("stopping");
            drop(lock);
            let answer = request.answer();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            let created = format!(r#""customer":{{"customerName":"Ada","createdBy":"{name}"}}"#);
            assert!(answer.contains(&created), "{answer}");
            let (code, stderr) = server.wait();
            assert_eq!(code, Some(0), "{stderr}");
        }
        assert_eq!(dump(&database).await["customers"].len(), 2);
    }

    async fn a_stopping_server_waits_for_the_rest_of_a_request(database: Database) {
        let shell = shop(&database);
        let key = shell.succeed(&["key", "create", "--tenant", "shop"]);
        let server = shell.serve(&[]).await;
        let mut request = BegunRequest::send(&server.url, &key, CREATE);
        server.signal("TERM");
        server.wait_for("stopping");
        request.finish();
        let answer = request.answer();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(server.wait().0, Some(0));
        assert_eq!(dump(&database).await["customers"].len(), 1);
    }

    async fn an_error_names_the_address_in_use(database: Database) {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let text = Shell::on(&database).transcript(&[&["serve", "--listen", &address]]);
        insta::assert_snapshot!("address_taken", text.replace(&address, "ADDRESS"));
    }
}

#[test]
fn an_error_names_the_invalid_setting() {
    let mut text = String::new();
    let shell = Shell::with_url("sqlite:there.db");
    shell.succeed(&["migrate"]);
    shell.write("text", "no database, but text ".repeat(100));
    shell.write("manifest.json", r#"{ "a": "{ customers {" }"#);
    fs::create_dir(shell.path("folder")).unwrap();
    for url in [
        "mysql://root@localhost/shop",
        "there.db",
        "",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:nowhere/test.db",
        "sqlite:folder",
        "sqlite:text",
        "sqlite:file:there.db?mode=ro",
        "postgres://127.0.0.1/shop?sslmode=perhaps",
        "postgres://127.0.0.1:seven/shop",
        "postgres://127.0.0.1/shop?sslmode=verify-ca&sslrootcert=nowhere.pem",
        "postgres://127.0.0.1/shop?sslmode=verify-ca&sslrootcert=text",
    ] {
        text += &shell.transcript(&[&["tenant", "list", "--database-url", url]]);
    }
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://me:secret@{refusing}/shop");
    let down = shell.transcript(&[&["tenant", "list", "--database-url", &url]]);
    text += &down.replace(&refusing.to_string(), "ADDRESS");
    text += &shell.transcript(&[
        &["serve", "--listen", "nowhere"],
        &["serve", "--listen", "127.0.0.1"],
        &["serve", "--listen", "127.0.0.1:65536"],
        &["serve", "--pool-size", "0"],
        &["serve", "--pool-size", "many"],
        &["serve", "--log", "clientele=loud"],
        &["serve", "--cors-origin", "two\nlines"],
        &["serve", "--demo", "perhaps"],
        &["serve", "--trusted-documents", "nowhere.json"],
        &["serve", "--trusted-documents", "text"],
        &["serve", "--trusted-documents", "manifest.json"],
        &["swerve"],
    ]);
    for (name, value) in [
        ("CLIENTELE_LISTEN", "nowhere"),
        ("CLIENTELE_POOL_SIZE", "0"),
        ("CLIENTELE_LOG", "clientele=loud"),
        ("CLIENTELE_DEMO", "perhaps"),
    ] {
        let mut shell = Shell::with_url("sqlite:there.db");
        shell.set(name, value);
        text += &shell.transcript(&[&["serve"]]);
    }
    insta::assert_snapshot!("bad_settings", text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_verifies_certificates_as_sslmode_says() {
    let Some(certificate) = cluster().and_then(|cluster| cluster.certificate.as_deref()) else {
        return;
    };
    let database = Database::migrated(Backend::Postgres).await.unwrap();
    let list = |host: &str, parameters: &str| {
        let url = database.url.replace("127.0.0.1", host);
        Shell::with_url(&format!("{url}?{parameters}")).run(&["tenant", "list", "--no-migrate"])
    };
    let root = format!("&sslrootcert={}", certificate.display());
    for (host, mode, root, accepted) in [
        ("127.0.0.1", "disable", "", true),
        ("127.0.0.1", "prefer", "", true),
        ("127.0.0.1", "require", "", true),
        ("127.0.0.1", "verify-ca", root.as_str(), true),
        ("127.0.0.1", "verify-ca", "", false),
        ("localhost", "verify-full", &root, true),
        ("127.0.0.1", "verify-full", &root, false),
        ("localhost", "verify-full", "", false),
    ] {
        let outcome = list(host, &format!("sslmode={mode}{root}"));
        let what = format!("{host} {mode} {root}: {}", outcome.stderr);
        if accepted {
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{what}");
        } else {
            assert_eq!((outcome.code, outcome.stderr.lines().count()), (Some(1), 1), "{what}");
            assert!(outcome.stderr.starts_with("clientele: DATABASE_URL (postgres://"), "{what}");
            assert!(outcome.stderr.contains("certificate"), "{what}");
        }
    }
}

/// A request whose head the server has received, and whose body it is waiting for.
struct BegunRequest {
    stream: TcpStream,
    body: String,
}

impl BegunRequest {
    fn send(url: &str, key: &str, query: &str) -> Self {
        let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let body = json!({ "query": query }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut answer = vec![0; go_on.len()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, go_on, "{}", String::from_utf8_lossy(&answer));
        Self { stream, body }
    }

    fn finish(&mut self) {
        self.stream.write_all(self.body.as_bytes()).unwrap();
    }

    /// Sends the body, and returns everything that the server sends until it closes the connection.
    fn answer(mut self) -> String {
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A shell whose database contains the tenant `shop`.
fn shop(database: &Database) -> Shell {
    let shell = Shell::on(database);
    shell.succeed(&["tenant", "create", "shop"]);
    shell
}

/// The id of the tenant's key with this name, from `key list`.
fn key_id(shell: &Shell, name: &str) -> String {
    let list = shell.succeed(&["key", "list", "--tenant", "shop"]);
    let line = list.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).unwrap();
    line.split_whitespace().next().unwrap().to_owned()
}

/// The names of all migrations, from their folders.
fn migration_names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut versions: Vec<String> = names
        .map(|name| name.to_str().unwrap().split('_').next().unwrap().replace('-', ""))
        .collect();
    versions.sort();
    versions
}
