//! Follows one partition for one role.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Event;
use guichet_domain::commands::ReportEffect;
use metrics::counter;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Role, Task};
use crate::feed::Feed;
use crate::shard::{NoAnswer, RecoverError};

/// First and longest pause before a report is sent again to a shard that is busy.
const REPORT_PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));

/// Sends a report to the shard of its saga.
pub(crate) type ReportTo = Arc<dyn Fn(ReportEffect) -> Pin<Box<dyn Future<Output = Result<(), NoAnswer>> + Send>> + Send + Sync>;

/// One role on one partition.
pub(crate) struct RoleRunner {
    pub(crate) role: Arc<dyn Role>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) report_to: ReportTo,
    pub(crate) stop: CancellationToken,
}

impl RoleRunner {
    /// Executes what was pending when the partition opened, then everything intended from `offset` on, until stopped.
    pub(crate) async fn run(self, pending: Vec<Task>, offset: u64) -> Result<(), RecoverError> {
        let permits = Arc::new(Semaphore::new(self.role.concurrency()));
        let tasks = TaskTracker::new();
        for task in pending {
            if !self.start(task, &permits, &tasks).await {
                return Ok(());
            }
        }
        let mut subscription = self.feed.subscribe(offset);
        loop {
            let batch = tokio::select! {
                () = self.stop.cancelled() => None,
                batch = subscription.next() => batch?,
            };
            let Some(batch) = batch else { break };
            for event in batch.records.iter().filter(|(at, _)| *at >= offset).flat_map(|(_, record)| record.events()) {
                if let Event::EffectIntended { saga, step, direction, attempt, effect } = event {
                    let (saga, step, direction, attempt) = (*saga, *step, *direction, *attempt);
                    if !self.start(Task { saga, step, direction, attempt, effect: effect.clone() }, &permits, &tasks).await {
                        return Ok(());
                    }
                }
            }
        }
        tasks.close();
        Ok(())
    }

    /// Waits for room, then executes. What does not find room stays in the journal, which costs no memory. False when stopped.
    async fn start(&self, task: Task, permits: &Arc<Semaphore>, tasks: &TaskTracker) -> bool {
        if !self.role.handles(&task.effect) {
            return true;
        }
        let permit = tokio::select! {
            () = self.stop.cancelled() => return false,
            permit = Arc::clone(permits).acquire_owned() => permit,
        };
        let (role, report_to, stop) = (Arc::clone(&self.role), Arc::clone(&self.report_to), self.stop.clone());
        tasks.spawn(async move {
            let work = async {
                let outcome = role.execute(&task).await;
                counter!("guichet_effects_total", "role" => role.name()).increment(1);
                if let Some(outcome) = outcome {
                    report(&task, outcome, &report_to).await;
                }
            };
            // An effect that is cut off here is executed again after the next start, under the same id.
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => {}
            }
            drop(permit);
        });
        true
    }
}

/// Repeats a report until the shard has an answer to it: a report that arrives twice is refused there and changes nothing.
async fn report(task: &Task, outcome: guichet_domain::saga::EffectOutcome, report_to: &ReportTo) {
    let mut pause = REPORT_PAUSE.0;
    loop {
        let command = ReportEffect { saga: task.saga, step: task.step, direction: task.direction, outcome: outcome.clone() };
        match report_to(command).await {
            Ok(()) | Err(NoAnswer::Stopped { .. }) => return,
            Err(NoAnswer::Busy | NoAnswer::Unknown) => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(REPORT_PAUSE.1);
            }
        }
    }
}
