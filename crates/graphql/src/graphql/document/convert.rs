//! Converts an apollo-compiler document to async-graphql's types: one operation and the fragments
//! that it uses.

use std::collections::HashMap;

use apollo_compiler::{
    ExecutableDocument, Name as SourceName, Node,
    ast::{self, OperationType, Type},
    executable::{Operation, Selection, SelectionSet},
    parser::SourceSpan,
};
use async_graphql::{Name, Pos, Positioned, Value as ConstValue, parser::types as target};
use async_graphql_value::Value;

use super::{lines::Lines, problem::Problem};
use crate::{graphql::scalars, limits::Exceeded};

/// An operation in async-graphql's types.
pub struct Converted {
    pub document: target::ExecutableDocument,
    /// The default values of variables.
    pub defaults: Vec<(Name, ConstValue)>,
    /// The depth of lists and objects at which each variable is used.
    pub places: HashMap<String, usize>,
    /// The number of AST nodes: fields, arguments, values and the like.
    pub nodes: usize,
}

pub struct Converter<'a> {
    document: &'a ExecutableDocument,
    lines: Lines<'a>,
    /// Interned names, which clones of the document share.
    names: HashMap<&'a str, Name>,
    /// Used fragments that have yet to be converted.
    pending: Vec<&'a str>,
    nodes: usize,
    /// Deepest nesting of a value, with its variables inserted.
    value_depth: usize,
    /// The depth of lists and objects around the value that is being converted.
    nesting: usize,
    /// The deepest use of each variable.
    places: HashMap<String, usize>,
}

type Result<T> = std::result::Result<T, Problem>;

impl<'a> Converter<'a> {
    pub fn new(document: &'a ExecutableDocument, lines: Lines<'a>, value_depth: usize) -> Self {
        Self {
            document,
            lines,
            names: HashMap::new(),
            pending: Vec::new(),
            nodes: 0,
            value_depth,
            nesting: 0,
            places: HashMap::new(),
        }
    }

    pub fn convert(mut self, operation: &'a Node<Operation>) -> Result<Converted> {
        let pos = self.pos(operation.location());
        let converted = target::OperationDefinition {
            ty: match operation.operation_type {
                OperationType::Query => target::OperationType::Query,
                OperationType::Mutation => target::OperationType::Mutation,
                OperationType::Subscription => target::OperationType::Subscription,
            },
            variable_definitions: self.all(&operation.variables, Self::variable)?,
            directives: self.all(&operation.directives, Self::directive)?,
            selection_set: self.selection_set(&operation.selection_set, pos)?,
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
        let document = target::ExecutableDocument { operations, fragments: self.fragments()? };
        self.check_defaults(operation)?;
        Ok(Converted { document, defaults, places: self.places, nodes: self.nodes })
    }

    /// Checks the depth of default values together with the values around the variables that they
    /// replace.
    fn check_defaults(&self, operation: &Operation) -> Result<()> {
        for variable in &operation.variables {
            let place = self.places.get(variable.name.as_str()).copied().unwrap_or_default();
            if let Some(default) = &variable.default_value {
                check_value_depth(self.value_depth, place + depth(default))?;
            }
        }
        Ok(())
    }

    fn fragments(&mut self) -> Result<HashMap<Name, Positioned<target::FragmentDefinition>>> {
        let mut converted = HashMap::new();
        while let Some(name) = self.pending.pop() {
            let key = self.name(name);
            let Some(fragment) = self.document.fragments.get(name) else { continue };
            if converted.contains_key(&key) {
                continue;
            }
            let pos = self.pos(fragment.location());
            let node = target::FragmentDefinition {
                type_condition: self.type_condition(fragment.type_condition()),
                directives: self.all(&fragment.directives, Self::directive)?,
                selection_set: self.selection_set(&fragment.selection_set, pos)?,
            };
            converted.insert(key, Positioned::new(node, pos));
        }
        Ok(converted)
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
            self.nodes += 1;
            let pos = self.pos(it.location());
            Ok(Positioned::new(convert(self, it)?, pos))
        });
        nodes.collect()
    }

    fn type_condition(&mut self, name: &'a SourceName) -> Positioned<target::TypeCondition> {
        let pos = self.pos(name.location());
        Positioned::new(target::TypeCondition { on: self.placed_name(name) }, pos)
    }

    /// apollo-compiler does not record where a selection set begins, so `pos` is the position of
    /// its owner.
    fn selection_set(
        &mut self,
        set: &'a SelectionSet,
        pos: Pos,
    ) -> Result<Positioned<target::SelectionSet>> {
        let items = set.selections.iter().map(|it| self.selection(it)).collect::<Result<_>>()?;
        Ok(Positioned::new(target::SelectionSet { items }, pos))
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Positioned<target::Selection>> {
        self.nodes += 1;
        let pos = self.pos(match selection {
            Selection::Field(it) => it.location(),
            Selection::InlineFragment(it) => it.location(),
            Selection::FragmentSpread(it) => it.location(),
        });
        let converted = match selection {
            Selection::Field(it) => {
                let field = target::Field {
                    alias: it.alias.as_ref().map(|it| self.placed_name(it)),
                    name: self.placed_name(&it.name),
                    arguments: self.arguments(&it.arguments)?,
                    directives: self.all(&it.directives, Self::directive)?,
                    selection_set: self.selection_set(&it.selection_set, pos)?,
                };
                target::Selection::Field(Positioned::new(field, pos))
            }
            Selection::InlineFragment(it) => {
                let condition = it.type_condition.as_ref();
                let fragment = target::InlineFragment {
                    type_condition: condition.map(|it| self.type_condition(it)),
                    directives: self.all(&it.directives, Self::directive)?,
                    selection_set: self.selection_set(&it.selection_set, pos)?,
                };
                target::Selection::InlineFragment(Positioned::new(fragment, pos))
            }
            Selection::FragmentSpread(it) => {
                self.pending.push(it.fragment_name.as_str());
                let spread = target::FragmentSpread {
                    fragment_name: self.placed_name(&it.fragment_name),
                    directives: self.all(&it.directives, Self::directive)?,
                };
                target::Selection::FragmentSpread(Positioned::new(spread, pos))
            }
        };
        Ok(Positioned::new(converted, pos))
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
        let arguments = arguments.iter().map(|it| {
            let pos = self.pos(it.value.location());
            Ok((self.placed_name(&it.name), Positioned::new(self.value(&it.value)?, pos)))
        });
        arguments.collect()
    }

    fn value(&mut self, value: &'a Node<ast::Value>) -> Result<Value> {
        self.nodes += 1;
        check_value_depth(self.value_depth, self.nesting)?;
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
                let fields = fields.iter().map(|(name, it)| Ok((self.name(name), self.value(it)?)));
                let fields = fields.collect::<Result<_>>()?;
                self.nesting -= 1;
                Value::Object(fields)
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
