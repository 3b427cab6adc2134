//! SQLite's threads: each statement runs on one of them, to its end.

use std::error::Error;

use diesel_async::{pooled_connection::deadpool::Object, sync_connection_wrapper::SpawnBlocking};
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};

use super::lease::SqliteConn;

/// Runs statements on Tokio's threads for what blocks.
///
/// Who goes away does not wait for the end of a statement. (The library's own runner has the thread
/// that drops the future wait, whereupon all requests wait that this thread serves.)
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

/// Closes a connection when the statement in progress has come to its end; until then it keeps
/// its place in the pool.
pub(super) fn close(mut conn: Object<SqliteConn>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        // It waits for its turn on the connection, and may fail: the connection is closed in any case.
        conn.spawn_blocking(|_| Ok(())).await.ok();
        // To close the last connection may mean to write.
        tokio::task::spawn_blocking(move || drop(Object::take(conn))).await.ok();
    });
}
