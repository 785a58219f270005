//! Metrics: what the process has measured, and how the partitions are now.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use guichet_core::PartitionStatus;

use crate::app::App;

/// The text form of Prometheus, version 0.0.4.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A number of a partition, with its name and what it means.
type Gauge = (&'static str, &'static str, fn(&PartitionStatus) -> u64);

const GAUGES: &[Gauge] = &[
    ("guichet_partition_durable_end", "Offset that the next record will have", |partition| partition.durable_end),
    ("guichet_partition_mailbox", "Requests that wait in front of the shard", |partition| partition.mailbox as u64),
    ("guichet_partition_projection_lag", "Records that the live projection is behind", |partition| partition.projection_lag),
    ("guichet_partition_lists_lag", "Records that the lists are behind", |partition| partition.lists_lag),
    ("guichet_partition_live_orders", "Sagas that have not ended: of orders, their refunds and late payments", |partition| {
        partition.live_sagas as u64
    }),
    ("guichet_partition_stopped", "1 when the partition has stopped", |partition| u64::from(partition.stopped.is_some())),
];

/// What is measured under way, and what it means.
const MEASURED: &[(&str, &str)] = &[
    ("guichet_http_request_seconds", "From a request to its answer, waiting for the disk included"),
    ("guichet_commit_seconds", "Writing a batch of records and syncing it"),
    ("guichet_batch_records", "Records of a batch"),
    ("guichet_snapshot_seconds", "Taking a snapshot, beside the shard"),
];

/// Tells the process's recorder of metrics what each means, for `/metrics`. Once, after the recorder is there.
pub fn describe_metrics() {
    for (name, help) in MEASURED {
        metrics::describe_histogram!(*name, *help);
    }
    metrics::describe_counter!("guichet_effects_total", "Effects of sagas that were executed");
    metrics::describe_counter!("guichet_snapshots_total", "Snapshots");
    metrics::describe_gauge!("guichet_snapshot_bytes", "Size of the latest snapshot");
}

/// `GET /metrics`
pub(super) async fn show(State(app): State<Arc<App>>) -> Response {
    let mut text = app.config.metrics.as_ref().map(|render| render()).unwrap_or_default();
    let partitions = app.engine.status().partitions;
    for (name, help, value) in GAUGES {
        // Writing to a text does not fail.
        let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} gauge");
        for partition in &partitions {
            let _ = writeln!(text, "{name}{{partition=\"{}\"}} {}", partition.partition, value(partition));
        }
    }
    ([(CONTENT_TYPE, HeaderValue::from_static(TEXT))], text).into_response()
}

/// What is said of it.
pub(super) mod about {
    use crate::description::operation::Operation;

    pub(crate) fn show() -> Operation {
        Operation::new("get_metrics", "What the process has measured, for Prometheus.")
            .answers_text(super::TEXT, "Metrics, in the text form.")
    }
}
