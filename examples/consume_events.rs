//! A projection of one's own: revenue by show, from the events of orders, that survives restarts and counts nothing twice.
//!
//! Events come at least once, and a record may have several. So what has been taken in is remembered together with the result, to the
//! event: for each partition the offset of a record and the number of an event in it. After a restart the engine begins with the record
//! that was begun, and what was taken in of it is passed over.
//!
//! Run it with `cargo run -p guichet-examples --example consume_events`.
#![allow(clippy::print_stdout, reason = "an example talks")]

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_core::domain::show::SaleState;
use guichet_core::{
    Caller, Config, Currency, Event, Guichet, Item, OrderId, PaymentRequest, Position, ProductDraft, ShowDraft, ShowId, Topic, TopicEvent,
};

/// More than any record has of this topic.
const AT_ONCE: usize = 7;

/// What would be on disk, in one transaction: the result, and how far it has come.
#[derive(Clone, Debug, Default, PartialEq)]
struct Revenue {
    of_show: BTreeMap<ShowId, i64>,
    /// Orders that are placed and not confirmed yet.
    open: BTreeMap<OrderId, (ShowId, i64)>,
    /// By partition: the last event that was taken in, by its record's offset and its number there.
    seen: BTreeMap<u16, (u64, u32)>,
}

impl Revenue {
    /// The records that have been taken in for certain; the last one of each partition may have more events.
    fn position(&self) -> Position {
        let mut position = Position::default();
        for (partition, (offset, _)) in &self.seen {
            if let Some(whole) = offset.checked_sub(1) {
                position.include(*partition, whole);
            }
        }
        position
    }

    fn take_in(&mut self, event: &TopicEvent) {
        let at = (event.offset, event.index);
        if self.seen.get(&event.partition).is_some_and(|seen| at <= *seen) {
            return;
        }
        match &event.event {
            Event::OrderPlaced { order, show, total_minor, .. } => drop(self.open.insert(*order, (*show, *total_minor))),
            Event::OrderConfirmed { order } => {
                if let Some((show, total_minor)) = self.open.remove(order) {
                    *self.of_show.entry(show).or_default() += total_minor;
                }
            }
            Event::OrderCancelled { order, .. } => drop(self.open.remove(order)),
            _ => {}
        }
        self.seen.insert(event.partition, at);
    }

    /// Follows until nothing has come for a while, or `stop_after` events have.
    async fn follow(&mut self, engine: &Guichet, stop_after: usize) -> anyhow::Result<()> {
        let mut events = engine.subscribe(Topic::Orders).from(&self.position());
        for _ in 0..stop_after {
            match tokio::time::timeout(Duration::from_millis(300), events.next()).await {
                Ok(event) => match event? {
                    Some(event) => self.take_in(&event),
                    None => break,
                },
                Err(_) => break,
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let engine = Guichet::open(Config::in_memory()?).await?;
    let show = sell(&engine, 5).await?;

    let mut whole = Revenue::default();
    whole.follow(&engine, usize::MAX).await?;
    println!("revenue in one go: {} cents", whole.of_show[&show]);

    // As if the program were stopped after every few events, often in the middle of a record.
    let mut in_pieces = Revenue::default();
    for restart in 0.. {
        let before = in_pieces.clone();
        in_pieces.follow(&engine, AT_ONCE).await?;
        // Of so many events at least one is new, unless all have been taken in.
        if in_pieces == before {
            println!("the same with {restart} restarts: {}", in_pieces == whole);
            break;
        }
    }

    let report = engine.show_report(show)?;
    let sold: i64 = report.products.iter().map(|product| product.revenue_minor).sum();
    let right = in_pieces == whole && whole.of_show[&show] == sold;
    println!("everything right: {right}");
    engine.close().await;
    Ok(())
}

/// A show with so many orders of two seats each.
async fn sell(engine: &Guichet, orders: u32) -> anyhow::Result<ShowId> {
    let plan = guichet_plans::read_plan(guichet_examples::RACE_TRACK)?.plan;
    let (venue, _) = engine.register_venue(plan, None, Caller::EMBEDDER, None).await?;
    let stands =
        ProductDraft { name: "Goal Stands".into(), price_minor: 4_500, categories: vec!["Goal Stands".into()], ..ProductDraft::default() };
    let currency = Currency::from_code("EUR").ok_or_else(|| anyhow::anyhow!("EUR is a currency"))?;
    let draft = ShowDraft { products: vec![stands], ..ShowDraft::new(venue, "Grand Prix", currency) };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;
    for number in 0..orders {
        let seats = [2 * number + 1, 2 * number + 2].map(|seat| format!("Goal Stand 4-A-{seat}"));
        let hold = engine.place_hold(show.id, [Item::seats("Goal Stands", seats)]).await?;
        let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
        engine.place_order(&[hold.id], None, payment).await?.settled(Duration::from_secs(5)).await?;
    }
    Ok(show.id)
}
