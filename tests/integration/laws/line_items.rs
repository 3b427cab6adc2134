//! The positions (`idx`) of line items are always 1, 2, 3 … without gaps, in the requested order.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::{Client, check, ids};
use crate::support::app::{App, capitalised};

/// The number of valid values, which must be unique among siblings. Greater values are invalid.
const VALUES: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tiers,
    SupplierNumbers,
    /// POS links can move from one parent to the other.
    PosLinks,
}

/// A step. Items are numbers. Numbers beyond the existing items stand for deleted items.
#[derive(Clone, Debug)]
enum Step {
    Create { parent: usize, idx: Option<i32>, value: u8 },
    Update { item: usize, idx: Option<i32>, value: Option<u8>, parent: Option<usize> },
    Delete { item: usize },
    Reorder { parent: usize, order: Order },
}

/// An order of a parent's items.
#[derive(Clone, Debug)]
enum Order {
    /// Sorted by these weights.
    By(Vec<u8>),
    /// One item is missing.
    Without(usize),
    /// One item is listed twice.
    Twice(usize),
    /// One item is replaced by an item of the other parent.
    WithOther(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let parent = || prop_oneof![3 => Just(0_usize), 1 => Just(1_usize)];
    let idx =
        || prop_oneof![2 => Just(None), 3 => (1..=4).prop_map(Some), 1 => (-1..=9).prop_map(Some)];
    let value = || prop_oneof![9 => 0..VALUES, 1 => Just(VALUES)];
    let order = prop_oneof![
        3 => vec(any::<u8>(), 1..6).prop_map(Order::By),
        1 => (0..6_usize).prop_map(Order::Without),
        1 => (0..6_usize).prop_map(Order::Twice),
        1 => (0..6_usize).prop_map(Order::WithOther),
    ];
    let step = prop_oneof![
        6 => (parent(), idx(), value())
            .prop_map(|(parent, idx, value)| Step::Create { parent, idx, value }),
        4 => (0..10_usize, idx(), option::weighted(0.3, value()), option::weighted(0.6, parent()))
            .prop_map(|(item, idx, value, parent)| Step::Update { item, idx, value, parent }),
        2 => (0..10_usize).prop_map(|item| Step::Delete { item }),
        2 => (parent(), order).prop_map(|(parent, order)| Step::Reorder { parent, order }),
    ];
    // Both parents have some items from the start, which most steps refer to.
    let filled = |parent: usize| {
        let create = move |value| Step::Create { parent, idx: None, value };
        (0..VALUES).prop_map(move |count| (0..count).map(create).collect::<Vec<_>>())
    };
    (filled(0), filled(1), vec(step, 1..25)).prop_map(|(a, b, steps)| [a, b, steps].concat())
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    id: String,
    value: u8,
}

/// The items of both parents.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    kind: Kind,
    parents: [Vec<Item>; 2],
}

impl Model {
    /// The parent of the item with this number, and its position there.
    fn find(&self, item: usize) -> Option<(usize, usize)> {
        let first = self.parents[0].len();
        match item.checked_sub(first) {
            None => Some((0, item)),
            Some(position) => (position < self.parents[1].len()).then_some((1, position)),
        }
    }

    /// The model after a step; `None` if the step is rejected. The id of a new item is not known yet.
    fn after(&self, step: &Step) -> Option<Self> {
        let mut next = self.clone();
        match step {
            Step::Create { parent, idx, value } => {
                let item = Item { id: String::new(), value: *value };
                insert(&mut next.parents[*parent], *idx, item)?;
            }
            Step::Update { item, idx, value, parent } => {
                let (from, position) = self.find(*item)?;
                let to = parent.filter(|_| self.kind == Kind::PosLinks).unwrap_or(from);
                let mut item = next.parents[from].remove(position);
                item.value = value.unwrap_or(item.value);
                let stays = i32::try_from(position + 1).unwrap();
                let idx = idx.or((to == from).then_some(stays));
                insert(&mut next.parents[to], idx, item)?;
            }
            Step::Delete { item } => {
                let (parent, position) = self.find(*item)?;
                next.parents[parent].remove(position);
            }
            Step::Reorder { parent, order } => {
                let ids = self.ids_in(*parent, order);
                let items = &mut next.parents[*parent];
                if ids.len() != items.len() {
                    return None;
                }
                let place = |id: &String| items.iter().position(|it| it.id == *id);
                let places: Option<Vec<usize>> = ids.iter().map(place).collect();
                let places = places?;
                if (0..items.len()).any(|position| !places.contains(&position)) {
                    return None;
                }
                *items = places.iter().map(|position| items[*position].clone()).collect();
            }
        }
        next.parents.iter().all(|items| self.kind.allows(items)).then_some(next)
    }

    /// The ids in a reorder mutation.
    fn ids_in(&self, parent: usize, order: &Order) -> Vec<String> {
        let mut ids: Vec<String> = self.parents[parent].iter().map(|it| it.id.clone()).collect();
        let place = |number: &usize| number % self.parents[parent].len().max(1);
        match order {
            Order::By(weights) => {
                let mut weights = weights.iter().cycle();
                ids.sort_by_cached_key(|_| weights.next().copied());
            }
            Order::Without(number) => drop(ids.drain(place(number)..).next()),
            Order::Twice(number) => ids.extend(ids.get(place(number)).cloned()),
            Order::WithOther(number) => {
                let other = self.parents[1 - parent].first();
                if let (Some(id), Some(other)) = (ids.get_mut(place(number)), other) {
                    id.clone_from(&other.id);
                }
            }
        }
        ids
    }
}

/// Inserts an item at position `idx` or at the end; `None` if the position is invalid.
fn insert(items: &mut Vec<Item>, idx: Option<i32>, item: Item) -> Option<()> {
    let last = items.len() + 1;
    let idx = idx.map_or(Some(last), |idx| usize::try_from(idx).ok())?;
    (1..=last).contains(&idx).then(|| items.insert(idx - 1, item))
}

impl Kind {
    /// Whether the items are valid: values are unique, and the lowest tier begins at 0.
    fn allows(self, items: &[Item]) -> bool {
        let differ = |(position, item): (usize, &Item)| {
            item.value < VALUES && items[..position].iter().all(|it| it.value != item.value)
        };
        let begins = || items.is_empty() || items.iter().any(|it| it.value == 0);
        items.iter().enumerate().all(differ) && (self != Self::Tiers || begins())
    }

    /// The prefix of the kind's mutations, the input field with the parent, and the list field in the payload of the
    /// reorder mutation.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tiers => {
                ("loyaltyProgramCollection", "loyaltyProgramId", "loyaltyProgramCollections")
            }
            Self::SupplierNumbers => {
                ("supplierNumberAtCustomer", "customerId", "supplierNumbersAtCustomer")
            }
            Self::PosLinks => ("posCustomerGroup", "posProfileId", "posCustomerGroups"),
        }
    }

    /// The query for a parent, its field for items, and their field for values.
    const fn queries(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tiers => ("loyaltyProgram", "collections", "tierName"),
            Self::SupplierNumbers => ("customer", "supplierNumbers", "company"),
            Self::PosLinks => {
                ("posProfile", "posCustomerGroups", "customerGroup { customerGroupName }")
            }
        }
    }
}

/// The items of a kind in the database, and the objects that they refer to.
struct Stored<'a> {
    client: &'a Client<'a>,
    kind: Kind,
    parents: [String; 2],
    /// For POS links, the groups that stand for values.
    groups: Vec<String>,
}

impl<'a> Stored<'a> {
    async fn start(client: &'a Client<'a>, kind: Kind) -> Self {
        let mut groups = Vec::new();
        let mut parents = ["North".to_owned(), "South".to_owned()];
        match kind {
            Kind::Tiers => {
                for parent in &mut parents {
                    let input = json!({ "loyaltyProgramName": parent, "fromDate": "2026-01-01" });
                    *parent = client.create("loyaltyProgramCreate", input).await;
                }
            }
            Kind::SupplierNumbers => {
                for parent in &mut parents {
                    let input = json!({ "customerName": parent });
                    *parent = client.create("customerCreate", input).await;
                }
            }
            Kind::PosLinks => {
                for value in 0..VALUES {
                    let input = json!({ "customerGroupName": text(value) });
                    groups.push(client.create("customerGroupCreate", input).await);
                }
                for parent in &parents {
                    client.create("posProfileCreate", json!({ "posProfileId": parent })).await;
                }
            }
        }
        Self { client, kind, parents, groups }
    }

    /// Both parents with their items, as the API returns them.
    async fn read(&self) -> Value {
        let (parent, list, value) = self.kind.queries();
        let parent = |alias: &str| {
            format!(
                "{alias}: {parent}(id: ${alias}) {{ updatedAt \
                 items: {list} {{ id idx {value} createdAt updatedAt }} }}"
            )
        };
        let query = format!("query($a: ID!, $b: ID!) {{ {} {} }}", parent("a"), parent("b"));
        self.client.data(&query, json!({ "a": self.parents[0], "b": self.parents[1] })).await
    }

    /// Sets the value in the input of a creation or update.
    fn set_value(&self, input: &mut Value, value: u8) {
        match self.kind {
            Kind::Tiers => {
                input["tierName"] = json!(text(value));
                input["minSpent"] = json!(value.to_string());
                input["collectionFactor"] = json!("10");
            }
            Kind::SupplierNumbers => {
                input["company"] = json!(text(value));
                input["supplierNumber"] = json!(if value < VALUES { "1" } else { " " });
            }
            Kind::PosLinks => {
                let nothing = "customer-group_0000000000000000000000000000000f";
                let group = self.groups.get(usize::from(value)).map_or(nothing, String::as_str);
                input["customerGroupId"] = json!(group);
            }
        }
    }

    /// Sends a step. Returns its result; `null` if it was rejected.
    async fn take(&self, model: &Model, step: &Step) -> Value {
        let (prefix, parent_field, list) = self.kind.names();
        let id = |item: &usize| match model.find(*item) {
            Some((parent, position)) => json!(model.parents[parent][position].id),
            None => json!("nothing"),
        };
        let (suffix, given, answer, variables) = match step {
            Step::Create { parent, idx, value } => {
                let mut input = json!({ "idx": idx, parent_field: self.parents[*parent] });
                self.set_value(&mut input, *value);
                ("Create", "input", format!("{prefix} {{ id idx }}"), json!({ "input": input }))
            }
            Step::Update { item, idx, value, parent } => {
                let mut input = json!({ "idx": idx });
                if let Some(value) = value {
                    self.set_value(&mut input, *value);
                }
                if let (Some(parent), Kind::PosLinks) = (parent, self.kind) {
                    input[parent_field] = json!(self.parents[*parent]);
                }
                let variables = json!({ "id": id(item), "input": input });
                ("Update", "id input", format!("{prefix} {{ id idx }}"), variables)
            }
            Step::Delete { item } => {
                ("Delete", "id", "deletedId".to_owned(), json!({ "id": id(item) }))
            }
            Step::Reorder { parent, order } => {
                let ids = model.ids_in(*parent, order);
                let variables = json!({ "parentId": self.parents[*parent], "ids": ids });
                ("Reorder", "parentId ids", format!("{list} {{ id idx }}"), variables)
            }
        };
        let mutation = mutation(prefix, suffix, given, &answer);
        let payload = self.client.data(&mutation, variables).await["payload"].take();
        let errors = payload["userErrors"].as_array().unwrap();
        assert_eq!(errors.is_empty(), !payload["it"].is_null(), "{payload}");
        payload["it"].clone()
    }
}

fn mutation(prefix: &str, suffix: &str, given: &str, answer: &str) -> String {
    let kind = capitalised(prefix);
    let variables = given.split(' ').map(|name| match name {
        "input" => format!("$input: {kind}{suffix}Input!"),
        "ids" => "$ids: [ID!]!".to_owned(),
        _ => format!("${name}: ID!"),
    });
    let variables = variables.collect::<Vec<_>>().join(", ");
    let arguments = given.split(' ').map(|name| format!("{name}: ${name}"));
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    format!(
        "mutation({variables}) {{ payload: {prefix}{suffix}({arguments}) {{ \
         it: {answer} userErrors {{ field code message }} }} }}"
    )
}

/// A value as the API reads and returns it.
fn text(value: u8) -> String {
    if value < VALUES { format!("v{value}") } else { String::new() }
}

/// Parses the items of a parent in a response.
fn items(parent: &Value) -> Vec<Item> {
    let items = parent["items"].as_array().unwrap();
    let item = |(position, item): (usize, &Value)| {
        assert_eq!(item["idx"], position + 1, "{parent}");
        let told =
            [&item["tierName"], &item["company"], &item["customerGroup"]["customerGroupName"]];
        let value = told.iter().find_map(|it| it.as_str()).unwrap();
        let value = (0..VALUES).find(|it| text(*it) == value).unwrap();
        Item { id: item["id"].as_str().unwrap().to_owned(), value }
    };
    items.iter().enumerate().map(item).collect()
}

async fn check_steps(client: &Client<'_>, kind: Kind, steps: Vec<Step>) {
    let stored = Stored::start(client, kind).await;
    let mut model = Model { kind, parents: [Vec::new(), Vec::new()] };
    let mut before = stored.read().await;
    for step in &steps {
        let answer = stored.take(&model, step).await;
        let next = model.after(step);
        assert_eq!(answer.is_null(), next.is_none(), "{step:?} of {model:?}: {answer}");
        let now = stored.read().await;
        let mut next = next.unwrap_or_else(|| model.clone());
        for item in next.parents.iter_mut().flatten().filter(|it| it.id.is_empty()) {
            answer["id"].as_str().unwrap().clone_into(&mut item.id);
        }
        assert_eq!(items(&now["a"]), next.parents[0], "{step:?} of {model:?}");
        assert_eq!(items(&now["b"]), next.parents[1], "{step:?} of {model:?}");
        // Neither a rejected step nor one without effect changes anything.
        if next == model {
            assert_eq!(now, before, "{step:?} of {model:?}");
        }
        check_answer(&answer, &now, step);
        check_moved(&answer, &before, &now, step);
        (model, before) = (next, now);
    }
}

/// Asserts that the payload of a step shows the state after it.
fn check_answer(answer: &Value, now: &Value, step: &Step) {
    match (step, answer) {
        (_, Value::Null) | (Step::Delete { .. }, _) => {}
        (Step::Reorder { parent, .. }, list) => {
            assert_eq!(ids(list), ids(&now[["a", "b"][*parent]]["items"]));
        }
        (_, item) => assert_eq!(find(now, &item["id"]).1["idx"], item["idx"]),
    }
}

/// Asserts that an item that moves to another parent counts as changed.
fn check_moved(answer: &Value, before: &Value, now: &Value, step: &Step) {
    if let (Step::Update { .. }, Some(_)) = (step, answer["id"].as_str()) {
        let (before, now) = (find(before, &answer["id"]), find(now, &answer["id"]));
        let is_changed = before.1["updatedAt"] != now.1["updatedAt"];
        assert!(before.0 == now.0 || is_changed, "{step:?}: {}", now.1);
    }
}

/// Finds the item with this id. Returns its parent and the item.
fn find<'a>(told: &'a Value, id: &Value) -> (&'static str, &'a Value) {
    let items = ["a", "b"].into_iter().flat_map(|parent| {
        let items = told[parent]["items"].as_array().into_iter().flatten();
        items.map(move |item| (parent, item))
    });
    items.into_iter().find(|(_, item)| item["id"] == *id).unwrap()
}

fn check_kind(app: &App, kind: Kind) {
    check(app, 24, steps(), &async |client, steps| check_steps(client, kind, steps).await);
}

both! {
    async fn tiers_are_numbered_without_gaps_after_any_changes(app: App) {
        check_kind(&app, Kind::Tiers);
    }

    async fn supplier_numbers_are_numbered_without_gaps_after_any_changes(app: App) {
        check_kind(&app, Kind::SupplierNumbers);
    }

    async fn pos_links_are_numbered_without_gaps_after_any_changes(app: App) {
        check_kind(&app, Kind::PosLinks);
    }
}
