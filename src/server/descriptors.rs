//! The limit on open files, and the number of connections that it allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::connections::REFUSALS_MAX;

/// File descriptors of the process itself: standard streams, listeners, runtimes, and files that
/// libraries open occasionally.
const OWN: u64 = 32;

/// File descriptors of one database connection: SQLite's file, its write-ahead log and a temporary
/// file.
const OF_DATABASE_CONNECTION: u64 = 3;

/// Minimum number of connections, regardless of the limit.
const CONNECTIONS_MIN: u64 = 8;

/// The possible number of client connections, at most `wanted`, beside a database pool of the given
/// size. Raises the process's limit on open files as far as needed and permitted.
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

/// Raises the limit on open files to `needed` if it is lower and may be raised. Returns the limit;
/// `None` if there is none.
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
