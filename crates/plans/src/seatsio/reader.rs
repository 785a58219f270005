//! The way through a chart: zones, floors, sections, areas, and what cannot be sold. Rows and seats are in `seats`, tables and booths in
//! `tables`, the rest in `drawing`.
//!
//! Reading goes on after a fault, so that all are found; a plan leaves only if there was none.

use std::collections::{BTreeMap, HashSet};

use guichet_domain::seating::{self, SeatingPlan};

use super::categories::{Categories, Priced};
use super::chart::{Area, Chart, Section, SubChart, Zone};
use super::drawing;
use crate::faults::{Faults, Path, PlanErrors};
use crate::lenient::{Key, Leaf};

/// Floors of one plan: each is looked for by its name.
const FLOORS_MAX: u16 = 1_000;

/// What has been read so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) plan: SeatingPlan,
    pub(super) categories: Categories,
    pub(super) faults: Faults,
    zones: BTreeMap<String, u16>,
    /// Sections that only rows speak of, by label.
    pub(super) outlined_by_rows: BTreeMap<String, Option<u16>>,
    /// Everything that is sold by its name: seats and areas share one space of names.
    names: HashSet<String>,
    unsold: Vec<String>,
}

/// A section while it is read.
#[derive(Debug)]
pub(super) struct Place {
    /// Its index in the plan; none where there is no section, or one that could not be added.
    pub(super) section: Option<u16>,
    /// Its floor.
    pub(super) floor: Option<u16>,
    /// First part of the names of what it holds. None where there is no section; empty where its label is missing.
    pub(super) label: Option<String>,
    /// What its seats count from.
    pub(super) origin: seating::Point,
    /// What its seats inherit.
    pub(super) category: Priced,
    /// Seats and areas that had nothing to inherit.
    pub(super) heirs: usize,
}

impl Place {
    /// The chart itself.
    pub(super) fn chart() -> Self {
        Self { section: None, floor: None, label: None, origin: seating::Point { x: 0.0, y: 0.0 }, category: Priced::Nothing, heirs: 0 }
    }

    /// The name of something in this place; none where the section's label is missing, which is a fault already.
    pub(super) fn name(&self, label: &str) -> Option<String> {
        match self.label.as_deref() {
            None => Some(label.to_owned()),
            Some("") => None,
            Some(section) => Some(format!("{section}-{label}")),
        }
    }
}

/// Reads a chart.
pub(super) fn read(chart: &Chart) -> Result<(SeatingPlan, Vec<String>), PlanErrors> {
    let mut reader = Reader::default();
    let name = chart.name.label(Path::DOCUMENT.field("name"), &mut reader.faults);
    reader.plan.name = name.unwrap_or_default();
    reader.categories = Categories::read(&chart.categories, &mut reader.plan.categories, &mut reader.faults);
    let zones = Path::DOCUMENT.field("zones");
    if let Some(chart_zones) = chart.zones.get(false, zones, &mut reader.faults) {
        for (index, zone) in chart_zones.list.get(&zones, "list", &mut reader.faults) {
            reader.zone(zone, &zones.entry("list", *index));
        }
    }
    let path = Path::DOCUMENT.field("subChart");
    if let Some(sub_chart) = chart.sub_chart.get(true, path, &mut reader.faults) {
        let focal = path.field("focalPoint");
        let focal_point = sub_chart.focal_point.get(false, focal, &mut reader.faults);
        reader.plan.focal_point = focal_point.and_then(|point| position(&point.x, &point.y, &focal, &mut reader.faults));
        let mut place = Place::chart();
        reader.inside(sub_chart, &path, &mut place);
        let floor = place.floor;
        for (index, section) in sub_chart.sections.get(&path, "sections", &mut reader.faults) {
            reader.section(section, &path.entry("sections", *index), floor);
        }
    }
    reader.finish()
}

impl Reader {
    fn zone(&mut self, zone: &Zone, path: &Path<'_>) {
        let Ok(index) = u16::try_from(self.plan.zones.len()) else {
            self.faults.add(*path, "a plan takes at most 65,536 zones");
            return;
        };
        let faults = &mut self.faults;
        let key = match zone.key.key(path.field("key"), faults) {
            Key::Is(key) => Some(key),
            Key::Broken => None,
            Key::Nothing => {
                faults.add(path.field("key"), "missing");
                None
            }
        };
        if let Some(key) = &key
            && self.zones.insert(key.clone(), index).is_some()
        {
            faults.add(path.field("key"), format!("duplicate of \"{key}\""));
        }
        let name = zone.label.optional_label(path.field("label"), faults);
        let focal = path.field("focalPoint");
        let focal_point = zone.focal_point.get(false, focal, faults).and_then(|point| position(&point.x, &point.y, &focal, faults));
        self.plan.zones.push(seating::Zone { name: name.or(key).unwrap_or_default(), focal_point });
    }

    fn section(&mut self, section: &Section, path: &Path<'_>, floor: Option<u16>) {
        if section.published.flag(path.field("published"), &mut self.faults) == Some(false) {
            self.not_sold(&section.label, path, "a section that is not published is left out with all that is in it");
            return;
        }
        let faults = &mut self.faults;
        let label = section.label.label(path.field("label"), faults);
        let zone = match section.zone.key(path.field("zone"), faults) {
            Key::Nothing | Key::Broken => None,
            Key::Is(key) => {
                let zone = self.zones.get(&key).copied();
                if zone.is_none() {
                    faults.add(path.field("zone"), format!("no zone has the key \"{key}\""));
                }
                zone
            }
        };
        let entrance = section.entrance.optional_label(path.field("entrance"), faults);
        let category = self.categories.find(&section.category_key, &section.category_label, path, faults);
        let index = u16::try_from(self.plan.sections.len()).ok();
        if index.is_some() {
            self.plan.sections.push(seating::Section { label: label.clone().unwrap_or_default(), zone, entrance });
        } else {
            faults.add(*path, "a plan takes at most 65,536 sections");
        }
        let mut place = Place { section: index, floor, label: Some(label.unwrap_or_default()), category, ..Place::chart() };
        let inside = path.field("subChart");
        let Some(sub_chart) = section.sub_chart.get(true, inside, faults) else {
            return;
        };
        let corner = path.field("topLeft");
        if let Some(point) = section.top_left.get(true, corner, faults)
            && let Some(origin) = position(&point.x, &point.y, &corner, faults)
        {
            place.origin = origin;
        }
        for (index, _) in sub_chart.sections.get(&inside, "sections", faults) {
            let nested = inside.entry("sections", *index);
            faults.add(nested, "a section inside a section is not understood");
        }
        self.inside(sub_chart, &inside, &mut place);
        if place.heirs > 0 {
            // One fault of the section instead of one per seat: it is repaired in one place.
            let what = format!("missing, and {} of its seats and areas have no category of their own", place.heirs);
            self.faults.add(path.field("categoryKey"), what);
        }
    }

    /// Reads what the chart and a section hold alike.
    fn inside<S>(&mut self, sub_chart: &SubChart<S>, path: &Path<'_>, place: &mut Place) {
        if let Some(name) = sub_chart.floor_name.optional_label(path.field("floorName"), &mut self.faults) {
            place.floor = self.floor(name, path);
        }
        for (index, row) in sub_chart.rows.get(path, "rows", &mut self.faults) {
            self.row(row, &path.entry("rows", *index), place);
        }
        let field = "generalAdmissionAreas";
        for (index, area) in sub_chart.general_admission_areas.get(path, field, &mut self.faults) {
            self.area(area, &path.entry(field, *index), place);
        }
        for (index, table) in sub_chart.tables.get(path, "tables", &mut self.faults) {
            self.table(table, &path.entry("tables", *index), place);
        }
        for (index, booth) in sub_chart.booths.get(path, "booths", &mut self.faults) {
            self.booth(booth, &path.entry("booths", *index), place);
        }
        for (index, shape) in sub_chart.shapes.get(path, "shapes", &mut self.faults) {
            self.shape(shape, &path.entry("shapes", *index), place);
        }
        for (index, text) in sub_chart.texts.get(path, "texts", &mut self.faults) {
            self.text(text, &path.entry("texts", *index), place);
        }
        for (index, icon) in sub_chart.icons.get(path, "icons", &mut self.faults) {
            self.text(icon, &path.entry("icons", *index), place);
        }
    }

    /// Index of a floor, made on first mention.
    fn floor(&mut self, name: String, path: &Path<'_>) -> Option<u16> {
        let known = self.plan.floors.iter().position(|floor| *floor == name);
        let index = u16::try_from(known.unwrap_or(self.plan.floors.len())).ok().filter(|index| *index < FLOORS_MAX);
        match (known, index) {
            (None, Some(_)) => self.plan.floors.push(name),
            (_, None) => self.faults.add(path.field("floorName"), "a plan takes at most 1,000 floors"),
            (Some(_), Some(_)) => {}
        }
        index
    }

    fn area(&mut self, area: &Area, path: &Path<'_>, place: &mut Place) {
        let faults = &mut self.faults;
        let whole = area.book_as_a_whole.flag(path.field("bookAsAWhole"), faults);
        if whole == Some(true) {
            self.whole_area(area, path, place);
            return;
        }
        let label = area.label.label(path.field("label"), faults);
        let own = self.categories.find(&area.category_key, &area.category_label, path, faults);
        let capacity = capacity(&area.capacity, path.field("capacity"), faults);
        let outline = drawing::outline(area, path, place, faults);
        let category = self.inherit(own, place, path);
        let Some(label) = label.and_then(|label| place.name(&label)) else {
            return;
        };
        self.claim(&label, path.field("label"));
        if let (Some(capacity), Some(category)) = (capacity, category) {
            self.plan.areas.push(seating::Area { label, capacity, category, outline });
        }
    }

    /// A seat's or area's own category, else its section's; a fault if there is neither.
    pub(super) fn inherit(&mut self, own: Priced, place: &mut Place, path: &Path<'_>) -> Option<u16> {
        match (own, place.category) {
            (Priced::As(category), _) | (Priced::Nothing, Priced::As(category)) => Some(category),
            (Priced::Broken, _) | (Priced::Nothing, Priced::Broken) => None,
            (Priced::Nothing, Priced::Nothing) => {
                if place.label.is_some() {
                    place.heirs += 1;
                } else {
                    let what = "missing, and there is no section to inherit a category from";
                    self.faults.add(path.field("categoryKey"), what);
                }
                None
            }
        }
    }

    /// Takes a name that must be the only one.
    pub(super) fn claim(&mut self, name: &str, path: Path<'_>) {
        if !self.names.insert(name.to_owned()) {
            self.faults.add(path, format!("duplicate of \"{name}\""));
        }
    }

    /// Names what the plan leaves out, and why.
    pub(super) fn not_sold(&mut self, label: &Leaf, path: &Path<'_>, what: &str) {
        let name = match label {
            Leaf::Text(text) => format!(" \"{text}\""),
            Leaf::Integer(number) => format!(" \"{number}\""),
            _ => String::new(),
        };
        self.unsold.push(format!("{path}{name}: {what}"));
    }

    fn finish(mut self) -> Result<(SeatingPlan, Vec<String>), PlanErrors> {
        let path = Path::DOCUMENT.field("subChart");
        if self.faults.is_empty() && self.plan.seats.is_empty() && self.plan.areas.is_empty() {
            let what = match self.unsold.len() {
                0 => "holds neither seats nor areas".to_owned(),
                _ => format!("holds nothing that can be sold: {}", self.unsold.join("; ")),
            };
            self.faults.add(path, what);
        }
        let capacity = (self.plan.areas.iter().map(|area| u64::from(area.capacity))).sum::<u64>();
        if capacity + self.plan.seats.len() as u64 > u64::from(u32::MAX) {
            self.faults.add(path, "seats and areas take more than 4,294,967,295 people");
        }
        if self.faults.is_empty() {
            // The plan's own rules have the last word; whatever they refuse here is a gap in the checks above.
            for fault in self.plan.check() {
                self.faults.add_fault(fault);
            }
        }
        self.faults.or((self.plan, self.unsold))
    }
}

/// A point whose both coordinates are numbers.
pub(super) fn position(x: &Leaf, y: &Leaf, path: &Path<'_>, faults: &mut Faults) -> Option<seating::Point> {
    let x = x.number(path.field("x"), faults);
    let y = y.number(path.field("y"), faults);
    Some(seating::Point { x: x?, y: y? })
}

pub(super) fn capacity(leaf: &Leaf, path: Path<'_>, faults: &mut Faults) -> Option<u32> {
    let number = leaf.number(path, faults)?;
    if number.fract() != 0.0 || number < 1.0 || number > f64::from(u32::MAX) {
        faults.add(path, format!("{number} is not a whole number from 1 to 4,294,967,295"));
        return None;
    }
    // In range and whole, as checked above.
    Some(number as u32)
}
