//! The disk of a SQLite database.

use std::path::PathBuf;

use super::Error;

/// Minimum free space for a change, in bytes. A transaction first writes its rows to the
/// write-ahead log.
const ROOM: u64 = 1 << 20;

/// Fails if there is no space for changes. A file system that does not report its space passes.
pub(super) async fn check_room(file: PathBuf) -> Result<(), Error> {
    let look = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&file));
    match look.await {
        Ok(Ok(found)) if found.f_bavail.saturating_mul(found.f_frsize) < ROOM => {
            Err(Error::DiskFull)
        }
        _ => Ok(()),
    }
}
