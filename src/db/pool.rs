//! Opening a database: the pools, and what each new connection is told.

use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
        SetupCallback,
        deadpool::{BuildError, Pool},
    },
};
use futures_util::FutureExt;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Db, SqliteConn, Statements, describe, tls,
    url::{DatabaseUrl, PostgresUrl},
};

/// How long a request waits for a connection before it is told that there is none.
const WAIT: Duration = Duration::from_secs(10);

/// Every connection to SQLite: write-ahead log, so that readers and the writer do not wait for each
/// other; a commit is on the disk before it is acknowledged; foreign keys are enforced; a lock held
/// by another process is waited for.
const SQLITE_SETUP: &str = "\
    PRAGMA busy_timeout = 10000; \
    PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -16384;";

/// A reader of SQLite refuses to write.
const SQLITE_READER_SETUP: &str = "PRAGMA query_only = ON;";

/// Every connection to PostgreSQL: no statement outlives the request that waits for it by much.
const POSTGRES_SETUP: &str = "\
    SET statement_timeout = '30s'; \
    SET idle_in_transaction_session_timeout = '60s';";

#[derive(Clone)]
pub(super) enum Pools {
    Sqlite { readers: Pool<SqliteConn>, writer: Pool<SqliteConn> },
    Postgres(Pool<AsyncPgConnection>),
}

impl Db {
    /// Opens the database with up to `size` connections; none is made before it is needed.
    pub fn open(url: &DatabaseUrl, size: usize) -> Result<Self, BuildError> {
        let statements = Statements::default();
        let pools = match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.to_string_lossy();
                Pools::Sqlite {
                    readers: pool(&path, size, sqlite_setup(&statements, SQLITE_READER_SETUP))?,
                    writer: pool(&path, 1, sqlite_setup(&statements, ""))?,
                }
            }
            DatabaseUrl::Postgres(url) => {
                Pools::Postgres(pool("", size, postgres_setup(&statements, url))?)
            }
        };
        Ok(Self { pools, statements })
    }
}

fn pool<C>(url: &str, size: usize, setup: SetupCallback<C>) -> Result<Pool<C>, BuildError>
where
    C: PoolableConnection + 'static,
    AsyncDieselConnectionManager<C>:
        deadpool::managed::Manager<Type = C, Error = diesel_async::pooled_connection::PoolError>,
{
    let mut config = ManagerConfig::default();
    config.custom_setup = setup;
    // `Verified` would send a `SELECT 1` before every use. A broken connection shows in its state.
    config.recycling_method = RecyclingMethod::Fast;
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
}

fn sqlite_setup(statements: &Statements, extra: &'static str) -> SetupCallback<SqliteConn> {
    let statements = statements.clone();
    Box::new(move |path| {
        let statements = statements.clone();
        async move {
            let mut conn = SqliteConn::establish(path).await?;
            let setup = format!("{SQLITE_SETUP}{extra}");
            conn.batch_execute(&setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            statements.watch(&mut conn);
            Ok(conn)
        }
        .boxed()
    })
}

fn postgres_setup(statements: &Statements, url: &PostgresUrl) -> SetupCallback<AsyncPgConnection> {
    let (statements, url) = (statements.clone(), url.clone());
    Box::new(move |_| {
        let (statements, url) = (statements.clone(), url.clone());
        async move {
            let mut conn = connect(&url).await?;
            let setup = conn.batch_execute(POSTGRES_SETUP).await;
            setup.map_err(ConnectionError::CouldntSetupConfiguration)?;
            statements.watch(&mut conn);
            Ok(conn)
        }
        .boxed()
    })
}

/// Connects to PostgreSQL, with TLS as the URL asks for it.
pub(super) async fn connect(url: &PostgresUrl) -> ConnectionResult<AsyncPgConnection> {
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
