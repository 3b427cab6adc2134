//! A change sets `updatedAt` of all affected objects, so clients that poll by `updatedAt` miss no
//! change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::app::App;

impl App {
    /// The names of the objects in a list that have changed since this time.
    async fn changed_since(&self, list: &str, name: &str, time: &Value) -> BTreeSet<String> {
        let query = format!(
            "query($since: DateTime!) {{ {list}(filter: {{ updatedAt: {{ gt: $since }} }}) {{ nodes {{ {name} }} }} }}"
        );
        let data = self.data(&query, json!({ "since": time })).await;
        let nodes = data[list]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node[name].as_str().unwrap().to_owned()).collect()
    }

    fn time(&self) -> Value {
        json!(self.clock.now().to_string())
    }

    async fn members(&self, group: &str, add: &[&str], remove: &[&str]) -> Value {
        let arguments = json!({ "id": group, "addCustomerIds": add, "removeCustomerIds": remove });
        self.mutate(
            "customerGroupUpdateCustomers",
            arguments,
            "customerGroup { updatedAt lastModifiedBy }",
        )
        .await
    }
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

both! {
    async fn a_change_of_members_changes_the_group_and_the_customers(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        app.create_group(r#"customerGroupName: "Other""#).await;
        let mut ids = Vec::new();
        for name in ["Ana", "Bea", "Cid", "Dan"] {
            ids.push(app.create_customer(&format!("customerName: \"{name}\"")).await);
        }
        let [ana, bea, cid, _] = ids.iter().map(String::as_str).collect::<Vec<_>>()[..] else { panic!() };
        for (add, remove, groups, customers) in [
            (vec![ana, bea], vec![], set(["Shops"]), set(["Ana", "Bea"])),
            // Adding an existing member, or removing a non-member, does not change it.
            (vec![ana, cid], vec![], set(["Shops"]), set(["Cid"])),
            (vec![ana], vec![bea], set(["Shops"]), set(["Bea"])),
            (vec![ana, cid], vec![bea], set([]), set([])),
            (vec![bea], vec![ana, cid], set(["Shops"]), set(["Ana", "Bea", "Cid"])),
        ] {
            let before = app.time();
            let payload = app.members(&group, &add, &remove).await;
            assert_eq!(app.changed_since("customerGroups", "customerGroupName", &before).await, groups);
            assert_eq!(app.changed_since("customers", "customerName", &before).await, customers);
            let stored = app.read("customerGroup", &group, "updatedAt lastModifiedBy").await;
            assert_eq!(payload["customerGroup"], stored);
        }
        let key = app.make_key(clientele::models::api_key::Scope::Write, "office", None).await;
        let arguments = json!({ "id": group, "addCustomerIds": [ana] });
        app.mutate_as(&key, "customerGroupUpdateCustomers", arguments, "").await;
        assert_eq!(app.read("customer", ana, "lastModifiedBy").await["lastModifiedBy"], "office");
        assert_eq!(app.read("customerGroup", &group, "lastModifiedBy").await["lastModifiedBy"], "office");
    }

    async fn a_change_of_many_members_takes_no_more_statements(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let mut ids = Vec::new();
        for number in 0..40 {
            ids.push(app.create_customer(&format!("customerName: \"{number}\"")).await);
        }
        let query = "mutation($id: ID!, $add: [ID!]!, $remove: [ID!]!) {
            customerGroupUpdateCustomers(id: $id, addCustomerIds: $add, removeCustomerIds: $remove) { userErrors { code } } }";
        app.data(query, json!({ "id": group, "add": &ids[..21], "remove": [] })).await;
        let one = app.statements(query, json!({ "id": group, "add": &ids[21..22], "remove": &ids[..1] })).await;
        let many = app.statements(query, json!({ "id": group, "add": &ids[22..], "remove": &ids[1..20] })).await;
        assert_eq!(one, many);
    }

    async fn members_that_move_to_the_parent_group_have_changed(app: App) {
        let parent = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let group = app.create_group(&format!("customerGroupName: \"Shops\", parentId: \"{parent}\"")).await;
        app.create("customer", json!({ "customerName": "Ana", "customerGroupId": group })).await;
        app.create("customer", json!({ "customerName": "Bea", "customerGroupIds": [group] })).await;
        app.create("customer", json!({ "customerName": "Cid", "customerGroupId": parent })).await;
        let before = app.time();
        let arguments = json!({ "id": group, "policy": "REASSIGN_TO_PARENT" });
        app.mutate("customerGroupDelete", arguments, "").await;
        assert_eq!(app.changed_since("customers", "customerName", &before).await, set(["Ana", "Bea"]));
        assert_eq!(app.changed_since("customerGroups", "customerGroupName", &before).await, set(["Root"]));
    }

    async fn items_with_a_new_position_have_changed(app: App) {
        let tier = |name: &str, min_spent: i32| json!({
            "tierName": name, "minSpent": min_spent, "collectionFactor": 1, "externalId": name,
        });
        let program = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "collections": [tier("A", 0), tier("B", 1), tier("C", 2), tier("D", 3)],
        })).await;
        let tiers = app.read("loyaltyProgram", &program, "collections { id tierName }").await;
        let id = |name: &str| {
            let tiers = tiers["collections"].as_array().unwrap();
            tiers.iter().find(|tier| tier["tierName"] == name).unwrap()["id"].clone()
        };
        let reorder = |names: [&str; 4]| json!({ "parentId": program, "ids": names.map(id) });
        for (mutation, arguments, moved) in [
            ("loyaltyProgramCollectionReorder", reorder(["B", "A", "C", "D"]), set(["A", "B"])),
            ("loyaltyProgramCollectionReorder", reorder(["B", "A", "C", "D"]), set([])),
            ("loyaltyProgramCollectionUpdate", json!({ "externalId": "D", "input": { "idx": 2 } }), set(["A", "C", "D"])),
            ("loyaltyProgramCollectionDelete", json!({ "externalId": "D" }), set(["A", "C"])),
            ("loyaltyProgramCollectionCreate", json!({ "input": {
                "loyaltyProgramId": program, "tierName": "E", "minSpent": 9, "collectionFactor": 1, "idx": 3,
            } }), set(["C", "E"])),
            ("loyaltyProgramUpdate", json!({ "id": program, "input": { "collections": [
                { "id": id("B") }, { "id": id("C") }, { "id": id("A") },
            ] } }), set(["A", "C"])),
        ] {
            let before = app.time();
            let payload = app.mutate(mutation, arguments, "").await;
            assert_eq!(payload["userErrors"], json!([]), "{mutation}");
            let since = app.changed_since("loyaltyProgramCollections", "tierName", &before).await;
            assert_eq!(since, moved, "{mutation}");
            let programs = app.changed_since("loyaltyPrograms", "loyaltyProgramName", &before).await;
            assert_eq!(programs.is_empty(), moved.is_empty(), "{mutation}");
        }
        // The stored row equals the returned one.
        let selection = "loyaltyProgramCollections { tierName idx updatedAt }";
        let order = ["A", "B", "C"].map(id);
        let arguments = json!({ "parentId": program, "ids": order });
        let payload = app.mutate("loyaltyProgramCollectionReorder", arguments, selection).await;
        let stored = app.read("loyaltyProgram", &program, "collections { tierName idx updatedAt }").await;
        assert_eq!(payload["loyaltyProgramCollections"], stored["collections"]);
    }

    async fn links_and_numbers_that_move_have_changed(app: App) {
        let mut links = Vec::new();
        for name in ["A", "B", "C"] {
            let group = app.create_group(&format!("customerGroupName: \"{name}\"")).await;
            links.push(app.create("posCustomerGroup", json!({
                "posProfileId": "till", "customerGroupId": group, "externalId": name,
            })).await);
        }
        let numbers = ["A", "B", "C"].map(|it| json!({
            "supplierNumber": it, "company": it, "externalId": it,
        }));
        let customer = app.create("customer", json!({
            "customerName": "Ana", "supplierNumbers": numbers,
            "addresses": [{ "externalId": "A" }, { "externalId": "B" }],
        })).await;
        for (mutation, arguments, list, moved) in [
            ("posCustomerGroupReorder", json!({ "parentId": "till", "ids": [links[0], links[2], links[1]] }),
                "posCustomerGroups", set(["B", "C"])),
            ("posCustomerGroupDelete", json!({ "externalId": "A" }), "posCustomerGroups", set(["B", "C"])),
            ("supplierNumberAtCustomerUpdate", json!({ "externalId": "A", "input": { "idx": 2 } }),
                "supplierNumbersAtCustomer", set(["A", "B"])),
            // Clients do not see the positions of addresses, so the others do not change.
            ("customerAddressDelete", json!({ "externalId": "A" }), "customerAddresses", set([])),
        ] {
            let before = app.time();
            app.mutate(mutation, arguments, "").await;
            assert_eq!(app.changed_since(list, "externalId", &before).await, moved, "{mutation}");
        }
        let before = app.time();
        app.delete("customer", &customer).await;
        assert_eq!(app.changed_since("customers", "customerName", &before).await, set([]));
    }
}
