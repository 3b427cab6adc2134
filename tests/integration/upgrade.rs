//! Databases with rows from before a migration: nothing is lost, and rows that violate a new rule
//! stop the upgrade before anything is changed.

use std::{fs, path::Path};

use clientele::{
    auth::{KeyKind, KeySecret, Tenant},
    db::{
        Db,
        migrate::{Error, Plan, migrate},
    },
    models::api_key::{ApiKey, Scope},
};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    database::{Backend, Database},
    dump::dump,
};

/// A database with the schema of the first release and a tenant `old`.
struct Old(Database);

impl Old {
    async fn start(backend: Backend) -> Option<Self> {
        let old = Self(Database::empty(backend).await?);
        let tree = if backend == Backend::Sqlite { "sqlite" } else { "postgres" };
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
        let entries = fs::read_dir(&tree)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            entries.filter(|name| name.starts_with("2026-11-20-")).collect();
        names.sort();
        assert_eq!(names.len(), 6);
        old.run(
            "CREATE TABLE __diesel_schema_migrations (
                 version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        )
        .await;
        for name in names {
            old.run(&fs::read_to_string(tree.join(&name).join("up.sql")).unwrap()).await;
            let version = name.split('_').next().unwrap().replace('-', "");
            old.run(&format!(
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"
            ))
            .await;
        }
        old.run("INSERT INTO tenants VALUES ('old', '2026-01-01T00:00:00.000000Z')").await;
        for number in 1..=4 {
            old.customer(number).await;
        }
        Some(old)
    }

    async fn run(&self, sql: &str) {
        let db = Db::open(&self.0.parsed(), 1).unwrap();
        let mut lease = db.write().await.unwrap();
        lease.conn().batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// An id as an SQL literal.
    fn id(&self, number: u32) -> String {
        let quote = if self.0.backend == Backend::Sqlite { "x" } else { "" };
        format!("{quote}'{}'", hexadecimal(number))
    }

    async fn customer(&self, number: u32) {
        let id = self.id(number);
        self.run(&format!(
            "INSERT INTO customers (tenant_id, id, external_id, customer_name, customer_type,
                 is_internal_customer, disabled, is_frozen, so_required, dn_required,
                 customer_name_key, email_id_key, mobile_no_key, tax_id_key,
                 created_at, updated_at, created_by, last_modified_by)
             VALUES ('old', {id}, 'C-{number}', 'Customer {number}', 'COMPANY', false, false, false, false, false,
                 'customer {number}', '', '', '',
                 '2026-01-02T00:00:00.000000Z', '2026-01-03T00:00:00.000000Z', 'before', 'before')"
        ))
        .await;
    }

    async fn upgrade(self) -> (App, String) {
        migrate(&self.0.parsed(), Plan::Run).await.unwrap();
        let app = App::start_on(self.0).await.unwrap();
        let tenant = Tenant::named(&app.db, "old").await.unwrap().unwrap();
        let secret = KeySecret::generate(&tenant, KeyKind::Test);
        let mut lease = app.db.write().await.unwrap();
        let conn = &mut lease.conn();
        ApiKey::create(conn, &tenant, &app.clock, &secret, Scope::Write, Some("till"), None)
            .await
            .unwrap();
        drop(lease);
        (app, secret.reveal().to_owned())
    }
}

fn hexadecimal(number: u32) -> String {
    format!("019a0000000070008000{number:012x}")
}

async fn ask(app: &App, key: &str, query: &str) -> Value {
    let mut answer = app.query_as(key, query, json!({})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"].take()
}

both! {
    async fn rows_from_before_a_migration_are_kept(old: Old) {
        let times = "'2026-01-02T00:00:00.000000Z', '2026-01-03T00:00:00.000000Z'";
        for number in [11, 12] {
            old.run(&format!(
                "INSERT INTO customer_groups (tenant_id, id, is_group, customer_group_name,
                     customer_group_name_key, created_at, updated_at, created_by, last_modified_by)
                 VALUES ('old', {}, false, 'G', 'g', {times}, 'before', 'before')", old.id(number)
            )).await;
        }
        old.run(&format!("INSERT INTO pos_profiles VALUES ('old', {}, 'till', {times}, 'before', 'before')", old.id(20))).await;
        for number in [11, 12] {
            old.run(&format!(
                "INSERT INTO pos_customer_groups VALUES ('old', {}, NULL, {}, {}, {}, {times})",
                old.id(number + 20), old.id(20), number - 10, old.id(number)
            )).await;
        }
        for (number, email) in [(41, "'Ada@Example.com'"), (42, "'bøb@bücher.example'"), (43, "NULL")] {
            old.run(&format!(
                "INSERT INTO customer_contacts (tenant_id, id, customer_id, idx, is_primary, email_id,
                     created_at, updated_at) VALUES ('old', {}, {}, {}, false, {email}, {times})",
                old.id(number), old.id(1), number - 40
            )).await;
        }
        old.run(&format!(
            "UPDATE customer_contacts SET first_name = 'Ådne', last_name = 'Bøe' WHERE id = {}", old.id(41)
        )).await;
        old.run(&format!(
            "INSERT INTO customer_addresses (tenant_id, id, customer_id, idx, address_type, is_primary, city,
                 created_at, updated_at) VALUES ('old', {}, {}, 1, 'OTHER_ADDRESS', false, 'Tromsø', {times})",
            old.id(60), old.id(1)
        )).await;
        old.run(&format!(
            "INSERT INTO customer_consents (tenant_id, id, customer_id, idx, name, status, created_at, updated_at)
             VALUES ('old', {}, {}, 1, 'news', true, {times})", old.id(50), old.id(1)
        )).await;
        old.run(&format!("UPDATE customers SET loyalty_id = 'L-1', customer_pos_id = 'P' WHERE id = {}", old.id(1))).await;
        old.run(&format!("UPDATE customers SET loyalty_id = 'L-2', website = 'www.example.com' WHERE id = {}", old.id(2))).await;

        let (app, key) = old.upgrade().await;
        let all = "{
            customers(orderBy: { field: CUSTOMER_NAME }) { nodes { externalId loyaltyId customerPosId website updatedAt
                consents { name status recordedAt recordedBy createdAt updatedAt } contacts { emailId updatedAt } } }
            posProfiles { nodes { posProfileId sellsToEveryone createdAt updatedAt lastModifiedBy
                customers { totalCount } posCustomerGroups { idx updatedAt } } }
            upper: customerContacts(filter: { emailId: { eq: \"ADA@EXAMPLE.COM\" } }) { totalCount }
            plain: customerContacts(filter: { emailId: { eq: \"bob@bucher.example\" } }) { totalCount }
            named: customerContacts(filter: { firstName: { eq: \"adne\" }, lastName: { eq: \"boe\" } }) { totalCount }
            living: customerAddresses(filter: { city: { eq: \"tromso\" } }) { totalCount }
        }";
        insta::assert_json_snapshot!("kept", ask(&app, &key, all).await);
        // A server of the previous release, which shares the database, writes a contact. The next start updates its
        // keys.
        let mut lease = app.db.write().await.unwrap();
        let unfold = "UPDATE customer_contacts SET email_id_key = NULL WHERE email_id = 'Ada@Example.com'";
        lease.conn().batch_execute(unfold).await.unwrap();
        drop(lease);
        migrate(&app.database.parsed(), Plan::Run).await.unwrap();
        assert_eq!(ask(&app, &key, all).await["upper"]["totalCount"], 1);
    }

    async fn duplicate_numbers_stop_the_upgrade(old: Old) {
        for (customer, loyalty_id, pos_id) in [(1, "L-1", "1"), (2, "L-1", "2"), (3, "L-1", "2"), (4, "L-4", "4")] {
            old.run(&format!(
                "UPDATE customers SET loyalty_id = '{loyalty_id}', customer_pos_id = '{pos_id}' WHERE id = {}",
                old.id(customer)
            )).await;
        }
        old.run("UPDATE customers SET external_id = NULL WHERE external_id = 'C-3'").await;
        let before = dump(&old.0).await;
        let url = old.0.parsed();
        for _ in 0..2 {
            let error = migrate(&url, Plan::Run).await.unwrap_err();
            assert!(matches!(&error, Error::Duplicates(_)), "{error}");
            let named = |number| format!("customer_{}", hexadecimal(number));
            let (one, two, three) = (named(1), named(2), named(3));
            let message = error.to_string();
            let lines: Vec<&str> = message.lines().skip(1).map(str::trim).collect();
            assert_eq!(lines, [
                format!("tenant old, loyaltyId \"L-1\": {one} (externalId \"C-1\"), {two} (externalId \"C-2\"), {three}"),
                format!("tenant old, customerPosId \"2\": {two} (externalId \"C-2\"), {three}"),
            ]);
            assert!(message.contains("Nothing was changed"), "{message}");
            assert!(dump(&old.0).await == before, "something was changed");
        }
        // Once the values differ, the upgrade succeeds and keeps all data.
        old.run(&format!("UPDATE customers SET loyalty_id = NULL, customer_pos_id = NULL WHERE id = {}", old.id(3))).await;
        old.run(&format!("UPDATE customers SET loyalty_id = 'L-2' WHERE id = {}", old.id(2))).await;
        let (app, key) = old.upgrade().await;
        let all = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes { externalId loyaltyId customerPosId } } }";
        insta::assert_json_snapshot!("told_apart", ask(&app, &key, all).await);
    }
}
