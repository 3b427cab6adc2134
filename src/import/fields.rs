//! What a row says of a customer, and what is wrong with it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Problem, reader::Row};
use crate::{db, models};

/// Why a row was not imported: its own fault, or the database's.
pub enum RowError {
    Problems(Vec<Problem>),
    Failed(db::Error),
}

impl From<Problem> for RowError {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<db::Error> for RowError {
    fn from(error: db::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<models::Error> for RowError {
    fn from(error: models::Error) -> Self {
        match error {
            models::Error::Invalid(violations) => {
                let problem =
                    |it: models::Violation| Problem::of_column(it.field.join("."), it.message);
                Self::Problems(violations.into_iter().map(problem).collect())
            }
            models::Error::Database(error) => Self::Failed(error),
        }
    }
}

/// The attributes as they are after a check.
pub fn checked<A>(
    attributes: Result<A, RowError>,
    check: impl FnOnce(&mut A) -> Result<(), models::Error>,
) -> Result<A, RowError> {
    let mut attributes = attributes?;
    check(&mut attributes)?;
    Ok(attributes)
}

/// Both, or the problems of both.
pub fn both<T, U>(
    one: Result<T, RowError>,
    other: Result<U, RowError>,
) -> Result<(T, U), RowError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(RowError::Problems(mut problems)), Err(RowError::Problems(others))) => {
            problems.extend(others);
            Err(RowError::Problems(problems))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// What a row says of a field.
pub enum Given {
    Nothing,
    Null,
    Text(String),
}

/// Takes a text out of the fields of a row.
pub fn take_text(fields: &mut Map<String, Value>, column: &str) -> Result<Given, Problem> {
    match fields.remove(column) {
        None => Ok(Given::Nothing),
        Some(Value::Null) => Ok(Given::Null),
        Some(Value::String(text)) => Ok(Given::Text(text)),
        Some(_) => Err(Problem::of_column(column, "must be a string")),
    }
}

/// What the row says is the customer's `externalId`.
pub fn external_id(row: &Row) -> Option<&str> {
    let external_id = row.fields.as_ref().ok()?.get("externalId")?.as_str()?.trim();
    (!external_id.is_empty() && !external_id.contains(char::is_control)).then_some(external_id)
}

/// The attributes with the row's fields over them; `null` clears.
pub fn overlay<A: Serialize + DeserializeOwned>(
    before: &A,
    fields: Map<String, Value>,
) -> Result<A, RowError> {
    let internal = |error: serde_json::Error| Problem::of_row(error.to_string());
    let mut merged = match serde_json::to_value(before).map_err(internal)? {
        Value::Object(merged) => merged,
        _ => Map::new(),
    };
    let unknown = fields.keys().filter(|name| !merged.contains_key(*name));
    let unknown: Vec<Problem> =
        unknown.map(|name| Problem::of_column(name, "there is no such field")).collect();
    if !unknown.is_empty() {
        return Err(RowError::Problems(unknown));
    }
    for (name, value) in fields {
        if value.is_null() {
            merged.remove(&name);
        } else {
            merged.insert(name, value);
        }
    }
    serde_path_to_error::deserialize(Value::Object(merged)).map_err(|error| {
        let column = error.path().to_string();
        Problem::of_column(column, error.into_inner().to_string()).into()
    })
}
