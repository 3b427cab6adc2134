//! Texts of maximum length.

use serde_json::{Value, json};

use super::{change, new, populate};
use crate::support::app::App;

both! {
    async fn names_of_the_maximum_length_are_accepted(app: App) {
        let ids = populate(&app).await;
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
            // The maximum number of characters, each of which may fold to several.
            let name: String = char.chars().cycle().take(255).collect();
            for (mutation, field, list) in [
                ("customerCreate", "customerName", "customers"),
                ("customerGroupCreate", "customerGroupName", "customerGroups"),
                ("loyaltyProgramCreate", "loyaltyProgramName", "loyaltyPrograms"),
            ] {
                let mut input = new(&ids, mutation);
                input[field] = json!(name);
                let created = app.data(&change(mutation), json!({ "input": input })).await;
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
        // Paging in the order of names that fold to the same key skips and repeats none.
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
}
