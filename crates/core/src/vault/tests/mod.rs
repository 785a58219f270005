#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod erasure;
mod faults;
mod power;

use std::fs;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use guichet_broker::{BatchBuilder, DiskFile, FsDisk, JournalConfig};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::places::TOPIC;
use super::*;

const SECRET: [u8; 32] = [7; 32];

/// The real disk, with counted, held or failing syncs.
#[derive(Clone)]
struct TestDisk {
    real: Arc<FsDisk>,
    control: Arc<Control>,
}

#[derive(Default)]
struct Control {
    /// Syncs of segments so far; those of the checkpoint come whenever a second has passed.
    syncs: AtomicUsize,
    /// Syncs of segments wait while this is set.
    held: AtomicBool,
    /// So many syncs of segments fail.
    failures: AtomicUsize,
    /// Nothing can be created any more.
    full: AtomicBool,
}

struct TestFile {
    real: Box<dyn DiskFile>,
    segment: bool,
    control: Arc<Control>,
}

impl TestDisk {
    fn at(dir: &TempDir) -> Self {
        Self { real: Arc::new(FsDisk::open_root(dir.path()).unwrap()), control: Arc::default() }
    }

    fn vault(&self) -> Vault {
        Vault::open(Arc::new(self.clone()), SECRET).unwrap()
    }

    fn wrap(&self, path: &Path, real: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let segment = path.extension().is_some_and(|extension| extension == "log");
        Box::new(TestFile { real, segment, control: Arc::clone(&self.control) })
    }
}

impl Disk for TestDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.real.create_dir_all(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.real.list(dir)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.real.open(path).map(|file| self.wrap(path, file))
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.control.full.load(SeqCst) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.real.create_new(path).map(|file| self.wrap(path, file))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.real.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.real.remove(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.real.remove_dir(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.real.sync_dir(dir)
    }
}

impl DiskFile for TestFile {
    fn len(&self) -> io::Result<u64> {
        self.real.len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.real.read_at(buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.real.write_at(buf, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        if self.segment {
            self.control.syncs.fetch_add(1, SeqCst);
        }
        while self.segment && self.control.held.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.segment && self.control.failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(io::Error::other("planted"));
        }
        self.real.sync_data()
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.real.truncate(len)
    }
}

fn ada() -> Buyer {
    Buyer { email: "ada@example.org".into(), name: "Ada Lovelace".into() }
}

fn buyer_number(number: usize) -> Buyer {
    Buyer { email: format!("buyer{number}@example.org"), name: format!("Buyer {number}") }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn segment(dir: &TempDir) -> PathBuf {
    dir.path().join("vault-0").join("00000000000000000000.log")
}

/// The records of a closed vault that has never erased.
fn records(disk: &TestDisk) -> Vec<Vec<u8>> {
    records_of(disk, 0)
}

/// The records of this journal of a closed vault.
fn records_of(disk: &TestDisk, number: u32) -> Vec<Vec<u8>> {
    let (journal, _) = Journal::open(Arc::new(disk.clone()), JournalConfig::new(TOPIC, number), Trust::Tail).unwrap();
    let batches = journal.reader().batches(0).map(Result::unwrap);
    batches.flat_map(|batch| batch.records().map(|(_, bytes)| bytes.to_vec()).collect::<Vec<_>>()).collect()
}

/// Keeps so many buyers at once, all queued behind one sync that is held.
async fn keep_at_once(disk: &TestDisk, vault: &Arc<Vault>, buyers: impl Iterator<Item = Buyer>) -> Vec<Result<[u8; 16], VaultError>> {
    disk.control.held.store(true, SeqCst);
    let (queued, mut tasks) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    let mut count = 0;
    for buyer in buyers {
        let (vault, queued) = (Arc::clone(vault), Arc::clone(&queued));
        count += 1;
        tasks.spawn(async move {
            let mut keeping = pin!(vault.keep(buyer));
            let first = poll_fn(|context| Poll::Ready(keeping.as_mut().poll(context))).await;
            queued.fetch_add(1, SeqCst);
            match first {
                Poll::Ready(done) => done,
                Poll::Pending => keeping.await,
            }
        });
    }
    while queued.load(SeqCst) < count {
        tokio::task::yield_now().await;
    }
    disk.control.held.store(false, SeqCst);
    tasks.join_all().await
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let reference = vault.keep(ada()).await.unwrap();
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
    assert_eq!(vault.read(&[0; 16]).unwrap(), None);
    vault.close();
    let vault = disk.vault();
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
    assert_eq!(vault.keep(ada()).await.unwrap(), reference);
}

#[tokio::test]
async fn what_was_kept_is_on_the_disk_when_keep_returns() {
    let (dir, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let before = disk.control.syncs.load(SeqCst);
    let reference = vault.keep(ada()).await.unwrap();
    assert!(disk.control.syncs.load(SeqCst) > before);
    // The segment as a crash at this moment would leave it.
    fs::create_dir(copy.path().join("vault-0")).unwrap();
    let log = segment(&dir);
    fs::copy(&log, copy.path().join("vault-0").join(log.file_name().unwrap())).unwrap();
    assert_eq!(TestDisk::at(&copy).vault().read(&reference).unwrap(), Some(ada()));
}

#[tokio::test]
async fn a_torn_tail_is_cut() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let reference = vault.keep(ada()).await.unwrap();
    vault.close();
    let log = segment(&dir);
    let torn = [fs::read(&log).unwrap(), vec![0, 0, 0, 0, 9, 9, 9]].concat();
    fs::write(&log, torn).unwrap();
    let vault = disk.vault();
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
    vault.keep(buyer_number(1)).await.unwrap();
    vault.close();
    assert_eq!(records(&disk).len(), 2);
}

#[tokio::test]
async fn the_same_details_are_one_record_and_one_reference() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = Arc::new(disk.vault());
    let reference = vault.keep(ada()).await.unwrap();
    let before = disk.control.syncs.load(SeqCst);
    assert_eq!(vault.keep(ada()).await.unwrap(), reference);
    assert_eq!(disk.control.syncs.load(SeqCst), before, "details that are there cost no write");
    let answers = keep_at_once(&disk, &vault, (0..50).map(|_| buyer_number(1))).await;
    let first = *answers[0].as_ref().unwrap();
    assert_ne!(first, reference);
    assert!(answers.iter().all(|answer| *answer.as_ref().unwrap() == first));
    vault.close();
    assert_eq!(records(&disk).len(), 2);
}

#[tokio::test]
async fn where_the_address_ends_and_the_name_begins_makes_a_difference() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let one = vault.keep(Buyer { email: "ab".into(), name: "c".into() }).await.unwrap();
    let other = vault.keep(Buyer { email: "a".into(), name: "bc".into() }).await.unwrap();
    assert_ne!(one, other);
}

#[tokio::test]
async fn another_secret_keeps_the_same_details_once_more() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let reference = vault.keep(ada()).await.unwrap();
    vault.close();
    let vault = Vault::open(Arc::new(disk.clone()), [8; 32]).unwrap();
    let other = vault.keep(ada()).await.unwrap();
    assert_ne!(other, reference);
    // Only keeping needs the secret, so the old reference still works.
    assert_eq!((vault.read(&reference).unwrap(), vault.read(&other).unwrap()), (Some(ada()), Some(ada())));
}

#[tokio::test]
async fn a_closed_vault_refuses_to_keep_and_still_reads() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let reference = vault.keep(ada()).await.unwrap();
    vault.close();
    vault.close();
    for buyer in [ada(), buyer_number(1)] {
        assert!(matches!(vault.keep(buyer).await, Err(VaultError::Closed)));
    }
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
}

#[tokio::test]
async fn closing_commits_what_was_accepted() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    {
        let mut keeping = pin!(vault.keep(ada()));
        disk.control.held.store(true, SeqCst);
        let answered = poll_fn(|context| Poll::Ready(keeping.as_mut().poll(context).is_ready())).await;
        assert!(!answered);
        // The caller goes away here, before its answer.
    }
    disk.control.held.store(false, SeqCst);
    vault.close();
    assert_eq!(records(&disk).len(), 1);
}

#[tokio::test]
async fn nothing_of_a_buyer_stands_in_the_files() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    vault.keep(ada()).await.unwrap();
    vault.close();
    let files = files(dir.path());
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        for part in ["ada@", "example", "Ada", "Lovelace"] {
            assert!(!bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{part} in {}", file.display());
        }
    }
}

#[test]
fn nothing_of_a_buyer_is_printed() {
    assert_eq!(format!("{:?}", ada()), "Buyer { .. }");
    let error = record::details(&Buyer { email: "a".repeat(255), name: String::new() }).unwrap_err();
    assert_eq!(error.to_string(), "the buyer's e-mail address has 255 bytes, the limit is 254");
    assert!(!format!("{error:?}").contains("aa"));
}

#[tokio::test]
async fn the_longest_details_are_kept_and_longer_ones_are_not() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let longest = Buyer { email: "e".repeat(254), name: "n".repeat(512) };
    let longer = Buyer { name: "n".repeat(513), ..longest.clone() };
    assert!(matches!(vault.keep(longer).await, Err(VaultError::TooLong { what: "name", bytes: 513, limit: 512 })));
    let nothing = Buyer { email: String::new(), name: String::new() };
    let references = [vault.keep(longest.clone()).await.unwrap(), vault.keep(nothing.clone()).await.unwrap()];
    drop(vault);
    let vault = disk.vault();
    assert_eq!(references.map(|reference| vault.read(&reference).unwrap()), [Some(longest), Some(nothing)]);
}

#[tokio::test]
async fn concurrent_callers_share_syncs() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = Arc::new(disk.vault());
    let before = disk.control.syncs.load(SeqCst);
    let answers = keep_at_once(&disk, &vault, (0..200).map(buyer_number)).await;
    let syncs = disk.control.syncs.load(SeqCst) - before;
    // The first one's, and the one for all that came while it was held.
    assert!(syncs <= 2, "{syncs} syncs for 200 callers");
    for (number, answer) in answers.into_iter().enumerate() {
        assert!(vault.read(&answer.unwrap()).unwrap().is_some(), "{number}");
    }
    vault.close();
    assert_eq!(records(&disk).len(), 200);
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    disk.control.held.store(true, SeqCst);
    let mut waiting = Vec::new();
    // The thread may hold a batch of its own beside what is queued.
    let refused = (0..=QUEUE_MAX + BATCH_RECORDS_MAX).find_map(|number| {
        let details = record::details(&buyer_number(number)).unwrap();
        vault.submit(&details).map(|answer| waiting.push(answer)).err()
    });
    assert!(matches!(refused, Some(VaultError::Busy)));
    disk.control.held.store(false, SeqCst);
    vault.close();
    let accepted = waiting.len();
    for answer in waiting {
        let Submitted::Queued(answer) = answer else { panic!("nothing of this was kept before") };
        answer.await.unwrap().unwrap();
    }
    assert_eq!(records(&disk).len(), accepted);
}

#[tokio::test]
async fn after_a_failed_sync_the_outcome_is_unknown_and_the_vault_goes_on() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let before = vault.keep(ada()).await.unwrap();
    disk.control.failures.store(1, SeqCst);
    assert!(matches!(vault.keep(buyer_number(1)).await, Err(VaultError::OutcomeUnknown)));
    assert_eq!(vault.kept.read().reference_of(&vault.lookup(&record::details(&buyer_number(1)).unwrap())), None);
    let after = vault.keep(buyer_number(1)).await.unwrap();
    vault.close();
    let vault = disk.vault();
    assert_eq!(vault.read(&before).unwrap(), Some(ada()));
    assert_eq!(vault.read(&after).unwrap(), Some(buyer_number(1)));
    vault.close();
    assert_eq!(records(&disk).len(), 2, "the lost record was cut, not doubled");
}

#[tokio::test]
async fn a_vault_that_cannot_reopen_stops_says_so_and_still_reads() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let reference = vault.keep(ada()).await.unwrap();
    disk.control.full.store(true, SeqCst);
    disk.control.failures.store(1, SeqCst);
    assert!(matches!(vault.keep(buyer_number(1)).await, Err(VaultError::OutcomeUnknown)));
    for _ in 0..2 {
        let error = vault.keep(buyer_number(1)).await.unwrap_err();
        assert!(matches!(&error, VaultError::Stopped { why } if why.contains("planted")), "{error}");
    }
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
    assert_eq!(vault.keep(ada()).await.unwrap(), reference);
    vault.close();
    // A healthy disk again.
    disk.control.full.store(false, SeqCst);
    let vault = disk.vault();
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
    vault.keep(buyer_number(1)).await.unwrap();
}

#[test]
fn the_layout_of_a_record_is_this() {
    let (reference, lookup) = ([0x22; 16], [0x55; 16]);
    let sealed = Sealed::seal_with([0x33; 32], [0x44; 12], &reference, lookup, &record::details(&ada()).unwrap()).unwrap();
    let bytes = sealed.encode(&reference);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let front = format!("02{}{}{}{}", "22".repeat(16), "55".repeat(16), "33".repeat(32), "44".repeat(12));
    // Computed with another implementation of RFC 8439 (OpenSSL).
    assert_eq!(
        hex.strip_prefix(&front),
        Some("7716386971d658f23443f7ba2752106e404b8e050025c24d162390bf9eca31c9709a9e8dd88bc27df314577bc0")
    );
    let (decoded, sealed) = record::decode(5, &bytes).unwrap();
    assert_eq!((decoded, sealed.lookup, sealed.open(&decoded).unwrap()), (reference, lookup, ada()));
}

#[tokio::test]
async fn the_lookup_of_these_details_is_this_and_the_reference_is_nobodys_guess() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let vault = TestDisk::at(&dir).vault();
    let lookup = vault.lookup(&record::details(&ada()).unwrap());
    assert_eq!(format!("{:032x}", u128::from_be_bytes(lookup)), "bbf0dff50229dbf07326bab3039a9211");
    let reference = vault.keep(ada()).await.unwrap();
    assert_eq!(vault.kept.read().reference_of(&lookup), Some(reference));
    assert_ne!(reference, lookup);
    // The same secret and the same details: nothing but chance makes the reference.
    assert_ne!(TestDisk::at(&other).vault().keep(ada()).await.unwrap(), reference);
}

#[test]
fn a_record_that_was_changed_or_moved_does_not_open() {
    let reference = [1; 16];
    let bytes = Sealed::seal(&reference, [2; 16], &record::details(&ada()).unwrap()).unwrap().encode(&reference);
    for at in 1..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let (reference, sealed) = record::decode(1, &changed).unwrap();
        assert!(matches!(sealed.open(&reference), Err(VaultError::Unreadable)), "byte {at}");
    }
}

#[test]
fn what_is_no_record_is_refused_with_its_offset() {
    for length in (0..95).chain([861 + 1, 4_000]) {
        let error = record::decode(9, &vec![record::VERSION; length]).map(drop).unwrap_err();
        assert!(matches!(error, VaultError::NotARecord { offset: 9, bytes } if bytes == length), "{length}: {error}");
    }
    assert!(record::decode(9, &[2; 95]).is_ok() && record::decode(9, &[2; 861]).is_ok());
}

#[test]
fn an_unknown_version_is_named() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let (mut journal, _) = Journal::open(Arc::new(disk.clone()), JournalConfig::new(TOPIC, 0), Trust::Tail).unwrap();
    let mut batch = BatchBuilder::new(0);
    batch.push(&[9; 100]);
    journal.commit(batch.finish()).unwrap();
    journal.close().unwrap();
    let error = Vault::open(Arc::new(disk), SECRET).map(drop).unwrap_err();
    assert!(matches!(error, VaultError::UnknownVersion { offset: 1, version: 9 }), "{error}");
    assert!(error.to_string().contains("version 9, this program knows 2"), "{error}");
}
