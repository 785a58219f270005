//! An erasure on a disk that fails or loses its power at every step: what was acknowledged never comes back, what was not erased is
//! never lost, and after the next start the person is there whole or not at all.

use super::power::{Left, PowerDisk};
use super::*;

/// Steps that an erasure takes at least: the new journal, the switch, the removal of the old one.
const STEPS_MIN: usize = 20;

fn open(disk: &PowerDisk) -> Result<Vault, VaultError> {
    Vault::open(Arc::new(disk.clone()), SECRET)
}

fn ada_lower() -> Buyer {
    Buyer { email: "ADA@Example.org".into(), name: "A. Lovelace".into() }
}

fn by_email() -> Whose {
    Whose::Email("Ada@example.ORG ".into())
}

/// A vault with two records of one person among others, all durable.
struct Scene {
    disk: PowerDisk,
    vault: Vault,
    ada: [[u8; 16]; 2],
    keys: [Vec<u8>; 2],
    others: Vec<([u8; 16], Buyer)>,
}

impl Scene {
    async fn set(keeps_directories: bool) -> Self {
        let disk = PowerDisk::new(keeps_directories);
        let vault = open(&disk).unwrap();
        let mut others = Vec::new();
        let first = vault.keep(ada()).await.unwrap();
        for number in 0..5 {
            others.push((vault.keep(buyer_number(number)).await.unwrap(), buyer_number(number)));
        }
        let ada = [first, vault.keep(ada_lower()).await.unwrap()];
        let keys = ada.map(|reference| super::erasure::key(&vault, &reference));
        vault.close();
        let vault = open(&disk).unwrap();
        for key in &keys {
            assert!(!disk.hold(key).is_empty(), "the search finds what is there");
        }
        Self { disk, vault, ada, keys, others }
    }

    fn no_file_has_a_key(&self, disk: &PowerDisk, when: &str) {
        for key in &self.keys {
            assert_eq!(disk.hold(key), Vec::<PathBuf>::new(), "{when}: a key is still there");
        }
    }

    /// What must be true after a start on what a power cut left. `erased` says what is known of the erasure.
    async fn check_start(&self, left: Left, erased: Option<bool>, when: &str) {
        let disk = self.disk.power_cut(left);
        let when = &format!("{when}, {left:?}");
        if erased == Some(true) {
            self.no_file_has_a_key(&disk, when);
        }
        let vault = open(&disk).unwrap_or_else(|error| panic!("{when}: {error}"));
        for (reference, buyer) in &self.others {
            assert_eq!(vault.read(reference).unwrap().as_ref(), Some(buyer), "{when}");
        }
        let there = self.ada.map(|reference| vault.read(&reference).unwrap().is_some());
        assert_eq!(there[0], there[1], "{when}: erased in part");
        if let Some(erased) = erased {
            assert_eq!(there[0], !erased, "{when}");
        }
        if !there[0] {
            self.no_file_has_a_key(&disk, when);
        }
        // It goes on: keeps, erases again, and starts again.
        let late = vault.keep(buyer_number(77)).await.unwrap();
        assert_eq!(vault.erase(by_email()).await.unwrap(), if there[0] { 2 } else { 0 }, "{when}");
        drop(vault);
        let disk = disk.power_cut(Left::Nothing);
        self.no_file_has_a_key(&disk, when);
        let vault = open(&disk).unwrap();
        assert_eq!(vault.read(&late).unwrap(), Some(buyer_number(77)), "{when}");
        assert!(self.others.iter().all(|(reference, buyer)| vault.read(reference).unwrap().as_ref() == Some(buyer)), "{when}");
    }
}

#[tokio::test]
async fn a_power_cut_at_any_step_leaves_the_old_journal_or_the_new_one() {
    cut_the_power_at_every_step(false).await;
}

#[tokio::test]
async fn so_it_does_on_a_disk_that_keeps_empty_directories() {
    cut_the_power_at_every_step(true).await;
}

async fn cut_the_power_at_every_step(keeps_directories: bool) {
    for step in 0.. {
        let scene = Scene::set(keeps_directories).await;
        scene.disk.fail_after(step, true);
        let answer = scene.vault.erase(by_email()).await;
        let when = format!("power cut at step {step}");
        if let Ok(erased) = answer {
            assert_eq!(erased, 2, "{when}");
        }
        let erased = answer.is_ok().then_some(true);
        for left in Left::all() {
            scene.check_start(left, erased, &when).await;
        }
        if !scene.disk.failed() {
            assert!(answer.is_ok());
            assert!(step >= STEPS_MIN, "only {step} steps");
            break;
        }
    }
}

#[tokio::test]
async fn a_failure_at_any_step_is_told_truly_and_the_vault_goes_on_or_stops() {
    let (mut refused, mut unfinished, mut unknown) = (0, 0, 0);
    for step in 0.. {
        let mut scene = Scene::set(false).await;
        scene.disk.fail_after(step, false);
        let answer = scene.vault.erase(by_email()).await;
        let failed = scene.disk.failed();
        scene.disk.heal();
        let when = format!("failure at step {step}, answered {answer:?}");
        let there = scene.ada.map(|reference| scene.vault.read(&reference).unwrap().is_some());
        let again = scene.vault.erase(by_email()).await;
        let erased = match answer {
            Ok(erased) => {
                assert_eq!((erased, there), (2, [false; 2]), "{when}");
                assert_eq!(again.unwrap(), 0, "{when}");
                Some(true)
            }
            Err(VaultError::NotErased { .. }) => {
                refused += 1;
                assert_eq!(there, [true; 2], "{when}");
                assert_eq!(again.unwrap(), 2, "{when}");
                Some(true)
            }
            Err(VaultError::Unfinished { .. }) => {
                unfinished += 1;
                // Before the switch the second attempt does it all, after it only the removal.
                assert_eq!(again.unwrap(), if there[0] { 2 } else { 0 }, "{when}");
                Some(true)
            }
            Err(VaultError::ErasureUnknown { .. }) => {
                unknown += 1;
                assert!(matches!(again, Err(VaultError::Stopped { .. })), "{when}: {again:?}");
                assert!(matches!(scene.vault.keep(buyer_number(9)).await, Err(VaultError::Stopped { .. })), "{when}");
                None
            }
            Err(error) => panic!("{when}: {error}"),
        };
        if erased.is_some() {
            scene.no_file_has_a_key(&scene.disk, &when);
            // What is kept after a failure is kept in the journal that will count.
            scene.others.push((scene.vault.keep(buyer_number(8)).await.unwrap(), buyer_number(8)));
        }
        for left in Left::all() {
            scene.check_start(left, erased, &when).await;
        }
        if !failed {
            break;
        }
    }
    assert!(refused >= 10 && unfinished >= 5 && unknown >= 2, "{refused} refused, {unfinished} unfinished, {unknown} unknown");
}
