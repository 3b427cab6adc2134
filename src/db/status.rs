//! How the pools are doing, for those who watch the server.

use super::{Db, pool::Pools};

/// The connections of all pools of a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolStatus {
    pub size: usize,
    /// Those that nobody uses.
    pub available: usize,
    /// Those who wait for one.
    pub waiting: usize,
}

impl Db {
    pub fn pool_status(&self) -> PoolStatus {
        let all = match &self.pools {
            Pools::Sqlite { readers, writer, .. } => vec![readers.status(), writer.status()],
            Pools::Postgres(server) => vec![server.pool.status()],
        };
        all.iter().fold(PoolStatus::default(), |sum, pool| PoolStatus {
            size: sum.size + pool.size,
            available: sum.available + pool.available,
            waiting: sum.waiting + pool.waiting,
        })
    }
}
