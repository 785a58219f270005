//! One process at a time: two writers on one directory would interleave their batches.
//!
//! The lock is the kernel's (`flock`), so it dies with the process; the pid inside the file is only for the message.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Held while this value lives.
#[derive(Debug)]
pub struct DirectoryLock {
    // The kernel releases the lock when the file is closed.
    _file: File,
}

/// Why a directory could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{} is in use by process {pid}: stop it first, or give this one another directory",
        path.parent().unwrap_or(path).display()
    )]
    AlreadyOpen {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote into it, or `unknown`.
        pid: String,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {}: {source}; check that the directory exists and that this user may write to it", path.display())]
    Unwritable {
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl DirectoryLock {
    /// Takes the lock `<root>/lock`, without waiting.
    ///
    /// # Errors
    /// [`LockError::AlreadyOpen`] if it is held, [`LockError::Unwritable`] if the file cannot be made.
    pub fn acquire(root: &Path) -> Result<Self, LockError> {
        let path = root.join("lock");
        let unwritable = |source| LockError::Unwritable { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false) // the holder's pid must stay readable to those who come too late
            .open(&path)
            .map_err(unwritable)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                let read = (&mut file).take(32).read_to_string(&mut pid);
                let pid = match pid.trim() {
                    text if read.is_ok() && !text.is_empty() => text.to_owned(),
                    _ => "unknown".to_owned(),
                };
                return Err(LockError::AlreadyOpen { path, pid });
            }
            Err(e) => return Err(unwritable(e.into())),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(unwritable)?;
        Ok(Self { _file: file })
    }
}
