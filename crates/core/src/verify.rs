//! Recounts everything from the journal with the independent checker, and compares the read model with it.

use std::path::Path;
use std::sync::Arc;

use guichet_audit::{Audit, Report, ShowCounts};
use guichet_broker::{Disk, Durability, FsDisk, JournalError, verify_partition};
use guichet_domain::ShowId;
use guichet_domain::inventory::{Inventory, SeatState};

use crate::codec;
use crate::engine::{Guichet, OpenError, directory, journal_config};
use crate::feed::Feed;
use crate::shard::RecoverError;

/// For reading, any size of segment will do; this is the largest that a journal can have.
const SEGMENT_BYTES_MAX: u64 = 1 << 31;

/// What a check found.
#[derive(Debug)]
pub struct Verification {
    /// One report for each partition.
    pub reports: Vec<Report>,
    /// Where the read model differs from the journal.
    pub differences: Vec<String>,
    /// A journal that ends in a write that was cut short, which the next start removes; one sentence for each.
    pub torn: Vec<String>,
}

impl Verification {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.differences.is_empty() && self.reports.iter().all(|report| report.is_clean())
    }

    /// Events checked.
    #[must_use]
    pub fn checked_events(&self) -> u64 {
        self.reports.iter().map(|report| report.events_checked).sum()
    }

    /// Places that two buyers were given.
    #[must_use]
    pub fn oversold(&self) -> u64 {
        self.reports.iter().map(|report| report.oversold).sum()
    }

    /// Refusals that were not true when they were given.
    #[must_use]
    pub fn false_refusals(&self) -> u64 {
        self.reports.iter().map(|report| report.false_refusals).sum()
    }
}

/// Why a check could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The directory cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A journal is damaged or holds what cannot be read.
    #[error(transparent)]
    Journal(#[from] RecoverError),
}

impl From<JournalError> for VerifyError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.into())
    }
}

impl VerifyError {
    /// Whether data is damaged.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Open(error) => error.is_damage(),
            Self::Journal(RecoverError::Journal(error)) => error.is_damage(),
            Self::Journal(RecoverError::Record { .. }) => true,
        }
    }
}

impl Guichet {
    /// Checks everything that is durable by now, while the engine goes on.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn verify(&self) -> Result<Verification, VerifyError> {
        let engine = self.clone();
        let checked = tokio::task::spawn_blocking(move || engine.verify_blocking()).await;
        checked.map_err(|error| OpenError::System { what: "a thread", source: std::io::Error::other(error) })?
    }

    fn verify_blocking(&self) -> Result<Verification, VerifyError> {
        let (mut reports, mut differences) = (Vec::new(), Vec::new());
        for (feed, counted) in self.counted() {
            let report = audit_feed(&feed, counted.next_offset)?.finish();
            for (show, seen) in counted.shows {
                let expected = report.shows.get(&show).map(ShowCount::of_report);
                if expected.as_ref() != Some(&seen) {
                    differences.push(format!("show {show}: the read model counts {seen:?}, the journal gives {expected:?}"));
                }
            }
            reports.push(report);
        }
        Ok(Verification { reports, differences, torn: Vec::new() })
    }
}

/// What the read model counts at one position.
pub(crate) struct Counted {
    pub(crate) next_offset: u64,
    pub(crate) shows: Vec<(ShowId, ShowCount)>,
}

/// One show in numbers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShowCount {
    pub(crate) seats_held: u64,
    pub(crate) seats_booked: u64,
    /// Held and booked, quota by quota.
    pub(crate) quotas: Vec<(u64, u64)>,
}

impl ShowCount {
    fn of_report(show: &ShowCounts) -> Self {
        let quotas = show.quotas.iter().map(|quota| (quota.held, quota.booked)).collect();
        Self { seats_held: show.seats_held, seats_booked: show.seats_booked, quotas }
    }

    pub(crate) fn of_inventory(inventory: &Inventory) -> Self {
        let count = |state: SeatState| (0..inventory.seats.len()).filter(|seat| inventory.seats.get(*seat) == state).count() as u64;
        let quotas = inventory.quotas.iter().map(|quota| (u64::from(quota.held), u64::from(quota.booked))).collect();
        Self { seats_held: count(SeatState::Held), seats_booked: count(SeatState::Booked), quotas }
    }
}

fn audit_feed(feed: &Arc<Feed>, end: u64) -> Result<Audit, RecoverError> {
    let mut audit = Audit::new(feed.partition());
    let mut next = 0;
    while next < end {
        let Some(batch) = feed.batch_at(next)? else { break };
        for (offset, record) in &batch.records {
            audit.record(*offset, batch.stamp_unix_ms, record);
        }
        next = batch.next_offset;
    }
    Ok(audit)
}

/// Checks a directory that no engine has open; changes nothing.
///
/// # Errors
/// When the directory cannot be read or a journal is damaged.
pub fn verify_directory(path: &Path) -> Result<Verification, VerifyError> {
    let manifest = directory::read_manifest(path)?.ok_or_else(|| OpenError::Directory {
        path: path.to_owned(),
        source: std::io::Error::new(std::io::ErrorKind::NotFound, "there is no Guichet data here"),
    })?;
    let disk: Arc<dyn Disk> = Arc::new(FsDisk::open_root(path).map_err(directory::unusable(path))?);
    let (mut reports, mut torn) = (Vec::new(), Vec::new());
    for partition in 0..manifest.partitions {
        let config = journal_config(partition, SEGMENT_BYTES_MAX, Durability::Fsync);
        let mut audit = Audit::new(partition);
        let mut verifier = verify_partition(Arc::clone(&disk), &config)?;
        for verified in verifier.by_ref() {
            let batch = verified?.batch;
            for (offset, bytes) in batch.records() {
                let record = codec::decode_record(bytes).map_err(|source| RecoverError::Record { partition, offset, source })?;
                audit.record(offset, batch.stamp_unix_ms(), &record);
            }
        }
        if let Some(cut) = verifier.summary().and_then(|summary| summary.torn) {
            torn.push(format!("partition {partition} ends in a write that was cut short at offset {}: {}", cut.offset, cut.reason));
        }
        reports.push(audit.finish());
    }
    Ok(Verification { reports, differences: Vec::new(), torn })
}
