//! Two migration trees, one schema.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use clientele::db::{
    Conn, Db,
    migrate::{Error, LOCK, Plan, migrate},
};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::support::{
    binary::Shell,
    database::{Backend, Database},
    lock::WriteLock,
};

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// Tables of the search index, which only SQLite has, and of the migrations themselves.
fn is_internal(table: &str) -> bool {
    table.contains("_search") || table.starts_with("__") || table.starts_with("sqlite_")
}

/// A row of text, from a query of the catalogue.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    fact: String,
}

pub async fn facts(database: &Database, query: &str) -> Vec<(String, String)> {
    let db = Db::open(&database.parsed(), 1).unwrap();
    let mut lease = db.read().await.unwrap();
    let rows: Vec<Row> = match lease.conn() {
        Conn::Sqlite(held) => {
            diesel::RunQueryDsl::load(sql_query(query), held.begin().unwrap()).unwrap()
        }
        Conn::Postgres(held) => sql_query(query).load(&mut held.begin().unwrap()).await.unwrap(),
    };
    rows.into_iter().map(|row| (row.owner, row.fact)).filter(|(it, _)| !is_internal(it)).collect()
}

/// Each table's columns in order, as the database has them: name, type, and whether it may be null.
pub async fn columns(database: &Database) -> BTreeMap<String, Vec<String>> {
    let query = match database.backend {
        Backend::Sqlite => {
            "SELECT m.name AS owner, c.name || ' ' || c.type || iif(c.\"notnull\", '', ' NULL') AS fact
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' ORDER BY m.name, c.cid"
        }
        Backend::Postgres => {
            "SELECT table_name::text AS owner, column_name || ' ' || data_type ||
                 CASE is_nullable WHEN 'YES' THEN ' NULL' ELSE '' END AS fact
             FROM information_schema.columns WHERE table_schema = 'public'
             ORDER BY table_name, ordinal_position"
        }
    };
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for (table, column) in facts(database, query).await {
        tables.entry(table).or_default().push(column);
    }
    tables
}

/// The same of `schema.rs`, with the names of types that the database has for its own.
fn declared_columns(backend: Backend) -> BTreeMap<String, Vec<String>> {
    let types = [
        ("Text", "TEXT", "text"),
        ("Bool", "BOOLEAN", "boolean"),
        ("Integer", "INTEGER", "integer"),
        ("Uid", "BLOB", "uuid"),
        ("UtcTimestamp", "TEXT", "timestamp with time zone"),
        ("ExactDecimal", "TEXT", "numeric"),
        ("CalendarDate", "TEXT", "date"),
    ];
    let source = include_str!("../../src/db/schema.rs");
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    let mut table = None;
    for line in source.lines().map(str::trim) {
        if let Some((name, declared)) = line.strip_suffix(',').and_then(|it| it.split_once(" -> "))
        {
            let optional = declared.strip_prefix("Nullable<").and_then(|it| it.strip_suffix('>'));
            let (_, sqlite, postgres) =
                types.iter().find(|it| it.0 == optional.unwrap_or(declared)).unwrap();
            let kind = if backend == Backend::Sqlite { sqlite } else { postgres };
            let null = if optional.is_some() { " NULL" } else { "" };
            let table: &String = table.as_ref().unwrap();
            tables.entry(table.clone()).or_default().push(format!("{name} {kind}{null}"));
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = Some(name.to_owned());
        }
    }
    tables
}

#[tokio::test(flavor = "multi_thread")]
async fn both_trees_lead_to_the_one_schema() {
    for backend in BACKENDS {
        let Some(database) = Database::migrated(backend).await else { continue };
        let declared = declared_columns(backend);
        assert!(declared.len() >= 5, "{declared:?}");
        assert_eq!(columns(&database).await, declared, "{backend:?}");
    }
}

#[test]
fn both_trees_have_the_same_names() {
    let names = |tree: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_and_index_begins_with_the_tenant() {
    for backend in BACKENDS {
        let Some(database) = Database::migrated(backend).await else { continue };
        let query = match backend {
            Backend::Sqlite => {
                "SELECT m.name AS owner, i.name || ': ' || c.name AS fact
                 FROM sqlite_schema m JOIN pragma_index_list(m.name) i
                 JOIN pragma_index_info(i.name) c ON c.seqno = 0 WHERE m.type = 'table'
                 UNION ALL
                 SELECT m.name, 'references ' || f.\"table\" || ': ' || f.\"from\"
                 FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f ON f.seq = 0
                 WHERE m.type = 'table' ORDER BY 1, 2"
            }
            Backend::Postgres => {
                "SELECT t.relname::text AS owner, i.relname || ': ' || a.attname AS fact
                 FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
                 JOIN pg_class i ON i.oid = x.indexrelid
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
                 WHERE t.relnamespace = 'public'::regnamespace
                 UNION ALL
                 SELECT t.relname::text, k.conname || ': ' || a.attname
                 FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
                 WHERE k.contype = 'f' AND t.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
            }
        };
        let keys = facts(&database, query).await;
        assert!(keys.len() > 30, "{keys:?}");
        for (table, key) in keys {
            assert!(key.ends_with(": tenant_id"), "{backend:?}: {table}: {key}");
        }
    }
}

/// The number of all migrations.
fn migrations() -> usize {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    fs::read_dir(tree).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_can_be_undone_and_done_again() {
    for backend in BACKENDS {
        let Some(database) = Database::empty(backend).await else { continue };
        let url = database.parsed();
        let pending = migrate(&url, Plan::Check).await;
        assert!(matches!(pending, Err(Error::Pending(count)) if count == migrations()));
        let done = migrate(&url, Plan::Run).await.unwrap();
        assert_eq!(done.len(), migrations());
        assert_eq!(migrate(&url, Plan::Run).await.unwrap(), Vec::<String>::new());
        migrate(&url, Plan::Check).await.unwrap();
        let columns_once = columns(&database).await;

        // With rows in them: reverting must not fail because of stored rows.
        let db = Db::open(&url, 2).unwrap();
        clientele::demo::fill(&db, &clientele::clock::Clock::system()).await.unwrap();
        drop(db);
        let undone = migrate(&url, Plan::Revert).await.unwrap();
        assert_eq!(undone.iter().rev().collect::<Vec<_>>(), done.iter().collect::<Vec<_>>());
        assert_eq!(columns(&database).await, BTreeMap::new());

        migrate(&url, Plan::Run).await.unwrap();
        assert_eq!(columns(&database).await, columns_once);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_migrate_once() {
    for backend in BACKENDS {
        let Some(database) = Database::empty(backend).await else { continue };
        let url = database.parsed();
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { migrate(&url, Plan::Run).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
        migrate(&url, Plan::Check).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrator_is_waited_for_but_not_without_end() {
    for backend in BACKENDS {
        let Some(database) = Database::empty(backend).await else { continue };
        let shell = Shell::on(&database);
        let lock = WriteLock::take_migrations(&database, LOCK).await;
        let start = Instant::now();
        let text = shell.transcript(&[
            &["migrate", "--migrate-timeout", "300ms"],
            &["serve", "--listen", "127.0.0.1:0", "--migrate-timeout", "300ms"],
            &["tenant", "list", "--migrate-timeout", "300ms"],
            &["check", "--no-migrate", "--migrate-timeout", "300ms"],
        ]);
        assert!((Duration::from_secs(1)..Duration::from_secs(30)).contains(&start.elapsed()));
        insta::assert_snapshot!("busy", text);

        // Whoever waits goes on as soon as the other one has ended.
        let migrator = shell.start_with_input(&["migrate"], "");
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(lock);
        let outcome = migrator.finish();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let ran = format!("Ran {} migrations on ", migrations());
        assert!(outcome.stderr.starts_with(&ran), "{}", outcome.stderr);
        // A database that needs none is not waited for.
        let _lock = WriteLock::take_migrations(&database, LOCK).await;
        shell.succeed(&["tenant", "list", "--migrate-timeout", "300ms"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused() {
    for backend in BACKENDS {
        let Some(database) = Database::migrated(backend).await else { continue };
        let url = database.parsed();
        let db = Db::open(&url, 1).unwrap();
        let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        let mut lease = db.write().await.unwrap();
        lease.conn().batch_execute(insert).await.unwrap();
        for plan in [Plan::Run, Plan::Check] {
            let error = migrate(&url, plan).await.unwrap_err();
            assert!(matches!(&error, Error::Newer(name) if name == "99991231000000"), "{error}");
        }
    }
}
