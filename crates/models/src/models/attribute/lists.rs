//! The uses of attributes in lists.

use super::Attribute;
use crate::{db::sql::Column, models::search::KeyKind};

/// The uses of an attribute in lists.
#[derive(Clone, Copy)]
pub struct ListUses {
    pub is_filterable: bool,
    pub is_sortable: bool,
    /// Whether lists use its folded copy, which is empty if there is no text, for searches, filters and orders.
    pub is_searchable: bool,
    /// Whether filters use its folded copy, which is null if there is no text.
    pub is_folded: bool,
    /// The kind of the row's search keys by which filters compare it, if they do.
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
}
