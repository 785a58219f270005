//! Which idempotency keys are known, and until when.
//!
//! An entry is the key's hash, the command's fingerprint and the offset of its outcome: 32 bytes. The answer itself is not kept here,
//! it is read back from the journal at that offset.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::record::{KeyHash, KeyStamp};

/// How long a hold's key stays known after the hold has ended, logged time.
pub const RETENTION_MS: u64 = 24 * 60 * 60 * 1_000;

/// What a key says about a command that comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    New,
    /// With this very command; the outcome is there.
    Same {
        /// Offset of the outcome record.
        offset: u64,
    },
    /// With another command.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    fingerprint: u64,
    offset: u64,
}

/// Tables that share the keys by their first byte. One large table would stop the shard when it doubles; these double one by one.
const TABLES: usize = 256;

/// The known keys of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dedup {
    tables: Vec<FxHashMap<KeyHash, Entry>>,
    /// Keys with an end, in the order of their ends: each enters with the same retention on a clock that never goes back.
    leaving: VecDeque<(u64, KeyHash)>,
}

impl Default for Dedup {
    fn default() -> Self {
        Self { tables: vec![FxHashMap::default(); TABLES], leaving: VecDeque::new() }
    }
}

impl Dedup {
    fn table(&mut self, key: KeyHash) -> &mut FxHashMap<KeyHash, Entry> {
        &mut self.tables[usize::from(key.0[0])]
    }

    /// Looks a key up.
    #[must_use]
    pub fn look(&self, stamp: KeyStamp) -> Seen {
        match self.tables[usize::from(stamp.key.0[0])].get(&stamp.key) {
            None => Seen::New,
            Some(entry) if entry.fingerprint == stamp.fingerprint => Seen::Same { offset: entry.offset },
            Some(_) => Seen::Other,
        }
    }

    /// Remembers a key and its outcome.
    pub fn remember(&mut self, stamp: KeyStamp, offset: u64) {
        self.table(stamp.key).insert(stamp.key, Entry { fingerprint: stamp.fingerprint, offset });
    }

    /// Lets a key go when the retention has passed.
    pub fn leave(&mut self, key: KeyHash, now_unix_ms: u64) {
        self.leaving.push_back((now_unix_ms + RETENTION_MS, key));
    }

    /// Forgets the keys whose time has come.
    pub fn forget_until(&mut self, now_unix_ms: u64) {
        while let Some((_, key)) = self.leaving.pop_front_if(|(at, _)| *at <= now_unix_ms) {
            self.table(key).remove(&key);
        }
    }

    /// Every known key with the offset of its outcome, table by table: whoever puts them back in this order works on one small table
    /// at a time.
    pub fn tables(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = (KeyStamp, u64)>> {
        self.tables
            .iter()
            .map(|table| table.iter().map(|(key, entry)| (KeyStamp { key: *key, fingerprint: entry.fingerprint }, entry.offset)))
    }

    /// The keys that have an end, in the order of their ends.
    pub fn leaving(&self) -> impl ExactSizeIterator<Item = (u64, KeyHash)> {
        self.leaving.iter().copied()
    }

    /// Makes room for so many keys that begin with this byte, all at once.
    pub fn make_room(&mut self, first_byte: u8, keys: usize) {
        self.tables[usize::from(first_byte)].reserve(keys);
    }

    /// Sets the keys that have an end, as [`Dedup::leaving`] gave them.
    pub fn set_leaving(&mut self, leaving: VecDeque<(u64, KeyHash)>) {
        self.leaving = leaving;
    }

    /// How many keys are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(FxHashMap::len).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(key: u8, fingerprint: u64) -> KeyStamp {
        KeyStamp { key: KeyHash([key; 16]), fingerprint }
    }

    #[test]
    fn a_key_lives_from_its_command_to_the_end_of_its_retention() {
        let mut dedup = Dedup::default();
        assert_eq!(dedup.look(stamp(1, 7)), Seen::New);
        dedup.remember(stamp(1, 7), 42);
        assert_eq!(dedup.look(stamp(1, 7)), Seen::Same { offset: 42 });
        assert_eq!(dedup.look(stamp(1, 8)), Seen::Other);
        dedup.leave(KeyHash([1; 16]), 1_000);
        dedup.forget_until(1_000 + RETENTION_MS - 1);
        assert_eq!(dedup.look(stamp(1, 7)), Seen::Same { offset: 42 });
        dedup.forget_until(1_000 + RETENTION_MS);
        assert_eq!(dedup.look(stamp(1, 7)), Seen::New);
    }
}
