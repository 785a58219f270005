//! The store on sled. The only module that names sled.
//!
//! One tree for each partition, because a sled batch is atomic inside one tree only: rows, applied offset, row count and checksum
//! travel together. sled's own `flush` does not fsync, and that is fine here: what a crash takes away is read again from the journal.

use std::collections::HashMap;
use std::path::Path;

use parking_lot::Mutex;

use super::{KeyValue, RowCount, Store, StoreError, Table};

/// Where a tree keeps its own numbers; sorts before every table.
const META: &[u8] = &[0];
/// Memory for sled's page cache. Rows are read rarely: a buyer who looks at an old order, an operator who lists.
const CACHE_BYTES: u64 = 32 << 20;

/// Rows in sled.
pub(crate) struct SledStore {
    db: sled::Db,
    trees: Mutex<HashMap<u16, sled::Tree>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Meta {
    next_offset: u64,
    rows: u64,
    /// Sum of the hashes of all rows: adding and taking away need no other row.
    checksum: u64,
}

impl Meta {
    fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        for (chunk, number) in bytes.chunks_exact_mut(8).zip([self.next_offset, self.rows, self.checksum]) {
            chunk.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let bytes: &[u8; 24] = bytes.try_into().map_err(|_| StoreError::Row("the meta row has a wrong length".into()))?;
        let (numbers, _) = bytes.as_chunks::<8>();
        let [next_offset, rows, checksum] = [0, 1, 2].map(|index| u64::from_be_bytes(numbers[index]));
        Ok(Self { next_offset, rows, checksum })
    }
}

fn row_hash(key: &[u8], value: &[u8]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_be_bytes(first)
}

fn engine(error: impl std::fmt::Display) -> StoreError {
    StoreError::Engine(error.to_string())
}

impl SledStore {
    /// Opens the store in a directory. sled may panic on damaged files: open it through [`super::open_guarded`].
    ///
    /// # Errors
    /// When sled cannot open it.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let db = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).mode(sled::Mode::HighThroughput).open().map_err(engine)?;
        Ok(Self { db, trees: Mutex::default() })
    }

    fn tree(&self, partition: u16) -> Result<sled::Tree, StoreError> {
        let mut trees = self.trees.lock();
        if let Some(tree) = trees.get(&partition) {
            return Ok(tree.clone());
        }
        let tree = self.db.open_tree(format!("p{partition}")).map_err(engine)?;
        trees.insert(partition, tree.clone());
        Ok(tree)
    }

    fn meta(tree: &sled::Tree) -> Result<Option<Meta>, StoreError> {
        tree.get(META).map_err(engine)?.map(|bytes| Meta::from_bytes(&bytes)).transpose()
    }
}

impl Store for SledStore {
    fn applied(&self, partition: u16) -> Result<Option<u64>, StoreError> {
        Ok(Self::meta(&self.tree(partition)?)?.map(|meta| meta.next_offset))
    }

    fn apply(&self, partition: u16, next_offset: u64, rows: &[KeyValue]) -> Result<(), StoreError> {
        let tree = self.tree(partition)?;
        let mut meta = Self::meta(&tree)?.unwrap_or_default();
        let mut batch = sled::Batch::default();
        let mut written: HashMap<&[u8], &[u8]> = HashMap::new();
        for (key, value) in rows {
            written.insert(key, value);
        }
        for (key, value) in written {
            match tree.get(key).map_err(engine)? {
                Some(old) => meta.checksum = meta.checksum.wrapping_sub(row_hash(key, &old)),
                None => meta.rows += 1,
            }
            meta.checksum = meta.checksum.wrapping_add(row_hash(key, value));
            batch.insert(key, value);
        }
        meta.next_offset = next_offset;
        batch.insert(META, &meta.to_bytes());
        tree.apply_batch(batch).map_err(engine)
    }

    fn get(&self, partition: u16, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tree(partition)?.get(key).map_err(engine)?.map(|value| value.to_vec()))
    }

    fn page(&self, partition: u16, table: Table, before: Option<&[u8]>, limit: usize) -> Result<Vec<KeyValue>, StoreError> {
        let tree = self.tree(partition)?;
        let from = vec![table.prefix()];
        let to = before.map_or_else(|| vec![table.prefix() + 1], <[u8]>::to_vec);
        let rows = tree.range(from..to).rev().take(limit);
        rows.map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(engine)).collect()
    }

    fn check(&self, partition: u16) -> Result<RowCount, StoreError> {
        let tree = self.tree(partition)?;
        let meta = Self::meta(&tree)?.unwrap_or_default();
        let (mut rows, mut checksum) = (0, 0_u64);
        for row in &tree {
            let (key, value) = row.map_err(engine)?;
            if key != META {
                rows += 1;
                checksum = checksum.wrapping_add(row_hash(&key, &value));
            }
        }
        Ok(RowCount { rows, intact: rows == meta.rows && checksum == meta.checksum })
    }

    fn clear(&self, partition: u16) -> Result<(), StoreError> {
        self.tree(partition)?.clear().map_err(engine)
    }
}
