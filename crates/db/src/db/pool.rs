//! Opening a database: the pools, and the setup of new connections.

use std::{num::NonZero, path::PathBuf, sync::Arc, time::Duration};

use deadpool::managed::{BuildError, Manager, Object, Pool};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, SetupCallback,
        deadpool::PoolError,
    },
};
use futures_util::FutureExt;
use tokio::time::Instant;
use tokio_postgres::{CancelToken, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Db, Meter, Statements, describe,
    lease::{Batches, STATEMENT, Shared, SharedByRequests},
    share::{SharePermit, Shares},
    shared_sync::SharedSync,
    sqlite::Opener,
    tls,
    url::{DatabaseUrl, PostgresUrl},
};

/// Timeout for getting a connection, and for opening one.
pub(super) const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between attempts to get a connection while PostgreSQL accepts no further one.
const RETRY: Duration = Duration::from_millis(20);

/// The setup of every connection to SQLite. With write-ahead logging, readers and the writer do not
/// block each other. Commits are durable before they are acknowledged, foreign keys are enforced,
/// and statements wait for locks of other processes.
const SQLITE_SETUP: &str = "\
    PRAGMA busy_timeout = 10000; \
    PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -8192;";

/// The further setup of a reader of SQLite, which rejects writes. Its cache is small, because there
/// may be many readers, and the operating system's cache serves all of them.
const SQLITE_READER_SETUP: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -2048;";

/// The setup of every connection to PostgreSQL. The cost of random pages is that of memory and solid-state disks: with
/// the default, which is for spinning disks, PostgreSQL scans a table of a thousand rows to look up twenty ids. JIT
/// compilation is off: statements are short, but some look expensive to the planner, and compiling one takes a hundred
/// milliseconds and saves none.
const POSTGRES_SETUP: &str = "SET idle_in_transaction_session_timeout = '60s'; SET random_page_cost = 1.1; \
     SET jit = off";

/// Timeout for PostgreSQL to accept the cancellation of a statement.
const CANCEL: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) enum Pools {
    Sqlite {
        path: PathBuf,
        readers: Pool<Opener>,
        shares: Shares,
        writer: Pool<Opener>,
        sync: SharedSync,
    },
    Postgres(Postgres),
}

/// Opens connections to PostgreSQL.
pub(super) type PostgresManager = AsyncDieselConnectionManager<AsyncPgConnection>;

/// A PostgreSQL server and its connections.
#[derive(Clone)]
pub(super) struct Postgres {
    pub(super) pool: Pool<PostgresManager>,
    shares: Shares,
    url: Arc<PostgresUrl>,
    shared: SharedByRequests,
    batches: Batches,
}

impl Postgres {
    pub(super) fn batches(&self) -> &Batches {
        &self.batches
    }

    pub(super) fn shares(&self) -> &Shares {
        &self.shares
    }

    pub(super) fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// Lends a connection that no other lease shares yet. `permit` is its place in the tenant's
    /// share.
    pub(super) async fn connection(
        &self,
        statements: &Statements,
        permit: Option<SharePermit>,
    ) -> Result<Arc<Shared>, PoolError> {
        let mut conn = self.pooled().await?;
        // Without a meter, because each lease counts the statements of its request.
        statements.watch(&mut *conn, None);
        Ok(Shared::new(conn, permit, self.clone()))
    }

    /// A connection of the pool. If PostgreSQL accepts no further one, those that are in use will be returned soon.
    async fn pooled(&self) -> Result<Object<PostgresManager>, PoolError> {
        let deadline = Instant::now() + CONNECTION_TIMEOUT;
        loop {
            match self.pool.get().await {
                Err(PoolError::Backend(error))
                    if self.pool.status().size > 0 && Instant::now() < deadline =>
                {
                    tracing::debug!(cause = describe(&error), "waits for a connection in use");
                    tokio::time::sleep(RETRY).await;
                }
                lent => return lent,
            }
        }
    }

    /// Lends a connection that requests share.
    pub(super) async fn shared_connection(
        &self,
        statements: &Statements,
    ) -> Result<Arc<Shared>, PoolError> {
        // Connections drop their prepared statements when the pool lends them. One that is always shared never returns
        // to the pool.
        if statements.is_time_to_forget() {
            self.shared.retire();
        }
        if let Some(shared) = self.shared.get() {
            return Ok(shared);
        }
        let shared = self.connection(statements, None).await?;
        self.shared.add(&shared);
        Ok(shared)
    }

    /// Cancels the statement in progress on a connection and closes it; until then it keeps its
    /// place in the pool, and in the tenant's share.
    pub(super) fn cancel(&self, conn: Object<PostgresManager>, permit: Option<SharePermit>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let url = Arc::clone(&self.url);
        runtime.spawn(async move {
            let cancelled = tokio::time::timeout(CANCEL, cancel(&url, conn.cancel_token())).await;
            match cancelled.map_err(|elapsed| elapsed.to_string()) {
                Ok(Ok(())) => {}
                Err(error) | Ok(Err(error)) => {
                    tracing::warn!(error, "a statement was not cancelled");
                }
            }
            drop((Object::take(conn), permit));
        });
    }
}

impl Db {
    /// Opens the database with up to `size` connections, each of which is opened when first needed.
    pub fn open(url: &DatabaseUrl, size: usize) -> Result<Self, BuildError> {
        let pools = match url {
            DatabaseUrl::Sqlite(path) => {
                let open = |setup: &str| Opener {
                    path: path.to_string_lossy().into_owned(),
                    setup: format!("{SQLITE_SETUP}{setup}"),
                };
                let number = size.min(sqlite_readers());
                Pools::Sqlite {
                    readers: pool(open(SQLITE_READER_SETUP), number)?,
                    shares: Shares::new(number),
                    writer: pool(open(""), 1)?,
                    path: path.clone(),
                    sync: SharedSync::new(path),
                }
            }
            DatabaseUrl::Postgres(url) => {
                let url = Arc::new((**url).clone());
                let pool = pool(postgres_manager(Arc::clone(&url)), size)?;
                let (shared, batches) = (SharedByRequests::default(), Batches::default());
                let shares = Shares::new(size);
                Pools::Postgres(Postgres { pool, shares, url, shared, batches })
            }
        };
        let (statements, meter) = (Statements::default(), Meter::unlimited());
        Ok(Self { pools, statements, meter, of_request: None })
    }
}

/// Maximum number of readers of SQLite. Their statements only wait for a processor, so a tenant's share need not exceed
/// the number of processors. Each reader takes memory and a thread.
fn sqlite_readers() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    (processors + processors.div_ceil(4)).max(4)
}

fn pool<M: Manager>(manager: M, size: usize) -> Result<Pool<M>, BuildError> {
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(CONNECTION_TIMEOUT))
        .create_timeout(Some(CONNECTION_TIMEOUT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
}

fn postgres_manager(url: Arc<PostgresUrl>) -> PostgresManager {
    let mut config = ManagerConfig::default();
    config.custom_setup = postgres_setup(url);
    // `Verified` would send a `SELECT 1` before every use. A broken connection is detected by its
    // state.
    config.recycling_method = RecyclingMethod::Fast;
    AsyncDieselConnectionManager::new_with_config("", config)
}

fn postgres_setup(url: Arc<PostgresUrl>) -> SetupCallback<AsyncPgConnection> {
    Box::new(move |_| {
        let url = Arc::clone(&url);
        async move {
            let mut conn = connect(&url).await?;
            let setup =
                format!("SET statement_timeout = '{}s'; {POSTGRES_SETUP}", STATEMENT.as_secs());
            let setup = conn.batch_execute(&setup).await;
            setup.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    })
}

/// Connects to PostgreSQL, with TLS as the URL specifies.
pub(super) async fn connect(url: &PostgresUrl) -> ConnectionResult<AsyncPgConnection> {
    let connected = tokio::time::timeout(CONNECTION_TIMEOUT, open(url)).await;
    connected.unwrap_or_else(|elapsed| Err(ConnectionError::BadConnection(elapsed.to_string())))
}

async fn open(url: &PostgresUrl) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: &dyn std::error::Error| ConnectionError::BadConnection(describe(error));
    if let Some(config) = tls::client_config(url).map_err(|error| bad(&*error))? {
        let tls = MakeRustlsConnect::new(config);
        let (client, connection) = url.config.connect(tls).await.map_err(|error| bad(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = url.config.connect(NoTls).await.map_err(|error| bad(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

/// Cancels a statement of PostgreSQL over a separate connection.
async fn cancel(url: &PostgresUrl, statement: CancelToken) -> Result<(), String> {
    let config = tls::client_config(url).map_err(|error| describe(&*error))?;
    let cancelled = match config {
        Some(config) => statement.cancel_query(MakeRustlsConnect::new(config)).await,
        None => statement.cancel_query(NoTls).await,
    };
    cancelled.map_err(|error| describe(&error))
}
