//! Connections to PostgreSQL that several leases share.
//!
//! The loads of a request run concurrently. On one connection, their statements are sent together, and so are
//! PostgreSQL's responses. This takes both the server and PostgreSQL less CPU time than a connection for each load, and
//! leaves connections to other requests.
//!
//! Requests also share connections for index lookups of few rows. The statements of a connection run one after another,
//! so a read that may take longer has its own connection.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use super::{Batches, timed_out};
use crate::db::{
    pool::{Postgres, PostgresManager},
    share::SharePermit,
};

/// A connection to PostgreSQL with one or more leases. After the last lease, it returns to the pool or, if a lease
/// ended unfinished, is closed.
pub struct Shared {
    /// `None` only when it is dropped.
    conn: Option<Object<PostgresManager>>,
    /// The place in the tenant's share, if the connection is lent to a single request.
    permit: Option<SharePermit>,
    server: Postgres,
    /// Whether a lease ended with a statement in progress, or in a transaction.
    is_unfinished: AtomicBool,
    lent: Instant,
    /// When the last lease ended, in microseconds after the first one began.
    ended: AtomicU64,
}

/// Maximum number of leases of a connection that requests share. More would save little, and statements would wait for
/// each other while processors are idle.
const LEASES_MAX: usize = 8;

/// A connection is no longer shared if none of its leases has ended for this long, because further leases would have to
/// wait as well.
const STALLED: Duration = Duration::from_millis(5);

impl Shared {
    pub(in crate::db) fn new(
        conn: Object<PostgresManager>,
        permit: Option<SharePermit>,
        server: Postgres,
    ) -> Arc<Self> {
        let (is_unfinished, ended) = (AtomicBool::new(false), AtomicU64::new(0));
        let (conn, lent) = (Some(conn), Instant::now());
        Arc::new(Self { conn, permit, server, is_unfinished, lent, ended })
    }

    pub(super) fn conn(&self) -> QueryResult<&AsyncPgConnection> {
        self.conn.as_deref().ok_or_else(timed_out)
    }

    pub(super) fn batches(&self) -> &Batches {
        self.server.batches()
    }

    pub(super) fn note_unfinished(&self) {
        self.is_unfinished.store(true, Ordering::Relaxed);
    }

    /// Notes that a lease has ended.
    pub(super) fn note_end(&self) {
        let now = u64::try_from(self.lent.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.ended.store(now, Ordering::Relaxed);
    }

    fn is_finished(&self) -> bool {
        !self.is_unfinished.load(Ordering::Relaxed)
    }

    fn is_stalled(&self) -> bool {
        let ended = Duration::from_micros(self.ended.load(Ordering::Relaxed));
        self.lent.elapsed().saturating_sub(ended) > STALLED
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let is_unfinished = *self.is_unfinished.get_mut();
        if let Some(conn) = self.conn.take_if(|_| is_unfinished) {
            self.server.cancel(conn, self.permit.take());
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
        shared.is_finished().then_some(shared)
    }

    /// Lets further reads use this connection.
    pub(in crate::db) fn set(&self, shared: &Arc<Shared>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(shared);
    }
}

/// The connections that requests share at the moment.
#[derive(Clone, Default)]
pub struct SharedByRequests(Arc<Mutex<Vec<Weak<Shared>>>>);

impl SharedByRequests {
    /// The first connection that can take another lease. The first ones are preferred, so that the others return to the
    /// pool when the load decreases.
    pub(in crate::db) fn get(&self) -> Option<Arc<Shared>> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|it| it.strong_count() > 0);
        let is_free = |it: &Arc<Shared>| it.is_finished() && !it.is_stalled();
        let free = connections.iter().filter(|it| it.strong_count() < LEASES_MAX);
        free.filter_map(Weak::upgrade).find(is_free)
    }

    /// Stops sharing the current connections with further requests, so that they return to the
    /// pool.
    pub(in crate::db) fn retire(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets further requests use this connection.
    pub(in crate::db) fn add(&self, shared: &Arc<Shared>) {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.push(Arc::downgrade(shared));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, pool::Pools};

    /// A server without open connections.
    fn server() -> Postgres {
        let url = "postgres://localhost/clientele".parse().expect("a URL");
        let db = Db::open(&url, 1).expect("a pool");
        let Pools::Postgres(server) = db.pools else { panic!("the URL is of PostgreSQL") };
        server
    }

    /// A connection whose first lease began at that time, among those that requests share.
    fn shared(lent: Instant) -> (SharedByRequests, Arc<Shared>) {
        let (is_unfinished, ended) = (AtomicBool::new(false), AtomicU64::new(0));
        let server = server();
        let conn = Shared { conn: None, permit: None, server, is_unfinished, lent, ended };
        let (all, conn) = (SharedByRequests::default(), Arc::new(conn));
        all.add(&conn);
        (all, conn)
    }

    /// A time at which nothing has stalled, however slow the test is.
    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3_600)
    }

    #[test]
    fn a_connection_has_eight_leases_at_most() {
        let (all, first) = shared(soon());
        let mut leases = vec![first];
        while let Some(lease) = all.get() {
            leases.push(lease);
        }
        assert_eq!(leases.len(), 8);
        leases.pop();
        assert!(all.get().is_some(), "another one has ended");
        leases.clear();
        assert!(all.get().is_none(), "the connection has returned to the pool");
    }

    #[test]
    fn the_first_connections_are_preferred() {
        let (all, first) = shared(soon());
        let (_, second) = shared(soon());
        all.add(&second);
        assert!(Arc::ptr_eq(&all.get().expect("a connection"), &first));
        drop(first);
        assert!(Arc::ptr_eq(&all.get().expect("a connection"), &second));
        all.retire();
        assert!(all.get().is_none());
    }

    #[test]
    fn a_connection_that_has_stalled_or_is_unfinished_is_not_shared_further() {
        let (all, stalled) = shared(Instant::now());
        while !stalled.is_stalled() {
            std::thread::sleep(STALLED);
        }
        assert!(all.get().is_none());
        // A lease that ends shows that the connection works.
        stalled.note_end();
        let ended = Duration::from_micros(stalled.ended.load(Ordering::Relaxed));
        assert!(ended > STALLED, "{ended:?}");
        let (all, unfinished) = shared(soon());
        unfinished.note_unfinished();
        assert!(all.get().is_none());
    }
}
