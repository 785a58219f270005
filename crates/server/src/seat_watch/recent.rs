//! What the watchers of a show are told: where the seats are now, and the last few steps that led there.
//!
//! One is shared by all watchers, and nothing here grows with their number. What must never be true: a watcher is given a delta that
//! does not begin at what it has.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use guichet_api::SeatStates;
use guichet_core::Position;

use super::frame;

/// Bytes of deltas that are kept: who would have to be told more is told everything instead, which is two bits a seat at most, 27 kB
/// for a house of 80,000. So it is also what a watched show holds in memory beside its seats.
const STEPS_BYTES_MAX: usize = 64 << 10;

/// A delta of at most a byte for so many seats is told without comparing it to everything, which need not be written down then: a
/// house that is sold half has about that.
const SHORT_SEATS_PER_BYTE: usize = 16;

/// The seats at a position. Written down once, for everybody who needs them whole.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) position: Position,
    pub(super) states: SeatStates,
    frame: OnceLock<Bytes>,
}

impl Whole {
    fn new(position: Position, states: SeatStates) -> Arc<Self> {
        Arc::new(Self { position, states, frame: OnceLock::new() })
    }

    /// As an event.
    pub(super) fn frame(&self) -> Bytes {
        self.frame.get_or_init(|| frame::snapshot(&self.position, &self.states)).clone()
    }
}

/// One step: the event that leads to a position.
#[derive(Debug)]
struct Step {
    to: Position,
    frame: Bytes,
}

/// What to tell a watcher next.
#[derive(Debug)]
pub(super) enum Next {
    /// This event, after which it has seen so many steps.
    Event(Bytes, u64),
    /// Everything, after which it has seen so many steps.
    Whole(Arc<Whole>, u64),
    /// Nothing yet.
    Nothing,
}

/// The seats now, and the last steps.
#[derive(Debug)]
pub(super) struct Recent {
    now: Arc<Whole>,
    /// Where the show was when it was last looked at: maybe beyond `now`, by changes that no seat shows.
    seen: Position,
    /// Steps taken so far, those that are forgotten too.
    taken: u64,
    steps: VecDeque<Step>,
    steps_bytes: usize,
    /// Where the steps that are kept begin.
    begin: Position,
    /// Signs of life sent so far.
    pub(super) beats: u64,
}

impl Recent {
    pub(super) fn new(position: Position, states: SeatStates) -> Self {
        Self {
            seen: position.clone(),
            begin: position.clone(),
            now: Whole::new(position, states),
            taken: 0,
            steps: VecDeque::new(),
            steps_bytes: 0,
            beats: 0,
        }
    }

    /// Where the show was when it was last looked at.
    pub(super) fn seen(&self) -> &Position {
        &self.seen
    }

    /// Takes a step to what the seats are now; false when none of them has changed. `another_plan` says that they are not the same
    /// seats as before.
    pub(super) fn advance(&mut self, position: Position, states: SeatStates, another_plan: bool) -> bool {
        self.seen = position.clone();
        let changes = if another_plan { None } else { self.now.states.changes_to(&states) };
        if changes.as_ref().is_some_and(String::is_empty) {
            return false;
        }
        self.now = Whole::new(position.clone(), states);
        // Where much changes at once, everything is shorter, which has two bits a seat at most.
        let short = |changes: &String| changes.len() <= self.now.states.len() as usize / SHORT_SEATS_PER_BYTE;
        let frame = match changes {
            Some(changes) if short(&changes) => frame::delta(&position, changes),
            changes => {
                let whole = self.now.frame();
                let delta = changes.map(|changes| frame::delta(&position, changes));
                delta.filter(|delta| delta.len() <= whole.len()).unwrap_or(whole)
            }
        };
        self.steps_bytes += frame.len();
        self.steps.push_back(Step { to: position, frame });
        self.taken += 1;
        // The last step stays, however large: everybody who keeps up needs it.
        while self.steps_bytes > STEPS_BYTES_MAX && self.steps.len() > 1 {
            let Some(Step { to, frame }) = self.steps.pop_front() else { break };
            self.steps_bytes -= frame.len();
            self.begin = to;
        }
        true
    }

    /// What comes after so many steps.
    pub(super) fn after(&self, seen: u64) -> Next {
        let behind = usize::try_from(self.taken.saturating_sub(seen)).unwrap_or(usize::MAX);
        if behind == 0 {
            return Next::Nothing;
        }
        match self.steps.len().checked_sub(behind).and_then(|index| self.steps.get(index)) {
            Some(step) => Next::Event(step.frame.clone(), seen + 1),
            None => self.whole(),
        }
    }

    /// Everything.
    pub(super) fn whole(&self) -> Next {
        Next::Whole(Arc::clone(&self.now), self.taken)
    }

    /// How many steps somebody has seen who has the seats of a position; `None` when that is not known any more, or never was. Only
    /// exactly the positions that steps lead to count: between two of them a seat may have been taken and given back, and no delta
    /// says so.
    pub(super) fn steps_seen_at(&self, position: &Position) -> Option<u64> {
        if position == &self.seen || position == &self.now.position {
            return Some(self.taken);
        }
        let kept = || self.steps.len() as u64;
        if position == &self.begin {
            return Some(self.taken - kept());
        }
        let index = self.steps.iter().position(|step| step.to == *position)? as u64;
        Some(self.taken - kept() + index + 1)
    }
}

#[cfg(test)]
mod tests {
    use guichet_api::{FollowedSeats, SeatState, StreamEvent};

    use super::*;

    fn at(offset: u64) -> Position {
        Position::of(1, offset)
    }

    fn house(seats: u32, held: impl Fn(u32) -> bool) -> SeatStates {
        (0..seats).map(|seat| if held(seat) { SeatState::Held } else { SeatState::Free }).collect()
    }

    fn take(followed: &mut FollowedSeats, frame: &Bytes) {
        let text = std::str::from_utf8(frame).unwrap().strip_suffix("\n\n").unwrap();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        followed.take(&StreamEvent { id: field("id: "), event: field("event: "), data: field("data: ") }).unwrap();
    }

    /// Everything that a watcher is told who has seen so many steps.
    fn catch_up(recent: &Recent, followed: &mut FollowedSeats, mut seen: u64) -> u64 {
        loop {
            let (frame, now) = match recent.after(seen) {
                Next::Event(frame, now) => (frame, now),
                Next::Whole(whole, now) => (whole.frame(), now),
                Next::Nothing => return seen,
            };
            take(followed, &frame);
            seen = now;
        }
    }

    #[test]
    fn whoever_goes_on_from_a_step_that_is_kept_gets_the_rest_and_nobody_else_does() {
        let states = |step: u32| house(300, |seat| seat % 7 == step % 7);
        let mut recent = Recent::new(at(10), states(0));
        for step in 1..=20 {
            assert!(recent.advance(at(10 + 2 * u64::from(step)), states(step), false));
        }
        for step in 0..=20 {
            let position = at(10 + 2 * u64::from(step));
            let seen = recent.steps_seen_at(&position).unwrap();
            assert_eq!(seen, u64::from(step));
            let mut followed = FollowedSeats::from_known(position.to_string(), states(step));
            assert_eq!(catch_up(&recent, &mut followed, seen), 20);
            assert_eq!((followed.position(), followed.states()), (Some("p1.50"), Some(&states(20))));
        }
        for never in [at(9), at(11), at(49), at(51), Position::of(2, 10)] {
            assert_eq!(recent.steps_seen_at(&never), None, "{never}");
        }
    }

    #[test]
    fn what_no_seat_shows_is_no_step_and_its_position_is_as_good_as_the_last() {
        let mut recent = Recent::new(at(10), house(8, |seat| seat == 1));
        assert!(!recent.advance(at(14), house(8, |seat| seat == 1), false));
        assert!(matches!(recent.after(0), Next::Nothing));
        assert_eq!((recent.steps_seen_at(&at(10)), recent.steps_seen_at(&at(14))), (Some(0), Some(0)));
        assert!(recent.advance(at(15), house(8, |seat| seat == 2), false));
        // What was seen in between is forgotten as soon as there is a step: the steps do not begin there.
        assert_eq!((recent.steps_seen_at(&at(10)), recent.steps_seen_at(&at(14))), (Some(0), None));
    }

    #[test]
    fn steps_take_a_bounded_space_and_who_is_behind_them_gets_everything() {
        let states = |step: u32| house(20_000, |seat| (seat / 3 + step).is_multiple_of(2));
        let mut recent = Recent::new(at(0), states(0));
        for step in 1..=200 {
            recent.advance(at(u64::from(step)), states(step), false);
            let kept: usize = recent.steps.iter().map(|step| step.frame.len()).sum();
            assert!(kept == recent.steps_bytes && (kept <= STEPS_BYTES_MAX || recent.steps.len() == 1), "{kept}");
        }
        let kept = recent.steps.len() as u64;
        assert!((1..200).contains(&kept));
        assert_eq!((recent.steps_seen_at(&at(199 - kept)), recent.steps_seen_at(&at(200 - kept))), (None, Some(200 - kept)));
        assert!(matches!(recent.after(199 - kept), Next::Whole(_, 200)));
        assert!(matches!(recent.after(200 - kept), Next::Event(..)));
        let mut followed = FollowedSeats::default();
        assert_eq!(catch_up(&recent, &mut followed, 3), 200);
        assert_eq!(followed.states(), Some(&states(200)));
    }

    #[test]
    fn another_plan_is_told_whole() {
        let mut recent = Recent::new(at(1), house(8, |_| false));
        assert!(recent.advance(at(2), house(8, |seat| seat == 3), false));
        assert!(recent.advance(at(3), house(12, |seat| seat == 3), false));
        assert!(recent.advance(at(4), house(12, |seat| seat == 3), true));
        for (seen, letters) in [(1, "snapshot"), (2, "snapshot"), (0, "delta")] {
            let Next::Event(frame, _) = recent.after(seen) else { panic!("step {seen} is kept") };
            assert!(std::str::from_utf8(&frame).unwrap().contains(&format!("event: {letters}\n")));
        }
        let mut followed = FollowedSeats::from_known("p1.1".into(), house(8, |_| false));
        catch_up(&recent, &mut followed, 0);
        assert_eq!(followed.states(), Some(&house(12, |seat| seat == 3)));
    }
}
