//! Snapshots on demand: before a planned restart, so that the next start is short.

use std::sync::Arc;

use axum::extract::State;
use guichet_api as api;

use crate::app::App;
use crate::failure::Failure;
use crate::reply::Reply;

/// `POST /v1/snapshots`: one of every partition that has records. The shards go on meanwhile.
pub(super) async fn take(State(app): State<Arc<App>>) -> Result<Reply, Failure> {
    let mut snapshots = Vec::new();
    for partition in app.engine.status().partitions.iter().filter(|partition| partition.durable_end > 0) {
        let taken = app.engine.take_snapshot(partition.partition).await?;
        snapshots.push(api::SnapshotTaken {
            partition: partition.partition,
            offset: taken.offset,
            bytes: taken.bytes,
            took_ms: u64::try_from(taken.took.as_millis()).unwrap_or(u64::MAX),
        });
    }
    Ok(Reply::ok(&api::SnapshotList { snapshots }))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn take() -> Operation {
        Operation::new("take_snapshots", "Writes a snapshot of every partition that has records: the next start is short.")
            .command()
            .answers::<api::SnapshotList>("The snapshots.")
            .refuses(&["snapshot_not_taken"])
    }
}
