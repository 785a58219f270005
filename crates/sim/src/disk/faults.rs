//! How often a disk fails, and how often it did. All rates are per million operations of their kind.

/// The rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskFaults {
    /// A sync of a file fails.
    pub sync: u32,
    /// A sync of a directory fails.
    pub sync_dir: u32,
    /// A write fails, perhaps half-way.
    pub write: u32,
    /// A write that makes a file longer finds no room, perhaps half-way.
    pub no_space: u32,
    /// A read fails.
    pub read: u32,
    /// Anything else fails.
    pub metadata: u32,
    /// There is no room at all.
    pub full: bool,
}

/// The counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskStats {
    /// Operations of any kind.
    pub operations: u64,
    /// Syncs of files.
    pub syncs: u64,
    /// Syncs that failed, of files and directories.
    pub sync_failures: u64,
    /// Writes that failed.
    pub write_failures: u64,
    /// Reads that failed.
    pub read_failures: u64,
    /// Unsynced writes of which a part survived.
    pub torn_writes: u64,
}
