//! Black-box tests of Clientele: the real router on real databases, and the real binary.
//!
//! Each test runs on SQLite and on PostgreSQL, each with its own database. Both must return the
//! same responses, so they share one file per snapshot.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; clippy takes the functions around it for others"
)]

#[macro_use]
mod support;

mod amounts;
mod at_once;
mod attacks;
mod bad_input;
mod batches;
mod budget;
mod children;
mod cli;
mod columns;
mod connections;
mod custom_attributes;
mod customer_groups;
mod customers;
mod deletions;
mod demo;
mod documents;
mod duplicates;
mod effective;
mod execution;
mod export;
mod external_ids;
mod filters;
mod found;
mod golden_sql;
mod http;
mod import;
mod import_attributes;
mod import_graph;
mod import_lists;
mod import_merges;
mod import_safety;
mod indexes;
mod laws;
mod layers;
mod lists;
mod loaders;
mod lookup;
mod loyalty_programs;
mod merge;
mod migrations;
mod nested_writes;
mod nodes;
mod operations;
mod parity;
mod pos_profiles;
mod rich_customers;
mod scalars;
mod schema;
mod search_keys;
mod shares;
mod stalls;
mod supplier_numbers;
mod tenancy;
mod texts;
mod updates;
mod upgrade;
mod writes;
