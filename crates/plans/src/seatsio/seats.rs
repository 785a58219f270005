//! Rows and their seats.

use guichet_domain::seating;

use super::chart::{Row, Seat};
use super::reader::{Place, Reader, position};
use crate::aisles;
use crate::faults::Path;

impl Reader {
    /// Reads a row of `place` and its seats.
    pub(super) fn row(&mut self, row: &Row, path: &Path<'_>, place: &mut Place) {
        let label = row.label.label(path.field("label"), &mut self.faults);
        let (section, prefix) = if place.label.is_some() { (place.section, place.label.clone()) } else { self.section_of_row(row, path) };
        // What its seats' names begin with, unless a part is missing: then their names are a consequence.
        let names = match (&label, prefix) {
            (Some(row), None) => Some(format!("{row}-")),
            (Some(row), Some(section)) if !section.is_empty() => Some(format!("{section}-{row}-")),
            _ => None,
        };
        let mut seats = Vec::new();
        for (index, seat) in row.seats.require(path, "seats", &mut self.faults) {
            seats.extend(self.seat(seat, &path.entry("seats", *index), place, names.as_deref()));
        }
        aisles::arrange(&mut seats, |seat| seat);
        self.plan
            .push_row(seating::Row { label: label.unwrap_or_default(), section, floor: place.floor, ..seating::Row::default() }, seats);
    }

    /// The section that a row outside every section names itself, made on first mention.
    fn section_of_row(&mut self, row: &Row, path: &Path<'_>) -> (Option<u16>, Option<String>) {
        let path = path.field("sectionLabel");
        let Some(label) = row.section_label.optional_label(path, &mut self.faults) else {
            return (None, None);
        };
        let section = match self.outlined_by_rows.get(&label) {
            Some(section) => *section,
            None => {
                let section = u16::try_from(self.plan.sections.len()).ok();
                if section.is_some() {
                    self.plan.sections.push(seating::Section { label: label.clone(), zone: None, entrance: None });
                } else {
                    self.faults.add(path, "a plan takes at most 65,536 sections");
                }
                self.outlined_by_rows.insert(label.clone(), section);
                section
            }
        };
        (section, Some(label))
    }

    /// Reads a seat or a chair.
    pub(super) fn seat(&mut self, seat: &Seat, path: &Path<'_>, place: &mut Place, names: Option<&str>) -> Option<seating::Seat> {
        let faults = &mut self.faults;
        let label = seat.label.label(path.field("label"), faults);
        let at = position(&seat.x, &seat.y, path, faults);
        let own = self.categories.find(&seat.category_key, &seat.category_label, path, faults);
        let accessible = seat.accessible.flag(path.field("accessible"), faults);
        let companion = seat.companion_seat.flag(path.field("companionSeat"), faults);
        let restricted_view = seat.restricted_view.flag(path.field("restrictedView"), faults);
        let disabled = seat.disabled_by_social_distancing_rules.flag(path.field("disabledBySocialDistancingRules"), faults);
        let at = at.map(|at| seating::Point { x: place.origin.x + at.x, y: place.origin.y + at.y });
        if at.is_some_and(|at| !at.x.is_finite() || !at.y.is_finite()) {
            faults.add(*path, "its position is too far away to be a number");
        }
        let category = self.inherit(own, place, path);
        if let (Some(names), Some(label)) = (names, &label) {
            self.claim(&format!("{names}{label}"), path.field("label"));
        }
        if disabled == Some(true) {
            self.not_sold(&seat.label, path, "is disabled in the chart and not sold");
            return None;
        }
        let (label, position, category) = (label?, at?, category?);
        Some(seating::Seat {
            label: label.into(),
            position,
            category,
            accessible: accessible.unwrap_or_else(|| self.categories.accessible(category)),
            companion: companion.unwrap_or(false),
            restricted_view: restricted_view.unwrap_or(false),
            ..seating::Seat::default()
        })
    }
}
