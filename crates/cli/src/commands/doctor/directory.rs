//! The data directory: whether there is one, whose it is, and of which version.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use guichet_core::OpenError;
use guichet_core::directory::read_manifest;

use super::findings::Findings;

const ABOUT: &str = "directory";

pub(super) fn check(data: &Path, findings: &mut Findings) {
    let shown = data.display();
    let metadata = match fs::metadata(data) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return findings.fine(ABOUT, format_args!("{shown} is not there yet; `guichet serve` makes it"));
        }
        Err(error) => return findings.problem(ABOUT, format_args!("{shown} cannot be looked at: {error}"), "--data DIR names another one"),
    };
    match read_manifest(data) {
        Ok(Some(manifest)) => {
            findings.fine(ABOUT, format_args!("{shown} has {} partitions, in this program's format", manifest.partitions));
        }
        Ok(None) => findings.fine(ABOUT, format_args!("{shown} has no data yet")),
        Err(error @ OpenError::OtherVersion { .. }) => {
            findings.problem(ABOUT, error, "start it with the program that made it, or name another directory with --data");
        }
        Err(error) => findings.problem(ABOUT, error, "restore a copy that was taken while the server was stopped"),
    }
    for (name, private) in [("", 0o700), ("secrets", 0o600)] {
        let path = data.join(name);
        let mode = if name.is_empty() {
            Some(metadata.permissions().mode())
        } else {
            fs::metadata(&path).ok().map(|file| file.permissions().mode())
        };
        if mode.is_some_and(|mode| mode & 0o077 != 0) {
            let found = format!("others on this machine can read {}", path.display());
            findings.warning(ABOUT, found, format_args!("chmod {private:o} {}", path.display()));
        }
    }
    let lock = data.join("lock");
    if let Ok(file) = File::open(&lock)
        && let Err(TryLockError::WouldBlock) = file.try_lock_shared()
    {
        let pid = fs::read_to_string(&lock).unwrap_or_default();
        findings.fine(ABOUT, format_args!("in use by process {}", pid.trim()));
    }
}
