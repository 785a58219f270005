//! How an engine is opened.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use guichet_broker::{Disk, Durability};
use tempfile::TempDir;

use crate::clock::{Clock, SystemClock};
use crate::providers::{ManualProvider, PaymentProvider, SimulatedProvider};

/// Requests that wait in front of one shard. Each is decided in microseconds and a commit takes milliseconds, so a full mailbox is
/// well under a second of work; beyond it callers are told `busy` at once.
pub const MAILBOX_CAPACITY: usize = 65_536;

/// A file system in memory, on most Linux systems.
const MEMORY: &str = "/dev/shm";

/// Records between two snapshots of a partition. A start replays at most as many, in about a second; taking a snapshot costs a core
/// for a few seconds, and at this distance a shard at its full speed has it done before the next is due.
pub const SNAPSHOT_EVERY_RECORDS: u64 = 1_000_000;

/// Settings of an engine, with a default for each.
#[derive(Clone)]
pub struct Config {
    pub(crate) directory: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) show_partitions: u16,
    pub(crate) segment_bytes: u64,
    pub(crate) mailbox_capacity: usize,
    pub(crate) provider_patience: Duration,
    pub(crate) providers: BTreeMap<String, Arc<dyn PaymentProvider>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) disk: Option<Arc<dyn Disk>>,
    pub(crate) snapshot_every_records: u64,
    /// Removed when the last who needs it has gone.
    pub(crate) scratch: Option<Arc<TempDir>>,
}

impl Config {
    /// Everything by default, data in this directory, which is made if it does not exist.
    #[must_use]
    pub fn at(directory: impl AsRef<Path>) -> Self {
        let simulated: Arc<dyn PaymentProvider> = Arc::new(SimulatedProvider::default());
        let manual: Arc<dyn PaymentProvider> = Arc::new(ManualProvider);
        Self {
            directory: directory.as_ref().to_owned(),
            durability: Durability::Fsync,
            show_partitions: 2,
            segment_bytes: 256 << 20,
            mailbox_capacity: MAILBOX_CAPACITY,
            provider_patience: Duration::from_secs(10),
            providers: BTreeMap::from([("manual".to_owned(), manual), ("simulated".to_owned(), simulated)]),
            clock: Arc::new(SystemClock::default()),
            disk: None,
            snapshot_every_records: SNAPSHOT_EVERY_RECORDS,
            scratch: None,
        }
    }

    /// An engine for tests of an embedding application: in memory, where the system has a file system there, else among its temporary
    /// files; nothing waits for a disk, and everything is gone when the engine is. It runs the same code as any other.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use guichet_core::{Config, Guichet};
    ///
    /// let engine = Guichet::open(Config::in_memory()?).await?;
    /// assert!(engine.shows().is_empty());
    /// engine.close().await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When no directory can be made.
    pub fn in_memory() -> io::Result<Self> {
        let named = || tempfile::Builder::new().prefix("guichet-").to_owned();
        let scratch = named().tempdir_in(MEMORY).or_else(|_| named().tempdir())?;
        let config = Self::at(scratch.path()).durability(Durability::Os);
        Ok(Self { scratch: Some(Arc::new(scratch)), ..config })
    }

    /// What an acknowledgement promises. Default: `fsync`.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Partitions for shows in a new directory, at least 1; an existing directory keeps its own. Default: 2.
    #[must_use]
    pub fn show_partitions(mut self, partitions: u16) -> Self {
        self.show_partitions = partitions.clamp(1, 1_024);
        self
    }

    /// Size at which a journal segment is closed. Default: 256 MiB.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Requests that may wait in front of one shard. Default: [`MAILBOX_CAPACITY`].
    #[must_use]
    pub fn mailbox_capacity(mut self, requests: usize) -> Self {
        self.mailbox_capacity = requests.max(1);
        self
    }

    /// How long a payment provider may take before its outcome counts as unknown. Default: 10 s.
    #[must_use]
    pub fn provider_patience(mut self, patience: Duration) -> Self {
        self.provider_patience = patience;
        self
    }

    /// Registers a payment provider under the name that orders use. `simulated` and `manual` are there from the
    /// start.
    #[must_use]
    pub fn payment_provider(mut self, name: impl Into<String>, provider: Arc<dyn PaymentProvider>) -> Self {
        self.providers.insert(name.into(), provider);
        self
    }

    /// Another source of time. Default: the system's clocks.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Records of a partition after which a snapshot is taken in the background; 0 takes none but on demand. Default:
    /// [`SNAPSHOT_EVERY_RECORDS`].
    #[must_use]
    pub fn snapshot_every_records(mut self, records: u64) -> Self {
        self.snapshot_every_records = records;
        self
    }

    /// Another disk for the journal, for measurements with a slow one. Default: the directory.
    #[must_use]
    pub fn journal_disk(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = Some(disk);
        self
    }
}
