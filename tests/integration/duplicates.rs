//! Probable duplicates: of one customer, and among all customers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::app::App;

const OF_CUSTOMER: &str = "query($id: ID!, $first: Int! = 10) { customer(id: $id) {
    duplicates(first: $first) { customer { customerName } duplicate { id customerName } score
        reasons { kind value } } } }";

const WALK: &str = "query($filter: CustomerFilter, $first: Int, $after: String) {
    customerDuplicates(filter: $filter, first: $first, after: $after) {
        pairs { customer { id customerName } duplicate { id customerName } score }
        hasNextPage endCursor
    } }";

const CREATE: &str = "mutation($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { id } userErrors { field message } } }";

const DECLARE: &str = "mutation { attributeDefinitionCreate(
    input: { noun: CUSTOMER, key: \"row\", type: NUMBER, isSearchable: true }) { userErrors { code } } }";

/// A tenant with a country, so that phone numbers match in any spelling.
struct Shop<'a> {
    app: &'a App,
    key: String,
}

impl<'a> Shop<'a> {
    async fn open(app: &'a App) -> Self {
        let (_, key) = app.make_tenant_in("north", "NO").await;
        Self { app, key }
    }

    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut response = self.app.query_as(&self.key, query, variables).await;
        assert_eq!(response.get("errors"), None, "{query}: {response}");
        response["data"].take()
    }

    async fn create(&self, name: &str, mut input: Value) -> String {
        input["customerName"] = json!(name);
        let data = self.data(CREATE, json!({ "input": input })).await;
        let id = data["customerCreate"]["customer"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{data}")).to_owned()
    }

    /// The duplicates of a customer, one line each.
    async fn duplicates(&self, id: &str) -> Vec<String> {
        let mut data = self.data(OF_CUSTOMER, json!({ "id": id })).await;
        let pairs = data["customer"]["duplicates"].take();
        pairs.as_array().unwrap().iter().map(line).collect()
    }

    async fn page(&self, first: usize, after: &Value) -> Value {
        let variables = json!({ "first": first, "after": after });
        self.data(WALK, variables).await["customerDuplicates"].take()
    }

    /// Pages through all pairs with this page size. Returns the pairs and the number of pages.
    async fn walk(&self, filter: Value, first: usize) -> (Vec<[String; 2]>, usize) {
        let (mut pairs, mut pages, mut after) = (Vec::new(), 0, Value::Null);
        loop {
            let variables = json!({ "filter": filter, "first": first, "after": after });
            let page = self.data(WALK, variables).await["customerDuplicates"].take();
            let found = page["pairs"].as_array().unwrap();
            assert!(found.len() <= first);
            for pair in found {
                let id = |end: &str| pair[end]["id"].as_str().unwrap().to_owned();
                pairs.push([id("customer"), id("duplicate")]);
            }
            pages += 1;
            if page["hasNextPage"] == false {
                return (pairs, pages);
            }
            assert!(pages < 100);
            after = page["endCursor"].clone();
        }
    }
}

/// The names of each pair of a page.
fn names(page: &Value) -> Vec<String> {
    let name = |pair: &Value, end: &str| pair[end]["customerName"].as_str().unwrap().to_owned();
    let pairs = page["pairs"].as_array().unwrap().iter();
    pairs.map(|pair| format!("{} {}", name(pair, "customer"), name(pair, "duplicate"))).collect()
}

fn line(pair: &Value) -> String {
    let reason = |it: &Value| format!("{} {}", it["kind"].as_str().unwrap(), it["value"]);
    let reasons: Vec<_> = pair["reasons"].as_array().unwrap().iter().map(reason).collect();
    let name = pair["duplicate"]["customerName"].as_str().unwrap();
    format!("{:.4} {name}: {}", pair["score"].as_f64().unwrap(), reasons.join(", "))
}

both! {
    async fn duplicates_share_a_rare_value(app: App) {
        let shop = Shop::open(&app).await;
        let it = shop.create("Åse Lund", json!({
            "mobileNo": "+47 912 34 567", "emailId": "Ase@Lund.example", "taxId": "NO 123-456",
            "loyaltyId": "4111-2222", "customerPosId": "77 88", "ledgerNumber": "555000",
            "addresses": [{ "postalCode": "SW1A 1AA", "phone": "22 33 44 55" }],
            "contacts": [{ "firstName": "Bo", "mobileNo": "0047 988 77 665", "emailId": "bo@lund.example" }],
        })).await;
        let others = [
            ("Phone", json!({ "mobileNo": "91234567" })),
            ("Phone of a contact", json!({ "contacts": [{ "mobileNo": "(+47) 98877665" }] })),
            ("Phone of an address", json!({ "mobileNo": "22334455" })),
            ("Mail", json!({ "emailId": "ASE@lund.example" })),
            ("Mail of an address", json!({ "addresses": [{ "emailId": "bo@LUND.example" }] })),
            ("Tax", json!({ "taxId": "no123456" })),
            ("Card", json!({ "loyaltyId": "41112222" })),
            ("Another card", json!({ "loyaltyId": "7788" })),
            ("ÅSE LUND", json!({ "addresses": [{ "postalCode": "sw1a1aa" }] })),
            ("ase lund", json!({ "mobileNo": "+47 91 23 45 67", "disabled": true,
                "addresses": [{ "postalCode": "0150" }, { "postalCode": "SW1A-1AA" }] })),
            ("All of it", json!({ "mobileNo": "91234567", "emailId": "ase@lund.example", "taxId": "NO123456",
                "customerPosId": "41112222" })),
            // Not a duplicate, although some of its texts have the same letters.
            ("Åse Lund", json!({ "addresses": [{ "postalCode": "0150" }] })),
            ("Åse Lund jr", json!({ "addresses": [{ "postalCode": "SW1A 1AA" }] })),
            ("Ledger", json!({ "taxId": "555000", "ledgerNumber": "NO123456" })),
            ("External", json!({ "externalId": "NO123456" })),
            ("Mail-like", json!({ "emailId": "ase@lund.example.com" })),
            ("Short phone", json!({ "mobileNo": "4567" })),
        ];
        for (name, input) in others {
            shop.create(name, input).await;
        }
        insta::assert_json_snapshot!("duplicates_by_reason", shop.duplicates(&it).await);
        let first = shop.data(OF_CUSTOMER, json!({ "id": it, "first": 2 })).await;
        assert_eq!(first["customer"]["duplicates"].as_array().unwrap().len(), 2);
        assert_eq!(first["customer"]["duplicates"][0]["customer"]["customerName"], "Åse Lund");
        let (_, other) = app.make_tenant_in("south", "NO").await;
        let other = Shop { app: &app, key: other };
        let alone = other.create("Åse Lund", json!({ "mobileNo": "+47 912 34 567" })).await;
        assert_eq!(other.duplicates(&alone).await, [""; 0]);
    }

    async fn a_value_that_many_customers_share_makes_no_duplicates(app: App) {
        let shop = Shop::open(&app).await;
        let exchange = json!({ "mobileNo": "+47 22 00 00 00", "addresses": [{ "postalCode": "0150" }] });
        let mut ids = Vec::new();
        for _ in 0..50 {
            ids.push(shop.create("Kari Hansen", exchange.clone()).await);
        }
        let variables = json!({ "id": ids[0], "first": 50 });
        let all = shop.data(OF_CUSTOMER, variables.clone()).await;
        assert_eq!(all["customer"]["duplicates"].as_array().unwrap().len(), 49);
        let twin = json!({ "mobileNo": "+47 22 00 00 00", "emailId": "kari@example.com",
            "addresses": [{ "postalCode": "0150" }] });
        let twin = shop.create("Kari Hansen", twin).await;
        assert_eq!(shop.duplicates(&twin).await, [""; 0]);
        let all = shop.data(OF_CUSTOMER, variables).await;
        assert_eq!(all["customer"]["duplicates"], json!([]));
        // Another text still matches.
        shop.create("Kari", json!({ "emailId": "KARI@example.com" })).await;
        assert_eq!(shop.duplicates(&twin).await, ["0.8000 Kari: EMAIL_ID \"kari@example.com\""]);
    }

    async fn each_pair_is_listed_once(app: App) {
        let shop = Shop::open(&app).await;
        shop.data(DECLARE, json!({})).await;
        let mut ids = Vec::new();
        for number in 0..12 {
            // Three customers with the same phone number, and some pairs by e-mail address, with other customers in
            // between.
            let input = json!({
                "mobileNo": (number % 5 == 0).then_some("+47 912 34 567"),
                "emailId": (number % 4 < 2).then(|| format!("m{}@example.com", number / 4)),
                "territory": if number < 6 { "A" } else { "B" },
                "attributes": [{ "key": "row", "value": { "number": number.to_string() } }],
            });
            ids.push(shop.create(&format!("C{number}"), input).await);
        }
        let pair = |a: usize, b: usize| BTreeSet::from([ids[a].clone(), ids[b].clone()]);
        let expected = BTreeSet::from([
            pair(0, 5), pair(0, 10), pair(5, 10), pair(0, 1), pair(4, 5), pair(8, 9),
        ]);
        let unordered = |pairs: &[[String; 2]]| -> BTreeSet<BTreeSet<String>> {
            pairs.iter().map(|pair| pair.iter().cloned().collect()).collect()
        };
        let (all, pages) = shop.walk(json!(null), 100).await;
        assert_eq!((unordered(&all), all.len(), pages), (expected.clone(), 6, 1));
        // In a pair, `customer` is the one that was created later.
        assert!(all.iter().all(|[customer, duplicate]| customer > duplicate), "{all:?}");
        for first in 1..=6 {
            let (paged, _) = shop.walk(json!(null), first).await;
            assert_eq!(paged, all, "{first}");
        }
        // One customer of a pair must match the filter; the other may be any customer.
        let filter = json!({ "territory": { "eq": "A" } });
        let (some, _) = shop.walk(filter, 2).await;
        let of_a = BTreeSet::from([pair(0, 5), pair(0, 10), pair(5, 10), pair(0, 1), pair(4, 5)]);
        assert_eq!((unordered(&some), some.len()), (of_a, 5));
        let (some, _) = shop.walk(json!({ "territory": { "eq": "B" } }), 3).await;
        let of_b = BTreeSet::from([pair(8, 9), pair(0, 10), pair(5, 10)]);
        assert_eq!((unordered(&some), some.len()), (of_b, 3));
        let above = json!({ "attribute": { "key": "row", "gt": { "number": "5" } } });
        for filter in [above.clone(), json!({ "not": { "not": above } })] {
            assert_eq!(shop.walk(filter, 3).await.0, some, "by a custom attribute");
        }
        let (none, pages) = shop.walk(json!({ "territory": { "eq": "C" } }), 3).await;
        assert_eq!((none.len(), pages), (0, 1));
    }

    async fn pairs_that_follow_are_listed_although_those_before_them_are_resolved(app: App) {
        let delete = "mutation($id: ID!) { customerDelete(id: $id) { userErrors { message } } }";
        let update = "mutation($id: ID!) {
            customerUpdate(id: $id, input: { customerDetails: \"merged\" }) { userErrors { message } } }";
        let shop = Shop::open(&app).await;
        // As a merge does, one customer of a pair is deleted, and the other one is changed.
        for (deleted, changed, expected) in [
            ("D4", "X", ["X D2", "X D1", "D3 D2", "D3 D1", "D2 D1"]),
            ("X", "D4", ["D4 D3", "D4 D2", "D4 D1", "D3 D2", "D3 D1"]),
        ] {
            let twin = json!({ "emailId": format!("{deleted}@example.com") });
            let mut ids = BTreeMap::new();
            for name in ["D1", "D2", "D3", "D4", "X"] {
                ids.insert(name, shop.create(name, twin.clone()).await);
            }
            let first = shop.page(2, &Value::Null).await;
            assert_eq!(names(&first), ["X D4", "X D3"]);
            shop.data(delete, json!({ "id": ids[deleted] })).await;
            for id in [&ids[changed], &ids["D2"]] {
                shop.data(update, json!({ "id": id })).await;
            }
            let rest = shop.page(5, &first["endCursor"]).await;
            assert_eq!(names(&rest), expected);
        }
    }

    async fn a_page_of_duplicates_examines_a_limited_number_of_customers(app: App) {
        let shop = Shop::open(&app).await;
        let last = shop.create("Twin", json!({ "emailId": "twin@example.com" })).await;
        let create = |number| format!(
            "c{number}: customerCreate(input: {{ customerName: \"N\" }}) {{ userErrors {{ code }} }} "
        );
        let created = (0..60).map(create).collect::<Vec<_>>().concat();
        for _ in 0..9 {
            shop.data(&format!("mutation {{ {created} }}"), json!({})).await;
        }
        let first = shop.create("Twin", json!({ "emailId": "twin@example.com" })).await;
        assert_eq!(shop.walk(json!(null), 20).await, (vec![[first.clone(), last.clone()]], 2));
        // The other customer is on the second page of customers without a territory.
        let update = "mutation($id: ID!) {
            customerUpdate(id: $id, input: { territory: \"A\" }) { userErrors { code } } }";
        shop.data(update, json!({ "id": first })).await;
        let filter = json!({ "territory": { "isNull": true } });
        let page = shop.data(WALK, json!({ "filter": filter })).await["customerDuplicates"].take();
        assert_eq!(page["pairs"], json!([]));
        assert_eq!(page["hasNextPage"], json!(true));
        assert_eq!(shop.walk(filter, 20).await, (vec![[last, first]], 2));
    }

    async fn the_statements_do_not_grow_with_the_customers(app: App) {
        let page = "{ customers(first: 50) { nodes { duplicates { score duplicate { customerName } }
            mergedFrom { id } } } }";
        let walk = "{ customerDuplicates(first: 50) { pairs { score customer { customerName }
            duplicate { customerName } } } }";
        let mut counted = Vec::new();
        for number in 0..16 {
            let input = json!({ "customerName": "Twin", "emailId": format!("t{}@example.com", number / 2),
                "addresses": [{ "postalCode": "0150" }] });
            let id = app.create("customer", input).await;
            if [3, 15].contains(&number) {
                let single = json!({ "id": id });
                let one = app.statements(OF_CUSTOMER, single).await;
                counted.push((one, app.statements(page, json!({})).await, app.statements(walk, json!({})).await));
            }
        }
        assert_eq!(counted[0], counted[1]);
        assert!(counted[0].2 <= 10, "{counted:?}");
    }

    async fn bad_arguments_are_refused(app: App) {
        let shop = Shop::open(&app).await;
        let id = shop.create("Ana", json!({})).await;
        let mut refused = serde_json::Map::new();
        let message = |response: Value| {
            assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{response}");
            response["errors"][0]["message"].clone()
        };
        for first in [0, -1, 51] {
            let response = app.query_as(&shop.key, OF_CUSTOMER, json!({ "id": id, "first": first })).await;
            refused.insert(format!("duplicates of {first}"), message(response));
        }
        let others = app.query_as(&shop.key, "{ customers { edges { cursor } } }", json!({})).await;
        let other = others["data"]["customers"]["edges"][0]["cursor"].as_str().unwrap().to_owned();
        for (name, variables) in [
            ("none", json!({ "first": 0 })),
            ("many", json!({ "first": 101 })),
            ("a text", json!({ "after": "?" })),
            ("another list", json!({ "after": other })),
            // Cursors of customerDuplicates with an invalid score or id.
            ("a score", json!({ "after": encoded(&["", "1", "", ""]) })),
            ("an id", json!({ "after": encoded(&["", "", "", "x"]) })),
            ("no duplicate", json!({ "after": encoded(&[&"0".repeat(32), "0.5", "", ""]) })),
        ] {
            let response = app.query_as(&shop.key, WALK, variables).await;
            refused.insert(name.to_owned(), message(response));
        }
        insta::assert_json_snapshot!("duplicates_refused", refused);
        // The cursor of a customer that no longer exists is still valid.
        let gone = encoded(&[&"0".repeat(32), "1e300", &"0".repeat(32), &"0".repeat(32)]);
        assert_eq!(shop.data(WALK, json!({ "after": gone })).await["customerDuplicates"]["pairs"], json!([]));
    }
}

fn encoded(fields: &[&str]) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(["customerDuplicates", &fields.join("\n")].join("\n"))
}
