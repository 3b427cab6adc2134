//! Locks that block other writers of a database.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tokio_postgres::NoTls;

use super::database::{Backend, Database};

/// Blocks all writers of customers until it is dropped.
#[expect(dead_code, reason = "the lock goes with its connection")]
pub enum WriteLock {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<tokio_postgres::Client>),
}

impl WriteLock {
    /// On PostgreSQL, locks the tree of a tenant. On SQLite, locks nothing, because each writer
    /// blocks all others anyway.
    pub async fn take_tree(database: &Database) -> Option<Self> {
        if database.backend == Backend::Sqlite {
            return None;
        }
        let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let lock = "BEGIN; SELECT FROM tenants FOR NO KEY UPDATE";
        client.batch_execute(lock).await.unwrap();
        Some(Self::Postgres(Box::new(client)))
    }

    /// Blocks migrations.
    pub async fn take_migrations(database: &Database, number: i64) -> Self {
        if database.backend == Backend::Sqlite {
            return Self::take(database).await;
        }
        let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("SELECT pg_advisory_lock({number})")).await.unwrap();
        Self::Postgres(Box::new(client))
    }

    pub async fn take(database: &Database) -> Self {
        match database.backend {
            Backend::Sqlite => {
                let path = database.url.strip_prefix("sqlite:").unwrap();
                let mut conn = SqliteConnection::establish(path).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap();
                Self::Sqlite(Box::new(conn))
            }
            Backend::Postgres => {
                let connected = tokio_postgres::connect(&database.url, NoTls).await;
                let (client, connection) = connected.unwrap();
                tokio::spawn(connection);
                let lock = "BEGIN; LOCK TABLE customers IN EXCLUSIVE MODE";
                client.batch_execute(lock).await.unwrap();
                Self::Postgres(Box::new(client))
            }
        }
    }
}
