//! The GraphQL surface: types, resolvers, and how what goes wrong is told. No SQL here.

mod batch;
mod child;
mod connection;
mod context;
mod customer;
mod customer_group;
mod engine;
mod error;
mod filter;
mod input;
mod limit;
mod loader;
mod loyalty_program;
mod loyalty_program_collection;
mod mutation;
mod node;
mod order;
mod payload;
mod pos_customer_group;
mod pos_profile;
mod query;
mod scalars;
mod supplier_number_at_customer;

use async_graphql::{
    EmptySubscription, Request, Response, SDLExportOptions, dataloader::DataLoader,
};

use crate::{auth::Viewer, db::Db};

use self::{
    batch::BatchScheduler, error::with_codes, loader::Store, mutation::Mutation, query::Query,
};
pub use self::{
    context::Abandoned,
    engine::{Bound, Engine, Operation, Policy},
    error::{ErrorCode, bound_errors, limit_exceeded, request_error},
};

pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Deepest nesting of fields in a request.
pub const DEPTH_MAX: usize = 24;

/// Most fields a request may ask for, counting a field on a list once for each row of the page.
pub const COMPLEXITY_MAX: usize = 500_000;

pub fn schema() -> Schema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .finish()
}

/// The schema in GraphQL's own language, sorted: what `schema.graphql` holds.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    without_built_in_directives(&schema().sdl_with_options(options))
}

/// Leaves out the definitions of `@skip` and its like, as the specification allows: every tool
/// knows them, and the library writes them without saying what their arguments mean.
fn without_built_in_directives(sdl: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in sdl.lines() {
        if defines_built_in_directive(line) {
            // Its description, which is one line.
            kept.pop();
        } else {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

fn defines_built_in_directive(line: &str) -> bool {
    let name = line.strip_prefix("directive @").and_then(|it| it.split(['(', ' ']).next());
    matches!(name, Some("deprecated" | "include" | "oneOf" | "skip" | "specifiedBy"))
}

/// Answers a request, as that viewer. Once it is `abandoned`, none of its mutations begins.
pub async fn execute(
    schema: &Schema,
    db: &Db,
    viewer: Viewer,
    abandoned: Abandoned,
    mut request: Request,
) -> Response {
    if let Err(error) = limit::check(&mut request) {
        return with_codes(Response::from_errors(vec![error]));
    }
    let scheduler = BatchScheduler::default();
    let store = Store::new(db.clone(), viewer.tenant().clone());
    let loader = DataLoader::new(store, scheduler.spawner())
        .delay(std::time::Duration::ZERO)
        // However many keys there are, they are one statement.
        .max_batch_size(usize::MAX);
    let request =
        request.data(viewer).data(abandoned).data(scheduler.clone()).data(db.clone()).data(loader);
    with_codes(scheduler.drive(schema.execute(request)).await)
}
