//! Leased connections: running statements on them, and handling those whose statement nobody waits
//! for any more.

mod postgres;
mod transaction;

use std::{ops::DerefMut, time::Duration};

use diesel::{QueryResult, SqliteConnection, result::DatabaseErrorKind};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, pooled_connection::deadpool::Object,
    sync_connection_wrapper::SyncConnectionWrapper,
};

use self::postgres::PutOff;
use super::{Error, Meter, Statements, pool::Postgres, shared_sync::SharedSync, sqlite::Detached};

/// Timeout of a statement, also set in PostgreSQL.
pub(super) const STATEMENT: Duration = Duration::from_secs(30);

/// Timeout for a response: somewhat longer, because PostgreSQL's own error is better. It does not
/// arrive if its processes or the network hang.
const ANSWER: Duration = STATEMENT.saturating_add(Duration::from_secs(2));

/// The message of a statement that timed out.
pub(super) const TOO_LONG: &str = "the database did not respond in time";

/// Compiles one body for both kinds of connection: `on!(conn, |c| query.execute(c).await)`.
///
/// Diesel's queries are typed by their database. The macro writes the body into both arms of a
/// `match`, so each is type-checked for its database. `load!` reads many rows.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let $c = held.begin()?;
                let answer = $crate::db::lease::in_time(async { $body }).await;
                held.end(answer)
            }
            $crate::db::Conn::Postgres(held) => {
                $crate::db::lease::on_postgres!(held, |$c| $body)
            }
        }
    };
}
pub(crate) use on;

/// Like `on!`, for what is only sent to PostgreSQL: `on_postgres!(held, |c| query.load(c).await)`.
macro_rules! on_postgres {
    ($held:expr, |$c:ident| $body:expr) => {{
        let (ahead, mut conn) = $held.send()?;
        let $c = &mut conn;
        let answer = $crate::db::lease::in_time(ahead.of(async { $body })).await;
        $held.end(answer)
    }};
}
pub(crate) use on_postgres;

/// Executes a statement that owns its bind values and whose result nobody needs:
/// `execute!(conn, update)`.
///
/// In a transaction on PostgreSQL it is sent with the next statement (see [`postgres`]).
macro_rules! execute {
    ($conn:expr, $statement:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let execute = $statement.execute(held.begin()?);
                let answer = $crate::db::lease::in_time(execute).await;
                held.end(answer).map(|_count| ())
            }
            $crate::db::Conn::Postgres(held) => held.write($statement).await,
        }
    };
}
pub(crate) use execute;

/// Reads the rows of a query that owns its bind values: `load!(conn, query)`.
///
/// Each row is measured as it is decoded, so that reading stops at the request's memory limit. On
/// SQLite everything happens in one hop to a thread.
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
                let (ahead, conn) = held.send()?;
                let read = $crate::db::read::postgres(conn, $query, meter);
                let answer = $crate::db::lease::in_time(ahead.of(read)).await;
                held.end_reading(answer)
            }
        }
    };
}
pub(crate) use load;

/// Inserts a `Vec` of rows: `insert_all!(conn, customers::table, rows)`.
///
/// PostgreSQL gets one statement, which stays prepared if it is for one row. SQLite runs in the same
/// process: one small statement, prepared once, is faster than a large one and needs less memory.
/// There is one hop to its thread for all rows.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Postgres(held) => {
                let mut rows = $rows;
                let only_row = if rows.len() == 1 { rows.pop() } else { None };
                let insert = diesel::insert_into($table);
                match only_row {
                    Some(row) => held.write(insert.values(row)).await,
                    None => held.write(insert.values(rows)).await,
                }?;
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

/// The result of a statement, or `None` if it timed out.
pub(crate) async fn in_time<T>(
    statement: impl Future<Output = QueryResult<T>>,
) -> Option<QueryResult<T>> {
    tokio::time::timeout(ANSWER, statement).await.ok()
}

/// SQLite's connection: synchronous inside, one hop to a thread per statement.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection, Detached>;

/// A leased connection, which returns to the pool when dropped.
pub struct Lease(Loan);

#[expect(clippy::large_enum_variant, reason = "it lives where it is used, and is not moved about")]
enum Loan {
    Sqlite(Held<Object<SqliteConn>>),
    Postgres(Held<Object<AsyncPgConnection>>, Postgres),
}

impl Lease {
    /// With a `sync`, whoever has the meter waits for it.
    pub(super) fn sqlite(
        conn: Object<SqliteConn>,
        meter: Meter,
        statements: &Statements,
        sync: Option<SharedSync>,
    ) -> Self {
        let held = Held::new(conn, meter, statements);
        Self(Loan::Sqlite(Held { sync, ..held }))
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

/// A connection with a statement in progress, or in a transaction, does not return to the pool; its
/// place becomes free when the statement has ended.
impl Drop for Lease {
    fn drop(&mut self) {
        match &mut self.0 {
            Loan::Sqlite(held) => {
                if let Some(sync) = &held.sync {
                    held.meter.note_commit(sync.committed());
                }
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

/// A connection during a lease.
pub struct Held<Pooled> {
    /// `None` only when the lease is dropped.
    conn: Option<Pooled>,
    meter: Meter,
    /// Whether a statement is in progress. It stays set if nobody waited for the end.
    is_running: bool,
    in_transaction: bool,
    /// Only on PostgreSQL.
    put_off: PutOff,
    /// Whose sync the transactions share; only on SQLite.
    sync: Option<SharedSync>,
}

impl<Pooled> Held<Pooled>
where
    Pooled: DerefMut<Target: AsyncConnection>,
{
    fn new(mut conn: Pooled, meter: Meter, statements: &Statements) -> Self {
        statements.watch(&mut *conn, &meter);
        let (is_running, in_transaction, put_off) = (false, false, PutOff::default());
        Self { conn: Some(conn), meter, is_running, in_transaction, put_off, sync: None }
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

    fn take_unfinished(&mut self) -> Option<Pooled> {
        if self.is_running || self.in_transaction { self.conn.take() } else { None }
    }
}

fn too_long() -> diesel::result::Error {
    let info = Box::new(TOO_LONG.to_owned());
    diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info)
}

/// A borrowed connection of either kind, inside or outside a transaction.
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

    /// Runs statements without parameters and results.
    pub async fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        self.settle().await?;
        Ok(on!(self, |c| c.batch_execute(sql).await)?)
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
}
