//! The conditions of a filter on attributes. Each attribute that is filterable is a field of its type's filter, whose
//! operators follow from the type of its values.

use async_graphql::{
    InputType, InputValueError, Value,
    registry::{MetaInputValue, Registry},
};

use super::{
    BooleanFilter, DateFilter, DateTimeFilter, DecimalFilter, ExactFilter, IdFilter, TextFilter,
};
use crate::{
    graphql::{
        attributes::{ChoiceTypes, in_filter},
        error::Error,
        object::argument,
    },
    models::{
        attribute::{Attribute, AttributeType, Attributes, camel_case, is_camel_case},
        filter::{ExactTest, Filter, Predicate, RowTest, TextTest},
    },
};

/// The tests of one condition, or the error that a value is not allowed.
pub type Tests<Test> = Result<Filter<Test>, Error>;

/// The result for the value of a field; none for `null`.
pub type IfGiven<T> = Result<Option<T>, InputValueError<String>>;

/// The fields of a filter for the attributes of a type, whose own types are registered.
pub fn attribute_fields<A: Attributes>(registry: &mut Registry) -> Vec<MetaInputValue> {
    let filterable = A::ATTRIBUTES.iter().filter(|attribute| attribute.kind.uses.is_filterable);
    filterable.map(|attribute| field(registry, attribute)).collect()
}

/// The filterable attribute that is a field of that name.
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
    field(registry, &camel_case(attribute.column), &in_filter(attribute))
}

/// The tests of the condition on an attribute, which is a field of the input `F`; none of `null`.
pub fn attribute_tests<A, Own, F: InputType>(
    attribute: &Attribute<A>,
    value: Value,
) -> Result<Option<Tests<RowTest<Own>>>, InputValueError<F>> {
    let key = attribute.key_sql();
    let test = |predicate| RowTest::column(attribute.sql(), predicate);
    Ok(match attribute.kind.value_type {
        Some(AttributeType::Flag) => parsed::<Option<BooleanFilter>, F>(value)?
            .map(|it| it.tests(|it| test(Predicate::Flag(it)))),
        Some(AttributeType::Decimal) => parsed::<Option<DecimalFilter>, F>(value)?
            .map(|it| it.tests(|it| test(Predicate::Decimal(it)))),
        Some(AttributeType::Date) => parsed::<Option<DateFilter>, F>(value)?
            .map(|it| it.tests(|it| test(Predicate::Date(it)))),
        Some(AttributeType::Timestamp) => parsed::<Option<DateTimeFilter>, F>(value)?
            .map(|it| it.tests(|it| test(Predicate::Time(it)))),
        Some(AttributeType::Reference(node)) => parsed::<Option<IdFilter>, F>(value)?
            .map(|it| it.tests(node, |it| test(Predicate::Id(it)))),
        Some(AttributeType::Choice(name, _)) if let Some(types) = ChoiceTypes::named(name) => {
            (types.filter_tests)(value).map_err(InputValueError::propagate)?.map(|tests| {
                let tests = tests.into_iter().map(|it| Filter::Is(test(Predicate::Exact(it))));
                Ok(Filter::All(tests.collect()))
            })
        }
        _ if attribute.kind.uses.is_searchable => parsed::<Option<TextFilter>, F>(value)?
            .map(|it| it.tests(|it| test(text_predicate(attribute, it)))),
        _ if attribute.kind.uses.is_folded => parsed::<Option<ExactFilter>, F>(value)?
            .map(|it| it.tests(|it| test(Predicate::Folded(key, it)))),
        _ => parsed::<Option<ExactFilter>, F>(value)?
            .map(|it| it.tests(|it| test(exact_predicate(attribute, it)))),
    })
}

/// The predicate on a searchable text.
fn text_predicate<A>(attribute: &Attribute<A>, test: TextTest) -> Predicate {
    match (attribute.kind.uses.keys, test) {
        (Some(kind), TextTest::Eq(text)) => Predicate::Spelling(kind, vec![text]),
        (Some(kind), TextTest::In(texts)) => Predicate::Spelling(kind, texts),
        (_, test) => Predicate::Text(attribute.key_sql(), test),
    }
}

/// The predicate on another text.
fn exact_predicate<A>(attribute: &Attribute<A>, test: ExactTest) -> Predicate {
    match (attribute.kind.uses.keys, test) {
        (Some(kind), ExactTest::Eq(text)) => Predicate::Spelling(kind, vec![text]),
        (Some(kind), ExactTest::In(texts)) => Predicate::Spelling(kind, texts),
        (_, test) => Predicate::Exact(test),
    }
}

/// The value of a field of an input of the type `F`.
pub fn parsed<T: InputType, F: InputType>(value: Value) -> Result<T, InputValueError<F>> {
    T::parse(Some(value)).map_err(InputValueError::propagate)
}
