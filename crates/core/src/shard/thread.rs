//! Drives a pipeline over a real journal with two threads: while one commits a batch, the other decides the next.
//!
//! The decider owns the state, the committer owns the journal. They meet in the mailbox (is the committer free?) and in a channel
//! that never holds more than one batch, so at most one written batch is unsynced.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use guichet_broker::{Disk, Durability, Journal, JournalConfig, JournalError, JournalReader, Trust};
use guichet_domain::commands::Request;
use metrics::{Histogram, histogram};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::mailbox::{Committer, Wake};
use super::{BATCH_RECORDS_MAX, DecidedBatch, Mailbox, NoAnswer, Outcome, Pipeline, RecoverError};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::snapshot::Snapshots;

/// How often the synced offset goes to its file, at least.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// How often a partition looks whether a full disk has room again.
const ROOM_EVERY: Duration = Duration::from_millis(500);
/// How long a request waits at most for a partition that looks for room.
const BUSY_EVERY: Duration = Duration::from_millis(50);

/// What a caller gets.
pub(crate) type Response = Result<Outcome, NoAnswer>;

/// Where the answer goes.
pub(crate) enum Reply {
    /// To one caller.
    One(oneshot::Sender<Response>),
    /// To a caller of many, at this place.
    Many(Arc<Responses>, usize),
}

/// The answers to many requests that were sent together.
pub(crate) struct Responses {
    gathered: Mutex<Gathered>,
}

struct Gathered {
    responses: Vec<Option<Response>>,
    missing: usize,
    done: Option<oneshot::Sender<Vec<Response>>>,
}

impl Responses {
    /// Room for so many answers, and where they arrive, all at once.
    pub(crate) fn new(count: usize) -> (Arc<Self>, oneshot::Receiver<Vec<Response>>) {
        let (done, all) = oneshot::channel();
        let gathered = Gathered { responses: vec![None; count], missing: count, done: Some(done) };
        (Arc::new(Self { gathered: Mutex::new(gathered) }), all)
    }

    fn put(&self, place: usize, response: Response) {
        let mut gathered = self.gathered.lock();
        gathered.responses[place] = Some(response);
        gathered.missing -= 1;
        if gathered.missing == 0
            && let Some(done) = gathered.done.take()
        {
            let _ = done.send(std::mem::take(&mut gathered.responses).into_iter().flatten().collect());
        }
    }
}

impl Reply {
    /// Answers. A caller that has gone is not missed: the command is done, and its key finds it.
    fn send(self, response: Response) {
        match self {
            Self::One(caller) => drop(caller.send(response)),
            Self::Many(responses, place) => responses.put(place, response),
        }
    }
}

/// A request on its way into a shard.
pub(crate) struct Submission {
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

/// A running shard.
pub(crate) struct ShardHandle {
    pub(crate) partition: u16,
    pub(crate) mailbox: Arc<Mailbox<Submission>>,
    stopped: Arc<OnceLock<Arc<str>>>,
    threads: Vec<JoinHandle<()>>,
}

impl ShardHandle {
    /// Puts requests in; those for which there is no room are answered `Busy`.
    pub(crate) fn submit(&self, submissions: impl IntoIterator<Item = Submission>) {
        for refused in self.mailbox.offer(submissions) {
            refused.reply.send(Err(self.no_room()));
        }
    }

    fn no_room(&self) -> NoAnswer {
        self.stopped.get().map_or(NoAnswer::Busy, |why| NoAnswer::Stopped { partition: self.partition, why: Arc::clone(why) })
    }

    /// Why the partition does not serve any more, if so.
    pub(crate) fn stopped(&self) -> Option<&Arc<str>> {
        self.stopped.get()
    }

    /// Decides what has been accepted, commits it, and ends.
    pub(crate) fn close(self) {
        self.mailbox.close();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!(partition = self.partition, "a thread of the shard had panicked");
            }
        }
    }
}

/// What a shard needs.
pub(crate) struct Parts {
    pub(crate) partition: u16,
    pub(crate) snapshots: Snapshots,
    pub(crate) journal: Journal,
    pub(crate) journal_config: JournalConfig,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) pipeline: Pipeline<Reply>,
    pub(crate) mailbox_capacity: usize,
}

/// Starts the two threads of a shard.
pub(crate) fn spawn(parts: Parts) -> std::io::Result<ShardHandle> {
    let mailbox = Arc::new(Mailbox::new(parts.mailbox_capacity));
    let stopped = Arc::new(OnceLock::new());
    let (batches, to_commit) = sync_channel(1);
    let (failures, failed) = sync_channel(1);
    let partition = parts.partition;
    let decider = Decider {
        snapshots: parts.snapshots,
        pipeline: parts.pipeline,
        clock: parts.clock,
        mailbox: Arc::clone(&mailbox),
        batches,
        failed,
    };
    let label = partition.to_string();
    let committer = CommitterThread {
        journal: Some(parts.journal),
        config: parts.journal_config,
        disk: parts.disk,
        feed: parts.feed,
        mailbox: Arc::clone(&mailbox),
        to_commit,
        failures,
        commit_seconds: histogram!("guichet_commit_seconds", "partition" => label.clone()),
        batch_records: histogram!("guichet_batch_records", "partition" => label),
    };
    let thread = |name: String| std::thread::Builder::new().name(name);
    let way_in = WayIn { partition, mailbox: Arc::clone(&mailbox), stopped: Arc::clone(&stopped) };
    let threads = vec![
        thread(format!("decide-{partition}")).spawn(move || {
            // Whatever ends the decider, nobody is left waiting in front of it.
            let ended = catch_unwind(AssertUnwindSafe(|| decider.run()));
            way_in.stop(&ended.unwrap_or_else(|panic| Some(panic_text(&*panic))).unwrap_or_else(|| "the engine is closing".to_owned()));
        })?,
        thread(format!("commit-{partition}")).spawn({
            let mailbox = Arc::clone(&mailbox);
            move || {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| committer.run())) {
                    tracing::error!(partition, why = panic_text(&*panic), "the committer panicked");
                    mailbox.set_committer(Committer::Failed);
                }
            }
        })?,
    ];
    Ok(ShardHandle { partition, mailbox, stopped, threads })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    format!("it panicked: {}", text.unwrap_or_default())
}

/// The way into a shard, to be closed when it ends.
struct WayIn {
    partition: u16,
    mailbox: Arc<Mailbox<Submission>>,
    stopped: Arc<OnceLock<Arc<str>>>,
}

impl WayIn {
    fn stop(&self, why: &str) {
        let why: Arc<str> = why.into();
        let _ = self.stopped.set(Arc::clone(&why));
        self.mailbox.close();
        for submission in self.mailbox.drain() {
            submission.reply.send(Err(NoAnswer::Stopped { partition: self.partition, why: Arc::clone(&why) }));
        }
    }
}

struct Decider {
    snapshots: Snapshots,
    pipeline: Pipeline<Reply>,
    clock: Arc<dyn Clock>,
    mailbox: Arc<Mailbox<Submission>>,
    batches: SyncSender<DecidedBatch<Reply>>,
    failed: Receiver<Result<JournalReader, JournalError>>,
}

impl Decider {
    /// Decides until the mailbox is closed. Tells why, when it ends for another reason.
    fn run(mut self) -> Option<String> {
        self.pipeline.tick(&*self.clock);
        loop {
            let limit = if self.pipeline.is_full() { 0 } else { BATCH_RECORDS_MAX };
            let patience =
                if self.pipeline.has_open_batch() { None } else { self.pipeline.idle_ms(&*self.clock).map(Duration::from_millis) };
            let (wake, committer) = self.mailbox.wait(self.pipeline.has_open_batch(), limit, patience);
            let closed = matches!(wake, Wake::Closed);
            if committer == Committer::Failed {
                self.return_unanswered(wake);
                if let Err(why) = self.recover() {
                    tracing::error!(partition = self.pipeline.state().partition(), why, "the partition stops");
                    return Some(why);
                }
                continue;
            }
            if let Wake::Items(items) = wake {
                for submission in items {
                    self.pipeline.submit(&submission.request, submission.reply, &*self.clock);
                }
            }
            self.pipeline.tick(&*self.clock);
            if !self.hand_over() {
                return Some("the committer is gone".to_owned());
            }
            if closed && !self.pipeline.has_open_batch() {
                return None;
            }
        }
    }

    /// Gives the open batch to the committer, if that is free. False when the committer is gone.
    fn hand_over(&mut self) -> bool {
        if !self.pipeline.has_open_batch() || !self.mailbox.book_committer() {
            return true;
        }
        match self.pipeline.take_batch() {
            Some(batch) => self.batches.send(batch).is_ok(),
            None => {
                self.mailbox.set_committer(Committer::Free);
                true
            }
        }
    }

    /// What was not decided is `Busy`: certainly not done.
    fn return_unanswered(&self, wake: Wake<Submission>) {
        let taken = if let Wake::Items(items) = wake { items } else { Default::default() };
        for submission in taken.into_iter().chain(self.mailbox.drain()) {
            submission.reply.send(Err(NoAnswer::Busy));
        }
    }

    fn recover(&mut self) -> Result<(), String> {
        for (reply, unknown) in self.pipeline.take_batch().into_iter().flat_map(DecidedBatch::abandon) {
            reply.send(Err(unknown));
        }
        let reader = self.reopened()?.map_err(|error| error.to_string())?;
        self.pipeline.restart(&reader, &self.snapshots, &*self.clock).map_err(|error: RecoverError| error.to_string())?;
        self.mailbox.set_committer(Committer::Free);
        tracing::warn!(partition = self.pipeline.state().partition(), "the partition reopened after a failed commit");
        Ok(())
    }

    /// Waits until the journal is open again. Who asks meanwhile is told to come again: a full disk may take hours.
    fn reopened(&self) -> Result<Result<JournalReader, JournalError>, String> {
        loop {
            match self.failed.recv_timeout(BUSY_EVERY) {
                Ok(reopened) => return Ok(reopened),
                Err(RecvTimeoutError::Disconnected) => return Err("the committer is gone".to_owned()),
                Err(RecvTimeoutError::Timeout) if self.mailbox.is_closed() => {
                    return Err("the engine closes before the journal is open again".to_owned());
                }
                Err(RecvTimeoutError::Timeout) => self.return_unanswered(Wake::Items(VecDeque::new())),
            }
        }
    }
}

struct CommitterThread {
    journal: Option<Journal>,
    config: JournalConfig,
    disk: Arc<dyn Disk>,
    feed: Arc<Feed>,
    mailbox: Arc<Mailbox<Submission>>,
    to_commit: Receiver<DecidedBatch<Reply>>,
    failures: SyncSender<Result<JournalReader, JournalError>>,
    commit_seconds: Histogram,
    batch_records: Histogram,
}

impl CommitterThread {
    fn run(mut self) {
        let mut checkpointed = Instant::now();
        loop {
            let next = self.to_commit.recv_timeout(CHECKPOINT_EVERY);
            if let Ok(batch) = next {
                self.commit(batch);
            } else if next.is_err_and(|error| error == RecvTimeoutError::Disconnected) {
                break;
            }
            if checkpointed.elapsed() >= CHECKPOINT_EVERY {
                checkpointed = Instant::now();
                self.checkpoint();
            }
        }
        if let Some(Err(error)) = self.journal.take().map(Journal::close) {
            tracing::error!(partition = self.config.partition, %error, "the journal did not close cleanly; the next start will check it");
        }
    }

    fn commit(&mut self, mut batch: DecidedBatch<Reply>) {
        let started = Instant::now();
        let committed = match (batch.take_bytes(), &mut self.journal) {
            (None, _) => Ok(()),
            (Some(bytes), Some(journal)) => journal.commit(bytes).map(|_| ()),
            // The decider has stopped by then; nothing reaches this.
            (Some(_), None) => return batch.abandon().for_each(|(reply, unknown)| reply.send(Err(unknown))),
        };
        if let Err(error) = committed {
            self.mailbox.set_committer(Committer::Failed);
            batch.abandon().for_each(|(reply, unknown)| reply.send(Err(unknown)));
            return self.reopen(error);
        }
        self.commit_seconds.record(started.elapsed().as_secs_f64());
        let settled = batch.settle();
        if let Some(batch) = &settled.batch {
            #[allow(clippy::cast_precision_loss, reason = "at most 8,192")]
            self.batch_records.record(batch.records.len() as f64);
            self.feed.publish(batch);
        }
        self.mailbox.set_committer(Committer::Free);
        for (reply, outcome) in settled.replies {
            reply.send(Ok(outcome));
        }
    }

    fn checkpoint(&mut self) {
        if let Some(Err(error)) = self.journal.as_mut().map(Journal::checkpoint) {
            // A batch may just be on its way here; it was decided on a state that is dropped now.
            if self.mailbox.set_committer(Committer::Failed) == Committer::Busy
                && let Ok(batch) = self.to_commit.recv()
            {
                batch.abandon().for_each(|(reply, unknown)| reply.send(Err(unknown)));
            }
            self.reopen(error);
        }
    }

    /// Everything past the last synced offset is untrusted now: the partition reopens there, or stops.
    fn reopen(&mut self, error: JournalError) {
        tracing::error!(partition = self.config.partition, %error, "a commit failed");
        let Some(journal) = self.journal.take() else { return };
        let synced = journal.synced_offset();
        drop(journal);
        // With durability `os` acknowledged records stand past the synced offset: cutting there would lose them, so the partition
        // stops and the next start reads what the disk has.
        let reopened = match self.config.durability {
            Durability::Os => Err(error),
            Durability::Fsync if error.is_full_disk() => self.open_when_there_is_room(synced),
            Durability::Fsync => self.open(synced),
        };
        let reader = reopened.map(|journal| {
            let reader = journal.reader();
            self.feed.replace_reader(journal.reader());
            self.journal = Some(journal);
            reader
        });
        let _ = self.failures.send(reader);
    }

    fn open(&self, synced: u64) -> Result<Journal, JournalError> {
        Journal::open(Arc::clone(&self.disk), self.config.clone(), Trust::SyncedOnly { synced }).map(|(journal, _)| journal)
    }

    /// A full disk passes, and nothing was promised meanwhile: the partition waits for room, unless the decider gives up before.
    fn open_when_there_is_room(&self, synced: u64) -> Result<Journal, JournalError> {
        let mut told = false;
        loop {
            match self.open(synced) {
                Err(error) if error.is_full_disk() => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::error!(partition = self.config.partition, %error, "the partition waits until the disk has room");
                    }
                    // Nothing comes this way before the journal is open; the way ends when the decider does.
                    if self.to_commit.recv_timeout(ROOM_EVERY).is_err_and(|error| error == RecvTimeoutError::Disconnected) {
                        return Err(error);
                    }
                }
                opened => return opened,
            }
        }
    }
}
