//! A resolver's access to its request. Nothing else uses the library's context.

use async_graphql::Context;
use futures_util::future::BoxFuture;

use super::{batch::BatchScheduler, error::Error, loader::Loader, memory};
use crate::{
    auth::{Administrator, Tenant, Viewer, Writer},
    db::{self, Db, Meter},
};

pub trait ContextExt {
    fn viewer(&self) -> Result<&Viewer, Error>;
    fn db(&self) -> Result<&Db, Error>;
    fn loader(&self) -> Result<&Loader, Error>;

    /// Runs a load for this field only, with the next batch of the request's loads. (Boxed, because
    /// each field of an object needs memory for the largest load of any of them.)
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

    /// The viewer, if it may write; otherwise `FORBIDDEN`. Every mutation starts with this check,
    /// which also stops mutations of abandoned requests and those whose payload would be too big.
    fn writer(&self) -> Result<Writer<'_>, Error>;

    /// The viewer, if it has the scope admin; else `FORBIDDEN`.
    fn administrator(&self) -> Result<Administrator<'_>, Error> {
        self.viewer()?.administrator().ok_or_else(Error::not_administrator)
    }
}

impl ContextExt for Context<'_> {
    fn viewer(&self) -> Result<&Viewer, Error> {
        data(self)
    }

    fn db(&self) -> Result<&Db, Error> {
        data(self)
    }

    fn loader(&self) -> Result<&Loader, Error> {
        data(self)
    }

    fn writer(&self) -> Result<Writer<'_>, Error> {
        let meter = self.meter()?;
        if meter.is_abandoned() {
            return Err(Error::abandoned());
        }
        let writer = self.viewer()?.writer().ok_or_else(Error::forbidden)?;
        memory::take_payload(self)?;
        meter.begin_writing();
        Ok(writer)
    }

    async fn load<T: Send + 'static>(
        &self,
        load: BoxFuture<'static, Result<T, db::Error>>,
    ) -> Result<T, Error> {
        let scheduler: &BatchScheduler = data(self)?;
        let loaded = scheduler.run(load).await;
        Ok(loaded.ok_or_else(|| Error::internal("a load was dropped"))??)
    }
}

fn data<'a, T: Send + Sync + 'static>(ctx: &'a Context<'_>) -> Result<&'a T, Error> {
    ctx.data().map_err(|error| Error::internal(&error.message))
}
