//! Taking a snapshot: the partition is recovered a second time, from what is durable, and what comes of it is written.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use guichet_broker::{ChainHash, JournalError, JournalReader};
use guichet_domain::parts::Contradiction;

use super::body;
use super::file::{Head, Sink, TEMP_SUFFIX, name_of, offset_of};
use super::recover::{Snapshots, Start};
use crate::shard::{DurableBatch, RecoverError};
use crate::store::Store;

/// No snapshot was taken. The shard is not concerned.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The disk failed.
    #[error("it could not be {action}: {source}")]
    Io {
        /// What was to be done.
        action: &'static str,
        /// Why it was not.
        source: io::Error,
    },
    /// The journal cannot be replayed.
    #[error(transparent)]
    Journal(#[from] RecoverError),
    /// State and projection differ: a mistake of this program, which must not be kept.
    #[error("state and projection differ: {0}")]
    Differs(#[from] Contradiction),
    /// The partition has no records.
    #[error("the partition is empty")]
    Empty,
    /// It was told to stop.
    #[error("the engine is closing")]
    Stopped,
}

impl SnapshotError {
    pub(super) fn io(action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }

    /// Whether the disk is the matter, and nothing worse.
    #[must_use]
    pub fn is_disk_fault(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Journal(RecoverError::Journal(JournalError::Io { .. })))
    }
}

/// A snapshot that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Offset of the first record that is not in it.
    pub offset: u64,
    /// Size on disk.
    pub bytes: u64,
}

impl Snapshots {
    /// Takes a snapshot of everything that is durable now, and removes what it replaces. When there is nothing new, the newest one is
    /// the answer.
    ///
    /// # Errors
    /// [`SnapshotError`]; what was there before is still there.
    pub fn take(&self, reader: &JournalReader, stop: &AtomicBool) -> Result<Written, SnapshotError> {
        self.take_beside(reader, None, 0, stop)
    }

    /// Takes a snapshot beside lists that have everything that ended below `stored_offset`; what ended later stays in the snapshot.
    pub(crate) fn take_beside(
        &self,
        reader: &JournalReader,
        lists: Option<&dyn Store>,
        stored_offset: u64,
        stop: &AtomicBool,
    ) -> Result<Written, SnapshotError> {
        let end = reader.durable_end();
        let start = self.newest(reader, stop);
        if stop.load(Ordering::Relaxed) {
            return Err(SnapshotError::Stopped);
        }
        let base = start.from.map(|(head, bytes)| Written { offset: head.next_offset, bytes });
        let next_offset = start.next_offset();
        let Start { mut state, mut model, skipped, .. } = start;
        let mut last = None;
        let mut batches = reader.batches(next_offset);
        while batches.position() < end
            && let Some(batch) = batches.next()
        {
            if stop.load(Ordering::Relaxed) {
                return Err(SnapshotError::Stopped);
            }
            let batch = batch.map_err(RecoverError::from)?;
            let decoded = DurableBatch::decode(self.partition, &batch)?;
            decoded.records.iter().for_each(|(offset, record)| state.replay(decoded.stamp_unix_ms, *offset, record));
            if let Some(lists) = lists {
                model.bring_back_for(&decoded, lists);
            }
            model.apply(&decoded);
            model.forget_ended(stored_offset);
            last = Some(batch);
        }
        let Some(last) = last else { return base.ok_or(SnapshotError::Empty) };
        let head = Head {
            partition: self.partition,
            incarnation: self.incarnation,
            next_offset: last.next_offset,
            last_batch: last.base_offset,
            last_hash: ChainHash::of(last.raw()),
        };
        let state = state.into_parts();
        let model = model.into_parts(&state)?;
        self.make_room()?;
        let bytes = self.write(&head, |sink| body::write(sink, &state, &model), stop)?;
        tracing::debug!(partition = self.partition, offset = head.next_offset, bytes, passed_over = skipped.len(), "snapshot");
        self.remove_others(&[Some(head.next_offset), base.map(|base| base.offset)]);
        Ok(Written { offset: head.next_offset, bytes })
    }

    /// Makes the folder, without what interrupted writes have left in it.
    fn make_room(&self) -> Result<(), SnapshotError> {
        self.disk.create_dir_all(&self.directory).map_err(SnapshotError::io("given a folder"))?;
        self.disk.sync_dir(&PathBuf::new()).map_err(SnapshotError::io("given a folder"))?;
        for name in self.disk.list(&self.directory).map_err(SnapshotError::io("given a folder"))? {
            if name.strip_suffix(TEMP_SUFFIX).and_then(offset_of).is_some() {
                self.disk.remove(&self.directory.join(name)).map_err(SnapshotError::io("cleared of an older write"))?;
            }
        }
        Ok(())
    }

    /// Under its final name a snapshot is whole and durable, or not there.
    pub(super) fn write(
        &self,
        head: &Head,
        body: impl FnOnce(&mut Sink<'_>) -> Result<(), SnapshotError>,
        stop: &AtomicBool,
    ) -> Result<u64, SnapshotError> {
        let name = name_of(head.next_offset);
        let (path, temp) = (self.directory.join(&name), self.directory.join(format!("{name}{TEMP_SUFFIX}")));
        let file = self.disk.create_new(&temp).map_err(SnapshotError::io("created"))?;
        let mut sink = Sink::new(file, head, stop);
        let written = body(&mut sink).and_then(|()| sink.finish()).and_then(|bytes| {
            self.disk.rename(&temp, &path).map_err(SnapshotError::io("renamed"))?;
            Ok(bytes)
        });
        match written {
            Ok(bytes) => {
                self.disk.sync_dir(&self.directory).map_err(SnapshotError::io("made durable under its name"))?;
                Ok(bytes)
            }
            Err(error) => {
                // What stays is removed before the next one is written.
                let _ = self.disk.remove(&temp);
                Err(error)
            }
        }
    }

    /// Keeps the new snapshot and the one that it was built from, which has just been read and found good.
    fn remove_others(&self, kept: &[Option<u64>]) {
        let others: Vec<u64> = self.offsets().into_iter().filter(|offset| !kept.contains(&Some(*offset))).collect();
        let removed = others.iter().try_for_each(|offset| self.disk.remove(&self.directory.join(name_of(*offset))));
        if let Err(error) = removed.and_then(|()| if others.is_empty() { Ok(()) } else { self.disk.sync_dir(&self.directory) }) {
            tracing::warn!(partition = self.partition, %error, "an older snapshot was not removed; the next one tries again");
        }
    }
}
