//! Root lists of the children of all customers, programs and POS profiles.

use serde_json::{Value, json};

use crate::support::{
    app::App,
    types::{Type, children, with_lists},
};

/// The ids of parents, and of other objects that filters refer to.
struct Ids {
    customers: [String; 2],
    programs: [String; 2],
    groups: [String; 2],
    contact: String,
    profile: String,
}

impl Ids {
    /// The parent of the first items of a list.
    fn first_parent(&self, child: &Type) -> &str {
        match child.parent.as_ref().unwrap().0.as_str() {
            "Customer" => &self.customers[0],
            "LoyaltyProgram" => &self.programs[0],
            "PosProfile" => &self.profile,
            parent => panic!("there is no {parent}"),
        }
    }
}

impl App {
    /// Creates two parents of each kind. The first has two items in each list, and the second has
    /// one.
    async fn make_children(&self) -> Ids {
        let groups = [
            self.create_group("customerGroupName: \"G1\"").await,
            self.create_group("customerGroupName: \"G2\"").await,
        ];
        for (id, profile, group) in
            [("L-1", "till-1", 0), ("L-2", "till-1", 1), ("L-3", "till-2", 0)]
        {
            let link = json!({ "externalId": id, "posProfileId": profile, "customerGroupId": groups[group] });
            self.create("posCustomerGroup", link).await;
        }
        let tier = |id: &str, name: &str, min_spent: &str| json!({ "externalId": id, "tierName": name, "minSpent": min_spent, "collectionFactor": "1" });
        let program = |name: &str, tiers: Value| json!({ "loyaltyProgramName": name, "fromDate": "2026-01-01", "collections": tiers });
        let first = program("P1", json!([tier("T-1", "Base", "0"), tier("T-2", "Gold", "100.5")]));
        let second = program("P2", json!([tier("T-3", "Base", "0")]));
        let programs = [
            self.create("loyaltyProgram", first).await,
            self.create("loyaltyProgram", second).await,
        ];
        let first = json!({
            "customerName": "C1",
            "addresses": [
                { "externalId": "A-1", "isPrimary": true, "countryCode": "NO", "postalCode": "5003" },
                { "externalId": "A-2", "addressType": "INVOICE_ADDRESS", "countryCode": "SE", "postalCode": "111 51" },
            ],
            "contacts": [
                {
                    "externalId": "K-1", "isPrimary": true, "emailId": "ana@example.com", "mobileNo": "1",
                    "extensions": [{ "externalId": "E-2", "extensionCode": "SCHEDULER", "organizationUid": "7" }],
                },
                { "externalId": "K-2", "emailId": "bo@example.com", "mobileNo": "2" },
            ],
            "consents": [
                { "externalId": "N-1", "name": "mail", "status": true },
                { "externalId": "N-2", "name": "sms", "status": false },
            ],
            "extensions": [{ "externalId": "E-1", "extensionCode": "TWO", "organizationUid": "9" }],
            "supplierNumbers": [
                { "externalId": "S-1", "company": "Nord", "supplierNumber": "11" },
                { "externalId": "S-2", "supplierNumber": "12" },
            ],
        });
        let second = json!({
            "customerName": "C2",
            "addresses": [{ "externalId": "A-3" }],
            "contacts": [{ "externalId": "K-3" }],
            "consents": [{ "externalId": "N-3", "name": "mail", "status": false }],
            "extensions": [{ "externalId": "E-3", "extensionCode": "TWO" }],
            "supplierNumbers": [{ "externalId": "S-3", "company": "Nord", "supplierNumber": "13" }],
        });
        let named = |it: &Type, number| it.named(&it.external_id(number));
        let first = with_lists("Customer", first, |it| json!([named(it, 1), named(it, 2)]));
        let second = with_lists("Customer", second, |it| json!([named(it, 3)]));
        let customers =
            [self.create("customer", first).await, self.create("customer", second).await];
        let contacts = self.read("customer", &customers[0], "contacts { id }").await;
        let contact = contacts["contacts"][0]["id"].as_str().unwrap().to_owned();
        let profile = self.read("posProfile", "till-1", "id").await;
        let profile = profile["id"].as_str().unwrap().to_owned();
        Ids { customers, programs, groups, contact, profile }
    }

    /// The external ids of the listed children of this type.
    async fn listed(&self, child: &Type, arguments: &str, variables: Value) -> Vec<String> {
        let Type { name, many: list, .. } = child;
        let query = format!(
            "query($filter: {name}Filter) {{ {list}(filter: $filter{arguments}) {{
                totalCount nodes {{ externalId }} }} }}"
        );
        let mut data = self.data(&query, variables).await;
        let list = data[*list].take();
        let nodes = list["nodes"].as_array().unwrap();
        assert_eq!(list["totalCount"], nodes.len());
        nodes.iter().map(|it| it["externalId"].as_str().unwrap().to_owned()).collect()
    }
}

both! {
    async fn children_are_filtered_newest_first(app: App) {
        let ids = app.make_children().await;
        let ([c1, c2], [g1, g2]) = (&ids.customers, &ids.groups);
        let eq = |value: &str| json!({ "eq": value });
        let cases = [
            ("customerAddresses", json!({ "customerId": { "in": [c1, c2] } }), &["A-3", "A-2", "A-1"][..]),
            ("customerAddresses", json!({ "externalId": { "in": ["A-1", "A-3", "K-1"] } }), &["A-3", "A-1"]),
            ("customerAddresses", json!({ "addressType": { "eq": "INVOICE_ADDRESS" } }), &["A-2"]),
            ("customerAddresses", json!({ "addressType": { "in": ["INVOICE_ADDRESS", "DELIVERY_ADDRESS"] } }), &["A-3", "A-2", "A-1"]),
            ("customerAddresses", json!({ "isPrimary": { "eq": true } }), &["A-1"]),
            ("customerAddresses", json!({ "isPrimary": { "eq": false } }), &["A-3", "A-2"]),
            ("customerAddresses", json!({ "countryCode": eq("SE") }), &["A-2"]),
            ("customerAddresses", json!({ "countryCode": { "isNull": true } }), &["A-3"]),
            ("customerAddresses", json!({ "postalCode": { "in": ["5003", "111 51"] } }), &["A-2", "A-1"]),
            ("customerAddresses", json!({ "not": { "postalCode": eq("5003") } }), &["A-3", "A-2"]),
            ("customerContacts", json!({ "isPrimary": { "eq": true } }), &["K-1"]),
            ("customerContacts", json!({ "emailId": eq("bo@example.com") }), &["K-2"]),
            ("customerContacts", json!({ "emailId": { "isNull": false } }), &["K-2", "K-1"]),
            ("customerContacts", json!({ "mobileNo": eq("1") }), &["K-1"]),
            ("customerContacts", json!({ "or": [{ "mobileNo": eq("2") }, { "emailId": eq("ana@example.com") }] }), &["K-2", "K-1"]),
            ("customerConsents", json!({ "name": eq("mail") }), &["N-3", "N-1"]),
            ("customerConsents", json!({ "status": { "eq": true } }), &["N-1"]),
            ("customerConsents", json!({ "name": eq("mail"), "status": { "eq": false } }), &["N-3"]),
            ("customerExtensions", json!({ "contactId": eq(&ids.contact) }), &["E-2"]),
            ("customerExtensions", json!({ "contactId": { "isNull": true } }), &["E-3", "E-1"]),
            ("customerExtensions", json!({ "extensionCode": eq("TWO") }), &["E-3", "E-1"]),
            ("customerExtensions", json!({ "organizationUid": eq("7") }), &["E-2"]),
            ("loyaltyProgramCollections", json!({ "tierName": eq("Base") }), &["T-3", "T-1"]),
            ("loyaltyProgramCollections", json!({ "minSpent": { "gte": "100.50" } }), &["T-2"]),
            ("loyaltyProgramCollections", json!({ "minSpent": { "lt": "20" } }), &["T-3", "T-1"]),
            ("posCustomerGroups", json!({ "posProfileId": eq("till-1") }), &["L-2", "L-1"]),
            ("posCustomerGroups", json!({ "posProfileId": { "in": [ids.profile, "till-2"] } }), &["L-3", "L-2", "L-1"]),
            ("posCustomerGroups", json!({ "customerGroupId": eq(g1) }), &["L-3", "L-1"]),
            ("posCustomerGroups", json!({ "customerGroupId": { "in": [g2, c1] } }), &["L-2"]),
            ("supplierNumbersAtCustomer", json!({ "company": eq("Nord") }), &["S-3", "S-1"]),
            ("supplierNumbersAtCustomer", json!({ "company": { "isNull": true } }), &["S-2"]),
            ("supplierNumbersAtCustomer", json!({ "supplierNumber": { "in": ["12", "13"] } }), &["S-3", "S-2"]),
        ];
        for child in children() {
            let [first, second, third] = [1, 2, 3].map(|number| child.external_id(number));
            let with = async |filter| app.listed(child, "", json!({ "filter": filter })).await;
            assert_eq!(with(json!({})).await, [third.clone(), second.clone(), first.clone()]);
            let by_external_id = with(json!({ "externalId": eq(&second) })).await;
            assert_eq!(by_external_id, std::slice::from_ref(&second));
            let parent = child.parent_field().unwrap();
            assert_eq!(with(json!({ parent: eq(ids.first_parent(child)) })).await, [second, first]);
            let mut is_tested = false;
            for (_, filter, expected) in cases.iter().filter(|(list, ..)| *list == child.many) {
                assert_eq!(with(filter.clone()).await, *expected, "{} {filter}", child.many);
                is_tested = true;
            }
            assert!(is_tested, "{} needs the filters of its attributes", child.many);
        }
    }

    async fn children_are_ordered_and_filtered_by_time(app: App) {
        app.make_children().await;
        for child in children() {
            let (list, object, first) = (child.many, &child.one, child.external_id(1));
            // The object that was changed last comes last by `UPDATED_AT`, and keeps its position
            // by `CREATED_AT`.
            let changed = format!("{first}, changed");
            let arguments = json!({ "externalId": first, "input": { "externalId": changed } });
            let payload = app.mutate(&format!("{object}Update"), arguments, &format!("{object} {{ id createdAt updatedAt }}")).await;
            let (created, updated) = (&payload[object.as_str()]["createdAt"], &payload[object.as_str()]["updatedAt"]);
            assert!(created.is_string() && updated.is_string(), "{payload}");
            let ends = |listed: &[String]| [listed[0].clone(), listed[2].clone()];
            let by = async |order: &str| app.listed(child, &format!(", orderBy: {order}"), json!({})).await;
            let by_update = by("{ field: UPDATED_AT, direction: DESC }").await;
            assert_eq!(by_update[0], changed, "{list}");
            assert_eq!(ends(&by("{ field: UPDATED_AT }").await)[1], changed, "{list}");
            assert_eq!(ends(&by("{ field: CREATED_AT }").await)[0], changed, "{list}");
            let with = async |filter: Value| app.listed(child, "", json!({ "filter": filter })).await;
            assert_eq!(with(json!({ "createdAt": { "lte": created } })).await, by_update[..1], "{list}");
            assert_eq!(with(json!({ "createdAt": { "gt": created } })).await.len(), 2, "{list}");
            assert_eq!(with(json!({ "updatedAt": { "gte": updated } })).await, by_update[..1], "{list}");
            assert_eq!(with(json!({ "updatedAt": { "lt": updated } })).await.len(), 2, "{list}");
        }
    }
}
