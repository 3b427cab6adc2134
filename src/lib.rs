//! The customer graph of a retailer, served over GraphQL.

pub mod cli;
pub mod demo;
pub mod export;
pub mod http;
pub mod import;
pub mod server;
pub mod telemetry;
pub mod transfer;

// The lower layers are separate crates. They are re-exported so that a path like `crate::db::Conn`
// is the same in all crates.
pub use clientele_graphql::{
    auth, clock, db, executor, graphql, id, limits, models, phone, search_key, search_words,
};
