//! The limits on rows and memory are exact.

use async_graphql::Variables;
use clientele::{
    auth::{Authenticator, KeySecret},
    db::Meter,
    graphql::{Engine, Policy},
    limits::Limits,
};
use serde_json::{Value, json};

use crate::support::app::App;

impl App {
    /// Runs a query within limits. Returns the response and the meter.
    async fn run(&self, limits: Limits, query: &str) -> (Value, Meter) {
        let authenticator = Authenticator::new(self.db.clone(), self.clock.clone());
        let key = KeySecret::parse(&self.key).unwrap();
        let viewer = authenticator.authenticate(&key).await.unwrap().unwrap();
        let (engine, meter) = (Engine::new(limits, Policy::default()), Meter::new(&limits));
        let operation = engine.prepare(query, None).unwrap();
        let bound = engine.bind(&operation, Variables::default()).ok().unwrap();
        let response = engine.execute(&self.db, viewer, &meter, bound).await;
        (serde_json::to_value(response).unwrap(), meter)
    }

    async fn run_with_rows(&self, rows: usize, query: &str) -> (Value, Meter) {
        self.run(Limits { rows, ..Limits::default() }, query).await
    }

    async fn run_with_bytes(&self, memory_bytes: usize, query: &str) -> (Value, Meter) {
        self.run(Limits { memory_bytes, ..Limits::default() }, query).await
    }

    /// Creates a root group with this many children, each with this many customers.
    async fn make_tree(&self, groups: usize, customers: usize) -> String {
        let root = self
            .create_group(r#"customerGroupName: "Root", externalId: "root", isGroup: true"#)
            .await;
        for number in 0..groups {
            let group = self
                .create_group(&format!("customerGroupName: \"G{number}\", parentId: \"{root}\""))
                .await;
            for customer in 0..customers {
                let name = format!("C{number}.{customer}");
                self.create_customer(&format!(
                    "customerName: \"{name}\", customerGroupId: \"{group}\",
                     addresses: [{{ city: \"Oslo\" }}, {{ city: \"Bergen\" }}]"
                ))
                .await;
            }
        }
        root
    }
}

fn assert_answered(response: &Value) {
    assert_eq!(response.get("errors"), None, "{response}");
}

both! {
    async fn pages_of_many_parents_are_counted_before_they_are_read(app: App) {
        app.make_tree(3, 1).await;
        let query = r#"{ customerGroup(externalId: "root") {
            descendants { customers(first: 5) { nodes { id } } } } }"#;
        // Counted are the root, its 3 descendants, and 3 pages of 5 customers, although only 3
        // customers exist.
        let (response, meter) = app.run_with_rows(19, query).await;
        assert_answered(&response);
        assert_eq!((meter.rows(), meter.statements()), (7, 3));
        let (response, meter) = app.run_with_rows(18, query).await;
        insta::assert_json_snapshot!("too_many_rows", response);
        assert_eq!(meter.statements(), 2, "the customers were not asked for");
    }

    async fn plain_lists_are_read_up_to_the_limit(app: App) {
        app.make_tree(4, 1).await;
        // Queries with the rows and the statements that they need.
        for (query, rows, statements) in [
            (r#"{ customerGroup(externalId: "root") { descendants { id } } }"#, 5, 2),
            ("{ customerGroups(filter: { isRoot: false }) { nodes { ancestors { id } } } }", 8, 2),
            ("{ customers { nodes { addresses { id } } } }", 12, 2),
            ("{ customers { nodes { customerGroup { id } } } }", 8, 2),
            ("{ customers { totalCount nodes { id } } }", 4, 2),
        ] {
            let (response, meter) = app.run_with_rows(rows, query).await;
            assert_answered(&response);
            assert_eq!((meter.rows(), meter.statements()), (rows, statements), "{query}");
            let (response, _) = app.run_with_rows(rows - 1, query).await;
            assert_eq!(response["data"], Value::Null, "{query}");
            assert_eq!(response["errors"].as_array().unwrap().len(), 1, "{query}");
            let limit = json!({ "name": "rows", "max": rows - 1, "value": rows });
            assert_eq!(response["errors"][0]["extensions"]["limit"], limit, "{query}");
        }
        // Counting reads no rows.
        let (response, meter) = app.run_with_rows(0, "{ customers { totalCount } }").await;
        assert_answered(&response);
        assert_eq!(meter.rows(), 0);
    }

    async fn memory_is_taken_up_to_the_limit(app: App) {
        app.make_tree(3, 2).await;
        let query = "{ customers { nodes { customerName addresses { city }
            customerGroup { customerGroupName ancestors { id } } } } }";
        let (response, meter) = app.run(Limits::default(), query).await;
        assert_answered(&response);
        let (all, statements) = (meter.bytes(), meter.statements());
        let (response, _) = app.run_with_bytes(all, query).await;
        assert_answered(&response);
        let (response, _) = app.run_with_bytes(all - 1, query).await;
        assert_eq!(response["errors"].as_array().unwrap().len(), 1, "{response}");
        let limit = json!({ "name": "memory-bytes", "max": all - 1, "value": all });
        assert_eq!(response["errors"][0]["extensions"]["limit"], limit);
        // With a lower limit, the query ends sooner.
        let (response, meter) = app.run_with_bytes(all / 4, query).await;
        assert_eq!(response["data"], Value::Null);
        assert!(meter.statements() < statements);
    }

    async fn memory_counts_a_text_each_time_it_is_selected(app: App) {
        let text = "x".repeat(10_000);
        app.create_customer(&format!("customerName: \"Heavy\", customerDetails: \"{text}\"")).await;
        let aliased = |count: usize| {
            let fields: Vec<String> =
                (0..count).map(|number| format!("a{number}: customerDetails")).collect();
            format!("{{ customers {{ nodes {{ {} }} }} }}", fields.join(" "))
        };
        let (response, _) = app.run_with_bytes(200_000, &aliased(10)).await;
        assert_answered(&response);
        let (response, _) = app.run_with_bytes(200_000, &aliased(20)).await;
        assert_eq!(response["errors"][0]["extensions"]["limit"]["name"], "memory-bytes");
        // The payload of a mutation is counted before the mutation. Otherwise the client could not
        // know whether it was executed.
        let heavy = "customerCreate(input: { customerName: \"New\" }) { customer { a: origin b: origin } }";
        let (response, _) = app.run_with_bytes(50_000, &format!("mutation {{ {heavy} }}")).await;
        assert_eq!(response["errors"][0]["extensions"]["limit"]["name"], "memory-bytes");
        assert_eq!(app.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"], 1);
    }

    async fn memory_counts_a_row_each_time_it_is_referred_to(app: App) {
        let text = "x".repeat(255);
        let group = app.create_group(&format!(
            "customerGroupName: \"{text}\", defaultPriceList: \"{text}\", paymentTerms: \"{text}\""
        )).await;
        for number in 0..20 {
            let fields = format!("customerName: \"C{number}\", customerGroupId: \"{group}\"");
            app.create_customer(&fields).await;
        }
        let query = "{ customers { nodes { customerGroup {
            customerGroupName defaultPriceList paymentTerms } } } }";
        let (response, meter) = app.run(Limits::default(), query).await;
        assert_answered(&response);
        assert_eq!(meter.rows(), 21);
        assert!(meter.bytes() > 20 * 3 * 255, "{}", meter.bytes());
        let (response, _) = app.run_with_bytes(50_000, query).await;
        assert_eq!(response["errors"][0]["extensions"]["limit"]["name"], "memory-bytes");
    }

    async fn memory_counts_the_errors_of_mutations(app: App) {
        app.create_group(r#"customerGroupName: "G", externalId: "g""#).await;
        let unknown: Vec<String> = (0..500).map(|number| format!("\"unknown {number}\"")).collect();
        let errors: Vec<String> = (0..20).map(|number| format!("a{number}: userErrors {{ code }}")).collect();
        let query = format!(
            "mutation {{ customerGroupUpdateCustomers(externalId: \"g\", addCustomerExternalIds: [{}]) {{ {} }} }}",
            unknown.join(" "), errors.join(" "),
        );
        let (response, _) = app.run_with_bytes(2_000_000, &query).await;
        assert_eq!(response["errors"][0]["extensions"]["limit"]["name"], "memory-bytes");
        let (response, meter) = app.run(Limits::default(), &query).await;
        assert_eq!(response["data"]["customerGroupUpdateCustomers"]["a19"].as_array().unwrap().len(), 500);
        // Measured: about 500 bytes for each object in the tree of values.
        assert!(meter.bytes() > 20 * 500 * 500, "{}", meter.bytes());
    }

    async fn memory_counts_the_parts_of_a_highlighted_text(app: App) {
        app.create_customer(&format!("customerName: \"{}\"", "ab ".repeat(80))).await;
        let parts: Vec<String> = (0..50).map(|number| format!("a{number}: fragments {{ text }}")).collect();
        let query = format!(
            "{{ customerLookup(text: \"ab\") {{ matchedOn {{ {} }} }} }}", parts.join(" ")
        );
        let (response, meter) = app.run(Limits::default(), &query).await;
        assert_answered(&response);
        assert!(meter.bytes() > 50 * 80 * 500, "{}", meter.bytes());
    }
}
