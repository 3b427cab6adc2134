//! Look-ups of objects of every type by id and external id.

use serde_json::{Value, json};

use crate::support::{
    app::App,
    types::{Type, children_of, types, with_lists},
};

impl App {
    /// Creates one object of each type with the `externalId` `x`. Returns their ids.
    async fn one_of_each(&self) -> Vec<(&'static Type, String)> {
        let one = |it: &Type| json!([it.named("x")]);
        let group = json!({ "customerGroupName": "Shops", "externalId": "x" });
        let mut made = self.create_as(&self.key, "customerGroup", group).await;
        let group = made[0].0.clone();
        let program = json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01", "externalId": "x",
            "collections": [{ "tierName": "A", "collectionFactor": "1", "externalId": "x" }],
        });
        made.extend(self.create_as(&self.key, "loyaltyProgram", program).await);
        let link = json!({ "posProfileId": "x", "customerGroupId": group, "externalId": "x" });
        made.extend(self.create_as(&self.key, "posCustomerGroup", link).await);
        let customer = json!({ "customerName": "Ana", "externalId": "x" });
        let customer = with_lists("Customer", customer, one);
        made.extend(self.create_as(&self.key, "customer", customer).await);
        let of_type = |it: &Type| {
            let is_of_type = |(id, _): &&(String, String)| {
                id.strip_prefix(&it.prefix).is_some_and(|rest| rest.starts_with('_'))
            };
            made.iter().find(is_of_type).unwrap().0.clone()
        };
        let mut ids: Vec<_> = types().iter().map(|it| (it, of_type(it))).collect();
        ids.sort_by_key(|(it, _)| &it.name);
        ids
    }
}

/// A query that looks up an object by one argument, with the variable `$it`.
fn lookup(field: &str, argument: &str) -> String {
    let of_type = if argument == "id" { "ID" } else { "String" };
    format!("query($it: {of_type}!) {{ {field}({argument}: $it) {{ __typename id }} }}")
}

both! {
    async fn every_object_is_a_node(app: App) {
        let made = app.one_of_each().await;
        let ids: Vec<&str> = made.iter().map(|(_, id)| id.as_str()).collect();
        let expected: Vec<Value> =
            made.iter().map(|(it, id)| json!({ "__typename": it.name, "id": id })).collect();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let nodes = app.data(query, json!({ "ids": ids })).await;
        assert_eq!(nodes["nodes"], json!(expected));
        for (id, node) in ids.iter().zip(&expected) {
            assert_eq!(&app.read("node", id, "__typename id").await, node);
        }

        // A missing or deleted object is `null` at its position in the list.
        let nothing = ["", "customer", "key_0", "customer-group_0000000000000000000000000000000f"];
        let mut some = ids.clone();
        some.splice(1..1, nothing);
        let nodes = app.data(query, json!({ "ids": some })).await;
        let mut with_nothing = expected.clone();
        with_nothing.splice(1..1, [Value::Null, Value::Null, Value::Null, Value::Null]);
        assert_eq!(nodes["nodes"], json!(with_nothing));

        for name in ["Customer", "LoyaltyProgram", "PosCustomerGroup", "PosProfile", "CustomerGroup"] {
            let (it, id) = made.iter().find(|(it, _)| it.name == name).unwrap();
            app.delete(&it.one, id).await;
        }
        let nodes = app.data(query, json!({ "ids": ids })).await;
        assert!(nodes["nodes"].as_array().unwrap().iter().all(Value::is_null), "{nodes}");
    }

    async fn every_object_is_looked_up_by_both_ids(app: App) {
        let made = app.one_of_each().await;
        for (it, id) in &made {
            let field = it.one.as_str();
            let expected = json!({ field: { "__typename": it.name, "id": id } });
            let by_id = lookup(field, "id");
            assert_eq!(app.data(&by_id, json!({ "it": id })).await, expected);
            let argument = if it.has_external_id() { "externalId" } else { "id" };
            let by_external_id = lookup(field, argument);
            assert_eq!(app.data(&by_external_id, json!({ "it": "x" })).await, expected);

            // An external id in another case, and ids of objects of other types.
            let none = json!({ field: null });
            assert_eq!(app.data(&by_external_id, json!({ "it": "X" })).await, none);
            for (_, other) in made.iter().filter(|(_, other)| other != id) {
                assert_eq!(app.data(&by_id, json!({ "it": other })).await, none, "{other}");
            }
        }
    }

    async fn every_object_refers_to_its_related_objects(app: App) {
        let ids: Vec<String> = app.one_of_each().await.into_iter().map(|(_, id)| id).collect();
        let of_customers = children_of("Customer").map(|(_, child)| match child.name.as_str() {
            "CustomerExtension" => "... on CustomerExtension { customerId customer { id } contact { id } }".to_owned(),
            name => format!("... on {name} {{ customerId customer {{ id }} }}"),
        });
        let query = format!(
            "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename
            {}
            ... on LoyaltyProgram {{ customerGroup {{ id }} collections {{ id }} }}
            ... on LoyaltyProgramCollection {{ loyaltyProgramId loyaltyProgram {{ id }} }}
            ... on PosCustomerGroup {{ posProfileId posProfile {{ id }} customerGroup {{ id }} }}
            ... on PosProfile {{ posProfileId posCustomerGroups {{ id }} }}
            ... on CustomerGroup {{ posProfiles {{ nodes {{ id }} }} loyaltyPrograms {{ nodes {{ id }} }} }}
            }} }}",
            of_customers.collect::<Vec<_>>().join(" ")
        );
        insta::assert_json_snapshot!("nodes_around", app.data(&query, json!({ "ids": ids })).await);
    }
}
