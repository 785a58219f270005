//! The journal's record codec: compact, laid out by hand, versioned.
//!
//! A record is a version byte, a kind byte and the fields of that kind, as `layout` describes. Every value has exactly one form, so a
//! record that decodes encodes to the same bytes again. Nothing here depends on the order of variants or fields in the domain, and
//! nothing allocates while encoding but the buffer itself.
//!
//! What is in a journal stays readable for ever. Whatever changes the layout (a new event or rejection included) raises [`VERSION`]
//! and leaves the reading of all earlier versions in place: an older program then says that it is older, and does not call the
//! journal damaged. The golden files under `tests/golden/` hold every version to its bytes.

mod command;
mod event;
pub(crate) mod layout;
mod rejection;
mod saga;
mod seating;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

use guichet_domain::record::KeyHash;
use guichet_domain::{Event, KeyStamp, Record, Rejection};

pub use command::fingerprint;
pub(crate) use layout::{Wire, layout};
pub(crate) use wire::{Reader, Writer};

/// The version that this program writes, and the newest that it reads.
pub const VERSION: u8 = 1;

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Damaged, or never a record.
    #[error("not a record: {what}, at byte {at}")]
    Malformed {
        /// Where, counted from the start of the record.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Written by a later version of this program.
    #[error(
        "the record has version {version}, this program reads up to {VERSION}: it is older than the journal; use the program that wrote it"
    )]
    Newer {
        /// The record's version.
        version: u8,
    },
}

/// Appends a record.
pub fn encode_record(record: &Record, out: &mut Vec<u8>) {
    let mut writer = Writer::new(out);
    writer.u8(VERSION);
    record.put(&mut writer);
}

/// Reads a record, which must be all of `bytes`.
///
/// # Errors
/// [`CodecError::Newer`] when a later program wrote it, [`CodecError::Malformed`] for everything else that is not exactly one record.
pub fn decode_record(bytes: &[u8]) -> Result<Record, CodecError> {
    let mut reader = Reader::new(bytes);
    reader.version()?;
    let record = Record::get(&mut reader)?;
    reader.end()?;
    Ok(record)
}

layout!(enum Record, "unknown kind of record" {
    1 = Accepted { key: Option<KeyStamp>, events: Vec<Event> },
    2 = Refused { key: Option<KeyStamp>, rejection: Rejection },
    3 = Timely { events: Vec<Event> },
});

/// The hash of the key, then the fingerprint in eight bytes: it is a hash too, and would only grow as a varint.
impl Wire for KeyStamp {
    const BYTES_MIN: usize = 24;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        let Self { key: KeyHash(hash), fingerprint } = self;
        writer.array(hash);
        writer.array(&fingerprint.to_be_bytes());
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self { key: KeyHash(reader.array()?), fingerprint: u64::from_be_bytes(reader.array()?) })
    }
}
