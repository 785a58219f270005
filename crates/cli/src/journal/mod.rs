//! The journal of a directory, read without an engine. Nothing is ever changed here.

mod definition;
pub(crate) mod describe;
pub(crate) mod names;
mod refusal;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet_core::broker::{Disk, Durability, FsDisk, JournalError, Verifier, config::MAX_SEGMENT_BYTES, verify_partition};
use guichet_core::directory::{Manifest, read_manifest};
use guichet_core::journal_config;

use crate::failure::{Explain, Failure, Kind};

/// A data directory that is only read.
pub(crate) struct Directory {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    /// What it says about itself.
    pub(crate) manifest: Manifest,
}

impl Directory {
    /// Opens a directory for reading.
    ///
    /// # Errors
    /// When there is no data in it, or it is of another version.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let missing = || {
            let what = format!("there is no Guichet data in {}", path.display());
            Failure::new(Kind::NotFound, what).hint("--data DIR names the directory that `guichet serve` was given")
        };
        let manifest = read_manifest(path)?.ok_or_else(missing)?;
        let disk = FsDisk::open_root(path).doing(|| format!("{} cannot be read", path.display()))?;
        Ok(Self { path: path.to_owned(), disk: Arc::new(disk), manifest })
    }

    /// Reads a partition from its start.
    ///
    /// # Errors
    /// When its directory cannot be read.
    pub(crate) fn partition(&self, number: u16) -> Result<Verifier, JournalError> {
        verify_partition(Arc::clone(&self.disk), &journal_config(number, MAX_SEGMENT_BYTES, Durability::Fsync))
    }

    /// Keeps a server from opening the directory while this lives: a journal that is being written may look damaged.
    ///
    /// # Errors
    /// When a server has it open.
    pub(crate) fn quiet(&self) -> Result<Option<File>, Failure> {
        let path = &self.path;
        let lock = path.join("lock");
        let Ok(file) = File::open(&lock) else { return Ok(None) };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&lock).unwrap_or_default();
                let what = format!("{} is in use by process {}, which may be writing to it", path.display(), pid.trim());
                Err(Failure::new(Kind::Refused, what)
                    .hint("`guichet verify` without --data checks it through the running server; or stop the server first"))
            }
            // A file system without locks: whoever reads it has to know what they do.
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }
}
