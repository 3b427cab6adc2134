//! Scalars of our own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use bytes::Bytes;

use crate::db::types::{Date, Decimal, Timestamp};

/// How a number is kept that is not whole, or too big for [`Value::Number`]: as it was written, digit
/// for digit. The library has no variant for that; this one stands for nothing else here.
pub fn written_number(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// A point in time after RFC 3339, like `2026-11-20T03:41:35.123456Z`, in the years 1 to 9999. Input
/// may have any offset; what is finer than a microsecond is cut off. Responses are in UTC, with six
/// digits of fraction.
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
/// 28 of them after the point. Input may also be a number, like `12.5`, of which every digit counts;
/// one that would have to be rounded is an error. Responses have no zeros at the end: `"1.50"` becomes
/// `"1.5"`.
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

    /// Asked when the request is checked. An error there names the field; one of `parse` names
    /// types.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
