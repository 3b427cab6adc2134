//! Attributes as JSON objects by the names of their columns, with all of their values. (serde's format is that of
//! imports and exports, which represent references by other fields.)

use serde_json::{Map, Value};

use super::{Attribute, AttributeType, AttributeValue, Attributes};

/// A stored record does not have the form of its type.
#[derive(Debug, thiserror::Error)]
#[error("the value of {0} is not valid")]
pub struct InvalidRecord(&'static str);

/// All values that are not null.
pub fn to_record<A: Attributes>(attributes: &A) -> Map<String, Value> {
    let value = |attribute: &Attribute<A>| {
        let value = to_json(&(attribute.get)(attributes))?;
        Some((attribute.column.to_owned(), value))
    };
    A::ATTRIBUTES.iter().filter_map(value).collect()
}

/// The attributes of a record. A column that the record lacks is newer than the record, and has its default. A column
/// that no longer exists is ignored.
pub fn from_record<A: Attributes>(record: &Map<String, Value>) -> Result<A, InvalidRecord> {
    let mut attributes = A::default();
    for attribute in A::ATTRIBUTES {
        if let (Some(value), Some(value_type)) =
            (record.get(attribute.column), attribute.kind.value_type)
        {
            let value = from_json(value_type, value).ok_or(InvalidRecord(attribute.column))?;
            (attribute.set)(&mut attributes, value);
        }
    }
    Ok(attributes)
}

impl AttributeValue {
    /// The value as a text; `None` for `Null`.
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Timestamp(time) => time.to_string(),
            Self::Choice(name) => (*name).to_owned(),
            Self::Reference(uid) => uid.to_string(),
        })
    }
}

fn to_json(value: &AttributeValue) -> Option<Value> {
    match value {
        AttributeValue::Flag(flag) => Some(Value::Bool(*flag)),
        AttributeValue::Integer(number) => Some(Value::from(*number)),
        other => other.to_text().map(Value::String),
    }
}

fn from_json(value_type: AttributeType, value: &Value) -> Option<AttributeValue> {
    let text = || value.as_str();
    Some(match value_type {
        AttributeType::Text => AttributeValue::Text(text()?.to_owned()),
        AttributeType::Flag => AttributeValue::Flag(value.as_bool()?),
        AttributeType::Integer => AttributeValue::Integer(value.as_i64()?.try_into().ok()?),
        AttributeType::Decimal => AttributeValue::Decimal(text()?.parse().ok()?),
        AttributeType::Date => AttributeValue::Date(text()?.parse().ok()?),
        AttributeType::Timestamp => AttributeValue::Timestamp(text()?.parse().ok()?),
        AttributeType::Choice(_, names) => {
            let name = text()?;
            AttributeValue::Choice(names.iter().copied().find(|it| *it == name)?)
        }
        AttributeType::Reference(_) => AttributeValue::Reference(text()?.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::customer::{CustomerAttributes, CustomerType};

    #[test]
    fn a_record_has_all_values() {
        let attributes = CustomerAttributes {
            customer_name: "Ana".to_owned(),
            customer_type: CustomerType::Individual,
            customer_group_id: "0193b9f0c1d27000800000000000000a".parse().ok(),
            payment_terms_days: Some(-1),
            credit_limit: "1.25".parse().ok(),
            disabled: true,
            ..CustomerAttributes::default()
        };
        let record = to_record(&attributes);
        assert_eq!(record["credit_limit"], json!("1.25"));
        assert_eq!(from_record::<CustomerAttributes>(&record).unwrap(), attributes);
    }

    #[test]
    fn another_type_of_value_is_an_error() {
        for (column, value) in [("disabled", json!("true")), ("customer_type", json!("?"))] {
            let record = Map::from_iter([(column.to_owned(), value)]);
            let error = from_record::<CustomerAttributes>(&record).unwrap_err();
            assert_eq!(error.to_string(), format!("the value of {column} is not valid"));
        }
    }
}
