//! What the dashboard knows. Pure: it changes by [`State::apply`] and nothing else, and time comes with the events.

use std::collections::{BTreeMap, VecDeque};

use guichet_api::{PartitionStatus, SaleState, Status};
use jiff::Timestamp;

use crate::events::{Event, Happened, Key, Polled};
use crate::rates::Rates;
use crate::sales::Sales;

/// Happenings that are kept: more than any screen has lines.
const HAPPENINGS_MAX: usize = 200;
/// Stuck orders that are kept; more than that are counted by nobody who reads.
const STUCK_MAX: usize = 1_000;
/// Stuck orders that are named.
const STUCK_NAMED_MAX: usize = 3;
/// Records that a live projection may be behind before it is worth a word: a fraction of a second's work.
const PROJECTION_LAG_MAX: u64 = 1_000;
/// Records that the lists may be behind before it is worth a word: they are written in large batches.
const LISTS_LAG_MAX: u64 = 20_000;

/// Steps of sagas. They would drown the rest, and what comes of them is told by the events of their order.
const NOT_LISTED: [&str; 6] = ["effect_intended", "step_done", "step_failed", "saga_started", "saga_completed", "saga_compensated"];

/// How one way to the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Never yet up.
    Connecting,
    /// As it should be.
    Up,
    /// Down, and tried again and again.
    Down {
        /// Since when.
        since: Timestamp,
        /// What the last try said.
        why: String,
    },
}

impl Link {
    fn lose(&mut self, at: Timestamp, why: String) {
        let since = if let Self::Down { since, .. } = self { *since } else { at };
        *self = Self::Down { since, why };
    }

    /// Since when it is down.
    fn down_since(&self) -> Option<Timestamp> {
        if let Self::Down { since, .. } = self { Some(*since) } else { None }
    }
}

/// How the two links together are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// Not yet up.
    Connecting,
    /// Both are up.
    Connected,
    /// One is down, since then.
    Reconnecting(Timestamp),
}

/// What the dashboard knows.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The address of the server.
    pub(crate) server: String,
    /// The time here.
    pub(crate) now: Timestamp,
    /// Questions and answers.
    pub(crate) polls: Link,
    /// The stream of events.
    pub(crate) stream: Link,
    /// When the last answer came.
    pub(crate) answered_at: Option<Timestamp>,
    /// The last answer.
    pub(crate) status: Option<Status>,
    /// The shows, those on sale first.
    pub(crate) sales: Vec<Sales>,
    /// Shows beyond those.
    pub(crate) shows_not_followed: usize,
    /// What happened in the last minute.
    pub(crate) rates: Rates,
    /// The latest happenings, the latest first.
    pub(crate) happenings: VecDeque<Happened>,
    /// Whether the help is open.
    pub(crate) help: bool,
    /// Lines of the shows that are scrolled away.
    pub(crate) scrolled: usize,
    /// Orders that were seen to get stuck and not to leave it, by id, with the id or code that people know.
    stuck: BTreeMap<String, String>,
    quit: bool,
}

impl State {
    /// Knows nothing yet.
    pub(crate) fn new(server: &str, now: Timestamp) -> Self {
        Self {
            server: server.trim_end_matches('/').to_owned(),
            now,
            polls: Link::Connecting,
            stream: Link::Connecting,
            answered_at: None,
            status: None,
            sales: Vec::new(),
            shows_not_followed: 0,
            rates: Rates::new(now),
            happenings: VecDeque::with_capacity(HAPPENINGS_MAX),
            help: false,
            scrolled: 0,
            stuck: BTreeMap::new(),
            quit: false,
        }
    }

    /// Takes in an event; whether the picture is another one now.
    pub(crate) fn apply(&mut self, event: Event) -> bool {
        match event {
            Event::Tick { now } => {
                self.now = now;
                self.rates.tick(now);
            }
            Event::Key(key) => return self.press(key),
            Event::Resized => {}
            Event::Polled { at, polled } => self.answer(at, *polled),
            Event::PollFailed { at, why } => {
                self.polls.lose(at, why);
                self.rates.lost();
            }
            Event::StreamOpened => self.stream = Link::Up,
            Event::StreamLost { at, why } => self.stream.lose(at, why),
            Event::Happened { received_at, happened } => {
                self.rates.count(received_at, &happened);
                self.note(*happened);
            }
        }
        true
    }

    /// Whether it is over.
    pub(crate) fn quit(&self) -> bool {
        self.quit
    }

    fn press(&mut self, key: Key) -> bool {
        let before = (self.help, self.scrolled, self.quit);
        match key {
            Key::Quit => self.quit = true,
            Key::Help => self.help = !self.help,
            Key::Escape => self.help = false,
            Key::Up => self.scrolled = self.scrolled.saturating_sub(1),
            Key::Down => self.scrolled += 1,
        }
        self.keep_in_sight();
        before != (self.help, self.scrolled, self.quit)
    }

    /// A line of the shows is always in sight.
    fn keep_in_sight(&mut self) {
        let lines: usize = self.sales.iter().map(|sales| 1 + sales.counters.len()).sum();
        self.scrolled = self.scrolled.min(lines.saturating_sub(1));
    }

    fn answer(&mut self, at: Timestamp, polled: Polled) {
        self.polls = Link::Up;
        self.answered_at = Some(at);
        self.status = Some(polled.status);
        self.shows_not_followed = polled.shows_not_followed;
        self.rates.refused(at, polled.holds_refused);
        let mut before = std::mem::take(&mut self.sales);
        for (show, availability) in polled.shows {
            let old = before.iter().position(|sales| sales.show.show == show.show).map(|index| before.swap_remove(index));
            self.sales.push(Sales::from_answer(at, show, &availability, old));
        }
        self.sales.sort_by_key(|sales| sale_order(sales.show.sale));
        self.keep_in_sight();
    }

    fn note(&mut self, happened: Happened) {
        if let Some(order) = &happened.order {
            match happened.kind.as_str() {
                "order_stuck" if self.stuck.len() < STUCK_MAX => {
                    let known = self.code_of(order).unwrap_or(order).to_owned();
                    self.stuck.insert(order.clone(), known);
                }
                "order_confirmed" | "order_cancelled" => {
                    self.stuck.remove(order);
                }
                _ => {}
            }
        }
        if !NOT_LISTED.contains(&happened.kind.as_str()) {
            self.happenings.truncate(HAPPENINGS_MAX - 1);
            self.happenings.push_front(happened);
        }
    }

    /// How the server is reached.
    pub(crate) fn connection(&self) -> Connection {
        let down_since = [&self.polls, &self.stream].into_iter().filter_map(Link::down_since).min();
        match down_since {
            Some(since) => Connection::Reconnecting(since),
            None if self.polls == Link::Up && self.stream == Link::Up => Connection::Connected,
            None => Connection::Connecting,
        }
    }

    /// The name of a show, if it is known.
    pub(crate) fn show_name(&self, show: &str) -> Option<&str> {
        self.sales.iter().find(|sales| sales.show.show == show).map(|sales| sales.show.name.as_str())
    }

    /// The code that people know an order by, if it was placed lately.
    pub(crate) fn code_of(&self, order: &str) -> Option<&str> {
        self.happenings.iter().filter(|known| known.order.as_deref() == Some(order)).find_map(|known| known.code.as_deref())
    }

    /// What an operator must know, the worst first.
    pub(crate) fn trouble(&self) -> Vec<String> {
        let mut trouble = Vec::new();
        match (&self.polls, &self.stream) {
            (Link::Down { why, .. }, _) => trouble.push(format!("no status: {why}")),
            (_, Link::Down { why, .. }) => trouble.push(format!("no stream of events: {why}")),
            _ => {}
        }
        let Some(status) = &self.status else { return trouble };
        for PartitionStatus { partition, stopped, .. } in &status.partitions {
            if let Some(why) = stopped {
                trouble.push(format!("partition {partition} has stopped: {why}"));
            }
        }
        // The server says the same about a stopped partition; it is said once.
        let reasons = status.reasons.iter().filter(|reason| !trouble.contains(reason)).map(|reason| format!("not ready: {reason}"));
        let reasons: Vec<String> = reasons.collect();
        trouble.extend(reasons);
        if !status.ready && status.reasons.is_empty() {
            trouble.push("not ready, and the server does not say why".into());
        }
        if !self.stuck.is_empty() {
            let count = self.stuck.len();
            let mut named: Vec<&str> = self.stuck.values().take(STUCK_NAMED_MAX).map(String::as_str).collect();
            if count > STUCK_NAMED_MAX {
                named.push("...");
            }
            let orders = if count == 1 { "order" } else { "orders" };
            trouble.push(format!("{count} {orders} stuck since this was opened: {}", named.join(", ")));
        }
        for partition in &status.partitions {
            let lags = [("projection", partition.projection_lag, PROJECTION_LAG_MAX), ("lists", partition.lists_lag, LISTS_LAG_MAX)];
            for (what, lag, lag_max) in lags {
                let said = status.reasons.iter().any(|reason| reason.contains(&format!("{what} of partition {} ", partition.partition)));
                if lag > lag_max && !said {
                    trouble.push(format!("partition {}: {what} {lag} records behind", partition.partition));
                }
            }
        }
        trouble
    }
}

/// Shows on sale come first.
fn sale_order(sale: SaleState) -> u8 {
    match sale {
        SaleState::Open => 0,
        SaleState::Paused => 1,
        SaleState::Draft => 2,
        SaleState::Closed => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::{at, happened, healthy, polled};

    fn fresh() -> State {
        State::new("http://here/", at(0))
    }

    #[test]
    fn reconnecting_counts_from_the_first_failure_and_ends_when_both_links_are_up() {
        let mut state = fresh();
        assert_eq!(state.connection(), Connection::Connecting);
        state.apply(Event::StreamOpened);
        assert_eq!(state.connection(), Connection::Connecting);
        state.apply(polled(at(0), healthy()));
        assert_eq!(state.connection(), Connection::Connected);
        state.apply(Event::StreamLost { at: at(5), why: "gone".into() });
        assert_eq!(state.trouble(), ["no stream of events: gone"]);
        state.apply(Event::PollFailed { at: at(6), why: "first".into() });
        state.apply(Event::PollFailed { at: at(7), why: "second".into() });
        assert_eq!(state.connection(), Connection::Reconnecting(at(5)));
        assert_eq!(state.trouble(), ["no status: second"]);
        state.apply(Event::StreamOpened);
        assert_eq!(state.connection(), Connection::Reconnecting(at(6)));
        state.apply(polled(at(9), healthy()));
        assert_eq!(state.connection(), Connection::Connected);
        assert!(state.trouble().is_empty());
    }

    #[test]
    fn trouble_is_told_the_worst_first_and_once() {
        let mut state = fresh();
        let mut answer = healthy();
        answer.status.ready = false;
        answer.status.reasons = vec!["partition 2 has stopped: disk full".into(), "the server is shutting down".into()];
        answer.status.partitions[1].projection_lag = PROJECTION_LAG_MAX + 1;
        answer.status.partitions[0].lists_lag = LISTS_LAG_MAX;
        answer.status.partitions[0].projection_lag = 20_000;
        answer.status.reasons.push("the live projection of partition 0 is 20000 records behind".into());
        answer.status.partitions[2].stopped = Some("disk full".into());
        state.apply(polled(at(1), answer));
        state.apply(happened(at(1), r#"{"type":"order_placed","order":"o-1","code":"K7QPM"}"#));
        state.apply(happened(at(1), r#"{"type":"order_stuck","order":"o-1"}"#));
        let expected = [
            "partition 2 has stopped: disk full",
            "not ready: the server is shutting down",
            "not ready: the live projection of partition 0 is 20000 records behind",
            "1 order stuck since this was opened: K7QPM",
            "partition 1: projection 1001 records behind",
        ];
        assert_eq!(state.trouble(), expected);
    }

    #[test]
    fn an_order_that_gets_unstuck_is_trouble_no_more() {
        let mut state = fresh();
        state.apply(polled(at(1), healthy()));
        for number in 0..STUCK_MAX + 5 {
            state.apply(happened(at(1), &format!(r#"{{"type":"order_stuck","order":"o-{number:04}"}}"#)));
        }
        assert_eq!(state.trouble(), ["1000 orders stuck since this was opened: o-0000, o-0001, o-0002, ..."]);
        for number in 0..STUCK_MAX {
            let kind = if number % 2 == 0 { "order_confirmed" } else { "order_cancelled" };
            state.apply(happened(at(2), &format!(r#"{{"type":"{kind}","order":"o-{number:04}"}}"#)));
        }
        assert!(state.trouble().is_empty());
    }

    #[test]
    fn happenings_are_bounded_the_latest_first_and_without_the_steps_that_go_well() {
        let mut state = fresh();
        for second in 0..1_000 {
            state.apply(happened(at(second), r#"{"type":"hold_placed"}"#));
            state.apply(happened(at(second), r#"{"type":"step_done"}"#));
        }
        assert_eq!(state.happenings.len(), HAPPENINGS_MAX);
        assert_eq!((state.happenings[0].at, state.happenings[1].at), (at(999), at(998)));
        assert!(state.happenings.iter().all(|happened| happened.kind == "hold_placed"));
    }

    #[test]
    fn only_a_key_that_does_something_makes_a_new_picture() {
        let mut state = fresh();
        assert!(!state.apply(Event::Key(Key::Up)) && !state.apply(Event::Key(Key::Down)) && !state.apply(Event::Key(Key::Escape)));
        state.apply(polled(at(0), healthy()));
        assert!(state.apply(Event::Key(Key::Down)) && state.scrolled == 1);
        for _ in 0..100 {
            state.apply(Event::Key(Key::Down));
        }
        let lines: usize = state.sales.iter().map(|sales| 1 + sales.counters.len()).sum();
        assert_eq!(state.scrolled, lines - 1);
        state.apply(polled(at(1), Polled { shows: Vec::new(), ..healthy() }));
        assert_eq!(state.scrolled, 0, "shows that went away take the scrolling with them");
        assert!(state.apply(Event::Key(Key::Help)) && state.help);
        assert!(state.apply(Event::Key(Key::Escape)) && !state.help && !state.quit());
        assert!(state.apply(Event::Key(Key::Quit)) && state.quit());
    }

    #[test]
    fn shows_on_sale_come_first_and_keep_their_pace_from_answer_to_answer() {
        let mut state = fresh();
        for second in 0..10 {
            let mut answer = healthy();
            answer.shows.rotate_left(usize::try_from(second % 2).unwrap());
            for (_, availability) in &mut answer.shows {
                availability.seats.total.booked = 100 + 3 * u32::try_from(second).unwrap();
            }
            state.apply(polled(at(second), answer));
        }
        let sales: Vec<SaleState> = state.sales.iter().map(|sales| sales.show.sale).collect();
        assert_eq!(sales, [SaleState::Open, SaleState::Paused, SaleState::Draft]);
        assert_eq!(state.sales[0].counters[0].sold_per_second(), Some(3.0));
    }
}
