//! How often things happen, second by second, over the last minute.
//!
//! Events are counted in the second in which the server wrote them, so that what a broken stream brings late lands where it belongs.
//! The server's clock is not ours: the smallest delay that was seen between the two says how far they are apart.

use jiff::Timestamp;

use crate::events::Happened;

/// Seconds that are shown.
pub(crate) const SECONDS: usize = 60;
/// Slots of the ring: the seconds that are shown, and the one that runs.
const SLOTS: usize = SECONDS + 1;
const _: () = assert!(SLOTS > SECONDS, "the running second may not overwrite one that is shown");
/// Whole seconds that the number beside a line is the mean of.
const MEAN_S: i64 = 5;
/// Milliseconds that the smallest delay forgets each second: faster than the server's logged time drifts when it is corrected.
const DELAY_FORGOTTEN_MS_PER_S: i64 = 150;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meter {
    HoldsPlaced,
    HoldsRefused,
    HoldsReleased,
    HoldsExpired,
    OrdersPlaced,
    OrdersConfirmed,
    OrdersCancelled,
    PlacesSold,
}

impl Meter {
    /// All of them, as they are shown: holds on the left, orders on the right.
    pub(crate) const ALL: [Self; 8] = [
        Self::HoldsPlaced,
        Self::HoldsRefused,
        Self::HoldsReleased,
        Self::HoldsExpired,
        Self::OrdersPlaced,
        Self::OrdersConfirmed,
        Self::OrdersCancelled,
        Self::PlacesSold,
    ];

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HoldsPlaced => "holds placed",
            Self::HoldsRefused => "holds refused",
            Self::HoldsReleased => "holds released",
            Self::HoldsExpired => "holds expired",
            Self::OrdersPlaced => "orders placed",
            Self::OrdersConfirmed => "orders confirmed",
            Self::OrdersCancelled => "orders cancelled",
            Self::PlacesSold => "places sold",
        }
    }

    /// What an event adds, and to which.
    fn of(happened: &Happened) -> Option<(Self, u64)> {
        Some(match happened.kind.as_str() {
            "hold_placed" => (Self::HoldsPlaced, 1),
            "hold_released" => (Self::HoldsReleased, 1),
            "hold_expired" => (Self::HoldsExpired, 1),
            "order_placed" => (Self::OrdersPlaced, 1),
            "order_confirmed" => (Self::OrdersConfirmed, 1),
            "order_cancelled" => (Self::OrdersCancelled, 1),
            "seats_booked" => (Self::PlacesSold, happened.tickets.unwrap_or(0)),
            _ => return None,
        })
    }
}

/// Counts of the last seconds: a ring, a slot for each second.
#[derive(Clone, Debug)]
struct Series {
    newest_s: i64,
    counts: [u64; SLOTS],
}

impl Series {
    fn new(now_s: i64) -> Self {
        Self { newest_s: now_s, counts: [0; SLOTS] }
    }

    fn slot(second: i64) -> usize {
        usize::try_from(second.rem_euclid(SLOTS as i64)).unwrap_or(0)
    }

    fn advance(&mut self, to_s: i64) {
        let from_s = self.newest_s.max(to_s - SLOTS as i64);
        for second in from_s + 1..=to_s {
            self.counts[Self::slot(second)] = 0;
        }
        self.newest_s = self.newest_s.max(to_s);
    }

    fn add(&mut self, second: i64, count: u64) {
        self.advance(second);
        if second > self.newest_s - SLOTS as i64 {
            self.counts[Self::slot(second)] += count;
        }
    }

    fn at(&self, second: i64) -> u64 {
        let known = second <= self.newest_s && second > self.newest_s - SLOTS as i64;
        if known { self.counts[Self::slot(second)] } else { 0 }
    }
}

/// All counts of the last minute.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    series: [Series; Meter::ALL.len()],
    now_s: i64,
    /// Before this second nothing was counted.
    since_s: i64,
    /// The smallest time from an event's writing to its coming, each by its own clock; negative when the server's is ahead.
    delay_ms_min: Option<i64>,
    /// The refusals that the server had counted when it was last asked.
    refused_total: Option<u64>,
}

impl Rates {
    pub(crate) fn new(now: Timestamp) -> Self {
        let now_s = now.as_second();
        Self { series: std::array::from_fn(|_| Series::new(now_s)), now_s, since_s: now_s, delay_ms_min: None, refused_total: None }
    }

    /// A second has passed.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.now_s = now.as_second();
        self.since_s = self.since_s.min(self.now_s);
        self.delay_ms_min = self.delay_ms_min.map(|delay| delay + DELAY_FORGOTTEN_MS_PER_S);
    }

    /// An event came.
    pub(crate) fn count(&mut self, received_at: Timestamp, happened: &Happened) {
        let delay_ms = received_at.as_millisecond() - happened.at.as_millisecond();
        let delay_ms = *self.delay_ms_min.insert(self.delay_ms_min.map_or(delay_ms, |least| least.min(delay_ms)));
        let second = (happened.at.as_millisecond() + delay_ms).div_euclid(1_000);
        if let Some((meter, count)) = Meter::of(happened) {
            self.series[meter as usize].add(second, count);
        }
    }

    /// The server told how many holds it has refused since it started.
    pub(crate) fn refused(&mut self, at: Timestamp, total: Option<u64>) {
        // Less than before means that the server has started anew.
        if let (Some(before), Some(total)) = (self.refused_total, total) {
            self.series[Meter::HoldsRefused as usize].add(at.as_second(), total.saturating_sub(before));
        }
        self.refused_total = total;
    }

    /// The server could not be asked: what it counts meanwhile belongs to no second.
    pub(crate) fn lost(&mut self) {
        self.refused_total = None;
    }

    /// Whether the server tells how many holds it refuses.
    pub(crate) fn tells_refusals(&self) -> bool {
        self.refused_total.is_some()
    }

    /// The mean of the last whole seconds, per second.
    pub(crate) fn per_second(&self, meter: Meter) -> f64 {
        let seconds = (self.now_s - self.since_s).clamp(1, MEAN_S);
        let series = &self.series[meter as usize];
        let counted: u64 = (self.now_s - seconds..self.now_s).map(|second| series.at(second)).sum();
        counted as f64 / seconds as f64
    }

    /// The last minute of whole seconds, the oldest first, in at most `cells` sums of equally many seconds.
    pub(crate) fn line(&self, meter: Meter, cells: usize) -> Vec<u64> {
        let seconds_each = SECONDS.div_ceil(cells.clamp(1, SECONDS));
        let series = &self.series[meter as usize];
        let seconds: Vec<i64> = (self.now_s - SECONDS as i64..self.now_s).collect();
        seconds.chunks(seconds_each).map(|chunk| chunk.iter().map(|second| series.at(*second)).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(kind: &str, at_ms: i64) -> Happened {
        let at = Timestamp::from_millisecond(at_ms).unwrap();
        serde_json::from_value(serde_json::json!({"type": kind, "partition": 1, "at": at, "tickets": 4})).unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_line_is_a_minute_of_whole_seconds_and_forgets_the_rest() {
        let mut rates = Rates::new(at(1_000_000));
        for second in 1_000..1_100 {
            for _ in 0..second - 999 {
                rates.count(at(second * 1_000 + 500), &happened("hold_placed", second * 1_000 + 500));
            }
        }
        rates.tick(at(1_099_900));
        let expected: Vec<u64> = (40..100).collect();
        assert_eq!(rates.line(Meter::HoldsPlaced, 60), expected, "seconds 1039 to 1098; 1099 still runs");
        assert_eq!(rates.line(Meter::HoldsPlaced, 1_000), expected);
        let sums = rates.line(Meter::HoldsPlaced, 7);
        assert_eq!((sums.len(), sums.iter().sum::<u64>()), (7, expected.iter().sum()));
        assert_eq!(rates.per_second(Meter::HoldsPlaced), 97.0);
        rates.tick(at(1_200_000));
        assert_eq!(rates.line(Meter::HoldsPlaced, 60), vec![0; 60]);
    }

    #[test]
    fn what_comes_late_lands_in_its_second_whatever_the_servers_clock_says() {
        for clock_ahead_ms in [-7_200_000_i64, -300, 0, 5_000] {
            let mut rates = Rates::new(at(9_000_000));
            let mut come = |received_ms, written_ms| {
                rates.count(at(received_ms), &happened("order_placed", written_ms + clock_ahead_ms));
            };
            come(9_010_200, 9_010_190);
            // The stream broke for 20 s and tells all of it at once.
            for second in 9_011..9_031 {
                come(9_031_500, second * 1_000 + 200);
            }
            rates.tick(at(9_032_000));
            let line = rates.line(Meter::OrdersPlaced, 60);
            let expected: Vec<u64> = (8_972..9_032).map(|second| u64::from((9_010..9_031).contains(&second))).collect();
            assert_eq!(line, expected, "clock {clock_ahead_ms} ms ahead");
        }
    }

    #[test]
    fn a_clock_that_was_put_back_is_followed() {
        let mut rates = Rates::new(at(9_000_000));
        rates.count(at(9_000_100), &happened("hold_placed", 9_000_100));
        for second in 9_001..9_101 {
            rates.tick(at(second * 1_000));
            rates.count(at(second * 1_000 + 100), &happened("hold_placed", second * 1_000 - 9_900));
        }
        rates.tick(at(9_101_000));
        assert_eq!(rates.per_second(Meter::HoldsPlaced), 1.0);
    }

    #[test]
    fn tickets_count_as_places_and_refusals_as_differences() {
        let mut rates = Rates::new(at(0));
        rates.count(at(900), &happened("seats_booked", 900));
        assert!(!rates.tells_refusals());
        for (ms, total) in [(100, Some(70)), (900, Some(73))] {
            rates.refused(at(ms), total);
        }
        rates.tick(at(1_000));
        assert_eq!((rates.per_second(Meter::PlacesSold), rates.per_second(Meter::HoldsRefused)), (4.0, 3.0));
        // A server that was away: what it counted meanwhile is no peak, and its new count from zero no negative one.
        rates.lost();
        rates.refused(at(1_500), Some(500));
        rates.refused(at(1_600), Some(2));
        rates.tick(at(2_000));
        assert_eq!(rates.line(Meter::HoldsRefused, 60)[58..], [3, 0]);
    }
}
