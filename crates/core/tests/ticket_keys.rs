//! The ring of ticket keys on a real disk: rotations survive, failures change nothing, a file that cannot be read is refused.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::io::Read;
use std::os::unix::fs::PermissionsExt;

use guichet_core::{Config, Fault, Guichet, NotATicket, OpenError, TicketSigner, verify_ticket_with};
use support::House;

#[tokio::test]
async fn a_rotation_works_while_running_survives_a_restart_and_old_codes_stay_genuine() {
    let house = House::open().await;
    let show = house.show().await;
    let order = house.sell(show).await;
    let sold = house.engine.tickets(&order).remove(0);
    let before = house.engine.ticket_keys();
    assert!(before.len() == 1 && before[0].current && before[0].made_unix_ms > 1_700_000_000_000, "{before:?}");

    let made = house.engine.rotate_ticket_key().await.unwrap();
    let keys = house.engine.ticket_keys();
    assert_eq!(keys[1], made);
    assert_eq!((keys[0].key_id, keys[0].current, keys[1].current), (before[0].key_id, false, true));
    assert!(made.key_id != before[0].key_id && made.made_unix_ms >= before[0].made_unix_ms);
    assert_eq!(house.engine.ticket_public_key(), made.public_key.to_bytes());

    // What was sold before is still what it was: to the engine, and to somebody with nothing but the public keys.
    let genuine = house.engine.verify_ticket_code(&sold.code).unwrap();
    assert_eq!((genuine.ticket, genuine.key_id), (sold.id, before[0].key_id));
    let public: Vec<_> = keys.iter().map(|key| key.public_key).collect();
    assert_eq!(verify_ticket_with(&sold.code, &public), Ok(genuine));
    assert_eq!(verify_ticket_with(&sold.code, &public[1..]), Err(NotATicket::OtherKey));
    assert_eq!(house.engine.tickets(&order)[0].code, sold.code, "what a buyer has does not change");
    // What is sold now is signed by the new key.
    let next = house.sell(show).await;
    let next = house.engine.tickets(&next).remove(0);
    assert_eq!(house.engine.verify_ticket_code(&next.code).unwrap().key_id, made.key_id);

    let house = house.reopen_after(|_| ()).await.unwrap();
    assert_eq!(house.engine.ticket_keys(), keys);
    assert_eq!(house.engine.verify_ticket_code(&sold.code), Ok(genuine));
    let again = house.engine.order(order.id).unwrap().unwrap();
    assert_eq!(house.engine.tickets(&again)[0].code, sold.code);
    let foreign = TicketSigner::new(&[3; 32]).code(sold.id);
    assert_eq!(house.engine.verify_ticket_code(&foreign), Err(NotATicket::OtherKey));
    house.engine.close().await;
}

#[tokio::test]
async fn the_file_is_replaced_and_never_written_over() {
    let house = House::open().await;
    let path = house.data().join("secrets");
    let before = std::fs::read(&path).unwrap();
    // Opened before the rotation: if the file were written in place, this would see it change.
    let mut reader = std::fs::File::open(&path).unwrap();
    // Left by a crash, readable by everybody.
    std::fs::write(house.data().join("secrets.new"), b"half a fi").unwrap();
    std::fs::set_permissions(house.data().join("secrets.new"), std::fs::Permissions::from_mode(0o644)).unwrap();
    house.engine.rotate_ticket_key().await.unwrap();

    let mut seen = Vec::new();
    reader.read_to_end(&mut seen).unwrap();
    assert_eq!(seen, before);
    assert_ne!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!house.data().join("secrets.new").exists());
    house.engine.close().await;
}

#[tokio::test]
async fn a_rotation_that_cannot_be_kept_changes_nothing() {
    let house = House::open().await;
    let before = house.engine.ticket_keys();
    let file = std::fs::read(house.data().join("secrets")).unwrap();
    // Nothing can be written to the side.
    std::fs::create_dir(house.data().join("secrets.new")).unwrap();
    let refused = house.engine.rotate_ticket_key().await.unwrap_err();
    assert!(matches!(refused, Fault::TicketKey(_)), "{refused:?}");
    assert_eq!(house.engine.ticket_keys(), before);
    assert_eq!(std::fs::read(house.data().join("secrets")).unwrap(), file);
    std::fs::remove_dir(house.data().join("secrets.new")).unwrap();
    house.engine.rotate_ticket_key().await.unwrap();
    house.engine.close().await;
}

#[tokio::test]
async fn rotations_at_once_are_one_after_the_other_and_none_is_lost() {
    let house = House::open().await;
    let rotations: Vec<_> = (0..8)
        .map(|_| {
            let engine = house.engine.clone();
            tokio::spawn(async move { engine.rotate_ticket_key().await.unwrap().key_id })
        })
        .collect();
    let mut made = Vec::new();
    for rotation in rotations {
        made.push(rotation.await.unwrap());
    }
    let house = house.reopen_after(|_| ()).await.unwrap();
    let keys = house.engine.ticket_keys();
    assert_eq!(keys.len(), 9);
    assert!(made.iter().all(|made| keys.iter().any(|key| key.key_id == *made)));
    assert_eq!(keys.iter().filter(|key| key.current).count(), 1);
    house.engine.close().await;
}

#[tokio::test]
async fn a_closed_engine_leaves_the_directory_alone() {
    let house = House::open().await;
    let (engine, data) = (house.engine.clone(), house.data());
    house.engine.close().await;
    let file = std::fs::read(data.join("secrets")).unwrap();
    assert_eq!(engine.rotate_ticket_key().await, Err(Fault::Closing));
    assert_eq!(std::fs::read(data.join("secrets")).unwrap(), file);
}

#[tokio::test]
async fn a_file_of_another_version_a_damaged_and_a_missing_one_are_refused_and_left() {
    let house = House::open().await;
    let data = house.data();
    let path = data.join("secrets");
    house.engine.close().await;
    let whole = std::fs::read(&path).unwrap();
    let mut bent = whole.clone();
    // A digit of a secret: what is left is a key all the same.
    bent[30] = if bent[30] == b'0' { b'1' } else { b'0' };
    let first = [b"guichet secrets 1\n".as_slice(), &[7; 64]].concat();
    let later = [b"guichet secrets 3\n".as_slice(), &whole[18..]].concat();

    for (bytes, version) in [(&first, Some("1")), (&later, Some("3")), (&bent, None), (&whole[..60].to_vec(), None), (&Vec::new(), None)] {
        std::fs::write(&path, bytes).unwrap();
        let refused = Guichet::open(Config::at(&data)).await.err().unwrap();
        let text = refused.to_string();
        assert!(text.contains("/secrets"), "{text}");
        match version {
            Some(version) => {
                assert!(matches!(&refused, OpenError::OtherSecrets { found, expected: 2, .. } if found == version), "{refused:?}");
                assert!(!refused.is_damage() && text.contains(&format!("version {version}")), "{text}");
            }
            None => assert!(matches!(refused, OpenError::DamagedFile { .. }) && refused.is_damage(), "{refused:?}"),
        }
        assert_eq!(&std::fs::read(&path).unwrap(), bytes, "it was changed");
    }
    // New secrets would make every code and token of this journal wrong.
    std::fs::remove_file(&path).unwrap();
    let refused = Guichet::open(Config::at(&data)).await.err().unwrap();
    assert!(matches!(refused, OpenError::DamagedFile { .. }), "{refused:?}");
    assert!(!path.exists());
    std::fs::write(&path, whole).unwrap();
    Guichet::open(Config::at(&data)).await.unwrap().close().await;
}
