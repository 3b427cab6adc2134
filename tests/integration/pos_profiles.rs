//! POS profiles, their links to groups, and the customers that they may sell to.

use clientele::models::api_key::Scope;
use serde_json::{Value, json};

use crate::support::app::App;

const LINK: &str = "id externalId idx posProfileId posProfile { posProfileId }
    customerGroup { customerGroupName } createdAt updatedAt";

/// A compact selection of a profile's links.
const LINKS: &str = "posProfileId posCustomerGroups { idx customerGroup { customerGroupName } }";

impl App {
    async fn link(&self, pos_profile_id: &str, group: &str) -> String {
        let input = json!({ "posProfileId": pos_profile_id, "customerGroupId": group });
        self.create("posCustomerGroup", input).await
    }

    /// The names of the groups that a profile is linked to, in order; `null` if the profile does not exist.
    async fn linked_groups(&self, id: &str) -> Value {
        let profile = self.read("posProfile", id, LINKS).await;
        let Some(links) = profile["posCustomerGroups"].as_array() else { return profile };
        for (link, idx) in links.iter().zip(1..) {
            assert_eq!(link["idx"], idx, "{links:?}");
        }
        links.iter().map(|link| link["customerGroup"]["customerGroupName"].clone()).collect()
    }

    /// The names of the customers that a profile may sell to.
    async fn scope(&self, pos_profile_id: &str) -> Value {
        let scope = "customers(orderBy: { field: CUSTOMER_NAME }) {
            totalCount nodes { customerName } }";
        self.read("posProfile", pos_profile_id, scope).await["customers"].take()
    }

    /// The names of the customers that the filter finds for a profile.
    async fn scope_by_filter(&self, pos_profile_id: &str) -> Value {
        let query = "query($id: String!) {
            customers(filter: { posProfileId: $id }, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { customerName } } }";
        self.data(query, json!({ "id": pos_profile_id })).await["customers"].take()
    }

    /// The `posProfileId`s of the profiles on a page.
    async fn profiles(&self, arguments: Value) -> Value {
        let query = "query($filter: PosProfileFilter, $orderBy: PosProfileOrder) {
            posProfiles(filter: $filter, orderBy: $orderBy) {
                totalCount nodes { posProfileId } } }";
        let data = self.data(query, arguments).await;
        let nodes = data["posProfiles"]["nodes"].as_array().unwrap();
        assert_eq!(data["posProfiles"]["totalCount"], nodes.len());
        nodes.iter().map(|it| it["posProfileId"].clone()).collect()
    }
}

both! {
    async fn a_profile_remains_when_its_last_link_is_deleted(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        assert_eq!(app.linked_groups("till-1").await, Value::Null);
        let selection = format!("posCustomerGroup {{ {LINK} }}");
        let mut created = Vec::new();
        for (group, idx) in [(&shops, None), (&clubs, Some(1))] {
            let input = json!({
                "posProfileId": " till-1", "customerGroupId": group, "idx": idx,
                "externalId": format!("L-{}", created.len()),
            });
            let arguments = json!({ "input": input });
            created.push(app.mutate("posCustomerGroupCreate", arguments, &selection).await);
        }
        insta::assert_json_snapshot!("links_created", created);

        // The profile can be looked up by both of its ids.
        let profile = format!("id posProfileId createdAt updatedAt posCustomerGroups {{ {LINK} }}");
        let found = app.read("posProfile", "till-1", &profile).await;
        insta::assert_json_snapshot!("profile", found);
        let id = found["id"].as_str().unwrap();
        assert_eq!(app.read("posProfile", id, &profile).await, found);

        let mut deleted = Vec::new();
        for external_id in ["L-1", "L-1", "L-0"] {
            let arguments = json!({ "externalId": external_id });
            let payload = app.mutate("posCustomerGroupDelete", arguments, "deletedId").await;
            deleted.push(json!([payload, app.linked_groups("till-1").await]));
        }
        insta::assert_json_snapshot!("links_deleted", deleted);
        assert_eq!(app.read("posProfile", id, "id").await, json!({ "id": id }));
        assert_eq!(app.profiles(json!({})).await, json!(["till-1"]));
    }

    async fn links_keep_their_order(app: App) {
        let mut ids = Vec::new();
        for name in ["A", "B", "C", "D"] {
            let group = app.create_group(&format!("customerGroupName: \"{name}\"")).await;
            ids.push(app.link("till", &group).await);
        }
        let [a, b, c, d] = &ids[..] else { panic!("{ids:?}") };
        let mut orders = vec![app.linked_groups("till").await];
        for (id, idx) in [(a, 4), (d, 1), (d, 1), (c, 2)] {
            let arguments = json!({ "id": id, "input": { "idx": idx } });
            let selection = "posCustomerGroup { idx }";
            let moved = app.mutate("posCustomerGroupUpdate", arguments, selection).await;
            assert_eq!(moved, json!({ "posCustomerGroup": { "idx": idx }, "userErrors": [] }));
            orders.push(app.linked_groups("till").await);
        }
        insta::assert_json_snapshot!("links_moved", orders);

        // Links can refer to the profile by either of its ids.
        let profile = app.read("posProfile", "till", "id").await["id"].take();
        let selection = format!("posCustomerGroups {{ {LINK} }}");
        for (parent, ids) in [(json!("till"), [a, b, c, d]), (profile, [d, a, c, b])] {
            let arguments = json!({ "parentId": parent, "ids": ids });
            let reordered = app.mutate("posCustomerGroupReorder", arguments, &selection).await;
            let listed = app.read("posProfile", "till", &selection).await;
            assert_eq!(reordered["posCustomerGroups"], listed["posCustomerGroups"]);
            orders.push(reordered);
        }
        insta::assert_json_snapshot!("links_reordered", orders.split_off(5));

        app.delete("posCustomerGroup", a).await;
        assert_eq!(app.linked_groups("till").await, json!(["D", "C", "B"]));
    }

    async fn an_update_of_a_link_keeps_omitted_fields(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        app.link("till-2", &shops).await;
        let id = app.create("posCustomerGroup", json!({
            "posProfileId": "till-1", "customerGroupId": shops, "externalId": "L",
        })).await;
        let selection = format!("posCustomerGroup {{ {LINK} }}");
        let mut answers = Vec::new();
        for input in [
            json!({ "customerGroupId": clubs }), json!({ "externalId": null }),
            json!({}), json!({ "customerGroupId": clubs, "posProfileId": "till-1", "idx": 1 }),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let payload = app.mutate("posCustomerGroupUpdate", arguments, &selection).await;
            answers.push(payload);
        }
        insta::assert_json_snapshot!("link_changed", answers);
        assert_eq!(answers[1], answers[2]);
        assert_eq!(answers[1], answers[3]);

        // Moving the link to an unknown profile creates that profile.
        let mut moved = Vec::new();
        for input in [
            json!({ "posProfileId": "till-2", "idx": 1 }), json!({ "posProfileId": "till-3" }),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let payload = app.mutate("posCustomerGroupUpdate", arguments, &selection).await;
            let mut profiles = serde_json::Map::new();
            for profile in ["till-1", "till-2", "till-3"] {
                profiles.insert(profile.to_owned(), app.linked_groups(profile).await);
            }
            moved.push(json!([payload, profiles]));
        }
        insta::assert_json_snapshot!("link_moved_to_other_profiles", moved);
    }

    async fn invalid_links_are_refused(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        let first = app.link("till-1", &shops).await;
        let second = app.create("posCustomerGroup", json!({
            "posProfileId": "till-1", "customerGroupId": clubs, "externalId": "L",
        })).await;
        let other = app.link("till-2", &shops).await;
        let (create, change, reorder) =
            ("posCustomerGroupCreate", "posCustomerGroupUpdate", "posCustomerGroupReorder");
        let link = |profile: &str, group: &str, idx: i32, external_id: &str| json!({ "input": {
            "posProfileId": profile, "customerGroupId": group, "idx": idx,
            "externalId": external_id,
        } });
        let update = |input: Value| json!({ "id": first, "input": input });
        let mut refused = serde_json::Map::new();
        for (rule, mutation, arguments) in [
            ("one link to a group", create, link("till-1", &shops, 1, "")),
            ("an external id of its own", create, link("till-3", &shops, 1, "L")),
            ("a group that there is", create, link("till-3", &first, 1, "")),
            ("a profile", create, link(" ", &shops, 1, "")),
            ("a place in the list", create, link("till-3", &shops, 2, "")),
            ("a group", change, update(json!({ "customerGroupId": null }))),
            ("a profile, for a move", change, update(json!({ "posProfileId": null }))),
            ("one link to a group, for a change", change, update(json!({
                "customerGroupId": clubs,
            }))),
            ("one link to a group, for a move", change, update(json!({
                "posProfileId": "till-2",
            }))),
            ("a place in the list, for a move", change, update(json!({ "idx": 3 }))),
            ("each link once", reorder, json!({
                "parentId": "till-1", "ids": [first, first, second],
            })),
            ("all links", reorder, json!({ "parentId": "till-1", "ids": [second] })),
            ("no other profile's links", reorder, json!({
                "parentId": "till-1", "ids": [first, second, other],
            })),
            ("a profile with links", reorder, json!({ "parentId": "till-3", "ids": [] })),
        ] {
            refused.insert(rule.to_owned(), app.mutate(mutation, arguments, "").await);
        }
        insta::assert_json_snapshot!("link_rules", refused);
        assert_eq!(app.linked_groups("till-1").await, json!(["Shops", "Clubs"]));
        assert_eq!(app.profiles(json!({})).await, json!(["till-2", "till-1"]));
    }

    async fn a_change_of_a_link_marks_the_profile_as_changed(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        let first = app.link("till", &shops).await;
        let second = app.link("till", &clubs).await;
        let third = app.create_group(r#"customerGroupName: "Third""#).await;
        let (change, reorder) = ("posCustomerGroupUpdate", "posCustomerGroupReorder");
        let same = json!({ "customerGroupId": clubs, "posProfileId": "till", "idx": 2 });
        let changes = vec![
            ("created", "posCustomerGroupCreate", json!({ "input": {
                "posProfileId": "till", "customerGroupId": third, "externalId": "L",
            } })),
            ("changed", change, json!({ "id": second, "input": { "externalId": "M" } })),
            ("nothing changed", change, json!({ "id": second, "input": same })),
            ("moved", change, json!({ "externalId": "L", "input": { "idx": 1 } })),
            ("deleted", "posCustomerGroupDelete", json!({ "externalId": "L" })),
            ("same order", reorder, json!({ "parentId": "till", "ids": [first, second] })),
            ("other order", reorder, json!({ "parentId": "till", "ids": [second, first] })),
        ];
        let after = app.after_each(("posProfile", "till"), "createdAt updatedAt", changes).await;
        insta::assert_json_snapshot!("profile_changed_with_links", after);
    }

    async fn a_profile_sells_to_the_customers_of_its_groups(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let below = |name: &str, parent: &str| {
            format!("customerGroupName: \"{name}\", isGroup: true, parentId: \"{parent}\"")
        };
        let shops = app.create_group(&below("Shops", &root)).await;
        let inner = app.create_group(&below("Inner", &shops)).await;
        let clubs = app.create_group(&below("Clubs", &root)).await;
        for (name, group, more, disabled) in [
            ("In shops", &shops, vec![], false), ("In inner", &inner, vec![], false),
            ("In all", &inner, vec![&shops, &root, &clubs], false),
            ("In root", &root, vec![], false), ("In clubs", &clubs, vec![], false),
            ("Disabled", &shops, vec![&inner], true), ("By the way", &clubs, vec![&inner], false),
        ] {
            app.create("customer", json!({
                "customerName": name, "customerGroupId": group, "customerGroupIds": more,
                "disabled": disabled,
            })).await;
        }
        app.create_customer(r#"customerName: "In none""#).await;
        // With links to a group and to its child, each customer is listed once.
        let link = app.link("shops", &shops).await;
        app.link("shops", &inner).await;
        app.link("clubs", &clubs).await;
        app.link("root", &root).await;
        let mut answers = serde_json::Map::new();
        for profile in ["shops", "clubs", "root"] {
            let scope = app.scope(profile).await;
            assert_eq!(app.scope_by_filter(profile).await, scope);
            answers.insert(profile.to_owned(), scope);
        }
        insta::assert_json_snapshot!("scope", answers);

        // Pages, filters and orders within the scope, for several profiles at once.
        let query = "{ posProfiles(orderBy: { field: POS_PROFILE_ID }) { nodes { posProfileId
            customers(first: 2, filter: { customerName: { startsWith: \"in\" } },
                orderBy: { field: CUSTOMER_NAME, direction: DESC }) {
                totalCount nodes { customerName } pageInfo { hasNextPage } } } } }";
        insta::assert_json_snapshot!("scope_pages", app.data(query, json!({})).await);
        let query = "{ customers(
            filter: { posProfileId: \"shops\", not: { posProfileId: \"clubs\" } }
            orderBy: { field: CUSTOMER_NAME }
        ) { totalCount nodes { customerName } } }";
        insta::assert_json_snapshot!("scope_of_one_only", app.data(query, json!({})).await);

        app.delete("posCustomerGroup", &link).await;
        insta::assert_json_snapshot!("scope_less", app.scope("shops").await);
    }

    async fn a_profile_is_created_changed_and_deleted(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let selection = "posProfile { id posProfileId sellsToEveryone createdAt updatedAt createdBy
            lastModifiedBy posCustomerGroups { idx } }";
        let mut answers = Vec::new();
        for input in [
            json!({ "posProfileId": " till-1 " }),
            json!({ "posProfileId": "till-2", "sellsToEveryone": true }),
            json!({ "posProfileId": "till-1" }),
            json!({ "posProfileId": " ", "sellsToEveryone": null }),
        ] {
            let arguments = json!({ "input": input });
            answers.push(app.mutate("posProfileCreate", arguments, selection).await);
        }
        app.link("till-1", &shops).await;
        let key = app.make_key(Scope::Write, "office", None).await;
        for (id, input) in [
            ("till-1", json!({})),
            ("till-1", json!({ "sellsToEveryone": true })),
            ("till-1", json!({ "posProfileId": "till-2" })),
            ("till-1", json!({ "posProfileId": null })),
            ("till-1", json!({ "posProfileId": "till-3", "sellsToEveryone": false })),
            ("till-1", json!({ "sellsToEveryone": true })),
        ] {
            let arguments = json!({ "id": id, "input": input });
            answers.push(app.mutate_as(&key, "posProfileUpdate", arguments, selection).await);
        }
        insta::assert_json_snapshot!("profiles_changed", answers);
        assert_eq!(app.linked_groups("till-3").await, json!(["Shops"]));

        let open = json!({ "filter": { "sellsToEveryone": { "eq": true } } });
        assert_eq!(app.profiles(open).await, json!(["till-2"]));
        let id = app.read("posProfile", "till-3", "id").await["id"].take();
        for (profile, deleted) in [(json!("till-3"), id.clone()), (id, Value::Null)] {
            let arguments = json!({ "id": profile });
            let payload = app.mutate("posProfileDelete", arguments, "deletedId").await;
            assert_eq!(payload["deletedId"], deleted);
            assert_eq!(payload["userErrors"] == json!([]), !deleted.is_null(), "{payload}");
        }
        let links = app.data("{ posCustomerGroups { totalCount } }", json!({})).await;
        assert_eq!(links["posCustomerGroups"]["totalCount"], 0);
    }

    async fn an_unknown_profile_is_an_error(app: App) {
        app.create_customer(r#"customerName: "Ana""#).await;
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        app.link("till-oslo-1", &group).await;
        let known = "{ customers(filter: { posProfileId: \"till-oslo-1\" }) { totalCount } }";
        assert_eq!(app.data(known, json!({})).await["customers"]["totalCount"], 0);
        let mut answers = serde_json::Map::new();
        for query in [
            "{ customers(filter: { posProfileId: \"till-0slo-1\" }) { nodes { customerName } } }",
            "{ customers(filter: { posProfileId: \"till-0slo-1\" }) { totalCount } }",
            "{ customers(filter: { not: { posProfileId: \"till-0slo-1\" } }) { totalCount } }",
            "{ customers(filter: { or: [{ posProfileId: \"till-oslo-1\" }, { posProfileId: \"TILL-OSLO-1\" },
                { disabled: { eq: false } }] }) { totalCount } }",
            "{ customerGroups { nodes { customers(filter: { posProfileId: \"till-0slo-1\" }) { totalCount } } } }",
            "{ customers(filter: { posProfileId: \"p-o-s-profile_00000000000070008000000000000000\" }) { totalCount } }",
            "{ posCustomerGroups(filter: { posProfileId: { eq: \"till-0slo-1\" } }) { totalCount } }",
            "{ posCustomerGroups(filter: { not: { posProfileId: { in: [\"till-oslo-1\", \"till-0slo-1\"] } } }) {
                totalCount } }",
            // For look-ups and lists of profiles themselves, an unknown profile is not an error.
            "{ posProfile(id: \"till-0slo-1\") { id } }",
            "{ posProfiles(filter: { posProfileId: { in: [\"till-oslo-1\", \"till-0slo-1\"] } }) { totalCount } }",
        ] {
            answers.insert(query.to_owned(), app.query(query).await);
        }
        let reorder = json!({ "parentId": "till-0slo-1", "ids": [] });
        answers.insert("reorder".to_owned(), app.mutate("posCustomerGroupReorder", reorder, "").await);
        insta::assert_json_snapshot!("unknown_profiles", answers);
        assert_eq!(app.profiles(json!({})).await, json!(["till-oslo-1"]));
    }

    async fn only_a_profile_with_sells_to_everyone_sells_to_all_customers(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        for (name, group, disabled) in [
            ("Ana", Some(&shops), false), ("Bea", Some(&clubs), false), ("Cid", None, false), ("Dan", Some(&shops), true),
        ] {
            app.create("customer", json!({
                "customerName": name, "customerGroupId": group, "disabled": disabled,
            })).await;
        }
        for (profile, sells_to_everyone) in [("closed", false), ("open", true), ("open too", true)] {
            app.create("posProfile", json!({
                "posProfileId": profile, "sellsToEveryone": sells_to_everyone,
            })).await;
        }
        let link = app.link("shops", &shops).await;
        app.link("open", &shops).await;
        let mut answers = serde_json::Map::new();
        for profile in ["closed", "open", "open too", "shops"] {
            let scope = app.scope(profile).await;
            assert_eq!(app.scope_by_filter(profile).await, scope, "{profile}");
            answers.insert(profile.to_owned(), scope);
        }
        insta::assert_json_snapshot!("open_scope", answers);

        // The scopes of several profiles in one request, with pages, filters and counts.
        let query = "{ posProfiles(orderBy: { field: POS_PROFILE_ID }) { nodes { posProfileId
            customers(first: 1, filter: { not: { customerName: { eq: \"ana\" } } },
                orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { customerName } pageInfo { hasNextPage } } } } }";
        insta::assert_json_snapshot!("open_scope_pages", app.data(query, json!({})).await);
        for (filter, names) in [
            (json!({ "posProfileId": "open", "not": { "posProfileId": "shops" } }), json!(["Bea", "Cid"])),
            (json!({ "not": { "posProfileId": "open" } }), json!(["Dan"])),
            (json!({ "or": [{ "posProfileId": "closed" }, { "posProfileId": "shops" }] }), json!(["Ana"])),
        ] {
            let query = "query($filter: CustomerFilter) {
                customers(filter: $filter, orderBy: { field: CUSTOMER_NAME }) { nodes { customerName } } }";
            let data = app.data(query, json!({ "filter": filter })).await;
            let told = data["customers"]["nodes"].as_array().unwrap().iter();
            let told: Value = told.map(|it| it["customerName"].clone()).collect();
            assert_eq!(told, names, "{filter}");
        }
        // The number of statements depends neither on the number of profiles nor on how many are named.
        let before = app.statements(query, json!({})).await;
        let named = |names: &[&str]| {
            let any: Vec<Value> = names.iter().map(|it| json!({ "posProfileId": it })).collect();
            json!({ "filter": { "or": any } })
        };
        let by_filter = "query($filter: CustomerFilter) { customers(filter: $filter) { nodes { id } } }";
        let of_one = app.statements(by_filter, named(&["open"])).await;
        for number in 0..10 {
            app.create("posProfile", json!({
                "posProfileId": format!("{number}"), "sellsToEveryone": true,
            })).await;
        }
        assert_eq!(app.statements(query, json!({})).await, before);
        assert_eq!(app.statements(by_filter, named(&["0", "1", "2", "3", "4", "5", "6"])).await, of_one);

        // Deleting the last link does not let the profile sell to everyone.
        app.delete("posCustomerGroup", &link).await;
        assert_eq!(app.scope("shops").await, json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(app.scope_by_filter("shops").await, json!({ "totalCount": 0, "nodes": [] }));
    }

    async fn links_of_a_deleted_group_move_to_its_parent(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let group = app.create_group(
            &format!("customerGroupName: \"Shops\", parentId: \"{root}\"")
        ).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        for (profile, groups) in [
            ("of both", vec![&clubs, &group, &root]), ("of shops", vec![&group, &clubs]),
            ("of root", vec![&root]),
        ] {
            for group in groups {
                app.link(profile, group).await;
            }
        }
        let profiles = "customerGroupName posProfiles(orderBy: { field: POS_PROFILE_ID }) {
            totalCount nodes { posProfileId updatedAt
                posCustomerGroups { id idx updatedAt customerGroup { customerGroupName } } } }";
        let before = [
            app.read("customerGroup", &root, profiles).await,
            app.read("customerGroup", &group, profiles).await,
        ];
        insta::assert_json_snapshot!("links_of_groups", before);
        let mut answers = Vec::new();
        for policy in ["RESTRICT", "REASSIGN_TO_PARENT"] {
            let arguments = json!({ "id": group, "policy": policy });
            answers.push(app.mutate("customerGroupDelete", arguments, "deletedId").await);
        }
        answers.push(app.read("customerGroup", &root, profiles).await);
        insta::assert_json_snapshot!("links_moved_to_parent", answers);
        // A profile with links to both groups keeps only the one to the parent, and positions have no gap.
        assert_eq!(app.linked_groups("of both").await, json!(["Clubs", "Root"]));
        assert_eq!(app.linked_groups("of shops").await, json!(["Root", "Clubs"]));
    }

    async fn profiles_are_filtered_and_ordered(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let shops = app.create_group(
            &format!("customerGroupName: \"Shops\", parentId: \"{root}\"")
        ).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        app.link("b", &root).await;
        app.link("a", &shops).await;
        app.link("B", &clubs).await;
        app.link("b", &clubs).await;
        let mut answers = serde_json::Map::new();
        for (name, filter) in [
            ("id", json!({ "posProfileId": { "eq": "b" } })),
            ("ids", json!({ "posProfileId": { "in": ["a", "B", "c"] } })),
            ("group", json!({ "customerGroup": { "in": [shops] } })),
            ("group or above", json!({ "customerGroup": {
                "in": [shops], "includeAncestors": true,
            } })),
            ("groups", json!({ "customerGroup": { "in": [clubs, "nothing"] } })),
            ("no such group", json!({ "customerGroup": { "in": ["nothing"] } })),
            ("not", json!({ "not": { "customerGroup": { "in": [clubs] } } })),
            ("and, or", json!({ "or": [{ "posProfileId": { "eq": "a" } }, { "and": [
                { "customerGroup": { "in": [clubs] } }, { "customerGroup": { "in": [root] } },
            ] }] })),
        ] {
            answers.insert(name.to_owned(), app.profiles(json!({ "filter": filter })).await);
        }
        insta::assert_json_snapshot!("profile_filters", answers);

        let mut answers = serde_json::Map::new();
        for field in ["CREATED_AT", "UPDATED_AT", "POS_PROFILE_ID"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let found = app.profiles(json!({ "orderBy": order })).await;
                answers.insert(format!("{field} {direction}"), found);
            }
        }
        insta::assert_json_snapshot!("profile_orders", answers);
    }
}
