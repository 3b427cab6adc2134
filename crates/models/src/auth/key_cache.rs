//! The cache of keys that were recently found valid.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use super::{Fingerprint, KeySecret, Tenant};
use crate::{db::types::Timestamp, models::api_key::Scope};

/// The time for which a key is cached. A key that another process revokes is accepted for up to
/// that much longer.
pub const KNOWN: Duration = Duration::from_secs(1);

/// Maximum number of cached keys.
const KEYS_MAX: usize = 10_000;

/// The keys that were valid less than a second ago. Cheap to clone; clones share the keys.
#[derive(Clone)]
pub struct KeyCache(Arc<Shared>);

struct Shared {
    keys: Cache<Fingerprint, KnownKey>,
    /// Incremented whenever the cache is cleared.
    generation: AtomicU64,
}

/// The tenant, name and scope of a key.
#[derive(Clone)]
pub struct KeyHolder {
    pub tenant: Tenant,
    pub name: Arc<str>,
    pub scope: Scope,
}

#[derive(Clone)]
struct KnownKey {
    holder: KeyHolder,
    generation: u64,
    until: Instant,
    expires_at: Option<Timestamp>,
}

/// The state of the cache before a key is looked up, and the time.
#[derive(Clone, Copy)]
pub struct LookupStart {
    generation: u64,
    at: Instant,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self(Arc::new(Shared { keys: Cache::new(KEYS_MAX), generation: AtomicU64::new(0) }))
    }
}

impl KeyCache {
    /// The holder of that key, if it is cached and has not expired.
    pub fn get(&self, secret: &KeySecret, now: Timestamp) -> Option<KeyHolder> {
        let known = self.0.keys.get(&secret.fingerprint())?;
        let is_known = known.generation == self.generation() && Instant::now() < known.until;
        let is_valid = known.expires_at.is_none_or(|end| now < end);
        (is_known && is_valid).then_some(known.holder)
    }

    /// Must be called before a key is looked up, because the time for which it is cached begins
    /// here.
    pub fn begin(&self) -> LookupStart {
        LookupStart { generation: self.generation(), at: Instant::now() }
    }

    /// Caches a key that was looked up since `begun`. If the cache was cleared in the meantime, the entry has no
    /// effect, because the key may have been read before it was revoked.
    pub fn insert(
        &self,
        secret: &KeySecret,
        begun: LookupStart,
        holder: KeyHolder,
        expires_at: Option<Timestamp>,
    ) {
        let LookupStart { generation, at } = begun;
        let known = KnownKey { holder, generation, until: at + KNOWN, expires_at };
        self.0.keys.insert(secret.fingerprint(), known);
    }

    /// Clears the cache, including keys that are being looked up.
    pub fn clear(&self) {
        self.0.generation.fetch_add(1, Ordering::SeqCst);
        self.0.keys.clear();
    }

    fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::SeqCst)
    }
}
