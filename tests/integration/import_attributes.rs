//! Imports of custom attributes: definitions and values.

use serde_json::{Value, json};

use crate::support::{
    app::App,
    binary::{Shell, import_of, lines},
    dump::dump,
};

const VALUES: &str =
    "{ customers(first: 100, orderBy: { field: CUSTOMER_NAME }) { nodes { customerName
    attributes { key values { text number flag day choice money { amount currency } } } } } }";

impl App {
    /// Declares attributes of several types for customers.
    async fn declare(&self) {
        for (key, fields) in [
            ("card", json!({ "type": "TEXT", "isUnique": true })),
            ("since", json!({ "type": "DAY" })),
            ("isVip", json!({ "type": "FLAG" })),
            ("limit", json!({ "type": "MONEY" })),
            ("size", json!({ "type": "NUMBER", "isSearchable": true })),
            ("store", json!({ "type": "CHOICE", "choices": ["Oslo", "Bergen"] })),
            ("topics", json!({ "type": "TEXT", "isList": true })),
        ] {
            self.define("CUSTOMER", key, fields).await;
        }
    }
}

both! {
    async fn a_csv_file_has_a_column_for_each_attribute(app: App) {
        app.declare().await;
        let shell = Shell::on(&app.database);
        let mut text = String::new();
        shell.write("one.csv", "externalId,customerName,attributes.card,attributes.size,attributes.topics,attributes.limit,attributes.isVip,attributes.since,attributes.store\n\
            C-1,Ana,0001,42.50,wine| Beer ,12.5 EUR,true,2026-01-31,Oslo\n\
            C-2,Bo,0002,,,,,,\n\
            C-3,Cy,0002,,,,,,\n\
            C-4,Di,0004,large,,12 kr,yes,today,Paris\n\
            C-5,Ed,0005,\"4,5\",,EUR,,,\n");
        text += &shell.transcript(&[
            &import_of("customers", "one.csv", &["--dry-run"]),
            &import_of("customers", "one.csv", &[]),
        ]);
        text += &shell.read("one.reasons.csv");
        // A file with some of the attributes changes no others. Importing the same file again
        // changes nothing.
        shell.write("two.csv", "externalId,attributes.size,attributes.topics\nC-1,7,Gin\nC-2,8,\n");
        let two = import_of("customers", "two.csv", &[]);
        text += &shell.transcript(&[&two, &two]);
        shell.write("three.csv", "externalId,attributes.Size,attributes.\nC-1,7,7\n");
        text += &shell.transcript(&[&import_of("customers", "three.csv", &[])]);
        insta::assert_snapshot!("attributes_csv", text);
        insta::assert_json_snapshot!("attributes_of_csv", app.data(VALUES, json!({})).await);
    }

    async fn a_line_of_ndjson_has_an_object_of_attributes(app: App) {
        app.declare().await;
        let shell = Shell::on(&app.database);
        let new = |id: &str, attributes: Value| json!({ "externalId": id, "customerName": id, "attributes": attributes });
        shell.write("one.ndjson", lines(&[
            new("C-1", json!({ "card": "1", "size": "42", "topics": ["wine", "Beer|Ale"], "isVip": false,
                "limit": { "amount": "12.50", "currency": "EUR" }, "since": "2026-01-31", "store": "Bergen" })),
            new("C-2", json!({ "size": 7.5, "topics": "a|b", "limit": "3 NOK", "isVip": null })),
            new("C-3", json!({})), new("C-4", Value::Null), new("C-5", json!([])), new("C-6", json!("x")),
            new("C-7", json!({ "card": 1, "size": true, "topics": [1], "isVip": "maybe", "limit": {}, "since": 2026, "store": [] })),
            new("C-8", json!({ "topics": {}, "limit": { "amount": "1", "currency": "eur" }, "card": "a\u{0}b" })),
            new("C-9", json!({ "topics": vec!["a"; 51], "other": 1, "size": "1e3" })),
            // An update of the customer in an earlier line, and a new customer with its unique
            // value.
            json!({ "externalId": "C-1", "attributes": { "size": null, "topics": ["Gin"] }, "attributes.store": "Oslo" }),
            new("C-10", json!({ "card": "1" })),
        ]));
        let mut text = shell.transcript(&[&import_of("customers", "one.ndjson", &[])]);
        text += &shell.read("one.reasons.csv");
        insta::assert_snapshot!("attributes_ndjson", text);
        insta::assert_json_snapshot!("attributes_of_ndjson", app.data(VALUES, json!({})).await);
    }

    async fn unique_values_that_move_in_a_file_are_written_in_its_order(app: App) {
        app.declare().await;
        let shell = Shell::on(&app.database);
        let row = |id: &str, card: Value| json!({ "externalId": id, "customerName": id, "attributes": { "card": card } });
        let rows: Vec<Value> = (0..300).map(|number| row(&format!("C-{number}"), json!(number.to_string()))).collect();
        shell.write("all.ndjson", lines(&rows));
        let ran = shell.run(&import_of("customers", "all.ndjson", &[]));
        assert_eq!(ran.stderr, "300 created, 0 updated, 0 unchanged, 0 failed\n");
        shell.write("moved.ndjson", lines(&[row("C-1", Value::Null), row("C-2", json!("1")), row("C-3", json!("4"))]));
        let ran = shell.run(&import_of("customers", "moved.ndjson", &[]));
        assert!(ran.stderr.contains("2 updated, 0 unchanged, 1 failed"), "{}", ran.stderr);
        assert!(ran.stderr.contains("attributes.card: another customer has this value of \"card\""), "{}", ran.stderr);
    }

    async fn definitions_are_imported(app: App) {
        app.declare().await;
        app.create_customer(r#"customerName: "Ana", attributes: [{ key: "size", value: { number: 1 } }]"#).await;
        let shell = Shell::on(&app.database);
        let row = |noun: &str, key: &str, fields: Value| {
            let mut row = json!({ "noun": noun, "key": key });
            row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            row
        };
        shell.write("some.ndjson", lines(&[
            row("POS_PROFILE", "isOpen", json!({ "valueType": "FLAG", "description": " Open " })),
            row("POS_PROFILE", "isOpen", json!({ "valueType": "FLAG" })),
            row("POS_PROFILE", "isOpen", json!({ "isSearchable": true, "description": null })),
            row("CUSTOMER", "store", json!({ "choices": ["Oslo", "Paris"] })),
            row("CUSTOMER", "size", json!({ "valueType": "TEXT" })),
            row("CUSTOMER", "other", json!({ "valueType": "CHOICE" })),
            row("CUSTOMER", "other", json!({})),
            row("PERSON", "other", json!({ "valueType": "FLAG" })),
            row("CUSTOMER", "1", json!({ "valueType": "FLAG" })),
            row("CUSTOMER", "other", json!({ "valueType": "FLAG", "isUnike": true, "isList": "no" })),
            json!({ "key": "other", "valueType": "FLAG" }),
        ]));
        let mut text = shell.transcript(&[
            &import_of("attributes", "some.ndjson", &["--dry-run"]),
            &import_of("attributes", "some.ndjson", &[]),
            &import_of("attributes", "some.ndjson", &["--create-only"]),
        ]);
        let query = "{ attributeDefinition(noun: CUSTOMER, key: \"size\") { id } }";
        let id = app.data(query, json!({})).await["attributeDefinition"]["id"].take();
        shell.write("named.ndjson", lines(&[json!({ "id": id, "isUnique": true }), json!({ "id": id, "key": "length" })]));
        text += &shell.transcript(&[&import_of("attributes", "named.ndjson", &[])]);
        insta::assert_snapshot!("attribute_definitions", text);
        let read = "{ attributeDefinitions(noun: CUSTOMER) { key type isUnique choices }
            profiles: attributeDefinitions(noun: POS_PROFILE) { key type isSearchable description lastModifiedBy } }";
        insta::assert_json_snapshot!("attribute_definitions_imported", app.data(read, json!({})).await);
    }

    async fn groups_programs_and_profiles_have_attributes(app: App) {
        let shell = Shell::on(&app.database);
        for (noun, kind, list, row) in [
            ("CUSTOMER_GROUP", "groups", "customerGroups", json!({ "externalId": "x", "customerGroupName": "Shops" })),
            ("LOYALTY_PROGRAM", "programs", "loyaltyPrograms",
                json!({ "externalId": "x", "loyaltyProgramName": "Club", "fromDate": "2026-01-01" })),
            ("POS_PROFILE", "pos", "posProfiles", json!({ "posProfileId": "x" })),
        ] {
            app.define(noun, "tags", json!({ "type": "TEXT", "isList": true })).await;
            app.define(noun, "size", json!({ "type": "NUMBER" })).await;
            let file = format!("{kind}.ndjson");
            let with = |attributes: Value| {
                let mut row = row.clone();
                row["attributes"] = attributes;
                lines(&[row])
            };
            let mut results = Vec::new();
            for attributes in [
                json!({ "tags": ["a"], "size": "x" }), json!({ "tags": ["a", "b"], "size": 1 }),
                json!({ "tags": ["a", "b"] }), json!({ "tags": ["b"], "size": null }), json!({ "none": 1 }), json!(1),
            ] {
                shell.write(&file, with(attributes));
                let options = ["--rejects", "rejects", "--overwrite-rejects"];
                let ran = shell.run(&import_of(kind, &file, &options));
                results.push(ran.stderr.lines().take(2).collect::<Vec<_>>().join("; "));
            }
            let query = format!("{{ {list} {{ nodes {{ lastModifiedBy attributes {{ key values {{ text }} }} }} }} }}");
            let read = app.data(&query, json!({})).await[list].take();
            insta::assert_json_snapshot!(format!("attributes_of_{kind}"), json!({ "results": results, "read": read }));
            let before = dump(&app.database).await;
            shell.succeed(&["export", kind, "--tenant", "acme", "--output", "out.ndjson"]);
            shell.succeed(&import_of(kind, "out.ndjson", &[]));
            assert!(dump(&app.database).await == before, "{kind}: an export changes what it was made of");
        }
    }

    async fn numbers_of_ndjson_keep_all_digits(app: App) {
        app.declare().await;
        let shell = Shell::on(&app.database);
        let numbers = [
            ("12.5", "12.5"), ("12.50", "12.5"), ("-0.0000001", "-0.0000001"), ("1e2", "100"),
            ("12345678901234567.891E3", "12345678901234567891"),
            ("99999999999999.99", "99999999999999.99"), ("1234567890.123456789", "1234567890.123456789"),
            ("100000000000000000000", "100000000000000000000"),
        ];
        let line = |(number, _): (&str, &str)| {
            format!("{{\"externalId\":\"{number}\",\"customerName\":\"A\",\"attributes\":{{\"size\":{number}}}}}\n")
        };
        shell.write("it.ndjson", numbers.map(line).concat());
        shell.succeed(&import_of("customers", "it.ndjson", &[]));
        for (number, stored) in numbers {
            let query = "query($id: String!) { customer(externalId: $id) { attribute(key: \"size\") { values { number } } } }";
            let data = app.data(query, json!({ "id": number })).await;
            assert_eq!(data["customer"]["attribute"]["values"], json!([{ "number": stored }]), "{number}");
        }
        shell.write("credit.ndjson", "{\"externalId\":\"1\",\"customerName\":\"A\",\"credit\":{\"limit\":0.10}}");
        shell.succeed(&import_of("customers", "credit.ndjson", &[]));
        let data = app.data("{ customer(externalId: \"1\") { credit { limit } } }", json!({})).await;
        assert_eq!(data["customer"]["credit"]["limit"], "0.1");
    }
}
