//! Whole screens against expected texts in `tests/screens`. `GUICHET_SCREENS=write` writes them anew; then read the difference.

use std::path::PathBuf;

use guichet_api::{
    Availability, LatePayment, PartitionStatus, QuotaAvailability, SaleState, SeatAvailability, SeatCounts, SeatingRules, Show, Status,
};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use crate::draw::draw;
use crate::events::{Event, Happened, Key, Polled};
use crate::state::State;
use crate::theme::Theme;

/// So many seconds after noon.
pub(crate) fn at(second: i64) -> Timestamp {
    "2026-05-01T12:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(second)
}

/// An event of the stream, told as soon as it happened, in partition 1 if it does not say otherwise.
pub(crate) fn happened(received_at: Timestamp, json: &str) -> Event {
    let mut data: serde_json::Value = serde_json::from_str(json).unwrap();
    data["at"] = received_at.to_string().into();
    if data["partition"].is_null() {
        data["partition"] = 1.into();
    }
    let happened: Happened = serde_json::from_value(data).unwrap();
    Event::Happened { received_at, happened: Box::new(happened) }
}

/// An answer.
pub(crate) fn polled(at: Timestamp, polled: Polled) -> Event {
    Event::Polled { at, polled: Box::new(polled) }
}

fn show(id: &str, name: &str, sale: SaleState, seats: (u32, u32, u32, u32), quotas: &[(&str, u32, u32, u32)]) -> (Show, Availability) {
    let (free, held, booked, blocked) = seats;
    let quotas = quotas.iter().map(|(name, left, held, booked)| QuotaAvailability {
        name: (*name).into(),
        size: left + held + booked,
        held: *held,
        booked: *booked,
        left: *left,
    });
    let total = SeatCounts { free, held, booked, blocked };
    let availability = Availability {
        position: "p0.3".into(),
        sale,
        seats: SeatAvailability { total, by_category: Vec::new() },
        quotas: quotas.collect(),
        products: Vec::new(),
    };
    let show = Show {
        organiser: None,
        show: id.into(),
        venue: "v-1".into(),
        name: name.into(),
        starts_at: (sale == SaleState::Open).then(|| at(86_400 * 30)),
        sale,
        currency: "EUR".into(),
        products: Vec::new(),
        quotas: Vec::new(),
        order_deadline_s: 900,
        transfer_deadline_s: 604_800,
        sale_opens_at: None,
        sale_closes_at: None,
        per_buyer_max: None,
        late_payment: LatePayment::SameSeat,
        cancellation_fees: Vec::new(),
        check_in_lists: Vec::new(),
        seating: SeatingRules::default(),
    };
    (show, availability)
}

/// A server without trouble, three partitions and three shows.
pub(crate) fn healthy() -> Polled {
    let partition = |partition: u16| PartitionStatus {
        partition,
        durable_end: 4_200,
        mailbox: u64::from(partition),
        projection_lag: 12 * u64::from(partition),
        lists_lag: 1_200,
        live_orders: 37,
        stopped: None,
    };
    let shows = vec![
        show("s-2", "Open-air cinema", SaleState::Draft, (400, 0, 0, 0), &[]),
        show(
            "s-3",
            "Late show with a name that is much longer than anybody has room for on a ticket",
            SaleState::Paused,
            (0, 0, 250, 0),
            &[],
        ),
        show("s-1", "Race day", SaleState::Open, (5_200, 300, 3_297, 100), &[("Paddock", 10, 90, 900), ("Infield", 0, 0, 500)]),
    ];
    let status = Status {
        version: "0.1.0".into(),
        durability: "fsync".into(),
        position: "p0.3,p1.4199,p2.4199".into(),
        ready: true,
        reasons: Vec::new(),
        partitions: (0..3).map(partition).collect(),
    };
    Polled { status, shows, shows_not_followed: 0, holds_refused: Some(0) }
}

/// A minute and a half of a sale that gets faster and faster.
fn rush() -> State {
    let mut state = State::new("http://127.0.0.1:8080/", at(0));
    state.apply(Event::StreamOpened);
    for second in 0..90_u32 {
        let now = at(i64::from(second));
        let mut answer = healthy();
        answer.shows[2].1.seats.total.booked = 3_297 - (89 - second) * 10;
        answer.shows[2].1.quotas[0].booked = 900 - (89 - second) / 10;
        answer.holds_refused = Some(u64::from(second * second / 10));
        for number in 0..second / 3 {
            state.apply(happened(now, r#"{"type":"hold_placed","show":"s-1","hold":"019a5b0e-7c00-7000-8001-00000000000a"}"#));
            if number % 2 == 0 {
                state
                    .apply(happened(now, &format!(r#"{{"type":"order_placed","show":"s-1","order":"o-{second}","code":"K7QP{second}"}}"#)));
                state.apply(happened(now, &format!(r#"{{"type":"seats_booked","order":"o-{second}","tickets":3}}"#)));
                state.apply(happened(now, &format!(r#"{{"type":"order_confirmed","order":"o-{second}"}}"#)));
            }
        }
        if second % 20 == 0 {
            state.apply(happened(now, r#"{"type":"hold_expired","hold":"019a5b0e-7c00-7000-8001-00000000000b"}"#));
        }
        state.apply(polled(now, answer));
        state.apply(Event::Tick { now });
    }
    let cancelled =
        r#"{"type":"order_cancelled","order":"019a5b0e-7c00-7000-8001-00000000000c","reason":"payment_declined","partition":2}"#;
    state.apply(happened(at(89), cancelled));
    state.apply(happened(at(89), r#"{"type":"sale_state_changed","show":"s-3","sale":"paused","partition":2}"#));
    state.apply(Event::Tick { now: at(90) });
    state
}

fn troubled() -> State {
    let mut state = rush();
    let mut answer = healthy();
    answer.status.ready = false;
    answer.status.partitions[2].stopped = Some("the journal cannot be written: no space left on device".into());
    answer.status.partitions[1].projection_lag = 12_345;
    answer.status.reasons = vec![
        "partition 2 has stopped: the journal cannot be written: no space left on device".into(),
        "the live projection of partition 1 is 12345 records behind".into(),
        "the lists of partition 0 are being checked".into(),
    ];
    state.apply(polled(at(90), answer));
    state.apply(happened(at(90), r#"{"type":"order_stuck","order":"o-89"}"#));
    state
}

fn disconnected() -> State {
    let mut state = rush();
    let why = "Connection refused (os error 111)";
    state.apply(Event::StreamLost { at: at(91), why: "the server ended it".into() });
    state.apply(Event::PollFailed { at: at(92), why: why.into() });
    state.apply(Event::Tick { now: at(104) });
    state
}

fn no_shows() -> State {
    let mut state = State::new("http://127.0.0.1:8080", at(0));
    state.apply(Event::StreamOpened);
    state.apply(polled(at(0), Polled { shows: Vec::new(), holds_refused: None, ..healthy() }));
    state
}

fn picture(state: &State, size: (u16, u16), theme: Theme) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| draw(frame, state, theme)).unwrap();
    terminal.backend().buffer().clone()
}

fn as_text(buffer: &Buffer) -> String {
    let lines = buffer.content.chunks(usize::from(buffer.area.width.max(1))).map(|cells| {
        let line: String = cells.iter().map(|cell| cell.symbol()).collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

/// Compares both sizes with what is expected.
fn check(name: &str, state: &State) {
    for size in [(80, 24), (140, 40)] {
        let text = as_text(&picture(state, size, Theme::Colour));
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/{name}-{}x{}.txt", size.0, size.1));
        if std::env::var("GUICHET_SCREENS").is_ok_and(|mode| mode == "write") {
            std::fs::write(&file, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(text == expected, "{} is\n{text}\nand should be\n{expected}", file.display());
    }
}

#[test]
fn a_rush() {
    check("rush", &rush());
}

#[test]
fn trouble_comes_first() {
    check("troubled", &troubled());
}

#[test]
fn a_server_that_went_away() {
    check("disconnected", &disconnected());
}

#[test]
fn a_server_that_was_never_there() {
    check("connecting", &State::new("http://127.0.0.1:8080", at(0)));
}

#[test]
fn a_server_without_shows() {
    check("no-shows", &no_shows());
}

#[test]
fn help_over_everything() {
    let mut state = rush();
    state.apply(Event::Key(Key::Help));
    check("help", &state);
}

#[test]
fn shows_scrolled_and_more_than_are_followed() {
    let mut state = rush();
    state.apply(polled(at(90), Polled { shows_not_followed: 7, ..healthy() }));
    state.apply(Event::Key(Key::Down));
    state.apply(Event::Key(Key::Down));
    check("scrolled", &state);
}

#[test]
fn every_size_can_be_drawn() {
    let mut state = troubled();
    state.apply(Event::Key(Key::Help));
    for (width, height) in [(1, 1), (0, 0), (79, 24), (80, 23), (80, 24), (81, 25), (500, 24), (80, 300)] {
        let text = as_text(&picture(&state, (width, height), Theme::Colour));
        let fits = width >= 80 && height >= 24;
        assert_eq!(text.contains("scroll the shows"), fits, "{width}x{height}\n{text}");
        assert_eq!(text.contains("80x24 is needed"), !fits && width > 1, "{width}x{height}\n{text}");
    }
}

#[test]
fn without_colour_the_same_is_said() {
    for state in [rush(), troubled(), disconnected(), no_shows()] {
        let (colour, plain) = (picture(&state, (140, 40), Theme::Colour), picture(&state, (140, 40), Theme::Plain));
        assert_eq!(as_text(&colour), as_text(&plain));
        assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
        assert!(colour.content.iter().any(|cell| cell.fg != Color::Reset));
    }
}
