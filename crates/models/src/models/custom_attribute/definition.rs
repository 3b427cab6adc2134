//! The definitions of custom attributes.

use serde::{Deserialize, Serialize};

use super::{Noun, ValueType};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, load,
        pick::{ColumnSet, Pick, columns_of, read_picked},
        sql::{Column, Condition, Select, Sql, from_where},
        types::{Timestamp, Uid},
    },
    models::{Code, Error, Violation, Violations, lock::Lock, row::of_tenant},
};

pub(super) const TABLE: &str = "attribute_definitions";
const TENANT_ID: Column = Column { table: TABLE, name: "tenant_id" };
const ID: Column = Column { table: TABLE, name: "id" };
const NOUN: Column = Column { table: TABLE, name: "noun" };
const KEY: Column = Column { table: TABLE, name: "key" };

/// Maximum number of definitions per noun and tenant.
pub const DEFINITIONS_MAX: usize = 100;

/// Maximum number of choices of an attribute.
pub const CHOICES_MAX: usize = 100;

/// Longest key of an attribute, in characters.
const KEY_MAX: usize = 64;

columns_of! {
    /// The definition of a custom attribute.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Definition {
        pub id: Uid,
        pub noun: Noun,
        pub key: String,
        pub value_type: ValueType,
        pub is_list: bool,
        pub is_unique: bool,
        pub is_searchable: bool,
        pub description: Option<String>,
        pub choices: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub created_by: String,
        pub last_modified_by: String,
    }
}

read_picked!(Definition);

/// The fields of a definition that a client writes, as in exports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDefinition {
    pub noun: Noun,
    pub key: String,
    pub value_type: ValueType,
    #[serde(default)]
    pub is_list: bool,
    #[serde(default)]
    pub is_unique: bool,
    #[serde(default)]
    pub is_searchable: bool,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub choices: Vec<String>,
}

impl NewDefinition {
    /// Normalizes it, and runs the checks that need no stored row.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        self.key = self.key.trim().to_owned();
        if !is_key(&self.key) {
            let message = format!(
                "must have 1 to {KEY_MAX} letters (a to z), digits and underscores, the first a letter"
            );
            violations.push(Violation::new("key", Code::Invalid, message));
        }
        violations.line("description", &mut self.description);
        self.check_choices(&mut violations);
        violations.finish()
    }

    fn check_choices(&mut self, violations: &mut Violations) {
        let mut violate = |code, message: &str| {
            violations.push(Violation::new("choices", code, message));
        };
        match self.value_type {
            ValueType::Choice if self.choices.is_empty() => {
                violate(Code::Required, "must be given for an attribute of the type CHOICE");
            }
            ValueType::Choice if self.choices.len() > CHOICES_MAX => {
                violate(Code::TooMany, &format!("at most {CHOICES_MAX} choices"));
            }
            ValueType::Choice => {}
            _ if self.choices.is_empty() => {}
            _ => violate(Code::Invalid, "only an attribute of the type CHOICE has choices"),
        }
        for position in 0..self.choices.len().min(CHOICES_MAX) {
            let (before, rest) = self.choices.split_at_mut(position);
            let Some(choice) = rest.first_mut() else { continue };
            let field = format!("choices.{position}");
            let mut given = Some(std::mem::take(choice));
            violations.line(&field, &mut given);
            match given {
                None => violations.required(&field),
                Some(given) if before.contains(&given) => {
                    let message = "is listed twice";
                    violations.push(Violation::new(&field, Code::Invalid, message));
                }
                Some(given) => *choice = given,
            }
        }
    }
}

/// Whether it can be a key, which is used as an identifier in programs and as the header of a
/// column.
fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    key.len() <= KEY_MAX
        && key.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && key.bytes().all(is_part)
}

impl Definition {
    /// The fields that a client writes.
    pub fn fields(&self) -> NewDefinition {
        NewDefinition {
            noun: self.noun,
            key: self.key.clone(),
            value_type: self.value_type,
            is_list: self.is_list,
            is_unique: self.is_unique,
            is_searchable: self.is_searchable,
            description: self.description.clone(),
            choices: self.choices().map(str::to_owned).collect(),
        }
    }

    /// The same row with other fields, which were checked. The noun and the key stay the same.
    pub(super) fn with(&self, fields: NewDefinition) -> Self {
        Self {
            value_type: fields.value_type,
            is_list: fields.is_list,
            is_unique: fields.is_unique,
            is_searchable: fields.is_searchable,
            description: fields.description,
            choices: (!fields.choices.is_empty()).then(|| fields.choices.join("\n")),
            ..self.clone()
        }
    }

    /// The values that an attribute of the type [`ValueType::Choice`] can have, in the order of the definition.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        self.choices.as_deref().into_iter().flat_map(str::lines)
    }

    /// The condition on the rows of its values.
    pub(super) fn values(&self, tenant: &Tenant) -> Condition {
        of_definition(tenant, self.noun, self.id)
    }
}

/// The condition on the rows of a definition's values.
pub(super) fn of_definition(tenant: &Tenant, noun: Noun, definition: Uid) -> Condition {
    Condition::all([
        Condition::text(noun.column("tenant_id"), tenant.id()),
        Condition::uid_in(noun.column("definition_id"), &[definition]),
    ])
}

/// The condition on that definition.
pub(super) fn is_definition(tenant: &Tenant, id: Uid) -> Condition {
    of_tenant(TENANT_ID, tenant, Condition::uid_in(ID, &[id]))
}

async fn select(
    conn: &mut Conn<'_>,
    condition: Condition,
    clause: Sql,
) -> Result<Vec<Definition>, db::Error> {
    let query = Select {
        with: Sql::default(),
        selection: Pick::<Definition>::new(TABLE, ColumnSet::ALL),
        from: from_where(TABLE, condition).append(clause),
    };
    let rows: Vec<Measured<Definition>> = load!(conn, query)?;
    let mut definitions: Vec<_> = rows.into_iter().map(Measured::into_row).collect();
    definitions.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(definitions)
}

fn is_of_noun(tenant: &Tenant, noun: Noun) -> [Condition; 2] {
    [Condition::text(TENANT_ID, tenant.id()), Condition::text(NOUN, noun.name())]
}

/// All definitions of a noun, sorted by key: at most [`DEFINITIONS_MAX`].
pub async fn of_noun(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
) -> Result<Vec<Definition>, db::Error> {
    select(conn, Condition::all(is_of_noun(tenant, noun)), Sql::default()).await
}

/// The definitions of a noun with one of these keys, sorted by key.
pub async fn with_keys(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    keys: Vec<String>,
) -> Result<Vec<Definition>, db::Error> {
    select(conn, has_key(tenant, noun, keys), Sql::default()).await
}

fn has_key(tenant: &Tenant, noun: Noun, keys: Vec<String>) -> Condition {
    // No stored text has control characters, and PostgreSQL rejects NUL.
    let keys = keys.into_iter().filter(|key| is_key(key));
    Condition::all(is_of_noun(tenant, noun).into_iter().chain([Condition::text_in(KEY, keys)]))
}

/// Like [`with_keys`], for new values. Locks the definitions against changes until this transaction
/// ends.
pub(super) async fn keep_with_keys(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    keys: Vec<String>,
) -> Result<Vec<Definition>, db::Error> {
    let clause = Sql::new(" ORDER BY id").append(Lock::KeyShare.clause());
    select(tx, has_key(tenant, noun, keys), clause).await
}

/// The definition with that id, locked against changes and new values until this transaction ends.
pub async fn lock(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    id: Uid,
) -> Result<Option<Definition>, db::Error> {
    Ok(select(tx, is_definition(tenant, id), Lock::Update.clause()).await?.pop())
}

/// Like [`lock`], for the definition with that key.
pub async fn lock_named(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    key: &str,
) -> Result<Option<Definition>, db::Error> {
    let has_key = has_key(tenant, noun, vec![key.to_owned()]);
    Ok(select(tx, has_key, Lock::Update.clause()).await?.pop())
}

/// All definitions of a noun, for new values. Locks them against changes until this transaction
/// ends.
pub async fn keep_of_noun(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
) -> Result<Vec<Definition>, db::Error> {
    let clause = Sql::new(" ORDER BY id").append(Lock::KeyShare.clause());
    select(tx, Condition::all(is_of_noun(tenant, noun)), clause).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_identifier_in_programs() {
        for key in ["a", "shoeSize", "shoe_size_2", &"a".repeat(64)] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", "1st", "_a", "shoe size", "a.b", "å", "a\0", &"a".repeat(65)] {
            assert!(!is_key(key), "{key}");
        }
    }
}
