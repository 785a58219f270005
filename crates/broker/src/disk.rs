//! The disk as the journal uses it: small enough that a simulator can stand in for it.
//!
//! Nothing in this crate may touch a file except through these traits (the directory lock is the one exception).

use std::io;
use std::path::Path;

/// A directory tree. All paths are relative to the disk's root; the empty path is the root itself.
pub trait Disk: Send + Sync + 'static {
    /// Creates a directory and those above it; an existing one is fine.
    ///
    /// # Errors
    /// What the operating system says.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// `NotFound` if the directory is absent.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    /// `NotFound` if it is absent.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Creates an empty file and opens it. Neither it nor its name is durable before [`DiskFile::sync_data`] and
    /// [`Disk::sync_dir`].
    ///
    /// # Errors
    /// `AlreadyExists` if present.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file, replacing `to`. Atomic; durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// What the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// `NotFound` if it is absent.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory. Durable after [`Disk::sync_dir`] of the one above.
    ///
    /// # Errors
    /// `Unsupported` from a disk that leaves empty directories where they are, which is as good to a journal; else what the
    /// operating system says.
    fn remove_dir(&self, _dir: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// What the operating system says; after an error the names may or may not be durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file. Reads and writes name their position, so one handle serves a writer and many readers.
#[allow(clippy::len_without_is_empty)] // nothing asks whether a file is empty
pub trait DiskFile: Send + Sync {
    /// Size in bytes.
    ///
    /// # Errors
    /// What the operating system says.
    fn len(&self) -> io::Result<u64>;

    /// Reads at most `buf.len()` bytes; 0 means end of file.
    ///
    /// # Errors
    /// What the operating system says.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `buf`. After an error any part of it may have been written.
    ///
    /// # Errors
    /// What the operating system says.
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()>;

    /// Makes contents and size durable.
    ///
    /// # Errors
    /// What the operating system says. It must never be called again on this file to "retry": the kernel may have
    /// dropped the pages and would report success.
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts the file to `len` bytes. Durable after [`DiskFile::sync_data`].
    ///
    /// # Errors
    /// What the operating system says.
    fn truncate(&self, len: u64) -> io::Result<()>;
}

/// Reads until `buf` is full or the file ends; returns how many bytes were read.
///
/// # Errors
/// What the operating system says.
pub fn read_full(file: &dyn DiskFile, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        match file.read_at(&mut buf[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}
