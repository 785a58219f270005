//! From the disk to a partition's state: the newest snapshot that can be believed, then the journal from there.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use guichet_broker::planted::{self, PlantedBug};
use guichet_broker::{ChainHash, Disk, JournalReader};
use guichet_domain::{Record, State};

use super::body;
use super::file::{Head, Stored, offset_of};
use crate::codec;
use crate::read_model::ReadModel;
use crate::shard::RecoverError;

/// For recoveries that nobody can stop half-way.
static GO_ON: AtomicBool = AtomicBool::new(false);

/// The snapshots of one partition.
#[derive(Clone)]
pub struct Snapshots {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) partition: u16,
    pub(super) incarnation: u16,
    pub(super) directory: PathBuf,
}

/// A snapshot that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file, relative to the data directory.
    pub file: PathBuf,
    /// Why, for people.
    pub reason: String,
}

/// A partition that has come back.
pub struct Recovered {
    /// What the journal gives.
    pub state: State,
    /// Offset of the next batch.
    pub next_offset: u64,
    /// Offset of the snapshot that it began with, if there was one.
    pub snapshot: Option<u64>,
    /// Snapshots that were not used.
    pub skipped: Vec<Skipped>,
    /// The live projection as of the snapshot.
    pub(crate) model: ReadModel,
}

/// Where a recovery begins.
pub(super) struct Start {
    pub(super) state: State,
    pub(super) model: ReadModel,
    /// The head and the size of the snapshot.
    pub(super) from: Option<(Head, u64)>,
    pub(super) skipped: Vec<Skipped>,
}

impl Start {
    pub(super) fn next_offset(&self) -> u64 {
        self.from.as_ref().map_or(0, |(head, _)| head.next_offset)
    }
}

impl Snapshots {
    /// Of this partition, in the folder `snapshots-<partition>` of a disk.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, partition: u16, incarnation: u16) -> Self {
        Self { disk, partition, incarnation, directory: PathBuf::from(format!("snapshots-{partition}")) }
    }

    /// The partition that they are of.
    #[must_use]
    pub fn partition(&self) -> u16 {
        self.partition
    }

    /// Rebuilds the state. Snapshots that cannot be used are named in the log and in the result, and cost time.
    ///
    /// # Errors
    /// When the journal is damaged or holds a record that this program cannot read.
    pub fn recover(&self, reader: &JournalReader) -> Result<Recovered, RecoverError> {
        let start = self.newest(reader, &GO_ON);
        let mut from = start.next_offset();
        let Start { mut state, model, from: snapshot, skipped } = start;
        if planted::is(PlantedBug::SnapshotPositionWrong) && snapshot.is_some() {
            from = one_batch_further(reader, from)?;
        }
        let next_offset = self.replay(reader, from, &mut state)?;
        Ok(Recovered { state, next_offset, snapshot: snapshot.map(|(head, _)| head.next_offset), skipped, model })
    }

    /// Applies the journal from an offset on, and gives where it ends. In one thread: with a second one that decodes ahead it took a
    /// fifth longer, because what one thread allocates the other has to free.
    fn replay(&self, reader: &JournalReader, from: u64, state: &mut State) -> Result<u64, RecoverError> {
        let (mut next_offset, partition) = (from, self.partition);
        for batch in reader.batches(from) {
            let batch = batch?;
            for (offset, bytes) in batch.records() {
                let mut record = codec::decode_record(bytes).map_err(|source| RecoverError::Record { partition, offset, source })?;
                if planted::is(PlantedBug::DropDedupEntry) {
                    drop_key(&mut record);
                }
                state.replay(batch.stamp_unix_ms(), offset, &record);
            }
            next_offset = batch.next_offset;
        }
        Ok(next_offset)
    }

    /// The newest snapshot that can be believed, or an empty partition.
    pub(super) fn newest(&self, reader: &JournalReader, stop: &AtomicBool) -> Start {
        let mut skipped = Vec::new();
        for offset in self.offsets().into_iter().rev() {
            let file = self.directory.join(super::file::name_of(offset));
            match self.load(offset, reader, stop) {
                Ok((state, model, head, bytes)) => return Start { state, model, from: Some((head, bytes)), skipped },
                Err(_) if stop.load(Ordering::Relaxed) => break,
                Err(reason) => {
                    tracing::warn!(partition = self.partition, file = %file.display(), reason, "a snapshot is passed over");
                    skipped.push(Skipped { file, reason });
                }
            }
        }
        Start { state: State::new(self.partition, self.incarnation), model: ReadModel::default(), from: None, skipped }
    }

    /// Offsets of the snapshots that are there, ascending.
    pub(super) fn offsets(&self) -> Vec<u64> {
        let names = match self.disk.list(&self.directory) {
            Ok(names) => names,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                tracing::warn!(partition = self.partition, %error, "the snapshots cannot be listed");
                Vec::new()
            }
        };
        names.iter().filter_map(|name| offset_of(name)).collect()
    }

    fn load(&self, offset: u64, reader: &JournalReader, stop: &AtomicBool) -> Result<(State, ReadModel, Head, u64), String> {
        let stored = Stored::open(&*self.disk, &self.directory.join(super::file::name_of(offset)))?;
        let head = stored.head;
        if head.next_offset != offset {
            return Err(format!("it calls itself {}", head.next_offset));
        }
        self.fits(&head, reader)?;
        let body = stored.read(stop)?;
        let (state, model) = body::read(&head, body.bytes()).map_err(|error| error.to_string())?;
        Ok((State::from_parts(state), model, head, body.file_bytes()))
    }

    /// Whether the journal goes on where a snapshot ends.
    fn fits(&self, head: &Head, reader: &JournalReader) -> Result<(), String> {
        let Head { partition, incarnation, next_offset, last_batch, last_hash } = *head;
        if (partition, incarnation) != (self.partition, self.incarnation) {
            return Err(format!("it is of partition {partition} in the directory's incarnation {incarnation}"));
        }
        if next_offset > reader.durable_end() {
            return Err(format!("it is ahead of the journal, which ends at {}", reader.durable_end()));
        }
        match reader.read_batch_at(last_batch) {
            Ok(Some(batch)) if (batch.base_offset, batch.next_offset) == (last_batch, next_offset) => {
                if ChainHash::of(batch.raw()) == last_hash { Ok(()) } else { Err("it is of another journal".into()) }
            }
            Ok(_) => Err("it ends where no batch of the journal ends".into()),
            Err(error) => Err(format!("the journal before it cannot be read: {error}")),
        }
    }
}

/// A planted bug: the batch behind a snapshot is left out.
fn one_batch_further(reader: &JournalReader, from: u64) -> Result<u64, RecoverError> {
    let next = reader.batches(from).next().transpose()?;
    Ok(next.map_or(from, |batch| batch.next_offset))
}

/// A planted bug: a refusal is replayed without its key.
fn drop_key(record: &mut Record) {
    if let Record::Refused { key, .. } = record {
        *key = None;
    }
}
