//! What has been kept and is durable, in memory: by reference for whoever reads, by lookup for whoever keeps.
//!
//! Must never be true: a lookup leads to a reference that is not here, or something is here that is not durable.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::record::{Lookup, Reference, Sealed};

/// All records. References are random and lookups are keyed hashes, so a fast hasher cannot be attacked through them.
#[derive(Default)]
pub(super) struct Kept {
    by_reference: FxHashMap<Reference, Sealed>,
    by_lookup: FxHashMap<Lookup, Reference>,
}

impl Kept {
    /// One more record.
    pub(super) fn insert(&mut self, reference: Reference, sealed: Sealed) {
        self.by_lookup.insert(sealed.lookup, reference);
        self.by_reference.insert(reference, sealed);
    }

    /// The reference of details that are here already.
    pub(super) fn reference_of(&self, lookup: &Lookup) -> Option<Reference> {
        self.by_lookup.get(lookup).copied()
    }

    /// The record of a reference.
    pub(super) fn get(&self, reference: &Reference) -> Option<&Sealed> {
        self.by_reference.get(reference)
    }

    /// All records, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Reference, &Sealed)> {
        self.by_reference.iter()
    }

    /// Takes records away.
    pub(super) fn remove(&mut self, references: &[Reference]) {
        for reference in references {
            let Some(sealed) = self.by_reference.remove(reference) else { continue };
            // After a change of the directory's secret the same details may stand here twice, each with a lookup of its own.
            if let Entry::Occupied(place) = self.by_lookup.entry(sealed.lookup)
                && place.get() == reference
            {
                place.remove();
            }
        }
    }
}
