//! The page of a list: where it is found, its order and its limits.

use super::{ListOf, Listed, Position, picked, select_page};
use crate::{
    auth::Tenant,
    db::{
        pick::{ColumnSet, Pick},
        sql::{Column, Condition, Select, Sql, one_page, rows_of},
    },
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
}

/// A query for one page of all the tenant's rows.
pub fn of_all<E: Listed>(tenant: &Tenant, list: &ListOf<E>, columns: ColumnSet) -> Select<Pick<E>> {
    let tenancy = || Condition::text(E::TENANT_ID, tenant.id());
    let page = select_page::<E>(tenant, list, None);
    let ids = |page: &Sql| Sql::new("SELECT ").column(E::ID).append(page.clone());
    let from = match E::source(tenant, list) {
        Source::Table => one_page(page.clone(), rows_of(E::ID, tenancy(), ids(&page))),
        Source::Index => rows_of(E::ID, tenancy(), ids(&page)),
        Source::OtherTable(rows, id) => {
            let ids = Sql::new("SELECT DISTINCT ").column(id).append(paged::<E>(list, rows, id));
            rows_of(E::ID, tenancy(), ids)
        }
    };
    Select { with: Sql::default(), selection: picked::<E>(list, columns), from }
}

/// The rest of a query for one page of those rows (` FROM … WHERE …`), whose ids are in that column:
/// position, order and limit. It selects one row more than the page has, to detect whether there is a
/// next page.
pub(super) fn paged<E: Listed>(list: &ListOf<E>, rows: Sql, id: Column) -> Sql {
    let limit = i64::try_from(list.page.size).unwrap_or(i64::MAX).saturating_add(1);
    let page = rows
        .sql(" AND ")
        .append(keyset::<E>(list, id).into_sql())
        .sql(" ORDER BY ")
        .append(order_by::<E>(list, id))
        .sql(" LIMIT ")
        .literal(limit);
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
