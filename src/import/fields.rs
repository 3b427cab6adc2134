//! The fields of a customer's row, and their problems.

use serde_json::{Map, Value};

use super::{
    Problem,
    columns::{kind_of, no_such_field},
};
use crate::{
    db::{self, types::Uid},
    id::NodeType,
    models::{self, Violations, attribute::Attributes},
    transfer::fields_of,
};

/// The reason why a row was not imported: a problem of the row, or a failure of the database.
pub enum RowError {
    Problems(Vec<Problem>),
    Failed(db::Error),
}

impl From<Problem> for RowError {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Vec<Problem>> for RowError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<db::Error> for RowError {
    fn from(error: db::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for RowError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<models::Error> for RowError {
    fn from(error: models::Error) -> Self {
        match error {
            models::Error::Invalid(violations) => Self::Problems(of_violations(violations)),
            models::Error::Database(error) => Self::Failed(error),
        }
    }
}

impl RowError {
    /// The same problems, with `prefix` prepended to the paths of their columns.
    pub fn within(self, prefix: &str) -> Self {
        self.map(|it| it.within(prefix))
    }

    /// The same error, with each of its problems changed.
    pub fn map(self, change: impl FnMut(Problem) -> Problem) -> Self {
        match self {
            Self::Problems(problems) => Self::Problems(problems.into_iter().map(change).collect()),
            failed @ Self::Failed(_) => failed,
        }
    }
}

pub fn of_violations(violations: Vec<models::Violation>) -> Vec<Problem> {
    let problem = |it: models::Violation| Problem::of_column(it.field.join("."), it.message);
    violations.into_iter().map(problem).collect()
}

/// All problems of a row.
#[derive(Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Returns the value of a result, or collects its problems. Failures of the database are
    /// returned as errors.
    pub fn take<T>(
        &mut self,
        result: Result<T, impl Into<RowError>>,
    ) -> Result<Option<T>, db::Error> {
        match result.map_err(Into::into) {
            Ok(value) => Ok(Some(value)),
            Err(RowError::Problems(problems)) => {
                self.extend(problems);
                Ok(None)
            }
            Err(RowError::Failed(error)) => Err(error),
        }
    }

    /// Adds problems, except for columns that already have one.
    pub fn extend(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if !self.0.iter().any(|it| it.column.is_some() && it.column == problem.column) {
                self.0.push(problem);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn finish(self) -> Result<(), RowError> {
        if self.0.is_empty() { Ok(()) } else { Err(RowError::Problems(self.0)) }
    }
}

/// The value of a field in a row; distinguishes an omitted field from `null`.
#[derive(Clone, Debug)]
pub enum Given<T = String> {
    Nothing,
    Null,
    Value(T),
}

impl<T> Given<T> {
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null => None,
        }
    }
}

/// Removes a text from a row's fields.
pub fn take_text(fields: &mut Map<String, Value>, column: &str) -> Result<Given, Problem> {
    match fields.remove(column) {
        None => Ok(Given::Nothing),
        Some(Value::Null) => Ok(Given::Null),
        Some(Value::String(text)) => Ok(Given::Value(text)),
        Some(_) => Err(Problem::of_column(column, "must be text, in quotation marks")),
    }
}

/// Removes a flag from a row's fields; `None` if it is missing.
pub fn take_flag(fields: &mut Map<String, Value>, column: &str) -> Result<Option<bool>, Problem> {
    match fields.remove(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(value)),
        Some(_) => Err(Problem::of_column(column, "must be true or false")),
    }
}

/// Removes an id of this type from a row's fields; `None` if it is missing.
pub fn take_id(
    fields: &mut Map<String, Value>,
    column: &str,
    node: NodeType,
) -> Result<Option<Uid>, Problem> {
    let Some(text) = take_text(fields, column)?.value() else { return Ok(None) };
    match node.parse(text.trim()) {
        Some(uid) if uid != Uid::NOTHING => Ok(Some(uid)),
        _ => {
            let message = format!("is not the id of a {}", node.noun());
            Err(Problem::of_column(column, message))
        }
    }
}

/// Removes a value in text form from a row's fields and parses it.
pub fn take_parsed<T>(fields: &mut Map<String, Value>, column: &str) -> Result<Option<T>, Problem>
where
    T: std::str::FromStr<Err: ToString>,
{
    let Some(text) = take_text(fields, column)?.value() else { return Ok(None) };
    let problem = |error: T::Err| Problem::of_column(column, error.to_string());
    text.trim().parse().map(Some).map_err(problem)
}

/// Removes a single-line text from a row's fields; `None` if it is missing or empty.
pub fn take_line(
    fields: &mut Map<String, Value>,
    column: &str,
) -> Result<Option<String>, RowError> {
    let mut line = take_text(fields, column)?.value();
    let mut violations = Violations::default();
    violations.line(column, &mut line);
    violations.finish()?;
    Ok(line)
}

/// Removes a list of objects from a row's fields; `None` if it is omitted.
pub fn take_list(
    fields: &mut Map<String, Value>,
    column: &str,
) -> Result<Option<Vec<Value>>, Problem> {
    match fields.remove(column) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Vec::new())),
        Some(Value::Array(values)) => Ok(Some(values)),
        Some(_) => Err(Problem::of_column(column, "must be a list of objects")),
    }
}

/// Parses an object in a list. Returns `None` if it has problems, which are reported with its path.
pub fn read_item<T>(
    path: &str,
    value: Value,
    problems: &mut Problems,
    read: impl FnOnce(Map<String, Value>, &mut Problems) -> Result<T, db::Error>,
) -> Result<Option<T>, db::Error> {
    let Value::Object(fields) = value else {
        problems.push(Problem::of_column(path, "must be an object"));
        return Ok(None);
    };
    let mut found = Problems::default();
    let item = read(fields, &mut found)?;
    if found.is_empty() {
        return Ok(Some(item));
    }
    problems.extend(found.0.into_iter().map(|it| it.within(&format!("{path}."))).collect());
    Ok(None)
}

/// A text of the row in its stored form: trimmed, and `None` if empty.
pub fn trimmed<'a>(fields: &'a Map<String, Value>, column: &str) -> Option<&'a str> {
    let text = fields.get(column)?.as_str()?.trim();
    (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
}

/// Applies the valid fields of a row to the attributes, and returns the problems of the others.
/// `null` clears an attribute.
pub fn overlay<A: Attributes>(before: &A, fields: Map<String, Value>) -> (A, Vec<Problem>) {
    let known = fields_of(&A::default());
    let mut merged = fields_of(before);
    let (mut given, mut problems) = (Map::new(), Vec::new());
    for (name, value) in fields {
        if !known.contains_key(&name) {
            let message = no_such_field(&name, known.keys().map(String::as_str));
            problems.push(Problem::of_column(name, message));
            continue;
        }
        if let Some(message) = kind_of::<A>(&name).problem(&value) {
            problems.push(Problem::of_column(name, message));
        } else if value.is_null() {
            merged.remove(&name);
        } else {
            merged.remove(&name);
            given.insert(name, value);
        }
    }
    let mut all = merged.clone();
    all.extend(given.clone());
    if let Ok(attributes) = serde_json::from_value(Value::Object(all)) {
        return (attributes, problems);
    }
    // Deserialize the fields one by one, to find all invalid ones.
    for (name, value) in given {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        match serde_path_to_error::deserialize::<_, A>(Value::Object(alone)) {
            Ok(_) => {
                merged.insert(name, value);
            }
            Err(error) => {
                problems.push(Problem::of_column(name, error.into_inner().to_string()));
            }
        }
    }
    (serde_json::from_value(Value::Object(merged)).unwrap_or_default(), problems)
}

/// Like [`overlay`], with a check of the result.
pub fn checked<A: Attributes>(
    before: &A,
    fields: Map<String, Value>,
    check: impl FnOnce(&mut A) -> Result<(), models::Error>,
) -> Result<(A, Problems), db::Error> {
    let (mut attributes, found) = overlay(before, fields);
    let mut problems = Problems(found);
    problems.take(check(&mut attributes))?;
    Ok((attributes, problems))
}
