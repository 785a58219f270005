//! How a show sells: what is left of its seats and of each quota, how fast it goes, and when it will be gone.

use std::collections::VecDeque;

use guichet_api::{Availability, SeatCounts, Show};
use jiff::Timestamp;

/// The pace is that of the last minute.
const PACE_MS: i64 = 60_000;
/// A shorter time than this says nothing about the pace.
const PACE_MS_MIN: i64 = 3_000;
/// Samples that are kept of each counter, at most: a minute of them at the usual one a second, less when the server is asked more often.
const SAMPLES_MAX: usize = 64;

/// A show and its counters.
#[derive(Clone, Debug)]
pub(crate) struct Sales {
    /// The show; its `sale` is that of the last answer.
    pub(crate) show: Show,
    /// Its seats, if it has any, then its quotas. A place may draw on several, so they are never added up.
    pub(crate) counters: Vec<Counter>,
}

impl Sales {
    /// From an answer, with the samples of the counters that were there before.
    pub(crate) fn from_answer(at: Timestamp, mut show: Show, availability: &Availability, before: Option<Self>) -> Self {
        show.sale = availability.sale;
        let mut old = before.map(|before| before.counters).unwrap_or_default();
        let mut counters = Vec::new();
        let mut add = |name: &str, counts: SeatCounts| {
            let samples = old.iter_mut().find(|counter| counter.name == name).map(|counter| std::mem::take(&mut counter.samples));
            counters.push(Counter::new(name, counts, samples.unwrap_or_default(), at));
        };
        let seats = availability.seats.total;
        if seats != SeatCounts::default() {
            add("seats", seats);
        }
        for quota in &availability.quotas {
            let counts = SeatCounts { free: quota.left, held: quota.held, booked: quota.booked, blocked: 0 };
            add(&format!("quota {}", quota.name), counts);
        }
        Self { show, counters }
    }
}

/// When the last place will be sold, if the pace stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SellOut {
    /// It has been.
    SoldOut,
    /// In so many seconds.
    InSeconds(f64),
    /// Nothing is sold now, or not for long enough.
    Unknown,
}

/// Seats or a quota, counted.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    /// `seats`, or the quota's name.
    pub(crate) name: String,
    /// By state; a quota has nothing blocked.
    pub(crate) counts: SeatCounts,
    /// When it was looked at, and how many were booked then, the oldest first.
    samples: VecDeque<(Timestamp, u32)>,
}

impl Counter {
    fn new(name: &str, counts: SeatCounts, mut samples: VecDeque<(Timestamp, u32)>, at: Timestamp) -> Self {
        let too_old = |(then, _): &(Timestamp, u32)| at.as_millisecond() - then.as_millisecond() > PACE_MS;
        while samples.len() >= SAMPLES_MAX || samples.front().is_some_and(too_old) {
            samples.pop_front();
        }
        samples.push_back((at, counts.booked));
        Self { name: name.to_owned(), counts, samples }
    }

    /// Places sold per second; `None` before there is something to compare with. Below zero more is given back than sold.
    pub(crate) fn sold_per_second(&self) -> Option<f64> {
        let ((from, booked_from), (to, booked_to)) = (self.samples.front()?, self.samples.back()?);
        let took_ms = to.as_millisecond() - from.as_millisecond();
        (took_ms >= PACE_MS_MIN).then(|| (f64::from(*booked_to) - f64::from(*booked_from)) * 1_000.0 / took_ms as f64)
    }

    /// When the last place will be sold. What is held is not sold yet.
    pub(crate) fn sell_out(&self) -> SellOut {
        let left = u64::from(self.counts.free) + u64::from(self.counts.held);
        match self.sold_per_second() {
            _ if left == 0 && self.counts.booked > 0 => SellOut::SoldOut,
            Some(pace) if pace > 0.0 && left > 0 => SellOut::InSeconds(left as f64 / pace),
            _ => SellOut::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(counts: (u32, u32, u32), samples: &[(i64, u32)]) -> Counter {
        let counts = SeatCounts { free: counts.0, held: counts.1, booked: counts.2, blocked: 7 };
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let (last, before) = samples.split_last().unwrap();
        let before = before.iter().fold(VecDeque::new(), |samples, (ms, booked)| {
            Counter::new("seats", SeatCounts { booked: *booked, ..counts }, samples, at(*ms)).samples
        });
        Counter::new("seats", counts, before, at(last.0))
    }

    #[test]
    fn the_end_of_a_sale_is_what_is_left_by_the_pace() {
        let cases = [
            ((80, 20, 50), &[(0, 40), (5_000, 50)][..], SellOut::InSeconds(50.0)),
            ((0, 20, 50), &[(0, 40), (5_000, 50)], SellOut::InSeconds(10.0)),
            ((0, 0, 50), &[(0, 40), (5_000, 50)], SellOut::SoldOut),
            ((0, 0, 0), &[(0, 0), (5_000, 0)], SellOut::Unknown),
            ((80, 20, 50), &[(0, 50), (5_000, 50)], SellOut::Unknown),
            ((80, 20, 40), &[(0, 50), (5_000, 40)], SellOut::Unknown),
            ((80, 20, 50), &[(0, 40), (2_000, 50)], SellOut::Unknown),
            ((80, 20, 50), &[(5_000, 50)], SellOut::Unknown),
            // Only the last minute counts.
            ((80, 20, 50), &[(0, 0), (1_000, 44), (61_000, 50)], SellOut::InSeconds(1_000.0)),
        ];
        for (counts, samples, expected) in cases {
            assert_eq!(counter(counts, samples).sell_out(), expected, "{counts:?} {samples:?}");
        }
    }

    #[test]
    fn samples_are_bounded_however_often_they_come() {
        let samples: Vec<(i64, u32)> = (0..1_000).map(|number| (number * 10, 1)).collect();
        assert_eq!(counter((1, 1, 1), &samples).samples.len(), SAMPLES_MAX);
    }
}
