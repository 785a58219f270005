//! How the server is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /healthz`: the process lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    pub status: String,
    /// Version of the server.
    pub version: String,
}

/// `GET /readyz`: whether it can serve everything now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// Whether it can.
    pub ready: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// `GET /v1/status`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the server.
    pub version: String,
    /// What an acknowledgement promises: `fsync` or `os`.
    pub durability: String,
    /// How far the read model is.
    pub position: String,
    /// Whether it can serve everything now.
    pub ready: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Each partition.
    pub partitions: Vec<PartitionStatus>,
}

/// How a partition is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartitionStatus {
    /// Its number.
    pub partition: u16,
    /// Offset that the next record will have.
    pub durable_end: u64,
    /// Requests that wait in front of its shard.
    pub mailbox: u64,
    /// Records that the live projection is behind.
    pub projection_lag: u64,
    /// Records that the lists are behind.
    pub lists_lag: u64,
    /// Sagas that have not ended: of orders, their refunds and late payments.
    pub live_orders: u64,
    /// Why it has stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// `GET /v1/verify`: everything durable, recounted by an independent checker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Whether everything is as it should be.
    pub ok: bool,
    /// Events checked.
    pub checked_events: u64,
    /// Places that two buyers were given.
    pub oversold: u64,
    /// Refusals that were not true when they were given.
    pub false_refusals: u64,
    /// What is wrong in the journal, a sentence each.
    pub findings: Vec<String>,
    /// Where the read model differs from the journal, a sentence each.
    pub differences: Vec<String>,
}

/// `POST /v1/snapshots`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotList {
    /// One of every partition that has records.
    pub snapshots: Vec<SnapshotTaken>,
}

/// A snapshot that the next start can begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotTaken {
    /// Of which partition.
    pub partition: u16,
    /// Offset of the first record that is not in it.
    pub offset: u64,
    /// Size on disk.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// `GET /v1/log-filter`, `POST /v1/log-filter`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    /// A level (`error`, `warn`, `info`, `debug`, `trace`), or levels by module such as `warn,guichet_core=debug`.
    pub filter: String,
}
