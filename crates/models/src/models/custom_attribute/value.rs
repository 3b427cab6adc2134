//! The values of custom attributes.

use super::Definition;
use crate::{
    db::types::{Date, Decimal, stored_as_text},
    models::{Code, Violation, Violations, search_key::fold},
};

stored_as_text! {
    /// The type of the values of a custom attribute.
    #[derive(Default)]
    pub enum ValueType {
        /// A text on one line.
        #[default]
        Text = "TEXT",
        Number = "NUMBER",
        Flag = "FLAG",
        Day = "DAY",
        /// One of the choices that the definition lists.
        Choice = "CHOICE",
        Money = "MONEY",
    }
}

impl ValueType {
    /// Whether its values are compared by less and greater.
    pub const fn has_ranges(self) -> bool {
        matches!(self, Self::Number | Self::Day | Self::Money)
    }

    /// A value of this type, in messages.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "a flag",
            Self::Day => "a day",
            Self::Choice => "a choice",
            Self::Money => "an amount of money",
        }
    }
}

/// A value of a custom attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Text(String),
    Number(Decimal),
    Flag(bool),
    Day(Date),
    Choice(String),
    Money(Money),
}

/// An amount with its currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    pub amount: Decimal,
    /// Its ISO 4217 code.
    pub currency: String,
}

impl Value {
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Text(_) => ValueType::Text,
            Self::Number(_) => ValueType::Number,
            Self::Flag(_) => ValueType::Flag,
            Self::Day(_) => ValueType::Day,
            Self::Choice(_) => ValueType::Choice,
            Self::Money(_) => ValueType::Money,
        }
    }

    /// Its canonical text.
    pub fn stored(&self) -> String {
        match self {
            Self::Text(text) | Self::Choice(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Money(Money { amount, currency }) => format!("{amount} {currency}"),
        }
    }

    /// Parses the canonical text of a value of that type; `None` if it is not one.
    pub fn read(value_type: ValueType, text: &str) -> Option<Self> {
        Some(match value_type {
            ValueType::Text => Self::Text(text.to_owned()),
            ValueType::Number => Self::Number(text.parse().ok()?),
            ValueType::Flag => Self::Flag(text.parse().ok()?),
            ValueType::Day => Self::Day(text.parse().ok()?),
            ValueType::Choice => Self::Choice(text.to_owned()),
            ValueType::Money => {
                let (amount, currency) = text.split_once(' ')?;
                let amount = amount.parse().ok()?;
                Self::Money(Money { amount, currency: currency.to_owned() })
            }
        })
    }

    /// A text that sorts like the values of its type: texts ignoring case and accents, `false` before `true`, and
    /// amounts of money by currency first.
    pub fn sort_key(&self) -> String {
        match self {
            Self::Text(text) => fold(text),
            Self::Number(number) => number.to_sortable(),
            Self::Money(Money { amount, currency }) => {
                currency_prefix(currency) + &amount.to_sortable()
            }
            Self::Flag(_) | Self::Day(_) | Self::Choice(_) => self.stored(),
        }
    }

    /// The normalized value, if the definition allows it. Otherwise adds a violation of the field.
    pub(super) fn checked(
        self,
        definition: &Definition,
        field: &str,
        violations: &mut Violations,
    ) -> Option<Self> {
        let mut invalid =
            |message: String| violations.push(Violation::new(field, Code::Invalid, message));
        if self.value_type() != definition.value_type {
            invalid(format!("must be {}", definition.value_type.description()));
            return None;
        }
        match self {
            Self::Text(text) => {
                let mut text = Some(text);
                violations.line(field, &mut text);
                text.map(Self::Text)
            }
            Self::Choice(choice) => {
                let choice = choice.trim().to_owned();
                if !definition.choices().any(|it| it == choice) {
                    invalid("must be one of the attribute's choices".to_owned());
                    return None;
                }
                Some(Self::Choice(choice))
            }
            Self::Money(Money { amount, currency }) => {
                let mut currency = Some(currency);
                violations.currency(field, &mut currency);
                if currency.is_none() {
                    violations.required(field);
                }
                Some(Self::Money(Money { amount, currency: currency? }))
            }
            value @ (Self::Number(_) | Self::Flag(_) | Self::Day(_)) => Some(value),
        }
    }
}

/// The prefix of the sort keys of amounts in that currency.
pub(super) fn currency_prefix(currency: &str) -> String {
    format!("{currency} ")
}
