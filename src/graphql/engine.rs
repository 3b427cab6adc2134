//! The way of a request through the layer: prepared (what does the document mean?), bound (are these
//! variables right, and is it too much?), executed.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    EmptySubscription, Request, Response, ServerError, ValidationMode, Variables,
    dataloader::DataLoader,
};

use super::{
    Schema,
    batch::BatchScheduler,
    context::Abandoned,
    document::{Documents, Operation, Policy},
    error::with_codes,
    loader::Store,
    mutation::Mutation,
    query::Query,
    sdl,
};
use crate::{auth::Viewer, db::Db, limits::Limits};

/// Executes GraphQL requests. Cheap to clone; clones share their cache of documents.
#[derive(Clone)]
pub struct Engine {
    schema: Schema,
    documents: Arc<Documents>,
}

/// An operation with its variables, ready to be executed once.
pub struct Bound {
    request: Request,
    /// Fields that the response is estimated to have.
    pub fields: usize,
}

impl Engine {
    /// # Panics
    ///
    /// If the server's own schema is not valid, which a test would find first.
    #[expect(clippy::expect_used, reason = "the schema is part of the program")]
    pub fn new(limits: Limits, policy: Policy) -> Self {
        let documents = Documents::new(&sdl(), limits, policy).expect("the schema is valid");
        Self { schema: schema(&limits), documents: Arc::new(documents) }
    }

    /// Reads a document and finds the operation of that name, or the only one.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<ServerError>> {
        self.documents.prepare(text, operation_name)
    }

    /// Checks the variables of an operation and how much it asks for.
    pub fn bind(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<Bound, Vec<ServerError>> {
        let (request, fields) = self.documents.request(operation, variables)?;
        Ok(Bound { request, fields })
    }

    /// Executes an operation as that viewer. Once it is `abandoned`, none of its mutations begins.
    pub async fn execute(
        &self,
        db: &Db,
        viewer: Viewer,
        abandoned: Abandoned,
        bound: Bound,
    ) -> Response {
        let scheduler = BatchScheduler::default();
        let store = Store::new(db.clone(), viewer.tenant().clone());
        let loader = DataLoader::new(store, scheduler.spawner())
            .delay(Duration::ZERO)
            // However many keys there are, they are one statement.
            .max_batch_size(usize::MAX);
        let request = bound.request.data(viewer).data(abandoned).data(scheduler.clone());
        let request = request.data(db.clone()).data(loader);
        with_codes(scheduler.drive(self.schema.execute(request)).await)
    }
}

/// The schema as async-graphql executes it. Documents are validated and bounded before.
pub(super) fn schema(limits: &Limits) -> Schema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(limits.selection_set_depth() + 1)
        .disable_suggestions()
        .finish()
}
