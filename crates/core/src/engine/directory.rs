//! The data directory: its format, its number of partitions, and how a file of it is replaced.
//!
//! `format` is text and written once, when the directory is made:
//!
//! ```text
//! guichet 6
//! partitions <shows and the catalogue>
//! incarnation <of every id>
//! check <BLAKE3 of everything above, 64 hexadecimal digits>
//! ```
//!
//! It and the secrets are written to the side, synced and renamed, so a crash leaves either what was there or all of the new. Must never
//! be true: a directory that has lost its manifest, or a digit of it, is opened with another number of partitions.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::checked::{with_check, without_check};
use super::error::OpenError;

/// The format of directories that this program makes and reads.
pub const FORMAT: u32 = 6;

const FORMAT_FILE: &str = "format";
/// Made after the manifest and the secrets: where it is, there have been some.
const FIRST_JOURNAL: &str = "journal-0";

/// What a directory says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Partitions, the catalogue included.
    pub partitions: u16,
    /// Which life of the data this is; part of every id. A restore begins a new one.
    pub incarnation: u16,
}

pub(crate) fn unusable(path: &Path) -> impl FnOnce(std::io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Directory { path, source }
}

/// Makes the directory if need be; fails early and clearly when it cannot be written.
pub(crate) fn prepare(directory: &Path) -> Result<(), OpenError> {
    // Buyers' details and keys are in it: nobody else reads it.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unusable(directory))?;
    let probe = directory.join(".probe");
    fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(unusable(directory))
}

/// What the directory says, if anything.
///
/// # Errors
/// When it was made by another version, or is damaged.
pub fn read_manifest(directory: &Path) -> Result<Option<Manifest>, OpenError> {
    let path = directory.join(FORMAT_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpenError::Directory { path, source }),
    };
    let damaged = |what: &str| OpenError::DamagedFile { path: path.clone(), what: what.to_owned() };
    // The version first: nothing else is known of a file of another one.
    match text.lines().next().and_then(|line| line.split_once(' ')) {
        Some(("guichet", format)) if format.parse() == Ok(FORMAT) => {}
        Some(("guichet", format)) => {
            return Err(OpenError::OtherVersion { path: directory.to_owned(), found: format.to_owned(), expected: FORMAT });
        }
        _ => return Err(damaged("it does not begin with \"guichet\" and a number")),
    }
    let body = without_check(&text).map_err(damaged)?;
    let (mut partitions, mut incarnation) = (None, None);
    for (name, value) in body.lines().skip(1).filter_map(|line| line.split_once(' ')) {
        match name {
            "partitions" => partitions = value.parse().ok(),
            "incarnation" => incarnation = value.parse().ok(),
            _ => return Err(damaged("it has a field that this program does not know")),
        }
    }
    match (partitions, incarnation) {
        (Some(partitions), Some(incarnation)) if partitions >= 2 => Ok(Some(Manifest { partitions, incarnation })),
        _ => Err(damaged("the number of partitions or the incarnation is missing")),
    }
}

/// Reads the manifest, or writes a new one.
pub(crate) fn manifest(directory: &Path, show_partitions: u16) -> Result<Manifest, OpenError> {
    if let Some(manifest) = read_manifest(directory)? {
        return Ok(manifest);
    }
    if has_journal(directory) {
        let what = "it is missing, and there is a journal that was written with it".to_owned();
        return Err(OpenError::DamagedFile { path: directory.join(FORMAT_FILE), what });
    }
    let incarnation = u16::from_be_bytes(random::<2>()?) & 0x0fff;
    let manifest = Manifest { partitions: show_partitions + 1, incarnation };
    let text = format!("guichet {FORMAT}\npartitions {}\nincarnation {}\n", manifest.partitions, manifest.incarnation);
    write_aside(directory, FORMAT_FILE, with_check(&text).as_bytes())?;
    Ok(manifest)
}

/// Whether somebody has begun to write a journal here.
pub(super) fn has_journal(directory: &Path) -> bool {
    directory.join(FIRST_JOURNAL).exists()
}

/// Replaces a file of the directory, or makes it; only its owner may read it. When it returns, the new file is durable; a crash before
/// that leaves the file before or the new one, never a mixture.
pub(super) fn write_aside(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), OpenError> {
    let (aside, path): (PathBuf, PathBuf) = (directory.join(format!("{name}.new")), directory.join(name));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        // What an earlier crash left there keeps its own mode otherwise.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, &path)?;
        fs::File::open(directory)?.sync_all()
    };
    write().map_err(unusable(directory))
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| OpenError::System { what: "randomness", source: error.into() })?;
    Ok(bytes)
}
