//! Work that only one server does at a time.

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::{
    Db, Error,
    pool::{Pools, connect},
};

/// Keeps other servers from a work until it is dropped.
#[must_use = "others are kept from the work until it is dropped"]
pub struct Alone {
    /// The lock ends with the connection, so with the server at the latest.
    _lock: Option<AsyncPgConnection>,
}

impl Db {
    /// Waits until no other server does the work of that number (a `pg_advisory_lock`). On SQLite nobody waits: there is
    /// one writer, so that each transaction of the work has to look for what is left to do.
    pub async fn alone(&self, work: i64) -> Result<Alone, Error> {
        let Pools::Postgres(server) = &self.pools else { return Ok(Alone { _lock: None }) };
        let connected = connect(server.url()).await;
        let mut conn = connected.map_err(|error| Error::Unavailable(error.into()))?;
        // The work may take long.
        let wait = format!("SET statement_timeout = 0; SELECT pg_advisory_lock({work})");
        conn.batch_execute(&wait).await?;
        Ok(Alone { _lock: Some(conn) })
    }
}
