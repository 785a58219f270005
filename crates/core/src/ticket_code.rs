//! Ticket codes: a ticket's id, the key's id and an Ed25519 signature over both (RFC 8032), in base 32 without padding, which scans
//! and reads well. Deterministic: the same ticket has the same code whenever it is made.

use data_encoding::BASE32_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use guichet_domain::TicketId;

const KEY_ID_BYTES: usize = 4;
const TICKET_BYTES: usize = 16;
const SIGNATURE_BYTES: usize = 64;
/// Keeps a signature made for a ticket from being taken for anything else.
const CONTEXT: &[u8] = b"guichet-ticket-v1";

/// Signs ticket codes.
pub struct TicketSigner {
    key: SigningKey,
}

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

impl TicketSigner {
    /// From the 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(secret) }
    }

    fn key_id_bytes(&self) -> [u8; KEY_ID_BYTES] {
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&blake3::hash(self.key.verifying_key().as_bytes()).as_bytes()[..KEY_ID_BYTES]);
        id
    }

    /// Names the key: the first bytes of the hash of its public half.
    #[must_use]
    pub fn key_id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.key_id_bytes())
    }

    /// The public half, for whoever checks codes offline.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The code of a ticket.
    #[must_use]
    pub fn code(&self, ticket: TicketId) -> String {
        let mut payload = self.key_id_bytes().to_vec();
        payload.extend_from_slice(&ticket.bits().to_be_bytes());
        let signature = self.key.sign(&signed_text(&payload));
        payload.extend_from_slice(&signature.to_bytes());
        BASE32_NOPAD.encode(&payload)
    }

    /// The ticket behind a code.
    ///
    /// # Errors
    /// When it is not a code that this key signed.
    pub fn verify(&self, code: &str) -> Result<TicketId, NotATicket> {
        verify(code, &self.public_key())
    }
}

/// The ticket behind a code, with nothing but the public key.
///
/// # Errors
/// When it is not a code that this key signed.
pub fn verify(code: &str, public_key: &[u8; 32]) -> Result<TicketId, NotATicket> {
    let bytes = BASE32_NOPAD.decode(code.trim().to_ascii_uppercase().as_bytes()).map_err(|_| NotATicket::Malformed)?;
    if bytes.len() != KEY_ID_BYTES + TICKET_BYTES + SIGNATURE_BYTES {
        return Err(NotATicket::Malformed);
    }
    let (payload, signature) = bytes.split_at(KEY_ID_BYTES + TICKET_BYTES);
    if payload[..KEY_ID_BYTES] != blake3::hash(public_key).as_bytes()[..KEY_ID_BYTES] {
        return Err(NotATicket::OtherKey);
    }
    let key = VerifyingKey::from_bytes(public_key).map_err(|_| NotATicket::OtherKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| NotATicket::Malformed)?;
    key.verify(&signed_text(payload), &signature).map_err(|_| NotATicket::BadSignature)?;
    let mut bits = [0; TICKET_BYTES];
    bits.copy_from_slice(&payload[KEY_ID_BYTES..]);
    Ok(TicketId::from_bits(u128::from_be_bytes(bits)))
}

fn signed_text(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_again_and_only_its_key_accepts_it() {
        let (house, other) = (TicketSigner::new(&[7; 32]), TicketSigner::new(&[8; 32]));
        let ticket = TicketId::from_bits(0x019a_5b0e_7c00_7000_8001_0000_0000_0001);
        let code = house.code(ticket);
        assert_eq!(code, house.code(ticket));
        assert_eq!(house.verify(&code.to_lowercase()), Ok(ticket));
        assert_eq!(other.verify(&code), Err(NotATicket::OtherKey));
        assert_eq!(house.verify("HELLO"), Err(NotATicket::Malformed));
        let mut forged = code.into_bytes();
        forged[20] = if forged[20] == b'A' { b'B' } else { b'A' };
        assert_eq!(house.verify(std::str::from_utf8(&forged).unwrap()), Err(NotATicket::BadSignature));
    }
}
