//! A resolver's access to its request. No other module reads the data of async-graphql's context.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use async_graphql::{Context, Pos};
use futures_util::future::BoxFuture;

use super::{batch::BatchScheduler, error::Error, loader::Loader, shape::Shape};
use crate::{
    auth::{Administrator, Tenant, Viewer, Writer},
    db::{self, Db, Meter, pick::ColumnSet},
    id::NodeType,
};

/// Everything that the resolvers of one request share.
pub struct RequestState {
    pub viewer: Viewer,
    pub db: Db,
    pub loader: Loader,
    pub scheduler: BatchScheduler,
    /// The shapes of the selections, by their position in the document.
    pub shapes: Memo<Pos, Shape>,
    /// The columns that selections need of the rows of a type.
    pub columns: Memo<(Pos, NodeType), ColumnSet>,
}

/// A cache of values that are computed once per request.
pub struct Memo<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Copy> Memo<K, V> {
    pub fn get_or(&self, key: K, compute: impl FnOnce() -> V) -> V {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(key).or_insert_with(compute)
    }
}

pub trait ContextExt {
    fn state(&self) -> Result<&RequestState, Error>;

    fn viewer(&self) -> Result<&Viewer, Error> {
        Ok(&self.state()?.viewer)
    }

    fn db(&self) -> Result<&Db, Error> {
        Ok(&self.state()?.db)
    }

    fn loader(&self) -> Result<&Loader, Error> {
        Ok(&self.state()?.loader)
    }

    /// Runs a load for this field only, with the next batch of the request's loads. It takes a
    /// boxed future, because every field of an object otherwise needs memory for the largest load
    /// of any field.
    fn load<T: Send + 'static>(
        &self,
        load: BoxFuture<'static, Result<T, db::Error>>,
    ) -> impl Future<Output = Result<T, Error>> + Send;

    /// The database and the tenant that such a load reads from.
    fn source(&self) -> Result<(Db, Tenant), Error> {
        Ok((self.db()?.clone(), self.tenant()?.clone()))
    }

    fn tenant(&self) -> Result<&Tenant, Error> {
        Ok(self.viewer()?.tenant())
    }

    /// The request's meter.
    fn meter(&self) -> Result<&Meter, Error> {
        Ok(self.db()?.meter())
    }

    /// The viewer, if it may write; otherwise the error is `FORBIDDEN`. Every mutation starts with
    /// this check, which also stops mutations of abandoned requests and mutations whose payload
    /// would be too big.
    fn writer(&self) -> Result<Writer<'_>, Error>;

    /// The viewer, if it has the scope admin; otherwise the error is `FORBIDDEN`.
    fn administrator(&self) -> Result<Administrator<'_>, Error> {
        self.viewer()?.administrator().ok_or_else(Error::not_administrator)
    }
}

impl ContextExt for Context<'_> {
    fn state(&self) -> Result<&RequestState, Error> {
        self.data().map_err(|error| Error::internal(&error.message))
    }

    fn writer(&self) -> Result<Writer<'_>, Error> {
        let meter = self.meter()?;
        if meter.is_abandoned() {
            return Err(Error::abandoned());
        }
        let writer = self.viewer()?.writer().ok_or_else(Error::forbidden)?;
        Shape::of_payload(&self.field()).take_payload(meter)?;
        meter.begin_writing();
        Ok(writer)
    }

    async fn load<T: Send + 'static>(
        &self,
        load: BoxFuture<'static, Result<T, db::Error>>,
    ) -> Result<T, Error> {
        let loaded = self.state()?.scheduler.run(load).await;
        Ok(loaded.ok_or_else(|| Error::internal("a load was dropped"))??)
    }
}
