//! The thread that takes snapshots: one for the engine, so that never two are taken at once, and at the lowest priority.
//!
//! It owns nothing that a shard needs and nobody waits for it. What goes wrong here is a line in the log and a count.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::recover::Snapshots;
use super::take::Written;
use crate::feed::Feed;
use crate::store::{ListStatus, Store};

/// How often it looks whether a snapshot is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a snapshot that was asked for waits for lists that are being checked, and how often it looks.
const LISTS_PATIENCE: Duration = Duration::from_secs(10);
const LISTS_LOOK_EVERY: Duration = Duration::from_millis(10);
/// The kindest that there is: whatever else wants the processor goes first.
const NICENESS: i32 = 19;

/// A snapshot that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotTaken {
    /// Offset of the first record that is not in it.
    pub offset: u64,
    /// Size on disk.
    pub bytes: u64,
    /// How long it took, recovery and writing.
    pub took: Duration,
}

type Answer = Result<SnapshotTaken, String>;

struct Ask {
    partition: u16,
    reply: oneshot::Sender<Answer>,
}

/// A partition of which snapshots are taken.
pub(crate) struct Watched {
    snapshots: Snapshots,
    feed: Arc<Feed>,
    lists: Arc<ListStatus>,
    store: Arc<dyn Store>,
    /// How far the last snapshot, or the last attempt at one, went.
    tried_at: u64,
}

impl Watched {
    pub(crate) fn new(snapshots: Snapshots, feed: Arc<Feed>, lists: Arc<ListStatus>, store: Arc<dyn Store>, snapshot: Option<u64>) -> Self {
        Self { snapshots, feed, lists, store, tried_at: snapshot.unwrap_or(0) }
    }

    /// Lists that are still being checked would make a large snapshot of what they have already.
    fn is_due(&self, every: u64) -> bool {
        every > 0 && self.feed.durable_end().saturating_sub(self.tried_at) >= every && self.lists.verified()
    }

    /// Takes one that was asked for, right after the start perhaps.
    fn take_now(&mut self, stop: &AtomicBool) -> Answer {
        let asked = Instant::now();
        while !self.lists.verified() && asked.elapsed() < LISTS_PATIENCE && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LISTS_LOOK_EVERY);
        }
        self.take(stop)
    }

    fn take(&mut self, stop: &AtomicBool) -> Answer {
        let partition = self.snapshots.partition();
        let label = partition.to_string();
        // After a failure the next try is as far away as after a success: a full disk is not asked every second.
        self.tried_at = self.feed.durable_end();
        let started = Instant::now();
        let take = || {
            self.snapshots
                .take_beside(&self.feed.reader(), Some(&*self.store), self.lists.stored_offset(), stop)
                .map_err(|error| error.to_string())
        };
        let written = catch_unwind(AssertUnwindSafe(take)).unwrap_or_else(|_| Err("it panicked; the log says where".to_owned()));
        let took = started.elapsed();
        let result = if written.is_ok() { "taken" } else { "failed" };
        if !stop.load(Ordering::Relaxed) {
            counter!("guichet_snapshots_total", "partition" => label.clone(), "result" => result).increment(1);
        }
        match written {
            Ok(Written { offset, bytes }) => {
                tracing::info!(partition, offset, bytes, ?took, "a snapshot was taken");
                histogram!("guichet_snapshot_seconds", "partition" => label.clone()).record(took.as_secs_f64());
                #[allow(clippy::cast_precision_loss, reason = "a metric, and exact up to 2^52 bytes")]
                gauge!("guichet_snapshot_bytes", "partition" => label).set(bytes as f64);
                Ok(SnapshotTaken { offset, bytes, took })
            }
            Err(why) => {
                if !stop.load(Ordering::Relaxed) {
                    tracing::warn!(partition, why, "no snapshot was taken; the partition is not concerned");
                }
                Err(why)
            }
        }
    }
}

/// The thread, as the engine has it.
pub(crate) struct Keeper {
    stop: Arc<AtomicBool>,
    asks: Mutex<Option<Sender<Ask>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Starts the thread; it takes a snapshot of a partition after every so many records, and when asked.
    pub(crate) fn spawn(watched: Vec<Watched>, every: u64) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (asks, asked) = channel();
        let thread = std::thread::Builder::new().name("snapshots".to_owned()).spawn({
            let stop = Arc::clone(&stop);
            move || run(watched, every, &asked, &stop)
        })?;
        Ok(Self { stop, asks: Mutex::new(Some(asks)), thread: Mutex::new(Some(thread)) })
    }

    /// Asks for a snapshot now; `None` when the engine is closing.
    pub(crate) fn ask(&self, partition: u16) -> Option<oneshot::Receiver<Answer>> {
        let (reply, answer) = oneshot::channel();
        self.asks.lock().as_ref()?.send(Ask { partition, reply }).ok()?;
        Some(answer)
    }

    /// Ends the thread soon, whatever it is at.
    pub(crate) fn close(&self) {
        self.give_up();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that takes snapshots had panicked");
        }
    }

    fn give_up(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.asks.lock().take();
    }
}

/// An engine that is dropped without being closed leaves no thread behind.
impl Drop for Keeper {
    fn drop(&mut self) {
        self.give_up();
    }
}

fn run(mut watched: Vec<Watched>, every: u64, asked: &Receiver<Ask>, stop: &AtomicBool) {
    // On Linux this is the priority of the thread alone. Without it snapshots are taken all the same.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    loop {
        match asked.recv_timeout(LOOK_EVERY) {
            Ok(Ask { partition, reply }) => {
                if let Some(watched) = watched.get_mut(usize::from(partition)) {
                    let _ = reply.send(watched.take_now(stop));
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                for due in watched.iter_mut().filter(|watched| watched.is_due(every)) {
                    let _ = due.take(stop);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}
