//! The operator's commands: check, copy, delete, rotate.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{KNOWN, key_id, migration_names, shop};
use crate::{
    migrations,
    support::{
        binary::Shell,
        database::{Backend, Database},
        dump::{Dump, dump},
        lock::WriteLock,
    },
};

const COUNT: &str = "{ customers { totalCount } }";

/// The tables that contain rows, except those for SQLite's search and statistics.
fn filled(dump: &Dump) -> Vec<&str> {
    let is_ours = |name: &str| !name.contains("_search_") && name != "sqlite_stat1";
    let tables = dump.iter().filter(|(name, rows)| !rows.is_empty() && is_ours(name));
    tables.map(|(name, _)| name.as_str()).collect()
}

/// Fills the database with the demo's tenant.
async fn fill(shell: &Shell) {
    shell.serve(&["--demo"]).await.stop();
}

both! {
    async fn a_tenant_is_deleted_with_all_of_its_data(database: Database) {
        let shell = Shell::on(&database);
        fill(&shell).await;
        let full = dump(&database).await;
        assert!(filled(&full).len() > 12, "{:?}", filled(&full));
        let asked = ["tenant", "delete", "demo"];
        for input in ["", "no\n", "demo-2\n"] {
            let refused = shell.run_with_input(&asked, input);
            assert_eq!(refused.code, Some(1), "{}", refused.stderr);
            assert!(refused.stderr.contains("is not deleted"), "{}", refused.stderr);
        }
        assert_eq!(dump(&database).await, full);

        shell.succeed(&["tenant", "create", "other"]);
        let key = shell.succeed(&["key", "create", "--tenant", "other"]);
        let deleted = shell.run_with_input(&asked, "demo\n");
        assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
        assert!(deleted.stderr.contains("its 420 customers"), "{}", deleted.stderr);
        let left = dump(&database).await;
        assert_eq!(filled(&left), ["__diesel_schema_migrations", "api_keys", "tenants"]);
        assert!(left["tenants"].iter().all(|row| row.contains("other")), "{left:?}");
        let server = shell.serve(&[]).await;
        assert_eq!(server.query(&key, COUNT).await.0, 200);
        server.stop();
        shell.succeed(&["tenant", "delete", "other", "--yes"]);
        assert_eq!(filled(&dump(&database).await), ["__diesel_schema_migrations"]);
        insta::assert_snapshot!(
            "no_tenant_to_delete",
            shell.transcript(&[&["tenant", "delete", "other", "--yes"]])
        );
    }

    async fn a_rotated_key_keeps_its_name_and_loses_its_secret(database: Database) {
        let shell = shop(&database);
        let first = shell.succeed(&["key", "create", "--tenant", "shop", "--name", "till"]);
        let id = key_id(&shell, "till");
        let server = shell.serve(&[]).await;
        assert_eq!(server.query(&first, COUNT).await.0, 200);
        let second = shell.succeed(&["key", "rotate", "--tenant", "shop", &id]);
        assert_eq!(server.query(&second, COUNT).await.0, 200, "at once");
        tokio::time::sleep(KNOWN).await;
        assert_eq!(server.query(&first, COUNT).await.0, 401);
        assert_eq!(server.query(&second, COUNT).await.0, 200);
        assert_eq!(key_id(&shell, "till"), id);
        let expires = ["key", "rotate", "--tenant", "shop", &id, "--expires", "1d"];
        assert_eq!(server.query(&shell.succeed(&expires), COUNT).await.0, 200);
        shell.succeed(&["key", "revoke", "--tenant", "shop", &id]);
        let refused = shell.transcript(&[
            &["key", "rotate", "--tenant", "shop", &id],
            &["key", "rotate", "--tenant", "shop", "no-id"],
            &["key", "rotate", "--tenant", "shop", &id, "--expires", "yesterday"],
        ]);
        insta::assert_snapshot!("keys_not_rotated", refused.replace(&id, "ID"));
        server.stop();
    }

    async fn customers_are_indexed_again_after_an_upgrade_and_for_another_country(database: Database) {
        let shell = Shell::on(&database);
        shell.succeed(&["tenant", "create", "shop"]);
        let key = shell.succeed(&["key", "create", "--tenant", "shop", "--scope", "write"]);
        let server = shell.serve(&[]).await;
        let create = r#"mutation { customerCreate(input: {
            customerName: "Alfreds", mobileNo: "070-123 45 67", contacts: [{ lastName: "Petersen" }],
            addresses: [{ city: "Malmö" }] }) { userErrors { message } } }"#;
        server.query(&key, create).await;
        server.stop();
        // Searches by texts of the customer, its contact and its address, and by its number with the country code of
        // Sweden.
        let found = async || {
            let server = shell.serve(&[]).await;
            let mut found = Vec::new();
            for text in ["alfrds", "petersen", "malmo", "46701234567"] {
                let query = format!(r#"{{ customerLookup(text: "{text}") {{ customer {{ mobileNoE164 }} }} }}"#);
                let (_, response) = server.query(&key, &query).await;
                let hits = response["data"]["customerLookup"].as_array().unwrap().clone();
                found.push(hits.first().map(|hit| hit["customer"]["mobileNoE164"].clone()));
            }
            server.stop();
            found
        };
        let unknown = Some(json!(null));
        let without_country = [unknown.clone(), unknown.clone(), unknown, None];
        assert_eq!(found().await, without_country);

        let forget = "UPDATE customers SET search_keys = '', child_search_keys = ''; UPDATE customer_contacts SET search_keys = '';
            UPDATE customer_addresses SET search_keys = ''; DELETE FROM customer_search_words";
        database.execute(forget).await;
        assert_eq!(found().await, [None, None, None, None]);
        database.execute("UPDATE tenants SET search_version = 0").await;
        assert_eq!(found().await, without_country, "the start makes the keys");
        database.execute(forget).await;
        let forgotten = "INSERT INTO customer_search_words (tenant_id, word) VALUES ('shop', 'quillfeather')";
        database.execute(forgotten).await;
        shell.succeed(&["tenant", "reindex", "shop"]);
        assert_eq!(found().await, without_country);
        // The word was removed, or it could not be inserted again.
        database.execute(forgotten).await;

        shell.succeed(&["tenant", "country", "shop", "SE"]);
        let swedish = Some(json!("+46701234567"));
        assert_eq!(found().await, [swedish.clone(), swedish.clone(), swedish.clone(), swedish]);
        shell.succeed(&["tenant", "country", "shop"]);
        assert_eq!(found().await, without_country);
        for wrong in ["se", "XX", "SWE", ""] {
            let refused = shell.run(&["tenant", "country", "shop", wrong]);
            assert_eq!(refused.code, Some(2), "{wrong}: {}", refused.stderr);
        }
    }

    async fn a_database_that_cannot_be_written_is_reported(database: Database) {
        let shell = Shell::on(&database);
        fill(&shell).await;
        let problem = if database.backend == Backend::Postgres {
            let name = database.url.rsplit_once('/').unwrap().1;
            database.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
            "transactions are read-only by default"
        } else {
            let path = database.url.strip_prefix("sqlite:").unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o444)).unwrap();
            "the file is read-only"
        };
        let checked = shell.run(&["check"]);
        assert_eq!(checked.code, Some(1));
        let problem = format!("FAILED  permissions: {problem}\n");
        assert!(checked.stdout.contains(&problem), "{}", checked.stdout);
    }

    async fn a_database_is_checked(database: Database) {
        let shell = Shell::on(&database);
        fill(&shell).await;
        let good = shell.run(&["check"]);
        assert_eq!(good.code, Some(0), "{}", good.stdout);
        assert_eq!(good.stdout.lines().count(), 7, "{}", good.stdout);
        // No client can cause these problems, so the tables are changed directly.
        database.execute("
            DROP INDEX customers_by_update;
            UPDATE customer_addresses SET idx = idx + 100;
            UPDATE customer_groups SET parent_id = id WHERE parent_id IS NULL;
        ").await;
        let bad = shell.run(&["check"]);
        assert_eq!(bad.code, Some(1));
        insta::assert_snapshot!("check_failed", bad.stdout);

        let empty = Database::empty(database.backend).await.unwrap();
        let unknown = Shell::on(&empty);
        if database.backend == Backend::Postgres {
            let transcript = unknown.transcript(&[&["check"]]);
            let missing = format!("{} migrations", migration_names().len());
            let transcript = transcript.replace(&missing, "N migrations");
            insta::assert_snapshot!("check_of_nothing", transcript);
        } else {
            assert!(unknown.run(&["check"]).stderr.contains("there is no such file"));
        }
    }

    async fn every_table_of_line_items_is_checked(database: Database) {
        let shell = Shell::on(&database);
        fill(&shell).await;
        let columns = migrations::columns(&database).await;
        let has_place = |columns: &[String]| columns.iter().any(|it| it.starts_with("idx "));
        let tables = columns.iter().filter(|(_, columns)| has_place(columns)).map(|(name, _)| name);
        let tables: Vec<&String> = tables.collect();
        assert!(tables.len() >= 7, "{tables:?}");
        for table in &tables {
            database.execute(&format!("UPDATE {table} SET idx = idx + 1000")).await;
        }
        let checked = shell.run(&["check"]).stdout;
        let unchecked: Vec<_> =
            tables.iter().filter(|it| !checked.contains(&format!("has gaps in {it}"))).collect();
        assert!(unchecked.is_empty(), "{unchecked:?}: {checked}");
    }

    async fn an_import_leaves_statistics_of_every_table(database: Database) {
        if database.backend == Backend::Sqlite {
            // SQLite's statistics are inserted by the migrations.
            return;
        }
        let shell = shop(&database);
        shell.write("one.csv", "customerName\nAda\n");
        shell.succeed(&["import", "customers", "one.csv", "--tenant", "shop", "--create-only"]);
        let without = "SELECT relname::text AS owner, relkind::text AS fact FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 0
            AND relname NOT IN ('tenants', 'api_keys')";
        assert_eq!(migrations::facts(&database, without).await, []);
    }

    async fn commands_that_only_read_wait_for_no_writer(database: Database) {
        let shell = shop(&database);
        shell.succeed(&["key", "create", "--tenant", "shop", "--name", "till"]);
        let lock = WriteLock::take(&database).await;
        for command in [&["key", "list", "--tenant", "shop"][..], &["tenant", "list"], &["check"]] {
            // SQLite would wait for ten seconds, and then fail.
            let ran = shell.run(command);
            assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.stderr);
        }
        drop(lock);
    }

    async fn statements_are_logged_without_their_values(database: Database) {
        let shell = shop(&database);
        let key = shell.succeed(&["key", "create", "--tenant", "shop"]);
        let customer = r#"{ customer(externalId: "a-customers-id") { id } }"#;
        let digest = clientele::auth::KeySecret::parse(&key).unwrap().digest();
        for (options, shows_values) in [(&[][..], false), (&["--log-values"], true)] {
            let server =
                shell.serve(&[&["--log", "clientele::sql=trace"], options].concat()).await;
            server.query(&key, customer).await;
            let log = server.stop();
            assert!(log.contains("api_keys") && log.contains("customers"), "{log}");
            assert_eq!(log.contains("a-customers-id"), shows_values, "{log}");
            assert!(!log.contains(&digest), "{log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_copied_while_it_is_in_use() {
    let database = Database::start(Backend::Sqlite).await.unwrap();
    let shell = Shell::on(&database);
    let server = shell.serve(&["--demo"]).await;
    let backup = shell.run(&["backup", "copy.db"]);
    assert_eq!((backup.stdout.as_str(), backup.code), ("", Some(0)), "{}", backup.stderr);
    server.stop();
    let copy = Shell::with_url(&format!("sqlite:{}", shell.path("copy.db").display()));
    assert_eq!(copy.run(&["check"]).code, Some(0));
    let (of_copy, of_database) = (copy.serve(&["--demo"]).await, shell.serve(&["--demo"]).await);
    let query = "{ customers(first: 100) { totalCount nodes { id customerName updatedAt } } }";
    let line = of_copy.wait_for("Demo key:");
    let key = line.trim_start_matches("Demo key:").trim();
    let (status, response) = of_copy.query(key, query).await;
    assert_eq!((status, &response["data"]["customers"]["totalCount"]), (200, &json!(420)));
    assert_eq!(of_database.query(key, query).await.1, response);
    of_copy.stop();
    of_database.stop();

    let refused = shell.run(&["backup", "copy.db"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("exists already"), "{}", refused.stderr);
    let elsewhere = shell.run(&["backup", "no-folder/copy.db"]);
    assert_eq!(elsewhere.code, Some(1), "{}", elsewhere.stderr);
}

#[test]
fn postgres_is_copied_by_its_own_program() {
    let shell = Shell::with_url("postgres://me:secret@db.example.com:5432/shop");
    insta::assert_snapshot!("backup_of_postgres", shell.transcript(&[&["backup", "it's.dump"]]));
}

#[test]
fn closing_standard_output_early_is_not_an_error() {
    let shell = Shell::with_url("sqlite:not-needed.db");
    for command in ["schema", "man"] {
        assert_eq!(shell.run_unread(&[command]), (Some(0), String::new()), "{command}");
    }
}

#[test]
fn completions_and_manual_pages_are_generated() {
    let shell = Shell::with_url("sqlite:not-needed.db");
    for name in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shell.succeed(&["completions", name]);
        assert!(script.contains("rotate") && script.contains("pool-size"), "{name}: {script}");
    }
    let page = shell.succeed(&["man"]);
    for part in [".TH clientele", "CLIENTELE KEY ROTATE", "HOST:PORT"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // The page must not refer to other pages, because none exist.
    assert!(!page.contains("serve(1)"), "{page}");
}
