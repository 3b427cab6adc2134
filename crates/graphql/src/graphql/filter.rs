//! Filters: their operators, and their conditions.

mod attributes;
mod input;

use async_graphql::{ID, InputObject};

use super::error::Error;
use crate::{
    db::types::{Date, Decimal, Timestamp, Uid},
    id::NodeType,
    models::{
        filter::{ExactTest, Filter, IdTest, RangeTest, RowTest, TextTest},
        violation::LINE_MAX,
    },
};

pub use self::{
    attributes::{ParsedOption, Tests, parsed},
    input::{FilterField, FilterInput, Filtered},
};

pub(in crate::graphql) use self::input::filter;

/// Maximum number of values in one list of a filter.
pub const VALUES_MAX: usize = 1_000;

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
    pub fn tests(self) -> Tests<TextTest> {
        let mut tests = Vec::new();
        tests.extend(self.eq.map(exact_term).transpose()?.map(TextTest::Eq));
        tests.extend(self.is_in.map(exact_terms).transpose()?.map(TextTest::In));
        tests.extend(self.contains.map(term).transpose()?.map(TextTest::Contains));
        tests.extend(self.starts_with.map(term).transpose()?.map(TextTest::StartsWith));
        tests.extend(self.is_null.map(TextTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(Filter::Is).collect()))
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
    pub fn tests(self) -> Tests<ExactTest> {
        let mut tests = Vec::new();
        tests.extend(self.eq.map(exact_term).transpose()?.map(ExactTest::Eq));
        tests.extend(self.is_in.map(exact_terms).transpose()?.map(ExactTest::In));
        tests.extend(self.is_null.map(ExactTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(Filter::Is).collect()))
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
    pub fn tests(self, node_type: NodeType) -> Tests<IdTest> {
        let mut tests = Vec::new();
        for ids in [self.eq.map(|id| vec![id]), self.is_in].into_iter().flatten() {
            tests.push(IdTest::In(uids(&ids, node_type)?));
        }
        tests.extend(self.is_null.map(IdTest::IsNull));
        Ok(Filter::All(tests.into_iter().map(Filter::Is).collect()))
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
            pub fn tests(self) -> Tests<RangeTest<$Value>> {
                let tests = [
                    self.gt.map(RangeTest::Gt),
                    self.gte.map(RangeTest::Gte),
                    self.lt.map(RangeTest::Lt),
                    self.lte.map(RangeTest::Lte),
                    $(self.$is_null.map(RangeTest::IsNull),)?
                ];
                Ok(Filter::All(tests.into_iter().flatten().map(Filter::Is).collect()))
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
    #[expect(clippy::unnecessary_wraps, reason = "as those of the other conditions")]
    pub fn tests(self) -> Tests<bool> {
        Ok(Filter::Is(self.eq))
    }
}

/// The tests of the condition `search`: a searchable text contains this one.
pub fn search<Own>(text: String) -> Tests<RowTest<Own>> {
    Ok(Filter::Is(RowTest::Search(term(text)?)))
}

/// Checks a search term: a single line, no longer than the texts that it is compared with.
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

/// Checks a term for exact comparison, and trims it like stored texts.
pub fn exact_term(text: String) -> Result<String, Error> {
    term(text).map(trimmed)
}

fn exact_terms(texts: Vec<String>) -> Result<Vec<String>, Error> {
    Ok(terms(texts)?.into_iter().map(trimmed).collect())
}

fn trimmed(text: String) -> String {
    let trimmed = text.trim();
    if trimmed.len() < text.len() { trimmed.to_owned() } else { text }
}

/// Like [`term`], for a list of terms.
pub fn terms(texts: Vec<String>) -> Result<Vec<String>, Error> {
    check_length(texts.len())?;
    texts.into_iter().map(term).collect()
}

/// The ids of the given type. Other ids cannot match and are dropped.
pub fn uids(ids: &[ID], node_type: NodeType) -> Result<Vec<Uid>, Error> {
    check_length(ids.len())?;
    Ok(ids.iter().filter_map(|id| node_type.parse(id)).collect())
}

pub fn check_length(length: usize) -> Result<(), Error> {
    if length > VALUES_MAX {
        let message = format!("filter: a list must have at most {VALUES_MAX} values");
        return Err(Error::bad_input(message));
    }
    Ok(())
}
