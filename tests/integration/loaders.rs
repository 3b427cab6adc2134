//! The number of SQL statements depends on the shape of a request, never on the number of rows.

use serde_json::{Value, json};

use clientele::models::customer::CustomerAttributes;

use crate::support::{
    app::App,
    database::Backend,
    types::{Type, children_of, lists_of, with_lists},
};

/// Requests for `$n` groups or customers, with related objects at every level.
const SHAPES: &[&str] = &[
    // A page of customers for each group, and for each customer its primary group with ancestors.
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

/// A query for all data of a POS profile: its groups, its customers and their related objects.
fn till() -> String {
    let lists = lists_of("Customer", "id createdAt");
    format!(
        "query($till: ID!) {{ posProfile(id: $till) {{
            posCustomerGroups {{ idx customerGroup {{ customerGroupName descendants {{ id depth }} }} }}
            customers(first: 100, orderBy: {{ field: CUSTOMER_NAME }}) {{ totalCount nodes {{
                customerGroup {{ customerGroupName ancestors {{ customerGroupName }} }}
                {lists} primaryAddress {{ id }} primaryContact {{ id }}
                loyaltyProgram {{ collections {{ tierName }} }} loyaltyProgramTier {{ tierName }} }} }} }} }}"
    )
}

impl App {
    /// Creates a POS profile with `many` links, customers and tiers, and with `several` children in
    /// each list of a customer.
    async fn make_till(&self, name: &str, many: usize, several: usize) {
        let numbered = |kind: &str, number: usize| format!("{name}-{kind}-{number}");
        let tiers = (0..many).map(|number| {
            json!({
                "tierName": numbered("T", number), "minSpent": number, "collectionFactor": "1",
            })
        });
        let program = self
            .create(
                "loyaltyProgram",
                json!({
                    "loyaltyProgramName": name, "fromDate": "2026-01-01",
                    "collections": tiers.collect::<Vec<_>>(),
                }),
            )
            .await;
        let query = "query($id: ID!) { loyaltyProgram(id: $id) { collections { id } } }";
        let data = self.data(query, json!({ "id": program })).await;
        for number in 0..many {
            let group = self
                .create(
                    "customerGroup",
                    json!({
                        "customerGroupName": numbered("G", number), "isGroup": true,
                    }),
                )
                .await;
            let below = self
                .create(
                    "customerGroup",
                    json!({
                        "customerGroupName": numbered("B", number), "parentId": group,
                    }),
                )
                .await;
            self.create(
                "posCustomerGroup",
                json!({
                    "posProfileId": name, "customerGroupId": group,
                }),
            )
            .await;
            let each = |item: &dyn Fn(usize) -> Value| (0..several).map(item).collect::<Vec<_>>();
            let customer = json!({
                "customerName": numbered("C", number),
                "customerGroupId": below,
                "loyaltyProgramId": program,
                "loyaltyProgramTierId": data["loyaltyProgram"]["collections"][number]["id"],
                "addresses": each(&|it| json!({ "city": "Oslo", "isPrimary": it == 0 })),
                "contacts": each(&|it| json!({
                    "firstName": "Ana", "isPrimary": it == 0,
                    "extensions": each(&|it| json!({ "extensionCode": it.to_string() })),
                })),
            });
            let items = |child: &Type| each(&|it| (child.new)(&it.to_string())).into();
            self.create("customer", with_lists("Customer", customer, items)).await;
        }
    }
}

both! {
    async fn each_type_of_objects_of_a_till_takes_one_statement(app: App) {
        let (query, mut sent) = (till(), Vec::new());
        for (name, many, several) in [("small", 1, 1), ("middling", 10, 3), ("large", 100, 5)] {
            app.make_till(name, many, several).await;
            // Asserts that all created objects are returned.
            let data = app.data(&query, json!({ "till": name })).await;
            let till = &data["posProfile"];
            let (links, customers) = (&till["posCustomerGroups"], &till["customers"]);
            let length = |list: &Value| list.as_array().unwrap().len();
            assert_eq!(length(links), many);
            assert_eq!(length(&links[0]["customerGroup"]["descendants"]), 1);
            assert_eq!(customers["totalCount"], many);
            for customer in customers["nodes"].as_array().unwrap() {
                assert_eq!(length(&customer["customerGroup"]["ancestors"]), 1);
                assert_eq!(length(&customer["loyaltyProgram"]["collections"]), many);
                assert!(customer["loyaltyProgramTier"]["tierName"].is_string());
                assert!(customer["primaryAddress"]["id"].is_string());
                assert!(customer["primaryContact"]["id"].is_string());
                assert_eq!(length(&customer["contacts"][0]["extensions"]), several);
                for (list, _) in children_of("Customer") {
                    assert_eq!(length(&customer[list]), several);
                }
            }
            assert_eq!(length(&customers["nodes"]), many);
            sent.push(app.statements(&query, json!({ "till": name })).await);
        }
        // Statements for the profile, its links, `sellsToEveryone`, the groups in its scope, the customers and their
        // count; the groups of links and customers, their descendants and ancestors; each list of the customers; the
        // extensions of the contacts, which depend on the contacts; the programs, their tiers, and the customers'
        // tiers.
        let statements = 13 + u64::try_from(children_of("Customer").count()).unwrap();
        assert_eq!(sent, [statements; 3]);
    }

    async fn statements_do_not_grow_with_the_tiers_that_a_change_lists(app: App) {
        let update = "mutation($id: ID!, $tiers: [LoyaltyProgramCollectionEntryInput!]!) {
            loyaltyProgramUpdate(id: $id, input: { collections: $tiers }) { userErrors { field message } } }";
        let mut sent = Vec::new();
        for many in [2, 20, 200] {
            let tier = |number: usize| json!({
                "tierName": number.to_string(), "minSpent": number, "collectionFactor": "1",
                "externalId": format!("{many}-{number}"),
            });
            let program = app.create("loyaltyProgram", json!({
                "loyaltyProgramName": "P", "fromDate": "2026-01-01",
                "collections": (0..many).map(tier).collect::<Vec<_>>(),
            })).await;
            let selection = "collections { id tierName minSpent externalId collectionFactor }";
            let read = async || app.read("loyaltyProgram", &program, selection).await["collections"].take();
            let before = read().await;
            // Each tier gets the values of the next one, and the last tier those of the first.
            let rotated = (0..many).map(|number| {
                let mut tier = tier((number + 1) % many);
                tier["id"] = before[number]["id"].clone();
                tier
            });
            let rotated: Vec<Value> = rotated.collect();
            let new: Vec<Value> = (0..many).map(tier).collect();
            let mut of_size = Vec::new();
            for tiers in [rotated, new, Vec::new()] {
                of_size.push(app.statements(update, json!({ "id": program, "tiers": tiers })).await);
                let listed = read().await;
                assert_eq!(listed.as_array().unwrap().len(), tiers.len());
                for (listed, given) in listed.as_array().unwrap().iter().zip(&tiers) {
                    for field in ["tierName", "externalId", "collectionFactor"] {
                        assert_eq!(listed[field], given[field], "{listed}");
                    }
                    assert_eq!(listed["minSpent"], given["minSpent"].to_string(), "{listed}");
                }
            }
            // On SQLite, new rows are inserted one by one (`insert_all!`).
            let inserts = if app.database.backend == Backend::Sqlite { many } else { 1 };
            of_size[1] -= u64::try_from(inserts).unwrap();
            sent.push(of_size);
        }
        assert_eq!(sent, [[10, 10, 8], [10, 10, 8], [10, 10, 8]]);
    }

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
            app.insert_customers(customers).await;
        }
        for shape in SHAPES {
            let mut sent = Vec::new();
            for parents in [1, 10, 100] {
                sent.push(app.statements(shape, json!({ "n": parents })).await);
            }
            assert!(sent.iter().all(|it| *it == sent[0]), "{sent:?}: {shape}");
        }
        // The exact numbers for the shapes. A greater number would mean that a level is loaded
        // twice.
        let mut numbers = Vec::new();
        for shape in SHAPES {
            numbers.push(app.statements(shape, json!({ "n": 10 })).await);
        }
        assert_eq!(numbers, [4, 10, 7]);
    }

    async fn the_number_of_statements_is_deterministic(app: App) {
        app.create_customer(r#"customerName: "Ana""#).await;
        app.create_group(r#"customerGroupName: "G", externalId: "g""#).await;
        // Three lists, an object and counts at the root, each with nested fields to load.
        let query = "{ a: customers { totalCount nodes { customerGroups { totalCount } } }
            b: customers(last: 1) { nodes { customerGroups { totalCount } } }
            c: customerGroups { totalCount nodes { depth ancestors { id } } }
            d: customerGroup(externalId: \"g\") { depth ancestors { id } } }";
        for _ in 0..20 {
            assert_eq!(app.statements(query, json!({})).await, 9);
        }
        // More loads in one batch than run concurrently. Extensions are loaded twice: those of
        // customers, and later those of their contacts.
        for number in 0..3 {
            app.create_customer(&format!(
                "customerName: \"C{number}\", extensions: [{{ extensionCode: \"E\" }}],
                 contacts: [{{ firstName: \"Bo\", extensions: [{{ extensionCode: \"E\" }}] }}]"
            )).await;
        }
        let query = "{ customers { nodes {
            contacts { extensions { extensionCode } } addresses { id } consents { id }
            supplierNumbers { id } customerGroups { totalCount } extensions { extensionCode } } } }";
        for _ in 0..20 {
            assert_eq!(app.statements(query, json!({})).await, 8);
        }
        // Counting reads no rows.
        assert_eq!(app.statements("{ customers { totalCount } }", json!({})).await, 1);
    }

    async fn nodes_of_one_type_take_one_statement(app: App) {
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
        assert_eq!(app.statements(query, json!({ "ids": ids })).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loads_of_a_request_share_a_connection() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    app.make_till("A", 3, 2).await;
    for shape in SHAPES {
        app.data(shape, json!({ "n": 3 })).await;
    }
    let (client, connection) =
        tokio_postgres::connect(&app.database.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let others = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(client.query_one(others, &[]).await.unwrap().get::<_, i64>(0), 1);
}
