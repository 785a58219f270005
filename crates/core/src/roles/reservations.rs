//! The reservations role: carries what the saga of one partition wants of the others, as commands.
//!
//! It decides nothing and remembers nothing. Every command may be sent again, so a crash in the middle costs a repetition; and a part
//! that hears nothing for too long has its home looked at ([`Overdue`]), so that nothing stays pinned because a message was lost.
//!
//! Must never be true: a part released because its home could not be read, or has not decided yet.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::across::{Refused, receipt_of, refused, requests};
use guichet_domain::commands::ReleasePart;
use guichet_domain::order::{CancelReason, OrderState};
use guichet_domain::saga::{Effect, EffectOutcome, StepError};
use guichet_domain::{Command, Event, OrderId, Rejection};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Role, Task};
use crate::feed::Feed;
use crate::read_model::OrderView;
use crate::shard::{NoAnswer, RecoverError};

/// Effects under way at once; each waits for one commit of another partition at a time.
const CONCURRENCY: usize = 256;
/// Parts of one partition that are looked after at once.
const OVERDUE_CONCURRENCY: usize = 32;
/// First pause before a busy partition is asked again; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a busy partition is asked before the saga waits by its own rules: 1.3 s in all.
const ASKED_MAX: u32 = 9;

/// What another partition said, durably.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// It is done, now or earlier; a reservation names the part.
    Accepted(Option<OrderId>),
    /// It is not.
    Refused(Rejection),
}

/// The other partitions.
pub(crate) trait Others: Send + Sync + 'static {
    /// Sends a command to one and waits for its durable answer.
    fn ask(&self, partition: u16, command: Command) -> Pin<Box<dyn Future<Output = Result<Ask, NoAnswer>> + Send + '_>>;

    /// An order as far as it is known; nothing when it cannot be read.
    fn order(&self, id: OrderId) -> Option<OrderView>;
}

/// Executes effects in other partitions.
pub(crate) struct Reservations {
    others: Arc<dyn Others>,
}

impl Reservations {
    pub(crate) fn new(others: Arc<dyn Others>) -> Self {
        Self { others }
    }

    /// One partition after the other: the first that refuses spares the rest.
    async fn carry(&self, task: &Task) -> EffectOutcome {
        let mut parts = Vec::new();
        for (partition, command) in requests(task.saga, &task.effect) {
            match ask_patiently(self.others.as_ref(), partition, &command).await {
                Ok(Ask::Accepted(part)) => parts.extend(part),
                Ok(Ask::Refused(rejection)) => match refused(&task.effect, &rejection) {
                    Refused::Done => {}
                    Refused::Later(error) => return EffectOutcome::Unavailable { error },
                    Refused::Never(error) => return EffectOutcome::Refused { error },
                },
                Err(why) => return EffectOutcome::Unavailable { error: StepError::Unavailable(why.to_string()) },
            }
        }
        let receipt = matches!(task.effect, Effect::ReserveParts { .. }).then(|| receipt_of(&parts));
        EffectOutcome::Done { receipt }
    }
}

/// Whether a command that had no answer was executed does not matter: executed again, it changes nothing.
async fn ask_patiently(others: &dyn Others, partition: u16, command: &Command) -> Result<Ask, NoAnswer> {
    let (mut asked, mut pause) = (1, PAUSE);
    loop {
        match others.ask(partition, command.clone()).await {
            Err(NoAnswer::Busy | NoAnswer::Unknown) if asked < ASKED_MAX => {
                tokio::time::sleep(pause).await;
                (asked, pause) = (asked + 1, pause * 2);
            }
            answer => return answer,
        }
    }
}

impl Role for Reservations {
    fn name(&self) -> &'static str {
        "reservations"
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn handles(&self, effect: &Effect) -> bool {
        match effect {
            Effect::ReserveParts { .. }
            | Effect::BookParts { .. }
            | Effect::ConfirmParts { .. }
            | Effect::ReleaseParts { .. }
            | Effect::CancelParts { .. }
            | Effect::RefundPart { .. } => true,
            Effect::Authorise { .. }
            | Effect::Capture { .. }
            | Effect::Void { .. }
            | Effect::Refund { .. }
            | Effect::IssueTickets { .. } => false,
        }
    }

    fn execute<'a>(&'a self, task: &'a Task) -> Pin<Box<dyn Future<Output = Option<EffectOutcome>> + Send + 'a>> {
        Box::pin(async { Some(self.carry(task).await) })
    }
}

/// Looks after the overdue parts of one partition. What is missed here comes again: an overdue part says so until it is decided.
pub(crate) struct Overdue {
    pub(crate) others: Arc<dyn Others>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) stop: CancellationToken,
}

impl Overdue {
    /// Follows the partition from `offset` on, until stopped.
    pub(crate) async fn run(self, offset: u64) -> Result<(), RecoverError> {
        let permits = Arc::new(Semaphore::new(OVERDUE_CONCURRENCY));
        let tasks = TaskTracker::new();
        let mut subscription = self.feed.subscribe(offset);
        loop {
            let batch = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                batch = subscription.next() => batch?,
            };
            let Some(batch) = batch else { return Ok(()) };
            for event in batch.records.iter().filter(|(at, _)| *at >= offset).flat_map(|(_, record)| record.events()) {
                let Event::PartOverdue { order, .. } = event else { continue };
                let permit = tokio::select! {
                    () = self.stop.cancelled() => return Ok(()),
                    permit = Arc::clone(&permits).acquire_owned() => permit,
                };
                let (others, stop, part) = (Arc::clone(&self.others), self.stop.clone(), *order);
                tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = look_after(others.as_ref(), part) => {}
                    }
                    drop(permit);
                });
            }
        }
    }
}

/// Releases a part whose home will never sell it; otherwise waits for the home, however long that takes.
async fn look_after(others: &dyn Others, part: OrderId) {
    let Some(part) = others.order(part).filter(|part| !part.ended()) else { return };
    let Some(home) = part.part_of.and_then(|home| others.order(home)) else { return };
    let Some(reason) = never_sold(&home, &part) else { return };
    let release = ReleasePart { saga: part.saga, home: home.id, deadline_unix_ms: part.deadline_unix_ms, reason };
    match ask_patiently(others, part.id.partition(), &Command::ReleasePart(release)).await {
        Ok(Ask::Accepted(_)) => tracing::info!(part = %part.id, home = %home.id, "a part was released after its home, not by it"),
        Ok(Ask::Refused(rejection)) => tracing::error!(part = %part.id, home = %home.id, %rejection, "a part cannot be released"),
        // It will say again that it is overdue.
        Err(_) => {}
    }
}

/// What is cancelled or on its way back never goes forward again, so an old view is as good as a new one.
fn never_sold(home: &OrderView, part: &OrderView) -> Option<CancelReason> {
    if home.state == OrderState::Cancelled {
        return Some(home.cancel_reason.unwrap_or(CancelReason::StepFailed));
    }
    let on_its_way_back = home.saga == part.saga && home.saga_view.unwinding && home.state != OrderState::Confirmed;
    on_its_way_back.then_some(CancelReason::StepFailed)
}
