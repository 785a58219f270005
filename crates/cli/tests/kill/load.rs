//! Buyers: each does one thing after the other until the server is gone.

use std::sync::Arc;

use guichet_api::{Client, ClientError, HoldItem, Payment, PlaceHold, PlaceOrder};
use tokio::task::JoinSet;

use super::ledger::{Fate, HeldEntry, Ledger, Refusal, Unanswered};

/// The product with numbered seats.
pub(crate) const SEATS: &str = "Seats";
/// The product by quantity.
pub(crate) const STANDING: &str = "Standing";
/// Seats that everybody wants; the others are for whoever gives up on them.
const WANTED: usize = 400;
/// A hold outlives the whole test: nothing here expires.
const TTL_S: u64 = 3_600;

/// What every buyer knows.
pub(crate) struct Crowd {
    pub(crate) shows: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) seed: u64,
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and good enough to choose seats with.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64, round: u64, buyer: u64) -> Self {
        Self(seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ buyer.wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn within(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % len as u64).unwrap()
    }
}

/// The server is gone.
struct Gone;

struct Buyer {
    number: usize,
    round: u64,
    count: u64,
    shop: Client,
    crowd: Arc<Crowd>,
    ledger: Ledger,
    rng: Rng,
    mine: Vec<HeldEntry>,
}

/// Lets the buyers in.
pub(crate) fn start(shop: &Client, crowd: &Crowd, ledger: &Ledger, round: u64, buyers: usize) -> JoinSet<()> {
    let crowd = Arc::new(Crowd { shows: crowd.shows.clone(), labels: crowd.labels.clone(), seed: crowd.seed });
    let mut tasks = JoinSet::new();
    for number in 0..buyers {
        let mut buyer = Buyer {
            number,
            round,
            count: 0,
            shop: shop.clone(),
            rng: Rng::new(crowd.seed, round, number as u64),
            crowd: Arc::clone(&crowd),
            ledger: ledger.clone(),
            mine: ledger.live_of(number),
        };
        tasks.spawn(async move { while buyer.act().await.is_ok() {} });
    }
    tasks
}

impl Buyer {
    async fn act(&mut self) -> Result<(), Gone> {
        match self.rng.index(100) {
            0..50 => self.hold_seats().await,
            50..65 => self.hold_standing().await,
            65..75 => self.release().await,
            75..93 => self.order().await,
            _ => self.repeat().await,
        }
    }

    fn key(&mut self) -> String {
        self.count += 1;
        format!("round-{}-buyer-{}-{}", self.round, self.number, self.count)
    }

    async fn hold_seats(&mut self) -> Result<(), Gone> {
        let pool = if self.rng.index(2) == 0 { WANTED } else { self.crowd.labels.len() };
        let first = self.rng.index(pool);
        let seats = self.crowd.labels.iter().skip(first).take(1 + self.rng.index(3)).cloned().collect::<Vec<_>>();
        self.hold(HoldItem::seats(SEATS, seats)).await
    }

    async fn hold_standing(&mut self) -> Result<(), Gone> {
        let quantity = 1 + u32::try_from(self.rng.index(4)).unwrap();
        self.hold(HoldItem::quantity(STANDING, quantity)).await
    }

    async fn hold(&mut self, item: HoldItem) -> Result<(), Gone> {
        let (key, show) = (self.key(), self.crowd.shows[self.rng.index(self.crowd.shows.len())].clone());
        let request = PlaceHold { buyer_ref: None, items: vec![item], ttl_s: Some(TTL_S) };
        match self.shop.place_hold(&show, &request).idempotency_key(&key).await {
            Ok(answer) => {
                self.ledger.held(self.number, &key, &request, answer.value.clone());
                let answer = answer.value;
                self.mine.push(HeldEntry { owner: self.number, key, request, answer, fate: Fate::Live });
                Ok(())
            }
            Err(error) => match code(&self.ledger, error, &["seat_taken", "sold_out"]) {
                Ok(code) => {
                    self.ledger.refused(Refusal { show, key, request, code });
                    Ok(())
                }
                Err(gone) => {
                    self.ledger.unanswered(Unanswered::Hold { owner: self.number, show, key, request });
                    Err(gone)
                }
            },
        }
    }

    async fn release(&mut self) -> Result<(), Gone> {
        let Some(held) = self.take_one() else { return Ok(()) };
        let id = &held.answer.hold;
        self.ledger.fate(id, Fate::ReleaseSent);
        match self.shop.release_hold(id).hold_token(token(&held)).await {
            Ok(_) => self.ledger.fate(id, Fate::Released),
            Err(error) => drop(code(&self.ledger, error, &[])?),
        }
        Ok(())
    }

    async fn order(&mut self) -> Result<(), Gone> {
        let Some(held) = self.take_one() else { return Ok(()) };
        let (key, declined) = (self.key(), self.rng.index(5) == 0);
        self.ledger.fate(&held.answer.hold, Fate::Ordered { declined, acknowledged: false });
        let payment = Payment { provider: "simulated".into(), token: if declined { "decline" } else { "approve" }.into() };
        let request = PlaceOrder { holds: vec![held.answer.hold.clone()], tokens: vec![token(&held).to_owned()], buyer: None, payment };
        match self.shop.place_order(&request).idempotency_key(&key).await {
            Ok(answer) => self.ledger.ordered(&key, &request, declined, answer.value),
            Err(error) => {
                let gone = code(&self.ledger, error, &[]);
                self.ledger.unanswered(Unanswered::Order { key, request, declined });
                gone?;
            }
        }
        Ok(())
    }

    /// The same key with the same hold, while it lives.
    async fn repeat(&mut self) -> Result<(), Gone> {
        if self.mine.is_empty() {
            return Ok(());
        }
        let held = &self.mine[self.rng.index(self.mine.len())];
        match self.shop.place_hold(&held.answer.show, &held.request).idempotency_key(&held.key).await {
            Ok(again) => {
                self.ledger.repeated();
                if again.value != held.answer || !again.replayed {
                    self.ledger.problem(format!("key {} was answered {:?}, then {again:?}", held.key, held.answer));
                }
            }
            Err(error) => drop(code(&self.ledger, error, &[])?),
        }
        Ok(())
    }

    fn take_one(&mut self) -> Option<HeldEntry> {
        (!self.mine.is_empty()).then(|| self.mine.swap_remove(self.rng.index(self.mine.len())))
    }
}

pub(crate) fn token(held: &HeldEntry) -> &str {
    held.answer.token.as_deref().expect("whoever places a hold gets its token")
}

/// The code of a refusal; a problem is noted unless the code is expected here. Anything without an answer is a server that is gone.
fn code(ledger: &Ledger, error: ClientError, expected: &[&str]) -> Result<String, Gone> {
    match error {
        ClientError::Unreachable { .. } => Err(Gone),
        error => {
            let code = error.code().unwrap_or_default().to_owned();
            if !expected.contains(&code.as_str()) {
                ledger.problem(format!("unexpected answer: {error}"));
            }
            Ok(code)
        }
    }
}
