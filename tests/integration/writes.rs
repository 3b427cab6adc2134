//! Writes: the number of their statements, and the effects of a rejected statement.

use clientele::{
    db::{Error, url::DatabaseUrl},
    models::{
        Customer, Lookup, Row,
        customer::{ChildKeys, CustomerAttributes},
    },
};
use serde_json::{Value, json};

use crate::support::app::App;

const UPDATE: &str = "mutation($id: ID!, $input: CustomerUpdateInput!) {
    customerUpdate(id: $id, input: $input) { customer { id mobileNo updatedAt } userErrors { code } } }";
const CREATE: &str = "mutation($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { id } userErrors { code } } }";
const REORDER: &str = "mutation($id: ID!, $ids: [ID!]!) {
    loyaltyProgramCollectionReorder(parentId: $id, ids: $ids) { userErrors { code } } }";

both! {
    async fn a_write_takes_few_statements(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let others = app.create_group(r#"customerGroupName: "Others""#).await;
        let program = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "P", "fromDate": "2026-01-01",
            "collections": (0..3).map(|number| json!({
                "tierName": number.to_string(), "minSpent": number, "collectionFactor": "1",
            })).collect::<Vec<_>>(),
        })).await;
        let tiers = app.read("loyaltyProgram", &program, "collections { id }").await;
        let tiers = tiers["collections"].as_array().unwrap();
        let reversed: Vec<&Value> = tiers.iter().rev().map(|tier| &tier["id"]).collect();
        let customer = app.create_customer(r#"customerName: "Ana""#).await;
        let update = json!({ "id": customer, "input": { "mobileNo": "+47 1" } });
        let full = json!({ "input": {
            "customerName": "Bea", "customerGroupId": shops, "customerGroupIds": [others],
            "addresses": [{ "addressType": "OTHER_ADDRESS", "city": "Bergen" }], "contacts": [{ "firstName": "Bea" }],
        } });
        // All but the third request begin and commit a transaction. PostgreSQL needs none for a single write.
        let sent = [
            // Reads and writes the customer, and only reads it if nothing changes.
            app.statements(UPDATE, update.clone()).await,
            app.statements(UPDATE, update).await,
            // Looks up programs with automatic enrolment, and inserts the customer and the words in its name; on
            // PostgreSQL in a single statement.
            app.statements(CREATE, json!({ "input": { "customerName": "Bea" } })).await,
            // Also looks up both groups, and inserts memberships, the address and the contact, each with its words.
            app.statements(CREATE, full).await,
            // Locks the program, reads its tiers, and writes both.
            app.statements(REORDER, json!({ "id": program, "ids": reversed })).await,
        ];
        let is_postgres = matches!(app.database.parsed(), DatabaseUrl::Postgres(_));
        // On PostgreSQL, the statement that inserts the row also inserts its words.
        assert_eq!(sent, if is_postgres { [4, 3, 1, 9, 6] } else { [4, 3, 5, 12, 6] });
    }

    async fn a_creation_reads_open_programs_by_its_first_statement(app: App) {
        let is_postgres = matches!(app.database.parsed(), DatabaseUrl::Postgres(_));
        let found = "query($name: String!) { customers(filter: { customerName: { eq: $name } }) {
            nodes { loyaltyProgram { loyaltyProgramName } } } }";
        // The first program is not for Bea, who joins the second one.
        for (name, territory, joined) in [("Ana", Some("North"), None), ("Bea", None, Some("All"))] {
            app.create("loyaltyProgram", json!({
                "loyaltyProgramName": territory.unwrap_or("All"), "fromDate": "2020-01-01",
                "autoOptIn": true, "customerTerritory": territory,
            })).await;
            let new = json!({ "input": { "customerName": name } });
            assert_eq!(app.statements(CREATE, new).await, if is_postgres { 2 } else { 5 }, "{name}");
            let program = joined.map(|it| json!({ "loyaltyProgramName": it }));
            let data = app.data(found, json!({ "name": name })).await;
            assert_eq!(data["customers"]["nodes"], json!([{ "loyaltyProgram": program }]));
        }
    }

    async fn a_change_writes_the_text_by_which_a_customer_is_found(app: App) {
        let customer = app.create_customer(r#"customerName: "Ana", emailId: "ana@example.com""#).await;
        let input = json!({ "id": customer, "input": { "customerName": "BEA", "emailId": null } });
        app.data(UPDATE, input).await;
        let found = "query($name: String!) {
            customers(filter: { customerName: { startsWith: $name } }) { nodes { customerName emailId } } }";
        let bea = app.data(found, json!({ "name": "bea" })).await;
        assert_eq!(bea["customers"]["nodes"], json!([{ "customerName": "BEA", "emailId": null }]));
        let ana = app.data(found, json!({ "name": "ana" })).await;
        assert_eq!(ana["customers"]["nodes"], json!([]));
    }

    async fn a_rejected_write_undoes_its_transaction_or_its_part(app: App) {
        let operator = app.operator();
        let (writer, mut lease) = (operator.writer(), app.db.write().await.unwrap());
        let named = |name: &str| {
            let (id, now) = writer.new_id();
            let attributes =
                CustomerAttributes { customer_name: name.to_owned(), ..CustomerAttributes::default() };
            [Customer { id, attributes, created_at: now, updated_at: now, ..Customer::default() }]
        };
        let (ana, bea) = (named("Ana"), named("Bea"));
        let mut conn = lease.conn();
        let twice = conn.transaction(async |tx| {
            Customer::insert_rows(tx, writer, &ana, &ChildKeys::default()).await?;
            Customer::insert_rows(tx, writer, &ana, &ChildKeys::default()).await
        });
        assert!(matches!(twice.await, Err(Error::NotUnique(_))));
        let found = Customer::find(&mut conn, &app.tenant, &Lookup::Id(ana[0].id)).await;
        assert!(found.unwrap().is_none());

        let apart = conn.transaction(async |tx| {
            Customer::insert_rows(tx, writer, &ana, &ChildKeys::default()).await?;
            let part = tx.transaction(async |tx| Customer::insert_rows(tx, writer, &ana, &ChildKeys::default()).await);
            assert!(matches!(part.await, Err(Error::NotUnique(_))));
            Customer::insert_rows(tx, writer, &bea, &ChildKeys::default()).await
        });
        apart.await.unwrap();
        let again = conn.transaction(async |tx| Customer::insert_rows(tx, writer, &bea, &ChildKeys::default()).await);
        assert!(matches!(again.await, Err(Error::NotUnique(_))));
        let found = Customer::find(&mut conn, &app.tenant, &Lookup::Id(bea[0].id)).await;
        assert_eq!(found.unwrap().unwrap().attributes.customer_name, "Bea");
        drop(lease);
        let names = app.data("{ customers { nodes { customerName } } }", json!({})).await;
        let expected = json!([{ "customerName": "Bea" }, { "customerName": "Ana" }]);
        assert_eq!(names["customers"]["nodes"], expected);
    }
}
