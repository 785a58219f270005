//! The crowd: every buyer a task of its own, all through a bounded number of connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use indicatif::ProgressBar;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::buyer::{Buyer, Mood};
use super::hall::OnSale;
use super::seat_picker::SeatMap;
use super::world::World;

/// Requests under way at once, which bounds the connections: this process has the server's ends of them too.
const CONNECTIONS_MAX: usize = 2_000;
/// Life of a hold; short, so that abandoned ones come back within the demo.
pub(super) const HOLD_TTL: Duration = Duration::from_secs(4);
/// How often the shop's pages look at the seat map.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Everybody who comes.
pub(super) struct Crowd<'a> {
    pub(super) world: &'a World,
    pub(super) show: &'a Arc<OnSale>,
    pub(super) speed: f64,
    pub(super) seed: u64,
    pub(super) progress: ProgressBar,
}

/// What the buyers went through.
#[derive(Default)]
pub(super) struct Experience {
    /// How long each attempt to hold took, refused or not, in microseconds.
    pub(super) hold_latency_us: Vec<u64>,
    /// Holds that were placed, by the second in which they were.
    pub(super) holds_by_second: Vec<u64>,
    /// Buyers who left with tickets.
    pub(super) happy: u64,
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
        self.happy += other.happy;
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

impl Crowd<'_> {
    /// Lets everybody in at their time, and waits until all have left.
    pub(super) async fn run(&self, arrivals: Vec<Duration>) -> anyhow::Result<Experience> {
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let map = Arc::new(SeatMap::default());
        map.update(self.world.shop.seats(&self.show.id, false).await?.value.states);
        let looking = self.look_at_the_map(Arc::clone(&map));
        let opening = Instant::now();
        let mut buyers = JoinSet::new();
        let mut experience = Experience::default();
        for (number, arrival) in (0..).zip(arrivals) {
            tokio::time::sleep_until((opening + arrival).into()).await;
            let buyer = Buyer {
                client: self.world.shop.clone(),
                show: Arc::clone(self.show),
                map: Arc::clone(&map),
                connections: Arc::clone(&connections),
                opening,
                speed: self.speed,
                mood: Mood::new(fastrand::Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number)),
            };
            buyers.spawn(buyer.visit());
            while let Some(left) = buyers.try_join_next() {
                experience.merge(left?);
                self.progress.inc(1);
            }
        }
        while let Some(left) = buyers.join_next().await {
            experience.merge(left?);
            self.progress.inc(1);
        }
        looking.abort();
        Ok(experience)
    }

    fn look_at_the_map(&self, map: Arc<SeatMap>) -> tokio::task::JoinHandle<()> {
        let (client, show, progress) = (self.world.shop.clone(), Arc::clone(self.show), self.progress.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Ok(seats) = client.seats(&show.id, false).await else { continue };
                let states = seats.value.states;
                let count = |letter: char| states.chars().filter(|state| *state == letter).count();
                progress.set_message(format!("{} seats free, {} held, {} booked", count('f'), count('h'), count('b')));
                map.update(states);
            }
        })
    }
}
