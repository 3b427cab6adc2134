//! Conditions on rows.

use diesel::sql_types::Bool;

use super::{Column, Expr, SortValue, Sql, UidSet};
use crate::db::types::Uid;

/// A condition on rows, for `WHERE`.
pub type Condition = Expr<Bool>;

/// An index for finding text anywhere in columns of folded text, by trigrams.
#[derive(Clone, Copy, Debug)]
pub struct SearchIndex {
    pub id: Column,
    /// SQLite's index, and the table that says which of its numbers is which row.
    pub index: &'static str,
    pub docs: &'static str,
}

impl Condition {
    /// A condition in SQL; it is put into parentheses.
    pub fn of(sql: Sql) -> Self {
        Self::new(Sql::new("(").append(sql).sql(")"))
    }

    /// The same condition in a statement that is not kept: one that clients put together.
    #[must_use]
    pub fn uncached(self) -> Self {
        Self::new(self.into_sql().uncached())
    }

    /// True where all are; without any, true everywhere.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, " AND ", "1 = 1")
    }

    /// True where any is; without any, true nowhere.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, " OR ", "1 = 0")
    }

    fn joined(
        conditions: impl IntoIterator<Item = Self>,
        operator: &'static str,
        none: &'static str,
    ) -> Self {
        let join = |all: Sql, next: Sql| all.sql(operator).append(next);
        let joined = conditions.into_iter().map(Self::into_sql).reduce(join);
        Self::of(joined.unwrap_or_else(|| Sql::new(none)))
    }

    /// True wherever this is not, also where a missing value makes it neither true nor false.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::of(self.into_sql().sql(" IS NOT TRUE"))
    }

    /// The flag has that value. The value is no parameter: which index serves, one of the rows with
    /// the flag set, is chosen by the condition's text.
    pub fn flag(column: Column, value: bool) -> Self {
        Self::of(Sql::new(if value { "" } else { "NOT " }).column(column))
    }

    pub fn null(column: Column, is_null: bool) -> Self {
        let operator = if is_null { " IS NULL" } else { " IS NOT NULL" };
        Self::of(Sql::default().column(column).sql(operator))
    }

    pub fn text(column: Column, value: impl Into<String>) -> Self {
        Self::of(Sql::default().column(column).sql(" = ").text(value))
    }

    /// Not one comparison per value: SQLite allows only so many in one condition, and PostgreSQL
    /// only so many parameters in one statement.
    pub fn text_in(column: Column, values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        // One is compared: then an index that goes on by the wanted order gives the rows in that
        // order.
        match values.pop() {
            Some(value) if values.is_empty() => Self::text(column, value),
            last => {
                let values = values.into_iter().chain(last).collect();
                Self::of(Sql::default().column(column).is_any_text(values))
            }
        }
    }

    /// The text begins so. As a range, which an ordinary index of the column serves.
    pub fn starts_with(column: Column, prefix: String) -> Self {
        let end = after_all_with(&prefix);
        let from = Sql::default().column(column).sql(" >= ").text(prefix);
        Self::of(match end {
            Some(end) => from.sql(" AND ").column(column).sql(" < ").text(end),
            None => from,
        })
    }

    /// The (folded) term stands somewhere in one of the columns.
    pub fn contains(search: SearchIndex, columns: &[Column], tenant: &str, term: &str) -> Self {
        let like = Self::any(columns.iter().map(|column| Self::like(*column, term))).into_sql();
        // A trigram index knows nothing shorter than a trigram.
        let sqlite = if term.chars().count() < 3 {
            like.clone()
        } else {
            Self::matches(search, columns, tenant, term)
        };
        // Not kept: a plan for all terms alike would not be that of the index, which is good for
        // some.
        Self::of(Sql::default().per_dialect(like, sqlite)).uncached()
    }

    fn like(column: Column, term: &str) -> Self {
        // `%` and `_` are ordinary characters to whoever searches.
        let term = term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let sql = Sql::default().column(column).sql(" LIKE ").text(format!("%{term}%"));
        Self::of(sql.sql(" ESCAPE '\\'"))
    }

    fn matches(search: SearchIndex, columns: &[Column], tenant: &str, term: &str) -> Sql {
        let columns: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let expression = format!("{{{}}} : \"{}\"", columns.join(" "), term.replace('"', "\"\""));
        Sql::default()
            .column(search.id)
            .sql(" IN (SELECT docs.id FROM ")
            .name(search.index)
            // CROSS: what is found first, and then whose it is. The other way round, the index
            // would be asked once for every row of the tenant.
            .sql(" AS found CROSS JOIN ")
            .name(search.docs)
            .sql(" AS docs ON docs.doc = found.rowid AND docs.tenant_id = ")
            .text(tenant)
            .sql(" WHERE ")
            .name(search.index)
            .sql(" MATCH ")
            .text(expression)
            .sql(")")
    }

    /// The column's value compared with that one. What is missing is neither less nor greater.
    pub fn compared<T: SortValue>(column: Column, operator: &'static str, value: T) -> Self {
        let compared = Self::of(T::order(column).sql(operator).append(value.sql()));
        // What is missing comes first in the index: without this, all of it would be read.
        Self::all([compared, Self::missing::<T>(column, false)])
    }

    /// The column has no value, or has one. By what it is ordered by, for which there is an index.
    pub fn missing<T: SortValue>(column: Column, is_missing: bool) -> Self {
        let Some(missing) = T::missing() else { return Self::null(column, is_missing) };
        let operator = if is_missing { " = " } else { " > " };
        Self::of(T::order(column).sql(operator).append(missing))
    }

    /// The id compared with that one.
    pub fn uid_compared(column: Column, operator: &'static str, uid: Uid) -> Self {
        Self::of(Sql::default().column(column).sql(operator).uid(uid))
    }

    /// As for texts.
    pub fn uid_in(column: Column, uids: &[Uid]) -> Self {
        if let [uid] = uids {
            return Self::of(Sql::default().column(column).sql(" = ").uid(*uid));
        }
        let uids = uids.iter().copied().collect::<UidSet>().into();
        Self::of(Sql::default().column(column).is_any_uid(uids))
    }
}

/// The first text that comes after all that begin so; `None` if there is none. Both databases
/// compare bytes, and UTF-8 sorts as its characters do.
fn after_all_with(prefix: &str) -> Option<String> {
    // The last character has no successor: the bound is then where the one before it ends.
    let prefix = prefix.trim_end_matches(char::MAX);
    let (position, last) = prefix.char_indices().next_back()?;
    // The range leaves out the surrogates, which are no characters.
    let next = (last..=char::MAX).nth(1)?;
    Some(format!("{}{next}", prefix.get(..position)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_texts_ends_after_all_that_begin_so() {
        for (prefix, end) in [
            ("", None),
            ("a", Some("b")),
            ("ab", Some("ac")),
            ("\u{7f}", Some("\u{80}")),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("a\u{10fffe}", Some("a\u{10ffff}")),
            ("\u{10ffff}\u{10ffff}", None),
        ] {
            assert_eq!(after_all_with(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
