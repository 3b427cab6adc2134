//! Laws: properties that hold after any sequence of requests. Each is checked against a model in
//! memory, on sequences that proptest generates. proptest shrinks a failing sequence.
//!
//! `PROPTEST_CASES` sets the number of sequences, `PROPTEST_RNG_SEED` the seed. Without the latter
//! they are the same in each run.

mod custom_attributes;
mod effective;
mod forest;
mod line_items;
mod merge;
mod paging;

use std::{
    fmt::Debug,
    sync::atomic::{AtomicU32, Ordering},
};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngSeed, TestRunner, contextualize_config},
};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::support::app::{App, capitalised};

/// A client with its own tenant, on the database that all cases of a test share.
struct Client<'a> {
    app: &'a App,
    key: String,
}

impl Client<'_> {
    /// The `data` of a response, which must have no errors.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.app.query_as(&self.key, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }

    /// Executes a mutation that must have no user errors. Returns the id of the created object.
    async fn create(&self, mutation: &str, input: Value) -> String {
        let mutation = format!(
            "mutation($input: {}Input!) {{ payload: {mutation}(input: $input) {{ \
             it: {} {{ id }} userErrors {{ field message }} }} }}",
            capitalised(mutation),
            mutation.strip_suffix("Create").unwrap(),
        );
        let data = self.data(&mutation, json!({ "input": input })).await;
        let id = data["payload"]["it"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{input}: {data}")).to_owned()
    }
}

/// The `id`s of a list of objects.
fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("not a list: {list}"));
    list.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

/// The configuration for this many cases with a fixed seed, unless environment variables override
/// them.
pub fn config(cases: u32) -> Config {
    contextualize_config(Config {
        cases,
        rng_seed: RngSeed::Fixed(20_261_120),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    })
}

/// Checks a law for this many cases, or `PROPTEST_CASES` if set.
fn check<S: Strategy>(app: &App, cases: u32, values: S, law: &impl AsyncFn(&Client<'_>, S::Value))
where
    S::Value: Debug,
{
    let tenants = AtomicU32::new(0);
    let checked = TestRunner::new(config(cases)).run(&values, |value| {
        let tenant = format!("t{}", tenants.fetch_add(1, Ordering::Relaxed));
        block_in_place(|| {
            Handle::current().block_on(async {
                let (_, key) = app.make_tenant(&tenant).await;
                law(&Client { app, key }, value).await;
            });
        });
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}
