//! The layer `graphql`.

pub mod graphql;

// A path is the same in all crates: `crate::db::Conn`.
pub use clientele_models::{
    auth, clock, db, executor, id, limits, models, phone, search_key, search_words,
};
