//! Ids of nothing, and of too much.

use serde_json::{Map, Value, json};

use super::{NO_CUSTOMER, NO_GROUP, ask, populate, refused};
use crate::{support::app::App, tenancy::DUMP};

both! {
    async fn ids_of_nothing(app: App) {
        let data = populate(&app).await;
        let cases = [
            (NO_CUSTOMER, "query($it: ID!) { customer(id: $it) { id } }"),
            (NO_CUSTOMER, "query($it: ID!) { node(id: $it) { id } }"),
            (NO_CUSTOMER, "query($it: ID!) { nodes(ids: [$it, $it]) { id } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerUpdate(id: $it, input: { customerName: \"\" }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerDelete(id: $it) {
                it: deletedId userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: [$it]) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_CUSTOMER, "mutation($it: ID!) { it: customerGroupUpdateCustomers(externalId: \"G-1\", removeCustomerIds: [$it]) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "query($it: ID!) { customerGroup(id: $it) { id } }"),
            (NO_GROUP, "query($it: ID!) { customers(filter: { customerGroup: { in: [$it] } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customers(filter: { not: { customerGroup: { in: [$it], includeDescendants: true } } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customerGroups(filter: { parentId: { eq: $it } }) { totalCount } }"),
            (NO_GROUP, "query($it: ID!) { customerGroups(filter: { not: { parentId: { in: [$it] } } }) { totalCount } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerCreate(input: { customerName: \"New\", customerGroupId: $it }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerUpdate(externalId: \"C-1\", input: { customerGroupId: $it }) {
                it: customer { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupCreate(input: { customerGroupName: \"New\", parentId: $it }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdate(id: $it, input: { customerGroupName: \"\" }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdate(externalId: \"G-2\", input: { parentId: $it }) {
                it: customerGroup { id } userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupDelete(id: $it) {
                it: deletedId userErrors { field code message } } }"),
            (NO_GROUP, "mutation($it: ID!) { it: customerGroupUpdateCustomers(id: $it, addCustomerIds: []) {
                it: customerGroup { id } userErrors { field code message } } }"),
        ];
        let before = app.query(DUMP).await;
        let mut answers = Vec::new();
        for (nothing, query) in cases {
            let answer = ask(&app, query, &json!({ "it": nothing })).await;
            // Of another type, and whatever else is none: to the byte the answer of an id of nothing.
            let of_another_type = if nothing == NO_CUSTOMER { &data.root } else { &data.customer };
            let own = if nothing == NO_CUSTOMER { &data.customer } else { &data.root };
            let others = [
                "",
                "_",
                "0",
                "\0",
                "customer_",
                "customer_0",
                "customer-group_\0",
                "customer_0000000000007000800000000000000g",
                "key_00000000000070008000000000000000",
                &own.to_uppercase(),
                &format!(" {own}"),
                &format!("{own}\0"),
                &format!("{own}0"),
                &own.replace('_', "__"),
                "'; DROP TABLE customers; --",
                &"x".repeat(900_000),
            ];
            for other in others {
                assert_eq!(
                    ask(&app, query, &json!({ "it": other })).await,
                    answer,
                    "{query}: {other}"
                );
            }
            assert_eq!(ask(&app, query, &json!({ "it": 1 })).await, answer, "{query}: a number");
            if !query.contains("node") {
                assert_eq!(
                    ask(&app, query, &json!({ "it": of_another_type })).await,
                    answer,
                    "{query}"
                );
            }
            answers.push(serde_json::from_str::<Value>(&answer).unwrap());
        }
        assert_eq!(app.query(DUMP).await, before);
        insta::assert_json_snapshot!("ids_of_nothing", answers);
    }

    async fn external_ids_of_nothing(app: App) {
        populate(&app).await;
        let before = app.query(DUMP).await;
        let mut answers = Vec::new();
        for query in [
            "query($it: String!) { customer(externalId: $it) { id } }",
            "query($it: String!) { customerGroup(externalId: $it) { id } }",
            "mutation($it: String!) { customerUpdate(externalId: $it, input: { customerName: \"\" }) {
                customer { id } userErrors { field code message } } }",
            "mutation($it: String!) { customerDelete(externalId: $it) { deletedId userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupUpdate(externalId: $it, input: { customerGroupName: \"\" }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupDelete(externalId: $it) { deletedId userErrors { field code message } } }",
            "mutation($it: String!) { customerGroupUpdateCustomers(externalId: $it) {
                customerGroup { id } userErrors { field code message } } }",
        ] {
            let answer = ask(&app, query, &json!({ "it": "nobodys" })).await;
            for other in ["", "\0", "C-1\0", "G-1\0", "c-1", "g-1", "C-1\n", "%", "_-1", &"x".repeat(900_000)] {
                assert_eq!(ask(&app, query, &json!({ "it": other })).await, answer, "{query}: {other}");
            }
            answers.push(serde_json::from_str::<Value>(&answer).unwrap());
        }
        assert_eq!(app.query(DUMP).await, before);
        insta::assert_json_snapshot!("external_ids_of_nothing", answers);
    }

    async fn lookups_by_neither_or_both(app: App) {
        let data = populate(&app).await;
        let mut complaints = Map::new();
        for (field, selection) in [
            ("query { it: customer", "{ id }"),
            ("query { it: customerGroup", "{ id }"),
            ("mutation { it: customerDelete", "{ deletedId }"),
            ("mutation { it: customerUpdate", "{ userErrors { code } }"),
            ("mutation { it: customerGroupDelete", "{ deletedId }"),
            ("mutation { it: customerGroupUpdate", "{ userErrors { code } }"),
            ("mutation { it: customerGroupUpdateCustomers", "{ userErrors { code } }"),
        ] {
            let id = if field.contains("Group") { &data.leaf } else { &data.customer };
            let input = if field.ends_with("Update") { "input: {}" } else { "" };
            for arguments in [
                String::new(),
                "id: null".to_owned(),
                "id: null, externalId: null".to_owned(),
                format!("id: \"{id}\", externalId: \"C-1\""),
                "id: \"?\", externalId: \"\"".to_owned(),
            ] {
                let all = format!("{arguments} {input}");
                let all = if all.trim().is_empty() { String::new() } else { format!("({all})") };
                let query = format!("{field}{all} {selection} }}");
                let complaint = refused(&app, &query, json!({})).await;
                complaints.insert(query.replace(id, "ID"), complaint);
            }
        }
        insta::assert_json_snapshot!("lookups", complaints);
    }

    async fn lists_of_ids_that_are_too_long(app: App) {
        let data = populate(&app).await;
        let members = "mutation($add: [ID!]!, $remove: [ID!]!) {
            it: customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: $add, removeCustomerIds: $remove) {
                it: customerGroup { id } userErrors { field code message } } }";
        let ids = |count: usize| vec![data.customer.clone(); count];
        let mut complaints = Map::new();
        for (name, add, remove) in [
            ("1,001 to add", ids(1_001), vec![]),
            ("1,001 to remove", vec![], ids(1_001)),
            ("1,001 in all", ids(1_000), ids(1)),
            ("1,001 in all, most to remove", ids(1), ids(1_000)),
            ("1,001 that are none", vec!["?".to_owned(); 1_001], vec![]),
            ("the same to add and to remove", ids(1), ids(1)),
            (
                "two that are none",
                vec!["?".to_owned(), data.customer.clone(), NO_CUSTOMER.to_owned()],
                vec![],
            ),
            ("none and nothing", vec!["?".to_owned()], vec![NO_CUSTOMER.to_owned()]),
        ] {
            let variables = json!({ "add": add, "remove": remove });
            complaints.insert(name.to_owned(), refused(&app, members, variables).await);
        }
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        complaints
            .insert("101 nodes".to_owned(), refused(&app, nodes, json!({ "ids": ids(101) })).await);
        insta::assert_json_snapshot!("lists_too_long", complaints);

        let answer = app.data(nodes, json!({ "ids": ids(100) })).await;
        assert_eq!(answer["nodes"].as_array().unwrap().len(), 100);
        for variables in
            [json!({ "add": ids(1_000), "remove": [] }), json!({ "add": [], "remove": ids(1_000) })]
        {
            let answer = app.data(members, variables).await;
            assert_eq!(answer["it"]["userErrors"], json!([]));
        }
    }
}
