//! The values of plain fields.

use async_graphql::{ID, OutputType, ScalarType, Value, registry::Registry};

use crate::{db::types::Timestamp, id::Id};

/// A value of a row that a plain field can return.
pub trait PlainValue: Clone {
    /// The type of the field.
    type Shown: OutputType;

    fn value(&self) -> Value;
}

/// Registers the GraphQL type of the values that this function returns. The function is never
/// called.
pub fn probe<R, T: PlainValue>(registry: &mut Registry, _value: fn(&R) -> T) -> String {
    <T::Shown as OutputType>::create_type_info(registry)
}

impl<T: PlainValue> PlainValue for Option<T> {
    type Shown = Option<T::Shown>;

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::value)
    }
}

impl PlainValue for String {
    type Shown = Self;

    fn value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl PlainValue for i32 {
    type Shown = Self;

    fn value(&self) -> Value {
        Value::from(*self)
    }
}

impl PlainValue for Id {
    type Shown = ID;

    fn value(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl PlainValue for Timestamp {
    type Shown = Self;

    fn value(&self) -> Value {
        ScalarType::to_value(self)
    }
}
