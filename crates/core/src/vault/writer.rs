//! The vault's thread: wait for one, take what has gathered, sync once, answer all; and erase, in its turn.
//!
//! Must never be true: a caller is told `Ok` before the fsync that covers its record, or before the files that held what it erased
//! are removed; or details are readable that a failed fsync may have lost.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use guichet_broker::config::MAX_BATCH_BYTES;
use guichet_broker::{BatchBuilder, Disk, Journal, JournalError, Trust};
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::VaultError;
use super::erase::{self, Whose};
use super::kept::Kept;
use super::places::{self, SwitchError};
use super::record::{Lookup, RECORD_BYTES_MAX, Reference, Sealed};

/// Records per commit: under a megabyte, so that writing them takes no longer than syncing them.
pub(super) const BATCH_RECORDS_MAX: usize = 1_024;
/// More than a batch adds to a record.
pub(super) const RECORD_OVERHEAD_BYTES: usize = 32;
/// How soon the synced offset goes to its file, at the latest.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(1);
/// Batches carry no time: nothing in the vault depends on it, and when somebody bought is nobody's business here.
pub(super) const NO_STAMP: u64 = 0;

const _: () = assert!((BATCH_RECORDS_MAX + 1) * (RECORD_BYTES_MAX + RECORD_OVERHEAD_BYTES) < MAX_BATCH_BYTES);

/// What the thread is asked for.
pub(super) enum Request {
    /// Keep a record, unless its details are here; answered with the reference that counts.
    Keep { reference: Reference, sealed: Sealed, caller: Caller<Reference> },
    /// Erase records; answered with their number.
    Erase { whose: Whose, caller: Caller<usize> },
    /// Count what would be erased.
    Count { whose: Whose, caller: Caller<usize> },
}

pub(super) type Caller<T> = oneshot::Sender<Result<T, VaultError>>;

/// A record on its way to the disk.
type Keep = (Reference, Sealed, Caller<Reference>);

/// What the thread owns.
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    /// Number of the journal that counts.
    number: u32,
    /// Or why there is none any more.
    journal: Result<Journal, Arc<str>>,
    kept: Arc<RwLock<Kept>>,
    requests: Receiver<Request>,
    /// Set while something is synced that the checkpoint does not say.
    checkpoint_due: Option<Instant>,
}

impl Writer {
    pub(super) fn new(disk: Arc<dyn Disk>, number: u32, journal: Journal, kept: Arc<RwLock<Kept>>, requests: Receiver<Request>) -> Self {
        Self { disk, number, journal: Ok(journal), kept, requests, checkpoint_due: None }
    }

    /// Until the vault is closed. A stopped vault goes on answering.
    pub(super) fn run(mut self) {
        loop {
            let first = match self.checkpoint_due {
                None => self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => self.requests.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match first {
                Ok(first) => {
                    let gathered = self.requests.try_iter().take(BATCH_RECORDS_MAX - 1);
                    let requests = std::iter::once(first).chain(gathered).collect();
                    self.serve(requests);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.checkpoint_due.is_some_and(|due| due <= Instant::now()) {
                self.checkpoint();
            }
        }
        if let Ok(Err(error)) = self.journal.map(Journal::close) {
            tracing::error!(%error, "the vault did not close cleanly; the next start will check it");
        }
    }

    /// Each in its turn: what was kept before an erasure is erased by it, what is kept after it stays.
    ///
    /// A caller that has gone is not missed: what it sent is done, and costs nothing when it comes again.
    fn serve(&mut self, requests: Vec<Request>) {
        let mut keeps = Vec::new();
        for request in requests {
            match request {
                Request::Keep { reference, sealed, caller } => keeps.push((reference, sealed, caller)),
                Request::Erase { whose, caller } => {
                    self.commit(std::mem::take(&mut keeps));
                    let _ = caller.send(self.erase(&whose));
                }
                Request::Count { whose, caller } => {
                    self.commit(std::mem::take(&mut keeps));
                    let _ = caller.send(whose.among(&self.kept.read()).map(|found| found.len()));
                }
            }
        }
        self.commit(keeps);
    }

    fn commit(&mut self, keeps: Vec<Keep>) {
        if keeps.is_empty() {
            return;
        }
        let journal = match &mut self.journal {
            Ok(journal) => journal,
            Err(why) => {
                for (_, _, caller) in keeps {
                    let _ = caller.send(Err(VaultError::Stopped { why: Arc::clone(why) }));
                }
                return;
            }
        };
        let mut batch = BatchBuilder::new(NO_STAMP);
        let mut fresh: FxHashMap<Lookup, (Reference, Sealed)> = FxHashMap::default();
        let mut callers = Vec::with_capacity(keeps.len());
        {
            let kept = self.kept.read();
            for (reference, sealed, caller) in keeps {
                // Others may have brought the same details, since this request was queued or in this very batch.
                let earlier = kept.reference_of(&sealed.lookup).or_else(|| fresh.get(&sealed.lookup).map(|(reference, _)| *reference));
                if earlier.is_none() {
                    batch.push(&sealed.encode(&reference));
                    fresh.insert(sealed.lookup, (reference, sealed));
                }
                callers.push((earlier.unwrap_or(reference), caller));
            }
        }
        let committed = if batch.is_empty() { Ok(()) } else { journal.commit(batch.finish()).map(drop) };
        match committed {
            Ok(()) => {
                if !fresh.is_empty() {
                    let mut kept = self.kept.write();
                    fresh.into_values().for_each(|(reference, sealed)| kept.insert(reference, sealed));
                    self.checkpoint_due.get_or_insert_with(|| Instant::now() + CHECKPOINT_AFTER);
                }
                for (reference, caller) in callers {
                    let _ = caller.send(Ok(reference));
                }
            }
            Err(error) => {
                self.reopen(&error);
                for (_, caller) in callers {
                    let _ = caller.send(Err(VaultError::OutcomeUnknown));
                }
            }
        }
    }

    /// Destroys the records that are meant. Whatever fails before the switch leaves everything as it was.
    fn erase(&mut self, whose: &Whose) -> Result<usize, VaultError> {
        if let Err(why) = &self.journal {
            return Err(VaultError::Stopped { why: Arc::clone(why) });
        }
        let gone = whose.among(&self.kept.read())?;
        // Also when nothing is meant: the removal of what an earlier erasure left out may have failed.
        places::clean_up(&*self.disk, self.number).map_err(unfinished)?;
        if gone.is_empty() {
            return Ok(0);
        }
        let next = self.number.checked_add(1).ok_or_else(|| not_erased("the journals have run out of numbers"))?;
        let journal = match erase::rewrite(&self.disk, &self.kept, &gone, next) {
            Ok(journal) => journal,
            Err(error) => return Err(self.give_up(&error)),
        };
        match places::switch(&*self.disk, next) {
            Ok(()) => {}
            Err(SwitchError::NotDone(error)) => return Err(self.give_up(&error)),
            Err(SwitchError::Unknown(error)) => {
                // A record kept in either journal could be lost with it at the next start.
                tracing::error!(%error, "nobody knows which journal of the vault counts; the vault stops");
                let why: Arc<str> = error.to_string().into();
                self.journal = Err(Arc::clone(&why));
                self.checkpoint_due = None;
                return Err(VaultError::ErasureUnknown { why });
            }
        }
        self.journal = Ok(journal);
        self.number = next;
        self.checkpoint_due = None;
        self.kept.write().remove(&gone);
        places::clean_up(&*self.disk, self.number).map_err(unfinished)?;
        tracing::info!(records = gone.len(), "buyers' details were erased");
        Ok(gone.len())
    }

    /// Removes what was written of the next journal, if that is possible; if not, the next erasure or start does it.
    fn give_up(&self, error: &dyn std::error::Error) -> VaultError {
        tracing::error!(%error, "buyers' details could not be erased");
        if let Err(error) = places::clean_up(&*self.disk, self.number) {
            tracing::warn!(%error, "an unfinished journal of the vault is left; it is removed later");
        }
        not_erased(error.to_string())
    }

    fn checkpoint(&mut self) {
        self.checkpoint_due = None;
        if let Ok(Err(error)) = self.journal.as_mut().map(Journal::checkpoint) {
            self.reopen(&error);
        }
    }

    /// Everything past the last synced offset is untrusted now: the journal reopens there, or the vault stops.
    fn reopen(&mut self, error: &JournalError) {
        tracing::error!(%error, "a commit of the vault failed");
        let why: Arc<str> = error.to_string().into();
        let Ok(failed) = std::mem::replace(&mut self.journal, Err(why)) else { return };
        let synced = failed.synced_offset();
        drop(failed);
        // What is in `kept` was synced, so nothing that can be read is cut.
        self.journal = match Journal::open(Arc::clone(&self.disk), places::config(self.number), Trust::SyncedOnly { synced }) {
            Ok((journal, _)) => {
                tracing::warn!("the vault reopened after a failed commit");
                Ok(journal)
            }
            Err(again) => {
                tracing::error!(error = %again, "the vault stops");
                Err(format!("{error}; then {again}").into())
            }
        };
    }
}

fn not_erased(why: impl Into<Arc<str>>) -> VaultError {
    VaultError::NotErased { why: why.into() }
}

fn unfinished(error: VaultError) -> VaultError {
    tracing::error!(%error, "files that hold erased details could not be removed");
    VaultError::Unfinished { why: error.to_string().into() }
}
