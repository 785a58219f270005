//! The door: one ticket lets one person in, whichever gate is faster; and what a gate may see.

mod support;

use std::collections::BTreeSet;

use guichet_api::{CancelOrder, CheckIn, CheckInList, CreateShow, Scope};
use support::{House, refusal};

fn scan(code: &str, gate: &str) -> CheckIn {
    CheckIn { code: code.into(), gate: gate.into(), ..CheckIn::default() }
}

fn lists(names: &[(&str, &[&str])]) -> Vec<CheckInList> {
    let list = |(name, products): &(&str, &[&str])| CheckInList {
        name: (*name).into(),
        products: products.iter().map(ToString::to_string).collect(),
    };
    names.iter().map(list).collect()
}

#[tokio::test]
async fn of_many_gates_at_once_exactly_one_lets_the_holder_in() {
    let house = House::open().await;
    let show = house.open_show().await;
    let order = house.buy(&show, &["A-1", "A-2"], "approve").await;
    let tickets = house.admin.tickets(&order.order).await.unwrap().value.tickets;
    let door = house.with_new_key(Scope::CheckIn).await;
    let scans: Vec<_> = (0..8)
        .map(|gate| {
            let (door, show, request) = (door.clone(), show.clone(), scan(&tickets[1].code, &format!("gate {gate}")));
            let key = format!("scan-{gate}");
            tokio::spawn(async move { (request.gate.clone(), door.check_in(&show, &request).idempotency_key(&key).await) })
        })
        .collect();
    let (mut admitted, mut refused) = (Vec::new(), Vec::new());
    for scan in scans {
        match scan.await.unwrap() {
            (gate, Ok(answer)) => admitted.push((gate, answer.value)),
            (_, Err(error)) => refused.push(error.problem().unwrap().clone()),
        }
    }
    let [(gate, admission)] = admitted.as_slice() else { panic!("{admitted:?}") };
    assert_eq!((&admission.ticket, &admission.order), (&tickets[1].ticket, &order.order));
    assert_eq!((admission.position, admission.product.as_str(), admission.seat.as_deref()), (1, "Seat", Some("A-2")));
    assert_eq!((&admission.order_code, admission.repeated), (&order.code, false));
    let seen = house.admin.order(&order.order).await.unwrap().value.check_ins;
    assert_eq!((seen.len(), seen[0].position, seen[0].list.as_str(), &seen[0].gate), (1, 1, "main", gate));
    assert_eq!(refused.len(), 7);
    for problem in refused {
        assert_eq!((problem.code.as_str(), problem.status), ("ticket_already_used", 409));
        assert_eq!((problem.gate.as_ref(), problem.scanned_at), (Some(gate), Some(seen[0].scanned_at)));
    }

    // The gate that won did not hear the answer and asks again: the same scan, the same answer.
    let again = door.check_in(&show, &scan(&tickets[1].code, gate)).idempotency_key(&gate.replace("gate ", "scan-")).await.unwrap();
    assert!(again.replayed && again.value.repeated);
    assert_eq!(again.value.ticket, admission.ticket);
}

#[tokio::test]
async fn a_scan_is_refused_for_what_is_wrong_with_the_ticket() {
    let house = House::open().await;
    let rules = lists(&[("main", &[]), ("stalls / left", &["Better seat"])]);
    let show = house.open_show_with(|show| CreateShow { check_in_lists: rules.clone(), ..show }).await;
    let other = house.open_show().await;
    let order = house.buy(&show, &["A-1", "A-2"], "approve").await;
    let codes: Vec<_> = house.admin.tickets(&order.order).await.unwrap().value.tickets.into_iter().map(|ticket| ticket.code).collect();
    let door = house.with_new_key(Scope::CheckIn).await;
    let on = |list: &str| CheckIn { list: Some(list.into()), ..scan(&codes[0], "north") };

    assert_eq!(refusal(door.check_in(&show, &scan("nonsense", "north")).await), ("not_a_ticket".into(), 422));
    assert_eq!(refusal(door.check_in(&other, &on("main")).await), ("ticket_of_other_show".into(), 422));
    assert_eq!(refusal(door.check_in(&show, &on("stalls / left")).await), ("ticket_not_on_list".into(), 422));
    assert_eq!(refusal(door.check_in(&show, &on("attic")).await), ("unknown_check_in_list".into(), 422));
    let second = CancelOrder { positions: Some(vec![1]), ..CancelOrder::default() };
    house.admin.cancel_order(&order.order, &second).await.unwrap();
    assert_eq!(refusal(door.check_in(&show, &scan(&codes[1], "north")).await), ("ticket_cancelled".into(), 409));
    let offline = CheckIn { scanned_at: Some("2026-05-01T19:00:00Z".parse().unwrap()), ..on("main") };
    door.check_in(&show, &offline).await.unwrap();
    let used = door.check_in(&show, &on("main")).await.unwrap_err();
    assert_eq!(used.problem().unwrap().scanned_at, offline.scanned_at);
    let early = CheckIn { scanned_at: Some("1969-05-01T19:00:00Z".parse().unwrap()), ..on("main") };
    assert_eq!(refusal(door.check_in(&show, &early).await), ("invalid_scan".into(), 422));
}

#[tokio::test]
async fn a_gate_takes_its_list_along() {
    let house = House::open().await;
    let rules = lists(&[("all", &[]), ("stalls / left", &["Seat"])]);
    let show = house.open_show_with(|show| CreateShow { check_in_lists: rules.clone(), ..show }).await;
    let first = house.buy(&show, &["A-1", "A-2"], "approve").await;
    let second = house.buy(&show, &["A-3"], "approve").await;
    let declined = house.buy(&show, &["A-4"], "decline").await;
    house.admin.cancel_order(&first.order, &CancelOrder { positions: Some(vec![0]), ..CancelOrder::default() }).await.unwrap();
    let door = house.with_new_key(Scope::CheckIn).await;
    let code = &house.admin.tickets(&second.order).await.unwrap().value.tickets[0].code;
    let entered = CheckIn { list: Some("stalls / left".into()), ..scan(code, "north") };
    door.check_in(&show, &entered).await.unwrap();
    house.lists_are_there().await;

    assert_eq!(door.check_in_lists(&show).await.unwrap().value.check_in_lists, rules);
    assert_eq!(door.show(&show).await.unwrap().value.check_in_lists, rules);
    let (mut entries, mut pages) = (Vec::new(), door.check_in_sheet(&show, "stalls / left").pages(1));
    while let Some(page) = pages.next().await.unwrap() {
        entries.extend(page);
    }
    let told: Vec<_> = entries.iter().map(|entry| (&entry.order_code, entry.seat.as_deref().unwrap(), entry.cancelled)).collect();
    assert_eq!(told, [(&second.code, "A-3", false), (&first.code, "A-1", true), (&first.code, "A-2", false)]);
    assert_eq!(entries.iter().map(|entry| entry.gate.as_deref()).collect::<Vec<_>>(), [Some("north"), None, None]);
    assert!(entries[0].checked_in_at.is_some() && entries[1].checked_in_at.is_none());
    let tickets: BTreeSet<_> = first.positions.iter().chain(&second.positions).filter_map(|position| position.ticket.clone()).collect();
    assert_eq!(entries.iter().map(|entry| entry.ticket.clone()).collect::<BTreeSet<_>>(), tickets);
    assert!(declined.positions[0].ticket.is_none());
    let other = door.check_in_sheet(&show, "all").await.unwrap().value.entries;
    assert!(other.len() == 3 && other.iter().all(|entry| entry.gate.is_none()), "each list counts for itself");
    assert_eq!(refusal(door.check_in_sheet(&show, "attic").await), ("check_in_list_not_found".into(), 404));
    assert_eq!(refusal(door.check_in_sheet(&show, "all").after("x").await), ("malformed_cursor".into(), 400));
}
