//! Loads of nested fields, in batches: one [`Loader`], many key types. The type of the key selects
//! the query.

mod attributes;
mod keys;

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
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

pub use self::attributes::{AttributesOf, DefinitionOf};
pub use self::keys::{
    AncestorsOf, ById, ChildrenOf, CountOf, DepthOf, DescendantsOf, DuplicatesOf, InheritedBy,
    MergedInto, PageOf,
};

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
    senders: HashMap<K, Vec<Sender<Option<K::Value>>>>,
    /// Those who wait for the values of several keys.
    lists: Vec<(Vec<K>, Sender<Values<K>>)>,
}

/// The values of several keys, in their order.
type Values<K> = Vec<Option<<K as Key>::Value>>;

type Sender<T> = oneshot::Sender<Result<T, Error>>;

impl<K: Key> Default for Waiting<K> {
    fn default() -> Self {
        Self { columns: ColumnSet::ID, senders: HashMap::new(), lists: Vec::new() }
    }
}

impl<K: Key> Waiting<K> {
    /// All keys, each of them once.
    fn keys(&self) -> Vec<K> {
        let of_lists = self.lists.iter().flat_map(|(keys, _)| keys);
        let keys: HashSet<&K> = self.senders.keys().chain(of_lists).collect();
        keys.into_iter().cloned().collect()
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
        self.wait(columns, |waiting: &mut Waiting<K>, sender| {
            waiting.senders.entry(key).or_default().push(sender);
        })
        .await
    }

    /// Like [`Loader::load`], for several keys: their values in the same order.
    pub async fn load_list<K: Key>(
        &self,
        keys: Vec<K>,
        columns: ColumnSet,
    ) -> Result<Values<K>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.wait(columns, |waiting: &mut Waiting<K>, sender| waiting.lists.push((keys, sender)))
            .await
    }

    /// Adds a sender to those that wait for the next batch, and waits for what it sends.
    async fn wait<K: Key, T>(
        &self,
        columns: ColumnSet,
        add: impl FnOnce(&mut Waiting<K>, Sender<T>),
    ) -> Result<T, Error> {
        self.0.db.meter().take_bytes(memory::WAITER)?;
        let (sender, receiver) = oneshot::channel();
        let is_first = self.with_waiting::<K, _>(|waiting| {
            let is_first = waiting.senders.is_empty() && waiting.lists.is_empty();
            waiting.columns = waiting.columns.union(columns);
            add(waiting, sender);
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
        let waiting = self.with_waiting::<K, _>(std::mem::take);
        let keys = waiting.keys();
        let mut loaded = K::load(&self.0.db, &self.0.tenant, &keys, waiting.columns).await;
        // If a resolver was dropped, nobody receives its values.
        for (keys, sender) in waiting.lists {
            let values = loaded.as_ref().map_err(Error::from);
            let of_keys = |loaded: &HashMap<K, K::Value>| {
                keys.iter().map(|key| loaded.get(key).cloned()).collect()
            };
            sender.send(values.map(of_keys)).ok();
        }
        for (key, senders) in waiting.senders {
            let value = loaded.as_mut().map(|it| it.remove(&key)).map_err(|error| &*error);
            let value = value.map_err(Error::from);
            // The last one gets the value itself instead of a clone.
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
