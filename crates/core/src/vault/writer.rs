//! The vault's commit thread: wait for one, take what has gathered, sync once, answer all.
//!
//! Must never be true: a caller is told `Ok` before the fsync that covers its record, or details are readable that a failed fsync may
//! have lost.

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use guichet_broker::config::MAX_BATCH_BYTES;
use guichet_broker::{BatchBuilder, Disk, Journal, JournalConfig, JournalError, Trust};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::record::{RECORD_BYTES_MAX, Reference, Sealed};
use super::{Kept, VaultError};

/// Records per commit: under a megabyte, so that writing them takes no longer than syncing them.
pub(super) const BATCH_RECORDS_MAX: usize = 1_024;
/// More than a batch adds to a record.
const RECORD_OVERHEAD_BYTES: usize = 32;
/// How soon the synced offset goes to its file, at the latest.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(1);
/// Batches carry no time: nothing in the vault depends on it, and when somebody bought is nobody's business here.
const NO_STAMP: u64 = 0;

const _: () = assert!((BATCH_RECORDS_MAX + 1) * (RECORD_BYTES_MAX + RECORD_OVERHEAD_BYTES) < MAX_BATCH_BYTES);

/// Details on their way to the disk.
pub(super) struct Request {
    pub(super) reference: Reference,
    pub(super) sealed: Sealed,
    pub(super) caller: Caller,
}

type Caller = oneshot::Sender<Result<(), VaultError>>;

/// A caller that has gone is not missed: what it sent is kept, and costs nothing when it comes again.
fn answer(callers: impl IntoIterator<Item = Caller>, answer: impl Fn() -> Result<(), VaultError>) {
    callers.into_iter().for_each(|caller| drop(caller.send(answer())));
}

/// What the commit thread owns.
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    config: JournalConfig,
    /// Or why there is none any more.
    journal: Result<Journal, Arc<str>>,
    kept: Kept,
    requests: Receiver<Request>,
    /// Set while something is synced that the checkpoint does not say.
    checkpoint_due: Option<Instant>,
}

impl Writer {
    pub(super) fn new(disk: Arc<dyn Disk>, config: JournalConfig, journal: Journal, kept: Kept, requests: Receiver<Request>) -> Self {
        Self { disk, config, journal: Ok(journal), kept, requests, checkpoint_due: None }
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
                    self.commit(requests);
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

    fn commit(&mut self, requests: Vec<Request>) {
        let journal = match &mut self.journal {
            Ok(journal) => journal,
            Err(why) => {
                let callers = requests.into_iter().map(|request| request.caller);
                return answer(callers, || Err(VaultError::Stopped { why: Arc::clone(why) }));
            }
        };
        let mut batch = BatchBuilder::new(NO_STAMP);
        let mut fresh: FxHashMap<Reference, Sealed> = FxHashMap::default();
        let mut callers = Vec::with_capacity(requests.len());
        {
            let kept = self.kept.read();
            for Request { reference, sealed, caller } in requests {
                // Others may have brought the same details, since this request was queued or in this very batch.
                if !kept.contains_key(&reference)
                    && let Entry::Vacant(place) = fresh.entry(reference)
                {
                    batch.push(&sealed.encode(&reference));
                    place.insert(sealed);
                }
                callers.push(caller);
            }
        }
        let committed = if batch.is_empty() { Ok(()) } else { journal.commit(batch.finish()).map(drop) };
        match committed {
            Ok(()) => {
                if !fresh.is_empty() {
                    self.kept.write().extend(fresh);
                    self.checkpoint_due.get_or_insert_with(|| Instant::now() + CHECKPOINT_AFTER);
                }
                answer(callers, || Ok(()));
            }
            Err(error) => {
                self.reopen(&error);
                answer(callers, || Err(VaultError::OutcomeUnknown));
            }
        }
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
        self.journal = match Journal::open(Arc::clone(&self.disk), self.config.clone(), Trust::SyncedOnly { synced }) {
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
