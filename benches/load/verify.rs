//! Whether the responses are right, before it is measured how fast they are.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{
    client::{Connection, Request},
    data::{Customer, Data},
    floor::Floor,
    peer::Peer,
    server::Server,
    truth::{Order, expected},
    workloads::{Subject, Workload},
};

/// How many requests of each workload are looked at.
const LOOKS: usize = 10;

/// Reads all customers by name, and so their cursors. The order must be that of the data.
pub async fn walk(server: &Server, data: &Data) -> anyhow::Result<Order> {
    const PAGE: &str = "query($after: String) { customers(first: 100, after: $after, orderBy: { field: \
                        CUSTOMER_NAME }) { edges { cursor node { externalId } } pageInfo { hasNextPage } } }";
    let mut customers: Vec<usize> = (0..data.customers.len()).collect();
    customers.sort_by_key(|number| &data.customers[*number].folded);
    let mut connection = Connection::open(server.address).await?;
    let mut cursors: Vec<String> = Vec::new();
    loop {
        let variables = json!({ "after": cursors.last() });
        let response = connection.ask(&Request::new(&server.headers, PAGE, &variables)).await?;
        let page = &response["data"]["customers"];
        for edge in page["edges"].as_array().context("no edges")? {
            let number =
                *customers.get(cursors.len()).context("there are more customers than made")?;
            let (found, wanted) = (&edge["node"]["externalId"], Customer::external_id(number));
            ensure!(*found == wanted, "by name, {found} comes where {wanted} should");
            cursors.push(edge["cursor"].as_str().context("no cursor")?.to_owned());
        }
        if page["pageInfo"]["hasNextPage"] != true {
            ensure!(cursors.len() == customers.len(), "customers are missing");
            return Ok(Order { customers, cursors });
        }
    }
}

/// The right responses of Clientele, of which each is looked at as a whole.
pub async fn clientele(
    server: &Server,
    workload: Workload,
    data: &Data,
    order: &Order,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(server.address).await?;
    for subject in workload.subjects(data).iter().take(LOOKS) {
        let variables = workload.variables(subject, &order.cursors);
        let request = Request::new(&server.headers, workload.document(), &variables);
        let mut response = connection.ask(&request).await?;
        let found = &mut response["data"];
        if let Some(wanted) = expected(workload, subject, data, order) {
            if workload == Workload::Tree {
                // By place in the tree; the data are by level.
                let list = found["customerGroup"]["descendants"].as_array_mut();
                list.context("no list")?.sort_by_key(|group| group["id"].to_string());
            }
            ensure_equal(workload, &found.to_string(), &wanted.to_string())?;
        } else {
            check_change(&mut connection, server, subject, &variables, found)
                .await
                .with_context(|| format!("{}: {found}", workload.name()))?;
        }
    }
    Ok(())
}

/// Fails if two texts differ, and shows where they begin to.
fn ensure_equal(workload: Workload, found: &str, wanted: &str) -> anyhow::Result<()> {
    let same = found.chars().zip(wanted.chars()).take_while(|(one, other)| one == other).count();
    let shown =
        |text: &str| text.chars().skip(same.saturating_sub(80)).take(200).collect::<String>();
    let name = workload.name();
    ensure!(
        found == wanted,
        "{name}: \u{2026}{}\nshould be \u{2026}{}",
        shown(found),
        shown(wanted)
    );
    Ok(())
}

/// Whether a change is told as it was asked for, and read as it was told.
async fn check_change(
    connection: &mut Connection,
    server: &Server,
    subject: &Subject,
    variables: &Value,
    found: &Value,
) -> anyhow::Result<()> {
    if matches!(subject, Subject::Tiers(..)) {
        let ids = variables["ids"].as_array().context("no ids")?;
        let places = (1..).zip(ids).map(|(idx, id)| json!({ "id": id, "idx": idx }));
        let wanted = json!(places.collect::<Vec<_>>());
        let tiers = &found["loyaltyProgramCollectionReorder"]["loyaltyProgramCollections"];
        ensure!(*tiers == wanted, "should be {wanted}");
        return Ok(());
    }
    let (payload, field) = match subject {
        Subject::New(_) => (&found["customerCreate"], "customerName"),
        _ => (&found["customerUpdate"], "mobileNo"),
    };
    let written = &payload["customer"];
    ensure!(written[field].is_string(), "{field} is missing");
    let document = format!("query($id: ID!) {{ customer(id: $id) {{ id {field} }} }}");
    let variables = json!({ "id": written["id"] });
    let read = connection.ask(&Request::new(&server.headers, &document, &variables)).await?;
    ensure!(read["data"]["customer"] == *written, "is read as {read}");
    Ok(())
}

/// The right responses of PostGraphile: the same values in the same order.
pub async fn peer(
    peer: &Peer,
    workload: Workload,
    data: &Data,
    order: &Order,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(peer.server(workload).address).await?;
    for subject in workload.subjects(data).iter().take(LOOKS) {
        let Some(request) = peer.request(workload, subject) else { return Ok(()) };
        let response = connection.ask(&request).await?;
        if let Some(wanted) = expected(workload, subject, data, order) {
            ensure_equal(workload, &leaves(&response).join("\n"), &leaves(&wanted).join("\n"))?;
        }
    }
    Ok(())
}

/// The rows of the floor: every value is among them.
pub async fn floor(
    floor: &Floor,
    workload: Workload,
    data: &Data,
    order: &Order,
) -> anyhow::Result<()> {
    for subject in workload.subjects(data).iter().take(LOOKS) {
        let Some(wanted) = expected(workload, subject, data, order) else { return Ok(()) };
        let texts = floor.texts(workload, subject, order).await?;
        for leaf in leaves(&wanted) {
            let leaf = leaf.rsplit('_').next().unwrap_or_default();
            let name = workload.name();
            ensure!(texts.contains(leaf), "the floor of {name} does not return {leaf}:\n{texts}");
        }
    }
    Ok(())
}

/// The texts and numbers of a response, without what pages have beside their rows, and ids.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let named = fields.iter().filter(|(name, _)| *name != "pageInfo" && *name != "id");
            named.flat_map(|(_, value)| leaves(value)).collect()
        }
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

/// How many statements Clientele sends for a request of a workload.
pub async fn statements(
    server: &Server,
    workload: Workload,
    data: &Data,
    order: &Order,
) -> anyhow::Result<u64> {
    let subjects = workload.subjects(data);
    let variables = workload.variables(subjects.first().context("no subject")?, &order.cursors);
    let headers = format!("{}clientele-cost: 1\r\n", server.headers);
    let mut connection = Connection::open(server.address).await?;
    let response = connection.ask(&Request::new(&headers, workload.document(), &variables)).await?;
    let count = response["extensions"]["cost"]["used"]["statements"].as_u64();
    count.with_context(|| format!("{} does not tell its cost: {response}", workload.name()))
}
