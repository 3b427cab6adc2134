//! Stub of the document front.

use std::sync::Arc;

use async_graphql::{
    Request, Response, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, OperationType},
    },
};

use super::{Abandoned, Schema, error::with_code};
use crate::{auth::Viewer, db::Db, limits::Limits};

#[derive(Clone, Copy, Default)]
pub struct Policy {}

#[derive(Clone)]
pub struct Engine {
    schema: Schema,
}

pub struct Operation {
    text: String,
    name: Option<String>,
    is_mutation: bool,
}

impl Operation {
    pub fn is_mutation(&self) -> bool {
        self.is_mutation
    }
}

pub struct Bound {
    request: Request,
}

impl Engine {
    pub fn new(_limits: Limits, _policy: Policy) -> Self {
        Self { schema: super::schema() }
    }

    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<ServerError>> {
        let document = parse_query(text).map_err(|error| vec![with_code(error.into())])?;
        let is_mutation = match &document.operations {
            DocumentOperations::Single(it) => it.node.ty == OperationType::Mutation,
            DocumentOperations::Multiple(all) => {
                all.values().any(|it| it.node.ty == OperationType::Mutation)
            }
        };
        let name = operation_name.map(str::to_owned);
        Ok(Arc::new(Operation { text: text.to_owned(), name, is_mutation }))
    }

    pub fn bind(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<Bound, Vec<ServerError>> {
        let mut request = Request::new(&operation.text).variables(variables);
        request.operation_name.clone_from(&operation.name);
        Ok(Bound { request })
    }

    pub async fn execute(
        &self,
        db: &Db,
        viewer: Viewer,
        abandoned: Abandoned,
        bound: Bound,
    ) -> Response {
        super::execute(&self.schema, db, viewer, abandoned, bound.request).await
    }
}
