//! The simulator as a program.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its caller")]

use std::ops::Range;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::Parser;
use guichet_sim::{Failure, STEPS_DEFAULT, Stats, run_many};

/// Runs the real shards and the real journal over a simulated disk, clock and network; every seed is one reproducible run.
#[derive(Parser)]
#[command(name = "guichet-sim", version)]
struct Options {
    /// One seed.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// A range of seeds, `A..B` without B.
    #[arg(long, value_parser = range, default_value = "0..100")]
    seeds: Range<u64>,
    /// Events with faults in each run; then the faults stop and it must come to rest.
    #[arg(long, default_value_t = STEPS_DEFAULT)]
    steps: u64,
    /// Threads; as many as there are cores by default.
    #[arg(long)]
    threads: Option<usize>,
    /// Plants a bug that must be found: skip-fsync, torn-tail-kept, reply-before-sync, keep-staged-after-failed-append,
    /// drop-dedup-in-snapshot, answer-second-gate, skip-compensation or drop-dedup-entry.
    #[arg(long)]
    planted: Option<String>,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let wrong = || format!("`{text}` is not a range such as 0..500");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let range = from.parse().map_err(|_| wrong())?..to.parse().map_err(|_| wrong())?;
    if range.is_empty() { Err(wrong()) } else { Ok(range) }
}

#[cfg(feature = "planted-bugs")]
fn plant(name: Option<&str>) -> Result<impl Fn() + Sync + use<>, String> {
    use guichet_broker::planted::{PlantedBug, set};
    let bug = match name {
        None => None,
        Some("skip-fsync") => Some(PlantedBug::SkipFsync),
        Some("torn-tail-kept") => Some(PlantedBug::TornTailKept),
        Some("reply-before-sync") => Some(PlantedBug::ReplyBeforeSync),
        Some("keep-staged-after-failed-append") => Some(PlantedBug::KeepStagedAfterFailedAppend),
        Some("drop-dedup-in-snapshot") => Some(PlantedBug::DropDedupInSnapshot),
        Some("answer-second-gate") => Some(PlantedBug::AnswerSecondGate),
        Some("skip-compensation") => Some(PlantedBug::SkipCompensation),
        Some("drop-dedup-entry") => Some(PlantedBug::DropDedupEntry),
        Some(other) => return Err(format!("there is no bug `{other}` to plant; --help lists them")),
    };
    Ok(move || set(bug))
}

#[cfg(not(feature = "planted-bugs"))]
fn plant(name: Option<&str>) -> Result<impl Fn() + Sync + use<>, String> {
    match name {
        None => Ok(|| ()),
        Some(_) => Err("this program cannot plant bugs: build it with `--features planted-bugs`".to_owned()),
    }
}

fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn explain(failure: &Failure, planted: Option<&str>) {
    eprintln!("{failure}");
    let (features, planted) =
        planted.map_or((String::new(), String::new()), |bug| (" --features planted-bugs".to_owned(), format!(" --planted {bug}")));
    eprintln!("again: cargo run -p guichet-sim --release{features} -- --seed {} --steps {}{planted}", failure.seed, failure.steps);
    if let Some(commit) = commit() {
        eprintln!("commit: {commit}");
    }
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn summary(stats: &Stats, seeds: u64, seconds: f64) {
    let after: Vec<String> = stats.after.rows().into_iter().map(|(words, count)| format!("{words} {count}")).collect();
    println!(
        "seeds {seeds}, simulated hours {:.0}, events {}, crashes {} ({} power, {} kills), shutdowns {}, torn writes {}, \
         fsync failures {}, write failures {}, failed commits {} ({} reopened, {} stopped), clock jumps {}, commands acknowledged {} \
         ({} repeats), records {}, effects {}, orders {} ({} confirmed, {} cancelled, {} stuck), {}, callbacks {}, \
         snapshots {} ({} failed, {} passed over, {} starts shortened), \
         lost = 0, oversold = 0, \
         wall time {seconds:.1} s, {:.1} seeds/s",
        stats.simulated_s as f64 / 3600.0,
        stats.events,
        stats.crashes(),
        stats.power_failures,
        stats.kills,
        stats.shutdowns,
        stats.disk.torn_writes,
        stats.disk.sync_failures,
        stats.disk.write_failures,
        stats.failed_commits,
        stats.reopened,
        stats.stopped,
        stats.jumps,
        stats.acknowledged,
        stats.repeats,
        stats.records,
        stats.effects,
        stats.orders,
        stats.confirmed,
        stats.cancelled,
        stats.stuck,
        after.join(", "),
        stats.callbacks,
        stats.snapshots,
        stats.failed_snapshots,
        stats.passed_over,
        stats.shortened,
        seeds as f64 / seconds,
    );
}

fn main() -> ExitCode {
    let options = Options::parse();
    let planted = options.planted.as_deref();
    let prepare = match plant(planted) {
        Ok(prepare) => prepare,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let seeds = options.seed.map_or(options.seeds, |seed| seed..seed + 1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let count = seeds.end - seeds.start;
    let started = Instant::now();
    match run_many(seeds, options.steps, options.threads.unwrap_or(cores), prepare) {
        Ok(stats) => {
            summary(&stats, count, started.elapsed().as_secs_f64());
            let unseen = stats.unseen(count);
            if unseen.is_empty() {
                return ExitCode::SUCCESS;
            }
            eprintln!("{count} seeds FAILED: they never saw {}", unseen.join(", "));
            ExitCode::FAILURE
        }
        Err(failure) => {
            explain(&failure, planted);
            ExitCode::FAILURE
        }
    }
}
