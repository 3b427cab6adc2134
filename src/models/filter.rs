//! Filters: tests of a type's attributes, joined by and, or and not.

use crate::{
    auth::Tenant,
    db::sql::{Column, Condition, SearchIndex},
};

use super::search_key::fold;

/// Which rows are wanted. `Test` is what can be asked of one type's attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter<Test> {
    /// All of them; without any, every row.
    All(Vec<Self>),
    /// Any of them; without any, no row.
    Any(Vec<Self>),
    Not(Box<Self>),
    Is(Test),
}

impl<Test> Default for Filter<Test> {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<Test> Filter<Test> {
    /// The condition in SQL, given that of a single test.
    pub fn condition(&self, test: &impl Fn(&Test) -> Condition) -> Condition {
        match self {
            Self::All(filters) => Condition::all(filters.iter().map(|it| it.condition(test))),
            Self::Any(filters) => Condition::any(filters.iter().map(|it| it.condition(test))),
            Self::Not(filter) => filter.condition(test).negated(),
            Self::Is(it) => test(it),
        }
    }
}

/// What can be asked of a text that people search: blind to case and accents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextTest {
    Eq(String),
    In(Vec<String>),
    Contains(String),
    StartsWith(String),
    IsNull(bool),
}

impl TextTest {
    /// The condition on a column of folded text, where an empty one stands for none.
    pub fn condition(&self, tenant: &Tenant, search: SearchIndex, key: Column) -> Condition {
        match self {
            Self::Eq(text) => Condition::text(key, fold(text)),
            Self::In(texts) => Condition::text_in(key, texts.iter().map(|text| fold(text))),
            Self::Contains(term) => Condition::contains(search, &[key], tenant.id(), &fold(term)),
            Self::StartsWith(prefix) => Condition::starts_with(key, fold(prefix)),
            Self::IsNull(true) => Condition::text(key, ""),
            Self::IsNull(false) => Condition::text(key, "").negated(),
        }
    }
}

/// What can be asked of a text that programs compare: to the byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExactTest {
    Eq(String),
    In(Vec<String>),
    IsNull(bool),
}

impl ExactTest {
    pub fn condition(&self, column: Column) -> Condition {
        match self {
            Self::Eq(text) => Condition::text(column, text),
            Self::In(texts) => Condition::text_in(column, texts.iter().cloned()),
            Self::IsNull(is_null) => Condition::null(column, *is_null),
        }
    }
}
