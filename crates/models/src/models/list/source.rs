//! The page of a list: its source, its order and its limits.

use super::{List, ListOf, Listed, Position, Sort, custom::ids_of_page, picked, select_page};
use crate::{
    auth::Tenant,
    db::{
        pick::{ColumnSet, Pick},
        sql::{Column, Condition, Select, Sql, from_where, one_page, row_key, rows_of},
    },
    models::filter::RowTest,
};

/// The source of a page of all rows.
pub enum Source {
    /// In the table.
    Table,
    /// In an index that covers the filter and the order. Only the rows of the page are read from the table.
    Index,
    /// In another table that is read in the order of the ids, and may have an id several times:
    /// ` FROM … WHERE …`, and the column with the ids.
    OtherTable(Sql, Column),
    /// On SQLite, among the hits of a search, or in the table if there are many of them.
    Search(Search),
}

/// A search for rows, in both forms for SQLite.
pub struct Search {
    /// A query for the ids of all hits.
    pub hits: Sql,
    /// The test of a row.
    pub test: Condition,
}

/// A query for one page of all the tenant's rows.
pub fn of_all<E: Listed>(tenant: &Tenant, list: &ListOf<E>, columns: ColumnSet) -> Select<Pick<E>> {
    let tenancy = || Condition::text(E::TENANT_ID, tenant.id());
    let page = select_page::<E>(tenant, list, None);
    let with_keys = |keys: Sql| rows_of(E::ID.table, tenancy(), row_key(E::ID), keys);
    let keys = |page: Sql| Sql::new("SELECT ").append(row_key(E::ID)).append(page);
    if let Sort::Custom(sort) = list.sort {
        let ids = ids_of_page::<E>(tenant, list, sort);
        let from = rows_of(E::ID.table, tenancy(), E::ID.sql(), ids);
        return Select { with: Sql::default(), selection: picked::<E>(list, columns), from };
    }
    let from = match equal_values::<E>(tenant, list).unwrap_or_else(|| E::source(tenant, list)) {
        Source::Table => one_page(page.clone(), with_keys(keys(page))),
        Source::Index => with_keys(keys(page)),
        Source::OtherTable(rows, id) => {
            let ids = Sql::new("SELECT DISTINCT ").column(id).append(paged::<E>(list, rows, id));
            rows_of(E::ID.table, tenancy(), E::ID.sql(), ids)
        }
        Source::Search(search) => {
            one_page(page, with_keys(keys_of_hits::<E>(tenant, list, search)))
        }
    };
    Select { with: Sql::default(), selection: picked::<E>(list, columns), from }
}

/// The source of a list in the order of creation whose filter is only a test for one value of a custom attribute.
fn equal_values<E: Listed>(tenant: &Tenant, list: &ListOf<E>) -> Option<Source> {
    match list.filter.only_test()? {
        RowTest::Custom(test) if list.sort == Sort::CreatedAt => {
            let (values, object) = test.in_order_of_ids(tenant)?;
            Some(Source::OtherTable(values, object))
        }
        _ => None,
    }
}

/// SQLite's query for the keys of a page of a search.
///
/// Hits are counted up to `most`. If there are fewer, they are sorted to find the page. Otherwise the table is read in
/// the order of the list, because a page of hits is found there before so many hits are sorted: for 20 hits, 20 × the
/// table's rows / hits are read. A limit of 0 disables the other of the two ways.
fn keys_of_hits<E: Listed>(tenant: &Tenant, list: &ListOf<E>, search: Search) -> Sql {
    let way = |test: Condition, operator: &'static str| {
        let of_tenant = Condition::text(E::TENANT_ID, tenant.id());
        let rows = from_where(E::ID.table, Condition::all([of_tenant, test]));
        let limit = Sql::template(
            "iif((SELECT count(*) FROM hits) {operator} (SELECT number FROM most), {limit}, 0)",
            [("operator", Sql::new(operator)), ("limit", limit(list))],
        );
        let holes = [("key", row_key(E::ID)), ("page", paged_to::<E>(list, rows, E::ID, limit))];
        Sql::template("SELECT key FROM (SELECT {key} AS key{page})", holes)
    };
    let is_hit = Condition::of(E::ID.sql().sql(" IN (SELECT id FROM hits)"));
    Sql::template(
        "WITH most (number) AS (SELECT 500 + coalesce(max(rowid), 0) / 400 FROM {table}), \
         hits (id) AS MATERIALIZED ({hits} LIMIT (SELECT number FROM most)) \
         {page_of_few} UNION ALL {page_of_many}",
        [
            ("table", Sql::default().name(E::ID.table)),
            ("hits", search.hits),
            ("page_of_few", way(is_hit, "<")),
            ("page_of_many", way(search.test, "=")),
        ],
    )
}

/// The rest of a query for one page of those rows (` FROM … WHERE …`), whose ids are in that column:
/// position, order and limit.
pub(super) fn paged<E: Listed>(list: &ListOf<E>, rows: Sql, id: Column) -> Sql {
    paged_to::<E>(list, rows, id, limit(list))
}

/// One row more than the page has, to detect whether there is a next page.
pub(super) fn limit<Filter>(list: &List<Filter>) -> Sql {
    let size = i64::try_from(list.page.size).unwrap_or(i64::MAX);
    Sql::default().literal(size.saturating_add(1))
}

/// Like [`paged`], up to that number of rows.
fn paged_to<E: Listed>(list: &ListOf<E>, rows: Sql, id: Column, limit: Sql) -> Sql {
    let (bounds, order) = (keyset::<E>(list, id).into_sql(), order_by::<E>(list, id));
    let holes = [("rows", rows), ("bounds", bounds), ("order", order), ("limit", limit)];
    let page = Sql::template("{rows} AND {bounds} ORDER BY {order} LIMIT {limit}", holes);
    match list.page.offset {
        0 => page,
        offset => page.sql(" OFFSET ").number(offset.into()),
    }
}

/// The order for reading rows: reversed for pages from the end.
fn order_by<E: Listed>(list: &ListOf<E>, id: Column) -> Sql {
    let direction = if list.descending == list.page.from_end { " ASC" } else { " DESC" };
    let id = id.sql().sql(direction);
    match E::sort_column(list.sort).order() {
        None => id,
        Some(order) => order.sql(direction).sql(", ").append(id),
    }
}

/// The condition of being after `after` and before `before`.
fn keyset<E: Listed>(list: &ListOf<E>, id: Column) -> Condition {
    let bound = |position: &Position, beyond: bool| {
        let operator = if beyond == list.descending { " < " } else { " > " };
        let id = id.sql();
        let column = E::sort_column(list.sort);
        let Some(order) = column.order() else {
            return Condition::of(id.sql(operator).uid(position.uid));
        };
        let key = || position.key.sql();
        let at_most = if column.is_expression() {
            let operator = if operator == " < " { " <= " } else { " >= " };
            vec![Condition::of(order.clone().sql(operator).append(key()))]
        } else {
            Vec::new()
        };
        let bound = Sql::pair(key(), Sql::default().uid(position.uid));
        let row = Condition::of(Sql::pair(order, id).sql(operator).append(bound));
        Condition::all([row].into_iter().chain(at_most))
    };
    let after = list.page.after.as_ref().map(|position| bound(position, true));
    let before = list.page.before.as_ref().map(|position| bound(position, false));
    Condition::all(after.into_iter().chain(before))
}
