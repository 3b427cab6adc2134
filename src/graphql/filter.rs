//! The operators of filters.

mod attributes;

use async_graphql::{ID, InputObject};

use super::error::Error;
use crate::{
    db::types::{Date, Decimal, Timestamp, Uid},
    id::NodeType,
    models::{
        filter::{ExactTest, Filter, IdTest, RangeTest, TextTest},
        violation::LINE_MAX,
    },
};

pub use self::attributes::{AttributeConditions, attribute_fields, parsed};

/// Most values in one list of a filter.
pub const VALUES_MAX: usize = 1_000;

/// The result of reading a filter: tests of the models, or an error.
pub type Tests<Test> = Result<Filter<Test>, Error>;

/// Most tests in one filter, nested ones included.
pub const TESTS_MAX: usize = 100;

/// Filter for text, ignoring case and accents: `taqueria` matches `Taquería`. All given conditions
/// must match. Values have up to 255 characters; those of `eq` and `in` are trimmed.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TextFilter {
    /// Equals this text.
    eq: Option<String>,
    /// Equals one of these texts; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// Contains this text. There are no wildcards: `%` and `_` match themselves.
    contains: Option<String>,
    /// Starts with this text.
    starts_with: Option<String>,
    /// Whether the field is `null`.
    is_null: Option<bool>,
}

impl TextFilter {
    /// The tests, each converted to a test of the filtered type.
    pub fn tests<T>(self, test: impl Fn(TextTest) -> T) -> Tests<T> {
        let mut tests = Vec::new();
        tests.extend(self.eq.map(exact_term).transpose()?.map(TextTest::Eq));
        tests.extend(self.is_in.map(exact_terms).transpose()?.map(TextTest::In));
        tests.extend(self.contains.map(term).transpose()?.map(TextTest::Contains));
        tests.extend(self.starts_with.map(term).transpose()?.map(TextTest::StartsWith));
        tests.extend(self.is_null.map(TextTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(|it| Filter::Is(test(it))).collect()))
    }
}

/// Filter for identifiers and codes, which are compared exactly, including case. All given
/// conditions must match. Values are trimmed and have up to 255 characters.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ExactFilter {
    /// Equals this text.
    eq: Option<String>,
    /// Equals one of these texts; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// Whether the field is `null`.
    is_null: Option<bool>,
}

impl ExactFilter {
    /// The tests, each converted to a test of the filtered type.
    pub fn tests<T>(self, test: impl Fn(ExactTest) -> T) -> Tests<T> {
        let mut tests = Vec::new();
        tests.extend(self.eq.map(exact_term).transpose()?.map(ExactTest::Eq));
        tests.extend(self.is_in.map(exact_terms).transpose()?.map(ExactTest::In));
        tests.extend(self.is_null.map(ExactTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(|it| Filter::Is(test(it))).collect()))
    }
}

/// Filter for references by ID. All given conditions must match. An ID that does not exist matches
/// nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct IdFilter {
    /// Refers to the object with this ID.
    eq: Option<ID>,
    /// Refers to one of the objects with these IDs; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<ID>>,
    /// Whether the reference is `null`.
    is_null: Option<bool>,
}

impl IdFilter {
    /// The tests, each converted to a test of the filtered type.
    pub fn tests<T>(self, node_type: NodeType, test: impl Fn(IdTest) -> T) -> Tests<T> {
        let mut tests = Vec::new();
        for ids in [self.eq.map(|id| vec![id]), self.is_in].into_iter().flatten() {
            tests.push(IdTest::In(uids(&ids, node_type)?));
        }
        tests.extend(self.is_null.map(IdTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(|it| Filter::Is(test(it))).collect()))
    }
}

/// Defines a filter for ordered values.
macro_rules! range_filter {
    (
        $(#[$doc:meta])* $Filter:ident($Value:ty): $above:literal, $below:literal
        $(, $(#[$null_doc:meta])* $is_null:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, InputObject)]
        pub struct $Filter {
            #[doc = concat!("Is ", $above, " this value.")]
            gt: Option<$Value>,
            #[doc = concat!("Equals this value or is ", $above, " it.")]
            gte: Option<$Value>,
            #[doc = concat!("Is ", $below, " this value.")]
            lt: Option<$Value>,
            #[doc = concat!("Equals this value or is ", $below, " it.")]
            lte: Option<$Value>,
            $($(#[$null_doc])* $is_null: Option<bool>,)?
        }

        impl $Filter {
            /// The tests, each converted to a test of the filtered type.
            pub fn tests<T>(
                self,
                test: impl Fn(RangeTest<$Value>) -> T,
            ) -> Tests<T> {
                let tests = [
                    self.gt.map(RangeTest::Gt),
                    self.gte.map(RangeTest::Gte),
                    self.lt.map(RangeTest::Lt),
                    self.lte.map(RangeTest::Lte),
                    $(self.$is_null.map(RangeTest::IsNull),)?
                ];
                let tests = tests.into_iter().flatten().map(|it| Filter::Is(test(it)));
                Ok(Filter::All(tests.collect()))
            }
        }
    };
}

range_filter! {
    /// Filter for points in time. All given conditions must match.
    DateTimeFilter(Timestamp): "after", "before"
}
range_filter! {
    /// Filter for calendar dates. All given conditions must match. `null` is neither before nor
    /// after any date.
    DateFilter(Date): "after", "before",
    /// Whether the field is `null`.
    is_null
}
range_filter! {
    /// Filter for decimal numbers. All given conditions must match. `null` is neither less nor
    /// greater than any number.
    DecimalFilter(Decimal): "greater than", "less than",
    /// Whether the field is `null`.
    is_null
}

/// Filter for boolean fields.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct BooleanFilter {
    /// Equals this value.
    eq: bool,
}

impl BooleanFilter {
    /// The test, converted to a test of the filtered type.
    #[expect(clippy::unnecessary_wraps, reason = "as those of the other conditions")]
    pub fn tests<T>(self, test: impl Fn(bool) -> T) -> Tests<T> {
        Ok(Filter::Is(test(self.eq)))
    }
}

/// Defines a filter for an enum.
macro_rules! enum_filter {
    ($(#[$doc:meta])* $Filter:ident($Value:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, async_graphql::InputObject)]
        pub struct $Filter {
            /// Equals this value.
            eq: Option<$Value>,
            /// Equals one of these values.
            #[graphql(name = "in")]
            is_in: Option<Vec<$Value>>,
        }

        impl $Filter {
            /// The tests, each converted to a test of the filtered type.
            pub fn tests<Value: From<$Value>, T>(
                self,
                test: impl Fn(Vec<Value>) -> T,
            ) -> $crate::graphql::filter::Tests<T> {
                let values = [self.eq.map(|it| vec![it]), self.is_in].into_iter().flatten();
                let test =
                    |values: Vec<$Value>| test(values.into_iter().map(Value::from).collect());
                let tests = values.map(|it| $crate::models::filter::Filter::Is(test(it)));
                Ok($crate::models::filter::Filter::All(tests.collect()))
            }
        }
    };
}
pub(in crate::graphql) use enum_filter;

/// Defines the input type of a filter: `and`, `or`, `not`, the filterable attributes of that type, and one field per
/// further condition, with the function that turns its value into tests.
///
/// The library's derive would copy each filter to take out the attributes, together with the filters within.
macro_rules! filter {
    (
        $(#[doc = $doc:literal])*
        $Filter:ident of $Attributes:ident makes $Test:ty {
            $($(#[doc = $field_doc:literal])* $field:ident: $Conditions:ty => $tests:expr,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $Filter {
            and: Option<Vec<$Filter>>,
            or: Option<Vec<$Filter>>,
            not: Option<Box<$Filter>>,
            attributes: $crate::graphql::filter::AttributeConditions,
            $($(#[doc = $field_doc])* $field: Option<$Conditions>,)*
        }

        impl async_graphql::InputType for $Filter {
            type RawValueType = Self;

            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($Filter).into()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::object::register_input::<Self>(registry, &[$($doc),*], |registry| {
                    use $crate::graphql::object::{argument, text};

                    let junctions = [
                        argument::<Option<Vec<Self>>>(registry, "and", "All of these filters must match."),
                        argument::<Option<Vec<Self>>>(
                            registry, "or", "At least one of these filters must match.",
                        ),
                        argument::<Option<Box<Self>>>(registry, "not", "This filter must not match."),
                    ];
                    let mut fields = Vec::from(junctions);
                    fields.extend(
                        $crate::graphql::filter::attribute_fields::<$Attributes>(registry),
                    );
                    $(fields.push(argument::<Option<$Conditions>>(
                        registry,
                        &$crate::models::attribute::camel_case(stringify!($field)),
                        &text(&[$($field_doc),*]),
                    ));)*
                    fields
                })
            }

            fn parse(
                value: Option<async_graphql::Value>,
            ) -> async_graphql::InputValueResult<Self> {
                use $crate::{graphql::filter::parsed, models::attribute::is_camel_case};

                let Some(async_graphql::Value::Object(fields)) = value else {
                    return Err(async_graphql::InputValueError::expected_type(
                        value.unwrap_or_default(),
                    ));
                };
                let mut filter = Self::default();
                for (name, value) in fields {
                    match name.as_str() {
                        "and" => filter.and = parsed(value)?,
                        "or" => filter.or = parsed(value)?,
                        "not" => filter.not = parsed(value)?,
                        $(_ if is_camel_case(&name, stringify!($field)) => {
                            filter.$field = parsed(value)?;
                        })*
                        _ => filter.attributes.add::<$Attributes, Self>(&name, value)?,
                    }
                }
                Ok(filter)
            }

            /// Only default values are converted, and filters have none.
            fn to_value(&self) -> async_graphql::Value {
                async_graphql::Value::Null
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }

        impl async_graphql::InputObjectType for $Filter {}

        impl $crate::graphql::node::ListFilter for $Filter {
            type Tests = $crate::models::filter::Filter<$Test>;

            fn tests(filter: Option<Box<Self>>) -> $crate::graphql::filter::Tests<$Test> {
                let filter = filter.map(|it| it.into_tests()).transpose()?.unwrap_or_default();
                $crate::graphql::filter::check_size(filter)
            }
        }

        impl $Filter {
            fn into_tests(self) -> $crate::graphql::filter::Tests<$Test> {
                let (and, or, not) = (self.and, self.or, self.not);
                let mut tests =
                    $crate::graphql::filter::junctions(and, or, not, Self::into_tests)?;
                tests.extend(self.attributes.tests()?);
                $(
                    let of_field: fn($Conditions) -> $crate::graphql::filter::Tests<$Test> =
                        $tests;
                    tests.extend(self.$field.map(of_field).transpose()?);
                )*
                Ok($crate::models::filter::Filter::All(tests))
            }
        }
    };
}
pub(in crate::graphql) use filter;

/// The tests from a filter's `and`, `or` and `not`.
pub fn junctions<F, Test>(
    and: Option<Vec<F>>,
    or: Option<Vec<F>>,
    not: Option<Box<F>>,
    into_tests: impl Fn(F) -> Tests<Test>,
) -> Result<Vec<Filter<Test>>, Error> {
    let many = |filters: Vec<F>| filters.into_iter().map(&into_tests).collect();
    let and = and.map(many).transpose()?.map(Filter::All);
    let or = or.map(many).transpose()?.map(Filter::Any);
    let not = not.map(|filter| into_tests(*filter)).transpose()?;
    let not = not.map(|filter| Filter::Not(Box::new(filter)));
    Ok([and, or, not].into_iter().flatten().collect())
}

/// A search term: a single line, no longer than the texts it is compared with.
pub fn term(text: String) -> Result<String, Error> {
    if text.chars().any(char::is_control) {
        return Err(Error::bad_input("filter: a text must not have control characters"));
    }
    if text.chars().count() > LINE_MAX {
        let message = format!("filter: a text must have at most {LINE_MAX} characters");
        return Err(Error::bad_input(message));
    }
    Ok(text)
}

/// A term for comparison with stored texts, which are trimmed.
fn exact_term(text: String) -> Result<String, Error> {
    term(text).map(trimmed)
}

fn exact_terms(texts: Vec<String>) -> Result<Vec<String>, Error> {
    Ok(terms(texts)?.into_iter().map(trimmed).collect())
}

fn trimmed(text: String) -> String {
    let trimmed = text.trim();
    if trimmed.len() < text.len() { trimmed.to_owned() } else { text }
}

pub fn terms(texts: Vec<String>) -> Result<Vec<String>, Error> {
    check_length(texts.len())?;
    texts.into_iter().map(term).collect()
}

/// The IDs of the given type. Any other ID cannot match and is left out.
pub fn uids(ids: &[ID], node_type: NodeType) -> Result<Vec<Uid>, Error> {
    check_length(ids.len())?;
    Ok(ids.iter().filter_map(|id| node_type.parse(id)).collect())
}

fn check_length(length: usize) -> Result<(), Error> {
    if length > VALUES_MAX {
        let message = format!("filter: a list must have at most {VALUES_MAX} values");
        return Err(Error::bad_input(message));
    }
    Ok(())
}

/// Refuses a filter that makes more than [`TESTS_MAX`] tests.
pub fn check_size<T>(filter: Filter<T>) -> Tests<T> {
    if filter.tests() > TESTS_MAX {
        return Err(Error::bad_input(format!("filter: at most {TESTS_MAX} tests are allowed")));
    }
    Ok(filter)
}
