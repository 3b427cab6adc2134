//! Validation rules that apollo-compiler does not check, or checks only partly:
//!
//! * duplicate fields of an input object,
//! * variables within lists and objects: their types must fit, and they must be defined,
//! * values of the server's custom scalars,
//! * fields with the same response name whose arguments are lists of different lengths,
//! * the depth of introspection.
//!
//! They run on valid and bounded documents only (see [`super::bounds`]), so they may recurse.

mod merging;

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{DirectiveList, Type, Value},
    executable::{Operation, Selection, SelectionSet},
    introspection,
    parser::SourceSpan,
    schema::ExtendedType,
    validation::Valid,
};

use super::{lines::Lines, problem::Problem, scalars};
use crate::limits::ERRORS_MAX;

pub fn check(
    schema: &Schema,
    document: &Valid<ExecutableDocument>,
    lines: &Lines<'_>,
) -> Vec<Problem> {
    let mut checker = Checker { schema, lines, problems: Vec::new(), has_lists: false };
    let fragments = document.fragments.iter();
    let fragments: HashMap<&str, Uses<'_>> = fragments
        .map(|(name, it)| (name.as_str(), checker.uses(&it.selection_set, &it.directives)))
        .collect();
    for operation in document.operations.iter() {
        checker.operation(operation, &fragments);
        if checker.has_lists {
            merging::check(schema, document, operation, &mut |message, at| {
                checker.problems.push(at_span(lines, message, at));
            });
        }
        if let Err(error) = introspection::check_max_depth(document, operation) {
            checker.report(&error.message().to_string(), error.location());
        }
    }
    checker.problems.truncate(ERRORS_MAX);
    checker.problems
}

fn at_span(lines: &Lines<'_>, message: &str, at: Option<SourceSpan>) -> Problem {
    Problem::at(message, at.map(|it| lines.pos(it.offset())))
}

/// The variables and fragments that an operation or a fragment uses.
#[derive(Default)]
struct Uses<'a> {
    variables: Vec<Use<'a>>,
    fragments: Vec<&'a str>,
}

struct Use<'a> {
    name: &'a Name,
    at: Option<SourceSpan>,
    /// The type that the schema expects at this position, and whether the position has a default;
    /// `None` within scalars.
    expected: Option<(&'a Type, bool)>,
}

struct Checker<'a> {
    schema: &'a Schema,
    lines: &'a Lines<'a>,
    problems: Vec<Problem>,
    /// Whether any field has a list as the value of an argument.
    has_lists: bool,
}

impl<'a> Checker<'a> {
    fn report(&mut self, message: &str, at: Option<SourceSpan>) {
        if self.problems.len() < ERRORS_MAX {
            self.problems.push(at_span(self.lines, message, at));
        }
    }

    fn uses(&mut self, set: &'a SelectionSet, directives: &'a DirectiveList) -> Uses<'a> {
        let mut uses = Uses::default();
        self.directives(directives, &mut uses);
        self.selections(set, &mut uses);
        uses
    }

    fn selections(&mut self, set: &'a SelectionSet, uses: &mut Uses<'a>) {
        for selection in &set.selections {
            self.directives(selection.directives(), uses);
            match selection {
                Selection::Field(it) => {
                    for argument in &it.arguments {
                        self.has_lists |= has_list(&argument.value);
                        let definition = it.definition.argument_by_name(&argument.name);
                        let expected = definition.map(|it| (&*it.ty, it.default_value.is_some()));
                        self.value(&argument.value, expected, uses);
                    }
                    self.selections(&it.selection_set, uses);
                }
                Selection::InlineFragment(it) => self.selections(&it.selection_set, uses),
                Selection::FragmentSpread(it) => uses.fragments.push(it.fragment_name.as_str()),
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList, uses: &mut Uses<'a>) {
        let schema = self.schema;
        for directive in directives {
            let definition = schema.directive_definitions.get(&directive.name);
            for argument in &directive.arguments {
                let definition = definition.and_then(|it| it.argument_by_name(&argument.name));
                let expected = definition.map(|it| (&*it.ty, it.default_value.is_some()));
                self.value(&argument.value, expected, uses);
            }
        }
    }

    fn value(
        &mut self,
        value: &'a Node<Value>,
        expected: Option<(&'a Type, bool)>,
        uses: &mut Uses<'a>,
    ) {
        // The items of a list are checked one by one.
        let single =
            expected.filter(|(ty, _)| !(ty.is_list() && matches!(**value, Value::List(_))));
        if let Some((ty, _)) = single
            && let Err(problem) = scalars::check_literal(ty.inner_named_type(), value)
        {
            self.report(&problem, value.location());
        }
        match &**value {
            Value::Variable(name) => {
                uses.variables.push(Use { name, at: value.location(), expected });
            }
            Value::List(items) => {
                let expected = expected.filter(|(ty, _)| ty.is_list());
                for item in items {
                    self.value(item, expected.map(|(ty, _)| (ty.item_type(), false)), uses);
                }
            }
            Value::Object(fields) => self.object(fields, expected.map(|(ty, _)| ty), uses),
            _ => {}
        }
    }

    fn object(
        &mut self,
        fields: &'a [(Name, Node<Value>)],
        expected: Option<&'a Type>,
        uses: &mut Uses<'a>,
    ) {
        // By input coercion, a single value stands for a list with one item.
        let input = expected.and_then(|ty| match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(it)) => Some(it),
            _ => None,
        });
        let mut seen = HashSet::new();
        for (name, value) in fields {
            if !seen.insert(name) {
                let message = format!("There can be only one input field named \"{name}\".");
                self.report(&message, name.location());
            }
            let field = input.and_then(|it| it.fields.get(name));
            let expected = field.map(|it| (&*it.ty, it.default_value.is_some()));
            self.value(value, expected, uses);
        }
    }

    fn operation(
        &mut self,
        operation: &'a Node<Operation>,
        fragments: &HashMap<&'a str, Uses<'a>>,
    ) {
        for definition in &operation.variables {
            if let Some(value) = &definition.default_value {
                self.value(value, Some((&definition.ty, false)), &mut Uses::default());
            }
        }
        let own = self.uses(&operation.selection_set, &operation.directives);
        self.variables(operation, &own);
        let mut pending = own.fragments;
        let mut seen = HashSet::new();
        while let Some(name) = pending.pop() {
            if let Some(uses) = fragments.get(name).filter(|_| seen.insert(name)) {
                self.variables(operation, uses);
                pending.extend(&uses.fragments);
            }
        }
    }

    fn variables(&mut self, operation: &Operation, uses: &Uses<'a>) {
        let defined: HashMap<&Name, _> =
            operation.variables.iter().map(|it| (&it.name, it)).collect();
        for Use { name, at, expected } in &uses.variables {
            let Some(definition) = defined.get(name) else {
                self.report(&format!("Variable \"${name}\" is not defined."), *at);
                continue;
            };
            let Some((expected, has_default)) = *expected else { continue };
            let has_own_default = definition.default_value.as_ref().is_some_and(|it| !it.is_null());
            let fits = if expected.is_non_null() && !definition.ty.is_non_null() {
                (has_own_default || has_default)
                    && definition.ty.is_assignable_to(&expected.clone().nullable())
            } else {
                definition.ty.is_assignable_to(expected)
            };
            if !fits {
                let message = format!(
                    "Variable \"${name}\" of type \"{}\" used in position expecting type \"{expected}\".",
                    definition.ty
                );
                self.report(&message, *at);
            }
        }
    }
}

fn has_list(value: &Value) -> bool {
    match value {
        Value::List(_) => true,
        Value::Object(fields) => fields.iter().any(|(_, it)| has_list(it)),
        _ => false,
    }
}
