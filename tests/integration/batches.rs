//! Concurrent requests that create customers. On PostgreSQL, their inserts are batched.

use std::time::Duration;

use axum::Router;
use clientele::db::Db;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::{
    app::App,
    contention::{PATIENCE, client, query, router_of, until_waiting},
    database::Backend,
};

/// A server with enough database connections for all requests of a test.
struct Server {
    db: Db,
    router: Router,
}

impl Server {
    fn start(app: &App) -> Self {
        let db = Db::open(&app.database.parsed(), 20).unwrap();
        Self { router: router_of(app, db.clone()), db }
    }

    /// Sends a request that creates a customer with these fields, in the background.
    fn create(&self, key: &str, fields: &str) -> JoinHandle<Value> {
        let mutation = format!(
            "mutation {{ customerCreate(input: {{ {fields} }}) {{ \
             customer {{ customerName }} userErrors {{ message }} }} }}"
        );
        let (router, key) = (self.router.clone(), key.to_owned());
        tokio::spawn(async move { query(router, key, &mutation).await.1 })
    }

    /// Like [`Server::create`], for a customer with this name. Returns when the request has its database connection.
    async fn create_named(&self, key: &str, name: &str) -> JoinHandle<Value> {
        let before = self.in_use();
        let creation = self.create(key, &format!("customerName: {name:?}"));
        self.until_in_use(before + 1).await;
        creation
    }

    fn in_use(&self) -> usize {
        let status = self.db.pool_status();
        status.size - status.available
    }

    async fn until_in_use(&self, connections: usize) {
        let wait = async {
            while self.in_use() != connections {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap();
    }
}

fn created(name: &str) -> Value {
    let customer = json!({ "customerName": name });
    json!({ "data": { "customerCreate": { "customer": customer, "userErrors": [] } } })
}

/// The names of all customers of a key's tenant, in alphabetical order.
async fn names(server: &Server, key: &str) -> Vec<String> {
    let all = "{ customers(first: 100) { nodes { customerName } } }";
    let (_, response) = query(server.router.clone(), key.to_owned(), all).await;
    let nodes = response["data"]["customers"]["nodes"].as_array().unwrap();
    let name = |it: &Value| it["customerName"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = nodes.iter().map(name).collect();
    names.sort();
    names
}

const LOCK: &str = "BEGIN; LOCK TABLE customers IN EXCLUSIVE MODE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creations_that_wait_are_batched_into_one_statement() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let server = Server::start(&app);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    holder.batch_execute(LOCK).await.unwrap();
    let mut creations = Vec::new();
    for number in 0..9 {
        creations.push(server.create_named(&app.key, &format!("Customer {number}")).await);
        until_waiting(&watcher, (number + 1).min(2)).await;
    }
    // Values of other columns, and words in names, require a different statement.
    let fields = r#"customerName: "Jo 9", customerDetails: "VIP""#;
    creations.push(server.create(&app.key, fields));
    server.until_in_use(10).await;
    let before = server.db.statements_sent();
    holder.batch_execute("ROLLBACK").await.unwrap();
    let responses = join_all(creations).await;
    for (number, response) in responses.into_iter().enumerate() {
        let name = if number == 9 { "Jo 9".to_owned() } else { format!("Customer {number}") };
        assert_eq!(response.unwrap(), created(&name));
    }
    // Seven creations are batches of 4, 2 and 1.
    assert_eq!(server.db.statements_sent() - before, 4);
    assert_eq!(names(&server, &app.key).await.len(), 10);
    server.until_in_use(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_creation_does_not_fail_others_of_its_batch() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let server = Server::start(&app);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    let check = "ALTER TABLE customers ADD CHECK (customer_name <> 'Customer 3')";
    holder.batch_execute(check).await.unwrap();
    holder.batch_execute(LOCK).await.unwrap();
    let mut creations = Vec::new();
    for number in 0..6 {
        creations.push(server.create_named(&app.key, &format!("Customer {number}")).await);
        until_waiting(&watcher, (number + 1).min(2)).await;
    }
    holder.batch_execute("ROLLBACK").await.unwrap();
    for (number, response) in join_all(creations).await.into_iter().enumerate() {
        let response = response.unwrap();
        if number == 3 {
            assert_eq!(response["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        } else {
            assert_eq!(response, created(&format!("Customer {number}")));
        }
    }
    let stored = [0, 1, 2, 4, 5].map(|number| format!("Customer {number}"));
    assert_eq!(names(&server, &app.key).await, stored);
    server.until_in_use(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_creations_of_a_tenant_do_not_delay_other_tenants() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let (_, other_key) = app.make_tenant("globex").await;
    let server = Server::start(&app);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    let lock = "BEGIN; SELECT FROM tenants WHERE tenant_id = 'acme' FOR UPDATE";
    holder.batch_execute(lock).await.unwrap();
    let mut creations = Vec::new();
    for number in 0..4 {
        creations.push(server.create_named(&app.key, &format!("Customer {number}")).await);
        until_waiting(&watcher, (number + 1).min(2)).await;
    }
    assert_eq!(server.create(&other_key, r#"customerName: "Bob""#).await.unwrap(), created("Bob"));
    assert!(creations.iter().all(|it| !it.is_finished()));
    holder.batch_execute("ROLLBACK").await.unwrap();
    for (number, response) in join_all(creations).await.into_iter().enumerate() {
        assert_eq!(response.unwrap(), created(&format!("Customer {number}")));
    }
    assert_eq!(names(&server, &other_key).await, ["Bob"]);
    assert_eq!(names(&server, &app.key).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creations_with_unique_values_are_not_batched() {
    let Some(app) = App::start(Backend::Postgres).await else { return };
    let server = Server::start(&app);
    let (holder, watcher) = (client(&app).await, client(&app).await);
    holder.batch_execute(LOCK).await.unwrap();
    for number in 0..4 {
        let fields = format!("customerName: \"Customer {number}\", loyaltyId: \"{number}\"");
        server.create(&app.key, &fields);
        until_waiting(&watcher, number + 1).await;
    }
}
