//! The crowd: every buyer a task of its own, all through a bounded number of connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_api::SeatState;
use indicatif::ProgressBar;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::buyer::{Buyer, Mood};
use super::experience::Experience;
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

impl Crowd<'_> {
    /// Lets everybody in at their time, and waits until all have left.
    pub(super) async fn run(&self, arrivals: Vec<Duration>) -> anyhow::Result<Experience> {
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let map = Arc::new(SeatMap::default());
        map.update(&self.world.shop.seats(&self.show.id, false).await?.value.decode()?);
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
                let Ok(states) = seats.value.decode() else { continue };
                let [free, held, booked, _] = SeatState::ALL.map(|state| states.count_of(state));
                progress.set_message(format!("{free} seats free, {held} held, {booked} booked"));
                map.update(&states);
            }
        })
    }
}
