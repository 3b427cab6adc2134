//! Transactions, their parts, and snapshots.

use std::time::Duration;

use deadpool::managed::Object;
use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager, TransactionManager},
};
use tokio::time::{Instant, sleep};

use super::{Conn, Held};
use crate::db::{
    AsyncFunc,
    sqlite::{Opener, is_locked},
};

/// Begins a transaction whose commit is durable.
const BEGIN: &str = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 20; BEGIN IMMEDIATE; \
                     PRAGMA busy_timeout = 10000";

/// Begins a transaction of a request, which waits for a sync before its response.
const BEGIN_IN_REQUEST: &str = "PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2; \
                                BEGIN IMMEDIATE; PRAGMA busy_timeout = 10000";

impl Conn<'_> {
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
        let is_part = self.enter().await?;
        let outcome = f(self).await;
        self.leave(is_part, outcome.is_ok()).await?;
        outcome
    }

    /// Begins a transaction, or a part of the one in progress; returns whether it is a part.
    async fn enter(&mut self) -> QueryResult<bool> {
        let is_part = self.is_in_transaction();
        self.set_in_transaction(true);
        if is_part {
            self.begin_part().await?;
        } else {
            self.begin().await?;
        }
        Ok(is_part)
    }

    /// Commits what [`Conn::enter`] began if it succeeded, and otherwise rolls it back. A connection in an uncertain
    /// state is closed, which also rolls the transaction back.
    async fn leave(&mut self, is_part: bool, has_succeeded: bool) -> QueryResult<()> {
        // The commit of a whole transaction reports failed writes; the end of a part needs their
        // results.
        let settled = if has_succeeded && is_part { self.settle().await } else { Ok(()) };
        if has_succeeded && settled.is_ok() {
            self.commit(is_part).await?;
        } else if let Err(error) = self.roll_back(is_part).await {
            tracing::warn!(%error, "not rolled back: the connection is closed");
            return settled;
        }
        self.set_in_transaction(is_part);
        settled
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

    /// Sends the writes that were put off, and waits for their results.
    pub async fn settle(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(held) => held.settle().await,
        }
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

    async fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.begin_in_steps().await,
            Self::Postgres(held) => {
                held.begin_transaction();
                Ok(())
            }
        }
    }

    /// Sets a savepoint in the transaction in progress.
    async fn begin_part(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(AnsiTransactionManager::begin_transaction),
            Self::Postgres(held) => held.begin_part().await,
        }
    }

    /// Commits the transaction, or the part of one.
    async fn commit(&mut self, is_part: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(AnsiTransactionManager::commit_transaction),
            Self::Postgres(held) if is_part => held.end_part().await,
            Self::Postgres(held) => held.commit().await,
        }
    }

    /// Rolls the transaction back, or the part of one.
    async fn roll_back(&mut self, is_part: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => held.call(AnsiTransactionManager::rollback_transaction),
            Self::Postgres(held) if is_part => held.roll_back_part().await,
            Self::Postgres(held) => held.roll_back().await,
        }
    }
}

impl Held<Object<Opener>> {
    /// Begins a transaction. It waits in short steps for the file lock of another process. A request does so to find the
    /// pauses of imports ([`Db::let_others_write`](crate::db::Db::let_others_write)), of which SQLite's own steps of 100
    /// milliseconds would miss most. Outside of requests, a signal can end the wait.
    async fn begin_in_steps(&mut self) -> QueryResult<()> {
        let (begin, step) = if self.sync.is_some() {
            (BEGIN_IN_REQUEST, Duration::from_millis(2))
        } else {
            (BEGIN, Duration::from_millis(20))
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match self.call(|c| AnsiTransactionManager::begin_transaction_sql(c, begin)) {
                Err(error) if is_locked(&error) && Instant::now() < deadline => {
                    sleep(step).await;
                }
                begun => return begun,
            }
        }
    }
}
