//! API keys: made, rotated, revoked, asked who they are, and when they were last used.

use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use guichet_domain::key::{ApiKey, Scope};
use guichet_domain::{ApiKeyId, Command, Event, OrganiserId, commands};
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::admin::CATALOGUE;
use super::directory::random;
use super::{CommandError, Fault, Guichet, Inner, Receipt};
use crate::idempotency::Caller;

/// Every secret begins with it, so that a leaked one is recognised.
const SECRET_PREFIX: &str = "gk_";
/// How often it is noted in the journal which keys were used: a crash loses no more than this of a last use.
const NOTE_USES_EVERY: Duration = Duration::from_secs(60 * 60);

/// A key about to be made.
#[derive(Clone, Debug)]
pub struct ApiKeyDraft {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Whose shows it reaches; of no organiser, it reaches all. One of scope organiser needs one, one of scope admin has none.
    pub organiser: Option<OrganiserId>,
    /// Most requests per second, with as many at once; none means no limit.
    pub requests_per_s: Option<u32>,
}

impl ApiKeyDraft {
    /// A key of no organiser and without a limit.
    #[must_use]
    pub fn new(name: impl Into<String>, scope: Scope) -> Self {
        Self { name: name.into(), scope, organiser: None, requests_per_s: None }
    }
}

/// A key's new secret, which is shown once and stored nowhere.
#[derive(Clone, Debug)]
pub struct ApiKeySecret {
    /// Its id.
    pub id: ApiKeyId,
    /// What goes into `Authorization: Bearer`.
    pub secret: String,
}

/// When keys were last used since that was noted, in milliseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct KeyUses(RwLock<FxHashMap<ApiKeyId, AtomicU64>>);

impl KeyUses {
    fn mark(&self, key: ApiKeyId, now_unix_ms: u64) {
        if let Some(last) = self.0.read().get(&key) {
            last.store(now_unix_ms, Ordering::Relaxed);
            return;
        }
        self.0.write().entry(key).or_default().store(now_unix_ms, Ordering::Relaxed);
    }

    fn of(&self, key: ApiKeyId) -> Option<u64> {
        self.0.read().get(&key).map(|last| last.load(Ordering::Relaxed))
    }

    fn take(&self) -> Vec<(ApiKeyId, u64)> {
        let mut uses: Vec<_> = std::mem::take(&mut *self.0.write()).into_iter().map(|(key, last)| (key, last.into_inner())).collect();
        uses.sort_unstable();
        uses
    }
}

fn new_secret() -> Result<(String, [u8; 32]), Fault> {
    let bytes = random::<32>().map_err(|error| Fault::Journal(error.to_string()))?;
    let secret = format!("{SECRET_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes));
    let sha256 = Sha256::digest(&secret).into();
    Ok((secret, sha256))
}

impl Guichet {
    /// Creates an API key. The secret has 256 random bits; only its SHA-256 is kept.
    ///
    /// # Errors
    /// `invalid_api_key`, `organiser_not_found`; or when it cannot be made durable.
    pub async fn create_api_key(&self, draft: ApiKeyDraft) -> Result<ApiKeySecret, CommandError> {
        let (secret, secret_sha256) = new_secret()?;
        let ApiKeyDraft { name, scope, organiser, requests_per_s } = draft;
        let command = commands::CreateApiKey { name, scope, organiser, requests_per_s, secret_sha256 };
        let receipt = self.administer(CATALOGUE, Command::CreateApiKey(command), Caller::EMBEDDER, None).await?;
        let made = receipt.events().iter().find_map(|event| match event {
            Event::ApiKeyCreated { key } => Some(key.id),
            _ => None,
        });
        Ok(ApiKeySecret { id: made.ok_or_else(|| Fault::Journal("a key's record has no key".into()))?, secret })
    }

    /// Gives a key another secret. The one before stays good for `overlap` (30 days at most), so that whoever uses it has time to
    /// change over; with no overlap it is good for nothing at once.
    ///
    /// # Errors
    /// `key_not_found`, `invalid_api_key`.
    pub async fn rotate_api_key(&self, key: ApiKeyId, overlap: Duration) -> Result<ApiKeySecret, CommandError> {
        let (secret, secret_sha256) = new_secret()?;
        let overlap_ms = u64::try_from(overlap.as_millis()).unwrap_or(u64::MAX);
        let command = Command::RotateApiKey(commands::RotateApiKey { key, secret_sha256, overlap_ms });
        self.administer(CATALOGUE, command, Caller::EMBEDDER, None).await?;
        Ok(ApiKeySecret { id: key, secret })
    }

    /// Revokes an API key, at once.
    ///
    /// # Errors
    /// `key_not_found`.
    pub async fn revoke_api_key(&self, key: ApiKeyId) -> Result<Receipt, CommandError> {
        self.administer(CATALOGUE, Command::RevokeApiKey(commands::RevokeApiKey { key }), Caller::EMBEDDER, None).await
    }

    /// The key behind a secret, which counts as a use of it.
    #[must_use]
    pub fn authenticate(&self, secret: &str) -> Option<ApiKey> {
        let now_unix_ms = self.inner.clock.wall_unix_ms();
        let key = self.catalogue().model.read().catalogue.key_of_secret(&Sha256::digest(secret).into(), now_unix_ms).cloned()?;
        self.inner.key_uses.mark(key.id, now_unix_ms);
        Some(key)
    }

    /// Whether there is such a key and it is not revoked: what somebody asks who has authenticated a caller long ago.
    #[must_use]
    pub fn has_api_key(&self, key: ApiKeyId) -> bool {
        self.catalogue().model.read().catalogue.keys.contains_key(&key)
    }

    /// All keys that are not revoked, each with its last use.
    #[must_use]
    pub fn api_keys(&self) -> Vec<ApiKey> {
        let keys: Vec<ApiKey> = self.catalogue().model.read().catalogue.keys.values().cloned().collect();
        let used = |key: ApiKey| ApiKey { last_used_unix_ms: self.inner.key_uses.of(key.id).or(key.last_used_unix_ms), ..key };
        keys.into_iter().map(used).collect()
    }

    /// Puts the last uses into the journal.
    pub(super) async fn note_key_uses(&self) {
        let uses = self.inner.key_uses.take();
        if uses.is_empty() {
            return;
        }
        let command = Command::NoteKeyUses(commands::NoteKeyUses { uses });
        if let Err(error) = self.administer(CATALOGUE, command, Caller::EMBEDDER, None).await {
            tracing::warn!(%error, "it could not be noted which API keys were used");
        }
    }
}

/// Notes now and then which keys were used, until the engine closes.
pub(super) async fn note_uses(inner: Weak<Inner>, stop: CancellationToken) -> Result<(), Fault> {
    loop {
        tokio::select! {
            () = tokio::time::sleep(NOTE_USES_EVERY) => {}
            () = stop.cancelled() => return Ok(()),
        }
        let Some(inner) = inner.upgrade() else { return Ok(()) };
        Guichet { inner }.note_key_uses().await;
    }
}
