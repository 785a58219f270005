//! The engine: what an application embeds and what the server serves.
//!
//! [`Guichet::open`] locks the directory, replays every partition, starts its shard and its followers. From then on a command goes to
//! the shard of its partition and is answered when it is durable; queries read the projections and never wait for a shard.

mod admin;
mod config;
pub mod directory;
mod error;
mod follow;
mod holds;
mod orders;
mod queries;
mod submit;
mod subscribe;

pub use admin::{ApiKeySecret, ProductDraft, ShowDraft};
pub use config::{Config, MAILBOX_CAPACITY};
pub use error::{CommandError, Fault, Invalid, OpenError};
pub use holds::{Hold, HoldCommand, HoldToken, Item, ItemClaim, PlaceHold};
pub use orders::{PlaceOrder, PlacedOrder, Ticket};
pub use queries::{OrderPage, PartitionStatus, Status};
pub use submit::{Receipt, Rejection};
pub use subscribe::{Subscribe, Topic, TopicEvent, TopicEvents};

use std::sync::Arc;

use guichet_broker::{DirectoryLock, Disk, FsDisk, Journal, JournalConfig, Trust};
use guichet_domain::state::State;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::feed::Feed;
use crate::read_model::ReadModel;
use crate::roles::{Payments, Role, RoleRunner, Task, Ticketing};
use crate::shard::{self, Pipeline, ShardHandle};
use crate::store::{self, ListStatus, Projector, Store};
use crate::ticket_code::TicketSigner;
use crate::vault::Vault;

/// The topic that journal segments belong to.
pub const JOURNAL_TOPIC: &str = "journal";
const PROJECTIONS: &str = "projections";

/// An open engine. Clones share it.
#[derive(Clone)]
pub struct Guichet {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    partitions: Vec<Partition>,
    secrets: directory::Secrets,
    signer: Arc<TicketSigner>,
    store: Arc<dyn Store>,
    vault: Vault,
    providers: Vec<String>,
    stop: CancellationToken,
    followers: Mutex<Vec<JoinHandle<()>>>,
    /// Released last, when everything has stopped writing.
    lock: Mutex<Option<DirectoryLock>>,
}

pub(crate) struct Partition {
    feed: Arc<Feed>,
    /// Taken when the engine closes.
    shard: RwLock<Option<ShardHandle>>,
    model: Arc<RwLock<ReadModel>>,
    applied: watch::Receiver<u64>,
    lists: Arc<ListStatus>,
}

/// The name of a journal partition on disk.
#[must_use]
pub fn journal_config(partition: u16, segment_bytes: u64, durability: guichet_broker::Durability) -> JournalConfig {
    JournalConfig { topic: JOURNAL_TOPIC.to_owned(), partition: u32::from(partition), segment_bytes, durability }
}

impl Guichet {
    /// Opens the engine in a directory, or makes a new one there. Must be called inside a tokio runtime, which it uses; it starts no
    /// other executor.
    ///
    /// # Errors
    /// When the directory is in use, cannot be written, is of another version or is damaged.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        // Replaying is long and blocks: not on a worker of the caller's runtime.
        let runtime = tokio::runtime::Handle::current();
        let opened = tokio::task::spawn_blocking(move || Opening::new(config).and_then(|opening| opening.start(&runtime)));
        let engine = opened.await.map_err(|error| OpenError::System { what: "a thread", source: std::io::Error::other(error) })??;
        engine.complete_catalogue().await.map_err(OpenError::Catalogue)?;
        Ok(engine)
    }

    /// Answers what has been accepted, makes everything durable and lets the directory go. Commands from now on are refused.
    pub async fn close(self) {
        let inner = Arc::clone(&self.inner);
        let shards: Vec<_> = inner.partitions.iter().filter_map(|partition| partition.shard.write().take()).collect();
        let closed = tokio::task::spawn_blocking(move || {
            shards.into_iter().for_each(ShardHandle::close);
            inner.vault.close();
        })
        .await;
        if closed.is_err() {
            tracing::error!("a shard did not close cleanly");
        }
        self.inner.partitions.iter().for_each(|partition| partition.feed.close());
        self.inner.stop.cancel();
        let followers = std::mem::take(&mut *self.inner.followers.lock());
        for follower in followers {
            let _ = follower.await;
        }
        self.inner.lock.lock().take();
    }

    fn partition(&self, number: u16) -> Result<&Partition, Fault> {
        self.inner.partitions.get(usize::from(number)).ok_or(Fault::NoSuchPartition { partition: number })
    }

    /// The partition of the catalogue.
    fn catalogue(&self) -> &Partition {
        &self.inner.partitions[0]
    }
}

/// What is held while an engine opens.
struct Opening {
    config: Config,
    lock: DirectoryLock,
    manifest: directory::Manifest,
    secrets: directory::Secrets,
    disk: Arc<dyn Disk>,
    store: Arc<dyn Store>,
}

impl Opening {
    fn new(config: Config) -> Result<Self, OpenError> {
        let path = &config.directory;
        directory::prepare(path)?;
        let lock = DirectoryLock::acquire(path)?;
        let manifest = directory::manifest(path, config.show_partitions)?;
        let secrets = directory::secrets(path)?;
        let disk = match &config.disk {
            Some(disk) => Arc::clone(disk),
            None => Arc::new(FsDisk::open_root(path).map_err(directory::unusable(path))?),
        };
        let store = store::open_guarded(&path.join(PROJECTIONS))?;
        Ok(Self { lock, manifest, secrets, disk, store, config })
    }

    fn start(self, runtime: &tokio::runtime::Handle) -> Result<Guichet, OpenError> {
        let signer = Arc::new(TicketSigner::new(&self.secrets.ticket_key));
        let stop = CancellationToken::new();
        let roles: Vec<Arc<dyn Role>> = vec![
            Arc::new(Payments::new(self.config.providers.clone(), self.config.provider_patience)),
            Arc::new(Ticketing::new(Arc::clone(&signer))),
        ];
        let vault = Vault::open(Arc::clone(&self.disk), self.secrets.token_key)?;
        let (mut partitions, mut followers, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..self.manifest.partitions {
            let (partition, pending) = self.open_partition(number, runtime, &mut followers)?;
            unfinished.push(pending);
            partitions.push(partition);
        }
        let inner = Arc::new(Inner {
            partitions,
            secrets: self.secrets,
            signer,
            store: self.store,
            vault,
            providers: self.config.providers.keys().cloned().collect(),
            stop: stop.clone(),
            followers: Mutex::default(),
            lock: Mutex::new(Some(self.lock)),
        });
        for (number, (pending, offset)) in (0..).zip(unfinished) {
            for role in &roles {
                let runner = RoleRunner {
                    role: Arc::clone(role),
                    feed: Arc::clone(&inner.partitions[usize::from(number)].feed),
                    report_to: submit::reporter(&inner, number),
                    stop: stop.clone(),
                };
                let name = format!("{} of partition {number}", role.name());
                followers.push(runtime.spawn(follow::logged(name, runner.run(pending.clone(), offset))));
            }
        }
        *inner.followers.lock() = followers;
        Ok(Guichet { inner })
    }

    /// Opens one journal, replays it and starts its shard and projections. Also gives what its roles have to finish, and from which
    /// offset on they follow.
    #[allow(clippy::type_complexity, reason = "used once, named in the comment above")]
    fn open_partition(
        &self,
        number: u16,
        runtime: &tokio::runtime::Handle,
        followers: &mut Vec<JoinHandle<()>>,
    ) -> Result<(Partition, (Vec<Task>, u64)), OpenError> {
        let config = journal_config(number, self.config.segment_bytes, self.config.durability);
        let (journal, recovery) = Journal::open(Arc::clone(&self.disk), config.clone(), Trust::Tail)?;
        if let Some(cut) = &recovery.cut {
            tracing::warn!(partition = number, ?cut, "the journal ended in a write that was cut short; it was never acknowledged");
        }
        let pipeline = Pipeline::recover(&journal.reader(), number, self.manifest.incarnation, &*self.config.clock)?;
        for saga in pipeline.state().quarantined_sagas() {
            tracing::error!(partition = number, saga = %saga.id, definition = ?saga.definition, "a saga of unknown definition stands still");
        }
        let pending = pending_tasks(pipeline.state());
        let feed = Arc::new(Feed::new(number, journal.reader(), recovery.next_offset));
        let parts = shard::Parts {
            partition: number,
            incarnation: self.manifest.incarnation,
            journal,
            journal_config: config,
            disk: Arc::clone(&self.disk),
            clock: Arc::clone(&self.config.clock),
            feed: Arc::clone(&feed),
            pipeline,
            mailbox_capacity: self.config.mailbox_capacity,
        };
        let shard = shard::spawn(parts).map_err(|source| OpenError::System { what: "a thread", source })?;

        let model = Arc::new(RwLock::new(ReadModel::default()));
        let lists = Arc::new(ListStatus::default());
        let (applied_to, applied) = watch::channel(0);
        followers.push(runtime.spawn(follow::logged(
            format!("the live projection of partition {number}"),
            follow::live(Arc::clone(&feed), Arc::clone(&model), applied_to),
        )));
        let projector = Projector::new(Arc::clone(&self.store), Arc::clone(&feed), Arc::clone(&model), applied.clone(), Arc::clone(&lists));
        followers.push(runtime.spawn(follow::logged(format!("the lists of partition {number}"), projector.run())));
        let partition = Partition { feed, shard: RwLock::new(Some(shard)), model, applied, lists };
        Ok((partition, (pending, recovery.next_offset)))
    }
}

fn pending_tasks(state: &State) -> Vec<Task> {
    let pending = state.pending_effects().into_iter();
    pending
        .map(|(saga, pending)| Task {
            saga,
            step: pending.step,
            direction: pending.direction,
            // It may have been executed before the restart: look it up first.
            attempt: pending.attempt + 1,
            effect: pending.effect,
        })
        .collect()
}
