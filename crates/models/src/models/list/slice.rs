//! The rows of a page, in order.

use std::{collections::HashMap, sync::Arc};

use super::{ListOf, Listed, Sort, SortKey};
use crate::{
    db::{Measured, types::Uid},
    models::{custom_attribute::SortKeys, grouped},
};

/// The rows of a page.
#[derive(Clone, Debug, Default)]
pub struct Slice<E> {
    pub rows: Vec<Measured<E>>,
    /// Whether there are more rows beyond, in the direction of paging.
    pub has_more: bool,
    /// The sort keys of rows that are not in the rows themselves.
    pub keys: Arc<SortKeys>,
}

impl<E: Listed> Slice<E> {
    /// Creates a page from its rows and the first one of the next page.
    ///
    /// They are sorted here: a database that sorts whole rows needs memory for all of them, and
    /// SQLite does not limit it. The databases sort only ids.
    pub fn new(mut rows: Vec<Measured<E>>, list: &ListOf<E>, keys: &Arc<SortKeys>) -> Self {
        rows.sort_by_cached_key(|row| (sort_key::<E>(row, list.sort, keys), row.uid()));
        if list.descending {
            rows.reverse();
        }
        let has_more = rows.len() > list.page.size;
        if has_more && list.page.from_end {
            rows.remove(0);
        }
        rows.truncate(list.page.size);
        Self { rows, has_more, keys: Arc::clone(keys) }
    }

    /// Like [`Slice::new`], for rows of many parents.
    pub fn per_parent(
        rows: Vec<(Uid, Measured<E>)>,
        list: &ListOf<E>,
        keys: &Arc<SortKeys>,
    ) -> HashMap<Uid, Self> {
        let of_parents = grouped(rows).into_iter();
        of_parents.map(|(parent, rows)| (parent, Self::new(rows, list, keys))).collect()
    }
}

/// The value that a row of a page is sorted by.
pub fn sort_key<E: Listed>(row: &E, sort: Sort, keys: &SortKeys) -> SortKey {
    match sort {
        Sort::Custom(_) => SortKey::Text(keys.get(&row.uid()).cloned().unwrap_or_default()),
        sort => row.sort_key(sort),
    }
}
