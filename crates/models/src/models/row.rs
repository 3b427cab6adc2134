//! Rows with ids.

use std::{collections::HashMap, future::Future, slice};

use diesel::{pg::Pg, sqlite::Sqlite};

use super::Lookup;
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured, execute, load,
        pick::{ColumnSet, Pick, PickedRow, ToColumns},
        sql::{Column, Condition, Insert, InsertedRow, Select, Sql, Update, from_where},
        types::{Timestamp, Uid},
    },
};

/// A type of rows with ids.
pub trait Row: PickedRow + Clone + Send + Sync + 'static {
    const TABLE: &'static str;
    const TENANT_ID: Column = Column { table: Self::TABLE, name: "tenant_id" };
    const ID: Column = Column { table: Self::TABLE, name: "id" };
    const UPDATED_AT: Column = Column { table: Self::TABLE, name: "updated_at" };
    /// The column of the external id, which the client or another system assigns.
    const EXTERNAL_ID: Column;
    /// Columns that are always read.
    const NEEDED: ColumnSet = ColumnSet::ID;

    fn uid(&self) -> Uid;
    fn updated_at(&self) -> Timestamp;

    /// Selects columns of the tenant's rows that meet the condition, unordered.
    fn select(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        let query = selected::<Self>(tenant, condition, columns, Sql::default());
        async { load!(conn, query) }
    }

    /// The row of a lookup, or its successor; `None` if neither exists.
    fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Self>, db::Error>> + Send {
        let found = Self::find_measured(conn, tenant, lookup, ColumnSet::ALL);
        async { Ok(found.await?.map(Measured::into_row)) }
    }

    /// Like [`Row::find`], with those columns only, and with the memory that the row takes.
    fn find_measured(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Option<Measured<Self>>, db::Error>> + Send {
        async move {
            let Some(condition) = lookup_condition::<Self>(lookup) else { return Ok(None) };
            let mut found = Self::select(conn, tenant, condition, columns).await?;
            let can_be_merged = Self::HAVE_SUCCESSORS && *lookup != Lookup::Id(Uid::NOTHING);
            if found.is_empty() && can_be_merged {
                let successor = Self::successor(conn, tenant, lookup).await?;
                // The row itself is read again, too: its merge may have been undone in the meantime.
                let of_successor = successor.map(|id| Condition::uid_in(Self::ID, &[id]));
                let either = Condition::any(
                    lookup_condition::<Self>(lookup).into_iter().chain(of_successor),
                );
                found = Self::select(conn, tenant, either, columns).await?;
                found.sort_by_key(|row| Some(row.uid()) != successor);
            }
            Ok(found.pop())
        }
    }

    /// Whether rows can be merged into others, their successors.
    const HAVE_SUCCESSORS: bool = false;

    /// The ids of the successors of missing rows, by the lookups of these.
    fn successors(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        _missing: &[Lookup],
    ) -> impl Future<Output = Result<HashMap<Lookup, Uid>, db::Error>> + Send {
        async { Ok(HashMap::new()) }
    }

    /// Like [`Row::successors`], for one missing row.
    fn successor(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        missing: &Lookup,
    ) -> impl Future<Output = Result<Option<Uid>, db::Error>> + Send {
        async {
            Ok(Self::successors(conn, tenant, slice::from_ref(missing)).await?.remove(missing))
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

    /// Like [`Row::find_many`], with those columns only.
    fn find_columns(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        Self::select(conn, tenant, Condition::uid_in(Self::ID, uids), columns)
    }

    /// Selects columns of the rows with these ids, or of their successors, by these ids.
    fn find_or_successors(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
        columns: ColumnSet,
    ) -> impl Future<Output = Result<HashMap<Uid, Measured<Self>>, db::Error>> + Send {
        async move {
            let found = Self::find_columns(conn, tenant, uids, columns).await?;
            let mut found: HashMap<Uid, Measured<Self>> =
                found.into_iter().map(|row| (row.uid(), row)).collect();
            let missing = uids.iter().filter(|uid| !found.contains_key(uid));
            let missing: Vec<Lookup> = missing.map(|uid| Lookup::Id(*uid)).collect();
            if missing.is_empty() || !Self::HAVE_SUCCESSORS {
                return Ok(found);
            }
            let successors = Self::successors(conn, tenant, &missing).await?;
            // These rows are read again, too: a merge may have been undone in the meantime.
            let missing = uids.iter().filter(|uid| !found.contains_key(uid));
            let ids: Vec<Uid> = missing.chain(successors.values()).copied().collect();
            let rows = Self::find_columns(conn, tenant, &ids, columns).await?;
            let row = |uid: Uid| rows.iter().find(|row| row.uid() == uid);
            for uid in uids {
                let successor = || row(*successors.get(&Lookup::Id(*uid))?);
                if !found.contains_key(uid)
                    && let Some(row) = row(*uid).or_else(successor)
                {
                    found.insert(*uid, row.clone());
                }
            }
            Ok(found)
        }
    }
}

/// The condition on the row of a lookup; `None` if there cannot be such a row.
pub(super) fn lookup_condition<R: Row>(lookup: &Lookup) -> Option<Condition> {
    lookup.is_possible().then(|| match lookup {
        Lookup::Id(uid) => Condition::uid_in(R::ID, &[*uid]),
        Lookup::ExternalId(text) => Condition::text(R::EXTERNAL_ID, text),
    })
}

/// A query for columns of the tenant's rows that meet the condition, with further clauses at its end.
pub(super) fn selected<R: Row>(
    tenant: &Tenant,
    condition: Condition,
    columns: ColumnSet,
    clauses: Sql,
) -> Select<Pick<R>> {
    let from = from_where(R::TABLE, of_tenant(R::TENANT_ID, tenant, condition)).append(clauses);
    let selection = Pick::new(R::TABLE, columns.union(R::NEEDED));
    Select { with: Sql::default(), selection, from }
}

/// Inserts rows, with their folded texts, and executes another statement together with them, like the one that adds the
/// words in their names.
///
/// PostgreSQL gets one statement. SQLite runs in the same process: one small statement, prepared once, is faster than a
/// large one and needs less memory.
pub(super) async fn insert<R: Row + ToColumns<Pg> + ToColumns<Sqlite>>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    rows: Vec<InsertedRow<R>>,
    other: Option<Sql>,
) -> Result<(), db::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let insert = Insert::new(R::TABLE, tenant.id(), rows);
    if matches!(tx, Conn::Postgres(_)) {
        return Ok(execute!(tx, insert.with(other))?);
    }
    for row in insert.one_by_one() {
        execute!(tx, row)?;
    }
    if let Some(other) = other {
        execute!(tx, other)?;
    }
    Ok(())
}

/// A statement that deletes rows of the tenant.
pub(super) fn deletion<R: Row>(tenant: &Tenant, ids: &[Uid]) -> Sql {
    let rows = of_tenant(R::TENANT_ID, tenant, Condition::uid_in(R::ID, ids));
    Sql::new("DELETE").append(from_where(R::TABLE, rows))
}

/// Marks rows as changed. `others` are further assignments, each followed by a comma.
pub(super) async fn touch<R: Row>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    others: Sql,
    rows: Condition,
) -> Result<(), db::Error> {
    let marked = others.append(marked(writer.now(), writer.name()));
    let update = Update::new(R::TABLE, marked, of_tenant(R::TENANT_ID, writer.tenant(), rows));
    Ok(execute!(tx, update)?)
}

/// The assignments in an [`Update`] that record when and by whom the rows were changed.
pub(super) fn marked(at: Timestamp, by: &str) -> Sql {
    Sql::new("updated_at = ").time(at).sql(", last_modified_by = ").text(by)
}

/// The condition on that row of the tenant.
pub(super) fn is_row<R: Row>(tenant: &Tenant, id: Uid) -> Condition {
    of_tenant(R::TENANT_ID, tenant, Condition::uid_in(R::ID, &[id]))
}

/// The condition on rows of the tenant, whose name is in that column.
pub(super) fn of_tenant(tenant_id: Column, tenant: &Tenant, condition: Condition) -> Condition {
    Condition::all([Condition::text(tenant_id, tenant.id()), condition])
}
