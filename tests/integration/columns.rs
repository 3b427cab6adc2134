//! Requests read only the columns that they need. Each field has the same value alone as together with all others, by
//! whichever path its object is selected.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use clientele::{auth::Tenant, clock::Clock, db::Db, demo, models::api_key::Scope};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    database::Database,
    introspection::{Schema, items, name},
    sdl,
    types::{Type, types},
};

/// The fields of a type without required arguments, and its field for a custom attribute, each with a selection of all
/// its subfields.
fn selections(node: &str) -> Vec<(&'static str, String)> {
    let fields = sdl::fields(node).into_iter();
    let selections = fields.map(|field| match field.name {
        "attribute" => {
            let values = sdl::all_of(field.type_name);
            (field.name, format!("attribute(key: \"shoeSize\") {{ {values} }}"))
        }
        name => (name, field.with_all()),
    });
    selections.collect()
}

both! {
    async fn a_field_has_the_same_value_alone_as_with_all_others(database: Database) {
        let db = Db::open(&database.parsed(), 2).unwrap();
        demo::fill(&db, &Clock::system()).await.unwrap();
        let mut app = App::start_on(database).await.unwrap();
        app.tenant = Tenant::named(&app.db, "demo").await.unwrap().unwrap();
        app.key = app.make_key(Scope::Read, "columns", None).await;
        let mut checked = 0;
        for Type { name: node, many: list, .. } in types() {
            let (list, fields) = (*list, selections(node));
            let all: Vec<&str> = fields.iter().map(|(_, selected)| selected.as_str()).collect();
            let query = format!("{{ {list}(first: 6) {{ nodes {{ {} }} }} }}", all.join(" "));
            let together = app.data(&query, json!({})).await;
            for (field, selected) in &fields {
                let query = format!(
                    "query($ids: [ID!]!) {{
                        nodes: {list}(first: 6) {{ nodes {{ {selected} }} }}
                        edges: {list}(first: 6) {{ edges {{ node {{ ... on {node} {{ {selected} }} }} }} }}
                        one: nodes(ids: $ids) {{ ... on {node} {{ {selected} }} }} }}"
                );
                let ids: Vec<&Value> =
                    items(&together[list]["nodes"]).map(|node| &node["id"]).collect();
                let alone = app.data(&query, json!({ "ids": ids })).await;
                let wanted: Vec<&Value> =
                    items(&together[list]["nodes"]).map(|node| &node[field]).collect();
                assert!(!wanted.is_empty(), "{list}");
                let of_nodes: Vec<&Value> =
                    items(&alone["nodes"]["nodes"]).map(|node| &node[field]).collect();
                let of_edges: Vec<&Value> =
                    items(&alone["edges"]["edges"]).map(|edge| &edge["node"][field]).collect();
                let by_id: Vec<&Value> = items(&alone["one"]).map(|node| &node[field]).collect();
                assert_eq!([&of_nodes, &of_edges, &by_id], [&wanted; 3], "{node}.{field}");
                checked += 1;
            }
        }
        assert!(checked > 150, "{checked} fields");
    }

    async fn a_field_that_is_selected_twice_has_the_fields_of_both(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        app.create_customer(&format!(
            "customerName: \"Ana\", emailId: \"ana@example.com\", customerGroupId: \"{group}\""
        )).await;
        let query = "{
            customers { nodes { customerName customerGroup { customerGroupName } } }
            customers { nodes { ...Mail customerGroup { createdBy } } edges { node { ... on Node { id } } } }
        } fragment Mail on Customer { mail: emailId }";
        let data = app.data(query, json!({})).await;
        assert_eq!(data["customers"]["nodes"], json!([{
            "customerName": "Ana",
            "customerGroup": { "customerGroupName": "Shops", "createdBy": "till" },
            "mail": "ana@example.com",
        }]));
        assert!(data["customers"]["edges"][0]["node"]["id"].as_str().unwrap().starts_with("customer_"));
    }

    async fn edges_are_the_same_however_they_are_selected(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        for name in ["Ana", "Bo"] {
            let fields = format!("customerName: \"{name}\", customerGroupId: \"{group}\"");
            app.create_customer(&fields).await;
        }
        let whole = "{ customers { edges {
            __typename cursor node { __typename id name: customerName customerGroup { id } }
        } } }";
        let in_parts = "{ customers { edges { ...Edge ... on CustomerEdge { node { ...Group } } } } }
            fragment Edge on CustomerEdge { __typename cursor node { ... on Node { __typename id } } }
            fragment Group on Customer { name: customerName customerGroup { id } }";
        let wanted = app.data(whole, json!({})).await;
        assert_eq!(items(&wanted["customers"]["edges"]).count(), 2);
        assert_eq!(app.data(in_parts, json!({})).await, wanted);
        let twice = "{ customers { edges {
            __typename cursor node { __typename id }
            node { name: customerName customerGroup { id } }
        } } }";
        assert_eq!(app.data(twice, json!({})).await, wanted);
    }

    async fn an_error_in_a_related_object_has_its_path_and_hides_no_other(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        for name in ["Ana", "Bo"] {
            let fields = format!(
                "customerName: \"{name}\", customerGroupId: \"{group}\", addresses: [{{ city: \"Bergen\" }}]"
            );
            app.create_customer(&fields).await;
        }
        // The page of the customers in the group of the address's customer is too long. That group
        // may be `null`.
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { edges { node {
            customerName
            addresses { city customer { in: customerGroup { customerGroupName customers(first: 101) { totalCount } } } }
            group: customerGroup { customerGroupName }
        } } } }";
        let response = app.query(query).await;
        insta::assert_json_snapshot!("errors_in_related_objects", response);
    }

    async fn cursors_keep_the_names_of_their_orders(database: Database) {
        let db = Db::open(&database.parsed(), 2).unwrap();
        demo::fill(&db, &Clock::system()).await.unwrap();
        let mut app = App::start_on(database).await.unwrap();
        app.tenant = Tenant::named(&app.db, "demo").await.unwrap().unwrap();
        app.key = app.make_key(Scope::Read, "cursors", None).await;
        let schema = Schema::of(&app).await;
        let mut names = BTreeMap::new();
        for Type { name: node, many: list, .. } in types() {
            let fields = schema.named(&format!("{node}OrderField"));
            for field in items(&fields["enumValues"]).map(name) {
                let query = format!(
                    "{{ {list}(first: 1, orderBy: {{ field: {field} }}) {{ pageInfo {{ endCursor }} }} }}"
                );
                let page = app.data(&query, json!({})).await;
                let cursor = page[*list]["pageInfo"]["endCursor"].as_str().unwrap();
                let cursor = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
                let order = cursor.lines().nth(1).unwrap().to_owned();
                names.insert(format!("{list} {field}"), order);
            }
        }
        insta::assert_json_snapshot!("orders_in_cursors", names);
    }
}
