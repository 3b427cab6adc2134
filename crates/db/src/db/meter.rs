//! The meter of a request: its use of the database and of memory, and their limits.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use super::Error;
use crate::limits::{Exceeded, Limits};

/// The meter of one request; clones share it.
///
/// Bytes are counted when they are taken, and usually not given back, so the total is an upper
/// bound of the memory that a request holds at one time.
#[derive(Clone)]
pub struct Meter {
    counts: Arc<Counts>,
    /// Whether the limits apply. They do not for the reads of a mutation itself: these have their
    /// own bounds, give their memory back at the end, and must not stop halfway.
    is_limited: bool,
}

struct Counts {
    rows_max: usize,
    bytes_max: usize,
    statements: AtomicUsize,
    rows: AtomicUsize,
    bytes: AtomicUsize,
    fields: AtomicUsize,
    is_abandoned: AtomicBool,
    has_written: AtomicBool,
    /// The last commit that was not synced; 0 if there is none.
    commit: AtomicU64,
    /// The first limit that was exceeded.
    exceeded: OnceLock<Exceeded>,
}

impl Meter {
    pub fn new(limits: &Limits) -> Self {
        Self::with_limits(limits.rows, limits.memory_bytes)
    }

    /// A meter for work outside of requests.
    pub fn unlimited() -> Self {
        Self::with_limits(usize::MAX, usize::MAX)
    }

    fn with_limits(rows_max: usize, bytes_max: usize) -> Self {
        let counts = Counts {
            rows_max,
            bytes_max,
            statements: AtomicUsize::default(),
            rows: AtomicUsize::default(),
            bytes: AtomicUsize::default(),
            fields: AtomicUsize::default(),
            is_abandoned: AtomicBool::default(),
            has_written: AtomicBool::default(),
            commit: AtomicU64::default(),
            exceeded: OnceLock::new(),
        };
        Self { counts: Arc::new(counts), is_limited: true }
    }

    /// The same meter, without limits.
    pub(super) fn without_limits(&self) -> Self {
        Self { counts: Arc::clone(&self.counts), is_limited: false }
    }

    /// Number of statements sent.
    pub fn statements(&self) -> usize {
        self.counts.statements.load(Relaxed)
    }

    /// Number of rows read for the response.
    pub fn rows(&self) -> usize {
        self.counts.rows.load(Relaxed)
    }

    /// Memory for rows and for the values of the response, in bytes.
    pub fn bytes(&self) -> usize {
        self.counts.bytes.load(Relaxed)
    }

    /// Number of fields in the response's objects.
    pub fn fields(&self) -> usize {
        self.counts.fields.load(Relaxed)
    }

    /// Notes that nobody waits for the response any more: reading ends, and no further mutation
    /// starts.
    pub fn abandon(&self) {
        self.counts.is_abandoned.store(true, Relaxed);
    }

    pub fn is_abandoned(&self) -> bool {
        self.counts.is_abandoned.load(Relaxed)
    }

    /// Notes that a mutation starts: from then on, the response must report what was done.
    pub fn begin_writing(&self) {
        self.counts.has_written.store(true, Relaxed);
    }

    pub fn has_written(&self) -> bool {
        self.counts.has_written.load(Relaxed)
    }

    /// The first limit that was exceeded; the request should then stop.
    pub fn exceeded(&self) -> Option<&Exceeded> {
        self.counts.exceeded.get()
    }

    /// Notes a commit that is to be synced before the response.
    pub(super) fn note_commit(&self, commit: u64) {
        self.counts.commit.fetch_max(commit, Relaxed);
    }

    /// The last commit that is to be synced.
    pub(super) fn last_commit(&self) -> Option<u64> {
        Some(self.counts.commit.load(Relaxed)).filter(|commit| *commit > 0)
    }

    pub(super) fn count_statements(&self, statements: usize) {
        self.counts.statements.fetch_add(statements, Relaxed);
    }

    /// Number of rows that may still be read.
    fn rows_left(&self) -> usize {
        if !self.is_limited {
            return usize::MAX;
        }
        self.counts.rows_max.saturating_sub(self.rows())
    }

    /// The `LIMIT` of a plain list: at least one row more than may still be read, to know that there
    /// are too many. A power of two, because it is written in the statement's text, of which there are to
    /// be few (see [`Sql::literal`](super::sql::Sql::literal)).
    pub fn row_limit(&self) -> i64 {
        let limit = self.rows_left().saturating_add(1).checked_next_power_of_two();
        limit.and_then(|limit| limit.try_into().ok()).unwrap_or(i64::MAX)
    }

    /// Counts rows, before or after they are read.
    pub fn take_rows(&self, rows: usize) -> Result<(), Exceeded> {
        let taken = self.counts.rows.fetch_add(rows, Relaxed).saturating_add(rows);
        self.check("rows", "rows", self.counts.rows_max, taken)
    }

    /// Takes back rows that were counted before reading but did not exist.
    pub fn give_back_rows(&self, rows: usize) {
        self.counts.rows.fetch_sub(rows, Relaxed);
    }

    /// Counts fields of the response.
    pub fn count_fields(&self, fields: usize) {
        self.counts.fields.fetch_add(fields, Relaxed);
    }

    /// Counts bytes of memory, before they are taken where that is possible.
    pub fn take_bytes(&self, bytes: usize) -> Result<(), Exceeded> {
        let taken = self.counts.bytes.fetch_add(bytes, Relaxed).saturating_add(bytes);
        self.check("memory-bytes", "bytes in memory", self.counts.bytes_max, taken)
    }

    /// Gives back bytes that have been freed.
    pub fn give_back_bytes(&self, bytes: usize) {
        self.counts.bytes.fetch_sub(bytes, Relaxed);
    }

    fn check(
        &self,
        limit: &'static str,
        unit: &'static str,
        max: usize,
        taken: usize,
    ) -> Result<(), Exceeded> {
        if !self.is_limited {
            return Ok(());
        }
        if let Some(exceeded) = self.exceeded() {
            return Err(exceeded.clone());
        }
        let checked = Exceeded::check(limit, unit, max, taken);
        if let Err(exceeded) = &checked {
            // If another limit was exceeded first, that one is reported.
            self.counts.exceeded.set(exceeded.clone()).ok();
        }
        checked
    }

    /// Counts a row that was read and is kept; an error if reading must end.
    pub(super) fn keep(&self, bytes: usize) -> Result<(), Error> {
        if self.is_limited && self.is_abandoned() {
            return Err(Error::Abandoned);
        }
        Ok(self.take_bytes(bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        Meter::new(&Limits { rows: 10, memory_bytes: 1_000, ..Limits::default() })
    }

    #[test]
    fn a_limit_may_be_reached_but_not_passed() {
        let meter = meter();
        assert_eq!(meter.take_rows(10), Ok(()));
        assert_eq!(meter.rows_left(), 0);
        let passed = Exceeded { limit: "rows", unit: "rows", max: 10, value: 11 };
        assert_eq!(meter.take_rows(1), Err(passed.clone()));
        assert_eq!(meter.exceeded(), Some(&passed));
        // From then on, every limit counts as exceeded.
        assert_eq!(meter.take_bytes(1), Err(passed));
    }

    #[test]
    fn a_mutation_is_counted_but_not_stopped() {
        let meter = meter();
        meter.without_limits().take_bytes(2_000).expect("no limit");
        assert_eq!((meter.bytes(), meter.exceeded()), (2_000, None));
        assert_eq!(meter.without_limits().rows_left(), usize::MAX);
    }
}
