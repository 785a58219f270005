//! What the machine lets a server have.

use rustix::process::{Resource, getrlimit};

use super::findings::Findings;

/// Each connection is a file, and the server has some of its own.
const FILES_MIN: u64 = 4_096;
/// The engine with a large hall and its followers.
const MEMORY_MIN: u64 = 512 << 20;

pub(super) fn check(findings: &mut Findings) {
    let files = getrlimit(Resource::Nofile).current;
    match files {
        Some(files) if files < FILES_MIN => findings.warning(
            "limits",
            format_args!("{files} open files: at most that many connections"),
            "raise it with `ulimit -n 65536`, or LimitNOFILE in the systemd unit",
        ),
        Some(files) => findings.fine("limits", format_args!("{files} open files")),
        None => findings.fine("limits", "any number of open files"),
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores < 2 {
        findings.warning("machine", "one core: what decides and what writes wait for each other", "give it two");
    } else {
        findings.fine("machine", format_args!("{cores} cores"));
    }
    match available_memory() {
        Some(bytes) if bytes < MEMORY_MIN => {
            let found = format!("{} MB of memory are available", bytes >> 20);
            findings.warning("machine", found, "give it half a GB at least; a large hall with many holds takes more");
        }
        Some(bytes) => findings.fine("machine", format_args!("{} MB of memory are available", bytes >> 20)),
        None => {}
    }
}

/// As the kernel estimates it.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
