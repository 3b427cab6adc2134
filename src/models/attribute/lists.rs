//! How lists use attributes.

use super::{Attribute, AttributeType, AttributeValue};
use crate::{
    db::sql::Column,
    models::{
        list::{SortColumn, SortKey},
        search::KeyKind,
    },
};

/// How lists use an attribute.
#[derive(Clone, Copy)]
pub struct ListUses {
    pub is_filterable: bool,
    pub is_sortable: bool,
    /// Whether lists use its folded copy, which is empty if there is no text, for searches, filters and orders.
    pub is_searchable: bool,
    /// Whether filters use its folded copy, which is null if there is no text.
    pub is_folded: bool,
    /// How filters compare it by the row's search keys, if they do.
    pub keys: Option<KeyKind>,
}

impl ListUses {
    pub const NONE: Self = Self {
        is_filterable: false,
        is_sortable: false,
        is_searchable: false,
        is_folded: false,
        keys: None,
    };
}

impl<A> Attribute<A> {
    /// The column of its folded copy in SQL, if it has one.
    pub const fn key_sql(&self) -> Column {
        Column { table: self.table, name: self.key_column }
    }

    /// Where lists are sorted by it.
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
            return SortKey::Text((self.folded)(row));
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
