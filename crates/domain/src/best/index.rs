//! The rankings of the rows: for each manner, set of categories and size of group that has been asked for, how well each row could
//! seat it now. The best row is at the root of a tournament tree.
//!
//! A change of a seat is noted in a log of rows. A ranking reads on in the log when it is asked again, so what nobody asks for costs
//! nothing; one that has fallen too far behind is made anew. Must never be true: a ranking used that has not read the whole log.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::house::House;
use super::place::Manner;
use super::rows::{Nearest, Place, Rows, Seats, Sizes};
use super::tree::{Tree, Value, cover};
use crate::seating::{Point, SeatingPlan};

/// Rankings that are kept. A show needs one for each size of group and set of categories, some dozens; a caller who asks for
/// everything once makes them all be made anew, and no more memory be used.
const RANKINGS_MAX: usize = 128;
/// Rows that the log has at least before it begins again: ranking a house anew costs as much as reading a log of its length.
const LOG_MIN: usize = 256;

/// Which seats are ranked, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Class {
    /// Index of its set of categories.
    set: usize,
    manner: Manner,
}

#[derive(Debug)]
struct Ranked<V> {
    tree: Tree<V>,
    /// How much of the log it has read.
    read: u64,
}

/// The index of one show.
#[derive(Debug)]
pub(crate) struct Index {
    house: House,
    /// Sets of categories that have been asked for, each ascending.
    sets: Vec<Vec<u16>>,
    rankings: FxHashMap<(Class, usize), Ranked<f32>>,
    sizes: FxHashMap<Class, Ranked<Sizes>>,
    log: Log,
}

/// Lines that have changed, the latest at the end.
#[derive(Debug, Default)]
struct Log {
    lines: Vec<u32>,
    /// Number of the first of them.
    from: u64,
}

impl Log {
    /// Begins again when it is longer than a house has rows: nobody would read it from its beginning.
    fn keep_short(&mut self, lines_max: usize) {
        if self.lines.len() > lines_max {
            self.from += self.lines.len() as u64;
            self.lines.clear();
        }
    }

    /// Lines that have changed since, each once; none when the log does not reach back that far.
    fn since(&self, read: u64) -> Option<FxHashSet<usize>> {
        let from = usize::try_from(read.checked_sub(self.from)?).ok()?;
        Some(self.lines.get(from..)?.iter().map(|line| *line as usize).collect())
    }

    /// Looks again at every line that a ranking has not seen since it changed; at all of them for a ranking that there is not yet.
    fn bring_up_to_date<K: Eq + Hash, V: Value>(
        &self,
        rankings: &mut FxHashMap<K, Ranked<V>>,
        key: K,
        lines: usize,
        value: impl Fn(usize) -> V,
    ) {
        let read = self.from + self.lines.len() as u64;
        let known = rankings.get_mut(&key).and_then(|ranked| Some((self.since(ranked.read)?, ranked)));
        match known {
            Some((changed, ranked)) => {
                changed.into_iter().for_each(|line| ranked.tree.set(line, value(line)));
                ranked.read = read;
            }
            None => drop(rankings.insert(key, Ranked { tree: Tree::new((0..lines).map(value)), read })),
        }
    }
}

/// A node of a tree that may have the best place, or the best place of one row: whatever has the lowest score is looked at next.
#[derive(Clone, Copy)]
enum Candidate {
    Node(usize),
    Place(Place),
}

struct Scored(f32, Candidate);

impl Scored {
    /// Nodes before places, so that of two equal places the same one is always found.
    fn key(&self) -> (bool, usize) {
        match self.1 {
            Candidate::Node(node) => (false, node),
            Candidate::Place(place) => (true, place.line),
        }
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scored {}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scored {
    /// The heap gives the greatest first: that is the lowest score.
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then_with(|| other.key().cmp(&self.key()))
    }
}

impl Index {
    pub(crate) fn new(plan: &SeatingPlan) -> Self {
        let house = House::new(plan);
        Self { house, sets: Vec::new(), rankings: FxHashMap::default(), sizes: FxHashMap::default(), log: Log::default() }
    }

    /// Notes seats that have become free, or are free no more.
    pub(super) fn changed(&mut self, plan: &SeatingPlan, seats: &[u32]) {
        let mut last = None;
        for seat in seats {
            // Noted once for the seats of one hold, and again for the next: rankings may have read on in between.
            let line = self.house.line_of(plan.row_of(*seat)).filter(|line| last.replace(*line) != Some(*line));
            self.log.lines.extend(line.and_then(|line| u32::try_from(line).ok()));
        }
        self.log.keep_short(self.house.lines.len().max(LOG_MIN));
    }

    /// The best place for a group that sits together.
    pub(super) fn together(
        &mut self,
        seats: &Seats<'_>,
        categories: &[u16],
        zones: &[u16],
        manner: Manner,
        quantity: u32,
    ) -> Option<Place> {
        self.search(seats, categories, zones, manner, quantity, Nearest::ToFocus)
    }

    /// The place for a group that is nearest to a point, or to what its seats look at.
    pub(super) fn search(
        &mut self,
        seats: &Seats<'_>,
        categories: &[u16],
        zones: &[u16],
        manner: Manner,
        quantity: u32,
        nearest: Nearest,
    ) -> Option<Place> {
        let quantity = quantity as usize;
        let class = self.class(categories, manner);
        self.rank(seats, class, quantity);
        let tree = &self.rankings.get(&(class, quantity))?.tree;
        let rows = self.rows(seats, class);
        let width = tree.width();
        let bound = |node: usize| match nearest {
            _ if tree.node(node) == f32::NONE => f32::NONE,
            Nearest::ToFocus => tree.node(node),
            Nearest::To(point) => self.house.extent(node).distance(point),
        };
        let mut heap = BinaryHeap::new();
        let push = |heap: &mut BinaryHeap<Scored>, node: usize| {
            let score = bound(node);
            if score < f32::NONE {
                heap.push(Scored(score, Candidate::Node(node)));
            }
        };
        // Where the hold has claimed something before there may be places that no ranking knows: whom a group would have left alone
        // before may sit beside the hold's own now.
        let touched = self.touched(seats);
        for range in self.house.ranges(zones) {
            for line in touched.iter().filter(|line| range.contains(line)) {
                let place = rows.place(*line, quantity, nearest);
                heap.extend(place.map(|place| Scored(place.score, Candidate::Place(place))));
            }
            cover(width, range).into_iter().for_each(|node| push(&mut heap, node));
        }
        while let Some(Scored(_, candidate)) = heap.pop() {
            match candidate {
                Candidate::Place(place) => return Some(place),
                Candidate::Node(node) if node < width => [2 * node, 2 * node + 1].into_iter().for_each(|node| push(&mut heap, node)),
                // The row as it is for this hold: a ranking does not know what the hold has claimed before.
                Candidate::Node(node) => {
                    let place = rows.place(node - width, quantity, nearest);
                    heap.extend(place.map(|place| Scored(place.score, Candidate::Place(place))));
                }
            }
        }
        None
    }

    /// What could be seated in some zones.
    pub(super) fn sizes(&mut self, seats: &Seats<'_>, categories: &[u16], zones: &[u16], manner: Manner) -> Sizes {
        let class = self.class(categories, manner);
        self.rank_sizes(seats, class);
        let Some(Ranked { tree, .. }) = self.sizes.get(&class) else { return Sizes::NONE };
        // Rows in which the hold has claimed something are looked at anew, all others are in the tree.
        let touched = self.touched(seats);
        let (rows, mut all) = (self.rows(seats, class), Sizes::NONE);
        for range in self.house.ranges(zones) {
            let mut from = range.start;
            for line in touched.iter().copied().filter(|line| range.contains(line)) {
                all = cover(tree.width(), from..line).into_iter().fold(all, |all, node| all.together(tree.node(node)));
                all = all.together(rows.sizes(line));
                from = line + 1;
            }
            all = cover(tree.width(), from..range.end).into_iter().fold(all, |all, node| all.together(tree.node(node)));
        }
        all
    }

    /// The seats of a place.
    pub(super) fn seats_of(&self, seats: &Seats<'_>, place: &Place) -> Vec<u32> {
        let row = &seats.plan.rows[self.house.lines[place.line].row as usize];
        row.seats[place.start..place.start + place.quantity].to_vec()
    }

    /// The lines in which the same hold has claimed something before, ascending.
    fn touched(&self, seats: &Seats<'_>) -> Vec<usize> {
        let line = |seat: &u32| self.house.line_of(seats.plan.row_of(*seat));
        let mut touched: Vec<usize> = seats.taken.iter().filter_map(line).collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    fn class(&mut self, categories: &[u16], manner: Manner) -> Class {
        if self.rankings.len() + self.sizes.len() > RANKINGS_MAX {
            self.rankings.clear();
            self.sizes.clear();
            self.sets.clear();
        }
        let known = self.sets.iter().position(|set| set == categories);
        let set = known.unwrap_or_else(|| {
            self.sets.push(categories.to_vec());
            self.sets.len() - 1
        });
        Class { set, manner }
    }

    fn rank(&mut self, seats: &Seats<'_>, class: Class, quantity: usize) {
        let rows =
            Rows { house: &self.house, seats: Seats { taken: &[], ..*seats }, categories: &self.sets[class.set], manner: class.manner };
        let score = |line: usize| rows.place(line, quantity, Nearest::ToFocus).map_or(f32::NONE, |place| place.score);
        self.log.bring_up_to_date(&mut self.rankings, (class, quantity), self.house.lines.len(), score);
    }

    fn rank_sizes(&mut self, seats: &Seats<'_>, class: Class) {
        let rows =
            Rows { house: &self.house, seats: Seats { taken: &[], ..*seats }, categories: &self.sets[class.set], manner: class.manner };
        self.log.bring_up_to_date(&mut self.sizes, class, self.house.lines.len(), |line| rows.sizes(line));
    }

    fn rows<'a>(&'a self, seats: &Seats<'a>, class: Class) -> Rows<'a> {
        Rows { house: &self.house, seats: *seats, categories: &self.sets[class.set], manner: class.manner }
    }

    /// The middle of a place.
    pub(super) fn middle(&self, seats: &Seats<'_>, place: &Place) -> Point {
        let chosen = self.seats_of(seats, place);
        let of = 1.0 / chosen.len().max(1) as f64;
        let sum = chosen.iter().map(|seat| seats.plan.seats[*seat as usize].position);
        sum.fold(Point::default(), |sum, at| Point { x: sum.x + at.x * of, y: sum.y + at.y * of })
    }
}
