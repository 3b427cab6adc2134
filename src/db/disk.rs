//! The disk that a SQLite database is on.

use std::path::PathBuf;

use super::Error;

/// Least room for a change, in bytes: a transaction of many rows writes the log first.
const ROOM: u64 = 1 << 20;

/// Fails if there is no room for changes. A file system that does not tell has room.
pub(super) async fn check_room(file: PathBuf) -> Result<(), Error> {
    let look = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&file));
    match look.await {
        Ok(Ok(found)) if found.f_bavail.saturating_mul(found.f_frsize) < ROOM => {
            Err(Error::DiskFull)
        }
        _ => Ok(()),
    }
}
