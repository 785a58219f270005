//! What callers see when the disk below a partition fails: an unknown outcome that the key resolves, or a stop that says why; never
//! silence, and never harm to another partition.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panic")]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use guichet_core::broker::{Disk, DiskFile, FsDisk};
use guichet_core::domain::seating::{Category, Row, Seat, SeatingPlan};
use guichet_core::domain::show::SaleState;
use guichet_core::{Caller, CommandError, Config, Currency, Fault, Guichet, Hold, IdempotencyKey, Item, ProductDraft, ShowDraft, ShowId};

const HEALTHY: u8 = 0;
const NEXT_SYNC_FAILS: u8 = 1;
const SYNC_PANICS: u8 = 2;
const FULL: u8 = 3;
const SYNC_FINDS_NO_ROOM: u8 = 4;

/// A real disk whose syncs and writes in one directory can be made to fail.
struct Moody {
    disk: FsDisk,
    directory: &'static str,
    mood: Arc<AtomicU8>,
}

struct MoodyFile {
    file: Box<dyn DiskFile>,
    mood: Option<Arc<AtomicU8>>,
}

impl Moody {
    fn wrap(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(MoodyFile { file, mood: path.starts_with(self.directory).then(|| Arc::clone(&self.mood)) })
    }
}

impl Disk for Moody {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir_all(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, self.disk.open(path)?))
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, self.disk.create_new(path)?))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

impl DiskFile for MoodyFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        match &self.mood {
            Some(mood) if mood.load(Ordering::Acquire) == FULL => Err(io::ErrorKind::StorageFull.into()),
            _ => self.file.write_at(buf, offset),
        }
    }
    fn sync_data(&self) -> io::Result<()> {
        if let Some(mood) = &self.mood {
            if mood.compare_exchange(NEXT_SYNC_FAILS, HEALTHY, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return Err(io::Error::other("injected"));
            }
            if mood.load(Ordering::Acquire) == SYNC_FINDS_NO_ROOM {
                return Err(io::ErrorKind::StorageFull.into());
            }
            assert_ne!(mood.load(Ordering::Acquire), SYNC_PANICS, "injected panic");
        }
        self.file.sync_data()
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}

struct House {
    engine: Guichet,
    mood: Arc<AtomicU8>,
    _directory: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mood = Arc::new(AtomicU8::new(HEALTHY));
        let data = directory.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let disk = Moody { disk: FsDisk::open_root(&data).unwrap(), directory: "journal-1", mood: Arc::clone(&mood) };
        let engine = Guichet::open(Config::at(&data).journal_disk(Arc::new(disk))).await.unwrap();
        Self { engine, mood, _directory: directory }
    }

    /// A show with one seat; the first is sold in partition 1, the next in partition 2.
    async fn show(&self) -> ShowId {
        let mut plan = SeatingPlan {
            name: "Hall".into(),
            categories: vec![Category { name: "Stalls".into(), colour: "#000000".into() }],
            ..SeatingPlan::default()
        };
        plan.push_row(Row { label: "A".into(), ..Row::default() }, [Seat { label: "1".into(), ..Seat::default() }]);
        let (venue, _) = self.engine.register_venue(plan, None, Caller::EMBEDDER, None).await.unwrap();
        let standing =
            ProductDraft { name: "Standing".into(), price_minor: 100, quotas: vec!["standing".into()], ..ProductDraft::default() };
        let draft = ShowDraft {
            products: vec![standing],
            quotas: vec![("standing".into(), 10)],
            ..ShowDraft::new(venue, "Show", Currency::from_code("EUR").unwrap())
        };
        let (show, _) = self.engine.create_show(draft, Caller::EMBEDDER, None).await.unwrap();
        self.engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await.unwrap();
        show.id
    }
}

impl House {
    /// Asks until the answer is not `busy`, which a partition gives while it reopens or stops.
    async fn hold(&self, show: ShowId, key: &IdempotencyKey) -> Result<Hold, CommandError> {
        loop {
            match self.engine.place_hold(show, standing()).key(key.clone()).await {
                Err(CommandError::Busy { retry_after }) => tokio::time::sleep(retry_after).await,
                answer => return answer,
            }
        }
    }
}

fn standing() -> [Item; 1] {
    [Item::quantity("Standing", 1)]
}

#[tokio::test]
async fn after_a_failed_sync_the_outcome_is_unknown_and_the_key_finds_out() {
    let house = House::open().await;
    let show = house.show().await;
    assert_eq!(show.partition(), 1);
    let before = house.engine.place_hold(show, standing()).await.unwrap();
    house.mood.store(NEXT_SYNC_FAILS, Ordering::Release);
    let key: IdempotencyKey = "visitor 17".parse().unwrap();
    let unknown = house.engine.place_hold(show, standing()).key(key.clone()).await.unwrap_err();
    assert_eq!(unknown, CommandError::OutcomeUnknown { key: key.clone() });
    // The partition has reopened at what was synced: the failed hold is not there, the one before is.
    let found = house.hold(show, &key).await.unwrap();
    assert!(!found.repeated);
    let again = house.engine.place_hold(show, standing()).key(key).await.unwrap();
    assert_eq!((again.id, again.repeated), (found.id, true));
    house.engine.release_hold(before.id).await.unwrap();
    house.engine.wait_for(&again.position).await.unwrap();
    let verification = house.engine.verify().await.unwrap();
    assert!(verification.ok(), "{verification:?}");
    house.engine.close().await;
}

#[tokio::test]
async fn a_partition_that_panics_answers_everybody_and_leaves_the_others_alone() {
    let house = House::open().await;
    let (broken, other) = (house.show().await, house.show().await);
    assert_eq!((broken.partition(), other.partition()), (1, 2));
    house.mood.store(SYNC_PANICS, Ordering::Release);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let engine = house.engine.clone();
            tokio::spawn(async move { engine.place_hold(broken, standing()).await })
        })
        .collect();
    for caller in callers {
        let answer = tokio::time::timeout(Duration::from_secs(10), caller).await.expect("nobody waits for ever").unwrap();
        assert!(
            matches!(answer, Err(CommandError::Fault(_) | CommandError::OutcomeUnknown { .. } | CommandError::Busy { .. })),
            "{answer:?}"
        );
    }
    let stopped = house.hold(broken, &IdempotencyKey::generate()).await.unwrap_err();
    assert!(matches!(stopped, CommandError::Fault(Fault::PartitionStopped { partition: 1, .. })), "{stopped:?}");
    house.engine.place_hold(other, standing()).await.unwrap();
    let status = house.engine.status();
    assert!(!status.serves());
    house.engine.close().await;
}

#[tokio::test]
async fn a_partition_waits_for_room_on_a_full_disk_and_goes_on_by_itself() {
    let house = House::open().await;
    let (show, elsewhere) = (house.show().await, house.show().await);
    let before = house.engine.place_hold(show, standing()).await.unwrap();
    house.mood.store(FULL, Ordering::Release);
    let key: IdempotencyKey = "visitor 17".parse().unwrap();
    let unknown = house.engine.place_hold(show, standing()).key(key.clone()).await.unwrap_err();
    assert!(matches!(unknown, CommandError::OutcomeUnknown { .. }), "{unknown}");
    // As long as there is no room everybody is told so at once, the others go on, and reading does.
    for _ in 0..3 {
        let busy = house.engine.place_hold(show, standing()).await.unwrap_err();
        assert!(matches!(busy, CommandError::Busy { .. }), "{busy}");
    }
    house.engine.place_hold(elsewhere, standing()).await.unwrap();
    assert_eq!(house.engine.hold(before.id).unwrap().map(|hold| hold.id), Some(before.id));
    house.mood.store(HEALTHY, Ordering::Release);
    let after = house.hold(show, &key).await.unwrap();
    assert!(!after.repeated, "what was not written was not done");
    house.engine.extend_hold(before.id, Duration::from_secs(1_800)).await.unwrap();

    house.mood.store(FULL, Ordering::Release);
    house.engine.place_hold(show, standing()).await.unwrap_err();
    let ends = tokio::time::timeout(Duration::from_secs(30), house.engine.close()).await;
    assert!(ends.is_ok(), "an engine closes while a disk is full, too");
}

#[tokio::test]
async fn a_sync_that_fails_for_want_of_room_is_not_waited_for() {
    let house = House::open().await;
    let show = house.show().await;
    house.mood.store(SYNC_FINDS_NO_ROOM, Ordering::Release);
    let key: IdempotencyKey = "visitor 17".parse().unwrap();
    house.engine.place_hold(show, standing()).key(key.clone()).await.unwrap_err();
    let stopped = tokio::time::timeout(Duration::from_secs(10), house.hold(show, &key)).await.expect("the partition does not wait");
    assert!(stopped.as_ref().is_err_and(|error| error.to_string().contains("partition 1 has stopped")), "{stopped:?}");
    house.engine.close().await;
}
