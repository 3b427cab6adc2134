//! Checks the values of variables against their types before execution.

use std::collections::HashMap;

use apollo_compiler::{
    Node, Schema,
    ast::{Type, VariableDefinition},
    schema::{EnumType, ExtendedType, InputObjectType},
};
use async_graphql::{Name, Number, Value, Variables, indexmap::IndexMap};

use super::{convert::check_value_depth, problem::Problem, scalars};
use crate::limits::ERRORS_MAX;

/// The variables that an operation declares.
#[derive(Debug)]
pub struct Declared {
    pub definitions: Vec<Node<VariableDefinition>>,
    pub defaults: Vec<(Name, Value)>,
    /// The depth of lists and objects at which each variable is used.
    pub places: HashMap<String, usize>,
}

impl Declared {
    /// The coerced values of the declared variables, with defaults for missing ones.
    pub fn coerce(
        &self,
        schema: &Schema,
        mut given: Variables,
        value_depth: usize,
    ) -> Result<Variables, Vec<Problem>> {
        let mut variables = Variables::default();
        let mut checker = Checker { schema, problems: Vec::new() };
        for definition in &self.definitions {
            let name = definition.name.as_str();
            let value = given.remove(&Name::new(name));
            let Some(value) = value else {
                let is_required = definition.ty.is_non_null() && definition.default_value.is_none();
                if is_required {
                    checker.report(format!(
                        "Variable \"${name}\" of required type \"{}\" was not provided.",
                        definition.ty
                    ));
                }
                continue;
            };
            let place = self.places.get(name).copied().unwrap_or_default();
            let left = value_depth.saturating_sub(place);
            check_value_depth(value_depth, place + depth(&value, left + 1))
                .map_err(|exceeded| vec![exceeded.into()])?;
            checker.value(&mut Path { variable: name, fields: Vec::new() }, &definition.ty, &value);
            variables.insert(Name::new(name), value);
        }
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }
        for (name, value) in &self.defaults {
            if !variables.contains_key(name) {
                variables.insert(name.clone(), value.clone());
            }
        }
        Ok(variables)
    }
}

/// The depth of a value. Counting stops at `most`, which also bounds the recursion.
fn depth(value: &Value, most: usize) -> usize {
    let Some(left) = most.checked_sub(1) else { return 0 };
    match value {
        Value::List(items) => 1 + items.iter().map(|it| depth(it, left)).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(|it| depth(it, left)).max().unwrap_or(0),
        _ => 0,
    }
}

/// The path to a value within a variable.
struct Path<'a> {
    variable: &'a str,
    fields: Vec<String>,
}

struct Checker<'a> {
    schema: &'a Schema,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, message: String) {
        if self.problems.len() < ERRORS_MAX {
            self.problems.push(Problem::new(message));
        }
    }

    fn invalid(&mut self, path: &Path<'_>, problem: &str) {
        let at = match path.fields.join("") {
            place if place.is_empty() => String::new(),
            place => format!(" at \"{}{place}\"", path.variable),
        };
        self.report(format!("Variable \"${}\" got invalid value{at}; {problem}", path.variable));
    }

    /// The document is bounded and the depth of the value was checked, so this may recurse.
    fn value(&mut self, path: &mut Path<'_>, ty: &Type, value: &Value) {
        if *value == Value::Null {
            if ty.is_non_null() {
                self.invalid(path, &format!("Expected non-nullable type \"{ty}\" not to be null."));
            }
            return;
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => match value {
                Value::List(items) => {
                    for (position, it) in items.iter().enumerate() {
                        path.fields.push(format!("[{position}]"));
                        self.value(path, item, it);
                        path.fields.pop();
                    }
                }
                // By input coercion, a single value stands for a list with one item.
                single => self.value(path, item, single),
            },
            Type::Named(name) | Type::NonNullNamed(name) => self.named(path, name, value),
        }
    }

    fn named(&mut self, path: &mut Path<'_>, name: &str, value: &Value) {
        let problem = match self.schema.types.get(name) {
            Some(ExtendedType::Scalar(_)) => scalar(name, value),
            Some(ExtendedType::Enum(it)) => enumeration(it, value),
            Some(ExtendedType::InputObject(input)) => match value {
                Value::Object(fields) => {
                    self.object(path, input, fields);
                    Ok(())
                }
                _ => Err(format!("Expected type \"{name}\" to be an object.")),
            },
            _ => Ok(()),
        };
        if let Err(problem) = problem {
            self.invalid(path, &problem);
        }
    }

    fn object(
        &mut self,
        path: &mut Path<'_>,
        input: &InputObjectType,
        fields: &IndexMap<Name, Value>,
    ) {
        for (field, definition) in &input.fields {
            if let Some(value) = fields.get(field.as_str()) {
                path.fields.push(format!(".{field}"));
                self.value(path, &definition.ty, value);
                path.fields.pop();
            } else if definition.ty.is_non_null() && definition.default_value.is_none() {
                let ty = &definition.ty;
                let problem =
                    format!("Field \"{field}\" of required type \"{ty}\" was not provided.");
                self.invalid(path, &problem);
            }
        }
        for field in fields.keys().filter(|it| !input.fields.contains_key(it.as_str())) {
            let ty = &input.name;
            let problem = format!("Field \"{}\" is not defined by type \"{ty}\".", shown(field));
            self.invalid(path, &problem);
        }
    }
}

/// A text from the client, shortened for a message.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

fn enumeration(ty: &EnumType, value: &Value) -> Result<(), String> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Enum(name) => name.as_str(),
        _ => return Err(format!("Enum \"{}\" cannot represent non-string value.", ty.name)),
    };
    if ty.values.contains_key(text) {
        Ok(())
    } else {
        Err(format!("Value \"{}\" does not exist in \"{}\" enum.", shown(text), ty.name))
    }
}

fn scalar(ty: &str, value: &Value) -> Result<(), String> {
    let problem = match (ty, value) {
        ("Int", Value::Number(number)) => return int(number),
        ("Int", Value::Binary(number)) => {
            let number = String::from_utf8_lossy(number);
            return Err(format!("Int cannot represent non-integer value: {}", shown(&number)));
        }
        ("Float", Value::Number(_))
        | ("String" | "ID", Value::String(_))
        | ("Boolean", Value::Boolean(_)) => return Ok(()),
        ("ID", Value::Number(number)) if !number.is_f64() => return Ok(()),
        ("ID", _) => "ID cannot represent a value that is neither a string nor an integer.",
        ("Int", _) => "Int cannot represent non-integer value.",
        ("Float", _) => "Float cannot represent non numeric value.",
        ("Boolean", _) => "Boolean cannot represent a non boolean value.",
        ("String", _) => "String cannot represent a non string value.",
        _ => return scalars::check_value(ty, value),
    };
    Err(problem.to_owned())
}

fn int(number: &Number) -> Result<(), String> {
    match number.as_i64() {
        Some(whole) if i32::try_from(whole).is_ok() => Ok(()),
        None if number.is_f64() => Err(format!("Int cannot represent non-integer value: {number}")),
        _ => Err(format!("Int cannot represent non 32-bit signed integer value: {number}")),
    }
}
