//! The page of a list that is ordered by a custom attribute.
//!
//! The values are in a separate table, whose index has them in order, and which has no rows for objects without a
//! value. So a page of all rows consists of two parts: rows without a value come first, in the order of their ids, and
//! then those with one. The part that comes first is read first, and the other one only if the page is not full.

use super::{List, ListOf, Listed, Position, SortKey, condition, source::limit};
use crate::{
    auth::Tenant,
    db::{
        sql::{Column, Condition, Sql, from_where},
        types::Uid,
    },
    models::{custom_attribute::CustomSort, filter::Filter},
};

/// A query for the ids of a page of all the tenant's rows.
pub(super) fn ids_of_page<E: Listed>(tenant: &Tenant, list: &ListOf<E>, sort: CustomSort) -> Sql {
    let is_ascending = list.descending == list.page.from_end;
    let direction = if is_ascending { " ASC" } else { " DESC" };
    let missing = Part { rows: missing::<E>(tenant, list, sort), order: vec![E::ID] };
    let order = vec![sort.sort_key(), sort.object_id()];
    let valued = Part { rows: valued::<E>(tenant, list, sort), order };
    let (first, second) = if is_ascending { (missing, valued) } else { (valued, missing) };
    let page = Sql::template(
        "WITH first (id, key) AS MATERIALIZED ({first}), \
         second (id, key) AS MATERIALIZED ({second}) \
         SELECT id FROM (SELECT id, key FROM first UNION ALL SELECT id, key FROM second) AS page \
         ORDER BY key{direction}, id{direction} LIMIT {limit}",
        [
            ("first", first.ordered(direction, rows_needed(list))),
            ("second", second.after_first(direction, &rows_needed(list))),
            ("direction", Sql::new(direction)),
            ("limit", limit(list)),
        ],
    );
    match list.page.offset {
        0 => page,
        offset => page.sql(" OFFSET ").number(offset.into()),
    }
}

/// The rows of a part that may be on the page or before it.
fn rows_needed<Filter>(list: &List<Filter>) -> Sql {
    match list.page.offset {
        0 => limit(list),
        offset => {
            let size = i64::try_from(list.page.size).unwrap_or(i64::MAX);
            Sql::default().number(size.saturating_add(1).saturating_add(offset.into()))
        }
    }
}

/// A part of a list, as `SELECT … FROM … WHERE …`, and the columns of its order.
struct Part {
    rows: Sql,
    order: Vec<Column>,
}

impl Part {
    /// The beginning of the part.
    fn ordered(self, direction: &'static str, limit: Sql) -> Sql {
        let columns = self.order.into_iter().map(|it| it.sql().sql(direction));
        let order = columns.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default();
        let holes = [("rows", self.rows), ("order", order), ("limit", limit)];
        Sql::template("{rows} ORDER BY {order} LIMIT {limit}", holes)
    }

    /// The beginning of the part. Nothing is read if the `first` part already has as many rows: PostgreSQL checks a
    /// condition that does not depend on the row only once, and SQLite checks a limit of 0.
    fn after_first(self, direction: &'static str, limit: &Sql) -> Sql {
        let limited = |text| Sql::template(text, [("limit", limit.clone())]);
        let condition = limited(" AND (SELECT count(*) FROM first) < {limit}");
        let sqlite = limited("iif((SELECT count(*) FROM first) < {limit}, {limit}, 0)");
        let limit = Sql::default().per_dialect(limit.clone(), sqlite);
        let rows = self.rows.per_dialect(condition, Sql::default());
        Self { rows, order: self.order }.ordered(direction, limit)
    }
}

/// `SELECT … FROM … WHERE …`: the rows without a value.
fn missing<E: Listed>(tenant: &Tenant, list: &ListOf<E>, sort: CustomSort) -> Sql {
    let after_bounds = bounds(list, |operator, key, uid| match (key, operator) {
        ("", _) => Condition::uid_compared(E::ID, operator, uid),
        // Rows without a value come before every value.
        (_, " < ") => Condition::all([]),
        _ => Condition::any([]),
    });
    let conditions =
        [condition::<E>(tenant, &list.filter, None), sort.has_no_key(tenant, E::ID), after_bounds];
    let rows = from_where(E::TABLE, Condition::all(conditions));
    Sql::template("SELECT {id}, ''{rows}", [("id", E::ID.sql()), ("rows", rows)])
}

/// `SELECT … FROM … WHERE …`: the rows with a value. Without a filter, the index of values has all that is needed.
fn valued<E: Listed>(tenant: &Tenant, list: &ListOf<E>, sort: CustomSort) -> Sql {
    let place = || Sql::pair(sort.sort_key().sql(), sort.object_id().sql());
    let after_bounds = bounds(list, |operator, key, uid| match (key, operator) {
        ("", " > ") => Condition::all([]),
        ("", _) => Condition::any([]),
        (key, operator) => {
            let bound = Sql::pair(Sql::default().text(key), Sql::default().uid(uid));
            Condition::of(place().sql(operator).append(bound))
        }
    });
    let is_unfiltered = matches!(&list.filter, Filter::All(all) if all.is_empty());
    let (text, filter) = if is_unfiltered {
        ("SELECT {object}, {key} FROM {values} WHERE {conditions}", None)
    } else {
        let text = "SELECT {object}, {key} FROM {values} JOIN {table} ON {id} = {object} \
             WHERE {conditions}";
        (text, Some(condition::<E>(tenant, &list.filter, None)))
    };
    let conditions = [sort.values(tenant), after_bounds].into_iter().chain(filter);
    Sql::template(
        text,
        [
            ("object", sort.object_id().sql()),
            ("key", sort.sort_key().sql()),
            ("values", Sql::default().name(sort.noun.table())),
            ("table", Sql::default().name(E::TABLE)),
            ("id", E::ID.sql()),
            ("conditions", Condition::all(conditions).into_sql()),
        ],
    )
}

/// The condition of being after `after` and before `before`. `bound` constructs each part from an operator, and from
/// the key and the id of the position.
fn bounds<Filter>(
    list: &List<Filter>,
    bound: impl Fn(&'static str, &str, Uid) -> Condition,
) -> Condition {
    let bound = |position: &Position, is_after: bool| {
        let operator = if is_after == list.descending { " < " } else { " > " };
        let key = match &position.key {
            SortKey::Text(key) => key.as_str(),
            _ => "",
        };
        bound(operator, key, position.uid)
    };
    let after = list.page.after.as_ref().map(|position| bound(position, true));
    let before = list.page.before.as_ref().map(|position| bound(position, false));
    Condition::all(after.into_iter().chain(before))
}
