//! Loads of nested fields, in batches. One [`Loader`] handles all types of keys; the type of the
//! key determines the query.

mod attributes;
mod customers;
mod keys;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::Hash,
    iter::zip,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{batch::BatchScheduler, error::Error, shape::WAITER};
use crate::{
    auth::Tenant,
    db::{self, Db, pick::ColumnSet},
};

pub use self::attributes::{AttributesOf, DefinitionOf};
pub use self::customers::{DuplicatesOf, MergedInto, SearchedChildrenOf};
pub use self::keys::{
    AncestorsOf, ById, ChildrenOf, CountOf, DepthOf, DescendantsOf, InheritedBy, PageOf,
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

/// The resolvers that wait for values of one type of keys, and the columns of rows that they need.
struct Waiting<K: Key> {
    columns: ColumnSet,
    /// The keys that each resolver requested, and where to send their values.
    lists: Vec<(Vec<K>, Sender<Values<K>>)>,
}

/// The values of several keys, in their order.
pub type Values<K> = Vec<Option<<K as Key>::Value>>;

type Sender<T> = oneshot::Sender<Result<T, Error>>;

impl<K: Key> Default for Waiting<K> {
    fn default() -> Self {
        Self { columns: ColumnSet::ID, lists: Vec::new() }
    }
}

/// A key whose values are loaded together in one load.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    /// Each resolver that requests the same key gets a clone.
    type Value: Clone + Send + Sync + 'static;

    /// Loads the values of these distinct keys, in the same order; `None` for a key without a value. If the values are
    /// rows, at least these columns are read.
    fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Values<Self>, db::Error>> + Send;
}

impl Loader {
    pub fn new(db: Db, tenant: Tenant, scheduler: BatchScheduler) -> Self {
        Self(Arc::new(Inner { db, tenant, scheduler, waiting: Mutex::default() }))
    }

    /// Loads the value of a key with the next batch; `None` if it has none. If values of this type
    /// are rows, at least these columns are read.
    pub async fn load<K: Key>(
        &self,
        key: K,
        columns: ColumnSet,
    ) -> Result<Option<K::Value>, Error> {
        Ok(self.load_list(vec![key], columns).await?.pop().flatten())
    }

    /// Like [`Loader::load`], for several keys. Returns their values in the same order.
    pub async fn load_list<K: Key>(
        &self,
        keys: Vec<K>,
        columns: ColumnSet,
    ) -> Result<Values<K>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.0.db.meter().take_bytes(WAITER)?;
        let (sender, receiver) = oneshot::channel();
        let is_first = self.with_waiting::<K, _>(|waiting| {
            waiting.columns = waiting.columns.union(columns);
            waiting.lists.push((keys, sender));
            waiting.lists.len() == 1
        });
        if is_first {
            let loader = self.clone();
            self.0.scheduler.push(async move { loader.load_all::<K>().await }.boxed());
        }
        // Tokio's cooperative budget would make every 128th of these awaits yield, and so miss the
        // batch.
        let loaded = tokio::task::unconstrained(receiver).await;
        loaded.unwrap_or_else(|_gone| Err(Error::internal("a load was dropped")))
    }

    /// Loads the values of all waiting keys of one type, and wakes their resolvers.
    async fn load_all<K: Key>(&self) {
        let Waiting { columns, lists } = self.with_waiting::<K, _>(std::mem::take);
        let wanted: usize = lists.iter().map(|(keys, _)| keys.len()).sum();
        let (keys, places) = deduplicated(&lists);
        let loaded = K::load(&self.0.db, &self.0.tenant, &keys, columns).await;
        let mut loaded = loaded.map_err(Error::from);
        let is_shared = keys.len() < wanted;
        for ((_, sender), places) in zip(lists, places) {
            let values = loaded.as_mut().map(|loaded| {
                let value = |place| {
                    let value: &mut Option<K::Value> = loaded.get_mut(place)?;
                    // If no key was requested twice, values are moved instead of cloned.
                    if is_shared { value.clone() } else { value.take() }
                };
                places.into_iter().map(value).collect()
            });
            // If a resolver was dropped, nobody receives its values.
            sender.send(values.map_err(|error| error.clone())).ok();
        }
    }

    fn with_waiting<K: Key, R>(&self, change: impl FnOnce(&mut Waiting<K>) -> R) -> R
    where
        R: Default,
    {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type =
            waiting.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Waiting::<K>::default()));
        // The downcast succeeds, because the map is keyed by the type.
        of_type.downcast_mut().map(change).unwrap_or_default()
    }
}

/// The distinct keys of these lists and, for each list, the indexes of its keys among them.
fn deduplicated<K: Key, S>(lists: &[(Vec<K>, S)]) -> (Vec<K>, Vec<Vec<usize>>) {
    let (mut all, mut places) = (Vec::new(), HashMap::new());
    let mut place = |key| {
        *places.entry(key).or_insert_with(|| {
            all.push(K::clone(key));
            all.len() - 1
        })
    };
    let of_lists = lists.iter().map(|(keys, _)| keys.iter().map(&mut place).collect()).collect();
    (all, of_lists)
}
