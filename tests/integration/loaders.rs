//! The number of SQL statements follows from the shape of a request, never from its rows.

use serde_json::json;

use clientele::models::{Customer, customer::CustomerAttributes};

use crate::support::app::App;

/// Requests for `$n` groups (or customers), each with something at every level.
const SHAPES: &[&str] = &[
    // A page of customers for each group, and the group and its ancestors for each of those.
    "query($n: Int!) {
        customerGroups(first: $n, filter: { isRoot: false, isGroup: { eq: true } }) { nodes {
            customers(first: 5) { nodes { customerGroup { ancestors { id } } } } } } }",
    // Counts, children and parents, at every level.
    "query($n: Int!) {
        customerGroups(first: $n, filter: { isRoot: false, isGroup: { eq: true } }) {
            totalCount nodes {
                depth parentCustomerGroup { customerGroupName }
                children(first: 3) { totalCount nodes { depth } }
                descendants { id depth }
                customers(includeDescendants: true, last: 2) { totalCount nodes { id } } } } }",
    // From customers to groups and back.
    "query($n: Int!) { customers(first: $n) { nodes {
        customerGroups(first: 2) { totalCount nodes {
            customers(first: 2, orderBy: { field: CUSTOMER_NAME }) { nodes {
                customerGroup { parentCustomerGroup {
                    children(first: 2) { nodes { id } } } } } } } } } } }",
];

both! {
    async fn statements_do_not_grow_with_rows(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        for number in 0..100 {
            let group = app.create_group(
                &format!("customerGroupName: \"G{number}\", parentId: \"{root}\", isGroup: true")
            ).await;
            app.create_group(&format!("customerGroupName: \"L{number}\", parentId: \"{group}\"")).await;
            let group = clientele::id::NodeType::CustomerGroup.parse(&group);
            let customers = (0..3).map(|it| CustomerAttributes {
                customer_name: format!("C{number}.{it}"),
                customer_group_id: group,
                ..CustomerAttributes::default()
            }).collect();
            let operator = app.operator();
            let mut lease = app.db.write().await.unwrap();
            lease.conn().transaction(async |tx| {
                Customer::insert_many(tx, operator.writer(), customers).await
            }).await.unwrap();
        }
        for shape in SHAPES {
            let mut sent = Vec::new();
            for parents in [1, 10, 100] {
                sent.push(app.statements(shape, json!({ "n": parents })).await);
            }
            assert!(sent.iter().all(|it| *it == sent[0]), "{sent:?}: {shape}");
        }
        // The shapes' exact numbers, one of them for the key: more would be a level loaded twice.
        let mut numbers = Vec::new();
        for shape in SHAPES {
            numbers.push(app.statements(shape, json!({ "n": 10 })).await);
        }
        assert_eq!(numbers, [5, 11, 8]);
    }

    async fn statements_do_not_depend_on_luck(app: App) {
        app.create_customer(r#"customerName: "Ana""#).await;
        app.create_group(r#"customerGroupName: "G", externalId: "g""#).await;
        // Three lists, an object and counts at the root, each with something to load below.
        let query = "{ a: customers { totalCount nodes { customerGroups { totalCount } } }
            b: customers(last: 1) { nodes { customerGroups { totalCount } } }
            c: customerGroups { totalCount nodes { depth ancestors { id } } }
            d: customerGroup(externalId: \"g\") { depth ancestors { id } } }";
        for _ in 0..20 {
            assert_eq!(app.statements(query, json!({})).await, 10);
        }
        // What is counted only is not read.
        assert_eq!(app.statements("{ customers { totalCount } }", json!({})).await, 2);
    }

    async fn nodes_of_one_type_are_one_statement(app: App) {
        let mut ids = Vec::new();
        for number in 0..20 {
            ids.push(app.create_customer(&format!("customerName: \"C{number}\"")).await);
            ids.push(app.create_group(&format!("customerGroupName: \"G{number}\"")).await);
        }
        ids.push("customer_nothing".to_owned());
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let data = app.data(query, json!({ "ids": ids })).await;
        let nodes = data["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 41);
        assert_eq!(nodes[40], json!(null));
        for (node, id) in nodes.iter().zip(&ids[..40]) {
            assert_eq!(node["id"], id.as_str());
        }
        assert_eq!(app.statements(query, json!({ "ids": ids })).await, 3);
    }
}
