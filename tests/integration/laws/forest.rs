//! Groups always form a forest, and the API returns its structure correctly.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::{Client, check, ids};
use crate::support::app::App;

/// Names with their sort positions. The first two are equal.
const NAMES: [(&str, usize); 4] = [("Alba", 0), ("ÁLBA", 0), ("berg", 1), ("Zoë", 2)];

const MAX_DEPTH: usize = 32;

const CUSTOMERS: usize = 3;

/// Policies of deletions. The last one leaves few groups for further steps, so it is rare.
const POLICIES: [&str; 5] =
    ["RESTRICT", "RESTRICT", "REASSIGN_TO_PARENT", "REASSIGN_TO_PARENT", "DELETE_SUBTREE"];

/// A step. Groups are numbers in the order of their creation, including deleted ones; greater
/// numbers are groups that never existed.
#[derive(Clone, Debug)]
enum Step {
    Create {
        name: usize,
        parent: Option<usize>,
        is_group: bool,
    },
    Update {
        group: usize,
        change: Change,
    },
    Delete {
        group: usize,
        policy: &'static str,
    },
    /// Makes a group a customer's primary one.
    Join {
        customer: usize,
        group: usize,
    },
}

#[derive(Clone, Debug)]
struct Change {
    name: Option<usize>,
    place: Place,
    is_group: Option<bool>,
}

/// The place that a group is moved to.
#[derive(Clone, Copy, Debug)]
enum Place {
    Stays,
    Root,
    Below(usize),
}

#[derive(Clone, Debug)]
struct Case {
    /// The number of levels of an initial tree, with one group each.
    trunk: usize,
    /// The number of levels of a second one.
    branch: usize,
    steps: Vec<Step>,
}

/// Forests that are small at first.
fn small() -> impl Strategy<Value = Case> {
    (0..4_usize, 0..4_usize).prop_flat_map(|(trunk, branch)| {
        vec(step(trunk, branch), 1..40).prop_map(move |steps| Case { trunk, branch, steps })
    })
}

/// Forests that have the maximum number of levels, or almost.
fn deep() -> impl Strategy<Value = Case> {
    (MAX_DEPTH - 3..=MAX_DEPTH, 1..5_usize).prop_flat_map(|(trunk, branch)| {
        let step = prop_oneof![1 => step(trunk, branch), 2 => graft(trunk, branch)];
        vec(step, 1..8).prop_map(move |steps| Case { trunk, branch, steps })
    })
}

/// Moves the branch, or most of it, to a level where it just fits or just does not.
fn graft(trunk: usize, branch: usize) -> impl Strategy<Value = Step> {
    (0..2_usize, 0..3_usize).prop_map(move |(below, down)| {
        let levels = branch.saturating_sub(below).max(1);
        let parent = (MAX_DEPTH - levels + down - 2).min(trunk - 1);
        let change = Change { name: None, place: Place::Below(parent), is_group: None };
        Step::Update { group: trunk + below, change }
    })
}

fn step(trunk: usize, branch: usize) -> impl Strategy<Value = Step> {
    // Mostly the first groups, and groups around the end of the trunk.
    let end = trunk.saturating_sub(3)..trunk + branch + 4;
    let group = move || prop_oneof![2 => 0..5_usize, 3 => end.clone()];
    let name = || 0..NAMES.len();
    let is_group = || prop::bool::weighted(0.8);
    let parent = || option::weighted(0.8, group());
    let place = prop_oneof![
        1 => Just(Place::Stays),
        1 => Just(Place::Root),
        4 => group().prop_map(Place::Below),
    ];
    let change = (option::weighted(0.3, name()), place, option::weighted(0.3, is_group()));
    let change = change.prop_map(|(name, place, is_group)| Change { name, place, is_group });
    prop_oneof![
        3 => (name(), parent(), is_group())
            .prop_map(|(name, parent, is_group)| Step::Create { name, parent, is_group }),
        3 => (group(), change).prop_map(|(group, change)| Step::Update { group, change }),
        2 => (group(), 0..5_usize)
            .prop_map(|(group, policy)| Step::Delete { group, policy: POLICIES[policy] }),
        1 => (0..CUSTOMERS, group()).prop_map(|(customer, group)| Step::Join { customer, group }),
    ]
}

impl Case {
    /// The steps that create both trees.
    fn start(&self) -> Vec<Step> {
        let tree = |first: usize, levels: usize| {
            (first..first + levels).map(move |number| Step::Create {
                name: 0,
                parent: number.checked_sub(1).filter(|_| number > first),
                is_group: true,
            })
        };
        tree(0, self.trunk).chain(tree(self.trunk, self.branch)).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    id: String,
    name: usize,
    parent: Option<usize>,
    is_group: bool,
    is_deleted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    groups: Vec<Group>,
    /// The customers' primary groups.
    primary: [Option<usize>; CUSTOMERS],
    /// Pairs of customers and groups that they are members of.
    members: BTreeSet<(usize, usize)>,
}

/// The code of the user error if a step is rejected.
type Refused = &'static str;

impl Model {
    fn group(&self, number: usize) -> Option<&Group> {
        self.groups.get(number).filter(|group| !group.is_deleted)
    }

    fn id(&self, number: usize) -> &str {
        let nothing = "customer-group_0000000000000000000000000000000f";
        self.groups.get(number).map_or(nothing, |group| group.id.as_str())
    }

    /// The children of a group (or the roots), sorted.
    fn children(&self, parent: Option<usize>) -> Vec<usize> {
        let is_child = |number: &usize| self.group(*number).is_some_and(|it| it.parent == parent);
        let mut children: Vec<usize> = (0..self.groups.len()).filter(is_child).collect();
        children.sort_by_key(|number| NAMES[self.groups[*number].name].1);
        children
    }

    /// The ancestors of a group, parent first.
    fn ancestors(&self, number: usize) -> Vec<usize> {
        std::iter::successors(self.groups[number].parent, |it| self.groups[*it].parent).collect()
    }

    /// The descendants of a group up to this many levels below it, depth first.
    fn descendants(&self, number: usize, levels: usize) -> Vec<usize> {
        if levels == 0 {
            return Vec::new();
        }
        let with_own = |child: usize| [vec![child], self.descendants(child, levels - 1)].concat();
        self.children(Some(number)).into_iter().flat_map(with_own).collect()
    }

    /// The number of levels of a group's subtree, including the group.
    fn height(&self, number: usize) -> usize {
        let below = self.children(Some(number)).into_iter().map(|child| self.height(child));
        1 + below.max().unwrap_or(0)
    }

    fn check_parent(&self, parent: usize, moved: Option<usize>) -> Result<(), Refused> {
        let group = self.group(parent).ok_or("NOT_FOUND")?;
        if moved == Some(parent) {
            return Err("CYCLE");
        }
        if !group.is_group {
            return Err("PARENT_IS_LEAF");
        }
        let above = self.ancestors(parent);
        if moved.is_some_and(|moved| above.contains(&moved)) {
            return Err("CYCLE");
        }
        let levels = above.len() + 1 + moved.map_or(1, |moved| self.height(moved));
        if levels > MAX_DEPTH { Err("TOO_DEEP") } else { Ok(()) }
    }

    fn take(&mut self, step: &Step) -> Result<(), Refused> {
        match step {
            Step::Create { name, parent, is_group } => self.create(*name, *parent, *is_group),
            Step::Update { group, change } => self.update(*group, change),
            Step::Delete { group, policy: "DELETE_SUBTREE" } => self.delete_subtree(*group),
            Step::Delete { group, policy } => self.delete(*group, *policy == "REASSIGN_TO_PARENT"),
            Step::Join { customer, group } => {
                self.group(*group).ok_or("NOT_FOUND")?;
                self.primary[*customer] = Some(*group);
                self.members.insert((*customer, *group));
                Ok(())
            }
        }
    }

    /// Applies a creation. The id of the new group is not known yet.
    fn create(
        &mut self,
        name: usize,
        parent: Option<usize>,
        is_group: bool,
    ) -> Result<(), Refused> {
        parent.map_or(Ok(()), |parent| self.check_parent(parent, None))?;
        self.groups.push(Group { id: String::new(), name, parent, is_group, is_deleted: false });
        Ok(())
    }

    fn update(&mut self, number: usize, change: &Change) -> Result<(), Refused> {
        let before = self.group(number).ok_or("NOT_FOUND")?.clone();
        let group = Group {
            name: change.name.unwrap_or(before.name),
            parent: match change.place {
                Place::Stays => before.parent,
                Place::Root => None,
                Place::Below(parent) => Some(parent),
            },
            is_group: change.is_group.unwrap_or(before.is_group),
            ..before.clone()
        };
        if before.is_group && !group.is_group && !self.children(Some(number)).is_empty() {
            return Err("HAS_CHILDREN");
        }
        if let Some(parent) = group.parent.filter(|_| group.parent != before.parent) {
            self.check_parent(parent, Some(number))?;
        }
        self.groups[number] = group;
        Ok(())
    }

    fn delete(&mut self, number: usize, reassign: bool) -> Result<(), Refused> {
        let parent = self.group(number).ok_or("NOT_FOUND")?.parent;
        let (children, members) = (self.children(Some(number)), self.members.clone());
        let members = members.iter().filter(|(_, group)| *group == number);
        let is_empty = children.is_empty() && members.clone().next().is_none();
        if !is_empty && (!reassign || parent.is_none()) {
            return Err("IN_USE");
        }
        self.groups[number].is_deleted = true;
        for child in children {
            self.groups[child].parent = parent;
        }
        for member in members {
            self.members.remove(member);
            self.members.extend(parent.map(|parent| (member.0, parent)));
        }
        for primary in self.primary.iter_mut().filter(|primary| **primary == Some(number)) {
            *primary = parent;
        }
        Ok(())
    }

    fn delete_subtree(&mut self, number: usize) -> Result<(), Refused> {
        self.group(number).ok_or("NOT_FOUND")?;
        for group in [vec![number], self.descendants(number, MAX_DEPTH)].concat() {
            self.groups[group].is_deleted = true;
            self.members.retain(|(_, of)| *of != group);
            for primary in self.primary.iter_mut().filter(|primary| **primary == Some(group)) {
                *primary = None;
            }
        }
        Ok(())
    }

    /// The expected state of the groups and the customers.
    fn told(&self) -> Value {
        let group = |number: usize| {
            let group = &self.groups[number];
            let ids = |of: Vec<usize>| of.into_iter().map(|it| self.id(it)).collect::<Vec<_>>();
            let depth = |number: usize| self.ancestors(number).len() + 1;
            let below = self.descendants(number, MAX_DEPTH);
            json!({
                "id": group.id,
                "customerGroupName": NAMES[group.name].0,
                "isGroup": group.is_group,
                "parentId": group.parent.map(|parent| self.id(parent)),
                "depth": depth(number),
                "ancestors": ids(self.ancestors(number)),
                "children": ids(self.children(Some(number))),
                "descendants": ids(below.clone()),
                "depths": below.into_iter().map(depth).collect::<Vec<_>>(),
                "oneLevel": ids(self.descendants(number, 1)),
                "twoLevels": ids(self.descendants(number, 2)),
            })
        };
        let there = (0..self.groups.len()).filter(|number| self.group(*number).is_some());
        let customer = |customer: usize| {
            let groups = self.members.iter().filter(|it| it.0 == customer).map(|it| self.id(it.1));
            json!({
                "primary": self.primary[customer].map(|group| self.id(group)),
                "groups": groups.collect::<Vec<_>>(),
            })
        };
        json!({
            "groups": there.map(group).collect::<Vec<_>>(),
            "customers": (0..CUSTOMERS).map(customer).collect::<Vec<_>>(),
        })
    }
}

const ALL: &str = "{
    customerGroups(first: 100, orderBy: { field: CREATED_AT }) { nodes {
        id customerGroupName isGroup parentId depth updatedAt
        parentCustomerGroup { id } ancestors { id }
        children(first: 100, orderBy: { field: CUSTOMER_GROUP_NAME }) { nodes { id } }
        descendants { id depth }
        oneLevel: descendants(maxDepth: 1) { id } twoLevels: descendants(maxDepth: 2) { id } } }
    customers(orderBy: { field: CREATED_AT }) { nodes {
        id updatedAt customerGroup { id }
        customerGroups(first: 100, orderBy: { field: CREATED_AT }) { nodes { id } } } } }";

/// The returned state of the groups and the customers, in the form of the model.
fn told(answer: &Value) -> Value {
    let group = |group: &Value| {
        assert_eq!(group["parentId"], group["parentCustomerGroup"]["id"]);
        let below = group["descendants"].as_array().unwrap();
        json!({
            "id": group["id"],
            "customerGroupName": group["customerGroupName"],
            "isGroup": group["isGroup"],
            "parentId": group["parentId"],
            "depth": group["depth"],
            "ancestors": ids(&group["ancestors"]),
            "children": ids(&group["children"]["nodes"]),
            "descendants": ids(&group["descendants"]),
            "depths": below.iter().map(|it| &it["depth"]).collect::<Vec<_>>(),
            "oneLevel": ids(&group["oneLevel"]),
            "twoLevels": ids(&group["twoLevels"]),
        })
    };
    let customer = |customer: &Value| {
        let groups = ids(&customer["customerGroups"]["nodes"]);
        json!({ "primary": customer["customerGroup"]["id"], "groups": groups })
    };
    let nodes = |list: &str| answer[list]["nodes"].as_array().unwrap();
    json!({
        "groups": nodes("customerGroups").iter().map(group).collect::<Vec<_>>(),
        "customers": nodes("customers").iter().map(customer).collect::<Vec<_>>(),
    })
}

/// Sends a step. Returns the payload: `it` (an object with an id, or an id) and `userErrors`.
async fn ask(client: &Client<'_>, model: &Model, customers: &[String], step: &Step) -> Value {
    let id = |group: &usize| json!(model.id(*group));
    let (mutation, variables) = match step {
        Step::Create { name, parent, is_group } => {
            let input = json!({
                "customerGroupName": NAMES[*name].0,
                "parentId": parent.as_ref().map(id),
                "isGroup": is_group,
            });
            let mutation = "mutation($input: CustomerGroupCreateInput!) {
                payload: customerGroupCreate(input: $input) {
                    it: customerGroup { id } userErrors { code } } }";
            (mutation, json!({ "input": input }))
        }
        Step::Update { group, change } => {
            let mut input = json!({});
            if let Some(name) = change.name {
                input["customerGroupName"] = json!(NAMES[name].0);
            }
            match change.place {
                Place::Stays => {}
                Place::Root => input["parentId"] = Value::Null,
                Place::Below(parent) => input["parentId"] = id(&parent),
            }
            if let Some(is_group) = change.is_group {
                input["isGroup"] = json!(is_group);
            }
            let mutation = "mutation($id: ID!, $input: CustomerGroupUpdateInput!) {
                payload: customerGroupUpdate(id: $id, input: $input) {
                    it: customerGroup { id } userErrors { code } } }";
            (mutation, json!({ "id": id(group), "input": input }))
        }
        Step::Delete { group, policy } => {
            let mutation = "mutation($id: ID!, $policy: CustomerGroupDeletePolicy!) {
                payload: customerGroupDelete(id: $id, policy: $policy) {
                    it: deletedId userErrors { code } } }";
            (mutation, json!({ "id": id(group), "policy": policy }))
        }
        Step::Join { customer, group } => {
            let mutation = "mutation($id: ID!, $group: ID!) {
                payload: customerUpdate(id: $id, input: { customerGroupId: $group }) {
                    it: customer { id } userErrors { code } } }";
            (mutation, json!({ "id": customers[*customer], "group": id(group) }))
        }
    };
    client.data(mutation, variables).await["payload"].take()
}

async fn check_case(client: &Client<'_>, case: Case) {
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let input = json!({ "customerName": format!("C{number}") });
        customers.push(client.create("customerCreate", input).await);
    }
    let start = case.start();
    let mut model =
        Model { groups: Vec::new(), primary: [None; CUSTOMERS], members: BTreeSet::new() };
    let mut before = client.data(ALL, json!({})).await;
    for (number, step) in start.iter().chain(&case.steps).enumerate() {
        let payload = ask(client, &model, &customers, step).await;
        let mut next = model.clone();
        let expected = next.take(step).err();
        let codes: Vec<_> = payload["userErrors"].as_array().unwrap().iter().collect();
        let codes: Vec<_> = codes.iter().map(|it| it["code"].as_str().unwrap()).collect();
        assert_eq!(codes, Vec::from_iter(expected), "{step:?}");
        assert_eq!(payload["it"].is_null(), expected.is_some(), "{step:?}");
        for group in next.groups.iter_mut().filter(|group| group.id.is_empty()) {
            payload["it"]["id"].as_str().unwrap().clone_into(&mut group.id);
        }
        // Intermediate states of the initial trees are not compared.
        if number + 1 < start.len() {
            model = next;
            continue;
        }
        let now = client.data(ALL, json!({})).await;
        assert_eq!(told(&now), next.told(), "{step:?}");
        // Neither a rejected step nor one without effect changes anything.
        if next == model && number >= start.len() {
            assert_eq!(now, before, "{step:?}");
        }
        (model, before) = (next, now);
    }
}

both! {
    async fn groups_form_a_forest_after_any_changes(app: App) {
        check(&app, 24, small(), &async |client, case| check_case(client, case).await);
    }

    async fn no_changes_make_a_tree_of_more_than_32_levels(app: App) {
        check(&app, 24, deep(), &async |client, case| check_case(client, case).await);
    }
}
