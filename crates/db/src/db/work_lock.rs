//! Work that only one server does at a time.

use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::{
    Db, Error,
    pool::{Pools, connect},
};

/// A lock that keeps other servers from doing the same work until it is dropped.
#[must_use = "the lock is released when it is dropped"]
pub struct WorkLock {
    /// PostgreSQL releases the lock when the connection is closed, at the latest when the server
    /// exits.
    _lock: Option<AsyncPgConnection>,
}

impl Db {
    /// Waits until no other server does this work, whose name is hashed to the key of a `pg_advisory_lock`. On SQLite this
    /// takes no lock, because there is one writer: each transaction has to check what is left to do.
    pub async fn lock_work(&self, work: &str) -> Result<WorkLock, Error> {
        let Pools::Postgres(server) = &self.pools else { return Ok(WorkLock { _lock: None }) };
        let connected = connect(server.url()).await;
        let mut conn = connected.map_err(|error| Error::Unavailable(error.into()))?;
        // The other server may take longer than the timeout of statements.
        conn.batch_execute("SET statement_timeout = 0").await?;
        let lock = diesel::sql_query("SELECT pg_advisory_lock(hashtextextended($1, 0))");
        diesel_async::RunQueryDsl::execute(lock.bind::<Text, _>(work), &mut conn).await?;
        Ok(WorkLock { _lock: Some(conn) })
    }
}
