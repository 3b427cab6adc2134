//! The database: one code base for SQLite and PostgreSQL, chosen at run time.
//!
//! [`Db`] lends a [`Lease`], a lease lends a [`Conn`], and every function of the models takes a
//! `Conn` first. The macros `on!` and `load!` compile one query for both kinds of connection; they
//! are only used in the layer `models` and in this one.

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

// Public for the macros of `run`, which name them.
pub mod lease;
pub mod read;
pub mod sqlite;

mod disk;
mod measured;
mod memory;
mod meter;
mod run;
mod share;
mod shared_sync;
mod statements;
mod tls;
mod work_lock;

use std::{future::Future, sync::Arc, time::Duration};

use deadpool::managed::PoolError;
use diesel::result::DatabaseErrorKind;

use self::{
    lease::{Shared, SharedReads, TIMED_OUT},
    pool::{CONNECTION_TIMEOUT, Pools},
    share::{Share, SharePermit, Shares},
    statements::Statements,
};
use crate::{executor, limits::Overrun};

pub use self::run::{RunQueryDsl, execute, insert_all, load, on, on_postgres};
pub use self::{
    lease::{Batched, Conn, Lease, PgConnection},
    measured::Measured,
    memory::Memory,
    meter::Meter,
    work_lock::WorkLock,
};

/// Timeout for checking that the database responds.
const PING: Duration = Duration::from_secs(1);

/// Minimum pause between long transactions on SQLite: somewhat longer than the steps in which requests poll.
const MIN_PAUSE: Duration = Duration::from_millis(5);

/// Maximum number of rows, or of parents with a few children each, of a read that shares a connection with other
/// requests.
const FEW_ROWS: usize = 100;

/// A database and its connections. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    statements: Statements,
    meter: Meter,
    of_request: Option<OfRequest>,
}

/// A request's use of the database. On SQLite, its transactions share syncs of the write-ahead log, so the request
/// calls [`Db::durable`] before it responds.
#[derive(Clone)]
struct OfRequest {
    /// The connection that its concurrent reads share, on PostgreSQL.
    reads: SharedReads,
    /// Its tenant's share of the connections.
    share: Share,
}

impl Db {
    /// The same database for a request of the tenant, whose use `meter` counts.
    #[must_use]
    pub fn of_request(&self, tenant: &str, meter: Meter) -> Self {
        let (reads, share) = (SharedReads::default(), self.shares().of(tenant));
        Self { meter, of_request: Some(OfRequest { reads, share }), ..self.clone() }
    }

    fn shares(&self) -> &Shares {
        match &self.pools {
            Pools::Sqlite { shares, .. } => shares,
            Pools::Postgres(server) => server.shares(),
        }
    }

    /// Waits for a free place in the tenant's share of the connections; `None` outside of requests.
    async fn share_permit(&self) -> Result<Option<SharePermit>, Error> {
        match &self.of_request {
            Some(OfRequest { share, .. }) => share.take(CONNECTION_TIMEOUT).await.map(Some),
            None => Ok(None),
        }
    }

    /// The connection to PostgreSQL that the request's reads in progress share, if there is one.
    fn shared_reads(&self) -> Option<Arc<Shared>> {
        self.of_request.as_ref().and_then(|request| request.reads.get())
    }

    /// The same database, with or without the bind values of statements in the log.
    #[must_use]
    pub fn logging_values(mut self, with_values: bool) -> Self {
        self.statements.log_values(with_values);
        self
    }

    /// The meter that counts and limits the request's use of the database.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Lends a connection for reading; fails if the request was abandoned. On SQLite, the connection rejects writes. On
    /// PostgreSQL, concurrent reads of a request share a connection, so they cannot be in transactions.
    pub async fn read(&self) -> Result<Lease, Error> {
        if self.meter.is_abandoned() {
            return Err(Error::Abandoned);
        }
        let meter = self.meter.clone();
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                let permit = self.share_permit().await?;
                let mut reader = readers.get().await?;
                executor::let_woken_run().await;
                self.statements.watch(&mut *reader, Some(&meter));
                Ok(Lease::reader(reader, permit, meter))
            }
            Pools::Postgres(server) => {
                if let Some(shared) = self.shared_reads() {
                    return Ok(Lease::postgres(shared, meter));
                }
                let conn = server.connection(&self.statements, self.share_permit().await?).await?;
                if let Some(request) = &self.of_request {
                    request.reads.set(&conn);
                }
                Ok(Lease::postgres(conn, meter))
            }
        }
    }

    /// Like [`Db::read`], for index lookups of up to `rows` rows, or of the children of up to `rows` parents. If these
    /// are few, requests share a connection to PostgreSQL.
    pub async fn read_rows(&self, rows: usize) -> Result<Lease, Error> {
        match &self.pools {
            Pools::Postgres(server) if rows <= FEW_ROWS && !self.meter.is_abandoned() => {
                let conn = match self.shared_reads() {
                    Some(own) => own,
                    None => server.shared_connection(&self.statements).await?,
                };
                Ok(Lease::postgres(conn, self.meter.clone()))
            }
            _ => self.read().await,
        }
    }

    /// Lends a connection for writing. On SQLite there is only one: writers queue here, in order,
    /// instead of waiting for the file's lock.
    pub async fn write(&self) -> Result<Lease, Error> {
        let meter = self.meter.without_limits();
        match &self.pools {
            Pools::Sqlite { writer, sync, .. } => {
                let sync = self.of_request.as_ref().map(|_| sync.clone());
                let mut writer = writer.get().await?;
                executor::let_woken_run().await;
                self.statements.watch(&mut *writer, Some(&meter));
                Ok(Lease::writer(writer, sync, meter))
            }
            Pools::Postgres(server) => {
                let conn = server.connection(&self.statements, self.share_permit().await?).await?;
                Ok(Lease::postgres(conn, meter))
            }
        }
    }

    /// Pauses work that holds the write lock of SQLite's file again and again, so that other processes get it: they can
    /// only poll for it. `held` is the time of the last transaction.
    pub async fn let_others_write(&self, held: Duration) {
        if let Pools::Sqlite { .. } = &self.pools {
            tokio::time::sleep(MIN_PAUSE.max(held / 10)).await;
        }
    }

    /// Waits until the request's changes are on the disk. On PostgreSQL each commit waits for that.
    pub async fn durable(&self) -> Result<(), Error> {
        match (&self.pools, self.meter.last_commit()) {
            (Pools::Sqlite { sync, .. }, Some(commit)) => sync.wait(commit).await,
            _ => Ok(()),
        }
    }

    /// Checks that the database responds quickly.
    pub async fn ping(&self) -> Result<(), Error> {
        let ping = async {
            let mut lease = self.read().await?;
            lease.conn().batch_execute("SELECT 1").await
        };
        Error::in_time(PING, ping).await
    }

    /// Checks that requests can be served: the database responds quickly, it has all migrations
    /// and, on SQLite, the disk has space.
    pub async fn check(&self) -> Result<(), Error> {
        if let Pools::Sqlite { path, .. } = &self.pools {
            disk::check_room(path.clone()).await?;
        }
        let applied = async {
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

    /// Updates PostgreSQL's statistics after many writes: until then it plans as if the tables were
    /// almost empty, and queries that should take milliseconds take minutes.
    pub async fn analyze(&self) -> Result<(), Error> {
        let mut lease = self.write().await?;
        let mut conn = lease.conn();
        if let Conn::Sqlite(_) = conn {
            return Ok(());
        }
        conn.batch_execute(
            "ANALYZE customers, customer_groups, customer_group_memberships, customer_addresses, \
             customer_contacts, customer_consents, customer_extensions, customer_merges, \
             supplier_numbers_at_customer, loyalty_programs, loyalty_program_collections, \
             pos_profiles, pos_customer_groups, attribute_definitions, customer_attribute_values, \
             customer_group_attribute_values, loyalty_program_attribute_values, \
             pos_profile_attribute_values",
        )
        .await
    }

    /// The number of statements sent so far, for tests that a request's statements do not grow with
    /// its rows.
    pub fn statements_sent(&self) -> u64 {
        self.statements.sent()
    }
}

/// An async closure whose future is `Send`, which the standard library cannot express yet.
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

/// The errors between the server and its database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was no connection; a retry may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke during a statement. If that was a commit, it may have succeeded.
    #[error("the connection to the database broke")]
    Interrupted(#[source] diesel::result::Error),
    /// SQLite's disk has no space for the change.
    #[error("the disk of the database is full")]
    DiskFull,
    /// Another transaction interfered (a deadlock, a lock held too long); a retry may succeed.
    #[error("another transaction interfered")]
    Conflict(#[source] diesel::result::Error),
    /// A statement exceeded its timeout.
    #[error("a statement took too long")]
    Timeout(#[source] diesel::result::Error),
    /// A unique key rejected the row.
    #[error("a unique key refused the row")]
    NotUnique(#[source] diesel::result::Error),
    /// A foreign key rejected the change: the referenced row is missing, or the row is still
    /// referenced.
    #[error("a foreign key refused the change")]
    Reference(#[source] diesel::result::Error),
    /// The request exceeded a limit, or there is no memory for it.
    #[error(transparent)]
    Overrun(#[from] Overrun),
    /// The request names a missing object; the message for the client says which.
    #[error("{0}")]
    Missing(String),
    /// Nobody waits for the response any more.
    #[error("the request was abandoned")]
    Abandoned,
    /// The database lacks migrations.
    #[error("{0} migrations have not been run")]
    NotMigrated(usize),
    /// Any other error: a defect in the server or in the database.
    #[error("a statement failed")]
    Statement(#[source] diesel::result::Error),
}

impl Error {
    /// The result of `work`, or an error if it takes longer than the timeout.
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

impl<E: std::error::Error + Send + Sync + 'static> From<PoolError<E>> for Error {
    fn from(error: PoolError<E>) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// Whether this is the message of a statement that timed out.
fn is_timeout(message: &str) -> bool {
    matches!(message, "canceling statement due to statement timeout" | TIMED_OUT)
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
                    Self::Interrupted(error)
                }
                // Diesel has no kind for these errors: a locked file of SQLite and a deadlock on
                // PostgreSQL.
                _ if matches!(info.message(), "database is locked" | "deadlock detected") => {
                    Self::Conflict(error)
                }
                // The disk or the user's quota is full.
                _ if info.message() == "database or disk is full" => Self::DiskFull,
                // Raised by SQLite's triggers that emulate foreign keys.
                _ if info.message() == "FOREIGN KEY constraint failed" => Self::Reference(error),
                _ if is_timeout(info.message()) => Self::Timeout(error),
                // PostgreSQL is starting or stopping, or has become a replica.
                DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable(Box::new(error)),
                _ if info.message().starts_with("the database system is") => {
                    Self::Unavailable(Box::new(error))
                }
                _ if info.message().starts_with("terminating connection") => {
                    Self::Interrupted(error)
                }
                _ => Self::Statement(error),
            },
            _ => Self::Statement(error),
        }
    }
}

/// The error and its causes on one line, for the log: drivers report the useful part as a cause.
pub fn describe(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
