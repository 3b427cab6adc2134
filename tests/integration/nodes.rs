//! Objects of every type, looked up by their ids and external ids.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{
    app::App,
    introspection::{Schema, items, name},
};

/// The types that have ids, and the fields that look them up. A POS profile has no `externalId`:
/// its id in the system that has it looks it up.
const TYPES: [(&str, &str); 11] = [
    ("Customer", "customer"),
    ("CustomerAddress", "customerAddress"),
    ("CustomerConsent", "customerConsent"),
    ("CustomerContact", "customerContact"),
    ("CustomerExtension", "customerExtension"),
    ("CustomerGroup", "customerGroup"),
    ("LoyaltyProgram", "loyaltyProgram"),
    ("LoyaltyProgramCollection", "loyaltyProgramCollection"),
    ("PosCustomerGroup", "posCustomerGroup"),
    ("PosProfile", "posProfile"),
    ("SupplierNumberAtCustomer", "supplierNumberAtCustomer"),
];

impl App {
    /// Makes one object of each type, each with the `externalId` `x`.
    async fn one_of_each(&self) -> Vec<String> {
        let group = self.create_group(r#"customerGroupName: "Shops", externalId: "x""#).await;
        let program = json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01", "externalId": "x",
            "collections": [{ "tierName": "A", "collectionFactor": "1", "externalId": "x" }],
        });
        let program = self.create("loyaltyProgram", program).await;
        let link = json!({ "posProfileId": "x", "customerGroupId": group, "externalId": "x" });
        let link = self.create("posCustomerGroup", link).await;
        let customer = json!({
            "customerName": "Ana", "externalId": "x", "addresses": [{ "externalId": "x" }],
            "consents": [{ "name": "mail", "status": true, "externalId": "x" }],
            "contacts": [{ "externalId": "x" }],
            "extensions": [{ "extensionCode": "TWO", "externalId": "x" }],
            "supplierNumbers": [{ "supplierNumber": "1", "externalId": "x" }],
        });
        let customer = self.create("customer", customer).await;
        let of_customer = "addresses { id } consents { id } contacts { id } extensions { id }
            supplierNumbers { id }";
        let of_customer = self.read("customer", &customer, of_customer).await;
        let part = |field: &str| of_customer[field][0]["id"].as_str().unwrap().to_owned();
        let tiers = self.read("loyaltyProgram", &program, "collections { id }").await;
        let tier = tiers["collections"][0]["id"].as_str().unwrap().to_owned();
        let profile = self.read("posProfile", "x", "id").await;
        let profile = profile["id"].as_str().unwrap().to_owned();
        vec![
            customer,
            part("addresses"),
            part("consents"),
            part("contacts"),
            part("extensions"),
            group,
            program,
            tier,
            link,
            profile,
            part("supplierNumbers"),
        ]
    }
}

/// Looks something up by one argument, which is the variable `$it`.
fn lookup(field: &str, argument: &str) -> String {
    let of_type = if argument == "id" { "ID" } else { "String" };
    format!("query($it: {of_type}!) {{ {field}({argument}: $it) {{ __typename id }} }}")
}

both! {
    async fn every_object_is_a_node(app: App) {
        let ids = app.one_of_each().await;
        let expected: Vec<Value> = TYPES
            .iter()
            .zip(&ids)
            .map(|((name, _), id)| json!({ "__typename": name, "id": id }))
            .collect();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let nodes = app.data(query, json!({ "ids": ids })).await;
        assert_eq!(nodes["nodes"], json!(expected));
        let schema = Schema::of(&app).await;
        let types = items(&schema.named("Node")["possibleTypes"]).map(name);
        let types: BTreeSet<&str> = types.collect();
        assert_eq!(types, TYPES.into_iter().map(|(name, _)| name).collect());
        for (id, node) in ids.iter().zip(&expected) {
            assert_eq!(&app.read("node", id, "__typename id").await, node);
        }

        // An object that is missing or deleted is null, at its place.
        let nothing = ["", "customer", "key_0", "customer-group_0000000000000000000000000000000f"];
        let mut some: Vec<&str> = ids.iter().map(String::as_str).collect();
        some.splice(1..1, nothing);
        let nodes = app.data(query, json!({ "ids": some })).await;
        let mut with_nothing = expected.clone();
        with_nothing.splice(1..1, [Value::Null, Value::Null, Value::Null, Value::Null]);
        assert_eq!(nodes["nodes"], json!(with_nothing));

        app.delete("customer", &ids[0]).await;
        app.delete("loyaltyProgram", &ids[6]).await;
        app.delete("posCustomerGroup", &ids[8]).await;
        app.delete("posProfile", &ids[9]).await;
        app.delete("customerGroup", &ids[5]).await;
        let nodes = app.data(query, json!({ "ids": ids })).await;
        assert!(nodes["nodes"].as_array().unwrap().iter().all(Value::is_null), "{nodes}");
    }

    async fn every_object_is_looked_up_by_both_ids(app: App) {
        let ids = app.one_of_each().await;
        for ((name, field), id) in TYPES.iter().zip(&ids) {
            let expected = json!({ *field: { "__typename": name, "id": id } });
            let by_id = lookup(field, "id");
            assert_eq!(app.data(&by_id, json!({ "it": id })).await, expected);
            let argument = if *name == "PosProfile" { "id" } else { "externalId" };
            let by_external_id = lookup(field, argument);
            assert_eq!(app.data(&by_external_id, json!({ "it": "x" })).await, expected);

            // Ids of others, and of nothing.
            let none = json!({ *field: null });
            assert_eq!(app.data(&by_external_id, json!({ "it": "X" })).await, none);
            for other in ids.iter().filter(|other| *other != id) {
                assert_eq!(app.data(&by_id, json!({ "it": other })).await, none, "{other}");
            }
        }
    }

    async fn every_object_refers_to_those_around_it(app: App) {
        let ids = app.one_of_each().await;
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename
            ... on CustomerAddress { customerId customer { id } }
            ... on CustomerConsent { customerId customer { id } }
            ... on CustomerContact { customerId customer { id } }
            ... on CustomerExtension { customerId customer { id } contact { id } }
            ... on SupplierNumberAtCustomer { customerId customer { id } }
            ... on LoyaltyProgram { customerGroup { id } collections { id } }
            ... on LoyaltyProgramCollection { loyaltyProgramId loyaltyProgram { id } }
            ... on PosCustomerGroup { posProfileId posProfile { id } customerGroup { id } }
            ... on PosProfile { posProfileId posCustomerGroups { id } }
            ... on CustomerGroup { posProfiles { nodes { id } } loyaltyPrograms { nodes { id } } }
        } }";
        insta::assert_json_snapshot!("nodes_around", app.data(query, json!({ "ids": ids })).await);
    }
}
