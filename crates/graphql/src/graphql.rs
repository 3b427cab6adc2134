//! The GraphQL API: types, resolvers and errors. It contains no SQL.

mod api_key;
mod attribute_definition;
mod attributes;
mod batch;
mod child;
mod choices;
mod columns;
mod connection;
mod context;
mod custom_attribute;
mod customer;
mod customer_group;
mod description;
mod document;
mod engine;
mod error;
mod filter;
mod input;
mod loader;
mod loyalty_program;
mod loyalty_program_collection;
mod memory;
mod mutable_node;
mod mutation;
mod mutations;
mod node;
mod nodes;
mod object;
mod order;
mod payload;
mod pos_customer_group;
mod pos_profile;
mod queries;
mod query;
mod scalars;
mod selector;
mod shape;
mod supplier_number_at_customer;
mod tenant;

use async_graphql::{EmptySubscription, SDLExportOptions};

pub use self::{
    document::{Operation, Policy},
    engine::{Bound, Engine},
    error::{ErrorCode, bound_errors, limit_exceeded, request_error},
    scalars::written_number,
};
use self::{mutation::Mutation, query::Query};
use crate::limits::Limits;

pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema in SDL, sorted, as in `schema.graphql`.
pub fn sdl() -> String {
    sdl_of(&engine::schema(&Limits::default()))
}

fn sdl_of(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    description::describe(&without_built_in_directives(&schema.sdl_with_options(options)))
}

/// Omits the definitions of built-in directives like `@skip`, as the specification allows. Every
/// tool knows them, and async-graphql exports them without descriptions of their arguments.
fn without_built_in_directives(sdl: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in sdl.lines() {
        if defines_built_in_directive(line) {
            // The directive's description, which is one line.
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
