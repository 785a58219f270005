//! What the buyers went through.

use std::time::Duration;

use hdrhistogram::Histogram;

/// What one buyer, or several together, went through.
#[derive(Default)]
pub(super) struct Experience {
    /// How long each attempt to hold took, refused or not, in microseconds.
    pub(super) hold_latency_us: Vec<u64>,
    /// Holds that were placed, by the second in which they were.
    pub(super) holds_by_second: Vec<u64>,
    /// Holds of seats that the house chose.
    pub(super) seated_by_house: u64,
    /// Buyers who left with tickets.
    pub(super) happy: u64,
    /// Buyers who gave all their tickets back.
    pub(super) gave_back: u64,
    /// Buyers who found nothing left.
    pub(super) empty_handed: u64,
    /// Buyers who did not pay.
    pub(super) left: u64,
    /// Buyers whose card was declined for good.
    pub(super) declined: u64,
    /// Buyers whom something unexpected happened to, with one example.
    pub(super) failed: u64,
    pub(super) example: Option<String>,
}

impl Experience {
    pub(super) fn merge(&mut self, other: Self) {
        self.hold_latency_us.extend(other.hold_latency_us);
        if self.holds_by_second.len() < other.holds_by_second.len() {
            self.holds_by_second.resize(other.holds_by_second.len(), 0);
        }
        for (sum, more) in self.holds_by_second.iter_mut().zip(&other.holds_by_second) {
            *sum += more;
        }
        self.seated_by_house += other.seated_by_house;
        self.happy += other.happy;
        self.gave_back += other.gave_back;
        self.empty_handed += other.empty_handed;
        self.left += other.left;
        self.declined += other.declined;
        self.failed += other.failed;
        self.example = self.example.take().or(other.example);
    }

    pub(super) fn hold_placed(&mut self, since_opening: Duration) {
        let second = usize::try_from(since_opening.as_secs()).unwrap_or(usize::MAX).min(3_600);
        if self.holds_by_second.len() <= second {
            self.holds_by_second.resize(second + 1, 0);
        }
        self.holds_by_second[second] += 1;
    }

    /// The latencies as a histogram that grows with them.
    pub(super) fn latencies(&self) -> anyhow::Result<Histogram<u64>> {
        let mut histogram = Histogram::new(3)?;
        for latency in &self.hold_latency_us {
            histogram.record(*latency)?;
        }
        Ok(histogram)
    }
}
