//! SQLite's threads: each statement runs on one of them to its end.

use std::error::Error;

use diesel_async::{pooled_connection::deadpool::Object, sync_connection_wrapper::SpawnBlocking};
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};

use super::lease::SqliteConn;

/// Runs statements on Tokio's threads for blocking work.
///
/// A dropped future does not wait for the end of its statement. (The library's own runner blocks
/// the thread that drops the future, and thus all requests on that thread.)
pub struct Detached;

impl SpawnBlocking for Detached {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>> {
        tokio::task::spawn_blocking(task).map_err(Into::into).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Closes a connection when its statement in progress has ended; until then it keeps its place in
/// the pool.
pub(super) fn close(mut conn: Object<SqliteConn>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        // This waits for the connection and may fail; the connection is closed in any case.
        conn.spawn_blocking(|_| Ok(())).await.ok();
        // Closing the last connection may write.
        tokio::task::spawn_blocking(move || drop(Object::take(conn))).await.ok();
    });
}
