//! Supplier numbers at customers: line items of a customer.

use serde_json::{Value, json};

use crate::support::app::App;

const NUMBER: &str = "id externalId idx customerId customer { customerName } company supplierNumber
    createdAt updatedAt";

/// A compact selection of a customer's supplier numbers.
const NUMBERS: &str = "supplierNumbers { idx company supplierNumber }";

both! {
    async fn supplier_numbers_keep_their_order(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let selection = format!("supplierNumberAtCustomer {{ {NUMBER} }}");
        let mut created = Vec::new();
        for (company, idx) in [
            (Some("A"), None), (Some("C"), Some(2)), (Some("B"), Some(2)), (None, Some(1)),
        ] {
            let input = json!({
                "customerId": customer, "company": company, "idx": idx,
                "supplierNumber": format!("S-{}", created.len()),
                "externalId": company.map(|company| format!("N-{company}")),
            });
            let arguments = json!({ "input": input });
            let payload = app.mutate("supplierNumberAtCustomerCreate", arguments, &selection).await;
            created.push(payload);
        }
        insta::assert_json_snapshot!("numbers_created", created);
        let ids: Vec<&Value> =
            created.iter().map(|it| &it["supplierNumberAtCustomer"]["id"]).collect();
        let [a, c, b, none] = ids[..] else { panic!("{ids:?}") };
        let mut orders = vec![app.read("customer", &customer, NUMBERS).await];
        for (id, idx) in [(none, 4), (b, 1), (b, 1), (c, 2)] {
            let arguments = json!({ "id": id, "input": { "idx": idx } });
            let selection = "supplierNumberAtCustomer { idx }";
            let moved = app.mutate("supplierNumberAtCustomerUpdate", arguments, selection).await;
            assert_eq!(moved["supplierNumberAtCustomer"]["idx"], idx);
            orders.push(app.read("customer", &customer, NUMBERS).await);
        }
        insta::assert_json_snapshot!("numbers_moved", orders);

        let arguments = json!({ "parentId": customer, "ids": [a, b, c, none] });
        let numbers = |field: &str| format!("{field} {{ {NUMBER} }}");
        let selection = numbers("supplierNumbersAtCustomer");
        let reordered = app.mutate("supplierNumberAtCustomerReorder", arguments, &selection).await;
        insta::assert_json_snapshot!("numbers_reordered", reordered);
        let listed = app.read("customer", &customer, &numbers("supplierNumbers")).await;
        assert_eq!(listed["supplierNumbers"], reordered["supplierNumbersAtCustomer"]);

        // The gap is closed.
        let arguments = json!({ "externalId": "N-B" });
        let deleted = app.mutate("supplierNumberAtCustomerDelete", arguments, "deletedId").await;
        let left = app.read("customer", &customer, NUMBERS).await;
        insta::assert_json_snapshot!("number_deleted", [deleted, left]);
    }

    async fn an_update_of_a_supplier_number_keeps_omitted_fields(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let id = app.create("supplierNumberAtCustomer", json!({
            "customerId": customer, "company": "Sol SA", "supplierNumber": "S-1", "externalId": "N",
        })).await;
        let selection = format!("supplierNumberAtCustomer {{ {NUMBER} }}");
        let mut answers = Vec::new();
        for input in [
            json!({ "supplierNumber": " S-2 " }), json!({ "company": null }),
            json!({ "externalId": null }), json!({}),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let payload = app.mutate("supplierNumberAtCustomerUpdate", arguments, &selection).await;
            answers.push(payload);
        }
        insta::assert_json_snapshot!("number_changed", answers);
        assert_eq!(answers[2], answers[3]);
    }

    async fn invalid_supplier_numbers_are_refused(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let other = app.create_customer(r#"customerName: "Sol""#).await;
        let mut ids = Vec::new();
        for (customer, company) in [
            (&customer, Some("A")), (&customer, None), (&other, Some("A")),
        ] {
            ids.push(app.create("supplierNumberAtCustomer", json!({
                "customerId": customer, "company": company, "supplierNumber": "S",
                "externalId": format!("N-{}", ids.len()),
            })).await);
        }
        let (create, change, reorder) = (
            "supplierNumberAtCustomerCreate", "supplierNumberAtCustomerUpdate",
            "supplierNumberAtCustomerReorder",
        );
        let number = |customer: &str, more: Value| {
            let mut input = json!({
                "customerId": customer, "supplierNumber": "S", "company": "B",
            });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "input": input })
        };
        let update = |input: Value| json!({ "id": ids[0], "input": input });
        let mut refused = serde_json::Map::new();
        for (rule, mutation, arguments) in [
            ("one number for a company", create, number(&customer, json!({ "company": "A" }))),
            ("one number for none", create, number(&customer, json!({ "company": " " }))),
            ("a number", create, number(&customer, json!({ "supplierNumber": "" }))),
            ("an external id of its own", create, number(&customer, json!({
                "externalId": "N-2",
            }))),
            ("a place in the list", create, number(&customer, json!({ "idx": 4 }))),
            ("a customer that there is", create, number(&ids[0], json!({}))),
            ("a number, for a change", change, update(json!({ "supplierNumber": null }))),
            ("one number for none, cleared", change, update(json!({ "company": null }))),
            ("a place in the list, for a move", change, update(json!({ "idx": 0 }))),
            ("each number once", reorder, json!({ "parentId": customer, "ids": [ids[0], ids[0]] })),
            ("no other customer's numbers", reorder, json!({ "parentId": customer, "ids": ids })),
        ] {
            refused.insert(rule.to_owned(), app.mutate(mutation, arguments, "").await);
        }
        insta::assert_json_snapshot!("number_rules", refused);
    }

    async fn a_change_of_a_supplier_number_marks_the_customer_as_changed(app: App) {
        let customer = app.create("customer", json!({
            "customerName": "Berg", "supplierNumbers": [
                { "company": "A", "supplierNumber": "1", "externalId": "A" },
                { "company": "B", "supplierNumber": "2", "externalId": "B" },
            ],
        })).await;
        let numbers = app.read("customer", &customer, "supplierNumbers { id }").await;
        let [a, b] = [0, 1].map(|it: usize| &numbers["supplierNumbers"][it]["id"]);
        let (change, reorder) =
            ("supplierNumberAtCustomerUpdate", "supplierNumberAtCustomerReorder");
        let changes = vec![
            ("created", "supplierNumberAtCustomerCreate", json!({ "input": {
                "customerId": customer, "supplierNumber": "3", "externalId": "C",
            } })),
            ("changed", change, json!({ "id": b, "input": { "supplierNumber": "4" } })),
            ("nothing changed", change, json!({ "id": b, "input": {
                "supplierNumber": "4", "company": "B", "idx": 2,
            } })),
            ("moved", change, json!({ "externalId": "C", "input": { "idx": 1 } })),
            ("deleted", "supplierNumberAtCustomerDelete", json!({ "externalId": "C" })),
            ("same order", reorder, json!({ "parentId": customer, "ids": [a, b] })),
            ("other order", reorder, json!({ "parentId": customer, "ids": [b, a] })),
        ];
        let selection = "createdAt updatedAt createdBy lastModifiedBy";
        let after = app.after_each(("customer", &customer), selection, changes).await;
        insta::assert_json_snapshot!("customer_changed_with_numbers", after);

        // They are deleted with the customer.
        app.delete("customer", &customer).await;
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let gone = app.data(query, json!({ "ids": [a, b] })).await;
        assert_eq!(gone, json!({ "nodes": [null, null] }));
    }
}
