//! What the tests share.

pub mod app;
pub mod cluster;
pub mod database;

/// Writes a test for both databases.
///
/// `both! { async fn name(app: App) { … } }` makes the tests `name::sqlite` and `name::postgres`. The
/// body must give the same results on both; snapshots are named, so that they share one file.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: App) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($app: $crate::support::app::App) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                use $crate::support::{app::App, database::Backend};
                if let Some(app) = App::start(Backend::Sqlite).await {
                    run(app).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                use $crate::support::{app::App, database::Backend};
                if let Some(app) = App::start(Backend::Postgres).await {
                    run(app).await;
                }
            }
        }
    )*};
}
