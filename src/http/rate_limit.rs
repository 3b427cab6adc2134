//! A rate limit: a burst, and then a steady rate.
//!
//! This is the generic cell rate algorithm. For each key it stores the time up to which the key's
//! share is used up. A key whose time has passed is equivalent to a new one, and is dropped.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Maximum number of keys that are tracked.
const KEYS_MAX: usize = 20_000;

/// A rate: one turn per `interval`, and up to `burst` turns at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub interval: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_period = |seconds| Duration::from_secs(seconds).div_duration_f64(self.interval);
        let (period, unit) = match self.interval.as_secs() {
            0 => (1, "s"),
            1..60 => (60, "m"),
            _ => (3600, "h"),
        };
        write!(f, "{:.0}/{unit}", in_period(period))
    }
}

impl FromStr for Rate {
    type Err = &'static str;

    /// Parses `20/s`, `20/m` or `20/h`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a number and a unit of time, like 20/s, 20/m or 20/h";
        let (number, unit) = text.split_once('/').ok_or(WRONG)?;
        let burst: u32 = number.parse().map_err(|_invalid| WRONG)?;
        let period = Duration::from_secs(match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(WRONG),
        });
        let interval = period.checked_div(burst).filter(|it| !it.is_zero()).ok_or(WRONG)?;
        Ok(Self { burst, interval })
    }
}

/// A rate limit per key.
pub struct RateLimit<K> {
    rate: Rate,
    used_up_to: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash + Clone> RateLimit<K> {
    pub fn new(rate: Rate) -> Self {
        Self { rate, used_up_to: Mutex::default() }
    }

    /// The time that the key must wait for its next turn; `None` if it need not wait.
    pub fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let used_up_to = *self.used_up_to().get(key)?;
        let ahead = used_up_to.saturating_duration_since(now);
        let most = self.rate.interval * (self.rate.burst.saturating_sub(1));
        ahead.checked_sub(most).filter(|wait| !wait.is_zero())
    }

    /// Takes a turn of the key, or returns how long it must wait for one.
    pub fn take(&self, key: &K, now: Instant) -> Result<(), Duration> {
        if let Some(wait) = self.wait(key, now) {
            return Err(wait);
        }
        let mut used_up_to = self.used_up_to();
        if used_up_to.len() >= KEYS_MAX && !used_up_to.contains_key(key) {
            forget(&mut used_up_to, now);
        }
        let moment = used_up_to.entry(key.clone()).or_insert(now);
        *moment = (*moment).max(now) + self.rate.interval;
        Ok(())
    }

    fn used_up_to(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.used_up_to.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room: drops the keys that are equivalent to new ones and, if necessary, the half that is
/// closest to that.
fn forget<K: Eq + Hash>(used_up_to: &mut HashMap<K, Instant>, now: Instant) {
    used_up_to.retain(|_, moment| *moment > now);
    if used_up_to.len() < KEYS_MAX / 2 {
        return;
    }
    let mut moments: Vec<Instant> = used_up_to.values().copied().collect();
    let middle = moments.len() / 2;
    let (_, median, _) = moments.select_nth_unstable(middle);
    used_up_to.retain(|_, moment| *moment > *median);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_a_steady_rate() {
        let limit = RateLimit::new("3/s".parse().expect("a rate"));
        let (start, third) = (Instant::now(), Duration::from_secs(1) / 3);
        for _ in 0..3 {
            assert_eq!(limit.take(&'a', start), Ok(()));
        }
        assert_eq!(limit.take(&'a', start), Err(third));
        assert_eq!(limit.take(&'b', start), Ok(()), "another key");
        assert_eq!(limit.take(&'a', start + third), Ok(()));
        assert_eq!(limit.wait(&'a', start + third), Some(third));
        assert_eq!(limit.wait(&'a', start + 4 * third), None);
    }

    #[test]
    fn memory_has_a_bound() {
        let limit = RateLimit::new("1/h".parse().expect("a rate"));
        for (key, start) in (0..3 * KEYS_MAX).zip(std::iter::repeat(Instant::now())) {
            assert_eq!(limit.take(&key, start + Duration::from_nanos(1)), Ok(()));
        }
        assert!(limit.used_up_to().len() <= KEYS_MAX);
    }

    #[test]
    fn rates_are_read() {
        for text in ["", "20", "0/s", "-1/s", "1/d", "x/s", "4294967295/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
