//! Bad texts, in all fields that take text.

use serde_json::{Map, Value, json};

use super::{
    CREATE_CUSTOMER, CREATE_GROUP, OF_CUSTOMERS, OF_GROUPS, UPDATE_CUSTOMER, UPDATE_GROUP,
    populate, refused, refused_by, text_fields,
};
use crate::support::app::App;

both! {
    async fn names(app: App) {
        populate(&app).await;
        let inputs = |field: &'static str| {
            [
                ("empty", ""),
                ("spaces", " \u{a0}\u{2003} "),
                ("256 characters", &"x".repeat(256)),
                ("256 characters of many bytes", &"🏪".repeat(256)),
                ("10,000 characters", &"x".repeat(10_000)),
                ("a line break", "a\nb"),
                ("NUL", "a\0b"),
                ("NUL alone", "\0"),
                ("an escape", "\u{1b}[31m"),
                ("a control character of Latin 1", "a\u{85}b"),
                ("long and with NUL", &("\0".to_owned() + &"x".repeat(256))),
            ]
            .map(|(name, value)| (name, json!({ field: value })))
            .into_iter()
            .chain([("null", json!({ field: null })), ("a number", json!({ field: 1 }))])
            .collect::<Vec<_>>()
        };
        insta::assert_json_snapshot!(
            "names",
            [
                refused_by(&app, &OF_CUSTOMERS, &inputs("customerName")).await,
                refused_by(&app, &OF_GROUPS, &inputs("customerGroupName")).await,
            ]
        );
    }

    async fn names_as_long_as_they_may_be(app: App) {
        populate(&app).await;
        for char in [
            "x",
            "é",
            "🏪",
            "\u{1f468}\u{200d}\u{1f469}",
            "\u{fdfa}",
            "ß",
            "\u{301}",
            "\"",
            "%",
            "\\",
        ] {
            // As many characters as there may be, of which each may fold into many.
            let name: String = char.chars().cycle().take(255).collect();
            for (mutation, field, list) in [
                (CREATE_CUSTOMER, "customerName", "customers"),
                (CREATE_GROUP, "customerGroupName", "customerGroups"),
            ] {
                let variables = json!({ "input": { field: name } });
                let created = app.data(mutation, variables).await;
                let id = &created["it"]["it"]["id"];
                assert!(id.is_string(), "{char}: {created}");
                let found = format!(
                    "query($name: String!, $start: String!) {{
                        eq: {list}(filter: {{ {field}: {{ eq: $name }} }}) {{ nodes {{ id {field} }} }}
                        contains: {list}(filter: {{ {field}: {{ contains: $name }} }}) {{ nodes {{ id {field} }} }}
                        search: {list}(filter: {{ search: $start }}, first: 1) {{ nodes {{ id {field} }} }}
                        startsWith: {list}(filter: {{ {field}: {{ startsWith: $name }} }}, first: 1) {{
                            nodes {{ id {field} }} }} }}"
                );
                let start: String = name.chars().take(3).collect();
                let found = app.data(&found, json!({ "name": name, "start": start })).await;
                for (test, found) in found.as_object().unwrap() {
                    assert_eq!(
                        found["nodes"][0],
                        json!({ "id": id, field: name }),
                        "{test} {char}"
                    );
                }
            }
        }
        // Sorted by names that fold alike, page by page: none is left out, none comes twice.
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = "query($after: String) { customers(first: 3, after: $after, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { id } pageInfo { endCursor hasNextPage } } }";
            let page = app.data(page, json!({ "after": after })).await;
            let page = &page["customers"];
            seen.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["id"].to_string()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                assert_eq!(seen.len(), page["totalCount"]);
                break;
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 12);
    }

    async fn texts(app: App) {
        populate(&app).await;
        let mut all = Map::new();
        for (mutation, query, input) in [
            ("create customer", CREATE_CUSTOMER, "CustomerCreateInput"),
            ("update customer", UPDATE_CUSTOMER, "CustomerUpdateInput"),
            ("create group", CREATE_GROUP, "CustomerGroupCreateInput"),
            ("update group", UPDATE_GROUP, "CustomerGroupUpdateInput"),
        ] {
            let mut complaints = Map::new();
            for field in text_fields(&app, input).await {
                let mut of_field = Map::new();
                for (name, value) in [
                    ("10,001 characters", "x".repeat(10_001)),
                    ("NUL", "a\0b".to_owned()),
                    ("DEL", "a\u{7f}b".to_owned()),
                ] {
                    let names = [("customerName", "New"), ("customerGroupName", "New")];
                    let name_field = names[usize::from(input.contains("Group"))];
                    let mut input = json!({ name_field.0: name_field.1 });
                    input[&field] = value.into();
                    of_field.insert(
                        name.to_owned(),
                        refused(&app, query, json!({ "input": input })).await,
                    );
                }
                complaints.insert(field, of_field.into());
            }
            all.insert(mutation.to_owned(), complaints.into());
        }
        insta::assert_json_snapshot!("texts", all);
    }
}
