//! Isolation of tenants: no tenant can see, change or detect data of another one.
//!
//! Two tenants have the same data. One of them sends requests with references to the other one's objects. Each response
//! must be identical to the response to the same request for objects that do not exist.

mod keys;
mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{body::Body, http::StatusCode};
use clientele::models::api_key::Scope;
use serde_json::{Value, json};

use self::walk::{Named, questions};
use crate::support::{
    app::{App, post},
    dump::dump,
    introspection::{Schema, items, name, type_name},
    sdl,
    types::{Type, types, with_lists},
};

/// A query for all data of a tenant.
pub static DUMP: LazyLock<String> = LazyLock::new(|| {
    let list = |it: &Type| {
        let all = sdl::all_of(&it.name);
        let has_attributes = sdl::fields(&it.name).iter().any(|field| field.name == "attribute");
        let attribute =
            if has_attributes { "attribute(key: \"note\") { value { text } }" } else { "" };
        format!(
            "{}(first: 100, orderBy: {{ field: CREATED_AT }}) {{
                totalCount edges {{ cursor node {{ {all} {attribute} }} }} }}",
            it.many
        )
    };
    let lists: Vec<String> = types().iter().map(list).collect();
    let (tenant, definition) = (sdl::all_of("Tenant"), sdl::all_of("AttributeDefinition"));
    format!(
        "{{ tenant {{ {tenant} }} attributeDefinitions(noun: POS_PROFILE) {{ {definition} }} {} }}",
        lists.join(" ")
    )
});

/// A tenant with the ids of its objects. The key `customer C-1` has the id of the customer with the external id `C-1`.
struct Side {
    key: String,
    own: String,
    ids: BTreeMap<String, String>,
}

impl Side {
    /// Creates objects of all types for a tenant. Their names are the same for all tenants, except for those that
    /// contain `own`.
    async fn populate(app: &App, key: &str, own: &str) -> Self {
        let mut side = Self { key: key.to_owned(), own: own.to_owned(), ids: BTreeMap::new() };
        for (id, parent, is_group) in [
            ("G-1", None, true),
            ("G-2", Some("G-1"), true),
            ("G-3", Some("G-2"), false),
            ("G-4", None, false),
            (own, Some("G-1"), false),
        ] {
            let name = match id {
                "G-1" => "Root",
                "G-2" => "Inner",
                "G-3" => "Leaf",
                "G-4" => "Empty",
                own => own,
            };
            let parent = parent.map(|parent| side.group(parent));
            side.create(app, "customerGroup", json!({
                "externalId": id, "customerGroupName": name, "isGroup": is_group, "parentId": parent,
                "defaultPriceList": (id == "G-3").then_some(own),
            })).await;
        }
        side.populate_programs_and_profiles(app).await;
        side.declare_attributes(app).await;
        side.populate_customers(app).await;
        for name in ["Office", own] {
            let create = format!(
                "mutation {{ apiKeyCreate(input: {{ name: \"{name}\", scope: READ }}) {{ apiKey {{ id }} }} }}"
            );
            let created = app.query_as(key, &create, json!({})).await;
            let id = created["data"]["apiKeyCreate"]["apiKey"]["id"].as_str().unwrap();
            side.ids.insert(format!("key {name}"), id.to_owned());
        }
        side.declare_own_attribute(app).await;
        side
    }

    /// Declares attributes with the same keys for both tenants.
    async fn declare_attributes(&self, app: &App) {
        for (noun, key, is_unique) in [
            ("CUSTOMER", "note", false),
            ("CUSTOMER", "card", true),
            ("CUSTOMER_GROUP", "note", false),
            ("LOYALTY_PROGRAM", "note", false),
            ("POS_PROFILE", "note", false),
        ] {
            let create = format!(
                "mutation {{ attributeDefinitionCreate(input: {{ noun: {noun}, key: \"{key}\", type: TEXT,
                    isUnique: {is_unique}, isSearchable: true }}) {{ userErrors {{ code }} }} }}"
            );
            app.query_as(&self.key, &create, json!({})).await;
        }
    }

    /// Declares an attribute with a key that only this tenant has, which the walk deletes.
    async fn declare_own_attribute(&mut self, app: &App) {
        let key = self.own.replace('-', "_");
        let create = format!(
            "mutation {{ attributeDefinitionCreate(input: {{ noun: POS_PROFILE, key: \"{key}\", type: TEXT }}) {{
                attributeDefinition {{ id }} }} }}"
        );
        let created = app.query_as(&self.key, &create, json!({})).await;
        let definition = &created["data"]["attributeDefinitionCreate"]["attributeDefinition"];
        let id = definition["id"].as_str().unwrap().to_owned();
        self.ids.insert("attribute-definition own".to_owned(), id);
    }

    async fn populate_programs_and_profiles(&mut self, app: &App) {
        let own = self.own.clone();
        let tier = |id: &str, name: &str, min_spent: &str| json!({ "externalId": id, "tierName": name, "minSpent": min_spent, "collectionFactor": "10" });
        for (id, group, tiers) in [
            ("P-1", Some("G-1"), vec![tier("T-1", "Bronze", "0"), tier("T-2", "Gold", "100")]),
            ("P-2", None, vec![tier("T-3", "Bronze", "0")]),
            (&own, Some("G-3"), vec![tier(&own, &own, "0")]),
        ] {
            let group = group.map(|group| self.group(group));
            self.create(app, "loyaltyProgram", json!({
                "externalId": id, "loyaltyProgramName": id, "fromDate": "2026-01-01", "company": id,
                "customerGroupId": group, "collections": tiers,
            })).await;
        }
        for (id, profile, group) in [
            ("L-1", "POS-1", "G-3"),
            ("L-2", "POS-1", "G-4"),
            ("L-3", "POS-2", "G-2"),
            (&own, &own, "G-3"),
        ] {
            let group = self.group(group);
            self.create(
                app,
                "posCustomerGroup",
                json!({
                    "externalId": id, "posProfileId": profile, "customerGroupId": group,
                }),
            )
            .await;
        }
    }

    async fn populate_customers(&mut self, app: &App) {
        let own = self.own.clone();
        let program = |id: &str| self.ids[&format!("loyalty-program {id}")].clone();
        let tier = |id: &str| self.ids[&format!("loyalty-program-collection {id}")].clone();
        let customers = [
            ("C-1", "Ada", "1", Some("G-3"), Some((program("P-1"), tier("T-1")))),
            ("C-2", "Bob", "2", Some("G-2"), None),
            ("C-3", "Cid", "3", None, Some((program("P-2"), tier("T-3")))),
            (&own, &own, &own, Some("G-3"), Some((program(&own), tier(&own)))),
        ];
        for (id, name, number, group, loyalty) in customers {
            let id_of = |letter: &str| match number {
                number if number == own => own.clone(),
                number => format!("{letter}-{number}"),
            };
            let (program, tier) = loyalty.unzip();
            let customer = json!({
                "externalId": id, "customerName": name, "emailId": format!("{name}@example.com"),
                "mobileNo": "+34 600", "taxId": format!("ES-{name}"), "loyaltyId": name,
                "customerGroupId": group.map(|group| self.group(group)),
                "loyaltyProgramId": program, "loyaltyProgramTierId": tier,
                "addresses": [{ "externalId": id_of("A"), "city": name, "isPrimary": true }],
                "contacts": [{
                    "externalId": id_of("K"), "firstName": name,
                    "extensions": [{ "externalId": format!("X-{name}"), "extensionCode": name }],
                }],
                "consents": [{ "externalId": id_of("N"), "name": id_of("news"), "status": true }],
                "extensions": [{ "externalId": id_of("E"), "extensionCode": name }],
                "supplierNumbers": [{ "externalId": id_of("S"), "supplierNumber": name }],
                "attributes": [
                    { "key": "note", "value": { "text": id_of("M") } },
                    { "key": "card", "value": { "text": id_of("U") } },
                ],
            });
            let customer =
                with_lists("Customer", customer, |it| json!([it.named(&id_of(it.letter))]));
            self.create(app, "customer", customer).await;
        }
    }

    fn group(&self, external_id: &str) -> String {
        self.ids[&format!("customer-group {external_id}")].clone()
    }

    async fn create(&mut self, app: &App, name: &str, input: Value) {
        for (id, external_id) in app.create_as(&self.key, name, input).await {
            let (prefix, _) = id.rsplit_once('_').unwrap();
            self.ids.insert(format!("{prefix} {external_id}"), id);
        }
    }

    /// The raw response, as bytes.
    async fn ask(&self, app: &App, query: &str) -> String {
        let request = post(&self.key).body(Body::from(json!({ "query": query }).to_string()));
        let (status, body) = app.send(request.unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        String::from_utf8(body).unwrap()
    }

    /// The cursor at the end of the list of duplicates.
    async fn duplicates_cursor(&self, app: &App) -> String {
        let query = "{ customerDuplicates { endCursor } }";
        let answer = app.query_as(&self.key, query, json!({})).await;
        let cursor = &answer["data"]["customerDuplicates"]["endCursor"];
        cursor.as_str().unwrap().to_owned()
    }

    async fn cursor(&self, app: &App, list: &str) -> String {
        let query = format!("{{ {list}(first: 1, offset: 1) {{ edges {{ cursor }} }} }}");
        let answer = app.query_as(&self.key, &query, json!({})).await;
        answer["data"][list]["edges"][0]["cursor"].as_str().unwrap().to_owned()
    }
}

/// One tenant sends all requests with references to objects of the other.
async fn walk(app: &App, asking: &Side, other: &Side) {
    let theirs = Named::of(app, other).await;
    let nothing = theirs.beside();
    for (field, question) in questions() {
        // Send the request for the other tenant's objects first. If it changes anything, the second response differs.
        let about_theirs = asking.ask(app, &theirs.put_into(&question, asking)).await;
        let about_nothing = asking.ask(app, &nothing.put_into(&question, asking)).await;
        assert_eq!(about_theirs, about_nothing, "{field}: {question}");
        let is_refused = about_theirs.contains("\"errors\"");
        assert!(
            !is_refused || about_theirs.contains("\"NOT_FOUND\""),
            "{question}: {about_theirs}"
        );
        for id in other.ids.values() {
            assert!(!about_theirs.contains(id), "{question}: {about_theirs}");
        }
    }
}

/// All paths to ids within this argument (or input field).
fn paths_of_ids(schema: &Schema, argument: &Value, above: &[String]) -> Vec<Vec<String>> {
    let path = [above, &[name(argument).to_owned()]].concat();
    let argument_type = type_name(argument);
    if argument_type == "ID" {
        return vec![path];
    }
    let fields = items(&schema.named(argument_type)["inputFields"]);
    // Skip `and`, `or` and `not` of a filter, which are recursive.
    let fields = fields.filter(|field| type_name(field) != argument_type);
    fields.flat_map(|field| paths_of_ids(schema, field, &path)).collect()
}

both! {
    async fn every_operation_and_every_id_argument_is_tested_with_ids_of_another_tenant(app: App) {
        let schema = &Schema::of(&app).await;
        let mut asked: BTreeMap<String, String> = BTreeMap::new();
        for (field, question) in questions() {
            *asked.entry(field).or_default() += &question;
        }
        let fields: Vec<&Value> = schema.queries().chain(schema.mutations()).collect();
        let names: BTreeSet<&str> = fields.iter().map(|field| name(field)).collect();
        let walked: BTreeSet<&str> = asked.keys().map(String::as_str).collect();
        let differences: Vec<_> = walked.symmetric_difference(&names).collect();
        assert!(differences.is_empty(), "a new operation needs its questions in the walk: {differences:?}");

        // Every argument, and every path to an id within it, must be in the walk.
        for field in fields {
            let questions = &asked[name(field)];
            for argument in items(&field["args"]) {
                let ways = paths_of_ids(schema, argument, &[]);
                for part in ways.iter().flatten().map(String::as_str).chain([name(argument)]) {
                    let is_given = questions.contains(&format!("{part}: "));
                    assert!(is_given, "{part} of {} is not in the walk", name(field));
                }
            }
        }
        // Every nested list must be in the walk, with a filter.
        let all: String = asked.into_values().collect();
        for object in schema.types().filter(|it| !["Query", "Mutation"].contains(&name(it))) {
            for field in items(&object["fields"]) {
                let is_list = items(&field["args"]).any(|argument| name(argument) == "filter");
                let is_asked = all.contains(&format!("{}(filter: ", name(field)));
                assert!(!is_list || is_asked, "{} of {} is not in the walk", name(field), name(object));
            }
        }
    }

    async fn objects_of_another_tenant_look_like_missing_ones(app: App) {
        let (_, key) = app.make_tenant("bravo").await;
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let bravo = Side::populate(&app, &key, "only-bravos").await;
        let before = bravo.ask(&app, &DUMP).await;
        walk(&app, &acme, &bravo).await;
        assert_eq!(bravo.ask(&app, &DUMP).await, before);
        let before = acme.ask(&app, &DUMP).await;
        walk(&app, &bravo, &acme).await;
        assert_eq!(acme.ask(&app, &DUMP).await, before);
    }

    async fn no_mutation_accepts_a_key_for_reading(app: App) {
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let named = Named::of(&app, &acme).await;
        let reader = app.make_key(Scope::Read, "reader", None).await;
        let before = dump(&app.database).await;
        let changes = questions().into_iter().filter(|(_, it)| it.starts_with("mutation"));
        for (field, question) in changes {
            let answer = app.query_as(&reader, &named.put_into(&question, &acme), json!({})).await;
            let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{field}: {answer}"));
            for error in errors {
                assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{field}: {answer}");
            }
        }
        assert!(dump(&app.database).await == before, "something was written");
    }

    /// The walk would prove nothing if its requests never found any object, so the same requests for the tenant's own
    /// objects must succeed.
    async fn the_same_requests_find_a_tenants_own_objects(app: App) {
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let own = Named::of(&app, &acme).await;
        let nothing = own.beside();
        let mut differ: BTreeMap<String, usize> = BTreeMap::new();
        for (field, question) in questions() {
            let answer = acme.ask(&app, &own.put_into(&question, &acme)).await;
            assert!(!answer.contains("\"errors\""), "{question}: {answer}");
            let about_nothing = acme.ask(&app, &nothing.put_into(&question, &acme)).await;
            *differ.entry(field).or_default() += usize::from(answer != about_nothing);
        }
        // These operations take no reference to an object.
        let without_names = ["apiKeys", "attributeDefinitions", "tenant", "tenantUpdate"];
        differ.retain(|field, _| !without_names.contains(&field.as_str()));
        assert!(differ.values().all(|count| *count > 0), "{differ:?}");
    }

    async fn changes_of_another_tenant_change_no_response(app: App) {
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let questions = [
            DUMP.as_str(),
            "{ customers(filter: { search: \"a\" }) { totalCount nodes { customerName } } }",
            "{ customers(filter: { search: \"example.com\" }, orderBy: { field: EMAIL_ID }) {
                totalCount nodes { customerName } } }",
            "{ customerGroups(filter: { search: \"roo\" }) { totalCount nodes { customerGroupName } } }",
            "{ customerGroups(filter: { isRoot: true }) { totalCount nodes { customerGroupName } } }",
            "{ customers(filter: { externalId: { eq: \"C-1\" } }) { totalCount } }",
            "{ customers(filter: { posProfileId: \"POS-1\" }) { totalCount nodes { customerName } } }",
            "{ customers(filter: { consent: { in: [\"news-1\"] } }) { totalCount nodes { customerName } } }",
            "{ loyaltyPrograms(filter: { search: \"p-\" }) { totalCount nodes { loyaltyProgramName } } }",
            "{ posProfiles { totalCount nodes { posProfileId } } }",
            "{ customers(filter: { attribute: { key: \"note\", startsWith: \"m\" } }, orderBy: { attribute: \"card\" }) {
                totalCount nodes { customerName attributes { key values { text } } } } }",
            "{ customers(filter: { effectivePriceList: { isNull: true } }) { totalCount nodes { customerName } } }",
        ];
        let ask_all = async || {
            let mut answers = Vec::new();
            for question in questions {
                answers.push(acme.ask(&app, question).await);
            }
            answers
        };
        let alone = ask_all().await;
        let (_, key) = app.make_tenant("bravo").await;
        let bravo = Side::populate(&app, &key, "only-bravos").await;
        assert_eq!(ask_all().await, alone);
        // Changes by external ids that both tenants have.
        let changes = "mutation {
            a: customerUpdate(externalId: \"C-1\", input: { customerName: \"Changed\" }) { userErrors { code } }
            b: customerDelete(externalId: \"C-2\") { userErrors { code } }
            c: posCustomerGroupUpdate(externalId: \"L-1\", input: { posProfileId: \"POS-2\" }) { userErrors { code } }
            d: posCustomerGroupDelete(externalId: \"L-2\") { userErrors { code } }
            e: customerGroupDelete(externalId: \"G-4\") { userErrors { code } }
            f: customerGroupUpdate(externalId: \"G-2\", input: { parentId: null }) { userErrors { code } }
            g: customerGroupDelete(externalId: \"G-3\", policy: REASSIGN_TO_PARENT) { userErrors { code } }
            h: customerGroupUpdate(externalId: \"G-1\", input: { customerGroupName: \"Changed\" }) { userErrors { code } }
            i: loyaltyProgramUpdate(externalId: \"P-1\", input: { loyaltyProgramName: \"Changed\" }) { userErrors { code } }
            j: loyaltyProgramCollectionUpdate(externalId: \"T-2\", input: { idx: 1 }) { userErrors { code } }
            k: customerAddressDelete(externalId: \"A-1\") { userErrors { code } }
            l: customerContactUpdate(externalId: \"K-1\", input: { isPrimary: true }) { userErrors { code } }
            m: customerConsentUpdate(externalId: \"N-1\", input: { status: false }) { userErrors { code } }
            n: customerExtensionDelete(externalId: \"E-1\") { userErrors { code } }
            p: tenantUpdate(input: { defaultPriceList: \"Changed\", language: \"xx\" }) { userErrors { code } }
            o: supplierNumberAtCustomerDelete(externalId: \"S-1\") { userErrors { code } }
            q: customerUpdate(externalId: \"C-3\", input: { attributes: [{ key: \"note\", value: { text: \"M-0\" } }] }) {
                userErrors { code } }
            r: attributeDefinitionCreate(input: { noun: CUSTOMER, key: \"more\", type: FLAG }) { userErrors { code } }
        }";
        let changed = bravo.ask(&app, changes).await;
        assert!(!changed.contains("\"code\""), "{changed}");
        assert_eq!(ask_all().await, alone);
    }
}
