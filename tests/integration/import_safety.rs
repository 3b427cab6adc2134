//! An import never damages data: ambiguous content is reported instead of written.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use clientele::import::BATCH;

use crate::support::{
    app::App,
    binary::{Outcome, Shell, import},
    dump::dump,
    lock::WriteLock,
};

fn attempt(shell: &Shell, content: impl AsRef<[u8]>, options: &[&str]) -> Outcome {
    shell.write("it.csv", content);
    shell.run(&import("it.csv", options))
}

async fn names(app: &App) -> Vec<String> {
    let query = "{ customers(first: 100, orderBy: { field: CUSTOMER_NAME }) {
        nodes { customerName } } }";
    let data = app.data(query, json!({})).await;
    let nodes = data["customers"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["customerName"].as_str().unwrap().to_owned()).collect()
}

async fn count(app: &App) -> Value {
    app.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"].take()
}

both! {
    async fn a_quotation_mark_that_is_not_closed_is_an_error(app: App) {
        let shell = Shell::on(&app.database);
        let head = "externalId,customerName,customerDetails\n1,Ada,fine\n";
        // A cell that is open to the end of the file.
        let open = format!("{head}2,Bob,\"two\nlines\n3,Cy,x\n");
        let outcome = attempt(&shell, &open, &[]);
        assert_eq!(outcome.code, Some(1));
        insta::assert_snapshot!("unclosed_quote", outcome.stderr);
        assert_eq!(names(&app).await, ["Ada"]);
        // A cell that is open to the next quotation mark, with text after it.
        let stray = format!("{head}2,Bob,\"two\n3,Cy,\"x\"\n4,Di,\"y\"\n");
        let outcome = attempt(&shell, &stray, &[]);
        insta::assert_snapshot!("stray_quote", outcome.stderr);
        assert_eq!(names(&app).await, ["Ada", "Di"]);
        // A cell that is open to another quotation mark, so that the row has too many cells.
        let ragged = format!("{head}2,\"Bob,two\n3,Cy\",\"x\",y\n5,Eve,\n");
        assert_eq!(attempt(&shell, &ragged, &[]).code, Some(1));
        assert_eq!(names(&app).await, ["Ada", "Di", "Eve"]);
        // Valid input.
        let good = format!("{head}6,\"Fay \"\"F\"\"\",\"two\r\nlines\"\n7,\"Gus\" ,\"a,b\"\r\n8,Hal 12\",\"\"\n");
        assert_eq!(attempt(&shell, &good, &[]).code, Some(0));
        assert_eq!(names(&app).await, ["Ada", "Di", "Eve", "Fay \"F\"", "Gus", "Hal 12\""]);
    }

    async fn a_cell_that_is_too_long_is_an_error(app: App) {
        let shell = Shell::on(&app.database);
        let long = "x\n".repeat(40_000);
        let file = format!("externalId,customerName,customerDetails\n1,Ada,\n2,Bob,\"{long}\"\n3,Cy,\n");
        let outcome = attempt(&shell, &file, &[]);
        assert_eq!(outcome.code, Some(1));
        insta::assert_snapshot!("long_cell", outcome.stderr);
        assert_eq!(names(&app).await, ["Ada"]);
        let wide = format!("externalId,customerName\n1,{}\n", "x".repeat(70_000));
        assert!(attempt(&shell, wide, &[]).stderr.contains("line 2: a cell that begins here"));
    }

    async fn new_groups_are_named_and_can_be_forbidden(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,customerGroup\n1,Ada,Europe > Germany\n2,Bob,Europe>Germany\n\
                    3,Cy,Europe  >Germany\n4,Di,Europe / Germany\n";
        let mut text = attempt(&shell, file, &["--dry-run"]).stderr;
        text += &attempt(&shell, file, &["--no-new-groups"]).stderr;
        assert_eq!(count(&app).await, 0);
        text += &attempt(&shell, file, &[]).stderr;
        text += &attempt(&shell, file, &["--no-new-groups"]).stderr;
        insta::assert_snapshot!("new_groups", text);
        let query = "{ customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes {
            customerGroupName parentCustomerGroup { customerGroupName } customers { totalCount } } } }";
        insta::assert_json_snapshot!("new_groups_made", app.data(query, json!({})).await);
    }

    async fn an_empty_file_is_an_error_unless_it_is_allowed(app: App) {
        let shell = Shell::on(&app.database);
        let mut text = String::new();
        for content in ["", "\n\n", "externalId,customerName\n"] {
            let outcome = attempt(&shell, content, &[]);
            assert_eq!(outcome.code, Some(1), "{content:?}");
            text += &outcome.stderr;
            assert_eq!(attempt(&shell, content, &["--allow-empty"]).code, Some(0), "{content:?}");
        }
        insta::assert_snapshot!("empty_files", text);
    }

    async fn no_import_duplicates_customers(app: App) {
        let shell = Shell::on(&app.database);
        // Without a key to match customers by, nothing is imported.
        let plain = "customerName,emailId\nAda,ada@example.com\nBob,bob@example.com\n";
        let mut text = attempt(&shell, plain, &[]).stderr;
        assert_eq!(count(&app).await, 0);
        text += &attempt(&shell, plain, &["--match", "emailId"]).stderr;
        let again = "customerName,emailId\nAda L.,ADA@Example.com\nCy,\nBob,bob@example.com\n";
        text += &attempt(&shell, again, &["--match", "emailId"]).stderr;
        // With --create-only, it is possible.
        text += &attempt(&shell, plain, &["--create-only"]).stderr;
        text += &attempt(&shell, plain, &["--match", "emailId"]).stderr;
        let known = "externalId,customerName\nx,Xi\nx,Yo\n,Zed\n";
        text += &attempt(&shell, known, &["--create-only"]).stderr;
        text += &attempt(&shell, known, &[]).stderr;
        text += &attempt(&shell, plain, &["--create-only", "--match", "emailId"]).stderr;
        insta::assert_snapshot!("recognised", text);
        let all = ["Ada", "Ada L.", "Bob", "Bob", "Yo", "Zed"];
        assert_eq!(names(&app).await, all);
        // A customer is always matched by its id.
        let id = app.data("{ customer(externalId: \"x\") { id } }", json!({})).await;
        let id = id["customer"]["id"].as_str().unwrap();
        let renamed = format!("id,customerName,externalId\n{id},Xi II,\n{id},,y\ncustomer_0,Nobody,\n");
        insta::assert_snapshot!("recognised_by_id", attempt(&shell, renamed, &[]).stderr);
    }

    async fn numbers_mangled_by_a_spreadsheet_are_refused(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,mobileNo,taxId,address.postalCode,customerDetails\n\
                    1,Ada,4.79E+10,,,\n2,Bob,,\"1,23457E+12\",,\n3.1E+11,Cy,,,,\n4,Di,,,1E+05,\n\
                    5,Eve,+47 900,1E10,,4.79E+10\n";
        insta::assert_snapshot!("shortened", attempt(&shell, file, &[]).stderr);
        assert_eq!(names(&app).await, ["Eve"]);
    }

    async fn corrected_rejects_are_never_overwritten(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,emailId\n1,Ada,\n2,,bob\n";
        let first = attempt(&shell, file, &[]);
        insta::assert_snapshot!("first_rejects", first.stderr);
        assert_eq!(shell.read("it.rejects.csv"), "externalId,customerName,emailId\n2,,bob\n");
        // Unchanged files are replaced by those of the next run, or removed if it rejects nothing.
        assert_eq!(attempt(&shell, file, &[]).code, Some(1));
        assert_eq!(attempt(&shell, "externalId,customerName\n1,Ada\n", &[]).code, Some(0));
        assert!(!shell.path("it.rejects.csv").exists() && !shell.path("it.reasons.csv").exists());
        // Corrected files are not overwritten.
        assert_eq!(attempt(&shell, file, &[]).code, Some(1));
        let corrected = "externalId,customerName,emailId\n2,Bob,bob@example.com\n";
        shell.write("it.rejects.csv", corrected);
        let before = dump(&app.database).await;
        let refused = attempt(&shell, file, &[]);
        insta::assert_snapshot!("changed_rejects", refused.stderr);
        assert_eq!(dump(&app.database).await, before);
        assert_eq!(shell.read("it.rejects.csv"), corrected);
        assert_eq!(shell.run(&import("it.rejects.csv", &[])).code, Some(0));
        assert_eq!(names(&app).await, ["Ada", "Bob"]);
        assert_eq!(attempt(&shell, file, &["--overwrite-rejects"]).code, Some(1));
        assert_eq!(shell.read("it.rejects.csv"), "externalId,customerName,emailId\n2,,bob\n");
        // No temporary files remain.
        let left = std::fs::read_dir(shell.path(".")).unwrap();
        let hidden = left.filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0);
    }

    async fn a_file_of_rejects_contains_no_reasons_that_could_be_imported(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,territory\n1,Ada\n2,Bob,North,x,y\n3,Cy,South\n";
        assert_eq!(attempt(&shell, file, &[]).code, Some(1));
        assert_eq!(shell.read("it.rejects.csv"), "externalId,customerName,territory\n1,Ada\n2,Bob,North,x,y\n");
        // A spreadsheet pads all rows to the length of the longest one.
        shell.write("it.rejects.csv", "externalId,customerName,territory\n1,Ada,\n2,Bob,North\n");
        assert_eq!(shell.run(&import("it.rejects.csv", &[])).code, Some(0));
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes { customerName territory } } }";
        insta::assert_json_snapshot!("no_reasons_in_data", app.data(query, json!({})).await);
    }

    async fn an_unwritable_reject_file_is_found_before_the_first_row(app: App) {
        let shell = Shell::on(&app.database);
        std::fs::create_dir(shell.path("folder")).unwrap();
        let file = "externalId,customerName\n1,Ada\n";
        for path in ["nowhere/rows.csv", "folder"] {
            let outcome = attempt(&shell, file, &["--rejects", path]);
            assert_eq!(outcome.code, Some(1), "{path}");
            assert!(outcome.stderr.contains("--rejects ("), "{}", outcome.stderr);
        }
        assert_eq!(count(&app).await, 0);
    }

    async fn all_errors_of_a_row_are_reported_together(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,customerType,emailId,disabled,credit.limit,paymentTermsDays,\
                    customerGroup,contact.emailId,address.countryCode,address.addressType\n\
                    1,,company,nobody,perhaps,\"12,5\",soon,A > ,x,Norway,HOME\n";
        insta::assert_snapshot!("all_errors", attempt(&shell, file, &[]).stderr);
        let reasons = shell.read("it.reasons.csv");
        insta::assert_snapshot!("all_reasons", reasons.rsplit_once("\n,,sha256").unwrap().0);
        let line = json!({ "externalId": "1", "customerType": 5, "disabled": "no", "colour": "red",
            "contacts": [{ "emailId": "x", "isPrimary": 1 }, "Ada", { "frstName": "Bo" }],
            "consents": [{ "name": "a" }, { "name": "a" }], "supplierNumbers": {} });
        shell.write("line.ndjson", line.to_string());
        insta::assert_snapshot!("all_errors_ndjson", shell.run(&import("line.ndjson", &[])).stderr);
        assert_eq!(count(&app).await, 0);
    }

    async fn too_many_errors_end_an_import(app: App) {
        let shell = Shell::on(&app.database);
        let bad = (0..600).map(|row| format!("{row},\n")).collect::<Vec<_>>().concat();
        let file = format!("externalId,customerName\n{bad}700,Ada\n");
        let outcome = attempt(&shell, &file, &["--max-errors", "300"]);
        assert_eq!(outcome.code, Some(1));
        let end: Vec<&str> = outcome.stderr.lines().rev().take(3).collect();
        insta::assert_json_snapshot!("too_many_errors", end);
        assert_eq!(count(&app).await, 0);
        assert_eq!(attempt(&shell, &file, &["--overwrite-rejects"]).code, Some(1));
        assert_eq!(names(&app).await, ["Ada"]);
    }

    async fn files_with_other_encodings_and_separators_are_read(app: App) {
        let shell = Shell::on(&app.database);
        let text = "externalId;customerName;credit.limit\r\n1;Åse;1234,50\r\n2;Jürgen;\r\n";
        let latin: Vec<u8> = text.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
        let utf_16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let tabs = text.replace(';', "\t");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        shell.write("latin.csv", &latin);
        shell.write("utf-16.csv", utf_16);
        shell.write("tabs.txt", tabs);
        shell.write("packed.csv.gz", gzip.finish().unwrap());
        shell.write("cut.csv.gz", [0x1f, 0x8b, 8, 0, 0]);
        shell.write("fake.gz", "externalId,customerName\n1,Ada\n");
        shell.write("sheet.xlsx", "not even a workbook");
        shell.write("sheet.csv", b"PK\x03\x04 a workbook by another name");
        shell.write("points.csv", "externalId,customerName,credit.limit\n1,Ada,\"1.234,50\"\n2,Bo,\"1,5\"\n");
        let comma = "--decimal-comma";
        let text = shell.transcript(&[
            &import("latin.csv", &[comma]),
            &import("latin.csv", &[comma, "--encoding", "windows-1252"]),
            &import("latin.csv", &[comma, "--encoding", "utf-8"]),
            &import("utf-16.csv", &[comma]),
            &import("tabs.txt", &[comma]),
            &import("packed.csv.gz", &[comma]),
            &import("cut.csv.gz", &[]),
            &import("fake.gz", &[]),
            &import("sheet.xlsx", &[]),
            &import("sheet.csv", &[]),
            &import("points.csv", &[comma]),
            &import("points.csv", &["--overwrite-rejects"]),
            &import("tabs.txt", &[comma, "--delimiter", ";"]),
            &import("tabs.txt", &["--delimiter", "|"]),
            &import("tabs.txt", &["--encoding", "latin-17"]),
        ]);
        insta::assert_snapshot!("other_programs", text);
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) {
            nodes { customerName credit { limit } } } }";
        insta::assert_json_snapshot!("other_programs_customers", app.data(query, json!({})).await);
    }

    async fn an_interrupted_import_reports_its_progress(app: App) {
        let shell = Shell::on(&app.database);
        let name = "Ada ".repeat(50);
        let rows = (0..2_000).map(|row| format!("{row},{name}{row}\n")).collect::<Vec<_>>().concat();
        let file = format!("externalId,customerName\n{rows}");
        let import = shell.start_with_input(&import("-", &[]), file);
        while count(&app).await != 2_000 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        import.interrupt();
        let outcome = import.finish();
        assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
        insta::assert_snapshot!("interrupted", outcome.stderr);
        assert_eq!(count(&app).await, 2_000);
    }

    async fn a_second_interruption_ends_an_import_at_once(app: App) {
        let shell = Shell::on(&app.database);
        // Long rows, because reading starts once 256 KiB of the file are available.
        let details = "x".repeat(1_200);
        let rows = |from: usize| {
            let rows = (from..from + BATCH).map(|row| format!("{row},Ada {row},{details}\n"));
            rows.collect::<Vec<_>>().concat()
        };
        let first = format!("externalId,customerName,customerDetails\n{}", rows(0));
        let mut running = shell.start_with_input(&import("-", &[]), first);
        while count(&app).await != BATCH {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The lock keeps the second batch in progress.
        let lock = WriteLock::take(&app.database).await;
        running.send(rows(BATCH));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        running.interrupt();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(running.is_running(), "the batch in progress is not waited for");
        let start = std::time::Instant::now();
        running.interrupt();
        let outcome = running.finish();
        // SQLite's busy timeout alone would be 10 seconds.
        assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
        assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
        insta::assert_snapshot!("interrupted_twice", outcome.stderr);
        drop(lock);
        assert_eq!(count(&app).await, BATCH);
        shell.succeed(&["check"]);
        // The same file can be imported again.
        let all = format!("externalId,customerName,customerDetails\n{}{}", rows(0), rows(BATCH));
        let again = attempt(&shell, all, &[]);
        assert_eq!(again.stderr, "250 created, 0 updated, 250 unchanged, 0 failed\n");
    }

    async fn imports_for_a_tenant_at_the_same_time_create_each_customer_once(app: App) {
        let shell = Shell::on(&app.database);
        let row = |row: usize| format!("Ada {row},ada{row}@example.com\n");
        let file = format!("customerName,emailId\n{}", (0..1_000).map(row).collect::<String>());
        let import = || shell.run_with_input(&import("-", &["--match", "emailId"]), &file);
        let outcomes = std::thread::scope(|scope| {
            let started = [scope.spawn(import), scope.spawn(import)];
            started.map(|it| it.join().unwrap())
        });
        for outcome in outcomes {
            assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        }
        assert_eq!(count(&app).await, 1_000);
    }

    async fn an_import_ends_when_the_country_of_the_tenant_changes(app: App) {
        let shell = Shell::on(&app.database);
        let details = "x".repeat(1_200);
        let rows = |from: usize| {
            let row = |row| format!("{row},Ada {row},91{row:06},{details}\n");
            (from..from + BATCH).map(row).collect::<String>()
        };
        let first = format!("externalId,customerName,mobileNo,customerDetails\n{}", rows(0));
        let mut running = shell.start_with_input(&import("-", &[]), first);
        while count(&app).await != BATCH {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        shell.succeed(&["tenant", "country", "acme", "NO"]);
        running.send(rows(BATCH));
        let outcome = running.finish();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        insta::assert_snapshot!("country_changed", outcome.stderr);
        assert_eq!(count(&app).await, BATCH);
        let find = "{ customers(filter: { mobileNo: { eq: \"+4791000001\" } }) { nodes { externalId } } }";
        let found = app.data(find, json!({})).await;
        assert_eq!(found, json!({ "customers": { "nodes": [{ "externalId": "1" }] } }));
    }

    async fn rejected_rows_can_name_groups_below_those_of_earlier_rows(app: App) {
        let shell = Shell::on(&app.database);
        app.create_group("customerGroupName: \"Asia\"").await;
        let file = "externalId,customerName,emailId,customerGroup\n1,Ada,,Europe\n2,Bob,bad,Europe > Norway\n";
        assert_eq!(attempt(&shell, file, &[]).code, Some(1));
        shell.write("corrected.csv", shell.read("it.rejects.csv").replace("bad", "b@example.com"));
        shell.succeed(&import("corrected.csv", &[]));
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes {
            customerName customerGroup { customerGroupName isGroup ancestors { customerGroupName isGroup } }
        } } }";
        let expected = json!([
            { "customerName": "Ada",
                "customerGroup": { "customerGroupName": "Europe", "isGroup": true, "ancestors": [] } },
            { "customerName": "Bob",
                "customerGroup": { "customerGroupName": "Norway", "isGroup": false,
                    "ancestors": [{ "customerGroupName": "Europe", "isGroup": true }] } },
        ]);
        assert_eq!(app.data(query, json!({})).await["customers"]["nodes"], expected);
        // A group that somebody created as a leaf stays one.
        let outcome = attempt(&shell, "externalId,customerName,customerGroup\n3,Cy,Asia > Japan\n", &[]);
        assert!(outcome.stderr.contains("this group is a leaf"), "{}", outcome.stderr);
    }

    async fn rejected_rows_are_unchanged(app: App) {
        let shell = Shell::on(&app.database);
        let bad = "3,Cy,\"open\n4,Di,z\n5,Eve,\"closed\"\n6,\"Fay\" x,\n";
        let file = format!("externalId,customerName,customerDetails\n1,Ada,\n{bad}7,Gus,\n");
        assert_eq!(attempt(&shell, &file, &[]).code, Some(1));
        assert_eq!(names(&app).await, ["Ada", "Gus"]);
        let rejects = shell.read("it.rejects.csv");
        assert_eq!(rejects, format!("externalId,customerName,customerDetails\n{bad}"));
        assert_eq!(attempt(&shell, &rejects, &["--overwrite-rejects"]).code, Some(1));
        assert_eq!(names(&app).await, ["Ada", "Gus"]);
    }
}
