//! Idempotency keys at the edge: what a caller sends, and how it becomes the hash that the journal knows.

use std::fmt;
use std::str::FromStr;

use guichet_domain::Command;
use guichet_domain::record::{KeyHash, KeyStamp};

use crate::codec;

/// Longest key, in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 255;

/// A caller's key. The same key with the same command gives the same answer, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// A text cannot be an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to {KEY_BYTES_MAX} printable ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// A new key: a UUIDv7, so that it tells when it was made and can be refused when it is older than keys are remembered.
    #[must_use]
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// When it was made, if it is a UUIDv7.
    #[must_use]
    pub fn made_at_unix_ms(&self) -> Option<u64> {
        let id = uuid::Uuid::try_parse(&self.0).ok().filter(|id| id.get_version_num() == 7)?;
        u64::try_from(id.as_u128() >> 80).ok()
    }

    /// The key inside its scope: who calls, what kind of command, about what.
    pub(crate) fn stamp(&self, caller: Caller, command: &Command, target: u128) -> KeyStamp {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&caller.0.to_be_bytes()).update(&[command.kind().0]).update(&target.to_be_bytes()).update(self.0.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        KeyStamp { key: KeyHash(key), fingerprint: codec::fingerprint(command) }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IdempotencyKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAKey) }
    }
}

/// Who sends a command: keys of different callers never meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller(u128);

impl Caller {
    /// The application that embeds the engine.
    pub const EMBEDDER: Self = Self(0);

    /// A caller with an API key.
    #[must_use]
    pub fn with_key(key: guichet_domain::ApiKeyId) -> Self {
        Self(key.bits())
    }
}
