//! The database: one code base on SQLite and on PostgreSQL, chosen at run time.
//!
//! [`Db`] lends a [`Lease`], a lease lends a [`Conn`], and every function of the models takes a
//! `Conn` first. The macro `on!` compiles one query for both kinds of connection;
//! it is used in `src/models` (and in this folder) and nowhere else.

pub mod migrate;
pub mod pool;
pub mod schema;
pub mod sql;
pub mod status;
pub mod types;
pub mod url;

mod tls;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use diesel::{SqliteConnection, connection::InstrumentationEvent, result::DatabaseErrorKind};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::deadpool::{Object, PoolError},
    sync_connection_wrapper::SyncConnectionWrapper,
};

use tracing::Span;

use self::pool::Pools;

/// Compiles one body for both kinds of connection: `on!(conn, |c| query.load(c).await)`.
///
/// Diesel's queries are typed by their database; this writes the body into both arms of a `match`,
/// so each is checked, and runs, as if there was only that one.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => {
                let $c = &mut **$c;
                $body
            }
            $crate::db::Conn::Postgres($c) => {
                let $c = &mut **$c;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Inserts rows, a `Vec` of them: `insert_all!(conn, customers::table, rows)`.
///
/// PostgreSQL gets one statement. SQLite is here, not at the end of a wire: one small statement,
/// prepared once, is faster than a large one, and needs less memory; one hop to its thread for all.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Postgres(c) => {
                diesel::insert_into($table).values($rows).execute(*c).await?;
            }
            $crate::db::Conn::Sqlite(c) => {
                let rows = $rows;
                c.spawn_blocking(move |c| {
                    for row in rows {
                        let insert = diesel::insert_into($table).values(row);
                        diesel::RunQueryDsl::execute(insert, c)?;
                    }
                    Ok(())
                })
                .await?;
            }
        }
    };
}
pub(crate) use insert_all;

/// SQLite's connection: synchronous inside, one hop to a thread per statement.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection>;

/// A database and its connections. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    statements: Statements,
}

impl Db {
    /// Lends a connection for reading. On SQLite it refuses to write.
    pub async fn read(&self) -> Result<Lease, Error> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(Lease::Sqlite(readers.get().await?)),
            Pools::Postgres(pool) => Ok(Lease::Postgres(pool.get().await?)),
        }
    }

    /// Lends a connection for writing. On SQLite there is one: writers queue here, in order, rather
    /// than in the file's lock.
    pub async fn write(&self) -> Result<Lease, Error> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => Ok(Lease::Sqlite(writer.get().await?)),
            Pools::Postgres(pool) => Ok(Lease::Postgres(pool.get().await?)),
        }
    }

    /// Finds out whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut lease = self.read().await?;
        Ok(on!(&mut lease.conn(), |c| c.batch_execute("SELECT 1").await)?)
    }

    /// Lets PostgreSQL look at what it holds now, for those who have just written much: until it
    /// has, it plans as if there was next to nothing, and what takes milliseconds takes minutes.
    pub async fn analyze(&self) -> Result<(), Error> {
        let mut lease = self.write().await?;
        if let Conn::Postgres(c) = lease.conn() {
            c.batch_execute(
                "ANALYZE customers, customer_groups, customer_group_memberships, customer_addresses, \
                 customer_contacts, customer_consents, customer_extensions, \
                 supplier_numbers_at_customer, loyalty_programs, loyalty_program_collections, \
                 pos_profiles, pos_customer_groups",
            )
            .await?;
        }
        Ok(())
    }

    /// How many statements were sent so far; for those who watch that a request's number does not
    /// grow with its rows.
    pub fn statements_sent(&self) -> u64 {
        self.statements.0.load(Ordering::Relaxed)
    }
}

/// A connection on loan; dropping it gives it back.
#[expect(clippy::large_enum_variant, reason = "it lives where it is used, and is not moved about")]
pub enum Lease {
    Sqlite(Object<SqliteConn>),
    Postgres(Object<AsyncPgConnection>),
}

impl Lease {
    pub fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(conn) => Conn::Sqlite(conn),
            Self::Postgres(conn) => Conn::Postgres(conn),
        }
    }
}

/// A borrowed connection of either kind: inside a transaction or outside.
pub enum Conn<'a> {
    Sqlite(&'a mut SqliteConn),
    Postgres(&'a mut AsyncPgConnection),
}

/// An async closure whose future is `Send`; the standard library cannot say that yet.
pub trait AsyncFunc<A, R>:
    AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as AsyncFunc<A, R>>::Fut
{
    type Fut: Future<Output = R>;
}

impl<F, A, Fut, R> AsyncFunc<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

impl Conn<'_> {
    /// Runs `f` in a transaction: committed if it succeeds, else rolled back. Does not nest.
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
        match self {
            Conn::Sqlite(c) => {
                c.immediate_transaction(async |c| f(&mut Conn::Sqlite(c)).await).await
            }
            Conn::Postgres(c) => c.transaction(async |c| f(&mut Conn::Postgres(c)).await).await,
        }
    }
}

/// What can go wrong between the server and its database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had, or it broke: worth trying again later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another transaction was in the way (a deadlock, a lock held too long): worth trying again.
    #[error("another transaction was in the way")]
    Conflict(#[source] diesel::result::Error),
    /// A statement took longer than statements may.
    #[error("a statement took too long")]
    Timeout(#[source] diesel::result::Error),
    /// A unique key refused the row.
    #[error("a unique key refused the row")]
    NotUnique(#[source] diesel::result::Error),
    /// A foreign key refused the change: what it names is gone, or still in use.
    #[error("a foreign key refused the change")]
    Reference(#[source] diesel::result::Error),
    /// Anything else: a defect of ours, or of the database.
    #[error("a statement failed")]
    Statement(#[source] diesel::result::Error),
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error::DatabaseError;
        match &error {
            DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => Self::NotUnique(error),
                DatabaseErrorKind::ForeignKeyViolation => Self::Reference(error),
                DatabaseErrorKind::SerializationFailure => Self::Conflict(error),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Self::Unavailable(Box::new(error))
                }
                // Neither of these has a kind of its own: SQLite's busy file, PostgreSQL's
                // deadlock.
                _ if matches!(info.message(), "database is locked" | "deadlock detected") => {
                    Self::Conflict(error)
                }
                // What a trigger says that stands for a foreign key, on SQLite.
                _ if info.message() == "FOREIGN KEY constraint failed" => Self::Reference(error),
                _ if info.message() == "canceling statement due to statement timeout" => {
                    Self::Timeout(error)
                }
                // PostgreSQL, while it stops or starts, and where it has become a replica.
                DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable(Box::new(error)),
                _ if ["terminating connection", "the database system is"]
                    .iter()
                    .any(|start| info.message().starts_with(start)) =>
                {
                    Self::Unavailable(Box::new(error))
                }
                _ => Self::Statement(error),
            },
            _ => Self::Statement(error),
        }
    }
}

/// The error and its causes in one line, for the log: drivers tell the interesting part as a cause.
pub fn describe(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Counts the statements of all connections, and logs them at the level `trace`.
#[derive(Clone, Default)]
pub(crate) struct Statements(Arc<AtomicU64>);

impl Statements {
    pub(crate) fn watch(&self, conn: &mut impl AsyncConnection) {
        let count = Arc::clone(&self.0);
        let mut span = None;
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                count.fetch_add(1, Ordering::Relaxed);
                tracing::trace!(target: "clientele::sql", %query);
                // SQLite's threads do not know the request; a statement of nothing is no trace.
                let is_of_request = !Span::current().is_none();
                span = is_of_request
                    .then(|| tracing::debug_span!(target: "clientele::sql", "statement", %query));
            }
            InstrumentationEvent::FinishQuery { .. } => drop(span.take()),
            _ => {}
        });
    }
}
