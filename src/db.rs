//! The database: one code base on SQLite and on PostgreSQL, chosen at run time.
//!
//! [`Db`] lends a [`Lease`], a lease lends a [`Conn`], and every function of the models takes a
//! `Conn` first. The macros `on!` and `load!` compile one query for both kinds of connection;
//! they are used in `src/models` (and in this folder) and nowhere else.

pub mod backup;
pub mod catalog;
pub mod migrate;
pub mod pick;
pub mod pool;
pub mod schema;
pub mod sql;
pub mod status;
pub mod types;
pub mod url;

mod disk;
pub(crate) mod lease;
pub(crate) mod measured;
mod meter;
pub(crate) mod read;
mod sqlite;
mod tls;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{connection::InstrumentationEvent, result::DatabaseErrorKind};
use diesel_async::{AsyncConnection, pooled_connection::deadpool::PoolError};

use self::{lease::TOO_LONG, pool::Pools};
use crate::limits::Exceeded;

pub use self::{
    lease::{Conn, Lease, SqliteConn},
    measured::Measured,
    meter::Meter,
};
pub(crate) use self::{
    lease::{insert_all, load, on},
    measured::columns,
};

use tracing::Span;

/// How long the database is waited for when all that is asked is whether it answers.
const PING: Duration = Duration::from_secs(1);

/// A database and its connections. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    statements: Statements,
    meter: Meter,
}

impl Db {
    /// The same database, for a request that has that meter.
    #[must_use]
    pub fn metered(&self, meter: Meter) -> Self {
        Self { meter, ..self.clone() }
    }

    /// The same database, with values of statements in the log, or without.
    #[must_use]
    pub fn logging_values(mut self, with_values: bool) -> Self {
        self.statements.with_values = with_values;
        self
    }

    /// The meter that counts the request's use of the database, and bounds it.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Lends a connection for reading. On SQLite it refuses to write.
    pub async fn read(&self) -> Result<Lease, Error> {
        let meter = self.meter.clone();
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                Ok(Lease::sqlite(readers.get().await?, meter, &self.statements))
            }
            Pools::Postgres(server) => Ok(server.lease(meter, &self.statements).await?),
        }
    }

    /// Lends a connection for writing. On SQLite there is one: writers queue here, in order, rather
    /// than in the file's lock.
    pub async fn write(&self) -> Result<Lease, Error> {
        let meter = self.meter.without_limits();
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Ok(Lease::sqlite(writer.get().await?, meter, &self.statements))
            }
            Pools::Postgres(server) => Ok(server.lease(meter, &self.statements).await?),
        }
    }

    /// Finds out whether the database answers, and soon.
    pub async fn ping(&self) -> Result<(), Error> {
        let ping = async {
            let mut lease = self.read().await?;
            lease.conn().batch_execute("SELECT 1").await
        };
        Error::in_time(PING, ping).await
    }

    /// Finds out whether requests can be answered: the database answers soon, it has all migrations,
    /// and, on SQLite, the disk has room.
    pub async fn check(&self) -> Result<(), Error> {
        if let Pools::Sqlite { path, .. } = &self.pools {
            disk::check_room(path.clone()).await?;
        }
        let applied = async {
            use diesel_async::RunQueryDsl;
            let mut lease = self.read().await?;
            let query = diesel::sql_query(migrate::APPLIED);
            let applied: Vec<migrate::Applied> =
                on!(&mut lease.conn(), |c| RunQueryDsl::load(query, c).await)?;
            Ok::<_, Error>(applied)
        };
        let applied = Error::in_time(PING, applied).await?;
        match migrate::pending(&applied) {
            0 => Ok(()),
            pending => Err(Error::NotMigrated(pending)),
        }
    }

    /// Lets PostgreSQL look at what it holds now, for those who have just written much: until it
    /// has, it plans as if there was next to nothing, and what takes milliseconds takes minutes.
    pub async fn analyze(&self) -> Result<(), Error> {
        let mut lease = self.write().await?;
        let mut conn = lease.conn();
        if let Conn::Sqlite(_) = conn {
            return Ok(());
        }
        conn.batch_execute(
            "ANALYZE customers, customer_groups, customer_group_memberships, customer_addresses, \
             customer_contacts, customer_consents, customer_extensions, \
             supplier_numbers_at_customer, loyalty_programs, loyalty_program_collections, \
             pos_profiles, pos_customer_groups",
        )
        .await
    }

    /// How many statements were sent so far; for those who watch that a request's number does not
    /// grow with its rows.
    pub fn statements_sent(&self) -> u64 {
        self.statements.sent.load(Ordering::Relaxed)
    }
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

/// What can go wrong between the server and its database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had, or it broke: worth trying again later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room for the change on SQLite's disk.
    #[error("the disk of the database is full")]
    DiskFull,
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
    /// The request comes to more than it may.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// The request names what is not there: the message says what, for the client.
    #[error("{0}")]
    Missing(String),
    /// Nobody waits for the response any more.
    #[error("the request was abandoned")]
    Abandoned,
    /// The database lacks migrations.
    #[error("{0} migrations have not been run")]
    NotMigrated(usize),
    /// Anything else: a defect of ours, or of the database.
    #[error("a statement failed")]
    Statement(#[source] diesel::result::Error),
}

impl Error {
    /// The result of `work`, or an error if it takes longer than that.
    pub async fn in_time<T>(
        limit: Duration,
        work: impl Future<Output = Result<T, Self>>,
    ) -> Result<T, Self> {
        match tokio::time::timeout(limit, work).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(Self::Unavailable(Box::new(elapsed))),
        }
    }
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
                // The disk, or the quota of the user, is full.
                _ if info.message() == "database or disk is full" => Self::DiskFull,
                // What a trigger says that stands for a foreign key, on SQLite.
                _ if info.message() == "FOREIGN KEY constraint failed" => Self::Reference(error),
                _ if matches!(
                    info.message(),
                    "canceling statement due to statement timeout" | TOO_LONG
                ) =>
                {
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
pub(crate) struct Statements {
    sent: Arc<AtomicU64>,
    /// Are values logged with them?
    with_values: bool,
}

impl Statements {
    /// Counts what that connection sends, for all and for the request that uses it.
    fn watch(&self, conn: &mut impl AsyncConnection, meter: &Meter) {
        let (count, meter, with_values) = (Arc::clone(&self.sent), meter.clone(), self.with_values);
        let mut span = None;
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                count.fetch_add(1, Ordering::Relaxed);
                meter.count_statement();
                if tracing::enabled!(target: "clientele::sql", tracing::Level::TRACE) {
                    let query = loggable(query.to_string(), with_values);
                    tracing::trace!(target: "clientele::sql", %query);
                }
                // SQLite's threads do not know the request; a statement of nothing is no trace.
                let is_of_request = !Span::current().is_none();
                if is_of_request
                    && tracing::enabled!(target: "clientele::sql", tracing::Level::DEBUG)
                {
                    let query = loggable(query.to_string(), false);
                    let statement =
                        tracing::debug_span!(target: "clientele::sql", "statement", %query);
                    span = Some(statement);
                }
            }
            InstrumentationEvent::FinishQuery { .. } => drop(span.take()),
            _ => {}
        });
    }
}

/// A statement as Diesel shows it, without its values unless they are wanted; never with those of
/// keys.
fn loggable(mut query: String, with_values: bool) -> String {
    if (!with_values || query.contains("api_keys"))
        && let Some(values) = query.find(" -- binds: ")
    {
        query.truncate(values);
    }
    query
}
