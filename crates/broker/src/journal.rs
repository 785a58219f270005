//! The one writer of a partition.
//!
//! A commit is one positioned write and one fsync. Between the two the batch exists and is not durable: at most one batch
//! is ever in that state (with [`Durability::Fsync`]), no reader sees it, and after any error nothing more is written,
//! because what the kernel still holds and what the disk has may differ.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::builder::UnsealedBatch;
use crate::checkpoint;
use crate::config::{CHECKPOINT_FILE, Durability, JournalConfig, MAX_BATCH_BYTES, index_name, log_name};
use crate::disk::Disk;
use crate::error::JournalError;
use crate::frame::Frame;
use crate::index::{IndexFile, SparseIndex};
use crate::planted::{self, PlantedBug};
use crate::reader::JournalReader;
use crate::recovery::{self, Opened, Recovery, Trust};
use crate::segment::{Segment, Shared};
use crate::walk::Chain;

/// A batch that is as durable as the configuration promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommittedBatch {
    /// Offset of the frame; the record with delta `d` has offset `base_offset + d`.
    pub base_offset: u64,
    /// Offset after the last record.
    pub next_offset: u64,
    /// The batch's logged time.
    pub stamp_unix_ms: u64,
}

/// A batch that is written and not yet synced: no reply may leave for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Offset of the frame.
    pub base_offset: u64,
    /// Offset after the last record.
    pub next_offset: u64,
    /// Size on disk.
    pub bytes: u64,
}

/// The writer of one partition. Dropping it without [`Journal::close`] is what a crash of the process does.
pub struct Journal {
    disk: Arc<dyn Disk>,
    config: JournalConfig,
    dir: PathBuf,
    shared: Arc<Shared>,
    active: Arc<Segment>,
    /// Where the next batch goes in the active segment.
    position: u64,
    index_file: Option<IndexFile>,
    chain: Chain,
    synced: u64,
    /// The batch between `write` and `sync`.
    pending: Option<CommittedBatch>,
    /// The active segment's name is not durable yet.
    name_unsynced: bool,
    /// What `replication.chk` says, if this writer knows.
    checkpointed: Option<u64>,
    poisoned: Option<String>,
}

impl Journal {
    /// Opens a partition, creating it if it is absent.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] and [`JournalError::WrongVersion`] leave the disk untouched. After
    /// [`JournalError::Io`] the partition may be opened again with the same `trust`.
    pub fn open(disk: Arc<dyn Disk>, config: JournalConfig, trust: Trust) -> Result<(Self, Recovery), JournalError> {
        let Opened { segments, active, position, chain, index_file, recovery } = recovery::open(&disk, &config, trust)?;
        let synced = recovery.synced_offset;
        let journal = Self {
            shared: Shared::new(config.topic.clone(), config.partition, synced, segments),
            dir: config.directory(),
            disk,
            config,
            active,
            position,
            index_file,
            chain,
            synced,
            pending: None,
            name_unsynced: false,
            checkpointed: None,
            poisoned: None,
        };
        Ok((journal, recovery))
    }

    /// Writes a batch and makes it as durable as configured: [`Journal::write`], then [`Journal::sync`].
    ///
    /// # Errors
    /// As those two. After an I/O error the outcome is unknown until the partition has been reopened.
    pub fn commit(&mut self, batch: UnsealedBatch) -> Result<CommittedBatch, JournalError> {
        self.write(batch)?;
        self.sync()
    }

    /// The first half of a commit: seals the batch and writes it. With [`Durability::Os`] readers see it from here on.
    ///
    /// # Errors
    /// [`JournalError::SyncPending`] and [`JournalError::BatchTooLarge`] change nothing; an I/O error poisons.
    pub fn write(&mut self, batch: UnsealedBatch) -> Result<Written, JournalError> {
        self.check_poison()?;
        if let Some(pending) = &self.pending {
            return Err(JournalError::SyncPending {
                topic: self.config.topic.clone(),
                partition: self.config.partition,
                offset: pending.base_offset,
            });
        }
        if batch.bytes() > MAX_BATCH_BYTES {
            return Err(JournalError::BatchTooLarge {
                topic: self.config.topic.clone(),
                partition: self.config.partition,
                bytes: batch.bytes(),
                limit: MAX_BATCH_BYTES,
            });
        }
        if self.position > 0 && self.position + batch.bytes() as u64 > self.config.segment_bytes {
            self.roll()?;
        }
        let (base_offset, records, stamp_unix_ms) = (self.chain.next_offset, u64::from(batch.records()), batch.stamp_unix_ms());
        let frame = Frame {
            partition: self.config.partition,
            generation: self.chain.generation,
            sequence: self.chain.sequence,
            synced_offset: self.synced,
            stamp_unix_ms,
            previous: self.chain.hash,
        };
        let sealed = batch.seal(base_offset, &frame);
        if let Err(e) = self.active.file.write_at(&sealed.bytes, self.position) {
            return Err(self.poison("write", self.active.name(), e));
        }
        let (next_offset, bytes) = (sealed.next_offset, sealed.bytes.len() as u64);
        self.note_in_index(base_offset, bytes);
        self.position += bytes;
        self.chain.next_offset = next_offset;
        self.chain.sequence += records;
        self.chain.hash = sealed.hash;
        self.chain.last_stamp_unix_ms = Some(stamp_unix_ms);
        self.pending = Some(CommittedBatch { base_offset, next_offset, stamp_unix_ms });
        if self.config.durability == Durability::Os {
            self.shared.publish(next_offset);
        }
        Ok(Written { base_offset, next_offset, bytes })
    }

    /// The second half of a commit. With [`Durability::Fsync`] it syncs, and readers see the batch from here on; with
    /// [`Durability::Os`] it has nothing to do: [`Journal::checkpoint`] syncs.
    ///
    /// # Errors
    /// [`JournalError::NothingToSync`] without a written batch; an I/O error poisons, and is never tried again.
    pub fn sync(&mut self) -> Result<CommittedBatch, JournalError> {
        self.check_poison()?;
        let Some(batch) = self.pending else {
            return Err(JournalError::NothingToSync { topic: self.config.topic.clone(), partition: self.config.partition });
        };
        if self.config.durability == Durability::Fsync {
            self.sync_active()?;
            self.shared.publish(batch.next_offset);
        }
        self.pending = None;
        Ok(batch)
    }

    /// Offset that the next batch will have.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.chain.next_offset
    }

    /// Every offset below this one has been fsynced.
    #[must_use]
    pub fn synced_offset(&self) -> u64 {
        self.synced
    }

    /// Generation that new batches belong to.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.chain.generation
    }

    /// Stamp of the last batch, written or recovered.
    #[must_use]
    pub fn last_stamp_unix_ms(&self) -> Option<u64> {
        self.chain.last_stamp_unix_ms
    }

    /// Whether an error has stopped this writer; only reopening helps.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.is_some()
    }

    /// Records the synced offset in `replication.chk`; with [`Durability::Os`] it syncs first. The owner calls it at least
    /// every second and at shutdown: damage below the recorded offset can never be taken for a torn tail. Costs
    /// nothing if nothing was synced since the last call.
    ///
    /// # Errors
    /// An I/O error poisons.
    pub fn checkpoint(&mut self) -> Result<(), JournalError> {
        self.check_poison()?;
        if self.config.durability == Durability::Os && self.synced < self.chain.next_offset {
            self.sync_active()?;
        }
        if self.checkpointed == Some(self.synced) {
            return Ok(());
        }
        if let Err(e) = checkpoint::write(&*self.disk, &self.dir, self.synced) {
            return Err(self.poison("write", CHECKPOINT_FILE.to_owned(), e));
        }
        self.checkpointed = Some(self.synced);
        Ok(())
    }

    /// A reader of what is durable. It stays valid when the journal is closed, but sees nothing that a later
    /// [`Journal::open`] writes or cuts.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(self.shared.clone())
    }

    /// Syncs what is written and records it.
    ///
    /// # Errors
    /// As [`Journal::checkpoint`].
    pub fn close(mut self) -> Result<(), JournalError> {
        self.check_poison()?;
        if self.pending.is_some() {
            self.sync()?;
        }
        self.checkpoint()
    }

    /// Makes everything written durable, the name of the file included.
    fn sync_active(&mut self) -> Result<(), JournalError> {
        if !planted::is(PlantedBug::SkipFsync)
            && let Err(e) = self.active.file.sync_data()
        {
            return Err(self.poison("sync", self.active.name(), e));
        }
        if self.name_unsynced {
            if let Err(e) = self.disk.sync_dir(&self.dir) {
                return Err(self.poison("sync directory", String::new(), e));
            }
            self.name_unsynced = false;
        }
        self.synced = self.chain.next_offset;
        Ok(())
    }

    /// Closes the active segment, synced, and begins the next one.
    fn roll(&mut self) -> Result<(), JournalError> {
        // Recovery takes a later segment as proof that the earlier one was synced whole.
        if self.synced < self.chain.next_offset {
            self.sync_active()?;
        }
        let base = self.chain.next_offset;
        let name = log_name(base);
        let file = match self.disk.create_new(&self.dir.join(&name)) {
            Ok(file) => file,
            Err(e) => return Err(self.poison("create", name, e)),
        };
        self.active = Segment::new(base, file);
        self.position = 0;
        self.name_unsynced = true;
        self.shared.push(self.active.clone());
        let path = self.dir.join(index_name(base));
        self.index_file = IndexFile::rebuild(&*self.disk, &path, &SparseIndex::default())
            .inspect_err(|e| tracing::warn!(path = %path.display(), error = %e, "index not written; it is rebuilt at the next start"))
            .ok();
        Ok(())
    }

    fn note_in_index(&mut self, base_offset: u64, bytes: u64) {
        let entry = self.active.index.write().note(base_offset - self.active.base, self.position, bytes);
        if let (Some(entry), Some(file)) = (entry, &mut self.index_file)
            && let Err(e) = file.append(entry)
        {
            tracing::warn!(segment = %self.active.name(), error = %e, "index not written; it is rebuilt at the next start");
            self.index_file = None;
        }
    }

    fn check_poison(&self) -> Result<(), JournalError> {
        match &self.poisoned {
            None => Ok(()),
            Some(reason) => Err(JournalError::Poisoned {
                topic: self.config.topic.clone(),
                partition: self.config.partition,
                synced: self.synced,
                reason: reason.clone(),
            }),
        }
    }

    fn poison(&mut self, action: &'static str, name: String, source: io::Error) -> JournalError {
        let error = JournalError::Io {
            topic: self.config.topic.clone(),
            partition: self.config.partition,
            action,
            path: self.dir.join(name),
            source,
        };
        self.poisoned = Some(error.to_string());
        error
    }
}
