//! Values in imports and exports.

use serde::Deserialize as _;
use serde_json::{Map, Value as Json};

use super::{CustomAttribute, Money, Value, ValueType};
use crate::db::types::Decimal;

/// The separator of the values of a list in one text.
const SEPARATOR: char = '|';

impl Value {
    /// As in exports: a number is a text, a flag is `true` or `false`, and money an object.
    fn to_json(&self) -> Json {
        match self {
            Self::Flag(flag) => Json::Bool(*flag),
            Self::Money(Money { amount, currency }) => Json::Object(Map::from_iter([
                ("amount".to_owned(), amount.to_string().into()),
                ("currency".to_owned(), currency.clone().into()),
            ])),
            value => Json::String(value.stored()),
        }
    }

    /// Reads a value of that type from a file. The error is the rule that the value breaks.
    pub(super) fn from_json(value_type: ValueType, json: &Json) -> Result<Self, String> {
        let found = match json {
            Json::String(text) => Self::read(value_type, text.trim()),
            Json::Number(_) if value_type == ValueType::Number => {
                Decimal::deserialize(json).ok().map(Self::Number)
            }
            Json::Bool(flag) if value_type == ValueType::Flag => Some(Self::Flag(*flag)),
            Json::Object(fields) if value_type == ValueType::Money => {
                let text = |name| fields.get(name).and_then(Json::as_str).unwrap_or_default();
                let amount = text("amount").parse().ok();
                amount.map(|amount| {
                    Self::Money(Money { amount, currency: text("currency").to_owned() })
                })
            }
            _ => None,
        };
        found.ok_or_else(|| format!("must be {}", form(value_type)))
    }
}

/// The form of values of that type in files.
const fn form(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Text => "a text, in quotation marks",
        ValueType::Number => "a decimal number, like 12.5",
        ValueType::Flag => "true or false",
        ValueType::Day => "a day, like 2026-11-20",
        ValueType::Choice => "one of the attribute's choices, in quotation marks",
        ValueType::Money => "an amount with its currency, like 12.5 EUR",
    }
}

impl CustomAttribute {
    /// Its value, or the list of its values, as in exports.
    pub fn to_json(&self) -> Json {
        if self.is_list {
            return self.values.iter().map(Value::to_json).collect();
        }
        self.values.first().map(Value::to_json).unwrap_or_default()
    }

    /// Its values as one text, as in the cell of a table.
    pub fn to_text(&self) -> String {
        let texts: Vec<String> = self.values.iter().map(Value::stored).collect();
        texts.join(&SEPARATOR.to_string())
    }
}

/// The values of a list from a file: a list, or one text with all of them.
pub(super) fn items(json: &Json) -> Option<Vec<Json>> {
    match json {
        Json::Array(items) => Some(items.clone()),
        Json::String(text) => {
            Some(text.split(SEPARATOR).map(|item| Json::String(item.to_owned())).collect())
        }
        _ => None,
    }
}
