//! Seat states as text: everything comes back as it was, in the shorter form, and what is not exactly that is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use guichet_api::{FollowedSeats, NotSeats, SEATS_MAX, SeatChanges, SeatEncoding, SeatState, SeatStates, Seats, StreamEvent};
use proptest::prelude::*;

fn states(letters: &str) -> SeatStates {
    letters.chars().map(|letter| SeatState::ALL.into_iter().find(|state| state.letter() == letter).unwrap()).collect()
}

fn seats(count: u32, encoding: SeatEncoding, text: &str) -> Seats {
    Seats { position: "p1.1".into(), count, encoding, states: text.into(), labels: None }
}

fn any_state() -> impl Strategy<Value = SeatState> {
    prop::sample::select(SeatState::ALL.as_slice())
}

/// Houses sold in clusters and houses without any order.
fn any_house() -> impl Strategy<Value = SeatStates> {
    let clusters = prop::collection::vec((any_state(), 1_usize..40), 0..40);
    let clusters = clusters.prop_map(|runs| runs.into_iter().flat_map(|(state, seats)| std::iter::repeat_n(state, seats)).collect());
    prop_oneof![clusters, prop::collection::vec(any_state(), 0..200).prop_map(|seats| seats.into_iter().collect())]
}

proptest! {
    #[test]
    fn states_come_back_as_they_were_and_no_form_is_shorter(house in any_house()) {
        let encoded = Seats::encode("p1.17".into(), &house);
        prop_assert_eq!(encoded.decode(), Ok(house.clone()));
        let letters = house.to_string();
        prop_assert_eq!(letters.len(), house.len() as usize);
        prop_assert_eq!(states(&letters), house.clone());
        let bits = letters.len().div_ceil(4).div_ceil(3) * 4;
        prop_assert!(encoded.states.len() <= bits);
        let json = serde_json::to_string(&encoded).unwrap();
        prop_assert_eq!(serde_json::from_str::<Seats>(&json).unwrap(), encoded);
    }

    #[test]
    fn a_change_makes_the_new_of_the_old(old in any_house(), changed in prop::collection::vec((any::<prop::sample::Index>(), any_state()), 0..30)) {
        let mut letters: Vec<char> = old.to_string().chars().collect();
        for (seat, state) in changed.iter().filter(|_| !old.is_empty()) {
            letters[seat.index(old.len() as usize)] = state.letter();
        }
        let new = states(&letters.iter().collect::<String>());
        let changes = old.changes_to(&new).unwrap();
        let mut followed = old.clone();
        followed.change(&changes).unwrap();
        prop_assert_eq!(&followed, &new);
        prop_assert_eq!(old == new, changes.is_empty());
        prop_assert!(!changes.ends_with('.') && !changes.contains(".0"), "{}", changes);
    }

    #[test]
    fn any_text_is_read_or_refused(count in 0_u32..64, text in "[fhbx.0-9A-Za-z=+/]{0,24}", bits in any::<bool>()) {
        let encoding = if bits { SeatEncoding::Bits } else { SeatEncoding::Runs };
        if let Ok(states) = seats(count, encoding, &text).decode() {
            prop_assert_eq!(states.len(), count);
            prop_assert_eq!(Seats::encode(String::new(), &states).decode(), Ok(states));
        }
        let mut house: SeatStates = std::iter::repeat_n(SeatState::Free, count as usize).collect();
        let _ = house.change(&text);
        prop_assert_eq!(house.len(), count);
    }
}

#[test]
fn the_forms_are_as_they_are_described() {
    let house = states("fffhbbbbbbbbbbbb");
    assert_eq!(Seats::encode("p1.1".into(), &house), seats(16, SeatEncoding::Runs, "f3hb12"));
    // Seats 0 to 4 are 0 1 2 3 1: the first byte is 0b11_10_01_00, the second 1.
    assert_eq!(seats(5, SeatEncoding::Bits, "5AE=").decode().unwrap(), states("fhbxh"));
    let every_other = states(&"fhbx".repeat(30));
    assert_eq!(Seats::encode("p1.1".into(), &every_other).encoding, SeatEncoding::Bits);
    assert_eq!(states("fffff").changes_to(&states("fffhh")).unwrap(), ".3h2");
    assert_eq!(states("hfffh").changes_to(&states("ffffh")).unwrap(), "f");
    assert_eq!(states("ff").changes_to(&states("fff")), None);
}

#[test]
fn what_is_not_exactly_these_seats_is_refused_by_name() {
    let runs = |count, text: &str| seats(count, SeatEncoding::Runs, text).decode().unwrap_err();
    let bits = |count, text: &str| seats(count, SeatEncoding::Bits, text).decode().unwrap_err();
    assert_eq!(runs(4, "f3"), NotSeats::WrongCount { runs: 3, count: 4 });
    assert_eq!(runs(4, "f3h2"), NotSeats::WrongCount { runs: 5, count: 4 });
    assert_eq!(runs(4, "f4294967295f4294967295"), NotSeats::WrongCount { runs: 4_294_967_295, count: 4 });
    assert_eq!(runs(4, "f0h4"), NotSeats::BadLength { at: 0 });
    assert_eq!(runs(4, "f4294967296"), NotSeats::BadLength { at: 0 });
    assert_eq!(runs(4, "f2.2"), NotSeats::NotARun { at: 2, found: '.' });
    assert_eq!(runs(4, "f2é"), NotSeats::NotARun { at: 2, found: 'é' });
    assert_eq!(runs(4, "4f"), NotSeats::NotARun { at: 0, found: '4' });
    // Twelve bytes of text do not make their reader reserve a gigabyte.
    assert_eq!(runs(4_000_000_000, "f4000000000"), NotSeats::TooMany { count: 4_000_000_000 });
    assert_eq!(seats(SEATS_MAX, SeatEncoding::Runs, &format!("f{SEATS_MAX}")).decode().unwrap().len(), SEATS_MAX);
    assert_eq!(bits(4_000_000_000, "AAAA"), NotSeats::WrongLength { bytes: 3, count: 4_000_000_000 });
    assert_eq!(bits(5, "5AEA"), NotSeats::WrongLength { bytes: 3, count: 5 });
    assert_eq!(bits(5, "5BE="), NotSeats::SpareBits { count: 5 });
    assert!(matches!(bits(5, "5A!="), NotSeats::NotBase64 { .. }));
    assert_eq!(states("ffff").change("f2h3"), Err(NotSeats::WrongCount { runs: 5, count: 4 }));
}

#[test]
fn a_stream_is_followed_and_what_it_cannot_mean_is_refused() {
    let event = |id: &str, event: &str, data: String| StreamEvent { id: id.into(), event: event.into(), data };
    let snapshot = |letters: &str| serde_json::to_string(&Seats::encode("p1.4".into(), &states(letters))).unwrap();
    let delta = |changes: &str| serde_json::to_string(&SeatChanges { changes: changes.into() }).unwrap();
    let mut followed = FollowedSeats::default();
    assert_eq!(followed.take(&event("p1.3", "delta", delta("h"))), Err(NotSeats::NothingToChange));
    followed.take(&event("p1.4", "snapshot", snapshot("ffff"))).unwrap();
    followed.take(&event("p1.5", "something_new", String::new())).unwrap();
    followed.take(&event("p1.6", "delta", delta(".h2"))).unwrap();
    assert_eq!((followed.position(), followed.states()), (Some("p1.6"), Some(&states("fhhf"))));
    assert!(matches!(followed.take(&event("p1.7", "delta", "{}".into())), Err(NotSeats::NotAnEvent { .. })));
    // There may be more seats than before.
    followed.take(&event("p1.8", "snapshot", snapshot("fhhfff"))).unwrap();
    assert_eq!(followed.states(), Some(&states("fhhfff")));
}
