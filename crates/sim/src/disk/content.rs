//! One file: what reads see, what the platter has, and the changes between the two, in order.

use crate::rng::Rng;

/// What a disk writes at once or not at all.
const SECTOR_BYTES: usize = 512;

/// A change that is not synced.
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

/// Contents of a file.
#[derive(Default)]
pub(super) struct Content {
    /// The page cache.
    seen: Vec<u8>,
    /// The platter.
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

fn put(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    let end = at + what.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(what);
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes: what } => put(bytes, *at, what),
            Self::Truncate { len } => bytes.resize(*len, 0),
        }
    }

    /// Wholly, partly or not at all; true when it was torn.
    fn apply_by_chance(&self, bytes: &mut Vec<u8>, rng: &mut Rng) -> bool {
        match (rng.below(3), self) {
            (0, _) => false,
            (2, Self::Write { at, bytes: what }) => {
                if rng.one_of(2) {
                    put(bytes, *at, &what[..rng.index(what.len() + 1)]);
                    return true;
                }
                // Sectors reach the platter in any order.
                let (mut from, end) = (*at, at + what.len());
                while from < end {
                    let to = ((from / SECTOR_BYTES + 1) * SECTOR_BYTES).min(end);
                    if rng.one_of(2) {
                        put(bytes, from, &what[from - at..to - at]);
                    }
                    from = to;
                }
                true
            }
            _ => {
                self.apply(bytes);
                false
            }
        }
    }
}

impl Content {
    pub(super) fn seen(&self) -> &[u8] {
        &self.seen
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.unsynced.push(change);
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        self.change(Change::Write { at, bytes: bytes.to_vec() });
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.change(Change::Truncate { len });
    }

    /// Everything reaches the platter, but for what an earlier failed sync has lost: there it has zeros, under the right size.
    pub(super) fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            change.apply(&mut self.durable);
        }
        self.durable.resize(self.seen.len(), 0);
    }

    /// A sync that failed, as Linux has it: some of it reached the platter, the rest is called clean and never will. Reads see all of
    /// it until the machine crashes. Returns how many writes were torn.
    pub(super) fn fail_sync(&mut self, rng: &mut Rng) -> u64 {
        let durable = &mut self.durable;
        self.unsynced.drain(..).map(|change| u64::from(change.apply_by_chance(durable, rng))).sum()
    }

    /// The machine crashes: what was not synced may have reached the platter, each write for itself. Returns how many were torn.
    pub(super) fn crash(&mut self, rng: &mut Rng) -> u64 {
        let torn = self.fail_sync(rng);
        self.seen.clone_from(&self.durable);
        torn
    }

    /// One bit turns over by itself; false when there is none.
    pub(super) fn rot(&mut self, rng: &mut Rng) -> bool {
        if self.seen.is_empty() {
            return false;
        }
        let (at, bit) = (rng.index(self.seen.len()), 1 << rng.index(8));
        self.seen[at] ^= bit;
        if let Some(byte) = self.durable.get_mut(at) {
            *byte ^= bit;
        }
        true
    }

    /// Whether these bytes are as durable as they are visible.
    pub(super) fn is_durable(&self, from: usize, to: usize) -> bool {
        let touches = |change: &Change| match change {
            Change::Write { at, bytes } => *at < to && from < at + bytes.len(),
            Change::Truncate { len } => *len < to,
        };
        let same = match (self.durable.get(from..to), self.seen.get(from..to)) {
            (Some(durable), Some(seen)) => durable == seen,
            _ => false,
        };
        same && !self.unsynced.iter().any(touches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synced_byte_never_changes_and_an_unsynced_one_may() {
        let (mut kept, mut lost, mut torn) = (0, 0, 0);
        for seed in 0..200 {
            let mut content = Content::default();
            content.write(0, &[1; 1_000]);
            content.sync();
            content.write(1_000, &[2; 3_000]);
            assert!(content.is_durable(0, 1_000) && !content.is_durable(0, 1_001) && !content.is_durable(999, 4_000));
            content.crash(&mut Rng::new(seed));
            assert_eq!(content.seen()[..1_000], [1; 1_000]);
            let twos = content.seen().iter().filter(|byte| **byte == 2).count();
            match twos {
                0 => lost += 1,
                3_000 => kept += 1,
                _ => torn += 1,
            }
        }
        assert!(kept > 20 && lost > 20 && torn > 20, "{kept} {lost} {torn}");
    }

    #[test]
    fn what_a_failed_sync_lost_is_seen_until_the_crash_and_no_later_sync_brings_it_back() {
        let mut zeros = 0;
        for seed in 0..50 {
            let rng = &mut Rng::new(seed);
            let mut content = Content::default();
            content.write(0, &[7; 100]);
            content.fail_sync(rng);
            assert_eq!(content.seen(), [7; 100]);
            content.sync();
            content.crash(rng);
            assert_eq!(content.seen().len(), 100);
            zeros += u32::from(content.seen().iter().all(|byte| *byte == 0));
        }
        assert!(zeros > 5, "{zeros}");
    }

    #[test]
    fn writing_the_same_bytes_again_cannot_hurt_them() {
        for seed in 0..50 {
            let mut content = Content::default();
            content.write(0, &[3; 2_000]);
            content.sync();
            content.write(100, &[3; 1_500]);
            content.crash(&mut Rng::new(seed));
            assert_eq!(content.seen(), [3; 2_000]);
        }
    }

    #[test]
    fn a_truncation_is_lost_or_kept() {
        let mut lens: Vec<usize> = Vec::new();
        for seed in 0..20 {
            let mut content = Content::default();
            content.write(0, &[3; 20]);
            content.sync();
            content.truncate(5);
            assert_eq!(content.seen().len(), 5);
            content.crash(&mut Rng::new(seed));
            lens.push(content.seen().len());
        }
        lens.sort_unstable();
        lens.dedup();
        assert_eq!(lens, [5, 20]);
    }
}
