//! The share of the connections that the requests of one tenant may hold.
//!
//! A slow statement occupies its connection. A tenant may hold only a part of the connections, so that its slow
//! statements do not block the other tenants. Connections that requests share do not count, because their statements
//! are short.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Error;
use crate::executor;

/// The shares of all tenants in a pool. Clones are of the same pool.
#[derive(Clone)]
pub struct Shares(Arc<Pool>);

struct Pool {
    /// Maximum number of connections of a tenant.
    max: usize,
    /// Requests that wait until others of their tenant return a connection.
    waiting: AtomicUsize,
    /// The tenants with requests in progress. They are few, so a linear search is fast enough.
    of_tenants: Mutex<Vec<(String, Weak<Semaphore>)>>,
}

impl Shares {
    /// The shares in a pool of that size. Each is all but an eighth of the connections.
    pub fn new(size: usize) -> Self {
        let max = size.saturating_sub(size.div_ceil(8)).max(1);
        Self(Arc::new(Pool { max, waiting: AtomicUsize::default(), of_tenants: Mutex::default() }))
    }

    /// The share of a tenant.
    pub fn of(&self, tenant: &str) -> Share {
        let mut of_tenants = self.0.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let known = of_tenants.iter().find(|(name, _)| name == tenant);
        let connections = known.and_then(|(_, known)| known.upgrade()).unwrap_or_else(|| {
            of_tenants.retain(|(_, connections)| connections.strong_count() > 0);
            let connections = Arc::new(Semaphore::new(self.0.max));
            of_tenants.push((tenant.to_owned(), Arc::downgrade(&connections)));
            connections
        });
        Share { connections, pool: self.clone() }
    }

    /// The number of requests that wait for a connection of their tenant's share.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Relaxed)
    }
}

/// The share of a tenant.
#[derive(Clone)]
pub struct Share {
    connections: Arc<Semaphore>,
    pool: Shares,
}

impl Share {
    /// Waits for a free place in the tenant's share; fails after the timeout.
    pub async fn take(&self, timeout: Duration) -> Result<SharePermit, Error> {
        let connections = Arc::clone(&self.connections);
        let taken = match Arc::clone(&connections).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(_none) => {
                let _waiting = Waiting::new(&self.pool);
                tokio::time::timeout(timeout, connections.acquire_owned())
                    .await
                    .map_err(|elapsed| Error::Unavailable(elapsed.into()))?
            }
        };
        let permit = taken.map_err(|closed| Error::Unavailable(closed.into()))?;
        Ok(SharePermit { permit: Some(permit), share: self.clone() })
    }
}

/// The place of a connection in a tenant's share, which is free again when this is dropped.
#[must_use = "the place is free again when this is dropped"]
pub struct SharePermit {
    /// `None` only when it is dropped.
    permit: Option<OwnedSemaphorePermit>,
    share: Share,
}

impl Drop for SharePermit {
    fn drop(&mut self) {
        drop(self.permit.take());
        // If no place is free now, a waiting request may have been woken for this one.
        if self.share.connections.available_permits() == 0 {
            executor::has_woken();
        }
    }
}

/// A request is counted as waiting until this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(shares: &'a Shares) -> Self {
        shares.0.waiting.fetch_add(1, Relaxed);
        Self(&shares.0.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_share_is_all_but_an_eighth_of_the_connections() {
        let shares = [1, 2, 3, 4, 8, 9, 16, 100].map(|size| Shares::new(size).0.max);
        assert_eq!(shares, [1, 1, 2, 3, 7, 7, 14, 87]);
    }

    #[tokio::test]
    async fn a_place_is_free_again_when_it_is_dropped() {
        let shares = Shares::new(3);
        let (acme, globex) = (shares.of("acme"), shares.of("globex"));
        let moment = Duration::from_millis(1);
        let places =
            (acme.take(moment).await.unwrap(), shares.of("acme").take(moment).await.unwrap());
        assert!(acme.take(moment).await.is_err());
        assert_eq!(shares.waiting(), 0);
        let _other = globex.take(moment).await.unwrap();
        drop(places.0);
        let place = acme.take(moment).await.unwrap();
        drop((acme, place, places.1));
        shares.of("initech");
        // Those without requests are forgotten.
        let known = shares.0.of_tenants.lock().unwrap();
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["globex", "initech"]);
    }
}
