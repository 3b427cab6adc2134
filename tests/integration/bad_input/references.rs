//! Ids that do not exist, and references to objects of other parents.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{NOTHING, ask, populate, refused};
use crate::{
    support::{
        app::App,
        types::{children, types},
    },
    tenancy::DUMP,
};

/// The names of the types with external ids, each with the external id of one object.
fn with_external_ids() -> Vec<(&'static str, String)> {
    let types = types().iter().filter(|it| it.has_external_id());
    let mut types: Vec<_> = types.map(|it| (it.one.as_str(), it.external_id(1))).collect();
    types.sort();
    types
}

/// Further requests with an id as `$it`, each with the external id of an object of the right type.
/// References in inputs are tested in `fields`, with all other fields of inputs.
const FURTHER: [(&str, &str); 33] = [
    ("C-1", "query($it: ID!) { nodes(ids: [$it, $it]) { id } }"),
    ("C-1", "mutation($it: ID!) { customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: [$it]) {
        customerGroup { id } userErrors { field code message } } }"),
    ("C-1", "mutation($it: ID!) { customerGroupUpdateCustomers(externalId: \"G-1\", removeCustomerIds: [$it]) {
        customerGroup { id } userErrors { field code message } } }"),
    ("C-1", "mutation($it: ID!) { supplierNumberAtCustomerReorder(parentId: $it, ids: []) {
        supplierNumbersAtCustomer { id } userErrors { field code message } } }"),
    ("G-1", "query($it: ID!) { customers(filter: { customerGroup: { in: [$it] } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { customers(filter: { not: { customerGroup: { in: [$it], includeDescendants: true } } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { customerGroups(filter: { parentId: { eq: $it } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { customerGroups(filter: { not: { parentId: { in: [$it] } } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { loyaltyPrograms(filter: { customerGroupId: { eq: $it } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { loyaltyPrograms(filter: { not: { customerGroupId: { in: [$it] } } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { posProfiles(filter: { customerGroup: { in: [$it] } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { posProfiles(filter: { not: { customerGroup: { in: [$it], includeAncestors: true } } }) { totalCount } }"),
    ("G-1", "mutation($it: ID!) { customerGroupUpdateCustomers(id: $it, addCustomerIds: []) {
        customerGroup { id } userErrors { field code message } } }"),
    ("P-1", "query($it: ID!) { customers(filter: { loyaltyProgramId: { eq: $it } }) { totalCount } }"),
    ("P-1", "query($it: ID!) { customers(filter: { not: { loyaltyProgramId: { in: [$it] } } }) { totalCount } }"),
    ("P-1", "mutation($it: ID!) { loyaltyProgramCollectionReorder(parentId: $it, ids: []) {
        loyaltyProgramCollections { id } userErrors { field code message } } }"),
    ("T-1", "query($it: ID!) { customers(filter: { loyaltyProgramTierId: { eq: $it } }) { totalCount } }"),
    ("T-1", "query($it: ID!) { customers(filter: { not: { loyaltyProgramTierId: { in: [$it] } } }) { totalCount } }"),
    ("C-1", "query($it: ID!) { customerAddresses(filter: { customerId: { eq: $it } }) { totalCount } }"),
    ("C-1", "query($it: ID!) { customerContacts(filter: { not: { customerId: { in: [$it] } } }) { totalCount } }"),
    ("C-1", "query($it: ID!) { customerConsents(filter: { customerId: { eq: $it } }) { totalCount } }"),
    ("C-1", "query($it: ID!) { customerExtensions(filter: { customerId: { eq: $it } }) { totalCount } }"),
    ("K-1", "query($it: ID!) { customerExtensions(filter: { contactId: { eq: $it } }) { totalCount } }"),
    ("C-1", "query($it: ID!) { supplierNumbersAtCustomer(filter: { customerId: { in: [$it] } }) { totalCount } }"),
    ("P-1", "query($it: ID!) { loyaltyProgramCollections(filter: { loyaltyProgramId: { eq: $it } }) { totalCount } }"),
    ("G-1", "query($it: ID!) { posCustomerGroups(filter: { customerGroupId: { in: [$it] } }) { totalCount } }"),
    ("POS-1", "query($it: String!) { posCustomerGroups(filter: { posProfileId: { eq: $it } }) { totalCount } }"),
    ("POS-1", "query($it: String!) { customers(filter: { posProfileId: $it }) { totalCount } }"),
    ("POS-1", "query($it: ID!) { posProfile(id: $it) { id } }"),
    ("POS-1", "query($it: String!) { posProfiles(filter: { posProfileId: { eq: $it } }) { totalCount } }"),
    ("POS-1", "mutation($it: ID!) { posProfileUpdate(id: $it, input: { posProfileId: \"\\u0000\" }) {
        posProfile { id } userErrors { field code message } } }"),
    ("POS-1", "mutation($it: ID!) { posProfileDelete(id: $it) { deletedId userErrors { field code message } } }"),
    ("POS-1", "mutation($it: ID!) { posCustomerGroupReorder(parentId: $it, ids: []) {
        posCustomerGroups { id } userErrors { field code message } } }"),
];

both! {
    async fn ids_that_do_not_exist_get_one_response_whatever_is_wrong_with_them(app: App) {
        let ids = populate(&app).await;
        let mut cases: Vec<(String, String)> = Vec::new();
        for (object, own) in with_external_ids() {
            for query in [
                format!("query($it: ID!) {{ {object}(id: $it) {{ id }} }}"),
                "query($it: ID!) { node(id: $it) { id } }".to_owned(),
                // An invalid input is not reported if the object does not exist.
                format!("mutation($it: ID!) {{ {object}Update(id: $it, input: {{ externalId: \"\\u0000\" }}) {{
                    {object} {{ id }} userErrors {{ field code message }} }} }}"),
                format!("mutation($it: ID!) {{ {object}Delete(id: $it) {{
                    deletedId userErrors {{ field code message }} }} }}"),
            ] {
                cases.push((own.clone(), query));
            }
        }
        cases.extend(FURTHER.map(|(own, query)| (own.to_owned(), query.to_owned())));
        for child in children() {
            let (parent, field) = (child.parent_type().unwrap(), child.parent_field().unwrap());
            let list = child.many;
            let query = format!("query($it: ID!) {{ {list}(filter: {{ {field}: {{ eq: $it }} }}) {{ totalCount }} }}");
            if parent.has_external_id() && cases.iter().all(|(_, other)| *other != query) {
                cases.push((parent.external_id(1), query));
            }
        }
        let before = app.query(&DUMP).await;
        let mut answers = Map::new();
        for (own, query) in cases {
            let own = &ids[&own];
            let (prefix, _) = own.rsplit_once('_').unwrap();
            let prefix = format!("{prefix}_");
            let answer = ask(&app, &query, &json!({ "it": format!("{prefix}{NOTHING}") })).await;
            // Ids of another type and invalid ids get exactly the response of an id that does not
            // exist.
            let mut others = vec![
                String::new(),
                "_".to_owned(),
                "0".to_owned(),
                prefix.clone(),
                format!("{prefix}0"),
                format!("{prefix}0000000000007000800000000000000g"),
                format!("key_{NOTHING}"),
                own.to_uppercase(),
                format!(" {own}"),
                format!("{own}0"),
                own.replace('_', "__"),
                "'; DROP TABLE customers; --".to_owned(),
            ];
            // In a filter, the argument is a text instead of an id, so it is rejected as invalid.
            let is_text = query.contains("String!");
            if !is_text {
                others.extend(["\0".to_owned(), format!("{prefix}\0"), format!("{own}\0")]);
                others.push("x".repeat(900_000));
                assert_eq!(ask(&app, &query, &json!({ "it": 1 })).await, answer, "{query}: a number");
            }
            if !query.contains("node") {
                others.extend(ids.values().filter(|id| !id.starts_with(&prefix)).cloned());
            }
            if query.contains("posProfile") || query.contains("posCustomerGroupReorder") {
                // Texts are trimmed, so a leading or trailing space makes no difference.
                others.retain(|other| other.trim() != own);
            }
            if query.contains("customers(filter: { posProfileId: $it })") {
                // The text must not be empty.
                others.retain(|other| !other.is_empty());
            }
            for other in others {
                let shown: String = other.chars().take(100).collect();
                assert_eq!(ask(&app, &query, &json!({ "it": other })).await, answer, "{query}: {shown}");
            }
            answers.insert(query, answer.into());
        }
        assert_eq!(app.query(&DUMP).await, before);
        insta::assert_json_snapshot!("ids_of_nothing", answers);
    }

    async fn external_ids_that_do_not_exist_get_one_response(app: App) {
        populate(&app).await;
        let before = app.query(&DUMP).await;
        let members = "mutation($it: String!) { customerGroupUpdateCustomers(externalId: $it) {
            customerGroup { id } userErrors { field code message } } }";
        let mut cases = vec![("customerGroup", members.to_owned())];
        for (object, _) in with_external_ids() {
            for query in [
                format!("query($it: String!) {{ {object}(externalId: $it) {{ id }} }}"),
                format!("mutation($it: String!) {{ {object}Update(externalId: $it, input: {{ externalId: \"\\u0000\" }}) {{
                    {object} {{ id }} userErrors {{ field code message }} }} }}"),
                format!("mutation($it: String!) {{ {object}Delete(externalId: $it) {{
                    deletedId userErrors {{ field code message }} }} }}"),
            ] {
                cases.push((object, query));
            }
        }
        let long = "x".repeat(900_000);
        let mut answers = Map::new();
        for (object, query) in cases {
            let answer = ask(&app, &query, &json!({ "it": "nobodys" })).await;
            let (_, own) = with_external_ids().into_iter().find(|(name, _)| *name == object).unwrap();
            let almost = [format!("{own}\0"), format!("{own} 1"), format!("\u{200b}{own}"), own.to_lowercase()];
            // External ids of other types do not identify an object of this type.
            let others = with_external_ids().into_iter().filter(|(name, _)| *name != object).map(|(_, other)| other);
            let others = others.chain(["", "\0", "%", "_-1", &long].map(str::to_owned));
            for other in others.chain(almost) {
                let shown: String = other.chars().take(100).collect();
                assert_eq!(ask(&app, &query, &json!({ "it": other })).await, answer, "{query}: {shown}");
            }
            answers.insert(query, answer.into());
        }
        assert_eq!(app.query(&DUMP).await, before);
        insta::assert_json_snapshot!("external_ids_of_nothing", answers);
    }

    async fn a_lookup_needs_exactly_one_id(app: App) {
        let ids = populate(&app).await;
        let mut cases = vec![("mutation", "customerGroupUpdateCustomers".to_owned(), "G-1".to_owned())];
        for (object, own) in with_external_ids() {
            cases.push(("query", object.to_owned(), own.clone()));
            cases.push(("mutation", format!("{object}Update"), own.clone()));
            cases.push(("mutation", format!("{object}Delete"), own));
        }
        let before = app.query(&DUMP).await;
        let mut all = Map::new();
        for arguments in [
            "",
            "id: null",
            "id: null, externalId: null",
            "id: \"ID\", externalId: \"OWN\"",
            "id: \"?\", externalId: \"\"",
        ] {
            let mut answers = BTreeSet::new();
            for (operation, field, own) in &cases {
                let arguments = arguments.replace("\"ID", &format!("\"{}", ids[own])).replace("OWN", own);
                let input = if field.ends_with("Update") { "input: {}" } else { "" };
                let arguments = format!("{arguments} {input}");
                let arguments = match arguments.trim() {
                    "" => String::new(),
                    arguments => format!("({arguments})"),
                };
                let selection = if *operation == "query" { "id" } else { "userErrors { code }" };
                let query = format!("{operation} {{ {field}{arguments} {{ {selection} }} }}");
                let answer: Value = serde_json::from_str(&ask(&app, &query, &json!({})).await).unwrap();
                // All errors are the same, apart from their paths.
                let error = &answer["errors"][0];
                assert_eq!(error["path"], json!([field]), "{query}: {answer}");
                answers.insert(format!("{}: {}", error["extensions"]["code"], error["message"]));
            }
            all.insert(arguments.to_owned(), json!(answers));
        }
        assert_eq!(app.query(&DUMP).await, before);
        insta::assert_json_snapshot!("lookups", all);
    }

    async fn lists_of_too_many_ids_are_refused(app: App) {
        let data = populate(&app).await;
        let members = "mutation($add: [ID!]!, $remove: [ID!]!) {
            it: customerGroupUpdateCustomers(externalId: \"G-1\", addCustomerIds: $add, removeCustomerIds: $remove) {
                it: customerGroup { id } userErrors { field code message } } }";
        let ids = |count: usize| vec![data["C-1"].clone(); count];
        let nothing = format!("customer_{NOTHING}");
        let mut complaints = Map::new();
        for (name, add, remove) in [
            ("1,001 to add", ids(1_001), vec![]),
            ("1,001 to remove", vec![], ids(1_001)),
            ("1,001 in all", ids(1_000), ids(1)),
            ("1,001 in all, most to remove", ids(1), ids(1_000)),
            ("1,001 that are none", vec!["?".to_owned(); 1_001], vec![]),
            ("the same to add and to remove", ids(1), ids(1)),
            (
                "two that are none",
                vec!["?".to_owned(), data["C-1"].clone(), nothing.clone()],
                vec![],
            ),
            ("none and nothing", vec!["?".to_owned()], vec![nothing.clone()]),
        ] {
            let variables = json!({ "add": add, "remove": remove });
            complaints.insert(name.to_owned(), refused(&app, members, variables).await);
        }
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        complaints
            .insert("101 nodes".to_owned(), refused(&app, nodes, json!({ "ids": ids(101) })).await);
        insta::assert_json_snapshot!("lists_too_long", complaints);

        let answer = app.data(nodes, json!({ "ids": ids(100) })).await;
        assert_eq!(answer["nodes"].as_array().unwrap().len(), 100);
        for variables in
            [json!({ "add": ids(1_000), "remove": [] }), json!({ "add": [], "remove": ids(1_000) })]
        {
            let answer = app.data(members, variables).await;
            assert_eq!(answer["it"]["userErrors"], json!([]));
        }
    }
}
