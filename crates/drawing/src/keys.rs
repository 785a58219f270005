//! What the seats are told apart by: a sign and a colour for each category, or for each state.
//!
//! Must never be true: two keys that only their colour tells apart, as long as there are signs left.

use std::collections::BTreeSet;

use guichet_domain::inventory::SeatState;

use crate::By;
use crate::colour::Rgb;
use crate::scene::{Scene, Spot};

/// For categories after all letters and digits are taken.
const OTHER: char = '+';
/// For seats and areas whose category does not exist.
const UNKNOWN: char = '?';

/// One of the things that seats are told apart by.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) sign: char,
    pub(crate) colour: Rgb,
    /// As it is called; not made safe yet.
    pub(crate) name: String,
    /// The state that it is, if it is one.
    pub(crate) state: Option<SeatState>,
    /// Seats that have it.
    pub(crate) seats: usize,
}

impl Key {
    fn of_category(sign: char, name: &str, colour: &str) -> Self {
        Self { sign, colour: Rgb::parse(colour).unwrap_or(Rgb::NEUTRAL), name: name.to_owned(), state: None, seats: 0 }
    }

    /// For what has neither a category nor a state to show.
    pub(crate) fn of_anything() -> Self {
        Self::of_category(UNKNOWN, "no category", "")
    }

    fn of_state(state: SeatState) -> Self {
        let sign = match state {
            SeatState::Free => '○',
            SeatState::Held => '◐',
            SeatState::Booked => '●',
            SeatState::Blocked => '×',
        };
        Self { sign, colour: colour_of(state), name: name_of(state).to_owned(), state: Some(state), seats: 0 }
    }
}

/// The colour of a state.
pub(crate) fn colour_of(state: SeatState) -> Rgb {
    match state {
        SeatState::Free => Rgb(0x2f, 0x9e, 0x44),
        SeatState::Held => Rgb(0xe6, 0x77, 0x00),
        SeatState::Booked => Rgb(0xc9, 0x2a, 0x2a),
        SeatState::Blocked => Rgb::NEUTRAL,
    }
}

/// A state as people call it.
pub(crate) fn name_of(state: SeatState) -> &'static str {
    match state {
        SeatState::Free => "free",
        SeatState::Held => "held",
        SeatState::Booked => "booked",
        SeatState::Blocked => "blocked",
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Keys<'a> {
    by: By<'a>,
    keys: Vec<Key>,
}

impl<'a> Keys<'a> {
    pub(crate) fn of(scene: &Scene<'_>, by: By<'a>) -> Self {
        let keys = match by {
            By::Category => categories(scene),
            By::State(_) => [SeatState::Free, SeatState::Held, SeatState::Booked, SeatState::Blocked].map(Key::of_state).into(),
        };
        let mut keys = Self { by, keys };
        for spot in &scene.spots {
            let index = usize::from(keys.index(spot));
            keys.keys[index].seats += 1;
        }
        keys
    }

    /// Index of a seat's key.
    pub(crate) fn index(&self, spot: &Spot) -> u16 {
        match self.by {
            By::Category => self.index_of_category(spot.category),
            By::State(states) => states.get(spot.number as usize).copied().unwrap_or(SeatState::Blocked) as u16,
        }
    }

    fn index_of_category(&self, category: u16) -> u16 {
        // The last one is that of what does not exist.
        category.min(u16::try_from(self.keys.len().saturating_sub(1)).unwrap_or(u16::MAX))
    }

    pub(crate) fn get(&self, index: u16) -> &Key {
        &self.keys[usize::from(index)]
    }

    /// The key of an area, where areas have any: a state is that of a seat.
    pub(crate) fn of_area(&self, category: u16) -> Option<&Key> {
        matches!(self.by, By::Category).then(|| self.get(self.index_of_category(category)))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// Whether they are states.
    pub(crate) fn are_states(&self) -> bool {
        matches!(self.by, By::State(_))
    }

    /// The state of a seat, if states are what is shown.
    pub(crate) fn state(&self, spot: &Spot) -> Option<SeatState> {
        self.get(self.index(spot)).state
    }

    /// The sign of one seat: accessible seats have the small letter of their category.
    pub(crate) fn sign(&self, spot: &Spot) -> char {
        let sign = self.get(self.index(spot)).sign;
        if spot.accessible { sign.to_ascii_lowercase() } else { sign }
    }
}

/// Every category with a letter of its own name, as far as that is free.
fn categories(scene: &Scene<'_>) -> Vec<Key> {
    let mut taken = BTreeSet::new();
    let mut key = |category: &guichet_domain::seating::Category| {
        let own = category.name.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase());
        let sign = own.chain('A'..='Z').chain('1'..='9').find(|sign| !taken.contains(sign)).unwrap_or(OTHER);
        taken.insert(sign);
        Key::of_category(sign, &category.name, &category.colour)
    };
    let mut keys: Vec<Key> = scene.plan.categories.iter().map(&mut key).collect();
    keys.truncate(usize::from(u16::MAX));
    keys.push(Key::of_anything());
    keys
}
