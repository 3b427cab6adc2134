//! Inputs with several errors, and values that are just valid.

use serde_json::{Map, json};

use super::{NOTHING, change_of, populate, refused_by};
use crate::support::app::App;

fn web_address(length: usize) -> String {
    format!("https://example.com/{:x>1$}", "", length - 20)
}

both! {
    async fn several_mistakes_are_reported_together(app: App) {
        let ids = populate(&app).await;
        let nothing = format!("customer-group_{NOTHING}");
        let of_customer = [
            ("several", json!({
                "customerName": " ", "emailId": "a\0", "defaultCurrency": "x", "taxId": "x".repeat(256),
                "website": "x".repeat(2_049), "externalId": "C-2", "customerGroupId": nothing,
            })),
            ("a group and a text", json!({ "taxId": "\0", "customerGroupId": "?" })),
        ];
        let several = json!({
            "customerGroupName": " ", "externalId": "\0", "paymentTerms": "x".repeat(256),
            "defaultPriceList": "\0".repeat(256), "parentId": ids["G-2"],
        });
        let of_group = [("parentId of a leaf", json!({ "parentId": ids["G-2"] })), ("several", several)];
        let mut told = Map::new();
        for (mutation, inputs) in [
            ("customerCreate", &of_customer),
            ("customerUpdate", &of_customer),
            ("customerGroupCreate", &of_group),
            ("customerGroupUpdate", &of_group),
        ] {
            told.insert(mutation.to_owned(), refused_by(&app, &ids, mutation, inputs).await);
        }
        insta::assert_json_snapshot!("several_mistakes", told);
    }

    async fn values_at_their_limits_are_accepted(app: App) {
        populate(&app).await;
        let read = "mutation($input: CustomerUpdateInput!) {
            customerUpdate(externalId: \"C-1\", input: $input) { userErrors { field message }
                customer { externalId emailId defaultCurrency defaultCommissionRate customerType disabled website
                    customerDetails } } }";
        for (given, kept) in [
            // An object may keep its own external id, and a customer may have the external id of a
            // group.
            (json!({ "externalId": "C-1" }), json!({ "externalId": "C-1" })),
            (json!({ "externalId": "G-1" }), json!({ "externalId": "G-1" })),
            (json!({ "externalId": " C-1 " }), json!({ "externalId": "C-1" })),
            (json!({ "emailId": " a@b " }), json!({ "emailId": "a@b" })),
            (json!({ "emailId": "\"@\"@ü.example" }), json!({ "emailId": "\"@\"@ü.example" })),
            (json!({ "emailId": "" }), json!({ "emailId": null })),
            (json!({ "defaultCurrency": "XXX" }), json!({ "defaultCurrency": "XXX" })),
            (json!({ "defaultCurrency": null }), json!({ "defaultCurrency": null })),
            (json!({ "defaultCommissionRate": "-5" }), json!({ "defaultCommissionRate": "-5" })),
            (json!({ "defaultCommissionRate": 12 }), json!({ "defaultCommissionRate": "12" })),
            (json!({ "defaultCommissionRate": "-0.0" }), json!({ "defaultCommissionRate": "0" })),
            (
                json!({ "defaultCommissionRate": "1234567890123456789012345678" }),
                json!({ "defaultCommissionRate": "1234567890123456789012345678" }),
            ),
            (
                json!({ "defaultCommissionRate": "0.0000000000000000000000000001" }),
                json!({ "defaultCommissionRate": "0.0000000000000000000000000001" }),
            ),
            (json!({ "defaultCommissionRate": null }), json!({ "defaultCommissionRate": null })),
            (json!({ "customerType": null }), json!({ "customerType": "COMPANY" })),
            (json!({ "disabled": null }), json!({ "disabled": false })),
            (json!({ "website": web_address(2_048) }), json!({ "website": web_address(2_048) })),
            (json!({ "website": " HTTP://EXAMPLE.COM " }), json!({ "website": "HTTP://EXAMPLE.COM" })),
            (
                json!({ "website": "https://bücher.example/päth?q=1#x" }),
                json!({ "website": "https://bücher.example/päth?q=1#x" }),
            ),
            (json!({ "website": "http://[::1]:8080" }), json!({ "website": "http://[::1]:8080" })),
            // Bidirectional marks and emoji joiners are allowed.
            (
                json!({ "externalId": "\u{200f}א\u{200d}" }),
                json!({ "externalId": "\u{200f}א\u{200d}" }),
            ),
            (json!({ "defaultCommissionRate": 0.1 }), json!({ "defaultCommissionRate": "0.1" })),
            (json!({ "customerDetails": "a\r\n\tb" }), json!({ "customerDetails": "a\r\n\tb" })),
            (
                json!({ "customerDetails": "🏪".repeat(10_000) }),
                json!({ "customerDetails": "🏪".repeat(10_000) }),
            ),
        ] {
            let answer = app.data(read, json!({ "input": given })).await;
            let payload = &answer["customerUpdate"];
            assert_eq!(payload["userErrors"], json!([]), "{given}");
            let (field, value) = kept.as_object().unwrap().iter().next().unwrap();
            assert_eq!(&payload["customer"][field], value, "{given}");
            if field == "externalId" {
                let back = json!({ "input": { "externalId": "C-1" } });
                let id = value.as_str().unwrap();
                app.data(&change_of("customerUpdate", "customer", id), back).await;
            }
        }
    }
}
