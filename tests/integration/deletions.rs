//! Deletions of groups and programs with their contents, which require the scope admin.

use clientele::{id::NodeType, models::api_key::Scope};
use serde_json::{Value, json};

use crate::support::{app::App, binary::Shell, dump::dump};

const FOREST: &str = "{
    customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes {
        customerGroupName updatedAt
        parentCustomerGroup { customerGroupName } customers { totalCount } } }
    customers(orderBy: { field: CUSTOMER_NAME }) { nodes {
        customerName updatedAt lastModifiedBy
        customerGroup { customerGroupName }
        customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes { customerGroupName } }
        loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName } } }
    loyaltyPrograms(orderBy: { field: LOYALTY_PROGRAM_NAME }) { nodes {
        loyaltyProgramName updatedAt customerGroup { customerGroupName } customers { totalCount } } }
    loyaltyProgramCollections { totalCount }
    posProfiles(orderBy: { field: POS_PROFILE_ID }) { nodes {
        posProfileId updatedAt lastModifiedBy customers { totalCount }
        posCustomerGroups { idx updatedAt customerGroup { customerGroupName } } } }
}";

impl App {
    /// Creates a tree of groups, with objects of all types that refer to them. Returns the id of the group in the
    /// middle, whose name and external id are `Shops`, and of its loyalty program.
    async fn make_full_tree(&self) -> (String, String) {
        let mut groups = std::collections::BTreeMap::new();
        for (name, parent) in [
            ("All", None),
            ("Shops", Some("All")),
            ("North", Some("Shops")),
            ("Oslo", Some("North")),
            ("South", Some("Shops")),
            ("Clubs", Some("All")),
        ] {
            let parent: Option<&String> = parent.map(|parent| &groups[parent]);
            let input = json!({ "customerGroupName": name, "externalId": name, "isGroup": true,
                "parentId": parent });
            groups.insert(name, self.create("customerGroup", input).await);
        }
        let mut programs = Vec::new();
        for (name, group) in [("For Oslo", "Oslo"), ("For shops", "Shops"), ("For all", "All")] {
            let tiers = json!([{ "tierName": "Silver", "collectionFactor": "1" }]);
            let input = json!({ "loyaltyProgramName": name, "fromDate": "2026-01-01",
                "customerGroupId": groups[group], "collections": tiers });
            let made = self
                .mutate(
                    "loyaltyProgramCreate",
                    json!({ "input": input }),
                    "loyaltyProgram { id collections { id } }",
                )
                .await;
            let program = &made["loyaltyProgram"];
            programs.push((program["id"].clone(), program["collections"][0]["id"].clone()));
        }
        for (name, primary, further, program) in [
            ("Ana", Some("Oslo"), vec!["Clubs", "North"], Some(0)),
            ("Bo", Some("Clubs"), vec!["South"], Some(1)),
            ("Cy", Some("Clubs"), vec![], Some(2)),
            ("Di", None, vec!["Oslo"], Some(0)),
            ("Ed", Some("Shops"), vec![], None),
        ] {
            let (program, tier) = program.map(|it: usize| programs[it].clone()).unzip();
            let further: Vec<&String> = further.into_iter().map(|group| &groups[group]).collect();
            self.create(
                "customer",
                json!({ "customerName": name, "externalId": name,
                "customerGroupId": primary.map(|group| &groups[group]), "customerGroupIds": further,
                "loyaltyProgramId": program, "loyaltyProgramTierId": tier }),
            )
            .await;
        }
        // Enrolled customers stay in the program when they leave its group.
        let left = json!({ "externalId": "Oslo", "removeCustomerExternalIds": ["Di"] });
        self.mutate("customerGroupUpdateCustomers", left, "").await;
        for (profile, linked) in [
            ("of all", vec!["All", "Oslo", "Clubs", "Shops"]),
            ("of one", vec!["South"]),
            ("of others", vec!["Clubs"]),
        ] {
            for group in linked {
                let link = json!({ "posProfileId": profile, "customerGroupId": groups[group] });
                self.create("posCustomerGroup", link).await;
            }
        }
        let program = programs[1].0.as_str().unwrap().to_owned();
        (groups.remove("Shops").unwrap(), program)
    }

    /// Asserts that `clientele check` finds no problem.
    fn check(&self) {
        Shell::on(&self.database).succeed(&["check"]);
    }
}

fn delete_group(lookup: &str, policy: &str) -> String {
    format!(
        "mutation {{ customerGroupDelete({lookup}, policy: {policy}) {{
            deletedId userErrors {{ field code message }} }} }}"
    )
}

fn delete_program(lookup: &str, policy: &str) -> String {
    format!(
        "mutation {{ loyaltyProgramDelete({lookup}, policy: {policy}) {{
            deletedId userErrors {{ field code message }} }} }}"
    )
}

both! {
    async fn a_group_is_deleted_with_all_below_it(app: App) {
        let (shops, _) = app.make_full_tree().await;
        let (_, other) = app.make_tenant("bravo").await;
        let input = json!({ "externalId": "Shops", "customerGroupName": "Theirs" });
        let theirs = app.create_as(&other, "customerGroup", input).await;
        insta::assert_json_snapshot!("subtree_before", app.data(FOREST, json!({})).await);

        let before = dump(&app.database).await;
        let mut refused = serde_json::Map::new();
        let office = app.make_key(Scope::Write, "office", None).await;
        let reader = app.make_key(Scope::Read, "reader", None).await;
        let delete = delete_group("externalId: \"Shops\"", "DELETE_SUBTREE");
        for (case, key, query) in [
            ("a key that writes", &office, delete.clone()),
            ("a key that reads", &reader, delete.clone()),
            ("nothing", &office, delete_group("id: \"?\"", "DELETE_SUBTREE")),
            ("nothing, by an administrator", &app.key, delete_group("id: \"?\"", "DELETE_SUBTREE")),
            ("another tenant's", &other, delete_group(&format!("id: \"{shops}\""), "DELETE_SUBTREE")),
            ("unless told how", &office, delete_group("externalId: \"Shops\"", "RESTRICT")),
        ] {
            refused.insert(case.to_owned(), app.query_as(key, &query, json!({})).await);
        }
        insta::assert_json_snapshot!("subtree_refused", refused);
        let mut after = dump(&app.database).await;
        after.insert("api_keys".to_owned(), before["api_keys"].clone());
        assert!(after == before, "something was changed");

        let by = app.make_key(Scope::Admin, "boss", None).await;
        let deleted = app.query_as(&by, &delete, json!({})).await;
        assert_eq!(deleted["data"]["customerGroupDelete"], json!({ "deletedId": shops, "userErrors": [] }));
        insta::assert_json_snapshot!("subtree_after", app.data(FOREST, json!({})).await);
        let again = app.query_as(&by, &delete, json!({})).await;
        insta::assert_json_snapshot!("subtree_again", again);
        let query = "{ customerGroup(externalId: \"Shops\") { id } }";
        let seen = app.query_as(&other, query, json!({})).await;
        assert_eq!(seen["data"]["customerGroup"]["id"], theirs[0].0);
        app.check();
    }

    async fn a_program_is_deleted_with_its_customers_unenrolled(app: App) {
        let (_, program) = app.make_full_tree().await;
        let (_, other) = app.make_tenant("bravo").await;
        let before = dump(&app.database).await;
        let mut refused = serde_json::Map::new();
        let office = app.make_key(Scope::Write, "office", None).await;
        let reader = app.make_key(Scope::Read, "reader", None).await;
        let lookup = format!("id: \"{program}\"");
        for (case, key, lookup, policy) in [
            ("a key that writes", &office, &*lookup, "UNENROLL_CUSTOMERS"),
            ("a key that reads", &reader, &lookup, "UNENROLL_CUSTOMERS"),
            ("nothing", &office, "id: \"?\"", "UNENROLL_CUSTOMERS"),
            ("nothing, by an administrator", &app.key, "id: \"?\"", "UNENROLL_CUSTOMERS"),
            ("another tenant's", &other, &lookup, "UNENROLL_CUSTOMERS"),
            ("unless told how", &office, &lookup, "RESTRICT"),
        ] {
            let query = delete_program(lookup, policy);
            refused.insert(case.to_owned(), app.query_as(key, &query, json!({})).await);
        }
        insta::assert_json_snapshot!("unenrolling_refused", refused);
        let mut after = dump(&app.database).await;
        after.insert("api_keys".to_owned(), before["api_keys"].clone());
        assert!(after == before, "something was changed");

        let by = app.make_key(Scope::Admin, "boss", None).await;
        let delete = delete_program(&lookup, "UNENROLL_CUSTOMERS");
        let deleted = app.query_as(&by, &delete, json!({})).await;
        assert_eq!(deleted["data"]["loyaltyProgramDelete"], json!({ "deletedId": program, "userErrors": [] }));
        insta::assert_json_snapshot!("unenrolled", app.data(FOREST, json!({})).await);
        let again = app.query_as(&by, &delete, json!({})).await;
        assert_eq!(again["data"]["loyaltyProgramDelete"]["userErrors"][0]["code"], "NOT_FOUND");
        app.check();
    }

    async fn the_statements_of_a_deletion_do_not_grow_with_what_it_deletes(app: App) {
        let mut counts = Vec::new();
        for size in [1, 12] {
            let root = app.create("customerGroup", json!({ "customerGroupName": "R", "isGroup": true })).await;
            let mut programs = Vec::new();
            for number in 0..size {
                let group = app.create("customerGroup",
                    json!({ "customerGroupName": "G", "parentId": root })).await;
                let program = app.create("loyaltyProgram", json!({ "loyaltyProgramName": "P",
                    "fromDate": "2026-01-01", "customerGroupId": group,
                    "collections": [{ "tierName": "T", "collectionFactor": "1" }] })).await;
                for _ in 0..3 {
                    app.create("customer", json!({ "customerName": "C", "customerGroupId": group,
                        "loyaltyProgramId": program })).await;
                }
                app.create("posCustomerGroup", json!({ "posProfileId": format!("till {}", number % 5),
                    "customerGroupId": group })).await;
                programs.push(program);
            }
            let by_id = |id: &str| format!("id: \"{id}\"");
            let program = delete_program(&by_id(&programs[0]), "UNENROLL_CUSTOMERS");
            let group = delete_group(&by_id(&root), "DELETE_SUBTREE");
            // Another program, which is deleted together with the group.
            let spare = json!({ "loyaltyProgramName": "P", "fromDate": "2026-01-01", "customerGroupId": root });
            app.create("loyaltyProgram", spare).await;
            counts.push([app.statements(&program, json!({})).await, app.statements(&group, json!({})).await]);
        }
        assert_eq!(counts[0], counts[1]);
        let left = "{ customerGroups { totalCount } loyaltyPrograms { totalCount }
            posCustomerGroups { totalCount } customers(filter: { customerGroup: { in: [] } }) { totalCount } }";
        let left = app.data(left, json!({})).await;
        assert!(left.as_object().unwrap().values().all(|it| it["totalCount"] == 0), "{left}");
    }

    async fn a_tree_of_10_000_groups_is_deleted(app: App) {
        let root = app.create("customerGroup", json!({ "customerGroupName": "R", "isGroup": true })).await;
        let deepest = app.insert_branches(NodeType::CustomerGroup.parse(&root).unwrap()).await;
        let deepest = NodeType::CustomerGroup.id(deepest).to_string();
        let customer = app.create("customer", json!({ "customerName": "Ana", "customerGroupId": deepest })).await;
        let start = std::time::Instant::now();
        let deleted = app.data(&delete_group(&format!("id: \"{root}\""), "DELETE_SUBTREE"), json!({})).await;
        // Well below the statement timeout of 30 seconds.
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        assert_eq!(deleted["customerGroupDelete"]["deletedId"], json!(root));
        let data = app.data("{ customerGroups { totalCount } }", json!({})).await;
        assert_eq!(data["customerGroups"]["totalCount"], 0);
        let groups: Value = app.read("customer", &customer, "customerGroup { id } customerGroups { totalCount }").await;
        assert_eq!(groups, json!({ "customerGroup": null, "customerGroups": { "totalCount": 0 } }));
        app.check();
    }
}
