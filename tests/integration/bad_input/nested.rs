//! Errors deep inside objects that are created with nested objects. Each is reported with its path,
//! and nothing is created.

use serde_json::{Value, json};

use super::{NOTHING, populate, refused_by};
use crate::support::{
    app::App,
    types::{children_of, lists_of, with_lists},
};

both! {
    async fn mistakes_in_the_lists_of_a_new_customer_are_reported(app: App) {
        let ids = populate(&app).await;
        let told = refused_by(&app, &ids, "customerCreate", &[
            ("a country", json!({ "addresses": [{}, { "countryCode": "no" }] })),
            ("a code", json!({ "contacts": [{ "extensions": [
                { "extensionCode": "A" }, { "extensionCode": " " },
            ] }] })),
            ("the credit limit", json!({ "credit": { "limit": "-1", "balance": "-1" } })),
            ("one of everything", json!({
                "customerName": "", "emailId": "?", "credit": { "limit": -1 }, "paymentTermsDays": -1,
                "addresses": [{ "emailId": "?" }, { "countryCode": "NOR", "address": "\0" }],
                "contacts": [
                    { "emailId": "?" },
                    { "extensions": [{ "extensionCode": "A" }, { "extensionCode": "\0" }], "title": "\0" },
                ],
                "consents": [{ "name": " ", "status": true }],
                "extensions": [{ "extensionCode": "" }],
                "supplierNumbers": [{ "supplierNumber": "1" }, { "supplierNumber": "" }],
            })),
            ("what clashes", json!({
                "addresses": [{ "isPrimary": true }, { "isPrimary": true }],
                "contacts": [{ "isPrimary": true }, { "isPrimary": true, "extensions": [
                    { "extensionCode": "A" }, { "extensionCode": "A" },
                ] }],
                "consents": [{ "name": "a", "status": true }, { "name": "a", "status": true }],
                "extensions": [{ "extensionCode": "A" }, { "extensionCode": "A" }],
                "supplierNumbers": [{ "supplierNumber": "1" }, { "supplierNumber": "2" }],
            })),
            ("a mistake, and a clash of the same kind", json!({
                "consents": [
                    { "name": "a", "status": true }, { "name": "a", "status": true }, { "name": "", "status": true },
                ],
            })),
            ("what is taken", json!({
                "externalId": "C-1",
                "addresses": [{ "externalId": "A-1" }], "contacts": [{ "externalId": "K-1", "extensions": [
                    { "extensionCode": "A", "externalId": "E-1" },
                ] }],
                "consents": [{ "name": "a", "status": true, "externalId": "N-1" }],
                "supplierNumbers": [{ "supplierNumber": "1", "externalId": "S-1" }],
            })),
            ("addresses that are taken", json!({
                "addresses": [{ "externalId": "A-1" }, {}, { "externalId": "A-2" }, { "externalId": "X" }],
            })),
            ("twice", json!({ "addresses": [{ "externalId": "X" }, {}, { "externalId": "X" }] })),
            ("twice, with a contact's", json!({
                "extensions": [{ "extensionCode": "A", "externalId": "X" }],
                "contacts": [{ "extensions": [{ "extensionCode": "A", "externalId": "X" }] }],
            })),
            ("twice, and taken", json!({ "contacts": [{ "externalId": "K-1" }, { "externalId": "K-1" }] })),
            ("references", json!({
                "customerGroupId": "?", "loyaltyProgramId": "?", "customerGroupIds": [ids["G-1"], "?"],
            })),
            ("references to nothing", json!({
                "customerGroupId": format!("customer-group_{NOTHING}"),
                "customerGroupIds": [ids["G-1"], format!("customer-group_{NOTHING}")],
            })),
            ("groups of nothing", json!({
                "customerGroupIds": ["?", ids["G-1"], ids["C-1"], format!("customer-group_{NOTHING}")],
            })),
            ("a group of nothing, after a good one", json!({
                "customerGroupIds": [ids["G-1"], format!("customer-group_{NOTHING}")],
            })),
        ]).await;
        insta::assert_json_snapshot!("mistakes_in_a_customer", told);
    }

    async fn mistakes_in_the_tiers_of_a_new_program_are_reported(app: App) {
        let ids = populate(&app).await;
        let tier = |name: &str, min_spent: i32, external_id: Option<&str>| json!({
            "tierName": name, "minSpent": min_spent, "collectionFactor": 1, "externalId": external_id,
        });
        let told = refused_by(&app, &ids, "loyaltyProgramCreate", &[
            ("an amount", json!({ "collections": [tier("A", 0, None), tier("B", 1, None), tier("C", -1, None)] })),
            ("what is taken", json!({ "collections": [tier("A", 0, None), tier("B", 1, Some("T-9"))] })),
            ("twice", json!({ "collections": [tier("A", 0, Some("X")), tier("B", 1, Some("X"))] })),
            ("the program's and a tier's are taken", json!({
                "externalId": "P-1", "collections": [tier("A", 0, Some("T-1"))],
            })),
            ("several", json!({
                "loyaltyProgramName": "", "conversionFactor": -1, "toDate": "2025-01-01",
                "collections": [
                    { "tierName": "\0", "minSpent": -1, "collectionFactor": -1, "externalId": "\0" },
                    tier("B", 1, None),
                    tier(&"x".repeat(256), 2, None),
                ],
            })),
        ]).await;
        insta::assert_json_snapshot!("mistakes_in_a_program", told);
    }

    async fn too_many_nested_objects_are_refused(app: App) {
        let ids = populate(&app).await;
        let list = |count: usize, item: fn(usize) -> Value| -> Value { (0..count).map(item).collect() };
        let address = |_| json!({});
        let consent = |it| json!({ "name": format!("{it}"), "status": true });
        let extension = |it| json!({ "extensionCode": format!("{it}") });
        let number = |it| json!({ "supplierNumber": "1", "company": format!("{it}") });
        let tier = |it| json!({ "tierName": format!("{it}"), "minSpent": it, "collectionFactor": 1 });
        let groups = |count: usize| vec![&ids["G-1"]; count];
        let of_customer = refused_by(&app, &ids, "customerCreate", &[
            ("addresses", json!({ "addresses": list(501, address) })),
            ("contacts", json!({ "contacts": list(501, address) })),
            ("consents", json!({ "consents": list(501, consent) })),
            ("extensions", json!({ "extensions": list(501, extension) })),
            ("extensions of a contact", json!({ "contacts": [{ "extensions": list(501, extension) }] })),
            ("extensions in all", json!({
                "extensions": list(250, extension),
                "contacts": [{ "extensions": list(250, extension) }, { "extensions": list(2, extension) }],
            })),
            ("supplier numbers", json!({ "supplierNumbers": list(501, number) })),
            ("thousands", json!({ "addresses": list(20_000, address), "contacts": list(20_000, address) })),
            ("one too many, and a mistake", json!({
                "addresses": list(501, address), "consents": [{ "name": "", "status": true }],
            })),
            ("groups", json!({ "customerGroupIds": groups(1_001) })),
            ("groups of nothing", json!({ "customerGroupIds": vec!["?"; 1_001] })),
        ]).await;
        let of_program = refused_by(&app, &ids, "loyaltyProgramCreate", &[
            ("tiers", json!({ "collections": list(501, tier) })),
        ]).await;
        insta::assert_json_snapshot!("too_many_at_once", json!([of_customer, of_program]));

        // The maximum number of groups. Duplicates count once.
        let input = json!({
            "customerName": "Full", "customerGroupId": ids["G-1"], "customerGroupIds": groups(1_000),
        });
        let input = with_lists("Customer", input, |it| (0..500).map(|item| (it.new)(&item.to_string())).collect());
        let lists = lists_of("Customer", "id");
        let create = format!(
            "mutation($input: CustomerCreateInput!) {{ customerCreate(input: $input) {{
                customer {{ customerGroups {{ totalCount }} {lists} }} userErrors {{ field message }} }} }}"
        );
        let answer = app.data(&create, json!({ "input": input })).await;
        let customer = &answer["customerCreate"]["customer"];
        assert_eq!(customer["customerGroups"]["totalCount"], 1);
        for (list, _) in children_of("Customer") {
            assert_eq!(customer[list].as_array().unwrap().len(), 500, "{list}");
        }
    }
}
