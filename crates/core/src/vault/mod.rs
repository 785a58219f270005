//! The vault: what buyers say about themselves, kept where it can be erased.
//!
//! The journal can never forget, so it must never learn: an order carries a random reference of 16 bytes, and the details stand here,
//! in a journal of their own, sealed under a key of their own. A keyed hash of the details, in the vault alone, finds those that are
//! here already: a command that is sent again refers to the same person and is the same command, and costs no write. Once erased,
//! the same details get another reference: buying again does not bring the old orders' buyer back.
//!
//! What must never be true here:
//! - an e-mail address or a name reaches a file, a log line or an error message unsealed;
//! - a reference is given out before the details behind it are fsynced: the vault cannot be rebuilt from anything;
//! - a key seals twice, or comes from anywhere but the operating system's randomness;
//! - the reference of the same details changes while they are kept: it is part of commands that may be repeated;
//! - an erasure is acknowledged while a file holds the key, or anything brings back what was erased.
//!
//! The key stands beside what it seals. Sealing is for erasure, not against whoever can read the data directory: that is the business
//! of file permissions and of encrypted disks. Two orders with the same reference have the same buyer; that much the journal shows.
//!
//! Reading order: this file, `record` (the format), `writer` (the thread), `erase` (the journal without a person), `places` (which
//! journal counts), `kept` (memory).

mod erase;
mod kept;
mod places;
mod record;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use guichet_broker::{Disk, Journal, JournalError, Trust};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;

pub(crate) use erase::Whose;
use kept::Kept;
use record::{Lookup, Reference, Sealed};
use writer::{BATCH_RECORDS_MAX, Caller, Request, Writer};

/// How many callers may wait for an fsync. Eight batches: on a slow disk (10 ms a sync) the last of them waits a tenth of a second.
const QUEUE_MAX: usize = 8 * BATCH_RECORDS_MAX;
/// Separates lookups from everything else that is made from the same secret. Never changes.
const LOOKUP_CONTEXT: &str = "guichet vault lookup of buyer details 2";

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
    /// A file of the vault cannot be used.
    #[error("the vault cannot {action} {}: {source}; check the disk", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// Which file, below the data directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The vault's journals are not where a crash could have left them.
    #[error("the vault: {what}; the data directory was restored in part or changed by hand, restore all of it from one backup")]
    Misplaced {
        /// What is not as it must be.
        what: String,
    },
    /// Nothing was erased.
    #[error("nothing was erased, all details are as before: {why}; try again when the disk is well")]
    NotErased {
        /// What happened.
        why: Arc<str>,
    },
    /// Erased details cannot be read here any more, but a file that holds their key could not be removed.
    #[error("the erasure is not finished, a file with erased details may be left: {why}; erase again, or start again")]
    Unfinished {
        /// What happened.
        why: Arc<str>,
    },
    /// The disk failed in the moment of the erasure, so it may have happened or not. The vault has stopped.
    #[error("the disk failed while details were erased, they may be gone or not: {why}; check the disk, start again, erase again")]
    ErasureUnknown {
        /// What happened.
        why: Arc<str>,
    },
    /// The operating system refuses something that is not a file.
    #[error("the vault cannot have {what}: {source}")]
    System {
        /// What is missing.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

/// The buyers' details of one data directory.
pub(crate) struct Vault {
    lookup_key: [u8; 32],
    kept: Arc<RwLock<Kept>>,
    /// Taken when the vault closes.
    queue: RwLock<Option<SyncSender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

type Answer<T> = oneshot::Receiver<Result<T, VaultError>>;

/// What becomes of details that shall be kept.
enum Submitted {
    Kept(Reference),
    Queued(Answer<Reference>),
}

impl Vault {
    /// Opens the vault of a data directory, or makes an empty one, and starts its thread. `secret` makes the lookups: with another
    /// one the same details are kept once more, under another reference.
    ///
    /// # Errors
    /// When the journal cannot be opened or a record cannot be read. What a crash left unfinished is no error.
    pub(crate) fn open(disk: Arc<dyn Disk>, secret: [u8; 32]) -> Result<Self, VaultError> {
        let number = places::find(&*disk)?;
        let (journal, _) = Journal::open(Arc::clone(&disk), places::config(number), Trust::Tail)?;
        let mut kept = Kept::default();
        for batch in journal.reader().batches(0) {
            for (offset, bytes) in batch?.records() {
                let (reference, sealed) = record::decode(offset, bytes)?;
                kept.insert(reference, sealed);
            }
        }
        // Not before the current journal has been read whole.
        places::clean_up(&*disk, number)?;
        let kept = Arc::new(RwLock::new(kept));
        let (queue, requests) = sync_channel(QUEUE_MAX);
        let writer = Writer::new(disk, number, journal, Arc::clone(&kept), requests);
        let thread = std::thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| VaultError::System { what: "a thread", source })?;
        Ok(Self {
            lookup_key: blake3::derive_key(LOOKUP_CONTEXT, &secret),
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
        match self.submit(&details)? {
            Submitted::Kept(reference) => Ok(reference),
            // Without an answer the thread ended in the middle of a commit.
            Submitted::Queued(answer) => answer.await.unwrap_or(Err(VaultError::OutcomeUnknown)),
        }
    }

    /// Destroys records with their keys and returns how many. When it returns, no file of the directory holds them. Meanwhile
    /// [`Vault::keep`] waits; reading does not.
    ///
    /// # Errors
    /// [`VaultError::Busy`], [`VaultError::NotErased`], [`VaultError::Stopped`] and [`VaultError::Closed`] erased nothing; after
    /// [`VaultError::Unfinished`] and [`VaultError::ErasureUnknown`] the same call must be made again.
    pub(crate) async fn erase(&self, whose: Whose) -> Result<usize, VaultError> {
        let answer = self.ask(|caller| Request::Erase { whose, caller })?;
        answer.await.unwrap_or_else(|_| Err(VaultError::ErasureUnknown { why: "the vault's thread has ended".into() }))
    }

    /// How many records [`Vault::erase`] would destroy.
    ///
    /// # Errors
    /// [`VaultError::Busy`] and [`VaultError::Closed`].
    pub(crate) async fn count(&self, whose: Whose) -> Result<usize, VaultError> {
        let answer = self.ask(|caller| Request::Count { whose, caller })?;
        answer.await.unwrap_or(Err(VaultError::Closed))
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

    fn lookup(&self, details: &[u8]) -> Lookup {
        let mut lookup = [0; 16];
        lookup.copy_from_slice(&blake3::keyed_hash(&self.lookup_key, details).as_bytes()[..16]);
        lookup
    }

    /// Queues details for the next commit, unless they are durable already.
    fn submit(&self, details: &[u8]) -> Result<Submitted, VaultError> {
        let lookup = self.lookup(details);
        // A closed vault refuses also what it knows.
        if self.queue.read().is_none() {
            return Err(VaultError::Closed);
        }
        if let Some(reference) = self.kept.read().reference_of(&lookup) {
            return Ok(Submitted::Kept(reference));
        }
        // Sealed here, on the caller's thread: only what may reach a file is queued.
        let reference = record::random()?;
        let sealed = Sealed::seal(&reference, lookup, details)?;
        self.ask(|caller| Request::Keep { reference, sealed, caller }).map(Submitted::Queued)
    }

    /// Queues a request and says where its answer comes.
    fn ask<T>(&self, request: impl FnOnce(Caller<T>) -> Request) -> Result<Answer<T>, VaultError> {
        let queue = self.queue.read();
        let queue = queue.as_ref().ok_or(VaultError::Closed)?;
        let (caller, answer) = oneshot::channel();
        match queue.try_send(request(caller)) {
            Ok(()) => Ok(answer),
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
