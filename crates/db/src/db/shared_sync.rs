//! Group commit on SQLite: several commits share one sync of the disk.
//!
//! With `synchronous = FULL`, each commit waits for the disk while it holds the only connection that writes. A
//! request's transactions are committed with `NORMAL` instead, which appends to the write-ahead log without a sync.
//! Before it responds, the request waits until the log is synced. One sync covers all earlier commits. As with `FULL`,
//! a response is sent only when its changes are on the disk, but other writers need not wait for that.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Mutex;

use super::Error;

/// The syncs of one database. Cheap to clone; clones share the same state.
#[derive(Clone)]
pub struct SharedSync(Arc<Shared>);

struct Shared {
    log: PathBuf,
    /// The number of the last commit.
    committed: AtomicU64,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// The last commit that a successful sync covered.
    synced: u64,
    /// The last commit that a failed sync covered: all commits up to this one count as not synced.
    failed: u64,
}

impl SharedSync {
    pub fn new(database: &Path) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let (committed, progress) = (AtomicU64::new(0), Mutex::default());
        Self(Arc::new(Shared { log: log.into(), committed, progress }))
    }

    /// Records that a transaction may have been committed, and returns its number.
    pub fn committed(&self) -> u64 {
        self.0.committed.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until that commit is on the disk. After a failed sync, it is unknown whether it is.
    pub async fn wait(&self, commit: u64) -> Result<(), Error> {
        let mut progress = self.0.progress.lock().await;
        if commit > progress.synced && commit > progress.failed {
            let last = self.0.committed.load(Ordering::SeqCst);
            let log = self.0.log.clone();
            let synced = tokio::task::spawn_blocking(move || sync(&log)).await;
            match synced.map_err(io::Error::other).flatten() {
                Ok(()) => progress.synced = last,
                Err(error) => {
                    tracing::error!(%error, "the write-ahead log was not synced");
                    progress.failed = last;
                }
            }
        }
        if commit <= progress.failed {
            let error = io::Error::other("the write-ahead log was not synced");
            return Err(Error::Unavailable(error.into()));
        }
        Ok(())
    }
}

/// Syncs the log. If it is missing, SQLite moved it into the database and synced that when the last
/// connection was closed.
fn sync(log: &Path) -> io::Result<()> {
    match File::open(log) {
        Ok(log) => log.sync_data(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_sync_covers_all_commits_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let sync = SharedSync::new(&folder.path().join("shop.db"));
        std::fs::write(folder.path().join("shop.db-wal"), "commits").expect("a log");
        let (first, second) = (sync.committed(), sync.committed());
        sync.wait(first).await.expect("synced");
        assert_eq!(sync.0.progress.lock().await.synced, second);
        sync.wait(second).await.expect("synced before");
    }

    #[tokio::test]
    async fn a_commit_whose_sync_failed_is_never_reported_as_durable() {
        let folder = tempfile::tempdir().expect("a folder");
        let sync = SharedSync::new(&folder.path().join("shop.db"));
        // With a file in place of the folder, opening the log fails with another error than
        // `NotFound`.
        let blocked = SharedSync::new(&folder.path().join("file").join("shop.db"));
        std::fs::write(folder.path().join("file"), "").expect("a file");
        let (lost, durable) = (blocked.committed(), sync.committed());
        assert!(blocked.wait(lost).await.is_err());
        assert!(blocked.wait(lost).await.is_err(), "also the second time");
        sync.wait(durable).await.expect("a log that is missing");
    }
}
