//! The layer `models`, with credentials (`auth`) and the parsing of searched texts (`search_words`
//! and `phone`).

pub mod auth;
pub mod models;
pub mod phone;
pub mod search_words;

// A path is the same in all crates: `crate::db::Conn`.
pub use clientele_db::{clock, db, executor, id, limits, search_key};
