//! Who may call.

use crate::ApiKeyId;

/// What an API key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    Admin,
    /// Holds and orders, each reachable only with its hold token.
    Shop,
    /// The door: scanning tickets and the lists for it.
    CheckIn,
}

/// A key as the journal knows it: never the secret, only its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// SHA-256 of the secret, which has 256 random bits: no salt needed.
    pub secret_sha256: [u8; 32],
}
