//! Rows with ids.

use std::future::Future;

use diesel::{deserialize::FromSqlRow, pg::Pg, sqlite::Sqlite};

use super::Lookup;
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured, execute, load,
        pick::{ColumnSet, Columns, Pick, Picked},
        sql::{Column, Condition, Select, Sql, Update},
        types::{Timestamp, Uid},
    },
};

/// A type of rows with ids. The macro `row` implements it.
pub trait Row: Columns + Sized + Clone + Send + Sync + 'static {
    const TENANT_ID: Column;
    const ID: Column;
    /// The column of the id assigned elsewhere.
    const EXTERNAL_ID: Column;

    fn uid(&self) -> Uid;

    /// Those columns of the tenant's rows for which the condition holds.
    fn select(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send;

    /// The row of a lookup; `None` if it does not exist.
    fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Self>, db::Error>> + Send {
        let found = Self::find_measured(conn, tenant, lookup, ColumnSet::ALL);
        async { Ok(found.await?.map(Measured::into_row)) }
    }

    /// As [`Row::find`], with those columns only, and with how much memory the row takes.
    fn find_measured(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Option<Measured<Self>>, db::Error>> + Send {
        let condition = is_found::<Self>(lookup);
        async move {
            let Some(condition) = condition else { return Ok(None) };
            Ok(Self::select(conn, tenant, condition, columns).await?.pop())
        }
    }

    /// The existing rows with these ids, unordered.
    fn find_many(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        Self::find_columns(conn, tenant, uids, ColumnSet::ALL)
    }

    /// As [`Row::find_many`], with those columns only.
    fn find_columns(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        Self::select(conn, tenant, Condition::uid_in(Self::ID, uids), columns)
    }
}

/// The condition on the row of a lookup; `None` if there cannot be such a row.
fn is_found<R: Row>(lookup: &Lookup) -> Option<Condition> {
    match lookup {
        Lookup::Id(uid) => Some(Condition::uid_in(R::ID, &[*uid])),
        // No stored text has control characters, and PostgreSQL rejects NUL.
        Lookup::ExternalId(text) if text.contains(char::is_control) => None,
        Lookup::ExternalId(text) => Some(Condition::text(R::EXTERNAL_ID, text)),
    }
}

/// A row that can be read from both databases.
pub(super) trait FromBoth:
    Row + FromSqlRow<Picked, Pg> + FromSqlRow<Picked, Sqlite>
{
}

impl<R: Row + FromSqlRow<Picked, Pg> + FromSqlRow<Picked, Sqlite>> FromBoth for R {}

/// Like [`Row::find`], and locks the row until this transaction ends.
pub(super) async fn find_for_update<R: FromBoth>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    lookup: &Lookup,
) -> Result<Option<R>, db::Error> {
    let Some(condition) = is_found::<R>(lookup) else { return Ok(None) };
    Ok(select_for_update(tx, tenant, condition).await?.pop())
}

/// The rows for which the condition holds, locked until this transaction ends. They are locked in a
/// fixed order, so that two of these do not deadlock.
pub(super) async fn select_for_update<R: FromBoth>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    condition: Condition,
) -> Result<Vec<R>, db::Error> {
    // SQLite has only one writer.
    let locked = Sql::new(" ORDER BY ").column(R::ID).sql(" FOR NO KEY UPDATE");
    let from = Sql::new(" FROM ")
        .name(R::ID.table)
        .sql(" WHERE ")
        .append(of_tenant::<R>(tenant, condition).into_sql())
        .per_dialect(locked, Sql::default());
    let selection = Pick::<R>::new(R::ID.table, ColumnSet::ALL);
    let query = Select { with: Sql::default(), selection, from };
    let rows: Vec<Measured<R>> = load!(tx, query)?;
    Ok(rows.into_iter().map(Measured::into_row).collect())
}

/// Marks rows as changed.
pub(super) async fn touch<R: Row>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    rows: Condition,
) -> Result<(), db::Error> {
    let marked = marked(writer.now(), writer.name());
    let update = Update::new(R::ID.table, marked, of_tenant::<R>(writer.tenant(), rows));
    Ok(execute!(tx, update)?)
}

/// Says in an [`Update`] when and by whom the rows were changed.
pub(super) fn marked(at: Timestamp, by: &str) -> Sql {
    Sql::new("updated_at = ").time(at).sql(", last_modified_by = ").text(by)
}

/// The condition on that row of the tenant.
pub(super) fn is_row<R: Row>(tenant: &Tenant, id: Uid) -> Condition {
    of_tenant::<R>(tenant, Condition::uid_in(R::ID, &[id]))
}

fn of_tenant<R: Row>(tenant: &Tenant, condition: Condition) -> Condition {
    Condition::all([Condition::text(R::TENANT_ID, tenant.id()), condition])
}

/// The columns that every row of a [`row`] has besides its attributes.
pub(super) const OWN: [&str; 5] =
    ["id", "created_at", "updated_at", "created_by", "last_modified_by"];

/// Makes a type of rows a [`Row`]: the type, that of its attributes, its table, and the columns of its tenant, its id and
/// the id that somebody else chose.
macro_rules! row {
    (
        $Row:ident($Attributes:ident), $table:ident, $tenant_id:expr, $id:expr, $external_id:expr
    ) => {
        impl $Row {
            /// A page of the tenant's rows, ordered by id, after the given one.
            pub async fn page_by_id(
                conn: &mut Conn<'_>,
                tenant: &Tenant,
                after: Uid,
                limit: i64,
            ) -> Result<Vec<$crate::db::Measured<Self>>, db::Error> {
                let rows = $table::table
                    .filter($table::tenant_id.eq(tenant.id().to_owned()))
                    .filter(Condition::uid_compared($id, " > ", after))
                    .order_by($table::id)
                    .limit(limit)
                    .select($crate::db::columns::<Self>());
                $crate::db::load!(conn, rows)
            }
        }

        impl $crate::models::Row for $Row {
            const TENANT_ID: Column = $tenant_id;
            const ID: Column = $id;
            const EXTERNAL_ID: Column = $external_id;

            fn uid(&self) -> Uid {
                self.id
            }

            async fn select(
                conn: &mut Conn<'_>,
                tenant: &Tenant,
                condition: Condition,
                columns: $crate::db::pick::ColumnSet,
            ) -> Result<Vec<$crate::db::Measured<Self>>, db::Error> {
                let rows = $table::table
                    .filter($table::tenant_id.eq(tenant.id().to_owned()))
                    .filter(condition)
                    .select($crate::db::pick::Pick::<Self>::new(stringify!($table), columns));
                $crate::db::load!(conn, rows)
            }
        }

        impl $crate::db::pick::Columns for $Row {
            fn column(place: usize) -> Option<&'static str> {
                let attribute = || $Attributes::column(place - $crate::models::row::OWN.len());
                $crate::models::row::OWN.get(place).copied().or_else(attribute)
            }

            fn column_count() -> usize {
                $crate::models::row::OWN.len() + $Attributes::column_count()
            }
        }

        impl<DB: $crate::db::pick::Database> $crate::db::pick::FromColumns<DB> for $Row
        where
            $Attributes: $crate::db::pick::FromColumns<DB>,
        {
            fn set(
                &mut self,
                place: usize,
                value: Option<DB::RawValue<'_>>,
            ) -> diesel::deserialize::Result<()> {
                match place {
                    0 => self.id = DB::uid(value)?,
                    1 => self.created_at = DB::time(value)?,
                    2 => self.updated_at = DB::time(value)?,
                    3 => self.created_by = DB::text(value)?,
                    4 => self.last_modified_by = DB::text(value)?,
                    _ => self.attributes.set(place - $crate::models::row::OWN.len(), value)?,
                }
                Ok(())
            }
        }

        $crate::db::pick::read_picked!($Row);

        impl $crate::models::attribute::HasAttributes for $Row {
            type Attributes = $Attributes;

            fn attributes(&self) -> &$Attributes {
                &self.attributes
            }
        }
    };
}
pub(super) use row;
