//! The engine: what an application embeds and what the server serves.
//!
//! [`Guichet::open`] locks the directory, replays every partition, starts its shard and its followers. From then on a command goes to
//! the shard of its partition and is answered when it is durable; queries read the projections and never wait for a shard.

mod across;
mod admin;
mod after_sale;
mod best;
mod buyers;
mod change;
mod checked;
mod config;
pub mod directory;
mod door;
mod error;
mod follow;
mod holds;
mod keys;
mod office;
mod orders;
mod organisers;
mod queries;
mod secrets;
mod settlement;
mod snapshots;
mod submit;
mod subscribe;
mod ticket_keys;

pub use crate::snapshot::SnapshotTaken;
pub use admin::{CheckInListDraft, ProductDraft, ShowDraft};
pub use after_sale::Cancellation;
pub use best::Best;
pub use buyers::Selector;
pub use change::Change;
pub use config::{Config, MAILBOX_CAPACITY, SNAPSHOT_EVERY_RECORDS};
pub use door::{Admission, Scan, SheetEntry, SheetPage};
pub use error::{CommandError, Fault, Invalid, OpenError};
pub use holds::{Hold, HoldToken, Item, ItemClaim, PlaceHold};
pub use keys::{ApiKeyDraft, ApiKeySecret};
pub use office::{ProductReport, RevisionPreview, ShowReport};
pub use orders::{PlaceOrder, PlacedOrder, Ticket};
pub use queries::{OrderFilter, OrderPage, PartitionStatus, Status};
pub use submit::{Receipt, Rejection};
pub use subscribe::{Subscribe, Topic, TopicEvent, TopicEvents};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use guichet_broker::{DirectoryLock, Disk, FsDisk, Journal, JournalConfig, Trust};
use guichet_domain::commands::PaymentTerms;
use guichet_domain::state::State;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::settlement::Settlements;
use crate::clock::Clock;
use crate::feed::Feed;
use crate::read_model::ReadModel;
use crate::roles::{Overdue, Payments, Reservations, Role, RoleRunner, Task, Ticketing};
use crate::shard::{self, Pipeline, ShardHandle};
use crate::snapshot::{Keeper, Snapshots, Watched};
use crate::store::{self, ListStatus, Live, LiveStart, Projector, Store};
use crate::ticket_keys::TicketKeys;
use crate::vault::Vault;

/// The topic that journal segments belong to.
pub const JOURNAL_TOPIC: &str = "journal";
const PROJECTIONS: &str = "projections";
/// News of one provider that wait to be booked; beyond that the provider waits, and it can be asked again later.
const NEWS_WAITING_MAX: usize = 1_024;

/// An open engine. Clones share it.
#[derive(Clone)]
pub struct Guichet {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    partitions: Vec<Partition>,
    directory: PathBuf,
    token_key: [u8; 32],
    ticket_keys: Arc<TicketKeys>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    vault: Vault,
    providers: BTreeMap<String, PaymentTerms>,
    stop: CancellationToken,
    followers: Mutex<Vec<JoinHandle<()>>>,
    key_uses: keys::KeyUses,
    keeper: Keeper,
    /// Released last, when everything has stopped writing.
    lock: Mutex<Option<DirectoryLock>>,
    /// After everything that has files in it.
    _scratch: Option<Arc<tempfile::TempDir>>,
}

pub(crate) struct Partition {
    feed: Arc<Feed>,
    /// Taken when the engine closes.
    shard: RwLock<Option<ShardHandle>>,
    model: Arc<RwLock<ReadModel>>,
    applied: watch::Receiver<u64>,
    lists: Arc<ListStatus>,
    settlements: Arc<Settlements>,
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
        self.note_key_uses().await;
        let inner = Arc::clone(&self.inner);
        let shards: Vec<_> = inner.partitions.iter().filter_map(|partition| partition.shard.write().take()).collect();
        let closed = tokio::task::spawn_blocking(move || {
            inner.keeper.close();
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
    secrets: secrets::Secrets,
    disk: Arc<dyn Disk>,
    store: Arc<dyn Store>,
}

impl Opening {
    fn new(config: Config) -> Result<Self, OpenError> {
        let path = &config.directory;
        directory::prepare(path)?;
        let lock = DirectoryLock::acquire(path)?;
        let manifest = directory::manifest(path, config.show_partitions)?;
        let secrets = secrets::read_or_make(path, config.clock.wall_unix_ms())?;
        let disk = match &config.disk {
            Some(disk) => Arc::clone(disk),
            None => Arc::new(FsDisk::open_root(path).map_err(directory::unusable(path))?),
        };
        let store = store::open_guarded(&path.join(PROJECTIONS))?;
        Ok(Self { lock, manifest, secrets, disk, store, config })
    }

    fn start(self, runtime: &tokio::runtime::Handle) -> Result<Guichet, OpenError> {
        let ticket_keys = Arc::new(TicketKeys::new(&self.secrets.earlier_ticket_keys, self.secrets.ticket_key));
        let stop = CancellationToken::new();
        let mut roles: Vec<Arc<dyn Role>> = vec![
            Arc::new(Payments::new(self.config.providers.clone(), self.config.provider_patience)),
            Arc::new(Ticketing::new(Arc::clone(&ticket_keys))),
        ];
        let vault = Vault::open(Arc::clone(&self.disk), self.secrets.token_key)?;
        let (mut partitions, mut followers, mut unfinished, mut watched) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for number in 0..self.manifest.partitions {
            let (partition, pending, watch) = self.open_partition(number, runtime, &mut followers)?;
            unfinished.push(pending);
            watched.push(watch);
            partitions.push(partition);
        }
        let keeper =
            Keeper::spawn(watched, self.config.snapshot_every_records).map_err(|source| OpenError::System { what: "a thread", source })?;
        let inner = Arc::new(Inner {
            partitions,
            directory: self.config.directory,
            token_key: self.secrets.token_key,
            ticket_keys,
            clock: self.config.clock,
            store: self.store,
            vault,
            providers: self.config.providers.iter().map(|(name, provider)| (name.clone(), provider.terms())).collect(),
            stop: stop.clone(),
            followers: Mutex::default(),
            key_uses: keys::KeyUses::default(),
            keeper,
            lock: Mutex::new(Some(self.lock)),
            _scratch: self.config.scratch,
        });
        let others = across::Neighbours::of(&inner);
        roles.push(Arc::new(Reservations::new(Arc::clone(&others))));
        for (number, (pending, offset)) in (0..).zip(unfinished) {
            let feed = Arc::clone(&inner.partitions[usize::from(number)].feed);
            let overdue = Overdue { others: Arc::clone(&others), feed, stop: stop.clone() };
            followers.push(runtime.spawn(follow::logged(format!("the overdue parts of partition {number}"), overdue.run(offset))));
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
        for (name, provider) in &self.config.providers {
            let (desk, news) = tokio::sync::mpsc::channel(NEWS_WAITING_MAX);
            provider.report_to(desk);
            let (name, inner) = (name.clone(), Arc::downgrade(&inner));
            followers.push(runtime.spawn(follow::news(name, news, inner, stop.clone())));
        }
        followers
            .push(runtime.spawn(follow::logged("the uses of API keys".to_owned(), keys::note_uses(Arc::downgrade(&inner), stop.clone()))));
        *inner.followers.lock() = followers;
        Ok(Guichet { inner })
    }

    /// Opens one journal, replays it and starts its shard and projections. Also gives what its roles have to finish, and from which
    /// offset on they follow, and what its snapshots are taken from.
    #[allow(clippy::type_complexity, reason = "used once, named in the comment above")]
    fn open_partition(
        &self,
        number: u16,
        runtime: &tokio::runtime::Handle,
        followers: &mut Vec<JoinHandle<()>>,
    ) -> Result<(Partition, (Vec<Task>, u64), Watched), OpenError> {
        let config = journal_config(number, self.config.segment_bytes, self.config.durability);
        let (journal, recovery) = Journal::open(Arc::clone(&self.disk), config.clone(), Trust::Tail)?;
        if let Some(cut) = &recovery.cut {
            tracing::warn!(partition = number, ?cut, "the journal ended in a write that was cut short; it was never acknowledged");
        }
        let snapshots = Snapshots::new(Arc::clone(&self.disk), number, self.manifest.incarnation);
        let recovered = snapshots.recover(&journal.reader())?;
        let snapshot = recovered.snapshot;
        let pipeline = Pipeline::new(recovered.state, recovered.next_offset, &*self.config.clock);
        for saga in pipeline.state().quarantined_sagas() {
            tracing::error!(partition = number, saga = %saga.id, definition = ?saga.definition, "a saga of unknown definition stands still");
        }
        let pending = pending_tasks(pipeline.state());
        let feed = Arc::new(Feed::new(number, journal.reader(), recovery.next_offset));
        let parts = shard::Parts {
            partition: number,
            snapshots: snapshots.clone(),
            journal,
            journal_config: config,
            disk: Arc::clone(&self.disk),
            clock: Arc::clone(&self.config.clock),
            feed: Arc::clone(&feed),
            pipeline,
            mailbox_capacity: self.config.mailbox_capacity,
        };
        let shard = shard::spawn(parts).map_err(|source| OpenError::System { what: "a thread", source })?;

        let began = LiveStart { from: recovered.model.next_offset, complete_from: recovered.model.forgotten_below };
        let (applied_to, applied) = watch::channel(began.from);
        let model = Arc::new(RwLock::new(recovered.model));
        let lists = Arc::new(ListStatus::default());
        let settlements = Arc::new(Settlements::default());
        followers.push(runtime.spawn(follow::logged(
            format!("the live projection of partition {number}"),
            follow::live(
                Arc::clone(&feed),
                Arc::clone(&model),
                Arc::clone(&self.store),
                Arc::clone(&lists),
                Arc::clone(&settlements),
                applied_to,
            ),
        )));
        let live = Live { model: Arc::clone(&model), offset: applied.clone(), began };
        let projector = Projector::new(Arc::clone(&self.store), Arc::clone(&feed), live, Arc::clone(&lists));
        followers.push(runtime.spawn(follow::logged(format!("the lists of partition {number}"), projector.run())));
        let watched = Watched::new(snapshots, Arc::clone(&feed), Arc::clone(&lists), Arc::clone(&self.store), snapshot);
        let partition = Partition { feed, shard: RwLock::new(Some(shard)), model, applied, lists, settlements };
        Ok((partition, (pending, recovery.next_offset), watched))
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
