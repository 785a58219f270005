//! The simulator as a program.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its caller")]

use std::ops::Range;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use guichet_sim::{Failure, STEPS_DEFAULT, Stats, plan, run_while, shrink};

#[cfg(feature = "planted-bugs")]
use guichet_broker::planted;

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
    /// Goes on with the seeds that follow the first one, for so many hours.
    #[arg(long, conflicts_with = "seed", value_parser = hours)]
    hours: Option<Duration>,
    /// Events with faults in each run; then the faults stop and it must come to rest.
    #[arg(long, default_value_t = STEPS_DEFAULT)]
    steps: u64,
    /// Threads; as many as there are cores by default.
    #[arg(long)]
    threads: Option<usize>,
    /// Looks for a shorter run with fewer kinds of faults when one has failed.
    #[arg(long)]
    shrink: bool,
    /// Kinds of faults that are left out, with commas between them.
    #[arg(long, value_parser = plan::fault, value_delimiter = ',')]
    without: Vec<&'static str>,
    /// Plants a bug that must be found; a wrong name lists them all.
    #[arg(long)]
    planted: Option<String>,
}

fn hours(text: &str) -> Result<Duration, String> {
    let hours = text.parse().ok().filter(|hours| (0.0..=10_000.0).contains(hours));
    hours.map(|hours: f64| Duration::from_secs_f64(hours * 3_600.0)).ok_or_else(|| format!("`{text}` is not a number of hours"))
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let wrong = || format!("`{text}` is not a range such as 0..500");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let range = from.parse().map_err(|_| wrong())?..to.parse().map_err(|_| wrong())?;
    if range.is_empty() { Err(wrong()) } else { Ok(range) }
}

#[cfg(feature = "planted-bugs")]
fn plant(name: Option<&str>) -> Result<impl Fn() + Sync + use<>, String> {
    let bug = match name {
        None => None,
        Some(name) => Some(planted::ALL.into_iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let names: Vec<_> = planted::ALL.iter().map(|(known, _)| *known).collect();
            format!("there is no bug `{name}` to plant; there are {}", names.join(", "))
        })?),
    };
    Ok(move || planted::set(bug.map(|(_, bug)| bug)))
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
    let without = if failure.left_out.is_empty() { String::new() } else { format!(" --without {}", failure.left_out.join(",")) };
    let Failure { seed, steps, .. } = failure;
    eprintln!("again: cargo run -p guichet-sim --release{features} -- --seed {seed} --steps {steps}{without}{planted}");
    if let Some(commit) = commit() {
        eprintln!("commit: {commit}");
    }
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn summary(stats: &Stats, seconds: f64) {
    let after: Vec<String> = stats.after.rows().into_iter().map(|(words, count)| format!("{words} {count}")).collect();
    println!(
        "seeds {}, simulated hours {:.0}, events {}, crashes {} ({} power, {} kills), shutdowns {}, torn writes {}, \
         fsync failures {}, write failures {}, failed commits {} ({} reopened, {} stopped), clock jumps {}, commands acknowledged {} \
         ({} repeats), records {}, effects {}, orders {} ({} confirmed, {} cancelled, {} stuck), {}, callbacks {}, \
         snapshots {} ({} failed, {} passed over, {} starts shortened), \
         lost = 0, oversold = 0, \
         {:.0} faults of the machine in each seed, wall time {seconds:.1} s, {:.1} seeds/s, {:.0} simulated seconds in each second",
        stats.seeds,
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
        stats.faults() as f64 / stats.seeds.max(1) as f64,
        stats.seeds as f64 / seconds,
        stats.simulated_s as f64 / seconds,
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
    let started = Instant::now();
    let seeds = match (options.seed, options.hours) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(_)) => options.seeds.start..u64::MAX,
        (None, None) => options.seeds,
    };
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let go_on = || options.hours.is_none_or(|hours| started.elapsed() < hours);
    match run_while(go_on, &options.without, seeds, options.steps, threads, &prepare) {
        Ok(stats) => {
            summary(&stats, started.elapsed().as_secs_f64());
            let unseen = stats.unseen();
            if unseen.is_empty() || !options.without.is_empty() {
                return ExitCode::SUCCESS;
            }
            eprintln!("{} seeds FAILED: they never saw {}", stats.seeds, unseen.join(", "));
            ExitCode::FAILURE
        }
        Err(failure) => {
            prepare();
            explain(&if options.shrink { shrink(*failure) } else { *failure }, planted);
            ExitCode::FAILURE
        }
    }
}
