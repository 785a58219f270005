//! A payment provider of one's own, registered by name: gift cards, each with a balance.
//!
//! What the engine asks of a provider: every call is idempotent by its [`EffectId`], a void closes the order for good, and a look-up
//! says what became of an earlier call. Then nothing is charged twice, whatever breaks on the way.
//!
//! Run it with `cargo run -p guichet-examples --example custom_payment_provider`.
#![allow(clippy::print_stdout, reason = "an example talks")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guichet_core::domain::saga::{EffectOutcome, StepError};
use guichet_core::domain::show::SaleState;
use guichet_core::{
    Answer, Authorisation, Caller, CancelReason, Cancellation, Config, Currency, EffectId, Guichet, Item, LookUp, OrderId, OrderView,
    PaymentProvider, PaymentRequest, ProductDraft, ShowDraft, ShowId,
};

/// Cards by their numbers.
#[derive(Default)]
struct GiftCards(Mutex<Books>);

#[derive(Default)]
struct Books {
    balances: BTreeMap<String, i64>,
    /// What an order has taken from a card; the order's id names the authorisation.
    taken: BTreeMap<String, (String, i64)>,
    /// Orders that may not take anything any more.
    closed: BTreeSet<String>,
    /// What became of each call. A real provider keeps this on disk.
    outcomes: BTreeMap<EffectId, EffectOutcome>,
}

impl GiftCards {
    fn with(cards: &[(&str, i64)]) -> Self {
        let balances = cards.iter().map(|(card, balance)| ((*card).to_owned(), *balance)).collect();
        Self(Mutex::new(Books { balances, ..Books::default() }))
    }

    fn balance(&self, card: &str) -> i64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).balances.get(card).copied().unwrap_or_default()
    }

    /// Does it once: whoever calls again is told what became of it the first time.
    fn once<'a>(&'a self, id: &EffectId, act: impl FnOnce(&mut Books) -> EffectOutcome) -> Answer<'a> {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match books.outcomes.get(id) {
            Some(earlier) => earlier.clone(),
            None => act(&mut books),
        };
        books.outcomes.insert(id.clone(), outcome.clone());
        Box::pin(ready(Some(outcome)))
    }
}

fn done() -> EffectOutcome {
    EffectOutcome::Done { receipt: None }
}

fn declined(why: &str) -> EffectOutcome {
    EffectOutcome::Refused { error: StepError::Declined(why.into()) }
}

impl PaymentProvider for GiftCards {
    fn authorise<'a>(&'a self, id: &'a EffectId, wanted: &'a Authorisation) -> Answer<'a> {
        self.once(id, |books| {
            let (order, card) = (wanted.order.to_string(), &wanted.token);
            if books.closed.contains(&order) {
                return declined("order_closed");
            }
            match books.balances.get_mut(card) {
                None => declined("unknown_card"),
                Some(balance) if *balance < wanted.amount_minor => declined("balance_too_low"),
                Some(balance) => {
                    *balance -= wanted.amount_minor;
                    books.taken.insert(order.clone(), (card.clone(), wanted.amount_minor));
                    EffectOutcome::Done { receipt: Some(order) }
                }
            }
        })
    }

    /// What was reserved is off the card already.
    fn capture<'a>(&'a self, id: &'a EffectId, _authorisation: &'a str) -> Answer<'a> {
        self.once(id, |_| done())
    }

    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, _authorisation: Option<&'a str>) -> Answer<'a> {
        self.once(id, |books| {
            let order = order.to_string();
            if let Some((card, amount_minor)) = books.taken.remove(&order) {
                *books.balances.entry(card).or_default() += amount_minor;
            }
            books.closed.insert(order);
            done()
        })
    }

    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a> {
        self.once(id, |books| match books.taken.get(authorisation) {
            Some((card, _)) => {
                *books.balances.entry(card.clone()).or_default() += amount_minor;
                done()
            }
            None => declined("nothing_taken"),
        })
    }

    fn look_up<'a>(&'a self, id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        let books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = books.outcomes.get(id).cloned().map_or(LookUp::NeverSeen, LookUp::Known);
        Box::pin(ready(known))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cards = Arc::new(GiftCards::with(&[("full", 10_000), ("empty", 100)]));
    let engine = Guichet::open(Config::in_memory()?.payment_provider("gift_card", Arc::clone(&cards) as _)).await?;
    let show = on_sale(&engine).await?;

    let bought = buy(&engine, show, "full").await?;
    println!("order {} is {:?}, {} is left on the card", bought.code, bought.state, cards.balance("full"));
    let refused = buy(&engine, show, "empty").await?;
    println!("order {} is {:?}: its places are free again, {} is left on the card", refused.code, refused.state, cards.balance("empty"));

    let cancellation = Cancellation { positions: None, reason: CancelReason::ByOperator, waive_fee: true };
    engine.cancel_order(bought.id, cancellation).await?;
    while cards.balance("full") < 10_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("cancelled: {} is on the card again", cards.balance("full"));

    let right = engine.verify().await?.ok() && cards.balance("full") == 10_000 && cards.balance("empty") == 100;
    println!("everything right: {right}");
    engine.close().await;
    Ok(())
}

async fn on_sale(engine: &Guichet) -> anyhow::Result<ShowId> {
    let plan = guichet_plans::read_plan(guichet_examples::RACE_TRACK)?.plan;
    let (venue, _) = engine.register_venue(plan, None, Caller::EMBEDDER, None).await?;
    let stands =
        ProductDraft { name: "Goal Stands".into(), price_minor: 4_500, categories: vec!["Goal Stands".into()], ..ProductDraft::default() };
    let currency = Currency::from_code("EUR").ok_or_else(|| anyhow::anyhow!("EUR is a currency"))?;
    let draft = ShowDraft { products: vec![stands], ..ShowDraft::new(venue, "Grand Prix", currency) };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;
    Ok(show.id)
}

/// Two seats, paid with this card.
async fn buy(engine: &Guichet, show: ShowId, card: &str) -> anyhow::Result<OrderView> {
    let hold = engine.place_hold(show, [Item::seats("Goal Stands", ["Goal Stand 4-A-1", "Goal Stand 4-A-2"])]).await;
    let hold = match hold {
        Ok(hold) => hold,
        Err(_) => engine.place_hold(show, [Item::seats("Goal Stands", ["Goal Stand 4-A-3", "Goal Stand 4-A-4"])]).await?,
    };
    let payment = PaymentRequest { provider: "gift_card".into(), token: card.into() };
    let placed = engine.place_order(&[hold.id], None, payment).await?;
    Ok(placed.settled(Duration::from_secs(5)).await?)
}
