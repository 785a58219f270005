//! The clock: holds end by it.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::findings::Findings;

const ABOUT: &str = "clock";
/// Nothing of this program is older: 1 January 2026.
const EARLIEST: Duration = Duration::from_secs(1_767_225_600);
/// Between machines that are synchronised.
const TOLERANCE: Duration = Duration::from_secs(60);
/// Made by what keeps clocks right, when it does.
const SYNCHRONISED: &[&str] = &["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid"];

pub(super) fn check(data: &Path, findings: &mut Findings) {
    let now = SystemTime::from(Timestamp::now());
    if now < SystemTime::UNIX_EPOCH + EARLIEST {
        return findings.problem(ABOUT, "it is before 2026 here", "set the clock, and let NTP keep it");
    }
    if let Some(newest) = newest(data).filter(|newest| *newest > now + TOLERANCE) {
        let ahead = newest.duration_since(now).unwrap_or_default().as_secs();
        let found = format!("the journal was written {ahead} s from now: the clock has gone back");
        return findings.problem(ABOUT, found, "set the clock; until it is there again, no hold ends by itself");
    }
    if SYNCHRONISED.iter().any(|path| Path::new(path).exists()) {
        findings.fine(ABOUT, "kept by NTP");
    } else {
        findings.warning(
            ABOUT,
            "nothing here says that the clock is kept by NTP",
            "let systemd-timesyncd or chrony keep it, unless the host does",
        );
    }
}

/// When anything of any partition was written last.
fn newest(data: &Path) -> Option<SystemTime> {
    let partitions = fs::read_dir(data).ok()?.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("journal-"));
    let files = partitions.flat_map(|partition| fs::read_dir(partition.path()).into_iter().flatten().flatten());
    files.filter_map(|file| file.metadata().ok()?.modified().ok()).max()
}
