//! The memory that the requests of a server share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Memory that each request has for itself, in bytes. Most requests need no more, so they are served even while others
/// use all of the shared memory.
const OWN: usize = 1 << 20;

/// The memory that requests share, beyond what each has for itself. Clones share it.
#[derive(Clone)]
pub struct Memory(Arc<Shared>);

struct Shared {
    max: usize,
    taken: AtomicUsize,
}

impl Memory {
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Shared { max, taken: AtomicUsize::default() }))
    }

    /// Shared memory in use, in bytes.
    pub fn taken(&self) -> usize {
        self.0.taken.load(Relaxed)
    }

    /// Takes bytes even beyond the maximum. It then returns `false`, and the request must end.
    fn take(&self, bytes: usize) -> bool {
        self.0.taken.fetch_add(bytes, Relaxed).saturating_add(bytes) <= self.0.max
    }

    fn give_back(&self, bytes: usize) {
        self.0.taken.fetch_sub(bytes, Relaxed);
    }
}

/// The part of the shared memory that one request has until this is dropped.
pub struct Holding {
    memory: Memory,
    /// A multiple of [`OWN`]. The first [`OWN`] bytes are not shared.
    bytes: AtomicUsize,
}

impl Holding {
    pub fn new(memory: Memory) -> Self {
        Self { memory, bytes: AtomicUsize::new(OWN) }
    }

    /// Grows to that total; returns `false` if the requests then exceed the shared memory.
    pub fn grow_to(&self, bytes: usize) -> bool {
        if bytes <= self.bytes.load(Relaxed) {
            return true;
        }
        let wanted = whole(bytes);
        let before = self.bytes.fetch_max(wanted, Relaxed);
        wanted <= before || self.memory.take(wanted - before)
    }

    /// Shrinks to that total.
    pub fn shrink_to(&self, bytes: usize) {
        let wanted = whole(bytes);
        let before = self.bytes.fetch_min(wanted, Relaxed);
        self.memory.give_back(before.saturating_sub(wanted));
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

fn whole(bytes: usize) -> usize {
    bytes.max(1).checked_next_multiple_of(OWN).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_share_what_exceeds_their_own() {
        let memory = Memory::new(3 * OWN);
        let (first, second) = (Holding::new(memory.clone()), Holding::new(memory.clone()));
        assert!(first.grow_to(OWN) && second.grow_to(OWN));
        assert_eq!(memory.taken(), 0);
        assert!(first.grow_to(OWN + 1) && first.grow_to(3 * OWN) && second.grow_to(2 * OWN));
        assert_eq!(memory.taken(), 3 * OWN);
        assert!(!second.grow_to(2 * OWN + 1));
        assert!(second.grow_to(1));
        first.shrink_to(OWN + 1);
        assert_eq!(memory.taken(), 3 * OWN);
        drop(second);
        assert_eq!(memory.taken(), OWN);
        drop(first);
        assert_eq!(memory.taken(), 0);
    }
}
