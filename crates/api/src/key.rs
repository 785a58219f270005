//! API keys.

use std::fmt;

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
}

/// All keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyList {
    /// The keys.
    pub keys: Vec<ApiKey>,
}
