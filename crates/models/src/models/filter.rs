//! Filters: tests of rows, combined by and, or and not.

mod parents;

use std::{fmt::Debug, hash::Hash};

use crate::{
    auth::Tenant,
    db::{
        sql::{Column, Condition, SearchIndex, SortValue},
        types::{Date, Decimal, Timestamp, Uid},
    },
};

use super::{
    attribute::Attributes,
    custom_attribute::{CustomTest, NamedTest},
    search::{self, KeyKind},
    search_key::fold,
};

/// A filter for rows. `Test` is a condition on rows of one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter<Test> {
    /// All of them match; without any, every row does.
    All(Vec<Self>),
    /// Any of them matches; without any, no row does.
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
    /// The test, if the filter consists only of that.
    pub fn only_test(&self) -> Option<&Test> {
        match self {
            Self::All(filters) | Self::Any(filters) => match filters.as_slice() {
                [filter] => filter.only_test(),
                _ => None,
            },
            Self::Not(_) => None,
            Self::Is(test) => Some(test),
        }
    }

    /// The conjunction of both.
    #[must_use]
    pub fn and(self, other: &Self) -> Self
    where
        Test: Clone,
    {
        match other {
            Self::All(filters) if filters.is_empty() => self,
            other => Self::All(vec![self, other.clone()]),
        }
    }

    /// Calls the function with each test.
    pub fn for_each(&self, f: &mut impl FnMut(&Test)) {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                for filter in filters {
                    filter.for_each(f);
                }
            }
            Self::Not(filter) => filter.for_each(f),
            Self::Is(test) => f(test),
        }
    }

    /// The same filter, with each test converted by the function.
    pub fn map<T>(self, test: &dyn Fn(Test) -> T) -> Filter<T> {
        let all = |filters: Vec<Self>| filters.into_iter().map(|it| it.map(test)).collect();
        match self {
            Self::All(filters) => Filter::All(all(filters)),
            Self::Any(filters) => Filter::Any(all(filters)),
            Self::Not(filter) => Filter::Not(Box::new(filter.map(test))),
            Self::Is(it) => Filter::Is(test(it)),
        }
    }

    /// The same filter with some tests replaced.
    #[must_use]
    pub fn replaced(self, replace: &impl Fn(&Test) -> Option<Self>) -> Self {
        let all = |filters: Vec<Self>| filters.into_iter().map(|it| it.replaced(replace)).collect();
        match self {
            Self::All(filters) => Self::All(all(filters)),
            Self::Any(filters) => Self::Any(all(filters)),
            Self::Not(filter) => Self::Not(Box::new(filter.replaced(replace))),
            Self::Is(test) => replace(&test).unwrap_or(Self::Is(test)),
        }
    }
}

/// Conditions on a text that people search, ignoring case and accents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextTest {
    Eq(String),
    In(Vec<String>),
    Contains(String),
    StartsWith(String),
    IsNull(bool),
}

impl TextTest {
    /// The condition on a text's column and its key, which is the folded and indexed text. The key
    /// of a missing text is empty, but so may be that of another text.
    pub fn condition(
        &self,
        tenant: &Tenant,
        search: SearchIndex,
        text: Column,
        key: Column,
    ) -> Condition {
        let is_missing = || Condition::all([Condition::text(key, ""), Condition::null(text, true)]);
        match self {
            Self::IsNull(true) => is_missing(),
            Self::IsNull(false) => is_missing().negated(),
            _ if self.folds_to_nothing() => {
                Condition::all([self.key_condition(tenant, search, key), is_missing().negated()])
            }
            _ => self.key_condition(tenant, search, key),
        }
    }

    /// Whether the empty key of a missing text could match.
    fn folds_to_nothing(&self) -> bool {
        match self {
            Self::Eq(text) | Self::Contains(text) | Self::StartsWith(text) => fold(text).is_empty(),
            Self::In(texts) => texts.iter().any(|text| fold(text).is_empty()),
            Self::IsNull(_) => false,
        }
    }

    fn key_condition(&self, tenant: &Tenant, search: SearchIndex, key: Column) -> Condition {
        match self {
            Self::Eq(text) => Condition::text(key, fold(text)),
            Self::In(texts) => Condition::text_in(key, texts.iter().map(|text| fold(text))),
            Self::Contains(term) => Condition::contains(search, &[key], tenant.id(), &fold(term)),
            Self::StartsWith(prefix) => Condition::starts_with(key, fold(prefix)),
            Self::IsNull(_) => Condition::all([]),
        }
    }
}

/// Conditions on a text that is compared exactly.
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

    /// The condition on a text that is compared by its folded copy, ignoring case and accents.
    fn folded_condition(&self, column: Column, key: Column) -> Condition {
        match self {
            Self::Eq(text) => Condition::text(key, fold(text)),
            Self::In(texts) => Condition::text_in(key, texts.iter().map(|text| fold(text))),
            Self::IsNull(is_null) => Condition::null(column, *is_null),
        }
    }
}

/// Conditions on a reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IdTest {
    In(Vec<Uid>),
    IsNull(bool),
}

impl IdTest {
    pub fn condition(&self, column: Column) -> Condition {
        match self {
            Self::In(uids) => Condition::uid_in(column, uids),
            Self::IsNull(is_null) => Condition::null(column, *is_null),
        }
    }
}

/// Conditions on an amount, a date or a time. `NULL` is neither less nor greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeTest<T> {
    Gt(T),
    Gte(T),
    Lt(T),
    Lte(T),
    IsNull(bool),
}

impl<T: SortValue> RangeTest<T> {
    pub fn condition(&self, column: Column) -> Condition {
        match *self {
            Self::Gt(value) => Condition::compared(column, " > ", value),
            Self::Gte(value) => Condition::compared(column, " >= ", value),
            Self::Lt(value) => Condition::compared(column, " < ", value),
            Self::Lte(value) => Condition::compared(column, " <= ", value),
            Self::IsNull(is_null) => Condition::missing::<T>(column, is_null),
        }
    }
}

/// A test of a row. `Own` are the tests that only its type has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowTest<Own> {
    Column(ColumnTest),
    /// One of the searchable texts contains the term.
    Search(String),
    /// A test of a custom attribute that has not been looked up yet.
    Named(NamedTest),
    Custom(CustomTest),
    Own(Own),
}

impl<Own> RowTest<Own> {
    pub const fn column(column: Column, predicate: Predicate) -> Self {
        Self::Column(ColumnTest { column, predicate })
    }
}

impl<Own: OwnTest> RowTest<Own> {
    /// The condition on a row with the attributes `A`.
    pub fn condition<A: Attributes>(&self, tenant: &Tenant) -> Condition {
        match self {
            Self::Column(test) => test.condition(tenant, A::SEARCH),
            Self::Search(term) => {
                Condition::contains(A::SEARCH, &A::search_columns(), tenant.id(), &fold(term))
            }
            Self::Custom(test) => test.condition(tenant, A::SEARCH.id),
            // Resolved before the list is read: see `graphql::custom_attribute`.
            Self::Named(_) => Condition::any([]),
            Self::Own(test) => test.condition(tenant),
        }
    }
}

impl<Own> Filter<RowTest<Own>> {
    pub const fn own(test: Own) -> Self {
        Self::Is(RowTest::Own(test))
    }
}

impl<Own: OwnTest> Filter<RowTest<Own>> {
    /// The condition on rows with the attributes `A`. With several tests, the statement is planned each time, because a
    /// plan for all values could search all rows for a rare combination.
    pub fn condition<A: Attributes>(&self, tenant: &Tenant) -> Condition {
        let condition = self.joined(&|test| test.condition::<A>(tenant));
        if self.tests() > 1 { condition.uncached() } else { condition }
    }

    /// The number of tests, including those of nested filters. An empty filter counts as one.
    pub fn tests(&self) -> usize {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().map(Self::tests).fold(0, usize::saturating_add).max(1)
            }
            Self::Not(filter) => filter.tests(),
            Self::Is(RowTest::Own(test)) => test.tests(),
            Self::Is(_) => 1,
        }
    }

    fn joined(&self, test: &impl Fn(&RowTest<Own>) -> Condition) -> Condition {
        match self {
            Self::All(filters) => Condition::all(filters.iter().map(|it| it.joined(test))),
            Self::Any(filters) => Condition::any(filters.iter().map(|it| it.joined(test))),
            Self::Not(filter) => filter.joined(test).negated(),
            Self::Is(it) => test(it),
        }
    }
}

/// The tests that only one type of rows has.
pub trait OwnTest: Clone + Debug + Eq + Hash + Send + Sync {
    fn condition(&self, tenant: &Tenant) -> Condition;

    /// The number of tests that it consists of.
    fn tests(&self) -> usize {
        1
    }
}

/// The tests of types that have none of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoTest {}

impl OwnTest for NoTest {
    fn condition(&self, _tenant: &Tenant) -> Condition {
        match *self {}
    }
}

/// A test of the value of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnTest {
    pub column: Column,
    pub predicate: Predicate,
}

/// The condition on a value, by its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    Exact(ExactTest),
    /// On a text by its folded copy, which is in that column.
    Folded(Column, ExactTest),
    /// The same for a text that is searchable.
    Text(Column, TextTest),
    /// On a text with search keys: it equals one of these in another spelling.
    Spelling(KeyKind, Vec<String>),
    Id(IdTest),
    /// On the id of the parent, whose successors are not looked up yet.
    Parent(IdTest),
    Flag(bool),
    Decimal(RangeTest<Decimal>),
    Date(RangeTest<Date>),
    Time(RangeTest<Timestamp>),
    /// On the id of a row by the time when it was created.
    Created(RangeTest<Timestamp>),
}

impl ColumnTest {
    fn condition(&self, tenant: &Tenant, index: SearchIndex) -> Condition {
        match &self.predicate {
            Predicate::Exact(test) => test.condition(self.column),
            Predicate::Folded(key, test) => test.folded_condition(self.column, *key),
            Predicate::Text(key, test) => test.condition(tenant, index, self.column, *key),
            Predicate::Spelling(kind, texts) => {
                search::has_spelling(self.column, *kind, texts, tenant)
            }
            Predicate::Id(test) | Predicate::Parent(test) => test.condition(self.column),
            Predicate::Flag(value) => Condition::flag(self.column, *value),
            Predicate::Decimal(test) => test.condition(self.column),
            Predicate::Date(test) => test.condition(self.column),
            Predicate::Time(test) => test.condition(self.column),
            Predicate::Created(test) => test.creation_condition(self.column),
        }
    }
}

impl RangeTest<Timestamp> {
    /// The condition on the creation time of a row. Its id, which is indexed, begins with that
    /// time.
    fn creation_condition(&self, id: Column) -> Condition {
        match *self {
            Self::Gt(time) => Condition::uid_compared(id, " > ", Uid::last_of(time)),
            Self::Gte(time) => Condition::uid_compared(id, " >= ", Uid::first_of(time)),
            Self::Lt(time) => Condition::uid_compared(id, " < ", Uid::first_of(time)),
            Self::Lte(time) => Condition::uid_compared(id, " <= ", Uid::last_of(time)),
            Self::IsNull(is_null) => Condition::null(id, is_null),
        }
    }
}
