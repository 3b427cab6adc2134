//! Merged customers in import files: their ids redirect to the customer of the row.

use clientele::{
    import::{
        Outcome,
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
    binary::{Shell, lines},
    database::Backend,
    dump::dump,
};

/// An id that no customer has.
fn free(number: usize) -> String {
    format!("customer_01a1f7458f6478aca3b4d9a9be18{number:04x}")
}

fn import<'a>(file: &'a str, tenant: &'a str) -> Vec<&'a str> {
    vec!["import", "customers", file, "--tenant", tenant]
}

/// Imports these rows. Returns the summary.
fn imported(shell: &Shell, rows: &[Value], options: &[&str]) -> String {
    shell.write("rows.ndjson", lines(rows));
    shell.run(&[import("rows.ndjson", "acme").as_slice(), options].concat()).stderr
}

impl App {
    async fn named(&self, name: &str) -> String {
        self.create("customer", json!({ "customerName": name, "externalId": name })).await
    }

    async fn absorb(&self, survivor: &str, absorbed: &str) {
        let arguments = json!({ "survivorId": survivor, "absorbedId": absorbed });
        let payload = self.mutate("customerMerge", arguments, "").await;
        assert_eq!(payload["userErrors"], json!([]));
    }

    async fn merged_from(&self, id: &str) -> Value {
        let selection = "mergedFrom { id externalId mergedAt mergedBy canUnmergeUntil }";
        self.read("customer", id, selection).await["mergedFrom"].take()
    }

    /// The external ids of the merged customers.
    async fn absorbed(&self, id: &str) -> Vec<String> {
        let merged = self.merged_from(id).await;
        let names = merged.as_array().unwrap().iter().map(|it| it["externalId"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    async fn absorbed_count(&self, id: &str) -> usize {
        self.merged_from(id).await.as_array().unwrap().len()
    }

    async fn customer_count(&self) -> Value {
        self.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"].take()
    }
}

both! {
    async fn an_imported_consent_keeps_the_time_and_the_recorder_of_its_decision(app: App) {
        let shell = Shell::on(&app.database);
        let consents = "consents { name status source recordedAt recordedBy }";
        let given = |status: bool| json!({ "externalId": "B", "consents": [{ "name": "mail", "status": status }] });
        let mut first = given(true);
        first["customerName"] = json!("Eva");
        imported(&shell, &[first], &[]);
        let absorbed = app.read_by("customer", "B").await;
        let imported_consent = app.read("customer", &absorbed, consents).await;
        assert_eq!(imported_consent["consents"][0]["recordedBy"], "import", "{imported_consent}");
        let unchanged = "0 created, 0 updated, 1 unchanged, 0 failed\n";
        assert_eq!(imported(&shell, &[given(true)], &[]), unchanged);

        // A consent that the API recorded keeps its time and recorder until its status changes.
        let by_api = json!({ "customerName": "Ola", "externalId": "C", "consents": [
            { "name": "mail", "status": true, "recordedAt": "2020-01-01T00:00:00Z", "recordedBy": "shop 7" }] });
        let ola = app.create("customer", by_api).await;
        let before = app.read("customer", &ola, consents).await;
        let mut of_ola = given(true);
        of_ola["externalId"] = json!("C");
        assert_eq!(imported(&shell, &[of_ola.clone()], &[]), unchanged);
        of_ola["consents"][0]["source"] = json!("web");
        imported(&shell, &[of_ola.clone()], &[]);
        let mut with_source = before.clone();
        with_source["consents"][0]["source"] = json!("web");
        assert_eq!(app.read("customer", &ola, consents).await, with_source);
        of_ola["consents"][0]["status"] = json!(false);
        imported(&shell, &[of_ola], &[]);
        let refused = app.read("customer", &ola, consents).await;
        assert_eq!(refused["consents"][0]["recordedBy"], "import", "{refused}");

        // The later decision, a refusal, prevails in a merge.
        let later = json!({ "customerName": "Eva", "externalId": "A",
            "consents": [{ "name": "mail", "status": false, "recordedAt": "2027-01-01T00:00:00Z", "source": "withdrawn" }] });
        let survivor = app.create("customer", later).await;
        let before = app.read("customer", &survivor, consents).await;
        app.absorb(&survivor, &absorbed).await;
        assert_eq!(app.read("customer", &survivor, consents).await, before);
        let arguments = json!({ "absorbedId": absorbed });
        assert_eq!(app.mutate("customerUnmerge", arguments, "").await["userErrors"], json!([]));
        assert_eq!(app.read("customer", &absorbed, consents).await, imported_consent);
    }

    async fn ids_of_merged_customers_redirect_to_the_survivor_in_another_tenant(app: App) {
        let shell = Shell::on(&app.database);
        let mut ids = Vec::new();
        for name in ["A", "B", "C", "D", "E"] {
            ids.push(app.named(name).await);
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|place: usize| ids[place].as_str());
        app.absorb(b, a).await;
        app.absorb(c, b).await;
        app.absorb(c, d).await;
        shell.succeed(&["export", "customers", "--tenant", "acme", "--output", "ours.ndjson"]);
        let (_, key) = app.make_tenant("other").await;
        // The ids in the file belong to another tenant, so they are unknown here.
        let first = shell.run(&import("ours.ndjson", "other"));
        assert_eq!(first.stderr, "2 created, 0 updated, 0 unchanged, 0 failed\n");
        let before = dump(&app.database).await;
        let again = shell.run(&import("ours.ndjson", "other"));
        assert_eq!(again.stderr, "0 created, 0 updated, 2 unchanged, 0 failed\n");
        assert_eq!(dump(&app.database).await, before);
        shell.succeed(&["export", "customers", "--tenant", "other", "--output", "theirs.ndjson"]);
        assert_eq!(shell.read("theirs.ndjson"), shell.read("ours.ndjson"));

        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } a: customer(externalId: \"A\") {
            id mergedFrom { id externalId mergedAt mergedBy canUnmergeUntil } } }";
        let mut ours = app.data(query, json!({ "ids": ids })).await;
        let theirs = app.query_as(&key, query, json!({ "ids": ids })).await["data"].take();
        for it in ours["a"]["mergedFrom"].as_array_mut().unwrap() {
            assert!(it["canUnmergeUntil"].is_string());
            it["canUnmergeUntil"].take();
        }
        assert_eq!(theirs, ours);
        let led: Vec<&Value> = theirs["nodes"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
        assert_eq!(json!(led), json!([c, c, c, c, ids[4]]));

        // An imported merge cannot be undone, but a later merge can. Then all ids redirect to the
        // previous customer again.
        let unmerge = async |absorbed: &str| {
            let arguments = json!({ "absorbedId": absorbed });
            app.mutate_as(&key, "customerUnmerge", arguments, "").await["userErrors"].take()
        };
        assert_eq!(unmerge(d).await, json!([{ "field": ["absorbedId"], "code": "EXPIRED",
            "message": "a merge that was imported cannot be undone" }]));
        let merge = json!({ "survivorId": ids[4], "absorbedId": c });
        let merged = app.mutate_as(&key, "customerMerge", merge, "survivor { mergedFrom { id } }").await;
        let all = [c, d, b, a].map(|id| json!({ "id": id }));
        assert_eq!(merged["survivor"]["mergedFrom"], json!(all));
        assert_eq!(unmerge(c).await, json!([]));
        assert_eq!(app.query_as(&key, query, json!({ "ids": ids })).await["data"], ours);
    }

    async fn an_import_adds_the_merges_that_are_missing(app: App) {
        let shell = Shell::on(&app.database);
        let [survivor, local] = [app.named("S").await, app.named("L").await];
        app.absorb(&survivor, &local).await;
        let before = app.read("customer", &survivor, "updatedAt").await;
        let item = |number: usize, survivor: Option<&str>| json!({
            "id": free(number), "externalId": format!("M{number}"), "survivorId": survivor,
            "mergedAt": format!("2026-01-0{number}T00:00:00Z"), "mergedBy": "till" });
        let list = json!([{ "id": local }, item(2, Some(&free(0xaaaa))), item(1, Some(&free(2)))]);
        // The row matches by its external id; its id in the file differs.
        let row = json!({ "id": free(0xaaaa), "externalId": "S", "mergedFrom": list });
        assert_eq!(imported(&shell, std::slice::from_ref(&row), &["--dry-run"]), "0 created, 1 updated, 0 unchanged, 0 failed (dry run: nothing was written)\n");
        assert_eq!(app.absorbed(&survivor).await, ["L"]);
        assert_eq!(imported(&shell, std::slice::from_ref(&row), &[]), "0 created, 1 updated, 0 unchanged, 0 failed\n");
        assert_ne!(app.read("customer", &survivor, "updatedAt").await, before);
        insta::assert_json_snapshot!("import_merges_added", app.merged_from(&survivor).await);
        let rows = dump(&app.database).await;
        for row in [row, json!({ "id": free(1) }), json!({ "externalId": "S", "mergedFrom": [] }),
            json!({ "externalId": "M2", "mergedFrom": null })]
        {
            assert_eq!(imported(&shell, &[row], &[]), "0 created, 0 updated, 1 unchanged, 0 failed\n");
        }
        assert_eq!(dump(&app.database).await, rows);
        // The local merge is still the last one, so it can be undone.
        let undo = json!({ "absorbedId": local, "discardChanges": true });
        let undone = app.mutate("customerUnmerge", undo, "survivor { id }").await;
        assert_eq!(undone, json!({ "survivor": { "id": survivor }, "userErrors": [] }));
        assert_eq!(app.absorbed(&survivor).await, ["M2", "M1"]);
    }

    async fn merges_that_are_not_possible_are_rejected(app: App) {
        let shell = Shell::on(&app.database);
        let [survivor, other, gone] = [app.named("S").await, app.named("O").await, app.named("G").await];
        app.absorb(&other, &gone).await;
        let group = app.create_group("customerGroupName: \"G\"").await;
        let many = |count: usize| json!((0..count).map(|it| json!({ "id": free(it) })).collect::<Vec<_>>());
        let with = |field: &str, value: Value| {
            let mut item = json!({ "id": free(1) });
            item[field] = value;
            json!([item])
        };
        let lists = [
            json!("x"), json!(["x"]), json!([{}]), many(501),
            with("id", json!("x")), with("id", json!(group)), with("id", json!(7)),
            with("id", json!(format!("customer_{}", "0".repeat(32)))),
            with("id", json!(survivor)), with("id", json!(other)), with("id", json!(gone)),
            json!([{ "id": free(1) }, { "id": free(1) }]),
            with("externalId", json!("O")), with("externalId", json!("G")),
            with("externalId", json!("x".repeat(256))), with("externalId", json!("a\u{0}b")),
            with("survivorId", json!("x")), with("survivorId", json!(group)), with("survivorId", json!(other)),
            with("survivorId", json!(free(1))),
            json!([{ "id": free(1), "survivorId": free(2) }, { "id": free(2) }]),
            with("mergedAt", json!("yesterday")), with("mergedAt", json!(5)),
            with("mergedBy", json!("x".repeat(256))), with("mergedBy", json!("a\nb")),
            with("mergedTo", json!("x")),
        ];
        let of = |list: &Value| json!({ "externalId": "S", "mergedFrom": list });
        let mut rows: Vec<Value> = lists.iter().map(of).collect();
        rows.push(json!({ "id": free(3), "externalId": "N", "customerName": "N", "mergedFrom": [{ "id": free(3) }] }));
        let before = dump(&app.database).await;
        let told = imported(&shell, &rows, &[]);
        assert_eq!(dump(&app.database).await, before);
        let told = told.replace(&other, "OTHER").replace(&survivor, "SURVIVOR");
        insta::assert_snapshot!("import_merges_rejected", told);
        // The maximum number of merged customers, and one more.
        let most = many(500);
        assert!(imported(&shell, &[of(&most)], &[]).starts_with("0 created, 1 updated"));
        assert_eq!(app.absorbed_count(&survivor).await, 500);
        let told = imported(&shell, &[of(&json!([{ "id": free(500) }]))], &[]);
        assert!(told.contains("mergedFrom: at most 500 customers can be merged into one"), "{told}");
        shell.write("merged.csv", "externalId,mergedFrom\nS,x\n");
        let told = shell.run(&import("merged.csv", "acme")).stderr;
        assert!(told.contains("mergedFrom"), "{told}");
    }

    async fn merged_customers_may_be_rows_of_the_same_file(app: App) {
        let shell = Shell::on(&app.database);
        let merged = |number: usize, name: &str| json!({ "id": free(number), "externalId": name });
        let rows = [
            json!({ "externalId": "S", "customerName": "S", "mergedFrom": [merged(1, "X")] }),
            // These rows now refer to the survivor, as they would in a file from before the merge.
            json!({ "id": free(1), "externalId": "X", "territory": "North" }),
            json!({ "externalId": "X", "gender": "f" }),
            // These ids redirect to another customer already.
            json!({ "externalId": "T", "customerName": "T", "mergedFrom": [merged(1, "Z")] }),
            json!({ "externalId": "U", "customerName": "U", "mergedFrom": [merged(2, "X")] }),
            // These ids belong to existing customers.
            json!({ "id": free(3), "externalId": "Y", "customerName": "Y" }),
            json!({ "externalId": "V", "customerName": "V", "mergedFrom": [merged(3, "W")] }),
            json!({ "externalId": "V", "customerName": "V", "mergedFrom": [merged(4, "Y")] }),
            json!({ "externalId": "S", "mergedFrom": [merged(5, "Q"), merged(1, "X")] }),
        ];
        let told = imported(&shell, &rows, &[]);
        let survivor = app.data("{ customer(externalId: \"X\") { id externalId territory gender } }", json!({})).await;
        let id = survivor["customer"]["id"].as_str().unwrap();
        insta::assert_snapshot!("import_merges_in_one_file", told.replace(id, "SURVIVOR"));
        assert_eq!(survivor["customer"], json!({ "id": id, "externalId": "S", "territory": "North", "gender": "f" }));
        assert_eq!(app.absorbed(id).await, ["Q", "X"]);
        assert_eq!(app.customer_count().await, 2);
        // If another key matches customers, a row with the external id of a merged customer is
        // rejected.
        for options in [["--create-only"].as_slice(), &["--match", "emailId"]] {
            let row = json!({ "externalId": "X", "emailId": "x@example.com", "customerName": "X" });
            let told = imported(&shell, &[row], options);
            assert!(told.contains("another object of this type has this externalId"), "{told}");
        }
    }

    async fn the_statements_of_merges_do_not_grow_with_the_rows(app: App) {
        let operator = app.operator();
        let mut importer = Importer::new(&app.db, operator.writer(), RULES);
        let rows = |numbers: std::ops::Range<usize>, is_second: bool| -> Vec<Row> {
            let of = |number: usize| {
                let merged = [number * 4, number * 4 + 1, number * 4 + 2];
                let count = if is_second { 3 } else { 1 };
                let merged: Vec<Value> = merged[3 - count..].iter().map(|it| json!({ "id": free(*it) })).collect();
                row(json!({ "externalId": number.to_string(), "customerName": "X", "mergedFrom": merged }))
            };
            numbers.map(of).collect()
        };
        let mut sent = Vec::new();
        for is_second in [false, true] {
            for numbers in [0..2, 2..102] {
                let rows = rows(numbers, is_second);
                let before = app.db.statements_sent();
                let results = importer.write(&rows).await.unwrap();
                // SQLite executes a statement for each inserted row: a customer and a merge, or two merges.
                let inserts = if app.database.backend == Backend::Sqlite { 2 * rows.len() } else { 0 };
                sent.push(app.db.statements_sent() - before - u64::try_from(inserts).unwrap());
                let outcome = if is_second { Outcome::Updated } else { Outcome::Created };
                assert!(results.iter().all(|it| *it == Ok(outcome)), "{results:?}");
            }
        }
        assert_eq!((sent[0], sent[2]), (sent[1], sent[3]));
    }
}

const RULES: Rules = Rules {
    dry_run: false,
    match_key: MatchKey::By(CustomerKey::ExternalId),
    may_make_groups: true,
};

fn row(fields: Value) -> Row {
    let raw = Raw::Ndjson(fields.to_string().into_bytes());
    let Value::Object(fields) = fields else { panic!("{fields} is no object") };
    Row { line: 1, kind: RowKind::Customer, raw, fields, problems: Vec::new() }
}
