//! Values in effect for customers: their own, those of their groups, and the tenant's defaults.

use clientele::models::api_key::Scope;
use serde_json::{Value, json};

use crate::support::app::App;

/// All values in effect, with their sources.
const EFFECTIVE: &str = "effective {
    defaultPriceList { value source { kind customerGroup { id externalId } } }
    paymentTerms { value source { kind customerGroup { customerGroupName } } }
    paymentTermsDays { value source { kind customerGroup { externalId } } }
    creditLimit { value source { kind customerGroup { externalId } } }
    language { value source { kind customerGroup { externalId } } }
}";

/// Only the price list, without the group's fields.
const PRICE_LIST: &str =
    "effective { defaultPriceList { value source { kind customerGroup { id } } } }";

const DEFAULTS: &str = "tenant { name createdAt defaults { defaultPriceList paymentTerms paymentTermsDays creditLimit language } }";

impl App {
    /// Creates groups on three levels, another one that inherits all values, a customer in each, and a customer without
    /// a group.
    async fn make_levels(&self) -> Levels {
        let fields = "externalId: \"root\", customerGroupName: \"Root\", isGroup: true,
            defaultPriceList: \"Root 1\", creditLimit: \"100.50\", language: \"en\"";
        let root = self.create_group(fields).await;
        let fields = format!(
            "externalId: \"area\", customerGroupName: \"Area\", isGroup: true, parentId: \"{root}\",
             defaultPriceList: \"Area 1\", paymentTerms: \"Net 30\", paymentTermsDays: 30"
        );
        let area = self.create_group(&fields).await;
        let fields = format!(
            "externalId: \"shop\", customerGroupName: \"Shop\", parentId: \"{area}\", paymentTermsDays: 0"
        );
        let shop = self.create_group(&fields).await;
        let other = self.create_group("externalId: \"other\", customerGroupName: \"Other\"").await;
        for (id, group) in
            [("c-root", &root), ("c-area", &area), ("c-shop", &shop), ("c-other", &other)]
        {
            let fields = format!(
                "externalId: \"{id}\", customerName: \"{id}\", customerGroupId: \"{group}\""
            );
            self.create_customer(&fields).await;
        }
        self.create_customer("externalId: \"c-none\", customerName: \"c-none\"").await;
        let own = format!(
            "externalId: \"c-own\", customerName: \"c-own\", customerGroupId: \"{shop}\",
             defaultPriceList: \"Own 1\", paymentTerms: \"Cash\", paymentTermsDays: 1,
             credit: {{ limit: \"0\" }}, language: \"nb\""
        );
        self.create_customer(&own).await;
        Levels { root, shop, other }
    }

    async fn update_tenant(&self, input: Value) -> Value {
        let payload = self.mutate("tenantUpdate", json!({ "input": input }), DEFAULTS).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload
    }

    async fn set_defaults(&self) {
        let input = json!({
            "defaultPriceList": "Tenant 1", "paymentTerms": "Prepaid", "paymentTermsDays": 5,
            "creditLimit": "7", "language": "de",
        });
        self.update_tenant(input).await;
    }

    /// The external ids of the customers that match.
    async fn matching(&self, filter: Value) -> Vec<String> {
        let query = "query($filter: CustomerFilter) { customers(first: 100, filter: $filter,
            orderBy: { field: CUSTOMER_NAME }) { totalCount nodes { externalId } } }";
        let list = self.data(query, json!({ "filter": filter })).await["customers"].take();
        let nodes = list["nodes"].as_array().unwrap();
        assert_eq!(list["totalCount"], nodes.len(), "{filter}");
        nodes.iter().map(|it| it["externalId"].as_str().unwrap().to_owned()).collect()
    }

    async fn matching_price_list(&self, test: Value) -> Vec<String> {
        self.matching(json!({ "effectivePriceList": test })).await
    }

    async fn change_group(&self, id: &str, input: Value) {
        let arguments = json!({ "id": id, "input": input });
        let payload = self.mutate("customerGroupUpdate", arguments, "").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }
}

struct Levels {
    root: String,
    shop: String,
    other: String,
}

both! {
    async fn a_value_comes_from_the_nearest_level(app: App) {
        app.make_levels().await;
        let all = format!("{{ customers(orderBy: {{ field: CREATED_AT }}) {{ nodes {{ externalId {EFFECTIVE} }} }} }}");
        insta::assert_json_snapshot!("effective_without_defaults", app.query(&all).await);
        app.set_defaults().await;
        insta::assert_json_snapshot!("effective_with_defaults", app.query(&all).await);
    }

    async fn a_value_follows_its_group(app: App) {
        let Levels { root, shop, other } = app.make_levels().await;
        app.set_defaults().await;
        let price_list = async |customer: &str| {
            let query = format!("{{ customer(externalId: \"{customer}\") {{ {PRICE_LIST} }} }}");
            app.data(&query, json!({})).await["customer"]["effective"]["defaultPriceList"].take()
        };
        let of_tenant = json!({ "value": "Tenant 1", "source": { "kind": "TENANT", "customerGroup": null } });
        // A group is moved with its customers.
        app.change_group(&shop, json!({ "parentId": root })).await;
        let of_root = json!({ "value": "Root 1", "source": { "kind": "CUSTOMER_GROUP", "customerGroup": { "id": root } } });
        assert_eq!(price_list("c-shop").await, of_root);
        app.change_group(&shop, json!({ "parentId": null })).await;
        assert_eq!(price_list("c-shop").await, of_tenant);
        assert_eq!(app.matching_price_list(json!({ "eq": "Tenant 1" })).await, ["c-none", "c-other", "c-shop"]);
        // A value is set and cleared.
        app.change_group(&shop, json!({ "defaultPriceList": "Shop 1" })).await;
        let of_shop = json!({ "value": "Shop 1", "source": { "kind": "CUSTOMER_GROUP", "customerGroup": { "id": shop } } });
        assert_eq!(price_list("c-shop").await, of_shop);
        app.change_group(&shop, json!({ "defaultPriceList": " " })).await;
        assert_eq!(price_list("c-shop").await, of_tenant);
        app.update_tenant(json!({ "defaultPriceList": null })).await;
        assert_eq!(price_list("c-shop").await, json!({ "value": null, "source": null }));
        assert_eq!(app.matching_price_list(json!({ "isNull": true })).await, ["c-none", "c-other", "c-shop"]);
        // A customer moves to another primary group, and to none.
        let change = async |group: Option<&str>| {
            let query = format!(
                "mutation($group: ID) {{ customerUpdate(externalId: \"c-root\", input: {{ customerGroupId: $group }}) {{
                    customer {{ {PRICE_LIST} }} userErrors {{ message }} }} }}"
            );
            app.data(&query, json!({ "group": group })).await["customerUpdate"]["customer"]["effective"].take()
        };
        app.change_group(&other, json!({ "defaultPriceList": "Other 1" })).await;
        assert_eq!(change(Some(&other)).await["defaultPriceList"]["value"], "Other 1");
        assert_eq!(change(None).await["defaultPriceList"]["value"], Value::Null);
    }

    async fn values_in_effect_are_the_same_wherever_a_customer_is_selected(app: App) {
        app.make_levels().await;
        app.set_defaults().await;
        let query = format!("{{ customer(externalId: \"c-shop\") {{ id {PRICE_LIST} }} }}");
        let customer = app.data(&query, json!({})).await["customer"].take();
        let (id, expected) = (&customer["id"], &customer["effective"]);
        assert_eq!(expected["defaultPriceList"]["value"], "Area 1");
        let query = format!(
            "query($id: ID!) {{
                node(id: $id) {{ ... on Customer {{ {PRICE_LIST} }} }}
                nodes(ids: [$id]) {{ ... on Customer {{ {PRICE_LIST} }} }}
                customerGroup(externalId: \"shop\") {{ customers(last: 1) {{ edges {{ node {{ {PRICE_LIST} }} }} }} }}
            }}"
        );
        let found = app.data(&query, json!({ "id": id })).await;
        assert_eq!(found["node"]["effective"], *expected);
        assert_eq!(found["nodes"][0]["effective"], *expected);
        assert_eq!(found["customerGroup"]["customers"]["edges"][0]["node"]["effective"], *expected);
        let create = format!(
            "mutation {{ customerCreate(input: {{ customerName: \"New\", defaultPriceList: \"New 1\" }}) {{
                customer {{ {EFFECTIVE} }} userErrors {{ message }} }} }}"
        );
        insta::assert_json_snapshot!("effective_in_a_payload", app.query(&create).await);
    }

    async fn all_values_in_effect_take_one_statement(app: App) {
        app.make_levels().await;
        app.set_defaults().await;
        for number in 0..20 {
            app.create_customer(&format!("customerName: \"More {number}\"")).await;
        }
        for page in [1, 6, 20] {
            let statements = async |fields: &str| {
                let query = format!("query($n: Int!) {{ customers(last: $n) {{ nodes {{ id {fields} }} }} }}");
                app.statements(&query, json!({ "n": page })).await
            };
            let without = statements("").await;
            assert_eq!(statements(PRICE_LIST).await, without + 1, "{page}");
            let twice = format!("{PRICE_LIST} again: {PRICE_LIST} customerGroup {{ id }}");
            let groups = statements("customerGroup { id }").await;
            assert_eq!(statements(&twice).await, groups + 1, "{page}");
        }
        // One more statement reads the groups if fields other than their ids are selected.
        let named = "{ customers(last: 20) { nodes { effective {
            defaultPriceList { source { customerGroup { customerGroupName } } }
            creditLimit { source { customerGroup { externalId parentId } } } } } } }";
        assert_eq!(app.statements(named, json!({})).await, 3);
    }

    async fn customers_are_filtered_by_their_effective_price_list(app: App) {
        app.make_levels().await;
        let found = async |test: Value| app.matching_price_list(test).await;
        assert_eq!(found(json!({ "isNull": true })).await, ["c-none", "c-other"]);
        assert_eq!(found(json!({ "isNull": false })).await, ["c-area", "c-own", "c-root", "c-shop"]);
        assert_eq!(found(json!({ "eq": "Tenant 1" })).await, [""; 0]);
        app.set_defaults().await;
        assert_eq!(found(json!({ "isNull": true })).await, [""; 0]);
        // The area's value overrides the root's, and the customer's own value overrides the area's.
        assert_eq!(found(json!({ "eq": "Root 1" })).await, ["c-root"]);
        assert_eq!(found(json!({ "eq": " Area 1 " })).await, ["c-area", "c-shop"]);
        assert_eq!(found(json!({ "eq": "area 1" })).await, [""; 0]);
        assert_eq!(found(json!({ "eq": "Own 1" })).await, ["c-own"]);
        assert_eq!(found(json!({ "eq": "Tenant 1" })).await, ["c-none", "c-other"]);
        assert_eq!(found(json!({ "in": ["Tenant 1", "Root 1", "Own 1", "None"] })).await, ["c-none", "c-other", "c-own", "c-root"]);
        assert_eq!(found(json!({ "in": [] })).await, [""; 0]);
        assert_eq!(found(json!({ "in": ["Root 1", "Area 1"], "eq": "Root 1" })).await, ["c-root"]);
        let list = |name: &str| json!({ "effectivePriceList": { "eq": name } });
        assert_eq!(
            app.matching(json!({ "not": list("Area 1") })).await,
            ["c-none", "c-other", "c-own", "c-root"]
        );
        let any = json!({ "or": [list("Own 1"), list("Root 1"), { "externalId": { "eq": "c-none" } }] });
        assert_eq!(app.matching(any.clone()).await, ["c-none", "c-own", "c-root"]);
        assert_eq!(app.matching(json!({ "and": [any, { "not": list("Own 1") }] })).await, ["c-none", "c-root"]);
        // More price lists in one filter than are looked up in advance.
        let many: Vec<Value> = ["Own 1", "Root 1", "x", "y", "z", "Area 1", "Tenant 1"].map(list).into();
        assert_eq!(app.matching(json!({ "or": many })).await.len(), 6);
        let none: Vec<Value> = ["x", "y", "z", "Root 1", "Area 1", "Tenant 1"].map(|it| json!({ "not": list(it) })).into();
        assert_eq!(app.matching(json!({ "and": none })).await, ["c-own"]);
        // A filter in lists within a list.
        let nested = "{ customerGroups(orderBy: { field: CREATED_AT }) { nodes { externalId
            customers(includeDescendants: true, orderBy: { field: CUSTOMER_NAME },
                filter: { effectivePriceList: { in: [\"Area 1\", \"Tenant 1\"] } }) { totalCount nodes { externalId } } } } }";
        insta::assert_json_snapshot!("filtered_by_effective_price_list", app.query(nested).await);
    }

    async fn the_filter_takes_the_same_statements_for_any_number_of_rows(app: App) {
        app.make_levels().await;
        let query = "query($n: Int!) { customers(first: $n, filter: { effectivePriceList: { eq: \"Root 1\" } }) {
            totalCount nodes { id } } }";
        let before = app.statements(query, json!({ "n": 1 })).await;
        let mut parent = "root".to_owned();
        for number in 0..20 {
            let above = app.data("query($id: String!) { customerGroup(externalId: $id) { id } }", json!({ "id": parent })).await;
            parent = format!("level-{number}");
            let fields = format!(
                "externalId: \"{parent}\", customerGroupName: \"{parent}\", isGroup: true, parentId: {}",
                above["customerGroup"]["id"]
            );
            let group = app.create_group(&fields).await;
            app.create_customer(&format!("externalId: \"{number}\", customerName: \"{number}\", customerGroupId: \"{group}\"")).await;
        }
        assert_eq!(app.matching_price_list(json!({ "eq": "Root 1" })).await.len(), 21);
        assert_eq!(app.statements(query, json!({ "n": 20 })).await, before);
    }

    async fn the_tenant_has_defaults(app: App) {
        let query = format!("{{ {DEFAULTS} }}");
        insta::assert_json_snapshot!("tenant", app.query(&query).await);
        let update = format!(
            "mutation($input: TenantUpdateInput!) {{ tenantUpdate(input: $input) {{
                {DEFAULTS} userErrors {{ field code message }} }} }}"
        );
        let update = async |input: Value| app.query_with(&update, json!({ "input": input })).await;
        let all = json!({
            "defaultPriceList": " Retail ", "paymentTerms": "Net 30", "paymentTermsDays": 30,
            "creditLimit": 1000.50, "language": "",
        });
        insta::assert_json_snapshot!("tenant_updated", update(all).await);
        // Omitted fields keep their values.
        let updated = update(json!({ "paymentTerms": null, "language": "es" })).await;
        insta::assert_json_snapshot!("tenant_updated_partly", updated);
        assert_eq!(update(json!({})).await, updated);
        let read = app.query(&query).await;
        assert_eq!(read["data"]["tenant"], updated["data"]["tenantUpdate"]["tenant"]);
        let wrong = json!({
            "defaultPriceList": "x".repeat(256), "paymentTerms": "two\nlines", "paymentTermsDays": -1,
            "creditLimit": "-0.01", "language": "\u{0}",
        });
        insta::assert_json_snapshot!("tenant_not_updated", update(wrong).await);
        assert_eq!(app.query(&query).await, read);
        for (field, value) in [
            ("defaultPriceList", json!(1)),
            ("paymentTermsDays", json!("30")),
            ("paymentTermsDays", json!(1.5)),
            ("creditLimit", json!("a lot")),
            ("language", json!(["nb"])),
            ("name", json!("other")),
        ] {
            let answer = update(json!({ field: value })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{field}: {answer}");
        }
        assert_eq!(app.query(&query).await, read);
    }

    async fn only_an_administrator_changes_the_defaults(app: App) {
        app.set_defaults().await;
        for scope in [Scope::Read, Scope::Write] {
            let key = app.make_key(scope, scope.name(), None).await;
            let read = app.query_as(&key, &format!("{{ {DEFAULTS} }}"), json!({})).await;
            assert_eq!(read["data"]["tenant"]["defaults"]["language"], "de");
            let update = "mutation { tenantUpdate(input: { language: \"nb\" }) { userErrors { message } } }";
            let refused = app.query_as(&key, update, json!({})).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
            assert_eq!(refused["data"]["tenantUpdate"], Value::Null);
        }
        let read = app.query(&format!("{{ {DEFAULTS} }}")).await;
        assert_eq!(read["data"]["tenant"]["defaults"]["language"], "de");
    }
}
