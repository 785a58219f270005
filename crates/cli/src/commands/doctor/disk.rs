//! The disk: what kind it is, what is left of it, and how long it takes to make something durable.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use guichet_core::Durability;
use rustix::fs::{statfs, statvfs};

use super::findings::Findings;

const ABOUT: &str = "disk";
/// Below this, the next on-sale may fill it: a hundred thousand orders take a tenth of it.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// Times that something is made durable.
const SYNCS: usize = 25;
/// No disk that keeps what it says takes less.
const SYNC_TOO_FAST: Duration = Duration::from_micros(15);
/// Above it, every buyer waits noticeably.
const SYNC_SLOW: Duration = Duration::from_millis(20);
/// File systems by the numbers that the kernel gives them.
const TMPFS: i64 = 0x0102_1994;
const RAMFS: i64 = 0x8584_58f6;
const NFS: i64 = 0x6969;
const CIFS: i64 = 0xff53_4d42;
const SMB2: i64 = 0xfe53_4d42;

pub(super) fn check(data: &Path, durability: Durability, findings: &mut Findings) {
    let Some(place) = nearest(data) else {
        return findings.problem(ABOUT, format_args!("nothing on the way to {} is there", data.display()), "--data DIR names another one");
    };
    kind(&place, durability, findings);
    room(&place, findings);
    match sync_time(&place) {
        Ok(took) => speed(took, durability, findings),
        Err(error) => {
            let found = format!("{} cannot be written: {error}", place.display());
            findings.problem(ABOUT, found, "let this user write there, or name another directory with --data");
        }
    }
}

/// The directory, or what of the way to it is there.
fn nearest(data: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(data).ok()?;
    absolute.ancestors().find(|path| path.is_dir()).map(Path::to_owned)
}

fn kind(place: &Path, durability: Durability, findings: &mut Findings) {
    let Ok(stat) = statfs(place) else { return };
    #[allow(clippy::unnecessary_cast, clippy::cast_possible_wrap, reason = "its type is another one on each system")]
    let kind = stat.f_type as i64;
    match kind {
        TMPFS | RAMFS if durability == Durability::Fsync => findings.problem(
            ABOUT,
            format_args!("{} is in memory: a restart of the machine loses everything", place.display()),
            "name a directory on a disk with --data",
        ),
        NFS | CIFS | SMB2 => findings.warning(
            ABOUT,
            format_args!("{} is on another machine, where a lock or an fsync may promise less than here", place.display()),
            "use a local disk",
        ),
        _ => {}
    }
}

fn room(place: &Path, findings: &mut Findings) {
    let Ok(stat) = statvfs(place) else { return };
    let (free, whole) = (stat.f_bavail * stat.f_frsize, stat.f_blocks * stat.f_frsize);
    let found = format!("{} of {} GB are free", gigabytes(free), gigabytes(whole));
    if free < FREE_BYTES_MIN {
        findings.problem(ABOUT, found, "make room: a journal that cannot be written stops its partition");
    } else if free < whole / 10 {
        findings.warning(ABOUT, found, "make room before the next on-sale");
    } else {
        findings.fine(ABOUT, found);
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e9)
}

/// The median time to make 4 KiB durable.
fn sync_time(place: &Path) -> io::Result<Duration> {
    let path = place.join(format!(".guichet-doctor-{}", std::process::id()));
    let measured = File::create_new(&path).and_then(|mut file| {
        let mut took = Vec::with_capacity(SYNCS);
        for _ in 0..SYNCS {
            let started = Instant::now();
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&[0x5a; 4_096])?;
            file.sync_data()?;
            took.push(started.elapsed());
        }
        took.sort_unstable();
        Ok(took[SYNCS / 2])
    });
    fs::remove_file(&path)?;
    measured
}

fn speed(took: Duration, durability: Durability, findings: &mut Findings) {
    let found = format!("4 KiB are durable after {:.2} ms", took.as_secs_f64() * 1e3);
    if durability == Durability::Os {
        findings.warning(
            ABOUT,
            format_args!("{found}, but durability is os: a crash of the machine may lose what was sold"),
            "set durability to fsync",
        );
    } else if took < SYNC_TOO_FAST {
        findings.warning(
            ABOUT,
            format_args!("{found}, faster than a disk can be: it may say so without doing so"),
            "ask whoever runs the disk whether fsync reaches it",
        );
    } else if took > SYNC_SLOW {
        findings.warning(
            ABOUT,
            format_args!("{found}: every answer waits that long"),
            "use a faster disk, best one with a protected cache",
        );
    } else {
        findings.fine(ABOUT, found);
    }
}
