//! Leases of pooled connections, including those that end before their statement does.

mod batch;
mod postgres;
mod shared;
mod transaction;

use std::{sync::Arc, time::Duration};

use deadpool::managed::Object;
use diesel::{
    QueryResult, SqliteConnection, connection::SimpleConnection, result::DatabaseErrorKind,
};
use diesel_async::SimpleAsyncConnection;

use self::postgres::Deferred;
use super::{
    Error, Meter, on_postgres,
    share::SharePermit,
    shared_sync::SharedSync,
    sqlite::{self, Opener},
};
use crate::executor;

pub use self::batch::{Batched, PgConnection};
pub(super) use self::{
    batch::Batches,
    shared::{Shared, SharedByRequests, SharedReads},
};

/// Timeout of a statement, also set in PostgreSQL.
pub(super) const STATEMENT: Duration = Duration::from_secs(30);

/// Timeout for a response of PostgreSQL. It is longer than that of a statement, because
/// PostgreSQL's own error is more precise. That error does not arrive if PostgreSQL's processes or
/// the network hang.
const RESPONSE: Duration = STATEMENT.saturating_add(Duration::from_secs(2));

/// The message of a statement that timed out.
pub(super) const TIMED_OUT: &str = "the database did not respond in time";

/// The result of a statement of PostgreSQL, or `None` if it timed out.
pub async fn in_time<T>(statement: impl Future<Output = QueryResult<T>>) -> Option<QueryResult<T>> {
    tokio::time::timeout(RESPONSE, statement).await.ok()
}

/// A leased connection, which returns to the pool when dropped.
pub struct Lease(Loan);

enum Loan {
    Sqlite(Held<Object<Opener>>),
    Postgres(Held<Arc<Shared>>),
}

impl Lease {
    /// A connection for reading, and its place in the tenant's share.
    pub(super) fn reader(conn: Object<Opener>, permit: Option<SharePermit>, meter: Meter) -> Self {
        let held = Held::new(conn, meter);
        Self(Loan::Sqlite(Held { permit, ..held }))
    }

    /// The connection for writing. With a `sync`, the request that has the meter waits until its
    /// commits are on the disk.
    pub(super) fn writer(conn: Object<Opener>, sync: Option<SharedSync>, meter: Meter) -> Self {
        let held = Held::new(conn, meter);
        Self(Loan::Sqlite(Held { sync, ..held }))
    }

    pub(super) fn postgres(conn: Arc<Shared>, meter: Meter) -> Self {
        Self(Loan::Postgres(Held::new(conn, meter)))
    }

    pub fn conn(&mut self) -> Conn<'_> {
        match &mut self.0 {
            Loan::Sqlite(held) => Conn::Sqlite(held),
            Loan::Postgres(held) => Conn::Postgres(held),
        }
    }
}

/// A connection with a statement in progress, or in a transaction, does not return to the pool; its
/// place becomes free when the statement has ended. (On SQLite no statement can be in progress, unless it
/// panics.)
impl Drop for Lease {
    fn drop(&mut self) {
        match &mut self.0 {
            Loan::Sqlite(held) => {
                if let Some(sync) = &held.sync {
                    held.meter.note_commit(sync.committed());
                }
                let is_unfinished = held.is_running || held.in_transaction;
                match held.conn.take() {
                    Some(conn) if is_unfinished => sqlite::close(conn),
                    Some(conn) => sqlite::give_back(conn),
                    None => {}
                }
                drop(held.permit.take());
            }
            Loan::Postgres(held) => {
                let is_unfinished = held.is_running || held.in_transaction;
                match &held.conn {
                    Some(conn) if is_unfinished => conn.note_unfinished(),
                    Some(conn) => conn.note_end(),
                    None => {}
                }
            }
        }
    }
}

/// A connection during a lease.
pub struct Held<Pooled> {
    /// `None` only when the lease is dropped.
    conn: Option<Pooled>,
    meter: Meter,
    /// Whether a statement is in progress. It stays set if the statement's future was dropped.
    is_running: bool,
    in_transaction: bool,
    /// The statements that were put off; only on PostgreSQL.
    deferred: Deferred,
    /// The sync that its commits share with others; only on SQLite.
    sync: Option<SharedSync>,
    /// The place in the tenant's share of the connections; only for a reader of SQLite.
    permit: Option<SharePermit>,
}

impl<Pooled> Held<Pooled> {
    fn new(conn: Pooled, meter: Meter) -> Self {
        let (is_running, in_transaction, deferred) = (false, false, Deferred::default());
        let (sync, permit) = (None, None);
        Self { conn: Some(conn), meter, is_running, in_transaction, deferred, sync, permit }
    }

    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The pooled connection, for one statement, whose end must be reported to [`Held::end`].
    fn start(&mut self) -> QueryResult<&mut Pooled> {
        if self.is_running {
            return Err(timed_out());
        }
        self.is_running = true;
        self.conn.as_mut().ok_or_else(timed_out)
    }

    /// Records the end of a statement, given the result of [`in_time`].
    pub fn end<T>(&mut self, outcome: Option<QueryResult<T>>) -> QueryResult<T> {
        self.is_running = outcome.is_none();
        outcome.unwrap_or_else(|| Err(timed_out()))
    }

    /// Like [`Held::end`], for a query. If reading stopped early, the other rows are still being
    /// sent, so the statement counts as in progress.
    pub fn end_reading<T>(
        &mut self,
        outcome: Option<QueryResult<Result<T, Error>>>,
    ) -> Result<T, Error> {
        let rows = self.end(outcome)?;
        self.is_running = matches!(rows, Err(Error::Overrun(_) | Error::Abandoned));
        rows
    }
}

impl Held<Object<Opener>> {
    /// The connection, for one statement, whose end must be reported to [`Held::end`].
    pub fn begin(&mut self) -> QueryResult<&mut SqliteConnection> {
        Ok(self.start()?)
    }

    /// Runs a statement synchronously.
    pub fn call<T>(
        &mut self,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let conn = self.begin()?;
        let result = executor::block(|| statement(conn));
        self.end(Some(result))
    }
}

fn timed_out() -> diesel::result::Error {
    let info = Box::new(TIMED_OUT.to_owned());
    diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info)
}

/// A borrowed connection of either kind, inside or outside a transaction.
pub enum Conn<'a> {
    Sqlite(&'a mut Held<Object<Opener>>),
    Postgres(&'a mut Held<Arc<Shared>>),
}

impl Conn<'_> {
    /// The meter of the request that uses the connection.
    pub fn meter(&self) -> &Meter {
        match self {
            Self::Sqlite(held) => held.meter(),
            Self::Postgres(held) => held.meter(),
        }
    }

    /// Runs statements without parameters or results.
    pub async fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        Ok(self.run_batch(sql).await?)
    }

    async fn run_batch(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(|c| c.batch_execute(sql)),
            Self::Postgres(held) => {
                held.settle().await?;
                on_postgres!(held, |c| c.batch_execute(sql).await)
            }
        }
    }

    /// Lets the transaction in progress wait for its next statement without a timeout, because its
    /// input may be slow.
    pub async fn allow_pauses(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => {
                self.batch_execute("SET LOCAL idle_in_transaction_session_timeout = 0").await
            }
        }
    }

    /// Reborrows the connection, for callees that take a `Conn` by value.
    pub fn reborrow(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(held) => Conn::Sqlite(held),
            Self::Postgres(held) => Conn::Postgres(held),
        }
    }
}
