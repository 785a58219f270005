//! The vault: what buyers say about themselves, kept where it can be erased.
//!
//! The journal can never forget, so it must never learn: an order carries a reference of 16 bytes, and the details stand here, in a
//! journal of their own, sealed under a key of their own. The reference is a keyed hash of the details: a command that is sent again
//! refers to the same person and is the same command, and details that are already here cost no write.
//!
//! What must never be true here:
//! - an e-mail address or a name reaches a file, a log line or an error message unsealed;
//! - a reference is given out before the details behind it are fsynced: the vault cannot be rebuilt from anything;
//! - a key seals twice, or comes from anywhere but the operating system's randomness;
//! - the reference of the same details changes: it is part of commands that may be repeated.
//!
//! The key stands beside what it seals. Sealing is for erasure, not against whoever can read the data directory: that is the business
//! of file permissions and of encrypted disks. Two orders with the same reference have the same buyer; that much the journal shows.
//!
//! Erasing a person (compaction that leaves out their key) is a later piece of work. The layout allows it: a record stands alone,
//! nothing else has a copy of its key, and a reference without a record reads as `None`.
//!
//! Reading order: this file, `record` (the format), `writer` (the commit thread).

mod record;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use guichet_broker::{Disk, Journal, JournalConfig, JournalError, Trust};
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use record::{Reference, Sealed};
use writer::{BATCH_RECORDS_MAX, Request, Writer};

/// The topic of the vault's journal; it has one partition, 0.
const TOPIC: &str = "vault";
/// How many callers may wait for an fsync. Eight batches: on a slow disk (10 ms a sync) the last of them waits a tenth of a second.
const QUEUE_MAX: usize = 8 * BATCH_RECORDS_MAX;
/// Separates references from everything else that is made from the same secret. Never changes.
const REFERENCE_CONTEXT: &str = "guichet vault buyer reference 1";

/// What a buyer says about themselves. Printing it with `{:?}` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Buyer {
    /// E-mail address, at most 254 bytes.
    pub email: String,
    /// Name, at most 512 bytes.
    pub name: String,
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buyer").finish_non_exhaustive()
    }
}

/// Why the vault could not do what it was asked. No message contains details of a buyer.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The vault's journal cannot be opened or read.
    #[error("the vault: {0}")]
    Journal(#[from] JournalError),
    /// A record was written by a version of this program that this one does not know.
    #[error(
        "the vault: the record at offset {offset} has version {version}, this program knows {}; \
         start the program version that wrote it, or a later one",
        record::VERSION
    )]
    UnknownVersion {
        /// Offset in the vault's journal.
        offset: u64,
        /// The unknown version.
        version: u8,
    },
    /// The bytes of a record are no record.
    #[error("the vault: the record at offset {offset} has {bytes} bytes, which no record has; restore the vault from a backup")]
    NotARecord {
        /// Offset in the vault's journal.
        offset: u64,
        /// Its size.
        bytes: usize,
    },
    /// The details do not open under their key: they are not what was kept under this reference.
    #[error("the vault: the details do not open under their key; restore the vault from a backup")]
    Unreadable,
    /// A detail is longer than the vault keeps.
    #[error("the buyer's {what} has {bytes} bytes, the limit is {limit}")]
    TooLong {
        /// Which detail.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many callers wait for the disk. Nothing was kept.
    #[error("the vault is busy; try again soon")]
    Busy,
    /// The commit failed, so the details may be durable or not. Keeping them again is safe.
    #[error("the vault's disk failed while the buyer's details were kept; send the same command again")]
    OutcomeUnknown,
    /// The disk failed and the vault could not go on. What it has can still be read.
    #[error("the vault has stopped: {why}; check the disk and start again")]
    Stopped {
        /// What happened.
        why: Arc<str>,
    },
    /// The vault has been closed.
    #[error("the vault is closed")]
    Closed,
    /// The operating system refuses something that is not a file.
    #[error("the vault cannot have {what}: {source}")]
    System {
        /// What is missing.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

/// What has been kept and is durable, by reference. References are keyed hashes, so a fast hasher cannot be attacked through them.
type Kept = Arc<RwLock<FxHashMap<Reference, Sealed>>>;

/// The buyers' details of one data directory.
pub(crate) struct Vault {
    reference_key: [u8; 32],
    kept: Kept,
    /// Taken when the vault closes.
    queue: RwLock<Option<SyncSender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Vault {
    /// Opens the vault of a data directory, or makes an empty one, and starts its commit thread. `secret` makes the references: with
    /// another one the same details get other references.
    ///
    /// # Errors
    /// When the journal cannot be opened or a record cannot be read. What a crash left unfinished is no error.
    pub(crate) fn open(disk: Arc<dyn Disk>, secret: [u8; 32]) -> Result<Self, VaultError> {
        let config = JournalConfig::new(TOPIC, 0);
        let (journal, _) = Journal::open(Arc::clone(&disk), config.clone(), Trust::Tail)?;
        let mut kept = FxHashMap::default();
        for batch in journal.reader().batches(0) {
            for (offset, bytes) in batch?.records() {
                let (reference, sealed) = record::decode(offset, bytes)?;
                kept.insert(reference, sealed);
            }
        }
        let kept: Kept = Arc::new(RwLock::new(kept));
        let (queue, requests) = sync_channel(QUEUE_MAX);
        let writer = Writer::new(disk, config, journal, Arc::clone(&kept), requests);
        let thread = std::thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| VaultError::System { what: "a thread", source })?;
        Ok(Self {
            reference_key: blake3::derive_key(REFERENCE_CONTEXT, &secret),
            kept,
            queue: RwLock::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Keeps a buyer's details and returns their reference. They are durable when it returns; a caller that goes away before then
    /// takes nothing back.
    ///
    /// # Errors
    /// [`VaultError::TooLong`], [`VaultError::Busy`], [`VaultError::Stopped`] and [`VaultError::Closed`] kept nothing; after
    /// [`VaultError::OutcomeUnknown`] the same call may be made again.
    pub(crate) async fn keep(&self, buyer: Buyer) -> Result<[u8; 16], VaultError> {
        let details = record::details(&buyer)?;
        let reference = self.reference(&details);
        if let Some(answer) = self.submit(reference, &details)? {
            // Without an answer the thread ended in the middle of a commit.
            answer.await.unwrap_or(Err(VaultError::OutcomeUnknown))?;
        }
        Ok(reference)
    }

    /// The details behind a reference, or `None` if there are none (any more).
    ///
    /// # Errors
    /// [`VaultError::Unreadable`] if what is there is not what was kept.
    pub(crate) fn read(&self, reference: &[u8; 16]) -> Result<Option<Buyer>, VaultError> {
        self.kept.read().get(reference).map(|sealed| sealed.open(reference)).transpose()
    }

    /// Commits what has been accepted and ends the thread, which blocks for as long as that takes. Reading stays possible.
    pub(crate) fn close(&self) {
        drop(self.queue.write().take());
        // The lock is held over the join: a second caller returns when the vault is closed too, not before.
        let mut thread = self.thread.lock();
        if thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the vault's thread had panicked");
        }
    }

    fn reference(&self, details: &[u8]) -> Reference {
        let mut reference = [0; 16];
        reference.copy_from_slice(&blake3::keyed_hash(&self.reference_key, details).as_bytes()[..16]);
        reference
    }

    /// Queues details for the next commit and says where the answer comes; `None` if they are durable already.
    fn submit(&self, reference: Reference, details: &[u8]) -> Result<Option<oneshot::Receiver<Result<(), VaultError>>>, VaultError> {
        let queue = self.queue.read();
        let queue = queue.as_ref().ok_or(VaultError::Closed)?;
        if self.kept.read().contains_key(&reference) {
            return Ok(None);
        }
        // Sealed here, on the caller's thread: only what may reach a file is queued.
        let sealed = Sealed::seal(&reference, details)?;
        let (caller, answer) = oneshot::channel();
        match queue.try_send(Request { reference, sealed, caller }) {
            Ok(()) => Ok(Some(answer)),
            Err(TrySendError::Full(_)) => Err(VaultError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(VaultError::Stopped { why: "its thread has ended".into() }),
        }
    }
}

impl Drop for Vault {
    /// Closes: whoever opens the vault next must find no thread still writing.
    fn drop(&mut self) {
        self.close();
    }
}
