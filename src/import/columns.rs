//! The columns of a CSV file of customers, and the types of the values in fields.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use crate::{
    db::types::Decimal,
    models::{
        attribute::{AttributeType, Attributes},
        customer::{
            CustomerAttributes, address::CustomerAddressAttributes,
            contact::CustomerContactAttributes,
        },
    },
    transfer::{
        columns::{
            ADDRESS, ATTRIBUTES, CONTACT, GROUP_ID, GROUP_PATH, GROUP_PATHS, ID, ORIGIN, PROGRAM,
            PROGRAM_ID, TIER, TIER_ID,
        },
        fields_of,
    },
};

/// The types of values in fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    Number,
    Other,
    Choice(&'static [&'static str]),
}

/// The possible columns of a CSV file of customers.
static COLUMNS: LazyLock<BTreeMap<String, Kind>> = LazyLock::new(|| {
    let mut columns = BTreeMap::new();
    columns.extend(columns_of::<CustomerAttributes>(""));
    columns.extend(columns_of::<CustomerContactAttributes>(CONTACT));
    columns.extend(columns_of::<CustomerAddressAttributes>(ADDRESS));
    let others = [GROUP_PATH, GROUP_ID, GROUP_PATHS, PROGRAM, TIER, PROGRAM_ID, TIER_ID, ID];
    columns.extend(others.iter().chain(&ORIGIN).map(|name| ((*name).to_owned(), Kind::Text)));
    columns
});

fn columns_of<A: Attributes>(prefix: &str) -> impl Iterator<Item = (String, Kind)> {
    let names = fields_of(&A::default()).into_iter().map(|(name, _default)| name);
    names.map(move |name| (format!("{prefix}{name}"), kind_of::<A>(&name)))
}

/// The kind of the column with this name; `None` if it does not exist.
pub fn column(name: &str) -> Option<Kind> {
    // Any key is allowed here: the definitions of custom attributes are looked up with the rows.
    if is_of_attribute(name) { Some(Kind::Text) } else { COLUMNS.get(name).copied() }
}

/// Whether a column contains values of a custom attribute.
pub fn is_of_attribute(name: &str) -> bool {
    name.starts_with(ATTRIBUTES)
}

pub fn column_names() -> impl Iterator<Item = &'static str> {
    COLUMNS.keys().map(String::as_str)
}

/// The kind of a field of the attributes.
pub fn kind_of<A: Attributes>(name: &str) -> Kind {
    let attribute = A::ATTRIBUTES.iter().find(|attribute| attribute.is_named(name));
    match attribute.and_then(|attribute| attribute.kind.value_type) {
        Some(AttributeType::Flag) => Kind::Flag,
        Some(AttributeType::Decimal) => Kind::Number,
        Some(AttributeType::Choice(_, names)) => Kind::Choice(names),
        Some(AttributeType::Integer | AttributeType::Date) => Kind::Other,
        Some(AttributeType::Text | AttributeType::Timestamp | AttributeType::Reference(_))
        | None => Kind::Text,
    }
}

impl Kind {
    /// Checks a value against the kind. Returns the problem; `None` if there is none.
    pub fn problem(self, value: &Value) -> Option<String> {
        match (self, value) {
            (_, Value::Null) | (Self::Other, _) => None,
            (Self::Text, value) => {
                (!value.is_string()).then(|| "must be text, in quotation marks".to_owned())
            }
            (Self::Flag, value) => {
                (!value.is_boolean()).then(|| "must be true or false".to_owned())
            }
            (Self::Choice(names), value) => {
                let is_one = value.as_str().is_some_and(|name| names.contains(&name));
                (!is_one).then(|| format!("must be {}", any_of(names)))
            }
            (Self::Number, Value::String(text)) => {
                text.parse::<Decimal>().err().map(|error| error.to_string())
            }
            (Self::Number, value) => {
                (!value.is_number()).then(|| "must be a decimal number".to_owned())
            }
        }
    }
}

/// `A, B or C`.
pub fn any_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} or {last}", names.join(", ")),
    }
}

/// The most similar of the names, if it is similar enough to suggest.
pub fn suggestion<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|char| char.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(name);
    let distance = |name: &&str| strsim::damerau_levenshtein(&wanted, &plain(name));
    let close = names.map(|name| (distance(&name), name)).min()?;
    (close.0 <= (wanted.chars().count() / 4).min(2)).then_some(close.1)
}

/// `there is no field "x"`, with a suggestion.
pub fn no_such_field<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    match suggestion(name, names) {
        Some(meant) => format!("there is no field {name:?}; did you mean {meant:?}?"),
        None => format!("there is no field {name:?}"),
    }
}
