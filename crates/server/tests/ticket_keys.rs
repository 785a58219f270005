//! Keys of ticket codes over HTTP: who may see and change them, and that a change keeps what was sold.

mod support;

use guichet_core::{NotATicket, TicketPublicKey, ticket_key_name, verify_ticket_with};
use support::House;

#[tokio::test]
async fn a_rotated_key_signs_what_follows_and_the_list_checks_everything() {
    let house = House::open().await;
    let show = house.open_show().await;
    let order = house.buy(&show, &["A-1"], "approve").await;
    let sold = house.admin.tickets(&order.order).await.unwrap().value.tickets.remove(0);
    let before = house.admin.ticket_keys().await.unwrap().value.keys;
    assert!(before.len() == 1 && before[0].current, "{before:?}");

    let made = house.admin.rotate_ticket_key().await.unwrap().value;
    assert!(made.current && made.key_id != before[0].key_id && made.made_at >= before[0].made_at);
    let order = house.buy(&show, &["A-2"], "approve").await;
    let next = house.admin.tickets(&order.order).await.unwrap().value.tickets.remove(0);

    // Any key may read them.
    let keys = house.shop().await.ticket_keys().await.unwrap().value.keys;
    assert_eq!((&keys[0].key_id, keys[0].current, &keys[1]), (&before[0].key_id, false, &made));
    let public: Vec<TicketPublicKey> = keys.iter().map(|key| key.public_key.parse().unwrap()).collect();
    for (ticket, key) in [(&sold, &keys[0]), (&next, &keys[1])] {
        let genuine = verify_ticket_with(&ticket.code, &public).unwrap();
        assert_eq!((genuine.ticket.to_string(), ticket_key_name(genuine.key_id)), (ticket.ticket.clone(), key.key_id.clone()));
    }
    assert_eq!(verify_ticket_with(&sold.code, &public[1..]), Err(NotATicket::OtherKey));

    let house = house.restart().await;
    assert_eq!(house.admin.ticket_keys().await.unwrap().value.keys, keys);
}

#[tokio::test]
async fn only_an_admin_changes_the_key_and_a_repeat_changes_it_once() {
    let house = House::open().await;
    let shop = house.shop().await;
    assert_eq!(shop.rotate_ticket_key().await.unwrap_err().code(), Some("scope_missing"));
    assert_eq!(shop.with_key(None).rotate_ticket_key().await.unwrap_err().code(), Some("unauthenticated"));
    assert_eq!(shop.with_key(None).ticket_keys().await.unwrap_err().code(), Some("unauthenticated"));
    assert_eq!(house.engine.ticket_keys().len(), 1);

    let first = house.admin.rotate_ticket_key().idempotency_key("spring").await.unwrap();
    let again = house.admin.rotate_ticket_key().idempotency_key("spring").await.unwrap();
    assert!(again.replayed && !first.replayed && again.value == first.value);
    assert_eq!(house.engine.ticket_keys().len(), 2);
    house.admin.rotate_ticket_key().idempotency_key("autumn").await.unwrap();
    assert_eq!(house.engine.ticket_keys().len(), 3);
}

#[tokio::test]
async fn a_key_that_cannot_be_kept_is_a_problem_and_the_one_before_signs_on() {
    let house = House::open().await;
    let before = house.admin.ticket_keys().await.unwrap().value;
    house.block_secrets();
    let refused = house.admin.rotate_ticket_key().await.unwrap_err();
    assert_eq!(refused.code(), Some("ticket_key_not_kept"), "{refused}");
    assert_eq!(house.admin.ticket_keys().await.unwrap().value, before);
}
