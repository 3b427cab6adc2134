//! Converts an operation of an apollo-compiler document to async-graphql's types.
//!
//! async-graphql executes each selection of a field by itself, and passes `null` for a variable without a value. The
//! specification has fields with the same response name merged before they are executed, and arguments omitted whose
//! variables have no value. Therefore the conversion does both: it expands fragments, evaluates `@skip` and `@include`,
//! merges fields, and leaves arguments out.

mod selection;

use std::collections::{BTreeSet, HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Name as SourceName, Node, Schema,
    ast::{self, OperationType, Type},
    executable::Operation,
    parser::SourceSpan,
};
use async_graphql::{
    Name, Pos, Positioned, Value as ConstValue, Variables, indexmap::IndexMap,
    parser::types as target,
};
use async_graphql_value::Value;

use super::{lines::Lines, problem::Problem};
use crate::{
    graphql::scalars,
    limits::{Exceeded, Limits},
};

/// An operation in async-graphql's types.
pub struct Converted {
    pub document: target::ExecutableDocument,
    /// The default values of variables.
    pub defaults: Vec<(Name, ConstValue)>,
    /// The depth of lists and objects at which each variable is used.
    pub places: HashMap<String, usize>,
    /// The variables whose values decide which fields and arguments the document has.
    pub deciding: BTreeSet<String>,
    /// The number of AST nodes: fields, arguments, values and the like.
    pub nodes: usize,
}

pub struct Converter<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    operation: &'a Node<Operation>,
    /// The variables that may have no value.
    optional: HashSet<&'a str>,
    /// The coerced values of the variables. Without them, all fields are selected and all arguments given.
    variables: Option<&'a Variables>,
    lines: Lines<'a>,
    limits: &'a Limits,
    /// Interned names, which clones of the document share.
    names: HashMap<&'a str, Name>,
    nodes: usize,
    /// The depth of lists and objects around the value that is being converted.
    nesting: usize,
    /// The deepest use of each variable.
    places: HashMap<String, usize>,
    deciding: BTreeSet<String>,
}

type Result<T> = std::result::Result<T, Problem>;

impl<'a> Converter<'a> {
    pub fn new(
        schema: &'a Schema,
        document: &'a ExecutableDocument,
        operation: &'a Node<Operation>,
        text: &'a str,
        limits: &'a Limits,
    ) -> Self {
        let optional = operation.variables.iter().filter_map(|it| {
            let is_optional = !it.ty.is_non_null() && it.default_value.is_none();
            is_optional.then_some(it.name.as_str())
        });
        Self {
            schema,
            document,
            operation,
            optional: optional.collect(),
            variables: None,
            lines: Lines::new(text),
            limits,
            names: HashMap::new(),
            nodes: 0,
            nesting: 0,
            places: HashMap::new(),
            deciding: BTreeSet::new(),
        }
    }

    /// Selects the fields and arguments for these coerced values of the variables.
    #[must_use]
    pub fn with_variables(self, variables: &'a Variables) -> Self {
        Self { variables: Some(variables), ..self }
    }

    pub fn convert(mut self) -> Result<Converted> {
        let operation = self.operation;
        let pos = self.pos(operation.location());
        let converted = target::OperationDefinition {
            ty: match operation.operation_type {
                OperationType::Query => target::OperationType::Query,
                OperationType::Mutation => target::OperationType::Mutation,
                OperationType::Subscription => target::OperationType::Subscription,
            },
            variable_definitions: self.all(&operation.variables, Self::variable)?,
            directives: self.all(&operation.directives, Self::directive)?,
            selection_set: self.selection_set(&[&operation.selection_set], pos)?,
        };
        let defaults = converted.variable_definitions.iter().filter_map(|it| {
            let default = it.node.default_value.as_ref()?;
            Some((it.node.name.node.clone(), default.node.clone()))
        });
        let defaults = defaults.collect();
        let operations = match &operation.name {
            None => target::DocumentOperations::Single(Positioned::new(converted, pos)),
            Some(name) => {
                let converted = Positioned::new(converted, pos);
                target::DocumentOperations::Multiple([(self.name(name), converted)].into())
            }
        };
        let document = target::ExecutableDocument { operations, fragments: HashMap::new() };
        self.check_defaults(operation)?;
        let Self { places, deciding, nodes, .. } = self;
        Ok(Converted { document, defaults, places, deciding, nodes })
    }

    /// Checks the depth of default values together with the values around the variables that they
    /// replace.
    fn check_defaults(&self, operation: &Operation) -> Result<()> {
        for variable in &operation.variables {
            let place = self.places.get(variable.name.as_str()).copied().unwrap_or_default();
            if let Some(default) = &variable.default_value {
                check_value_depth(self.limits.value_depth, place + depth(default))?;
            }
        }
        Ok(())
    }

    fn pos(&self, span: Option<SourceSpan>) -> Pos {
        span.map_or_else(Pos::default, |it| self.lines.pos(it.offset()))
    }

    fn name(&mut self, name: &'a str) -> Name {
        self.names.entry(name).or_insert_with(|| Name::new(name)).clone()
    }

    fn placed_name(&mut self, name: &'a SourceName) -> Positioned<Name> {
        let pos = self.pos(name.location());
        Positioned::new(self.name(name), pos)
    }

    fn all<T, U>(
        &mut self,
        nodes: &'a [Node<T>],
        mut convert: impl FnMut(&mut Self, &'a T) -> Result<U>,
    ) -> Result<Vec<Positioned<U>>> {
        let nodes = nodes.iter().map(|it| {
            self.count()?;
            let pos = self.pos(it.location());
            Ok(Positioned::new(convert(self, it)?, pos))
        });
        nodes.collect()
    }

    /// Counts an AST node. Expanded fragments repeat their arguments, so the limit of a document's tokens is not enough.
    fn count(&mut self) -> Result<()> {
        self.nodes += 1;
        let unit = "fields and values with fragments expanded";
        let most = self.limits.selections.saturating_add(self.limits.tokens);
        Ok(Exceeded::check("selections", unit, most, self.nodes)?)
    }

    fn variable(&mut self, it: &'a ast::VariableDefinition) -> Result<target::VariableDefinition> {
        let type_pos = self.pos(it.ty.location());
        let default_value = match &it.default_value {
            None => None,
            Some(value) => {
                let pos = self.pos(value.location());
                self.value(value)?.into_const().map(|it| Positioned::new(it, pos))
            }
        };
        Ok(target::VariableDefinition {
            name: self.placed_name(&it.name),
            var_type: Positioned::new(self.ty(&it.ty), type_pos),
            directives: self.all(&it.directives, Self::directive)?,
            default_value,
        })
    }

    fn ty(&mut self, ty: &'a Type) -> target::Type {
        let (base, nullable) = match ty {
            Type::Named(name) => (target::BaseType::Named(self.name(name)), true),
            Type::NonNullNamed(name) => (target::BaseType::Named(self.name(name)), false),
            Type::List(item) => (target::BaseType::List(Box::new(self.ty(item))), true),
            Type::NonNullList(item) => (target::BaseType::List(Box::new(self.ty(item))), false),
        };
        target::Type { base, nullable }
    }

    fn directive(&mut self, it: &'a ast::Directive) -> Result<target::Directive> {
        Ok(target::Directive {
            name: self.placed_name(&it.name),
            arguments: self.arguments(&it.arguments)?,
        })
    }

    fn arguments(
        &mut self,
        arguments: &'a [Node<ast::Argument>],
    ) -> Result<Vec<(Positioned<Name>, Positioned<Value>)>> {
        let mut converted = Vec::with_capacity(arguments.len());
        for it in arguments {
            if !self.is_omitted(&it.value) {
                let pos = self.pos(it.value.location());
                let value = Positioned::new(self.value(&it.value)?, pos);
                converted.push((self.placed_name(&it.name), value));
            }
        }
        Ok(converted)
    }

    fn value(&mut self, value: &'a Node<ast::Value>) -> Result<Value> {
        self.count()?;
        check_value_depth(self.limits.value_depth, self.nesting)?;
        Ok(match &**value {
            ast::Value::Null => Value::Null,
            ast::Value::Enum(it) => Value::Enum(self.name(it)),
            ast::Value::Variable(it) => {
                let nesting = self.nesting;
                let place = self.places.entry(it.to_string()).or_default();
                *place = nesting.max(*place);
                Value::Variable(self.name(it))
            }
            ast::Value::String(it) => Value::String(it.clone()),
            ast::Value::Boolean(it) => Value::Boolean(*it),
            ast::Value::Int(it) => number(it.as_str()),
            ast::Value::Float(it) => number(it.as_str()),
            ast::Value::List(items) => {
                self.nesting += 1;
                let items = items.iter().map(|it| self.value(it)).collect::<Result<_>>()?;
                self.nesting -= 1;
                Value::List(items)
            }
            ast::Value::Object(fields) => {
                self.nesting += 1;
                let mut converted = IndexMap::with_capacity(fields.len());
                for (name, value) in fields {
                    if !self.is_omitted(value) {
                        converted.insert(self.name(name), self.value(value)?);
                    }
                }
                self.nesting -= 1;
                Value::Object(converted)
            }
        })
    }
}

/// Converts a number: to an integer if possible, otherwise to its text as written.
fn number(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => Value::Number(whole.into()),
        Err(_other) => Value::Binary(scalars::written_number(text)),
    }
}

/// Checks the depth of a value with its variables inserted.
pub fn check_value_depth(max: usize, depth: usize) -> std::result::Result<(), Exceeded> {
    Exceeded::check("value-depth", "levels of values with variables inserted", max, depth)
}

/// The depth of a value. The document is bounded, so this may recurse.
fn depth(value: &ast::Value) -> usize {
    match value {
        ast::Value::List(items) => 1 + items.iter().map(|it| depth(it)).max().unwrap_or(0),
        ast::Value::Object(fields) => 1 + fields.iter().map(|(_, it)| depth(it)).max().unwrap_or(0),
        _ => 0,
    }
}
