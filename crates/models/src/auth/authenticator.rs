//! Looking up the keys of requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    KeySecret, Tenant, Viewer,
    key_cache::{KeyCache, KeyHolder},
};
use crate::{
    clock::Clock,
    db::{
        self, Db,
        types::{Timestamp, Uid},
    },
    models::api_key::ApiKey,
};

/// Timeout for looking up a key.
const AUTHENTICATION: Duration = Duration::from_secs(5);

/// Authenticates keys, with a cache of valid ones. Cheap to clone; clones share the cache.
///
/// A valid key is cached for one second, so that most requests need no statement for it. A key that another
/// server or the command line revokes is therefore rejected by every server after one second at most.
#[derive(Clone)]
pub struct Authenticator {
    db: Db,
    clock: Clock,
    known: KeyCache,
    /// The time at which the use of each key was last recorded, or is being recorded.
    noted: Arc<Mutex<HashMap<Uid, Timestamp>>>,
}

impl Authenticator {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, known: KeyCache::default(), noted: Arc::default() }
    }

    /// The viewer with that key; `None` if the key is unknown, revoked or expired.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Option<Viewer>, db::Error> {
        let now = self.clock.now();
        let holder = match self.known.get(secret, now) {
            Some(holder) => Some(holder),
            None => self.look_up(secret, now).await?,
        };
        Ok(holder.map(|holder| {
            let KeyHolder { tenant, name, scope } = holder;
            Viewer { tenant, name, scope, clock: self.clock.clone(), known: self.known.clone() }
        }))
    }

    /// Reads the key from the database, caches it, and records its use.
    async fn look_up(
        &self,
        secret: &KeySecret,
        now: Timestamp,
    ) -> Result<Option<KeyHolder>, db::Error> {
        let begun = self.known.begin();
        let found = async {
            let mut lease = self.db.read_rows(1).await?;
            ApiKey::authenticate(&mut lease.conn(), secret, now).await
        };
        let Some((key, country)) = db::Error::in_time(AUTHENTICATION, found).await? else {
            return Ok(None);
        };
        if key.is_touch_due(now) && self.is_first_to_note(&key, now) {
            note_use(self.db.clone(), key.clone(), now);
        }
        let Ok(scope) = key.scope.parse() else { return Ok(None) };
        let tenant = Tenant::stored(&key.tenant_id, country.as_deref());
        let holder = KeyHolder { tenant, name: key.name.into(), scope };
        self.known.insert(secret, begun, holder.clone(), key.expires_at);
        Ok(Some(holder))
    }

    /// Whether this request should record the use of the key. Of concurrent requests, only one
    /// does.
    fn is_first_to_note(&self, key: &ApiKey, now: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = noted.get(&key.id).is_none_or(|last| ApiKey::is_touch_due_since(*last, now));
        if is_first {
            noted.insert(key.id, now);
        }
        is_first
    }
}

/// Records the use of the key, without delaying the request.
fn note_use(db: Db, key: ApiKey, now: Timestamp) {
    tokio::spawn(async move {
        let noted = async {
            let mut lease = db.write().await?;
            key.touch(&mut lease.conn(), now).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(key = %key.name, error = %db::describe(&error), "last use not noted");
        }
    });
}
