//! Statements to PostgreSQL, and the pipelining of those whose results nobody needs.
//!
//! A round trip costs more than most statements. So statements whose results nobody needs, like `BEGIN` and most
//! writes, are put off and sent together with the next one. PostgreSQL executes them in order; after one that fails,
//! the others have no effect.

use std::{pin::pin, sync::Arc};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{
    FutureExt,
    future::{BoxFuture, join, join_all},
};

use super::{Held, Shared, timed_out};
use crate::db::{Batched, on_postgres, sql::Sql};

/// Maximum number of statements that are put off.
const PUT_OFF_MAX: usize = 16;

/// A write that was put off, ready to be sent.
type Write = Box<dyn for<'a> FnOnce(&'a AsyncPgConnection) -> Written<'a> + Send + Sync>;
type Written<'a> = BoxFuture<'a, QueryResult<()>>;

/// The statements that were put off.
#[derive(Default)]
pub(super) struct Deferred {
    /// Whether `BEGIN` has yet to be sent.
    is_begin_due: bool,
    writes: Vec<Write>,
}

impl Deferred {
    /// Number of statements.
    fn len(&self) -> usize {
        usize::from(self.is_begin_due) + self.writes.len()
    }
}

/// The statements that are sent ahead of another one.
pub struct Ahead<'a> {
    conn: &'a AsyncPgConnection,
    deferred: Deferred,
}

impl<'a> Ahead<'a> {
    /// Runs a statement after these. All except the first (`BEGIN`) are prepared statements, which
    /// lock the connection's statement cache in the order of polling. So they are sent in order,
    /// whether they are already prepared or not.
    pub async fn of<T>(self, statement: impl Future<Output = QueryResult<T>>) -> QueryResult<T> {
        let statement = pin!(statement);
        match self.executed() {
            None => statement.await,
            Some(ahead) => {
                let (ahead, result) = join(ahead, statement).await;
                ahead.and(result)
            }
        }
    }

    /// Executes the statements, if there are any.
    fn executed(self) -> Option<Written<'a>> {
        if self.deferred.len() == 0 {
            return None;
        }
        let (mut conn, Deferred { is_begin_due, writes }) = (self.conn, self.deferred);
        let begin = is_begin_due.then(|| async move { conn.batch_execute("BEGIN").await }.boxed());
        let writes = writes.into_iter().map(move |write| write(conn));
        let executed = join_all(begin.into_iter().chain(writes));
        Some(executed.map(|results| results.into_iter().collect()).boxed())
    }
}

impl Held<Arc<Shared>> {
    /// The connection, for one statement, whose end must be reported to [`Held::end`].
    pub fn begin(&mut self) -> QueryResult<&AsyncPgConnection> {
        self.start()?.conn()
    }

    /// Like [`Held::begin`], with the statements that were put off.
    pub fn send(&mut self) -> QueryResult<(Ahead<'_>, &AsyncPgConnection)> {
        let deferred = std::mem::take(&mut self.deferred);
        // Counted here, because a connection that requests share cannot tell whose statements these
        // are.
        self.meter.count_statements(deferred.len() + 1);
        let conn = self.begin()?;
        Ok((Ahead { conn, deferred }, conn))
    }

    /// Executes a statement whose result nobody needs. In a transaction it is put off, and its
    /// error is returned by a later statement or by the end of the transaction.
    pub async fn write<S>(&mut self, statement: S) -> QueryResult<()>
    where
        S: QueryFragment<Pg> + QueryId + Send + Sync + 'static,
    {
        if self.deferred.writes.len() >= PUT_OFF_MAX {
            self.settle().await?;
        }
        self.deferred.writes.push(Box::new(move |mut conn| {
            let executed = AsyncConnectionCore::execute_returning_count(&mut conn, statement);
            executed.map(|result| result.map(|_count| ())).boxed()
        }));
        if self.in_transaction { Ok(()) } else { self.settle().await }
    }

    /// Executes a write, together with those of other requests if possible (see `lease::batch`). In a transaction, it
    /// is sent alone.
    pub async fn write_batched<T: Batched>(
        &mut self,
        tenant: &str,
        write: T,
    ) -> QueryResult<T::Output> {
        if self.in_transaction {
            return on_postgres!(self, |c| T::execute(&[&write], c).await);
        }
        self.meter.count_statements(1);
        let conn = Arc::clone(self.conn.as_ref().ok_or_else(timed_out)?);
        let batches = conn.batches().clone();
        batches.write(tenant, conn, write).await
    }

    /// Executes the statements that were put off.
    pub(super) async fn settle(&mut self) -> QueryResult<()> {
        match self.deferred.writes.pop() {
            None => Ok(()),
            Some(last) => on_postgres!(self, |c| last(c).await),
        }
    }

    pub(super) fn begin_transaction(&mut self) {
        self.deferred.is_begin_due = true;
    }

    pub(super) async fn commit(&mut self) -> QueryResult<()> {
        if self.deferred.is_begin_due && self.deferred.writes.len() <= 1 {
            return self.commit_unbegun().await;
        }
        let (commit, mut has_ended) = (Sql::new("COMMIT"), false);
        let committed = on_postgres!(self, |c| {
            let ended = commit.execute(c).await;
            has_ended = ended.is_ok();
            ended
        });
        if has_ended {
            // After a failed statement, PostgreSQL rolls back instead.
            self.in_transaction = false;
        }
        committed.map(|_count| ())
    }

    /// Commits a transaction whose `BEGIN` was not sent. It has at most one write, which needs no
    /// `BEGIN`.
    async fn commit_unbegun(&mut self) -> QueryResult<()> {
        self.deferred.is_begin_due = false;
        let written = self.settle().await;
        if !self.is_running {
            self.in_transaction = false;
        }
        written
    }

    pub(super) async fn roll_back(&mut self) -> QueryResult<()> {
        if std::mem::take(&mut self.deferred).is_begin_due {
            return Ok(());
        }
        on_postgres!(self, |c| c.batch_execute("ROLLBACK").await)
    }

    /// Sets a savepoint. All savepoints have the same name, which refers to the innermost one.
    pub(super) async fn begin_part(&mut self) -> QueryResult<()> {
        let savepoint = Sql::new("SAVEPOINT part");
        on_postgres!(self, |c| savepoint.execute(c).await).map(|_count| ())
    }

    pub(super) async fn end_part(&mut self) -> QueryResult<()> {
        let release = Sql::new("RELEASE SAVEPOINT part");
        on_postgres!(self, |c| release.execute(c).await).map(|_count| ())
    }

    pub(super) async fn roll_back_part(&mut self) -> QueryResult<()> {
        self.deferred = Deferred::default();
        let roll_back = "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part";
        on_postgres!(self, |c| c.batch_execute(roll_back).await)
    }
}
