//! Shared parts of the tests.

pub mod app;
pub mod binary;
pub mod cluster;
pub mod contention;
pub mod database;
pub mod dump;
pub mod installed;
pub mod introspection;
pub mod lock;
pub mod mutate;
pub mod raw;
pub mod sdl;
pub mod types;

/// Defines a test for both databases.
///
/// `both! { async fn name(app: App) { … } }` makes the tests `name::sqlite` and `name::postgres`.
/// The body must give the same results on both; snapshots are named, so that they share one file.
/// Instead of an `App`, it can take any type with a function `start`.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($given:ident: $what:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($given: $what) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                use $crate::support::database::Backend;
                if let Some(given) = $what::start(Backend::Sqlite).await {
                    run(given).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                use $crate::support::database::Backend;
                if let Some(given) = $what::start(Backend::Postgres).await {
                    run(given).await;
                }
            }
        }
    )*};
}
