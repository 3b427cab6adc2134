//! The application under test, and its clients.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header, request::Builder},
};
use clientele::{
    auth::{KeyKind, KeySecret, Operator, Tenant, Writer},
    clock::Clock,
    db::{self, Conn, Db, types::Timestamp},
    http::{self, App as State},
    models::{
        Customer,
        api_key::{ApiKey, Scope},
        customer::{ChildKeys, CustomerAttributes},
        loyalty_program::opt_in,
    },
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    database::{Backend, Database},
    types::lists_of,
};

/// A request with this key, to which a body can be added.
pub fn post(key: &str) -> Builder {
    Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
}

/// Inserts customers with checked attributes. Those without a loyalty program join the matching one with `autoOptIn`.
pub async fn insert_customers(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    attributes: Vec<CustomerAttributes>,
) -> Result<Vec<Customer>, db::Error> {
    let new = attributes.into_iter().map(|it| Customer::new(writer, it));
    let mut customers: Vec<Customer> = new.collect();
    let today = customers[0].created_at.date();
    let joining = customers.iter_mut().map(|it| &mut it.attributes).collect();
    opt_in(tx, writer.tenant(), today, joining).await?;
    Customer::insert_rows(tx, writer, &customers, &ChildKeys::default()).await?;
    Ok(customers)
}

/// A server with its own database, with the tenant `acme` and a key with all permissions.
///
/// Its clock is fixed and advances by a second with each call, so that ids and times are identical
/// in each run and on both databases.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub database: Database,
    pub tenant: Tenant,
    pub key: String,
    router: Router,
}

impl App {
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::start_on(Database::migrated(backend).await?).await
    }

    pub async fn start_on(database: Database) -> Option<Self> {
        let db = Db::open(&database.parsed(), 8).unwrap();
        let clock = Clock::fixed("2026-11-20T08:00:00Z".parse().unwrap(), 1_000_000);
        let router = http::router(State::new(db.clone(), clock.clone(), false), Vec::new());
        let tenant = make_tenant(&db, &clock, "acme").await;
        let key = make_key(&db, &clock, &tenant, Scope::Admin, "till", None).await;
        Some(Self { db, clock, database, tenant, key, router })
    }

    /// Creates another tenant, and a key with all permissions for it.
    pub async fn make_tenant(&self, name: &str) -> (Tenant, String) {
        let tenant = make_tenant(&self.db, &self.clock, name).await;
        let key = make_key(&self.db, &self.clock, &tenant, Scope::Admin, "till", None).await;
        (tenant, key)
    }

    /// Like [`App::make_tenant`], with a country for phone numbers.
    pub async fn make_tenant_in(&self, name: &str, country: &str) -> (Tenant, String) {
        let country = Some(country.parse().unwrap());
        let tenant = {
            let mut lease = self.db.write().await.unwrap();
            Tenant::create(&mut lease.conn(), name, country, &self.clock).await.unwrap()
        };
        let key = make_key(&self.db, &self.clock, &tenant, Scope::Admin, "till", None).await;
        (tenant, key)
    }

    /// Creates another key of the tenant `acme`.
    pub async fn make_key(&self, scope: Scope, name: &str, expires: Option<Timestamp>) -> String {
        make_key(&self.db, &self.clock, &self.tenant, scope, name, expires).await
    }

    /// An operator of the tenant `acme`, for tests that prepare data through the models.
    pub fn operator(&self) -> Operator {
        Operator::new(self.tenant.clone(), "setup", &self.clock)
    }

    /// Inserts customers, in a few transactions.
    pub async fn insert_customers(&self, attributes: Vec<CustomerAttributes>) {
        let operator = self.operator();
        let mut lease = self.db.write().await.unwrap();
        // PostgreSQL limits the number of parameters of a statement.
        for some in attributes.chunks(500) {
            let insert = async |tx: &mut Conn<'_>| {
                insert_customers(tx, operator.writer(), some.to_vec()).await
            };
            lease.conn().transaction(insert).await.unwrap();
        }
    }

    /// The whole response to a request of the tenant `acme`.
    pub async fn query(&self, query: &str) -> Value {
        self.query_with(query, json!({})).await
    }

    pub async fn query_with(&self, query: &str, variables: Value) -> Value {
        self.query_as(&self.key, query, variables).await
    }

    /// The whole response to a request with this key. The response must be well-formed.
    pub async fn query_as(&self, key: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let (status, answer) = self.post(Some(key), &body.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// The `data` of a response, which must have no errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.query_with(query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }

    /// Sends a body to `/graphql`. Returns the status and the JSON.
    pub async fn post(&self, key: Option<&str>, body: &str) -> (StatusCode, Value) {
        let request = match key {
            Some(key) => post(key),
            None => Request::post("/graphql").header(header::CONTENT_TYPE, "application/json"),
        };
        self.send_for_json(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Sends an arbitrary body to `/graphql`. Returns the status and the JSON.
    pub async fn post_bytes(&self, body: Vec<u8>) -> (StatusCode, Value) {
        self.send_for_json(post(&self.key).body(Body::from(body)).unwrap()).await
    }

    async fn send_for_json(&self, request: Request<Body>) -> (StatusCode, Value) {
        let (status, body) = self.send(request).await;
        let text = String::from_utf8_lossy(&body);
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| panic!("not JSON: {text}")))
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, body.to_vec())
    }

    /// The number of statements that a request sends, without the look-up of its key. Its response must
    /// have no errors.
    pub async fn statements(&self, query: &str, variables: Value) -> u64 {
        self.used(query, variables).await["statements"].as_u64().unwrap()
    }

    /// The resources that a request used, from the extension `cost`. Its response must have no
    /// errors.
    pub async fn used(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = post(&self.key).header("Clientele-Cost", "1").body(Body::from(body));
        let (_, body) = self.send(request.unwrap()).await;
        let mut response: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(response.get("errors"), None, "{query}: {response}");
        response["extensions"]["cost"]["used"].take()
    }

    /// Creates a group and returns its id. `fields` are the fields of its input, in GraphQL.
    pub async fn create_group(&self, fields: &str) -> String {
        let mutation = format!(
            "mutation {{ customerGroupCreate(input: {{{fields}}}) {{ customerGroup {{ id }} \
             userErrors {{ field code message }} }} }}"
        );
        let data = self.data(&mutation, json!({})).await;
        let payload = &data["customerGroupCreate"];
        payload["customerGroup"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    /// Creates a customer and returns its id. `fields` are the fields of its input, in GraphQL.
    pub async fn create_customer(&self, fields: &str) -> String {
        let mutation = format!(
            "mutation {{ customerCreate(input: {{{fields}}}) {{ customer {{ id }} \
             userErrors {{ field code message }} }} }}"
        );
        let data = self.data(&mutation, json!({})).await;
        let payload = &data["customerCreate"];
        payload["customer"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    /// Creates an object of this type with its related objects. Returns the id and the external id
    /// of each. (For a POS profile, the latter is its `posProfileId`.)
    pub async fn create_as(&self, key: &str, name: &str, input: Value) -> Vec<(String, String)> {
        let parts = match name {
            "posCustomerGroup" => "posProfile { id externalId: posProfileId }".to_owned(),
            _ => lists_of(&capitalised(name), "id externalId"),
        };
        let mutation = format!(
            "mutation($input: {}CreateInput!) {{ it: {name}Create(input: $input) {{
                it: {name} {{ id externalId {parts} }} userErrors {{ field code message }} }} }}",
            capitalised(name)
        );
        let created = self.query_as(key, &mutation, json!({ "input": input })).await;
        let mut ids = Vec::new();
        collect_ids(&created["data"]["it"]["it"], &mut ids);
        assert!(!ids.is_empty(), "{created}");
        ids
    }
}

/// Converts the name of a field to that of a type.
pub fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars.clone()).collect()
}

fn collect_ids(value: &Value, ids: &mut Vec<(String, String)>) {
    if let (Some(id), Some(external_id)) = (value["id"].as_str(), value["externalId"].as_str()) {
        ids.push((id.to_owned(), external_id.to_owned()));
    }
    let parts = value.as_object().into_iter().flat_map(|fields| fields.values());
    for part in parts.filter(|it| it.is_object() || it.is_array()) {
        let list = part.as_array().map_or(std::slice::from_ref(part), Vec::as_slice);
        for it in list {
            collect_ids(it, ids);
        }
    }
}

async fn make_tenant(db: &Db, clock: &Clock, name: &str) -> Tenant {
    let mut lease = db.write().await.unwrap();
    Tenant::create(&mut lease.conn(), name, None, clock).await.unwrap()
}

async fn make_key(
    db: &Db,
    clock: &Clock,
    tenant: &Tenant,
    scope: Scope,
    name: &str,
    expires: Option<Timestamp>,
) -> String {
    let secret = KeySecret::generate(tenant, KeyKind::Test);
    let mut lease = db.write().await.unwrap();
    let conn = &mut lease.conn();
    let key = ApiKey::create(conn, tenant, clock, &secret, scope, Some(name), expires);
    let key = key.await.unwrap();
    // Sets the key's last use to the far future, so that no request updates it and statements can
    // be counted.
    key.touch(conn, "2999-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    secret.reveal().to_owned()
}
