//! Connections on loan: how statements are run on them, and what becomes of one whose statement
//! nobody waits for any more.

use std::{ops::DerefMut, time::Duration};

use diesel::{
    QueryResult, SqliteConnection, connection::AnsiTransactionManager, result::DatabaseErrorKind,
};
use diesel_async::{
    AnsiTransactionManager as PostgresManager, AsyncConnection, AsyncPgConnection,
    SimpleAsyncConnection, TransactionManager, pooled_connection::deadpool::Object,
    sync_connection_wrapper::SyncConnectionWrapper,
};

use super::{AsyncFunc, Error, Meter, Statements, pool::Postgres, sqlite::Detached};

/// How long a statement may take, as PostgreSQL itself is told.
pub(super) const STATEMENT: Duration = Duration::from_secs(30);

/// How long an answer is waited for: somewhat longer, for PostgreSQL's own word is better. It does
/// not come if its processes stand still, or the network does.
const ANSWER: Duration = STATEMENT.saturating_add(Duration::from_secs(2));

/// The message of a statement that took too long.
pub(super) const TOO_LONG: &str = "the database did not answer in time";

/// Compiles one body for both kinds of connection: `on!(conn, |c| query.execute(c).await)`.
///
/// Diesel's queries are typed by their database; this writes the body into both arms of a `match`,
/// so each is checked, and runs, as if there was only that one. Many rows are read by `load!`.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let $c = held.begin()?;
                let answer = $crate::db::lease::in_time(async { $body }).await;
                held.end(answer)
            }
            $crate::db::Conn::Postgres(held) => {
                let $c = held.begin()?;
                let answer = $crate::db::lease::in_time(async { $body }).await;
                held.end(answer)
            }
        }
    };
}
pub(crate) use on;

/// Reads the rows of a query, which owns what it binds: `load!(conn, query)`.
///
/// Each is measured as it is decoded, so that reading ends when the request's memory does. On SQLite
/// all is done in one hop to a thread.
macro_rules! load {
    ($conn:expr, $query:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let meter = held.meter().clone();
                let read = $crate::db::read::sqlite(held.begin()?, $query, meter);
                let answer = $crate::db::lease::in_time(read).await;
                held.end(answer)?
            }
            $crate::db::Conn::Postgres(held) => {
                let meter = held.meter().clone();
                let read = $crate::db::read::postgres(held.begin()?, $query, meter);
                let answer = $crate::db::lease::in_time(read).await;
                held.end_reading(answer)
            }
        }
    };
}
pub(crate) use load;

/// Inserts rows, a `Vec` of them: `insert_all!(conn, customers::table, rows)`.
///
/// PostgreSQL gets one statement. SQLite is here, not at the end of a wire: one small statement,
/// prepared once, is faster than a large one, and needs less memory; one hop to its thread for all.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Postgres(held) => {
                let insert = diesel::insert_into($table).values($rows).execute(held.begin()?);
                let answer = $crate::db::lease::in_time(insert).await;
                held.end(answer)?;
            }
            $crate::db::Conn::Sqlite(held) => {
                let rows = $rows;
                let insert = held.begin()?.spawn_blocking(move |c| {
                    for row in rows {
                        let insert = diesel::insert_into($table).values(row);
                        diesel::RunQueryDsl::execute(insert, c)?;
                    }
                    Ok(())
                });
                let answer = $crate::db::lease::in_time(insert).await;
                held.end(answer)?;
            }
        }
    };
}
pub(crate) use insert_all;

/// The result of a statement, or `None` if it did not come in time.
pub(crate) async fn in_time<T>(
    statement: impl Future<Output = QueryResult<T>>,
) -> Option<QueryResult<T>> {
    tokio::time::timeout(ANSWER, statement).await.ok()
}

/// SQLite's connection: synchronous inside, one hop to a thread per statement.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection, Detached>;

/// A connection on loan; dropping it gives it back.
pub struct Lease(Loan);

#[expect(clippy::large_enum_variant, reason = "it lives where it is used, and is not moved about")]
enum Loan {
    Sqlite(Held<Object<SqliteConn>>),
    Postgres(Held<Object<AsyncPgConnection>>, Postgres),
}

impl Lease {
    pub(super) fn sqlite(conn: Object<SqliteConn>, meter: Meter, statements: &Statements) -> Self {
        Self(Loan::Sqlite(Held::new(conn, meter, statements)))
    }

    pub(super) fn postgres(
        conn: Object<AsyncPgConnection>,
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

/// A connection with a statement in progress, or in a transaction, is not given back: its place in the
/// pool is free when it has come to its end.
impl Drop for Lease {
    fn drop(&mut self) {
        match &mut self.0 {
            Loan::Sqlite(held) => {
                if let Some(conn) = held.take_unfinished() {
                    super::sqlite::close(conn);
                }
            }
            Loan::Postgres(held, server) => {
                if let Some(conn) = held.take_unfinished() {
                    server.cancel(conn);
                }
            }
        }
    }
}

/// A connection while it is on loan.
pub struct Held<Pooled> {
    /// `None` only when the lease is dropped.
    conn: Option<Pooled>,
    meter: Meter,
    /// Whether a statement is in progress. It stays so if nobody waited for its end.
    is_running: bool,
    in_transaction: bool,
}

impl<Pooled> Held<Pooled>
where
    Pooled: DerefMut<Target: AsyncConnection>,
{
    fn new(mut conn: Pooled, meter: Meter, statements: &Statements) -> Self {
        statements.watch(&mut *conn, &meter);
        Self { conn: Some(conn), meter, is_running: false, in_transaction: false }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The connection, for one statement, whose end is to be told to [`Held::end`].
    pub fn begin(&mut self) -> QueryResult<&mut Pooled::Target> {
        if self.is_running {
            return Err(too_long());
        }
        self.is_running = true;
        self.conn.as_deref_mut().ok_or_else(too_long)
    }

    /// Takes what [`in_time`] gave.
    pub fn end<T>(&mut self, answer: Option<QueryResult<T>>) -> QueryResult<T> {
        self.is_running = answer.is_none();
        answer.unwrap_or_else(|| Err(too_long()))
    }

    /// As [`Held::end`], for rows: if they were not all wanted, they are still being sent.
    pub(crate) fn end_reading<T>(
        &mut self,
        answer: Option<QueryResult<Result<T, Error>>>,
    ) -> Result<T, Error> {
        let rows = self.end(answer)?;
        self.is_running = matches!(rows, Err(Error::Exceeded(_) | Error::Abandoned));
        rows
    }

    fn take_unfinished(&mut self) -> Option<Pooled> {
        if self.is_running || self.in_transaction { self.conn.take() } else { None }
    }
}

fn too_long() -> diesel::result::Error {
    let info = Box::new(TOO_LONG.to_owned());
    diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info)
}

/// A borrowed connection of either kind: inside a transaction or outside.
pub enum Conn<'a> {
    Sqlite(&'a mut Held<Object<SqliteConn>>),
    Postgres(&'a mut Held<Object<AsyncPgConnection>>),
}

impl Conn<'_> {
    /// The meter of the request that uses the connection.
    pub fn meter(&self) -> &Meter {
        match self {
            Self::Sqlite(held) => held.meter(),
            Self::Postgres(held) => held.meter(),
        }
    }

    /// Runs statements that have neither parameters nor results.
    pub async fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        Ok(on!(self, |c| c.batch_execute(sql).await)?)
    }

    /// Runs `f` in a transaction: committed if it succeeds, else rolled back. Within another one, it is a
    /// part of that, which can be rolled back by itself.
    ///
    /// SQLite takes its write lock at once (`BEGIN IMMEDIATE`): a transaction that reads first and
    /// writes later could otherwise be refused in the middle.
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
            on!(self, |c| begin_part(c).await)?;
        } else {
            self.begin().await?;
        }
        let outcome = f(self).await;
        // A connection that is in doubt is closed, which undoes the transaction, too.
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

    /// Lets the transaction in progress wait for its next statement as long as it takes: whoever it
    /// works for may be slow.
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

    /// Runs `f` in a transaction that only reads, and that sees all the time what there was at its
    /// beginning. It may take as long as it needs.
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
            // The first read decides which rows are seen.
            Self::Sqlite(_) => ("BEGIN DEFERRED", "SELECT 1 FROM tenants LIMIT 1"),
            Self::Postgres(_) => (
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                // Whoever reads what this writes may be slow.
                "SET LOCAL idle_in_transaction_session_timeout = 0",
            ),
        };
        on!(self, |c| c.batch_execute(begin).await)?;
        on!(self, |c| c.batch_execute(settings).await)?;
        let outcome = f(self).await;
        // Nothing was written: how it ends makes no difference.
        let ended: QueryResult<()> = on!(self, |c| c.batch_execute("ROLLBACK").await);
        if ended.is_ok() {
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

    async fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(held) => {
                let begin = held.begin()?.spawn_blocking(|c| {
                    AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
                });
                let answer = in_time(begin).await;
                held.end(answer)
            }
            Self::Postgres(held) => {
                let answer = in_time(PostgresManager::begin_transaction(held.begin()?)).await;
                held.end(answer)
            }
        }
    }

    async fn commit(&mut self) -> QueryResult<()> {
        on!(self, |c| commit(c).await)
    }

    async fn roll_back(&mut self) -> QueryResult<()> {
        on!(self, |c| roll_back(c).await)
    }
}

/// Sets a savepoint, for there is a transaction.
async fn begin_part<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::begin_transaction(conn).await
}

async fn commit<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::commit_transaction(conn).await
}

async fn roll_back<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::rollback_transaction(conn).await
}
