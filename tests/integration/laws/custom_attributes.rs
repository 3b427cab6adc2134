//! Filters and orders by custom attributes agree with a model that evaluates each customer separately.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{Client, check, ids};
use crate::support::app::App;

const GROUPS: usize = 2;

/// The attributes: the key, the type, and whether it is a list.
const ATTRIBUTES: [(&str, &str, bool); 8] = [
    ("tag", "TEXT", false),
    ("size", "NUMBER", false),
    ("isVip", "FLAG", false),
    ("since", "DAY", false),
    ("store", "CHOICE", false),
    ("price", "MONEY", false),
    ("topics", "TEXT", true),
    ("sizes", "NUMBER", true),
];

/// Texts that are equal or have a common prefix when folded, and one that folds to nothing.
const TEXTS: [&str; 9] = ["a", "A", "á", "ab", "ÁB", "b", "a_", "a%", "\u{301}"];
const CHOICES: [&str; 3] = ["b", "B", "a"];
const CURRENCIES: [&str; 2] = ["EUR", "NOK"];

/// A number that stands for a value. The attribute's type determines which one.
type Seed = u8;

/// The values of a customer, one list per attribute.
type Values = Vec<Vec<Seed>>;

#[derive(Clone, Debug)]
struct Customer {
    group: Option<usize>,
    values: Values,
}

#[derive(Clone, Debug)]
enum Condition {
    /// One value satisfies all of the operators.
    Is {
        attribute: usize,
        tests: Vec<(&'static str, Vec<Seed>)>,
    },
    IsNull {
        attribute: usize,
        is_null: bool,
    },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Clone, Debug)]
struct List {
    condition: Option<Condition>,
    /// An attribute that is not a list, and whether the order is descending.
    order: Option<(usize, bool)>,
    size: usize,
}

#[derive(Clone, Debug)]
struct Case {
    customers: Vec<Customer>,
    /// Customers whose values are changed.
    changes: Vec<(usize, Values)>,
    /// Whether the attributes become searchable only after values exist.
    is_late: bool,
    lists: Vec<List>,
}

fn values() -> impl Strategy<Value = Values> {
    let of = |(_, _, is_list): (&str, &str, bool)| {
        if is_list {
            vec(any::<Seed>(), 0..4).boxed()
        } else {
            option::weighted(0.7, any::<Seed>()).prop_map(|it| it.into_iter().collect()).boxed()
        }
    };
    ATTRIBUTES.map(of).to_vec()
}

fn condition() -> impl Strategy<Value = Condition> {
    let tests = vec((any::<u8>(), vec(any::<Seed>(), 1..4)), 1..3);
    let is = (0..ATTRIBUTES.len(), tests).prop_map(|(attribute, tests)| {
        let operators: &[&str] = match ATTRIBUTES[attribute].1 {
            "TEXT" => &["eq", "in", "contains", "startsWith"],
            "NUMBER" | "DAY" | "MONEY" => &["eq", "in", "gt", "gte", "lt", "lte"],
            _ => &["eq", "in"],
        };
        let named = |(operator, seeds): (u8, Vec<Seed>)| {
            (operators[usize::from(operator) % operators.len()], seeds)
        };
        let mut tests: Vec<_> = tests.into_iter().map(named).collect();
        tests.dedup_by_key(|(operator, _)| *operator);
        Condition::Is { attribute, tests }
    });
    let is_null = (0..ATTRIBUTES.len(), any::<bool>())
        .prop_map(|(attribute, is_null)| Condition::IsNull { attribute, is_null });
    let leaf = prop_oneof![4 => is, 1 => is_null];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Condition::Not(Box::new(it))),
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner, 0..3).prop_map(Condition::Any),
        ]
    })
}

fn list() -> impl Strategy<Value = List> {
    let sortable: Vec<usize> = (0..ATTRIBUTES.len()).filter(|it| !ATTRIBUTES[*it].2).collect();
    let order = option::weighted(0.8, (select(sortable), any::<bool>()));
    (option::weighted(0.7, condition()), order, 1..6_usize)
        .prop_map(|(condition, order, size)| List { condition, order, size })
}

fn case() -> impl Strategy<Value = Case> {
    let customer =
        (option::of(0..GROUPS), values()).prop_map(|(group, values)| Customer { group, values });
    let changes = vec((0..12_usize, values()), 0..4);
    (vec(customer, 1..12), changes, any::<bool>(), vec(list(), 6)).prop_map(
        |(customers, changes, is_late, lists)| Case { customers, changes, is_late, lists },
    )
}

/// The value that a seed stands for in an attribute of this type, as the API returns it.
fn shown(of_type: &str, seed: Seed) -> Value {
    let pick = |texts: &[&str]| texts[usize::from(seed) % texts.len()].to_owned();
    match of_type {
        "TEXT" => json!({ "text": pick(&TEXTS) }),
        "NUMBER" => json!({ "number": number(seed) }),
        "FLAG" => json!({ "flag": seed.is_multiple_of(2) }),
        "DAY" => json!({ "day": format!("20{:02}-0{}-15", 9 + seed % 3, 1 + seed % 2) }),
        "CHOICE" => json!({ "choice": pick(&CHOICES) }),
        "MONEY" => {
            json!({ "money": { "amount": number(seed / 2), "currency": pick(&CURRENCIES) } })
        }
        _ => panic!("{of_type}"),
    }
}

/// Numbers whose texts sort differently.
fn number(seed: Seed) -> String {
    ["-10", "-9.5", "-0.001", "0", "0.5", "9", "10", "10.25"][usize::from(seed) % 8].to_owned()
}

/// A value that compares like the attribute's values.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Text(String),
    Number(f64),
    Money(String, f64),
}

fn key(of_type: &str, seed: Seed) -> Key {
    let value = shown(of_type, seed);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| text(value).parse::<f64>().unwrap();
    match of_type {
        "TEXT" => Key::Text(fold(&text(&value["text"]))),
        "NUMBER" => Key::Number(number(&value["number"])),
        "FLAG" => Key::Number(f64::from(u8::from(value["flag"].as_bool().unwrap()))),
        "DAY" => Key::Text(text(&value["day"])),
        "CHOICE" => Key::Text(text(&value["choice"])),
        _ => Key::Money(text(&value["money"]["currency"]), number(&value["money"]["amount"])),
    }
}

fn fold(text: &str) -> String {
    text.to_lowercase().replace('á', "a").replace('\u{301}', "")
}

impl Condition {
    fn filter(&self) -> Value {
        let all = |list: &[Self]| list.iter().map(Self::filter).collect::<Vec<_>>();
        match self {
            Self::Is { attribute, tests } => {
                let (key, of_type, _) = ATTRIBUTES[*attribute];
                let mut condition = json!({ "key": key });
                for (operator, seeds) in tests {
                    condition[*operator] = match *operator {
                        "in" => seeds.iter().map(|seed| shown(of_type, *seed)).collect(),
                        "contains" | "startsWith" => shown(of_type, seeds[0])["text"].clone(),
                        _ => shown(of_type, seeds[0]),
                    };
                }
                json!({ "attribute": condition })
            }
            Self::IsNull { attribute, is_null } => {
                json!({ "attribute": { "key": ATTRIBUTES[*attribute].0, "isNull": is_null } })
            }
            Self::Not(condition) => json!({ "not": condition.filter() }),
            Self::All(list) => json!({ "and": all(list) }),
            Self::Any(list) => json!({ "or": all(list) }),
        }
    }

    fn matches(&self, values: &Values) -> bool {
        match self {
            Self::Is { attribute, tests } => {
                let of_type = ATTRIBUTES[*attribute].1;
                values[*attribute].iter().any(|seed| {
                    let value = key(of_type, *seed);
                    tests.iter().all(|(operator, seeds)| {
                        let wanted: Vec<Key> = seeds.iter().map(|it| key(of_type, *it)).collect();
                        passes(&value, operator, &wanted)
                    })
                })
            }
            Self::IsNull { attribute, is_null } => values[*attribute].is_empty() == *is_null,
            Self::Not(condition) => !condition.matches(values),
            Self::All(list) => list.iter().all(|it| it.matches(values)),
            Self::Any(list) => list.iter().any(|it| it.matches(values)),
        }
    }
}

/// Whether a value satisfies an operator. Some operators take several values.
fn passes(value: &Key, operator: &str, wanted: &[Key]) -> bool {
    let first = &wanted[0];
    let text = |key: &Key| match key {
        Key::Text(text) => text.clone(),
        _ => panic!("{key:?}"),
    };
    let is_comparable = match (value, first) {
        (Key::Money(one, _), Key::Money(other, _)) => one == other,
        _ => true,
    };
    match operator {
        "eq" => value == first,
        "in" => wanted.contains(value),
        "gt" => is_comparable && value > first,
        "gte" => is_comparable && value >= first,
        "lt" => is_comparable && value < first,
        "lte" => is_comparable && value <= first,
        "contains" => text(value).contains(&text(first)),
        _ => text(value).starts_with(&text(first)),
    }
}

/// The input that sets exactly these values of a customer and clears all others.
fn assignments(values: &Values) -> Vec<Value> {
    let assignment = |((key, of_type, is_list), seeds): (&(&str, &str, bool), &Vec<Seed>)| {
        let mut shown = seeds.iter().map(|seed| shown(of_type, *seed));
        if *is_list {
            json!({ "key": key, "values": shown.collect::<Vec<_>>() })
        } else {
            json!({ "key": key, "value": shown.next() })
        }
    };
    ATTRIBUTES.iter().zip(values).map(assignment).collect()
}

const LISTS: &str = "query($filter: CustomerFilter, $order: CustomerOrder, $group: ID!) {
    customers(first: 100, filter: $filter, orderBy: $order) { totalCount nodes { id } }
    customerGroup(id: $group) { customers(first: 100, filter: $filter, orderBy: $order) { totalCount nodes { id } } }
    customerGroups(filter: { isRoot: true }) { nodes {
        id customers(first: 100, filter: $filter, orderBy: $order) { totalCount nodes { id } } } } }";

const PAGE: &str = "query($filter: CustomerFilter, $order: CustomerOrder, $first: Int, $after: String,
    $last: Int, $before: String, $offset: Int) {
    customers(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before,
        offset: $offset) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

struct World {
    groups: Vec<String>,
    customers: Vec<(String, Customer)>,
}

impl World {
    async fn make(client: &Client<'_>, case: &Case) -> Self {
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            let input = json!({ "customerGroupName": number.to_string() });
            groups.push(client.create("customerGroupCreate", input).await);
        }
        let mut definitions = Vec::new();
        for (key, of_type, is_list) in ATTRIBUTES {
            let input = json!({
                "noun": "CUSTOMER", "key": key, "type": of_type, "isList": is_list,
                "isSearchable": !case.is_late, "choices": if of_type == "CHOICE" { &CHOICES[..] } else { &[] },
            });
            definitions.push(client.create("attributeDefinitionCreate", input).await);
        }
        let mut customers = Vec::new();
        for customer in &case.customers {
            let input = json!({
                "customerName": "Ana", "customerGroupId": customer.group.map(|it| &groups[it]),
                "attributes": assignments(&customer.values),
            });
            let id = client.create("customerCreate", input).await;
            customers.push((id, customer.clone()));
        }
        let update = "mutation($id: ID!, $attributes: [CustomAttributeInput!]) {
            customerUpdate(id: $id, input: { attributes: $attributes }) { userErrors { message } } }";
        for (number, values) in &case.changes {
            let number = number % customers.len();
            let (id, customer) = &mut customers[number];
            customer.values.clone_from(values);
            let arguments = json!({ "id": id, "attributes": assignments(values) });
            let data = client.data(update, arguments).await;
            assert_eq!(data["customerUpdate"]["userErrors"], json!([]));
        }
        let searchable = "mutation($id: ID!) { attributeDefinitionUpdate(id: $id, input: { isSearchable: true }) {
            userErrors { message } } }";
        for id in definitions {
            client.data(searchable, json!({ "id": id })).await;
        }
        Self { groups, customers }
    }

    /// The ids of the list, of all customers or of those in a group.
    fn expected(&self, list: &List, group: Option<usize>) -> Vec<&str> {
        let is_wanted = |(_, customer): &&(String, Customer)| {
            list.condition.as_ref().is_none_or(|it| it.matches(&customer.values))
                && group.is_none_or(|group| customer.group == Some(group))
        };
        let mut found: Vec<_> = self.customers.iter().filter(is_wanted).collect();
        let (attribute, is_descending) = list
            .order
            .map_or((None, true), |(attribute, is_descending)| (Some(attribute), is_descending));
        found.sort_by(|(one, a), (other, b)| {
            let key = |it: &Customer| {
                let seed = it.values[attribute?].first()?;
                // An empty key sorts like a missing value.
                Some(key(ATTRIBUTES[attribute?].1, *seed))
                    .filter(|it| *it != Key::Text(String::new()))
            };
            key(a).partial_cmp(&key(b)).unwrap().then(one.cmp(other))
        });
        if is_descending {
            found.reverse();
        }
        found.into_iter().map(|(id, _)| id.as_str()).collect()
    }
}

async fn agrees(client: &Client<'_>, world: &World, list: &List) {
    let filter = list.condition.as_ref().map(Condition::filter);
    let order = list.order.map(|(attribute, is_descending)| {
        let direction = if is_descending { "DESC" } else { "ASC" };
        json!({ "attribute": ATTRIBUTES[attribute].0, "direction": direction })
    });
    let group = &world.groups[1];
    let arguments = json!({ "filter": filter, "order": order, "group": group });
    let data = client.data(LISTS, arguments).await;
    let same = |connection: &Value, expected: &[&str]| {
        assert_eq!(ids(&connection["nodes"]), expected, "{filter:?} {order:?}");
        assert_eq!(connection["totalCount"], expected.len());
    };
    let expected = world.expected(list, None);
    same(&data["customers"], &expected);
    same(&data["customerGroup"]["customers"], &world.expected(list, Some(1)));
    for of_group in data["customerGroups"]["nodes"].as_array().unwrap() {
        let group = world.groups.iter().position(|id| of_group["id"] == **id).unwrap();
        same(&of_group["customers"], &world.expected(list, Some(group)));
    }

    // All pages in both directions, and one by offset.
    let size = list.size;
    for is_forward in [true, false] {
        let (mut found, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let (count, from) = if is_forward { ("first", "after") } else { ("last", "before") };
            let arguments = json!({ "filter": filter, "order": order, count: size, from: cursor });
            let page = client.data(PAGE, arguments).await["customers"].take();
            let mut of_page: Vec<String> =
                ids(&page["nodes"]).into_iter().map(str::to_owned).collect();
            if !is_forward {
                of_page.reverse();
            }
            found.extend(of_page);
            let info = &page["pageInfo"];
            let (more, end) = if is_forward {
                ("hasNextPage", "endCursor")
            } else {
                ("hasPreviousPage", "startCursor")
            };
            cursor = info[end].clone();
            if info[more] == false {
                break;
            }
        }
        if !is_forward {
            found.reverse();
        }
        assert_eq!(found, expected, "{filter:?} {order:?} by {size}");
    }
    let arguments = json!({ "filter": filter, "order": order, "first": size, "offset": size });
    let page = client.data(PAGE, arguments).await;
    let of_page: Vec<&str> = expected.iter().skip(size).take(size).copied().collect();
    assert_eq!(ids(&page["customers"]["nodes"]), of_page);
}

both! {
    async fn filters_and_orders_agree_with_a_model(app: App) {
        check(&app, 24, case(), &async |client, case: Case| {
            let world = World::make(client, &case).await;
            for list in &case.lists {
                agrees(client, &world, list).await;
            }
        });
    }
}
