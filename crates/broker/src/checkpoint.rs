//! `replication.chk`: the synced offset as a big-endian `i64`, in the file where Fluvio keeps its high watermark.
//!
//! It is replaced, never overwritten: a torn mixture of two offsets could be larger than both and would look like damage.

use std::io;
use std::path::Path;

use crate::config::{CHECKPOINT_FILE, TEMP_SUFFIX};
use crate::disk::{Disk, read_full};

/// What the file says.
pub(crate) enum Stored {
    Absent,
    Offset(u64),
    /// The file is there but is not an offset; its size.
    Unreadable(u64),
}

pub(crate) fn read(disk: &dyn Disk, dir: &Path) -> io::Result<Stored> {
    let file = match disk.open(&dir.join(CHECKPOINT_FILE)) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Stored::Absent),
        Err(e) => return Err(e),
    };
    let mut bytes = [0; 9];
    let read = read_full(&*file, &mut bytes, 0)?;
    let [value @ .., _] = bytes;
    match u64::try_from(i64::from_be_bytes(value)) {
        Ok(offset) if read == 8 => Ok(Stored::Offset(offset)),
        _ => Ok(Stored::Unreadable(file.len()?)),
    }
}

pub(crate) fn write(disk: &dyn Disk, dir: &Path, synced: u64) -> io::Result<()> {
    let path = dir.join(CHECKPOINT_FILE);
    let temp = dir.join(format!("{CHECKPOINT_FILE}{TEMP_SUFFIX}"));
    match disk.remove(&temp) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let file = disk.create_new(&temp)?;
    file.write_at(&(synced as i64).to_be_bytes(), 0)?;
    file.sync_data()?;
    disk.rename(&temp, &path)?;
    disk.sync_dir(dir)
}
