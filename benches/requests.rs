//! Benchmarks of requests, from the router to the database and back, on both databases in one run.
//!
//! `cargo bench` compares with the previous run. Absolute numbers depend on the machine; compare
//! ratios.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on fails"
)]

#[path = "../tests/integration/support/mod.rs"]
#[expect(dead_code, unused_macros, reason = "it has more than is used here")]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tokio::runtime::Runtime;

use clientele::models::{
    Customer,
    customer::{
        CustomerAttributes,
        address::{CustomerAddress, CustomerAddressAttributes},
    },
};
use support::{app::App, database::Backend};

const REQUESTS: &[(&str, &str)] = &[
    ("one customer", "{ customer(externalId: \"C-77\") { id customerName } }"),
    ("a list of 20", "{ customers { nodes { id customerName emailId } } }"),
    (
        "a search",
        "{ customers(filter: { search: \"mer 77\" }) { totalCount nodes { customerName } } }",
    ),
    (
        "four levels deep",
        "{ customerGroups(first: 20) { nodes { customers(first: 5) { nodes { customerName
            customerGroup { ancestors { customerGroupName } } } } } } }",
    ),
    (
        "a subtree by name",
        "{ customerGroup(externalId: \"root\") { customers(includeDescendants: true,
            orderBy: { field: CUSTOMER_NAME }) { nodes { customerName } } } }",
    ),
    (
        "a point of sale",
        "{ posProfile(id: \"till\") { posCustomerGroups { customerGroup { descendants { id } } }
            customers(first: 50) { nodes { customerName addresses { formatted }
                contacts { displayName } supplierNumbers { supplierNumber }
                customerGroup { ancestors { customerGroupName } }
                loyaltyProgram { collections { tierName } } loyaltyProgramTier { tierName }
            } } } }",
    ),
    (
        "customers by credit",
        "{ customers(orderBy: { field: CREDIT_LIMIT, direction: DESC }, filter: {
            creditLimit: { lt: \"50\" } }) { nodes { customerName credit { limit } } } }",
    ),
];

/// A hundred groups in a tree, ten thousand customers in them, each with an address, and a point of
/// sale for all.
async fn app(backend: Backend) -> Option<App> {
    let app = App::start(backend).await?;
    let root =
        app.create_group("customerGroupName: \"Root\", externalId: \"root\", isGroup: true").await;
    let operator = app.operator();
    for group in 0..100 {
        let fields = format!("customerGroupName: \"Group {group}\", parentId: \"{root}\"");
        let id = app.create_group(&fields).await;
        let id = clientele::id::NodeType::CustomerGroup.parse(&id);
        let customers = (0..100).map(|number| CustomerAttributes {
            customer_name: format!("Customer {number} of {group}"),
            external_id: Some(format!("C-{}", 100 * group + number)),
            customer_group_id: id,
            credit_limit: number.to_string().parse().ok(),
            ..CustomerAttributes::default()
        });
        let customers = customers.collect();
        let mut lease = app.db.write().await.expect("a connection");
        let inserted = lease
            .conn()
            .transaction(async |tx| {
                let writer = operator.writer();
                let customers = Customer::insert_many(tx, writer, customers).await?;
                let addresses = customers.iter().map(|customer| (customer.id, address()));
                CustomerAddress::insert_first(tx, writer, addresses.collect()).await
            })
            .await;
        inserted.expect("inserted");
    }
    let link = "mutation($group: ID!) { posCustomerGroupCreate(input: {
        posProfileId: \"till\", customerGroupId: $group }) { userErrors { message } } }";
    app.data(link, json!({ "group": root })).await;
    app.db.analyze().await.expect("analyzed");
    Some(app)
}

fn address() -> CustomerAddressAttributes {
    CustomerAddressAttributes {
        is_primary: true,
        address: Some("Bryggen 7".to_owned()),
        city: Some("Bergen".to_owned()),
        ..CustomerAddressAttributes::default()
    }
}

fn requests(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(app) = runtime.block_on(app(backend)) else { continue };
        let mut group = criterion.benchmark_group(format!("{backend:?}"));
        for (name, query) in REQUESTS {
            group.bench_function(*name, |bencher| {
                bencher.to_async(&runtime).iter(|| app.data(query, json!({})));
            });
        }
        group.finish();
        runtime.block_on(async move { drop(app) });
    }
}

criterion_group!(benches, requests);
criterion_main!(benches);
