//! What of a show is free, held, booked or blocked: two bits a seat, two counters a quota.
//!
//! Must never be true: a seat in two hands, or `held + booked` of a quota above its size. Every change checks it.

use crate::hold::{Claim, HoldItem};
use crate::seating::SeatingPlan;
use crate::show::{Quota, ShowDefinition};

/// The state of one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// Can be held.
    Free,
    /// In a hold.
    Held,
    /// Sold.
    Booked,
    /// Not for sale: taken from sale by an operator, or withdrawn by a revision of the plan.
    Blocked,
}

/// The states of all seats of a show, two bits each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatMap {
    words: Vec<u64>,
    len: u32,
}

const SEATS_PER_WORD: u32 = 32;

impl SeatMap {
    /// All free.
    #[must_use]
    pub fn new(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(SEATS_PER_WORD) as usize], len }
    }

    /// From what [`SeatMap::words`] gave; `None` when that cannot have been this many seats.
    #[must_use]
    pub fn from_words(len: u32, words: Vec<u64>) -> Option<Self> {
        let used = len % SEATS_PER_WORD;
        let spare = if used == 0 { 0 } else { words.last()? >> (2 * used) };
        (words.len() == len.div_ceil(SEATS_PER_WORD) as usize && spare == 0).then_some(Self { words, len })
    }

    /// The seats as they lie in memory, 32 in a word; what a word has beyond the last seat is zero.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// How many seats there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds free seats behind the others, up to so many.
    fn grow(&mut self, len: u32) {
        self.len = self.len.max(len);
        self.words.resize(self.len.div_ceil(SEATS_PER_WORD) as usize, 0);
    }

    /// The state of a seat.
    #[must_use]
    pub fn get(&self, seat: u32) -> SeatState {
        debug_assert!(seat < self.len);
        match (self.words[(seat / SEATS_PER_WORD) as usize] >> (2 * (seat % SEATS_PER_WORD))) & 0b11 {
            0 => SeatState::Free,
            1 => SeatState::Held,
            2 => SeatState::Booked,
            _ => SeatState::Blocked,
        }
    }

    /// Sets the state of a seat.
    pub fn set(&mut self, seat: u32, state: SeatState) {
        debug_assert!(seat < self.len);
        let shift = 2 * (seat % SEATS_PER_WORD);
        let bits = match state {
            SeatState::Free => 0_u64,
            SeatState::Held => 1,
            SeatState::Booked => 2,
            SeatState::Blocked => 3,
        };
        let word = &mut self.words[(seat / SEATS_PER_WORD) as usize];
        *word = (*word & !(0b11 << shift)) | (bits << shift);
    }
}

/// The counters of one quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaCount {
    /// The limit.
    pub size: u32,
    /// In live holds.
    pub held: u32,
    /// Sold.
    pub booked: u32,
}

impl QuotaCount {
    /// What is left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.size.saturating_sub(self.held).saturating_sub(self.booked)
    }
}

/// From where to where claims move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Free to held.
    Hold,
    /// Held to free.
    Release,
    /// Held to booked.
    Book,
    /// Booked to free.
    Unbook,
    /// Free to booked, for a sale that comes without a hold.
    Sell,
}

/// Everything countable of one show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// The seats.
    pub seats: SeatMap,
    /// The quotas, in the order of the definition.
    pub quotas: Vec<QuotaCount>,
}

impl Inventory {
    /// All free.
    #[must_use]
    pub fn new(plan: &SeatingPlan, quotas: &[Quota]) -> Self {
        let seats = u32::try_from(plan.seats.len()).unwrap_or(u32::MAX);
        Self {
            seats: SeatMap::new(seats),
            quotas: quotas.iter().map(|quota| QuotaCount { size: quota.size, ..QuotaCount::default() }).collect(),
        }
    }

    /// Moves everything that the items claim.
    ///
    /// # Panics
    /// When a claim is not where it should come from: then the decision that led here was wrong, and going on would sell a seat
    /// twice. The shard stops instead.
    pub fn shift(&mut self, definition: &ShowDefinition, items: &[HoldItem], way: Move) {
        let (from, to) = match way {
            Move::Hold => (SeatState::Free, SeatState::Held),
            Move::Release => (SeatState::Held, SeatState::Free),
            Move::Book => (SeatState::Held, SeatState::Booked),
            Move::Unbook => (SeatState::Booked, SeatState::Free),
            Move::Sell => (SeatState::Free, SeatState::Booked),
        };
        for item in items {
            if let Claim::Seats(seats) = &item.claim {
                for seat in seats {
                    assert_eq!(self.seats.get(*seat), from, "seat {seat} of {:?} cannot {way:?}", definition.id);
                    self.seats.set(*seat, to);
                }
            }
            for quota in &definition.products[usize::from(item.product)].quotas {
                self.count(*quota, item.claim.quantity(), way);
            }
        }
    }

    /// Takes free seats from sale, or gives blocked ones back.
    ///
    /// # Panics
    /// As [`Inventory::shift`].
    pub fn block(&mut self, seats: &[u32], blocked: bool) {
        let (from, to) = if blocked { (SeatState::Free, SeatState::Blocked) } else { (SeatState::Blocked, SeatState::Free) };
        for seat in seats {
            assert_eq!(self.seats.get(*seat), from, "seat {seat} cannot become {to:?}");
            self.seats.set(*seat, to);
        }
    }

    /// Goes over to a revised plan: what is withdrawn is not for sale, what is added is free.
    ///
    /// # Panics
    /// When a seat would be withdrawn or freed that somebody has, as [`Inventory::shift`].
    pub fn revise(&mut self, plan: &SeatingPlan, added: &[u32], withdrawn: &[u32]) {
        self.seats.grow(u32::try_from(plan.seats.len()).unwrap_or(u32::MAX));
        for (seats, to) in [(withdrawn, SeatState::Blocked), (added, SeatState::Free)] {
            for seat in seats {
                let from = self.seats.get(*seat);
                assert!(matches!(from, SeatState::Free | SeatState::Blocked), "seat {seat} is {from:?} and cannot become {to:?}");
                self.seats.set(*seat, to);
            }
        }
    }

    fn count(&mut self, quota: u16, quantity: u32, way: Move) {
        let count = &mut self.quotas[usize::from(quota)];
        let less = |from: u32| from.checked_sub(quantity);
        let moved = match way {
            Move::Hold => (count.left() >= quantity).then(|| (count.held + quantity, count.booked)),
            Move::Release => less(count.held).map(|held| (held, count.booked)),
            Move::Book => less(count.held).map(|held| (held, count.booked + quantity)),
            Move::Unbook => less(count.booked).map(|booked| (count.held, booked)),
            Move::Sell => (count.left() >= quantity).then(|| (count.held, count.booked + quantity)),
        };
        let Some((held, booked)) = moved else {
            panic!("quota {quota} cannot {way:?} {quantity}: {count:?}");
        };
        (count.held, count.booked) = (held, booked);
    }
}
