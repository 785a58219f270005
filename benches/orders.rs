//! Whole orders in the library: hold, order, authorise and capture with the simulated provider, book, issue, confirmed. Beside holds
//! alone, interleaved in one run: an order is five records of its journal, a hold is one.
//!
//! `cargo bench --bench orders`, with `-- --rounds N` for more than 5 rounds.
#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use guichet_benches::{Measured, STANDING, open_sale, rounds};
use guichet_core::{Config, Guichet, Item, OrderState, PaymentRequest, ShowId};
use hdrhistogram::Histogram;

/// Under way at once.
const IN_FLIGHT: usize = 1_024;
/// Orders of one round.
const ORDERS: usize = 30_000;
/// Longest that an order may take; beyond it the bench has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let rounds = rounds(5)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(rounds))
}

async fn run(rounds: usize) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(".")?;
    let engine = Guichet::open(Config::at(directory.path().join("data"))).await?;
    let show = open_sale(&engine, "one hot show").await?;
    let mut holds = Measured::new("holds, single calls, 1,024 in flight, fsync");
    let mut orders = Measured::new("whole orders, 1,024 in flight, fsync");
    let mut latency = Histogram::<u64>::new(3)?;
    for _ in 0..rounds {
        holds.round(ORDERS, every(&engine, show, false, None).await?);
        orders.round(ORDERS, every(&engine, show, true, Some(&mut latency)).await?);
    }
    println!("{rounds} rounds, interleaved; median (smallest to largest)");
    holds.print(None);
    orders.print(Some(&holds));
    let ms = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1_000.0;
    println!("{:<44} p50 {:.2} ms  p99 {:.2} ms", "from hold to confirmation", ms(0.5), ms(0.99));
    let verification = engine.verify().await?;
    println!("verify: ok {}, {} events", verification.ok(), verification.checked_events());
    engine.close().await;
    Ok(())
}

async fn every(engine: &Guichet, show: ShowId, whole: bool, latency: Option<&mut Histogram<u64>>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let left = Arc::new(AtomicUsize::new(ORDERS));
    let workers: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (engine, left) = (engine.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok() {
                    let begun = Instant::now();
                    let hold = engine.place_hold(show, [Item::quantity(STANDING, 1)]).await?;
                    if whole {
                        let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
                        let order = engine.place_order(&[hold.id], None, payment).await?.settled(PATIENCE).await?;
                        anyhow::ensure!(order.state == OrderState::Confirmed, "an order is {:?}", order.state);
                    }
                    latencies.push(begun.elapsed());
                }
                Ok::<_, anyhow::Error>(latencies)
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    let took = started.elapsed();
    if let Some(latency) = latency {
        for one in all {
            latency.record(u64::try_from(one.as_micros())?)?;
        }
    }
    Ok(took)
}
