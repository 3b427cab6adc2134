//! Loader keys, each with its query.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
};

use super::{Key, Values};
use crate::{
    auth::Tenant,
    db::{self, Db, Measured, pick::ColumnSet, types::Uid},
    models::{
        CustomerGroup, Row,
        child::{Child, ChildAttributes},
        customer_group::{self, Descendant, Level},
        grouped,
        list::{self, ListOf, Listed, Slice},
    },
};

/// Loader key for a row, by its id.
pub struct ById<R>(pub Uid, PhantomData<R>);

/// Loader key for the children of a parent, in order.
pub struct ChildrenOf<A>(pub Uid, PhantomData<A>);

/// Implements the traits of keys with a type parameter. Derives would require the traits of the
/// parameter as well, although the key does not contain a value of it.
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

impl<R: Row> Key for ById<R> {
    type Value = Measured<R>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read_rows(uids.len()).await?;
        let conn = &mut lease.conn();
        conn.meter().take_rows(uids.len())?;
        let mut rows = R::find_or_successors(conn, tenant, &uids, columns).await?;
        Ok(uids.iter().map(|uid| rows.remove(uid)).collect())
    }
}

impl<A: ChildAttributes> Key for ChildrenOf<A> {
    /// Shared by all resolvers that wait for it, because the list may be long.
    type Value = Arc<[Measured<Child<A>>]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let parents: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read_rows(parents.len()).await?;
        let conn = &mut lease.conn();
        let mut found = Child::columns_of_parents(conn, tenant, &parents, columns).await?;
        Ok(parents.iter().map(|parent| found.remove(parent).map(Arc::from)).collect())
    }
}

/// Loader key for the ancestors of a group, parent first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub Uid);

impl Key for AncestorsOf {
    type Value = Arc<[Measured<CustomerGroup>]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read().await?;
        let mut found =
            customer_group::ancestors(&mut lease.conn(), tenant, &uids, columns).await?;
        Ok(uids.iter().map(|uid| found.remove(uid).map(Arc::from)).collect())
    }
}

/// Loader key for the levels that customers with this primary group (`None`: without one) inherit values from, nearest
/// first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InheritedBy(pub Option<Uid>);

impl Key for InheritedBy {
    type Value = Arc<[Level]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let groups: Vec<Uid> = keys.iter().filter_map(|key| key.0).collect();
        let mut lease = db.read().await?;
        let found = customer_group::inherited(&mut lease.conn(), tenant, &groups).await?;
        Ok(keys.iter().map(|key| Some(found.levels(key.0).into())).collect())
    }
}

/// Loader key for the depth of a group in its tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DepthOf(pub Uid);

impl Key for DepthOf {
    type Value = i64;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let uids: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read().await?;
        let mut found = customer_group::depths(&mut lease.conn(), tenant, &uids).await?;
        Ok(uids.iter().map(|uid| found.remove(uid)).collect())
    }
}

/// Loader key for the descendants of a group, in the tree's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DescendantsOf {
    pub group: Uid,
    /// Number of levels below the group; all if `None`.
    pub levels: Option<u32>,
}

impl Key for DescendantsOf {
    type Value = Arc<[Descendant]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let mut loaded = HashMap::new();
        let mut lease = db.read().await?;
        // A field has the same argument for all groups, so there is one iteration unless the
        // request uses aliases.
        for (levels, groups) in group_by(keys, |key| key.levels, |key| key.group) {
            let conn = &mut lease.conn();
            let found = customer_group::descendants(conn, tenant, &groups, levels, columns).await?;
            loaded.insert(levels, found);
        }
        let mut of_key =
            |key: &Self| loaded.get_mut(&key.levels)?.remove(&key.group).map(Arc::from);
        Ok(keys.iter().map(&mut of_key).collect())
    }
}

/// Loader key for one page of the rows that belong to a parent.
#[derive(Clone)]
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

impl<E: Listed> Key for PageOf<E> {
    type Value = Slice<E>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let mut loaded = HashMap::new();
        let mut lease = db.read().await?;
        for ((relation, list), parents) in group_by(keys, PageOf::page, |key| key.parent) {
            let conn = &mut lease.conn();
            let found = list::pages::<E>(conn, tenant, relation, &parents, &list, columns).await?;
            loaded.insert((relation, list), found);
        }
        let mut of_key = |key: &Self| loaded.get_mut(&key.page())?.remove(&key.parent);
        Ok(keys.iter().map(&mut of_key).collect())
    }
}

/// Loader key for the number of rows that belong to a parent, on all pages. `P` is the key of one of these.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CountOf<P>(pub P);

impl<E: Listed> Key for CountOf<PageOf<E>> {
    type Value = i64;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let mut loaded = HashMap::new();
        let mut lease = db.read().await?;
        for ((relation, list), parents) in group_by(keys, |key| key.0.page(), |key| key.0.parent) {
            let conn = &mut lease.conn();
            let filter = E::resolve(conn, tenant, list.filter.clone()).await?;
            let found = E::counts(conn, tenant, relation, &parents, &filter).await?;
            loaded.insert((relation, list), found);
        }
        let mut of_key = |CountOf(key): &Self| loaded.get_mut(&key.page())?.remove(&key.parent);
        Ok(keys.iter().map(&mut of_key).collect())
    }
}

/// Groups keys by their common part. One statement loads each group.
pub(super) fn group_by<K, Common: Eq + Hash>(
    keys: &[K],
    common: impl Fn(&K) -> Common,
    uid: impl Fn(&K) -> Uid,
) -> HashMap<Common, Vec<Uid>> {
    grouped(keys.iter().map(|key| (common(key), uid(key))))
}
