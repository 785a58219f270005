//! The bytes of one person: details, sealed details, record.
//!
//! | bytes of a record | what |
//! |---|---|
//! | 0 | version, 2 (1 was in no release) |
//! | 1..17 | reference, random |
//! | 17..33 | lookup: keyed hash of the details |
//! | 33..65 | key, random |
//! | 65..77 | nonce, random |
//! | 77.. | details sealed with ChaCha20-Poly1305 (RFC 8439), the tag of 16 bytes last |
//!
//! Details are the length of the e-mail address as a big-endian `u16`, the address and the name, in UTF-8. Their bytes also make the
//! lookup, so their form must never change, not even with a new record version. What stands before the key is authenticated with the
//! details: a record moved to another reference, or found by another lookup, does not open.
//!
//! What must never be true here: anything of a record but the reference is made from the details without a secret.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};

use super::{Buyer, VaultError};

/// The record version that is written and read.
pub(super) const VERSION: u8 = 2;
/// The longest address that mail can carry (RFC 5321: a path of 256 bytes with its brackets).
const EMAIL_BYTES_MAX: usize = 254;
/// Longer than names are; it bounds a record.
const NAME_BYTES_MAX: usize = 512;

const REFERENCE_AT: usize = 1;
const LOOKUP_AT: usize = REFERENCE_AT + 16;
const KEY_AT: usize = LOOKUP_AT + 16;
const NONCE_AT: usize = KEY_AT + 32;
const SEALED_AT: usize = NONCE_AT + 12;
const EMAIL_LENGTH_BYTES: usize = 2;
const TAG_BYTES: usize = 16;
const RECORD_BYTES_MIN: usize = SEALED_AT + EMAIL_LENGTH_BYTES + TAG_BYTES;
/// No record is longer.
pub(super) const RECORD_BYTES_MAX: usize = RECORD_BYTES_MIN + EMAIL_BYTES_MAX + NAME_BYTES_MAX;

const _: () = assert!(EMAIL_BYTES_MAX <= u16::MAX as usize);

/// What the journal knows of a buyer. Random: nothing but the vault leads from it to a person, or from a person to it.
pub(super) type Reference = [u8; 16];
/// What finds details that are kept already. It stands in the vault alone and is erased with its record.
pub(super) type Lookup = [u8; 16];

/// Bytes from the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| VaultError::System { what: "random bytes", source: error.into() })?;
    Ok(bytes)
}

/// The details of a buyer as bytes, in their one form.
pub(super) fn details(buyer: &Buyer) -> Result<Vec<u8>, VaultError> {
    for (what, text, limit) in [("e-mail address", &buyer.email, EMAIL_BYTES_MAX), ("name", &buyer.name, NAME_BYTES_MAX)] {
        if text.len() > limit {
            return Err(VaultError::TooLong { what, bytes: text.len(), limit });
        }
    }
    #[allow(clippy::cast_possible_truncation, reason = "just checked")]
    let length = (buyer.email.len() as u16).to_be_bytes();
    Ok([&length, buyer.email.as_bytes(), buyer.name.as_bytes()].concat())
}

fn buyer(details: &[u8]) -> Option<Buyer> {
    let (length, texts) = details.split_first_chunk::<EMAIL_LENGTH_BYTES>()?;
    let (email, name) = texts.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    Some(Buyer { email: text(email)?, name: text(name)? })
}

/// Details under their own key.
pub(super) struct Sealed {
    pub(super) lookup: Lookup,
    key: [u8; 32],
    nonce: [u8; 12],
    ciphertext: Box<[u8]>,
}

impl Sealed {
    /// Seals details under a new key.
    pub(super) fn seal(reference: &Reference, lookup: Lookup, details: &[u8]) -> Result<Self, VaultError> {
        Self::seal_with(random()?, random()?, reference, lookup, details)
    }

    pub(super) fn seal_with(
        key: [u8; 32],
        nonce: [u8; 12],
        reference: &Reference,
        lookup: Lookup,
        details: &[u8],
    ) -> Result<Self, VaultError> {
        let payload = Payload { msg: details, aad: &authenticated(reference, &lookup) };
        let ciphertext = ChaCha20Poly1305::new(&Key::from(key))
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|error| VaultError::System { what: "encryption", source: std::io::Error::other(error) })?;
        Ok(Self { lookup, key, nonce, ciphertext: ciphertext.into() })
    }

    /// The details, if they are the ones that were sealed for this reference.
    pub(super) fn open(&self, reference: &Reference) -> Result<Buyer, VaultError> {
        let payload = Payload { msg: &self.ciphertext, aad: &authenticated(reference, &self.lookup) };
        let details = ChaCha20Poly1305::new(&Key::from(self.key)).decrypt(&Nonce::from(self.nonce), payload);
        details.ok().and_then(|details| buyer(&details)).ok_or(VaultError::Unreadable)
    }

    /// The record.
    pub(super) fn encode(&self, reference: &Reference) -> Vec<u8> {
        [&[VERSION], &reference[..], &self.lookup, &self.key, &self.nonce, &self.ciphertext].concat()
    }
}

/// What is authenticated beside the details: the record up to the key.
fn authenticated(reference: &Reference, lookup: &Lookup) -> [u8; KEY_AT] {
    let mut bytes = [VERSION; KEY_AT];
    bytes[REFERENCE_AT..LOOKUP_AT].copy_from_slice(reference);
    bytes[LOOKUP_AT..].copy_from_slice(lookup);
    bytes
}

/// Reads the record at an offset of the vault's journal.
pub(super) fn decode(offset: u64, bytes: &[u8]) -> Result<(Reference, Sealed), VaultError> {
    let not_a_record = VaultError::NotARecord { offset, bytes: bytes.len() };
    let Some((&version, rest)) = bytes.split_first() else { return Err(not_a_record) };
    if version != VERSION {
        return Err(VaultError::UnknownVersion { offset, version });
    }
    if !(RECORD_BYTES_MIN..=RECORD_BYTES_MAX).contains(&bytes.len()) {
        return Err(not_a_record);
    }
    let parts = || {
        let (reference, rest) = rest.split_first_chunk()?;
        let (lookup, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        Some((*reference, Sealed { lookup: *lookup, key: *key, nonce: *nonce, ciphertext: ciphertext.into() }))
    };
    parts().ok_or(not_a_record)
}
