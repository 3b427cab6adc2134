//! The clock: the only source of timestamps and of new ids.

use std::sync::{Arc, Mutex, PoisonError};

use crate::db::types::{Timestamp, Uid};

/// The source of timestamps and ids. Cheap to clone; clones share one time.
///
/// A clock never returns the same microsecond twice, nor an earlier one, so rows sort by creation
/// even if the system's clock is set back.
#[derive(Clone)]
pub struct Clock(Arc<State>);

struct State {
    source: Source,
    /// The last time that was returned, in microseconds.
    last: Mutex<i64>,
}

enum Source {
    /// The system's time and random numbers.
    System,
    /// The same times and ids in each run: the time advances with each call.
    Fixed { step: i64 },
}

impl Clock {
    pub fn system() -> Self {
        Self::after(0, Source::System)
    }

    /// A deterministic clock that starts after `start` and advances by `step` microseconds with each
    /// call. Its ids are deterministic, too. For the demo's data and for tests.
    pub fn fixed(start: Timestamp, step: i64) -> Self {
        Self::after(start.as_microseconds(), Source::Fixed { step })
    }

    fn after(last: i64, source: Source) -> Self {
        Self(Arc::new(State { source, last: Mutex::new(last) }))
    }

    pub fn now(&self) -> Timestamp {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match self.0.source {
            Source::System => system_microseconds().max(last.saturating_add(1)),
            Source::Fixed { step } => last.saturating_add(step),
        };
        // Out of range only after the year 9999.
        Timestamp::from_microseconds(*last).unwrap_or_default()
    }

    /// A new id and its creation time.
    pub fn new_id(&self) -> (Uid, Timestamp) {
        let now = self.now();
        let random = match self.0.source {
            Source::System => random(),
            Source::Fixed { .. } => 0,
        };
        (Uid::new(now, random), now)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that others must use")]
fn system_microseconds() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// 64 unpredictable bits.
fn random() -> u64 {
    u64::from_ne_bytes(random_bytes())
}

/// Unpredictable bytes from the operating system.
///
/// # Panics
///
/// If the operating system provides no random numbers, because no key would be secure without them.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "see the documentation of the function")]
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_the_same_time_twice() {
        let clock = Clock::system();
        let ids: Vec<_> = (0..10_000).map(|_| clock.new_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
    }
}
