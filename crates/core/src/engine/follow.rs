//! Tasks that follow the journal for as long as the engine is open.

use std::fmt::Display;
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::settlement::Settlements;
use super::{Guichet, Inner, NEWS_WAITING_MAX};
use crate::feed::Feed;
use crate::providers::PaymentNews;
use crate::read_model::ReadModel;
use crate::shard::RecoverError;
use crate::store::{ListStatus, Store};

/// Runs a follower and says so when it stops on an error: what it follows goes on without it.
pub(super) async fn logged<E: Display>(name: String, follower: impl Future<Output = Result<(), E>>) {
    if let Err(error) = follower.await {
        tracing::error!(%error, "{name} stopped");
    }
}

/// The live projection: goes on from where it is. Orders that ended long ago and change again are brought back from the store.
pub(super) async fn live(
    feed: Arc<Feed>,
    model: Arc<RwLock<ReadModel>>,
    store: Arc<dyn Store>,
    lists: Arc<ListStatus>,
    settlements: Arc<Settlements>,
    applied: watch::Sender<u64>,
) -> Result<(), RecoverError> {
    let from = model.read().next_offset;
    let mut subscription = feed.subscribe(from);
    while let Some(batch) = subscription.next().await? {
        if !model.read().missing(&batch).is_empty() {
            // What is not in memory is in the lists, once these are whole.
            lists.settled().await;
            model.write().bring_back_for(&batch, &*store);
        }
        model.write().apply(&batch);
        applied.send_replace(batch.next_offset);
        settlements.wake(&batch);
        // Catching up after a start must not keep a worker of the runtime to itself.
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// First and longest pause before news that could not be booked are tried again.
const NEWS_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));

/// News that could not be booked so far.
struct Unbooked {
    news: PaymentNews,
    due: Instant,
    pause: Duration,
}

/// Books what a payment provider reports by itself, until the engine closes. News that have to wait for their order make no others
/// wait; when as many wait as fit in memory, the provider does.
pub(super) async fn news(provider: String, mut desk: mpsc::Receiver<PaymentNews>, inner: Weak<Inner>, stop: CancellationToken) {
    let mut unbooked: Vec<Unbooked> = Vec::new();
    loop {
        let due = unbooked.iter().map(|waiting| waiting.due).min().unwrap_or_else(|| Instant::now() + NEWS_PAUSE.1);
        let (news, pause) = tokio::select! {
            () = stop.cancelled() => return,
            Some(news) = desk.recv(), if unbooked.len() < NEWS_WAITING_MAX => (news, NEWS_PAUSE.0),
            () = tokio::time::sleep_until(due) => match unbooked.iter().position(|waiting| waiting.due <= due) {
                Some(place) => {
                    let Unbooked { news, pause, .. } = unbooked.swap_remove(place);
                    (news, (pause * 2).min(NEWS_PAUSE.1))
                }
                None => continue,
            },
        };
        let Some(inner) = inner.upgrade() else { return };
        let engine = Guichet { inner };
        let booked = tokio::select! {
            () = stop.cancelled() => return,
            booked = engine.book_news(&provider, &news) => booked,
        };
        if !booked {
            unbooked.push(Unbooked { news, due: Instant::now() + pause, pause });
        }
    }
}
