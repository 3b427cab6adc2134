//! Copies of a SQLite database.

use std::path::PathBuf;

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_types::Text};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error("cannot copy the database: {0}")]
    Copy(#[from] diesel::result::Error),
    #[error("the copy was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Copies a consistent snapshot of the database to a new file. Others may read and write meanwhile.
pub async fn sqlite(from: PathBuf, to: PathBuf) -> Result<(), Error> {
    let copy = move || {
        let mut conn = SqliteConnection::establish(&from.to_string_lossy())?;
        diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut conn)?;
        let copy = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy());
        copy.execute(&mut conn)?;
        Ok(())
    };
    tokio::task::spawn_blocking(copy).await?
}
