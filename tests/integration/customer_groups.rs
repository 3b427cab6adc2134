//! Groups: the tree and its rules, membership, deletion.

use clientele::{db::types::Uid, id::NodeType, models::customer::CustomerAttributes};
use serde_json::{Value, json};

use crate::support::{app::App, database::Backend};

const GROUP: &str = "id externalId customerGroupName isGroup depth parentId
    parentCustomerGroup { customerGroupName } defaultPriceList paymentTerms
    paymentTermsDays creditLimit language
    createdAt updatedAt createdBy lastModifiedBy";

impl App {
    /// Creates a group that may have children, below `parent` or as a root.
    async fn make_parent(&self, name: &str, parent: Option<&str>) -> String {
        let parent = parent.map(|id| format!("parentId: \"{id}\"")).unwrap_or_default();
        self.create_group(&format!("customerGroupName: \"{name}\", isGroup: true, {parent}")).await
    }

    async fn update_group(&self, id: &str, input: Value) -> Value {
        let mutation = format!(
            "mutation($id: ID!, $input: CustomerGroupUpdateInput!) {{
                customerGroupUpdate(id: $id, input: $input) {{
                    customerGroup {{ {GROUP} }} userErrors {{ field code message }} }} }}"
        );
        self.query_with(&mutation, json!({ "id": id, "input": input })).await
    }

    async fn delete_group(&self, id: &str, policy: &str) -> Value {
        let mutation = format!(
            "mutation($id: ID!) {{ customerGroupDelete(id: $id, policy: {policy}) {{
                deletedId userErrors {{ field code message }} }} }}"
        );
        self.query_with(&mutation, json!({ "id": id })).await
    }

    async fn update_members(&self, id: &str, add: &[&str], remove: &[&str]) -> Value {
        let mutation = "mutation($id: ID!, $add: [ID!]!, $remove: [ID!]!) {
            customerGroupUpdateCustomers(
                id: $id, addCustomerIds: $add, removeCustomerIds: $remove
            ) {
                customerGroup { customers(orderBy: { field: CUSTOMER_NAME }) {
                    totalCount nodes { customerName } } }
                userErrors { field code message } } }";
        self.query_with(mutation, json!({ "id": id, "add": add, "remove": remove })).await
    }

    /// Inserts 10,000 groups below `root`, in a hundred branches that are ten levels deep. Returns the id of the last
    /// group. Creating them through the API would take longer than the test.
    pub async fn insert_branches(&self, root: Uid) -> Uid {
        let literal = |uid: Uid| match self.database.backend {
            Backend::Sqlite => format!("x'{uid}'"),
            Backend::Postgres => format!("'{uid}'"),
        };
        let (mut rows, mut last) = (Vec::new(), root);
        for _ in 0..100 {
            let mut path = vec![root];
            for number in 0..100 {
                path.truncate(number % 10 + 1);
                let (uid, at) = self.clock.new_id();
                let parent = *path.last().unwrap();
                rows.push(format!(
                    "('acme', {}, {}, true, 'n', 'n', '{at}', '{at}', 'setup', 'setup')",
                    literal(uid),
                    literal(parent)
                ));
                path.push(uid);
                last = uid;
            }
        }
        let insert = format!(
            "INSERT INTO customer_groups (tenant_id, id, parent_id, is_group, customer_group_name,
                customer_group_name_key, created_at, updated_at, created_by, last_modified_by)
             VALUES {}",
            rows.join(",")
        );
        let mut lease = self.db.write().await.unwrap();
        lease.conn().batch_execute(&insert).await.unwrap();
        last
    }

    /// The whole forest, as names indented by their depth.
    async fn forest(&self) -> String {
        let query = "{ customerGroups(first: 100, filter: { isRoot: true },
            orderBy: { field: CUSTOMER_GROUP_NAME }) {
                nodes { customerGroupName depth descendants { customerGroupName depth } } } }";
        let data = self.data(query, json!({})).await;
        let mut lines = Vec::new();
        for root in data["customerGroups"]["nodes"].as_array().unwrap() {
            for group in std::iter::once(root).chain(root["descendants"].as_array().unwrap()) {
                let depth = usize::try_from(group["depth"].as_u64().unwrap()).unwrap();
                let name = group["customerGroupName"].as_str().unwrap();
                lines.push(format!("{}{name}", "  ".repeat(depth - 1)));
            }
        }
        lines.join("\n")
    }
}

both! {
    async fn a_group_is_created_changed_and_deleted(app: App) {
        let parent = app.make_parent("Retail", None).await;
        let create = format!(
            "mutation($input: CustomerGroupCreateInput!) {{ customerGroupCreate(input: $input) {{
                customerGroup {{ {GROUP} }} userErrors {{ field code message }} }} }}"
        );
        let input = json!({
            "customerGroupName": "Norden", "externalId": "north", "parentId": parent,
            "isGroup": true, "defaultPriceList": "Retail", "paymentTerms": "Net 30",
            "paymentTermsDays": 30, "creditLimit": "1000.50", "language": "nb",
        });
        let created = app.query_with(&create, json!({ "input": input })).await;
        insta::assert_json_snapshot!("group_created", created);
        let group = &created["data"]["customerGroupCreate"]["customerGroup"];
        let id = group["id"].as_str().unwrap();

        // An omitted field keeps its value, and null clears it.
        let changed = app.update_group(id, json!({
            "customerGroupName": "Nordics", "paymentTerms": null, "isGroup": null,
            "paymentTermsDays": null, "creditLimit": 0,
        })).await;
        insta::assert_json_snapshot!("group_changed", changed);

        // A change without effect is not written.
        let again = app.update_group(id, json!({ "customerGroupName": "Nordics" })).await;
        assert_eq!(again, changed);

        let by_external_id = format!("{{ customerGroup(externalId: \"north\") {{ {GROUP} }} }}");
        let found = app.data(&by_external_id, json!({})).await;
        assert_eq!(
            found["customerGroup"],
            changed["data"]["customerGroupUpdate"]["customerGroup"]
        );

        insta::assert_json_snapshot!("group_deleted", app.delete_group(id, "RESTRICT").await);
        let found = app.data(&by_external_id, json!({})).await;
        assert_eq!(found, json!({ "customerGroup": null }));
        let again = app.delete_group(id, "RESTRICT").await;
        insta::assert_json_snapshot!("group_deleted_again", again);
    }

    async fn ancestors_and_descendants_are_ordered(app: App) {
        let all = app.make_parent("All", None).await;
        let west = app.make_parent("West", Some(&all)).await;
        let east = app.make_parent("éast", Some(&all)).await;
        app.make_parent("Zagreb", Some(&east)).await;
        let ankara = app.make_parent("Ankara", Some(&east)).await;
        app.make_parent("Inner", Some(&ankara)).await;
        app.make_parent("Lyon", Some(&west)).await;
        app.make_parent("Another root", None).await;
        insta::assert_snapshot!("tree_in_order", app.forest().await);

        let query = "query($id: ID!) { customerGroup(id: $id) {
            depth
            ancestors { customerGroupName depth }
            below: descendants(maxDepth: 1) { customerGroupName depth parentId }
            children(orderBy: { field: CUSTOMER_GROUP_NAME, direction: DESC }) {
                totalCount nodes { customerGroupName } }
        } }";
        let ids = [("all", &all), ("east", &east), ("ankara", &ankara)];
        let mut answers = serde_json::Map::new();
        for (name, id) in ids {
            answers.insert(name.to_owned(), app.data(query, json!({ "id": id })).await);
        }
        insta::assert_json_snapshot!("tree_from_each_node", answers);
    }

    async fn invalid_moves_of_groups_are_refused(app: App) {
        let root = app.make_parent("Root", None).await;
        let middle = app.make_parent("Middle", Some(&root)).await;
        let leaf = app.create_group(
            &format!("customerGroupName: \"Leaf\", parentId: \"{middle}\"")
        ).await;
        let before = app.forest().await;
        let customer = app.create_customer(r#"customerName: "No group""#).await;
        let mut refused = serde_json::Map::new();
        for (rule, id, input) in [
            ("the parent is a leaf", &root, json!({ "parentId": leaf })),
            ("its own parent", &middle, json!({ "parentId": middle })),
            ("below its child", &root, json!({ "parentId": middle })),
            ("below its grandchild", &root, json!({ "parentId": leaf, "isGroup": true })),
            ("children, and to be a leaf", &middle, json!({ "isGroup": false })),
            ("a customer as parent", &leaf, json!({ "parentId": customer })),
            ("nothing as parent", &leaf, json!({ "parentId": "" })),
        ] {
            refused.insert(rule.to_owned(), app.update_group(id, input).await);
        }
        insta::assert_json_snapshot!("tree_rules", refused);
        assert_eq!(app.forest().await, before);

        // Permitted by the rules: another parent, and none.
        app.update_group(&middle, json!({ "parentId": null })).await;
        app.update_group(&root, json!({ "parentId": middle })).await;
        insta::assert_snapshot!("tree_moved", app.forest().await);
    }

    async fn a_tree_has_at_most_32_levels(app: App) {
        let mut path = vec![app.make_parent("1", None).await];
        for level in 2..=32 {
            let parent = path.last().unwrap();
            path.push(app.make_parent(&level.to_string(), Some(parent)).await);
        }
        let deepest = path.last().unwrap();
        let create = "mutation($parent: ID!) { customerGroupCreate(
            input: { customerGroupName: \"33\", parentId: $parent }) {
                customerGroup { id } userErrors { field code message } } }";
        let too_deep = app.query_with(create, json!({ "parent": deepest })).await;
        insta::assert_json_snapshot!("tree_level_33", too_deep);

        // Two levels do not fit below the 31st, even if they are moved there.
        let root = app.make_parent("Root of two", None).await;
        app.make_parent("Child", Some(&root)).await;
        let moved = app.update_group(&root, json!({ "parentId": path[30] })).await;
        insta::assert_json_snapshot!("tree_moved_too_deep", moved);
        let moved = app.update_group(&root, json!({ "parentId": path[29] })).await;
        assert_eq!(moved["data"]["customerGroupUpdate"]["customerGroup"]["depth"], 31);

        let query = "query($id: ID!) { customerGroup(id: $id) { depth ancestors { id } } }";
        let data = app.data(query, json!({ "id": deepest })).await;
        assert_eq!(data["customerGroup"]["depth"], 32);
        let ancestors = data["customerGroup"]["ancestors"].as_array().unwrap();
        let above: Vec<&str> = ancestors.iter().map(|it| it["id"].as_str().unwrap()).collect();
        let expected: Vec<&str> = path.iter().rev().skip(1).map(String::as_str).collect();
        assert_eq!(above, expected);
    }

    async fn a_group_in_use_is_deleted_only_with_a_policy(app: App) {
        let root = app.make_parent("Root", None).await;
        let middle = app.make_parent("Middle", Some(&root)).await;
        app.make_parent("Child A", Some(&middle)).await;
        app.make_parent("Child B", Some(&middle)).await;
        let other = app.make_parent("Other", None).await;
        let primary = app.create_customer(
            &format!("customerName: \"Primary\", customerGroupId: \"{middle}\"")
        ).await;
        let guest = app.create_customer(
            &format!("customerName: \"Guest\", customerGroupId: \"{other}\"")
        ).await;
        // The customer is already in the group that it will be moved to.
        app.update_members(&root, &[&guest], &[]).await;
        app.update_members(&middle, &[&guest], &[]).await;

        let mut answers = serde_json::Map::new();
        for (case, id, policy) in [
            ("in use", &middle, "RESTRICT"),
            ("a root has no parent", &root, "REASSIGN_TO_PARENT"),
            ("moved to the parent", &middle, "REASSIGN_TO_PARENT"),
        ] {
            answers.insert(case.to_owned(), app.delete_group(id, policy).await);
        }
        insta::assert_json_snapshot!("group_in_use", answers);
        insta::assert_snapshot!("group_children_moved", app.forest().await);

        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer {
            customerName customerGroup { customerGroupName } lastModifiedBy
            customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) {
                nodes { customerGroupName } } } } }";
        let data = app.data(query, json!({ "ids": [primary, guest] })).await;
        insta::assert_json_snapshot!("group_customers_moved", data);
    }

    async fn groups_and_customers_agree_about_memberships(app: App) {
        let club = app.create_group(r#"customerGroupName: "Club""#).await;
        let shop = app.create_group(r#"customerGroupName: "Shop""#).await;
        let ana = app.create_customer(
            &format!("customerName: \"Ana\", customerGroupId: \"{shop}\"")
        ).await;
        let bo = app.create_customer(r#"customerName: "Bo""#).await;
        let mut answers = serde_json::Map::new();
        let nothing = "customer_0000000000000000000000000000000f";
        for (case, group, add, remove) in [
            ("added", &club, vec![&*ana, &*bo], vec![]),
            ("added again", &club, vec![&*bo, &*bo], vec![]),
            ("removed", &club, vec![], vec![&*bo]),
            ("removed again", &club, vec![], vec![&*bo]),
            ("the primary group stays", &shop, vec![], vec![&*ana]),
            ("added and removed", &club, vec![&*bo], vec![&*bo]),
            ("a customer of nothing", &club, vec![&*bo, nothing], vec![nothing]),
            ("a group for a customer", &club, vec![&*bo, &*shop], vec![]),
            ("a group of nothing", &ana, vec![&*bo], vec![]),
        ] {
            answers.insert(case.to_owned(), app.update_members(group, &add, &remove).await);
        }
        insta::assert_json_snapshot!("membership", answers);

        // Setting the primary group adds the membership; clearing it keeps the membership.
        let update = "mutation($id: ID!, $group: ID) {
            customerUpdate(id: $id, input: { customerGroupId: $group }) {
                customer { customerGroup { customerGroupName }
                    customerGroups { nodes { customerGroupName } } }
                userErrors { field code message } } }";
        let set = app.data(update, json!({ "id": bo, "group": club })).await;
        let cleared = app.data(update, json!({ "id": bo, "group": null })).await;
        insta::assert_json_snapshot!("membership_by_primary_group", [set, cleared]);
        let unknown = app.data(update, json!({ "id": bo, "group": ana })).await;
        insta::assert_json_snapshot!("membership_of_no_group", unknown);
    }

    async fn long_and_short_lists_of_a_subtree_have_the_same_order(app: App) {
        let root = app.make_parent("Root", None).await;
        let leaf = app.create_group(&format!("customerGroupName: \"Leaf\", parentId: \"{root}\"")).await;
        let other = app.create_group(r#"customerGroupName: "Other""#).await;
        // Enough members for another query plan. Some customers of another group sort between them by name.
        let customers = (0..5_200).map(|number| CustomerAttributes {
            customer_name: format!("C{:04}", 9_999 - number),
            customer_group_id: NodeType::CustomerGroup.parse(if number % 50 == 1 { &other } else { &leaf }),
            disabled: number % 100 == 2,
            ..CustomerAttributes::default()
        });
        app.insert_customers(customers.collect()).await;
        app.create("posCustomerGroup", json!({ "posProfileId": "till", "customerGroupId": root })).await;
        let query = "query($root: ID!) {
            customerGroup(id: $root) {
                customers(includeDescendants: true, first: 3, orderBy: { field: CUSTOMER_NAME, direction: DESC }) {
                    totalCount nodes { customerName } } }
            nodes(ids: [$root]) { ... on CustomerGroup {
                customers(includeDescendants: true, first: 3, orderBy: { field: CUSTOMER_NAME, direction: DESC }) {
                    totalCount nodes { customerName } } } }
            posProfile(id: \"till\") {
                customers(first: 3, orderBy: { field: CUSTOMER_NAME, direction: DESC }) {
                    totalCount nodes { customerName } } }
            customers(first: 3, orderBy: { field: CUSTOMER_NAME, direction: DESC },
                filter: { not: { customerGroup: { in: [$root], includeDescendants: true } } }) {
                    totalCount nodes { customerName } } }";
        let answer = app.data(query, json!({ "root": root })).await;
        assert_eq!(answer["customerGroup"], answer["nodes"][0]);
        insta::assert_json_snapshot!("many_customers", answer);
    }

    async fn members_can_be_given_by_external_ids(app: App) {
        let club = app.create_group(r#"customerGroupName: "Club", externalId: "club""#).await;
        let ana = app.create_customer(r#"customerName: "Ana", externalId: "A""#).await;
        app.create_customer(
            &format!("customerName: \"Bo\", externalId: \"B\", customerGroupId: \"{club}\"")
        ).await;
        app.create_customer(r#"customerName: "Cy", externalId: "C""#).await;
        let selection = "customerGroup { customers(orderBy: { field: CUSTOMER_NAME }) {
            totalCount nodes { customerName } } }";
        let mut answers = serde_json::Map::new();
        let too_many: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        for (case, arguments) in [
            ("added", json!({ "addCustomerExternalIds": ["A", "C", "C"], "addCustomerIds": [ana] })),
            ("removed", json!({ "removeCustomerExternalIds": ["C"] })),
            ("both", json!({ "addCustomerExternalIds": ["C"], "removeCustomerIds": [ana] })),
            ("added and removed", json!({ "addCustomerIds": [ana], "removeCustomerExternalIds": ["A"] })),
            ("the primary group stays", json!({ "removeCustomerExternalIds": ["A", "B"] })),
            ("nobody", json!({ "addCustomerExternalIds": ["A", "a", "", "\0"], "removeCustomerExternalIds": ["X"] })),
            ("too many", json!({ "addCustomerIds": [ana], "addCustomerExternalIds": too_many })),
        ] {
            let mut arguments = arguments;
            arguments["externalId"] = json!("club");
            let answer = app.mutate("customerGroupUpdateCustomers", arguments, selection).await;
            answers.insert(case.to_owned(), answer);
        }
        insta::assert_json_snapshot!("members_by_external_ids", answers);
    }

    async fn a_subtree_lists_each_customer_once(app: App) {
        let root = app.make_parent("Root", None).await;
        let left = app.make_parent("Left", Some(&root)).await;
        let right = app.make_parent("Right", Some(&root)).await;
        let both = app.create_customer(
            &format!("customerName: \"Both\", customerGroupId: \"{left}\"")
        ).await;
        app.update_members(&right, &[&both], &[]).await;
        app.create_customer(&format!("customerName: \"One\", customerGroupId: \"{right}\"")).await;
        app.create_customer(r#"customerName: "None""#).await;

        let query = "query($id: ID!, $ids: [ID!]!) {
            customerGroup(id: $id) {
                own: customers { totalCount nodes { customerName } }
                all: customers(includeDescendants: true) { totalCount nodes { customerName } } }
            direct: customers(filter: { customerGroup: { in: $ids } }) {
                totalCount nodes { customerName } }
            below: customers(filter: { customerGroup: { in: $ids, includeDescendants: true } }) {
                totalCount nodes { customerName } }
            outside: customers(filter: { not: {
                customerGroup: { in: $ids, includeDescendants: true } } }) {
                totalCount nodes { customerName } } }";
        let data = app.data(query, json!({ "id": root, "ids": [root] })).await;
        insta::assert_json_snapshot!("subtree_customers", data);
    }

    async fn fifty_concurrent_moves_leave_a_valid_tree(app: App) {
        let root = app.make_parent("Root", None).await;
        let mut groups = Vec::new();
        for number in 0..10 {
            let parent = groups.last().filter(|_| number % 3 != 0).unwrap_or(&root).clone();
            groups.push(app.make_parent(&format!("G{number}"), Some(&parent)).await);
        }
        // Concurrently moves each group below another one. Many of these moves would form cycles with others.
        let moves = (0..50).map(|number| {
            let (moved, parent) = (&groups[number % 10], &groups[(number * 7 + 3) % 10]);
            app.update_group(moved, json!({ "parentId": parent }))
        });
        for answer in futures_util::future::join_all(moves).await {
            let payload = &answer["data"]["customerGroupUpdate"];
            let codes: Vec<_> = payload["userErrors"].as_array().unwrap().iter()
                .map(|error| error["code"].as_str().unwrap()).collect();
            assert!(codes.is_empty() || codes == ["CYCLE"], "{answer}");
        }
        // All groups still exist once, and the depth of each matches that of its parent.
        let query = "query($id: ID!) { customerGroup(id: $id) {
            descendants { id parentId depth } } }";
        let data = app.data(query, json!({ "id": root })).await;
        let found = data["customerGroup"]["descendants"].as_array().unwrap();
        let mut depths = std::collections::HashMap::from([(root.as_str(), 1)]);
        for group in found {
            let depth = depths[group["parentId"].as_str().unwrap()] + 1;
            assert_eq!(group["depth"], depth);
            assert_eq!(depths.insert(group["id"].as_str().unwrap(), depth), None);
        }
        assert!(groups.iter().all(|id| depths.contains_key(id.as_str())));
        assert_eq!(depths.len(), 11);
    }

    async fn a_tree_of_10_000_groups_is_two_statements(app: App) {
        let root = app.make_parent("root", None).await;
        let root = NodeType::CustomerGroup.parse(&root).unwrap();
        let deepest = app.insert_branches(root).await;

        let id = |uid| NodeType::CustomerGroup.id(uid).to_string();
        let descendants =
            "query($id: ID!) { customerGroup(id: $id) { descendants { id depth } } }";
        let ancestors = "query($id: ID!) { customerGroup(id: $id) { ancestors { id } } }";
        let data = app.data(descendants, json!({ "id": id(root) })).await;
        assert_eq!(data["customerGroup"]["descendants"].as_array().unwrap().len(), 10_000);
        let data = app.data(ancestors, json!({ "id": id(deepest) })).await;
        assert_eq!(data["customerGroup"]["ancestors"].as_array().unwrap().len(), 10);

        // The trees below all groups of the list together exceed the limit.
        let nested = "query($id: ID!) { customerGroup(id: $id) {
            descendants { descendants { descendants { descendants { id } } } } } }";
        let answer = app.query_with(nested, json!({ "id": id(root) })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:.200}");

        // The statement that finds the group is subtracted, so that those for the tree remain.
        let rest = app.statements("query($id: ID!) { customerGroup(id: $id) { id } }",
            json!({ "id": id(root) })).await;
        assert_eq!(rest, 1);
        for (query, uid) in [(descendants, root), (ancestors, deepest)] {
            let sent = app.statements(query, json!({ "id": id(uid) })).await;
            assert!(sent - rest <= 2, "{query}: {sent}");
        }
    }
}
