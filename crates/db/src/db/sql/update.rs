//! Updates that write only the columns that change.

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
};

use super::{Condition, Sql};
use crate::db::pick::{ComparedColumns, ToColumns};

/// `UPDATE {table} SET {set} WHERE {condition}`.
///
/// Connections keep it prepared. Diesel's own updates are parsed and planned each time, which takes
/// longer than to execute them.
#[derive(Debug)]
pub struct Update<Set> {
    table: &'static str,
    set: Set,
    condition: Sql,
}

impl<Set> Update<Set> {
    pub fn new(table: &'static str, set: Set, condition: Condition) -> Self {
        Self { table, set, condition: condition.into_sql() }
    }
}

impl<Set, DB: Backend> QueryFragment<DB> for Update<Set>
where
    Set: QueryFragment<DB>,
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        out.push_identifier(self.table)?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out)
    }
}

impl<Set> QueryId for Update<Set> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The columns whose values a change replaces, for [`Update`].
#[derive(Debug)]
pub struct Changes<A> {
    before: A,
    after: A,
}

impl<A> Changes<A> {
    pub fn new(before: A, after: A) -> Self {
        Self { before, after }
    }
}

impl<A, DB: Backend> QueryFragment<DB> for Changes<A>
where
    A: ComparedColumns + ToColumns<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let changed =
            (0..A::column_count()).filter(|place| self.after.differs(&self.before, *place));
        let named = changed.filter_map(|place| Some((place, A::column(place)?)));
        for (position, (place, name)) in named.enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            out.push_identifier(name)?;
            out.push_sql(" = ");
            self.after.bind(place, out.reborrow())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, pg::Pg, sqlite::Sqlite};

    use super::*;
    use crate::db::{pick::columns_of, sql::Column};

    columns_of! {
        #[derive(Clone, Debug, Default)]
        pub struct Names {
            pub customer_name: String,
            pub first_name: Option<String>,
            pub disabled: bool,
        }
    }

    #[test]
    fn only_changed_columns_are_written() {
        let before = Names { customer_name: "Ana".to_owned(), first_name: None, disabled: false };
        let after = Names { disabled: true, ..before.clone() };
        let id = Column { table: "customers", name: "external_id" };
        let set = (Changes::new(before.clone(), before.clone()), Changes::new(before, after));
        let update = Update::new("customers", set, Condition::text(id, "a"));
        assert_eq!(
            debug_query::<Pg, _>(&update).to_string(),
            r#"UPDATE "customers" SET "disabled" = $1 WHERE ("customers"."external_id" = $2) -- binds: [true, "a"]"#
        );
        assert_eq!(
            debug_query::<Sqlite, _>(&update).to_string(),
            "UPDATE `customers` SET `disabled` = ? WHERE (\"customers\".\"external_id\" = ?) -- binds: [true, \"a\"]"
        );
    }
}
