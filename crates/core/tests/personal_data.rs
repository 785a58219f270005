//! A buyer's details are readable through the engine, and in clear in no file and in no log line: not in the journal, not in the
//! lists, not elsewhere. Once erased they are nowhere, and everything else goes on.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use guichet_core::broker::{Disk, DiskFile, FsDisk};
use guichet_core::{
    Buyer, CommandError, Config, Guichet, IdempotencyKey, Invalid, Item, OrderId, OrderView, PaymentRequest, Selector, ShowId,
    verify_ticket,
};
use support::House;

const EMAIL: &str = "marked-4711@example.org";
const NAME: &str = "Marked Buyer 4711";
/// What must be nowhere: whole details, and what is left of them in another case or in part.
const MARKS: &[&str] = &["marked-4711", "Marked-4711", "MARKED-4711", NAME, "Buyer 4711"];

/// Everything that was logged by any test of this file, at any level.
#[derive(Clone)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens from the first call on; one process has one log.
    fn listen() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Log(Arc::default());
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).with_ansi(false);
            subscriber.with_writer(move || writer.clone()).init();
            log
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn has_no_mark(&self) {
        let text = self.text();
        let bad: Vec<_> = text.lines().filter(|line| MARKS.iter().any(|mark| line.contains(mark))).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn search(directory: &Path, found: &mut Vec<String>, searched: &mut usize) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, found, searched);
        } else {
            *searched += 1;
            let bytes = std::fs::read(&path).unwrap();
            if MARKS.iter().any(|mark| contains(&bytes, mark)) {
                found.push(path.display().to_string());
            }
        }
    }
}

fn no_file_has_a_mark(data: &Path) {
    let (mut found, mut searched) = (Vec::new(), 0);
    search(data, &mut found, &mut searched);
    assert!(found.is_empty(), "{found:?}");
    assert!(searched > 8, "only {searched} files searched");
}

fn marked(email: &str, name: &str) -> Buyer {
    Buyer { email: email.into(), name: name.into() }
}

fn payment() -> PaymentRequest {
    PaymentRequest { provider: "simulated".into(), token: "approve".into() }
}

async fn buy(engine: &Guichet, show: ShowId, buyer: Buyer) -> OrderView {
    let hold = engine.place_hold(show, [Item::quantity("Standing", 1)]).await.unwrap();
    engine.place_order(&[hold.id], buyer, payment()).await.unwrap().settled(Duration::from_secs(10)).await.unwrap()
}

#[tokio::test]
async fn details_are_in_no_file_and_in_no_log_in_clear_and_come_back_after_a_restart() {
    let log = Log::listen();
    let house = House::open().await;
    let show = house.show().await;
    let hold = house.engine.place_hold(show, [Item::quantity("Standing", 1)]).await.unwrap();
    let buyer = || marked(EMAIL, NAME);
    let key: IdempotencyKey = "one order".parse().unwrap();
    let placed = house.engine.place_order(&[hold.id], buyer(), payment()).key(key.clone()).await.unwrap();
    let again = house.engine.place_order(&[hold.id], buyer(), payment()).key(key).await.unwrap();
    assert_eq!((again.id, again.repeated), (placed.id, true));
    placed.settled(Duration::from_secs(10)).await.unwrap();
    house.listed(show, 1).await;
    // Refusals name what is wrong, not whose it is.
    let other = house.engine.place_hold(show, [Item::quantity("Standing", 1)]).await.unwrap();
    let too_long = marked(&EMAIL.repeat(20), NAME);
    let refused = house.engine.place_order(&[other.id], too_long, payment()).await.map(drop).unwrap_err();
    assert!(matches!(&refused, CommandError::Invalid(Invalid::BuyerTooLong(_))) && !format!("{refused:?} {refused}").contains("marked"));

    let house = house.reopen_after(|data| no_file_has_a_mark(&data)).await.unwrap();
    let order = house.listed(show, 1).await.remove(0);
    assert_eq!(house.engine.buyer(&order).unwrap().map(|buyer| (buyer.email, buyer.name)), Some((EMAIL.into(), NAME.into())));
    house.engine.close().await;
    tracing::trace!("the log listens");
    assert!(log.text().contains("the log listens"));
    log.has_no_mark();
}

#[tokio::test]
async fn an_erased_buyer_is_nowhere_and_everything_else_goes_on() {
    let log = Log::listen();
    let house = House::open().await;
    let show = house.show().await;
    let engine = &house.engine;
    let by_order = buy(engine, show, marked(EMAIL, NAME)).await;
    let same_details = buy(engine, show, marked(EMAIL, NAME)).await;
    let other_name = buy(engine, show, marked("MARKED-4711@example.org", "Another name")).await;
    let stays = buy(engine, show, marked("stays@example.org", "Stays")).await;
    assert_eq!(by_order.buyer, same_details.buyer);

    // The order's record, then the other one of the same address, then nothing is there.
    assert_eq!(engine.count_buyer_records(Selector::Email(EMAIL.into())).await.unwrap(), 2);
    assert_eq!(engine.erase_buyer(Selector::Order(by_order.id)).await.unwrap(), 1);
    for order in [&by_order, &same_details] {
        assert_eq!(engine.buyer(order).unwrap(), None);
    }
    assert!(engine.buyer(&other_name).unwrap().is_some());
    assert_eq!(engine.erase_buyer(Selector::Email("Marked-4711@EXAMPLE.org".into())).await.unwrap(), 1);
    assert_eq!(engine.buyer(&other_name).unwrap(), None);
    for nothing in [
        Selector::Order(by_order.id),
        Selector::Email(EMAIL.into()),
        Selector::Reference(by_order.buyer.unwrap()),
        Selector::Reference([0; 16]),
    ] {
        assert_eq!(engine.erase_buyer(nothing).await.unwrap(), 0);
    }
    let without = house.sell(show).await;
    assert_eq!(engine.erase_buyer(Selector::Order(without.id)).await.unwrap(), 0);
    let nowhere: OrderId = "019a5b0e-7c00-7000-8001-000000000001".parse().unwrap();
    let refused = engine.erase_buyer(Selector::Order(nowhere)).await.unwrap_err();
    assert!(matches!(refused, CommandError::Invalid(Invalid::OrderNotFound(_))), "{refused:?}");
    assert_eq!(engine.erase_buyer(Selector::Email(" ".into())).await.unwrap_err(), Invalid::EmailEmpty.into());
    assert_eq!(format!("{:?}", Selector::Email(EMAIL.into())), "Email(..)");

    // Who comes again is somebody new.
    let again = buy(engine, show, marked(EMAIL, NAME)).await;
    assert_ne!(again.buyer, by_order.buyer);
    assert!(engine.buyer(&again).unwrap().is_some() && engine.buyer(&by_order).unwrap().is_none());
    assert_eq!(engine.erase_buyer(Selector::Reference(again.buyer.unwrap())).await.unwrap(), 1);

    // The lists are rebuilt from a journal that refers to nobody.
    house.listed(show, 6).await;
    let house = house
        .reopen_after(|data| {
            no_file_has_a_mark(&data);
            std::fs::remove_dir_all(data.join("projections")).unwrap();
        })
        .await
        .unwrap();
    let engine = &house.engine;
    let orders = house.listed(show, 6).await;
    for order in &orders {
        let expected = (order.id == stays.id).then(|| marked("stays@example.org", "Stays"));
        assert_eq!(engine.buyer(order).unwrap(), expected);
        let tickets = engine.tickets(order);
        assert_eq!(tickets.len(), 1, "{order:?}");
        assert_eq!(verify_ticket(&tickets[0].code, &engine.ticket_public_key()).unwrap(), tickets[0].id);
    }
    let verification = engine.verify().await.unwrap();
    assert!(verification.ok(), "{verification:?}");
    let data = house.data();
    house.engine.close().await;
    no_file_has_a_mark(&data);
    assert!(log.text().contains("buyers' details were erased"), "the operator sees that something was erased");
    log.has_no_mark();
}

/// A real disk whose syncs in one directory wait as long as they are held.
struct Slow {
    disk: FsDisk,
    directory: &'static str,
    held: Arc<AtomicBool>,
}

struct SlowFile {
    file: Box<dyn DiskFile>,
    held: Option<Arc<AtomicBool>>,
}

impl Slow {
    fn wrap(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(SlowFile { file, held: path.starts_with(self.directory).then(|| Arc::clone(&self.held)) })
    }
}

impl Disk for Slow {
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

impl DiskFile for SlowFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(buf, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        while self.held.as_ref().is_some_and(|held| held.load(Ordering::Acquire)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.file.sync_data()
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}

#[tokio::test]
async fn holds_and_orders_go_on_while_an_erasure_waits_for_its_disk() {
    Log::listen();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let held = Arc::new(AtomicBool::new(false));
    let disk = Slow { disk: FsDisk::open_root(&data).unwrap(), directory: "vault-1", held: Arc::clone(&held) };
    let engine = Guichet::open(Config::at(&data).journal_disk(Arc::new(disk))).await.unwrap();
    let house = House { engine, directory };
    let show = house.show().await;
    let gone = buy(&house.engine, show, marked(EMAIL, NAME)).await;

    held.store(true, Ordering::Release);
    let erasing = tokio::spawn({
        let engine = house.engine.clone();
        async move { engine.erase_buyer(Selector::Order(gone.id)).await }
    });
    let with_buyer = tokio::spawn({
        let engine = house.engine.clone();
        async move {
            // After the erasure has taken the vault's thread.
            tokio::time::sleep(Duration::from_millis(200)).await;
            buy(&engine, show, marked("late@example.org", "Late")).await
        }
    });
    for _ in 0..20 {
        let sold = tokio::time::timeout(Duration::from_secs(5), house.sell(show)).await;
        assert!(sold.is_ok(), "an order without a buyer waited for the erasure");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!erasing.is_finished() && !with_buyer.is_finished());
    held.store(false, Ordering::Release);
    assert_eq!(erasing.await.unwrap().unwrap(), 1);
    let late = with_buyer.await.unwrap();
    assert!(house.engine.buyer(&late).unwrap().is_some());
    house.engine.close().await;
}
