//! From the file to the plan; reading goes on after a fault, so that all are found.

use guichet_domain::seating::{self, PlanFault, RowKind, SeatingPlan};

use super::file::{Area, Booth, Caption, Category, Figure, Plan, Point, Row, Seat, Section, Shape, Size, Table, Zone};
use crate::faults::{Faults, Path, PlanErrors};
use crate::lenient::{Leaf, List, Node, TextOr};

struct Reader {
    faults: Faults,
    /// Whether every list is one of objects. Otherwise indexes lead elsewhere, and the plan's rules would speak of the wrong places.
    countable: bool,
}

/// Reads a plan.
pub(super) fn read(file: &Plan) -> Result<SeatingPlan, PlanErrors> {
    let mut reader = Reader { faults: Faults::default(), countable: true };
    let plan = reader.plan(file);
    let Reader { mut faults, countable } = reader;
    if countable {
        faults.add_new(plan.check().into_iter().map(|fault| in_file(&plan, fault)));
    }
    faults.or(plan)
}

impl Reader {
    fn plan(&mut self, file: &Plan) -> SeatingPlan {
        let root = Path::DOCUMENT;
        file.check_fields(&root, &mut self.faults);
        let mut plan = SeatingPlan {
            name: self.text(&file.name, true, root.field("name")),
            size: self.optional(&file.size, root.field("size"), Self::size),
            focal_point: self.optional(&file.focal_point, root.field("focal_point"), Self::point),
            categories: self.list(&file.categories, true, &root, "categories", Self::category),
            zones: self.list(&file.zones, false, &root, "zones", Self::zone),
            floors: self.floors(file, &root),
            sections: self.list(&file.sections, false, &root, "sections", Self::section),
            areas: self.list(&file.areas, false, &root, "areas", Self::area),
            shapes: self.list(&file.shapes, false, &root, "shapes", Self::shape),
            ..SeatingPlan::default()
        };
        let rows = self.list(&file.rows, false, &root, "rows", Self::row);
        let with_guids = rows.iter().flat_map(|(_, seats)| seats).any(|(_, guid)| guid.is_some());
        for (index, (row, seats)) in rows.into_iter().enumerate() {
            if with_guids {
                for (place, (_, guid)) in seats.iter().enumerate() {
                    match guid {
                        Some(guid) => plan.guids.push(guid.as_str().into()),
                        None => {
                            let path = root.entry("rows", index);
                            self.faults.add(path.entry("seats", place).field("guid"), "missing; other seats have one");
                        }
                    }
                }
            }
            plan.push_row(row, seats.into_iter().map(|(seat, _)| seat));
        }
        plan.share_labels();
        plan
    }

    fn category(&mut self, category: &Category, path: &Path<'_>) -> seating::Category {
        category.check_fields(path, &mut self.faults);
        seating::Category {
            name: self.text(&category.name, true, path.field("name")),
            colour: self.text(&category.colour, true, path.field("colour")),
        }
    }

    fn zone(&mut self, zone: &Zone, path: &Path<'_>) -> seating::Zone {
        zone.check_fields(path, &mut self.faults);
        seating::Zone {
            name: self.text(&zone.name, true, path.field("name")),
            focal_point: self.optional(&zone.focal_point, path.field("focal_point"), Self::point),
        }
    }

    fn floors(&mut self, file: &Plan, root: &Path<'_>) -> Vec<String> {
        let floors = file.floors.get(root.field("floors"), &mut self.faults).iter().enumerate();
        floors.map(|(index, floor)| self.text(floor, true, root.entry("floors", index))).collect()
    }

    fn section(&mut self, section: &Section, path: &Path<'_>) -> seating::Section {
        section.check_fields(path, &mut self.faults);
        seating::Section {
            label: self.text(&section.label, true, path.field("label")),
            zone: self.reference(&section.zone, path.field("zone")),
            entrance: section.entrance.text(false, path.field("entrance"), &mut self.faults),
        }
    }

    fn row(&mut self, row: &Row, path: &Path<'_>) -> (seating::Row, Vec<(seating::Seat, Option<String>)>) {
        row.check_fields(path, &mut self.faults);
        let before = self.faults.count();
        let mut label = self.text(&row.label, false, path.field("label"));
        let section = self.reference(&row.section, path.field("section"));
        if self.faults.count() > before {
            // Its seats' names are unknown: none of them is a duplicate, here or there.
            label = path.to_string();
        }
        let floor = self.reference(&row.floor, path.field("floor"));
        let table = self.optional(&row.table, path.field("table"), Self::table);
        let booth = self.optional(&row.booth, path.field("booth"), Self::booth);
        if table.is_some() && booth.is_some() {
            self.faults.add(*path, "is either a table or a booth");
        }
        let kind = table.or(booth).unwrap_or(RowKind::Line);
        let seats = self.list(&row.seats, true, path, "seats", Self::seat);
        (seating::Row { label, section, floor, kind, seats: Vec::new() }, seats)
    }

    fn table(&mut self, table: &Table, path: &Path<'_>) -> RowKind {
        table.check_fields(path, &mut self.faults);
        let centre = self.position(&table.x, &table.y, path);
        RowKind::Table { centre, whole: self.flag(&table.whole, path.field("whole")) }
    }

    fn booth(&mut self, booth: &Booth, path: &Path<'_>) -> RowKind {
        booth.check_fields(path, &mut self.faults);
        let people = if booth.people == Leaf::Nothing { None } else { self.whole(&booth.people, path.field("people")) };
        RowKind::Booth { people }
    }

    fn seat(&mut self, seat: &Seat, path: &Path<'_>) -> (seating::Seat, Option<String>) {
        seat.check_fields(path, &mut self.faults);
        let read = seating::Seat {
            label: self.text(&seat.label, true, path.field("label")).into(),
            position: self.position(&seat.x, &seat.y, path),
            category: self.index(&seat.category, path.field("category")).unwrap_or_default(),
            accessible: self.flag(&seat.accessible, path.field("accessible")),
            companion: self.flag(&seat.companion, path.field("companion")),
            restricted_view: self.flag(&seat.restricted_view, path.field("restricted_view")),
            aisle_after: self.flag(&seat.aisle_after, path.field("aisle_after")),
            ..seating::Seat::default()
        };
        (read, seat.guid.text(false, path.field("guid"), &mut self.faults))
    }

    fn area(&mut self, area: &Area, path: &Path<'_>) -> seating::Area {
        area.check_fields(path, &mut self.faults);
        seating::Area {
            label: self.text(&area.label, true, path.field("label")),
            capacity: self.whole(&area.capacity, path.field("capacity")).unwrap_or_default(),
            category: self.index(&area.category, path.field("category")).unwrap_or_default(),
            outline: self.optional(&area.outline, path.field("outline"), |reader, shape, path| reader.shape(shape, path)),
        }
    }

    fn shape(&mut self, shape: &Shape, path: &Path<'_>) -> seating::Shape {
        shape.check_fields(path, &mut self.faults);
        seating::Shape {
            figure: self.figure(&shape.figure, &path.field("figure")),
            centre: self.position(&shape.x, &shape.y, path),
            rotation_deg: self.number_or_zero(&shape.rotation_deg, path.field("rotation_deg")),
            fill: self.text(&shape.fill, false, path.field("fill")),
            border: self.text(&shape.border, false, path.field("border")),
            caption: self.optional(&shape.caption, path.field("caption"), |reader, caption, path| reader.caption(caption, path)),
            floor: self.reference(&shape.floor, path.field("floor")),
        }
    }

    fn figure(&mut self, figure: &TextOr<Box<Figure>>, path: &Path<'_>) -> seating::Figure {
        let figure = match figure {
            TextOr::Object(figure) => figure,
            TextOr::Leaf(Leaf::Text(word)) if word == "text" => return seating::Figure::Text,
            TextOr::Leaf(Leaf::Nothing) => {
                self.faults.add(*path, "missing");
                return seating::Figure::Text;
            }
            TextOr::Leaf(_) => {
                self.faults.add(*path, "is neither \"text\" nor an object with rectangle, ellipse or polygon");
                return seating::Figure::Text;
            }
        };
        figure.check_fields(path, &mut self.faults);
        let rectangle = self.optional(&figure.rectangle, path.field("rectangle"), Self::size);
        let rectangle = rectangle.map(|seating::Size { width, height }| seating::Figure::Rectangle { width, height });
        let ellipse = self.optional(&figure.ellipse, path.field("ellipse"), |reader, radii, path| {
            radii.check_fields(path, &mut reader.faults);
            let radius_x = reader.number(&radii.radius_x, path.field("radius_x"));
            seating::Figure::Ellipse { radius_x, radius_y: reader.number(&radii.radius_y, path.field("radius_y")) }
        });
        let polygon = self.optional(&figure.polygon, path.field("polygon"), |reader, polygon, path| {
            polygon.check_fields(path, &mut reader.faults);
            seating::Figure::Polygon { points: reader.list(&polygon.points, true, path, "points", Self::point) }
        });
        let mut figures = [rectangle, ellipse, polygon].into_iter().flatten();
        match (figures.next(), figures.next()) {
            (Some(figure), None) => figure,
            _ => {
                self.faults.add(*path, "needs exactly one of rectangle, ellipse and polygon");
                seating::Figure::Text
            }
        }
    }

    fn caption(&mut self, caption: &Caption, path: &Path<'_>) -> seating::Caption {
        caption.check_fields(path, &mut self.faults);
        let (x, y) = (self.number_or_zero(&caption.x, path.field("x")), self.number_or_zero(&caption.y, path.field("y")));
        seating::Caption {
            text: self.text(&caption.text, true, path.field("text")),
            position: seating::Point { x, y },
            colour: self.text(&caption.colour, true, path.field("colour")),
            size: self.number(&caption.size, path.field("size")),
        }
    }

    fn size(&mut self, size: &Size, path: &Path<'_>) -> seating::Size {
        size.check_fields(path, &mut self.faults);
        seating::Size { width: self.number(&size.width, path.field("width")), height: self.number(&size.height, path.field("height")) }
    }

    fn point(&mut self, point: &Point, path: &Path<'_>) -> seating::Point {
        point.check_fields(path, &mut self.faults);
        self.position(&point.x, &point.y, path)
    }
}

/// Parts. A fault is noted, and something stands in for what is missing: the plan that it gets into is thrown away.
impl Reader {
    fn list<T, R>(
        &mut self,
        list: &List<T>,
        required: bool,
        parent: &Path<'_>,
        name: &'static str,
        read: impl Fn(&mut Self, &T, &Path<'_>) -> R,
    ) -> Vec<R> {
        self.countable &= list.is_whole(required);
        let objects = if required { list.require(parent, name, &mut self.faults) } else { list.get(parent, name, &mut self.faults) };
        objects.iter().map(|(index, object)| read(self, object, &parent.entry(name, *index))).collect()
    }

    fn optional<T, R>(&mut self, node: &Node<T>, path: Path<'_>, read: impl Fn(&mut Self, &T, &Path<'_>) -> R) -> Option<R> {
        node.get(false, path, &mut self.faults).map(|object| read(self, object, &path))
    }

    fn text(&mut self, leaf: &Leaf, required: bool, path: Path<'_>) -> String {
        leaf.text(required, path, &mut self.faults).unwrap_or_default()
    }

    fn number(&mut self, leaf: &Leaf, path: Path<'_>) -> f64 {
        leaf.number(path, &mut self.faults).unwrap_or_default()
    }

    fn number_or_zero(&mut self, leaf: &Leaf, path: Path<'_>) -> f64 {
        if *leaf == Leaf::Nothing { 0.0 } else { self.number(leaf, path) }
    }

    fn position(&mut self, x: &Leaf, y: &Leaf, path: &Path<'_>) -> seating::Point {
        seating::Point { x: self.number(x, path.field("x")), y: self.number(y, path.field("y")) }
    }

    fn flag(&mut self, leaf: &Leaf, path: Path<'_>) -> bool {
        leaf.flag(path, &mut self.faults).unwrap_or_default()
    }

    fn whole(&mut self, leaf: &Leaf, path: Path<'_>) -> Option<u32> {
        leaf.whole(u32::MAX, path, &mut self.faults)
    }

    /// A place in a list of the plan.
    fn index(&mut self, leaf: &Leaf, path: Path<'_>) -> Option<u16> {
        leaf.whole(u16::MAX.into(), path, &mut self.faults).and_then(|index| index.try_into().ok())
    }

    /// A place in a list of the plan, or nothing.
    fn reference(&mut self, leaf: &Leaf, path: Path<'_>) -> Option<u16> {
        if *leaf == Leaf::Nothing { None } else { self.index(leaf, path) }
    }
}

/// The fault with its path in the file, where seats stand in their row.
fn in_file(plan: &SeatingPlan, fault: PlanFault) -> PlanFault {
    let place = fault.path.strip_prefix("seats[").and_then(|rest| rest.split_once(']'));
    let Some((Ok(number), field)) = place.map(|(index, field)| (index.parse::<u32>(), field)) else {
        return fault;
    };
    let row = plan.seats.get(number as usize).map(|seat| seat.row as usize);
    let place = row.and_then(|row| plan.rows.get(row)?.seats.iter().position(|seat| *seat == number));
    match (row, place) {
        (Some(row), Some(place)) => PlanFault { path: format!("rows[{row}].seats[{place}]{field}"), what: fault.what },
        _ => fault,
    }
}
