//! Connections to SQLite. A statement runs synchronously, on the thread of its request.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use deadpool::managed::{Manager, Metrics, Object, RecycleError, RecycleResult};
use diesel::{
    Connection, ConnectionError, ConnectionResult, QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use tokio::{task::spawn_blocking, time::Instant};

use crate::executor;

/// The result of a statement whose future is ready when it is first polled, like all of SQLite's.
pub fn result_of<T>(statement: impl Future<Output = QueryResult<T>>) -> QueryResult<T> {
    match pin!(statement).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => {
            let error = "a statement of SQLite waits for something else";
            Err(diesel::result::Error::QueryBuilderError(error.into()))
        }
    }
}

/// Timeout for waiting until other connections have set up the same file.
const SETUP: Duration = Duration::from_secs(5);

/// Opens connections.
pub struct Opener {
    pub path: String,
    /// The statements that a new connection runs first.
    pub setup: String,
}

impl Manager for Opener {
    type Type = SqliteConnection;
    type Error = ConnectionError;

    async fn create(&self) -> ConnectionResult<SqliteConnection> {
        let (path, setup) = (self.path.clone(), self.setup.clone());
        let open = spawn_blocking(move || open(&path, &setup));
        open.await.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
    }

    async fn recycle(
        &self,
        conn: &mut SqliteConnection,
        _: &Metrics,
    ) -> RecycleResult<ConnectionError> {
        if AnsiTransactionManager::is_broken_transaction_manager(conn) {
            return Err(RecycleError::message("a transaction was not ended"));
        }
        Ok(())
    }
}

/// Opens and sets up a connection. SQLite itself does not wait while another connection switches the file to
/// write-ahead logging, because two that do so could wait for each other.
fn open(path: &str, setup: &str) -> ConnectionResult<SqliteConnection> {
    let open = || {
        let mut conn = SqliteConnection::establish(path)?;
        conn.batch_execute(setup).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    };
    let deadline = Instant::now() + SETUP;
    loop {
        match open() {
            Err(error) if is_locked(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
}

/// Returns a connection to its pool.
pub fn give_back(conn: Object<Opener>) {
    let pool = Object::pool(&conn);
    drop(conn);
    // If none is available now, a waiting task may have been woken for this one.
    if pool.is_none_or(|pool| pool.status().available == 0) {
        executor::has_woken();
    }
}

/// Closes a connection instead of returning it to its pool.
pub fn close(conn: Object<Opener>) {
    // Closing the last connection writes to the disk.
    executor::block(|| drop(Object::take(conn)));
    executor::has_woken();
}

/// Whether this is SQLite's error for a file that another process kept locked until the timeout.
pub(super) fn is_locked(error: &impl ToString) -> bool {
    error.to_string().contains("database is locked")
}
