//! Invalid pages, cursors and filters.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Map, Value, json};

use super::{merged, populate, refused, told};
use crate::support::{
    app::App,
    introspection::{Schema, items, name, type_name},
    types::types,
};

/// The lists at the root, with the types of their filters.
fn lists() -> impl Iterator<Item = (&'static str, String)> {
    let nouns = types().iter().filter(|it| it.parent.is_none());
    nouns.map(|it| (it.many, format!("{}Filter", it.name)))
}

/// Errors, with the lists that report them.
#[derive(Default)]
struct Told(BTreeMap<String, Vec<String>>);

impl Told {
    /// Records errors. The path to the list, with which messages begin, is removed.
    fn note(&mut self, complaints: &[String], what: &str) {
        let without_path = |text: &String| match text.split_once(" [") {
            Some((code, rest)) => format!("{code}: {}", rest.split_once("]: ").unwrap().1),
            None => text.clone(),
        };
        let complaints: Vec<String> = complaints.iter().map(without_path).collect();
        let told = self.0.entry(complaints.join("; ")).or_default();
        if told.last().is_none_or(|last| last != what) {
            told.push(what.to_owned());
        }
    }
}

/// The list and the name of each filter field that has one of these types.
async fn fields_of_filters(app: &App, types: &[&str]) -> Vec<(&'static str, String, String)> {
    let schema = Schema::of(app).await;
    let mut found = Vec::new();
    for (list, filter) in lists() {
        for field in items(&schema.named(&filter)["inputFields"]) {
            if types.contains(&type_name(field)) {
                found.push((list, name(field).to_owned(), type_name(field).to_owned()));
            }
        }
    }
    found
}

/// Queries of lists with a `$filter`.
const CUSTOMERS: &str =
    "query($filter: CustomerFilter) { customers(filter: $filter) { totalCount nodes { id } } }";
const GROUPS: &str = "query($filter: CustomerGroupFilter) { customerGroups(filter: $filter) { totalCount nodes { id } } }";
const PROGRAMS: &str = "query($filter: LoyaltyProgramFilter) { loyaltyPrograms(filter: $filter) { totalCount nodes { id } } }";
const PROFILES: &str =
    "query($filter: PosProfileFilter) { posProfiles(filter: $filter) { totalCount nodes { id } } }";

/// A list of this many texts.
fn many(count: usize) -> Vec<String> {
    (0..count).map(|it| format!("{it:x}")).collect()
}

/// A list of this many ids of groups that do not exist.
fn ids_of_nothing(count: usize) -> Vec<String> {
    (0..count).map(|it| format!("customer-group_{it:012x}70008000000000000000")).collect()
}

/// A filter with this many tests.
fn tests(count: usize) -> Value {
    json!({ "or": vec![json!({ "disabled": { "eq": true } }); count] })
}

/// A filter nested this deep.
fn nested(times: usize, of: &str) -> Value {
    (0..times).fold(json!({ "disabled": { "eq": true } }), |it, _| match of {
        "not" => json!({ "not": it }),
        of => json!({ of: [it] }),
    })
}

both! {
    async fn invalid_arguments_of_pages_are_refused(app: App) {
        populate(&app).await;
        let lists = [
            "customers(ARGUMENTS) { totalCount }",
            "customerGroups(ARGUMENTS) { totalCount }",
            "loyaltyPrograms(ARGUMENTS) { totalCount }",
            "posProfiles(ARGUMENTS) { totalCount }",
            "customer(externalId: \"C-1\") { customerGroups(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { children(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { customers(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { loyaltyPrograms(ARGUMENTS) { totalCount } }",
            "customerGroup(externalId: \"G-1\") { posProfiles(ARGUMENTS) { totalCount } }",
            "loyaltyProgram(externalId: \"P-1\") { customers(ARGUMENTS) { totalCount } }",
            "loyaltyProgramCollection(externalId: \"T-1\") { customers(ARGUMENTS) { totalCount } }",
            "posProfile(id: \"POS-1\") { customers(ARGUMENTS) { totalCount } }",
        ];
        let mut all = Vec::new();
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
            "after: \"?\"",
            "before: \"\"",
        ] {
            let mut complaints = Told::default();
            for list in lists {
                let query = format!("{{ {} }}", list.replace("ARGUMENTS", arguments));
                complaints.note(&told(&app, &query, json!({})).await, list);
            }
            // All lists return the same errors.
            let complaints: Vec<&String> = complaints.0.keys().collect();
            assert_eq!(complaints.len(), 1, "{arguments}: {complaints:?}");
            all.push((arguments.to_owned(), json!(complaints[0])));
        }
        let group =
            "{ customerGroup(externalId: \"G-1\") { descendants(maxDepth: DEPTH) { id } } }";
        for depth in ["0", "-1", "4294967296"] {
            let complaints = told(&app, &group.replace("DEPTH", depth), json!({})).await;
            all.push((format!("maxDepth: {depth}"), json!(complaints)));
        }
        app.data(&group.replace("DEPTH", "2147483647"), json!({})).await;
        insta::assert_json_snapshot!("pages", merged(all));

        // Values at the limits are valid.
        for arguments in ["first: 1", "first: 100", "last: 100", "offset: 0", "offset: 100000"] {
            for list in lists {
                app.data(&format!("{{ {} }}", list.replace("ARGUMENTS", arguments)), json!({}))
                    .await;
            }
        }
    }

    async fn invalid_cursors_are_refused(app: App) {
        populate(&app).await;
        let lists = [
            ("customers", "CREATED_AT"),
            ("customers", "UPDATED_AT"),
            ("customers", "CUSTOMER_NAME"),
            ("customers", "CREDIT_LIMIT"),
            ("customerGroups", "CREATED_AT"),
            ("customerGroups", "CUSTOMER_GROUP_NAME"),
            ("loyaltyPrograms", "CREATED_AT"),
            ("loyaltyPrograms", "LOYALTY_PROGRAM_NAME"),
            ("loyaltyPrograms", "FROM_DATE"),
            ("loyaltyPrograms", "TO_DATE"),
            ("posProfiles", "CREATED_AT"),
            ("posProfiles", "POS_PROFILE_ID"),
        ];
        let page = |list: &str, order: &str, direction: &str, argument: &str| {
            format!(
                "query($it: String) {{
                    {list}(first: 1, orderBy: {{ field: {order}, direction: {direction} }}, {argument}: $it) {{
                        edges {{ cursor }} }} }}"
            )
        };
        let mut cursors = Vec::new();
        for (list, order) in lists {
            for direction in ["ASC", "DESC"] {
                let data = app.data(&page(list, order, direction, "after"), json!({})).await;
                let cursor = data[list]["edges"][0]["cursor"].as_str().unwrap().to_owned();
                cursors.push((list, order, direction, cursor));
            }
        }
        let mut all = Vec::new();
        for (list, order, direction, own) in &cursors {
            let fields = String::from_utf8(BASE64.decode(own).unwrap()).unwrap();
            let fields: Vec<&str> = fields.split('\n').collect();
            let [connection, sort, key, uid] = fields[..] else { panic!("{fields:?}") };
            let encode = |fields: &[&str]| BASE64.encode(fields.join("\n"));
            let mut bad = vec![
                ("empty".to_owned(), String::new()),
                ("not base64".to_owned(), "!!!".to_owned()),
                ("NUL".to_owned(), "\0".to_owned()),
                ("padded".to_owned(), format!("{own}==")),
                ("without its beginning".to_owned(), own.chars().skip(4).collect()),
                ("nonsense in base64".to_owned(), BASE64.encode("nonsense")),
                ("not UTF-8 in base64".to_owned(), BASE64.encode([0xff, 0xfe])),
                ("a field more".to_owned(), encode(&[connection, sort, key, uid, ""])),
                ("no id".to_owned(), encode(&[connection, sort, key, ""])),
                ("an id with its prefix".to_owned(), encode(&[connection, sort, key, &format!("customer_{uid}")])),
                ("long".to_owned(), "A".repeat(900_000)),
            ];
            // Invalid sort keys, and one that no row has. The order by creation has no sort key and ignores it.
            let digits = "1".repeat(40);
            let (bad_keys, unknown_key): (&[&str], &str) = match *order {
                "CREATED_AT" => (&[], ""),
                "UPDATED_AT" => (
                    &["", "\0", "yesterday", "-9999-01-01T00:00:00Z", "9999-12-31T24:00:00Z"],
                    "9999-01-01T00:00:00.000000Z",
                ),
                "FROM_DATE" | "TO_DATE" => {
                    (&["\0", "today", "2026-02-30", "2026-1-1", "10000-01-01"], "9999-12-31")
                }
                "CREDIT_LIMIT" => (&["\0", "NaN", "1e2", "1,5", &digits], "-12.5"),
                _ => (&["\0", "\t"], "🏪\"'%\\"),
            };
            for key in bad_keys {
                bad.push((format!("the key {key:?}"), encode(&[connection, sort, key, uid])));
            }
            let others = cursors.iter().filter(|(.., cursor)| cursor != own);
            for (.., cursor) in others {
                bad.push(("of another list, or another order".to_owned(), cursor.clone()));
            }
            let mut complaints = Told::default();
            for argument in ["after", "before"] {
                for (name, cursor) in &bad {
                    let query = page(list, order, direction, argument);
                    complaints.note(&told(&app, &query, json!({ "it": cursor })).await, name);
                }
            }
            let cursor = encode(&[connection, sort, unknown_key, &"f".repeat(32)]);
            app.data(&page(list, order, direction, "after"), json!({ "it": cursor })).await;
            all.push((format!("{list} by {order} {direction}"), json!(complaints.0)));
        }
        insta::assert_json_snapshot!("cursors", merged(all));
    }

    async fn invalid_texts_in_filters_are_refused(app: App) {
        populate(&app).await;
        let mut filters = Vec::new();
        for (list, field, field_type) in
            fields_of_filters(&app, &["TextFilter", "ExactFilter", "String", "CustomerConsentFilter"]).await
        {
            let tests: &[&str] = match field_type.as_str() {
                "TextFilter" => &["{ eq: $it }", "{ in: [$it] }", "{ contains: $it }", "{ startsWith: $it }"],
                "ExactFilter" => &["{ eq: $it }", "{ in: [$it] }"],
                "String" => &["$it"],
                _ => &["{ in: [$it] }", "{ in: [$it], status: false }"],
            };
            filters.extend(tests.iter().map(|test| (list, format!("{{ {field}: {test} }}"))));
        }
        filters.push(("customers", "{ or: [{ not: { and: [{ search: $it }] } }] }".to_owned()));
        let mut all: BTreeMap<&str, BTreeMap<&str, Told>> = BTreeMap::new();
        for (list, filter) in &filters {
            let query = format!(
                "query($it: String!) {{ {list}(filter: {filter}) {{ totalCount nodes {{ id }} }} }}"
            );
            for (name, value) in [
                ("NUL", "a\0b".to_owned()),
                ("a line break", "a\nb".to_owned()),
                ("DEL", "\u{7f}".to_owned()),
                ("256 characters", "🏪".repeat(256)),
                ("900,000 characters", "x".repeat(900_000)),
            ] {
                let complaints = told(&app, &query, json!({ "it": value })).await;
                all.entry(name).or_default().entry(list).or_default().note(&complaints, filter);
            }
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
                if query.contains("posProfileId") && !query.contains("posProfiles(") {
                    // The error reveals nothing about an unknown profile.
                    let told = told(&app, &query, json!({ "it": value })).await;
                    assert!(told[0].starts_with("NOT_FOUND") || value.trim().is_empty(), "{told:?}");
                } else {
                    app.data(&query, json!({ "it": value })).await;
                }
            }
        }
        // Errors that all filters share appear once in the snapshot.
        let mut distinct = Map::new();
        for (name, lists) in all {
            let said: BTreeSet<String> = lists.into_values().flat_map(|it| it.0.into_keys()).collect();
            distinct.insert(name.to_owned(), json!(said));
        }
        let filters: Vec<String> =
            filters.iter().map(|(list, filter)| format!("{list} {filter}")).collect();
        insta::assert_json_snapshot!("texts_of_filters", json!({ "filters": filters, "told": distinct }));
    }

    async fn invalid_values_in_filters_are_refused(app: App) {
        populate(&app).await;
        let decimals = [
            json!("1".repeat(40)), json!("NaN"), json!("1e400"), json!(1e300), json!(""), json!(true), json!([]),
        ];
        let dates = [
            json!("2026-02-30"), json!("today"), json!("2026-1-1"), json!(5), json!(""),
            json!("2026-01-01T00:00:00Z"),
        ];
        let times = [
            json!("2026-01-01"), json!("now"), json!("2026-02-30T00:00:00Z"), json!(5), json!(""),
            json!("2026-01-01T00:00:00"), json!("-009999-01-03T00:00:00Z"), json!("0000-12-31T23:59:59Z"),
        ];
        let mut all = Map::new();
        for (filter_type, value_type, values) in [
            ("DecimalFilter", "Decimal", &decimals[..]),
            ("DateFilter", "Date", &dates[..]),
            ("DateTimeFilter", "DateTime", &times[..]),
        ] {
            let mut of_type = Vec::new();
            for value in values {
                let mut complaints = Told::default();
                for (list, field, _) in fields_of_filters(&app, &[filter_type]).await {
                    for operator in ["gt", "gte", "lt", "lte"] {
                        let filter = format!("{list} {{ {field}: {{ {operator}: … }} }}");
                        let query = format!(
                            "query($it: {value_type}) {{
                                {list}(filter: {{ {field}: {{ {operator}: $it }} }}) {{ totalCount }} }}"
                        );
                        let told = told(&app, &query, json!({ "it": value })).await;
                        let told = told[0].replace(&format!("filter.{field}.{operator}"), "FIELD");
                        complaints.note(&[told], &filter);
                    }
                }
                of_type.push((value.to_string(), json!(complaints.0)));
            }
            all.insert(filter_type.to_owned(), merged(of_type));
        }
        insta::assert_json_snapshot!("values_of_filters", all);
    }

    async fn every_row_matches_either_a_filter_or_its_negation(app: App) {
        let ids = populate(&app).await;
        app.create_customer("customerName: \"Cid\", loyaltyId: \"1\", credit: { limit: \"500\", balance: \"0\" }").await;
        for (list, filter) in [
            ("customers", json!({ "externalId": { "eq": "C-1" } })),
            ("customers", json!({ "externalId": { "in": ["C-1", "nobodys"] } })),
            ("customers", json!({ "taxId": { "eq": "ES-1" } })),
            ("customers", json!({ "emailId": { "contains": "example" } })),
            ("customers", json!({ "search": "ada" })),
            (
                "customers",
                json!({ "customerGroup": { "in": [ids["G-1"]], "includeDescendants": true } }),
            ),
            ("customers", json!({ "not": { "externalId": { "eq": "C-1" } }, "search": "a" })),
            ("customerGroups", json!({ "parentId": { "eq": ids["G-1"] } })),
            ("customerGroups", json!({ "parentId": { "in": [] } })),
            (
                "customerGroups",
                json!({ "or": [{ "parentId": { "eq": ids["G-1"] } }, { "isGroup": { "eq": true } }] }),
            ),
            ("customerGroups", json!({ "externalId": { "in": ["G-1"] } })),
            // No comparison with a missing value is true.
            ("customers", json!({ "creditLimit": { "gte": "0" } })),
            ("customers", json!({ "creditLimit": { "lt": "1000" }, "creditBalance": { "gt": "-5" } })),
            ("customers", json!({ "loyaltyId": { "eq": "1" } })),
            ("customers", json!({ "territory": { "in": ["North", "South"] } })),
            ("customers", json!({ "accountManager": { "isNull": false } })),
            ("customers", json!({ "loyaltyProgramId": { "eq": ids["P-1"] } })),
            ("customers", json!({ "loyaltyProgramTierId": { "in": [ids["T-1"], ids["T-2"]] } })),
            ("customers", json!({ "consent": { "in": ["news", "?"] } })),
            ("customers", json!({ "consent": { "in": ["post"], "status": false } })),
            ("customers", json!({ "consent": { "in": [] } })),
            ("customers", json!({ "posProfileId": "POS-1" })),
            ("loyaltyPrograms", json!({ "toDate": { "lte": "2026-12-31" } })),
            ("loyaltyPrograms", json!({ "fromDate": { "gt": "2026-01-01" } })),
            ("loyaltyPrograms", json!({ "customerGroupId": { "eq": ids["G-1"] } })),
            ("loyaltyPrograms", json!({ "loyaltyProgramType": { "eq": "SINGLE_TIER_PROGRAM" } })),
            ("loyaltyPrograms", json!({ "loyaltyProgramType": { "in": [] } })),
            ("loyaltyPrograms", json!({ "company": { "eq": "Nord" } })),
            ("posProfiles", json!({ "customerGroup": { "in": [ids["G-2"]] } })),
            ("posProfiles", json!({ "customerGroup": { "in": [ids["G-2"]], "includeAncestors": true } })),
            ("posProfiles", json!({ "posProfileId": { "eq": "POS-2" } })),
        ] {
            app.create_customer("customerName: \"Without anything\"").await;
            app.create_group("customerGroupName: \"Without anything\"").await;
            let (_, filter_type) = lists().find(|(name, _)| *name == list).unwrap();
            let query = format!(
                "query($it: {filter_type}) {{ all: {list} {{ totalCount }}
                    it: {list}(filter: $it) {{ totalCount }} not: {list}(filter: {{ not: $it }}) {{ totalCount }} }}"
            );
            let counts = app.data(&query, json!({ "it": filter })).await;
            let count = |name: &str| counts[name]["totalCount"].as_i64().unwrap();
            assert_eq!(count("it") + count("not"), count("all"), "{filter}");
        }
    }

    async fn filters_that_are_too_big_are_refused(app: App) {
        populate(&app).await;
        let mut complaints = Map::new();
        for (name, query, filter) in [
            ("101 tests", CUSTOMERS, tests(101)),
            (
                "101 tests of text",
                CUSTOMERS,
                json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 101] }),
            ),
            ("101 tests of nothing", CUSTOMERS, json!({ "or": vec![json!({}); 101] })),
            (
                "5 tests, 21 times",
                CUSTOMERS,
                json!({ "or": vec![json!({ "taxId": {
                "eq": "a", "in": ["a"], "contains": "a", "startsWith": "a", "isNull": false } }); 21] }),
            ),
            ("1,001 names", CUSTOMERS, json!({ "customerName": { "in": many(1_001) } })),
            ("1,001 external ids", CUSTOMERS, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 groups", CUSTOMERS, json!({ "customerGroup": { "in": ids_of_nothing(1_001) } })),
            ("1,001 groups of groups", GROUPS, json!({ "externalId": { "in": many(1_001) } })),
            ("1,001 parents", GROUPS, json!({ "parentId": { "in": ids_of_nothing(1_001) } })),
            ("1,001 parents that are none", GROUPS, json!({ "parentId": { "in": many(1_001) } })),
            (
                "101 tests of groups",
                GROUPS,
                json!({ "not": { "or": vec![json!({ "isRoot": true }); 101] } }),
            ),
            ("1,001 programs", CUSTOMERS, json!({ "loyaltyProgramId": { "in": ids_of_nothing(1_001) } })),
            ("1,001 tiers", CUSTOMERS, json!({ "loyaltyProgramTierId": { "in": many(1_001) } })),
            ("1,001 consents", CUSTOMERS, json!({ "consent": { "in": many(1_001) } })),
            ("1,001 territories", CUSTOMERS, json!({ "territory": { "in": many(1_001) } })),
            ("1,001 groups of programs", PROGRAMS, json!({ "customerGroupId": { "in": ids_of_nothing(1_001) } })),
            ("1,001 companies", PROGRAMS, json!({ "company": { "in": many(1_001) } })),
            ("1,001 groups of profiles", PROFILES, json!({ "customerGroup": { "in": ids_of_nothing(1_001) } })),
            ("1,001 profiles", PROFILES, json!({ "posProfileId": { "in": many(1_001) } })),
            (
                "101 tests of profiles",
                CUSTOMERS,
                json!({ "or": vec![json!({ "posProfileId": "POS-1" }); 101] }),
            ),
            (
                "4 comparisons, 26 times",
                CUSTOMERS,
                json!({ "or": vec![json!({ "creditLimit": { "gt": 1, "gte": 1, "lt": 1, "lte": 1 } }); 26] }),
            ),
            (
                "101 tests of programs",
                PROGRAMS,
                json!({ "and": vec![json!({ "toDate": { "gt": "2026-01-01" } }); 101] }),
            ),
            (
                "101 tests of groups of profiles",
                PROFILES,
                json!({ "or": vec![json!({ "customerGroup": { "in": [] } }); 101] }),
            ),
        ] {
            complaints
                .insert(name.to_owned(), refused(&app, query, json!({ "filter": filter })).await);
        }
        insta::assert_json_snapshot!("filters_too_big", complaints);
    }

    async fn filters_of_the_maximum_size_are_accepted(app: App) {
        let ids = populate(&app).await;
        let root = &ids["G-1"];
        for (query, filter) in [
            (CUSTOMERS, tests(100)),
            (CUSTOMERS, json!({ "and": vec![json!({ "taxId": { "isNull": true } }); 100] })),
            (CUSTOMERS, json!({ "customerName": { "in": many(1_000) } })),
            (CUSTOMERS, json!({ "externalId": { "in": many(1_000) } })),
            (CUSTOMERS, json!({ "not": { "emailId": { "in": many(1_000) } } })),
            (
                CUSTOMERS,
                json!({ "customerGroup": { "in": ids_of_nothing(1_000), "includeDescendants": true } }),
            ),
            (
                GROUPS,
                json!({ "customerGroupName": { "in": many(1_000) }, "externalId": { "in": many(1_000) } }),
            ),
            (GROUPS, json!({ "parentId": { "in": ids_of_nothing(1_000) } })),
            (
                CUSTOMERS,
                json!({ "or": vec![json!({ "customerName": { "in": many(1_000) } }); 100] }),
            ),
            (
                CUSTOMERS,
                json!({ "and": vec![json!({ "customerGroup": { "in": [root] } }); 100] }),
            ),
            (CUSTOMERS, json!({ "or": vec![json!({ "search": "ada example com" }); 100] })),
            (GROUPS, json!({ "and": vec![json!({ "externalId": { "in": many(1_000) } }); 100] })),
            (CUSTOMERS, json!({ "consent": { "in": many(1_000) }, "territory": { "in": many(1_000) } })),
            (CUSTOMERS, json!({ "or": vec![json!({ "posProfileId": "POS-1" }); 100] })),
            (CUSTOMERS, json!({ "not": { "or": vec![json!({ "consent": { "in": many(1_000) } }); 100] } })),
            (
                CUSTOMERS,
                json!({ "or": vec![json!({ "creditLimit": { "gt": 1, "gte": 1, "lt": 1, "lte": 1 } }); 25] }),
            ),
            (PROGRAMS, json!({ "and": vec![json!({ "customerGroupId": { "in": ids_of_nothing(1_000) } }); 15] })),
            (
                PROFILES,
                json!({ "or": vec![json!({ "customerGroup": { "in": ids_of_nothing(1_000), "includeAncestors": true } }); 15] }),
            ),
            (CUSTOMERS, nested(50, "not")),
            (CUSTOMERS, nested(30, "and")),
            (CUSTOMERS, nested(30, "or")),
            (CUSTOMERS, json!({ "or": [] })),
            (CUSTOMERS, json!({ "and": [], "not": {} })),
            (
                CUSTOMERS,
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
