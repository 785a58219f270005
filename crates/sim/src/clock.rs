//! The clocks of the simulated machine: a monotonic one that starts anew with the machine, and a wall clock that drifts and jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use guichet_core::clock::Clock;

/// 14 November 2026: any day will do, as long as it is the same one each time.
pub(crate) const START_UNIX_US: u64 = 1_794_614_400_000_000;

#[derive(Debug)]
struct Hands {
    wall_unix_us: AtomicU64,
    monotonic_us: AtomicU64,
}

/// The clocks. Clones show the same time; only the simulator moves them.
#[derive(Clone, Debug)]
pub struct SimClock {
    hands: Arc<Hands>,
    drift_ppm: i64,
}

impl SimClock {
    /// Clocks whose wall clock gains so many millionths.
    #[must_use]
    pub fn new(drift_ppm: i64) -> Self {
        Self { hands: Arc::new(Hands { wall_unix_us: START_UNIX_US.into(), monotonic_us: 0.into() }), drift_ppm }
    }

    /// Lets the time pass.
    pub fn advance(&self, us: u64) {
        self.hands.monotonic_us.fetch_add(us, Relaxed);
        let drift = i64::try_from(us).unwrap_or(i64::MAX).saturating_mul(self.drift_ppm) / 1_000_000;
        self.hands.wall_unix_us.fetch_add(us.saturating_add_signed(drift), Relaxed);
    }

    /// Somebody sets the wall clock.
    pub fn jump(&self, ms: i64) {
        let wall = self.hands.wall_unix_us.load(Relaxed);
        self.hands.wall_unix_us.store(wall.saturating_add_signed(ms.saturating_mul(1_000)), Relaxed);
    }

    /// The machine starts anew.
    pub fn reboot(&self, monotonic_us: u64) {
        self.hands.monotonic_us.store(monotonic_us, Relaxed);
    }
}

impl Clock for SimClock {
    fn wall_unix_ms(&self) -> u64 {
        self.hands.wall_unix_us.load(Relaxed) / 1_000
    }

    fn monotonic_ms(&self) -> u64 {
        self.hands.monotonic_us.load(Relaxed) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_drifts_and_jumps_and_the_monotonic_one_does_not() {
        let clock = SimClock::new(1_000);
        let (wall, monotonic) = (clock.wall_unix_ms(), clock.monotonic_ms());
        clock.advance(10_000_000);
        assert_eq!((clock.wall_unix_ms() - wall, clock.monotonic_ms() - monotonic), (10_010, 10_000));
        clock.jump(-3_600_000);
        assert_eq!((wall - clock.wall_unix_ms(), clock.monotonic_ms() - monotonic), (3_589_990, 10_000));
    }
}
