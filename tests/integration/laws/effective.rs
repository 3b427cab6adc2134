//! Values in effect, and the filter by effective price list, agree with a model that checks one level after the other.

use proptest::{array::uniform5, collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::{Client, check};
use crate::support::app::App;

const GROUPS: usize = 7;
const CUSTOMERS: usize = 6;
/// The number of different values of each field. It is small, so that levels often have the same
/// value.
const VALUES: u8 = 3;

/// The fields with a value in effect.
const FIELDS: [&str; 5] =
    ["defaultPriceList", "paymentTerms", "paymentTermsDays", "creditLimit", "language"];

/// A value of each field, as a number.
type Values = [Option<u8>; 5];

/// A change. Groups are numbers, and a group's parent is always a lower number.
#[derive(Clone, Debug)]
enum Step {
    Tenant(Values),
    Group { group: usize, parent: Option<usize>, values: Values },
    Customer { customer: usize, group: Option<usize>, values: Values },
}

#[derive(Clone, Debug)]
struct Case {
    groups: Vec<(Option<usize>, Values)>,
    customers: Vec<(Option<usize>, Values)>,
    steps: Vec<Step>,
}

fn values() -> impl Strategy<Value = Values> {
    uniform5(option::weighted(0.35, 0..VALUES))
}

/// A group's parent, and its values.
fn group() -> impl Strategy<Value = (Option<usize>, Values)> {
    (option::weighted(0.8, 0..GROUPS), values())
}

/// A customer's primary group, and its values.
fn customer() -> impl Strategy<Value = (Option<usize>, Values)> {
    (option::weighted(0.8, 0..GROUPS), values())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => values().prop_map(Step::Tenant),
        3 => (0..GROUPS, group())
            .prop_map(|(group, (parent, values))| Step::Group { group, parent, values }),
        2 => (0..CUSTOMERS, customer())
            .prop_map(|(customer, (group, values))| Step::Customer { customer, group, values }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    (vec(group(), GROUPS), vec(customer(), CUSTOMERS), vec(step(), 1..8))
        .prop_map(|(groups, customers, steps)| Case { groups, customers, steps })
}

/// A value as the API returns it.
fn shown(field: &str, value: Option<u8>) -> Value {
    match (field, value) {
        (_, None) => Value::Null,
        ("paymentTermsDays", Some(value)) => json!(value),
        // A limit of 0 is a value, too.
        ("creditLimit", Some(value)) => json!(value.to_string()),
        (_, Some(value)) => json!(price_list(value)),
    }
}

fn price_list(value: u8) -> String {
    format!("V{value}")
}

/// The fields of an input that set all values.
fn input(values: &Values, is_customer: bool) -> Value {
    let mut input = json!({});
    for (field, value) in FIELDS.iter().zip(values) {
        match *field {
            "creditLimit" if is_customer => {
                input["credit"] = json!({ "limit": shown(field, *value) });
            }
            field => input[field] = shown(field, *value),
        }
    }
    input
}

/// The parent if it has a lower number than the group; otherwise the group is a root.
fn lower(group: usize, parent: Option<usize>) -> Option<usize> {
    parent.filter(|parent| *parent < group)
}

struct Model {
    tenant: Values,
    /// Each group's id, parent and values.
    groups: Vec<(String, Option<usize>, Values)>,
    /// Each customer's id, primary group and values.
    customers: Vec<(String, Option<usize>, Values)>,
}

impl Model {
    /// The value in effect, with its source as the API returns it.
    fn effective(&self, customer: usize, field: usize) -> (Option<u8>, Value) {
        let (_, group, values) = &self.customers[customer];
        if let Some(own) = values[field] {
            return (Some(own), json!({ "kind": "CUSTOMER", "customerGroup": null }));
        }
        let mut next = *group;
        while let Some(number) = next {
            let (id, parent, values) = &self.groups[number];
            if let Some(value) = values[field] {
                let source = json!({ "kind": "CUSTOMER_GROUP", "customerGroup": { "id": id } });
                return (Some(value), source);
            }
            next = *parent;
        }
        match self.tenant[field] {
            Some(value) => (Some(value), json!({ "kind": "TENANT", "customerGroup": null })),
            None => (None, Value::Null),
        }
    }

    fn effective_values(&self, customer: usize) -> Value {
        let mut values = json!({});
        for (place, field) in FIELDS.iter().enumerate() {
            let (value, source) = self.effective(customer, place);
            values[*field] = json!({ "value": shown(field, value), "source": source });
        }
        values
    }

    /// The ids of the customers whose effective price list satisfies the predicate.
    fn matching(&self, is_wanted: impl Fn(Option<u8>) -> bool) -> Vec<&str> {
        let customers = (0..CUSTOMERS).filter(|it| is_wanted(self.effective(*it, 0).0));
        customers.map(|it| self.customers[it].0.as_str()).collect()
    }
}

const EFFECTIVE: &str = "effective {
    defaultPriceList { ...Text } paymentTerms { ...Text } language { ...Text }
    paymentTermsDays { value source { ...Source } } creditLimit { value source { ...Source } } }";
const FRAGMENTS: &str = "fragment Text on EffectiveText { value source { ...Source } }
    fragment Source on EffectiveSource { kind customerGroup { id } }";

async fn assert_as_in(client: &Client<'_>, model: &Model) {
    let query = format!(
        "{{ customers(orderBy: {{ field: CREATED_AT }}) {{ nodes {{ id {EFFECTIVE} }} }} }} {FRAGMENTS}"
    );
    let found = client.data(&query, json!({})).await;
    for (customer, node) in found["customers"]["nodes"].as_array().unwrap().iter().enumerate() {
        assert_eq!(node["id"], model.customers[customer].0);
        assert_eq!(node["effective"], model.effective_values(customer), "customer {customer}");
    }
    let assert_matching = async |filter: Value, expected: Vec<&str>| {
        for order in ["CREATED_AT", "CUSTOMER_NAME"] {
            let query = "query($filter: CustomerFilter, $order: CustomerOrder) {
                customers(filter: $filter, orderBy: $order) { totalCount nodes { id } } }";
            let variables = json!({ "filter": filter, "order": { "field": order } });
            let list = client.data(query, variables).await["customers"].take();
            let ids: Vec<&str> = super::ids(&list["nodes"]);
            assert_eq!(ids, expected, "{filter} {order}");
            assert_eq!(list["totalCount"], expected.len(), "{filter}");
        }
    };
    let test = |test: Value| json!({ "effectivePriceList": test });
    for value in 0..VALUES {
        let eq = test(json!({ "eq": price_list(value) }));
        assert_matching(eq.clone(), model.matching(|it| it == Some(value))).await;
        assert_matching(json!({ "not": eq }), model.matching(|it| it != Some(value))).await;
    }
    let some = test(json!({ "in": [price_list(0), price_list(2), "other"] }));
    assert_matching(some.clone(), model.matching(|it| matches!(it, Some(0 | 2)))).await;
    assert_matching(test(json!({ "isNull": true })), model.matching(|it| it.is_none())).await;
    assert_matching(test(json!({ "isNull": false })), model.matching(|it| it.is_some())).await;
    let none = json!({ "or": [some, test(json!({ "isNull": true }))] });
    assert_matching(none, model.matching(|it| it != Some(1))).await;
}

async fn update(client: &Client<'_>, noun: &str, id: Option<&str>, input: Value) {
    let input_type = format!("{}UpdateInput!", crate::support::app::capitalised(noun));
    let (declared, passed) = if id.is_some() { ("$id: ID, ", "id: $id, ") } else { ("", "") };
    let mutation = format!(
        "mutation({declared}$input: {input_type}) {{ payload: {noun}Update({passed}input: $input) {{
            userErrors {{ field message }} }} }}"
    );
    let payload = client.data(&mutation, json!({ "id": id, "input": input })).await;
    assert_eq!(payload["payload"]["userErrors"], json!([]), "{input}");
}

async fn take(client: &Client<'_>, model: &mut Model, step: &Step) {
    match step {
        Step::Tenant(values) => {
            update(client, "tenant", None, input(values, false)).await;
            model.tenant = *values;
        }
        Step::Group { group, parent, values } => {
            let parent = lower(*group, *parent);
            let mut input = input(values, false);
            input["parentId"] = json!(parent.map(|it| &model.groups[it].0));
            update(client, "customerGroup", Some(&model.groups[*group].0), input).await;
            (model.groups[*group].1, model.groups[*group].2) = (parent, *values);
        }
        Step::Customer { customer, group, values } => {
            let mut input = input(values, true);
            input["customerGroupId"] = json!(group.map(|it| &model.groups[it].0));
            update(client, "customer", Some(&model.customers[*customer].0), input).await;
            (model.customers[*customer].1, model.customers[*customer].2) = (*group, *values);
        }
    }
}

async fn check_case(client: &Client<'_>, case: Case) {
    let mut model = Model { tenant: [None; 5], groups: Vec::new(), customers: Vec::new() };
    for (number, (parent, values)) in case.groups.iter().enumerate() {
        let parent = lower(number, *parent);
        let mut input = input(values, false);
        input["customerGroupName"] = json!(format!("G{number}"));
        input["isGroup"] = json!(true);
        input["parentId"] = json!(parent.map(|it| &model.groups[it].0));
        let id = client.create("customerGroupCreate", input).await;
        model.groups.push((id, parent, *values));
    }
    for (number, (group, values)) in case.customers.iter().enumerate() {
        let mut input = input(values, true);
        input["customerName"] = json!(format!("C{number}"));
        input["customerGroupId"] = json!(group.map(|it| &model.groups[it].0));
        let id = client.create("customerCreate", input).await;
        model.customers.push((id, *group, *values));
    }
    assert_as_in(client, &model).await;
    for step in &case.steps {
        take(client, &mut model, step).await;
        assert_as_in(client, &model).await;
    }
}

both! {
    async fn values_in_effect_are_those_of_the_nearest_level(app: App) {
        check(&app, 16, case(), &async |client, case| check_case(client, case).await);
    }
}
