//! The options for trusted and persisted documents.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::{
    graphql::Engine,
    http::{Documents, REGISTERED_BYTES, Trusted},
};

#[derive(Args)]
pub struct DocumentArgs {
    /// Accept only the documents of this manifest, as written by Relay's compiler, GraphQL Code
    /// Generator or Apollo's tools. Clients refer to them by id.
    #[arg(long, env = "CLIENTELE_TRUSTED_DOCUMENTS", value_name = "FILE")]
    trusted_documents: Option<PathBuf>,

    /// Bytes of documents that the clients of a tenant can register in order to send only their
    /// hashes later (automatic persisted queries); 0 for none.
    #[arg(
        long,
        env = "CLIENTELE_PERSISTED_BYTES",
        default_value_t = REGISTERED_BYTES,
        value_name = "NUMBER"
    )]
    persisted_bytes: usize,
}

impl DocumentArgs {
    pub fn documents(&self, engine: &Engine) -> anyhow::Result<Documents> {
        let Some(path) = &self.trusted_documents else {
            return Ok(Documents::any(self.persisted_bytes));
        };
        let trusted = Trusted::read(path, engine).context("--trusted-documents")?;
        tracing::info!("accepting {} trusted documents, and no others", trusted.len());
        Ok(Documents::Trusted(trusted))
    }
}
