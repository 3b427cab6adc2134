//! Enrolment in loyalty programs, automatic and explicit.

use clientele::models::customer::CustomerAttributes;
use serde_json::{Value, json};

use crate::support::app::App;

const JOINED: &str = "loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName }";

impl App {
    async fn program(&self, name: &str, fields: Value) -> String {
        let tier = |name: &str, min_spent: i32| json!({ "tierName": name, "minSpent": min_spent, "collectionFactor": 1 });
        let mut input = json!({
            "loyaltyProgramName": name, "fromDate": "2026-01-01", "autoOptIn": true,
            "collections": [tier("Gold", 100), tier("Bronze", 0), tier("Silver", 50)],
        });
        for (field, value) in fields.as_object().unwrap() {
            input[field] = value.clone();
        }
        self.create("loyaltyProgram", input).await
    }

    /// Creates a customer. Returns its program, its tier and the warnings.
    async fn joined(&self, input: Value) -> Value {
        let mut input = input;
        input["customerName"] = json!("Ana");
        let selection = format!("customer {{ {JOINED} }} warnings {{ code message }}");
        let payload = self.mutate("customerCreate", json!({ "input": input }), &selection).await;
        assert_eq!(payload["userErrors"], json!([]));
        let customer = &payload["customer"];
        let name = |field: &str, name: &str| customer[field][name].clone();
        json!([
            name("loyaltyProgram", "loyaltyProgramName"),
            name("loyaltyProgramTier", "tierName"),
            payload["warnings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["code"].clone())
                .collect::<Value>(),
        ])
    }

    /// A tree of groups: root, inner, leaf, and another root.
    async fn groups(&self) -> [String; 4] {
        let root = self.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let inner = self
            .create_group(&format!(
                "customerGroupName: \"Inner\", isGroup: true, parentId: \"{root}\""
            ))
            .await;
        let leaf =
            self.create_group(&format!("customerGroupName: \"Leaf\", parentId: \"{inner}\"")).await;
        let other = self.create_group(r#"customerGroupName: "Other""#).await;
        [root, inner, leaf, other]
    }
}

both! {
    async fn a_new_customer_joins_the_program_that_is_for_it(app: App) {
        let [root, inner, leaf, other] = app.groups().await;
        app.program("Club", json!({ "customerGroupId": inner })).await;
        let none = json!([null, null, []]);
        let club = json!(["Club", "Bronze", []]);
        for (input, joined) in [
            (json!({ "customerGroupId": inner }), &club),
            (json!({ "customerGroupId": leaf, "territory": "Spain" }), &club),
            (json!({ "customerGroupId": root }), &none),
            (json!({ "customerGroupId": other }), &none),
            (json!({}), &none),
            // Only the primary group counts.
            (json!({ "customerGroupId": other, "customerGroupIds": [leaf] }), &none),
            // A customer with an explicit `null` is not enrolled.
            (json!({ "customerGroupId": leaf, "loyaltyProgramId": null }), &none),
        ] {
            assert_eq!(&app.joined(input.clone()).await, joined, "{input}");
        }
    }

    async fn territories_dates_and_tiers_determine_the_program(app: App) {
        let none = json!([null, null, []]);
        // Today is 2026-11-20.
        for (fields, input, joined) in [
            (json!({ "customerTerritory": "Spain" }), json!({ "territory": "Spain" }), json!(["P", "Bronze", []])),
            (json!({ "customerTerritory": "Spain" }), json!({ "territory": "spain" }), none.clone()),
            (json!({ "customerTerritory": "Spain" }), json!({}), none.clone()),
            (json!({ "fromDate": "2026-11-20", "toDate": "2026-11-20" }), json!({}), json!(["P", "Bronze", []])),
            (json!({ "fromDate": "2026-11-21" }), json!({}), none.clone()),
            (json!({ "toDate": "2026-11-19" }), json!({}), none.clone()),
            (json!({ "collections": [] }), json!({}), json!(["P", null, []])),
            (json!({ "autoOptIn": false }), json!({}), none.clone()),
        ] {
            let program = app.program("P", fields.clone()).await;
            assert_eq!(app.joined(input.clone()).await, joined, "{fields} {input}");
            let customers = app.read("loyaltyProgram", &program, "customers { nodes { id } }").await;
            for customer in customers["customers"]["nodes"].as_array().unwrap() {
                app.delete("customer", customer["id"].as_str().unwrap()).await;
            }
            app.delete("loyaltyProgram", &program).await;
        }
    }

    async fn a_new_customer_joins_no_program_if_several_match(app: App) {
        let [root, inner, leaf, _] = app.groups().await;
        let first = app.program("First", json!({ "customerGroupId": root })).await;
        app.program("Second", json!({ "customerGroupId": inner })).await;
        let mut answers = Vec::new();
        for input in [
            json!({ "customerName": "Ana", "customerGroupId": leaf }),
            json!({ "customerName": "Bea", "customerGroupId": root }),
            json!({ "customerName": "Cid", "customerGroupId": leaf, "loyaltyProgramId": first }),
            json!({ "customerName": "Dan", "customerGroupId": leaf, "loyaltyProgramId": null }),
        ] {
            let selection = format!("customer {{ customerName {JOINED} }} warnings {{ code message }}");
            answers.push(app.mutate("customerCreate", json!({ "input": input }), &selection).await);
        }
        insta::assert_json_snapshot!("of_two_programs", answers);
        // Only new customers are enrolled automatically, not changed ones.
        let bea = app.create_customer(r#"customerName: "Bea""#).await;
        let change = json!({ "id": bea, "input": { "customerGroupId": root } });
        let payload = app.mutate("customerUpdate", change, &format!("customer {{ {JOINED} }}")).await;
        assert_eq!(payload["customer"]["loyaltyProgram"], Value::Null);
    }

    async fn many_new_customers_take_no_more_statements(app: App) {
        let [_, inner, leaf, other] = app.groups().await;
        app.program("Club", json!({ "customerGroupId": inner })).await;
        app.program("Spain", json!({ "customerTerritory": "Spain" })).await;
        let uid = |id: &str| clientele::id::Id::parse(id).unwrap().uid;
        let (inner, leaf, other) = (uid(&inner), uid(&leaf), uid(&other));
        let customers = |count: usize, start: usize| -> Vec<CustomerAttributes> {
            let groups = [Some(leaf), Some(inner), Some(other), None];
            (0..count).map(|number| CustomerAttributes {
                customer_name: format!("{:03}", start + number),
                customer_group_id: groups[number % 4],
                territory: (number % 3 == 0).then(|| "Spain".to_owned()),
                ..CustomerAttributes::default()
            }).collect()
        };
        let mut statements = Vec::new();
        for (count, start) in [(12, 0), (120, 12)] {
            let before = app.db.statements_sent();
            let new = customers(usize::try_from(count).unwrap(), start);
            app.insert_customers(new).await;
            let sent = app.db.statements_sent() - before;
            // On SQLite, each row is inserted by its own statement.
            let is_sqlite = app.database.backend == crate::support::database::Backend::Sqlite;
            statements.push(sent - if is_sqlite { count } else { 0 });
        }
        assert_eq!(statements[0], statements[1]);
        let query = format!("{{ customers(first: 12, orderBy: {{ field: CUSTOMER_NAME }}) {{ nodes {{ customerName {JOINED} }} }} }}");
        insta::assert_json_snapshot!("many_joined", app.data(&query, json!({})).await);
    }

    async fn a_customer_outside_of_the_group_of_a_program_cannot_join(app: App) {
        let [root, inner, leaf, other] = app.groups().await;
        let club = app.program("Club", json!({ "customerGroupId": inner, "autoOptIn": false })).await;
        let all = app.program("All", json!({ "autoOptIn": false })).await;
        let mut answers = Vec::new();
        let selection = format!("customer {{ {JOINED} }}");
        for input in [
            json!({ "customerGroupId": leaf, "loyaltyProgramId": club }),
            json!({ "customerGroupId": other, "customerGroupIds": [leaf], "loyaltyProgramId": club }),
            json!({ "loyaltyProgramId": all }),
            json!({ "customerGroupId": root, "loyaltyProgramId": club }),
            json!({ "customerGroupId": other, "customerGroupIds": [root], "loyaltyProgramId": club }),
            json!({ "loyaltyProgramId": club, "addresses": [{}], "contacts": [{ "title": "x" }] }),
        ] {
            let mut input = input;
            input["customerName"] = json!("Ana");
            answers.push(app.mutate("customerCreate", json!({ "input": input }), &selection).await);
        }
        let id = app.create("customer", json!({ "customerName": "Bea", "customerGroupId": other })).await;
        for input in [
            json!({ "loyaltyProgramId": club }),
            json!({ "loyaltyProgramId": club, "customerGroupId": root }),
            json!({ "loyaltyProgramId": club, "customerGroupId": leaf }),
            // An enrolled customer stays in the program, and remains a member of its previous
            // primary group.
            json!({ "customerGroupId": other, "taxId": "1" }),
        ] {
            answers.push(app.mutate("customerUpdate", json!({ "id": id, "input": input }), &selection).await);
        }
        insta::assert_json_snapshot!("outside", answers);
        // Allowed by a further group.
        let id = app.create_customer(r#"customerName: "Cid""#).await;
        let members = json!({ "id": leaf, "addCustomerIds": [id] });
        app.mutate("customerGroupUpdateCustomers", members, "").await;
        let change = json!({ "id": id, "input": { "loyaltyProgramId": club } });
        let payload = app.mutate("customerUpdate", change, &selection).await;
        assert_eq!(payload["customer"]["loyaltyProgram"]["loyaltyProgramName"], "Club");
    }
}
