//! Lists: pages, orders, filters.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use clientele::db::Conn;
use clientele::models::customer::{CustomerAttributes, CustomerType};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use crate::support::app::App;

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $offset: Int,
    $orderBy: CustomerOrder, $filter: CustomerFilter) {
        customers(first: $first, after: $after, last: $last, before: $before, offset: $offset,
            orderBy: $orderBy, filter: $filter) {
            totalCount edges { cursor node { customerName } } nodes { customerName }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

impl App {
    /// Creates twenty-three customers, some of which have equal names or e-mail addresses, or no e-mail address.
    async fn fill_23(&self) {
        self.insert_customers(
            (0..23)
                .map(|number| CustomerAttributes {
                    customer_name: format!(
                        "{}{}",
                        ["Ødegård", "odegard", "Berg", "Å"][number % 4],
                        number / 8
                    ),
                    email_id: (number % 3 > 0).then(|| format!("{}@example.com", number % 5)),
                    ..CustomerAttributes::default()
                })
                .collect(),
        )
        .await;
    }

    async fn page(&self, arguments: Value) -> Value {
        self.data(PAGE, arguments).await["customers"].take()
    }

    async fn names(&self, filter: Value) -> Vec<String> {
        let page = self
            .page(json!({
                "first": 100, "filter": filter, "orderBy": { "field": "CUSTOMER_NAME" },
            }))
            .await;
        let names = names(&page);
        assert_eq!(page["totalCount"], names.len());
        names
    }
}

fn names(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes.iter().map(|it| it["customerName"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn a_page_has_every_field_of_a_relay_connection(app: App) {
        app.fill_23().await;
        let first = app.page(json!({ "first": 2 })).await;
        let second = app.page(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
        let last = app.page(json!({ "last": 2 })).await;
        let before = app.page(json!({ "before": second["pageInfo"]["startCursor"] })).await;
        let empty = app.page(json!({ "filter": { "search": "nobody" } })).await;
        insta::assert_json_snapshot!("pages", [first, second, last, before, empty]);

        let query = "{ customers { nodes { id } } }";
        let by_default = app.data(query, json!({})).await;
        assert_eq!(by_default["customers"]["nodes"].as_array().unwrap().len(), 20);
    }

    async fn every_way_of_paging_gives_each_row_once_in_order(app: App) {
        app.fill_23().await;
        for field in ["CREATED_AT", "UPDATED_AT", "CUSTOMER_NAME", "EMAIL_ID", "TAX_ID"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let all = app.page(json!({ "first": 100, "orderBy": order })).await;
                let edges = all["edges"].as_array().unwrap().clone();
                assert_eq!(edges.len(), 23);
                for size in [1, 2, 5, 22, 23, 24] {
                    let mut forwards = Vec::new();
                    let mut after = Value::Null;
                    loop {
                        let page = app.page(json!({
                            "first": size, "after": after, "orderBy": order,
                        })).await;
                        assert_eq!(page["totalCount"], 23);
                        forwards.extend(page["edges"].as_array().unwrap().clone());
                        after = page["pageInfo"]["endCursor"].clone();
                        if page["pageInfo"]["hasNextPage"] == false {
                            break;
                        }
                    }
                    assert_eq!(forwards, edges, "{order} {size}");

                    let mut backwards = Vec::new();
                    let mut before = Value::Null;
                    loop {
                        let page = app.page(json!({
                            "last": size, "before": before, "orderBy": order,
                        })).await;
                        let mut page_edges = page["edges"].as_array().unwrap().clone();
                        page_edges.append(&mut backwards);
                        backwards = page_edges;
                        before = page["pageInfo"]["startCursor"].clone();
                        if page["pageInfo"]["hasPreviousPage"] == false {
                            break;
                        }
                    }
                    assert_eq!(backwards, edges, "{order} {size}");

                    let mut by_offset = Vec::new();
                    for offset in (0..23).step_by(size) {
                        let page = app.page(json!({
                            "first": size, "offset": offset, "orderBy": order,
                        })).await;
                        by_offset.extend(page["edges"].as_array().unwrap().clone());
                    }
                    assert_eq!(by_offset, edges, "{order} {size}");
                }
            }
        }
    }

    async fn pages_are_correct_while_rows_are_added(app: App) {
        app.fill_23().await;
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = app.page(json!({ "first": 4, "after": after })).await;
            seen.extend(page["nodes"].as_array().unwrap().clone());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
            // A new customer, which comes before all listed ones, because the newest come first.
            app.create_customer(r#"customerName: "New""#).await;
        }
        assert_eq!(seen.len(), 23);
        assert!(!seen.contains(&json!({ "customerName": "New" })));
    }

    async fn a_forged_cursor_is_refused(app: App) {
        app.fill_23().await;
        let page = app.page(json!({ "first": 1, "orderBy": { "field": "UPDATED_AT" } })).await;
        let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
        let fields = BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap();
        let fields = String::from_utf8(fields).unwrap();
        let [connection, order, _, uid] = fields.split('\n').collect::<Vec<_>>()[..] else {
            panic!("{fields}");
        };
        for time in ["", "never", "-009999-01-03T00:00:00Z", "1969-12-31T23:59:59Z", "2026-11-20"] {
            let forged = [connection, order, time, uid].join("\n");
            let after = BASE64_URL_SAFE_NO_PAD.encode(forged);
            let arguments = json!({ "after": after, "orderBy": { "field": "UPDATED_AT" } });
            let answer = app.query_with(PAGE, arguments).await;
            assert_eq!(answer["errors"][0]["message"], "after: is not a cursor", "{time}");
        }
    }

    async fn only_filters_of_one_test_are_kept_prepared(app: App) {
        for number in 0..60 {
            let test = |it: i32| json!({ "territory": { "eq": it.to_string() } });
            let tests: Vec<_> = (0..=number).map(test).collect();
            app.page(json!({ "filter": { "or": tests } })).await;
        }
        let mut lease = app.db.read().await.unwrap();
        // Only PostgreSQL reports its prepared statements.
        if let Conn::Postgres(held) = lease.conn() {
            let mut conn = held.begin().unwrap();
            #[expect(clippy::disallowed_methods, reason = "it is sent once")]
            let count = diesel::dsl::sql::<BigInt>("SELECT count(*) FROM pg_prepared_statements");
            let count: i64 = count.get_result(&mut conn).await.unwrap();
            assert!((1..20).contains(&count), "{count}");
        }
    }

    async fn nested_lists_have_pages(app: App) {
        let parents = ["A", "B", "C"];
        for name in parents {
            let parent = app.create_group(
                &format!("customerGroupName: \"{name}\", isGroup: true")
            ).await;
            for number in 0..5 {
                app.create_group(
                    &format!("customerGroupName: \"{name}{number}\", parentId: \"{parent}\"")
                ).await;
            }
        }
        let query = "query($after: String, $last: Int, $first: Int, $offset: Int) {
            customerGroups(filter: { isRoot: true }, orderBy: { field: CUSTOMER_GROUP_NAME }) {
                nodes { children(first: $first, last: $last, after: $after, offset: $offset,
                    filter: { not: { customerGroupName: { contains: \"2\" } } }
                    orderBy: { field: CUSTOMER_GROUP_NAME }) {
                        totalCount nodes { customerGroupName }
                        pageInfo { hasNextPage hasPreviousPage endCursor } } } } }";
        let first = app.data(query, json!({ "first": 2 })).await;
        let end = &first["customerGroups"]["nodes"][1]["children"]["pageInfo"]["endCursor"];
        let after = app.data(query, json!({ "first": 2, "after": end })).await;
        let last = app.data(query, json!({ "last": 1 })).await;
        let offset = app.data(query, json!({ "first": 3, "offset": 3 })).await;
        insta::assert_json_snapshot!("nested_pages", [first, after, last, offset]);
    }

    async fn a_search_ignores_case_and_accents(app: App) {
        let names = ["Søren Łukasz", "SOREN", "Straße", "50% off_er", "50 off er", "a\\b", "Ab"];
        app.insert_customers(names.iter().enumerate().map(|(number, name)| CustomerAttributes {
            customer_name: (*name).to_owned(),
            mobile_no: (number == 1).then(|| "+47 99".to_owned()),
            tax_id: (number == 2).then(|| "NO-99".to_owned()),
            ..CustomerAttributes::default()
        }).collect()).await;
        let mut answers = serde_json::Map::new();
        for filter in [
            json!({ "search": "søREN" }), json!({ "search": "99" }), json!({ "search": "" }),
            json!({ "customerName": { "contains": "UKA" } }),
            json!({ "customerName": { "contains": "STRASSE" } }),
            json!({ "customerName": { "contains": "%" } }),
            json!({ "customerName": { "contains": "_" } }),
            json!({ "customerName": { "contains": "50% off_" } }),
            json!({ "customerName": { "contains": "\\" } }),
            json!({ "customerName": { "contains": "\"" } }),
            json!({ "customerName": { "contains": "b" } }),
            json!({ "customerName": { "startsWith": "SØ" } }),
            json!({ "customerName": { "startsWith": "50%" } }),
            json!({ "customerName": { "eq": "soren" } }),
            json!({ "customerName": { "in": ["ab", "strasse"] } }),
            json!({ "customerName": { "in": [] } }),
            json!({ "mobileNo": { "isNull": false } }),
            json!({ "mobileNo": { "isNull": true }, "taxId": { "isNull": true } }),
            json!({ "or": [{ "mobileNo": { "contains": "99" } },
                { "and": [{ "customerName": { "startsWith": "5" } },
                    { "not": { "customerName": { "contains": "%" } } }] }] }),
            json!({ "or": [] }), json!({ "and": [] }),
        ] {
            let found = app.names(filter.clone()).await;
            answers.insert(filter.to_string(), json!(found));
        }
        insta::assert_json_snapshot!("text_filters", answers);
    }

    async fn customers_are_filtered_by_kind_and_flags(app: App) {
        let flags = |number: usize| CustomerAttributes {
            customer_name: format!("C{number}"),
            external_id: number.is_multiple_of(2).then(|| format!("x{number}")),
            customer_type: if number == 1 { CustomerType::Individual } else { CustomerType::Company },
            is_internal_customer: number == 1,
            disabled: number == 2,
            is_frozen: number == 3,
            so_required: number == 4,
            dn_required: number == 5,
            ..CustomerAttributes::default()
        };
        app.insert_customers((0..6).map(flags).collect()).await;
        let mut answers = serde_json::Map::new();
        for filter in [
            json!({ "isInternalCustomer": { "eq": true } }), json!({ "disabled": { "eq": true } }),
            json!({ "isFrozen": { "eq": true } }), json!({ "soRequired": { "eq": true } }),
            json!({ "dnRequired": { "eq": true } }), json!({ "disabled": { "eq": false } }),
            json!({ "customerType": { "eq": "INDIVIDUAL" } }),
            json!({ "customerType": { "in": ["COMPANY", "PARTNERSHIP"] } }),
            json!({ "externalId": { "eq": "x2" } }), json!({ "externalId": { "isNull": true } }),
            json!({ "externalId": { "in": ["x0", "x4", "y"] } }),
        ] {
            let found = app.names(filter.clone()).await;
            answers.insert(filter.to_string(), json!(found));
        }
        insta::assert_json_snapshot!("customer_filters", answers);
    }

    async fn groups_are_filtered_by_parent_and_kind(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        app.create_group(&format!("customerGroupName: \"Leaf\", parentId: \"{root}\"")).await;
        app.create_group(r#"customerGroupName: "Lonely", externalId: "L""#).await;
        let query = "query($filter: CustomerGroupFilter) { customerGroups(filter: $filter) {
            totalCount nodes { customerGroupName } } }";
        let mut answers = serde_json::Map::new();
        for (name, filter) in [
            ("roots", json!({ "isRoot": true })), ("not roots", json!({ "isRoot": false })),
            ("leaves", json!({ "isGroup": { "eq": false } })),
            ("of the root", json!({ "parentId": { "eq": root } })),
            ("of the root, in", json!({ "parentId": { "in": [root, "nothing"] } })),
            ("of nothing", json!({ "parentId": { "in": ["nothing"] } })),
            ("search", json!({ "search": "ROO" })),
            ("external id", json!({ "externalId": { "eq": "L" } })),
            ("name", json!({ "customerGroupName": { "startsWith": "l" }, "isRoot": true })),
        ] {
            answers.insert(name.to_owned(), app.data(query, json!({ "filter": filter })).await);
        }
        insta::assert_json_snapshot!("group_filters", answers);
    }

    async fn every_list_has_20_rows_newest_first(app: App) {
        let root = app.create_group(r#"customerGroupName: "Root", isGroup: true"#).await;
        let group = app.create_group(r#"customerGroupName: "All""#).await;
        let program = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "collections": [{ "tierName": "A", "collectionFactor": "1" }],
        })).await;
        let tiers = app.read("loyaltyProgram", &program, "collections { id }").await;
        let tier = tiers["collections"][0]["id"].as_str().unwrap();
        let mut groups = Vec::new();
        for number in 0..21 {
            app.create("customer", json!({
                "customerName": format!("{number}"), "customerGroupId": group,
                "loyaltyProgramId": program, "loyaltyProgramTierId": tier,
            })).await;
            app.create("loyaltyProgram", json!({
                "loyaltyProgramName": format!("{number}"), "fromDate": "2026-01-01",
                "customerGroupId": group,
            })).await;
            app.create("posCustomerGroup", json!({
                "posProfileId": format!("{number}"), "customerGroupId": group,
            })).await;
            groups.push(app.create("customerGroup", json!({
                "customerGroupName": format!("{number}"), "parentId": root,
            })).await);
        }
        let member = app.create("customer", json!({
            "customerName": "Member", "customerGroupIds": groups,
        })).await;
        let page = |list: &str, name: &str, arguments: &str| format!(
            "{list}{arguments} {{
                totalCount nodes {{ name: {name} }} edges {{ node {{ name: {name} }} }}
                pageInfo {{ hasNextPage hasPreviousPage }} }}"
        );
        let (customer, group_name, program_name) =
            ("customerName", "customerGroupName", "loyaltyProgramName");
        // `newer` is the number of rows that are newer than the twenty-one.
        for (parent, list, name, newer) in [
            (None, "customers", customer, 1), (None, "customerGroups", group_name, 0),
            (None, "loyaltyPrograms", program_name, 0), (None, "posProfiles", "posProfileId", 0),
            (Some(("customerGroup", &*group)), "customers", customer, 0),
            (Some(("customerGroup", &*root)), "children", group_name, 0),
            (Some(("customerGroup", &*group)), "loyaltyPrograms", program_name, 0),
            (Some(("customerGroup", &*group)), "posProfiles", "posProfileId", 0),
            (Some(("customer", &*member)), "customerGroups", group_name, 0),
            (Some(("loyaltyProgram", &*program)), "customers", customer, 0),
            (Some(("loyaltyProgramCollection", tier)), "customers", customer, 0),
            (Some(("posProfile", "7")), "customers", customer, 0),
        ] {
            let mut pages = Vec::new();
            for arguments in ["", "(offset: 20)"] {
                let page = page(list, name, arguments);
                let answer = match parent {
                    None => app.data(&format!("{{ {page} }}"), json!({})).await,
                    Some((field, id)) => app.read(field, id, &page).await,
                };
                pages.push(answer[list].clone());
            }
            let numbers = (0..21).rev().map(|number| json!({ "name": number.to_string() }));
            let newest = std::iter::repeat_n(json!({ "name": "Member" }), newer);
            let expected: Vec<Value> = newest.chain(numbers).take(20).collect();
            let what = format!("{parent:?} {list}");
            assert_eq!(pages[0]["nodes"], json!(expected), "{what}");
            let edges = pages[0]["edges"].as_array().unwrap();
            let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
            assert_eq!(json!(nodes), pages[0]["nodes"], "{what}");
            assert_eq!(
                pages[0]["pageInfo"],
                json!({ "hasNextPage": true, "hasPreviousPage": false }),
                "{what}"
            );
            let rest = pages[1]["nodes"].as_array().unwrap();
            assert_eq!(rest.len() + 20, pages[0]["totalCount"], "{what}");
            assert_eq!(pages[1]["totalCount"], pages[0]["totalCount"], "{what}");
            assert_eq!(
                pages[1]["pageInfo"],
                json!({ "hasNextPage": false, "hasPreviousPage": true }),
                "{what}"
            );
        }
    }
}
