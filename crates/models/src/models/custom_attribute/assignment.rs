//! New values of an object's attributes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    DEFINITIONS_MAX, Definition, Noun, Value, definition, json,
    stored::{self, StoredTexts, StoredValue, stored_texts},
};
use crate::{
    auth::Tenant,
    db::{Conn, types::Uid},
    models::{Code, Error, Violation, Violations},
};

/// Maximum number of values of a list.
const LIST_MAX: usize = 50;

/// The new values of the attribute with that key.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub key: String,
    pub given: Given,
    /// The path of this assignment in the input, like `attributes.0`.
    pub field: String,
}

/// The given value of an attribute. Each inner list has one value per type that the request gives, so any other length
/// than one is the client's mistake.
#[derive(Clone, Debug)]
pub enum Given {
    Nothing,
    One(Vec<Value>),
    Many(Vec<Vec<Value>>),
    /// One value, and a list.
    Both,
    /// A value from a file.
    Json(Json),
}

impl Assignment {
    /// The path of the value, or of the list of values.
    fn values_field(&self) -> String {
        let within = match self.given {
            Given::One(_) => ".value",
            Given::Many(_) => ".values",
            Given::Nothing | Given::Both | Given::Json(_) => "",
        };
        format!("{}{within}", self.field)
    }

    /// The allowed values. Collects the violations of the others.
    fn values(&self, definition: &Definition, violations: &mut Violations) -> Vec<Value> {
        let field = self.values_field();
        let field = field.as_str();
        let one = |given: &Vec<Value>, field: &str, violations: &mut Violations| match &given[..] {
            [value] => value.clone().checked(definition, field, violations),
            _ => {
                let message = "exactly one type of value must be given";
                violations.push(Violation::new(field, Code::Invalid, message));
                None
            }
        };
        let mut refuse = |message: &str| {
            violations.push(Violation::new(field, Code::Invalid, message));
            Vec::new()
        };
        match &self.given {
            Given::Nothing => Vec::new(),
            Given::Both => refuse("either a value or a list of values can be given"),
            Given::One(_) if definition.is_list => {
                refuse("the attribute is a list: give values instead")
            }
            Given::Many(_) if !definition.is_list => {
                refuse("the attribute is not a list: give value instead")
            }
            Given::One(given) => one(given, field, violations).into_iter().collect(),
            Given::Many(list) => listed(list, field, violations, one),
            Given::Json(json) => of_file(definition, json, field, violations),
        }
    }
}

/// The values of a list. Their violations have the path of the position. Empty texts are left out.
fn listed<T>(
    list: &[T],
    field: &str,
    violations: &mut Violations,
    mut value: impl FnMut(&T, &str, &mut Violations) -> Option<Value>,
) -> Vec<Value> {
    if list.len() > LIST_MAX {
        let message = format!("at most {LIST_MAX} values");
        violations.push(Violation::new(field, Code::TooMany, message));
        return Vec::new();
    }
    let at = |(position, given)| value(given, &format!("{field}.{position}"), violations);
    list.iter().enumerate().filter_map(at).collect()
}

fn of_file(
    definition: &Definition,
    json: &Json,
    field: &str,
    violations: &mut Violations,
) -> Vec<Value> {
    let one = |json: &Json, violations: &mut Violations| match Value::from_json(
        definition.value_type,
        json,
    ) {
        Ok(value) => value.checked(definition, field, violations),
        Err(message) => {
            violations.push(Violation::new(field, Code::Invalid, message));
            None
        }
    };
    match json {
        Json::Null => Vec::new(),
        json if !definition.is_list => one(json, violations).into_iter().collect(),
        json => match json::items(json) {
            Some(items) => {
                listed(&items, field, violations, |json, _, violations| one(json, violations))
            }
            None => {
                violations.push(Violation::new(field, Code::Invalid, "must be a list"));
                Vec::new()
            }
        },
    }
}

/// The checked values of an object's attributes, each with its definition and its path in the input.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    noun: Noun,
    attributes: Vec<(Arc<Definition>, String, Vec<Value>)>,
}

impl Prepared {
    /// Checks assignments, in a transaction that is in progress. Locks their definitions against changes until it ends.
    pub async fn new(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        noun: Noun,
        assignments: &[Assignment],
    ) -> Result<Self, Error> {
        if assignments.is_empty() {
            return Ok(Self::default());
        }
        if assignments.len() > DEFINITIONS_MAX {
            let message = format!("at most {DEFINITIONS_MAX} attributes");
            return Err(Violation::new("attributes", Code::TooMany, message).into());
        }
        let keys = assignments.iter().map(|it| it.key.clone()).collect();
        let definitions = definition::keep_with_keys(tx, tenant, noun, keys).await?;
        let definitions: Vec<_> = definitions.into_iter().map(Arc::new).collect();
        Self::checked(noun, &definitions, assignments)
    }

    /// Checks assignments against the definitions of the noun.
    pub fn checked(
        noun: Noun,
        definitions: &[Arc<Definition>],
        assignments: &[Assignment],
    ) -> Result<Self, Error> {
        let (mut violations, mut keys) = (Violations::default(), HashSet::new());
        let mut attributes = Vec::new();
        for assignment in assignments {
            let of_key = |code, message: String| match assignment.given {
                Given::Json(_) => Violation::new(&assignment.field, code, message),
                _ => Violation::new(&format!("{}.key", assignment.field), code, message),
            };
            let Some(definition) = definitions.iter().find(|it| it.key == assignment.key) else {
                let message = format!("{}s have no attribute with this key", noun.name_of_one());
                violations.push(of_key(Code::NotFound, message));
                continue;
            };
            if !keys.insert(&assignment.key) {
                violations.push(of_key(Code::Invalid, "is given twice".to_owned()));
                continue;
            }
            let values = assignment.values(definition, &mut violations);
            attributes.push((Arc::clone(definition), assignment.values_field(), values));
        }
        violations.finish()?;
        Ok(Self { noun, attributes })
    }

    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Gives the values to a new object.
    pub async fn write_new(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        object: Uid,
    ) -> Result<(), Error> {
        insert_new(tx, tenant, self.noun, &[(object, self)]).await
    }

    /// Gives the values to an object; returns whether any of them changed.
    pub async fn write(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        object: Uid,
    ) -> Result<bool, Error> {
        if self.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Uid> = self.attributes.iter().map(|(it, ..)| it.id).collect();
        let stored = stored_texts(tx, tenant, self.noun, &[object], Some(&ids)).await?;
        self.write_over(tx, tenant, object, stored.get(&object).unwrap_or(&HashMap::new())).await
    }

    /// Like [`Prepared::write`], for an object with these stored values.
    pub async fn write_over(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        object: Uid,
        stored: &StoredTexts,
    ) -> Result<bool, Error> {
        let changes = self.changes(object, stored);
        if changes.is_empty() {
            return Ok(false);
        }
        let changed = changes.iter().map(|(definition, _)| *definition);
        let had: Vec<Uid> = changed.filter(|id| stored.contains_key(id)).collect();
        if !had.is_empty() {
            stored::delete(tx, tenant, self.noun, object, &had).await?;
        }
        let rows = changes.into_iter().flat_map(|(_, rows)| rows).collect();
        let taken = stored::insert(tx, tenant, self.noun, rows).await?;
        self.check_unique(&taken)?;
        Ok(true)
    }

    /// The new rows of the attributes whose values differ from the stored ones.
    fn changes(&self, object: Uid, stored: &StoredTexts) -> Vec<(Uid, Vec<StoredValue>)> {
        let rows = self.attributes.iter().map(|(definition, _, values)| {
            (definition.id, StoredValue::all_of(object, definition, values).collect::<Vec<_>>())
        });
        let is_changed = |(definition, rows): &(Uid, Vec<StoredValue>)| {
            let before = stored.get(definition).map(Vec::as_slice).unwrap_or_default();
            !rows.iter().map(|row| &row.value).eq(before)
        };
        rows.filter(is_changed).collect()
    }

    /// The rows of a new object's values.
    fn rows(&self, object: Uid) -> impl Iterator<Item = StoredValue> {
        let attributes = self.attributes.iter();
        attributes.flat_map(move |(it, _, values)| StoredValue::all_of(object, it, values))
    }

    /// The violations of unique values that belong to other objects.
    fn check_unique(&self, taken: &[Uid]) -> Result<(), Error> {
        let mut violations = Violations::default();
        let attributes = self.attributes.iter();
        for (definition, field, values) in attributes.filter(|(it, ..)| taken.contains(&it.id)) {
            let (one, key) = (self.noun.name_of_one(), &definition.key);
            let mut earlier = values.iter().enumerate();
            let message =
                if earlier.any(|(end, it)| values.iter().take(end).any(|other| other == it)) {
                    format!("the list has a value of {key:?} twice")
                } else {
                    format!("another {one} has this value of {key:?}")
                };
            violations.push(Violation::new(field, Code::Taken, message));
        }
        violations.finish()
    }
}

/// Gives values to new objects of the noun.
pub async fn insert_new(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    objects: &[(Uid, &Prepared)],
) -> Result<(), Error> {
    let rows = objects.iter().flat_map(|(object, prepared)| prepared.rows(*object)).collect();
    let taken = stored::insert(tx, tenant, noun, rows).await?;
    objects.iter().try_for_each(|(_, prepared)| prepared.check_unique(&taken))
}
