//! Erasing: whose records go, and the journal without them.
//!
//! Key and ciphertext of a person stand in the same journal, and a journal only grows, so erasing is writing the next journal without
//! the record, switching to it and removing the one before. What is promised is that the files are deleted; the blocks that they
//! stood on may hold the bytes until the file system uses them again. Overwriting them first would promise more than disks keep: a
//! copy-on-write file system or a flash disk writes elsewhere. Whoever minds uses an encrypted disk.
//!
//! Must never be true: a record is left out of the next journal that was not chosen, or an address is compared in any other place.

use std::sync::Arc;

use guichet_broker::config::MAX_BATCH_BYTES;
use guichet_broker::{BatchBuilder, Disk, Journal, JournalError, Trust};
use parking_lot::RwLock;
use rustc_hash::FxHashSet;

use super::kept::Kept;
use super::record::{RECORD_BYTES_MAX, Reference};
use super::writer::{NO_STAMP, RECORD_OVERHEAD_BYTES};
use super::{VaultError, places};

/// Records per batch of the next journal: about fourteen megabytes, so that syncs are few.
const BATCH_RECORDS_MAX: usize = 16 * 1_024;

const _: () = assert!((BATCH_RECORDS_MAX + 1) * (RECORD_BYTES_MAX + RECORD_OVERHEAD_BYTES) < MAX_BATCH_BYTES);

/// Whose records are meant. It is never printed: it may hold an address.
pub(crate) enum Whose {
    /// The one with this reference.
    Reference(Reference),
    /// All with this address, in whatever case it was written.
    Email(String),
}

/// The same address in one form. Letters of the local part could differ by case in theory; in practice they are one person.
fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Whose {
    /// The references of the records that are meant. Opens every record for an address, since nothing of it is stored in clear.
    pub(super) fn among(&self, kept: &Kept) -> Result<Vec<Reference>, VaultError> {
        match self {
            Self::Reference(reference) => Ok(kept.get(reference).map(|_| *reference).into_iter().collect()),
            Self::Email(email) => {
                let wanted = folded(email);
                let mut found = Vec::new();
                for (reference, sealed) in kept.iter() {
                    if folded(&sealed.open(reference)?.email) == wanted {
                        found.push(*reference);
                    }
                }
                Ok(found)
            }
        }
    }
}

/// Writes the journal of this number with every record but those that go, synced and checked as synced. The number must be free.
pub(super) fn rewrite(disk: &Arc<dyn Disk>, kept: &RwLock<Kept>, gone: &[Reference], number: u32) -> Result<Journal, JournalError> {
    let gone: FxHashSet<&Reference> = gone.iter().collect();
    let (mut journal, _) = Journal::open(Arc::clone(disk), places::config(number), Trust::Tail)?;
    // Readers share the lock, and nobody but this thread writes.
    let kept = kept.read();
    let mut batch = BatchBuilder::new(NO_STAMP);
    for (reference, sealed) in kept.iter().filter(|(reference, _)| !gone.contains(reference)) {
        batch.push(&sealed.encode(reference));
        if batch.len() == BATCH_RECORDS_MAX {
            journal.commit(std::mem::replace(&mut batch, BatchBuilder::new(NO_STAMP)).finish())?;
        }
    }
    if !batch.is_empty() {
        journal.commit(batch.finish())?;
    }
    journal.checkpoint()?;
    Ok(journal)
}
