//! Filter conditions on attributes. Each filterable attribute is a field of its type's filter. The type of its values
//! determines the operators.

use async_graphql::{
    InputType, InputValueError, Value,
    registry::{MetaInputValue, Registry},
};

use super::{
    BooleanFilter, DateFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, TextFilter,
};
use crate::{
    db::sql::Column,
    graphql::{
        attributes::{ChoiceTypes, filter_description},
        error::Error,
        object::argument,
    },
    models::{
        attribute::{Attribute, AttributeType, Attributes, KindOf, camel_case, is_camel_case},
        filter::{ExactTest, Filter, Predicate, RowTest, TextTest},
    },
};

/// The tests of one condition, or the error of an invalid value.
pub type Tests<Test> = Result<Filter<Test>, Error>;

/// The result of converting the value of a field; `None` for `null`.
pub type ParsedOption<T> = Result<Option<T>, InputValueError<String>>;

/// Registers the types of the filter fields for the attributes of a type, and returns the fields.
pub fn attribute_fields<A: Attributes>(registry: &mut Registry) -> Vec<MetaInputValue> {
    let filterable = A::ATTRIBUTES.iter().filter(|attribute| attribute.kind.uses.is_filterable);
    filterable.map(|attribute| field(registry, attribute)).collect()
}

/// The filterable attribute whose filter field has this name.
pub fn attribute_named<A: Attributes>(name: &str) -> Option<&'static Attribute<A>> {
    let mut filterable = A::ATTRIBUTES.iter().filter(|it| it.kind.uses.is_filterable);
    filterable.find(|attribute| is_camel_case(name, attribute.column))
}

fn field<A>(registry: &mut Registry, attribute: &Attribute<A>) -> MetaInputValue {
    let field = match attribute.kind.value_type {
        Some(AttributeType::Flag) => argument::<Option<BooleanFilter>>,
        Some(AttributeType::Decimal) => argument::<Option<DecimalFilter>>,
        Some(AttributeType::Date) => argument::<Option<DateFilter>>,
        Some(AttributeType::Timestamp) => argument::<Option<DateTimeFilter>>,
        Some(AttributeType::Reference(_)) => argument::<Option<IdFilter>>,
        Some(AttributeType::Choice(name, _)) => match ChoiceTypes::named(name) {
            Some(types) => types.filter_field,
            None => argument::<Option<ExactFilter>>,
        },
        _ if attribute.kind.uses.is_searchable => argument::<Option<TextFilter>>,
        _ => argument::<Option<ExactFilter>>,
    };
    field(registry, &camel_case(attribute.column), &filter_description(attribute))
}

/// Converts the condition on an attribute to tests; `None` for `null`.
pub fn attribute_tests<A, Own>(
    attribute: &Attribute<A>,
    value: Value,
) -> ParsedOption<Tests<RowTest<Own>>> {
    let predicates = predicates(&attribute.kind, attribute.key_sql(), value)?;
    let test = |predicate| RowTest::column(attribute.sql(), predicate);
    Ok(predicates.map(|it| it.map(|predicates| predicates.map(&test))))
}

/// The predicates of the condition on an attribute of this kind. `key` is the column with its folded copy.
fn predicates(kind: &KindOf, key: Column, value: Value) -> ParsedOption<Tests<Predicate>> {
    match kind.value_type {
        Some(AttributeType::Flag) => given(value, BooleanFilter::tests, &Predicate::Flag),
        Some(AttributeType::Decimal) => given(value, DecimalFilter::tests, &Predicate::Decimal),
        Some(AttributeType::Date) => given(value, DateFilter::tests, &Predicate::Date),
        Some(AttributeType::Timestamp) => given(value, DateTimeFilter::tests, &Predicate::Time),
        Some(AttributeType::Reference(node)) => {
            given(value, |filter: IdFilter| filter.tests(node), &Predicate::Id)
        }
        Some(AttributeType::Choice(name, _)) if let Some(types) = ChoiceTypes::named(name) => {
            let tests = (types.filter_tests)(value)?;
            let is = |test| Filter::Is(Predicate::Exact(test));
            Ok(tests.map(|tests| Ok(Filter::All(tests.into_iter().map(is).collect()))))
        }
        _ if kind.uses.is_searchable => {
            given(value, TextFilter::tests, &|test| text_predicate(kind, key, test))
        }
        _ if kind.uses.is_folded => {
            given(value, ExactFilter::tests, &|test| Predicate::Folded(key, test))
        }
        _ => given(value, ExactFilter::tests, &|test| exact_predicate(kind, test)),
    }
}

/// Converts the tests of a filter to predicates; `None` for `null`.
fn given<F: InputType, T>(
    filter: Value,
    tests: impl FnOnce(F) -> Tests<T>,
    predicate: &dyn Fn(T) -> Predicate,
) -> ParsedOption<Tests<Predicate>> {
    let filter: Option<F> = parsed(filter)?;
    Ok(filter.map(|filter| tests(filter).map(|tests| tests.map(predicate))))
}

/// The predicate on a searchable text.
fn text_predicate(kind: &KindOf, key: Column, test: TextTest) -> Predicate {
    match (kind.uses.keys, test) {
        (Some(kind), TextTest::Eq(text)) => Predicate::Spelling(kind, vec![text]),
        (Some(kind), TextTest::In(texts)) => Predicate::Spelling(kind, texts),
        (_, test) => Predicate::Text(key, test),
    }
}

/// The predicate on a text that is compared exactly.
fn exact_predicate(kind: &KindOf, test: ExactTest) -> Predicate {
    match (kind.uses.keys, test) {
        (Some(kind), ExactTest::Eq(text)) => Predicate::Spelling(kind, vec![text]),
        (Some(kind), ExactTest::In(texts)) => Predicate::Spelling(kind, texts),
        (_, test) => Predicate::Exact(test),
    }
}

/// Parses the value of a field of the input type `F`.
pub fn parsed<T: InputType, F: InputType>(value: Value) -> Result<T, InputValueError<F>> {
    T::parse(Some(value)).map_err(InputValueError::propagate)
}
