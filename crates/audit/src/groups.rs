//! Groups that sit together, in the dullest way there is: every window of every row is looked at.
//!
//! Must never be true: a group was told that it cannot sit together while there was a place for it; a table was torn apart; a seat was
//! left alone where the show forbids it.

use guichet_domain::Rejection;
use guichet_domain::ShowId;
use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::seating::{Row, RowKind, Seat};
use guichet_domain::show::{Admits, Orphans};

use crate::fold::{Audit, Show};
use crate::report::Rule;

impl Audit {
    /// Refusals of groups, of tables and of seats that would be left alone.
    pub(crate) fn untrue_of_group(&self, rejection: &Rejection) -> Option<String> {
        match rejection {
            Rejection::SeatsSoldOut { show, wanted, left, claimed } => {
                let really = self.group(*show, wanted, claimed)?.left();
                let right = really == u64::from(*left) && really < u64::from(wanted.quantity());
                (!right).then(|| format!("{really} seats were left for {}, {left} named", wanted.quantity()))
            }
            Rejection::NotEnoughAdjacentSeats { show, wanted, left, together_max, claimed } => {
                let group = self.group(*show, wanted, claimed)?;
                let quantity = wanted.quantity() as usize;
                if let Some(place) = group.place(quantity) {
                    return Some(format!("{quantity} could sit together, from {} on", self.label(*show, place)));
                }
                let really = group.left();
                if really != u64::from(*left) {
                    return Some(format!("{really} seats were left, {left} named"));
                }
                // One by one everybody finds a seat, unless wheelchair places or neighbours are to be minded.
                if wanted.split && wanted.accessible == 0 && group.rules().orphans != Orphans::Forbid {
                    let one_by_one = group.left_one_by_one();
                    if one_by_one >= quantity as u64 {
                        return Some(format!("{quantity} may be split, and {one_by_one} seats were left"));
                    }
                }
                let smaller = *together_max as usize;
                let wrong = smaller >= quantity || (smaller > 0 && group.place(smaller).is_none());
                wrong.then(|| format!("{together_max} could not sit together, as was said"))
            }
            Rejection::OrphanSeat { show, seats } => {
                let Show(definition, plan, ..) = self.shows.get(show)?;
                let allowed = definition.seating.orphans != Orphans::Forbid;
                let taken = seats.iter().find(|seat| self.seats.contains_key(&(*show, **seat)));
                let line = seats.iter().all(|seat| plan.rows[plan.row_of(*seat)].kind == RowKind::Line);
                (allowed || taken.is_some() || !line)
                    .then(|| format!("seats {seats:?} of show {show} could be left alone, or were not free"))
            }
            Rejection::TableSoldWhole { show, seats } => {
                let Show(_, plan, ..) = self.shows.get(show)?;
                let by_the_chair = seats.iter().find(|seat| !is_whole(&plan.rows[plan.row_of(**seat)]));
                by_the_chair.map(|seat| format!("{} is sold by the chair", self.label(*show, *seat)))
            }
            _ => None,
        }
    }

    /// Checks a hold that has just been placed, its seats being in its hand already.
    pub(crate) fn group_rules(&mut self, show: ShowId, items: &[HoldItem]) {
        let Some(Show(definition, plan, _, gone)) = self.shows.get(&show) else { return };
        let claimed: Vec<u32> = items.iter().flat_map(seats_of).copied().collect();
        let (mut torn, mut alone) = (false, None);
        for seat in &claimed {
            let Some(row) = plan.seats.get(*seat as usize).and_then(|seat| plan.rows.get(seat.row as usize)) else { continue };
            torn |= is_whole(row) && !row.seats.iter().all(|chair| claimed.contains(chair));
            if definition.seating.orphans == Orphans::Forbid && row.kind == RowKind::Line {
                let free = |place: usize| row.seats.get(place).is_some_and(|seat| gone.get(*seat as usize) == Some(&false));
                let aisle = |place: usize| row.seats.get(place).is_some_and(|seat| plan.seats[*seat as usize].aisle_after);
                let Some(at) = row.seats.iter().position(|other| other == seat) else { continue };
                let beside = [at.checked_sub(1).filter(|left| !aisle(*left)), Some(at + 1).filter(|_| !aisle(at))];
                for place in beside.into_iter().flatten().filter(|place| free(*place)) {
                    let left = place.checked_sub(1).is_some_and(|left| free(left) && !aisle(left));
                    let right = free(place + 1) && !aisle(place);
                    if !left && !right {
                        alone = row.seats.get(place).copied();
                    }
                }
            }
        }
        self.check(!torn, Rule::TableTornApart, || format!("show {show}, seats {claimed:?}"));
        let what = alone.map(|seat| self.label(show, seat)).unwrap_or_default();
        self.check(alone.is_none(), Rule::SeatLeftAlone, || what);
    }

    fn group<'a>(&'a self, show: ShowId, wanted: &'a BestAvailable, claimed: &'a [u32]) -> Option<Group<'a>> {
        let show = self.shows.get(&show)?;
        Some(Group { show, wanted, claimed, now_unix_ms: self.stamp_unix_ms })
    }
}

struct Group<'a> {
    show: &'a Show,
    wanted: &'a BestAvailable,
    claimed: &'a [u32],
    now_unix_ms: u64,
}

impl Group<'_> {
    fn rules(&self) -> guichet_domain::show::SeatingRules {
        self.show.0.seating
    }

    /// Whether seats that are kept for wheelchairs may go to this group, sooner or later.
    fn may_have_kept(&self) -> bool {
        let rules = self.rules();
        let in_time = |before: u64| self.show.0.starts_at_unix_ms.is_some_and(|starts| self.now_unix_ms.saturating_add(before) >= starts);
        self.wanted.accessible > 0
            || rules.accessible_released_when_sold_out
            || rules.accessible_released_before_start_ms.is_some_and(in_time)
    }

    fn may_have(&self, choice: &[Part], number: u32, seat: &Seat) -> bool {
        let sold = |part: &Part| match self.show.0.products.get(usize::from(part.product)).map(|product| &product.admits) {
            Some(Admits::Seats { categories }) => categories.contains(&seat.category),
            _ => false,
        };
        let asked = self.wanted.categories.is_empty() || self.wanted.categories.contains(&seat.category);
        let kept = (seat.accessible || seat.companion) && !self.may_have_kept();
        let gone = self.show.3.get(number as usize).is_none_or(|gone| *gone) || self.claimed.contains(&number);
        asked && !kept && !gone && choice.iter().all(sold)
    }

    /// Every row of the zones that were asked for, with what the choice may have of it.
    fn rows<'b>(&'b self, choice: &'b [Part]) -> impl Iterator<Item = (&'b Row, Vec<bool>)> {
        let plan = &self.show.1;
        let zone = |row: &&Row| {
            let zone = row.section.and_then(|section| plan.sections[usize::from(section)].zone);
            self.wanted.zones.is_empty() || zone.is_some_and(|zone| self.wanted.zones.contains(&zone))
        };
        let fits = |row: &'b Row| row.seats.iter().map(|number| self.may_have(choice, *number, &plan.seats[*number as usize])).collect();
        plan.rows.iter().filter(zone).map(move |row| (row, fits(row)))
    }

    /// How many seats there are, for the choice that has most; of a table that is sold whole all or none.
    fn left(&self) -> u64 {
        self.count(|row, fits| !is_whole(row) || !fits.contains(&false))
    }

    /// The same without such tables.
    fn left_one_by_one(&self) -> u64 {
        self.count(|row, _| !is_whole(row))
    }

    fn count(&self, counts: impl Fn(&Row, &[bool]) -> bool) -> u64 {
        let seats = |choice: &Vec<Part>| {
            let rows = self.rows(choice).filter(|(row, fits)| counts(row, fits));
            rows.map(|(_, fits)| fits.iter().filter(|fits| **fits).count() as u64).sum()
        };
        self.wanted.choices.iter().map(seats).max().unwrap_or_default()
    }

    /// The first seat of a place for so many.
    fn place(&self, quantity: usize) -> Option<u32> {
        self.wanted.choices.iter().find_map(|choice| {
            self.rows(choice).find_map(|(row, fits)| {
                let starts = 0..(row.seats.len() + 1).saturating_sub(quantity);
                starts.into_iter().find(|start| self.fits_at(row, &fits, *start, quantity)).map(|start| row.seats[start])
            })
        })
    }

    fn fits_at(&self, row: &Row, fits: &[bool], start: usize, quantity: usize) -> bool {
        let end = start + quantity;
        let seat = |place: usize| &self.show.1.seats[row.seats[place] as usize];
        let together = self.wanted.across_aisles || (start..end - 1).all(|place| !seat(place).aisle_after);
        let accessible = (start..end).filter(|place| seat(*place).accessible).count();
        let whole = !is_whole(row) || quantity == row.seats.len();
        let forbidden = self.rules().orphans == Orphans::Forbid && row.kind == RowKind::Line && self.leaves_one_alone(row, start, end);
        fits[start..end].iter().all(|fits| *fits) && together && accessible >= self.wanted.accessible as usize && whole && !forbidden
    }

    fn leaves_one_alone(&self, row: &Row, start: usize, end: usize) -> bool {
        let aisle = |place: usize| self.show.1.seats[row.seats[place] as usize].aisle_after;
        let free = |place: usize| {
            let number = row.seats[place];
            !(start..end).contains(&place) && self.show.3.get(number as usize) == Some(&false) && !self.claimed.contains(&number)
        };
        let alone = |place: usize| {
            let left = place > 0 && !aisle(place - 1) && free(place - 1);
            let right = place + 1 < row.seats.len() && !aisle(place) && free(place + 1);
            free(place) && !left && !right
        };
        (start > 0 && !aisle(start - 1) && alone(start - 1)) || (end < row.seats.len() && !aisle(end - 1) && alone(end))
    }
}

fn is_whole(row: &Row) -> bool {
    matches!(row.kind, RowKind::Table { whole: true, .. })
}

fn seats_of(item: &HoldItem) -> &[u32] {
    match &item.claim {
        Claim::Seats(seats) => seats,
        Claim::Quantity(_) => &[],
    }
}
