//! One buyer: picks seats or asks the house for good ones, holds them, thinks, and pays, leaves, or changes their mind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_api::{BestAvailable, CancelOrder, ClientError, Hold, HoldItem, Order, OrderState, Payment, PlaceHold, PlaceOrder};
use tokio::sync::Semaphore;

use super::crowd::HOLD_TTL;
use super::experience::Experience;
use super::hall::{INFIELD, OnSale};
use super::seat_picker::SeatMap;

/// Attempts at seats before a buyer tries the infield.
const ATTEMPTS: usize = 6;
/// How long a buyer watches the order before leaving the page, at most; the order goes on without them.
const WATCH: Duration = Duration::from_secs(20);
/// Longest that one request waits for an order to settle.
const WAIT: Duration = Duration::from_secs(5);

/// What a buyer is like.
pub(super) struct Mood {
    rng: fastrand::Rng,
    party: usize,
    prefers_infield: bool,
    wants_best: bool,
    would_split: bool,
}

/// What a buyer does with a hold.
enum Intent {
    Pay(String),
    Abandon,
    Release,
}

impl Mood {
    pub(super) fn new(mut rng: fastrand::Rng) -> Self {
        // Most come in twos; single places and larger groups are rarer.
        let party = [1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 6][rng.usize(..15)];
        let prefers_infield = rng.u32(..100) < 12;
        let (wants_best, would_split) = (rng.u32(..100) < 40, rng.bool());
        Self { rng, party, prefers_infield, wants_best, would_split }
    }

    fn intent(&mut self) -> Intent {
        match self.rng.u32(..100) {
            0..12 => Intent::Abandon,
            12..16 => Intent::Release,
            16..24 => Intent::Pay("decline:insufficient_funds".into()),
            24..29 => Intent::Pay(format!("slow:{}", self.rng.u64(100..900))),
            29..31 => Intent::Pay("timeout".into()),
            _ => Intent::Pay("approve".into()),
        }
    }

    /// What a buyer does not want any more of an order: all of it, one place, or nothing.
    fn regret(&mut self, places: usize) -> Option<CancelOrder> {
        match self.rng.u32(..100) {
            0..2 => Some(CancelOrder::default()),
            2..4 if places > 1 => Some(CancelOrder { positions: Some(vec![0]), ..CancelOrder::default() }),
            _ => None,
        }
    }

    fn thinking(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(100..1_200))
    }
}

/// A buyer on the way in.
pub(super) struct Buyer {
    pub(super) client: guichet_api::Client,
    pub(super) show: Arc<OnSale>,
    pub(super) map: Arc<SeatMap>,
    pub(super) connections: Arc<Semaphore>,
    pub(super) opening: Instant,
    pub(super) speed: f64,
    pub(super) mood: Mood,
}

impl Buyer {
    /// The whole visit.
    pub(super) async fn visit(mut self) -> Experience {
        let mut experience = Experience::default();
        if let Err(error) = self.shop(&mut experience).await {
            experience.failed += 1;
            experience.example = Some(error.to_string());
        }
        experience
    }

    async fn shop(&mut self, experience: &mut Experience) -> Result<(), ClientError> {
        let Some(hold) = self.hold_something(experience).await? else {
            experience.empty_handed += 1;
            return Ok(());
        };
        let thinking = self.mood.thinking().div_f64(self.speed);
        tokio::time::sleep(thinking).await;
        match self.mood.intent() {
            Intent::Abandon => experience.left += 1,
            Intent::Release => {
                let _permit = self.connections.acquire().await;
                let token = hold.token.clone().unwrap_or_default();
                self.client.release_hold(&hold.hold).hold_token(&token).await?;
                experience.left += 1;
            }
            Intent::Pay(token) => self.pay(hold, token, experience).await?,
        }
        Ok(())
    }

    /// Tries the best seats or some beside each other, then the infield.
    async fn hold_something(&mut self, experience: &mut Experience) -> Result<Option<Hold>, ClientError> {
        let seated = match self.mood {
            Mood { prefers_infield: true, .. } => None,
            Mood { wants_best: true, .. } => self.hold_best(experience).await?,
            _ => self.hold_picked(experience).await?,
        };
        if seated.is_some() {
            return Ok(seated);
        }
        self.hold(HoldItem::quantity(INFIELD, self.places()), experience).await
    }

    async fn hold_picked(&mut self, experience: &mut Experience) -> Result<Option<Hold>, ClientError> {
        for _ in 0..ATTEMPTS {
            let Some(picked) = self.map.pick(&self.show, self.mood.party, &mut self.mood.rng) else { break };
            if let Some(hold) = self.hold(HoldItem::seats(picked.product, picked.labels), experience).await? {
                return Ok(Some(hold));
            }
        }
        Ok(None)
    }

    /// Whatever the house has, at any price: together, or in parts for those who would rather be split than stand.
    async fn hold_best(&self, experience: &mut Experience) -> Result<Option<Hold>, ClientError> {
        let Some(row) = self.show.rows.first() else { return Ok(None) };
        for split in [false, true].into_iter().take(1 + usize::from(self.mood.would_split)) {
            let best = BestAvailable { alternatives: vec!["*".into()], split, ..BestAvailable::default() };
            let item = HoldItem::best_available(&row.product, self.places(), best);
            if let Some(hold) = self.hold(item, experience).await? {
                experience.seated_by_house += 1;
                return Ok(Some(hold));
            }
        }
        Ok(None)
    }

    fn places(&self) -> u32 {
        u32::try_from(self.mood.party).unwrap_or(1)
    }

    async fn hold(&self, item: HoldItem, experience: &mut Experience) -> Result<Option<Hold>, ClientError> {
        let request = PlaceHold { buyer_ref: None, items: vec![item], ttl_s: Some(HOLD_TTL.as_secs()) };
        loop {
            let permit = self.connections.acquire().await;
            let asked = Instant::now();
            let answer = self.client.place_hold(&self.show.id, &request).await;
            drop(permit);
            experience.hold_latency_us.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
            match answer {
                Ok(answer) => {
                    experience.hold_placed(self.opening.elapsed());
                    return Ok(Some(answer.value));
                }
                Err(error) => match error.code() {
                    Some("seat_taken" | "sold_out" | "not_enough_adjacent_seats") => return Ok(None),
                    Some("busy") => {
                        let pause = error.problem().and_then(|problem| problem.retry_after_ms).unwrap_or(100);
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                    }
                    _ => return Err(error),
                },
            }
        }
    }

    async fn pay(&mut self, hold: Hold, token: String, experience: &mut Experience) -> Result<(), ClientError> {
        let hold_token = hold.token.clone().unwrap_or_default();
        let request = PlaceOrder {
            holds: vec![hold.hold],
            tokens: vec![hold_token.clone()],
            buyer: None,
            payment: Payment { provider: "simulated".into(), token },
        };
        let placed = {
            let _permit = self.connections.acquire().await;
            self.client.place_order(&request).await
        };
        let mut order = match placed {
            Ok(answer) => answer.value,
            // Thought too long; the seats are somebody else's.
            Err(error) if error.code() == Some("hold_expired") => {
                experience.left += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let watching = Instant::now();
        let mut pause = Duration::from_millis(50);
        while matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment) && watching.elapsed() < WATCH {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(WAIT / 10);
            let _permit = self.connections.acquire().await;
            order = self.client.order(&order.order).hold_token(&hold_token).await?.value;
        }
        match order.state {
            OrderState::Confirmed => {
                if self.change_mind(&order, &hold_token).await? {
                    experience.gave_back += 1;
                } else {
                    experience.happy += 1;
                }
            }
            OrderState::Cancelled => experience.declined += 1,
            _ => experience.left += 1,
        }
        Ok(())
    }

    /// Cancels what is not wanted any more, over HTTP as anybody would; whether that was all of it.
    async fn change_mind(&mut self, order: &Order, hold_token: &str) -> Result<bool, ClientError> {
        let Some(cancel) = self.mood.regret(order.positions.len()) else { return Ok(false) };
        tokio::time::sleep(self.mood.thinking().div_f64(self.speed)).await;
        let _permit = self.connections.acquire().await;
        let order = self.client.cancel_order(&order.order, &cancel).hold_token(hold_token).await?.value;
        Ok(order.state == OrderState::Cancelled)
    }
}
