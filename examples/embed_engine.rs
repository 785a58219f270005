//! The engine inside another program: load a hall, open a sale, hold seats, pay, get tickets, follow what happens.
//!
//! Run it with `cargo run -p guichet-examples --example embed_engine`.
#![allow(clippy::print_stdout, reason = "an example talks")]

use std::time::Duration;

use guichet_core::domain::show::SaleState;
use guichet_core::{Caller, CommandError, Config, Currency, Guichet, Item, PaymentRequest, ProductDraft, ShowDraft, Topic};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let engine = Guichet::open(Config::at(directory.path())).await?;
    let mut events = engine.subscribe(Topic::Orders).live();

    // A venue, a show, a sale.
    let plan = guichet_plans::read_plan(guichet_examples::RACE_TRACK)?.plan;
    println!("{}: {} seats in {} rows", plan.name, plan.seats.len(), plan.rows.len());
    let (venue, _) = engine.register_venue(plan, None, Caller::EMBEDDER, None).await?;
    let stands =
        ProductDraft { name: "Goal Stands".into(), price_minor: 4_500, categories: vec!["Goal Stands".into()], ..ProductDraft::default() };
    let infield = ProductDraft { name: "Infield".into(), price_minor: 1_500, quotas: vec!["infield".into()], ..ProductDraft::default() };
    let currency = Currency::from_code("EUR").ok_or_else(|| anyhow::anyhow!("EUR is a currency"))?;
    let draft = ShowDraft {
        products: vec![stands, infield],
        quotas: vec![("infield".into(), 500)],
        ..ShowDraft::new(venue, "Grand Prix", currency)
    };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;

    // Two seats and three places in the infield, all or nothing.
    let items = [Item::seats("Goal Stands", ["Goal Stand 4-A-1", "Goal Stand 4-A-2"]), Item::quantity("Infield", 3)];
    let hold = engine.place_hold(show.id, items.clone()).await?;
    println!("held as {} until {} ms since 1970, written at {}", hold.id, hold.expires_at_unix_ms, hold.position);

    // Somebody else wants one of the seats.
    match engine.place_hold(show.id, items).await {
        Err(CommandError::Rejected(rejection)) => println!("refused: {rejection} ({})", rejection.reason.code()),
        other => anyhow::bail!("expected a refusal, got {other:?}"),
    }

    // Pay. The order is durable when it returns; payment and tickets follow.
    let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
    let placed = engine.place_order(&[hold.id], None, payment).await?;
    let order = placed.settled(Duration::from_secs(5)).await?;
    println!("order {} over {} EUR cents is {:?}, its payment {:?}", order.code, order.total_minor, order.state, order.payment);
    for ticket in engine.tickets(&order) {
        println!("ticket {} {}...", ticket.id, &ticket.code[..24]);
    }

    println!("what the orders topic saw:");
    while let Ok(Ok(Some(event))) = tokio::time::timeout(Duration::from_millis(200), events.next()).await {
        println!("  {} {:?}", event.position(), event.event);
    }

    let verification = engine.verify().await?;
    println!("verified {} events, everything right: {}", verification.checked_events(), verification.ok());
    engine.close().await;
    Ok(())
}
