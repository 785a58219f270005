//! From the file to the plan; reading goes on after a fault, so that all are found.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use guichet_domain::seating::{self, Caption, Figure, SeatingPlan};

use super::file::{Area, Plan, Point, Row, Seat, Zone};
use crate::aisles;
use crate::faults::{Faults, Path, PlanErrors};
use crate::lenient::{Leaf, Node};

const ORIGIN: seating::Point = seating::Point { x: 0.0, y: 0.0 };
/// Colour and height of words that have none.
const INK: &str = "#000000";
const LETTER_SIZE: f64 = 16.0;

#[derive(Default)]
struct Reader {
    plan: SeatingPlan,
    faults: Faults,
    sections: BTreeMap<String, Option<u16>>,
    categories: BTreeMap<String, u16>,
    names: HashSet<String>,
    guids: HashSet<Arc<str>>,
}

pub(super) fn read(file: &Plan) -> Result<SeatingPlan, PlanErrors> {
    let mut reader = Reader::default();
    let root = Path::DOCUMENT;
    file.check_fields(&root, &mut reader.faults);
    reader.plan.name = reader.text(&file.name, true, root.field("name")).unwrap_or_default();
    let size = root.field("size");
    if let Some(stated) = file.size.get(true, size, &mut reader.faults) {
        stated.check_fields(&size, &mut reader.faults);
        let (width, height) = (reader.whole(&stated.width, size.field("width")), reader.whole(&stated.height, size.field("height")));
        reader.plan.size = width.zip(height).map(|(width, height)| seating::Size { width, height });
    }
    for (index, category) in file.categories.require(&root, "categories", &mut reader.faults) {
        let path = root.entry("categories", *index);
        category.check_fields(&path, &mut reader.faults);
        let colour = reader.text(&category.color, false, path.field("color")).unwrap_or_default();
        let Some(name) = reader.text(&category.name, true, path.field("name")) else { continue };
        match u16::try_from(reader.plan.categories.len()) {
            Ok(number) if reader.categories.insert(name.clone(), number).is_none() => {}
            Ok(_) => reader.faults.add(path.field("name"), format!("duplicate of \"{name}\"")),
            Err(_) => reader.faults.add(path, "a plan takes at most 65,536 categories"),
        }
        reader.plan.categories.push(seating::Category { name, colour });
    }
    for (index, zone) in file.zones.require(&root, "zones", &mut reader.faults) {
        reader.zone(zone, &root.entry("zones", *index));
    }
    reader.plan.share_labels();
    if reader.faults.is_empty() {
        for fault in reader.plan.check() {
            reader.faults.add_fault(fault);
        }
    }
    reader.faults.or(reader.plan)
}

impl Reader {
    fn zone(&mut self, zone: &Zone, path: &Path<'_>) {
        zone.check_fields(path, &mut self.faults);
        self.texts([(&zone.zone_id, "zone_id"), (&zone.uuid, "uuid")], path);
        let name = self.text(&zone.name, false, path.field("name")).unwrap_or_default();
        let section = if name.is_empty() { None } else { self.section(&name, path) };
        let origin = self.point(&zone.position, true, path.field("position"), ORIGIN);
        for (index, row) in zone.rows.require(path, "rows", &mut self.faults) {
            self.row(row, &path.entry("rows", *index), origin, section, &name);
        }
        for (index, area) in zone.areas.get(path, "areas", &mut self.faults) {
            self.area(area, &path.entry("areas", *index), origin);
        }
    }

    fn section(&mut self, name: &str, path: &Path<'_>) -> Option<u16> {
        if let Some(section) = self.sections.get(name) {
            return *section;
        }
        let section = u16::try_from(self.plan.sections.len()).ok();
        match section {
            Some(_) => self.plan.sections.push(seating::Section { label: name.to_owned(), ..seating::Section::default() }),
            None => self.faults.add(*path, "a plan takes at most 65,536 zones"),
        }
        self.sections.insert(name.to_owned(), section);
        section
    }

    fn row(&mut self, row: &Row, path: &Path<'_>, zone: Option<seating::Point>, section: Option<u16>, prefix: &str) {
        row.check_fields(path, &mut self.faults);
        self.texts([(&row.row_label, "row_label"), (&row.seat_label, "seat_label"), (&row.uuid, "uuid")], path);
        let place = path.field("row_number_position");
        let shown = self.text(&row.row_number_position, false, place);
        if shown.is_some_and(|shown| !["start", "end", "both"].contains(&shown.as_str())) {
            self.faults.add(place, "is neither \"start\", \"end\" nor \"both\"");
        }
        let label = self.text(&row.row_number, true, path.field("row_number"));
        let own = self.point(&row.position, false, path.field("position"), ORIGIN);
        let origin = zone.zip(own).map(|(zone, own)| seating::Point { x: zone.x + own.x, y: zone.y + own.y });
        let mut seats = Vec::new();
        for (index, seat) in row.seats.require(path, "seats", &mut self.faults) {
            let names = label.as_deref().map(|row| [prefix, row]);
            seats.extend(self.seat(seat, &path.entry("seats", *index), origin, names));
        }
        aisles::arrange(&mut seats, |(seat, _)| seat);
        let (seats, guids): (Vec<_>, Vec<_>) = seats.into_iter().unzip();
        self.plan.guids.extend(guids);
        self.plan.push_row(seating::Row { label: label.unwrap_or_default(), section, ..seating::Row::default() }, seats);
    }

    fn seat(
        &mut self,
        seat: &Seat,
        path: &Path<'_>,
        origin: Option<seating::Point>,
        names: Option<[&str; 2]>,
    ) -> Option<(seating::Seat, Arc<str>)> {
        seat.check_fields(path, &mut self.faults);
        self.texts([(&seat.uuid, "uuid"), (&seat.start_direction, "start_direction")], path);
        self.optional(&seat.radius, path.field("radius"));
        let guid = self.text(&seat.seat_guid, true, path.field("seat_guid")).map(Arc::<str>::from);
        if let Some(guid) = &guid {
            if !is_guid(guid) {
                self.faults.add(path.field("seat_guid"), "needs two characters or more in one line, and no space at either end");
            }
            if !self.guids.insert(Arc::clone(guid)) {
                self.faults.add(path.field("seat_guid"), format!("duplicate of \"{guid}\""));
            }
        }
        let label = self.text(&seat.seat_number, true, path.field("seat_number"));
        match (&label, names) {
            (Some(label), _) if label.is_empty() => self.faults.add(path.field("seat_number"), "missing"),
            (Some(label), Some([section, row])) => {
                let parts: Vec<&str> = [section, row, label].into_iter().filter(|part| !part.is_empty()).collect();
                let name = parts.join("-");
                if !self.names.insert(name.clone()) {
                    self.faults.add(path.field("seat_number"), format!("duplicate of \"{name}\""));
                }
            }
            _ => {}
        }
        let position = self.point(&seat.position, true, path.field("position"), origin.unwrap_or(ORIGIN));
        let category = self.text(&seat.category, true, path.field("category")).and_then(|name| {
            let found = self.categories.get(&name).copied();
            if found.is_none() {
                self.faults.add(path.field("category"), format!("no category has the name \"{name}\""));
            }
            found
        });
        let seat = seating::Seat { label: label?.into(), position: position?, category: category?, ..seating::Seat::default() };
        Some((seat, guid?))
    }

    fn area(&mut self, area: &Area, path: &Path<'_>, origin: Option<seating::Point>) {
        area.check_fields(path, &mut self.faults);
        self.texts([(&area.uuid, "uuid")], path);
        let fill = self.text(&area.color, false, path.field("color")).unwrap_or_default();
        let border = self.text(&area.border_color, false, path.field("border_color")).unwrap_or_default();
        let rotation_deg = self.optional(&area.rotation, path.field("rotation")).unwrap_or(0.0);
        let centre = self.point(&area.position, false, path.field("position"), origin.unwrap_or(ORIGIN));
        let caption = self.caption(area, path);
        let figure = match self.text(&area.shape, true, path.field("shape")).as_deref() {
            Some("text") => Some(Figure::Text),
            Some("circle") => self.circle(area, &path.field("circle")),
            Some("ellipse") => self.ellipse(area, &path.field("ellipse")),
            Some("rectangle") => self.rectangle(area, &path.field("rectangle")),
            Some("polygon") => self.polygon(area, &path.field("polygon")),
            Some(other) => {
                self.faults.add(path.field("shape"), format!("\"{other}\" is not a shape of pretix"));
                None
            }
            None => None,
        };
        if let (Some(figure), Some(centre)) = (figure, centre) {
            self.plan.shapes.push(seating::Shape { figure, centre, rotation_deg, fill, border, caption, floor: None });
        }
    }

    fn circle(&mut self, area: &Area, path: &Path<'_>) -> Option<Figure> {
        let circle = area.circle.get(true, *path, &mut self.faults)?;
        circle.check_fields(path, &mut self.faults);
        let radius = circle.radius.number(path.field("radius"), &mut self.faults)?;
        Some(Figure::Ellipse { radius_x: radius, radius_y: radius })
    }

    fn ellipse(&mut self, area: &Area, path: &Path<'_>) -> Option<Figure> {
        let ellipse = area.ellipse.get(true, *path, &mut self.faults)?;
        ellipse.check_fields(path, &mut self.faults);
        let radius = self.point(&ellipse.radius, true, path.field("radius"), ORIGIN)?;
        Some(Figure::Ellipse { radius_x: radius.x, radius_y: radius.y })
    }

    fn rectangle(&mut self, area: &Area, path: &Path<'_>) -> Option<Figure> {
        let rectangle = area.rectangle.get(true, *path, &mut self.faults)?;
        rectangle.check_fields(path, &mut self.faults);
        let width = rectangle.width.number(path.field("width"), &mut self.faults);
        let height = rectangle.height.number(path.field("height"), &mut self.faults);
        let (x, y) = (width?, height?);
        let corners = [(0.0, 0.0), (x, 0.0), (x, y), (0.0, y)];
        Some(Figure::Polygon { points: corners.map(|(x, y)| seating::Point { x, y }).to_vec() })
    }

    fn polygon(&mut self, area: &Area, path: &Path<'_>) -> Option<Figure> {
        let polygon = area.polygon.get(true, *path, &mut self.faults)?;
        polygon.check_fields(path, &mut self.faults);
        let mut points = Vec::new();
        for (index, point) in polygon.points.require(path, "points", &mut self.faults) {
            points.extend(self.coordinates(point, &path.entry("points", *index), ORIGIN));
        }
        Some(Figure::Polygon { points })
    }

    fn caption(&mut self, area: &Area, path: &Path<'_>) -> Option<Caption> {
        let path = path.field("text");
        let text = area.text.get(false, path, &mut self.faults)?;
        text.check_fields(&path, &mut self.faults);
        let colour = self.text(&text.color, false, path.field("color")).unwrap_or_else(|| INK.to_owned());
        let size = self.optional(&text.size, path.field("size")).unwrap_or(LETTER_SIZE);
        let words = self.text(&text.text, true, path.field("text"));
        let position = self.point(&text.position, true, path.field("position"), ORIGIN);
        Some(Caption { text: words?, position: position?, colour, size })
    }

    fn text(&mut self, leaf: &Leaf, required: bool, path: Path<'_>) -> Option<String> {
        leaf.text(required, path, &mut self.faults)
    }

    /// Fields that are not kept, but must be right.
    fn texts<const N: usize>(&mut self, fields: [(&Leaf, &'static str); N], path: &Path<'_>) {
        for (leaf, name) in fields {
            self.text(leaf, false, path.field(name));
        }
    }

    fn optional(&mut self, leaf: &Leaf, path: Path<'_>) -> Option<f64> {
        if *leaf == Leaf::Nothing { None } else { leaf.number(path, &mut self.faults) }
    }

    fn whole(&mut self, leaf: &Leaf, path: Path<'_>) -> Option<f64> {
        let number = leaf.number(path, &mut self.faults)?;
        if number.fract() != 0.0 || number.abs() > 1e15 {
            self.faults.add(path, format!("{number} is not a whole number of pixels"));
        }
        Some(number)
    }

    fn point(&mut self, point: &Node<Point>, required: bool, path: Path<'_>, origin: seating::Point) -> Option<seating::Point> {
        match point.get(required, path, &mut self.faults) {
            Some(point) => self.coordinates(point, &path, origin),
            None if !required && matches!(point, Node::Nothing) => Some(origin),
            None => None,
        }
    }

    fn coordinates(&mut self, point: &Point, path: &Path<'_>, origin: seating::Point) -> Option<seating::Point> {
        point.check_fields(path, &mut self.faults);
        let (x, y) = (point.x.number(path.field("x"), &mut self.faults), point.y.number(path.field("y"), &mut self.faults));
        let (x, y) = (origin.x + x?, origin.y + y?);
        if x.is_finite() && y.is_finite() {
            return Some(seating::Point { x, y });
        }
        self.faults.add(*path, "its position is too far away to be a number");
        None
    }
}

/// Whether pretix takes this as a `seat_guid`.
pub(super) fn is_guid(text: &str) -> bool {
    text.chars().nth(1).is_some() && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
}
