//! Exports, and moving data from one database to the other.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
    os::unix::fs::PermissionsExt as _,
};

use clientele::{
    auth::{Operator, Tenant, Writer},
    clock::Clock,
    db::{Conn, Db, pick::ColumnSet, types::Uid},
    demo, export,
    models::{
        Customer,
        customer::{CustomerAttributes, merge::Merge},
    },
    transfer::{Format, Selection},
};
use serde_json::{Value, json};

use crate::support::{
    app::{App, insert_customers},
    binary::Shell,
    database::{Backend, Database},
    dump::{Dump, dump},
    sdl,
    types::{lists_of, queries_of_all},
};

/// Queries for all data of the demo that the API returns.
fn all() -> Vec<String> {
    let nouns = ["CUSTOMER", "CUSTOMER_GROUP", "LOYALTY_PROGRAM", "POS_PROFILE"];
    let definitions = nouns.map(|noun| {
        let all = sdl::all_of("AttributeDefinition");
        format!("{{ attributeDefinitions(noun: {noun}) {{ {all} }} }}")
    });
    let found = [
        "{ customers(first: 100) { nodes { id mergedFrom { id externalId mergedAt mergedBy } } } }",
        "{ customers(first: 100, orderBy: { field: UPDATED_AT, direction: DESC }, filter: { search: \"ø\" }) {
            totalCount nodes { id updatedAt } } }",
        "{ customers(filter: { attribute: { key: \"newsletterTopics\", eq: { text: \"wine\" } } }, first: 100,
            orderBy: { attribute: \"shoeSize\", direction: DESC }) { totalCount nodes { id } } }",
    ];
    queries_of_all().chain(definitions).chain(found.map(str::to_owned)).collect()
}

/// The parts of a customer that are compared.
fn rich() -> String {
    let lists = lists_of("Customer", "id");
    format!(
        "id customerName taxId {lists} consents {{ name status }} customerGroups {{ nodes {{ id }} }}"
    )
}

async fn answers(app: &App) -> Vec<Value> {
    let mut answers = Vec::new();
    for query in all() {
        answers.push(app.data(&query, json!({})).await);
    }
    answers
}

fn export<'a>(kind: &'a str, output: &'a str) -> Vec<&'a str> {
    vec!["export", kind, "--tenant", "acme", "--output", output]
}

fn import<'a>(kind: &'a str, file: &'a str) -> Vec<&'a str> {
    vec!["import", kind, file, "--tenant", "acme"]
}

/// A database with the demo, in which customers were merged.
async fn filled(backend: Backend) -> Database {
    let database = Database::migrated(backend).await.unwrap();
    let db = Db::open(&database.parsed(), 2).unwrap();
    demo::fill(&db, &Clock::system()).await.unwrap();
    let tenant = Tenant::named(&db, "demo").await.unwrap().unwrap();
    let clock = Clock::fixed("2026-11-20T08:00:00Z".parse().unwrap(), 1_000_000);
    merge_some(&db, Operator::new(tenant, "till", &clock).writer()).await;
    database
}

/// Merges new customers into the last one: two directly, and one through another customer.
async fn merge_some(db: &Db, writer: Writer<'_>) {
    let mut lease = db.write().await.unwrap();
    let conn = &mut lease.conn();
    let customers =
        Customer::page_by_id(conn, writer.tenant(), Uid::NOTHING, ColumnSet::ALL, 1_000)
            .await
            .unwrap();
    let survivor = customers.last().unwrap().id;
    let named = |name: &str| CustomerAttributes {
        external_id: Some(name.to_owned()),
        customer_name: name.to_owned(),
        ..CustomerAttributes::default()
    };
    let new = ["A", "B", "C"].map(named).to_vec();
    let new = conn.transaction(async |tx| insert_customers(tx, writer, new).await).await;
    let new: Vec<Uid> = new.unwrap().iter().map(|it| it.id).collect();
    for (survivor, absorbed) in [(new[1], new[0]), (survivor, new[1]), (survivor, new[2])] {
        let merge = Merge { survivor, absorbed, fields: Vec::new() };
        let run = async |tx: &mut Conn<'_>| Box::pin(merge.run(tx, writer, None)).await;
        conn.transaction(run).await.unwrap();
    }
}

/// An export of the demo.
async fn demo_file() -> String {
    let database = filled(Backend::Sqlite).await;
    Shell::on(&database).succeed(&["export", "all", "--tenant", "demo"]) + "\n"
}

/// The number of rows of each table with a tenant's data.
fn row_counts(dump: &Dump) -> BTreeMap<&str, usize> {
    let is_exported = |name: &str| {
        let apart = ["api_keys", "tenants", "__diesel_schema_migrations"];
        !apart.contains(&name) && !name.contains("_search_") && !name.starts_with("sqlite_")
    };
    let tables = dump.iter().filter(|(name, _)| is_exported(name));
    tables.map(|(name, rows)| (name.as_str(), rows.len())).collect()
}

fn shown_lines(file: &str) -> Vec<Value> {
    let mut shown: Vec<Value> = Vec::new();
    for line in file.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let has = |list: &str| value[list].as_array().is_some_and(|it| !it.is_empty());
        let has_more = has("extensions") && shown.len() < 7 || has("mergedFrom");
        if shown.iter().all(|it| it["type"] != value["type"]) || has_more {
            shown.push(value);
        }
    }
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_moves_to_the_other_database_and_back() {
    let file = demo_file().await;
    insta::assert_json_snapshot!("exported_lines", shown_lines(&file));
    let Some(postgres) = App::start(Backend::Postgres).await else { return };
    let sqlite = App::start(Backend::Sqlite).await.unwrap();
    let mut exported = file.clone();
    let mut all_answers = Vec::new();
    for app in [&postgres, &sqlite] {
        let shell = Shell::on(&app.database);
        shell.write("all.ndjson", &exported);
        let imported = shell.run(&import("all", "all.ndjson"));
        assert_eq!(imported.code, Some(0), "{}", imported.stderr);
        let rows = exported.lines().count();
        assert_eq!(imported.stderr, format!("{rows} created, 0 updated, 0 unchanged, 0 failed\n"));
        all_answers.push(answers(app).await);
        // Importing the file again changes nothing.
        let before = dump(&app.database).await;
        let again = shell.run(&import("all", "all.ndjson"));
        assert_eq!(again.stderr, format!("0 created, 0 updated, {rows} unchanged, 0 failed\n"));
        assert_eq!(dump(&app.database).await, before);
        shell.succeed(&export("all", "out.ndjson.gz"));
        shell.succeed(&export("all", "out.ndjson"));
        exported = shell.read("out.ndjson");
        assert!(exported == file, "the export differs");
        assert_eq!(std::fs::read(shell.path("out.ndjson.gz")).unwrap()[..2], [0x1f, 0x8b]);
    }
    assert_eq!(all_answers[0], all_answers[1]);
    assert_eq!(all_answers[0][0]["customers"]["totalCount"], 420);
}

both! {
    async fn an_export_has_the_rows_of_every_table(app: App) {
        let database = filled(app.database.backend).await;
        let shell = Shell::on(&app.database);
        let file = Shell::on(&database).succeed(&["export", "all", "--tenant", "demo"]);
        shell.write("all.ndjson", file);
        shell.succeed(&import("all", "all.ndjson"));
        let (filled, imported) = (dump(&database).await, dump(&app.database).await);
        let counts = row_counts(&filled);
        assert!(counts.len() >= 12 && counts.values().all(|rows| *rows > 0), "{counts:?}");
        assert_eq!(row_counts(&imported), counts);
    }

    async fn each_kind_is_exported_by_itself(app: App) {
        let shell = Shell::on(&app.database);
        let file = demo_file().await;
        let mut text = String::new();
        for (kind, name) in [("attributes", "AttributeDefinition"), ("groups", "CustomerGroup"), ("programs", "LoyaltyProgram"),
            ("customers", "Customer"), ("pos", "PosProfile")]
        {
            let is_of_kind = |line: &&str| line.starts_with(&format!("{{\"type\":\"{name}\""));
            let lines: Vec<&str> = file.split_inclusive('\n').filter(is_of_kind).collect();
            let lines = lines.concat();
            shell.write("some.ndjson", &lines);
            text += &shell.transcript(&[&import(kind, "some.ndjson"), &export(kind, "out.ndjson")]);
            assert!(shell.read("out.ndjson") == lines, "{kind}");
        }
        insta::assert_snapshot!("kinds", text);
        shell.write("all.ndjson", &file);
        let wrong = shell.run(&["import", "groups", "all.ndjson", "--tenant", "acme", "--max-errors", "0"]);
        insta::assert_snapshot!("other_kinds", wrong.stderr.lines().rev().take(4).collect::<Vec<_>>().join("\n"));
    }

    async fn an_import_brings_back_what_was_exported(app: App) {
        let shell = Shell::on(&app.database);
        let file = demo_file().await;
        shell.write("all.ndjson", &file);
        shell.succeed(&import("all", "all.ndjson"));
        let mut customers = file.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let length = |it: &Value, list: &str| it[list].as_array().map_or(0, Vec::len);
        let node = customers.find(|it| length(it, "contacts") > 1 && length(it, "consents") > 0).unwrap();
        let (id, contact) = (node["id"].as_str().unwrap(), node["contacts"][1]["id"].as_str().unwrap());
        let before = app.read("customer", id, &rich()).await;
        app.mutate("customerUpdate", json!({ "id": id, "input": {
            "customerName": "Changed", "primaryContactId": contact, "taxId": null } }), "").await;
        app.mutate("customerContactCreate", json!({ "input": {
            "customerId": id, "firstName": "New" } }), "").await;
        for consent in node["consents"].as_array().unwrap() {
            app.delete("customerConsent", consent["id"].as_str().unwrap()).await;
        }
        assert_ne!(app.read("customer", id, &rich()).await, before);
        let again = shell.run(&import("all", "all.ndjson"));
        assert!(again.stderr.starts_with("0 created, 1 updated, "), "{}", again.stderr);
        let mut after = app.read("customer", id, &rich()).await;
        // Consents that were deleted are created again.
        let mut before = before;
        for answer in [&mut before, &mut after] {
            for consent in answer["consents"].as_array_mut().unwrap() {
                consent["id"].take();
            }
        }
        assert_eq!(after, before);
    }

    async fn customers_are_exported_as_csv(app: App) {
        let shell = Shell::on(&app.database);
        shell.write("all.ndjson", demo_file().await);
        shell.succeed(&import("all", "all.ndjson"));
        shell.succeed(&export("customers", "customers.csv"));
        let file = shell.read("customers.csv");
        // The file contains personal data, so only its owner may read it.
        let mode = std::fs::metadata(shell.path("customers.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        let lines: Vec<&str> = file.lines().take(3).collect();
        insta::assert_snapshot!("csv", lines.join("\n"));
        let before = dump(&app.database).await;
        let again = shell.run(&import("customers", "customers.csv"));
        assert_eq!(again.stderr, "0 created, 0 updated, 420 unchanged, 0 failed\n");
        assert_eq!(dump(&app.database).await, before);
        insta::assert_snapshot!("csv_refused", shell.transcript(&[
            &export("groups", "groups.csv"),
            &["export", "customers", "--tenant", "nobody", "--output", "customers.csv"],
            &export("customers", "nowhere/customers.csv"),
        ]));
        assert_eq!(shell.read("customers.csv"), file);
    }

    async fn an_export_is_a_snapshot(app: App) {
        let shell = Shell::on(&app.database);
        shell.write("many.csv", many(0..1_200));
        shell.succeed(&import("customers", "many.csv"));
        shell.write("late.csv", many(5_000..5_010));
        // Another process writes between the first page and the last.
        let mut out = Interrupted { shell, written: Vec::new(), is_interrupted: false };
        export::run(&app.db, &app.tenant, Selection::Customers, Format::Ndjson, &mut out).await.unwrap();
        let text = String::from_utf8(out.written).unwrap();
        assert_eq!(text.lines().count(), 1_200);
        assert!(!text.contains("Customer 5000"));
        let count = app.data("{ customers { totalCount } }", json!({})).await;
        assert_eq!(count["customers"]["totalCount"], 1_210);
        // The connection is still usable.
        let mut out = Vec::new();
        export::run(&app.db, &app.tenant, Selection::Customers, Format::Ndjson, &mut out).await.unwrap();
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1_210);
    }

    async fn the_statements_of_a_page_do_not_grow_with_its_rows(app: App) {
        let shell = Shell::on(&app.database);
        let mut counts = Vec::new();
        for rows in [0..2, 2..400] {
            shell.write("some.csv", many(rows));
            shell.succeed(&import("customers", "some.csv"));
            let before = app.db.statements_sent();
            export::run(&app.db, &app.tenant, Selection::All, Format::Ndjson, &mut io::sink()).await.unwrap();
            counts.push(app.db.statements_sent() - before);
        }
        assert_eq!(counts[0], counts[1]);
    }

    async fn a_tenant_exports_only_its_own_objects(app: App) {
        let shell = Shell::on(&app.database);
        app.make_tenant("other").await;
        shell.write("few.csv", many(0..3));
        shell.succeed(&import("customers", "few.csv"));
        shell.write("others.csv", many(7..9));
        shell.succeed(&["import", "customers", "others.csv", "--tenant", "other"]);
        let text = shell.succeed(&["export", "all", "--tenant", "other"]);
        let names = |kind: &str| text.lines().filter(|it| it.contains(kind)).count();
        assert_eq!((names("\"Customer\""), names("\"CustomerGroup\"")), (2, 3));
        assert!(text.contains("Customer 7") && !text.contains("Customer 1"), "{text}");
    }

    async fn memory_does_not_grow_with_what_is_exported(app: App) {
        let shell = Shell::on(&app.database);
        let peak = |rows| {
            shell.write("some.csv", many(rows));
            shell.succeed(&import("customers", "some.csv"));
            shell.peak_memory(&export("customers", "out.ndjson"))
        };
        let (few, many) = (peak(0..1_000), peak(1_000..20_000));
        let size = std::fs::metadata(shell.path("out.ndjson")).unwrap().len();
        assert!(size > 20_000_000, "{size}");
        assert!(few > 5_000 && many < few + 12_000, "{few} KiB, then {many} KiB");
    }
}

fn many(rows: std::ops::Range<u32>) -> String {
    let mut file =
        "externalId,customerName,customerGroup,contact.firstName,address.city\n".to_owned();
    for row in rows {
        writeln!(file, "{row},Customer {row},All > {},Ada,Oslo", row % 7).unwrap();
    }
    file
}

/// An output that imports customers in another process when its first byte is written.
struct Interrupted {
    shell: Shell,
    written: Vec<u8>,
    is_interrupted: bool,
}

impl Write for Interrupted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_interrupted {
            self.is_interrupted = true;
            self.shell.succeed(&import("customers", "late.csv"));
        }
        self.written.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
