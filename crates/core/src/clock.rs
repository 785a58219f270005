//! Time as an input.
//!
//! [`LoggedClock`] turns what a machine's clocks say into logged time, the only time that decisions see. Must never be true: logged
//! time goes back, or jumps while the program runs.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The two clocks of a machine.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970, as the wall clock has it; may jump either way.
    fn wall_unix_ms(&self) -> u64;
    /// Milliseconds from some start; never goes back.
    fn monotonic_ms(&self) -> u64;
}

/// The clocks of this machine.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    fn wall_unix_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A difference to the wall clock that is worth a report and a correction, in milliseconds.
pub const DRIFT_MS_MAX: u64 = 5_000;
/// A correction ends when the difference is below this, in milliseconds.
const DRIFT_MS_SETTLED: u64 = 100;
/// One part in so many by which a correction runs faster or slower: 10 %.
const SLEW_PART: u64 = 10;

/// Logged time: from the last stamp on at monotonic speed. A wall clock more than 5 s away is followed 10 % faster or slower.
#[derive(Debug)]
pub struct LoggedClock {
    logged_unix_ms: u64,
    monotonic_ms: u64,
    /// Tenths of milliseconds that the correction has gathered.
    remainder: u64,
    slewing: bool,
}

impl LoggedClock {
    /// Starts after the last stamp of the journal: a forward difference is taken at once, a backward one is slewed.
    #[must_use]
    pub fn open(clock: &dyn Clock, last_stamp_unix_ms: u64) -> Self {
        Self {
            logged_unix_ms: clock.wall_unix_ms().max(last_stamp_unix_ms),
            monotonic_ms: clock.monotonic_ms(),
            remainder: 0,
            slewing: false,
        }
    }

    /// Logged time now.
    pub fn now_unix_ms(&mut self, clock: &dyn Clock) -> u64 {
        let monotonic_ms = clock.monotonic_ms();
        let elapsed_ms = monotonic_ms.saturating_sub(self.monotonic_ms);
        self.monotonic_ms = monotonic_ms;
        let wall_unix_ms = clock.wall_unix_ms();
        let expected_unix_ms = self.logged_unix_ms + elapsed_ms;
        let drift_ms = wall_unix_ms.abs_diff(expected_unix_ms);
        if drift_ms > DRIFT_MS_MAX && !self.slewing {
            tracing::warn!(
                wall_unix_ms,
                logged_unix_ms = expected_unix_ms,
                "the wall clock is {drift_ms} ms away; logged time follows slowly"
            );
            self.slewing = true;
        } else if drift_ms < DRIFT_MS_SETTLED {
            self.slewing = false;
        }
        self.logged_unix_ms = if self.slewing {
            let tenths = self.remainder + elapsed_ms;
            let correction_ms = (tenths / SLEW_PART).min(drift_ms);
            self.remainder = tenths % SLEW_PART;
            if wall_unix_ms > expected_unix_ms {
                expected_unix_ms + correction_ms
            } else {
                expected_unix_ms - correction_ms.min(elapsed_ms)
            }
        } else {
            expected_unix_ms
        };
        self.logged_unix_ms
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use super::*;

    #[derive(Default)]
    struct Hands {
        wall: AtomicU64,
        monotonic: AtomicU64,
    }

    impl Hands {
        fn pass(&self, ms: u64) {
            self.wall.fetch_add(ms, Relaxed);
            self.monotonic.fetch_add(ms, Relaxed);
        }
    }

    impl Clock for Hands {
        fn wall_unix_ms(&self) -> u64 {
            self.wall.load(Relaxed)
        }
        fn monotonic_ms(&self) -> u64 {
            self.monotonic.load(Relaxed)
        }
    }

    #[test]
    fn opening_takes_a_forward_difference_at_once_and_a_backward_one_never() {
        let hands = Hands { wall: 100_000.into(), monotonic: 0.into() };
        assert_eq!(LoggedClock::open(&hands, 40_000).now_unix_ms(&hands), 100_000);
        assert_eq!(LoggedClock::open(&hands, 104_000).now_unix_ms(&hands), 104_000);
    }

    #[test]
    fn an_hour_forward_while_running_is_followed_ten_per_cent_faster() {
        let hands = Hands { wall: 1_000_000.into(), monotonic: 0.into() };
        let mut logged = LoggedClock::open(&hands, 0);
        hands.wall.fetch_add(3_600_000, Relaxed);
        for _ in 0..100 {
            hands.pass(10);
            logged.now_unix_ms(&hands);
        }
        assert_eq!(logged.now_unix_ms(&hands), 1_000_000 + 1_000 + 100);
    }

    #[test]
    fn an_hour_backward_while_running_is_followed_ten_per_cent_slower_and_never_back() {
        let hands = Hands { wall: 10_000_000.into(), monotonic: 0.into() };
        let mut logged = LoggedClock::open(&hands, 0);
        hands.wall.fetch_sub(3_600_000, Relaxed);
        let mut last = 0;
        for _ in 0..100 {
            hands.pass(10);
            let now = logged.now_unix_ms(&hands);
            assert!(now >= last);
            last = now;
        }
        assert_eq!(last, 10_000_000 + 1_000 - 100);
    }

    #[test]
    fn a_correction_ends_where_the_wall_clock_is() {
        let hands = Hands { wall: 1_000_000.into(), monotonic: 0.into() };
        let mut logged = LoggedClock::open(&hands, 0);
        hands.wall.fetch_add(6_000, Relaxed);
        for _ in 0..10_000 {
            hands.pass(10);
            logged.now_unix_ms(&hands);
        }
        let drift = hands.wall_unix_ms() - logged.now_unix_ms(&hands);
        assert!(drift < DRIFT_MS_SETTLED, "{drift} ms left");
    }
}
