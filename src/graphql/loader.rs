//! What nested fields load: one [`Store`], many key types. The type of the key selects the query.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::dataloader::Loader;

use super::error::Error;
use crate::{
    auth::Tenant,
    db::{Db, types::Uid},
    models::{
        CustomerGroup, Row,
        child::{Child, ChildAttributes, ROWS_MAX},
        customer_group::{self, Descendant},
        list::{self, ListOf, Listed, Slice},
    },
};

/// What a request loads from.
pub struct Store {
    db: Db,
    tenant: Tenant,
    rows: AtomicUsize,
}

impl Store {
    pub fn new(db: Db, tenant: Tenant) -> Self {
        Self { db, tenant, rows: AtomicUsize::new(0) }
    }

    /// Counts rows of the answer; too many are refused.
    pub fn count_rows(&self, rows: usize) -> Result<(), Error> {
        let before = self.rows.fetch_add(rows, Ordering::Relaxed);
        check_rows(before.saturating_add(rows))
    }
}

fn check_rows(rows: usize) -> Result<(), Error> {
    if rows <= ROWS_MAX {
        return Ok(());
    }
    let message = format!("the request comes to more than {ROWS_MAX} rows: ask for fewer at once");
    Err(Error::bad_input(message))
}

/// A row by its id.
pub struct ById<R>(pub Uid, PhantomData<R>);

/// The children of a parent, in order.
pub struct ChildrenOf<A>(pub Uid, PhantomData<A>);

/// What derives would say only of keys whose type parameter is as they want it: it is not in the
/// key.
macro_rules! key {
    ($($Key:ident),+) => {$(
        impl<T> $Key<T> {
            pub fn new(uid: Uid) -> Self {
                Self(uid, PhantomData)
            }
        }

        impl<T> Clone for $Key<T> {
            fn clone(&self) -> Self {
                Self::new(self.0)
            }
        }

        impl<T> PartialEq for $Key<T> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<T> Eq for $Key<T> {}

        impl<T> Hash for $Key<T> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
    )+};
}

key!(ById, ChildrenOf);

impl<R: Row> Loader<ById<R>> for Store {
    type Value = R;
    type Error = Error;

    async fn load(&self, keys: &[ById<R>]) -> Result<HashMap<ById<R>, R>, Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = self.db.read().await?;
        let rows = R::find_many(&mut lease.conn(), &self.tenant, &uids).await?;
        Ok(rows.into_iter().map(|row| (ById::new(row.uid()), row)).collect())
    }
}

impl<A: ChildAttributes> Loader<ChildrenOf<A>> for Store {
    /// Whoever waits for it gets the same one: it may be long.
    type Value = Arc<[Child<A>]>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[ChildrenOf<A>],
    ) -> Result<HashMap<ChildrenOf<A>, Arc<[Child<A>]>>, Error> {
        let parents: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = self.db.read().await?;
        let found = Child::of_parents(&mut lease.conn(), &self.tenant, &parents).await?;
        // Some may not have been read, and who wants but a few of these would not notice.
        check_rows(found.values().map(Vec::len).sum())?;
        Ok(found.into_iter().map(|(parent, it)| (ChildrenOf::new(parent), it.into())).collect())
    }
}

/// The ancestors of a group, its parent first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub Uid);

impl Loader<AncestorsOf> for Store {
    type Value = Vec<CustomerGroup>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[AncestorsOf],
    ) -> Result<HashMap<AncestorsOf, Vec<CustomerGroup>>, Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = self.db.read().await?;
        let found = customer_group::ancestors(&mut lease.conn(), &self.tenant, &uids).await?;
        Ok(found.into_iter().map(|(uid, groups)| (AncestorsOf(uid), groups)).collect())
    }
}

/// The level that a group is on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DepthOf(pub Uid);

impl Loader<DepthOf> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[DepthOf]) -> Result<HashMap<DepthOf, i64>, Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = self.db.read().await?;
        let found = customer_group::depths(&mut lease.conn(), &self.tenant, &uids).await?;
        Ok(found.into_iter().map(|(uid, depth)| (DepthOf(uid), depth)).collect())
    }
}

/// The descendants of a group, in the tree's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DescendantsOf {
    pub group: Uid,
    /// Only so many levels below it.
    pub levels: Option<u32>,
}

impl Loader<DescendantsOf> for Store {
    type Value = Vec<Descendant>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[DescendantsOf],
    ) -> Result<HashMap<DescendantsOf, Vec<Descendant>>, Error> {
        let mut loaded = HashMap::new();
        let mut lease = self.db.read().await?;
        // The same field of many groups has the same argument: this is one round, save for aliases.
        for (levels, groups) in group_by(keys, |key| key.levels, |key| key.group) {
            let (conn, tenant) = (&mut lease.conn(), &self.tenant);
            let found =
                customer_group::descendants(conn, tenant, &groups, levels, ROWS_MAX + 1).await?;
            let keyed = found.into_iter().map(|(group, it)| (DescendantsOf { group, levels }, it));
            loaded.extend(keyed);
        }
        Ok(loaded)
    }
}

/// One page of what belongs to a parent.
pub struct PageOf<E: Listed> {
    pub parent: Uid,
    pub relation: E::Relation,
    pub list: Arc<ListOf<E>>,
}

impl<E: Listed> PageOf<E> {
    fn page(&self) -> (E::Relation, Arc<ListOf<E>>) {
        (self.relation, Arc::clone(&self.list))
    }
}

impl<E: Listed> Clone for PageOf<E> {
    fn clone(&self) -> Self {
        Self { parent: self.parent, relation: self.relation, list: Arc::clone(&self.list) }
    }
}

impl<E: Listed> PartialEq for PageOf<E> {
    fn eq(&self, other: &Self) -> bool {
        self.parent == other.parent && self.page() == other.page()
    }
}

impl<E: Listed> Eq for PageOf<E> {}

impl<E: Listed> Hash for PageOf<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.parent, self.relation, &self.list).hash(state);
    }
}

impl<E: Listed> Loader<PageOf<E>> for Store {
    type Value = Slice<E>;
    type Error = Error;

    async fn load(&self, keys: &[PageOf<E>]) -> Result<HashMap<PageOf<E>, Slice<E>>, Error> {
        let mut loaded = HashMap::new();
        let mut lease = self.db.read().await?;
        for ((relation, list), parents) in group_by(keys, PageOf::page, |key| key.parent) {
            let (conn, tenant) = (&mut lease.conn(), &self.tenant);
            let resolved = list::resolved::<E>(conn, tenant, &list).await?;
            let found = E::pages(conn, tenant, relation, &parents, &resolved).await?;
            let key = |parent| PageOf { parent, relation, list: Arc::clone(&list) };
            loaded.extend(found.into_iter().map(|(parent, page)| (key(parent), page)));
        }
        Ok(loaded)
    }
}

/// How many there are on all pages of what belongs to a parent.
pub struct CountOf<E: Listed>(pub PageOf<E>);

impl<E: Listed> Clone for CountOf<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Listed> PartialEq for CountOf<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E: Listed> Eq for CountOf<E> {}

impl<E: Listed> Hash for CountOf<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E: Listed> Loader<CountOf<E>> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountOf<E>]) -> Result<HashMap<CountOf<E>, i64>, Error> {
        let mut loaded = HashMap::new();
        let mut lease = self.db.read().await?;
        for ((relation, list), parents) in group_by(keys, |key| key.0.page(), |key| key.0.parent) {
            let (conn, tenant) = (&mut lease.conn(), &self.tenant);
            let filter = E::resolve(conn, tenant, list.filter.clone()).await?;
            let found = E::counts(conn, tenant, relation, &parents, &filter).await?;
            let key = |parent| CountOf(PageOf { parent, relation, list: Arc::clone(&list) });
            loaded.extend(found.into_iter().map(|(parent, count)| (key(parent), count)));
        }
        Ok(loaded)
    }
}

/// The keys that can be loaded by one statement, by what they have in common.
fn group_by<K, Common: Eq + Hash>(
    keys: &[K],
    common: impl Fn(&K) -> Common,
    uid: impl Fn(&K) -> Uid,
) -> HashMap<Common, Vec<Uid>> {
    let mut groups: HashMap<Common, Vec<Uid>> = HashMap::new();
    for key in keys {
        groups.entry(common(key)).or_default().push(uid(key));
    }
    groups
}
