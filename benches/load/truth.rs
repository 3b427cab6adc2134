//! The right responses, computed from the data.

use serde_json::{Value, json};

use super::{
    data::{Customer, Data, Kind, TIERS, program_name},
    workloads::{PAGE, SCOPE, Subject, Workload},
};

/// Facts derived from the data: customers by name, as the server orders them.
pub struct Order {
    /// Numbers of customers.
    pub customers: Vec<usize>,
    /// The cursor of each.
    pub cursors: Vec<String>,
}

/// The right `data` of a response of Clientele; `None` of a workload that writes.
pub fn expected(
    workload: Workload,
    subject: &Subject,
    data: &Data,
    order: &Order,
) -> Option<Value> {
    Some(match subject {
        Subject::Customer(number) if workload == Workload::Point => {
            let customer = &data.customers[*number];
            json!({ "customer": {
                "externalId": Customer::external_id(*number),
                "customerName": customer.name,
                "emailId": customer.email,
            } })
        }
        Subject::After(place) => page(workload, *place, data, order),
        Subject::Group(number) => tree(*number, data),
        Subject::Profile(number) => {
            json!({ "posProfile": { "customers": { "nodes": scope(*number, data) } } })
        }
        Subject::Text(text) => {
            let found = newest(data, |customer| customer.folded.contains(text));
            json!({ "customers": { "nodes": brief(found.take(PAGE), data) } })
        }
        Subject::Groups(one, other) => {
            let within = |customer: &Customer| {
                data.is_within(customer.group, *one) || data.is_within(customer.group, *other)
            };
            let found: Vec<usize> = order
                .customers
                .iter()
                .copied()
                .filter(|number| within(&data.customers[*number]))
                .collect();
            let nodes = brief(found.iter().copied().take(PAGE), data);
            json!({ "customers": { "totalCount": found.len(), "nodes": nodes } })
        }
        Subject::Customer(_) | Subject::Tiers(..) | Subject::New(_) => return None,
    })
}

/// The customers that are so, the newest first.
fn newest<'a>(
    data: &'a Data,
    is_so: impl Fn(&Customer) -> bool + 'a,
) -> impl Iterator<Item = usize> + 'a {
    let customers = data.customers.iter().enumerate().rev();
    customers.filter(move |(_, customer)| is_so(customer)).map(|(number, _)| number)
}

fn brief(customers: impl Iterator<Item = usize>, data: &Data) -> Vec<Value> {
    let node = |number: usize| {
        let name = &data.customers[number].name;
        json!({ "externalId": Customer::external_id(number), "customerName": name })
    };
    customers.map(node).collect()
}

fn page(workload: Workload, place: Option<usize>, data: &Data, order: &Order) -> Value {
    let start = place.map_or(0, |place| place + 1);
    let end = (start + PAGE).min(order.customers.len());
    let numbers = &order.customers[start..end];
    let nodes: Vec<Value> = match workload {
        Workload::List => numbers.iter().map(|number| row(*number, data, false)).collect(),
        Workload::Nested => numbers.iter().map(|number| row(*number, data, true)).collect(),
        _ => brief(numbers.iter().copied(), data),
    };
    let info =
        json!({ "hasNextPage": end < order.customers.len(), "endCursor": order.cursors[end - 1] });
    json!({ "customers": { "nodes": nodes, "pageInfo": info } })
}

fn row(number: usize, data: &Data, is_nested: bool) -> Value {
    let customer = &data.customers[number];
    let group = &data.groups[customer.group];
    let mut node = json!({
        "externalId": Customer::external_id(number),
        "customerName": customer.name,
        "emailId": customer.email,
        "customerGroup": { "customerGroupName": group.name },
    });
    if is_nested {
        let parent = group.parent.map(|parent| &data.groups[parent].name);
        node["customerGroup"]["parentCustomerGroup"] = json!({ "customerGroupName": parent });
        node["loyaltyProgram"] = customer.loyalty.map_or(Value::Null, |(program, _)| {
            let tier = |(name, min_spent, _): &(&str, u32, &str)| {
                json!({ "tierName": name, "minSpent": min_spent.to_string() })
            };
            let tiers: Vec<Value> = TIERS.iter().map(tier).collect();
            json!({ "loyaltyProgramName": program_name(program), "collections": tiers })
        });
    }
    node
}

/// A group, those above it from the root down, and those below it.
fn tree(group: usize, data: &Data) -> Value {
    let name = |number: &usize| &data.groups[*number].name;
    let ancestors: Vec<Value> = data
        .ancestors(group)
        .iter()
        .map(|number| json!({ "customerGroupName": name(number) }))
        .collect();
    let descendants: Vec<Value> = (0..data.groups.len())
        .filter(|number| *number != group && data.is_within(*number, group))
        .map(|number| json!({ "id": Kind::Group.id(number), "customerGroupName": name(&number) }))
        .collect();
    json!({ "customerGroup": {
        "customerGroupName": name(&group),
        "ancestors": ancestors,
        "descendants": descendants,
    } })
}

fn scope(profile: usize, data: &Data) -> Vec<Value> {
    let groups = &data.profiles[profile];
    let sells_to =
        |customer: &Customer| groups.iter().any(|group| data.is_within(customer.group, *group));
    newest(data, sells_to)
        .take(SCOPE)
        .map(|number| {
            let customer = &data.customers[number];
            json!({
                "externalId": Customer::external_id(number),
                "customerName": customer.name,
                "addresses": [{
                    "address": customer.street,
                    "postalCode": customer.postal_code,
                    "city": customer.city,
                }],
            })
        })
        .collect()
}
