//! Loader keys for data that only customers have.

use std::sync::Arc;

use super::{Key, Values};
use crate::{
    auth::Tenant,
    db::{self, Db, Measured, pick::ColumnSet, types::Uid},
    models::customer::{
        duplicates::{self, Pair},
        lookup::SearchedChild,
        merge::Merged,
    },
};

/// Loader key for the customers that were merged into this one, last merge first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MergedInto(pub Uid);

impl Key for MergedInto {
    type Value = Arc<[Merged]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let customers: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read().await?;
        let mut found = Merged::into_customers(&mut lease.conn(), tenant, &customers).await?;
        Ok(customers.iter().map(|customer| found.remove(customer).map(Arc::from)).collect())
    }
}

/// Loader key for the contacts and addresses of a customer that a search has found.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SearchedChildrenOf(pub Uid);

impl Key for SearchedChildrenOf {
    type Value = Arc<[Measured<SearchedChild>]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let customers: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read_rows(customers.len()).await?;
        let conn = &mut lease.conn();
        let mut found = SearchedChild::of_customers(conn, tenant, &customers).await?;
        Ok(customers.iter().map(|customer| found.remove(customer).map(Arc::from)).collect())
    }
}

/// Loader key for the probable duplicates of a customer, most probable first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DuplicatesOf(pub Uid);

impl Key for DuplicatesOf {
    type Value = Arc<[Pair]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let customers: Vec<Uid> = keys.iter().map(|key| key.0).collect();
        let mut lease = db.read().await?;
        let mut found = duplicates::of_customers(&mut lease.conn(), tenant, &customers).await?;
        Ok(customers.iter().map(|customer| found.remove(customer).map(Arc::from)).collect())
    }
}
