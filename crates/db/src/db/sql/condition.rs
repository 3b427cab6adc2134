//! Conditions on rows.

use diesel::sql_types::Bool;

use super::{Column, Expr, SortValue, Sql, UidSet};
use crate::db::types::Uid;

/// A condition on rows, for `WHERE`.
pub type Condition = Expr<Bool>;

/// A trigram index for finding substrings in columns of folded text.
#[derive(Clone, Copy, Debug)]
pub struct SearchIndex {
    pub id: Column,
    /// SQLite's index, and the table that maps its row numbers to rows.
    pub index: &'static str,
    pub docs: &'static str,
}

/// More characters than any text with a trigram index has.
const TEXT_MAX: u32 = 1_000_000;

impl Condition {
    /// A condition in SQL, which is put into parentheses.
    pub fn of(sql: Sql) -> Self {
        Self::new(Sql::new("(").append(sql).sql(")"))
    }

    /// The same condition in a statement that is not cached, because it depends on the client's
    /// input.
    #[must_use]
    pub fn uncached(self) -> Self {
        Self::new(self.into_sql().uncached())
    }

    /// True if all conditions are true; without any, always true.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, " AND ", "1 = 1")
    }

    /// True if any condition is true; without any, never true.
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

    /// True whenever the condition is not true, even if `NULL` makes it neither true nor false.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::of(self.into_sql().sql(" IS NOT TRUE"))
    }

    /// The flag has that value. The value is not a parameter, because the text of the condition
    /// decides whether a partial index on the flag can be used.
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

    /// The column has one of the values. This is not one comparison per value, because SQLite
    /// limits the number of comparisons in a condition, and PostgreSQL the number of parameters in
    /// a statement.
    pub fn text_in(column: Column, values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        // A single value is compared with `=`, so that an index that continues with the requested
        // order returns the rows in that order.
        match values.pop() {
            Some(value) if values.is_empty() => Self::text(column, value),
            last => {
                let values = values.into_iter().chain(last).collect();
                Self::of(Sql::default().column(column).is_any_text(values))
            }
        }
    }

    /// The text starts with the prefix. It becomes a range, which an ordinary index supports.
    pub fn starts_with(column: Column, prefix: String) -> Self {
        Self::in_range(column, " >= ", prefix)
    }

    /// The text starts with the prefix, and is longer.
    pub fn starts_with_and_is_longer(column: Column, prefix: String) -> Self {
        Self::in_range(column, " > ", prefix)
    }

    fn in_range(column: Column, operator: &'static str, prefix: String) -> Self {
        let end = prefix_upper_bound(&prefix);
        let from = Sql::default().column(column).sql(operator).text(prefix);
        Self::of(match end {
            Some(end) => from.sql(" AND ").column(column).sql(" < ").text(end),
            None => from,
        })
    }

    /// The (folded) term occurs in one of the columns.
    pub fn contains(search: SearchIndex, columns: &[Column], tenant: &str, term: &str) -> Self {
        let like = Self::any(columns.iter().map(|column| Self::like(*column, term))).into_sql();
        let sqlite = if has_trigram(term) {
            Self::matches(search, columns, tenant, term)
        } else {
            Self::reads_term(columns, term).into_sql()
        };
        // PostgreSQL plans it each time: a generic plan would not use the index, which is only good for
        // some terms.
        Self::of(Sql::default().per_dialect(like.uncached(), sqlite))
    }

    /// The (folded) term occurs in the column, which has no trigram index.
    pub fn reads(column: Column, term: &str) -> Self {
        let postgres = Self::like(column, term).into_sql();
        let sqlite = Self::reads_term(&[column], term).into_sql();
        Self::of(Sql::default().per_dialect(postgres, sqlite))
    }

    fn like(column: Column, term: &str) -> Self {
        // `%` and `_` are ordinary characters in searches.
        let term = term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let sql = Sql::default().column(column).sql(" LIKE ").text(format!("%{term}%"));
        Self::of(sql.sql(" ESCAPE '\\'"))
    }

    fn matches(search: SearchIndex, columns: &[Column], tenant: &str, term: &str) -> Sql {
        let found = Self::matching_ids(search, columns, tenant, term);
        Sql::template("{id} IN ({found})", [("id", search.id.sql()), ("found", found)])
    }

    /// SQLite's query for the ids of the rows with the (folded) term in one of the columns, which
    /// [`has_trigram`].
    pub fn matching_ids(search: SearchIndex, columns: &[Column], tenant: &str, term: &str) -> Sql {
        let columns: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let columns = format!("{{{}}} : NEAR(", columns.join(" "));
        let phrase = format!("\"{}\", {TEXT_MAX})", term.replace('"', "\"\""));
        // CROSS: the search comes first, then the tenant of its results. In the other order,
        // the index would be searched once for every row of the tenant.
        //
        // With the tenant's token, FTS5 skips the rows of other tenants. Without other tenants, the token would only
        // cost time, because each row has it.
        Sql::template(
            "SELECT docs.id FROM {index} AS found CROSS JOIN {docs} AS docs \
             ON docs.doc = found.rowid AND docs.tenant_id = {tenant} \
             WHERE {index} MATCH (SELECT {columns} || CASE \
                 WHEN EXISTS (SELECT 1 FROM tenant_search_tokens WHERE tenant_id <> {tenant}) \
                 THEN '\"' || token || '\" ' ELSE '' END || {phrase} \
                 FROM tenant_search_tokens WHERE tenant_id = {tenant})",
            [
                ("index", Sql::default().name(search.index)),
                ("docs", Sql::default().name(search.docs)),
                ("tenant", Sql::default().text(tenant)),
                ("columns", Sql::default().text(columns)),
                ("phrase", Sql::default().text(phrase)),
            ],
        )
    }

    /// SQLite's test that the (folded) term occurs in one of the columns. It reads the columns
    /// instead of an index.
    pub fn reads_term(columns: &[Column], term: &str) -> Self {
        let occurs = |column: &Column| {
            Self::of(Sql::new("instr(").column(*column).sql(", ").text(term).sql(")"))
        };
        Self::any(columns.iter().map(occurs))
    }

    /// Compares the column with a value. `NULL` is neither less nor greater.
    pub fn compared<T: SortValue>(column: Column, operator: &'static str, value: T) -> Self {
        let compared = Self::of(T::order(column).sql(operator).append(value.sql()));
        // `NULL` comes first in the index. Without this condition, all entries of `NULL` would be
        // read.
        Self::all([compared, Self::missing::<T>(column, false)])
    }

    /// The column is `NULL` or not, using the indexed expression.
    pub fn missing<T: SortValue>(column: Column, is_missing: bool) -> Self {
        let Some(missing) = T::missing() else { return Self::null(column, is_missing) };
        let operator = if is_missing { " = " } else { " > " };
        Self::of(T::order(column).sql(operator).append(missing))
    }

    /// Compares the column with an id.
    pub fn uid_compared(column: Column, operator: &'static str, uid: Uid) -> Self {
        Self::of(Sql::default().column(column).sql(operator).uid(uid))
    }

    /// The column is one of the ids. See `text_in`.
    pub fn uid_in(column: Column, uids: &[Uid]) -> Self {
        if let [uid] = uids {
            return Self::of(Sql::default().column(column).sql(" = ").uid(*uid));
        }
        let uids = uids.iter().copied().collect::<UidSet>().into();
        Self::of(Sql::default().column(column).is_any_uid(uids))
    }
}

/// Whether a trigram index can find the term.
pub fn has_trigram(term: &str) -> bool {
    term.chars().nth(2).is_some()
}

/// The first text after all those with the prefix; `None` if there is none. Both databases compare
/// bytes, and the order of UTF-8 is that of its characters.
fn prefix_upper_bound(prefix: &str) -> Option<String> {
    // The last character has no successor: the bound is then the end of the preceding one.
    let prefix = prefix.trim_end_matches(char::MAX);
    let (position, last) = prefix.char_indices().next_back()?;
    // The range skips the surrogates, which are not characters.
    let next = (last..=char::MAX).nth(1)?;
    Some(format!("{}{next}", prefix.get(..position)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_range_ends_after_all_texts_with_the_prefix() {
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
            assert_eq!(prefix_upper_bound(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
