//! The conditions of a filter on attributes. Each attribute that is filterable is a field of its type's filter, whose
//! operators follow from the type of its values.

use async_graphql::{
    InputType, InputValueError, Value,
    registry::{MetaInputValue, Registry},
};

use super::{BooleanFilter, DateFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter};
use crate::{
    db::sql::Column,
    graphql::{attributes::in_filter, error::Error, object::argument},
    id::NodeType,
    models::{
        attribute::{Attribute, AttributeType, Attributes},
        filter::{AttributeTest, Filter, Predicate},
    },
};

/// The conditions that a filter has on attributes, by their columns.
#[derive(Clone, Debug, Default)]
pub struct AttributeConditions(Vec<(Column, Operators)>);

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

/// The fields of a filter for the attributes of a type, whose own types are registered.
pub fn attribute_fields<A: Attributes>(registry: &mut Registry) -> Vec<MetaInputValue> {
    let filterable = A::ATTRIBUTES.iter().filter(|attribute| {
        attribute.kind.uses.is_filterable && !attribute.kind.uses.is_searchable
    });
    filterable.map(|attribute| field(registry, attribute)).collect()
}

impl AttributeConditions {
    /// Adds the conditions of a field of the filter `F` on an attribute of `A`; `null` has none.
    pub fn add<A: Attributes, F: InputType>(
        &mut self,
        name: &str,
        value: Value,
    ) -> Result<(), InputValueError<F>> {
        let attribute = A::place_of_field(name).and_then(|place| A::ATTRIBUTES.get(place));
        let Some(attribute) =
            attribute.filter(|it| it.kind.uses.is_filterable && !it.kind.uses.is_searchable)
        else {
            return Ok(());
        };
        let operators = match attribute.kind.value_type {
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
        self.0.extend(operators.map(|operators| (attribute.sql(), operators)));
        Ok(())
    }

    /// The tests of the filtered type.
    pub fn tests<T: From<AttributeTest>>(self) -> Result<Vec<Filter<T>>, Error> {
        let tests = self.0.into_iter().map(|(column, operators)| {
            let test = |predicate| T::from(AttributeTest::new(column, predicate));
            match operators {
                Operators::Exact(filter) => filter.tests(|it| test(Predicate::Exact(it))),
                Operators::Id(node, filter) => filter.tests(node, |it| test(Predicate::Id(it))),
                Operators::Flag(filter) => filter.tests(|it| test(Predicate::Flag(it))),
                Operators::Decimal(filter) => filter.tests(|it| test(Predicate::Decimal(it))),
                Operators::Date(filter) => filter.tests(|it| test(Predicate::Date(it))),
                Operators::Time(filter) => filter.tests(|it| test(Predicate::Time(it))),
            }
        });
        tests.collect()
    }
}

fn field<A>(registry: &mut Registry, attribute: &Attribute<A>) -> MetaInputValue {
    let field = match attribute.kind.value_type {
        Some(AttributeType::Flag) => argument::<Option<BooleanFilter>>,
        Some(AttributeType::Decimal) => argument::<Option<DecimalFilter>>,
        Some(AttributeType::Date) => argument::<Option<DateFilter>>,
        Some(AttributeType::Timestamp) => argument::<Option<DateTimeFilter>>,
        Some(AttributeType::Reference(_)) => argument::<Option<IdFilter>>,
        _ => argument::<Option<ExactFilter>>,
    };
    field(registry, &attribute.name(), &in_filter(attribute))
}

/// The value of a field of an input of the type `F`.
pub fn parsed<T: InputType, F: InputType>(value: Value) -> Result<T, InputValueError<F>> {
    T::parse(Some(value)).map_err(InputValueError::propagate)
}
