//! The way of a request through the layer: prepared (what does the document mean?), bound (are these
//! variables right, and is it too much?), executed.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Request, Response, ServerError, ValidationMode, Variables};

use super::{
    Schema,
    batch::BatchScheduler,
    description::{self, Place},
    document::{Documents, Operation, Policy},
    error::{limit_exceeded, with_codes},
    loader::Loader,
    memory::Shapes,
    mutation::Mutation,
    query::Query,
    sdl,
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
    /// Fields that the response is estimated to have.
    pub fields: usize,
    descriptions: Arc<[Place]>,
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
        Ok(Bound { request, fields, descriptions: operation.descriptions() })
    }

    /// Executes an operation as that viewer, within what the meter allows. Once the meter is
    /// abandoned, reading ends and no mutation begins.
    pub async fn execute(&self, db: &Db, viewer: Viewer, meter: &Meter, bound: Bound) -> Response {
        let scheduler = BatchScheduler::default();
        let db = db.metered(meter.clone());
        let loader = Loader::new(db.clone(), viewer.tenant().clone(), scheduler.clone());
        let request = bound.request.data(viewer).data(scheduler.clone());
        let request = request.data(db).data(loader).data(Arc::new(Shapes::default()));
        let response = scheduler.drive(self.schema.execute(request), meter).await;
        let rejected = |exceeded| Response::from_errors(vec![limit_exceeded(&exceeded)]);
        let mut response = with_codes(response.unwrap_or_else(rejected));
        description::fill(&mut response.data, &bound.descriptions);
        response
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
