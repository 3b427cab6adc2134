//! Scalars of our own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::db::types::{Date, Decimal, Timestamp};

/// A point in time: RFC 3339, in UTC, with microseconds, like `2026-11-20T03:41:35.123456Z`; in the
/// years 1 to 9999.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Timestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Asked when the request is checked. An error there names the field; one of `parse` names
    /// types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A day of the calendar: ISO 8601, like `2026-11-20`, in the years 1 to 9999.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Asked when the request is checked. An error there names the field; one of `parse` names
    /// types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// An exact decimal number, written as a string, like `"12.5"`: an optional minus, digits, and
/// optionally a point and more digits, without an exponent; at most 28 significant digits, at most
/// 28 of them after the point. A whole number is also taken as a JSON number. Answers have no zeros
/// at the end: `"1.50"` is answered as `"1.5"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            // A whole number is exact in JSON, too; one with a point may be rounded on the way
            // here.
            Value::Number(number) if !number.is_f64() => {
                number.to_string().parse().map_err(InputValueError::custom)
            }
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Asked when the request is checked. An error there names the field; one of `parse` names
    /// types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
