//! Bad values of other types, and those that are just good enough.

use serde_json::json;

use super::{NO_GROUP, OF_CUSTOMERS, OF_GROUPS, UPDATE_CUSTOMER, populate, refused_by};
use crate::support::app::App;

both! {
    async fn values(app: App) {
        let data = populate(&app).await;
        let mut inputs = Vec::new();
        for value in ["a", "@b", "a@", "a@b..c", "a b@c", "a@b c", "a@.", "a\u{2003}@b", "@@"] {
            inputs.push((format!("emailId {value}"), json!({ "emailId": value })));
        }
        for value in ["eur", "EURO", "EU", "E1R", "€€€", "E R"] {
            inputs.push((format!("defaultCurrency {value}"), json!({ "defaultCurrency": value })));
        }
        let decimals = [
            json!("1234567890".repeat(4)),
            json!("NaN"),
            json!("Infinity"),
            json!("1e400"),
            json!("1e2"),
            json!("12345678901234567890123456789"),
            json!("99999999999999999999999999999"),
            json!("0.00000000000000000000000000001"),
            json!(""),
            json!("-"),
            json!("1,5"),
            json!("+1"),
            json!(" 1"),
            json!("1\u{0}"),
            json!("١"),
            json!(1.5),
            json!(1e300),
            json!(true),
            json!([]),
        ];
        for value in decimals {
            inputs.push((
                format!("defaultCommissionRate {value}"),
                json!({ "defaultCommissionRate": value }),
            ));
        }
        for value in [json!("CAT"), json!("company"), json!(""), json!(1), json!("COMPANY\0")] {
            inputs.push((format!("customerType {value}"), json!({ "customerType": value })));
        }
        for value in [json!("true"), json!(1), json!("")] {
            inputs.push((format!("disabled {value}"), json!({ "disabled": value })));
        }
        inputs.push(("externalId that is taken".to_owned(), json!({ "externalId": "C-2" })));
        inputs.push((
            "externalId that is taken, with spaces".to_owned(),
            json!({ "externalId": " C-2 " }),
        ));
        inputs.push(("several".to_owned(), json!({
            "customerName": " ", "emailId": "a\0", "defaultCurrency": "x", "taxId": "x".repeat(256),
            "website": "x".repeat(2_049), "externalId": "C-2", "customerGroupId": NO_GROUP,
        })));
        inputs.push((
            "a group and a text".to_owned(),
            json!({ "taxId": "\0", "customerGroupId": "?" }),
        ));
        let inputs: Vec<_> = inputs.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
        insta::assert_json_snapshot!(
            "values_of_customers",
            refused_by(&app, &OF_CUSTOMERS, &inputs).await
        );

        let inputs = [
            ("externalId that is taken", json!({ "externalId": "G-1" })),
            ("externalId that is taken, with spaces", json!({ "externalId": "\t G-1 " })),
            ("isGroup that is text", json!({ "isGroup": "true" })),
            ("parentId of a leaf", json!({ "parentId": data.leaf })),
            ("parentId of a customer", json!({ "parentId": data.customer })),
            (
                "several",
                json!({
                    "customerGroupName": " ", "externalId": "\0", "paymentTerms": "x".repeat(256),
                    "defaultPriceList": "\0".repeat(256), "parentId": data.leaf,
                }),
            ),
        ];
        insta::assert_json_snapshot!(
            "values_of_groups",
            refused_by(&app, &OF_GROUPS, &inputs).await
        );
    }

    async fn values_at_the_edge_are_taken(app: App) {
        populate(&app).await;
        let read = "mutation($input: CustomerUpdateInput!) {
            customerUpdate(externalId: \"C-1\", input: $input) { userErrors { field message }
                customer { externalId emailId defaultCurrency defaultCommissionRate customerType disabled website
                    customerDetails } } }";
        for (given, kept) in [
            // One's own external id is no other's, and one of a group is none of a customer.
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
            (json!({ "website": "x".repeat(2_048) }), json!({ "website": "x".repeat(2_048) })),
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
                app.data(&UPDATE_CUSTOMER.replace("C-1", id), back).await;
            }
        }
    }
}
