//! PostGraphile 5, over the same tables.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    client::{Connection, NUMBER, Request},
    data::Kind,
    postgres::{Postgres, RUN},
    process::{Process, free_address},
    server::{Server, TENANT},
    workloads::{Subject, Workload},
};

/// The customers of a point of sale. Clientele finds them by itself; PostGraphile needs a function.
const SCOPE_FUNCTION: &str = "
    CREATE FUNCTION pos_profiles_scope_customers(profile pos_profiles)
    RETURNS SETOF customers LANGUAGE sql STABLE AS $$
        WITH RECURSIVE subtree AS (
            SELECT customer_group_id AS id FROM pos_customer_groups
            WHERE tenant_id = profile.tenant_id AND profile_id = profile.id
            UNION
            SELECT child.id FROM customer_groups AS child JOIN subtree ON child.parent_id = subtree.id
            WHERE child.tenant_id = profile.tenant_id
        )
        SELECT * FROM customers AS c
        WHERE c.tenant_id = profile.tenant_id AND NOT c.disabled AND EXISTS (
            SELECT FROM customer_group_memberships AS member
            WHERE member.tenant_id = c.tenant_id AND member.customer_id = c.id
                AND member.customer_group_id IN (SELECT id FROM subtree))
        ORDER BY c.id DESC
    $$";

pub struct Peer {
    server: Server,
    /// The one that makes rows.
    writer: Option<Server>,
    /// The cursors of all customers by name.
    pub cursors: Vec<String>,
}

/// The folder of the package, with what npm has installed there.
pub fn install() -> anyhow::Result<Option<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/postgraphile");
    if folder.join("node_modules/.bin/postgraphile").exists() {
        return Ok(Some(folder));
    }
    let is_there = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !is_there("node") || !is_there("npm") {
        println!("Node or npm is missing: PostGraphile is left out.");
        return Ok(None);
    }
    println!("Installing PostGraphile.");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
    ensure!(npm.status()?.success(), "npm ci failed in {}", folder.display());
    Ok(Some(folder))
}

impl Peer {
    pub async fn start(
        folder: &Path,
        logs: &Path,
        postgres: &Postgres,
        workloads: &[Workload],
    ) -> anyhow::Result<Self> {
        postgres.execute(RUN, SCOPE_FUNCTION).await?;
        let url = postgres.url(RUN);
        let server = start(folder, &logs.join("postgraphile.log"), &url, true).await?;
        let writer = if workloads.contains(&Workload::Create) {
            Some(start(folder, &logs.join("postgraphile-writer.log"), &url, false).await?)
        } else {
            None
        };
        let cursors = cursors(&server).await?;
        Ok(Self { server, writer, cursors })
    }

    /// The server that serves a workload.
    pub fn server(&self, workload: Workload) -> &Server {
        self.writer.as_ref().filter(|_| workload == Workload::Create).unwrap_or(&self.server)
    }

    /// A request of a workload; `None` if PostGraphile has nothing like it.
    pub fn request(&self, workload: Workload, subject: &Subject) -> Option<Request> {
        let document = document(workload)?;
        let variables = match subject {
            Subject::Customer(number) => {
                json!({ "id": node_id("Customer", &Kind::Customer.uuid(*number)) })
            }
            Subject::Profile(number) => {
                json!({ "id": node_id("PosProfile", &Kind::Profile.uuid(*number)) })
            }
            Subject::After(place) => {
                let after = place.map(|place| &self.cursors[place]);
                json!({ "after": after, "tenant": tenant() })
            }
            _ => json!({ "input": row() }),
        };
        Some(Request::new("", &document, &variables))
    }
}

async fn start(folder: &Path, log: &Path, url: &str, is_relay: bool) -> anyhow::Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(folder.join("node_modules/.bin/node"));
    command.arg("node_modules/.bin/postgraphile").current_dir(folder);
    command.env("DATABASE_URL", url).env("PORT", address.port().to_string());
    command.env("NODE_ENV", "production").env("GRAPHILE_ENV", "production");
    command.env("RELAY", if is_relay { "1" } else { "0" });
    let process = Process::start(&mut command, log, Signal::TERM)?;
    let mut server = Server { address, process, headers: String::new() };
    let request = Request::new("", "{ __typename }", &json!({}));
    server.process.wait_for(address, &request).await.context("PostGraphile")?;
    Ok(server)
}

const PAGE: &str = "first: 20, after: $after, condition: { tenantByTenantId: $tenant }, \
                    orderBy: CUSTOMER_NAME_KEY_ASC";

fn document(workload: Workload) -> Option<String> {
    let page = |fields: &str| {
        format!(
            "query Page($after: Cursor, $tenant: ID!) {{ allCustomers({PAGE}) {{ edges {{ node {{ \
             {fields} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )
    };
    Some(match workload {
        Workload::Point => Workload::Point.document().to_owned(),
        Workload::Page1 | Workload::Deep => page("externalId customerName"),
        Workload::List => page("externalId customerName emailId primaryGroup { customerGroupName }"),
        Workload::Nested => page(
            "externalId customerName emailId primaryGroup { customerGroupName \
             customerGroupByTenantIdAndParentId { customerGroupName } } \
             loyaltyProgramByTenantIdAndLoyaltyProgramId { loyaltyProgramName \
             loyaltyProgramCollectionsByTenantIdAndLoyaltyProgramId { edges { node { tierName minSpent } \
             } } }",
        ),
        Workload::Scope => "query Scope($id: ID!) { posProfile(id: $id) { scopeCustomers(first: 50) { \
                            edges { node { externalId customerName \
                            customerAddressesByTenantIdAndCustomerId { edges { node { address postalCode \
                            city } } } } } } } }"
            .to_owned(),
        Workload::Create => "mutation Create($input: CustomerInput!) { createCustomer(input: { customer: \
                             $input }) { customer { id customerName } } }"
            .to_owned(),
        _ => return None,
    })
}

fn tenant() -> String {
    STANDARD.encode(json!(["Tenant", TENANT]).to_string())
}

fn node_id(name: &str, uuid: &str) -> String {
    STANDARD.encode(json!([name, TENANT, uuid]).to_string())
}

/// The row of a customer, with what Clientele fills in by itself.
fn row() -> Value {
    let now = "2026-11-27T00:00:00Z";
    json!({
        "tenantId": TENANT,
        // The number has as many digits as the end of a UUID.
        "rowId": format!("019c0000-0000-7000-8000-{NUMBER}"),
        "customerName": format!("Bench {NUMBER} Nord"),
        "customerType": "INDIVIDUAL",
        "emailId": format!("b{NUMBER}@example.com"),
        "mobileNo": format!("+47 {NUMBER}"),
        "language": "en",
        "territory": "NO",
        "isInternalCustomer": false,
        "disabled": false,
        "isFrozen": false,
        "soRequired": false,
        "dnRequired": false,
        "customerNameKey": format!("bench {NUMBER} nord"),
        "emailIdKey": format!("b{NUMBER}@example.com"),
        "mobileNoKey": format!("+47 {NUMBER}"),
        "taxIdKey": "",
        "createdAt": now,
        "updatedAt": now,
        "createdBy": "bench",
        "lastModifiedBy": "bench",
    })
}

async fn cursors(server: &Server) -> anyhow::Result<Vec<String>> {
    let document = format!(
        "query Cursors($after: Cursor, $tenant: ID!) {{ allCustomers({}) {{ edges {{ cursor }} pageInfo {{ \
         hasNextPage }} }} }}",
        PAGE.replace("20", "2000")
    );
    let mut connection = Connection::open(server.address).await?;
    let mut cursors: Vec<String> = Vec::new();
    loop {
        let variables = json!({ "after": cursors.last(), "tenant": tenant() });
        let response = connection.ask(&Request::new("", &document, &variables)).await?;
        let page = &response["data"]["allCustomers"];
        let Some(edges) = page["edges"].as_array() else { bail!("no cursors: {response}") };
        cursors.extend(edges.iter().filter_map(|it| it["cursor"].as_str().map(str::to_owned)));
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(cursors);
        }
    }
}
