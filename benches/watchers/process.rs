//! What the operating system says of a process.

use std::time::Duration;

use anyhow::Context;

/// Ticks of the CPU accounting in a second, on every Linux that is common.
const TICKS_PER_SECOND: u64 = 100;
const PAGE_BYTES: u64 = 4_096;

/// CPU that a process has used.
pub(crate) fn cpu(process: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is a name in brackets, which may have blanks.
    let (_, fields) = stat.rsplit_once(')').context("stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// Resident memory of a process.
pub(crate) fn resident(process: u32) -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm"))?;
    let pages: u64 = statm.split_whitespace().nth(1).context("statm has no second field")?.parse()?;
    Ok(pages * PAGE_BYTES)
}

/// What the kernel keeps for all TCP connections of the machine.
pub(crate) fn kernel_tcp_bytes() -> anyhow::Result<u64> {
    let sockets = std::fs::read_to_string("/proc/net/sockstat")?;
    let tcp = sockets.lines().find(|line| line.starts_with("TCP:")).context("sockstat has no line of TCP")?;
    let pages: u64 = tcp.split_whitespace().skip_while(|field| *field != "mem").nth(1).context("no memory of TCP")?.parse()?;
    Ok(pages * PAGE_BYTES)
}
