//! Creating an object with its related objects in one mutation.

use serde_json::json;

use crate::support::{app::App, dump::dump, types::assert_names_all_lists};

const ALL: &str = "id externalId customerName displayName createdBy
    customerGroup { customerGroupName }
    customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes { customerGroupName } }
    loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName }
    credit { limit balance }
    addresses { id externalId addressType isPrimary formatted }
    primaryAddress { externalId address postalCode city countryCode formatted }
    contacts { id externalId isPrimary displayName title
        extensions { id extensionCode organizationUid contact { externalId } } }
    primaryContact { externalId }
    consents { id externalId name status source }
    extensions { id externalId extensionCode organizationUid contact { externalId } }
    supplierNumbers { id externalId idx company supplierNumber }";

both! {
    async fn a_customer_is_created_with_all_related_objects(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops""#).await;
        let clubs = app.create_group(r#"customerGroupName: "Clubs""#).await;
        let program = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "collections": [{ "tierName": "Bronze", "collectionFactor": "1" }],
        })).await;
        let tiers = app.read("loyaltyProgram", &program, "collections { id }").await;
        let input = json!({
            "customerName": "Berg Hotell AS", "externalId": "B", "displayName": "Berg",
            "customerGroupId": shops, "customerGroupIds": [clubs, shops],
            "loyaltyProgramId": program, "loyaltyProgramTierId": tiers["collections"][0]["id"],
            "credit": { "limit": "1000", "balance": "10" },
            "addresses": [
                { "externalId": "A-1", "addressType": "INVOICE_ADDRESS", "city": "Oslo" },
                {
                    "externalId": "A-2", "isPrimary": true, "address": "Storgata 1",
                    "postalCode": "5003", "city": "Bergen", "countryCode": "NO",
                },
            ],
            "contacts": [
                { "externalId": "K-1", "firstName": "Kari", "isPrimary": true, "extensions": [
                    { "extensionCode": "TWO_INVOICE", "organizationUid": "org-2" },
                    { "extensionCode": "OTHER" },
                ] },
                { "externalId": "K-2", "lastName": "Berg", "title": "Owner" },
            ],
            "consents": [
                { "externalId": "C-1", "name": "mail", "status": true, "source": "Web shop" },
                { "name": "sms", "status": false },
            ],
            "extensions": [
                { "externalId": "E-1", "extensionCode": "TWO_INVOICE", "organizationUid": "org-1" },
            ],
            "supplierNumbers": [
                { "externalId": "N-1", "supplierNumber": "4711", "company": "Sol SA" },
                { "supplierNumber": "4712" },
            ],
        });
        assert_names_all_lists("Customer", ALL);
        let selection = format!("customer {{ {ALL} }}");
        let created = app.mutate("customerCreate", json!({ "input": input }), &selection).await;
        insta::assert_json_snapshot!("customer_with_everything", created);
        let id = created["customer"]["id"].as_str().unwrap();
        assert_eq!(app.read("customer", id, ALL).await, created["customer"]);
    }

    async fn a_customer_is_created_as_a_whole_or_not_at_all(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let other = app.create("customer", json!({
            "customerName": "Sol", "contacts": [{ "externalId": "K" }],
            "addresses": [{ "externalId": "A" }],
            "consents": [{ "name": "mail", "status": true, "externalId": "C" }],
            "supplierNumbers": [{ "supplierNumber": "1", "externalId": "N" }],
            "extensions": [{ "extensionCode": "TWO", "externalId": "E" }],
        })).await;
        let before = dump(&app.database).await;
        let mut refused = serde_json::Map::new();
        for (rule, more) in [
            ("what each is", json!({
                "customerName": " ", "addresses": [{}, { "countryCode": "Norway" }],
                "contacts": [{ "emailId": "kari", "extensions": [{ "extensionCode": "" }] }],
                "consents": [{ "name": "", "status": true }],
                "extensions": [{ "extensionCode": "TWO" }, { "extensionCode": " " }],
                "supplierNumbers": [{ "supplierNumber": "" }], "credit": { "limit": "-1" },
            })),
            ("one of a kind", json!({
                "addresses": [{ "isPrimary": true }, {}, { "isPrimary": true }],
                "contacts": [{ "isPrimary": true }, { "isPrimary": true, "extensions": [
                    { "extensionCode": "TWO" }, { "extensionCode": "TWO" },
                ] }],
                "consents": [
                    { "name": "mail", "status": true }, { "name": "mail", "status": false },
                ],
                "extensions": [{ "extensionCode": "TWO" }, { "extensionCode": "TWO" }],
                "supplierNumbers": [{ "supplierNumber": "1" }, { "supplierNumber": "2" }],
            })),
            ("addresses' external ids", json!({
                "addresses": [{ "externalId": "B" }, { "externalId": "A" }, { "externalId": "B" }],
            })),
            ("contacts' external ids", json!({ "contacts": [{}, { "externalId": "K" }] })),
            ("consents' external ids", json!({ "consents": [
                { "name": "mail", "status": true, "externalId": "C" },
            ] })),
            ("supplier numbers' external ids", json!({ "supplierNumbers": [
                { "supplierNumber": "1", "externalId": "N" },
            ] })),
            ("extensions' external ids", json!({ "contacts": [
                { "extensions": [{ "extensionCode": "TWO", "externalId": "E" }] },
            ] })),
            ("groups that there are", json!({
                "customerGroupId": group, "customerGroupIds": [group, other],
            })),
            ("a program that there is", json!({ "loyaltyProgramId": group })),
            ("a tier of the program", json!({ "loyaltyProgramTierId": group })),
        ] {
            let mut input = json!({ "customerName": "Berg", "externalId": "B" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let arguments = json!({ "input": input });
            let payload = app.mutate("customerCreate", arguments, "customer { id }").await;
            refused.insert(rule.to_owned(), payload);
        }
        insta::assert_json_snapshot!("customer_with_what_is_wrong", refused);
        assert_eq!(dump(&app.database).await, before);
    }

    async fn a_program_is_created_with_its_tiers(app: App) {
        let selection = "loyaltyProgram { id loyaltyProgramName loyaltyProgramType collections {
            id externalId idx tierName minSpent collectionFactor } }";
        let input = json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "loyaltyProgramType": "MULTIPLE_TIER_PROGRAM", "collections": [
                {
                    "externalId": "S", "tierName": "Silver", "minSpent": "100",
                    "collectionFactor": "5",
                },
                { "tierName": "Bronze", "collectionFactor": "10" },
            ],
        });
        let arguments = json!({ "input": input });
        let created = app.mutate("loyaltyProgramCreate", arguments, selection).await;
        insta::assert_json_snapshot!("program_with_tiers", created);

        let before = dump(&app.database).await;
        let mut refused = serde_json::Map::new();
        let tier = |name: &str, min_spent: &str| json!({
            "tierName": name, "minSpent": min_spent, "collectionFactor": "1",
        });
        for (rule, more) in [
            ("what each is", json!({
                "loyaltyProgramName": "", "toDate": "2025-01-01",
                "collections": [{ "tierName": "", "minSpent": "-1", "collectionFactor": "-1" }],
            })),
            ("names and amounts of their own", json!({ "collections": [
                tier("A", "0"), tier("A", "1"), tier("B", "0"),
            ] })),
            ("the lowest begins at 0", json!({ "collections": [tier("A", "2"), tier("B", "1")] })),
            ("one tier only", json!({
                "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
                "collections": [tier("A", "0"), tier("B", "1")],
            })),
            ("an external id of its own", json!({ "collections": [
                { "tierName": "A", "collectionFactor": "1", "externalId": "S" },
            ] })),
        ] {
            let mut input = json!({ "loyaltyProgramName": "Other", "fromDate": "2026-01-01" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let arguments = json!({ "input": input });
            let payload = app.mutate("loyaltyProgramCreate", arguments, "loyaltyProgram { id }");
            refused.insert(rule.to_owned(), payload.await);
        }
        insta::assert_json_snapshot!("program_with_what_is_wrong", refused);
        assert_eq!(dump(&app.database).await, before);
    }
}
