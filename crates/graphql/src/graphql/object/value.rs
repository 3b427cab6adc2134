//! The values of plain fields.

use async_graphql::{ID, Name, OutputType, ScalarType, Value, registry::Registry};

use crate::{
    db::types::{Date, Decimal, Timestamp},
    graphql::{
        customer::{CustomerType, address::CustomerAddressType},
        loyalty_program::LoyaltyProgramType,
    },
    id::Id,
    models,
};

/// A value of a row that a field can show as it is.
pub trait PlainValue: Clone {
    /// The type of the field.
    type Shown: OutputType;

    fn value(&self) -> Value;
}

/// Registers the type of the values that such a function returns. It is never called.
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

impl PlainValue for bool {
    type Shown = Self;

    fn value(&self) -> Value {
        Value::Boolean(*self)
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

macro_rules! scalars {
    ($($Scalar:ty),+) => {$(
        impl PlainValue for $Scalar {
            type Shown = Self;

            fn value(&self) -> Value {
                ScalarType::to_value(self)
            }
        }
    )+};
}

scalars! { Date, Decimal, Timestamp }

/// Choices, whose stored names are those of the enum in GraphQL.
macro_rules! choices {
    ($($Stored:ty => $Shown:ty),+ $(,)?) => {$(
        impl PlainValue for $Stored {
            type Shown = $Shown;

            fn value(&self) -> Value {
                Value::Enum(Name::new(self.name()))
            }
        }
    )+};
}

choices! {
    models::customer::CustomerType => CustomerType,
    models::customer::address::AddressType => CustomerAddressType,
    models::loyalty_program::LoyaltyProgramType => LoyaltyProgramType,
}
