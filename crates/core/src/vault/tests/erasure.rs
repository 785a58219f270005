//! Erasing on a disk that is well: who goes, who stays, and what is left in the files.

use super::*;

/// The key of a record: what must be in no file once it is erased.
pub(super) fn key(vault: &Vault, reference: &[u8; 16]) -> Vec<u8> {
    vault.kept.read().get(reference).unwrap().encode(reference)[33..65].to_vec()
}

fn named(email: &str, name: &str) -> Buyer {
    Buyer { email: email.into(), name: name.into() }
}

fn by_email(email: &str) -> Whose {
    Whose::Email(email.into())
}

fn hold(dir: &TempDir, bytes: &[u8]) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes);
    files(dir.path()).into_iter().filter(holds).collect()
}

#[tokio::test]
async fn an_erased_record_is_in_no_file_and_the_others_are_as_before() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let (gone, stays) = (vault.keep(ada()).await.unwrap(), vault.keep(buyer_number(1)).await.unwrap());
    let (key_gone, key_stays) = (key(&vault, &gone), key(&vault, &stays));
    let (details_gone, lookup) = (record::details(&ada()).unwrap(), vault.lookup(&record::details(&ada()).unwrap()));
    assert!(!hold(&dir, &key_gone).is_empty() && !hold(&dir, &lookup).is_empty());

    assert_eq!(vault.count(Whose::Reference(gone)).await.unwrap(), 1);
    assert_eq!(vault.read(&gone).unwrap(), Some(ada()), "counting changes nothing");
    assert_eq!(vault.erase(Whose::Reference(gone)).await.unwrap(), 1);
    assert_eq!((vault.read(&gone).unwrap(), vault.read(&stays).unwrap()), (None, Some(buyer_number(1))));
    for bytes in [&key_gone, &gone.to_vec(), &lookup.to_vec(), &details_gone] {
        assert_eq!(hold(&dir, bytes), Vec::<PathBuf>::new());
    }
    assert_eq!(hold(&dir, &key_stays).len(), 1);
    let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["vault-1", "vault.current"]);

    // Again is nothing, and writes no journal.
    assert_eq!((vault.count(Whose::Reference(gone)).await.unwrap(), vault.erase(Whose::Reference(gone)).await.unwrap()), (0, 0));
    assert!(dir.path().join("vault-1").exists() && !dir.path().join("vault-2").exists());
    vault.close();
    assert_eq!(records_of(&disk, 1).len(), 1);
    let vault = disk.vault();
    assert_eq!((vault.read(&gone).unwrap(), vault.read(&stays).unwrap()), (None, Some(buyer_number(1))));
    assert!(matches!(vault.keep(buyer_number(1)).await, Ok(reference) if reference == stays));
}

#[tokio::test]
async fn who_comes_again_after_an_erasure_gets_another_reference() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let mut references = vec![vault.keep(ada()).await.unwrap()];
    for round in 1..=3 {
        assert_eq!(vault.erase(by_email("ada@example.org")).await.unwrap(), 1, "round {round}");
        let reference = vault.keep(ada()).await.unwrap();
        assert!(!references.contains(&reference), "round {round}: the old orders would be readable again");
        assert_eq!(vault.keep(ada()).await.unwrap(), reference, "while it is kept it is one reference");
        assert!(references.iter().all(|old| vault.read(old).unwrap().is_none()), "round {round}");
        references.push(reference);
    }
    drop(vault);
    let vault = TestDisk::at(&dir).vault();
    assert_eq!(vault.keep(ada()).await.unwrap(), references[3]);
    assert!(references[..3].iter().all(|old| vault.read(old).unwrap().is_none()));
}

#[tokio::test]
async fn an_address_finds_every_record_whatever_its_case_and_name_and_nobody_else() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let mut goes = Vec::new();
    for (email, name) in [("zoë@example.org", "Zoë"), ("ZOË@Example.Org", "Zoë"), ("zoë@example.org", "Z."), (" zoë@example.org ", "Zoë")]
    {
        goes.push(vault.keep(named(email, name)).await.unwrap());
    }
    let mut stays = Vec::new();
    for (email, name) in [("zoe@example.org", "Zoë"), ("zoë@example.org.uk", "Zoë"), ("", "zoë@example.org"), ("x", "Zoë")] {
        stays.push((vault.keep(named(email, name)).await.unwrap(), named(email, name)));
    }
    assert_eq!(vault.count(by_email("Zoë@example.org")).await.unwrap(), 4);
    assert_eq!(vault.erase(by_email("Zoë@EXAMPLE.org")).await.unwrap(), 4);
    assert!(goes.iter().all(|reference| vault.read(reference).unwrap().is_none()));
    for (reference, buyer) in stays {
        assert_eq!(vault.read(&reference).unwrap(), Some(buyer));
    }
}

#[tokio::test]
async fn the_last_one_can_be_erased_and_the_vault_goes_on() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = disk.vault();
    let reference = vault.keep(ada()).await.unwrap();
    assert_eq!(vault.erase(Whose::Reference(reference)).await.unwrap(), 1);
    drop(vault);
    let vault = disk.vault();
    assert_eq!(vault.read(&reference).unwrap(), None);
    let other = vault.keep(buyer_number(1)).await.unwrap();
    drop(vault);
    assert_eq!(disk.vault().read(&other).unwrap(), Some(buyer_number(1)));
}

#[tokio::test]
async fn keeping_waits_for_an_erasure_and_reading_does_not() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = Arc::new(disk.vault());
    let (gone, stays) = (vault.keep(ada()).await.unwrap(), vault.keep(buyer_number(1)).await.unwrap());
    disk.control.held.store(true, SeqCst);
    let mut erasing = pin!(vault.erase(by_email("ada@example.org")));
    let mut keeping = pin!(vault.keep(buyer_number(2)));
    for _ in 0..20 {
        let pending = poll_fn(|context| {
            let pending = [erasing.as_mut().poll(context).is_pending(), keeping.as_mut().poll(context).is_pending()];
            Poll::Ready(pending)
        });
        assert_eq!(pending.await, [true; 2]);
        assert_eq!(vault.read(&stays).unwrap(), Some(buyer_number(1)));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    disk.control.held.store(false, SeqCst);
    assert_eq!(erasing.await.unwrap(), 1);
    let late = keeping.await.unwrap();
    assert_eq!((vault.read(&gone).unwrap(), vault.read(&late).unwrap()), (None, Some(buyer_number(2))));
    vault.close();
    assert_eq!(disk.vault().read(&late).unwrap(), Some(buyer_number(2)));
}

#[tokio::test]
async fn thousands_stay_when_one_goes() {
    let dir = TempDir::new().unwrap();
    let disk = TestDisk::at(&dir);
    let vault = Arc::new(disk.vault());
    let kept = keep_at_once(&disk, &vault, (0..5_000).map(buyer_number)).await;
    let kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
    assert_eq!(vault.erase(by_email("buyer4711@example.org")).await.unwrap(), 1);
    drop(vault);
    let vault = disk.vault();
    let there = kept.iter().filter(|reference| vault.read(reference).unwrap().is_some()).count();
    assert_eq!(there, 4_999);
}

#[tokio::test]
async fn a_closed_vault_erases_nothing() {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let reference = vault.keep(ada()).await.unwrap();
    vault.close();
    assert!(matches!(vault.erase(Whose::Reference(reference)).await, Err(VaultError::Closed)));
    assert_eq!(vault.read(&reference).unwrap(), Some(ada()));
}

/// A closed directory that has seen one erasure, with one record left.
async fn erased_once() -> (TempDir, [u8; 16]) {
    let dir = TempDir::new().unwrap();
    let vault = TestDisk::at(&dir).vault();
    let stays = vault.keep(buyer_number(1)).await.unwrap();
    vault.keep(ada()).await.unwrap();
    assert_eq!(vault.erase(by_email("ada@example.org")).await.unwrap(), 1);
    (dir, stays)
}

#[tokio::test]
async fn what_only_a_hand_can_have_done_is_refused_and_nothing_is_touched() {
    type Harm = fn(&Path);
    let harms: [(Harm, &str); 4] = [
        (|data| fs::remove_file(data.join("vault.current")).unwrap(), "vault-0 is missing"),
        (|data| fs::rename(data.join("vault-1"), data.join("elsewhere")).unwrap(), "vault-1 is missing"),
        (|data| fs::write(data.join("vault.current"), "vault-01\n").unwrap(), "does not name a journal"),
        (
            |data| {
                fs::create_dir(data.join("vault-5")).unwrap();
                fs::write(data.join("vault-5/00000000000000000000.log"), b"x").unwrap();
            },
            "there is vault-5 too",
        ),
    ];
    for (harm, says) in harms {
        let (dir, _) = erased_once().await;
        harm(dir.path());
        let before = files(dir.path());
        let error = Vault::open(Arc::new(TestDisk::at(&dir)), SECRET).map(drop).unwrap_err();
        assert!(matches!(error, VaultError::Misplaced { .. }) && error.to_string().contains(says), "{error}");
        assert_eq!(files(dir.path()), before, "{says}");
    }
}

#[tokio::test]
async fn what_a_crash_left_is_removed_at_the_next_start() {
    let (dir, stays) = erased_once().await;
    for stale in ["vault-0", "vault-2"] {
        fs::create_dir(dir.path().join(stale)).unwrap();
        fs::write(dir.path().join(stale).join("00000000000000000000.log"), b"a part of something").unwrap();
    }
    fs::write(dir.path().join("vault.current.tmp"), b"vault-").unwrap();
    let vault = TestDisk::at(&dir).vault();
    assert_eq!(vault.read(&stays).unwrap(), Some(buyer_number(1)));
    for stale in ["vault-0", "vault-2", "vault.current.tmp"] {
        assert!(!dir.path().join(stale).exists(), "{stale}");
    }
}
