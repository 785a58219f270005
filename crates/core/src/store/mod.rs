//! The lists: orders and holds that have ended, on disk, by key.
//!
//! A store is a projection: it follows the journal, and whatever is wrong with it is mended by dropping and rebuilding it. Nothing is
//! ever acknowledged because of it, nothing waits for it.

mod guard;
mod projector;
mod rows;
mod sled_store;

pub(crate) use guard::open_guarded;
pub(crate) use projector::{ListStatus, Live, LiveStart, Projector};
pub(crate) use rows::{Row, Table, order_number_key};
pub(crate) use sled_store::SledStore;

/// A store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine below failed.
    #[error("the projection store failed: {0}")]
    Engine(String),
    /// A row cannot be read.
    #[error("a row of the projection store cannot be read: {0}")]
    Row(String),
}

/// A row as bytes.
pub(crate) type KeyValue = (Vec<u8>, Vec<u8>);

/// What a check of one partition's rows found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowCount {
    /// Rows counted.
    pub rows: u64,
    /// Whether count and checksum are those that were stored with the last batch.
    pub intact: bool,
}

/// Rows by key, one space for each partition.
pub(crate) trait Store: Send + Sync + 'static {
    /// Offset up to which (exclusive) the journal is in; `None` when nothing is.
    ///
    /// # Errors
    /// When the store fails.
    fn applied(&self, partition: u16) -> Result<Option<u64>, StoreError>;

    /// Writes rows and the new applied offset, all or nothing.
    ///
    /// # Errors
    /// When the store fails.
    fn apply(&self, partition: u16, next_offset: u64, rows: &[KeyValue]) -> Result<(), StoreError>;

    /// One row.
    ///
    /// # Errors
    /// When the store fails.
    fn get(&self, partition: u16, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` rows of a table before a key, the latest first.
    ///
    /// # Errors
    /// When the store fails.
    fn page(&self, partition: u16, table: Table, before: Option<&[u8]>, limit: usize) -> Result<Vec<KeyValue>, StoreError>;

    /// Reads every row and compares count and checksum with what was stored.
    ///
    /// # Errors
    /// When the store fails.
    fn check(&self, partition: u16) -> Result<RowCount, StoreError>;

    /// Drops everything of a partition.
    ///
    /// # Errors
    /// When the store fails.
    fn clear(&self, partition: u16) -> Result<(), StoreError>;
}
