//! Operations are executed as the specification says: fields with the same response name once, and arguments without a
//! value not at all.

use serde_json::{Value, json};

use crate::support::app::App;

/// The number of customers.
async fn count(app: &App) -> Value {
    app.query("{ customers { totalCount } }").await["data"]["customers"]["totalCount"].clone()
}

both! {
    async fn a_mutation_that_is_selected_several_times_is_executed_once(app: App) {
        let document = r#"
            mutation($yes: Boolean!, $no: Boolean!, $unset: String) {
                customerCreate(input: { customerName: "Ana", externalId: "ana", taxId: $unset }) { customer { id } }
                customerCreate(input: { customerName: "Ana", externalId: "ana", taxId: $unset }) { customer { customerName } }
                ...A
                ... @include(if: $yes) { ...B }
                ... @include(if: $no) { other: customerCreate(input: { customerName: "Bo" }) { customer { id } } }
                ...B @skip(if: $yes)
            }
            fragment A on Mutation {
                customerCreate(input: { customerName: "Ana", externalId: "ana", taxId: $unset }) { customer { same: id ...C } }
                ...B
            }
            fragment B on Mutation {
                customerCreate(input: { customerName: "Ana", externalId: "ana", taxId: $unset }) { userErrors { code } }
            }
            fragment C on Node { id again: __typename }"#;
        let created = app.query_with(document, json!({ "yes": true, "no": false })).await;
        let id = &created["data"]["customerCreate"]["customer"]["id"];
        assert_eq!(created, json!({ "data": { "customerCreate": {
            "customer": { "id": id, "customerName": "Ana", "same": id, "again": "Customer" },
            "userErrors": [],
        } } }));
        assert_eq!(count(&app).await, 1);
    }

    async fn a_list_that_is_selected_several_times_has_the_same_rows(app: App) {
        for name in ["Ana", "Bo"] {
            app.create_customer(&format!("customerName: {name:?}, contacts: [{{ firstName: \"C\" }}]")).await;
        }
        let document = "
            query($more: Boolean!) {
                customers(first: 1) { nodes { id } }
                ...F
                ...F
                customers(first: 1) { totalCount nodes { contacts { firstName } } }
            }
            fragment F on Query {
                customers(first: 1) {
                    nodes { customerName contacts { lastName } ...G @include(if: $more) }
                    edges { node { other: id } }
                }
            }
            fragment G on Customer { contacts { emailId } }";
        for (more, contact) in [
            (true, json!({ "lastName": null, "emailId": null, "firstName": "C" })),
            (false, json!({ "lastName": null, "firstName": "C" })),
        ] {
            let found = app.query_with(document, json!({ "more": more })).await;
            let customer = &found["data"]["customers"]["nodes"][0];
            assert_eq!(found, json!({ "data": { "customers": {
                "nodes": [{
                    "id": customer["id"], "customerName": "Bo", "contacts": [contact],
                }],
                "edges": [{ "node": { "other": customer["id"] } }],
                "totalCount": 2,
            } } }));
        }
        // Other statements than for a single selection would read other rows.
        let variables = json!({ "more": false });
        assert_eq!(app.statements(document, variables).await, 3);
    }

    async fn fields_of_the_types_of_an_interface_are_merged(app: App) {
        let id = app.create_customer(r#"customerName: "Ana", contacts: [{ firstName: "C" }]"#).await;
        let document = "
            query($id: ID!) {
                node(id: $id) {
                    ... on Customer { contacts { firstName } }
                    id
                    ...A
                    ... on Node { ... on CustomerGroup { customerGroupName } ... on Customer { customerName } }
                    ... on CustomerGroup { isGroup }
                }
            }
            fragment A on Customer { contacts { lastName } ... on Node { id ... on CustomerGroup { isGroup } } }";
        let found = app.query_with(document, json!({ "id": id })).await;
        assert_eq!(found, json!({ "data": { "node": {
            "id": id,
            "contacts": [{ "firstName": "C", "lastName": null }],
            "customerName": "Ana",
        } } }));
    }

    async fn an_input_field_whose_variable_has_no_value_keeps_its_value(app: App) {
        let group = app.create_group(r#"customerGroupName: "P", isGroup: true"#).await;
        let id = app.create_group(&format!(
            r#"customerGroupName: "G", isGroup: true, creditLimit: "5", parentId: {group:?}"#
        )).await;
        let document = "
            mutation($id: ID!, $name: String, $parent: ID, $isGroup: Boolean, $limit: Decimal, $locale: String = \"nb\") {
                customerGroupUpdate(id: $id, input: {
                    customerGroupName: $name, parentId: $parent, isGroup: $isGroup, creditLimit: $limit, language: $locale
                }) {
                    customerGroup { customerGroupName isGroup creditLimit language parentCustomerGroup { customerGroupName } }
                    userErrors { message }
                }
            }";
        let updated = |values: Value| json!({ "data": { "customerGroupUpdate": {
            "customerGroup": values, "userErrors": [],
        } } });
        let kept = app.query_with(document, json!({ "id": id, "name": "H" })).await;
        assert_eq!(kept, updated(json!({
            "customerGroupName": "H", "isGroup": true, "creditLimit": "5", "language": "nb",
            "parentCustomerGroup": { "customerGroupName": "P" },
        })));
        // The variables of a request decide, and not those of the one before it.
        let cleared = json!({ "id": id, "parent": null, "limit": null, "locale": null });
        let cleared = app.query_with(document, cleared).await;
        assert_eq!(cleared, updated(json!({
            "customerGroupName": "H", "isGroup": true, "creditLimit": null, "language": null,
            "parentCustomerGroup": null,
        })));
        let set = app.query_with(document, json!({ "id": id, "limit": "7", "parent": group })).await;
        assert_eq!(set["data"]["customerGroupUpdate"]["customerGroup"]["creditLimit"], "7");
    }

    async fn an_argument_whose_variable_has_no_value_has_its_default(app: App) {
        for name in ["Ana", "Bo", "Cy"] {
            app.create_customer(&format!("customerName: {name:?}")).await;
        }
        let document = "
            query($first: Int, $direction: OrderDirection, $filter: CustomerFilter, $descendants: Boolean) {
                customers(first: $first, orderBy: { field: CUSTOMER_NAME, direction: $direction }, filter: $filter) {
                    nodes { customerName }
                }
                customerGroups { nodes { customers(includeDescendants: $descendants) { totalCount } } }
            }";
        let names = async |variables: Value| {
            let found = app.query_with(document, variables).await;
            let nodes = found["data"]["customers"]["nodes"].as_array();
            let nodes = nodes.unwrap_or_else(|| panic!("{found}"));
            nodes.iter().map(|it| it["customerName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(json!({})).await, ["Ana", "Bo", "Cy"]);
        assert_eq!(names(json!({ "direction": "DESC", "first": 1 })).await, ["Cy"]);
        let one = json!({ "customerName": { "eq": "Bo" } });
        assert_eq!(names(json!({ "filter": one })).await, ["Bo"]);
        let documents = [
            ("mutation($p: CustomerGroupDeletePolicy) {
                it: customerGroupDelete(externalId: \"x\", policy: $p) { userErrors { code } } }", "NOT_FOUND"),
            ("mutation($d: Boolean) { it: customerUnmerge(absorbedId: \"x\", discardChanges: $d) { userErrors { code } } }",
                "NOT_FOUND"),
        ];
        for (document, code) in documents {
            let response = app.query_with(document, json!({})).await;
            assert_eq!(response["data"]["it"]["userErrors"][0]["code"], code, "{response}");
        }
    }

    async fn skipped_fields_are_not_executed(app: App) {
        let document = "
            mutation($skip: Boolean!, $include: Boolean! = false) {
                a: customerCreate(input: { customerName: \"A\" }) @skip(if: $skip) { customer { customerName } }
                b: customerCreate(input: { customerName: \"B\" }) @include(if: $include) { customer { customerName } }
                c: customerCreate(input: { customerName: \"C\" }) @skip(if: true) { customer { customerName } }
                d: customerCreate(input: { customerName: \"D\" }) @include(if: true) @skip(if: $include) {
                    customer { customerName @include(if: $include) }
                }
            }";
        let created = app.query_with(document, json!({ "skip": false })).await;
        assert_eq!(created, json!({ "data": {
            "a": { "customer": { "customerName": "A" } }, "d": { "customer": {} },
        } }));
        let created = app.query_with(document, json!({ "skip": true, "include": true })).await;
        assert_eq!(created, json!({ "data": { "b": { "customer": { "customerName": "B" } } } }));
        assert_eq!(count(&app).await, 3);
        let nothing = app.query_with("query($s: Boolean!) { customers @skip(if: $s) { totalCount } }", json!({ "s": true }));
        assert_eq!(nothing.await, json!({ "data": {} }));
    }
}
