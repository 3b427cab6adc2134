//! Leased connections, their transactions, and those whose statement nobody waits for any more.

use std::{ops::DerefMut, time::Duration};

use deadpool::managed::Object;
use diesel::{
    QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    result::DatabaseErrorKind,
};
use diesel_async::{
    AnsiTransactionManager as PostgresTransactions, SimpleAsyncConnection, TransactionManager as _,
};
use tokio::time::{Instant, sleep};

use super::{
    AsyncFunc, Error, Meter, Statements,
    migrate::is_locked,
    pool::{Postgres, PostgresManager},
    shared_sync::SharedSync,
    sqlite::{self, Opener},
    statements::Watched,
};
use crate::executor;

/// Timeout of a statement, also set in PostgreSQL.
pub(super) const STATEMENT: Duration = Duration::from_secs(30);

/// Timeout for a response: somewhat longer, because PostgreSQL's own error is better. It does not
/// arrive if its processes or the network hang.
const ANSWER: Duration = STATEMENT.saturating_add(Duration::from_secs(2));

/// The message of a statement that timed out.
pub(super) const TOO_LONG: &str = "the database did not respond in time";

/// The result of a statement of PostgreSQL, or `None` if it timed out.
pub(crate) async fn in_time<T>(
    statement: impl Future<Output = QueryResult<T>>,
) -> Option<QueryResult<T>> {
    tokio::time::timeout(ANSWER, statement).await.ok()
}

/// A leased connection, which returns to the pool when dropped.
pub struct Lease(Loan);

#[expect(clippy::large_enum_variant, reason = "it lives where it is used, and is not moved about")]
enum Loan {
    Sqlite(Held<Object<Opener>>),
    Postgres(Held<Object<PostgresManager>>, Postgres),
}

impl Lease {
    /// With a `sync`, whoever has the meter waits for it.
    pub(super) fn sqlite(
        conn: Object<Opener>,
        meter: Meter,
        statements: &Statements,
        sync: Option<SharedSync>,
    ) -> Self {
        let held = Held::new(conn, meter, statements);
        Self(Loan::Sqlite(Held { sync, ..held }))
    }

    pub(super) fn postgres(
        conn: Object<PostgresManager>,
        server: &Postgres,
        meter: Meter,
        statements: &Statements,
    ) -> Self {
        Self(Loan::Postgres(Held::new(conn, meter, statements), server.clone()))
    }

    pub fn conn(&mut self) -> Conn<'_> {
        match &mut self.0 {
            Loan::Sqlite(held) => Conn::Sqlite(held),
            Loan::Postgres(held, _) => Conn::Postgres(held),
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
            }
            Loan::Postgres(held, server) => {
                if let Some(conn) = held.conn.take_if(|_| held.is_running || held.in_transaction) {
                    server.cancel(conn);
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
    /// Whether a statement is in progress. It stays set if nobody waited for the end.
    is_running: bool,
    in_transaction: bool,
    /// Whose sync the transactions share; only on SQLite.
    sync: Option<SharedSync>,
}

impl<Pooled> Held<Pooled>
where
    Pooled: DerefMut<Target: Watched>,
{
    fn new(mut conn: Pooled, meter: Meter, statements: &Statements) -> Self {
        statements.watch(&mut *conn, &meter);
        Self { conn: Some(conn), meter, is_running: false, in_transaction: false, sync: None }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The connection, for one statement, whose end must be reported to [`Held::end`].
    pub fn begin(&mut self) -> QueryResult<&mut Pooled::Target> {
        if self.is_running {
            return Err(too_long());
        }
        self.is_running = true;
        self.conn.as_deref_mut().ok_or_else(too_long)
    }

    /// Takes the result of [`in_time`].
    pub fn end<T>(&mut self, answer: Option<QueryResult<T>>) -> QueryResult<T> {
        self.is_running = answer.is_none();
        answer.unwrap_or_else(|| Err(too_long()))
    }

    /// Like [`Held::end`], for rows: if not all of them were read, they are still being sent.
    pub(crate) fn end_reading<T>(
        &mut self,
        answer: Option<QueryResult<Result<T, Error>>>,
    ) -> Result<T, Error> {
        let rows = self.end(answer)?;
        self.is_running = matches!(rows, Err(Error::Exceeded(_) | Error::Abandoned));
        rows
    }
}

impl Held<Object<Opener>> {
    /// Runs a statement, in the call.
    pub(crate) fn call<T>(
        &mut self,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let conn = self.begin()?;
        let result = executor::block(|| statement(conn));
        self.end(Some(result))
    }

    /// Begins a transaction outside of requests. If another process has locked the file, that is waited
    /// for in short steps, so that a signal can end an import meanwhile.
    async fn begin_in_steps(&mut self) -> QueryResult<()> {
        const BEGIN: &str = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 20; \
                             BEGIN IMMEDIATE; PRAGMA busy_timeout = 10000";
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match self.call(|c| AnsiTransactionManager::begin_transaction_sql(c, BEGIN)) {
                Err(error) if is_locked(&error) && Instant::now() < deadline => {
                    sleep(Duration::from_millis(20)).await;
                }
                begun => return begun,
            }
        }
    }
}

fn too_long() -> diesel::result::Error {
    let info = Box::new(TOO_LONG.to_owned());
    diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info)
}

/// A borrowed connection of either kind, inside or outside a transaction.
pub enum Conn<'a> {
    Sqlite(&'a mut Held<Object<Opener>>),
    Postgres(&'a mut Held<Object<PostgresManager>>),
}

impl Conn<'_> {
    /// The meter of the request that uses the connection.
    pub fn meter(&self) -> &Meter {
        match self {
            Self::Sqlite(held) => held.meter(),
            Self::Postgres(held) => held.meter(),
        }
    }

    /// Runs statements without parameters and results.
    pub async fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        Ok(self.run_batch(sql).await?)
    }

    async fn run_batch(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(|c| c.batch_execute(sql)),
            Self::Postgres(held) => {
                let answer = in_time(held.begin()?.batch_execute(sql)).await;
                held.end(answer)
            }
        }
    }

    /// Runs `f` in a transaction: committed if it succeeds, otherwise rolled back. Within another
    /// transaction it is a savepoint.
    ///
    /// SQLite takes its write lock immediately (`BEGIN IMMEDIATE`): a transaction that reads first
    /// and writes later could otherwise fail halfway.
    pub async fn transaction<R, E, F>(&mut self, f: F) -> Result<R, E>
    where
        for<'r, 'c> F: AsyncFnOnce(&'r mut Conn<'c>) -> Result<R, E>
            + AsyncFunc<&'r mut Conn<'c>, Result<R, E>, Fut: Send>
            + Send,
        E: From<diesel::result::Error> + Send,
        R: Send,
    {
        let is_part = self.is_in_transaction();
        self.set_in_transaction(true);
        self.begin(is_part).await?;
        let outcome = f(self).await;
        // A connection in an uncertain state is closed, which also rolls the transaction back.
        match &outcome {
            Ok(_) => self.commit().await?,
            Err(_) => match self.roll_back().await {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(%error, "not rolled back: the connection is closed");
                    return outcome;
                }
            },
        }
        self.set_in_transaction(is_part);
        outcome
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

    /// The same connection, for those who need one of their own.
    pub fn reborrow(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(held) => Conn::Sqlite(held),
            Self::Postgres(held) => Conn::Postgres(held),
        }
    }

    /// Runs `f` in a read-only transaction with a consistent snapshot, without a time limit.
    pub async fn snapshot<R, E, F>(&mut self, f: F) -> Result<R, E>
    where
        for<'r, 'c> F: AsyncFnOnce(&'r mut Conn<'c>) -> Result<R, E>
            + AsyncFunc<&'r mut Conn<'c>, Result<R, E>, Fut: Send>
            + Send,
        E: From<diesel::result::Error> + Send,
        R: Send,
    {
        self.set_in_transaction(true);
        let (begin, settings) = match self {
            // The first read determines the snapshot.
            Self::Sqlite(_) => ("BEGIN DEFERRED", "SELECT 1 FROM tenants LIMIT 1"),
            Self::Postgres(_) => (
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                // The consumer of the output may be slow.
                "SET LOCAL idle_in_transaction_session_timeout = 0",
            ),
        };
        self.run_batch(begin).await?;
        self.run_batch(settings).await?;
        let outcome = f(self).await;
        // Nothing was written, so the result of the rollback does not matter.
        if self.run_batch("ROLLBACK").await.is_ok() {
            self.set_in_transaction(false);
        }
        outcome
    }

    fn is_in_transaction(&self) -> bool {
        match self {
            Self::Sqlite(held) => held.in_transaction,
            Self::Postgres(held) => held.in_transaction,
        }
    }

    fn set_in_transaction(&mut self, is_in: bool) {
        match self {
            Self::Sqlite(held) => held.in_transaction = is_in,
            Self::Postgres(held) => held.in_transaction = is_in,
        }
    }

    /// Begins a transaction, or sets a savepoint in the one in progress.
    async fn begin(&mut self, is_part: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) if is_part => held.call(AnsiTransactionManager::begin_transaction),
            Self::Sqlite(held) if held.sync.is_some() => held.call(|c| {
                let begin = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
                AnsiTransactionManager::begin_transaction_sql(c, begin)
            }),
            Self::Sqlite(held) => held.begin_in_steps().await,
            Self::Postgres(held) => {
                let answer = in_time(PostgresTransactions::begin_transaction(held.begin()?)).await;
                held.end(answer)
            }
        }
    }

    async fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(AnsiTransactionManager::commit_transaction),
            Self::Postgres(held) => {
                let answer = in_time(PostgresTransactions::commit_transaction(held.begin()?)).await;
                held.end(answer)
            }
        }
    }

    async fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(AnsiTransactionManager::rollback_transaction),
            Self::Postgres(held) => {
                let answer =
                    in_time(PostgresTransactions::rollback_transaction(held.begin()?)).await;
                held.end(answer)
            }
        }
    }
}
