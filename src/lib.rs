//! The customer graph of a retailer, served over GraphQL.

pub mod auth;
pub mod clock;
pub mod db;
pub mod graphql;
pub mod id;
pub mod models;
