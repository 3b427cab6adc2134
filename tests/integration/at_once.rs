//! Concurrent changes of the same objects by several clients.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::App;

/// Number of concurrent changes.
const CHANGES: usize = 30;

const ADD_TIER: &str = "mutation($id: ID!, $name: String!, $minSpent: Decimal!, $idx: Int) {
    it: loyaltyProgramCollectionCreate(input: { loyaltyProgramId: $id, tierName: $name,
        minSpent: $minSpent, collectionFactor: \"1\", idx: $idx }) {
            made: loyaltyProgramCollection { id } userErrors { code } } }";
const DELETE_TIER: &str = "mutation($id: ID!) {
    it: loyaltyProgramCollectionDelete(id: $id) { deletedId userErrors { code } } }";
const REORDER_TIERS: &str = "mutation($id: ID!, $ids: [ID!]!) {
    it: loyaltyProgramCollectionReorder(parentId: $id, ids: $ids) { userErrors { code } } }";
const TIERS: &str = "query($id: ID!) { parent: loyaltyProgram(id: $id) {
    items: collections { id idx } } }";

const ADD_LINK: &str = "mutation($id: String!, $group: ID!, $idx: Int) {
    it: posCustomerGroupCreate(input: { posProfileId: $id, customerGroupId: $group, idx: $idx }) {
        made: posCustomerGroup { id } userErrors { code } } }";
const MOVE_LINK: &str = "mutation($id: ID!, $to: String!, $idx: Int) {
    it: posCustomerGroupUpdate(id: $id, input: { posProfileId: $to, idx: $idx }) {
        moved: posCustomerGroup { id } userErrors { code } } }";
const DELETE_LINK: &str = "mutation($id: ID!) {
    it: posCustomerGroupDelete(id: $id) { deletedId userErrors { code } } }";
const REORDER_LINKS: &str = "mutation($id: ID!, $ids: [ID!]!) {
    it: posCustomerGroupReorder(parentId: $id, ids: $ids) { userErrors { code } } }";
const LINKS: &str = "query($id: ID!) { parent: posProfile(id: $id) {
    items: posCustomerGroups { id idx } } }";

const ADD_MEMBERS: &str = "mutation($id: ID!, $customers: [ID!]!) {
    it: customerGroupUpdateCustomers(id: $id, addCustomerIds: $customers) {
        group: customerGroup { id } userErrors { code } } }";
const REMOVE_MEMBERS: &str = "mutation($id: ID!, $customers: [ID!]!) {
    it: customerGroupUpdateCustomers(id: $id, removeCustomerIds: $customers) {
        group: customerGroup { id } userErrors { code } } }";
const DELETE_GROUP: &str = "mutation($id: ID!) {
    it: customerGroupDelete(id: $id, policy: REASSIGN_TO_PARENT) { deletedId userErrors { code } } }";
const DELETE_SUBTREE: &str = "mutation($id: ID!) {
    it: customerGroupDelete(id: $id, policy: DELETE_SUBTREE) { deletedId userErrors { code } } }";
const SET_GROUP: &str = "mutation($id: ID!, $group: ID!) {
    it: customerUpdate(id: $id, input: { customerGroupId: $group }) {
        customer { id } userErrors { code } } }";
const SET_PROGRAM: &str = "mutation($id: ID!, $program: ID!) {
    it: customerUpdate(id: $id, input: { loyaltyProgramId: $program }) {
        customer { id } userErrors { code } } }";
const DELETE_PROGRAM: &str = "mutation($id: ID!) {
    it: loyaltyProgramDelete(id: $id, policy: UNENROLL_CUSTOMERS) { deletedId userErrors { code } } }";

impl App {
    /// Sends all requests concurrently and returns the payloads. A concurrent change may cause a conflict without a
    /// payload. No other error is allowed.
    async fn at_once(&self, asked: Vec<(&str, Value)>) -> Vec<Value> {
        let answers = asked.into_iter().map(|(query, variables)| self.query_with(query, variables));
        let payload = |mut answer: Value| {
            if let Some(error) = answer.get("errors") {
                assert_eq!(error[0]["extensions"]["code"], "CONFLICT", "{answer}");
            }
            answer["data"]["it"].take()
        };
        join_all(answers).await.into_iter().map(payload).collect()
    }

    /// The ids of a parent's items. Asserts that their positions have no gaps.
    async fn items(&self, query: &str, parent: &str) -> Vec<String> {
        let data = self.data(query, json!({ "id": parent })).await;
        let Some(items) = data["parent"]["items"].as_array() else { return Vec::new() };
        let places: Vec<_> = items.iter().map(|item| item["idx"].clone()).collect();
        assert_eq!(places, (1..=items.len()).map(|place| json!(place)).collect::<Vec<_>>());
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn make_program(&self) -> String {
        let create = "mutation { loyaltyProgramCreate(input: { loyaltyProgramName: \"P\",
            fromDate: \"2026-01-01\",
            collections: [{ tierName: \"0\", minSpent: \"0\", collectionFactor: \"1\" }] }) {
                loyaltyProgram { id } } }";
        let data = self.data(create, json!({})).await;
        data["loyaltyProgramCreate"]["loyaltyProgram"]["id"].as_str().unwrap().to_owned()
    }

    async fn make_groups(&self, count: usize) -> Vec<String> {
        let mut groups = Vec::new();
        for number in 0..count {
            groups.push(self.create_group(&format!("customerGroupName: \"G{number}\"")).await);
        }
        groups
    }
}

/// The ids of created and of deleted objects in the payloads.
fn told(payloads: &[Value]) -> (Vec<String>, Vec<String>) {
    let ids = |id: fn(&Value) -> &Value| {
        payloads.iter().filter_map(move |it| id(it).as_str().map(str::to_owned)).collect()
    };
    (ids(|it| &it["made"]["id"]), ids(|it| &it["deletedId"]))
}

/// Asserts that each previous or created item, except deleted ones, exists once.
fn check_none_lost(before: Vec<String>, payloads: &[Value], after: &[String]) {
    let (made, deleted) = told(payloads);
    assert_eq!(deleted.iter().collect::<HashSet<_>>().len(), deleted.len(), "twice: {deleted:?}");
    let mut expected: Vec<String> =
        before.into_iter().chain(made).filter(|id| !deleted.contains(id)).collect();
    let mut after = after.to_vec();
    expected.sort();
    after.sort();
    assert_eq!(after, expected);
}

fn reversed(ids: &[String], rotation: usize) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().rev().cloned().collect();
    let count = ids.len().max(1);
    ids.rotate_left(rotation % count);
    ids
}

both! {
    async fn a_customer_added_to_a_group_during_its_deletion_moves_to_the_parent(app: App) {
        for round in 0..6 {
            let parent = app.create_group(&format!("customerGroupName: \"P{round}\", isGroup: true")).await;
            let group = app.create_group(&format!("customerGroupName: \"G\", parentId: \"{parent}\"")).await;
            let mut customers = Vec::new();
            for number in 0..CHANGES {
                customers.push(app.create_customer(&format!("customerName: \"C{number}\"")).await);
            }
            let mut asked: Vec<(&str, Value)> = customers
                .iter()
                .map(|it| (ADD_MEMBERS, json!({ "id": group, "customers": [it] })))
                .collect();
            asked.insert(CHANGES / 2, (DELETE_GROUP, json!({ "id": group })));
            let mut payloads = app.at_once(asked).await;
            // They wait for each other, and none is rejected.
            assert_eq!(payloads.remove(CHANGES / 2)["deletedId"], json!(group));
            for (customer, payload) in customers.iter().zip(&payloads) {
                let joined = payload["group"]["id"].is_string();
                let groups = app.read("customer", customer, "customerGroups { totalCount }").await;
                assert_eq!(groups["customerGroups"]["totalCount"], usize::from(joined), "{payload}");
            }
        }
    }

    async fn a_subtree_used_concurrently_is_deleted_completely(app: App) {
        for round in 0..4 {
            let root = app.create_group(&format!("customerGroupName: \"R{round}\", isGroup: true")).await;
            let below = app.create_group(
                &format!("customerGroupName: \"B\", isGroup: true, parentId: \"{root}\"")
            ).await;
            let mut customers = Vec::new();
            for number in 0..CHANGES {
                customers.push(app.create_customer(&format!("customerName: \"C{number}\"")).await);
            }
            let create = "mutation($parent: ID!) {
                it: customerGroupCreate(input: { customerGroupName: \"N\", parentId: $parent }) {
                    made: customerGroup { id } userErrors { code } } }";
            let mut asked: Vec<(&str, Value)> = customers.iter().enumerate().map(|(number, customer)| {
                match number % 4 {
                    0 => (ADD_MEMBERS, json!({ "id": below, "customers": [customer] })),
                    1 => (SET_GROUP, json!({ "id": customer, "group": root })),
                    2 => (ADD_LINK, json!({ "id": format!("till {}", number % 3), "group": below })),
                    _ => (create, json!({ "parent": below })),
                }
            }).collect();
            asked.insert(CHANGES / 2, (DELETE_SUBTREE, json!({ "id": root })));
            let deleted = app.at_once(asked).await.remove(CHANGES / 2);
            // It may have conflicted with another change. Then none of it was deleted.
            if deleted["deletedId"].is_null() {
                app.data(DELETE_SUBTREE, json!({ "id": root })).await;
            }
            let left = "{ customerGroups { totalCount } posCustomerGroups { totalCount }
                customers(first: 100) { nodes { customerGroup { id } customerGroups { totalCount } } } }";
            let left = app.data(left, json!({})).await;
            assert_eq!(left["customerGroups"]["totalCount"], 0);
            assert_eq!(left["posCustomerGroups"]["totalCount"], 0);
            for customer in left["customers"]["nodes"].as_array().unwrap() {
                assert_eq!(customer, &json!({ "customerGroup": null, "customerGroups": { "totalCount": 0 } }));
            }
        }
    }

    async fn a_program_joined_concurrently_is_deleted_completely(app: App) {
        for _ in 0..4 {
            let program = app.make_program().await;
            let mut customers = Vec::new();
            for number in 0..CHANGES {
                customers.push(app.create_customer(&format!("customerName: \"C{number}\"")).await);
            }
            let join = |customer: &String| (SET_PROGRAM, json!({ "id": customer, "program": program }));
            let mut asked: Vec<(&str, Value)> = customers.iter().map(join).collect();
            asked.insert(CHANGES / 2, (DELETE_PROGRAM, json!({ "id": program })));
            let deleted = app.at_once(asked).await.remove(CHANGES / 2);
            if deleted["deletedId"].is_null() {
                app.data(DELETE_PROGRAM, json!({ "id": program })).await;
            }
            let left = "{ loyaltyPrograms { totalCount }
                customers(first: 100) { nodes { loyaltyProgram { id } loyaltyProgramTier { id } } } }";
            let left = app.data(left, json!({})).await;
            assert_eq!(left["loyaltyPrograms"]["totalCount"], 0);
            for customer in left["customers"]["nodes"].as_array().unwrap() {
                assert_eq!(customer, &json!({ "loyaltyProgram": null, "loyaltyProgramTier": null }));
            }
        }
    }

    async fn concurrent_additions_of_members_do_not_deadlock(app: App) {
        let group = app.create_group("customerGroupName: \"G\"").await;
        let mut customers = Vec::new();
        for number in 0..100 {
            customers.push(app.create_customer(&format!("customerName: \"C{number}\"")).await);
        }
        let backwards: Vec<&String> = customers.iter().rev().collect();
        for _ in 0..10 {
            let asked = [json!(customers), json!(backwards), json!(customers), json!(backwards)];
            let add = |ids: Value| (ADD_MEMBERS, json!({ "id": group, "customers": ids }));
            let payloads = app.at_once(asked.into_iter().map(add).collect()).await;
            assert!(payloads.iter().all(|it| it["group"]["id"].is_string()), "{payloads:?}");
            let remove = json!({ "id": group, "customers": customers });
            app.data(REMOVE_MEMBERS, remove).await;
        }
    }

    async fn concurrent_merges_of_two_customers_succeed_once(app: App) {
        const MERGE: &str = "mutation($survivor: ID!, $absorbed: ID!) {
            it: customerMerge(survivorId: $survivor, absorbedId: $absorbed) {
                survivor { id } userErrors { code } } }";
        const UNMERGE: &str = "mutation($absorbed: ID!) {
            it: customerUnmerge(absorbedId: $absorbed, discardChanges: true) {
                survivor { id } userErrors { code } } }";
        const CHANGE: &str = "mutation($id: ID!, $text: String!) {
            it: customerAddressCreate(input: { customerId: $id, externalId: $text }) {
                made: customerAddress { customerId } userErrors { code } } }";
        for _ in 0..6 {
            let mut ids = Vec::new();
            for name in ["A", "B", "C"] {
                ids.push(app.create("customer", json!({ "customerName": name })).await);
            }
            let merge = |survivor: usize, absorbed: usize| {
                (MERGE, json!({ "survivor": ids[survivor], "absorbed": ids[absorbed] }))
            };
            // Merges in both directions, twice, and in a cycle, while other requests change the merged customers.
            let mut asked = vec![merge(0, 1), merge(1, 0), merge(0, 1), merge(1, 2), merge(2, 0), merge(2, 1)];
            asked.extend(ids.iter().map(|id| (CHANGE, json!({ "id": id, "text": id }))));
            let payloads = app.at_once(asked).await;
            let merged = payloads.iter().take(6).filter(|it| it["survivor"]["id"].is_string()).count();
            let changed = payloads.iter().skip(6).filter(|it| it["made"]["customerId"].is_string()).count();
            for payload in payloads.iter().take(6) {
                let code = &payload["userErrors"][0]["code"];
                assert!(payload.is_null() || code.is_null() || code == "MERGED", "{payload}");
            }
            let left = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id addresses { id } } } }";
            let found = app.data(left, json!({ "ids": ids })).await["nodes"].take();
            let mut survivors: HashMap<&str, usize> = HashMap::new();
            for node in found.as_array().unwrap() {
                let addresses = node["addresses"].as_array().unwrap().len();
                survivors.insert(node["id"].as_str().unwrap(), addresses);
            }
            // Each merge has removed one customer, and no address is lost.
            assert_eq!(survivors.len() + merged, 3, "{payloads:?}");
            assert!((1..=2).contains(&merged), "{payloads:?}");
            assert_eq!(survivors.values().sum::<usize>(), changed, "{payloads:?}");

            // Although all requests undo the merges concurrently, each merge is undone once.
            let mut undone = 0;
            for _ in 0..merged {
                let unmerge = ids.iter().chain(&ids).map(|id| (UNMERGE, json!({ "absorbed": id })));
                let payloads = app.at_once(unmerge.collect()).await;
                undone += payloads.iter().filter(|it| it["survivor"]["id"].is_string()).count();
            }
            assert!(undone <= merged, "{undone} of {merged}");
            let found = app.data(left, json!({ "ids": ids })).await["nodes"].take();
            let survivors: HashSet<String> =
                found.as_array().unwrap().iter().map(|it| it["id"].to_string()).collect();
            assert_eq!(survivors.len(), 3 - merged + undone);
        }
    }

    async fn concurrent_changes_of_tiers_neither_lose_nor_duplicate_any(app: App) {
        let program = app.make_program().await;
        let add = |number: usize, idx: Option<usize>| (ADD_TIER, json!({
            "id": program, "name": number.to_string(), "minSpent": number, "idx": idx,
        }));
        app.at_once((1..10).map(|number| add(number, None)).collect()).await;
        let before = app.items(TIERS, &program).await;
        assert_eq!(before.len(), 10);

        let asked = (0..CHANGES).map(|number| match number % 3 {
            0 => add(100 + number, Some(1 + number % 4)),
            1 => (DELETE_TIER, json!({ "id": before[1 + number / 6] })),
            _ => (REORDER_TIERS, json!({ "id": program, "ids": reversed(&before, number) })),
        });
        let payloads = app.at_once(asked.collect()).await;
        let after = app.items(TIERS, &program).await;
        check_none_lost(before, &payloads, &after);

        // Reorderings change only the order, and the last one wins.
        let orders: Vec<_> = (0..CHANGES).map(|number| reversed(&after, number)).collect();
        let asked = orders.iter().map(|ids| (REORDER_TIERS, json!({ "id": program, "ids": ids })));
        app.at_once(asked.collect()).await;
        assert!(orders.contains(&app.items(TIERS, &program).await));
    }

    async fn of_conflicting_tiers_created_concurrently_one_is_stored(app: App) {
        let program = app.make_program().await;
        let add = |number: usize| (ADD_TIER, json!({
            "id": program, "name": (number % 5).to_string(), "minSpent": 1 + number % 5,
        }));
        app.at_once((5..CHANGES).map(add).collect()).await;
        // The initial one has the name 0.
        assert_eq!(app.items(TIERS, &program).await.len(), 5);
    }

    async fn concurrent_links_of_a_new_profile_are_neither_lost_nor_duplicated(app: App) {
        let groups = app.make_groups(CHANGES).await;
        let add = |group: &String| (ADD_LINK, json!({ "id": "till", "group": group }));
        let payloads = app.at_once(groups.iter().map(add).collect()).await;
        let before = app.items(LINKS, "till").await;
        check_none_lost(Vec::new(), &payloads, &before);
        // There was no conflict.
        assert_eq!(before.len(), CHANGES);
        let profiles = app.data("{ posProfiles { totalCount } }", json!({})).await;
        assert_eq!(profiles["posProfiles"]["totalCount"], 1);

        let more = app.make_groups(CHANGES).await;
        let asked = (0..CHANGES).map(|number| match number % 3 {
            0 => (ADD_LINK, json!({ "id": "till", "group": more[number], "idx": 1 })),
            1 => (DELETE_LINK, json!({ "id": before[number / 6] })),
            _ => (REORDER_LINKS, json!({ "id": "till", "ids": reversed(&before, number) })),
        });
        let payloads = app.at_once(asked.collect()).await;
        check_none_lost(before, &payloads, &app.items(LINKS, "till").await);
    }

    async fn links_are_added_while_the_last_one_is_deleted(app: App) {
        let groups = app.make_groups(CHANGES).await;
        let mut before = Vec::new();
        // Repeatedly, the last link is deleted while others are added.
        for round in groups.chunks(6) {
            let asked = before.iter().map(|id| (DELETE_LINK, json!({ "id": id })));
            let add = |group: &String| (ADD_LINK, json!({ "id": "till", "group": group }));
            let payloads = app.at_once(asked.chain(round.iter().map(add)).collect()).await;
            let after = app.items(LINKS, "till").await;
            check_none_lost(before, &payloads, &after);
            // There was no conflict.
            assert_eq!(after.len(), round.len());
            let profile = app.data("{ posProfile(id: \"till\") { id } }", json!({})).await;
            assert_eq!(profile["posProfile"].is_null(), after.is_empty());
            before = after;
        }
    }

    async fn links_that_move_concurrently_are_neither_lost_nor_duplicated(app: App) {
        let groups = app.make_groups(12).await;
        let mut before = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            let id = ["north", "south"][number % 2];
            let payloads = app.at_once(vec![(ADD_LINK, json!({ "id": id, "group": group }))]).await;
            before.extend(told(&payloads).0);
        }
        // Some links move back and forth, some to the profile that the others come from, and some to a profile without
        // links.
        let asked = (0..CHANGES).map(|number| {
            let to = ["south", "north", "east"][(number + number / 12) % 3];
            let idx = number.is_multiple_of(2).then_some(1);
            (MOVE_LINK, json!({ "id": before[number % 12], "to": to, "idx": idx }))
        });
        app.at_once(asked.collect()).await;
        let mut after = Vec::new();
        for profile in ["north", "south", "east"] {
            after.extend(app.items(LINKS, profile).await);
        }
        check_none_lost(before, &[], &after);

        // A link that is being moved can still be deleted.
        let asked = after.iter().enumerate().flat_map(|(number, id)| {
            let to = |number: usize| ["south", "north", "east"][number % 3];
            let move_it = |to| (MOVE_LINK, json!({ "id": id, "to": to }));
            [move_it(to(number)), (DELETE_LINK, json!({ "id": id })), move_it(to(number + 1))]
        });
        let (_, deleted) = told(&app.at_once(asked.collect()).await);
        assert_eq!(deleted.len(), after.len());
    }

    async fn concurrent_changes_leave_one_primary_address(app: App) {
        let customer = app.create_customer(r#"customerName: "Ana""#).await;
        let add = "mutation($id: ID!, $isPrimary: Boolean) {
            it: customerAddressCreate(input: { customerId: $id, isPrimary: $isPrimary }) {
                made: customerAddress { id } userErrors { code } } }";
        let change = "mutation($id: ID!) {
            it: customerAddressUpdate(id: $id, input: { isPrimary: true }) {
                customerAddress { isPrimary } userErrors { code } } }";
        let set = "mutation($id: ID!, $address: ID!) {
            it: customerUpdate(id: $id, input: { primaryAddressId: $address }) {
                customer { primaryAddress { id } } userErrors { code } } }";
        let there = (0..4).map(|_| (add, json!({ "id": customer })));
        let (there, _) = told(&app.at_once(there.collect()).await);
        assert_eq!(there.len(), 4);
        let query = "query($id: ID!) { customer(id: $id) {
            primaryAddress { id } addresses { id isPrimary } } }";
        for round in 0..10 {
            let primary = app.at_once(vec![
                (add, json!({ "id": customer, "isPrimary": true })),
                (change, json!({ "id": there[round % 4] })),
                (change, json!({ "id": there[(round + 1) % 4] })),
                (set, json!({ "id": customer, "address": there[(round + 2) % 4] })),
            ]).await;
            // At least one of them succeeded.
            assert!(primary.iter().any(|it| it["userErrors"] == json!([])), "{primary:?}");
            let customer = app.data(query, json!({ "id": customer })).await["customer"].take();
            let addresses = customer["addresses"].as_array().unwrap();
            let primary: Vec<_> = addresses.iter().filter(|it| it["isPrimary"] == true).collect();
            assert_eq!(primary.len(), 1, "{customer}");
            assert_eq!(primary[0]["id"], customer["primaryAddress"]["id"]);
        }
    }
}
