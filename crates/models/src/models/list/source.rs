//! The page of a list: where it is found, its order and its limits.

use super::{
    List, ListOf, Listed, Position, Sort, custom::ids_of_page, from_where, picked, select_page,
};
use crate::{
    auth::Tenant,
    db::{
        pick::{ColumnSet, Pick},
        sql::{Column, Condition, Select, Sql, one_page, row_key, rows_of},
    },
    models::filter::RowTest,
};

/// Where a page of all rows is found.
pub enum Source {
    /// In the table.
    Table,
    /// In an index that contains all that the filter and the order look at. Only the rows of the page
    /// are read from the table.
    Index,
    /// In another table that is read in the order of the ids, and has an id perhaps several times:
    /// ` FROM … WHERE …`, and the column with the ids.
    OtherTable(Sql, Column),
    /// On SQLite, among the hits of a search, or in the table if there are many of them.
    Search(Search),
}

/// A search for rows, in both of SQLite's ways.
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
        let from = rows_of(E::ID.table, tenancy(), Sql::default().column(E::ID), ids);
        return Select { with: Sql::default(), selection: picked::<E>(list, columns), from };
    }
    let from = match equal_values::<E>(tenant, list).unwrap_or_else(|| E::source(tenant, list)) {
        Source::Table => one_page(page.clone(), with_keys(keys(page))),
        Source::Index => with_keys(keys(page)),
        Source::OtherTable(rows, id) => {
            let ids = Sql::new("SELECT DISTINCT ").column(id).append(paged::<E>(list, rows, id));
            rows_of(E::ID.table, tenancy(), Sql::default().column(E::ID), ids)
        }
        Source::Search(search) => {
            one_page(page, with_keys(keys_of_hits::<E>(tenant, list, search)))
        }
    };
    Select { with: Sql::default(), selection: picked::<E>(list, columns), from }
}

/// The source of a list in the order of creation whose filter is a value of a custom attribute, and nothing else.
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
/// Hits are counted up to a number of `most`. If there are fewer, the page is found among them. If there
/// are more, the table is read in the order of the list, because a page of hits is found there before
/// as many hits are sorted: for 20 rows, the table's rows / hits × 20 rows are read. A limit of 0 ends
/// the other way before it begins.
fn keys_of_hits<E: Listed>(tenant: &Tenant, list: &ListOf<E>, search: Search) -> Sql {
    let way = |test: Condition, operator: &'static str| {
        let rows =
            from_where::<E>(Condition::all([Condition::text(E::TENANT_ID, tenant.id()), test]));
        let limit = Sql::new("iif((SELECT count(*) FROM hits)")
            .sql(operator)
            .sql("(SELECT number FROM most), ")
            .append(limit(list))
            .sql(", 0)");
        let page = paged_to::<E>(list, rows, E::ID, limit);
        Sql::new("SELECT key FROM (SELECT ")
            .append(row_key(E::ID))
            .sql(" AS key")
            .append(page)
            .sql(")")
    };
    let is_hit = Sql::default().column(E::ID).sql(" IN (SELECT id FROM hits)");
    Sql::new("WITH most (number) AS (SELECT 500 + coalesce(max(rowid), 0) / 400 FROM ")
        .name(E::ID.table)
        .sql("), hits (id) AS MATERIALIZED (")
        .append(search.hits)
        .sql(" LIMIT (SELECT number FROM most)) ")
        .append(way(Condition::of(is_hit), " < "))
        .sql(" UNION ALL ")
        .append(way(search.test, " = "))
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

/// As [`paged`], up to that number of rows.
fn paged_to<E: Listed>(list: &ListOf<E>, rows: Sql, id: Column, limit: Sql) -> Sql {
    let page = rows
        .sql(" AND ")
        .append(keyset::<E>(list, id).into_sql())
        .sql(" ORDER BY ")
        .append(order_by::<E>(list, id))
        .sql(" LIMIT ")
        .append(limit);
    match list.page.offset {
        0 => page,
        offset => page.sql(" OFFSET ").number(offset.into()),
    }
}

/// The order for reading rows: reversed for pages from the end.
fn order_by<E: Listed>(list: &ListOf<E>, id: Column) -> Sql {
    let direction = if list.descending == list.page.from_end { " ASC" } else { " DESC" };
    let id = Sql::default().column(id).sql(direction);
    match E::sort_column(list.sort).order() {
        None => id,
        Some(order) => order.sql(direction).sql(", ").append(id),
    }
}

/// The condition of being after `after` and before `before`.
fn keyset<E: Listed>(list: &ListOf<E>, id: Column) -> Condition {
    let bound = |position: &Position, beyond: bool| {
        let operator = if beyond == list.descending { " < " } else { " > " };
        let id = Sql::default().column(id);
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
        let row = Sql::new("(").append(order).sql(", ").append(id).sql(")").sql(operator);
        let row = row.sql("(").append(key()).sql(", ").uid(position.uid).sql(")");
        Condition::all([Condition::of(row)].into_iter().chain(at_most))
    };
    let after = list.page.after.as_ref().map(|position| bound(position, true));
    let before = list.page.before.as_ref().map(|position| bound(position, false));
    Condition::all(after.into_iter().chain(before))
}
