//! Filters of customers, contacts and addresses by texts in any spelling, and of customers by their related objects.

use serde_json::{Map, Value, json};

use crate::support::app::{App, capitalised};

const CREATE: &str = "mutation($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { id } userErrors { field message } }
}";

const CUSTOMERS: &str = "query($filter: CustomerFilter) {
    customers(filter: $filter, orderBy: { field: CUSTOMER_NAME }) { totalCount nodes { customerName } }
}";

/// Creates a Norwegian tenant with customers. Returns a key.
async fn norwegian_customers(app: &App) -> String {
    let (_, key) = app.make_tenant_in("norway", "NO").await;
    for customer in [
        json!({
            "customerName": "Ana", "mobileNo": "912 34 567", "loyaltyId": "NO-4711 x", "emailId": "Ana@Example.com",
            "gender": "female", "language": "nb", "marketSegment": "Horeca", "industry": "Food",
            "defaultCurrency": "NOK", "customerPosId": "NO4712X",
            "contacts": [{ "firstName": "Bjørn", "lastName": "Ås", "mobileNo": "+47 40 00 00 01" }],
            "addresses": [
                { "city": "Tromsø", "postalCode": "9008", "countryCode": "NO", "phone": "(+47) 77 60 00 00" },
                { "city": "Oslo", "postalCode": "0150", "emailId": "Oslo@example.com" },
            ],
        }),
        json!({
            "customerName": "Bea", "mobileNo": "+4640000001", "loyaltyId": "NO4712X", "emailId": "bea@example.com",
            "language": "sv", "marketSegment": "horeca", "defaultCurrency": "SEK",
            "contacts": [
                { "firstName": "Bjorn", "lastName": "Berg", "mobileNo": "+4791234567", "emailId": "BERG@example.com" },
                { "firstName": "Cai", "lastName": "Aas" },
            ],
            "addresses": [{ "city": "OSLO", "postalCode": "9008", "countryCode": "SE" }],
        }),
        json!({ "customerName": "Cai", "mobileNo": "ask Ana", "loyaltyId": "---", "addresses": [{ "region": "Troms" }] }),
        json!({ "customerName": "Dag" }),
    ] {
        let created = app.query_as(&key, CREATE, json!({ "input": customer })).await;
        assert_eq!(created["data"]["customerCreate"]["userErrors"], json!([]), "{created}");
    }
    key
}

/// The names of the customers that each filter finds.
async fn names(app: &App, key: &str, filters: &[Value]) -> Value {
    let mut all = Map::new();
    for filter in filters {
        let response = app.query_as(key, CUSTOMERS, json!({ "filter": filter })).await;
        let found = &response["data"]["customers"];
        let Some(nodes) = found["nodes"].as_array() else {
            all.insert(filter.to_string(), response["errors"][0]["message"].clone());
            continue;
        };
        assert_eq!(found["totalCount"], nodes.len(), "{filter}");
        let names = nodes.iter().map(|it| it["customerName"].as_str().unwrap());
        all.insert(filter.to_string(), names.collect::<Vec<_>>().join(", ").into());
    }
    Value::Object(all)
}

both! {
    async fn texts_are_compared_in_any_spelling(app: App) {
        let key = norwegian_customers(&app).await;
        let filters = [
            json!({ "mobileNo": { "eq": "+4791234567" } }),
            json!({ "mobileNo": { "eq": "0047 912-34-567" } }),
            json!({ "mobileNo": { "in": ["91234567", "+46 40 00 00 01", "+47 40 00 00 01"] } }),
            json!({ "mobileNo": { "eq": "40 00 00 01" } }),
            json!({ "mobileNo": { "eq": "9123456" } }),
            json!({ "mobileNo": { "eq": "ask Ana" } }),
            json!({ "mobileNo": { "in": [] } }),
            json!({ "mobileNo": { "startsWith": "912 3" } }),
            json!({ "mobileNo": { "contains": "ana" } }),
            json!({ "mobileNo": { "isNull": true } }),
            json!({ "not": { "mobileNo": { "eq": "+4791234567" } } }),
            json!({ "loyaltyId": { "eq": "no4711X" } }),
            json!({ "loyaltyId": { "in": ["NO 4711 X", "no-4712-x"] } }),
            json!({ "loyaltyId": { "eq": "NO4711" } }),
            json!({ "loyaltyId": { "eq": "---" } }),
            json!({ "loyaltyId": { "isNull": true } }),
            json!({ "emailId": { "eq": "ANA@example.COM" } }),
            json!({ "customerPosId": { "eq": "no4712x" } }),
            json!({ "mobileNo": { "eq": "+4791234567", "startsWith": "9" }, "loyaltyId": { "eq": "NO4711X" } }),
        ];
        insta::assert_json_snapshot!("filters_by_spellings", names(&app, &key, &filters).await);
    }

    async fn customers_are_filtered_by_their_contacts_and_addresses(app: App) {
        let key = norwegian_customers(&app).await;
        let filters = [
            json!({ "contact": {} }),
            json!({ "not": { "contact": {} } }),
            json!({ "contact": { "firstName": { "eq": "bjorn" } } }),
            json!({ "contact": { "firstName": { "eq": "Bjørn" }, "lastName": { "eq": "aas" } } }),
            json!({ "contact": { "lastName": { "in": ["AS", "aas"] } } }),
            json!({ "contact": { "mobileNo": { "eq": "912 34 567" } } }),
            json!({ "contact": { "mobileNo": { "in": ["40000001", "91234567"] } } }),
            json!({ "contact": { "emailId": { "eq": "berg@EXAMPLE.com" } } }),
            json!({ "contact": { "emailId": { "isNull": true } } }),
            json!({ "address": {} }),
            json!({ "address": { "city": { "eq": "oslo" } } }),
            json!({ "address": { "city": { "eq": "Tromso" }, "postalCode": { "eq": "9008" } } }),
            json!({ "address": { "city": { "eq": "Oslo" }, "postalCode": { "eq": "9008" } } }),
            json!({ "address": { "countryCode": { "in": ["NO", "DK"] } } }),
            json!({ "address": { "phone": { "eq": "77600000" } } }),
            json!({ "address": { "emailId": { "eq": "OSLO@EXAMPLE.COM" } } }),
            json!({ "address": { "or": [{ "countryCode": { "eq": "SE" } }, { "city": { "isNull": true } }] } }),
            json!({ "and": [{ "address": { "city": { "eq": "Oslo" } } }, { "address": { "city": { "eq": "Tromsø" } } }] }),
            json!({ "gender": { "eq": "female" } }),
            json!({ "language": { "in": ["sv", "nb"] } }),
            json!({ "marketSegment": { "eq": "Horeca" } }),
            json!({ "industry": { "isNull": false } }),
            json!({ "defaultCurrency": { "eq": "SEK" } }),
            json!({ "loyaltyProgramId": { "isNull": false } }),
        ];
        insta::assert_json_snapshot!("filters_by_children", names(&app, &key, &filters).await);

        let any = |field: &str, number| json!({ "or": vec![json!({ field: { "eq": "x" } }); number] });
        let too_many = json!({ "contact": any("firstName", 60), "address": any("city", 41) });
        let error = names(&app, &key, std::slice::from_ref(&too_many)).await;
        assert_eq!(error[too_many.to_string()], "filter: at most 100 tests are allowed");
    }

    async fn a_search_finds_what_a_lookup_finds_without_typing_errors(app: App) {
        let key = norwegian_customers(&app).await;
        let searches = [
            "+4791234567", "234567", "no 4712 x", "4711", "bjorn", "berg bjorn", "ås ana", "tromso", "9008 oslo",
            "oslo ana", "berg@ex", "berg ana", "ana@", "tromsoe", "a b c d e f g h i", "", " ", "-", "x".repeat(255).as_str(),
        ]
        .map(|text| json!({ "search": text }));
        insta::assert_json_snapshot!("filters_by_search", names(&app, &key, &searches).await);

        // Several searches in one filter find the same as each search alone.
        let any = |texts: &[&str]| json!({ "or": texts.iter().map(|it| json!({ "search": it })).collect::<Vec<_>>() });
        let either = any(&["zzq 0", "zzq 1", "zzq 2", "zzq 3", "zzq 4", "234567", "berg bjorn", "BERG bjorn", "tromso", "4711"]);
        let neither = json!({ "not": either });
        let found = names(&app, &key, &[either.clone(), neither.clone(), json!({})]).await;
        let of = |filter: &Value| {
            let names = found[filter.to_string()].as_str().unwrap();
            names.split(", ").filter(|name| !name.is_empty()).count()
        };
        assert_eq!(of(&either) + of(&neither), of(&json!({})), "{found}");
        assert!(of(&either) >= 2 && of(&neither) >= 1, "{found}");
    }

    async fn a_substring_is_found_in_the_texts_of_the_tenant_only(app: App) {
        let mut tenants = vec![(app.key.clone(), Vec::new())];
        for name in ["b", "c"] {
            tenants.push((app.make_tenant(name).await.1, Vec::new()));
        }
        for (number, name) in ["Hanna", "Berg", "Johanna", "Bergmann", "Anna Berg"].iter().enumerate() {
            for (place, (key, texts)) in tenants.iter_mut().enumerate() {
                let text = format!("{name} {}", place * number);
                save_text(&app, key, "Create", number, &text).await;
                texts.push(text);
            }
        }
        assert_substrings(&app, &tenants).await;
        let [(first, changed), (second, deleted), (third, replaced)] = tenants.as_mut_slice() else { panic!() };
        save_text(&app, first, "Update", 4, "Bergamo").await;
        "Bergamo".clone_into(&mut changed[4]);
        delete_text(&app, second, 4).await;
        deleted.pop();
        delete_text(&app, third, 4).await;
        save_text(&app, third, "Create", 4, "Hannover").await;
        "Hannover".clone_into(&mut replaced[4]);
        assert_substrings(&app, &tenants).await;
    }
}

/// The types whose names are searched, and other fields that are searched for substrings.
const NAMED: [(&str, &str, &[&str]); 3] = [
    ("customer", "customerName", &["mobileNo", "taxId"]),
    ("customerGroup", "customerGroupName", &[]),
    ("loyaltyProgram", "loyaltyProgramName", &[]),
];

/// Creates or updates an object of each type that has the text in each of these fields.
async fn save_text(app: &App, key: &str, operation: &str, number: usize, text: &str) {
    for (noun, name, others) in NAMED {
        let id = format!("no-{number}");
        let mut input = json!({ name: text });
        for other in others {
            input[other] = text.into();
        }
        let arguments = if operation == "Create" {
            input["externalId"] = id.into();
            if noun == "loyaltyProgram" {
                input["fromDate"] = "2026-01-01".into();
            }
            json!({ "input": input })
        } else {
            json!({ "externalId": id, "input": input })
        };
        let (mutation, selection) = (format!("{noun}{operation}"), format!("{noun} {{ id }}"));
        let payload = app.mutate_as(key, &mutation, arguments, &selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }
}

async fn delete_text(app: &App, key: &str, number: usize) {
    for (noun, ..) in NAMED {
        let which = json!({ "externalId": format!("no-{number}") });
        let payload = app.mutate_as(key, &format!("{noun}Delete"), which, "deletedId").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }
}

/// Each tenant finds its own texts with a substring, and no others, by each field.
async fn assert_substrings(app: &App, tenants: &[(String, Vec<String>)]) {
    for (key, texts) in tenants {
        for substring in ["ann", "hanna", "berg", "a berg", "erg 1", "bergam", "hannov", "zzz"] {
            let with = texts.iter().filter(|text| text.to_lowercase().contains(substring)).count();
            for (noun, name, others) in NAMED {
                for field in [name].iter().chain(others) {
                    let query = format!(
                        "query($filter: {}Filter!) {{ {noun}s(filter: $filter) {{ totalCount }} }}",
                        capitalised(noun)
                    );
                    let filter = json!({ "filter": { *field: { "contains": substring } } });
                    let response = app.query_as(key, &query, filter).await;
                    let count = &response["data"][format!("{noun}s")]["totalCount"];
                    assert_eq!(*count, with, "{field} {substring:?} {texts:?} {response}");
                }
            }
        }
    }
}
