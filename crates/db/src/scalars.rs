//! Timestamps, dates and decimal numbers as scalars of GraphQL. They are here and not in the layer `graphql` because of
//! Rust's orphan rule: only the crate of the type or of the trait may contain the implementation.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::db::types::{Date, Decimal, Timestamp};

/// A point in time in RFC 3339 format, like `2026-11-20T03:41:35.123456Z`, in the years 1 to 9999.
/// Input may have any UTC offset; digits beyond microseconds are truncated. Output is in UTC with
/// six fractional digits.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Timestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Called during validation, whose errors name the field. An error of `parse` names only types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A calendar date in ISO 8601 format, like `2026-11-20`, in the years 1 to 9999.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Called during validation, whose errors name the field. An error of `parse` names only types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// An exact decimal number as a string, like `"12.5"`: an optional minus sign, digits, and
/// optionally a decimal point with more digits. There is no exponent. At most 28 significant
/// digits, and at most 28 of them after the point. Input may also be a JSON number, like `12.5`,
/// which is read exactly; a number that would have to be rounded is an error. Output has no
/// trailing zeros: `"1.50"` becomes `"1.5"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            Value::Number(number) if !number.is_f64() => {
                number.to_string().parse().map_err(InputValueError::custom)
            }
            Value::Binary(number) => {
                let text = String::from_utf8_lossy(&number);
                Self::from_number(&text).map_err(InputValueError::custom)
            }
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Called during validation, whose errors name the field. An error of `parse` names only types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
