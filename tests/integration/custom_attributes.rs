//! Custom attributes: their definitions, and their values.

use clientele::models::api_key::Scope;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::App;

const DEFINITION: &str =
    "attributeDefinition { id noun key type isList isUnique isSearchable description choices
    createdAt updatedAt createdBy lastModifiedBy }";

/// The nouns, each with the prefix of its queries and mutations, and the input of a new object.
fn nouns() -> [(&'static str, &'static str, Value); 4] {
    [
        ("CUSTOMER", "customer", json!({ "customerName": "Ana" })),
        ("CUSTOMER_GROUP", "customerGroup", json!({ "customerGroupName": "Shops" })),
        (
            "LOYALTY_PROGRAM",
            "loyaltyProgram",
            json!({ "loyaltyProgramName": "Club", "fromDate": "2026-01-01" }),
        ),
        ("POS_PROFILE", "posProfile", json!({ "posProfileId": "till" })),
    ]
}

pub const ATTRIBUTES: &str = "attributes { key type isList
    value { text number flag day choice money { amount currency } }
    values { text number flag day choice money { amount currency } } }";

/// A value of each type: the key, the further fields of its definition, and the value.
fn of_each_type() -> [(&'static str, Value, Value); 7] {
    [
        ("birthday", json!({ "type": "DAY" }), json!({ "day": "1990-02-28" })),
        (
            "budget",
            json!({ "type": "MONEY" }),
            json!({ "money": { "amount": "12.50", "currency": "EUR" } }),
        ),
        ("isVip", json!({ "type": "FLAG" }), json!({ "flag": false })),
        ("nickname", json!({ "type": "TEXT" }), json!({ "text": "  Åse \"the\\one\" " })),
        ("shoeSize", json!({ "type": "NUMBER" }), json!({ "number": "42.5" })),
        (
            "store",
            json!({ "type": "CHOICE", "choices": ["Oslo", "Bergen"] }),
            json!({ "choice": "Bergen" }),
        ),
        (
            "topics",
            json!({ "type": "TEXT", "isList": true }),
            json!([{ "text": "wine" }, { "text": "Beer" }, { "text": "wine" }]),
        ),
    ]
}

impl App {
    /// Declares an attribute. Returns the id of its definition.
    pub async fn define(&self, noun: &str, key: &str, fields: Value) -> String {
        let mut input = json!({ "noun": noun, "key": key });
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.create("attributeDefinition", input).await
    }

    /// Declares an attribute of each type. Returns the input `attributes` of an object that has all of them.
    async fn define_each_type(&self, noun: &str) -> Vec<Value> {
        let mut input = Vec::new();
        for (key, definition, value) in of_each_type() {
            self.define(noun, key, definition).await;
            let given = if value.is_array() { "values" } else { "value" };
            input.push(json!({ "key": key, given: value }));
        }
        input
    }

    /// Updates an object's attributes. Returns the user errors.
    async fn set(&self, field: &str, id: &str, attributes: Value) -> Value {
        let arguments = json!({ "id": id, "input": { "attributes": attributes } });
        self.mutate(&format!("{field}Update"), arguments, "").await["userErrors"].take()
    }
}

/// An input with one attribute.
fn one(key: &str, value: &Value) -> Value {
    json!([{ "key": key, "value": value }])
}

both! {
    async fn definitions_are_created_changed_and_deleted(app: App) {
        let input = json!({
            "noun": "CUSTOMER", "key": " store ", "type": "CHOICE", "choices": [" Oslo ", "Bergen"],
            "description": " Where the customer shops ", "isSearchable": true,
        });
        let created =
            app.mutate("attributeDefinitionCreate", json!({ "input": input }), DEFINITION).await;
        let id = created["attributeDefinition"]["id"].as_str().unwrap().to_owned();
        app.define("CUSTOMER", "card", json!({ "type": "TEXT", "isUnique": true })).await;
        app.define("CUSTOMER_GROUP", "store", json!({ "type": "NUMBER", "isList": true })).await;
        let mut changes = Vec::new();
        for input in [
            json!({}),
            json!({ "choices": ["Bergen", "Oslo", "Tromsø"], "description": null }),
            json!({ "type": null, "isList": true, "isUnique": true, "isSearchable": false }),
            json!({ "type": "MONEY", "choices": [], "description": "Limit" }),
        ] {
            let arguments = json!({ "id": id, "input": input });
            changes.push(app.mutate("attributeDefinitionUpdate", arguments, DEFINITION).await);
        }
        let query = "{ attributeDefinitions(noun: CUSTOMER) { noun key type choices }
            none: attributeDefinitions(noun: POS_PROFILE) { key }
            attributeDefinition(noun: CUSTOMER_GROUP, key: \"store\") { key type isList }
            missing: attributeDefinition(noun: CUSTOMER, key: \"Store\") { key }
            strange: attributeDefinition(noun: CUSTOMER, key: \"a\\u0000b\") { key } }";
        let read = app.data(query, json!({})).await;
        app.delete("attributeDefinition", &id).await;
        let again = app.mutate("attributeDefinitionDelete", json!({ "id": id }), "deletedId").await;
        let left = app.data("{ attributeDefinitions(noun: CUSTOMER) { key } }", json!({})).await;
        insta::assert_json_snapshot!(
            "custom_attributes_definitions",
            json!({ "created": created, "changes": changes, "read": read, "again": again, "left": left })
        );
    }

    async fn a_definition_that_breaks_a_rule_is_refused(app: App) {
        app.define("CUSTOMER", "store", json!({ "type": "TEXT" })).await;
        let long = "x".repeat(256);
        let many: Vec<String> = (0..101).map(|it| it.to_string()).collect();
        let mut refused = Vec::new();
        for input in [
            json!({ "key": "store", "type": "NUMBER" }),
            json!({ "key": "", "type": "NUMBER" }),
            json!({ "key": "1st", "type": "NUMBER" }),
            json!({ "key": "a.b", "type": "NUMBER" }),
            json!({ "key": "å", "type": "NUMBER" }),
            json!({ "key": "x".repeat(65), "type": "NUMBER", "description": long }),
            json!({ "key": "a", "type": "CHOICE" }),
            json!({ "key": "a", "type": "CHOICE", "choices": ["", "b", " b", long, "a\nb", "\u{200b}"] }),
            json!({ "key": "a", "type": "CHOICE", "choices": many }),
            json!({ "key": "a", "type": "TEXT", "choices": ["b"] }),
        ] {
            let mut all = json!({ "noun": "CUSTOMER" });
            all.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            let made = app.mutate("attributeDefinitionCreate", json!({ "input": all }), DEFINITION).await;
            refused.push(json!({ "input": input["key"], "payload": made }));
        }
        // The 101st attribute of a noun is rejected; those of other nouns do not count.
        for number in 1..100 {
            app.define("CUSTOMER", &format!("a{number}"), json!({ "type": "FLAG" })).await;
        }
        let input = json!({ "noun": "CUSTOMER", "key": "tooMany", "type": "FLAG" });
        let made = app.mutate("attributeDefinitionCreate", json!({ "input": input }), DEFINITION).await;
        refused.push(made);
        app.define("POS_PROFILE", "a1", json!({ "type": "FLAG" })).await;
        insta::assert_json_snapshot!("custom_attributes_bad_definitions", refused);
    }

    async fn only_an_administrator_declares_attributes(app: App) {
        let id = app.define("CUSTOMER", "store", json!({ "type": "TEXT" })).await;
        let create = "mutation { attributeDefinitionCreate(input: { noun: CUSTOMER, key: \"a\", type: FLAG }) {
            userErrors { code } } }".to_owned();
        let update = format!("mutation {{ attributeDefinitionUpdate(id: \"{id}\", input: {{}}) {{ userErrors {{ code }} }} }}");
        let delete = format!("mutation {{ attributeDefinitionDelete(id: \"{id}\", deleteValues: true) {{ deletedId }} }}");
        for scope in [Scope::Read, Scope::Write] {
            let key = app.make_key(scope, &format!("{scope:?}"), None).await;
            for mutation in [&create, &update, &delete] {
                let response = app.query_as(&key, mutation, json!({})).await;
                assert_eq!(response["errors"][0]["extensions"]["code"], "FORBIDDEN", "{response}");
            }
            let read = "{ attributeDefinitions(noun: CUSTOMER) { key } }";
            let response = app.query_as(&key, read, json!({})).await;
            assert_eq!(response, json!({ "data": { "attributeDefinitions": [{ "key": "store" }] } }));
        }
    }

    async fn values_are_written_and_read_for_every_noun(app: App) {
        let mut read = Vec::new();
        for (noun, field, mut new) in nouns() {
            let input = app.define_each_type(noun).await;
            new["attributes"] = json!(input);
            let arguments = json!({ "input": new });
            let selection = format!("{field} {{ id updatedAt {ATTRIBUTES} }}");
            let created = app.mutate(&format!("{field}Create"), arguments, &selection).await;
            let id = created[field]["id"].as_str().unwrap().to_owned();
            // Omitted attributes keep their values. An attribute without a value is cleared.
            let changes = json!([
                { "key": "shoeSize", "value": { "number": 7 } }, { "key": "store" },
                { "key": "topics", "values": [{ "text": "Gin" }] }, { "key": "nickname", "value": { "text": " " } },
            ]);
            let arguments = json!({ "id": id, "input": { "attributes": changes } });
            let updated = app.mutate(&format!("{field}Update"), arguments.clone(), &selection).await;
            // The same update again changes nothing.
            let again = app.mutate(&format!("{field}Update"), arguments, &selection).await;
            assert_eq!(again, updated);
            let some = "size: attribute(key: \"shoeSize\") { value { number } }
                none: attribute(key: \"store\") { key } unknown: attribute(key: \"?\") { key }";
            let some = app.read(field, &id, some).await;
            read.push(json!({ "created": created, "updated": updated, "some": some }));
            app.set(field, &id, json!([{ "key": "topics", "values": [] }])).await;
            let left = app.read(field, &id, "attributes { key }").await;
            assert_eq!(left, json!({ "attributes": [
                { "key": "birthday" }, { "key": "budget" }, { "key": "isVip" }, { "key": "shoeSize" },
            ] }));
        }
        insta::assert_json_snapshot!("custom_attributes_values", read);
    }

    async fn a_value_that_is_not_allowed_is_refused(app: App) {
        app.define_each_type("CUSTOMER").await;
        let id = app.create_customer(r#"customerName: "Ana""#).await;
        let before = app.read("customer", &id, &format!("updatedAt {ATTRIBUTES}")).await;
        let text = |text: &str| json!({ "text": text });
        let mut refused = Vec::new();
        for attributes in [
            // Values of another type, of several types, and of none.
            json!([{ "key": "shoeSize", "value": text("42") }, { "key": "isVip", "value": { "number": 1 } },
                { "key": "birthday", "value": { "text": "2026-01-01" } }, { "key": "nickname", "value": { "flag": true } },
                { "key": "store", "value": text("Oslo") }, { "key": "budget", "value": { "number": 3 } },
                { "key": "topics", "values": [text("a"), { "choice": "b" }, {}] }]),
            json!([{ "key": "shoeSize", "value": {} }, { "key": "nickname", "value": { "text": "a", "flag": true } }]),
            // Not among the choices, no currency, too long, with line breaks.
            json!([{ "key": "store", "value": { "choice": "oslo" } }, { "key": "nickname", "value": text(&"x".repeat(256)) },
                { "key": "budget", "value": { "money": { "amount": 1, "currency": "eur" } } },
                { "key": "topics", "values": [text("a\nb")] }]),
            json!([{ "key": "budget", "value": { "money": { "amount": 1, "currency": " " } } }]),
            // One value instead of a list, a list instead of one value, and both.
            json!([{ "key": "topics", "value": text("a") }, { "key": "shoeSize", "values": [{ "number": 1 }] },
                { "key": "nickname", "value": text("a"), "values": [text("b")] }]),
            json!([{ "key": "topics", "values": vec![text("a"); 51] }]),
            // An unknown key, and a key that is given twice.
            json!([{ "key": "Store", "value": text("a") }, { "key": "a\u{0}", "value": null },
                { "key": "isVip", "value": { "flag": true } }, { "key": "isVip" }]),
            Value::from((0..101).map(|it| json!({ "key": format!("a{it}") })).collect::<Vec<_>>()),
        ] {
            refused.push(app.set("customer", &id, attributes).await);
        }
        // Together with violations of the object itself, in an update and a creation.
        let input = json!({ "customerName": "", "attributes": one("shoeSize", &text("a")) });
        let made = app.mutate("customerCreate", json!({ "input": input }), "customer { id }").await;
        refused.push(made);
        insta::assert_json_snapshot!("custom_attributes_bad_values", refused);
        assert_eq!(app.read("customer", &id, &format!("updatedAt {ATTRIBUTES}")).await, before);
        let missing = app.set("customer", "customer_0", one("shoeSize", &json!({ "number": 1 }))).await;
        assert_eq!(missing[0]["code"], "NOT_FOUND");
        assert_eq!(app.data("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"], 1);
    }

    async fn an_attribute_with_values_keeps_its_type(app: App) {
        let mut refused = Vec::new();
        for (noun, field, mut new) in nouns() {
            let store = json!({ "type": "CHOICE", "choices": ["Oslo", "Bergen"] });
            let store = app.define(noun, "store", store).await;
            let topics = app.define(noun, "topics", json!({ "type": "TEXT", "isList": true })).await;
            new["attributes"] = json!([{ "key": "store", "value": { "choice": "Oslo" } },
                { "key": "topics", "values": [{ "text": "a" }, { "text": "a" }] }]);
            let id = app.create(field, new).await;
            for (definition, input) in [
                (&store, json!({ "type": "TEXT", "choices": [] })),
                (&store, json!({ "isList": true })),
                (&store, json!({ "choices": ["Bergen"] })),
                (&topics, json!({ "isList": false, "type": "NUMBER" })),
                (&topics, json!({ "isUnique": true })),
            ] {
                let arguments = json!({ "id": definition, "input": input });
                let payload = app.mutate("attributeDefinitionUpdate", arguments, "attributeDefinition { id }").await;
                refused.push(json!({ "noun": noun, "input": input, "payload": payload }));
            }
            let payload = app.mutate("attributeDefinitionDelete", json!({ "id": store }), "deletedId").await;
            refused.push(json!({ "noun": noun, "delete": payload["userErrors"] }));
            // A change that affects no value is allowed. Once there are no values, every change is allowed.
            let free = json!({ "id": store, "input": { "choices": ["Tromsø", "Oslo"], "isUnique": true, "isSearchable": true } });
            assert_eq!(app.mutate("attributeDefinitionUpdate", free, "").await, json!({ "userErrors": [] }));
            let all = json!({ "id": topics, "deleteValues": true });
            let deleted = app.mutate("attributeDefinitionDelete", all, "deletedId").await;
            assert_eq!(deleted, json!({ "deletedId": topics, "userErrors": [] }));
            let left = app.read(field, &id, "attributes { key values { choice } }").await;
            assert_eq!(left, json!({ "attributes": [{ "key": "store", "values": [{ "choice": "Oslo" }] }] }));
            // The values of an object are deleted with it.
            app.delete(field, &id).await;
            let other = json!({ "id": store, "input": { "type": "FLAG", "isList": true, "choices": [] } });
            assert_eq!(app.mutate("attributeDefinitionUpdate", other, "").await, json!({ "userErrors": [] }));
            app.delete("attributeDefinition", &store).await;
        }
        insta::assert_json_snapshot!("custom_attributes_in_use", refused);
    }

    async fn a_unique_value_belongs_to_one_object(app: App) {
        let card = app.define("CUSTOMER", "card", json!({ "type": "TEXT", "isUnique": true })).await;
        app.define("CUSTOMER", "tags", json!({ "type": "TEXT", "isUnique": true, "isList": true })).await;
        app.define("CUSTOMER_GROUP", "card", json!({ "type": "TEXT", "isUnique": true })).await;
        let ana = app.create_customer(r#"customerName: "Ana", attributes: [{ key: "card", value: { text: "1" } },
            { key: "tags", values: [{ text: "a" }, { text: "b" }] }]"#).await;
        let bo = app.create_customer(r#"customerName: "Bo""#).await;
        app.create_group(r#"customerGroupName: "Shops", attributes: [{ key: "card", value: { text: "1" } }]"#).await;
        let text = |text: &str| json!({ "text": text });
        let mut responses = Vec::new();
        for attributes in [
            one("card", &text("1")),
            json!([{ "key": "tags", "values": [text("c"), text("b")] }, { "key": "card", "value": text("1") }]),
            // Twice in one list.
            json!([{ "key": "tags", "values": [text("c"), text("c")] }]),
            one("card", &text("2")),
        ] {
            responses.push(app.set("customer", &bo, attributes).await);
        }
        let input = json!({ "customerName": "Cy", "attributes": one("card", &text("2")) });
        responses.push(app.mutate("customerCreate", json!({ "input": input }), "customer { id }").await);
        // An object may keep its own value, and a value that is free again can be reused.
        responses.push(app.set("customer", &ana, json!([{ "key": "card", "value": text("1") },
            { "key": "tags", "values": [text("b"), text("a")] }])).await);
        responses.push(app.set("customer", &bo, json!([{ "key": "card" }])).await);
        responses.push(app.set("customer", &ana, one("card", &text("2"))).await);
        insta::assert_json_snapshot!("custom_attributes_unique", responses);

        // Without `isUnique`, two customers can have the same value. As long as they do, it cannot be set again.
        let rule = |is_unique: bool| json!({ "id": card, "input": { "isUnique": is_unique } });
        assert_eq!(app.mutate("attributeDefinitionUpdate", rule(false), "").await["userErrors"], json!([]));
        assert_eq!(app.set("customer", &bo, one("card", &text("2"))).await, json!([]));
        let refused = app.mutate("attributeDefinitionUpdate", rule(true), "").await;
        assert_eq!(refused["userErrors"][0]["code"], "TAKEN");
        assert_eq!(app.set("customer", &bo, one("card", &text("3"))).await, json!([]));
        assert_eq!(app.mutate("attributeDefinitionUpdate", rule(true), "").await["userErrors"], json!([]));
        assert_eq!(app.set("customer", &bo, one("card", &text("2"))).await[0]["code"], "TAKEN");
    }

    async fn of_equal_unique_values_written_concurrently_one_is_stored(app: App) {
        app.define("CUSTOMER", "card", json!({ "type": "TEXT", "isUnique": true })).await;
        let create = |number: usize| {
            let app = &app;
            let input = json!({ "customerName": number.to_string(), "attributes": one("card", &json!({ "text": "1" })) });
            async move { app.mutate("customerCreate", json!({ "input": input }), "customer { customerName }").await }
        };
        let responses = join_all((0..12).map(create)).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|it| it["userErrors"] == json!([]));
        assert_eq!(made.len(), 1, "{made:?}");
        for response in refused {
            assert_eq!(response, json!({ "customer": null, "userErrors": [{
                "field": ["input", "attributes", "0", "value"], "code": "TAKEN",
                "message": "another customer has this value of \"card\"",
            }] }));
        }
        let customers = app.data("{ customers { totalCount } }", json!({})).await;
        assert_eq!(customers["customers"]["totalCount"], 1);
    }

    async fn a_type_that_changes_concurrently_with_a_value_fits_it(app: App) {
        for round in 0..8 {
            let key = format!("size{round}");
            let id = app.define("CUSTOMER", &key, json!({ "type": "NUMBER" })).await;
            let input = json!({ "customerName": "Ana", "attributes": one(&key, &json!({ "number": 1 })) });
            let change = json!({ "id": id, "input": { "type": "FLAG" } });
            let (made, changed) = tokio::join!(
                app.mutate("customerCreate", json!({ "input": input }), "customer { id }"),
                app.mutate("attributeDefinitionUpdate", change, "attributeDefinition { type }"),
            );
            // One change came first, and the other was rejected.
            let codes = [&made, &changed].map(|it| it["userErrors"][0]["code"].clone());
            assert!(
                codes == [json!("INVALID"), Value::Null] || codes == [Value::Null, json!("IN_USE")],
                "{made} {changed}"
            );
        }
    }

    async fn unused_attributes_cost_no_statement(app: App) {
        let create = "mutation($input: CustomerCreateInput!) { customerCreate(input: $input) {
            customer { id } userErrors { code } } }";
        let update = "mutation($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input) {
            customer { id } userErrors { code } } }";
        let new = json!({ "input": { "customerName": "Ana" } });
        let without = app.statements(create, new.clone()).await;
        app.define_each_type("CUSTOMER").await;
        assert_eq!(app.statements(create, new).await, without);
        let empty = json!({ "input": { "customerName": "Ana", "attributes": [] } });
        assert_eq!(app.statements(create, empty).await, without);
        let id = app.create_customer(r#"customerName: "Ana""#).await;
        let change = |name: &str| json!({ "id": id, "input": { "customerName": name } });
        let without = app.statements(update, change("Bo")).await;
        app.set("customer", &id, one("shoeSize", &json!({ "number": 1 }))).await;
        assert_eq!(app.statements(update, change("Cy")).await, without);
        assert_eq!(app.statements("{ customers { nodes { customerName } } }", json!({})).await, 1);
    }

    async fn the_number_of_statements_does_not_depend_on_the_objects(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops", isGroup: true"#).await;
        let input = app.define_each_type("CUSTOMER").await;
        app.define_each_type("CUSTOMER_GROUP").await;
        let query = "{ customers(first: 100) { nodes { attributes { key values { text } }
            size: attribute(key: \"shoeSize\") { value { number } } store: attribute(key: \"store\") { key }
            customerGroup { attributes { key } attribute(key: \"store\") { key } } } }
            customerGroups { nodes { attribute(key: \"isVip\") { key }
                customers(first: 5) { nodes { attribute(key: \"nickname\") { value { text } } } } } } }";
        let new = |name: String| json!({ "customerName": name, "customerGroupId": group, "attributes": input });
        app.create("customer", new("Ana".to_owned())).await;
        let of_one = app.statements(query, json!({})).await;
        for number in 0..20 {
            app.create("customer", new(number.to_string())).await;
        }
        assert_eq!(app.statements(query, json!({})).await, of_one);

        // Writing a list of values takes as many statements as writing one value.
        let id = app.create_customer(r#"customerName: "Bo""#).await;
        let update = "mutation($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input) {
            customer { id } userErrors { code } } }";
        let topics = |many: usize| json!({ "id": id, "input": { "attributes": [
            { "key": "topics", "values": (0..many).map(|it| json!({ "text": it.to_string() })).collect::<Vec<_>>() },
        ] } });
        app.statements(update, topics(2)).await;
        let few = app.statements(update, topics(1)).await;
        assert_eq!(app.statements(update, topics(50)).await, few);
    }

    async fn a_filter_or_an_order_by_an_attribute_that_is_not_searchable_is_refused(app: App) {
        for (noun, field, _) in nouns() {
            app.define(noun, "hidden", json!({ "type": "TEXT" })).await;
            for (key, mut definition, _) in of_each_type() {
                definition["isSearchable"] = json!(true);
                app.define(noun, key, definition).await;
            }
            let mut refused = Vec::new();
            for filter in [
                r#"{ key: "hidden", eq: { text: "a" } }"#, r#"{ key: "hidden", isNull: true }"#,
                r#"{ key: "Store", isNull: true }"#, r#"{ key: "", isNull: true }"#, r#"{ key: "a\u0000", isNull: true }"#,
                r#"{ key: "?" }"#, r#"{ key: "hidden" }"#,
                r#"{ key: "shoeSize", eq: { text: "42" } }"#, r#"{ key: "shoeSize", eq: {} }"#,
                r#"{ key: "shoeSize", in: [{ number: 1 }, { number: 1, flag: true }] }"#,
                r#"{ key: "nickname", gt: { text: "a" } }"#, r#"{ key: "isVip", lte: { flag: true } }"#,
                r#"{ key: "store", contains: "a" }"#, r#"{ key: "birthday", startsWith: "2026" }"#,
                r#"{ key: "budget", lt: { number: 3 } }"#,
            ] {
                let query = format!("{{ {field}s(filter: {{ not: {{ attribute: {filter} }} }}) {{ totalCount }} }}");
                let response = app.query(&query).await;
                assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {response}");
                refused.push(json!([filter, response["errors"][0]["message"]]));
            }
            let texts = "x".repeat(256);
            let many = vec![r#"{ text: "a" }"#; 1_001].join(" ");
            for filter in [format!("contains: \"{texts}\""), format!("eq: {{ text: \"{texts}\" }}"), format!("in: [{many}]")] {
                let query = format!("{{ {field}s(filter: {{ attribute: {{ key: \"nickname\", {filter} }} }}) {{ totalCount }} }}");
                refused.push(app.query(&query).await["errors"][0]["message"].take());
            }
            for order in [
                "{ attribute: \"hidden\" }", "{ attribute: \"topics\" }", "{ attribute: \"Store\" }", "{ direction: ASC }",
                "{ field: CREATED_AT, attribute: \"store\" }", "{ field: null, attribute: null }",
            ] {
                let response = app.query(&format!("{{ {field}s(orderBy: {order}) {{ totalCount }} }}")).await;
                assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{order}: {response}");
                refused.push(json!([order, response["errors"][0]["message"]]));
            }
            insta::assert_json_snapshot!("custom_attributes_bad_filters", refused);
        }
        let children = "{ customerAddresses(orderBy: { attribute: \"store\" }) { totalCount } }";
        assert_eq!(app.query(children).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn every_noun_is_filtered_and_sorted(app: App) {
        for (noun, field, new) in nouns() {
            app.define(noun, "rank", json!({ "type": "NUMBER", "isSearchable": true })).await;
            for (place, rank) in [Some("10"), None, Some("9"), Some("-1")].into_iter().enumerate() {
                let mut new = new.clone();
                if field == "posProfile" {
                    new["posProfileId"] = json!(place.to_string());
                }
                new["attributes"] = json!([{ "key": "rank", "value": rank.map(|it| json!({ "number": it })) }]);
                app.create(field, new).await;
            }
            let query = format!("{{
                all: {field}s(orderBy: {{ attribute: \"rank\" }}) {{ nodes {{ attribute(key: \"rank\") {{ value {{ number }} }} }} }}
                some: {field}s(filter: {{ attribute: {{ key: \"rank\", gt: {{ number: -1 }}, lt: {{ number: \"10.0\" }} }} }}) {{
                    totalCount nodes {{ attributes {{ value {{ number }} }} }} }} }}");
            let data = app.data(&query, json!({})).await;
            insta::assert_json_snapshot!("custom_attributes_of_every_noun", data);
        }
    }

    async fn a_cursor_belongs_to_the_attribute_of_its_order(app: App) {
        app.define("CUSTOMER", "rank", json!({ "type": "NUMBER", "isSearchable": true })).await;
        app.define("CUSTOMER", "size", json!({ "type": "NUMBER", "isSearchable": true })).await;
        app.create_customer(r#"customerName: "Ana""#).await;
        let page = |order: &str, after: &str| format!(
            "{{ customers(orderBy: {{ {order} }}{after}) {{ pageInfo {{ endCursor }} }} }}"
        );
        let data = app.data(&page("attribute: \"rank\"", ""), json!({})).await;
        let after = format!(", after: {}", data["customers"]["pageInfo"]["endCursor"]);
        app.data(&page("attribute: \"rank\"", &after), json!({})).await;
        for order in ["attribute: \"size\"", "attribute: \"rank\", direction: DESC", "field: CREATED_AT"] {
            let response = app.query(&page(order, &after)).await;
            let message = "after: is a cursor of another connection or another order";
            assert_eq!(response["errors"][0]["message"], message);
        }
    }

    async fn the_attributes_of_a_list_are_looked_up_once(app: App) {
        app.define("CUSTOMER", "rank", json!({ "type": "NUMBER", "isSearchable": true })).await;
        for number in 0..6 {
            let group = app.create_group(&format!("customerGroupName: \"{number}\"")).await;
            app.create_customer(&format!("customerName: \"Ana\", customerGroupId: \"{group}\",
                attributes: [{{ key: \"rank\", value: {{ number: {number} }} }}]")).await;
        }
        let query = "query($n: Int!) { customerGroups(first: $n) { nodes {
            customers(filter: { attribute: { key: \"rank\", gte: { number: 0 } } }, orderBy: { attribute: \"rank\" }) {
                totalCount nodes { id } } } } }";
        // Statements for the groups, the definition, the page, its order and its count.
        assert_eq!(app.statements(query, json!({ "n": 1 })).await, 5);
        assert_eq!(app.statements(query, json!({ "n": 6 })).await, 5);
    }

    async fn values_count_as_rows_and_memory(app: App) {
        app.define("CUSTOMER", "topics", json!({ "type": "TEXT", "isList": true })).await;
        let text = "x".repeat(250);
        let attributes = json!([{ "key": "topics", "values": vec![json!({ "text": text }); 50] }]);
        for _ in 0..20 {
            app.create("customer", json!({ "customerName": "Ana", "attributes": attributes })).await;
        }
        let used = async |selection: &str| {
            let query = format!("{{ customers {{ nodes {{ id {selection} }} }} }}");
            let used = app.used(&query, json!({})).await;
            (used["rows"].as_u64().unwrap(), used["memoryBytes"].as_u64().unwrap())
        };
        let (rows, memory) = used("").await;
        assert_eq!(rows, 20);
        let (rows, with_values) = used("attributes { values { text } }").await;
        assert_eq!(rows, 20 + 20 * 50);
        // Each text is in memory twice: as read, and in the response.
        assert!(with_values > memory + 2 * 20 * 50 * 250, "{memory} {with_values}");
        let (rows, twice) = used("attributes { values { text } } a: attribute(key: \"topics\") { values { text } }").await;
        assert_eq!(rows, 20 + 20 * 50, "the values are read once");
        assert!(twice > with_values + 20 * 50 * 250, "{with_values} {twice}");
    }

    async fn the_values_of_a_subtree_are_deleted_with_it(app: App) {
        let id = app.define("CUSTOMER_GROUP", "size", json!({ "type": "NUMBER" })).await;
        let of_programs = app.define("LOYALTY_PROGRAM", "size", json!({ "type": "NUMBER" })).await;
        let size = one("size", &json!({ "number": 1 }));
        let root = json!({ "customerGroupName": "Root", "isGroup": true, "attributes": size });
        let root = app.create("customerGroup", root).await;
        let leaf = json!({ "customerGroupName": "Leaf", "parentId": root, "attributes": size });
        let leaf = app.create("customerGroup", leaf).await;
        let program = json!({ "loyaltyProgramName": "Club", "fromDate": "2026-01-01", "customerGroupId": leaf, "attributes": size });
        app.create("loyaltyProgram", program).await;
        let arguments = json!({ "id": root, "policy": "DELETE_SUBTREE" });
        let deleted = app.mutate("customerGroupDelete", arguments, "deletedId").await;
        assert_eq!(deleted["userErrors"], json!([]));
        // The objects are deleted, so the attributes are no longer in use.
        app.delete("attributeDefinition", &id).await;
        app.delete("attributeDefinition", &of_programs).await;
    }
}
