//! Ticket codes: the id of a key, a ticket's id and an Ed25519 signature over both (RFC 8032), in base 32 without padding, which scans
//! and reads well. Deterministic: the same ticket and key give the same code whenever it is made.
//!
//! Whoever has the public keys checks a code with nothing else. Must never be true: two texts are codes of the same ticket by the
//! same key (so the encoding is canonical and the check strict), or a key that anybody can sign for is taken for one.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use guichet_domain::TicketId;

const KEY_ID_BYTES: usize = 4;
const TICKET_BYTES: usize = 16;
const SIGNATURE_BYTES: usize = 64;
const PUBLIC_KEY_BYTES: usize = 32;
/// Keeps a signature made for a ticket from being taken for anything else.
const CONTEXT: &[u8] = b"guichet-ticket-v1";

/// Why a code is not a ticket of this house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATicket {
    /// It does not have the form of a code.
    #[error("this is not a ticket code")]
    Malformed,
    /// It was signed with another key.
    #[error("this ticket code was signed with another key")]
    OtherKey,
    /// The signature does not fit.
    #[error("this ticket code is forged or damaged")]
    BadSignature,
}

/// What a code says. Nothing in it is known to be true before its signature has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketCode {
    /// The key that signed.
    pub key_id: [u8; KEY_ID_BYTES],
    /// The ticket.
    pub ticket: TicketId,
}

/// The key's id as people and programs see it.
#[must_use]
pub fn key_name(key_id: [u8; KEY_ID_BYTES]) -> String {
    HEXLOWER.encode(&key_id)
}

/// Names a key: the first bytes of the hash of its public half.
fn id_of(public_key: &[u8; PUBLIC_KEY_BYTES]) -> [u8; KEY_ID_BYTES] {
    let mut id = [0; KEY_ID_BYTES];
    id.copy_from_slice(&blake3::hash(public_key).as_bytes()[..KEY_ID_BYTES]);
    id
}

/// The public half of a key. As text it is 64 hexadecimal digits: they begin with no hyphen and need no quotes on a command line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TicketPublicKey(VerifyingKey);

/// A text or bytes that are not a public key for tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the public key of ticket codes; those are 64 hexadecimal digits, as `guichet ticket keys` lists them")]
pub struct NotAPublicKey;

impl TicketPublicKey {
    /// From its 32 bytes.
    ///
    /// # Errors
    /// When no signature can belong to them, or anybody's can.
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Result<Self, NotAPublicKey> {
        // A point of small order accepts signatures that nobody made: 64 zeros are such a "key".
        VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(Self).ok_or(NotAPublicKey)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; PUBLIC_KEY_BYTES] {
        self.0.to_bytes()
    }

    /// Names the key in codes.
    #[must_use]
    pub fn id(self) -> [u8; KEY_ID_BYTES] {
        id_of(self.0.as_bytes())
    }
}

impl fmt::Display for TicketPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for TicketPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketPublicKey({self})")
    }
}

impl FromStr for TicketPublicKey {
    type Err = NotAPublicKey;

    fn from_str(text: &str) -> Result<Self, NotAPublicKey> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| NotAPublicKey)?;
        Self::from_bytes(&bytes.try_into().map_err(|_| NotAPublicKey)?)
    }
}

/// Signs ticket codes with one key.
pub struct TicketSigner {
    key: SigningKey,
    /// Kept, because every code begins with it.
    key_id: [u8; KEY_ID_BYTES],
}

impl TicketSigner {
    /// From the 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(secret);
        Self { key_id: id_of(key.verifying_key().as_bytes()), key }
    }

    /// Names the key.
    #[must_use]
    pub fn key_id(&self) -> [u8; KEY_ID_BYTES] {
        self.key_id
    }

    /// The public half, for whoever checks codes offline.
    #[must_use]
    pub fn public_key(&self) -> TicketPublicKey {
        TicketPublicKey(self.key.verifying_key())
    }

    /// The code of a ticket.
    #[must_use]
    pub fn code(&self, ticket: TicketId) -> String {
        let mut payload = self.key_id.to_vec();
        payload.extend_from_slice(&ticket.bits().to_be_bytes());
        let signature = self.key.sign(&signed_text(&payload));
        payload.extend_from_slice(&signature.to_bytes());
        BASE32_NOPAD.encode(&payload)
    }
}

/// A code taken apart.
struct Parts {
    bytes: Vec<u8>,
}

impl Parts {
    fn of(code: &str) -> Result<Self, NotATicket> {
        // Somebody may have typed it. The decoder refuses trailing bits, so a code has one spelling but for its case.
        let bytes = BASE32_NOPAD.decode(code.trim().to_ascii_uppercase().as_bytes()).map_err(|_| NotATicket::Malformed)?;
        if bytes.len() == KEY_ID_BYTES + TICKET_BYTES + SIGNATURE_BYTES { Ok(Self { bytes }) } else { Err(NotATicket::Malformed) }
    }

    fn says(&self) -> TicketCode {
        let (mut key_id, mut bits) = ([0; KEY_ID_BYTES], [0; TICKET_BYTES]);
        key_id.copy_from_slice(&self.bytes[..KEY_ID_BYTES]);
        bits.copy_from_slice(&self.bytes[KEY_ID_BYTES..KEY_ID_BYTES + TICKET_BYTES]);
        TicketCode { key_id, ticket: TicketId::from_bits(u128::from_be_bytes(bits)) }
    }

    fn signed_by(&self, key: &TicketPublicKey) -> bool {
        let (payload, signature) = self.bytes.split_at(KEY_ID_BYTES + TICKET_BYTES);
        Signature::from_slice(signature).is_ok_and(|signature| key.0.verify_strict(&signed_text(payload), &signature).is_ok())
    }
}

/// What a code says, unchecked: to look something up by it, or to name the key that is missing.
///
/// # Errors
/// When it does not have the form of a code.
pub fn read(code: &str) -> Result<TicketCode, NotATicket> {
    Parts::of(code).map(|parts| parts.says())
}

/// Checks a code against public keys and nothing else: neither network nor data directory. A genuine code says that this house made
/// the ticket, not that it has not been cancelled or used since.
///
/// # Errors
/// When it is not a code that one of these keys signed.
pub fn verify_any<'a>(code: &str, keys: impl IntoIterator<Item = &'a TicketPublicKey>) -> Result<TicketCode, NotATicket> {
    let parts = Parts::of(code)?;
    let said = parts.says();
    let mut refused = NotATicket::OtherKey;
    // Two keys may have the same four bytes: each is asked.
    for key in keys.into_iter().filter(|key| key.id() == said.key_id) {
        if parts.signed_by(key) {
            return Ok(said);
        }
        refused = NotATicket::BadSignature;
    }
    Err(refused)
}

/// The ticket behind a code, with nothing but one public key.
///
/// # Errors
/// When it is not a code that this key signed.
pub fn verify(code: &str, public_key: &[u8; PUBLIC_KEY_BYTES]) -> Result<TicketId, NotATicket> {
    let key = TicketPublicKey::from_bytes(public_key).map_err(|_| NotATicket::OtherKey)?;
    verify_any(code, [&key]).map(|genuine| genuine.ticket)
}

fn signed_text(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> TicketId {
        TicketId::from_bits(0x019a_5b0e_7c00_7000_8001_0000_0000_0001)
    }

    #[test]
    fn a_code_is_the_same_again_and_only_its_key_accepts_it() {
        let (house, other) = (TicketSigner::new(&[7; 32]), TicketSigner::new(&[8; 32]));
        let code = house.code(ticket());
        assert_eq!(code, house.code(ticket()));
        assert_eq!(verify(&code.to_lowercase(), &house.public_key().to_bytes()), Ok(ticket()));
        assert_eq!(verify(&code, &other.public_key().to_bytes()), Err(NotATicket::OtherKey));
        assert_eq!(verify("HELLO", &house.public_key().to_bytes()), Err(NotATicket::Malformed));
        let genuine = TicketCode { key_id: house.key_id(), ticket: ticket() };
        assert_eq!(verify_any(&code, &[other.public_key(), house.public_key()]), Ok(genuine));
        assert_eq!(read(&code), Ok(genuine));
    }

    #[test]
    fn a_code_changed_in_any_character_is_refused() {
        let house = TicketSigner::new(&[7; 32]);
        let code = house.code(ticket());
        let mut refusals = std::collections::BTreeSet::new();
        for at in 0..code.len() {
            let mut changed = code.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let refusal = verify_any(std::str::from_utf8(&changed).unwrap(), &[house.public_key()]).unwrap_err();
            refusals.insert(refusal.to_string());
        }
        // The key's id, then what is signed and its signature; the very last character has bits that must be zero.
        assert!(refusals.contains(&NotATicket::OtherKey.to_string()) && refusals.contains(&NotATicket::BadSignature.to_string()));
        for bits in [b'B', b'C', b'E'] {
            let mut spelt = code.clone().into_bytes();
            let last = spelt.last_mut().unwrap();
            let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|digit| digit == last).unwrap();
            *last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit | usize::from(bits - b'A')];
            assert_eq!(read(std::str::from_utf8(&spelt).unwrap()), Err(NotATicket::Malformed));
        }
    }

    #[test]
    fn a_public_key_comes_back_from_its_text_and_a_worthless_one_is_refused() {
        let key = TicketSigner::new(&[7; 32]).public_key();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_string().to_uppercase().parse(), Ok(key));
        assert_eq!(key.to_string().len(), 64);
        let worthless = ["", "hello", &"0".repeat(64), &format!("01{}", "0".repeat(62)), &key.to_string()[1..]];
        for text in worthless {
            assert_eq!(text.parse::<TicketPublicKey>(), Err(NotAPublicKey), "{text}");
        }
    }
}
