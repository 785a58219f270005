//! Tasks that follow the journal for as long as the engine is open.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::feed::Feed;
use crate::read_model::ReadModel;
use crate::shard::RecoverError;

/// Runs a follower and says so when it stops on an error: what it follows goes on without it.
pub(super) async fn logged<E: Display>(name: String, follower: impl Future<Output = Result<(), E>>) {
    if let Err(error) = follower.await {
        tracing::error!(%error, "{name} stopped");
    }
}

/// The live projection.
pub(super) async fn live(feed: Arc<Feed>, model: Arc<RwLock<ReadModel>>, applied: watch::Sender<u64>) -> Result<(), RecoverError> {
    let mut subscription = feed.subscribe(0);
    while let Some(batch) = subscription.next().await? {
        model.write().apply(&batch);
        applied.send_replace(batch.next_offset);
        // Catching up after a start must not keep a worker of the runtime to itself.
        tokio::task::yield_now().await;
    }
    Ok(())
}
