//! Locks of rows. They end with the transaction.
//!
//! On SQLite there is only one writer, and others queue for it, so nothing changes during a transaction that
//! writes: locks do nothing there. On PostgreSQL, rows are locked in the order of their ids, so that two
//! transactions do not deadlock.

use super::{
    Lookup, Row,
    row::{is_found, selected},
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, RunQueryDsl, load, on,
        pick::ColumnSet,
        schema::tenants,
        sql::{Condition, Expr, Select, Sql},
        types::{Uid, sql_types},
    },
};

/// A lock of rows, named as in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Nobody else deletes the rows.
    KeyShare,
    /// Nobody else changes or deletes the rows. New rows may refer to them.
    NoKeyUpdate,
    /// Nobody else changes or deletes the rows, and no new rows refer to them.
    Update,
}

impl Lock {
    /// The clause at the end of a `SELECT`.
    pub fn clause(self) -> Sql {
        let clause = match self {
            Self::KeyShare => " FOR KEY SHARE",
            Self::NoKeyUpdate => " FOR NO KEY UPDATE",
            Self::Update => " FOR UPDATE",
        };
        Sql::default().per_dialect(Sql::new(clause), Sql::default())
    }

    /// The clauses that order rows by their ids and lock them.
    fn in_order<R: Row>(self) -> Sql {
        Sql::new(" ORDER BY ").column(R::ID).append(self.clause())
    }
}

/// Locks the row of that id; returns whether it exists. On SQLite it is not looked up: `true`.
pub async fn lock_row<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    id: Uid,
    lock: Lock,
) -> Result<bool, db::Error> {
    match tx {
        Conn::Sqlite(_) => Ok(true),
        Conn::Postgres(_) => {
            let row = Condition::uid_in(R::ID, &[id]);
            Ok(!lock_rows::<R>(tx, tenant, row, lock).await?.is_empty())
        }
    }
}

/// Locks the tenant's rows for which the condition holds; returns their ids.
pub async fn lock_rows<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    condition: Condition,
    lock: Lock,
) -> Result<Vec<Uid>, db::Error> {
    let Select { with, from, .. } =
        selected::<R>(tenant, condition, ColumnSet::ID, lock.in_order::<R>());
    ids(tx, Select { with, selection: Expr::literal("id"), from }).await
}

async fn ids(
    tx: &mut Conn<'_>,
    query: Select<Expr<sql_types::Uid>>,
) -> Result<Vec<Uid>, db::Error> {
    Ok(on!(tx, |c| query.load(c).await)?)
}

/// Locks the tenant's rows for which the condition holds, and reads these columns.
pub async fn select_locked<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    condition: Condition,
    columns: ColumnSet,
    lock: Lock,
) -> Result<Vec<R>, db::Error> {
    let query = selected::<R>(tenant, condition, columns, lock.in_order::<R>());
    let rows: Vec<Measured<R>> = load!(tx, query)?;
    Ok(rows.into_iter().map(Measured::into_row).collect())
}

/// Like [`Row::find`], and locks the row until this transaction ends.
pub async fn find_for_update<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    lookup: &Lookup,
) -> Result<Option<R>, db::Error> {
    let (mut successor, mut is_sure) = (None, !R::HAVE_SUCCESSORS);
    loop {
        let lookup = successor.as_ref().unwrap_or(lookup);
        let Some(row) = is_found::<R>(lookup) else { return Ok(None) };
        let mut found = select_locked(tx, tenant, row, ColumnSet::ALL, Lock::NoKeyUpdate).await?;
        if let Some(row) = found.pop() {
            return Ok(Some(row));
        }
        match R::successor(tx, tenant, lookup).await? {
            Some(id) => successor = Some(Lookup::Id(id)),
            None if is_sure => return Ok(None),
            // A merge may have been undone since the row was missing.
            None => is_sure = true,
        }
    }
}

/// Locks the tenant's row, which stands for the tree of its groups.
pub async fn lock_tenant(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    use diesel::QueryDsl;
    if let Conn::Postgres(held) = tx {
        let row = tenants::table.find(tenant.id()).select(tenants::tenant_id);
        db::on_postgres!(held, |c| row.for_no_key_update().load::<String>(c).await)?;
    }
    Ok(())
}
