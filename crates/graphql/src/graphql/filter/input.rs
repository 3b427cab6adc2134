//! The input type of a filter: `and`, `or` and `not`, the filterable attributes of the rows, `createdAt` and
//! `updatedAt`, and the further conditions of the type.

use std::borrow::Cow;

use async_graphql::{
    InputObjectType, InputType, InputValueError, InputValueResult, Value,
    registry::{MetaInputValue, Registry},
};

use super::{
    DateTimeFilter, ParsedOption, Tests,
    attributes::{attribute_fields, attribute_named, attribute_tests, parsed},
};
use crate::{
    db::types::Timestamp,
    graphql::{
        error::Error,
        node::{ListedNode, RowNode},
        object::{RowObject, argument, register_input, text},
    },
    models::{
        Row,
        attribute::HasAttributes,
        filter::{Filter, Predicate, RangeTest, RowTest},
        list::{self, Listed, TestOf},
    },
};

/// Maximum number of tests in one filter, including nested ones.
pub const TESTS_MAX: usize = 100;

/// A node type whose lists can be filtered. The macro `filter!` implements it.
pub trait Filtered: RowNode<Row: Listed> {
    /// The filter's description, by line.
    const FILTER: &'static [&'static str];
    /// The conditions that only this type has.
    const CONDITIONS: &'static [FilterField<Self>];
}

/// Tests for nodes of the type `N`.
pub type TestsOf<N> = Tests<TestOf<<N as RowObject>::Row>>;

/// A field of the filter for nodes of the type `N`.
pub struct FilterField<N: Filtered> {
    pub name: &'static str,
    /// The field's description, by line.
    pub description: &'static [&'static str],
    /// Registers the field's type and returns the field.
    pub field: fn(&mut Registry, &str, &str) -> MetaInputValue,
    /// Converts the field's value to tests; `None` for `null`.
    pub tests: fn(Value) -> ParsedOption<TestsOf<N>>,
}

/// The filter for nodes of the type `N`.
pub struct FilterInput<N: ListedNode> {
    and: Option<Vec<Self>>,
    or: Option<Vec<Self>>,
    not: Option<Box<Self>>,
    /// The tests of each other field.
    tests: Vec<TestsOf<N>>,
}

impl<N: ListedNode> FilterInput<N> {
    /// The tests that filter a list, at most [`TESTS_MAX`]. The filter is boxed, because every field of an object needs
    /// memory for the largest arguments of any field.
    pub fn tests(filter: Option<Box<Self>>) -> Result<list::FilterOf<N::Row>, Error> {
        let filter = filter.map(|it| it.into_tests()).transpose()?.unwrap_or_default();
        if filter.tests() > TESTS_MAX {
            return Err(Error::bad_input(format!("filter: at most {TESTS_MAX} tests are allowed")));
        }
        Ok(filter)
    }

    fn into_tests(self) -> TestsOf<N> {
        let many = |filters: Vec<Self>| filters.into_iter().map(Self::into_tests).collect();
        let and = self.and.map(many).transpose()?.map(Filter::All);
        let or = self.or.map(many).transpose()?.map(Filter::Any);
        let not = self.not.map(|filter| filter.into_tests()).transpose()?;
        let not = not.map(|filter| Filter::Not(Box::new(filter)));
        let junctions = [and, or, not].into_iter().flatten().map(Ok);
        Ok(Filter::All(junctions.chain(self.tests).collect::<Result<_, _>>()?))
    }

    /// Adds the condition of the field with this name.
    fn add(&mut self, name: &str, value: Value) -> Result<(), InputValueError<Self>> {
        match name {
            "and" => self.and = parsed(value)?,
            "or" => self.or = parsed(value)?,
            "not" => self.not = parsed(value)?,
            _ => self.tests.extend(Self::condition(name, value)?),
        }
        Ok(())
    }

    /// Converts the condition of the field with this name to tests; `None` for `null`.
    fn condition(name: &str, value: Value) -> Result<Option<TestsOf<N>>, InputValueError<Self>> {
        let times = |value, column, predicate: fn(RangeTest<Timestamp>) -> Predicate| {
            let filter: Option<DateTimeFilter> = parsed(value)?;
            let test = |it| RowTest::column(column, predicate(it));
            Ok(filter.map(|it| it.tests().map(|tests| tests.map(&test))))
        };
        match name {
            "createdAt" => return times(value, N::Row::ID, Predicate::Created),
            "updatedAt" => return times(value, N::Row::UPDATED_AT, Predicate::Time),
            _ => {}
        }
        if let Some(condition) = N::CONDITIONS.iter().find(|it| it.name == name) {
            return (condition.tests)(value).map_err(InputValueError::propagate);
        }
        match attribute_named::<<N::Row as HasAttributes>::Attributes>(name) {
            Some(attribute) => {
                attribute_tests(attribute, value).map_err(InputValueError::propagate)
            }
            None => Ok(None),
        }
    }

    fn fields(registry: &mut Registry) -> Vec<MetaInputValue> {
        let mut fields = vec![
            argument::<Option<Vec<Self>>>(registry, "and", "All of these filters must match."),
            argument::<Option<Vec<Self>>>(
                registry,
                "or",
                "At least one of these filters must match.",
            ),
            argument::<Option<Box<Self>>>(registry, "not", "This filter must not match."),
        ];
        fields.extend(attribute_fields::<<N::Row as HasAttributes>::Attributes>(registry));
        let own = N::CONDITIONS.iter();
        fields.extend(own.map(|it| (it.field)(registry, it.name, &text(it.description))));
        fields.push(argument::<Option<DateTimeFilter>>(registry, "createdAt", N::FILTER_TIMES.0));
        fields.push(argument::<Option<DateTimeFilter>>(registry, "updatedAt", N::FILTER_TIMES.1));
        fields
    }
}

impl<N: ListedNode> InputType for FilterInput<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Filter", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_input::<Self>(registry, N::FILTER, Self::fields)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let mut filter = Self { and: None, or: None, not: None, tests: Vec::new() };
        for (name, value) in fields {
            filter.add(&name, value)?;
        }
        Ok(filter)
    }

    /// async-graphql calls this only for default values, and filters have none.
    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N: ListedNode> InputObjectType for FilterInput<N> {}

/// Declares the filter for a node type: its description and the conditions that only this type has. Each condition has
/// a description, its name in GraphQL, the type of its value, and the function that converts the value to tests.
macro_rules! filter {
    (
        $(#[doc = $doc:literal])+
        $Node:ident {
            $($(#[doc = $field_doc:literal])+ $field:ident: $Value:ty => $tests:expr,)*
        }
    ) => {
        impl $crate::graphql::filter::Filtered for $Node {
            const FILTER: &'static [&'static str] = &[$($doc),+];
            const CONDITIONS: &'static [$crate::graphql::filter::FilterField<Self>] = &[$(
                $crate::graphql::filter::FilterField {
                    name: stringify!($field),
                    description: &[$($field_doc),+],
                    field: $crate::graphql::object::argument::<Option<$Value>>,
                    tests: |value| {
                        let value: Option<$Value> = $crate::graphql::filter::parsed(value)?;
                        Ok(value.map($tests))
                    },
                },
            )*];
        }
    };
}
pub(in crate::graphql) use filter;
