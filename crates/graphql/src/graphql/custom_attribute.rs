//! The values of custom attributes, in outputs and in inputs.

mod field;
mod filter;

use async_graphql::{Enum, InputObject, SimpleObject};

use super::{memory::Item, object::Items};
use crate::{
    db::types::{Date, Decimal},
    models::custom_attribute::{self, Assignment, Given, Value},
};

pub(in crate::graphql) use self::{
    field::{all, one},
    filter::{CustomAttributeFilter, looked_up, order_by},
};

/// Types of the values of custom attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "custom_attribute::ValueType")]
pub enum AttributeType {
    /// Text on one line, up to 255 characters. Searches ignore case and accents.
    Text,
    /// Exact decimal number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Calendar date.
    Day,
    /// One of the attribute's `choices`.
    Choice,
    /// Amount with its currency. Amounts in different currencies are not converted: they are sorted by
    /// currency first, and neither is less than the other in a filter.
    Money,
}

/// A custom attribute of an object, with its value or values.
#[derive(SimpleObject)]
pub struct CustomAttribute {
    /// Key of the attribute.
    key: String,
    /// Type of the values.
    #[graphql(name = "type")]
    value_type: AttributeType,
    /// Whether the attribute is a list.
    is_list: bool,
    /// The value; `null` if the attribute is a list.
    value: Option<CustomAttributeValue>,
    /// The values of a list, in order; otherwise the one value.
    values: Items<CustomAttributeValue>,
}

/// A value of a custom attribute. The field for its type has the value, and all others are `null`.
#[derive(Clone, Default, SimpleObject)]
pub struct CustomAttributeValue {
    /// Value of the type `TEXT`.
    text: Option<String>,
    /// Value of the type `NUMBER`.
    number: Option<Decimal>,
    /// Value of the type `FLAG`.
    flag: Option<bool>,
    /// Value of the type `DAY`.
    day: Option<Date>,
    /// Value of the type `CHOICE`.
    choice: Option<String>,
    /// Value of the type `MONEY`.
    money: Option<Money>,
}

/// An amount with its currency.
#[derive(Clone, SimpleObject, InputObject)]
#[graphql(input_name = "MoneyInput")]
pub struct Money {
    /// Amount in the main unit of `currency`: `"12.5"` is 12 euros and 50 cents.
    amount: Decimal,
    /// ISO 4217 code of the currency, like `EUR`.
    currency: String,
}

impl Item for CustomAttribute {
    fn texts(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, Item::texts)
    }
}

impl Item for CustomAttributeValue {
    fn texts(&self) -> usize {
        [&self.text, &self.choice].into_iter().flatten().map(String::len).sum()
    }
}

impl From<&Value> for CustomAttributeValue {
    fn from(value: &Value) -> Self {
        let none = Self::default();
        match value.clone() {
            Value::Text(text) => Self { text: Some(text), ..none },
            Value::Number(number) => Self { number: Some(number), ..none },
            Value::Flag(flag) => Self { flag: Some(flag), ..none },
            Value::Day(day) => Self { day: Some(day), ..none },
            Value::Choice(choice) => Self { choice: Some(choice), ..none },
            Value::Money(custom_attribute::Money { amount, currency }) => {
                Self { money: Some(Money { amount, currency }), ..none }
            }
        }
    }
}

impl From<&custom_attribute::CustomAttribute> for CustomAttribute {
    fn from(attribute: &custom_attribute::CustomAttribute) -> Self {
        let values: Items<_> = attribute.values.iter().map(CustomAttributeValue::from).collect();
        Self {
            key: attribute.key.clone(),
            value_type: attribute.value_type.into(),
            is_list: attribute.is_list,
            value: values.0.first().cloned().filter(|_| !attribute.is_list),
            values,
        }
    }
}

/// A new value, or new values, of a custom attribute. Omit both, or set `null`, to clear the attribute.
#[derive(InputObject)]
pub struct CustomAttributeInput {
    /// Key of the attribute. Each can be given once.
    key: String,
    /// The value of an attribute that is not a list.
    value: Option<CustomAttributeValueInput>,
    /// All values of a list attribute, in order; at most 50.
    values: Option<Vec<CustomAttributeValueInput>>,
}

/// A value of a custom attribute: exactly the field for the attribute's type.
#[derive(InputObject)]
pub struct CustomAttributeValueInput {
    /// Value of the type `TEXT`: one line, up to 255 characters. It is trimmed, and empty text counts as a missing
    /// value.
    text: Option<String>,
    /// Value of the type `NUMBER`.
    number: Option<Decimal>,
    /// Value of the type `FLAG`.
    flag: Option<bool>,
    /// Value of the type `DAY`.
    day: Option<Date>,
    /// Value of the type `CHOICE`: one of the attribute's `choices`.
    choice: Option<String>,
    /// Value of the type `MONEY`.
    money: Option<Money>,
}

impl From<CustomAttributeValueInput> for Vec<Value> {
    /// All given values. The models reject more than one.
    fn from(input: CustomAttributeValueInput) -> Self {
        let money = input.money.map(|Money { amount, currency }| {
            Value::Money(custom_attribute::Money { amount, currency })
        });
        let values = [
            input.text.map(Value::Text),
            input.number.map(Value::Number),
            input.flag.map(Value::Flag),
            input.day.map(Value::Day),
            input.choice.map(Value::Choice),
            money,
        ];
        values.into_iter().flatten().collect()
    }
}

/// Converts an input's field `attributes` to assignments.
pub fn assignments(list: Option<Vec<CustomAttributeInput>>) -> Vec<Assignment> {
    let assignment = |(position, input): (usize, CustomAttributeInput)| Assignment {
        key: input.key,
        given: match (input.value, input.values) {
            (None, None) => Given::Nothing,
            (Some(value), None) => Given::One(value.into()),
            (None, Some(values)) => Given::Many(values.into_iter().map(Into::into).collect()),
            (Some(_), Some(_)) => Given::Both,
        },
        field: format!("attributes.{position}"),
    };
    list.into_iter().flatten().enumerate().map(assignment).collect()
}
