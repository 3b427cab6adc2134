//! Bad pages, cursors and filters.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Map, json};

use super::{populate, refused};
use crate::support::app::App;

both! {
    async fn pages(app: App) {
        populate(&app).await;
        let mut complaints = Map::new();
        for list in [
            "customers(ARGUMENTS) { totalCount }",
            "customerGroups(ARGUMENTS) { totalCount }",
            "customer(externalId: \"C-1\") { customerGroups(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { children(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { customers(ARGUMENTS) { totalCount } }",
        ] {
            for arguments in [
                "first: 0",
                "first: -1",
                "first: 101",
                "first: -2147483648",
                "last: 0",
                "last: -1",
                "last: 101",
                "first: 1, last: 1",
                "first: 0, last: 0",
                "offset: -1",
                "offset: 100001",
                "offset: 2147483647",
            ] {
                let query = format!("{{ {} }}", list.replace("ARGUMENTS", arguments));
                complaints.insert(query.clone(), refused(&app, &query, json!({})).await);
            }
            // At the edge.
            for arguments in ["first: 1", "first: 100", "last: 100", "offset: 0", "offset: 100000"]
            {
                app.data(&format!("{{ {} }}", list.replace("ARGUMENTS", arguments)), json!({}))
                    .await;
            }
        }
        let group =
            "{ customerGroup(externalId: \"G-1\") { descendants(maxDepth: DEPTH) { id } } }";
        for depth in ["0", "-1", "4294967296"] {
            let query = group.replace("DEPTH", depth);
            complaints.insert(query.clone(), refused(&app, &query, json!({})).await);
        }
        app.data(&group.replace("DEPTH", "4294967295"), json!({})).await;
        insta::assert_json_snapshot!("pages", complaints);
    }

    async fn cursors(app: App) {
        populate(&app).await;
        let lists = [
            ("customers", "{ field: CREATED_AT }"),
            ("customers", "{ field: UPDATED_AT }"),
            ("customers", "{ field: CUSTOMER_NAME }"),
            ("customers", "{ field: CUSTOMER_NAME, direction: DESC }"),
            ("customerGroups", "{ field: CUSTOMER_GROUP_NAME }"),
        ];
        let page = |list: &str, order: &str, argument: &str| {
            format!(
                "query($it: String) {{ {list}(first: 1, orderBy: {order}, {argument}: $it) {{ edges {{ cursor }} }} }}"
            )
        };
        let mut cursors = Vec::new();
        for (list, order) in lists {
            let data = app.data(&page(list, order, "after"), json!({})).await;
            cursors.push(data[list]["edges"][0]["cursor"].as_str().unwrap().to_owned());
        }
        let mut complaints = Map::new();
        for (number, (list, order)) in lists.into_iter().enumerate() {
            let own = &cursors[number];
            let fields = String::from_utf8(BASE64.decode(own).unwrap()).unwrap();
            let fields: Vec<&str> = fields.split('\n').collect();
            let [connection, sort, key, uid] = fields[..] else { panic!("{fields:?}") };
            let encode = |fields: &[&str]| BASE64.encode(fields.join("\n"));
            let mut bad = vec![
                ("empty", String::new()),
                ("not base64", "!!!".to_owned()),
                ("NUL", "\0".to_owned()),
                ("padded", format!("{own}==")),
                ("without its beginning", own.chars().skip(4).collect()),
                ("nonsense in base64", BASE64.encode("nonsense")),
                ("not UTF-8 in base64", BASE64.encode([0xff, 0xfe])),
                ("a field more", encode(&[connection, sort, key, uid, ""])),
                ("no id", encode(&[connection, sort, key, ""])),
                (
                    "an id with its prefix",
                    encode(&[connection, sort, key, &format!("customer_{uid}")]),
                ),
                ("long", "A".repeat(900_000)),
            ];
            // The order by creation has no key, and reads none.
            if sort.contains("Text") || sort.contains("Name") {
                bad.push(("NUL in the key", encode(&[connection, sort, "\0", uid])));
                bad.push(("a tab in the key", encode(&[connection, sort, "\t", uid])));
            }
            if sort.contains("Updated") {
                bad.push(("no time in the key", encode(&[connection, sort, "yesterday", uid])));
                bad.push(("NUL in the key", encode(&[connection, sort, "\0", uid])));
                bad.push((
                    "a time out of range",
                    encode(&[connection, sort, "-9999-01-01T00:00:00Z", uid]),
                ));
                bad.push((
                    "a time far away",
                    encode(&[connection, sort, "9999-12-31T23:59:60Z", uid]),
                ));
            }
            for (other, cursor) in cursors.iter().enumerate().filter(|(other, _)| *other != number)
            {
                let name = ["created", "updated", "name", "name, descending", "group"][other];
                bad.push((name, cursor.clone()));
            }
            let mut of_list = Map::new();
            for (name, cursor) in bad {
                for argument in ["after", "before"] {
                    let query = page(list, order, argument);
                    let complaint = refused(&app, &query, json!({ "it": cursor })).await;
                    of_list.insert(format!("{argument}: {name}"), complaint);
                }
            }
            complaints.insert(format!("{list} {order}"), of_list.into());
            // Whatever the key and the id: a place in the order, if nothing stands there, too.
            let key = match () {
                () if sort.contains("Updated") => "9999-01-01T00:00:00.000000Z",
                () if sort.contains("Created") => "",
                () => "🏪\"'%\\",
            };
            let cursor = encode(&[connection, sort, key, &"f".repeat(32)]);
            app.data(&page(list, order, "after"), json!({ "it": cursor })).await;
        }
        insta::assert_json_snapshot!("cursors", complaints);
    }

    async fn filters(app: App) {
        populate(&app).await;
        let mut texts = Vec::new();
        for (list, field) in [
            ("customers", "customerName"),
            ("customers", "emailId"),
            ("customers", "mobileNo"),
            ("customers", "taxId"),
            ("customers", "externalId"),
            ("customerGroups", "customerGroupName"),
            ("customerGroups", "externalId"),
        ] {
            let exact = field == "externalId";
            let tests: &[&str] =
                if exact { &["eq", "in"] } else { &["eq", "in", "contains", "startsWith"] };
            texts.extend(
                tests.iter().map(|test| (list, format!("{{ {field}: {{ {test}: IT }} }}"))),
            );
        }
        texts.extend(
            ["customers", "customerGroups"].map(|list| (list, "{ search: IT }".to_owned())),
        );
        texts.push(("customers", "{ or: [{ not: { and: [{ search: IT }] } }] }".to_owned()));
        let mut complaints = Map::new();
        for (list, filter) in &texts {
            let list_type = filter.contains("in: IT");
            let it = if list_type { "[$it]" } else { "$it" };
            let query = format!(
                "query($it: String!) {{ {list}(filter: {}) {{ totalCount nodes {{ id }} }} }}",
                filter.replace("IT", it)
            );
            let mut of_filter = Map::new();
            for (name, value) in [
                ("NUL", "a\0b".to_owned()),
                ("a line break", "a\nb".to_owned()),
                ("DEL", "\u{7f}".to_owned()),
                ("256 characters", "🏪".repeat(256)),
                ("900,000 characters", "x".repeat(900_000)),
            ] {
                of_filter
                    .insert(name.to_owned(), refused(&app, &query, json!({ "it": value })).await);
            }
            complaints.insert(format!("{list} {filter}"), of_filter.into());
            for value in [
                "",
                " ",
                "%",
                "_",
                "\\",
                "'",
                "\"",
                "\"\"\"",
                "* OR a",
                "{",
                "NEAR(",
                "\u{301}",
                "\u{fdfa}",
                &"🏪".repeat(255),
                &"\u{fdfa}".repeat(255),
                &"\"".repeat(255),
            ] {
                app.data(&query, json!({ "it": value })).await;
            }
        }
        insta::assert_json_snapshot!("filter_texts", complaints);
    }

    async fn either_a_filter_holds_or_its_contrary(app: App) {
        let data = populate(&app).await;
        for (list, filter) in [
            ("customers", json!({ "externalId": { "eq": "C-1" } })),
            ("customers", json!({ "externalId": { "in": ["C-1", "nobodys"] } })),
            ("customers", json!({ "taxId": { "eq": "ES-1" } })),
            ("customers", json!({ "emailId": { "contains": "example" } })),
            ("customers", json!({ "search": "ada" })),
            (
                "customers",
                json!({ "customerGroup": { "in": [data.root], "includeDescendants": true } }),
            ),
            ("customers", json!({ "not": { "externalId": { "eq": "C-1" } }, "search": "a" })),
            ("customerGroups", json!({ "parentId": { "eq": data.root } })),
            ("customerGroups", json!({ "parentId": { "in": [] } })),
            (
                "customerGroups",
                json!({ "or": [{ "parentId": { "eq": data.root } }, { "isGroup": { "eq": true } }] }),
            ),
            ("customerGroups", json!({ "externalId": { "in": ["G-1"] } })),
        ] {
            app.create_customer("customerName: \"Without anything\"").await;
            app.create_group("customerGroupName: \"Without anything\"").await;
            let filter_type =
                if list == "customers" { "CustomerFilter" } else { "CustomerGroupFilter" };
            let query = format!(
                "query($it: {filter_type}) {{ all: {list} {{ totalCount }}
                    it: {list}(filter: $it) {{ totalCount }} not: {list}(filter: {{ not: $it }}) {{ totalCount }} }}"
            );
            let counts = app.data(&query, json!({ "it": filter })).await;
            let count = |name: &str| counts[name]["totalCount"].as_i64().unwrap();
            assert_eq!(count("it") + count("not"), count("all"), "{filter}");
        }
    }

    async fn filters_that_are_too_big(app: App) {
        let data = populate(&app).await;
        let customers = "query($filter: CustomerFilter) { customers(filter: $filter) { totalCount nodes { id } } }";
        let groups = "query($filter: CustomerGroupFilter) { customerGroups(filter: $filter) { totalCount nodes { id } } }";
        let many = |count: usize| (0..count).map(|it| format!("{it:x}")).collect::<Vec<_>>();
        let ids = |count: usize| {
            (0..count)
                .map(|it| format!("customer-group_{it:012x}70008000000000000000"))
                .collect::<Vec<_>>()
        };
        let nested = |times: usize, of: &str| {
            (0..times).fold(json!({ "disabled": { "eq": true } }), |it, _| match of {
                "not" => json!({ "not": it }),
                of => json!({ of: [it] }),
            })
        };
        let tests =
            |count: usize| json!({ "or": vec![json!({ "disabled": { "eq": true } }); count] });
        let mut complaints = Map::new();
        for (name, query, filter) in [
            ("101 tests", customers, tests(101)),
            (
                "101 tests of text",
                customers,
                json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 101] }),
            ),
            ("101 tests of nothing", customers, json!({ "or": vec![json!({}); 101] })),
            (
                "5 tests, 21 times",
                customers,
                json!({ "or": vec![json!({ "taxId": {
                "eq": "a", "in": ["a"], "contains": "a", "startsWith": "a", "isNull": false } }); 21] }),
            ),
            ("1,001 names", customers, json!({ "customerName": { "in": many(1_001) } })),
            ("1,001 external ids", customers, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 groups", customers, json!({ "customerGroup": { "in": ids(1_001) } })),
            ("1,001 groups of groups", groups, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 parents", groups, json!({ "parentId": { "in": ids(1_001) } })),
            ("1,001 parents that are none", groups, json!({ "parentId": { "in": many(1_001) } })),
            (
                "101 tests of groups",
                groups,
                json!({ "not": { "or": vec![json!({ "isRoot": true }); 101] } }),
            ),
        ] {
            complaints
                .insert(name.to_owned(), refused(&app, query, json!({ "filter": filter })).await);
        }
        insta::assert_json_snapshot!("filters_too_big", complaints);

        // At the edge, and all of them at once.
        for (query, filter) in [
            (customers, tests(100)),
            (customers, json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 100] })),
            (customers, json!({ "customerName": { "in": many(1_000) } })),
            (customers, json!({ "externalId": { "in": many(1_000) } })),
            (customers, json!({ "not": { "emailId": { "in": many(1_000) } } })),
            (
                customers,
                json!({ "customerGroup": { "in": ids(1_000), "includeDescendants": true } }),
            ),
            (
                groups,
                json!({ "customerGroupName": { "in": many(1_000) }, "externalId": { "in": many(1_000) } }),
            ),
            (groups, json!({ "parentId": { "in": ids(1_000) } })),
            (
                customers,
                json!({ "or": vec![json!({ "customerName": { "in": many(1_000) } }); 100] }),
            ),
            (
                customers,
                json!({ "and": vec![json!({ "customerGroup": { "in": [data.root] } }); 100] }),
            ),
            (customers, json!({ "or": vec![json!({ "search": "ada example com" }); 100] })),
            (groups, json!({ "and": vec![json!({ "externalId": { "in": many(1_000) } }); 100] })),
            (customers, nested(50, "not")),
            (customers, nested(30, "and")),
            (customers, nested(30, "or")),
            (customers, json!({ "or": [] })),
            (customers, json!({ "and": [], "not": {} })),
            (
                customers,
                json!({ "customerName": { "in": [] }, "customerGroup": { "in": [] }, "customerType": { "in": [] } }),
            ),
        ] {
            let variables = json!({ "filter": filter });
            let answer = app.query_with(query, variables.clone()).await;
            let shown: String = variables.to_string().chars().take(200).collect();
            assert_eq!(answer.get("errors"), None, "{shown}: {answer}");
        }
    }
}
