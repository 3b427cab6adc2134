//! Merging customers, and undoing merges.

use clientele::{db::types::Timestamp, models::customer::merge::empty_old_archives};
use serde_json::{Value, json};

use crate::support::{
    app::App,
    binary::Shell,
    dump::{Dump, dump},
    types::assert_names_all_lists,
};

const PREVIEW: &str = "query($survivorId: ID!, $absorbedId: ID!, $fields: [String!]) {
    it: customerMergePreview(survivorId: $survivorId, absorbedId: $absorbedId, fields: $fields) {
        survivor { customerName } absorbed { customerName }
        attributes { field survivorValue absorbedValue mergedValue isTakenFromAbsorbed }
        joinedCustomerGroups { customerGroupName }
        children { id kind title outcome counterpartId }
        token userErrors { field code message }
    }
}";

/// All fields of a customer except its timestamps.
const ALL: &str = "id externalId customerName customerType firstName lastName emailId mobileNo taxId loyaltyId
    customerPosId customerDetails territory disabled credit { limit balance }
    customerGroup { customerGroupName } loyaltyProgram { loyaltyProgramName } loyaltyProgramTier { tierName }
    customerGroups(orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes { customerGroupName } }
    addresses { id externalId isPrimary city address }
    contacts { id externalId isPrimary firstName emailId extensions { id externalId extensionCode organizationUid } }
    consents { id externalId name status source recordedAt recordedBy }
    extensions { id externalId extensionCode organizationUid }
    supplierNumbers { id externalId idx company supplierNumber }
    attributes { key values { number text } } mergedFrom { id externalId mergedBy }";

impl App {
    async fn preview(&self, survivor: &str, absorbed: &str, fields: &[&str]) -> Value {
        let variables = json!({ "survivorId": survivor, "absorbedId": absorbed, "fields": fields });
        self.data(PREVIEW, variables).await["it"].take()
    }

    async fn merge(&self, survivor: &str, absorbed: &str) -> Value {
        let arguments = json!({ "survivorId": survivor, "absorbedId": absorbed });
        self.mutate("customerMerge", arguments, "survivor { id }").await
    }

    async fn merged(&self, survivor: &str, absorbed: &str) {
        let payload = self.merge(survivor, absorbed).await;
        assert_eq!(payload, json!({ "survivor": { "id": survivor }, "userErrors": [] }));
    }

    async fn unmerge(&self, absorbed: &str, discard: bool) -> Value {
        let arguments = json!({ "absorbedId": absorbed, "discardChanges": discard });
        self.mutate("customerUnmerge", arguments, "survivor { id } absorbed { id }").await
    }

    async fn merged_as(&self, merged: Value, survivor: &str) {
        let read = self.read("customer", survivor, "mergedFrom { id externalId }").await;
        assert_eq!(read["mergedFrom"], merged);
    }

    /// The id of the object with this external id.
    pub async fn read_by(&self, field: &str, external_id: &str) -> String {
        let query = format!("query($it: String!) {{ {field}(externalId: $it) {{ id }} }}");
        let data = self.data(&query, json!({ "it": external_id })).await;
        data[field]["id"].as_str().unwrap().to_owned()
    }

    /// Creates two customers with data for every rule of merges.
    async fn rich_pair(&self) -> [String; 2] {
        let shops = self.create_group(r#"customerGroupName: "Shops", externalId: "shops""#).await;
        let club = self.create_group(r#"customerGroupName: "Club", externalId: "club""#).await;
        let program = self
            .create(
                "loyaltyProgram",
                json!({
                    "loyaltyProgramName": "Points", "fromDate": "2026-01-01",
                    "collections": [{ "tierName": "Silver", "collectionFactor": "1" }],
                }),
            )
            .await;
        let tiers = self.read("loyaltyProgram", &program, "collections { id }").await;
        let tier = &tiers["collections"][0]["id"];
        for definition in [
            json!({ "noun": "CUSTOMER", "key": "size", "type": "NUMBER", "isSearchable": true }),
            json!({ "noun": "CUSTOMER", "key": "badge", "type": "TEXT", "isUnique": true }),
            json!({ "noun": "CUSTOMER", "key": "topics", "type": "TEXT", "isList": true }),
            json!({ "noun": "CUSTOMER", "key": "seat", "type": "TEXT" }),
        ] {
            self.create("attributeDefinition", definition).await;
        }
        let survivor = self.create("customer", json!({
            "attributes": [
                { "key": "size", "value": { "number": "42" } },
                { "key": "seat", "value": { "text": "A1" } },
            ],
            "externalId": "S-1", "customerName": "Ana Lund", "emailId": "ana@example.com",
            "loyaltyId": "L-1", "credit": { "balance": "10.50" }, "customerGroupId": shops,
            "addresses": [
                { "city": "Oslo", "address": "Storgata 1" },
                { "city": "Bergen", "externalId": "A-S", "isPrimary": true },
            ],
            "contacts": [{ "firstName": "Bo", "externalId": "K-S", "extensions": [
                { "extensionCode": "MAIL", "organizationUid": "s-mail" }] }],
            "consents": [
                { "name": "mail", "status": true, "recordedAt": "2026-01-02T00:00:00Z", "source": "shop" },
                { "name": "sms", "status": true, "recordedAt": "2026-01-02T00:00:00Z" },
                { "name": "post", "status": true, "recordedAt": "2026-01-02T00:00:00Z" },
            ],
            "extensions": [{ "extensionCode": "TWO", "organizationUid": "1" }],
            "supplierNumbers": [{ "company": "A", "supplierNumber": "1", "externalId": "N-S" }],
        })).await;
        let absorbed = self.create("customer", json!({
            "attributes": [
                { "key": "size", "value": { "number": "43.5" } },
                { "key": "badge", "value": { "text": "B-7" } },
                { "key": "topics", "values": [{ "text": "tea" }, { "text": "Coffee" }] },
                { "key": "seat", "value": { "text": "B2" } },
            ],
            "externalId": "A-1", "customerName": "ANA LUND", "emailId": "ana.lund@example.com",
            "mobileNo": "+47 912 34 567", "loyaltyId": "L-2", "customerPosId": "P-2", "taxId": "NO1",
            "credit": { "balance": "99", "limit": "1000" }, "customerGroupId": club,
            "customerGroupIds": [shops], "loyaltyProgramId": program, "loyaltyProgramTierId": tier,
            "addresses": [
                { "city": "OSLO", "address": "Storgata 1", "externalId": "A-A", "isPrimary": true },
                { "city": "Bergen", "externalId": "A-B" },
                { "city": "Hamar" },
            ],
            "contacts": [
                { "firstName": "bo", "isPrimary": true, "extensions": [
                    { "extensionCode": "MAIL", "organizationUid": "a-mail", "externalId": "E-A" },
                    { "extensionCode": "CHAT", "organizationUid": "a-chat" }] },
                { "firstName": "Kim", "extensions": [{ "extensionCode": "MAIL" }] },
            ],
            "consents": [
                { "name": "mail", "status": false, "recordedAt": "2026-01-03T00:00:00Z", "source": "web" },
                { "name": "sms", "status": false, "recordedAt": "2026-01-01T00:00:00Z" },
                { "name": "post", "status": false, "recordedAt": "2026-01-02T00:00:00Z" },
                { "name": "calls", "status": true, "recordedAt": "2026-01-02T00:00:00Z" },
            ],
            "extensions": [{ "extensionCode": "TWO", "organizationUid": "2", "externalId": "E-2" },
                { "extensionCode": "THREE" }],
            "supplierNumbers": [{ "company": "A", "supplierNumber": "1" },
                { "company": "B", "supplierNumber": "2" }],
        })).await;
        [survivor, absorbed]
    }
}

/// All rows, except for SQLite's trigram index, in which restored rows have new numbers.
pub async fn rows(app: &App) -> Dump {
    let mut rows = dump(&app.database).await;
    rows.retain(|table, _| !table.contains("_search") || table == "customer_search_keys");
    rows
}

both! {
    async fn a_preview_shows_the_result_of_the_merge(app: App) {
        assert_names_all_lists("Customer", ALL);
        let [survivor, absorbed] = app.rich_pair().await;
        let preview = app.preview(&survivor, &absorbed, &["emailId", "credit.balance", "attributes.seat"]).await;
        let mut merge = app.mutate("customerMerge", json!({
            "survivorId": survivor, "absorbedId": absorbed,
            "fields": ["attributes.seat", "credit.balance", "emailId"], "previewToken": preview["token"],
        }), &format!("survivor {{ {ALL} }}")).await;
        let read = app.read("customer", &survivor, ALL).await;
        assert_eq!(merge["survivor"], read);
        insta::assert_json_snapshot!("merge_preview", preview);
        insta::assert_json_snapshot!("merge_survivor", merge["survivor"].take());
        assert_eq!(merge["userErrors"], json!([]));
    }

    async fn undoing_a_merge_restores_every_row(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let before = rows(&app).await;
        app.merged(&survivor, &absorbed).await;
        assert!(rows(&app).await != before);
        let undone = app.unmerge(&absorbed, false).await;
        assert_eq!(undone, json!({
            "survivor": { "id": survivor }, "absorbed": { "id": absorbed }, "userErrors": [],
        }));
        let after = rows(&app).await;
        for (table, rows) in before {
            assert_eq!(after[&table], rows, "{table}");
        }
        // The undone merge leaves no traces, so the same merge is possible again.
        app.merged(&survivor, &absorbed).await;
        app.merged_as(json!([{ "id": absorbed, "externalId": "A-1" }]), &survivor).await;
    }

    async fn the_ids_of_an_absorbed_customer_find_the_survivor(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        app.merged(&survivor, &absorbed).await;
        let query = "query($id: ID!, $ids: [ID!]!) {
            node(id: $id) { __typename id } nodes(ids: $ids) { id }
            byId: customer(id: $id) { id externalId } byExternalId: customer(externalId: \"A-1\") { id }
            customers { totalCount nodes { id } }
            lookup: customerLookup(text: \" A-1 \") { score customer { id } }
            spelled: customerLookup(text: \"a1\") { score customer { id } }
        }";
        let found = app.data(query, json!({ "id": absorbed, "ids": [absorbed, survivor, absorbed] })).await;
        let it = json!({ "id": survivor });
        assert_eq!(found, json!({
            "node": { "__typename": "Customer", "id": survivor }, "nodes": [it, it, it],
            "byId": { "id": survivor, "externalId": "S-1" }, "byExternalId": it,
            // Lists contain only customers that exist.
            "customers": { "totalCount": 1, "nodes": [it] },
            "lookup": [{ "score": 1.0, "customer": it }], "spelled": [],
        }));
    }

    async fn the_external_id_of_a_duplicate_does_not_delete_the_survivor_that_has_it_now(app: App) {
        let survivor = app.create("customer", json!({ "customerName": "A" })).await;
        let duplicate = json!({ "customerName": "B", "externalId": "DUP-1" });
        let absorbed = app.create("customer", duplicate).await;
        app.merged(&survivor, &absorbed).await;
        assert_eq!(app.read("customer", &survivor, "externalId").await["externalId"], "DUP-1");
        let by_external_id = app.mutate("customerDelete", json!({ "externalId": "DUP-1" }), "deletedId").await;
        assert_eq!(by_external_id["userErrors"][0]["code"], "MERGED", "{by_external_id}");
        let by_id = app.mutate("customerDelete", json!({ "id": survivor }), "deletedId").await;
        assert_eq!(by_id["deletedId"], json!(survivor));
    }

    async fn filters_by_ids_of_an_absorbed_customer_match_the_survivor(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let other = app.create("customer", json!({ "customerName": "Other", "externalId": "O-1" })).await;
        let group = app.create_group("customerGroupName: \"G\"").await;
        app.mutate("customerGroupUpdateCustomers", json!({ "id": group, "addCustomerIds": [other, absorbed] }), "").await;
        let till = app.create("posProfile", json!({ "posProfileId": "till" })).await;
        app.create("posCustomerGroup", json!({ "posProfileId": "till", "customerGroupId": group })).await;
        app.merged(&survivor, &absorbed).await;
        let children = "query($ids: [ID!]!) {
            a: customerAddresses(filter: { customerId: { in: $ids } }) { totalCount nodes { id customerId } }
            b: customerContacts(filter: { customerId: { in: $ids } }) { totalCount nodes { id customerId } }
            c: customerConsents(filter: { customerId: { in: $ids } }) { totalCount nodes { id customerId } }
            d: customerExtensions(filter: { or: [{ customerId: { in: $ids } }, { customerId: { isNull: true } }] }) {
                totalCount nodes { id customerId } }
            e: supplierNumbersAtCustomer(filter: { customerId: { in: $ids } }) { totalCount nodes { id customerId } }
            f: customers(filter: { contact: { customerId: { in: $ids } }, address: { customerId: { in: $ids } } }) {
                totalCount nodes { id } }
            g: customers(filter: { not: { contact: { customerId: { in: $ids } } } }) { nodes { id } }
        }";
        let of_survivor = app.data(children, json!({ "ids": [survivor] })).await;
        for (list, lists) in of_survivor.as_object().unwrap() {
            assert!(!lists["nodes"].as_array().unwrap().is_empty(), "{list}");
        }
        assert_eq!(app.data(children, json!({ "ids": [absorbed] })).await, of_survivor);
        assert_eq!(app.data(children, json!({ "ids": [absorbed, survivor] })).await, of_survivor);
        let by_external_id = "query($group: ID!, $till: ID!) {
            a: customers(filter: { externalId: { eq: \"A-1\" } }) { totalCount nodes { id } }
            b: customers(filter: { externalId: { in: [\"none\", \"A-1\"] } }, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { id } }
            c: customers(filter: { not: { externalId: { eq: \"A-1\" } } }) { totalCount nodes { id } }
            d: customerGroup(id: $group) { customers(filter: { externalId: { eq: \"A-1\" } }) { totalCount nodes { id } } }
            e: customers(filter: { search: \"A-1\" }) { totalCount nodes { id } }
            f: customers(filter: { or: [{ search: \"A-1\" }, { externalId: { eq: \"none\" } }] }) { totalCount nodes { id } }
            g: customerLookup(text: \"A-1\", posProfileId: \"till\") { customer { id } }
            h: node(id: $till) { ... on PosProfile { customers(filter: { externalId: { eq: \"A-1\" } }) { totalCount } } }
        }";
        let it = json!({ "totalCount": 1, "nodes": [{ "id": survivor }] });
        let found = app.data(by_external_id, json!({ "group": group, "till": till })).await;
        assert_eq!(found, json!({
            "a": it, "b": it, "c": { "totalCount": 1, "nodes": [{ "id": other }] }, "d": { "customers": it },
            "e": it, "f": it, "g": [{ "customer": { "id": survivor } }], "h": { "customers": { "totalCount": 1 } },
        }));
        let (_, key) = app.make_tenant("bravo").await;
        let theirs = app.query_as(&key, "{ customers(filter: { externalId: { eq: \"A-1\" } }) { totalCount }
            customerLookup(text: \"A-1\") { score } }", json!({})).await;
        assert_eq!(theirs["data"], json!({ "customers": { "totalCount": 0 }, "customerLookup": [] }));
        // Filters by customer id need one more statement, and other filters none.
        let named = |filter: &str| format!("{{ customerContacts(filter: {{ {filter} }}) {{ totalCount nodes {{ id }} }} }}");
        let by_id = named(&format!("customerId: {{ eq: \"{absorbed}\" }}"));
        assert_eq!(app.statements(&by_id, json!({})).await, 3);
        assert_eq!(app.statements(&named("customerId: { isNull: true }"), json!({})).await, 2);
        let count = "{ customers(filter: { externalId: { isNull: false } }) { totalCount } }";
        assert_eq!(app.statements(count, json!({})).await, 1);
    }

    async fn mutations_that_name_an_absorbed_customer_change_the_survivor(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        app.merged(&survivor, &absorbed).await;
        let group = app.create_group("customerGroupName: \"Till\"").await;
        for (mutation, arguments, selection) in [
            ("customerUpdate", json!({ "id": absorbed, "input": { "territory": "North" } }), "customer { id }"),
            ("customerUpdate", json!({ "externalId": "A-1", "input": { "gender": "f" } }), "customer { id }"),
            ("customerAddressCreate", json!({ "input": { "customerId": absorbed, "city": "Moss" } }),
                "customerAddress { customerId }"),
            ("customerConsentCreate", json!({ "input": { "customerId": absorbed, "name": "x", "status": true } }),
                "customerConsent { customerId }"),
            ("customerContactCreate", json!({ "input": { "customerId": absorbed, "firstName": "Di",
                "extensions": [{ "extensionCode": "Z" }] } }), "customerContact { customerId extensions { customerId } }"),
            ("customerExtensionCreate", json!({ "input": { "customerId": absorbed, "extensionCode": "Y" } }),
                "customerExtension { customerId }"),
            ("supplierNumberAtCustomerCreate", json!({ "input": { "customerId": absorbed, "supplierNumber": "9" } }),
                "supplierNumberAtCustomer { customerId }"),
            ("customerGroupUpdateCustomers", json!({ "id": group, "addCustomerIds": [absorbed] }),
                "customerGroup { customers { nodes { id } } }"),
            ("customerGroupUpdateCustomers", json!({ "id": group, "removeCustomerExternalIds": ["A-1"] }),
                "customerGroup { customers { totalCount } }"),
        ] {
            let payload = app.mutate(mutation, arguments, selection).await;
            assert_eq!(payload["userErrors"], json!([]), "{mutation}: {payload}");
            let named = payload.to_string();
            assert!(named.contains(&survivor) || named.contains("\"totalCount\":0"), "{mutation}: {payload}");
            assert!(!named.contains(&absorbed), "{mutation}: {payload}");
        }
        let numbers = app.read("customer", &survivor, "supplierNumbers { id }").await;
        let ids: Vec<_> = numbers["supplierNumbers"].as_array().unwrap().iter().map(|it| &it["id"]).rev().collect();
        let reordered = app.mutate("supplierNumberAtCustomerReorder",
            json!({ "parentId": absorbed, "ids": ids }), "supplierNumbersAtCustomer { idx }").await;
        assert_eq!(reordered["userErrors"], json!([]));

        // A deletion by an absorbed customer's id is rejected, because it would delete the survivor.
        for named in [json!({ "id": absorbed }), json!({ "externalId": "A-1" })] {
            let argument = named.as_object().unwrap().keys().next().unwrap().clone();
            let refused = app.mutate("customerDelete", named, "deletedId").await;
            assert_eq!(refused, json!({ "deletedId": null, "userErrors": [{
                "field": [argument], "code": "MERGED",
                "message": format!("this customer has been merged into {survivor}"),
            }] }));
        }
    }

    async fn the_external_id_of_an_absorbed_customer_is_free_only_for_the_survivor(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let other = app.create("customer", json!({ "customerName": "Cid" })).await;
        app.merged(&survivor, &absorbed).await;
        let taken = json!([{ "field": ["input", "externalId"], "code": "TAKEN",
            "message": "another object of this type has this externalId" }]);
        let create = json!({ "input": { "customerName": "New", "externalId": "A-1" } });
        let update = |id: &str| json!({ "id": id, "input": { "externalId": "A-1" } });
        assert_eq!(app.mutate("customerCreate", create, "").await["userErrors"], taken);
        assert_eq!(app.mutate("customerUpdate", update(&other), "").await["userErrors"], taken);
        assert_eq!(app.mutate("customerUpdate", update(&survivor), "").await["userErrors"], json!([]));
        assert_eq!(app.data("{ customer(externalId: \"A-1\") { id } }", json!({})).await["customer"]["id"],
            json!(survivor));
        // The survivor has given up its own external id, and the identifiers that the merge dropped are free, too.
        for (field, value) in [("loyaltyId", "L-2"), ("externalId", "S-1")] {
            let free = json!({ "id": other, "input": { field: value } });
            assert_eq!(app.mutate("customerUpdate", free, "").await["userErrors"], json!([]), "{field}");
        }
    }

    async fn merges_are_followed_and_undone_one_after_the_other(app: App) {
        let mut ids = Vec::new();
        for name in ["A", "B", "C", "D"] {
            let input = json!({ "customerName": name, "externalId": name, "addresses": [{ "city": name }] });
            ids.push(app.create("customer", input).await);
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|place: usize| ids[place].as_str());
        let start = rows(&app).await;
        app.merged(b, a).await;
        app.merged(c, b).await;
        app.merged(c, d).await;
        let found = app.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } a: customer(externalId: \"A\") { id } }",
            json!({ "ids": ids })).await;
        let it = json!({ "id": c });
        assert_eq!(found, json!({ "nodes": [it, it, it, it], "a": it }));
        let merged = json!([{ "id": d, "externalId": "D" }, { "id": b, "externalId": "B" },
            { "id": a, "externalId": "A" }]);
        app.merged_as(merged, c).await;

        // Merges in a cycle, and of customers that are absorbed already.
        for (survivor, absorbed, field) in [(a, c, "survivorId"), (c, a, "absorbedId"), (c, b, "absorbedId")] {
            let refused = app.merge(survivor, absorbed).await;
            assert_eq!(refused["userErrors"], json!([{ "field": [field], "code": "MERGED",
                "message": format!("this customer has been merged into {c}") }]));
        }
        for (undone, first) in [(a, d), (b, d)] {
            assert_eq!(app.unmerge(undone, true).await["userErrors"], json!([{
                "field": ["absorbedId"], "code": "LATER_MERGE",
                "message": format!("undo the later merge of {first} first") }]));
        }
        for undone in [d, b, a] {
            assert_eq!(app.unmerge(undone, false).await["userErrors"], json!([]), "{undone}");
            let led = app.data("{ a: customer(externalId: \"A\") { id } }", json!({})).await;
            assert_eq!(led["a"]["id"], json!(match undone { it if it == d => c, it if it == b => b, _ => a }));
        }
        assert!(rows(&app).await == start);
    }

    async fn a_merge_that_is_not_possible_changes_nothing(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let (_, key) = app.make_tenant("bravo").await;
        let theirs = app.create_as(&key, "customer", json!({ "customerName": "X", "externalId": "X" })).await;
        let theirs = &theirs[0].0;
        let program = app.create("loyaltyProgram", json!({
            "loyaltyProgramName": "Other", "fromDate": "2026-01-01",
            "collections": [{ "tierName": "Gold", "collectionFactor": "1" }] })).await;
        let joins = json!({ "id": survivor, "input": { "loyaltyProgramId": program } });
        assert_eq!(app.mutate("customerUpdate", joins, "").await["userErrors"], json!([]));
        let token = app.preview(&survivor, &absorbed, &[]).await["token"].clone();
        let group = app.create_group("customerGroupName: \"G\"").await;
        let many: Vec<String> = (0..61).map(|_| "emailId".to_owned()).collect();
        let before = rows(&app).await;
        let merge = |survivor: &str, absorbed: &str| json!({ "survivorId": survivor, "absorbedId": absorbed });
        let with = |name: &str, value: Value| {
            let mut arguments = merge(&survivor, &absorbed);
            arguments[name] = value;
            arguments
        };
        let mut refused = serde_json::Map::new();
        for (name, arguments) in [
            ("itself", merge(&survivor, &survivor)),
            ("nothing", merge("", "x")),
            ("another type", merge(&group, &absorbed)),
            ("another tenant's", merge(&survivor, theirs)),
            ("into another tenant's", merge(theirs, &absorbed)),
            ("unknown field", with("fields", json!(["emailId", "nothing", "id", "creditLimit"]))),
            ("external id", with("fields", json!(["externalId"]))),
            ("too many fields", with("fields", json!(many))),
            ("tier alone", with("fields", json!(["loyaltyProgramTierId"]))),
            ("another token", with("previewToken", json!("x"))),
        ] {
            let payload = app.mutate("customerMerge", arguments.clone(), "survivor { id }").await;
            assert_eq!(payload["survivor"], json!(null), "{name}");
            let errors = payload["userErrors"].clone();
            if name != "another token" {
                let preview = app.data(PREVIEW, arguments).await["it"].take();
                assert_eq!(preview["userErrors"], errors, "{name}");
                assert_eq!(preview["token"], json!(null), "{name}");
            }
            refused.insert(name.to_owned(), errors);
        }
        // The token belongs to a preview with other fields.
        let mut others = with("fields", json!(["emailId"]));
        others["previewToken"] = token.clone();
        let payload = app.mutate("customerMerge", others, "").await;
        refused.insert("other fields".to_owned(), payload["userErrors"].clone());
        assert!(rows(&app).await == before);
        // Any change makes the token stale, including a change of a customer's children.
        let addresses = app.read("customer", &absorbed, "addresses { id }").await;
        let change = json!({ "id": addresses["addresses"][2]["id"], "input": { "city": "Gol" } });
        assert_eq!(app.mutate("customerAddressUpdate", change, "").await["userErrors"], json!([]));
        let payload = app.mutate("customerMerge", with("previewToken", token), "").await;
        refused.insert("changed since".to_owned(), payload["userErrors"].clone());
        let text = serde_json::to_string_pretty(&refused).unwrap();
        insta::assert_snapshot!("merge_refused", text.replace(&survivor, "SURVIVOR"));
    }

    async fn a_merge_is_not_undone_if_changes_would_be_lost(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let start = rows(&app).await;
        let nobody = app.unmerge(&survivor, false).await;
        app.merged(&survivor, &absorbed).await;
        let mut refused = serde_json::Map::new();
        refused.insert("not merged".to_owned(), nobody["userErrors"].clone());

        // The survivor or one of its children has changed.
        let other = app.create("customer", json!({ "customerName": "Cid" })).await;
        let change = json!({ "input": { "customerId": survivor, "name": "new", "status": true } });
        assert_eq!(app.mutate("customerConsentCreate", change, "").await["userErrors"], json!([]));
        let changed = app.unmerge(&absorbed, false).await;
        refused.insert("changed".to_owned(), changed["userErrors"].clone());

        // Other customers have taken unique values, and referenced objects were deleted.
        for (field, value) in [("loyaltyId", "L-2"), ("customerPosId", "P-2")] {
            // The survivor has the second value, so it must be cleared first.
            let given_up = json!({ "id": survivor, "input": { "customerPosId": null } });
            app.mutate("customerUpdate", given_up, "").await;
            let input = json!({ "id": other, "input": { field: value } });
            assert_eq!(app.mutate("customerUpdate", input, "").await["userErrors"], json!([]));
            let taken = app.unmerge(&absorbed, true).await;
            refused.insert(format!("{field} is taken"), taken["userErrors"].clone());
            let given_back = json!({ "id": other, "input": { field: null } });
            app.mutate("customerUpdate", given_back, "").await;
        }
        let extensions = app.read("customer", &survivor, "extensions { id externalId }").await;
        let extension = extensions["extensions"].as_array().unwrap().iter()
            .find(|it| it["externalId"] == "E-2").unwrap();
        let given_up = json!({ "id": extension["id"], "input": { "externalId": null } });
        assert_eq!(app.mutate("customerExtensionUpdate", given_up, "").await["userErrors"], json!([]));
        let taker = json!({ "input": { "customerId": other, "extensionCode": "T", "externalId": "E-2" } });
        let taker = app.mutate("customerExtensionCreate", taker, "customerExtension { id }").await;
        refused.insert("a child's external id is taken".to_owned(),
            app.unmerge(&absorbed, true).await["userErrors"].clone());
        app.delete("customerExtension", taker["customerExtension"]["id"].as_str().unwrap()).await;
        let club = app.read_by("customerGroup", "club").await;
        let leave = json!({ "id": club, "removeCustomerIds": [survivor] });
        app.mutate("customerGroupUpdateCustomers", leave, "").await;
        app.delete("customerGroup", &club).await;
        let programs = app.data("{ loyaltyPrograms { nodes { id } } }", json!({})).await;
        let program = &programs["loyaltyPrograms"]["nodes"][0]["id"];
        let deleted = app.mutate("loyaltyProgramDelete",
            json!({ "id": program, "policy": "UNENROLL_CUSTOMERS" }), "deletedId").await;
        assert_eq!(deleted["deletedId"], *program);
        let missing = app.unmerge(&absorbed, true).await;
        refused.insert("what they referred to is missing".to_owned(), missing["userErrors"].clone());
        let text = serde_json::to_string_pretty(&refused).unwrap();
        insta::assert_snapshot!("unmerge_refused", text);
        assert!(rows(&app).await != start);
        // Nothing is lost: the survivor still exists, with all of its children.
        let left = app.read("customer", &absorbed, "id consents { name }").await;
        assert_eq!(left["id"], json!(survivor));
        assert_eq!(left["consents"].as_array().unwrap().len(), 5);
    }

    async fn values_that_are_not_allowed_any_more_are_not_lost(app: App) {
        let definition = json!({
            "noun": "CUSTOMER", "key": "shirt", "type": "CHOICE", "choices": ["S", "M"],
        });
        let definition = app.create("attributeDefinition", definition).await;
        let shirt = |size: &str| json!([{ "key": "shirt", "value": { "choice": size } }]);
        let survivor = app.create("customer", json!({ "customerName": "A", "attributes": shirt("S") })).await;
        let absorbed = app.create("customer", json!({ "customerName": "B", "attributes": shirt("M") })).await;
        let start = rows(&app).await;
        app.merged(&survivor, &absorbed).await;
        let choices = |choices: Value| json!({ "id": definition, "input": { "choices": choices } });
        let changed = app.mutate("attributeDefinitionUpdate", choices(json!(["S"])), "").await;
        assert_eq!(changed["userErrors"], json!([]));
        for discard in [false, true] {
            let refused = app.unmerge(&absorbed, discard).await;
            assert_eq!(refused["userErrors"][0]["code"], "INVALID", "{refused}");
        }
        app.mutate("attributeDefinitionUpdate", choices(json!(["S", "M"])), "").await;
        assert_eq!(app.unmerge(&absorbed, false).await["userErrors"], json!([]));
        assert_eq!(rows(&app).await["customer_attribute_values"], start["customer_attribute_values"]);

        // Values of a deleted custom attribute are lost if the client accepts that.
        app.merged(&survivor, &absorbed).await;
        let delete = json!({ "id": definition, "deleteValues": true });
        assert_eq!(app.mutate("attributeDefinitionDelete", delete, "").await["userErrors"], json!([]));
        let refused = app.unmerge(&absorbed, false).await;
        assert_eq!(refused["userErrors"][0]["code"], "STALE", "{refused}");
        assert_eq!(app.unmerge(&absorbed, true).await["userErrors"], json!([]));
    }

    async fn amounts_stay_in_their_currency(app: App) {
        let create = async |input: Value| app.create("customer", input).await;
        let credit = "defaultCurrency credit { limit balance }";
        for (own, other, merged) in [
            (json!({ "defaultCurrency": "EUR" }), json!({ "defaultCurrency": "NOK" }), json!(["EUR", null])),
            (json!({ "defaultCurrency": "NOK" }), json!({ "defaultCurrency": "NOK" }), json!(["NOK", "50000"])),
            (json!({}), json!({ "defaultCurrency": "NOK" }), json!(["NOK", "50000"])),
            (json!({}), json!({}), json!([null, "50000"])),
        ] {
            let mut inputs = [own, other];
            inputs[0]["customerName"] = json!("A");
            inputs[1]["customerName"] = json!("B");
            inputs[1]["credit"] = json!({ "limit": "100000", "balance": "50000" });
            let [own, other] = inputs;
            let (survivor, absorbed) = (create(own.clone()).await, create(other.clone()).await);
            app.merged(&survivor, &absorbed).await;
            let read = app.read("customer", &survivor, credit).await;
            assert_eq!(json!([read["defaultCurrency"], read["credit"]["balance"]]), merged, "{own} {other}");
        }
        let in_debt = json!({ "customerName": "A", "credit": { "balance": "100" } });
        let survivor = create(in_debt).await;
        let in_crowns = json!({ "customerName": "B", "defaultCurrency": "NOK", "credit": { "balance": "7", "limit": "8" } });
        let absorbed = create(in_crowns).await;
        let preview = app.preview(&survivor, &absorbed, &["credit.limit"]).await;
        assert_eq!(preview["userErrors"][0]["code"], "INVALID", "{preview}");
        app.merged(&survivor, &absorbed).await;
        let own = json!({ "defaultCurrency": null, "credit": { "limit": null, "balance": "100" } });
        assert_eq!(app.read("customer", &survivor, credit).await, own);
        app.unmerge(&absorbed, false).await;
        let preview = app.preview(&survivor, &absorbed, &["defaultCurrency"]).await;
        let merged = |name: &str| {
            let attributes = preview["attributes"].as_array().unwrap();
            attributes.iter().find(|it| it["field"] == name).unwrap()["mergedValue"].clone()
        };
        let taken = ["defaultCurrency", "credit.limit", "credit.balance"].map(merged);
        assert_eq!(taken, [json!("NOK"), json!("8"), json!("7")]);
    }

    async fn changes_since_a_merge_can_be_discarded(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let start = rows(&app).await;
        app.merged(&survivor, &absorbed).await;
        let group = app.create_group("customerGroupName: \"New\"").await;
        for (mutation, arguments) in [
            ("customerUpdate", json!({ "id": survivor, "input": { "customerName": "Changed", "customerGroupId": group } })),
            ("customerAddressCreate", json!({ "input": { "customerId": survivor, "city": "Moss", "isPrimary": true } })),
        ] {
            assert_eq!(app.mutate(mutation, arguments, "").await["userErrors"], json!([]));
        }
        assert_eq!(app.unmerge(&absorbed, true).await["userErrors"], json!([]));
        app.delete("customerGroup", &group).await;
        let after = rows(&app).await;
        for (table, rows) in start {
            assert_eq!(after[&table], rows, "{table}");
        }
    }

    async fn a_merge_can_be_undone_for_30_days(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        app.merged(&survivor, &absorbed).await;
        let read = async || app.read("customer", &survivor, "mergedFrom { mergedAt canUnmergeUntil }").await;
        let merged = &read().await["mergedFrom"][0];
        let time = |field: &str| -> Timestamp { merged[field].as_str().unwrap().parse().unwrap() };
        let days = (time("canUnmergeUntil").as_microseconds() - time("mergedAt").as_microseconds()) / 86_400_000_000;
        assert_eq!(days, 30);
        // Before the 30 days are over, no archive is emptied.
        let archived = async || {
            let rows = rows(&app).await;
            rows["customer_merges"].iter().any(|row| row.contains("Storgata"))
        };
        empty_old_archives(&app.db, time("canUnmergeUntil")).await.unwrap();
        assert!(archived().await);
        let long_ago = "UPDATE customer_merges SET merged_at = '2026-10-20T00:00:00.000000Z'";
        app.database.execute(long_ago).await;
        let expired = json!([{ "field": ["absorbedId"], "code": "EXPIRED",
            "message": "a merge can be undone within 30 days" }]);
        let over = json!([{ "mergedAt": "2026-10-20T00:00:00.000000Z", "canUnmergeUntil": null }]);
        assert_eq!(app.unmerge(&absorbed, true).await["userErrors"], expired);
        assert_eq!(read().await["mergedFrom"], over);
        empty_old_archives(&app.db, app.clock.now()).await.unwrap();
        assert!(!archived().await, "personal data is left");
        assert_eq!(app.unmerge(&absorbed, true).await["userErrors"], expired);
        assert_eq!(read().await["mergedFrom"], over);
        // The ids still redirect to the survivor.
        assert_eq!(app.read("customer", &absorbed, "id").await["id"], json!(survivor));
    }

    async fn a_survivor_is_deleted_with_all_that_it_has_absorbed(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        app.merged(&survivor, &absorbed).await;
        app.delete("customer", &survivor).await;
        let found = app.data("query($id: ID!) { node(id: $id) { id } customer(externalId: \"A-1\") { id } }",
            json!({ "id": absorbed })).await;
        assert_eq!(found, json!({ "node": null, "customer": null }));
        assert!(rows(&app).await["customer_merges"].is_empty());
        // Its external id is free again.
        app.create("customer", json!({ "customerName": "New", "externalId": "A-1" })).await;
    }

    async fn a_survivor_has_no_more_children_than_any_other_customer(app: App) {
        let mut both = Vec::new();
        for number in 0..2 {
            let addresses: Vec<Value> =
                (0..251).map(|it| json!({ "city": format!("{number} {it}") })).collect();
            both.push(app.create("customer", json!({ "customerName": "X", "addresses": addresses })).await);
        }
        let too_many = app.merge(&both[0], &both[1]).await;
        assert_eq!(too_many["userErrors"], json!([{ "field": ["absorbedId"], "code": "TOO_MANY",
            "message": "the survivor would have more than 500 addresses" }]));
        let addresses = app.read("customer", &both[1], "addresses { id }").await;
        for place in 0..2 {
            app.delete("customerAddress", addresses["addresses"][place]["id"].as_str().unwrap()).await;
        }
        app.merged(&both[0], &both[1]).await;
        let after = app.read("customer", &both[0], "addresses { city }").await;
        assert_eq!(after["addresses"].as_array().unwrap().len(), 500);
        assert_eq!(app.unmerge(&both[1], false).await["userErrors"], json!([]));
    }

    async fn imports_update_the_survivor(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        app.merged(&survivor, &absorbed).await;
        let shell = Shell::on(&app.database);
        let lines = [
            json!({ "externalId": "A-1", "customerName": "Ana Lund", "industry": "Ships" }),
            json!({ "externalId": "B-1", "customerName": "New" }),
            json!({ "externalId": "S-1", "customerName": "Ana Lund", "marketSegment": "Sea" }),
            json!({ "id": absorbed, "externalId": "A-1", "customerName": "Ana Lund", "gender": "f" }),
        ];
        let lines = lines.iter().map(|it| format!("{it}\n"));
        let file = lines.collect::<Vec<_>>().concat();
        shell.write("old.ndjson", file);
        let outcome = shell.run(&["import", "customers", "old.ndjson", "--tenant", "acme"]);
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(told.contains("1 created, 3 updated, 0 unchanged"), "{told}");
        let after = app.read("customer", &survivor, "externalId industry marketSegment gender").await;
        assert_eq!(after, json!({ "externalId": "S-1", "industry": "Ships", "marketSegment": "Sea", "gender": "f" }));
        let count = app.data("{ customers { totalCount } }", json!({})).await;
        assert_eq!(count["customers"]["totalCount"], 2);
        // A row that is matched by another key cannot have the external id of a merged customer.
        shell.write("other.ndjson", json!({ "externalId": "A-1", "emailId": "x@example.com", "customerName": "X" }).to_string());
        let options = ["import", "customers", "other.ndjson", "--tenant", "acme", "--match", "emailId"];
        let outcome = shell.run(&options);
        assert!(outcome.stderr.contains("another object of this type has this externalId"), "{}", outcome.stderr);
    }

    async fn merges_cost_no_statement_for_customers_that_exist(app: App) {
        let [survivor, absorbed] = app.rich_pair().await;
        let query = "query($id: ID!) { customer(id: $id) { customerName } }";
        let ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(app.statements(query, json!({ "id": survivor })).await, 1);
        assert_eq!(app.statements(ids, json!({ "ids": [survivor, absorbed] })).await, 1);
        app.merged(&survivor, &absorbed).await;
        assert_eq!(app.statements(query, json!({ "id": survivor })).await, 1);
        assert_eq!(app.statements(query, json!({ "id": absorbed })).await, 3);
        let many: Vec<&str> = std::iter::repeat_n(absorbed.as_str(), 50).collect();
        assert_eq!(app.statements(ids, json!({ "ids": many })).await, 3);
        let nothing = "customer_0000000000000000000000000000000f";
        // The row is looked up again, because a merge may be undone between the two statements.
        assert_eq!(app.statements(query, json!({ "id": nothing })).await, 3);
        assert_eq!(app.statements(query, json!({ "id": "nothing" })).await, 1);
    }
}
