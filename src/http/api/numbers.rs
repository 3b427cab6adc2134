//! Numbers of variables, exactly as they are written: JSON has no limit to their digits, and the
//! type that they are usually read into rounds them.

use std::collections::HashMap;

use async_graphql::Value;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::graphql::written_number;

/// The variables of a request, unread.
#[derive(Deserialize)]
pub struct Written<'a> {
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
}

impl Written<'_> {
    /// Gives the variables the numbers that are written here: those that may have been rounded.
    pub fn restore(&self, variables: &mut Value) -> serde_json::Result<()> {
        self.variables.map_or(Ok(()), |written| restore(variables, written.get()))
    }
}

/// Gives a value the numbers of the JSON that it was read from.
pub fn restore(value: &mut Value, written: &str) -> serde_json::Result<()> {
    if !has_rounded(value) {
        return Ok(());
    }
    match value {
        Value::Number(_) => *value = Value::Binary(written_number(written.trim())),
        Value::List(items) => {
            let written: Vec<&RawValue> = serde_json::from_str(written)?;
            for (item, written) in items.iter_mut().zip(written) {
                restore(item, written.get())?;
            }
        }
        Value::Object(fields) => {
            // Of a name that comes twice, both readings keep the last value.
            let written: HashMap<String, &RawValue> = serde_json::from_str(written)?;
            for (name, field) in fields {
                if let Some(written) = written.get(name.as_str()) {
                    restore(field, written.get())?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Is there a number that is not kept as it was written? The depth of the JSON is checked, so this may
/// recurse.
pub fn has_rounded(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::List(items) => items.iter().any(has_rounded),
        Value::Object(fields) => fields.values().any(has_rounded),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        let mut value = serde_json::from_str(json).expect("JSON");
        restore(&mut value, json).expect("JSON");
        value
    }

    #[test]
    fn keeps_every_digit() {
        for number in ["0.1", "12345678901.123456789", "-1.50", "1E-7", "123456789012345678901234"]
        {
            let exact = Value::Binary(written_number(number));
            assert_eq!(read(number), exact);
            let nested =
                read(&format!(r#"{{"a": [1, {{"b\u0063": {number} }}, "2.5"], "d": null}}"#));
            let Value::Object(fields) = nested else { panic!("an object") };
            let Some(Value::List(items)) = fields.get("a") else { panic!("a list") };
            let Some(Value::Object(inner)) = items.get(1) else { panic!("an object") };
            assert_eq!(inner.get("bc"), Some(&exact));
            assert_eq!(items.first(), Some(&Value::from(1)));
            assert_eq!(items.get(2), Some(&Value::from("2.5")));
        }
        assert_eq!(read(r#"{"a": 0.1, "a": 7}"#), read(r#"{"a": 7}"#));
    }
}
