//! Documents: from the text that a client sends to a validated operation.
//!
//! A text is scanned ([`scan`]), parsed by apollo-compiler, measured with its fragments expanded
//! ([`bounds`]) and validated (by apollo-compiler, and by [`rules`] for the rules it lacks). Then
//! the requested operation is converted ([`convert`]) and its cost is estimated ([`cost`]). Each
//! step is bounded by the previous ones. The result is cached by the text, so a known document
//! costs one lookup. async-graphql, which executes the operation, does not validate it again.

mod bounds;
mod convert;
mod cost;
mod lines;
mod problem;
mod rules;
mod scalars;
mod scan;
mod variables;
mod variants;

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    parser::Parser,
    validation::{DiagnosticList, Valid},
};
use async_graphql::{Request, ServerError, Variables, parser::types::OperationType};
use quick_cache::{Equivalent, Weighter, sync::Cache};

use self::{
    convert::{Converted, Converter},
    cost::{Cost, Estimator},
    lines::Lines,
    problem::{Problem, problems},
    variables::Declared,
    variants::{KEPT_MAX, Variants},
};
use super::description::{self, Place};
use crate::limits::{Exceeded, Limits};

/// Maximum size of the cached operations, in bytes.
const CACHE_BYTES: u64 = 64 << 20;

/// Approximate number of operations in the cache.
const CACHE_ITEMS: usize = 4_000;

/// Memory that one field of an introspection response takes, in bytes.
const DESCRIBED_BYTES: usize = 150;

/// A server's settings for documents.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether clients may query the schema by introspection.
    pub introspection: bool,
    /// Whether errors about unknown names suggest similar names from the schema.
    pub suggestions: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { introspection: true, suggestions: true }
    }
}

/// An operation that can be executed any number of times.
#[derive(Debug)]
pub struct Operation {
    document: Document,
    name: Option<String>,
    ty: OperationType,
    variables: Declared,
    cost: Cost,
    /// The positions of the schema's description in the response.
    descriptions: Arc<[Place]>,
    bytes: usize,
    is_introspection: bool,
}

/// The document of an operation, in async-graphql's types.
#[derive(Debug)]
enum Document {
    Only(async_graphql::parser::types::ExecutableDocument),
    OfVariables(Variants),
}

impl Operation {
    /// The operation's name in the document.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn is_mutation(&self) -> bool {
        self.ty == OperationType::Mutation
    }

    /// Approximate memory of a request for the operation, including the introspection part of its response, in bytes.
    /// `fields` is the estimated number of fields in the response.
    pub fn bytes(&self, fields: usize) -> usize {
        let described =
            if self.is_introspection { fields.saturating_mul(DESCRIBED_BYTES) } else { 0 };
        self.bytes.saturating_add(described)
    }

    pub(super) fn descriptions(&self) -> Arc<[Place]> {
        Arc::clone(&self.descriptions)
    }
}

/// Cache key: the document's text and the operation's name. It contains the whole text, because
/// computing a digest takes longer than comparing texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    text: String,
    operation: Option<String>,
}

/// A borrowed [`Key`], for lookups.
#[derive(Clone, Copy, Hash)]
struct KeyRef<'a> {
    text: &'a str,
    operation: Option<&'a str>,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.text == key.text && self.operation == key.operation.as_deref()
    }
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Key, Arc<Operation>> for ByWeight {
    fn weight(&self, key: &Key, operation: &Arc<Operation>) -> u64 {
        // apollo-compiler's document is about as large as a converted one.
        let documents = match operation.document {
            Document::Only(_) => 1,
            Document::OfVariables(_) => 1 + KEPT_MAX,
        };
        let bytes = operation.bytes.saturating_mul(documents).saturating_add(key.text.len());
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Validates documents against the schema and caches valid operations.
pub struct Documents {
    schema: Valid<Schema>,
    estimator: Estimator,
    limits: Limits,
    policy: Policy,
    cache: Cache<Key, Arc<Operation>, ByWeight>,
}

impl Documents {
    /// Creates an empty cache. `sdl` is the server's own schema.
    pub fn new(sdl: &str, limits: Limits, policy: Policy) -> Result<Self, String> {
        // apollo-compiler's `__Type` lacks `isOneOf`, which tools request: it is new in the
        // September 2025 specification.
        let sdl = format!("{sdl}\nextend type __Type {{ isOneOf: Boolean }}\n");
        let schema = Schema::parse_and_validate(sdl, "schema.graphql");
        let schema = schema.map_err(|invalid| invalid.to_string())?;
        let cache = Cache::with_weighter(CACHE_ITEMS, CACHE_BYTES, ByWeight);
        Ok(Self { estimator: Estimator::new(&schema), schema, limits, policy, cache })
    }

    /// Returns the operation with this name, or the only one. Only valid operations are cached,
    /// because clients could send endless variations of invalid ones.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<ServerError>> {
        let key = KeyRef { text, operation: operation_name };
        if let Some(operation) = self.cache.get(&key) {
            return Ok(operation);
        }
        let operation = self.make(text, operation_name);
        let operation =
            operation.map_err(|it| it.into_iter().map(ServerError::from).collect::<Vec<_>>())?;
        let operation = Arc::new(operation);
        let key = Key { text: text.to_owned(), operation: operation_name.map(str::to_owned) };
        self.cache.insert(key, Arc::clone(&operation));
        Ok(operation)
    }

    /// Creates a request to execute. Also returns the estimated number of fields in its response.
    pub fn request(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<(Request, usize), Vec<ServerError>> {
        let request = self.bounded_request(operation, variables);
        request.map_err(|it| it.into_iter().map(ServerError::from).collect())
    }

    fn bounded_request(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<(Request, usize), Vec<Problem>> {
        let variables =
            operation.variables.coerce(&self.schema, variables, self.limits.value_depth)?;
        let fields = operation.cost.estimate(&variables);
        let unit = "fields, where those of a list count once for each row of its page";
        Exceeded::check("fields", unit, self.limits.fields, fields)
            .map_err(|exceeded| vec![exceeded.into()])?;
        // async-graphql takes the document by value.
        let document = match &operation.document {
            Document::Only(document) => document.clone(),
            Document::OfVariables(variants) => {
                let document = variants.document(&self.schema, &variables, &self.limits);
                Arc::unwrap_or_clone(document.map_err(|problem| vec![problem])?)
            }
        };
        let mut request = Request::new("").variables(variables);
        request.set_parsed_query(document);
        Ok((request, fields))
    }

    fn make(&self, text: &str, operation_name: Option<&str>) -> Result<Operation, Vec<Problem>> {
        let text = scan::scan(text, &self.limits).map_err(|exceeded| vec![exceeded.into()])?;
        let document = self.validate(&text)?;
        self.operation(&text, document, operation_name).map_err(|problem| vec![problem])
    }

    fn validate(&self, text: &str) -> Result<Valid<ExecutableDocument>, Vec<Problem>> {
        let problems =
            |errors: &DiagnosticList| problems(errors, text, &self.schema, self.policy.suggestions);
        let mut parser = Parser::new()
            // The scan has already bounded the depth and the tokens. The parser also counts each
            // run of whitespace as a token.
            .recursion_limit(2 * (self.limits.selection_set_depth() + self.limits.value_depth))
            .token_limit(2 * self.limits.tokens + 2);
        let ast = parser.parse_ast(text, "").map_err(|it| {
            // Only the first syntax error is reported, because the others follow from it.
            let mut problems = problems(&it.errors);
            problems.truncate(1);
            problems
        })?;
        let lines = Lines::new(text);
        bounds::check(&ast, &self.limits, &lines).map_err(|problem| vec![problem])?;
        let document =
            ast.to_executable_validate(&self.schema).map_err(|it| problems(&it.errors))?;
        let problems = rules::check(&self.schema, &document, &lines);
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }

    fn operation(
        &self,
        text: &str,
        document: Valid<ExecutableDocument>,
        name: Option<&str>,
    ) -> Result<Operation, Problem> {
        let operation = requested(&document, name)?.clone();
        let is_introspection = is_introspection(&document, &operation);
        if is_introspection && !self.policy.introspection {
            return Err(Problem::new("Introspection is turned off on this server."));
        }
        let converter = Converter::new(&self.schema, &document, &operation, text, &self.limits);
        let Converted { document: only, defaults, places, deciding, nodes } =
            converter.convert()?;
        let variables = Declared { definitions: operation.variables.clone(), defaults, places };
        let cost = self.estimator.operation(&document, &operation.selection_set);
        let descriptions = description::places(&document, &operation).into();
        let name = operation.name.as_ref().map(ToString::to_string);
        let ty = operation_type(&operation);
        // Measured: about 200 bytes per node, plus a constant.
        let bytes = 1_000 + 200 * nodes;
        let document = if deciding.is_empty() {
            Document::Only(only)
        } else {
            Document::OfVariables(Variants::new(text, document, operation, deciding))
        };
        Ok(Operation { document, name, ty, variables, cost, descriptions, bytes, is_introspection })
    }
}

type Source = Node<apollo_compiler::executable::Operation>;

/// The operation that a request selects.
fn requested<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Source, Problem> {
    match name {
        // The message omits the name, which can be any text.
        Some(name) => document.operations.named.get(name).ok_or_else(|| {
            Problem::new("The document has no operation with the name that operationName gives.")
        }),
        None => document.operations.get(None).map_err(|_invalid| {
            Problem::new(if document.operations.is_empty() {
                "The document has no operation."
            } else {
                "The document has several operations: operationName must say which."
            })
        }),
    }
}

fn operation_type(operation: &Source) -> OperationType {
    use apollo_compiler::ast::OperationType as Source;
    match operation.operation_type {
        Source::Query => OperationType::Query,
        Source::Mutation => OperationType::Mutation,
        Source::Subscription => OperationType::Subscription,
    }
}

/// Whether the operation is an introspection query. One that selects only `__typename` is not.
fn is_introspection(document: &ExecutableDocument, operation: &Source) -> bool {
    operation.root_fields(document).any(|it| it.name == "__schema" || it.name == "__type")
}
