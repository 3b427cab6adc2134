//! The limit of open files, and the number of connections that it allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::connections::REFUSALS_MAX;

/// Files of the process itself: standard streams, listeners, runtimes, and files that libraries
/// open occasionally.
const OWN: u64 = 32;

/// Files of one connection to a database: SQLite's file, its log and a temporary file.
const OF_DATABASE_CONNECTION: u64 = 3;

/// Fewest connections, regardless of the limit.
const CONNECTIONS_MIN: u64 = 8;

/// The number of connections that are possible, at most `wanted`, with a pool of that size. Raises
/// the process's limit of open files as far as needed and permitted.
pub fn connections(wanted: u32, pool_size: usize) -> usize {
    let pool = u64::try_from(pool_size).unwrap_or(u64::MAX).saturating_add(1);
    let refusals = u64::try_from(REFUSALS_MAX).unwrap_or(u64::MAX);
    let reserve = pool.saturating_mul(OF_DATABASE_CONNECTION).saturating_add(OWN + refusals);
    let wanted = u64::from(wanted);
    let allowed = match raise(wanted.saturating_add(reserve)) {
        Some(files) => wanted.min(files.saturating_sub(reserve).max(CONNECTIONS_MIN)),
        None => wanted,
    };
    if allowed < wanted {
        tracing::warn!(
            wanted,
            allowed,
            "fewer connections than --max-connections: the limit of open files is too low"
        );
    }
    usize::try_from(allowed).unwrap_or(usize::MAX)
}

/// Raises the limit of open files to that number if it is lower and may be raised; returns the
/// limit, `None` if there is none.
fn raise(needed: u64) -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    if current >= needed {
        return Some(current);
    }
    let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed)).max(current);
    let changed =
        setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum });
    Some(if changed.is_ok() { raised } else { current })
}
