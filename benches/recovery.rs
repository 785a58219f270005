//! How a partition comes back: from its whole journal and from a snapshot, after the same records; and what live things cost in memory.
//!
//! `cargo bench --bench recovery`, with `-- --events N` for more than 1,000,000 and `-- --rounds N` for more than 3 rounds.
//! Half of the events are holds, the rest releases: one hold in ten stays live, and every command's key stays known.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs, reason = "a bench prints")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_benches::{Measured, STANDING, number, open_sale, open_sale_of, rounds};
use guichet_core::broker::{Durability, FsDisk, Journal, Trust};
use guichet_core::snapshot::Snapshots;
use guichet_core::{Config, Guichet, HoldId, Item, Position, ShowId, journal_config};

/// Events without `--events`, and when cargo only wants to know that the bench runs.
const EVENTS: usize = 1_000_000;
const EVENTS_TRIED: usize = 20_000;
/// Holds of one batched call.
const BATCH: usize = 8_192;
/// Of so many holds one stays live.
const LIVE_ONE_OF: usize = 10;
/// Live holds and seats that are put into memory to see what they take.
const WEIGHED: usize = 200_000;
const PARTITION: u16 = 1;

fn main() -> anyhow::Result<()> {
    let tried = std::env::args().any(|argument| argument == "--test");
    let (rounds, events) = (rounds(3)?, if tried { EVENTS_TRIED } else { number("--events", EVENTS)? });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(rounds, events, if tried { EVENTS_TRIED } else { WEIGHED }))
}

/// Holds and releases are asked for faster without an fsync each; what is measured is reading them back.
fn config(data: &Path) -> Config {
    Config::at(data).show_partitions(1).durability(Durability::Os).snapshot_every_records(0)
}

async fn run(rounds: usize, events: usize, weighed: usize) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(".")?;
    // First: what a process has given back it uses again, and that weighs nothing.
    weigh(directory.path(), weighed).await?;
    let data = directory.path().join("data");
    let engine = Guichet::open(config(&data)).await?;
    let show = open_sale(&engine, "one hot show").await?;
    let live = fill(&engine, show, events).await?;
    let end = engine.position();
    engine.close().await;

    let mut checked = Measured::new("journal opened and checked, events");
    let mut replayed = Measured::new("state from the whole journal, events");
    let mut whole = Measured::new("engine opened, whole journal, events");
    let mut whole_shown = Measured::new("  and its live projection caught up, events");
    let mut shortened = Measured::new("state from the snapshot, events");
    let mut short = Measured::new("engine opened, snapshot, events");
    let mut short_shown = Measured::new("  and its live projection caught up, events");
    let mut takes = Vec::new();
    let mut snapshot = None;
    for _ in 0..rounds {
        let folder = data.join(format!("snapshots-{PARTITION}"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let (check, state) = bare(&data)?;
        checked.round(events, check);
        replayed.round(events, state);
        let (engine, opened, shown) = open(&data, &end).await?;
        whole.round(events, opened);
        whole_shown.round(events, shown);
        let taken = engine.take_snapshot(PARTITION).await?;
        takes.push(taken.took);
        snapshot = Some(taken);
        engine.close().await;
        shortened.round(events, bare(&data)?.1);
        let (engine, opened, shown) = open(&data, &end).await?;
        short.round(events, opened);
        short_shown.round(events, shown);
        engine.close().await;
    }
    println!("{rounds} rounds of {events} events, {live} holds live; median (smallest to largest)");
    for measured in [&checked, &replayed, &whole, &whole_shown] {
        measured.print(None);
    }
    shortened.print(Some(&replayed));
    short.print(Some(&whole));
    short_shown.print(Some(&whole_shown));
    takes.sort_unstable();
    if let (Some(snapshot), Some(took)) = (snapshot, takes.get(takes.len() / 2)) {
        let per_event = snapshot.bytes as f64 / events as f64;
        println!(
            "{:<44} {:>12.2} s, {:.1} MB, {per_event:.1} B per event",
            "snapshot taken in",
            took.as_secs_f64(),
            megabytes(snapshot.bytes)
        );
    }
    Ok(())
}

/// Places holds and releases all but some of each batch. Gives how many stay live.
async fn fill(engine: &Guichet, show: ShowId, events: usize) -> anyhow::Result<usize> {
    let (mut made, mut live) = (0, 0);
    while made < events {
        // Every hold that does not stay is two events.
        let count = BATCH.min((events - made).div_ceil(2));
        let holds = place(engine, show, count).await?;
        let stay = count.div_ceil(LIVE_ONE_OF);
        let mut releases = tokio::task::JoinSet::new();
        for hold in holds.into_iter().skip(stay) {
            let engine = engine.clone();
            releases.spawn(async move { engine.release_hold(hold).await.map(drop) });
        }
        made += count + releases.len();
        live += stay;
        while let Some(released) = releases.join_next().await {
            released??;
        }
    }
    Ok(live)
}

async fn place(engine: &Guichet, show: ShowId, count: usize) -> anyhow::Result<Vec<HoldId>> {
    let ttl = Duration::from_secs(3_600);
    let holds = (0..count).map(|_| engine.place_hold(show, [Item::quantity(STANDING, 1)]).ttl(ttl)).collect();
    let placed = engine.place_holds(show, holds).await?;
    Ok(placed.into_iter().map(|hold| hold.map(|hold| hold.id)).collect::<Result<_, _>>()?)
}

/// The journal alone, then the state alone.
fn bare(data: &Path) -> anyhow::Result<(Duration, Duration)> {
    let disk = Arc::new(FsDisk::open_root(data)?);
    let manifest = std::fs::read_to_string(data.join("format"))?;
    let incarnation = manifest.lines().find_map(|line| line.strip_prefix("incarnation "));
    let incarnation = incarnation.ok_or_else(|| anyhow::anyhow!("the directory has no incarnation"))?.parse()?;
    let started = Instant::now();
    let (journal, _) = Journal::open(Arc::clone(&disk) as _, journal_config(PARTITION, 256 << 20, Durability::Os), Trust::Tail)?;
    let checked = started.elapsed();
    let started = Instant::now();
    let recovered = Snapshots::new(disk, PARTITION, incarnation).recover(&journal.reader())?;
    let took = started.elapsed();
    anyhow::ensure!(recovered.skipped.is_empty(), "a snapshot was passed over: {:?}", recovered.skipped);
    journal.close()?;
    Ok((checked, took))
}

async fn open(data: &Path, end: &Position) -> anyhow::Result<(Guichet, Duration, Duration)> {
    let started = Instant::now();
    let engine = Guichet::open(config(data)).await?;
    let opened = started.elapsed();
    while engine.wait_for(end).await.is_err() {}
    Ok((engine, opened, started.elapsed()))
}

/// What a live hold and a seat take, as the operating system sees it.
async fn weigh(directory: &Path, count: usize) -> anyhow::Result<()> {
    let data = directory.join("weighed");
    let engine = Guichet::open(config(&data)).await?;
    let show = open_sale(&engine, "warm").await?;
    place(&engine, show, BATCH).await?;
    let before = resident()?;
    let mut placed = 0;
    while placed < count {
        placed += place(&engine, show, BATCH).await?.len();
    }
    settle(&engine).await?;
    report("memory of a live hold, placed", resident()?.saturating_sub(before), placed);
    let before = resident()?;
    open_sale_of(&engine, "a large hall", u32::try_from(count)?).await?;
    settle(&engine).await?;
    report("memory of a seat, catalogue and show", resident()?.saturating_sub(before), count);
    engine.close().await;
    Ok(())
}

async fn settle(engine: &Guichet) -> anyhow::Result<()> {
    engine.wait_for(&engine.position()).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}

fn report(name: &str, bytes: u64, count: usize) {
    println!("{name:<44} {:>12.0} B  ({count} of them, {:.1} MB)", bytes as f64 / count as f64, megabytes(bytes));
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Resident memory of this process.
fn resident() -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split_whitespace().nth(1).ok_or_else(|| anyhow::anyhow!("statm has no second field"))?.parse()?;
    Ok(pages * 4_096)
}
