//! The layer `db`, and the small modules on which it and the layers above it rely.

pub mod clock;
pub mod db;
pub mod executor;
pub mod id;
pub mod limits;
#[cfg(feature = "graphql")]
mod scalars;
pub mod search_key;
