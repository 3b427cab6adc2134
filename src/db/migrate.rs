//! Migrations: embedded, one tree per database, both leading to the one `schema.rs`.

mod duplicates;
mod keys;

use std::collections::BTreeSet;

use diesel::{
    Connection, SqliteConnection,
    backend::Backend,
    connection::SimpleConnection,
    migration::{MigrationSource, MigrationVersion},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, pool, url::DatabaseUrl};

pub use self::duplicates::Duplicates;

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number by which servers that start at once agree who migrates (a `pg_advisory_lock`).
const LOCK: i64 = 0x0c11_e47e_1e00;

/// What to do about migrations that the database has not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Run them.
    Run,
    /// Only find out whether there are any; it is an error if so.
    Check,
    /// Undo all: for tests of `down.sql`.
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

/// Brings the database to this version's schema (or checks, or reverts); answers the names of the
/// migrations that were run.
pub async fn migrate(url: &DatabaseUrl, plan: Plan) -> Result<Vec<String>, Error> {
    let names = run(url, plan).await?;
    if plan == Plan::Run {
        let db = Db::open(url, 1).map_err(|error| Error::Failed(error.into()))?;
        let folded = keys::fold_contact_emails(&db).await;
        folded.map_err(|error| Error::Failed(super::describe(&error).into()))?;
    }
    Ok(names)
}

async fn run(url: &DatabaseUrl, plan: Plan) -> Result<Vec<String>, Error> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_string_lossy().into_owned();
            let run = move || migrate_sqlite(&path, plan);
            tokio::task::spawn_blocking(run).await.map_err(|error| Error::Failed(error.into()))?
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = pool::connect(url).await?;
            if plan != Plan::Revert && is_current(&mut conn).await {
                return Ok(Vec::new());
            }
            let lock = format!("SELECT pg_advisory_lock({LOCK})");
            conn.batch_execute(&lock).await.map_err(Error::Write)?;
            if plan == Plan::Run {
                let found = Duplicates::of_postgres(&mut conn).await;
                refuse(found.map_err(|error| Error::Failed(error.into()))?)?;
            }
            // The lock goes with the connection.
            apply(&mut AsyncMigrationHarness::new(conn), POSTGRES, plan)
        }
    }
}

/// Has the database all migrations, and no others? This takes no lock: a command that only reads
/// does not wait for a writer.
async fn is_current(conn: &mut AsyncPgConnection) -> bool {
    let applied = diesel_async::RunQueryDsl::load(diesel::sql_query(APPLIED), conn).await;
    // Without the table there are no migrations; other errors show when they are run.
    applied.is_ok_and(|applied: Vec<Applied>| are_current(&applied))
}

fn migrate_sqlite(path: &str, plan: Plan) -> Result<Vec<String>, Error> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute("PRAGMA busy_timeout = 10000").map_err(Error::Write)?;
    let applied = diesel::RunQueryDsl::load(diesel::sql_query(APPLIED), &mut conn);
    if plan == Plan::Check && applied.is_ok_and(|applied: Vec<Applied>| are_current(&applied)) {
        return Ok(Vec::new());
    }
    // Writes, and takes it back, so that a file that cannot be written shows here and not in a
    // request. The lock by itself would be had, for reading.
    let probe = "BEGIN IMMEDIATE; CREATE TABLE probe (x); ROLLBACK;";
    conn.batch_execute(probe).map_err(Error::Write)?;
    if plan == Plan::Run {
        let found = Duplicates::of_sqlite(&mut conn);
        refuse(found.map_err(|error| Error::Failed(error.into()))?)?;
    }
    match apply(&mut conn, SQLITE, plan) {
        // Another process may have run them between our look and our try: look once more.
        Err(Error::Failed(_)) => apply(&mut conn, SQLITE, plan),
        outcome => outcome,
    }
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

/// A migration that a database has.
#[derive(diesel::QueryableByName)]
pub(super) struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// The migrations that a database has.
pub(super) const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations";

fn are_current(applied: &[Applied]) -> bool {
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).unwrap_or_default();
    applied.len() == known.len() && pending(applied) == 0
}

/// How many migrations are not among those that were run.
pub(super) fn pending(applied: &[Applied]) -> usize {
    // Both trees have the same ones.
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).unwrap_or_default();
    let is_applied = |version: &str| applied.iter().any(|it| it.version == version);
    known.iter().filter(|it| !is_applied(&it.name().version().to_string())).count()
}
