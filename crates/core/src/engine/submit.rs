//! From a command to its answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use guichet_domain::commands::{ReportEffect, Request};
use guichet_domain::{Command, Event, Record};
use tokio::sync::oneshot;

use super::{CommandError, Fault, Guichet, Inner};
use crate::idempotency::{Caller, IdempotencyKey};
use crate::position::Position;
use crate::roles::ReportTo;
use crate::shard::{DurableBatch, NoAnswer, Outcome, Reply, Response, Responses, Submission};

/// What a caller who is told `busy` should wait: several commits of a healthy disk, so that the mailbox has moved on.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Why a command was refused, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub reason: guichet_domain::Rejection,
    /// Position of the refusal in the journal; it can be explained later.
    pub position: Position,
    /// Whether it was decided earlier, and this is the same answer again.
    pub repeated: bool,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reason.fmt(f)
    }
}

/// A command that was accepted.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Where it is written.
    pub position: Position,
    /// When it was decided, logged time.
    pub stamp_unix_ms: u64,
    /// Its key, the caller's or a generated one.
    pub key: IdempotencyKey,
    /// Whether it was decided earlier, and this is the same answer again.
    pub repeated: bool,
    written: Written,
}

#[derive(Clone, Debug)]
enum Written {
    Now(Arc<DurableBatch>, usize),
    Earlier(Arc<[Event]>),
}

impl Receipt {
    /// What happened.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        match &self.written {
            Written::Now(batch, index) => batch.records[*index].1.events(),
            Written::Earlier(events) => events,
        }
    }
}

/// A command on its way, with everything that its answer needs.
pub(crate) struct Sent {
    pub(crate) partition: u16,
    pub(crate) key: IdempotencyKey,
    pub(crate) request: Request,
}

impl Sent {
    /// A command with its key in its scope; without a key it gets a new one.
    pub(crate) fn new(partition: u16, command: Command, key: Option<IdempotencyKey>, caller: Caller, target: u128) -> Self {
        let key = key.unwrap_or_else(IdempotencyKey::generate);
        let stamp = key.stamp(caller, &command, target);
        let request = Request { key: Some(stamp), key_made_at_unix_ms: key.made_at_unix_ms(), command };
        Self { partition, key, request }
    }
}

impl Guichet {
    /// Sends a command and waits for its durable answer. Dropping the future does not cancel what was sent.
    pub(crate) async fn execute(&self, sent: Sent) -> Result<Receipt, CommandError> {
        let Sent { partition, key, request } = sent;
        let response = self.inner.submit(partition, request).await?;
        self.receipt(partition, key, response)
    }

    /// Sends commands for one partition together and gives their answers in order.
    pub(crate) async fn execute_many(&self, partition: u16, sent: Vec<Sent>) -> Result<Vec<Result<Receipt, CommandError>>, CommandError> {
        let (responses, all) = Responses::new(sent.len());
        let mut keys = Vec::with_capacity(sent.len());
        let submissions = sent.into_iter().enumerate().map(|(place, sent)| {
            keys.push(sent.key);
            Submission { request: sent.request, reply: Reply::Many(Arc::clone(&responses), place) }
        });
        if submissions.len() == 0 {
            return Ok(Vec::new());
        }
        let submissions: Vec<_> = submissions.collect();
        self.inner.offer(partition, submissions)?;
        let all = all.await.map_err(|_| Fault::Closing)?;
        Ok(keys.into_iter().zip(all).map(|(key, response)| self.receipt(partition, key, response)).collect())
    }

    fn receipt(&self, partition: u16, key: IdempotencyKey, response: Response) -> Result<Receipt, CommandError> {
        let outcome = match response {
            Ok(outcome) => outcome,
            Err(NoAnswer::Busy) => return Err(CommandError::Busy { retry_after: RETRY_AFTER }),
            Err(NoAnswer::Unknown) => return Err(CommandError::OutcomeUnknown { key }),
            Err(NoAnswer::Stopped { partition, why }) => return Err(Fault::PartitionStopped { partition, why }.into()),
        };
        let position = Position::of(partition, outcome.offset);
        let Outcome { offset, batch } = outcome;
        let (stamp_unix_ms, repeated, rejection, written) = match batch {
            Some((batch, index)) => {
                let rejection = rejection(&batch.records[index].1);
                (batch.stamp_unix_ms, false, rejection, Written::Now(batch, index))
            }
            None => {
                let read = self.partition(partition)?.feed.record_at(offset).map_err(|error| Fault::Journal(error.to_string()))?;
                let (stamp, record) = read.ok_or_else(|| Fault::Journal(format!("{position} is beyond its end")))?;
                (stamp, true, rejection(&record), Written::Earlier(record.events().into()))
            }
        };
        match rejection {
            Some(reason) => Err(CommandError::Rejected(Rejection { reason, position, repeated })),
            None => Ok(Receipt { position, stamp_unix_ms, key, repeated, written }),
        }
    }
}

fn rejection(record: &Record) -> Option<guichet_domain::Rejection> {
    match record {
        Record::Refused { rejection, .. } => Some(rejection.clone()),
        Record::Accepted { .. } | Record::Timely { .. } => None,
    }
}

impl Inner {
    /// Puts requests into a shard's mailbox; what has no room there is answered `Busy`.
    fn offer(&self, partition: u16, submissions: Vec<Submission>) -> Result<(), Fault> {
        let of = self.partitions.get(usize::from(partition)).ok_or(Fault::NoSuchPartition { partition })?;
        let shard = of.shard.read();
        shard.as_ref().ok_or(Fault::Closing)?.submit(submissions);
        Ok(())
    }

    pub(super) async fn submit(&self, partition: u16, request: Request) -> Result<Response, Fault> {
        let (reply, answer) = oneshot::channel();
        self.offer(partition, vec![Submission { request, reply: Reply::One(reply) }])?;
        answer.await.map_err(|_| Fault::Closing)
    }
}

/// How a role reports into one partition. It does not keep the engine open.
pub(super) fn reporter(inner: &Arc<Inner>, partition: u16) -> ReportTo {
    let inner: Weak<Inner> = Arc::downgrade(inner);
    Arc::new(move |report: ReportEffect| -> Pin<Box<dyn Future<Output = Result<(), NoAnswer>> + Send>> {
        let inner = inner.clone();
        Box::pin(async move {
            let closing = || NoAnswer::Stopped { partition, why: "the engine is closing".into() };
            let inner = inner.upgrade().ok_or_else(closing)?;
            let response = inner.submit(partition, Request::from(Command::ReportEffect(report))).await.map_err(|_| closing())?;
            response.map(|_| ())
        })
    })
}
