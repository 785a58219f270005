//! Events as they become durable, for the embedding application and for live updates.

use guichet_domain::Event;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Fault, Guichet};
use crate::position::Position;

/// Events that wait for a subscriber, over all partitions; a slower one makes its own reader wait, nobody else.
const WAITING_MAX: usize = 1_024;

/// What a subscriber wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Everything.
    All,
    /// Venues, shows and their sales.
    Shows,
    /// Holds.
    Holds,
    /// Orders, payments and tickets.
    Orders,
    /// Sagas, step by step.
    Sagas,
}

impl Topic {
    /// Whether an event belongs to it.
    #[must_use]
    pub fn contains(self, event: &Event) -> bool {
        let topic = match event {
            _ if event.saga().is_some() => Self::Sagas,
            _ if event.order().is_some() => Self::Orders,
            Event::HoldPlaced { .. }
            | Event::HoldExtended { .. }
            | Event::HoldReleased { .. }
            | Event::HoldExpired { .. }
            | Event::ReopenGraceGranted { .. } => Self::Holds,
            // Keys are nobody's business but the engine's.
            Event::ApiKeyCreated { .. } | Event::ApiKeyRotated { .. } | Event::ApiKeysUsed { .. } | Event::ApiKeyRevoked { .. } => {
                return false;
            }
            _ => Self::Shows,
        };
        self == Self::All || self == topic
    }
}

/// An event and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicEvent {
    /// Its partition.
    pub partition: u16,
    /// Offset of its record.
    pub offset: u64,
    /// Its place among the events of that record.
    pub index: u32,
    /// When it was decided, logged time.
    pub stamp_unix_ms: u64,
    /// What happened.
    pub event: Event,
}

impl TopicEvent {
    /// The position after which a subscriber goes on.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::of(self.partition, self.offset)
    }
}

/// A subscription about to begin.
#[derive(Clone)]
#[must_use = "call `from` or `live`"]
pub struct Subscribe {
    engine: Guichet,
    topic: Topic,
}

impl Subscribe {
    /// Everything after a position; partitions that it does not name from their beginning.
    #[must_use]
    pub fn from(self, position: &Position) -> TopicEvents {
        self.start(|partition| position.offset(partition).map_or(0, |offset| offset + 1))
    }

    /// Only what happens from now on.
    #[must_use]
    pub fn live(self) -> TopicEvents {
        let engine = self.engine.clone();
        self.start(|partition| engine.partition(partition).map_or(0, |partition| partition.feed.durable_end()))
    }

    fn start(self, from: impl Fn(u16) -> u64) -> TopicEvents {
        let (send, receive) = mpsc::channel(WAITING_MAX);
        let mut readers = JoinSet::new();
        for partition in &self.engine.inner.partitions {
            let first = from(partition.feed.partition());
            let reader = read(partition.feed.subscribe(first), first, self.topic, send.clone());
            readers.spawn(reader);
        }
        TopicEvents { receive, _readers: readers }
    }
}

async fn read(mut subscription: crate::feed::Subscription, first: u64, topic: Topic, send: mpsc::Sender<Result<TopicEvent, Fault>>) {
    loop {
        let batch = match subscription.next().await {
            Ok(Some(batch)) => batch,
            Ok(None) => return,
            Err(error) => {
                let _ = send.send(Err(Fault::Journal(error.to_string()))).await;
                return;
            }
        };
        for (offset, record) in batch.records.iter().filter(|(offset, _)| *offset >= first) {
            for (index, event) in (0..).zip(record.events()).filter(|(_, event)| topic.contains(event)) {
                let (partition, offset, stamp_unix_ms) = (batch.partition, *offset, batch.stamp_unix_ms);
                if send.send(Ok(TopicEvent { partition, offset, index, stamp_unix_ms, event: event.clone() })).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Events of a topic. Inside a partition they come in order; partitions have no order among each other.
pub struct TopicEvents {
    receive: mpsc::Receiver<Result<TopicEvent, Fault>>,
    /// Dropped with this, which ends them.
    _readers: JoinSet<()>,
}

impl TopicEvents {
    /// The next event; `None` when the engine has closed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn next(&mut self) -> Result<Option<TopicEvent>, Fault> {
        self.receive.recv().await.transpose()
    }
}

impl Guichet {
    /// Follows the events of a topic.
    pub fn subscribe(&self, topic: Topic) -> Subscribe {
        Subscribe { engine: self.clone(), topic }
    }
}
