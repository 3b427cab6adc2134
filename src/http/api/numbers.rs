//! Exact numbers in variables. JSON does not limit the digits of a number, but `serde_json` rounds
//! numbers to `f64`.

use std::fmt;

use async_graphql::Value;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::graphql::written_number;

/// The unparsed variables of a request.
#[derive(Deserialize)]
pub struct Written<'a> {
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
}

impl Written<'_> {
    /// Replaces numbers in the variables that may have been rounded with their text in the JSON.
    pub fn restore(&self, variables: &mut Value) -> serde_json::Result<()> {
        self.variables.map_or(Ok(()), |written| restore(variables, written.get()))
    }
}

/// Replaces the rounded numbers in a value with their text in the JSON that it was parsed from, in
/// one pass over both.
pub fn restore(value: &mut Value, written: &str) -> serde_json::Result<()> {
    if !has_rounded(value) {
        return Ok(());
    }
    Restored(value).deserialize(&mut serde_json::Deserializer::from_str(written))
}

/// A value that was parsed from the same JSON. For a duplicate key it contains the last value, so
/// the value in the JSON may be of another type.
struct Restored<'v>(&'v mut Value);

impl<'de> DeserializeSeed<'de> for Restored<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match self.0 {
            Value::Number(number) if !number.is_f64() => IgnoredAny::deserialize(json).map(drop),
            // An earlier duplicate may have been restored already.
            Value::Number(_) | Value::Binary(_) => {
                let written = <&RawValue>::deserialize(json)?.get();
                if written.starts_with(|it: char| it == '-' || it.is_ascii_digit()) {
                    *self.0 = Value::Binary(written_number(written));
                }
                Ok(())
            }
            Value::List(_) | Value::Object(_) => json.deserialize_any(self),
            _ => IgnoredAny::deserialize(json).map(drop),
        }
    }
}

impl<'de> Visitor<'de> for Restored<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut json: A) -> Result<(), A::Error> {
        if let Value::List(items) = self.0 {
            for item in items {
                if json.next_element_seed(Restored(item))?.is_none() {
                    break;
                }
            }
        }
        while json.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<(), A::Error> {
        while let Some(name) = json.next_key::<String>()? {
            let field = match &mut *self.0 {
                Value::Object(fields) => fields.get_mut(name.as_str()),
                _ => None,
            };
            match field {
                Some(field) => json.next_value_seed(Restored(field))?,
                None => json.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Whether any number may have been rounded. Like [`restore`], this may recurse, because the depth
/// of the JSON was checked.
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
        for before in ["7", "0.2", "[[1.5]]", r#"{"b": 2.5}"#, "\"x\"", "null", "true"] {
            for after in ["0.1", "[0.1, 0.2]", r#"{"b": 0.3}"#] {
                let twice = read(&format!(r#"{{"a": {before}, "a": {after}}}"#));
                assert_eq!(twice, read(&format!(r#"{{"a": {after}}}"#)), "{before} {after}");
            }
        }
    }
}
