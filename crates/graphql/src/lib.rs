//! The GraphQL layer of Clientele: types, resolvers, loaders and errors.

pub mod graphql;

// Re-exported so that a path like `crate::db::Conn` is the same in all crates.
pub use clientele_models::{
    auth, clock, db, executor, id, limits, models, phone, search_key, search_words,
};
