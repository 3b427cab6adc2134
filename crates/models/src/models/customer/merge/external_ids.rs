//! The locks of external ids: each belongs to one customer, or leads to one.
//!
//! Two tables have them, `customers` and `customer_merges`, so no unique index compares them all. Whoever gives a customer
//! an external id shares a lock with others who do, for whom the index of `customers` decides. Whoever registers one as
//! that of an absorbed customer has it alone. The lock is taken before the check that the id is free, and before any
//! other lock.
//!
//! On SQLite there is only one writer, and a transaction that writes is a lock.

use crate::{
    auth::Tenant,
    db::{self, Conn, execute, sql::Sql},
};

/// The number of these locks among other advisory locks.
const SEED: i64 = 0x0c11_e47e_1e01;

/// Until this transaction ends, nobody registers external ids as those of absorbed customers.
pub async fn share(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    take(tx, tenant, "SELECT pg_advisory_xact_lock_shared(hashtextextended({tenant}, {seed}))")
        .await
}

/// Until this transaction ends, nobody else gives an external id to a customer, or registers one.
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
