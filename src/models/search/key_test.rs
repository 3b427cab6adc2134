//! Conditions on the search keys of customers.

use std::collections::BTreeSet;

use crate::db::sql::{Column, Condition, Sql, TextSet};

/// The keys of customers: on SQLite a table with a row for each key, and on PostgreSQL a view with a row for all keys of
/// a customer.
pub const KEYS: &str = "customer_search_keys";

/// The condition to have one of these keys, or one that begins with one of these.
#[derive(Clone, Debug, Default)]
pub struct KeyTest {
    pub whole: BTreeSet<String>,
    pub beginnings: Vec<String>,
}

impl KeyTest {
    pub fn whole(keys: impl IntoIterator<Item = String>) -> Self {
        Self { whole: keys.into_iter().collect(), beginnings: Vec::new() }
    }

    pub fn beginning(key: String) -> Self {
        Self { whole: BTreeSet::new(), beginnings: vec![key] }
    }

    /// The condition by which rows of [`KEYS`] are found.
    pub fn condition(&self) -> Sql {
        Sql::default().per_dialect(all_of([self]), self.of_one_key(KEYS))
    }

    /// The condition on a row that is found already, in a table or subquery of that name.
    pub fn of_row(&self, table: &'static str) -> Sql {
        let keys = Column { table, name: "search_keys" };
        let contains = |text: String| {
            let keys = Sql::new("(strpos(' ' || ").column(keys).sql(" || ' ', ");
            keys.text(text).sql(") > 0)")
        };
        let whole = self.whole.iter().map(String::as_str).collect::<Vec<_>>();
        let postgres = match (whole.as_slice(), self.beginnings.as_slice()) {
            ([key], []) => contains(format!(" {key} ")),
            ([], [key]) => contains(format!(" {key}")),
            // One parameter for any number of keys. Those of words have no characters that mean anything here.
            (whole, beginnings) => {
                let beginnings = beginnings.iter().map(|key| format!("{key}[^ ]*"));
                let all = beginnings.chain(whole.iter().map(|&key| key.to_owned()));
                let all = all.collect::<Vec<_>>().join("|");
                let keys = Sql::new("(' ' || ").column(keys).sql(" || ' ' ~ ");
                keys.text(format!(" ({all}) ")).sql(")")
            }
        };
        Sql::default().per_dialect(postgres, self.of_one_key(table))
    }

    /// SQLite's condition on one key.
    pub fn of_one_key(&self, table: &'static str) -> Sql {
        let key = Column { table, name: "key" };
        let is_any = |keys: TextSet| Condition::of(Sql::default().column(key).is_any_text(keys));
        let whole = (!self.whole.is_empty()).then(|| is_any(self.whole.iter().cloned().collect()));
        let begins = self.beginnings.iter().map(|it| Condition::starts_with(key, it.clone()));
        Condition::any(whole.into_iter().chain(begins)).into_sql()
    }

    fn tsquery(&self) -> String {
        let quoted = |key: &String| format!("'{}'", key.replace('\\', "\\\\").replace('\'', "''"));
        let whole = self.whole.iter().map(quoted);
        let beginnings = self.beginnings.iter().map(|key| quoted(key) + ":*");
        format!("({})", whole.chain(beginnings).collect::<Vec<_>>().join(" | "))
    }
}

/// PostgreSQL's condition on rows of [`KEYS`] to pass all of these tests.
pub fn all_of<'a>(tests: impl IntoIterator<Item = &'a KeyTest>) -> Sql {
    let wanted = tests.into_iter().map(KeyTest::tsquery).collect::<Vec<_>>().join(" & ");
    let keys = Sql::default().column(Column { table: KEYS, name: "keys" });
    keys.sql(" @@ CAST(").text(wanted).sql(" AS tsquery)")
}
