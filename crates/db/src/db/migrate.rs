//! The embedded migrations: one tree per database, both of which result in the same columns.

mod duplicates;
mod keys;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use diesel::{
    Connection, SqliteConnection,
    backend::Backend,
    connection::SimpleConnection,
    migration::{MigrationSource, MigrationVersion},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, pool, sqlite::is_locked, url::DatabaseUrl};

pub use self::duplicates::Duplicates;

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The key of the `pg_advisory_lock` by which only one of several starting servers migrates.
pub const LOCK: i64 = 0x0c11_e47e_1e00;

/// Default time to wait for another process that is running migrations.
pub const WAIT: Duration = Duration::from_secs(60);

/// The handling of pending migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Run them.
    Run,
    /// Only check for them; an error if there are any.
    Check,
    /// Revert all, for tests of `down.sql`.
    Revert,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error("cannot write to the database: {0}")]
    Write(#[source] diesel::result::Error),
    #[error(
        "the database was made by a newer Clientele (it has the migration {0}, which this one does \
         not know): upgrade this binary"
    )]
    Newer(String),
    #[error(
        "another process has been migrating the database, or has kept it locked, for {0:?}: try again \
         when it has ended, or wait longer by --migrate-timeout"
    )]
    Busy(Duration),
    #[error("{0} migrations have not been run: run `clientele migrate`, or leave out --no-migrate")]
    Pending(usize),
    #[error("a migration failed: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    #[error(
        "customers share numbers that from this version on belong to one customer of a tenant. \
         Nothing was changed. Use the version that you upgrade from to give all of them but one \
         another number, or none (`customerUpdate`), and start again:{0}"
    )]
    Duplicates(Duplicates),
}

/// Migrates the database to this version's schema (or checks, or reverts); returns the names of the
/// migrations that were run.
pub async fn migrate(url: &DatabaseUrl, plan: Plan) -> Result<Vec<String>, Error> {
    migrate_within(url, plan, WAIT).await
}

/// Like [`migrate`], waiting up to `wait` for another process that migrates.
pub async fn migrate_within(
    url: &DatabaseUrl,
    plan: Plan,
    wait: Duration,
) -> Result<Vec<String>, Error> {
    let names = run(url, plan, wait).await?;
    if plan == Plan::Run {
        let db = Db::open(url, 1).map_err(|error| Error::Failed(error.into()))?;
        let folded = keys::fold_texts(&db).await;
        folded.map_err(|error| Error::Failed(super::describe(&error).into()))?;
    }
    Ok(names)
}

async fn run(url: &DatabaseUrl, plan: Plan, wait: Duration) -> Result<Vec<String>, Error> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_string_lossy().into_owned();
            let run = move || migrate_sqlite(&path, plan, wait);
            tokio::task::spawn_blocking(run).await.map_err(|error| Error::Failed(error.into()))?
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = pool::connect(url).await?;
            if plan != Plan::Revert && is_current(&mut conn).await {
                return Ok(Vec::new());
            }
            lock_postgres(&mut conn, wait).await?;
            if plan == Plan::Run {
                let found = Duplicates::of_postgres(&mut conn).await;
                refuse(found.map_err(|error| Error::Failed(error.into()))?)?;
            }
            // The lock is released with the connection.
            apply(&mut AsyncMigrationHarness::new(conn), POSTGRES, plan)
        }
    }
}

/// Waits until no other process migrates.
async fn lock_postgres(conn: &mut AsyncPgConnection, wait: Duration) -> Result<(), Error> {
    let limit = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX).max(1);
    // The migrations themselves may wait longer for locks of tables.
    let lock =
        format!("SET lock_timeout = {limit}; SELECT pg_advisory_lock({LOCK}); RESET lock_timeout");
    conn.batch_execute(&lock).await.map_err(|error| {
        let is_late = error.to_string() == "canceling statement due to lock timeout";
        if is_late { Error::Busy(wait) } else { Error::Write(error) }
    })
}

/// Whether the database has exactly the known migrations. This takes no lock, so that a read-only
/// command does not wait for a writer.
async fn is_current(conn: &mut AsyncPgConnection) -> bool {
    let applied = diesel_async::RunQueryDsl::load(diesel::sql_query(APPLIED), conn).await;
    // Without the table there are no migrations; other errors appear when migrations are run.
    applied.is_ok_and(|applied: Vec<Applied>| are_current(&applied))
}

fn migrate_sqlite(path: &str, plan: Plan, wait: Duration) -> Result<Vec<String>, Error> {
    let deadline = Instant::now() + wait;
    let mut conn = SqliteConnection::establish(path)?;
    let wait_until_then = |conn: &mut SqliteConnection| {
        let left = deadline.saturating_duration_since(Instant::now()).as_millis();
        let limit = i32::try_from(left).unwrap_or(i32::MAX);
        conn.batch_execute(&format!("PRAGMA busy_timeout = {limit}")).map_err(Error::Write)
    };
    wait_until_then(&mut conn)?;
    let applied = diesel::RunQueryDsl::load(diesel::sql_query(APPLIED), &mut conn);
    if plan == Plan::Check && applied.is_ok_and(|applied: Vec<Applied>| are_current(&applied)) {
        return Ok(Vec::new());
    }
    // Writes and rolls back, so that a read-only file is detected here and not in a request. The
    // lock alone can be taken on a read-only file.
    let probe = "BEGIN IMMEDIATE; CREATE TABLE probe (x); ROLLBACK;";
    conn.batch_execute(probe)
        .map_err(|error| if is_locked(&error) { Error::Busy(wait) } else { Error::Write(error) })?;
    if plan == Plan::Run {
        let found = Duplicates::of_sqlite(&mut conn);
        refuse(found.map_err(|error| Error::Failed(error.into()))?)?;
    }
    wait_until_then(&mut conn)?;
    let outcome = match apply(&mut conn, SQLITE, plan) {
        // Another process may have run them since they were read: try again.
        Err(Error::Failed(_)) => {
            wait_until_then(&mut conn)?;
            apply(&mut conn, SQLITE, plan)
        }
        outcome => outcome,
    };
    outcome.map_err(|error| match error {
        Error::Failed(cause) if is_locked(&cause) => Error::Busy(wait),
        error => error,
    })
}

fn refuse(duplicates: Duplicates) -> Result<(), Error> {
    if duplicates.is_empty() { Ok(()) } else { Err(Error::Duplicates(duplicates)) }
}

fn apply<DB: Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
    plan: Plan,
) -> Result<Vec<String>, Error> {
    let known = source.migrations().map_err(Error::Failed)?;
    let known: BTreeSet<_> = known.iter().map(|it| it.name().version().as_owned()).collect();
    let applied = harness.applied_migrations().map_err(Error::Failed)?;
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(Error::Newer(newer.to_string()));
    }
    let names = |versions: Vec<MigrationVersion<'_>>| {
        versions.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    match plan {
        Plan::Run => harness.run_pending_migrations(source).map(names),
        Plan::Check if known.len() > applied.len() => {
            return Err(Error::Pending(known.len() - applied.len()));
        }
        Plan::Check => Ok(Vec::new()),
        Plan::Revert => harness.revert_all_migrations(source).map(names),
    }
    .map_err(Error::Failed)
}

/// An applied migration of a database.
#[derive(diesel::QueryableByName)]
pub(super) struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// Selects the applied migrations of a database.
pub(super) const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations";

fn are_current(applied: &[Applied]) -> bool {
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).unwrap_or_default();
    applied.len() == known.len() && pending(applied) == 0
}

/// The number of known migrations that have not been applied.
pub(super) fn pending(applied: &[Applied]) -> usize {
    // Both trees have the same migrations.
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).unwrap_or_default();
    let is_applied = |version: &str| applied.iter().any(|it| it.version == version);
    known.iter().filter(|it| !is_applied(&it.name().version().to_string())).count()
}
