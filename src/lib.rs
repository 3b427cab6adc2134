//! The customer graph of a retailer, served over GraphQL.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod db;
pub mod demo;
pub mod executor;
pub mod export;
pub mod graphql;
pub mod http;
pub mod id;
pub mod import;
pub mod limits;
pub mod models;
pub mod phone;
pub mod search_key;
pub mod search_words;
pub mod server;
pub mod telemetry;
pub mod transfer;
