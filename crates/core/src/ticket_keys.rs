//! The ring of ticket keys: the latest signs what is issued now, the earlier ones go on making and accepting the codes of the tickets
//! that they signed. So changing the key never changes the code of a ticket that somebody already has.
//!
//! Must never be true: a key signs before it is on disk (its tickets would lose their codes in a crash), or a key leaves the ring.

use guichet_domain::TicketId;
use parking_lot::RwLock;

use crate::ticket_code::{NotATicket, TicketCode, TicketPublicKey, TicketSigner, verify_any};

/// The secret of one key, as it is on disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TicketSecret {
    /// The 32 secret bytes.
    pub(crate) secret: [u8; 32],
    /// When it was made, in milliseconds since 1970.
    pub(crate) made_unix_ms: u64,
}

/// A key, without its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketKeyInfo {
    /// Names it in codes and in the journal.
    pub key_id: [u8; 4],
    /// What offline checkers need.
    pub public_key: TicketPublicKey,
    /// When it was made, in milliseconds since 1970.
    pub made_unix_ms: u64,
    /// Whether it signs the tickets that are issued now.
    pub current: bool,
}

struct Member {
    signer: TicketSigner,
    secret: TicketSecret,
    public_key: TicketPublicKey,
}

impl Member {
    fn new(secret: TicketSecret) -> Self {
        let signer = TicketSigner::new(&secret.secret);
        Self { public_key: signer.public_key(), signer, secret }
    }

    fn info(&self, current: bool) -> TicketKeyInfo {
        let made_unix_ms = self.secret.made_unix_ms;
        TicketKeyInfo { key_id: self.signer.key_id(), public_key: self.public_key, made_unix_ms, current }
    }
}

struct Members {
    earlier: Vec<Member>,
    current: Member,
}

impl Members {
    /// The latest first: what is asked for is mostly new.
    fn iter(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.current).chain(self.earlier.iter().rev())
    }

    fn find(&self, key_id: [u8; 4]) -> Option<&Member> {
        self.iter().find(|member| member.signer.key_id() == key_id)
    }
}

/// All keys that this house has ever signed tickets with.
pub(crate) struct TicketKeys {
    members: RwLock<Members>,
}

impl TicketKeys {
    /// The ring of these keys, which are on disk; the current one and those before it, the oldest first.
    pub(crate) fn new(earlier: &[TicketSecret], current: TicketSecret) -> Self {
        let earlier = earlier.iter().copied().map(Member::new).collect();
        Self { members: RwLock::new(Members { earlier, current: Member::new(current) }) }
    }

    /// Names the key that signs now. Whoever issues a ticket writes it down, and asks for the ticket's code with it ever after.
    pub(crate) fn current_id(&self) -> [u8; 4] {
        self.members.read().current.signer.key_id()
    }

    /// The code of a ticket that this key signed; `None` when the ring does not have it.
    pub(crate) fn code(&self, ticket: TicketId, key_id: [u8; 4]) -> Option<String> {
        self.members.read().find(key_id).map(|member| member.signer.code(ticket))
    }

    /// Checks a code against every key of the ring.
    pub(crate) fn verify(&self, code: &str) -> Result<TicketCode, NotATicket> {
        verify_any(code, self.members.read().iter().map(|member| &member.public_key))
    }

    /// All keys, the oldest first.
    pub(crate) fn infos(&self) -> Vec<TicketKeyInfo> {
        let members = self.members.read();
        let earlier = members.earlier.iter().map(|member| member.info(false));
        earlier.chain([members.current.info(true)]).collect()
    }

    /// The key that signs now.
    pub(crate) fn current(&self) -> TicketKeyInfo {
        self.members.read().current.info(true)
    }

    /// All secrets, the oldest first and the current one last: what goes to disk.
    pub(crate) fn secrets(&self) -> Vec<TicketSecret> {
        let members = self.members.read();
        members.earlier.iter().chain([&members.current]).map(|member| member.secret).collect()
    }

    /// Whether a new secret would be known by the id of another key; then it cannot join.
    pub(crate) fn has_id_of(&self, secret: &[u8; 32]) -> bool {
        self.members.read().find(TicketSigner::new(secret).key_id()).is_some()
    }

    /// Makes a new key the current one. It is on disk already.
    pub(crate) fn rotate(&self, next: TicketSecret) -> TicketKeyInfo {
        let next = Member::new(next);
        let info = next.info(true);
        let mut members = self.members.write();
        let before = std::mem::replace(&mut members.current, next);
        members.earlier.push(before);
        info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> TicketSecret {
        TicketSecret { secret: [byte; 32], made_unix_ms: u64::from(byte) }
    }

    fn ticket() -> TicketId {
        TicketId::from_bits(0x019a_5b0e_7c00_7000_8001_0000_0000_0001)
    }

    #[test]
    fn a_rotation_changes_no_code_and_every_code_is_still_accepted() {
        let ring = TicketKeys::new(&[], secret(1));
        let first = ring.current_id();
        let before = ring.code(ticket(), first).unwrap();
        let made = ring.rotate(secret(2));
        assert_eq!((ring.current_id(), made.current), (made.key_id, true));
        assert_ne!(first, made.key_id);
        ring.rotate(secret(3));

        assert_eq!(ring.code(ticket(), first).unwrap(), before);
        assert_eq!(ring.verify(&before), Ok(TicketCode { key_id: first, ticket: ticket() }));
        let codes: Vec<String> = ring.infos().iter().map(|key| ring.code(ticket(), key.key_id).unwrap()).collect();
        assert!(codes.iter().all(|code| ring.verify(code).is_ok_and(|genuine| genuine.ticket == ticket())));
        assert!(codes[0] != codes[1] && codes[1] != codes[2], "each key signs its own");
        let made: Vec<(u64, bool)> = ring.infos().iter().map(|key| (key.made_unix_ms, key.current)).collect();
        assert_eq!(made, [(1, false), (2, false), (3, true)]);
    }

    #[test]
    fn a_ring_made_of_its_own_secrets_is_the_same_ring() {
        let ring = TicketKeys::new(&[], secret(1));
        ring.rotate(secret(2));
        let secrets = ring.secrets();
        let (current, earlier) = secrets.split_last().unwrap();
        let again = TicketKeys::new(earlier, *current);
        assert_eq!(again.infos(), ring.infos());
        assert_eq!(again.current(), ring.current());
    }

    #[test]
    fn a_key_that_the_ring_does_not_have_makes_and_opens_nothing() {
        let (ring, other) = (TicketKeys::new(&[secret(1)], secret(2)), TicketKeys::new(&[], secret(9)));
        assert_eq!(ring.code(ticket(), other.current_id()), None);
        let foreign = other.code(ticket(), other.current_id()).unwrap();
        assert_eq!(ring.verify(&foreign), Err(NotATicket::OtherKey));
        assert!(ring.has_id_of(&[1; 32]) && ring.has_id_of(&[2; 32]) && !ring.has_id_of(&[9; 32]));
    }
}
