//! What does not change while a plan is sold: how far each seat is from what it looks at, and which rows are near to each other.

use std::ops::Range;

use super::tree::width;
use crate::seating::{Point, Row, RowKind, Seat, SeatingPlan};

/// Farther than anything that is drawn. A sum of it over a group is still a number.
const FAR: f32 = 1e30;
/// A seat with a restricted view counts as so many times as far.
const RESTRICTED_VIEW_FACTOR: f64 = 2.0;

/// One row, as it is chosen from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Index of the row in the plan.
    pub(super) row: u32,
    /// All its seats are sold together or none.
    pub(super) whole: bool,
    /// Somebody may be left alone in it: chairs around a table are not seats in a row.
    pub(super) orphans: bool,
    /// A bit for each category that its seats have, modulo the bits that there are.
    categories: u64,
}

impl Line {
    /// Whether it may have a seat of these categories; if not, it has none.
    pub(super) fn has_any_of(&self, categories: &[u16]) -> bool {
        categories.iter().any(|category| self.categories & category_bit(*category) != 0)
    }
}

fn category_bit(category: u16) -> u64 {
    1 << (category % 64)
}

/// What does not change of a seat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// How far it is from what it looks at.
    pub(super) distance: f32,
    pub(super) category: u16,
    bits: u8,
}

const ACCESSIBLE: u8 = 1;
const COMPANION: u8 = 2;
const AISLE_AFTER: u8 = 4;

impl Facts {
    fn of(seat: &Seat) -> Self {
        let Seat { category, accessible, companion, aisle_after, .. } = *seat;
        let bits = [(accessible, ACCESSIBLE), (companion, COMPANION), (aisle_after, AISLE_AFTER)];
        let bits = bits.into_iter().filter(|(is, _)| *is).fold(0, |bits, (_, bit)| bits | bit);
        Self { distance: FAR, category, bits }
    }

    /// Fit for a wheelchair.
    pub(super) fn accessible(self) -> bool {
        self.bits & ACCESSIBLE != 0
    }

    /// Kept for wheelchairs and their companions.
    pub(super) fn kept(self) -> bool {
        self.bits & (ACCESSIBLE | COMPANION) != 0
    }

    pub(super) fn aisle_after(self) -> bool {
        self.bits & AISLE_AFTER != 0
    }
}

/// A rectangle that has everything of a node in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    least: Point,
    most: Point,
}

impl Extent {
    const NOTHING: Self =
        Self { least: Point { x: f64::INFINITY, y: f64::INFINITY }, most: Point { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY } };

    fn with(self, point: Point) -> Self {
        self.together(Self { least: point, most: point })
    }

    fn together(self, other: Self) -> Self {
        let (a, b) = (self, other);
        Self {
            least: Point { x: a.least.x.min(b.least.x), y: a.least.y.min(b.least.y) },
            most: Point { x: a.most.x.max(b.most.x), y: a.most.y.max(b.most.y) },
        }
    }

    fn middle(self) -> Point {
        Point { x: f64::midpoint(self.least.x, self.most.x), y: f64::midpoint(self.least.y, self.most.y) }
    }

    /// Nothing in it is nearer to the point than this.
    pub(super) fn distance(self, point: Point) -> f32 {
        let beyond = |value: f64, least: f64, most: f64| (least - value).max(value - most).max(0.0);
        to_f32(beyond(point.x, self.least.x, self.most.x).hypot(beyond(point.y, self.least.y, self.most.y)))
    }
}

fn to_f32(distance: f64) -> f32 {
    // Not a number where the plan has coordinates that are none: then it is far, too.
    if distance < f64::from(FAR) { distance as f32 } else { FAR }
}

/// How far two points are from each other.
pub(super) fn distance(a: Point, b: Point) -> f32 {
    to_f32((a.x - b.x).hypot(a.y - b.y))
}

/// The rows of a plan in an order in which neighbours are near to each other, zone by zone.
#[derive(Debug)]
pub(super) struct House {
    pub(super) lines: Vec<Line>,
    line_of_row: Vec<u32>,
    /// The lines of each zone of the plan.
    zones: Vec<Range<usize>>,
    /// What a ranking needs of each seat, side by side: the plan's own seats are seven times as large.
    pub(super) facts: Vec<Facts>,
    /// For each node of a tree over the lines, what it spans.
    extents: Vec<Extent>,
}

impl House {
    pub(super) fn new(plan: &SeatingPlan) -> Self {
        let extents: Vec<Extent> = plan.rows.iter().map(|row| extent(plan, &row.seats)).collect();
        let mut order: Vec<u32> = (0..).zip(&plan.rows).filter(|(_, row)| !row.seats.is_empty()).map(|(index, _)| index).collect();
        let zone = |row: u32| plan.zone_of(&plan.rows[row as usize]);
        order.sort_by_key(|row| zone(*row));
        let mut zones = vec![0..0; plan.zones.len()];
        let mut facts: Vec<Facts> = plan.seats.iter().map(Facts::of).collect();
        let mut from = 0;
        while from < order.len() {
            let of = zone(order[from]);
            let until = from + order[from..].iter().take_while(|row| zone(**row) == of).count();
            measure(plan, of, &order[from..until], &mut facts);
            near_to_each_other(&mut order[from..until], &extents);
            if let Some(zone) = of {
                zones[usize::from(zone)] = from..until;
            }
            from = until;
        }
        let mut line_of_row = vec![u32::MAX; plan.rows.len()];
        (0..).zip(&order).for_each(|(line, row)| line_of_row[*row as usize] = line);
        let lines: Vec<Line> = order.iter().map(|row| line(plan, *row)).collect();
        let width = width(lines.len());
        let mut nodes = vec![Extent::NOTHING; 2 * width];
        nodes[width..].iter_mut().zip(&order).for_each(|(node, row)| *node = extents[*row as usize]);
        for node in (1..width).rev() {
            nodes[node] = nodes[2 * node].together(nodes[2 * node + 1]);
        }
        Self { lines, line_of_row, zones, facts, extents: nodes }
    }

    /// The line that a row is chosen as, if it has seats.
    pub(super) fn line_of(&self, row: usize) -> Option<usize> {
        self.line_of_row.get(row).map(|line| *line as usize).filter(|line| *line < self.lines.len())
    }

    /// The lines of some zones; of none, all.
    pub(super) fn ranges(&self, zones: &[u16]) -> Vec<Range<usize>> {
        if zones.is_empty() {
            return std::iter::once(0..self.lines.len()).collect();
        }
        let mut zones = zones.to_vec();
        zones.sort_unstable();
        zones.dedup();
        zones.iter().filter_map(|zone| self.zones.get(usize::from(*zone)).cloned()).collect()
    }

    pub(super) fn extent(&self, node: usize) -> Extent {
        self.extents[node]
    }
}

fn line(plan: &SeatingPlan, row: u32) -> Line {
    let Row { kind, seats, .. } = &plan.rows[row as usize];
    let categories = seats.iter().fold(0, |bits, seat| bits | category_bit(plan.seats[*seat as usize].category));
    Line { row, whole: matches!(kind, RowKind::Table { whole: true, .. }), orphans: *kind == RowKind::Line, categories }
}

fn extent(plan: &SeatingPlan, seats: &[u32]) -> Extent {
    seats.iter().fold(Extent::NOTHING, |extent, seat| extent.with(plan.seats[*seat as usize].position))
}

/// Measures the seats of a zone from its focal point, else from that of the plan, else from the middle of its front row.
fn measure(plan: &SeatingPlan, zone: Option<u16>, rows: &[u32], facts: &mut [Facts]) {
    let own = zone.and_then(|zone| plan.zones[usize::from(zone)].focal_point);
    let focal = own.or(plan.focal_point).unwrap_or_else(|| front(plan, rows));
    for seat in rows.iter().flat_map(|row| &plan.rows[*row as usize].seats) {
        let Some(row) = plan.seats.get(*seat as usize) else { continue };
        let factor = if row.restricted_view { RESTRICTED_VIEW_FACTOR } else { 1.0 };
        facts[*seat as usize].distance = to_f32((row.position.x - focal.x).hypot(row.position.y - focal.y) * factor);
    }
}

/// The middle of the front: where the uppermost row stands, halfway between the outermost seats. Stages are drawn at the top.
fn front(plan: &SeatingPlan, rows: &[u32]) -> Point {
    let height = |row: &u32| extent(plan, &plan.rows[*row as usize].seats).middle().y;
    let y = rows.iter().map(height).fold(f64::INFINITY, f64::min);
    let all = rows.iter().fold(Extent::NOTHING, |all, row| all.together(extent(plan, &plan.rows[*row as usize].seats)));
    Point { x: all.middle().x, y }
}

/// Halves the rows again and again, across the longer side, so that every node of the tree spans little (a k-d tree).
fn near_to_each_other(rows: &mut [u32], extents: &[Extent]) {
    if rows.len() <= 2 {
        return;
    }
    let all = rows.iter().fold(Extent::NOTHING, |all, row| all.together(extents[*row as usize]));
    let wide = all.most.x - all.least.x >= all.most.y - all.least.y;
    let key = |row: &u32| {
        let middle = extents[*row as usize].middle();
        if wide { middle.x } else { middle.y }
    };
    let half = rows.len() / 2;
    rows.select_nth_unstable_by(half, |a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
    let (left, right) = rows.split_at_mut(half);
    near_to_each_other(left, extents);
    near_to_each_other(right, extents);
}
