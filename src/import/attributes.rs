//! Custom attributes: values in the rows of objects, and rows of definitions.

use serde_json::{Map, Value};

use super::{
    Outcome, Problem,
    columns::{Kind, is_of_attribute, no_such_field},
    extras::Origin,
    fields::{Problems, RowError, trimmed},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::StoredAsText},
    id::NodeType,
    models::custom_attribute::{
        self, Assignment, Definition, Given, NewDefinition, Noun, ValueType,
    },
    transfer::{
        columns::{ATTRIBUTES, ID},
        fields_of,
    },
};

/// The field with the custom attributes of an object, by key.
const FIELD: &str = "attributes";

/// Removes the values of custom attributes from the fields of a row and returns them.
pub fn take(fields: &mut Map<String, Value>) -> Result<Vec<Assignment>, Problem> {
    let assignment = |key: &str, json: Value| Assignment {
        key: key.to_owned(),
        given: Given::Json(json),
        field: format!("{ATTRIBUTES}{key}"),
    };
    let mut assignments = Vec::new();
    match fields.shift_remove(FIELD) {
        None | Some(Value::Null) => {}
        Some(Value::Object(values)) => {
            assignments.extend(values.into_iter().map(|(key, json)| assignment(&key, json)));
        }
        Some(_) => return Err(Problem::of_column(FIELD, "must be an object, with a value by key")),
    }
    let columns: Vec<String> =
        fields.keys().filter(|name| is_of_attribute(name)).cloned().collect();
    for column in columns {
        if let (Some(key), Some(json)) =
            (column.strip_prefix(ATTRIBUTES), fields.shift_remove(&column))
        {
            assignments.push(assignment(key, json));
        }
    }
    Ok(assignments)
}

/// Whether a field contains the value of one custom attribute or of all.
pub fn is_field(name: &str) -> bool {
    name == FIELD || is_of_attribute(name)
}

/// Whether a row contains values of custom attributes.
pub fn are_in(fields: &Map<String, Value>) -> bool {
    fields.keys().any(|name| is_field(name))
}

/// Writes the row of a definition, within the current transaction.
pub async fn definition(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut fields: Map<String, Value>,
) -> Result<Outcome, RowError> {
    let existing = find(tx, writer, &fields).await?;
    let mut problems = Problems::default();
    let origin = Origin::take(&mut fields, NodeType::AttributeDefinition, &mut problems)?;
    let new = overlaid(existing.as_ref(), fields, &mut problems);
    problems.finish()?;
    let Some(new) = new else { return Ok(Outcome::Unchanged) };
    let Some(existing) = existing else {
        let restored = custom_attribute::restore(tx, writer, origin.entity(writer, new)).await;
        restored.map_err(|error| as_in_file(error.into()))?;
        return Ok(Outcome::Created);
    };
    let replaced = custom_attribute::replace(tx, writer, existing.clone(), new).await;
    let replaced = replaced.map_err(|error| as_in_file(error.into()))?;
    Ok(if replaced == existing { Outcome::Unchanged } else { Outcome::Updated })
}

/// Finds the definition by the given `id` or, without one, by the given `noun` and `key`.
async fn find(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    fields: &Map<String, Value>,
) -> Result<Option<Definition>, db::Error> {
    let id = trimmed(fields, ID).and_then(|text| NodeType::AttributeDefinition.parse(text));
    if let Some(id) = id
        && let Some(found) = custom_attribute::lock(tx, writer.tenant(), id).await?
    {
        return Ok(Some(found));
    }
    let noun = trimmed(fields, "noun").and_then(Noun::from_stored_name);
    match (noun, trimmed(fields, "key")) {
        (Some(noun), Some(key)) => {
            custom_attribute::lock_named(tx, writer.tenant(), noun, key).await
        }
        _ => Ok(None),
    }
}

/// The required fields of a new definition.
const REQUIRED: [&str; 3] = ["noun", "key", VALUE_TYPE];

/// The name of the field `type` of a definition in files, where the `type` of a line is the kind of
/// the row.
const VALUE_TYPE: &str = "valueType";

/// The same error, with the name that the field `type` has in files.
fn as_in_file(error: RowError) -> RowError {
    error.map(|it| match it.column.as_deref() {
        Some("type") => Problem::of_column(VALUE_TYPE, it.message),
        _ => it,
    })
}

/// The kind of a definition's field.
fn kind_of(name: &str) -> Kind {
    match name {
        "noun" => Kind::Choice(Noun::NAMES),
        VALUE_TYPE => Kind::Choice(ValueType::NAMES),
        "isList" | "isUnique" | "isSearchable" => Kind::Flag,
        "choices" => Kind::Other,
        _ => Kind::Text,
    }
}

/// The definition with the row's fields applied; `null` sets the default. Returns `None` if there
/// is a problem.
fn overlaid(
    existing: Option<&Definition>,
    fields: Map<String, Value>,
    problems: &mut Problems,
) -> Option<NewDefinition> {
    let known = fields_of(&NewDefinition::default());
    let before = existing.map(Definition::fields);
    let mut merged = before.as_ref().map(fields_of).unwrap_or_default();
    for (name, value) in fields {
        if !known.contains_key(&name) {
            let message = no_such_field(&name, known.keys().map(String::as_str));
            problems.push(Problem::of_column(name, message));
        } else if let Some(message) = kind_of(&name).problem(&value) {
            problems.push(Problem::of_column(name, message));
        } else if value.is_null() {
            merged.shift_remove(&name);
        } else {
            merged.insert(name, value);
        }
    }
    for name in REQUIRED.iter().filter(|name| !merged.contains_key(**name)) {
        problems.extend(vec![Problem::of_column(*name, "must be given")]);
    }
    if !problems.is_empty() {
        return None;
    }
    let read = serde_path_to_error::deserialize::<_, NewDefinition>(Value::Object(merged));
    let new = match read {
        Ok(new) => new,
        Err(error) => {
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            problems.push(match path.as_str() {
                "." => Problem::of_row(message),
                _ => Problem::of_column(path, message),
            });
            return None;
        }
    };
    let named = |it: &NewDefinition| (it.noun, it.key.trim().to_owned());
    if before.is_some_and(|before| named(&before) != named(&new)) {
        problems.push(Problem::of_column("key", "cannot change, and neither can the noun"));
    }
    Some(new)
}
