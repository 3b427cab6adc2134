//! The documents of an operation whose variables decide which fields and arguments it has.

use std::sync::{Arc, Mutex, PoisonError};

use apollo_compiler::{ExecutableDocument, Node, Schema, executable, validation::Valid};
use async_graphql::{Name, Value, Variables, parser::types};

use super::{
    convert::{Converted, Converter},
    problem::Problem,
};
use crate::limits::Limits;

/// Maximum number of documents that are kept. Clients usually set the same variables of an operation.
pub const KEPT_MAX: usize = 4;

/// An operation to convert again for other variables.
#[derive(Debug)]
pub struct Variants {
    text: String,
    document: Valid<ExecutableDocument>,
    operation: Node<executable::Operation>,
    /// The variables that decide.
    deciding: Vec<Name>,
    /// Converted documents, the last one that was used first.
    kept: Mutex<Vec<(Vec<Choice>, Arc<types::ExecutableDocument>)>>,
}

/// The part of a variable's value that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Omitted,
    Given(Option<bool>),
}

impl Variants {
    pub fn new(
        text: &str,
        document: Valid<ExecutableDocument>,
        operation: Node<executable::Operation>,
        deciding: impl IntoIterator<Item = String>,
    ) -> Self {
        let (text, deciding) = (text.to_owned(), deciding.into_iter().map(Name::new).collect());
        Self { text, document, operation, deciding, kept: Mutex::default() }
    }

    /// The document for these coerced values of the variables.
    pub fn document(
        &self,
        schema: &Schema,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<Arc<types::ExecutableDocument>, Problem> {
        let choices: Vec<Choice> =
            self.deciding.iter().map(|name| Choice::of(variables.get(name))).collect();
        if let Some(document) = self.kept(&choices) {
            return Ok(document);
        }
        let (document, operation) = (&self.document, &self.operation);
        let converter = Converter::new(schema, document, operation, &self.text, limits);
        let converted = converter.with_variables(variables).convert();
        let Converted { document, .. } = converted?;
        let document = Arc::new(document);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(0, (choices, Arc::clone(&document)));
        kept.truncate(KEPT_MAX);
        Ok(document)
    }

    fn kept(&self, choices: &[Choice]) -> Option<Arc<types::ExecutableDocument>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(of, _)| of == choices)?;
        kept.get_mut(..=place)?.rotate_right(1);
        kept.first().map(|(_, document)| Arc::clone(document))
    }
}

impl Choice {
    fn of(value: Option<&Value>) -> Self {
        match value {
            None => Self::Omitted,
            Some(Value::Boolean(value)) => Self::Given(Some(*value)),
            Some(_) => Self::Given(None),
        }
    }
}
