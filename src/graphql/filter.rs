//! The operators that filters are written with.

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

/// Most values that one filter may name.
pub const VALUES_MAX: usize = 1_000;

/// What a filter makes: tests of the models, or what is wrong with it.
pub type Tests<Test> = Result<Filter<Test>, Error>;

/// Most tests that one filter may make.
pub const TESTS_MAX: usize = 100;

/// Conditions on a text that people search, ignoring case and accents: `taqueria` is `Taquería`.
/// All given ones must hold. Texts have up to 255 characters; spaces around those of `eq` and `in` make
/// no difference.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TextFilter {
    /// Is the same text.
    eq: Option<String>,
    /// Is one of these texts; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// Contains this text. `%` and `_` are ordinary characters.
    contains: Option<String>,
    /// Starts with this text.
    starts_with: Option<String>,
    /// Is missing (`true`), or is there (`false`).
    is_null: Option<bool>,
}

impl TextFilter {
    /// The tests, each made into one of a type's.
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

/// Conditions on a text that programs compare: to the byte, but for spaces around it, which no such
/// text has. All given ones must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ExactFilter {
    /// Is the same text.
    eq: Option<String>,
    /// Is one of these texts; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// Is missing (`true`), or is there (`false`).
    is_null: Option<bool>,
}

impl ExactFilter {
    /// The tests, each made into one of a type's.
    pub fn tests<T>(self, test: impl Fn(ExactTest) -> T) -> Tests<T> {
        let mut tests = Vec::new();
        tests.extend(self.eq.map(exact_term).transpose()?.map(ExactTest::Eq));
        tests.extend(self.is_in.map(exact_terms).transpose()?.map(ExactTest::In));
        tests.extend(self.is_null.map(ExactTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(|it| Filter::Is(test(it))).collect()))
    }
}

/// Conditions on a reference. All given ones must hold. An id that does not exist matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct IdFilter {
    /// Refers to this object.
    eq: Option<ID>,
    /// Refers to one of these objects; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<ID>>,
    /// Refers to nothing (`true`), or to something (`false`).
    is_null: Option<bool>,
}

impl IdFilter {
    /// The tests, each made into one of a type's.
    pub fn tests<T>(self, node_type: NodeType, test: impl Fn(IdTest) -> T) -> Tests<T> {
        let mut tests = Vec::new();
        for ids in [self.eq.map(|id| vec![id]), self.is_in].into_iter().flatten() {
            tests.push(IdTest::In(uids(&ids, node_type)?));
        }
        tests.extend(self.is_null.map(IdTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(|it| Filter::Is(test(it))).collect()))
    }
}

/// Makes a type of conditions on values that are ordered.
macro_rules! range_filter {
    (
        $(#[$doc:meta])* $Filter:ident($Value:ty): $above:literal, $below:literal
        $(, $(#[$null_doc:meta])* $is_null:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, InputObject)]
        pub struct $Filter {
            #[doc = concat!("Is ", $above, " this.")]
            gt: Option<$Value>,
            #[doc = concat!("Is this, or ", $above, " it.")]
            gte: Option<$Value>,
            #[doc = concat!("Is ", $below, " this.")]
            lt: Option<$Value>,
            #[doc = concat!("Is this, or ", $below, " it.")]
            lte: Option<$Value>,
            $($(#[$null_doc])* $is_null: Option<bool>,)?
        }

        impl $Filter {
            /// The tests, each made into one of a type's.
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
    /// Conditions on a point in time. All given ones must hold.
    DateTimeFilter(Timestamp): "after", "before"
}
range_filter! {
    /// Conditions on a day. All given ones must hold; a missing one is neither before nor after
    /// any.
    DateFilter(Date): "after", "before",
    /// There is none (`true`), or there is one (`false`).
    is_null
}
range_filter! {
    /// Conditions on an amount. All given ones must hold; a missing one is neither less nor greater
    /// than any.
    DecimalFilter(Decimal): "greater than", "less than",
    /// There is none (`true`), or there is one (`false`).
    is_null
}

/// Conditions on a flag.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct BooleanFilter {
    /// Has this value.
    eq: bool,
}

impl BooleanFilter {
    /// The test, made into one of a type's.
    #[expect(clippy::unnecessary_wraps, reason = "as those of the other conditions")]
    pub fn tests<T>(self, test: impl Fn(bool) -> T) -> Tests<T> {
        Ok(Filter::Is(test(self.eq)))
    }
}

/// Makes a type of conditions on what is one of a few values.
macro_rules! enum_filter {
    ($(#[$doc:meta])* $Filter:ident($Value:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, async_graphql::InputObject)]
        pub struct $Filter {
            /// Is this one.
            eq: Option<$Value>,
            /// Is one of these.
            #[graphql(name = "in")]
            is_in: Option<Vec<$Value>>,
        }

        impl $Filter {
            /// The tests, each made into one of a type's.
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

/// Makes the input type of a filter: `and`, `or`, `not`, and a field for each thing that can be
/// asked, with the function that makes tests of what is given for it.
macro_rules! filter {
    (
        $(#[$doc:meta])*
        $Filter:ident makes $Test:ty {
            $($(#[$field_doc:meta])* $field:ident: $Conditions:ty => $tests:expr,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, async_graphql::InputObject)]
        pub struct $Filter {
            /// All of these hold.
            and: Option<Vec<$Filter>>,
            /// Any of these holds.
            or: Option<Vec<$Filter>>,
            /// This does not hold.
            not: Option<Box<$Filter>>,
            $($(#[$field_doc])* $field: Option<$Conditions>,)*
        }

        impl $Filter {
            /// The tests that a list is filtered by. (A resolver has it in a box, for every field
            /// of its object needs memory for the largest of their arguments.)
            pub fn tests(filter: Option<Box<Self>>) -> $crate::graphql::filter::Tests<$Test> {
                let filter = filter.map(|it| it.into_tests()).transpose()?.unwrap_or_default();
                $crate::graphql::filter::check_size(filter)
            }

            fn into_tests(self) -> $crate::graphql::filter::Tests<$Test> {
                let (and, or, not) = (self.and, self.or, self.not);
                let mut tests =
                    $crate::graphql::filter::junctions(and, or, not, Self::into_tests)?;
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

/// The tests of a filter's `and`, `or` and `not`.
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

/// A term that is searched for: on one line, and not longer than what it could be found in.
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

/// A term that is compared with texts as they are stored: trimmed.
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

/// The ids of that type among these. What is no such id is the id of nothing: it is left out.
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
