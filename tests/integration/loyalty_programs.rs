//! Loyalty programs, and their tiers.

mod enrolment;

use serde_json::{Value, json};

use crate::support::{app::App, dump::dump};

const PROGRAM: &str = "id externalId loyaltyProgramName loyaltyProgramType fromDate toDate
    customerGroup { customerGroupName } customerTerritory autoOptIn conversionFactor expiryDuration
    expenseAccount costCenter company project createdAt updatedAt createdBy lastModifiedBy
    collections { tierName } customers { totalCount }";

const TIER: &str = "id externalId idx loyaltyProgramId loyaltyProgram { loyaltyProgramName }
    tierName minSpent collectionFactor createdAt updatedAt customers { totalCount }";

/// A compact selection of a program's tiers.
const TIERS: &str = "collections { idx tierName minSpent }";

impl App {
    async fn create_program(&self, name: &str) -> String {
        let input = json!({ "loyaltyProgramName": name, "fromDate": "2026-01-01" });
        self.create("loyaltyProgram", input).await
    }

    async fn create_tier(&self, program: &str, name: &str, min_spent: &str) -> String {
        let input = json!({
            "loyaltyProgramId": program, "tierName": name, "minSpent": min_spent,
            "collectionFactor": "10",
        });
        self.create("loyaltyProgramCollection", input).await
    }

    /// The names of the programs on a page, and the total count.
    async fn programs(&self, arguments: Value) -> Value {
        let query = "query($filter: LoyaltyProgramFilter, $orderBy: LoyaltyProgramOrder) {
            loyaltyPrograms(filter: $filter, orderBy: $orderBy) {
                totalCount nodes { loyaltyProgramName } } }";
        let data = self.data(query, arguments).await;
        let nodes = data["loyaltyPrograms"]["nodes"].as_array().unwrap();
        assert_eq!(data["loyaltyPrograms"]["totalCount"], nodes.len());
        nodes.iter().map(|it| it["loyaltyProgramName"].clone()).collect()
    }
}

both! {
    async fn a_program_can_be_created_with_a_name_and_a_first_day_only(app: App) {
        let input = json!({ "loyaltyProgramName": "  Club ", "fromDate": "2026-01-01" });
        let selection = format!("loyaltyProgram {{ {PROGRAM} }}");
        let created =
            app.mutate("loyaltyProgramCreate", json!({ "input": input }), &selection).await;
        insta::assert_json_snapshot!("program_defaults", created);
    }

    async fn a_program_keeps_every_attribute(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let input = json!({
            "externalId": "P-1", "loyaltyProgramName": "Club", "customerGroupId": group,
            "loyaltyProgramType": "MULTIPLE_TIER_PROGRAM", "fromDate": "2026-01-01",
            "toDate": "2026-12-31", "customerTerritory": "Spain", "autoOptIn": true,
            "conversionFactor": "0.050", "expiryDuration": 365, "expenseAccount": "Marketing",
            "costCenter": "Main", "company": "Sol SA", "project": "Loyalty",
        });
        let selection = format!("loyaltyProgram {{ {PROGRAM} }}");
        let created =
            app.mutate("loyaltyProgramCreate", json!({ "input": input }), &selection).await;
        insta::assert_json_snapshot!("program_all_attributes", created);

        let query = format!("{{ loyaltyProgram(externalId: \"P-1\") {{ {PROGRAM} }} }}");
        let found = app.data(&query, json!({})).await;
        assert_eq!(found["loyaltyProgram"], created["loyaltyProgram"]);
        let id = created["loyaltyProgram"]["id"].as_str().unwrap();
        assert_eq!(app.read("loyaltyProgram", id, PROGRAM).await, created["loyaltyProgram"]);
    }

    async fn an_update_of_a_program_keeps_omitted_fields(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let id = app.create("loyaltyProgram", json!({
            "externalId": "P", "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "toDate": "2026-12-31", "customerGroupId": group, "company": "Sol SA",
            "autoOptIn": true, "conversionFactor": "1.5",
            "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
        })).await;
        let selection = format!("loyaltyProgram {{ {PROGRAM} }}");
        let input = json!({
            "loyaltyProgramName": "Club 2", "fromDate": "2026-02-01", "toDate": null,
            "customerGroupId": null, "autoOptIn": null, "conversionFactor": null,
            "loyaltyProgramType": null,
        });
        let arguments = json!({ "id": id, "input": input });
        let changed = app.mutate("loyaltyProgramUpdate", arguments, &selection).await;
        insta::assert_json_snapshot!("program_changed", changed);

        // A change without effect is not written; nor is an empty one.
        for input in [input, json!({})] {
            let arguments = json!({ "externalId": "P", "input": input });
            let again = app.mutate("loyaltyProgramUpdate", arguments, &selection).await;
            assert_eq!(again, changed);
        }
    }

    async fn invalid_programs_are_refused(app: App) {
        let id = app.create_program("Club").await;
        let taken = json!({
            "externalId": "P", "loyaltyProgramName": "Other", "fromDate": "2026-01-01",
        });
        let other = app.create("loyaltyProgram", taken.clone()).await;
        for (name, min_spent) in [("Bronze", "0"), ("Silver", "100")] {
            app.create_tier(&id, name, min_spent).await;
        }
        let before = app.read("loyaltyProgram", &id, PROGRAM).await;
        let mut refused = serde_json::Map::new();
        for (rule, input) in [
            ("a name", json!({ "loyaltyProgramName": null })),
            ("a first day", json!({ "fromDate": null })),
            ("the last day is not before the first", json!({ "toDate": "2025-12-31" })),
            ("no negative worth, no negative duration", json!({
                "conversionFactor": "-1", "expiryDuration": -1,
            })),
            ("two tiers", json!({ "loyaltyProgramType": "SINGLE_TIER_PROGRAM" })),
            ("an external id of its own", json!({ "externalId": "P" })),
            ("a group that there is", json!({ "customerGroupId": other })),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let payload = app.mutate("loyaltyProgramUpdate", arguments, "loyaltyProgram { id }");
            refused.insert(rule.to_owned(), payload.await);
        }
        let created = app.mutate("loyaltyProgramCreate", json!({ "input": taken }), "").await;
        refused.insert("an external id of its own, for a new one".to_owned(), created);
        let arguments = json!({ "externalId": "nothing", "input": {} });
        let missing = app.mutate("loyaltyProgramUpdate", arguments, "").await;
        refused.insert("there is such a program".to_owned(), missing);
        insta::assert_json_snapshot!("program_rules", refused);
        assert_eq!(app.read("loyaltyProgram", &id, PROGRAM).await, before);
    }

    async fn a_program_is_deleted_with_its_tiers_unless_it_has_customers(app: App) {
        let program = app.create_program("Club").await;
        let tier = app.create_tier(&program, "Bronze", "0").await;
        let customer = app.create("customer", json!({
            "customerName": "Ana", "loyaltyProgramId": program, "loyaltyProgramTierId": tier,
        })).await;
        let arguments = json!({ "id": program });
        let in_use = app.mutate("loyaltyProgramDelete", arguments.clone(), "deletedId").await;
        app.delete("customer", &customer).await;
        let deleted = app.mutate("loyaltyProgramDelete", arguments.clone(), "deletedId").await;
        let again = app.mutate("loyaltyProgramDelete", arguments, "deletedId").await;
        insta::assert_json_snapshot!("program_deleted", [in_use, deleted, again]);
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let gone = app.data(query, json!({ "ids": [program, tier] })).await;
        assert_eq!(gone, json!({ "nodes": [null, null] }));
    }

    async fn tiers_keep_their_order(app: App) {
        let program = app.create_program("Club").await;
        let create = |name: &str, min_spent: &str, idx: Option<i32>| {
            let input = json!({
                "loyaltyProgramId": program, "tierName": name, "minSpent": min_spent,
                "collectionFactor": "10.50", "externalId": name, "idx": idx,
            });
            let selection = format!("loyaltyProgramCollection {{ {TIER} }}");
            let app = &app;
            async move {
                let arguments = json!({ "input": input });
                app.mutate("loyaltyProgramCollectionCreate", arguments, &selection).await
            }
        };
        // Tiers at the end and at a given position.
        let created = [
            create("Bronze", "0", None).await,
            create("Gold", "500", None).await,
            create("Platinum", "1000", Some(3)).await,
            create("Silver", "100.00", Some(2)).await,
        ];
        insta::assert_json_snapshot!("tiers_created", created);
        let ids: Vec<&Value> =
            created.iter().map(|it| &it["loyaltyProgramCollection"]["id"]).collect();
        let [bronze, gold, platinum, silver] = ids[..] else { panic!("{ids:?}") };
        let mut orders = vec![app.read("loyaltyProgram", &program, TIERS).await];
        for (id, idx) in [(bronze, 4), (silver, 1), (silver, 1), (platinum, 2)] {
            let arguments = json!({ "id": id, "input": { "idx": idx } });
            let selection = "loyaltyProgramCollection { idx tierName }";
            let moved = app.mutate("loyaltyProgramCollectionUpdate", arguments, selection).await;
            assert_eq!(moved["loyaltyProgramCollection"]["idx"], idx);
            orders.push(app.read("loyaltyProgram", &program, TIERS).await);
        }
        insta::assert_json_snapshot!("tiers_moved", orders);

        let arguments = json!({ "parentId": program, "ids": [bronze, silver, gold, platinum] });
        let selection = format!("loyaltyProgramCollections {{ {TIER} }}");
        let reordered = app.mutate("loyaltyProgramCollectionReorder", arguments, &selection).await;
        insta::assert_json_snapshot!("tiers_reordered", reordered);
        let selection = format!("collections {{ {TIER} }}");
        let listed = app.read("loyaltyProgram", &program, &selection).await;
        assert_eq!(listed["collections"], reordered["loyaltyProgramCollections"]);

        // The gap is closed.
        let arguments = json!({ "externalId": "Silver" });
        let deleted = app.mutate("loyaltyProgramCollectionDelete", arguments, "deletedId").await;
        let left = app.read("loyaltyProgram", &program, TIERS).await;
        insta::assert_json_snapshot!("tier_deleted", [deleted, left]);
    }

    async fn an_update_of_a_tier_keeps_omitted_fields(app: App) {
        let program = app.create_program("Club").await;
        app.create_tier(&program, "Bronze", "0").await;
        let id = app.create("loyaltyProgramCollection", json!({
            "loyaltyProgramId": program, "tierName": "Silver", "minSpent": "100",
            "collectionFactor": "5", "externalId": "S",
        })).await;
        let selection = format!("loyaltyProgramCollection {{ {TIER} }}");
        let mut answers = Vec::new();
        for input in [
            json!({ "tierName": "Gold" }), json!({ "minSpent": "50.5", "collectionFactor": "2" }),
            json!({ "externalId": null }), json!({ "externalId": null, "tierName": "Gold" }),
            json!({}),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let changed = app.mutate("loyaltyProgramCollectionUpdate", arguments, &selection).await;
            answers.push(changed);
        }
        insta::assert_json_snapshot!("tier_changed", answers);
        assert_eq!(answers[2], answers[4]);

        // Clearing the amount at which a tier begins sets the default.
        app.delete("loyaltyProgramCollection", &id).await;
        let query = "query($id: ID!) { loyaltyProgram(id: $id) { collections { id } } }";
        let data = app.data(query, json!({ "id": program })).await;
        let arguments = json!({
            "id": data["loyaltyProgram"]["collections"][0]["id"], "input": { "minSpent": null },
        });
        let cleared = app.mutate("loyaltyProgramCollectionUpdate", arguments, &selection).await;
        assert_eq!(cleared["loyaltyProgramCollection"]["minSpent"], "0");
    }

    async fn all_tiers_of_a_program_can_be_changed_in_one_mutation(app: App) {
        let program = app.create_program("Club").await;
        let bronze = app.create_tier(&program, "Bronze", "0").await;
        let silver = app.create_tier(&program, "Silver", "100").await;
        let gold = app.create_tier(&program, "Gold", "200").await;
        let change = async |input: Value| {
            let selection = format!("loyaltyProgram {{ loyaltyProgramName {TIERS} }}");
            app.mutate("loyaltyProgramUpdate", json!({ "id": program, "input": input }), &selection).await
        };
        let mut changed = Vec::new();
        for collections in [
            // A new tier below the lowest one, which no longer begins at 0.
            json!([
                { "tierName": "Start", "collectionFactor": "1" }, { "id": bronze, "minSpent": "50" },
                { "id": silver }, { "id": gold },
            ]),
            // Two tiers swap their positions, names and amounts, and the lowest one is deleted.
            json!([
                { "id": gold, "tierName": "Silver", "minSpent": "0" },
                { "id": silver, "tierName": "Gold", "minSpent": "200" }, { "id": bronze },
            ]),
            // Values rotate between the tiers.
            json!([
                { "id": bronze, "tierName": "Silver", "minSpent": "0" },
                { "id": gold, "tierName": "Gold", "minSpent": "200" },
                { "id": silver, "tierName": "Bronze", "minSpent": "50" },
            ]),
        ] {
            changed.push(change(json!({ "collections": collections })).await);
        }
        let before = dump(&app.database).await;
        app.create("customer", json!({
            "customerName": "Ana", "loyaltyProgramId": program, "loyaltyProgramTierId": gold,
        })).await;
        let stranger = app.create_program("Cards").await;
        let stranger = app.create_tier(&stranger, "All", "0").await;
        let with_customer = dump(&app.database).await;
        let mut refused = Vec::new();
        for input in [
            json!({ "collections": [{ "id": bronze }, { "id": bronze }, { "id": stranger }, { "id": "?" }] }),
            json!({ "collections": [{ "id": bronze, "tierName": "" }, {}, { "tierName": "New", "collectionFactor": null }] }),
            json!({ "collections": [{ "id": bronze, "tierName": null }, { "id": gold, "minSpent": null }] }),
            json!({ "collections": [{ "id": gold }, { "id": silver, "minSpent": "-1" }], "loyaltyProgramName": " " }),
            json!({ "collections": [{ "id": gold }, { "id": silver }] }),
            json!({ "collections": [{ "id": bronze }, { "id": gold }], "loyaltyProgramType": "SINGLE_TIER_PROGRAM" }),
            // Too many tiers are rejected even if none of them changes.
            json!({
                "collections": [{ "id": gold }, { "id": bronze }, { "id": silver }],
                "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
            }),
            json!({ "collections": [{ "id": bronze }] }),
            json!({ "collections": null }),
            json!({ "collections": [], "fromDate": null }),
            json!({ "collections": [{ "tierName": "New", "collectionFactor": "1" }], "customerGroupId": "?" }),
        ] {
            refused.push(change(input).await);
        }
        assert_eq!(dump(&app.database).await, with_customer);
        assert_ne!(before, with_customer);
        let customer = "{ customers { nodes { id } } }";
        let customer = app.data(customer, json!({})).await;
        app.delete("customer", customer["customers"]["nodes"][0]["id"].as_str().unwrap()).await;
        let unchanged = change(json!({ "collections": [{ "id": bronze }, { "id": gold }, { "id": silver }] })).await;
        // New tiers take over the external ids of the tiers that they replace, and two tiers swap theirs.
        let replace = |names: [&str; 2]| json!({ "collections": names.map(|name| json!({
            "externalId": name, "tierName": name, "collectionFactor": "1",
            "minSpent": if name == "A" { "0" } else { "1" },
        })) });
        let first = change(replace(["A", "B"])).await;
        let again = change(replace(["A", "B"])).await;
        let ids = app.read("loyaltyProgram", &program, "collections { id }").await["collections"].take();
        let swapped = change(json!({ "collections": [
            { "id": ids[0]["id"], "externalId": "B" }, { "id": ids[1]["id"], "externalId": "A" },
        ] })).await;
        for replaced in [&first, &again, &swapped] {
            assert_eq!(replaced["userErrors"], json!([]));
        }
        let single = change(json!({
            "loyaltyProgramName": "One", "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
            "collections": [{ "tierName": "New", "collectionFactor": "1" }],
        })).await;
        let none = change(json!({ "collections": null })).await;
        insta::assert_json_snapshot!("tiers_at_once", json!([changed, refused, unchanged, single, none]));
    }

    async fn invalid_tiers_are_refused(app: App) {
        let program = app.create_program("Club").await;
        let bronze = app.create_tier(&program, "Bronze", "0").await;
        let silver = app.create_tier(&program, "Silver", "100").await;
        let single = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "Single", "fromDate": "2026-01-01",
            "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
        })).await;
        let only = app.create("loyaltyProgramCollection", json!({
            "loyaltyProgramId": single, "tierName": "Only", "collectionFactor": "1",
            "externalId": "T",
        })).await;
        app.create("customer", json!({
            "customerName": "Ana", "loyaltyProgramId": single, "loyaltyProgramTierId": only,
        })).await;
        let tier = |program: &str, name: &str, min_spent: &str| json!({
            "loyaltyProgramId": program, "tierName": name, "minSpent": min_spent,
            "collectionFactor": "1",
        });
        let with = |mut input: Value, field: &str, value: Value| {
            input[field] = value;
            json!({ "input": input })
        };
        let update = |input: Value| json!({ "id": silver, "input": input });
        let (create, change, delete, reorder) = (
            "loyaltyProgramCollectionCreate", "loyaltyProgramCollectionUpdate",
            "loyaltyProgramCollectionDelete", "loyaltyProgramCollectionReorder",
        );
        let gold = || tier(&program, "Gold", "500");
        let mut refused = serde_json::Map::new();
        for (rule, mutation, arguments) in [
            ("a name of its own", create, json!({ "input": tier(&program, "Silver", "500") })),
            ("an amount of its own", create, json!({ "input": tier(&program, "Gold", "100.00") })),
            ("an external id of its own", create, with(gold(), "externalId", json!("T"))),
            ("a place in the list", create, with(gold(), "idx", json!(4))),
            ("places begin at 1", create, with(gold(), "idx", json!(0))),
            ("amounts are not negative", create, json!({ "input": tier(&program, "Gold", "-1") })),
            ("points cost something", create, with(gold(), "collectionFactor", json!("-1"))),
            ("a program that there is", create, json!({ "input": tier(&silver, "Gold", "500") })),
            ("one tier only", create, json!({ "input": tier(&single, "Second", "100") })),
            ("the lowest begins at 0", change, json!({
                "id": bronze, "input": { "minSpent": "1" },
            })),
            ("a name", change, update(json!({ "tierName": null }))),
            ("a factor", change, update(json!({ "collectionFactor": null }))),
            ("a place in the list, for a move", change, update(json!({ "idx": 3 }))),
            ("an amount of its own, cleared", change, update(json!({ "minSpent": null }))),
            ("the lowest stays", delete, json!({ "id": bronze })),
            ("no customers", delete, json!({ "id": only })),
            ("each tier once", reorder, json!({
                "parentId": program, "ids": [bronze, silver, bronze],
            })),
            ("all tiers", reorder, json!({ "parentId": program, "ids": [silver] })),
            ("no other program's tiers", reorder, json!({
                "parentId": program, "ids": [silver, only, bronze],
            })),
            ("tiers of something that there is", reorder, json!({
                "parentId": silver, "ids": [silver, bronze],
            })),
        ] {
            refused.insert(rule.to_owned(), app.mutate(mutation, arguments, "").await);
        }
        insta::assert_json_snapshot!("tier_rules", refused);
        insta::assert_json_snapshot!(
            "tiers_unchanged", app.read("loyaltyProgram", &program, TIERS).await
        );
    }

    async fn a_change_of_a_tier_marks_the_program_as_changed(app: App) {
        let program = app.create_program("Club").await;
        let bronze = app.create_tier(&program, "Bronze", "0").await;
        let silver = app.create_tier(&program, "Silver", "100").await;
        let (change, reorder) =
            ("loyaltyProgramCollectionUpdate", "loyaltyProgramCollectionReorder");
        let same = json!({ "tierName": "Silver", "minSpent": "100.0", "idx": 2 });
        let changes = vec![
            ("created", "loyaltyProgramCollectionCreate", json!({ "input": {
                "loyaltyProgramId": program, "tierName": "Gold", "minSpent": "500",
                "collectionFactor": "1", "externalId": "gold",
            } })),
            ("changed", change, json!({ "id": silver, "input": { "minSpent": "150" } })),
            ("changed back", change, json!({ "id": silver, "input": { "minSpent": "100" } })),
            ("nothing changed", change, json!({ "id": silver, "input": same })),
            ("moved", change, json!({ "externalId": "gold", "input": { "idx": 1 } })),
            ("deleted", "loyaltyProgramCollectionDelete", json!({ "externalId": "gold" })),
            ("same order", reorder, json!({ "parentId": program, "ids": [bronze, silver] })),
            ("other order", reorder, json!({ "parentId": program, "ids": [silver, bronze] })),
        ];
        let selection = "createdAt updatedAt createdBy lastModifiedBy";
        let after = app.after_each(("loyaltyProgram", &program), selection, changes).await;
        insta::assert_json_snapshot!("program_changed_with_tiers", after);
    }

    async fn customers_take_part_in_a_program(app: App) {
        let club = app.create_program("Club").await;
        let bronze = app.create_tier(&club, "Bronze", "0").await;
        let silver = app.create_tier(&club, "Silver", "100").await;
        let other = app.create_program("Other").await;
        let only = app.create_tier(&other, "Only", "0").await;
        let id = app.create("customer", json!({
            "customerName": "Ana", "loyaltyProgramId": club, "loyaltyProgramTierId": bronze,
        })).await;
        app.create("customer", json!({ "customerName": "Bo", "loyaltyProgramId": club })).await;
        let selection = "customer { loyaltyProgram { loyaltyProgramName }
            loyaltyProgramTier { tierName } lastModifiedBy updatedAt }";
        let mut answers = serde_json::Map::new();
        for (case, input) in [
            ("another tier", json!({ "loyaltyProgramTierId": silver })),
            ("a tier of another program", json!({ "loyaltyProgramTierId": only })),
            ("another program and a tier of it", json!({
                "loyaltyProgramId": other, "loyaltyProgramTierId": only,
            })),
            ("another program clears the tier", json!({ "loyaltyProgramId": club })),
            ("a program of nothing", json!({ "loyaltyProgramId": only })),
            ("a tier of nothing", json!({ "loyaltyProgramTierId": club })),
            ("in the tier again", json!({ "loyaltyProgramTierId": silver })),
        ] {
            let arguments = json!({ "id": id, "input": input });
            let payload = app.mutate("customerUpdate", arguments, selection).await;
            answers.insert(case.to_owned(), payload);
        }
        insta::assert_json_snapshot!("customer_in_program", answers);

        let names = "{ totalCount nodes { customerName } }";
        let of_program = app.read("loyaltyProgram", &club, &format!(
            "customers(orderBy: {{ field: CUSTOMER_NAME }}) {names}
             collections {{ tierName customers {names} }}
             some: customers(filter: {{ customerName: {{ eq: \"bo\" }} }}) {names}"
        )).await;
        insta::assert_json_snapshot!("program_customers", of_program);

        let arguments = json!({ "id": id, "input": { "loyaltyProgramId": null } });
        let out = app.mutate("customerUpdate", arguments, selection).await;
        insta::assert_json_snapshot!("customer_out_of_program", out);
        app.delete("loyaltyProgramCollection", &silver).await;
    }

    async fn programs_of_a_deleted_group_move_to_its_parent(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let group = app.create_group(
            &format!("customerGroupName: \"Shops\", parentId: \"{root}\"")
        ).await;
        for (name, group) in [("Of root", &root), ("Of shops", &group)] {
            app.create("loyaltyProgram", json!({
                "loyaltyProgramName": name, "fromDate": "2026-01-01", "customerGroupId": group,
            })).await;
        }
        app.create_program("For all").await;
        let programs = "customerGroupName loyaltyPrograms {
            totalCount nodes { loyaltyProgramName customerGroup { customerGroupName } } }";
        let before = [
            app.read("customerGroup", &root, programs).await,
            app.read("customerGroup", &group, programs).await,
        ];
        insta::assert_json_snapshot!("programs_of_groups", before);
        let mut answers = Vec::new();
        for policy in ["RESTRICT", "REASSIGN_TO_PARENT"] {
            let arguments = json!({ "id": group, "policy": policy });
            answers.push(app.mutate("customerGroupDelete", arguments, "deletedId").await);
        }
        answers.push(app.read("customerGroup", &root, programs).await);
        insta::assert_json_snapshot!("programs_moved", answers);
    }

    async fn programs_are_filtered(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        for (name, more) in [
            ("Club", json!({ "externalId": "P-1", "customerGroupId": group })),
            ("Été", json!({
                "fromDate": "2026-06-01", "toDate": "2026-08-31", "autoOptIn": true,
            })),
            ("Winter", json!({
                "toDate": "2026-02-28", "company": "Sol SA", "customerTerritory": "Spain",
                "loyaltyProgramType": "SINGLE_TIER_PROGRAM",
            })),
            ("Club 2", json!({ "loyaltyProgramType": "MULTIPLE_TIER_PROGRAM" })),
        ] {
            let mut input = json!({ "loyaltyProgramName": name, "fromDate": "2026-01-01" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            app.create("loyaltyProgram", input).await;
        }
        let query = "{ loyaltyProgram(externalId: \"P-1\") { createdAt } }";
        let first = app.data(query, json!({})).await["loyaltyProgram"]["createdAt"].take();
        let mut answers = serde_json::Map::new();
        for (name, filter) in [
            ("external id", json!({ "externalId": { "eq": "P-1" } })),
            ("name", json!({ "loyaltyProgramName": { "startsWith": "club" } })),
            ("search", json!({ "search": "ete" })),
            ("type", json!({ "loyaltyProgramType": { "eq": "SINGLE_TIER_PROGRAM" } })),
            ("types", json!({ "loyaltyProgramType": {
                "in": ["SINGLE_TIER_PROGRAM", "MULTIPLE_TIER_PROGRAM"],
            } })),
            ("group", json!({ "customerGroupId": { "eq": group } })),
            ("no such group", json!({ "customerGroupId": { "in": ["nothing"] } })),
            ("territory", json!({ "customerTerritory": { "eq": "Spain" } })),
            ("no territory", json!({ "customerTerritory": { "isNull": true } })),
            ("company", json!({ "company": { "in": ["Sol SA", "Luna SA"] } })),
            ("opt-in", json!({ "autoOptIn": { "eq": true } })),
            ("first day", json!({ "fromDate": { "gt": "2026-01-01" } })),
            ("first day, too", json!({ "fromDate": { "gte": "2026-01-01", "lt": "2026-06-01" } })),
            ("last day", json!({ "toDate": { "lte": "2026-08-31" } })),
            ("in force", json!({ "fromDate": { "lte": "2026-07-01" }, "not": {
                "toDate": { "lt": "2026-07-01" },
            } })),
            ("created", json!({ "createdAt": { "gt": first } })),
            ("created, too", json!({ "createdAt": { "lte": first } })),
            ("updated", json!({ "updatedAt": { "gte": first, "lt": "2026-11-20T08:00:08Z" } })),
            ("either", json!({ "or": [{ "search": "winter" }, { "search": "ete" }] })),
            ("both", json!({ "and": [{ "search": "club" }, { "search": "2" }] })),
        ] {
            let order = json!({ "field": "LOYALTY_PROGRAM_NAME" });
            let found = app.programs(json!({ "filter": filter, "orderBy": order })).await;
            answers.insert(name.to_owned(), found);
        }
        insta::assert_json_snapshot!("program_filters", answers);
    }

    async fn programs_are_ordered(app: App) {
        for (name, from, to) in [
            ("b", "2026-01-03", Some("2026-02-01")),
            ("Á", "2026-01-02", None),
            ("c", "2026-01-01", Some("2026-01-31")),
        ] {
            let input = json!({ "loyaltyProgramName": name, "fromDate": from, "toDate": to });
            app.create("loyaltyProgram", input).await;
        }
        let query = "{ loyaltyPrograms(filter: { search: \"a\" }) { nodes { id } } }";
        let id = &app.data(query, json!({})).await["loyaltyPrograms"]["nodes"][0]["id"];
        let arguments = json!({ "id": id, "input": { "project": "Loyalty" } });
        app.mutate("loyaltyProgramUpdate", arguments, "").await;
        let mut answers = serde_json::Map::new();
        for field in ["CREATED_AT", "UPDATED_AT", "LOYALTY_PROGRAM_NAME", "FROM_DATE", "TO_DATE"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let found = app.programs(json!({ "orderBy": order })).await;
                answers.insert(format!("{field} {direction}"), found);
            }
        }
        insta::assert_json_snapshot!("program_orders", answers);
    }
}
