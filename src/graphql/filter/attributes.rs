//! The conditions of a filter on attributes. Each attribute that is filterable is a field of its type's filter, whose
//! operators follow from the type of its values.

use std::marker::PhantomData;

use async_graphql::{
    InputType, InputValueError, Value,
    registry::{MetaInputValue, Registry},
};

use super::{BooleanFilter, DateFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter};
use crate::{
    graphql::{
        error::Error,
        object::{argument, text},
    },
    id::NodeType,
    models::{
        attribute::{Attribute, AttributeType, Attributes},
        filter::{AttributeTest, Filter, Predicate},
    },
};

/// The conditions that a filter has on attributes.
#[derive(Debug)]
pub struct AttributeConditions<A> {
    /// With the places of their attributes.
    given: Vec<(usize, Operators)>,
    attributes: PhantomData<fn() -> A>,
}

/// The conditions on one attribute.
#[derive(Clone, Debug)]
enum Operators {
    Exact(ExactFilter),
    Id(NodeType, IdFilter),
    Flag(BooleanFilter),
    Decimal(DecimalFilter),
    Date(DateFilter),
    Time(DateTimeFilter),
}

impl<A> Default for AttributeConditions<A> {
    fn default() -> Self {
        Self { given: Vec::new(), attributes: PhantomData }
    }
}

impl<A> Clone for AttributeConditions<A> {
    fn clone(&self) -> Self {
        Self { given: self.given.clone(), attributes: PhantomData }
    }
}

impl<A: Attributes> AttributeConditions<A> {
    /// The fields of the filter, whose types are registered.
    pub fn fields(registry: &mut Registry) -> Vec<MetaInputValue> {
        let filterable = A::ATTRIBUTES.iter().filter(|attribute| attribute.kind.is_filterable);
        filterable.map(|attribute| field(registry, attribute)).collect()
    }

    /// Adds the conditions that a field of the filter has; `null` has none.
    pub fn add<F: InputType>(
        &mut self,
        name: &str,
        value: Value,
    ) -> Result<(), InputValueError<F>> {
        let Some(place) = A::place_of_field(name) else { return Ok(()) };
        let value_type = A::ATTRIBUTES.get(place).and_then(|attribute| attribute.kind.value_type);
        let operators = match value_type {
            Some(AttributeType::Flag) => {
                parsed::<Option<BooleanFilter>, F>(value)?.map(Operators::Flag)
            }
            Some(AttributeType::Decimal) => {
                parsed::<Option<DecimalFilter>, F>(value)?.map(Operators::Decimal)
            }
            Some(AttributeType::Date) => {
                parsed::<Option<DateFilter>, F>(value)?.map(Operators::Date)
            }
            Some(AttributeType::Timestamp) => {
                parsed::<Option<DateTimeFilter>, F>(value)?.map(Operators::Time)
            }
            Some(AttributeType::Reference(node)) => {
                let filter = parsed::<Option<IdFilter>, F>(value)?;
                filter.map(|filter| Operators::Id(node, filter))
            }
            _ => parsed::<Option<ExactFilter>, F>(value)?.map(Operators::Exact),
        };
        self.given.extend(operators.map(|operators| (place, operators)));
        Ok(())
    }

    /// The tests of the filtered type.
    pub fn tests<T: From<AttributeTest>>(self) -> Result<Vec<Filter<T>>, Error> {
        let tests = self.given.into_iter().filter_map(|(place, operators)| {
            let column = A::ATTRIBUTES.get(place)?.sql();
            let test = |predicate| T::from(AttributeTest::new(column, predicate));
            Some(match operators {
                Operators::Exact(filter) => filter.tests(|it| test(Predicate::Exact(it))),
                Operators::Id(node, filter) => filter.tests(node, |it| test(Predicate::Id(it))),
                Operators::Flag(filter) => filter.tests(|it| test(Predicate::Flag(it))),
                Operators::Decimal(filter) => filter.tests(|it| test(Predicate::Decimal(it))),
                Operators::Date(filter) => filter.tests(|it| test(Predicate::Date(it))),
                Operators::Time(filter) => filter.tests(|it| test(Predicate::Time(it))),
            })
        });
        tests.collect()
    }
}

fn field<A>(registry: &mut Registry, attribute: &Attribute<A>) -> MetaInputValue {
    // The other sentences are about writing it.
    let description = text(attribute.description);
    let sentence = description.split_inclusive(". ").next().unwrap_or_default();
    let sentence = sentence.split_inclusive(".\n").next().unwrap_or_default().trim_end();
    let field = match attribute.kind.value_type {
        Some(AttributeType::Flag) => argument::<Option<BooleanFilter>>,
        Some(AttributeType::Decimal) => argument::<Option<DecimalFilter>>,
        Some(AttributeType::Date) => argument::<Option<DateFilter>>,
        Some(AttributeType::Timestamp) => argument::<Option<DateTimeFilter>>,
        Some(AttributeType::Reference(_)) => argument::<Option<IdFilter>>,
        _ => argument::<Option<ExactFilter>>,
    };
    field(registry, &attribute.name(), sentence)
}

/// The value of a field of an input of the type `F`.
pub fn parsed<T: InputType, F: InputType>(value: Value) -> Result<T, InputValueError<F>> {
    T::parse(Some(value)).map_err(InputValueError::propagate)
}
