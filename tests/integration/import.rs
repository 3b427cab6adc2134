//! Imports through the real binary. The results are read through the API.

use std::{fmt::Write, time::Duration};

use clientele::{
    import::{
        BATCH, Outcome,
        match_key::MatchKey,
        reader::{Raw, Row},
        writer::{Importer, Rules},
    },
    models::customer::CustomerKey,
    transfer::RowKind,
};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    binary::{Shell, data_file, import},
    dump::dump,
    lock::WriteLock,
};

/// All groups with their properties, as paths.
async fn groups(app: &App) -> Vec<String> {
    let query = "{ customerGroups(filter: { isRoot: true }, first: 100) { nodes {
        customerGroupName isGroup customers { totalCount }
        descendants { customerGroupName isGroup customers { totalCount }
            ancestors { customerGroupName } }
    } } }";
    let data = app.data(query, json!({})).await;
    let roots = data["customerGroups"]["nodes"].as_array().unwrap();
    let below = roots.iter().flat_map(|root| root["descendants"].as_array().unwrap());
    let mut groups: Vec<String> = roots.iter().chain(below).map(group_line).collect();
    groups.sort();
    groups
}

fn group_line(group: &Value) -> String {
    let above = group["ancestors"].as_array().into_iter().flatten().rev();
    let names = above.chain([group]).map(|group| group["customerGroupName"].as_str().unwrap());
    let path = names.collect::<Vec<_>>().join(" > ");
    let kind = if group["isGroup"] == true { "group" } else { "leaf" };
    format!("{path}: {kind}, {} customers", group["customers"]["totalCount"])
}

/// The fields of each customer that the tests compare, sorted by name.
async fn customers(app: &App) -> Value {
    let query = "{ customers(first: 100, orderBy: { field: CUSTOMER_NAME }) { nodes {
        externalId customerName customerType emailId website territory customerDetails disabled
        defaultCommissionRate createdBy lastModifiedBy
        customerGroup { customerGroupName parentCustomerGroup { customerGroupName } }
    } } }";
    app.data(query, json!({})).await["customers"]["nodes"].take()
}

async fn count(app: &App) -> Value {
    app.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"].take()
}

/// Imports a file with this content, which must succeed.
fn import_all(shell: &Shell, content: &str) -> String {
    shell.write("all.csv", content);
    let outcome = shell.run(&import("all.csv", &[]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), ""), "{}", outcome.stderr);
    outcome.stderr
}

/// The reasons without the last line, because its digest depends on the files' line endings.
fn without_digest(reasons: &str) -> String {
    let (reasons, last) = reasons.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with(",,sha256:"), "{last}");
    reasons.to_owned()
}

fn first_cell(line: &str) -> &str {
    line.split(',').next().unwrap()
}

/// A path of 33 levels, one more than a tree can have.
fn too_deep() -> String {
    (1..=33).map(|level| format!("L{level}")).collect::<Vec<_>>().join(" > ")
}

both! {
    async fn rows_match_customers_by_phone_number_and_card_in_any_spelling(app: App) {
        app.make_tenant_in("north", "NO").await;
        let shell = Shell::on(&app.database);
        let import = |column: &str, text: &str| {
            shell.write("rows.csv", format!("customerName,{column}\nAna,{text}\n"));
            shell.run(&["import", "customers", "rows.csv", "--tenant", "north", "--match", column]).stderr
        };
        for (column, texts) in [
            ("mobileNo", ["+47 95 11 22 33", "95112233", "0047 951-12-233"]),
            ("loyaltyId", ["KK 1", "kk1", "K-K-1"]),
        ] {
            for (text, created) in texts.into_iter().zip([1, 0, 0]) {
                let told = import(column, text);
                let expected = format!("{created} created, {} updated, 0 unchanged, 0 failed\n", 1 - created);
                assert_eq!(told, expected, "{column} {text}");
            }
        }
        // Rows of the same file match each other, too.
        shell.write("rows.csv", "customerName,mobileNo\nBo,40 00 00 01\nBo,+4740000001\n");
        let told = shell.run(&["import", "customers", "rows.csv", "--tenant", "north", "--match", "mobileNo"]);
        assert_eq!(told.stderr, "1 created, 1 updated, 0 unchanged, 0 failed\n");
    }

    async fn the_files_of_two_real_shops_are_imported(app: App) {
        let shell = Shell::on(&app.database);
        let files = ["northwind-customers.csv", "sakila-customers.csv"];
        for name in files {
            std::fs::copy(data_file(name), shell.path(name)).unwrap();
        }
        let [northwind, sakila] = files.map(|name| import(name, &[]));
        let text = shell.transcript(&[&northwind, &sakila, &northwind, &sakila]);
        insta::assert_snapshot!("real_shops", text);
        assert_eq!(count(&app).await, 690);
        insta::assert_json_snapshot!("real_shops_groups", groups(&app).await);

        let query = r#"{
            alfki: customer(externalId: "ALFKI") { ...All }
            disabled: customers(filter: { disabled: { eq: true } }) { totalCount }
            mary: customer(externalId: "sakila-1") { ...All }
        }
        fragment All on Customer {
            customerName customerType emailId mobileNo territory disabled firstName createdBy
            customerGroup { customerGroupName isGroup ancestors { customerGroupName isGroup } }
            customerGroups { nodes { customerGroupName } }
            primaryContact { displayName title emailId }
            primaryAddress { formatted addressType city region postalCode countryCode }
            contacts { isPrimary firstName lastName }
            addresses { isPrimary address }
        }"#;
        insta::assert_json_snapshot!("real_shops_customers", app.query(query).await);
        for name in files {
            let rejects = shell.path(&name.replace(".csv", ".rejects.csv"));
            assert!(!rejects.exists(), "nothing was rejected");
        }
    }

    async fn only_an_edited_row_is_changed(app: App) {
        let shell = Shell::on(&app.database);
        let file = std::fs::read_to_string(data_file("northwind-customers.csv")).unwrap();
        import_all(&shell, &file);
        let mutation = r#"mutation { customerUpdate(externalId: "ALFKI",
            input: { website: "https://example.com", isFrozen: true }) { userErrors { code } } }"#;
        app.data(mutation, json!({})).await;
        let mut before = dump(&app.database).await;

        let edited = file.replacen(",Germany,,030-0074321,", ",Bavaria,,030-0074321,", 1);
        assert_ne!(edited, file);
        let summary = import_all(&shell, &edited);
        assert_eq!(summary.lines().last(), Some("0 created, 1 updated, 90 unchanged, 0 failed"));
        let mut after = dump(&app.database).await;
        let old = before.remove("customers").unwrap();
        let new = after.remove("customers").unwrap();
        assert_eq!(after, before, "other tables");
        assert_eq!((old.difference(&new).count(), new.difference(&old).count()), (1, 1));
        let query = r#"{ customer(externalId: "ALFKI") {
            customerName territory website isFrozen mobileNo lastModifiedBy createdBy
            customerGroup { customerGroupName } } }"#;
        insta::assert_json_snapshot!("edited_row", app.query(query).await);

        // An empty cell counts as omitted, like a missing column.
        let before = dump(&app.database).await;
        let sparse = "externalId,territory,emailId\nALFKI,,\nALFKI,Bavaria,\n";
        assert!(import_all(&shell, sparse).starts_with("0 created, 0 updated, 2 unchanged"));
        assert_eq!(dump(&app.database).await, before);
    }

    async fn ndjson_is_imported_from_a_file_and_from_standard_input(app: App) {
        let shell = Shell::on(&app.database);
        let group = app.create_group(r#"customerGroupName: "By id""#).await;
        let lines = [
            json!({ "externalId": "1", "customerName": "Ada", "customerGroupId": group,
                "emailId": "ada@example.com", "defaultCommissionRate": "2.50" }),
            json!({ "externalId": "2", "customerName": "Bob", "customerGroup": "All > By path",
                "customerType": "INDIVIDUAL", "disabled": true, "customerDetails": "a\nb" }),
            json!({ "externalId": "3", "customerName": "Cy", "website": null }),
        ];
        let file = lines.map(|line| format!("{line}\n")).concat();
        shell.write("lines.ndjson", format!("\u{feff}{file}"));
        let mut text = shell.transcript(&[&import("lines.ndjson", &[])]);
        insta::assert_json_snapshot!("ndjson_imported", customers(&app).await);

        let lines = [
            json!({ "externalId": "1", "emailId": null, "defaultCommissionRate": null,
                "customerGroupId": null }),
            json!({ "externalId": "2", "customerType": null, "disabled": null,
                "customerGroup": null }),
            json!({ "externalId": "3", "website": "https://example.com" }),
            json!({ "externalId": "3" }),
        ];
        let input = lines.map(|line| format!("{line}\r\n\r\n")).concat();
        text += &shell.transcript_with_input(&import("-", &[]), &input);
        text += &shell.transcript_with_input(&import("-", &["--format", "ndjson"]), &input);
        text += &shell.transcript_with_input(&import("-", &["--format", "csv"]), &input);
        insta::assert_snapshot!("ndjson", text);
        insta::assert_json_snapshot!("ndjson_cleared", customers(&app).await);
    }

    async fn contacts_and_addresses_are_created_and_changed(app: App) {
        let shell = Shell::on(&app.database);
        let header = "externalId,customerName,paymentTermsDays,credit.limit,contact.firstName,\
                      contact.emailId,address.city,address.countryCode,address.addressType\n";
        let first = format!("{header}a,Ana,30,1200.50,Ana,ana@example.com,Oslo,NO,INVOICE_ADDRESS\n\
                             b,Bo,,,,,,,\nc,Cy,,,,,Turku,FI,\n");
        import_all(&shell, &first);
        // A second address becomes the primary one, so imports update it from then on.
        let create = "mutation($id: ID!) { customerAddressCreate(input: {
            customerId: $id, city: \"Espoo\", isPrimary: true }) { userErrors { code } } }";
        let id = app.data("{ customer(externalId: \"c\") { id } }", json!({})).await;
        app.data(create, json!({ "id": id["customer"]["id"] })).await;
        let mut summaries = vec![import_all(&shell, &first)];
        let second = format!("{header}a,Ana,30,1200.50,Anna,,,,\nb,Bo,,,Bo,,,,\nc,Cy,,,,,Turku,,\n\
                              d,Di,,,,,Rauma,FI,\nd,Di,,,Di,,,SE,\n");
        summaries.push(import_all(&shell, &second));
        summaries.push(import_all(&shell, &second));
        let nested = json!({ "externalId": "e", "customerName": "Ed", "credit": { "balance": "-1.5" },
            "contact": { "lastName": "Ek" }, "address": { "city": "Visby", "region": null } });
        shell.write("e.ndjson", nested.to_string());
        summaries.push(shell.run(&import("e.ndjson", &[])).stderr);
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes {
            externalId paymentTermsDays credit { limit balance }
            contacts { firstName lastName emailId isPrimary }
            addresses { city countryCode addressType isPrimary } } } }";
        let answer = app.data(query, json!({})).await;
        insta::assert_json_snapshot!("contacts_and_addresses", json!([summaries, answer]));

        let bad = format!("{header}x,Xi,many,-1,,nobody,,Norway,HOME\ny,Yo,-1,-1,,nobody,,XX,\n");
        shell.write("bad.csv", &bad);
        let before = dump(&app.database).await;
        let outcome = shell.run(&import("bad.csv", &[]));
        insta::assert_snapshot!("bad_contacts_and_addresses", outcome.stderr);
        assert_eq!(dump(&app.database).await, before);
    }

    async fn a_rejected_row_writes_nothing(app: App) {
        let shell = Shell::on(&app.database);
        let header = "externalId,customerName,customerGroup,contact.externalId,contact.lastName,address.city\n";
        import_all(&shell, &format!("{header}a,Ana,G,A,Ek,Oslo\nb,Bo,G,,,\nc,Cy,G,C,Berg,\n"));
        // The external id of another customer's contact, together with other changes, which must not be written.
        let rows = "b,Bob,New > Group,A,Ås,Bergen\nc,Cyd,G,C,Dahl,Turku\nd,Di,G,A,,\ne,Ed,G,E,,\nf,Fi,G,E,,\n";
        shell.write("half.csv", format!("{header}{rows}"));
        insta::assert_snapshot!("half_rejected", shell.transcript(&[&import("half.csv", &[])]));
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes {
            externalId customerName contacts { externalId lastName } addresses { city } } } }";
        insta::assert_json_snapshot!("half_customers", app.data(query, json!({})).await);
    }

    async fn null_creates_no_contact_address_or_credit(app: App) {
        let shell = Shell::on(&app.database);
        let rows = [
            json!({ "externalId": "a", "customerName": "Ana", "contact": null, "address": null, "credit": null }),
            json!({ "externalId": "b", "customerName": "Bo", "contact": { "firstName": null },
                "address": { "city": null, "externalId": null } }),
            json!({ "externalId": "c", "customerName": "Cy", "credit": { "limit": "5" },
                "contact": { "firstName": "Cy" }, "address": { "city": "Oslo" } }),
            json!({ "externalId": "c", "customerName": "Cy", "credit": null,
                "contact": { "firstName": null }, "address": null }),
        ];
        shell.write("null.ndjson", rows.map(|row| row.to_string()).join("\n"));
        let outcome = shell.run(&import("null.ndjson", &[]));
        assert_eq!(outcome.stderr.lines().last(), Some("3 created, 1 updated, 0 unchanged, 0 failed"));
        let query = "{ customers(orderBy: { field: CUSTOMER_NAME }) { nodes {
            credit { limit } contacts { firstName } addresses { city } } } }";
        insta::assert_json_snapshot!("null_parts", app.data(query, json!({})).await);
    }

    async fn csv_from_spreadsheets_is_read(app: App) {
        let shell = Shell::on(&app.database);
        let file = "\u{feff}externalId, customerName ,customerDetails,disabled,emailId\r\n\
            1,\"Smith, \"\"Ada\"\"\",\"two\r\nlines\",TRUE,\r\n\
            \r\n\
            2, Bob ,\"\",0,bob@example.com\r\n\
            3,Cy,,no,\r\n\
            4,\"Dan\nny\",,,\r\n\
            5,Eve,,false,eve";
        shell.write("sheet.csv", file);
        insta::assert_snapshot!("spreadsheet", shell.transcript(&[&import("sheet.csv", &[])]));
        insta::assert_snapshot!("spreadsheet_rejects", shell.read("sheet.rejects.csv"));
        insta::assert_json_snapshot!("spreadsheet_customers", customers(&app).await);
    }

    async fn rows_that_name_a_customer_again_update_it(app: App) {
        let shell = Shell::on(&app.database);
        let file = "externalId,customerName,territory\n\
            1,Ada,North\n2,Bob,\n1,Ada,South\n 1 ,Ada,South\n1,Ada L.,\n2,Bob,\n";
        let summary = import_all(&shell, file);
        assert_eq!(summary, "2 created, 2 updated, 2 unchanged, 0 failed\n");
        insta::assert_json_snapshot!("named_again", customers(&app).await);
    }

    async fn a_file_of_many_batches_keeps_its_order_and_its_lines(app: App) {
        let shell = Shell::on(&app.database);
        let mut file = "externalId,customerName,territory,customerGroup\n".to_owned();
        let rows = 3 * BATCH + 1;
        for row in 0..rows {
            // Group names recur in later batches, and one row of each batch is invalid.
            let name = if row % BATCH == 7 { "" } else { "Ada" };
            let group = row % 5;
            writeln!(file, "{},{name},Row {row},All > {group}", row % (BATCH + 10)).unwrap();
        }
        shell.write("many.csv", &file);
        insta::assert_snapshot!("many_batches", shell.transcript(&[&import("many.csv", &[])]));
        insta::assert_json_snapshot!("many_batches_groups", groups(&app).await);
        let query = r#"{ customer(externalId: "0") { territory } }"#;
        let last = format!("Row {}", (rows - 1) / (BATCH + 10) * (BATCH + 10));
        assert_eq!(app.data(query, json!({})).await["customer"]["territory"], last);
    }

    async fn bad_rows_of_csv_are_reported_kept_and_corrected(app: App) {
        let shell = Shell::on(&app.database);
        app.create_group(r#"customerGroupName: "Leaf""#).await;
        let id = app.create_customer(r#"customerName: "There""#).await;
        let mut file = b"externalId,customerName,customerType,emailId,disabled,\
            defaultCommissionRate,defaultCurrency,customerGroup,customerGroupId\n\
            1,Good,,,,,,All > Good,\n\
            2,Short\n\
            3,Long,,,,,,,,,\n\
            4,\xff\xfe,,,,,,,\n\
            5,Flag,,,maybe,,,,\n\
            6,E-mail,,nobody,,,,,\n\
            7,Type,company,,,,,,\n\
            8,,,,,,,,\n\
            9,\"Control\x07\",,,,,,,\n\
            10,Decimal,,,,1e3,,,\n\
            11,Several,,a b@c,,,eur,,\n\
            12,Unknown group,,,,,,,customer-group_01a1f7458f6478aca3b4d9a9be18c403\n"
            .to_vec();
        let long = "x".repeat(256);
        let deep = too_deep();
        for row in [
            format!("13,Not a group,,,,,,,{id}\n"),
            format!("14,{long},,,,,,,\n"),
            "15,Empty name,,,,,,All > > Empty,\n".to_owned(),
            "16,Ends empty,,,,,,All > Bad > ,\n".to_owned(),
            format!("17,Too deep,,,,,,{deep},\n"),
            format!("18,Long name,,,,,,All > Worse > {long},\n"),
            "19,Through a leaf,,,,,,Leaf > Below,\n".to_owned(),
            "20,E-mail first,,nobody,,,,All > Worst,\n".to_owned(),
            "21,Both,,,,,,All,customer-group_0\n".to_owned(),
            "22,\"Two\nlines\",,,,,,,\n".to_owned(),
            "23,Good too,,,,,,All > Good,\n".to_owned(),
        ] {
            file.extend(row.as_bytes());
        }
        shell.write("bad.csv", &file);
        let text = shell.transcript(&[&import("bad.csv", &["--encoding", "utf-8"])]);
        insta::assert_snapshot!("bad_csv", text.replace(&long, "LONG"));
        let reasons = shell.read("bad.reasons.csv").replace(&long, "LONG").replace(&id, "ID");
        insta::assert_snapshot!("bad_csv_reasons", without_digest(&reasons));
        let rejects = std::fs::read(shell.path("bad.rejects.csv")).unwrap();
        let shown = String::from_utf8_lossy(&rejects).replace(&long, "LONG").replace(&id, "ID");
        insta::assert_snapshot!("bad_csv_rejects", shown);
        assert_eq!(
            groups(&app).await,
            ["All > Good: leaf, 2 customers", "All: group, 0 customers", "Leaf: leaf, 0 customers"]
        );

        // An unchanged row is rejected again. A corrected row is imported.
        let again = import("bad.rejects.csv", &["--encoding", "utf-8"]);
        let again = shell.run(&again);
        assert!(again.stderr.contains("0 created, 0 updated, 0 unchanged, 21 failed"), "{again:?}");
        let again = std::fs::read(shell.path("bad.rejects.rejects.csv")).unwrap();
        assert_eq!(again, rejects);
        let rejects = String::from_utf8_lossy(&rejects);
        let corrected = rejects.replace("5,Flag,,,maybe,", "5,Flag,,,true,");
        let corrected = corrected.replace("6,E-mail,,nobody,", "6,E-mail,,nobody@example.com,");
        let is_corrected = |line: &&str| ["externalId", "5", "6"].contains(&first_cell(line));
        let corrected_rows: Vec<&str> = corrected.lines().filter(is_corrected).collect();
        let summary = import_all(&shell, &corrected_rows.join("\n"));
        assert_eq!(summary, "2 created, 0 updated, 0 unchanged, 0 failed\n");
        insta::assert_json_snapshot!("bad_csv_corrected", customers(&app).await);
    }

    async fn bad_lines_of_ndjson_are_reported_kept_and_corrected(app: App) {
        let shell = Shell::on(&app.database);
        let mut file = br#"{"externalId":"1","customerName":"Good"}
{"externalId":"2","customerName":"No end"
["externalId","3"]
null
{"externalId":"4","customerName":"Field","name":"x","colour":null,"customerName ":""}
{"externalId":5,"customerName":"Number"}
{"externalId":"6","customerName":"Flag","disabled":"true"}
{"externalId":"7","customerName":"Type","customerType":"Company"}
{"externalId":"8","customerName":"Decimal","defaultCommissionRate":2.5}
{"externalId":"9","customerName":null}
{"externalId":"10"}
{"externalId":"11","customerName":"Group","customerGroup":["All","Group"]}
{"externalId":"12","customerName":"Group","customerGroupId":"nobody"}
{"externalId":"13","customerName":"Path","customerGroup":""}
{"externalId":"14","customerName":"Both","customerGroup":"All","customerGroupId":"x"}
{"externalId":"15","customerName":"Nul\u0000"}
{"externalId":"16","customerName":"Half \ud800"}
{"externalId":"17","customerName":"Twice"} {"externalId":"17","customerName":"Twice"}
"#
        .to_vec();
        file.extend(b"{\"externalId\":\"18\",\"customerName\":\"\xff\"}\n");
        let long = "x".repeat(1 << 20);
        file.extend(format!("{{\"externalId\":\"19\",\"customerName\":\"{long}\"}}\n").as_bytes());
        file.extend(format!("{}1{}\n", "[".repeat(500), "]".repeat(500)).as_bytes());
        file.extend(b"\n{\"externalId\":\"20\",\"customerName\":\"Good too\"}");
        shell.write("bad.ndjson", &file);
        insta::assert_snapshot!("bad_ndjson", shell.transcript(&[&import("bad.ndjson", &[])]));
        let rejects = std::fs::read(shell.path("bad.rejects.ndjson")).unwrap();
        // A line that is too long is preserved completely.
        let shown = String::from_utf8_lossy(&rejects).replace(&long, "LONG");
        insta::assert_snapshot!("bad_ndjson_rejects", shown);

        let reasons = shell.read("bad.reasons.csv");
        insta::assert_snapshot!("bad_ndjson_reasons", without_digest(&reasons));
        let corrected = String::from_utf8_lossy(&rejects).replace(r#""disabled":"true""#, "\"disabled\":true");
        shell.write("corrected.ndjson", corrected);
        let outcome = shell.run(&import("corrected.ndjson", &[]));
        // The line with invalid UTF-8 contains a replacement character now, so it is valid, too.
        assert!(outcome.stderr.contains("2 created, 0 updated, 0 unchanged, "), "{outcome:?}");
        insta::assert_json_snapshot!("bad_ndjson_corrected", customers(&app).await);
        assert_eq!(groups(&app).await, [""; 0]);
    }

    async fn a_path_finds_existing_groups(app: App) {
        let shell = Shell::on(&app.database);
        let root = app.create_group(r#"customerGroupName: "All", isGroup: true"#).await;
        let child = |name: &str| format!("customerGroupName: \"{name}\", parentId: \"{root}\"");
        app.create_group(&child("Twin")).await;
        app.create_group(&child("Twin")).await;
        app.create_group(&format!("{}, isGroup: true", child("Hotels"))).await;
        app.create_group(&child("Leaf")).await;
        let file = "customerName,customerGroup\n\
            Ada,All > Hotels\nBob, All  >  Hotels \nCy,All > hotels\nDan,All > Hotels > Sea\n\
            Eve,All > Leaf\nFay,All > Leaf > Below\nGus,All > Twin\nHal,All>Hotels\nIda,All\n";
        shell.write("paths.csv", file);
        insta::assert_snapshot!("paths", shell.transcript(&[&import("paths.csv", &["--create-only"])]));
        insta::assert_json_snapshot!("paths_groups", groups(&app).await);
    }

    async fn files_that_cannot_be_imported_are_refused(app: App) {
        let shell = Shell::on(&app.database);
        std::fs::create_dir(shell.path("folder")).unwrap();
        for (name, content) in [
            ("empty.csv", ""),
            ("header.csv", "externalId,customerName\n"),
            ("unknown.csv", "externalId,customerName,colour\n1,Ada,red\n"),
            ("case.csv", "ExternalID,customer_name\n1,Ada\n"),
            ("doubled.csv", "externalId,customerName, externalId\n1,Ada,1\n"),
            ("unnamed.csv", "customerName\nAda\n"),
            ("array.json", "\n  [{\"customerName\":\"Ada\"}]\n"),
            ("rows.csv", "externalId,customerName\n1,\n"),
        ] {
            shell.write(name, content);
        }
        shell.write("latin.csv", b"externalId,customerN\xe4me\n1,Ada\n");
        let before = dump(&app.database).await;
        let text = shell.transcript(&[
            &import("empty.csv", &[]),
            &import("header.csv", &[]),
            &import("unknown.csv", &[]),
            &import("case.csv", &[]),
            &import("doubled.csv", &[]),
            &import("unnamed.csv", &[]),
            &import("latin.csv", &[]),
            &import("array.json", &[]),
            &import("missing.csv", &[]),
            &import("folder", &[]),
            &import("rows.csv", &["--rejects", "nowhere/rows.csv"]),
            &import("rows.csv", &["--rejects", "./rows.csv"]),
            &["import", "customers", "rows.csv", "--tenant", "nobody"],
            &["import", "customers", "rows.csv"],
            &["import", "customers"],
        ]);
        insta::assert_snapshot!("not_imported", text);
        assert_eq!(dump(&app.database).await, before);
        assert_eq!(shell.read("rows.csv"), "externalId,customerName\n1,\n");
    }

    async fn a_dry_run_writes_nothing(app: App) {
        let shell = Shell::on(&app.database);
        import_all(&shell, "externalId,customerName,customerGroup\n1,Ada,All > Old\n2,Bob,All > Old\n");
        let before = dump(&app.database).await;
        let mut file = "externalId,customerName,customerGroup\n".to_owned();
        for row in 1..=2 * BATCH {
            writeln!(file, "{row},{},All > New", if row == 9 { "" } else { "Ada" }).unwrap();
            if row == 1 {
                file += "1,Ada,All > New\n";
            }
        }
        shell.write("dry.csv", &file);
        let dry = shell.run(&import("dry.csv", &["--dry-run"]));
        assert_eq!(dump(&app.database).await, before);
        let real = shell.run(&import("dry.csv", &[]));
        assert_eq!(dry.stderr, real.stderr.replace("failed\n", "failed (dry run: nothing was written)\n"));
        assert_eq!((dry.code, real.code), (Some(1), Some(1)));
        assert!(real.stderr.contains("497 created, 2 updated, 1 unchanged, 1 failed"), "{real:?}");
    }

    async fn a_dry_run_finds_rows_that_contradict_earlier_rows(app: App) {
        let shell = Shell::on(&app.database);
        shell.write("it.csv", "externalId,customerName,loyaltyId,customerGroup\n1,Ada,C-1,A\n2,Bob,C-1,B\n3,Cy,C-2,C\n");
        let dry = shell.run(&import("it.csv", &["--dry-run"]));
        assert_eq!(count(&app).await, 0);
        let real = shell.run(&import("it.csv", &[]));
        let in_dry_run = real.stderr.replace("failed\n", "failed (dry run: nothing was written)\n");
        assert_eq!(dry.stderr, in_dry_run);
        assert!(real.stderr.contains("2 created, 0 updated, 0 unchanged, 1 failed"), "{}", real.stderr);
    }

    async fn numbers_with_different_extensions_match_no_customer(app: App) {
        let (_, key) = app.make_tenant_in("north", "NO").await;
        let shell = Shell::on(&app.database);
        let match_mobile = ["import", "customers", "it.csv", "--tenant", "north", "--match", "mobileNo"];
        shell.write("it.csv", "mobileNo,customerName\n22334488 x1,Ann\n22334488 x2,Bo\n22334488,Cy\n22334488 / 22334499,Di\n");
        for expected in ["4 created, 0 updated, 0 unchanged", "0 created, 0 updated, 4 unchanged"] {
            let outcome = shell.run(&match_mobile);
            assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
        }
        let query = "{ customers(filter: { mobileNo: { eq: \"+47 22 33 44 88\" } }) { nodes { customerName } }
            customerLookup(text: \"22334488\") { customer { customerName } } }";
        let data = app.query_as(&key, query, json!({})).await["data"].take();
        assert_eq!(data["customers"]["nodes"], json!([{ "customerName": "Cy" }]));
        assert_eq!(data["customerLookup"].as_array().unwrap().len(), 4);
    }

    async fn an_import_sees_only_its_tenant(app: App) {
        let shell = Shell::on(&app.database);
        let (_, other) = app.make_tenant("other").await;
        let file = "externalId,customerName,customerGroup\n1,Ada,All > North\n";
        import_all(&shell, file);
        let group = app.data("{ customerGroups { nodes { id } } }", json!({})).await;
        let group = group["customerGroups"]["nodes"][0]["id"].as_str().unwrap();
        let before = (customers(&app).await, groups(&app).await);
        shell.write("other.csv", file.replace("Ada", "Bob"));
        let theirs = format!("externalId,customerName,customerGroupId\n3,Cy,{group}\n");
        shell.write("theirs.csv", theirs);
        let import = |file| ["import", "customers", file, "--tenant", "other"];
        let text = shell.transcript(&[&import("other.csv"), &import("theirs.csv")]);
        insta::assert_snapshot!("two_tenants", text);
        assert_eq!((customers(&app).await, groups(&app).await), before);
        let query = "{ customers { nodes { externalId customerName customerGroup {
            customerGroupName parentCustomerGroup { customerGroupName } } } }
            customerGroups { totalCount } }";
        let seen = app.query_as(&other, query, json!({})).await;
        insta::assert_json_snapshot!("two_tenants_other", seen);
    }

    async fn memory_does_not_grow_with_rows(app: App) {
        let shell = Shell::on(&app.database);
        let peak = |rows: u32| {
            let mut file = "externalId,customerName,customerGroup,emailId\n".to_owned();
            for row in 0..rows {
                writeln!(file, "{rows}-{row},Customer {row},All > {},{row}@example.com", row % 50)
                    .unwrap();
            }
            let name = format!("{rows}.csv");
            shell.write(&name, file);
            shell.peak_memory(&["import", "customers", &name, "--tenant", "acme"])
        };
        let (few, many) = (peak(1_000), peak(20_000));
        let query = "{ customers { totalCount } }";
        assert_eq!(app.data(query, json!({})).await["customers"]["totalCount"], 21_000);
        // SQLite fills its page cache of 16 MiB. Keeping 20,000 rows in memory would take more than that.
        assert!(few > 5_000 && many < few + 20_000, "{few} KiB, then {many} KiB");
    }

    async fn an_import_keeps_concurrent_changes(app: App) {
        app.create_customer(r#"customerName: "Ada", externalId: "1""#).await;
        let operator = app.operator();
        let mut importer = Importer::new(&app.db, operator.writer(), RULES);
        let rows = [row(2, json!({
            "externalId": "1", "territory": "North", "customerGroup": "A new one",
        }))];
        // The import may create a group, so it waits for the lock of the tree while another client changes its
        // customer.
        let lock = WriteLock::take_tree(&app.database).await;
        let (imported, _, ()) = tokio::join!(
            importer.write(&rows),
            async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                let update = r#"mutation { customerUpdate(externalId: "1",
                    input: { website: "https://example.com" }) { customer { id } } }"#;
                app.data(update, json!({})).await
            },
            async {
                tokio::time::sleep(Duration::from_millis(400)).await;
                drop(lock);
            }
        );
        assert_eq!(imported.unwrap(), [Ok(Outcome::Updated)]);
        let query = r#"{ customer(externalId: "1") { territory website
            customerGroup { customerGroupName } } }"#;
        insta::assert_json_snapshot!("changed_meanwhile", app.data(query, json!({})).await);
    }

    async fn a_group_deleted_during_an_import_is_created_again(app: App) {
        let operator = app.operator();
        let mut importer = Importer::new(&app.db, operator.writer(), RULES);
        let first = [row(2, json!({ "externalId": "1", "customerName": "Ada", "customerGroup": "All > A" }))];
        assert_eq!(importer.write(&first).await.unwrap(), [Ok(Outcome::Created)]);
        app.data(r#"mutation { customerDelete(externalId: "1") { deletedId } }"#, json!({})).await;
        let query = r#"{ customerGroups(filter: { customerGroupName: { eq: "A" } }) { nodes { id } } }"#;
        let data = app.data(query, json!({})).await;
        let id = &data["customerGroups"]["nodes"][0]["id"];
        let delete = "mutation($id: ID!) { customerGroupDelete(id: $id) { deletedId } }";
        let deleted = app.data(delete, json!({ "id": id })).await;
        assert_eq!(&deleted["customerGroupDelete"]["deletedId"], id);

        let second = [
            row(3, json!({ "externalId": "2", "customerName": "Bob", "customerGroup": "All > A" })),
            row(4, json!({ "externalId": "3", "customerName": "Cy", "customerGroup": "All" })),
        ];
        let created = [Ok(Outcome::Created), Ok(Outcome::Created)];
        assert_eq!(importer.write(&second).await.unwrap(), created);
        assert_eq!(groups(&app).await, ["All > A: leaf, 1 customers", "All: group, 1 customers"]);
    }
}

const RULES: Rules = Rules {
    dry_run: false,
    match_key: MatchKey::By(CustomerKey::ExternalId),
    may_make_groups: true,
};

fn row(line: u64, fields: Value) -> Row {
    let raw = Raw::Ndjson(fields.to_string().into_bytes());
    let Value::Object(fields) = fields else { panic!("{fields} is no object") };
    Row { line, kind: RowKind::Customer, raw, fields, problems: Vec::new() }
}
