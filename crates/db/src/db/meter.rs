//! The meter of a request: its use of the database and of memory, and their limits.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use super::{
    Error,
    memory::{Holding, Memory},
};
use crate::limits::{Exceeded, Limits, Overrun};

/// The meter of one request; clones share it.
///
/// Bytes are counted when they are taken, and usually not given back, so the total is an upper
/// bound of the memory that a request holds at one time.
#[derive(Clone)]
pub struct Meter {
    counts: Arc<Counts>,
    /// Whether the limits apply. They do not apply to the reads of a mutation itself, which have
    /// their own bounds, give their memory back at the end, and must not stop halfway.
    is_limited: bool,
}

struct Counts {
    rows_max: usize,
    bytes_max: usize,
    statements: AtomicUsize,
    rows: AtomicUsize,
    bytes: AtomicUsize,
    /// Bytes of the request and of its written response.
    request_and_response: AtomicUsize,
    /// The request's part of the shared memory, for all of these bytes.
    holding: Holding,
    fields: AtomicUsize,
    is_abandoned: AtomicBool,
    has_written: AtomicBool,
    /// The last commit that was not synced; 0 if there is none.
    commit: AtomicU64,
    overrun: OnceLock<Overrun>,
}

impl Meter {
    /// A meter with limits for one request that shares no memory with others.
    pub fn new(limits: &Limits) -> Self {
        Self::sharing(&Memory::new(usize::MAX), limits)
    }

    /// A meter for a request that shares memory with others.
    pub fn sharing(memory: &Memory, limits: &Limits) -> Self {
        Self::with_limits(memory.clone(), limits.rows, limits.memory_bytes)
    }

    /// A meter for work outside of requests.
    pub fn unlimited() -> Self {
        Self::with_limits(Memory::new(usize::MAX), usize::MAX, usize::MAX)
    }

    fn with_limits(memory: Memory, rows_max: usize, bytes_max: usize) -> Self {
        let counts = Counts {
            rows_max,
            bytes_max,
            statements: AtomicUsize::default(),
            rows: AtomicUsize::default(),
            bytes: AtomicUsize::default(),
            request_and_response: AtomicUsize::default(),
            holding: Holding::new(memory),
            fields: AtomicUsize::default(),
            is_abandoned: AtomicBool::default(),
            has_written: AtomicBool::default(),
            commit: AtomicU64::default(),
            overrun: OnceLock::new(),
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

    /// The first limit that was exceeded, or [`Overrun::Memory`]. If there is one, the request
    /// should stop.
    pub fn overrun(&self) -> Option<&Overrun> {
        self.counts.overrun.get()
    }

    /// Notes a commit that must be synced before the response.
    pub(super) fn note_commit(&self, commit: u64) {
        self.counts.commit.fetch_max(commit, Relaxed);
    }

    /// The last commit that must be synced before the response.
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

    /// The `LIMIT` of a plain list: at least one row more than may still be read, to detect that there are too many. It
    /// is a power of two, because it is part of the statement's text, and each text is a statement to prepare (see
    /// [`Sql::literal`](super::sql::Sql::literal)).
    pub fn row_limit(&self) -> i64 {
        let limit = self.rows_left().saturating_add(1).checked_next_power_of_two();
        limit.and_then(|limit| limit.try_into().ok()).unwrap_or(i64::MAX)
    }

    /// Counts rows, before or after they are read.
    pub fn take_rows(&self, rows: usize) -> Result<(), Overrun> {
        let taken = self.counts.rows.fetch_add(rows, Relaxed).saturating_add(rows);
        self.check(|| Ok(Exceeded::check("rows", "rows", self.counts.rows_max, taken)?))
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
    pub fn take_bytes(&self, bytes: usize) -> Result<(), Overrun> {
        let taken = self.counts.bytes.fetch_add(bytes, Relaxed).saturating_add(bytes);
        let has_room =
            self.hold(taken.saturating_add(self.counts.request_and_response.load(Relaxed)));
        self.check(|| {
            Exceeded::check("memory-bytes", "bytes in memory", self.counts.bytes_max, taken)?;
            has_room
        })
    }

    /// Takes memory for the request itself, or to write its response, which have limits of their own. A request
    /// that has changed something gets it in any case, because its response must report that.
    pub fn reserve(&self, bytes: usize) -> Result<(), Overrun> {
        let request_and_response =
            self.counts.request_and_response.fetch_add(bytes, Relaxed).saturating_add(bytes);
        let has_room = self.hold(request_and_response.saturating_add(self.bytes()));
        if has_room.is_err() && !self.has_written() {
            self.counts.overrun.set(Overrun::Memory).ok();
            return has_room;
        }
        Ok(())
    }

    fn hold(&self, bytes: usize) -> Result<(), Overrun> {
        if self.counts.holding.grow_to(bytes) { Ok(()) } else { Err(Overrun::Memory) }
    }

    /// Gives back the memory of a request, except for the `bytes` of its written response.
    pub fn keep_response(&self, bytes: usize) {
        self.counts.holding.shrink_to(bytes);
    }

    /// Gives back bytes that have been freed.
    pub fn give_back_bytes(&self, bytes: usize) {
        self.counts.bytes.fetch_sub(bytes, Relaxed);
    }

    fn check(&self, check: impl FnOnce() -> Result<(), Overrun>) -> Result<(), Overrun> {
        if !self.is_limited {
            return Ok(());
        }
        if let Some(overrun) = self.overrun() {
            return Err(overrun.clone());
        }
        let checked = check();
        if let Err(overrun) = &checked {
            // If another limit was exceeded in the meantime, that one is reported.
            self.counts.overrun.set(overrun.clone()).ok();
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
        let passed = Overrun::from(Exceeded { limit: "rows", unit: "rows", max: 10, value: 11 });
        assert_eq!(meter.take_rows(1), Err(passed.clone()));
        assert_eq!(meter.overrun(), Some(&passed));
        // From then on, every limit counts as exceeded, but the response that says so is written.
        assert_eq!(meter.take_bytes(1), Err(passed));
        assert_eq!(meter.reserve(1_000), Ok(()));
    }

    #[test]
    fn a_request_shares_memory_with_others_until_it_is_dropped() {
        let (memory, limits) = (Memory::new(8 << 20), Limits::default());
        let (first, second) = (Meter::sharing(&memory, &limits), Meter::sharing(&memory, &limits));
        assert_eq!((first.take_bytes(5 << 20), first.reserve(3 << 20)), (Ok(()), Ok(())));
        assert_eq!(second.take_bytes(3 << 20), Err(Overrun::Memory));
        assert_eq!(second.take_rows(1), Err(Overrun::Memory), "it ends");
        second.without_limits().take_bytes(1).expect("a mutation does not end");
        first.keep_response(2 << 20);
        assert_eq!(Meter::sharing(&memory, &limits).take_bytes(3 << 20), Ok(()));
        drop((first, second));
        assert_eq!(memory.taken(), 0);
    }

    #[test]
    fn a_mutation_is_counted_but_not_stopped() {
        let meter = meter();
        meter.without_limits().take_bytes(2_000).expect("no limit");
        assert_eq!((meter.bytes(), meter.overrun()), (2_000, None));
        assert_eq!(meter.without_limits().rows_left(), usize::MAX);
    }
}
