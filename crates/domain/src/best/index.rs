//! Where a group would sit best: the rows of the best nodes of a ranking are looked at until none can be better.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::house::House;
use super::place::Manner;
use super::rankings::Rankings;
use super::rows::{Nearest, Place, Seats, Sizes};
use super::tree::{Value, cover};
use crate::seating::{Point, SeatingPlan};

/// The index of one show.
#[derive(Debug)]
pub(crate) struct Index {
    house: House,
    rankings: Rankings,
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
        Self { house: House::new(plan), rankings: Rankings::default() }
    }

    /// Notes seats that have become free, or are free no more.
    pub(super) fn changed(&mut self, plan: &SeatingPlan, seats: &[u32]) {
        let mut last = None;
        for seat in seats {
            // Noted once for the seats of one hold, and again for the next: rankings may have read on in between.
            let line = self.house.line_of(plan.row_of(*seat)).filter(|line| last.replace(*line) != Some(*line));
            line.into_iter().for_each(|line| self.rankings.changed(line, &self.house));
        }
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
        let class = self.rankings.class(categories, manner);
        self.rankings.rank(&self.house, seats, class, quantity);
        let tree = self.rankings.scores(class, quantity)?;
        let rows = self.rankings.rows(&self.house, seats, class);
        let width = tree.width();
        let bound = |node: usize| match nearest {
            _ if tree.node(node) == f32::NONE => f32::NONE,
            Nearest::ToFocus => tree.node(node),
            Nearest::To(point) => self.house.extent(node).distance(point),
        };
        // Usually the ranking knows all: its best row is the best.
        if let (Nearest::ToFocus, []) = (nearest, seats.taken) {
            let nodes = self.house.ranges(zones).into_iter().flat_map(|range| cover(width, range));
            let best =
                nodes.min_by(|one, other| tree.node(*one).total_cmp(&tree.node(*other))).filter(|node| tree.node(*node) < f32::NONE)?;
            return rows.row(tree.lowest_leaf(best), nearest).place(quantity);
        }
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
                let place = rows.row(*line, nearest).place(quantity);
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
                    let place = rows.row(node - width, nearest).place(quantity);
                    heap.extend(place.map(|place| Scored(place.score, Candidate::Place(place))));
                }
            }
        }
        None
    }

    /// What could be seated in some zones.
    pub(super) fn sizes(&mut self, seats: &Seats<'_>, categories: &[u16], zones: &[u16], manner: Manner) -> Sizes {
        let class = self.rankings.class(categories, manner);
        self.rankings.rank_sizes(&self.house, seats, class);
        let Some(tree) = self.rankings.sizes(class) else { return Sizes::NONE };
        // Rows in which the hold has claimed something are looked at anew, all others are in the tree.
        let touched = self.touched(seats);
        let (rows, mut all) = (self.rankings.rows(&self.house, seats, class), Sizes::NONE);
        for range in self.house.ranges(zones) {
            let mut from = range.start;
            for line in touched.iter().copied().filter(|line| range.contains(line)) {
                all = cover(tree.width(), from..line).into_iter().fold(all, |all, node| all.together(tree.node(node)));
                all = all.together(rows.row(line, Nearest::ToFocus).sizes());
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

    /// The middle of a place.
    pub(super) fn middle(&self, seats: &Seats<'_>, place: &Place) -> Point {
        let chosen = self.seats_of(seats, place);
        let of = 1.0 / chosen.len().max(1) as f64;
        let sum = chosen.iter().map(|seat| seats.plan.seats[*seat as usize].position);
        sum.fold(Point::default(), |sum, at| Point { x: sum.x + at.x * of, y: sum.y + at.y * of })
    }
}
