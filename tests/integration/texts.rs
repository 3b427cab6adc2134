//! Texts are trimmed, compared and checked by the same rules everywhere.

use serde_json::{Value, json};

use crate::support::app::App;

impl App {
    async fn count(&self, list: &str, filter: Value) -> Value {
        let kind = match list {
            "customerContacts" => "CustomerContact",
            _ => "Customer",
        };
        let query =
            format!("query($filter: {kind}Filter) {{ {list}(filter: $filter) {{ totalCount }} }}");
        self.data(&query, json!({ "filter": filter })).await[list]["totalCount"].take()
    }
}

both! {
    async fn an_external_id_is_trimmed_wherever_it_is_given(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops", externalId: " G-1 ""#).await;
        let customer = app.create_customer(r#"customerName: "Ana", externalId: "\tC-1 ""#).await;
        let query = "query($it: String!) { customer(externalId: $it) { id externalId } }";
        for given in ["C-1", " C-1", "C-1\n", "\u{a0}C-1\t "] {
            let data = app.data(query, json!({ "it": given })).await;
            assert_eq!(data["customer"], json!({ "id": customer, "externalId": "C-1" }), "{given:?}");
        }
        for filter in [
            json!({ "externalId": { "eq": " C-1 " } }), json!({ "externalId": { "in": ["C-0", "C-1 "] } }),
        ] {
            assert_eq!(app.count("customers", filter).await, 1);
        }
        let members = json!({ "externalId": "G-1 ", "addCustomerExternalIds": [" C-1"] });
        let selection = "customerGroup { id customers { nodes { id } } }";
        let payload = app.mutate("customerGroupUpdateCustomers", members, selection).await;
        let expected = json!({ "id": group, "customers": { "nodes": [{ "id": customer }] } });
        assert_eq!(payload["customerGroup"], expected);
        let payload = app.mutate("customerDelete", json!({ "externalId": " C-1 " }), "deletedId").await;
        assert_eq!(payload, json!({ "deletedId": customer, "userErrors": [] }));
    }

    async fn e_mail_addresses_are_compared_by_the_same_rules_in_all_lists(app: App) {
        for (name, email) in [("Ada", "Ada@Example.com"), ("Bob", "bøb@bücher.example"), ("Cid", "")] {
            app.create("customer", json!({
                "customerName": name, "emailId": email, "contacts": [{ "emailId": email }],
            })).await;
        }
        for (filter, count) in [
            (json!({ "eq": "ada@example.com" }), 1), (json!({ "eq": " ADA@EXAMPLE.COM" }), 1),
            (json!({ "eq": "ada@example.org" }), 0), (json!({ "eq": "BOB@BUCHER.example" }), 1),
            (json!({ "in": ["ADA@example.com", "bøb@bücher.example", "x@example.com"] }), 2),
            (json!({ "isNull": true }), 1), (json!({ "isNull": false }), 2),
        ] {
            for list in ["customers", "customerContacts"] {
                let filter = json!({ "emailId": filter });
                assert_eq!(app.count(list, filter.clone()).await, count, "{list} {filter}");
            }
        }
        // The API returns the given spelling. After a change, the new spelling is found.
        let contacts = "{ customerContacts(filter: { emailId: { eq: \"ada@EXAMPLE.com\" } }) { nodes { id emailId } } }";
        let found = app.data(contacts, json!({})).await;
        let contact = &found["customerContacts"]["nodes"][0];
        assert_eq!(contact["emailId"], "Ada@Example.com");
        let change = json!({ "id": contact["id"], "input": { "emailId": "Eve@Example.com" } });
        app.mutate("customerContactUpdate", change, "").await;
        let (old, new) = (json!({ "emailId": { "eq": "ada@example.com" } }), json!({ "emailId": { "eq": "eve@example.com" } }));
        assert_eq!(app.count("customerContacts", old).await, 0);
        assert_eq!(app.count("customerContacts", new).await, 1);
    }

    async fn a_stored_value_that_breaks_a_newer_rule_does_not_prevent_other_changes(app: App) {
        let id = app.create_customer(r#"customerName: "Ana""#).await;
        let mut lease = app.db.write().await.unwrap();
        let before = "UPDATE customers SET website = 'www.example.com', industry = 'a' || '\u{2028}'";
        lease.conn().batch_execute(before).await.unwrap();
        drop(lease);
        let mut answers = Vec::new();
        for input in [
            json!({ "taxId": "ES-1" }),
            json!({ "website": "www.example.com", "taxId": "ES-2" }),
            json!({ "website": "www.example.org", "taxId": "ES-3" }),
            json!({ "industry": "b\u{2028}", "taxId": "ES-4" }),
            json!({ "website": "https://www.example.com", "industry": null }),
        ] {
            let change = json!({ "id": id, "input": input });
            let selection = "customer { website industry taxId }";
            answers.push(app.mutate("customerUpdate", change, selection).await);
        }
        insta::assert_json_snapshot!("before_the_rule", answers);
    }

    async fn loyalty_ids_and_pos_ids_are_unique(app: App) {
        let number = |number: &str| json!({ "customerName": "C", "loyaltyId": number, "customerPosId": number });
        let first = app.create("customer", number("1")).await;
        let second = app.create("customer", number("2")).await;
        let mut answers = Vec::new();
        for input in [
            number("1"),
            json!({ "customerName": "C", "loyaltyId": "3", "customerPosId": " 2 " }),
            json!({ "customerName": "C", "loyaltyId": "2", "externalId": "X" }),
        ] {
            answers.push(app.mutate("customerCreate", json!({ "input": input }), "customer { id }").await);
        }
        for input in [
            json!({ "loyaltyId": "1" }), json!({ "customerPosId": "1" }), json!({ "loyaltyId": "2", "taxId": "t" }),
            json!({ "loyaltyId": null, "customerPosId": "" }),
        ] {
            let change = json!({ "id": second, "input": input });
            answers.push(app.mutate("customerUpdate", change, "customer { loyaltyId customerPosId }").await);
        }
        insta::assert_json_snapshot!("taken_numbers", answers);
        // A number that was cleared can be reused, and tenants do not share numbers.
        app.create("customer", json!({ "customerName": "C", "loyaltyId": "2" })).await;
        app.delete("customer", &first).await;
        app.create("customer", number("1")).await;
        let (_, key) = app.make_tenant("bravo").await;
        let input = json!({ "input": number("1") });
        let payload = app.mutate_as(&key, "customerCreate", input, "").await;
        assert_eq!(payload["userErrors"], json!([]));
    }

    async fn a_loyalty_id_assigned_concurrently_goes_to_one_customer(app: App) {
        let create = || async {
            let create = "mutation { customerCreate(input: { customerName: \"C\", loyaltyId: \"1\" }) {
                customer { id } userErrors { code } } }";
            app.query(create).await
        };
        let answers = futures_util::future::join_all((0..8).map(|_| create())).await;
        let made = answers.iter().filter(|it| it["data"]["customerCreate"]["customer"].is_object()).count();
        assert_eq!(made, 1, "{answers:?}");
        for answer in answers {
            let is_conflict = answer["errors"][0]["extensions"]["code"] == "CONFLICT";
            let is_taken = answer["data"]["customerCreate"]["userErrors"][0]["code"] == "TAKEN";
            assert!(is_conflict || is_taken || answer["data"]["customerCreate"]["customer"].is_object(), "{answer}");
        }
    }
}
