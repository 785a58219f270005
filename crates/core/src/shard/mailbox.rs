//! The bounded way into a shard: many callers, one decider.
//!
//! Full means busy, at once; nobody waits for room. The bound is what a shard decides in well under a second, so whoever is let in is
//! answered soon.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// What the decider is told when it looks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wake<T> {
    /// Work, oldest first; empty when time is up or the committer became free.
    Items(VecDeque<T>),
    /// No more work will come, and all that came has been handed out.
    Closed,
}

/// What the committer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Committer {
    /// Nothing: a batch can be handed over.
    Free,
    /// Writing and syncing.
    Busy,
    /// The commit failed; the decider must drop what it has staged.
    Failed,
}

struct Inbox<T> {
    queue: VecDeque<T>,
    committer: Committer,
    closed: bool,
}

/// A bounded queue with batch operations.
pub struct Mailbox<T> {
    inbox: Mutex<Inbox<T>>,
    changed: Condvar,
    capacity: usize,
}

impl<T> Mailbox<T> {
    /// An empty mailbox for so many items.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let inbox = Inbox { queue: VecDeque::new(), committer: Committer::Free, closed: false };
        Self { inbox: Mutex::new(inbox), changed: Condvar::new(), capacity }
    }

    /// Puts items in, as many as there is room for; gives the others back.
    pub fn offer(&self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut items = items.into_iter();
        let mut inbox = self.inbox.lock();
        if !inbox.closed {
            let room = self.capacity.saturating_sub(inbox.queue.len());
            inbox.queue.extend(items.by_ref().take(room));
        }
        drop(inbox);
        self.changed.notify_one();
        items.collect()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.inbox.lock().queue.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No more work from now on.
    pub fn close(&self) {
        self.inbox.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether no more work is taken.
    pub(super) fn is_closed(&self) -> bool {
        self.inbox.lock().closed
    }

    /// Takes everything out without deciding it, and keeps the mailbox open or not as it was.
    pub(super) fn drain(&self) -> VecDeque<T> {
        std::mem::take(&mut self.inbox.lock().queue)
    }

    /// Says what the committer is doing; returns what it was doing.
    pub(super) fn set_committer(&self, committer: Committer) -> Committer {
        let before = std::mem::replace(&mut self.inbox.lock().committer, committer);
        self.changed.notify_all();
        before
    }

    /// Books the committer for a batch; false when it is not free.
    pub(super) fn book_committer(&self) -> bool {
        let mut inbox = self.inbox.lock();
        let free = inbox.committer == Committer::Free;
        if free {
            inbox.committer = Committer::Busy;
        }
        free
    }

    /// Waits for work, for a free committer when a batch is open, for a failed commit, or until the time is up.
    /// Takes at most `limit` items.
    pub(super) fn wait(&self, batch_open: bool, limit: usize, patience: Option<Duration>) -> (Wake<T>, Committer) {
        let mut inbox = self.inbox.lock();
        let mut idle = |inbox: &mut Inbox<T>| {
            let work = limit > 0 && (!inbox.queue.is_empty() || inbox.closed);
            !(work || (batch_open && inbox.committer == Committer::Free) || inbox.committer == Committer::Failed)
        };
        match patience {
            Some(patience) => {
                self.changed.wait_while_for(&mut inbox, &mut idle, patience);
            }
            None => self.changed.wait_while(&mut inbox, &mut idle),
        }
        if inbox.queue.is_empty() && inbox.closed {
            return (Wake::Closed, inbox.committer);
        }
        let take = inbox.queue.len().min(limit);
        let items = if take == inbox.queue.len() { std::mem::take(&mut inbox.queue) } else { inbox.queue.drain(..take).collect() };
        (Wake::Items(items), inbox.committer)
    }
}
