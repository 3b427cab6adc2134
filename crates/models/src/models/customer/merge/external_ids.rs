//! The locks of external ids, each of which belongs to one customer, or redirects to one.
//!
//! They are in two tables, `customers` and `customer_merges`, so no unique index covers all of them. A transaction that
//! assigns an external id to a customer takes a shared lock; among these, the unique index of `customers` decides. A
//! transaction that registers one as that of an absorbed customer takes an exclusive lock. The lock is taken before the
//! check that the id is free, and before any other lock.
//!
//! SQLite has only one writer, so a transaction that writes needs no such lock.

use crate::{
    auth::Tenant,
    db::{self, Conn, execute, sql::Sql},
};

/// The seed of these locks' hashes, which distinguishes them from other advisory locks.
const SEED: i64 = 0x0c11_e47e_1e01;

/// Keeps other transactions from registering external ids as those of absorbed customers until this
/// one ends.
pub async fn share(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    take(tx, tenant, "SELECT pg_advisory_xact_lock_shared(hashtextextended({tenant}, {seed}))")
        .await
}

/// Keeps other transactions from assigning external ids to customers, or registering them, until
/// this one ends.
pub async fn lock(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    take(tx, tenant, "SELECT pg_advisory_xact_lock(hashtextextended({tenant}, {seed}))").await
}

async fn take(tx: &mut Conn<'_>, tenant: &Tenant, lock: &'static str) -> Result<(), db::Error> {
    if matches!(tx, Conn::Sqlite(_)) {
        return Ok(());
    }
    let (tenant, seed) = (Sql::default().text(tenant.id()), Sql::default().literal(SEED));
    Ok(execute!(tx, Sql::template(lock, [("tenant", tenant), ("seed", seed)]))?)
}
