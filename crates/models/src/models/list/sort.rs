//! The orders of lists: their columns, and the values of rows in them.

use crate::{
    db::{
        sql::{Column, SortValue, Sql},
        types::{Date, Decimal, Timestamp},
    },
    models::{
        attribute::{Attribute, AttributeType, AttributeValue},
        custom_attribute::CustomSort,
    },
};

/// The attribute or the time that a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    CreatedAt,
    UpdatedAt,
    /// The sortable attribute at that place of the type's
    /// [`ATTRIBUTES`](crate::models::attribute::Attributes::ATTRIBUTES).
    Attribute(usize),
    /// A custom attribute.
    Custom(CustomSort),
}

/// A sort column. The id always comes last, so that every order is total.
#[derive(Clone, Copy, Debug)]
pub enum SortColumn {
    /// The id alone: the order of creation.
    Id,
    Text(Column),
    Time(Column),
    Date(Column),
    Decimal(Column),
    /// The values of a custom attribute, by the id of their object.
    Custom(CustomSort, Column),
}

impl SortColumn {
    /// Whether it is an expression. SQLite can start a page in an index by a column, but not by the
    /// row value of an expression and the id: then the expression is also compared separately.
    pub(super) const fn is_expression(self) -> bool {
        matches!(self, Self::Date(_) | Self::Decimal(_) | Self::Custom(..))
    }

    /// The sort expression before the id.
    pub(super) fn order(self) -> Option<Sql> {
        match self {
            Self::Id => None,
            Self::Text(column) => Some(Sql::default().column(column)),
            Self::Time(column) => Some(Timestamp::order(column)),
            Self::Date(column) => Some(Date::order(column)),
            Self::Decimal(column) => Some(Decimal::order(column)),
            Self::Custom(sort, id) => Some(sort.key_of(id)),
        }
    }
}

/// The value by which a row is sorted. Values compare in the same way as in both databases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortKey {
    Id,
    Text(String),
    Time(Timestamp),
    Date(Option<Date>),
    Decimal(Option<Decimal>),
}

impl SortKey {
    pub(super) fn sql(&self) -> Sql {
        match self {
            Self::Id => Sql::default(),
            Self::Text(text) => Sql::default().text(text.as_str()),
            Self::Time(time) => time.sql(),
            Self::Date(date) => Date::optional(*date),
            Self::Decimal(number) => Decimal::optional(*number),
        }
    }
}

impl<A> Attribute<A> {
    /// The column by which lists are sorted by this attribute.
    pub const fn sort_column(&self) -> SortColumn {
        match self.kind.value_type {
            Some(AttributeType::Decimal) => SortColumn::Decimal(self.sql()),
            Some(AttributeType::Date) => SortColumn::Date(self.sql()),
            _ if self.kind.uses.is_searchable => SortColumn::Text(self.key_sql()),
            _ => SortColumn::Text(self.sql()),
        }
    }

    /// The value that a row is sorted by.
    pub fn sort_key(&self, row: &A) -> SortKey {
        if self.kind.uses.is_searchable {
            return SortKey::Text(self.folded(row));
        }
        match (self.kind.value_type, (self.get)(row)) {
            (_, AttributeValue::Decimal(number)) => SortKey::Decimal(Some(number)),
            (Some(AttributeType::Decimal), _) => SortKey::Decimal(None),
            (_, AttributeValue::Date(date)) => SortKey::Date(Some(date)),
            (Some(AttributeType::Date), _) => SortKey::Date(None),
            (_, AttributeValue::Text(text)) => SortKey::Text(text),
            _ => SortKey::Text(String::new()),
        }
    }
}
