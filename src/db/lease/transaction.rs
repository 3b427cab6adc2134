//! Transactions, their parts, and snapshots.

use diesel::{QueryResult, connection::AnsiTransactionManager};
use diesel_async::{AsyncConnection, SimpleAsyncConnection, TransactionManager};

use super::{Conn, SqliteConn, in_time, on};
use crate::db::AsyncFunc;

type SqliteManager = <SqliteConn as AsyncConnection>::TransactionManager;

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
        let is_part = self.is_in_transaction();
        self.set_in_transaction(true);
        if is_part {
            self.begin_part().await?;
        } else {
            self.begin().await?;
        }
        let outcome = match f(self).await {
            // Only a whole transaction can end without knowing whether its writes succeeded.
            Ok(done) if is_part => self.settle().await.map(|()| done).map_err(E::from),
            outcome => outcome,
        };
        // A connection in an uncertain state is closed, which also rolls the transaction back.
        match &outcome {
            Ok(_) => self.commit(is_part).await?,
            Err(_) => match self.roll_back(is_part).await {
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
        on!(self, |c| c.batch_execute(begin).await)?;
        on!(self, |c| c.batch_execute(settings).await)?;
        let outcome = f(self).await;
        // Nothing was written, so the result of the rollback does not matter.
        let ended: QueryResult<()> = on!(self, |c| c.batch_execute("ROLLBACK").await);
        if ended.is_ok() {
            self.set_in_transaction(false);
        }
        outcome
    }

    /// Waits for writes that were put off, to know whether they succeed.
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
            Self::Sqlite(held) => {
                let begin = match &held.sync {
                    Some(_) => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
                    None => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
                };
                let begin = held.begin()?.spawn_blocking(move |c| {
                    AnsiTransactionManager::begin_transaction_sql(c, begin)
                });
                let answer = in_time(begin).await;
                held.end(answer)
            }
            Self::Postgres(held) => {
                held.begin_transaction();
                Ok(())
            }
        }
    }

    /// Sets a savepoint, for there is a transaction.
    async fn begin_part(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => {
                let answer = in_time(SqliteManager::begin_transaction(held.begin()?)).await;
                held.end(answer)
            }
            Self::Postgres(held) => held.begin_part().await,
        }
    }

    /// Commits the transaction, or the part of one.
    async fn commit(&mut self, is_part: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => {
                let answer = in_time(SqliteManager::commit_transaction(held.begin()?)).await;
                held.end(answer)
            }
            Self::Postgres(held) if is_part => held.end_part().await,
            Self::Postgres(held) => held.commit().await,
        }
    }

    /// Rolls the transaction back, or the part of one.
    async fn roll_back(&mut self, is_part: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => {
                let answer = in_time(SqliteManager::rollback_transaction(held.begin()?)).await;
                held.end(answer)
            }
            Self::Postgres(held) if is_part => held.roll_back_part().await,
            Self::Postgres(held) => held.roll_back().await,
        }
    }
}
