//! What a resolver can ask of the request: the only place that looks into it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, dataloader::DataLoader};

use super::{batch::BatchScheduler, error::Error, loader::Store};
use crate::{
    auth::{Tenant, Viewer, Writer},
    db::{self, Db},
};

/// Does nobody wait for the answer any more? A mutation that is under way then still ends as one
/// transaction, but those after it in the request do not begin.
#[derive(Clone, Default)]
pub struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub trait ContextExt {
    fn viewer(&self) -> Result<&Viewer, Error>;
    fn db(&self) -> Result<&Db, Error>;
    fn loader(&self) -> Result<&DataLoader<Store>, Error>;
    fn is_abandoned(&self) -> Result<bool, Error>;

    /// Runs a load that only this field wants, with the next batch of the request's loads.
    fn load<T: Send + 'static>(
        &self,
        load: impl Future<Output = Result<T, db::Error>> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> + Send;

    /// What such a load reads from.
    fn source(&self) -> Result<(Db, Tenant), Error> {
        Ok((self.db()?.clone(), self.tenant()?.clone()))
    }

    fn tenant(&self) -> Result<&Tenant, Error> {
        Ok(self.viewer()?.tenant())
    }

    /// The viewer, if it may write; else `FORBIDDEN`. Every mutation begins with it.
    fn writer(&self) -> Result<Writer<'_>, Error> {
        if self.is_abandoned()? {
            return Err(Error::abandoned());
        }
        self.viewer()?.writer().ok_or_else(Error::forbidden)
    }
}

impl ContextExt for Context<'_> {
    fn viewer(&self) -> Result<&Viewer, Error> {
        data(self)
    }

    fn db(&self) -> Result<&Db, Error> {
        data(self)
    }

    fn loader(&self) -> Result<&DataLoader<Store>, Error> {
        data(self)
    }

    fn is_abandoned(&self) -> Result<bool, Error> {
        data(self).map(Abandoned::is_set)
    }

    async fn load<T: Send + 'static>(
        &self,
        load: impl Future<Output = Result<T, db::Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let scheduler: &BatchScheduler = data(self)?;
        let loaded = scheduler.run(load).await;
        Ok(loaded.ok_or_else(|| Error::internal("a load was dropped"))??)
    }
}

fn data<'a, T: Send + Sync + 'static>(ctx: &'a Context<'_>) -> Result<&'a T, Error> {
    ctx.data().map_err(|error| Error::internal(&error.message))
}
