//! Line items: invalid orders and positions.

use serde_json::{Map, Value, json};

use super::{Ids, NOTHING, change, new, populate, refused};
use crate::support::app::App;

/// A kind of line item.
struct Kind {
    object: &'static str,
    /// The list field in the payload of the reorder mutation.
    list: &'static str,
    parent: &'static str,
    /// The external ids of the parent's items, in order. `foreign` is an item of another parent.
    items: [&'static str; 3],
    foreign: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        object: "loyaltyProgramCollection",
        list: "loyaltyProgramCollections",
        parent: "P-1",
        items: ["T-1", "T-2", "T-3"],
        foreign: "T-9",
    },
    Kind {
        object: "supplierNumberAtCustomer",
        list: "supplierNumbersAtCustomer",
        parent: "C-1",
        items: ["S-1", "S-2", "S-3"],
        foreign: "S-9",
    },
    Kind {
        object: "posCustomerGroup",
        list: "posCustomerGroups",
        parent: "POS-1",
        items: ["L-1", "L-2", "L-3"],
        foreign: "L-9",
    },
];

impl Kind {
    fn reorder(&self) -> String {
        let Self { object, list, .. } = self;
        format!(
            "mutation($parent: ID!, $ids: [ID!]!) {{ it: {object}Reorder(parentId: $parent, ids: $ids) {{
                it: {list} {{ externalId idx }} userErrors {{ field code message }} }} }}"
        )
    }
}

/// An id of the same type that does not exist.
fn nothing_like(id: &str) -> String {
    let (prefix, _) = id.rsplit_once('_').unwrap();
    format!("{prefix}_{NOTHING}")
}

/// The ids of the objects with these external ids. Unknown external ids are returned unchanged.
fn named<'a>(ids: &'a Ids, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().map(|name| ids.get(*name).map_or(*name, String::as_str)).collect()
}

both! {
    async fn invalid_orders_of_children_are_refused(app: App) {
        let ids = populate(&app).await;
        let mut all = Map::new();
        for kind in KINDS {
            let [a, b, c] = kind.items;
            let nothing = nothing_like(&ids[a]);
            let mut told = Map::new();
            for (name, list) in [
                ("one is missing", vec![c, a]),
                ("none", vec![]),
                ("one twice", vec![a, b, b, c]),
                ("one twice instead of another", vec![b, a, b]),
                ("all twice", vec![a, b, c, a, b, c]),
                ("one of another parent", vec![a, kind.foreign, b, c]),
                ("one of another parent instead", vec![a, b, kind.foreign]),
                ("one of nothing", vec![a, b, c, &nothing]),
                ("one of nothing, twice", vec![&nothing, a, b, c, &nothing]),
                ("of another type", vec!["A-1", a, b, c]),
                ("of another type, and some are missing", vec!["A-1", "?", a]),
                ("the parent", vec![a, b, c, kind.parent]),
                ("empty", vec![a, "", b, c]),
                ("NUL", vec![a, b, c, "\0"]),
                ("1,001", vec![a; 1_001]),
                ("1,001 of nothing", vec!["?"; 1_001]),
            ] {
                let variables = json!({ "parent": ids[kind.parent], "ids": named(&ids, &list) });
                told.insert(name.to_owned(), refused(&app, &kind.reorder(), variables).await);
            }
            let nothing = nothing_like(&ids[kind.parent]);
            for (name, parent, list) in [
                ("parent of nothing", &*nothing, vec![a, b, c]),
                ("parent of nothing, and no ids", &nothing, vec![]),
                ("parent of nothing, and 1,001 ids", &nothing, vec!["?"; 1_001]),
                ("parent of another type", &ids["A-1"], vec![a, b, c]),
                ("empty parent", "", vec![a, b, c]),
                ("parent with NUL", "\0", vec![a, b, c]),
                ("parent's external id", "C-1", vec![a, b, c]),
            ] {
                let variables = json!({ "parent": parent, "ids": named(&ids, &list) });
                told.insert(name.to_owned(), refused(&app, &kind.reorder(), variables).await);
            }
            all.insert(kind.object.to_owned(), told.into());

            // Any order of all items is valid, including the current one.
            for list in [[c, a, b], [c, a, b], [a, b, c]] {
                let variables = json!({ "parent": ids[kind.parent], "ids": named(&ids, &list) });
                let answer = app.data(&kind.reorder(), variables).await;
                let order = (1..).zip(list).map(|(idx, id)| json!({ "externalId": id, "idx": idx }));
                assert_eq!(answer["it"]["it"], json!(order.collect::<Vec<_>>()));
            }
        }
        insta::assert_json_snapshot!("orders", all);
    }

    async fn invalid_positions_are_refused(app: App) {
        let ids = populate(&app).await;
        let mut all = Map::new();
        for kind in KINDS {
            for (mutation, last) in [("Create", 4), ("Update", 3)] {
                let mutation = format!("{}{mutation}", kind.object);
                let mut input = new(&ids, &mutation);
                // There are three links already.
                if mutation == "posCustomerGroupCreate" {
                    let group = app.create_group("customerGroupName: \"New\"").await;
                    input = json!({ "posProfileId": "POS-1", "customerGroupId": group });
                }
                let mut told = Map::new();
                for idx in [0, -1, i32::MIN, last + 1, i32::MAX] {
                    input["idx"] = idx.into();
                    let complaints = refused(&app, &change(&mutation), json!({ "input": input })).await;
                    told.insert(idx.to_string(), complaints);
                }
                // The last position is valid.
                input["idx"] = last.into();
                let answer = app.data(&change(&mutation), json!({ "input": input })).await;
                assert_eq!(answer["it"]["userErrors"], json!([]));
                // Delete the link, so that there are three again.
                let id = &answer["it"]["it"]["id"];
                if mutation.ends_with("Create") {
                    let delete = format!(
                        "mutation($id: ID!) {{ {}Delete(id: $id) {{ deletedId }} }}", kind.object
                    );
                    app.data(&delete, json!({ "id": id })).await;
                }
                all.insert(mutation, told.into());
            }
        }
        insta::assert_json_snapshot!("places", all);
    }

    async fn positions_in_another_profile_are_checked(app: App) {
        populate(&app).await;
        let update = change("posCustomerGroupUpdate");
        let mut all = Map::new();
        for (name, input) in [
            ("first of none", json!({ "posProfileId": "POS-2", "idx": 0 })),
            ("past the end", json!({ "posProfileId": "POS-2", "idx": 3 })),
            ("past the end of a new one", json!({ "posProfileId": "POS-3", "idx": 2 })),
            ("past the end of its own", json!({ "posProfileId": "POS-1", "idx": 4 })),
        ] {
            all.insert(name.to_owned(), refused(&app, &update, json!({ "input": input })).await);
        }
        insta::assert_json_snapshot!("places_in_another_profile", all);
        for input in [
            json!({ "posProfileId": "POS-2", "idx": 2 }),
            json!({ "posProfileId": "POS-3", "idx": 1 }),
        ] {
            let answer = app.data(&update, json!({ "input": input })).await;
            assert_eq!(answer["it"]["userErrors"], json!([]), "{input}");
        }
    }

    async fn a_parent_has_at_most_500_children_of_a_kind(app: App) {
        let full: Vec<Value> = (0..500).map(|it| json!({
            "company": it.to_string(), "supplierNumber": it.to_string(),
        })).collect();
        let customer = json!({ "customerName": "Full", "externalId": "C", "supplierNumbers": full });
        let created = app.create_as(&app.key, "customer", customer).await;
        let full: Vec<Value> = (0..500).map(|it| json!({
            "tierName": it.to_string(), "minSpent": it, "collectionFactor": 1,
        })).collect();
        let program = json!({
            "loyaltyProgramName": "Full", "externalId": "P", "fromDate": "2026-01-01", "collections": full,
        });
        let program = app.create_as(&app.key, "loyaltyProgram", program).await;
        let number = json!({ "customerId": created[0].0, "supplierNumber": "501", "company": "New" });
        let tier = json!({
            "loyaltyProgramId": program[0].0, "tierName": "New", "minSpent": 501, "collectionFactor": 1,
        });
        let told = [
            refused(&app, &change("supplierNumberAtCustomerCreate"), json!({ "input": number })).await,
            refused(&app, &change("loyaltyProgramCollectionCreate"), json!({ "input": tier })).await,
        ];
        insta::assert_json_snapshot!("one_too_many", told);
    }
}
