//! The loyalty programs, groups and lists of customers in import files.

use serde_json::{Value, json};

use crate::support::{
    app::App,
    binary::{Shell, import, lines},
    dump::dump,
    types::assert_names_all_lists,
};

const ALL: &str = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes { customerName
    customerGroup { customerGroupName } customerGroups { nodes { customerGroupName } }
    loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName }
    addresses { city isPrimary } contacts { firstName isPrimary extensions { extensionCode } }
    consents { name status source } extensions { extensionCode organizationUid }
    supplierNumbers { idx company supplierNumber } } } }";

async fn make_programs(app: &App) {
    for (external_id, name) in [("bonus", "Bonus"), ("twin-1", "Twin"), ("twin-2", "Twin")] {
        app.create("loyaltyProgram", json!({
            "externalId": external_id, "loyaltyProgramName": name, "fromDate": "2026-01-01",
            "collections": [
                { "tierName": "Silver", "minSpent": "0", "collectionFactor": "1" },
                { "externalId": format!("{external_id}-gold"), "tierName": "Gold", "minSpent": "9",
                    "collectionFactor": "1" },
            ],
        })).await;
    }
}

both! {
    async fn new_customers_of_a_file_join_the_program_that_is_for_them(app: App) {
        let shell = Shell::on(&app.database);
        let group = app.create("customerGroup", json!({ "customerGroupName": "Club" })).await;
        app.create("loyaltyProgram", json!({
            "externalId": "club", "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "customerGroupId": group, "autoOptIn": true,
            "collections": [{ "tierName": "Silver", "minSpent": "0", "collectionFactor": "1" }],
        })).await;
        let rows = lines(&[
            json!({ "externalId": "1", "customerName": "Ada", "customerGroup": "Club" }),
            json!({ "externalId": "2", "customerName": "Bo", "customerGroup": "Elsewhere" }),
            // A program in a row, or `null`, prevents the automatic enrolment.
            json!({ "externalId": "3", "customerName": "Cy", "customerGroup": "Club", "loyaltyProgram": null }),
            json!({ "externalId": "4", "customerName": "Di", "customerGroup": "Club", "loyaltyProgram": "club" }),
            json!({ "externalId": "5", "customerName": "Ed", "customerGroup": "Elsewhere", "loyaltyProgram": "club" }),
        ]);
        shell.write("joining.ndjson", &rows);
        let first = shell.run(&import("joining.ndjson", &[]));
        let told = format!("{}{}", first.stdout, first.stderr);
        assert!(told.contains("4 created, 0 updated, 0 unchanged, 1 failed"), "{told}");
        assert!(first.stderr.contains("the loyalty program is for a customer group"), "{first:?}");
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes { customerName
            loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName } } } }";
        let silver = json!({ "tierName": "Silver" });
        let club = json!({ "loyaltyProgramName": "Club" });
        let none = Value::Null;
        let expected = [("Ada", &club, &silver), ("Bo", &none, &none), ("Cy", &none, &none), ("Di", &club, &none)]
            .map(|(name, program, tier)| json!({
                "customerName": name, "loyaltyProgram": program, "loyaltyProgramTier": tier,
            }));
        assert_eq!(app.data(query, json!({})).await["customers"]["nodes"], json!(expected));
        // The enrolled rows are unchanged when the file is imported again.
        let before = dump(&app.database).await["customers"].clone();
        shell.run(&import("joining.ndjson", &[]));
        assert_eq!(dump(&app.database).await["customers"], before);
    }

    async fn customers_are_imported_with_programs_and_further_groups(app: App) {
        let shell = Shell::on(&app.database);
        make_programs(&app).await;
        let header = "externalId,customerName,customerGroup,customerGroups,loyaltyProgram,loyaltyProgramTier\n";
        let first = format!("{header}1,Ada,All > A,All > B | All>C,bonus,Gold\n2,Bo,All > A,,Bonus,bonus-gold\n\
            3,Cy,,All > B,,\n4,Di,,,Twin,\n5,Ed,,,Nobody,\n6,Fi,,,bonus,Tin\n7,Gus,,,,Gold\n");
        shell.write("first.csv", &first);
        let mut text = shell.transcript(&[&import("first.csv", &[])]);
        let made = app.data(ALL, json!({})).await;
        let before = dump(&app.database).await;
        text += &shell.transcript(&[&import("first.csv", &[])]);
        assert_eq!(dump(&app.database).await, before);
        // A tier must belong to the program of the row. A list of groups replaces the memberships.
        let second = format!("{header}1,Ada,,All > C,twin-1,\n2,Bo,All > B,,,Silver\n3,Cy,All > B,,,\n");
        shell.write("second.csv", &second);
        text += &shell.transcript(&[&import("second.csv", &[])]);
        insta::assert_snapshot!("programs_and_groups", text);
        let changed = app.data(ALL, json!({})).await;
        insta::assert_json_snapshot!("programs_and_groups_customers", json!([made, changed]));
    }

    async fn customers_are_imported_with_their_lists(app: App) {
        let shell = Shell::on(&app.database);
        let rows = [
            json!({ "externalId": "1", "customerName": "Ada",
                "addresses": [{ "city": "Oslo" }, { "city": "Bergen", "isPrimary": true }],
                "contacts": [
                    { "firstName": "Ann", "isPrimary": true, "extensions": [{ "extensionCode": "crm" }] },
                    { "externalId": "b", "firstName": "Ben" },
                ],
                "consents": [{ "name": "sms", "status": true, "source": "till" }, { "name": "mail", "status": false }],
                "extensions": [{ "extensionCode": "shop", "organizationUid": "7" }],
                "supplierNumbers": [{ "supplierNumber": "5" }, { "company": "A", "supplierNumber": "6" }] }),
            json!({ "externalId": "2", "customerName": "Bo", "contacts": [] }),
        ];
        shell.write("lists.ndjson", lines(&rows));
        let mut text = shell.transcript(&[&import("lists.ndjson", &[])]);
        let made = app.data(ALL, json!({})).await;
        let before = dump(&app.database).await;
        // Without ids, the items are matched by their content.
        text += &shell.transcript(&[&import("lists.ndjson", &[])]);
        assert_eq!(dump(&app.database).await, before);
        let rows = [
            json!({ "externalId": "1",
                "addresses": [{ "city": "Bergen" }, { "city": "Turku", "isPrimary": true }],
                "contacts": [{ "externalId": "b", "firstName": "Benny", "isPrimary": true,
                    "extensions": [{ "extensionCode": "crm" }] }],
                "consents": [{ "name": "mail", "status": true }],
                "supplierNumbers": [{ "company": "A", "supplierNumber": "8" }, { "supplierNumber": "5" }] }),
            json!({ "externalId": "2", "extensions": [{ "extensionCode": "x" }, { "extensionCode": "x" }] }),
            json!({ "externalId": "3", "customerName": "Cy", "contacts": [{ "externalId": "b" }],
                "contact": { "firstName": "Cy" } }),
            json!({ "externalId": "4", "customerName": "Di", "contacts": [{ "externalId": "b" }] }),
            json!({ "externalId": "5", "customerName": "Ed", "extensions": [{ "extensionCode": "x",
                "contactId": "customer-contact_01a1f7458f6478aca3b4d9a9be18c403" }] }),
            json!({ "externalId": "6", "customerName": "Fi",
                "contacts": [{ "isPrimary": true }, { "isPrimary": true }] }),
        ];
        shell.write("changed.ndjson", lines(&rows));
        text += &shell.transcript(&[&import("changed.ndjson", &[])]);
        insta::assert_snapshot!("lists", text);
        assert_names_all_lists("Customer", ALL);
        let changed = app.data(ALL, json!({})).await;
        insta::assert_json_snapshot!("lists_customers", json!([made, changed]));
    }

    async fn items_of_two_lists_can_have_the_same_uuid(app: App) {
        let shell = Shell::on(&app.database);
        let first = json!({ "externalId": "1", "customerName": "Ada",
            "contacts": [{ "externalId": "b" }], "consents": [{ "name": "sms", "status": false }] });
        shell.write("first.ndjson", lines(&[first]));
        shell.succeed(&import("first.ndjson", &[]));
        // The ids are new, so that the items are matched by their external id and by their name.
        let second = json!({ "externalId": "1",
            "contacts": [{ "id": "customer-contact_01a1f7458f6478aca3b4d9a9be18c403", "externalId": "b",
                "extensions": [{ "extensionCode": "crm" }] }],
            "consents": [{ "id": "customer-consent_01a1f7458f6478aca3b4d9a9be18c403", "name": "sms", "status": true }] });
        shell.write("second.ndjson", lines(&[second]));
        shell.succeed(&import("second.ndjson", &[]));
        let query = "{ customers { nodes { contacts { externalId extensions { extensionCode } } consents { name status } } } }";
        let expected = json!([{ "contacts": [{ "externalId": "b", "extensions": [{ "extensionCode": "crm" }] }],
            "consents": [{ "name": "sms", "status": true }] }]);
        assert_eq!(app.data(query, json!({})).await["customers"]["nodes"], expected);
    }

    async fn an_item_that_becomes_the_primary_one_stays_the_same(app: App) {
        let shell = Shell::on(&app.database);
        let import_lists = |lists: Value| {
            let mut row = json!({ "externalId": "1", "customerName": "Ada" });
            row.as_object_mut().unwrap().extend(lists.as_object().unwrap().clone());
            shell.write("it.ndjson", lines(&[row]));
            shell.succeed(&import("it.ndjson", &[]));
        };
        let named = |name: &str| json!([{ "extensionCode": "crm", "organizationUid": name }]);
        import_lists(json!({
            "contacts": [
                { "firstName": "Ann", "isPrimary": true, "extensions": named("Ann") },
                { "firstName": "Bob", "extensions": named("Bob") },
            ],
            "addresses": [{ "city": "Oslo", "isPrimary": true }, { "city": "Bergen" }],
        }));
        let query = "{ customer(externalId: \"1\") {
            contacts { id firstName isPrimary extensions { organizationUid } } addresses { id city isPrimary }
        } }";
        let mut expected = app.data(query, json!({})).await;
        import_lists(json!({
            "contacts": [{ "firstName": "Ann" }, { "firstName": "Bob", "isPrimary": true }],
            "addresses": [{ "city": "Oslo" }, { "city": "Bergen", "isPrimary": true }],
        }));
        for list in ["contacts", "addresses"] {
            for (item, is_primary) in [(0, false), (1, true)] {
                expected["customer"][list][item]["isPrimary"] = is_primary.into();
            }
        }
        assert_eq!(app.data(query, json!({})).await, expected);
    }

    async fn a_consent_without_a_status_is_rejected(app: App) {
        let shell = Shell::on(&app.database);
        let with = |consent: Value| json!({ "externalId": "1", "customerName": "Ada", "consents": [consent] });
        shell.write("given.ndjson", lines(&[with(json!({ "name": "mail", "status": true }))]));
        shell.succeed(&import("given.ndjson", &[]));
        let before = dump(&app.database).await;
        for consent in [json!({ "name": "mail" }), json!({ "name": "mail", "status": null }), json!({ "name": "sms" })] {
            shell.write("it.ndjson", lines(&[with(consent)]));
            let outcome = shell.run(&import("it.ndjson", &[]));
            assert!(outcome.stderr.contains("line 1: consents.0.status: must be given"), "{}", outcome.stderr);
        }
        assert_eq!(dump(&app.database).await, before);
    }

    async fn items_can_exchange_unique_values(app: App) {
        let shell = Shell::on(&app.database);
        let import_lists = |is_exchanged: bool| {
            let (a, b) = if is_exchanged { ("b", "a") } else { ("a", "b") };
            let row = json!({ "externalId": "1", "customerName": "Ada",
                "contacts": [{ "externalId": a, "firstName": "Ann", "isPrimary": true }, { "externalId": b, "firstName": "Ben" }],
                "addresses": [{ "externalId": b, "city": "Oslo" }, { "externalId": a, "city": "Bergen" }],
                "consents": [{ "externalId": "1", "name": a, "status": true }, { "externalId": "2", "name": b, "status": false }],
                "extensions": [{ "externalId": "1", "extensionCode": a }, { "externalId": "2", "extensionCode": b }],
                "supplierNumbers": [
                    { "externalId": a, "company": "A", "supplierNumber": "1" },
                    { "externalId": b, "company": "B", "supplierNumber": "2" },
                ] });
            shell.write("it.ndjson", lines(&[row]));
            shell.succeed(&import("it.ndjson", &[]));
        };
        let query = "{ customer(externalId: \"1\") {
            contacts { id externalId firstName isPrimary } addresses { id externalId city }
            consents { id externalId name status } extensions { id externalId extensionCode }
            supplierNumbers { id externalId company supplierNumber }
        } }";
        import_lists(false);
        let before = app.data(query, json!({})).await["customer"].take();
        import_lists(true);
        let after = app.data(query, json!({})).await["customer"].take();
        // Each item is the one with its external id.
        for (list, field) in [
            ("contacts", "firstName"), ("addresses", "city"), ("consents", "name"), ("extensions", "extensionCode"),
            ("supplierNumbers", "supplierNumber"),
        ] {
            for item in before[list].as_array().unwrap() {
                let same = after[list].as_array().unwrap().iter().find(|it| it["id"] == item["id"]);
                let same = same.unwrap_or_else(|| panic!("{item} is missing in {after}"));
                assert_eq!(same["externalId"], item["externalId"]);
                assert_ne!(same[field], item[field], "{list}");
            }
        }
        import_lists(false);
        assert_eq!(app.data(query, json!({})).await["customer"], before);
    }
}
