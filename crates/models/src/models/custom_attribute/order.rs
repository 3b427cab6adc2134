//! Orders of lists by custom attributes.

use std::collections::HashMap;

use diesel::sql_types::Text;

use super::{Definition, Noun, definition::of_definition};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Column, Condition, Expr, Select, Sql, from_where},
        types::{Uid, sql_types},
    },
};

/// The order by a searchable attribute that is not a list. An object without a value comes before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomSort {
    pub noun: Noun,
    pub definition: Uid,
}

/// The sort keys of objects. Those that have none come first.
pub type SortKeys = HashMap<Uid, String>;

impl CustomSort {
    /// The order by that attribute, or the reason why lists cannot be sorted by it.
    pub fn of(definition: &Definition) -> Result<Self, String> {
        let key = &definition.key;
        if !definition.is_searchable {
            return Err(format!("the attribute {key:?} is not searchable"));
        }
        if definition.is_list {
            return Err(format!(
                "the attribute {key:?} is a list, by which objects are not sorted"
            ));
        }
        Ok(Self { noun: definition.noun, definition: definition.id })
    }

    pub const fn object_id(self) -> Column {
        self.noun.column("object_id")
    }

    pub const fn sort_key(self) -> Column {
        self.noun.column("sort_key")
    }

    /// The condition on the values that determine the order. (The key of a text without letters may
    /// be empty.)
    pub fn values(self, tenant: &Tenant) -> Condition {
        let has_key = self.sort_key().sql().sql(" > ''");
        Condition::all([
            of_definition(tenant, self.noun, self.definition),
            Condition::flag(self.noun.column("is_searchable"), true),
            Condition::of(has_key),
        ])
    }

    /// The condition that an object has no sort key, so that it comes first. `id` is the column of
    /// its id.
    pub fn has_no_key(self, tenant: &Tenant, id: Column) -> Condition {
        let of_object = self.object_id().sql().sql(" = ").column(id);
        let values = Condition::all([self.values(tenant), Condition::of(of_object)]);
        let values = from_where(self.noun.table(), values);
        Condition::of(Sql::template("NOT EXISTS (SELECT 1{values})", [("values", values)]))
    }

    /// The sort key of an object; empty if it has no value. `id` is the column of its id.
    pub fn key_of(self, id: Column) -> Sql {
        Sql::template(
            "coalesce((SELECT {sort_key} FROM {values} WHERE {tenant_id} = {tenant} \
             AND {object_id} = {id} AND {definition_id} = {definition} AND {idx} = 1), '')",
            [
                ("sort_key", self.sort_key().sql()),
                ("values", Sql::default().name(self.noun.table())),
                ("tenant_id", self.noun.column("tenant_id").sql()),
                ("tenant", Column { table: id.table, name: "tenant_id" }.sql()),
                ("object_id", self.object_id().sql()),
                ("id", id.sql()),
                ("definition_id", self.noun.column("definition_id").sql()),
                ("definition", Sql::default().uid(self.definition)),
                ("idx", self.noun.column("idx").sql()),
            ],
        )
    }

    /// The sort keys of these objects.
    pub async fn keys(
        self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        objects: &[Uid],
    ) -> Result<SortKeys, db::Error> {
        let of_objects = Condition::uid_in(self.object_id(), objects);
        let condition = Condition::all([self.values(tenant), of_objects]);
        let query = Select {
            with: Sql::default(),
            selection: (
                Expr::<sql_types::Uid>::new(self.object_id().sql()),
                Expr::<Text>::new(self.sort_key().sql()),
            ),
            from: from_where(self.noun.table(), condition),
        };
        let keys: Vec<(Uid, String)> = on!(conn, |c| query.load(c).await)?;
        conn.meter().take_bytes(keys.iter().map(|(_, key)| key.len()).sum())?;
        Ok(keys.into_iter().collect())
    }
}
