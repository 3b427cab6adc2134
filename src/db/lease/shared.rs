//! Connections to PostgreSQL that several leases share.
//!
//! The loads of a request run concurrently. On one connection their statements are sent together, and so are
//! PostgreSQL's responses: that takes less of both processors than a connection for each of them, and leaves
//! connections to other requests.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use super::too_long;
use crate::db::pool::{Postgres, PostgresManager};

/// A connection to PostgreSQL, with one lease or more. After the last one it returns to the pool or, if one of them
/// is unfinished, is closed.
pub struct Shared {
    /// `None` only when it is dropped.
    conn: Option<Object<PostgresManager>>,
    server: Postgres,
    /// Whether a lease ended with a statement in progress, or in a transaction.
    is_unfinished: AtomicBool,
}

impl Shared {
    pub(in crate::db) fn new(conn: Object<PostgresManager>, server: Postgres) -> Arc<Self> {
        Arc::new(Self { conn: Some(conn), server, is_unfinished: AtomicBool::new(false) })
    }

    pub(super) fn conn(&self) -> QueryResult<&AsyncPgConnection> {
        self.conn.as_deref().ok_or_else(too_long)
    }

    pub(super) fn note_unfinished(&self) {
        self.is_unfinished.store(true, Ordering::Relaxed);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let is_unfinished = *self.is_unfinished.get_mut();
        if let Some(conn) = self.conn.take_if(|_| is_unfinished) {
            self.server.cancel(conn);
        }
    }
}

/// The connection that the reads of a request share at the moment.
#[derive(Clone, Default)]
pub struct SharedReads(Arc<Mutex<Weak<Shared>>>);

impl SharedReads {
    /// The connection of a read in progress, if there is one that can be used.
    pub(in crate::db) fn get(&self) -> Option<Arc<Shared>> {
        let shared = self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade()?;
        (!shared.is_unfinished.load(Ordering::Relaxed)).then_some(shared)
    }

    /// Lets further reads use this connection.
    pub(in crate::db) fn set(&self, shared: &Arc<Shared>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(shared);
    }
}
