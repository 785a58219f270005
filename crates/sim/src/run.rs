//! Runs seeds: one, or many on all cores.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::stats::Stats;
use crate::trace::Trace;
use crate::world::World;

/// Events with faults, of a run that does not say how many.
pub const STEPS_DEFAULT: u64 = 8_000;

/// A run in which all that must be true was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Success {
    /// What happened, counted.
    pub stats: Stats,
    /// Hash of all that happened: the same seed gives the same.
    pub hash: u64,
}

/// A run that found something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// Events with faults.
    pub steps: u64,
    /// Kinds of faults that were left out.
    pub left_out: Vec<&'static str>,
    /// What is wrong.
    pub what: String,
    /// What happened last.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "  {line}")?;
        }
        write!(f, "seed {} FAILED: {}", self.seed, self.what)
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics of the code under test are findings, not noise: while a seed runs they are noted and not printed.
fn catch_quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                PANIC.with_borrow_mut(|what| *what = info.to_string());
            } else {
                before(info);
            }
        }));
    });
}

/// Runs one seed in this thread. A planted bug of this thread is in force.
///
/// # Errors
/// What was found.
pub fn run_seed(seed: u64, steps: u64) -> Result<Success, Box<Failure>> {
    run_seed_without(seed, steps, &[])
}

/// The same without some kinds of faults.
///
/// # Errors
/// What was found.
pub fn run_seed_without(seed: u64, steps: u64, left_out: &[&'static str]) -> Result<Success, Box<Failure>> {
    catch_quietly();
    let trace = Trace::default();
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| World::new(seed, left_out, trace.clone()).run(steps)));
    QUIET.set(false);
    let verdict = result.unwrap_or_else(|_| Err(format!("panic: {}", PANIC.take())));
    match verdict {
        Ok(stats) => Ok(Success { stats, hash: trace.hash() }),
        Err(what) => Err(Box::new(Failure { seed, steps, left_out: left_out.to_vec(), what, trace: trace.tail() })),
    }
}

/// Runs a range of seeds on so many threads; each thread is prepared first. Stops at the first failure that a thread sees, and
/// returns the one with the lowest seed.
///
/// # Errors
/// What was found.
pub fn run_many(seeds: Range<u64>, steps: u64, threads: usize, prepare: impl Fn() + Sync) -> Result<Stats, Box<Failure>> {
    run_while(|| true, &[], seeds, steps, threads, prepare)
}

/// The same without some kinds of faults, and no further seed is begun once it should not go on.
///
/// # Errors
/// What was found.
pub fn run_while(
    go_on: impl Fn() -> bool + Sync,
    left_out: &[&'static str],
    seeds: Range<u64>,
    steps: u64,
    threads: usize,
    prepare: impl Fn() + Sync,
) -> Result<Stats, Box<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let work = || -> Result<Stats, Box<Failure>> {
        prepare();
        let mut sum = Stats::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || !go_on() {
                return Ok(sum);
            }
            let run = run_seed_without(seed, steps, left_out).inspect_err(|_| next.store(seeds.end, Ordering::Relaxed))?;
            sum.add(&run.stats);
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut sum = Stats::default();
    let mut failure: Option<Box<Failure>> = None;
    for result in results {
        match result {
            Ok(Ok(stats)) => sum.add(&stats),
            Ok(Err(found)) if failure.as_ref().is_none_or(|other| found.seed < other.seed) => failure = Some(found),
            Ok(Err(_)) => {}
            Err(cause) => panic::resume_unwind(cause),
        }
    }
    failure.map_or(Ok(sum), Err)
}
