//! Imports of customer groups, loyalty programs and POS profiles from their own files.

use clientele::{id::NodeType, import::BATCH};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    binary::{Shell, import_of, lines},
    dump::dump,
};

impl App {
    fn new_group_id(&self) -> String {
        NodeType::CustomerGroup.id(self.clock.new_id().0).to_string()
    }

    /// Rows of groups: parents, a child of each in a later batch, and some invalid rows.
    fn group_rows(&self) -> Vec<Value> {
        let parents: Vec<String> = (0..BATCH + 5).map(|_| self.new_group_id()).collect();
        let parent =
            |id: &String| json!({ "id": id, "customerGroupName": "Parent", "isGroup": true });
        let child = |(number, id): (usize, &String)| {
            json!({ "externalId": format!("child {number}"), "parentId": id,
                "customerGroupName": if number == 7 { "" } else { "Child" } })
        };
        let more = [
            json!({ "externalId": "child 1", "customerGroupName": "Changed" }),
            json!({ "externalId": "child 2", "customerGroupName": "Child" }),
            json!({ "externalId": "orphan", "customerGroupName": "O", "parentId": self.new_group_id() }),
            json!({ "id": parents[0], "parentId": parents[0] }),
        ];
        let children = parents.iter().enumerate().map(child);
        parents.iter().map(parent).chain(children).chain(more).collect()
    }
}

fn program_rows(group: &str) -> Vec<Value> {
    let tiers = |names: [&str; 2]| {
        let tier = |(number, name): (usize, &&str)| {
            json!({ "externalId": name, "tierName": name,
            "minSpent": number.to_string(), "collectionFactor": "1" })
        };
        names.iter().enumerate().map(tier).collect::<Value>()
    };
    let program = |id: &str, tiers: Value| {
        json!({ "externalId": id, "loyaltyProgramName": id,
        "fromDate": "2026-01-01", "customerGroupId": group, "collections": tiers })
    };
    vec![
        program("P-1", tiers(["Silver", "Gold"])),
        // The external id of a tier of the first program, which is only detected when the row is
        // written.
        program("P-2", tiers(["Bronze", "Gold"])),
        program("P-2", tiers(["Bronze", "Iron"])),
        json!({ "externalId": "P-1", "company": "Sol SA" }),
        json!({ "externalId": "P-3", "loyaltyProgramName": "No first day" }),
    ]
}

fn profile_rows(group: &str) -> Vec<Value> {
    vec![
        json!({ "posProfileId": "north", "posCustomerGroups": [{ "customerGroupId": group }] }),
        json!({ "posProfileId": "north", "sellsToEveryone": true }),
        json!({ "posProfileId": "south", "posCustomerGroups": [
            { "customerGroupId": group }, { "customerGroupId": group },
        ] }),
        json!({ "posProfileId": "" }),
        json!({ "posProfileId": "east" }),
    ]
}

both! {
    async fn a_dry_run_of_any_kind_writes_nothing(app: App) {
        let shell = Shell::on(&app.database);
        let there = app.create("customerGroup", json!({ "customerGroupName": "There" })).await;
        let new = app.new_group_id();
        let row = |kind: &str, row: &Value| {
            let mut row = row.clone();
            row["type"] = json!(kind);
            row
        };
        // Each row needs earlier ones.
        let all = [
            row("CustomerGroup", &json!({ "id": new, "customerGroupName": "New" })),
            row("LoyaltyProgram", &json!({ "externalId": "P-9", "loyaltyProgramName": "Nine",
                "fromDate": "2026-01-01", "customerGroupId": new })),
            row("Customer", &json!({ "externalId": "1", "customerName": "Ada", "customerGroupId": new,
                "loyaltyProgram": "P-9" })),
            row("Customer", &json!({ "externalId": "2", "customerName": "" })),
            row("Customer", &json!({ "externalId": "3", "customerName": "Cy", "customerGroup": "A > B" })),
            row("PosProfile", &json!({ "posProfileId": "till", "posCustomerGroups": [{ "customerGroupId": new }] })),
            row("Customer", &json!({ "externalId": "1", "customerName": "Ada L." })),
        ];
        let mut text = String::new();
        for (kind, rows) in [
            ("groups", app.group_rows()),
            ("programs", program_rows(&there)),
            ("pos", profile_rows(&there)),
            ("all", all.to_vec()),
        ] {
            let file = format!("{kind}.ndjson");
            shell.write(&file, lines(&rows));
            let before = dump(&app.database).await;
            let dry = shell.run(&import_of(kind, &file, &["--dry-run"]));
            assert!(dump(&app.database).await == before, "{kind}: something was written");
            let real = shell.run(&import_of(kind, &file, &[]));
            let expected = real.stderr.replace("failed\n", "failed (dry run: nothing was written)\n");
            assert_eq!(dry.stderr, expected);
            assert_eq!((dry.code, real.code), (Some(1), Some(1)), "{real:?}");
            text += &real.stderr;
        }
        insta::assert_snapshot!("dry_runs", text);
        shell.succeed(&["check"]);
    }

    async fn a_dry_run_exits_with_the_status_of_the_import(app: App) {
        let shell = Shell::on(&app.database);
        let before = dump(&app.database).await;
        let rows: Vec<Value> = (0..2 * BATCH).map(|_| json!({ "externalId": "x" })).collect();
        shell.write("bad.ndjson", lines(&rows));
        let options = ["--dry-run", "--max-errors", "5"];
        let stopped = shell.run(&import_of("groups", "bad.ndjson", &options));
        assert_eq!(stopped.code, Some(1));
        insta::assert_json_snapshot!("dry_run_stopped", stopped.stderr.lines().rev().take(3).collect::<Vec<_>>());
        // Interrupt a dry run that waits for more input within a transaction. Reading starts once 256 KiB of the file
        // are available.
        let good = json!({ "externalId": "x", "customerGroupName": "X" });
        let good = format!("{good}{}\n", " ".repeat(1_200)).repeat(BATCH);
        let running = shell.start_with_input(&import_of("groups", "-", &["--dry-run"]), good);
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        running.interrupt();
        let outcome = running.finish();
        assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
        let told = "1 created, 0 updated, 249 unchanged, 0 failed (dry run: nothing was written)";
        assert!(outcome.stderr.starts_with(told), "{}", outcome.stderr);
        assert!(dump(&app.database).await == before, "something was written");
        app.create("customerGroup", json!({ "customerGroupName": "Nobody is in the way" })).await;
    }

    async fn options_for_customers_are_refused_for_others(app: App) {
        let shell = Shell::on(&app.database);
        shell.write("it.ndjson", lines(&[json!({ "type": "PosProfile", "posProfileId": "till" })]));
        let text = shell.transcript(&[
            &import_of("groups", "it.ndjson", &["--match", "emailId"]),
            &import_of("programs", "it.ndjson", &["--create-only"]),
            &import_of("pos", "it.ndjson", &["--match", "externalId"]),
            &import_of("groups", "it.ndjson", &["--no-new-groups"]),
            &import_of("all", "it.ndjson", &["--match", "emailId", "--no-new-groups"]),
        ]);
        insta::assert_snapshot!("options_of_customers", text);
    }

    async fn a_row_with_an_id_can_change_every_name(app: App) {
        let shell = Shell::on(&app.database);
        let group = app.create("customerGroup", json!({ "externalId": "G", "customerGroupName": "G" })).await;
        let profile = |name: &str| json!({ "posProfileId": name, "sellsToEveryone": false });
        let north = app.create("posProfile", profile("north")).await;
        app.create("posProfile", profile("south")).await;
        let unknown = NodeType::PosProfile.id(app.clock.new_id().0).to_string();
        let rows = [
            json!({ "id": north, "posProfileId": "far north" }),
            json!({ "id": north, "posProfileId": "south" }),
            // An existing object keeps its id.
            json!({ "id": unknown, "posProfileId": "south", "sellsToEveryone": true }),
            // A rejected row leaves no changes.
            json!({ "id": north, "posProfileId": "north pole", "posCustomerGroups": [
                { "customerGroupId": group }, { "customerGroupId": group },
            ] }),
        ];
        shell.write("pos.ndjson", lines(&rows));
        let mut told = shell.run(&import_of("pos", "pos.ndjson", &[])).stderr;
        let rows = [
            json!({ "id": group, "externalId": "H" }),
            json!({ "id": app.new_group_id(), "externalId": "H", "customerGroupName": "Eitch" }),
        ];
        shell.write("groups.ndjson", lines(&rows));
        told += &shell.run(&import_of("groups", "groups.ndjson", &[])).stderr;
        insta::assert_snapshot!("renaming", told);
        let found = app.data("{ posProfiles(orderBy: { field: POS_PROFILE_ID }) { nodes {
            id posProfileId sellsToEveryone posCustomerGroups { id } } }
            customerGroups { nodes { id externalId customerGroupName } } }", json!({})).await;
        insta::assert_json_snapshot!("renamed", found);
    }
}
