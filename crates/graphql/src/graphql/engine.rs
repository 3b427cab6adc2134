//! The stages of a request in this layer: prepare the document, bind its variables and check the
//! limits, execute it.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Request, Response, ServerError, ValidationMode, Variables};
use futures_util::future::BoxFuture;

use super::{
    Schema,
    batch::BatchScheduler,
    context::{Memo, RequestState},
    description::{self, Place},
    document::{Documents, Operation, Policy},
    error::{not_durable, stopped, with_codes},
    loader::Loader,
    mutation::Mutation,
    query::Query,
    sdl_of,
};
use crate::{
    auth::Viewer,
    db::{Db, Meter},
    limits::Limits,
};

/// Executes GraphQL requests. Cheap to clone; clones share their cache of documents.
#[derive(Clone)]
pub struct Engine {
    schema: Schema,
    documents: Arc<Documents>,
}

/// An operation with its variables, ready to be executed once.
pub struct Bound {
    request: Request,
    /// Estimated number of fields in the response.
    pub fields: usize,
    /// Approximate memory in bytes, including the introspection part of the response.
    pub bytes: usize,
    descriptions: Arc<[Place]>,
}

impl Engine {
    /// # Panics
    ///
    /// If the server's own schema is invalid, which a test would find first.
    #[expect(clippy::expect_used, reason = "the schema is part of the program")]
    pub fn new(limits: Limits, policy: Policy) -> Self {
        let schema = schema(&limits);
        let documents = Documents::new(&sdl_of(&schema), limits, policy);
        Self { schema, documents: Arc::new(documents.expect("the schema is valid")) }
    }

    /// Parses and validates a document, and finds the operation with this name, or the only one.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<ServerError>> {
        self.documents.prepare(text, operation_name)
    }

    /// Checks the variables of an operation and its estimated cost.
    pub fn bind(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<Bound, Vec<ServerError>> {
        let (request, fields) = self.documents.request(operation, variables)?;
        let bytes = operation.bytes(fields);
        Ok(Bound { request, fields, bytes, descriptions: operation.descriptions() })
    }

    /// Executes an operation as this viewer, within the limits of the meter. Once the meter is
    /// abandoned, reading ends and no further mutation starts.
    ///
    /// The future is boxed so that this crate compiles all resolvers, and not the calling crate.
    pub fn execute<'a>(
        &'a self,
        db: &'a Db,
        viewer: Viewer,
        meter: &'a Meter,
        bound: Bound,
    ) -> BoxFuture<'a, Response> {
        Box::pin(self.response(db, viewer, meter, bound))
    }

    async fn response(&self, db: &Db, viewer: Viewer, meter: &Meter, bound: Bound) -> Response {
        let scheduler = BatchScheduler::default();
        let db = db.of_request(viewer.tenant().id(), meter.clone());
        let loader = Loader::new(db.clone(), viewer.tenant().clone(), scheduler.clone());
        let request = bound.request.data(RequestState {
            viewer,
            db: db.clone(),
            loader,
            scheduler: scheduler.clone(),
            shapes: Memo::default(),
            columns: Memo::default(),
        });
        let response = scheduler.drive(self.schema.execute(request), meter).await;
        let rejected = |overrun| Response::from_errors(vec![stopped(&overrun)]);
        let mut response = with_codes(response.unwrap_or_else(rejected));
        if let Err(error) = db.durable().await {
            // The response would confirm changes that a power failure may still undo.
            return Response::from_errors(vec![not_durable(&error)]);
        }
        description::fill(&mut response.data, &bound.descriptions);
        response
    }
}

/// The schema that async-graphql executes. Documents were validated and bounded before.
pub(super) fn schema(limits: &Limits) -> Schema {
    Schema::build(Query, Mutation::default(), EmptySubscription)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(limits.selection_set_depth() + 1)
        .disable_suggestions()
        .finish()
}
