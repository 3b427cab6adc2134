//! Loads of nested fields, in batches: one [`Loader`], many key types. The type of the key selects
//! the query.

mod keys;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{batch::BatchScheduler, error::Error, memory};
use crate::{
    auth::Tenant,
    db::{self, Db, pick::ColumnSet},
};

pub use self::keys::{AncestorsOf, ById, ChildrenOf, CountOf, DepthOf, DescendantsOf, PageOf};

/// Loads values for fields: all keys of one type that are requested before a batch begins are
/// loaded together. Clones belong to the same request.
#[derive(Clone)]
pub struct Loader(Arc<Inner>);

struct Inner {
    db: Db,
    tenant: Tenant,
    scheduler: BatchScheduler,
    /// The waiting resolvers by the type of their keys; each value is a [`Waiting`].
    waiting: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

/// Who waits for values of one type of keys, and which columns of their rows they want.
struct Waiting<K: Key> {
    columns: ColumnSet,
    senders: HashMap<K, Vec<Sender<K>>>,
}

type Sender<K> = oneshot::Sender<Result<Option<<K as Key>::Value>, Error>>;

impl<K: Key> Default for Waiting<K> {
    fn default() -> Self {
        Self { columns: ColumnSet::ID, senders: HashMap::new() }
    }
}

/// A key whose values are loaded together in one load.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    /// Every requester of the same key gets a clone.
    type Value: Clone + Send + Sync + 'static;

    /// The values of those keys that have one, with at least those columns of their rows.
    fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, db::Error>> + Send;
}

impl Loader {
    pub fn new(db: Db, tenant: Tenant, scheduler: BatchScheduler) -> Self {
        Self(Arc::new(Inner { db, tenant, scheduler, waiting: Mutex::default() }))
    }

    /// The value of a key, once the next batch is loaded; `None` if it has none. If it is made of
    /// rows, at least those columns of them are read.
    pub async fn load<K: Key>(
        &self,
        key: K,
        columns: ColumnSet,
    ) -> Result<Option<K::Value>, Error> {
        self.0.db.meter().take_bytes(memory::WAITER)?;
        let (sender, receiver) = oneshot::channel();
        let is_first = self.with_waiting::<K, _>(|waiting| {
            let is_first = waiting.senders.is_empty();
            waiting.columns = waiting.columns.union(columns);
            waiting.senders.entry(key).or_default().push(sender);
            is_first
        });
        if is_first {
            let loader = self.clone();
            self.0.scheduler.push(async move { loader.load_all::<K>().await }.boxed());
        }
        // Tokio's budget would make every 128th of these yield, and so miss the batch.
        let loaded = tokio::task::unconstrained(receiver).await;
        loaded.unwrap_or_else(|_gone| Err(Error::internal("a load was dropped")))
    }

    /// Loads the values of all waiting keys of one type, and wakes their resolvers.
    async fn load_all<K: Key>(&self) {
        let Waiting { columns, senders } = self.with_waiting::<K, _>(std::mem::take);
        let keys: Vec<K> = senders.keys().cloned().collect();
        let mut loaded = K::load(&self.0.db, &self.0.tenant, &keys, columns).await;
        for (key, senders) in senders {
            let value = loaded.as_mut().map(|it| it.remove(&key)).map_err(|error| &*error);
            let value = value.map_err(Error::from);
            // If a resolver was dropped, nobody receives its value. The last one gets the value
            // itself instead of a clone.
            let mut senders = senders.into_iter().peekable();
            while let Some(sender) = senders.next() {
                if senders.peek().is_none() {
                    sender.send(value).ok();
                    break;
                }
                sender.send(value.clone()).ok();
            }
        }
    }

    fn with_waiting<K: Key, R>(&self, change: impl FnOnce(&mut Waiting<K>) -> R) -> R
    where
        R: Default,
    {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type =
            waiting.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Waiting::<K>::default()));
        // It has that type, because the map is keyed by it.
        of_type.downcast_mut().map(change).unwrap_or_default()
    }
}
