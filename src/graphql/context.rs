//! What a resolver can ask of the request: the only place that looks into it.

use async_graphql::{Context, dataloader::DataLoader};

use super::{error::Error, loader::Store};
use crate::{
    auth::{Tenant, Viewer, Writer},
    db::Db,
};

pub trait ContextExt {
    fn viewer(&self) -> Result<&Viewer, Error>;
    fn db(&self) -> Result<&Db, Error>;
    fn loader(&self) -> Result<&DataLoader<Store>, Error>;

    fn tenant(&self) -> Result<&Tenant, Error> {
        Ok(self.viewer()?.tenant())
    }

    /// The viewer, if it may write; else `FORBIDDEN`.
    fn writer(&self) -> Result<Writer<'_>, Error> {
        self.viewer()?.writer().ok_or_else(Error::forbidden)
    }
}

impl ContextExt for Context<'_> {
    fn viewer(&self) -> Result<&Viewer, Error> {
        self.data().map_err(|error| Error::internal(&error.message))
    }

    fn db(&self) -> Result<&Db, Error> {
        self.data().map_err(|error| Error::internal(&error.message))
    }

    fn loader(&self) -> Result<&DataLoader<Store>, Error> {
        self.data().map_err(|error| Error::internal(&error.message))
    }
}
