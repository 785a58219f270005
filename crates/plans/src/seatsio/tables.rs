//! Tables with their chairs, booths, and areas that are booked as a whole.
//!
//! A table is a row whose seats are its chairs, named `table-chair`. What is sold as one place is a row without a label and with
//! one seat, so that its name is the name that the chart gives it.

use guichet_domain::seating::{self, Point, Row, RowKind};

use super::categories::Priced;
use super::chart::{Area, Booth, Table};
use super::drawing::centre;
use super::reader::{Place, Reader, capacity};
use crate::faults::Path;

impl Reader {
    /// Reads a table of `place` and its chairs.
    pub(super) fn table(&mut self, table: &Table, path: &Path<'_>, place: &mut Place) {
        let label = table.label.label(path.field("label"), &mut self.faults);
        let whole = table.book_as_a_whole.flag(path.field("bookAsAWhole"), &mut self.faults).unwrap_or(false);
        let own = self.categories.find(&table.category_key, &table.category_label, path, &mut self.faults);
        let names = label.as_deref().and_then(|label| place.name(label)).map(|name| format!("{name}-"));
        let stated = centre(&table.center, None, path, place.origin, &mut self.faults);
        let mut around = Place { heirs: 0, label: place.label.clone(), ..*place };
        if !matches!(own, Priced::Nothing) {
            around.category = own;
        }
        let mut chairs = Vec::new();
        for (index, chair) in table.seats.require(path, "seats", &mut self.faults) {
            chairs.extend(self.seat(chair, &path.entry("seats", *index), &mut around, names.as_deref()));
        }
        place.heirs += around.heirs;
        if chairs.is_empty() {
            self.not_sold(&table.label, path, "a table without chairs is not sold");
            return;
        }
        let centre = stated.unwrap_or_else(|| middle(chairs.iter().map(|chair| chair.position)));
        let kind = RowKind::Table { centre, whole };
        let row = Row { label: label.unwrap_or_default(), section: place.section, floor: place.floor, kind, seats: Vec::new() };
        self.plan.push_row(row, chairs);
    }

    /// Reads a booth.
    pub(super) fn booth(&mut self, booth: &Booth, path: &Path<'_>, place: &mut Place) {
        let label = booth.label.label(path.field("label"), &mut self.faults);
        let own = self.categories.find(&booth.category_key, &booth.category_label, path, &mut self.faults);
        let at = centre(&booth.center, Some(&booth.points), path, place.origin, &mut self.faults);
        self.one_place(label, own, at, None, path, place);
    }

    /// Reads an area that is booked as a whole.
    pub(super) fn whole_area(&mut self, area: &Area, path: &Path<'_>, place: &mut Place) {
        let label = area.label.label(path.field("label"), &mut self.faults);
        let own = self.categories.find(&area.category_key, &area.category_label, path, &mut self.faults);
        let people = capacity(&area.capacity, path.field("capacity"), &mut self.faults);
        let at = centre(&area.center, Some(&area.points), path, place.origin, &mut self.faults);
        self.one_place(label, own, at, people, path, place);
    }

    fn one_place(
        &mut self,
        label: Option<String>,
        own: Priced,
        at: Option<Point>,
        people: Option<u32>,
        path: &Path<'_>,
        place: &mut Place,
    ) {
        let category = self.inherit(own, place, path);
        if at.is_none() {
            self.faults.add(path.field("center"), "missing");
        }
        if let Some(name) = label.as_deref().and_then(|label| place.name(label)) {
            self.claim(&name, path.field("label"));
        }
        let (Some(label), Some(category), Some(position)) = (label, category, at) else {
            return;
        };
        let seat = seating::Seat {
            label: label.into(),
            position,
            category,
            accessible: self.categories.accessible(category),
            ..Default::default()
        };
        let row = Row { section: place.section, floor: place.floor, kind: RowKind::Booth { people }, ..Row::default() };
        self.plan.push_row(row, [seat]);
    }
}

/// The mean of some points; the origin where there are none.
pub(super) fn middle(points: impl Iterator<Item = Point>) -> Point {
    let (mut x, mut y, mut count) = (0.0, 0.0, 0.0_f64);
    for point in points {
        (x, y, count) = (x + point.x, y + point.y, count + 1.0);
    }
    Point { x: x / count.max(1.0), y: y / count.max(1.0) }
}
