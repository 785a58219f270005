//! Which of the vault's journals counts, and the removal of the others.
//!
//! An erasure writes the next journal beside the one in use (`vault-0`, `vault-1`, ...) and then switches: the file `vault.current`
//! names the journal that counts, and is replaced by a rename. A directory that has never seen an erasure has no such file and uses
//! `vault-0`. Every erasure begins and ends with the removal of all other journals, so a crash leaves at most one neighbour.
//!
//! What must never be true here:
//! - a journal counts that was not synced whole before the switch;
//! - a journal is removed while another one does not count durably;
//! - an empty vault is made where one has been: what is missing is said and nothing is touched.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use guichet_broker::{Disk, JournalConfig};

use super::VaultError;

/// The topic of the vault's journals; the number of the journal is its partition.
pub(super) const TOPIC: &str = "vault";
const CURRENT_FILE: &str = "vault.current";
const CURRENT_TEMP: &str = "vault.current.tmp";
/// More than a name takes.
const CURRENT_BYTES_MAX: usize = 64;

/// Why the switch to another journal failed.
#[derive(Debug)]
pub(super) enum SwitchError {
    /// The journal before still counts, certainly.
    NotDone(VaultError),
    /// Either may count after a crash.
    Unknown(VaultError),
}

fn root() -> &'static Path {
    Path::new("")
}

pub(super) fn config(number: u32) -> JournalConfig {
    JournalConfig::new(TOPIC, number)
}

fn directory(number: u32) -> PathBuf {
    config(number).directory()
}

fn disk_error<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> VaultError + 'a {
    let path = if path == root() { Path::new(".") } else { path };
    move |source| VaultError::Disk { action, path: path.to_owned(), source }
}

/// The number of the journal that counts.
pub(super) fn find(disk: &dyn Disk) -> Result<u32, VaultError> {
    let named = read_current(disk)?;
    let current = named.unwrap_or(0);
    let mut holding = Vec::new();
    for number in numbers(disk)? {
        if !files(disk, number)?.is_empty() {
            holding.push(number);
        }
    }
    if named.is_none() && holding.is_empty() {
        return Ok(current);
    }
    if !holding.contains(&current) {
        return Err(VaultError::Misplaced { what: format!("{} is missing or empty", directory(current).display()) });
    }
    // A crash leaves a neighbour; anything else was put there by somebody.
    match holding.iter().find(|number| number.abs_diff(current) > 1) {
        Some(stray) => Err(VaultError::Misplaced {
            what: format!("{} counts, but there is {} too", directory(current).display(), directory(*stray).display()),
        }),
        None => Ok(current),
    }
}

/// Makes a journal that is synced whole the one that counts.
pub(super) fn switch(disk: &dyn Disk, number: u32) -> Result<(), SwitchError> {
    let (current, temp) = (Path::new(CURRENT_FILE), Path::new(CURRENT_TEMP));
    let prepared = || {
        remove_file(disk, temp)?;
        let file = disk.create_new(temp).map_err(disk_error("create", temp))?;
        file.write_at(format!("{}\n", directory(number).display()).as_bytes(), 0).map_err(disk_error("write", temp))?;
        file.sync_data().map_err(disk_error("sync", temp))
    };
    prepared().map_err(SwitchError::NotDone)?;
    // A rename that reports a failure may have happened, and one that is not synced may be undone by a crash.
    disk.rename(temp, current)
        .map_err(disk_error("rename", temp))
        .and_then(|()| disk.sync_dir(root()).map_err(disk_error("sync", root())))
        .map_err(SwitchError::Unknown)
}

/// Removes every journal but the current one, durably. When it returns, nothing that an erasure left out is in a file any more.
pub(super) fn clean_up(disk: &dyn Disk, current: u32) -> Result<(), VaultError> {
    remove_file(disk, Path::new(CURRENT_TEMP))?;
    for number in numbers(disk)?.into_iter().filter(|number| *number != current) {
        let dir = directory(number);
        for name in files(disk, number)? {
            remove_file(disk, &dir.join(name))?;
        }
        disk.sync_dir(&dir).map_err(disk_error("sync", &dir))?;
        match disk.remove_dir(&dir) {
            // Some disks leave it; there is nothing in it.
            Err(error) if error.kind() != ErrorKind::Unsupported => return Err(disk_error("remove", &dir)(error)),
            _ => {}
        }
    }
    disk.sync_dir(root()).map_err(disk_error("sync", root()))
}

fn remove_file(disk: &dyn Disk, path: &Path) -> Result<(), VaultError> {
    match disk.remove(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk_error("remove", path)(error)),
        _ => Ok(()),
    }
}

/// The numbers of all journals, whatever is in them.
fn numbers(disk: &dyn Disk) -> Result<Vec<u32>, VaultError> {
    let names = disk.list(root()).map_err(disk_error("list", root()))?;
    Ok(names.iter().filter_map(|name| number_of(name)).collect())
}

/// The number in a name, if the name is exactly of that form.
fn number_of(name: &str) -> Option<u32> {
    let number = name.strip_prefix(TOPIC)?.strip_prefix('-')?.parse().ok()?;
    (directory(number).as_os_str() == name).then_some(number)
}

fn files(disk: &dyn Disk, number: u32) -> Result<Vec<String>, VaultError> {
    let dir = directory(number);
    match disk.list(&dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        names => names.map_err(disk_error("list", &dir)),
    }
}

fn read_current(disk: &dyn Disk) -> Result<Option<u32>, VaultError> {
    let path = Path::new(CURRENT_FILE);
    let file = match disk.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(disk_error("open", path))?,
    };
    let mut bytes = [0; CURRENT_BYTES_MAX];
    let mut length = 0;
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(disk_error("read", path)(error)),
        }
    }
    let number = std::str::from_utf8(&bytes[..length]).ok().and_then(|text| number_of(text.strip_suffix('\n')?));
    number.map(Some).ok_or_else(|| VaultError::Misplaced { what: format!("{CURRENT_FILE} does not name a journal") })
}
