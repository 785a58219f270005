//! One key, one answer: across repeats, failed commits and crashes, for as long as keys are remembered.

use std::collections::BTreeMap;

use guichet_domain::commands::{KeyLife, Request};
use guichet_domain::record::KeyHash;
use guichet_domain::{Record, Rejection};

/// No key is forgotten sooner than this after its answer, in milliseconds of logged time.
const KEPT_MS: u64 = 24 * 60 * 60 * 1_000;

struct Known {
    fingerprint: u64,
    offset: u64,
    stamp_unix_ms: u64,
    for_ever: bool,
}

/// What was answered to every key.
#[derive(Default)]
pub(super) struct Keys {
    known: BTreeMap<KeyHash, Known>,
}

impl Keys {
    pub(super) fn answered(&mut self, request: &Request, offset: u64, stamp_unix_ms: u64, record: &Record) -> Result<(), String> {
        let Some(stamp) = request.key else { return Ok(()) };
        let known = self.known.get(&stamp.key);
        if let Record::Refused { key: None, rejection: Rejection::IdempotencyKeyReused } = record {
            // Without an answer that reached anybody there may be one that did not.
            let same = known.is_some_and(|known| known.fingerprint == stamp.fingerprint);
            return if same { Err(format!("a repeat was taken for another request: {request:?}")) } else { Ok(()) };
        }
        if record.key() != Some(stamp) {
            return Err(format!("a request was given the answer of another, {record:?}, at offset {offset}: {request:?}"));
        }
        if let Some(known) = known {
            let forgotten = !known.for_ever && stamp_unix_ms.saturating_sub(known.stamp_unix_ms) >= KEPT_MS;
            if known.fingerprint != stamp.fingerprint && !forgotten {
                return Err(format!("a key was taken for a second request, {request:?}: {record:?}"));
            }
            if known.offset != offset && !forgotten {
                return Err(format!("a key was answered at offset {} and now at {offset}: {request:?}", known.offset));
            }
        }
        let accepted = matches!(record, Record::Accepted { .. });
        let for_ever = accepted && request.command.kind().2 == KeyLife::Kept;
        self.known.insert(stamp.key, Known { fingerprint: stamp.fingerprint, offset, stamp_unix_ms, for_ever });
        Ok(())
    }
}
