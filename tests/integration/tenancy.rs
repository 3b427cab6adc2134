//! Tenants: none sees, changes, or detects anything of another one.
//!
//! Two tenants have the same data. Whatever one of them asks, it may name the other one's objects: the
//! answer must be, to the byte, the answer to a question about objects that never were.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::support::app::App;

/// Everything that a tenant has.
pub const DUMP: &str = "{
    customers(first: 100, orderBy: { field: CREATED_AT }) {
        totalCount
        edges { cursor node {
            id externalId customerName emailId mobileNo taxId createdAt updatedAt createdBy
            lastModifiedBy customerGroup { id }
            customerGroups { totalCount nodes { id } }
        } }
    }
    customerGroups(first: 100, orderBy: { field: CREATED_AT }) {
        totalCount
        edges { cursor node {
            id externalId customerGroupName isGroup parentId depth createdAt updatedAt createdBy
            lastModifiedBy ancestors { id } descendants { id }
            children { totalCount nodes { id } }
            customers(includeDescendants: true) { totalCount nodes { id } }
        } }
    }
}";

/// A tenant, with the ids of what it has by their external ids.
struct Side {
    key: String,
    ids: BTreeMap<String, String>,
}

impl Side {
    /// A tenant with a tree of groups and with customers in it. The names are the same for all tenants;
    /// only what has `own` in its name is there once.
    async fn populate(app: &App, key: &str, own: &str) -> Self {
        let mut side = Self { key: key.to_owned(), ids: BTreeMap::new() };
        for (id, name, parent, is_group) in [
            ("G-1", "Root", None, true),
            ("G-2", "Inner", Some("G-1"), true),
            ("G-3", "Leaf", Some("G-2"), false),
            ("G-4", "Empty", None, false),
            (own, own, Some("G-1"), false),
        ] {
            let input = json!({
                "externalId": id, "customerGroupName": name, "isGroup": is_group,
                "parentId": parent.map(|parent| side.ids[parent].clone()),
            });
            let create = "mutation($input: CustomerGroupCreateInput!) {
                it: customerGroupCreate(input: $input) { it: customerGroup { id } } }";
            side.create(app, create, id, input).await;
        }
        for (id, name, group) in [
            ("C-1", "Ada", Some("G-3")),
            ("C-2", "Bob", Some("G-2")),
            ("C-3", "Cid", None),
            (&format!("C-{own}"), own, Some("G-3")),
        ] {
            let input = json!({
                "externalId": id, "customerName": name, "emailId": format!("{name}@example.com"),
                "mobileNo": "+34 600", "taxId": format!("ES-{name}"),
                "customerGroupId": group.map(|group| side.ids[group].clone()),
            });
            let create = "mutation($input: CustomerCreateInput!) {
                it: customerCreate(input: $input) { it: customer { id } } }";
            side.create(app, create, id, input).await;
        }
        side
    }

    async fn create(&mut self, app: &App, mutation: &str, name: &str, input: Value) {
        let created = app.query_as(&self.key, mutation, json!({ "input": input })).await;
        let id = &created["data"]["it"]["it"]["id"];
        let id = id.as_str().unwrap_or_else(|| panic!("{created}")).to_owned();
        self.ids.insert(name.to_owned(), id);
    }

    /// The bare answer, to the byte.
    async fn ask(&self, app: &App, query: &str) -> String {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Body::from(json!({ "query": query }).to_string()));
        let (status, body) = app.send(request.unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        String::from_utf8(body).unwrap()
    }

    async fn cursor(&self, app: &App, list: &str) -> String {
        let query = format!("{{ {list}(first: 1, offset: 1) {{ edges {{ cursor }} }} }}");
        let answer = app.query_as(&self.key, &query, json!({})).await;
        answer["data"][list]["edges"][0]["cursor"].as_str().unwrap().to_owned()
    }
}

/// The id of nothing, right beside an id of something.
fn beside(id: &str) -> String {
    let (start, last) = id.split_at(id.len() - 1);
    assert_eq!(last, "0", "the clock of the tests has no random numbers: {id}");
    format!("{start}1")
}

/// A cursor of a row that never was, right beside that of one that is: the last character of the id that
/// is encoded in it is another one.
fn cursor_beside(cursor: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let fields = String::from_utf8(BASE64.decode(cursor).unwrap()).unwrap();
    BASE64.encode(beside(&fields))
}

/// What one tenant may ask that names another one's objects, by the field of `Query` or `Mutation`.
///
/// In capitals is what the other tenant has: `CUSTOMER` and `GROUP` are its ids, `LEAF` that of a group
/// with customers, `CUSTOMERS_CURSOR` and `GROUPS_CURSOR` its cursors, `EXTERNAL` an external id that
/// only it has; `MY_CUSTOMER` and `MY_GROUP` are ids of the one who asks.
const WALK: [(&str, &[&str]); 13] = [
    (
        "customer",
        &[
            "{ customer(id: CUSTOMER) { id customerName } }",
            "{ customer(id: GROUP) { id } }",
            "{ customer(externalId: EXTERNAL) { id customerName } }",
            "{ customer(externalId: CUSTOMER) { id } }",
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { parentId: { eq: GROUP } }) {
                totalCount nodes { id } } } }",
            "{ customer(id: MY_CUSTOMER) { id customerGroups(filter: { not: { parentId: { in: [GROUP] } } }) {
                totalCount nodes { id } } } }",
        ],
    ),
    (
        "customerGroup",
        &[
            "{ customerGroup(id: GROUP) { id descendants { id } ancestors { id } depth } }",
            "{ customerGroup(id: CUSTOMER) { id } }",
            "{ customerGroup(externalId: EXTERNAL) { id customerGroupName } }",
            "{ customerGroup(id: MY_GROUP) { id descendants { id } depth
                children(filter: { parentId: { eq: GROUP } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) { customers(includeDescendants: true, filter: {
                customerGroup: { in: [LEAF], includeDescendants: true } }) { totalCount nodes { id } } } }",
            "{ customerGroup(id: MY_GROUP) { customers(includeDescendants: true, filter: {
                not: { customerGroup: { in: [LEAF] } } }) { totalCount nodes { id } } } }",
        ],
    ),
    (
        "customers",
        &[
            "{ customers(filter: { customerGroup: { in: [LEAF] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerGroup: { in: [GROUP, LEAF, MY_GROUP], includeDescendants: true } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { not: { customerGroup: { in: [GROUP], includeDescendants: true } } }) {
                totalCount nodes { id } } }",
            "{ customers(filter: { externalId: { eq: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { externalId: { in: [EXTERNAL, \"C-1\"] } }) { totalCount nodes { id } } }",
            "{ customers(filter: { search: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { contains: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { startsWith: EXTERNAL } }) { totalCount nodes { id } } }",
            "{ customers(filter: { customerName: { eq: EXTERNAL } }, orderBy: { field: CUSTOMER_NAME }) {
                totalCount nodes { id } } }",
            "{ customers(first: 2, after: CUSTOMERS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customers(last: 2, before: CUSTOMERS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customers(offset: 3) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    (
        "customerGroups",
        &[
            "{ customerGroups(filter: { parentId: { eq: GROUP } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { parentId: { in: [GROUP, MY_GROUP] } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { not: { parentId: { in: [GROUP] } } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { externalId: { in: [EXTERNAL] } }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { search: EXTERNAL }) { totalCount nodes { id } } }",
            "{ customerGroups(filter: { customerGroupName: { eq: EXTERNAL } },
                orderBy: { field: CUSTOMER_GROUP_NAME }) { totalCount nodes { id } } }",
            "{ customerGroups(first: 2, after: GROUPS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customerGroups(last: 2, before: GROUPS_CURSOR) { totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage } } }",
            "{ customerGroups(offset: 4) { nodes { id } pageInfo { hasNextPage } } }",
        ],
    ),
    ("node", &["{ node(id: CUSTOMER) { __typename id } }", "{ node(id: GROUP) { __typename id } }"]),
    ("nodes", &["{ nodes(ids: [CUSTOMER, MY_CUSTOMER, GROUP, LEAF, MY_GROUP]) { __typename id } }"]),
    (
        "customerCreate",
        &[
            "mutation { customerCreate(input: { customerName: \"New\", customerGroupId: GROUP }) {
                customer { id } userErrors { field code message } } }",
            // An external id that only the other tenant has is free: it is created, and deleted again.
            "mutation {
                a: customerCreate(input: { customerName: \"New\", externalId: EXTERNAL }) {
                    customer { customerName } userErrors { field code message } }
                b: customerDelete(externalId: EXTERNAL) { userErrors { code } } }",
        ],
    ),
    (
        "customerUpdate",
        &[
            "mutation { customerUpdate(id: CUSTOMER, input: { customerName: \"Taken\" }) {
                customer { id } userErrors { field code message } } }",
            "mutation { customerUpdate(id: CUSTOMER, input: {}) {
                customer { id } userErrors { field code message } } }",
            "mutation { customerUpdate(id: CUSTOMER, input: { customerName: \"\", externalId: \"C-1\" }) {
                customer { id } userErrors { field code message } } }",
            "mutation { customerUpdate(externalId: EXTERNAL, input: { customerName: \"Taken\" }) {
                customer { id } userErrors { field code message } } }",
            "mutation { customerUpdate(id: MY_CUSTOMER, input: { customerGroupId: GROUP }) {
                customer { id } userErrors { field code message } } }",
            "mutation {
                a: customerUpdate(externalId: \"C-3\", input: { externalId: EXTERNAL }) { userErrors { code } }
                b: customerUpdate(externalId: EXTERNAL, input: { externalId: \"C-3\" }) { userErrors { code } } }",
        ],
    ),
    (
        "customerDelete",
        &[
            "mutation { customerDelete(id: CUSTOMER) { deletedId userErrors { field code message } } }",
            "mutation { customerDelete(id: GROUP) { deletedId userErrors { field code message } } }",
            "mutation { customerDelete(externalId: EXTERNAL) { deletedId userErrors { field code message } } }",
        ],
    ),
    (
        "customerGroupCreate",
        &[
            "mutation { customerGroupCreate(input: { customerGroupName: \"New\", parentId: GROUP }) {
                customerGroup { id } userErrors { field code message } } }",
            // A leaf of one's own cannot be a parent; of the other one's nothing is told.
            "mutation { customerGroupCreate(input: { customerGroupName: \"New\", parentId: LEAF }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation {
                a: customerGroupCreate(input: { customerGroupName: \"New\", externalId: EXTERNAL }) {
                    customerGroup { customerGroupName } userErrors { field code message } }
                b: customerGroupDelete(externalId: EXTERNAL) { userErrors { code } } }",
        ],
    ),
    (
        "customerGroupUpdate",
        &[
            "mutation { customerGroupUpdate(id: GROUP, input: { customerGroupName: \"Taken\" }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(id: GROUP, input: { isGroup: false }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(id: GROUP, input: { parentId: MY_GROUP }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(externalId: EXTERNAL, input: { parentId: null }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(id: MY_GROUP, input: { parentId: GROUP }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(id: MY_GROUP, input: { parentId: LEAF }) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdate(id: MY_GROUP, input: { externalId: \"G-1\" }) {
                customerGroup { id } userErrors { field code message } } }",
        ],
    ),
    (
        "customerGroupDelete",
        &[
            "mutation { customerGroupDelete(id: GROUP) { deletedId userErrors { field code message } } }",
            "mutation { customerGroupDelete(id: LEAF, policy: REASSIGN_TO_PARENT) {
                deletedId userErrors { field code message } } }",
            "mutation { customerGroupDelete(externalId: EXTERNAL) {
                deletedId userErrors { field code message } } }",
        ],
    ),
    (
        "customerGroupUpdateCustomers",
        &[
            "mutation { customerGroupUpdateCustomers(id: GROUP, addCustomerIds: [MY_CUSTOMER]) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdateCustomers(externalId: EXTERNAL, addCustomerIds: [MY_CUSTOMER]) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdateCustomers(id: LEAF, removeCustomerIds: [CUSTOMER]) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdateCustomers(id: MY_GROUP, addCustomerIds: [MY_CUSTOMER, CUSTOMER]) {
                customerGroup { id } userErrors { field code message } } }",
            "mutation { customerGroupUpdateCustomers(id: MY_GROUP, removeCustomerIds: [CUSTOMER, MY_CUSTOMER]) {
                customerGroup { id } userErrors { field code message } } }",
        ],
    ),
];

/// What a question of the walk names: the other tenant's objects, or nothing.
struct Named {
    customer: String,
    group: String,
    leaf: String,
    customers_cursor: String,
    groups_cursor: String,
    external: String,
}

impl Named {
    async fn of(app: &App, side: &Side, own: &str) -> Self {
        Self {
            customer: side.ids["C-1"].clone(),
            group: side.ids["G-1"].clone(),
            leaf: side.ids["G-3"].clone(),
            customers_cursor: side.cursor(app, "customers").await,
            groups_cursor: side.cursor(app, "customerGroups").await,
            external: own.to_owned(),
        }
    }

    fn beside(&self) -> Self {
        Self {
            customer: beside(&self.customer),
            group: beside(&self.group),
            leaf: beside(&self.leaf),
            customers_cursor: cursor_beside(&self.customers_cursor),
            groups_cursor: cursor_beside(&self.groups_cursor),
            external: "nobodys".to_owned(),
        }
    }

    fn put_into(&self, query: &str, asking: &Side) -> String {
        let quoted = |text: &str| format!("\"{text}\"");
        query
            .replace("MY_CUSTOMER", &quoted(&asking.ids["C-3"]))
            .replace("MY_GROUP", &quoted(&asking.ids["G-2"]))
            .replace("CUSTOMERS_CURSOR", &quoted(&self.customers_cursor))
            .replace("GROUPS_CURSOR", &quoted(&self.groups_cursor))
            .replace("CUSTOMER)", &format!("{})", quoted(&self.customer)))
            .replace("CUSTOMER,", &format!("{},", quoted(&self.customer)))
            .replace("CUSTOMER]", &format!("{}]", quoted(&self.customer)))
            .replace("GROUP)", &format!("{})", quoted(&self.group)))
            .replace("GROUP,", &format!("{},", quoted(&self.group)))
            .replace("GROUP]", &format!("{}]", quoted(&self.group)))
            .replace("GROUP }", &format!("{} }}", quoted(&self.group)))
            .replace("LEAF", &quoted(&self.leaf))
            .replace("EXTERNAL", &quoted(&self.external))
    }
}

/// One tenant asks all questions about what the other one has.
async fn walk(app: &App, asking: &Side, other: &Side, own: &str) {
    let theirs = Named::of(app, other, own).await;
    let nothing = theirs.beside();
    for (field, queries) in WALK {
        for query in queries {
            // First what is theirs: if that changes anything, the second answer is another one, too.
            let about_theirs = asking.ask(app, &theirs.put_into(query, asking)).await;
            let about_nothing = asking.ask(app, &nothing.put_into(query, asking)).await;
            assert_eq!(about_theirs, about_nothing, "{field}: {query}");
            assert!(!about_theirs.contains("\"errors\""), "{query}: {about_theirs}");
            for id in other.ids.values() {
                assert!(!about_theirs.contains(id), "{query}: {about_theirs}");
            }
        }
    }
}

/// All fields, arguments and inputs that the walk has to go through.
const INTROSPECTION: &str = "{ __schema {
    queryType { fields { name args { name } } }
    mutationType { fields { name args { name } } }
    types { name inputFields { name type { name ofType { name ofType { name ofType { name } } } } } }
} }";

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

both! {
    async fn the_walk_goes_through_all_that_can_be_asked(app: App) {
        let schema = &app.data(INTROSPECTION, json!({})).await["__schema"];
        let mut fields = names(&schema["queryType"]["fields"]);
        fields.extend(names(&schema["mutationType"]["fields"]));
        fields.sort_unstable();
        let mut walked: Vec<&str> = WALK.iter().map(|(field, _)| *field).collect();
        walked.sort_unstable();
        assert_eq!(walked, fields, "a new operation needs its questions in `WALK`");

        let arguments =
            ["queryType", "mutationType"].map(|root| schema[root]["fields"].as_array().unwrap());
        for field in arguments.into_iter().flatten() {
            let (_, queries) = WALK.iter().find(|(name, _)| field["name"] == *name).unwrap();
            for argument in names(&field["args"]) {
                let given = format!("{argument}:");
                assert!(
                    queries.iter().any(|query| query.contains(&given)),
                    "{argument} of {field}"
                );
            }
        }
        // Wherever an id can be given.
        for input in schema["types"].as_array().unwrap() {
            for field in input["inputFields"].as_array().into_iter().flatten() {
                if field["type"].to_string().contains("\"ID\"") {
                    let given = format!("{}: ", field["name"].as_str().unwrap());
                    let mut queries = WALK.iter().flat_map(|(_, queries)| queries.iter());
                    assert!(queries.any(|query| query.contains(&given)), "{field} of {input}");
                }
            }
        }
    }

    async fn what_is_anothers_is_as_if_it_never_was(app: App) {
        let (_, key) = app.make_tenant("bravo").await;
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let bravo = Side::populate(&app, &key, "only-bravos").await;
        let before = bravo.ask(&app, DUMP).await;
        walk(&app, &acme, &bravo, "only-bravos").await;
        assert_eq!(bravo.ask(&app, DUMP).await, before);
        let before = acme.ask(&app, DUMP).await;
        walk(&app, &bravo, &acme, "only-acmes").await;
        assert_eq!(acme.ask(&app, DUMP).await, before);
    }

    /// If the walk found nothing whatever it asked, it would prove nothing: about one's own objects,
    /// the same questions get answers.
    async fn what_is_ones_own_is_answered(app: App) {
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let own = Named::of(&app, &acme, "only-acmes").await;
        let nothing = own.beside();
        for (field, queries) in WALK {
            let mut differ = 0;
            for query in queries {
                let answer = acme.ask(&app, &own.put_into(query, &acme)).await;
                assert!(!answer.contains("\"errors\""), "{query}: {answer}");
                differ +=
                    usize::from(answer != acme.ask(&app, &nothing.put_into(query, &acme)).await);
            }
            assert!(differ > 0, "{field}");
        }
    }

    async fn what_another_does_is_not_noticed(app: App) {
        let acme = Side::populate(&app, &app.key, "only-acmes").await;
        let questions = [
            DUMP,
            "{ customers(filter: { search: \"a\" }) { totalCount nodes { customerName } } }",
            "{ customers(filter: { search: \"example.com\" }, orderBy: { field: EMAIL_ID }) {
                totalCount nodes { customerName } } }",
            "{ customerGroups(filter: { search: \"roo\" }) { totalCount nodes { customerGroupName } } }",
            "{ customerGroups(filter: { isRoot: true }) { totalCount nodes { customerGroupName } } }",
            "{ customers(filter: { externalId: { eq: \"C-1\" } }) { totalCount } }",
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
        // By external ids, which both have.
        let changes = "mutation {
            a: customerUpdate(externalId: \"C-1\", input: { customerName: \"Changed\" }) { userErrors { code } }
            b: customerDelete(externalId: \"C-2\") { userErrors { code } }
            c: customerGroupUpdate(externalId: \"G-2\", input: { parentId: null }) { userErrors { code } }
            d: customerGroupDelete(externalId: \"G-3\", policy: REASSIGN_TO_PARENT) { userErrors { code } }
            e: customerGroupDelete(externalId: \"G-4\") { userErrors { code } }
            f: customerGroupUpdate(externalId: \"G-1\", input: { customerGroupName: \"Changed\" }) { userErrors { code } }
        }";
        let changed = bravo.ask(&app, changes).await;
        assert!(!changed.contains("\"code\""), "{changed}");
        assert_eq!(ask_all().await, alone);
    }
}
