//! Locks of rows. They end with the transaction.
//!
//! SQLite has only one writer, for which others queue, so rows cannot change during a transaction that writes: locks do
//! nothing there. On PostgreSQL, rows are locked in the order of their ids, so that two transactions do not deadlock.

use super::{
    Lookup, Row,
    row::{lookup_condition, selected},
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
    /// Other transactions cannot delete the rows.
    KeyShare,
    /// Other transactions cannot change or delete the rows, but can insert rows that refer to them.
    NoKeyUpdate,
    /// Other transactions can neither change or delete the rows, nor insert rows that refer to
    /// them.
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

/// Locks the row of that id; returns whether it exists. On SQLite this is `true`, without a
/// statement.
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

/// Locks the tenant's rows that meet the condition; returns their ids.
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

/// Locks the tenant's rows that meet the condition, and reads these columns.
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
    let mut trail = Trail::new(lookup);
    loop {
        let Some(row) = lookup_condition::<R>(&trail.wanted()) else { return Ok(None) };
        let mut found = select_locked(tx, tenant, row, ColumnSet::ALL, Lock::NoKeyUpdate).await?;
        match found.pop() {
            Some(row) if trail.is_right::<R>(tx, tenant).await? => return Ok(Some(row)),
            None if trail.is_lost::<R>(tx, tenant).await? => return Ok(None),
            _ => {}
        }
    }
}

/// The way from a lookup to the row to lock: the row itself, or the one into which it was merged. Other transactions
/// may merge the row, or undo that, until the lock is taken.
pub struct Trail<'l> {
    lookup: &'l Lookup,
    successor: Option<Uid>,
    was_missing: bool,
}

impl<'l> Trail<'l> {
    pub const fn new(lookup: &'l Lookup) -> Self {
        Self { lookup, successor: None, was_missing: false }
    }

    /// The row to lock next.
    pub fn wanted(&self) -> Lookup {
        self.successor.map_or_else(|| self.lookup.clone(), Lookup::Id)
    }

    /// Whether the row that was locked is the right one. Otherwise the transaction that held the lock has undone the
    /// merge, and the row itself is wanted.
    pub async fn is_right<R: Row>(
        &mut self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<bool, db::Error> {
        if self.successor.is_none() {
            return Ok(true);
        }
        let successor = R::successor(tx, tenant, self.lookup).await?;
        let is_right = successor == self.successor;
        self.successor = successor;
        Ok(is_right)
    }

    /// Whether there is no row to lock, after the wanted one was missing. Without a successor, the row itself is tried
    /// once more, because its merge may have been undone in the meantime.
    pub async fn is_lost<R: Row>(
        &mut self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<bool, db::Error> {
        if !R::HAVE_SUCCESSORS {
            return Ok(true);
        }
        self.successor = R::successor(tx, tenant, self.lookup).await?;
        let is_lost = self.successor.is_none() && self.was_missing;
        self.was_missing = self.successor.is_none();
        Ok(is_lost)
    }
}

/// Locks the tenant's row, for changes that concern more than single rows, like those of the tree
/// of its groups.
pub async fn lock_tenant(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    use diesel::QueryDsl;
    if let Conn::Postgres(held) = tx {
        let row = tenants::table.find(tenant.id()).select(tenants::tenant_id);
        db::on_postgres!(held, |c| row.for_no_key_update().load::<String>(c).await)?;
    }
    Ok(())
}
