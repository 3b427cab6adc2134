//! The state of the pools, for metrics.

use super::{Db, pool::Pools};

/// The connections of all pools of a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolStatus {
    pub size: usize,
    /// Idle connections.
    pub available: usize,
    /// Tasks that wait for a connection, including those that wait for a place in their tenant's
    /// share.
    pub waiting: usize,
}

impl Db {
    /// The number of statements that can block a thread at the same time.
    pub fn blocking_calls(&self) -> usize {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                readers.status().max_size + writer.status().max_size
            }
            Pools::Postgres(_) => 0,
        }
    }

    pub fn pool_status(&self) -> PoolStatus {
        let all = match &self.pools {
            Pools::Sqlite { readers, writer, .. } => vec![readers.status(), writer.status()],
            Pools::Postgres(server) => vec![server.pool.status()],
        };
        let waiting = self.shares().waiting();
        all.iter().fold(PoolStatus { waiting, ..PoolStatus::default() }, |sum, pool| PoolStatus {
            size: sum.size + pool.size,
            available: sum.available + pool.available,
            waiting: sum.waiting + pool.waiting,
        })
    }
}
