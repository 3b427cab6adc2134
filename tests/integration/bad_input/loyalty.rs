//! Loyalty programs: invalid tiers, dates and members, and deletions that are rejected because the
//! object is in use.

use serde_json::{Map, Value, json};

use super::{NOTHING, change, change_of, new, populate, refused, refused_by};
use crate::support::app::App;

/// A mutation that deletes the object with the external id `$it`.
fn delete(object: &str) -> String {
    format!(
        "mutation($it: String!) {{ it: {object}Delete(externalId: $it) {{
            it: deletedId userErrors {{ field code message }} }} }}"
    )
}

fn tier(name: &str, min_spent: &str) -> Value {
    json!({ "tierName": name, "minSpent": min_spent, "collectionFactor": "1" })
}

both! {
    async fn invalid_tiers_of_a_new_program_are_refused(app: App) {
        let ids = populate(&app).await;
        let single = "SINGLE_TIER_PROGRAM";
        let told = refused_by(&app, &ids, "loyaltyProgramCreate", &[
            ("one name", json!({ "collections": [tier("A", "0"), tier("B", "1"), tier("A", "2")] })),
            ("one name but for spaces", json!({ "collections": [tier("A", "0"), tier(" A ", "1")] })),
            ("one amount", json!({ "collections": [tier("A", "0"), tier("B", "1"), tier("C", "1.00")] })),
            ("one name and one amount", json!({ "collections": [tier("A", "0"), tier("A", "0")] })),
            ("two without an amount", json!({ "collections": [
                { "tierName": "A", "collectionFactor": 1 }, { "tierName": "B", "collectionFactor": 1 },
            ] })),
            ("three alike", json!({ "collections": [tier("A", "0"), tier("A", "0"), tier("A", "0")] })),
            ("none at 0", json!({ "collections": [tier("B", "20"), tier("A", "10")] })),
            ("one below 0", json!({ "collections": [tier("A", "0"), tier("B", "-1")] })),
            ("two of a single tier", json!({
                "loyaltyProgramType": single, "collections": [tier("A", "0"), tier("B", "1")],
            })),
            ("three of a single tier", json!({
                "loyaltyProgramType": single, "collections": [tier("A", "0"), tier("B", "1"), tier("C", "2")],
            })),
            ("two alike of a single tier", json!({
                "loyaltyProgramType": single, "collections": [tier("A", "0"), tier("A", "0")],
            })),
        ]).await;
        insta::assert_json_snapshot!("tiers_of_a_new_program", told);
    }

    async fn invalid_tiers_are_refused(app: App) {
        let ids = populate(&app).await;
        let empty = json!({
            "loyaltyProgramName": "Empty", "externalId": "P-3", "fromDate": "2026-01-01",
        });
        let empty = app.create_as(&app.key, "loyaltyProgram", empty).await[0].0.clone();
        let created = refused_by(&app, &ids, "loyaltyProgramCollectionCreate", &[
            ("name that is taken", json!({ "tierName": "Gold" })),
            ("name that is taken, but for spaces", json!({ "tierName": " Gold\t" })),
            ("amount that is taken", json!({ "minSpent": "100" })),
            ("amount that is taken, written otherwise", json!({ "minSpent": "100.0" })),
            ("no amount", json!({ "minSpent": null })),
            ("name and amount that are taken", json!({ "tierName": "Gold", "minSpent": 100 })),
            ("first, but not at 0", json!({ "loyaltyProgramId": empty, "minSpent": "0.01" })),
            ("second of a single tier", json!({ "loyaltyProgramId": ids["P-2"] })),
            ("several", json!({ "tierName": "", "minSpent": -1, "collectionFactor": -1, "externalId": "\0" })),
        ]).await;
        let updated = refused_by(&app, &ids, "loyaltyProgramCollectionUpdate", &[
            ("name that is taken", json!({ "tierName": "Gold" })),
            ("amount that is taken", json!({ "minSpent": 200 })),
            ("no amount", json!({ "minSpent": null })),
            ("several", json!({ "tierName": "", "minSpent": -1, "collectionFactor": -1, "externalId": "\0" })),
        ]).await;
        let lowest = change_of("loyaltyProgramCollectionUpdate", "loyaltyProgramCollection", "T-1");
        let mut of_lowest = Map::new();
        for (name, min_spent) in [("still the lowest", "50"), ("not the lowest any more", "150")] {
            let input = json!({ "minSpent": min_spent });
            of_lowest.insert(name.to_owned(), refused(&app, &lowest, json!({ "input": input })).await);
        }
        let deleted = refused(&app, &delete("loyaltyProgramCollection"), json!({ "it": "T-1" })).await;
        insta::assert_json_snapshot!("tiers", json!({
            "created": created, "updated": updated, "updated lowest": of_lowest, "deleted lowest": deleted,
        }));
        // The last tier can be deleted.
        let answer = app.data(&delete("loyaltyProgramCollection"), json!({ "it": "T-9" })).await;
        assert_eq!(answer["it"]["it"], ids["T-9"].as_str());
    }

    async fn invalid_programs_are_refused(app: App) {
        let ids = populate(&app).await;
        let days = |from: &str, to: &str| json!({ "fromDate": from, "toDate": to });
        let created = refused_by(&app, &ids, "loyaltyProgramCreate", &[
            ("ends before it begins", days("2026-02-01", "2026-01-31")),
            ("from nothing", json!({ "fromDate": null })),
            ("several", json!({
                "loyaltyProgramName": " ", "fromDate": "2026-02-01", "toDate": "2026-01-31",
                "conversionFactor": "-0.1", "expiryDuration": -1, "company": "\0",
                "collections": [{ "tierName": "", "minSpent": -1, "collectionFactor": 1 }],
            })),
        ]).await;
        let updated = refused_by(&app, &ids, "loyaltyProgramUpdate", &[
            ("ends before it begins", days("2026-02-01", "2026-01-31")),
            ("would end before it begins", json!({ "toDate": "2025-12-31" })),
            ("would begin after it ends", json!({ "fromDate": "2027-01-01" })),
            ("from nothing", json!({ "fromDate": null })),
            ("from and to nothing", json!({ "fromDate": null, "toDate": null })),
            ("tiers, and only one allowed", json!({ "loyaltyProgramType": "SINGLE_TIER_PROGRAM" })),
        ]).await;
        insta::assert_json_snapshot!("programs", json!({ "created": created, "updated": updated }));
        // A program of one day is valid.
        let one_day = json!({ "input": days("2026-02-01", "2026-02-01") });
        let answer = app.data(&change("loyaltyProgramUpdate"), one_day).await;
        assert_eq!(answer["it"]["userErrors"], json!([]));
    }

    async fn invalid_programs_and_tiers_of_customers_are_refused(app: App) {
        let ids = populate(&app).await;
        let (p1, p2, t1, t9) = (&ids["P-1"], &ids["P-2"], &ids["T-1"], &ids["T-9"]);
        let of = |program: &Value, tier: &Value| {
            json!({ "loyaltyProgramId": program, "loyaltyProgramTierId": tier })
        };
        let (p1, p2, t1, t9) = (json!(p1), json!(p2), json!(t1), json!(t9));
        let created = refused_by(&app, &ids, "customerCreate", &[
            ("tier without a program", json!({ "loyaltyProgramTierId": t1 })),
            ("tier of another program", of(&p1, &t9)),
            ("a program as a tier", of(&p1, &p1)),
            ("a tier as a program", of(&t1, &t1)),
        ]).await;
        let updated = refused_by(&app, &ids, "customerUpdate", &[
            ("tier of another program", json!({ "loyaltyProgramTierId": t9 })),
            ("program, and a tier of the one before", of(&p2, &t1)),
            ("program, and the tier of before", of(&p2, &json!(ids["T-2"]))),
            ("tier, and no program", of(&Value::Null, &t1)),
        ]).await;
        insta::assert_json_snapshot!("members", json!({ "created": created, "updated": updated }));

        // Changing the program clears the tier, unless a tier of the new program is given.
        let update = "mutation($input: CustomerUpdateInput!) {
            customerUpdate(externalId: \"C-1\", input: $input) {
                customer { loyaltyProgram { externalId } loyaltyProgramTier { externalId } }
                userErrors { field code message } } }";
        let mut answers = Map::new();
        for (name, input) in [
            ("another program", json!({ "loyaltyProgramId": p2 })),
            ("another program with its tier", of(&p1, &t1)),
            ("the same program", json!({ "loyaltyProgramId": p1 })),
            ("no tier", json!({ "loyaltyProgramTierId": null })),
            ("a tier of the program", json!({ "loyaltyProgramTierId": t1 })),
            ("no program", json!({ "loyaltyProgramId": null })),
        ] {
            answers.insert(name.to_owned(), app.data(update, json!({ "input": input })).await);
        }
        insta::assert_json_snapshot!("members_changed", answers);
    }

    async fn objects_in_use_are_not_deleted(app: App) {
        let ids = populate(&app).await;
        let customers = vec![&ids["C-1"], &ids["C-2"]];
        let members = "mutation($group: ID!, $customers: [ID!]!) {
            customerGroupUpdateCustomers(id: $group, addCustomerIds: $customers) { userErrors { message } } }";
        app.data(members, json!({ "group": ids["G-1"], "customers": customers })).await;
        let group = "mutation($it: String!, $policy: CustomerGroupDeletePolicy!) {
            it: customerGroupDelete(externalId: $it, policy: $policy) {
                it: deletedId userErrors { field code message } } }";
        let mut told = Map::new();
        for (name, it, policy) in [
            ("a group with everything", "G-1", "RESTRICT"),
            ("a root with everything", "G-1", "REASSIGN_TO_PARENT"),
            ("a group with a customer and a link", "G-2", "RESTRICT"),
            ("a group with a link", "G-3", "RESTRICT"),
        ] {
            let variables = json!({ "it": it, "policy": policy });
            told.insert(name.to_owned(), refused(&app, group, variables).await);
        }
        for (name, object, it) in [
            ("a program with a customer", "loyaltyProgram", "P-1"),
            ("a tier with a customer", "loyaltyProgramCollection", "T-2"),
        ] {
            told.insert(name.to_owned(), refused(&app, &delete(object), json!({ "it": it })).await);
        }
        // If the object is looked up by id, the error's path is the argument `id`.
        let by_id = "mutation($it: ID!) { it: loyaltyProgramDelete(id: $it) {
            it: deletedId userErrors { field code message } } }";
        let complaints = refused(&app, by_id, json!({ "it": ids["P-1"] })).await;
        told.insert("a program by its id".to_owned(), complaints);
        insta::assert_json_snapshot!("still_needed", told);
    }

    async fn invalid_pos_links_are_refused(app: App) {
        let ids = populate(&app).await;
        let (g1, g3) = (&ids["G-1"], &ids["G-3"]);
        let created = refused_by(&app, &ids, "posCustomerGroupCreate", &[
            ("a group that it has", json!({ "customerGroupId": g1 })),
            ("a group that it has, and spaces", json!({ "posProfileId": " POS-2 ", "customerGroupId": g1 })),
            ("several", json!({ "posProfileId": "", "customerGroupId": "?", "externalId": "\0", "idx": 9 })),
            ("an id of nothing", json!({ "posProfileId": format!("p-o-s-profile_{NOTHING}") })),
            ("an id in capitals", json!({ "posProfileId": ids["POS-1"].to_uppercase() })),
            ("a part of an id", json!({ "posProfileId": "p-o-s-profile_0" })),
            ("a customer's id", json!({ "posProfileId": ids["C-1"] })),
        ]).await;
        let updated = refused_by(&app, &ids, "posCustomerGroupUpdate", &[
            ("a group that it has", json!({ "customerGroupId": g3 })),
            ("nothing", json!({ "posProfileId": null })),
            ("no group", json!({ "customerGroupId": null })),
            ("several", json!({ "posProfileId": "\0", "customerGroupId": "?", "externalId": "\0", "idx": 9 })),
        ]).await;
        // L-1 links to the group of the other profile.
        let moved = change_of("posCustomerGroupUpdate", "posCustomerGroup", "L-1");
        let moved = refused(&app, &moved, json!({ "input": { "posProfileId": "POS-2" } })).await;
        insta::assert_json_snapshot!("pos_links", json!({
            "created": created, "updated": updated, "moved to a profile that has it": moved,
        }));
        let good = new(&ids, "posCustomerGroupCreate");
        let answer = app.data(&change("posCustomerGroupCreate"), json!({ "input": good })).await;
        assert_eq!(answer["it"]["userErrors"], json!([]));
    }
}
