//! API keys.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Scope;

/// `POST /v1/keys`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Id of the organiser whose shows alone it reaches. Default: that of the key that asks, else it reaches all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Most requests per second, with as many at once, from 1 to 1,000,000. Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub requests_per_s: Option<u32>,
}

impl CreateApiKey {
    /// A key of no organiser, without a limit.
    pub fn new(name: impl Into<String>, scope: Scope) -> Self {
        Self { name: name.into(), scope, organiser: None, requests_per_s: None }
    }
}

/// A new key with its secret, which is shown once. `{:?}` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedApiKey {
    /// Its id.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Id of the organiser whose shows alone it reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Most requests per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_s: Option<u32>,
    /// What goes into `Authorization: Bearer`.
    pub secret: String,
}

impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedApiKey").field("key", &self.key).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Id of the organiser whose shows alone it reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Most requests per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_s: Option<u32>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used; after a crash, up to an hour too early. Nothing when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Until when the secret before the last rotation is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub previous_secret_until: Option<Timestamp>,
}

/// A page of API keys, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyList {
    /// The keys.
    pub keys: Vec<ApiKey>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `POST /v1/keys/{key}/rotate`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateApiKey {
    /// How long the secret before stays good, in seconds, at most 30 days. Default: not at all.
    #[serde(default)]
    #[schema(maximum = 2_592_000)]
    pub overlap_s: u64,
}

/// A key with its new secret, which is shown once. `{:?}` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotatedApiKey {
    /// Its id.
    pub key: String,
    /// What goes into `Authorization: Bearer`.
    pub secret: String,
}

impl fmt::Debug for RotatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotatedApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}
