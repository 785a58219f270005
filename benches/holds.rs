//! Durable holds in the library beside raw disk commits of the same bytes, interleaved in one run.
//!
//! `cargo bench --bench holds`, with `-- --rounds N` for more than 5 rounds.
#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use guichet_benches::{Measured, STANDING, open_sale, rounds};
use guichet_core::broker::BatchBuilder;
use guichet_core::{Config, Guichet, Item, ShowId};
use hdrhistogram::Histogram;

/// Holds of one batched call.
const BATCH: usize = 8_192;
/// Batched calls of one round.
const BATCHES: usize = 24;
/// Batched calls under way at once: one is decided while the one before is synced, and one waits.
const BATCHES_IN_FLIGHT: usize = 3;
/// Single calls under way at once.
const IN_FLIGHT: usize = 4_096;
/// Single calls of one round.
const SINGLES: usize = 100_000;
/// Bytes of a hold's record in the journal, for the raw commits.
const RECORD_BYTES: usize = 72;

fn main() -> anyhow::Result<()> {
    let rounds = rounds(5)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(rounds))
}

async fn run(rounds: usize) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(".")?;
    let engine = Guichet::open(Config::at(directory.path().join("data"))).await?;
    let show = open_sale(&engine, "one hot show").await?;

    let mut raw = Measured::new("raw disk, batches of the same bytes");
    let mut batched = Measured::new("holds, batches of 8,192, fsync");
    let mut small = Measured::new("raw disk, 512 B each synced");
    let mut single = Measured::new("holds, single calls, 4,096 in flight, fsync");
    let mut raw_latency = Histogram::<u64>::new(3)?;
    let mut hold_latency = Histogram::<u64>::new(3)?;
    for _ in 0..rounds {
        raw.round(BATCH * BATCHES, raw_batches(directory.path())?);
        batched.round(BATCH * BATCHES, batched_holds(&engine, show).await?);
        small.round(400, raw_small(directory.path(), &mut raw_latency)?);
        single.round(SINGLES, single_holds(&engine, show, &mut hold_latency).await?);
    }
    println!("{rounds} rounds, interleaved; median (smallest to largest)");
    raw.print(None);
    batched.print(Some(&raw));
    small.print(None);
    single.print(Some(&small));
    let ms = |micros: u64| micros as f64 / 1_000.0;
    let quantiles = |name: &str, histogram: &Histogram<u64>| {
        let (p50, p99) = (histogram.value_at_quantile(0.5), histogram.value_at_quantile(0.99));
        println!("{name:<44} p50 {:.2} ms  p99 {:.2} ms  max {:.2} ms", ms(p50), ms(p99), ms(histogram.max()));
    };
    quantiles("fdatasync of 512 B", &raw_latency);
    quantiles("hold, single call, 4,096 in flight", &hold_latency);
    let verification = engine.verify().await?;
    println!("verify: ok {}, {} events", verification.ok(), verification.checked_events());
    engine.close().await;
    Ok(())
}

/// Batches of records of the same size, each written and synced, one after another.
fn raw_batches(directory: &Path) -> anyhow::Result<Duration> {
    let file = std::fs::File::create(directory.join("raw"))?;
    let mut builder = BatchBuilder::new(0);
    for _ in 0..BATCH {
        builder.push(&[7; RECORD_BYTES]);
    }
    let bytes = vec![7_u8; builder.bytes()];
    let started = Instant::now();
    for number in 0..BATCHES {
        file.write_all_at(&bytes, (number * bytes.len()) as u64)?;
        file.sync_data()?;
    }
    Ok(started.elapsed())
}

fn raw_small(directory: &Path, latency: &mut Histogram<u64>) -> anyhow::Result<Duration> {
    let file = std::fs::File::create(directory.join("raw-small"))?;
    let started = Instant::now();
    for number in 0..400 {
        let begun = Instant::now();
        file.write_all_at(&[7; 512], number * 512)?;
        file.sync_data()?;
        latency.record(u64::try_from(begun.elapsed().as_micros())?)?;
    }
    Ok(started.elapsed())
}

async fn batched_holds(engine: &Guichet, show: ShowId) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let left = Arc::new(AtomicUsize::new(BATCHES));
    let workers: Vec<_> = (0..BATCHES_IN_FLIGHT)
        .map(|_| {
            let (engine, left) = (engine.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                while left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok() {
                    let holds = (0..BATCH).map(|_| engine.place_hold(show, [Item::quantity(STANDING, 1)])).collect();
                    for hold in engine.place_holds(show, holds).await? {
                        hold?;
                    }
                }
                Ok::<_, guichet_core::CommandError>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(started.elapsed())
}

async fn single_holds(engine: &Guichet, show: ShowId, latency: &mut Histogram<u64>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let left = Arc::new(AtomicUsize::new(SINGLES));
    let workers: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (engine, left) = (engine.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok() {
                    let begun = Instant::now();
                    engine.place_hold(show, [Item::quantity(STANDING, 1)]).await?;
                    latencies.push(begun.elapsed());
                }
                Ok::<_, guichet_core::CommandError>(latencies)
            })
        })
        .collect();
    for worker in workers {
        for took in worker.await?? {
            latency.record(u64::try_from(took.as_micros())?)?;
        }
    }
    Ok(started.elapsed())
}
