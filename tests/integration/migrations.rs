//! Both migration trees produce the same schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::{Duration, Instant},
};

use clientele::{
    db::{
        Conn, Db,
        migrate::{Error, LOCK, Plan, migrate},
        pick::Columns,
    },
    models::{
        attribute::{AttributeType, Attributes as _},
        custom_attribute::{Definition, Noun, StoredValue},
        tenant::Defaults,
    },
};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::support::{
    binary::Shell,
    database::{Backend, Database},
    lock::WriteLock,
    types::{AttributeColumn, attributes_of, types},
};

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// Whether a table belongs to SQLite's search index or to the migrations themselves.
fn is_internal(table: &str) -> bool {
    table.contains("_search") || table.starts_with("__") || table.starts_with("sqlite_")
}

/// A row with one text from a query of the catalogue.
#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    fact: String,
}

pub async fn facts(database: &Database, query: &str) -> Vec<(String, String)> {
    let db = Db::open(&database.parsed(), 1).unwrap();
    let mut lease = db.read().await.unwrap();
    let rows: Vec<Fact> = match lease.conn() {
        Conn::Sqlite(held) => {
            diesel::RunQueryDsl::load(sql_query(query), held.begin().unwrap()).unwrap()
        }
        Conn::Postgres(held) => sql_query(query).load(&mut held.begin().unwrap()).await.unwrap(),
    };
    rows.into_iter().map(|row| (row.owner, row.fact)).filter(|(it, _)| !is_internal(it)).collect()
}

/// The columns of each table in the database, in order: name, type and nullability.
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

/// The types of columns: their names in `schema.rs`, on SQLite and on PostgreSQL.
const TYPES: [(&str, &str, &str); 7] = [
    ("Text", "TEXT", "text"),
    ("Bool", "BOOLEAN", "boolean"),
    ("Integer", "INTEGER", "integer"),
    ("Uid", "BLOB", "uuid"),
    ("UtcTimestamp", "TEXT", "timestamp with time zone"),
    ("ExactDecimal", "TEXT", "numeric"),
    ("CalendarDate", "TEXT", "date"),
];

/// A column in the format of PostgreSQL's catalogue.
fn column(name: &str, declared: &str, is_nullable: bool) -> String {
    let (.., postgres) = TYPES.iter().find(|it| it.0 == declared).unwrap();
    format!("{name} {postgres}{}", if is_nullable { " NULL" } else { "" })
}

/// The columns in `schema.rs`, with their tables.
fn columns_of_queries() -> Vec<(String, String)> {
    let source = include_str!("../../crates/db/src/db/schema.rs");
    let (mut columns, mut table) = (Vec::new(), "");
    for line in source.lines().map(str::trim) {
        if let Some((name, declared)) = line.strip_suffix(',').and_then(|it| it.split_once(" -> "))
        {
            let optional = declared.strip_prefix("Nullable<").and_then(|it| it.strip_suffix('>'));
            let column = column(name, optional.unwrap_or(declared), optional.is_some());
            columns.push((table.to_owned(), column));
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name;
        }
    }
    columns
}

/// The columns of attributes, with the given table.
fn columns_of(table: &str, attributes: &[AttributeColumn]) -> Vec<(String, String)> {
    let columns = attributes.iter().map(|attribute| {
        let declared = match attribute.value_type {
            AttributeType::Text | AttributeType::Choice(..) => "Text",
            AttributeType::Flag => "Bool",
            AttributeType::Integer => "Integer",
            AttributeType::Decimal => "ExactDecimal",
            AttributeType::Date => "CalendarDate",
            AttributeType::Timestamp => "UtcTimestamp",
            AttributeType::Reference(_) => "Uid",
        };
        (table.to_owned(), column(attribute.name, declared, attribute.is_nullable))
    });
    columns.collect()
}

/// The names of columns and of `tenant_id`, with the given table.
fn names_of(table: &str, columns: impl IntoIterator<Item = &'static str>) -> Vec<(String, String)> {
    let names = columns.into_iter().chain(["tenant_id"]);
    names.map(|name| (table.to_owned(), name.to_owned())).collect()
}

fn names_in<R: Columns>(table: &str) -> Vec<(String, String)> {
    names_of(table, (0..R::column_count()).filter_map(R::column))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_trees_create_the_declared_columns() {
    let sqlite = columns(&Database::migrated(Backend::Sqlite).await.unwrap()).await;
    let Some(database) = Database::migrated(Backend::Postgres).await else { return };
    let postgres = columns(&database).await;
    let as_on_sqlite = |column: &String| {
        let (name, rest) = column.split_once(' ').unwrap();
        let (declared, null) = match rest.strip_suffix(" NULL") {
            Some(declared) => (declared, " NULL"),
            None => (rest, ""),
        };
        let (_, sqlite, _) = TYPES.iter().find(|it| it.2 == declared).unwrap();
        format!("{name} {sqlite}{null}")
    };
    let as_on_sqlite = |(table, columns): (&String, &Vec<String>)| {
        (table.clone(), columns.iter().map(as_on_sqlite).collect())
    };
    assert_eq!(sqlite, postgres.iter().map(as_on_sqlite).collect());

    let stored: BTreeSet<(String, String)> = postgres
        .into_iter()
        .flat_map(|(table, columns)| columns.into_iter().map(move |it| (table.clone(), it)))
        .collect();
    let of_queries = columns_of_queries();
    let of_tenants = columns_of(Defaults::TABLE, &attributes_of::<Defaults>());
    let keys = ["customers", "customer_contacts", "customer_addresses"]
        .map(|table| (table.to_owned(), column("search_keys", "Text", false)));
    let of_children = ("customers".to_owned(), column("child_search_keys", "Text", false));
    let others = [of_queries, of_tenants, keys.to_vec(), vec![of_children]].concat();
    let of_types = types().iter().flat_map(|it| columns_of(it.table, &it.attributes));
    let declared: Vec<_> = others.iter().cloned().chain(of_types).collect();
    assert!(declared.len() > 150, "{}", declared.len());
    let missing: Vec<_> = declared.iter().filter(|column| !stored.contains(column)).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let name = |(table, column): (String, String)| {
        let name = column.split(' ').next().unwrap();
        // A column `…_key` with the folded copy of a text.
        (table, name.strip_suffix("_key").unwrap_or(name).to_owned())
    };
    let of_types = types().iter().flat_map(|it| names_of(it.table, it.columns.iter().copied()));
    let mut known: BTreeSet<(String, String)> = of_types.collect();
    known.extend(others.into_iter().map(name));
    known.extend(names_in::<Definition>("attribute_definitions"));
    for noun in Noun::ALL {
        known.extend(names_in::<StoredValue>(noun.table()).into_iter().map(name));
    }
    let unknown: Vec<_> = stored.into_iter().map(name).filter(|it| !known.contains(it)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
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
                // The value of an indexed expression begins with the tenant's name.
                "SELECT t.relname::text AS owner, i.relname || ': ' || CASE
                     WHEN a.attname IS NOT NULL THEN a.attname
                     WHEN pg_get_indexdef(i.oid) ~ 'tenant_id[)]? [|][|] '':''' THEN 'tenant_id'
                     ELSE pg_get_indexdef(i.oid) END AS fact
                 FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
                 JOIN pg_class i ON i.oid = x.indexrelid
                 LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] AND a.attnum > 0
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
async fn every_migration_can_be_reverted_and_run_again() {
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

        // Reverting must not fail because of stored rows, so insert some.
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
async fn servers_that_start_concurrently_migrate_once() {
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
async fn a_command_waits_for_another_migration_up_to_a_timeout() {
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

        // A waiting process continues as soon as the other one has ended.
        let migrator = shell.start_with_input(&["migrate"], "");
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(lock);
        let outcome = migrator.finish();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let ran = format!("Ran {} migrations on ", migrations());
        assert!(outcome.stderr.starts_with(&ran), "{}", outcome.stderr);
        // A process does not wait if the database needs no migration.
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
