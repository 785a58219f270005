//! Plans and shows: the large records, written once for each venue and twice for each show.

use guichet_domain::money::Currency;

use guichet_domain::seating::{Area, Caption, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape, Size, Zone};
use guichet_domain::show::{
    Admits, CancellationFee, CheckInList, LatePayment, Orphans, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition,
};
use guichet_domain::{ShowId, VenueId};

use super::CodecError;
use super::layout::{Wire, layout};
use super::wire::{Reader, Writer};

/// Its fields in this order. Read, its labels are shared: most seats have the label of a seat in another row.
impl Wire for SeatingPlan {
    const BYTES_MIN: usize = 13;

    fn put(&self, writer: &mut Writer<'_>) {
        let Self { name, size, focal_point, categories, zones, floors, sections, rows, seats, guids, areas, shapes } = self;
        name.put(writer);
        size.put(writer);
        focal_point.put(writer);
        categories.put(writer);
        zones.put(writer);
        floors.put(writer);
        sections.put(writer);
        rows.put(writer);
        seats.put(writer);
        guids.put(writer);
        areas.put(writer);
        shapes.put(writer);
    }

    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let mut plan = Self {
            name: Wire::get(reader)?,
            size: Wire::get(reader)?,
            focal_point: Wire::get(reader)?,
            categories: Wire::get(reader)?,
            zones: Wire::get(reader)?,
            floors: Wire::get(reader)?,
            sections: Wire::get(reader)?,
            rows: Wire::get(reader)?,
            seats: Wire::get(reader)?,
            guids: Wire::get(reader)?,
            areas: Wire::get(reader)?,
            shapes: Wire::get(reader)?,
        };
        plan.share_labels();
        Ok(plan)
    }
}

layout!(
    struct Size {
        width: f64,
        height: f64,
    }
);

layout!(
    struct Point {
        x: f64,
        y: f64,
    }
);

layout!(
    struct Category {
        name: String,
        colour: String,
    }
);

layout!(
    struct Zone {
        name: String,
        focal_point: Option<Point>,
    }
);

layout!(
    struct Section {
        label: String,
        zone: Option<u16>,
        entrance: Option<String>,
    }
);

layout!(
    struct Row {
        label: String,
        section: Option<u16>,
        floor: Option<u16>,
        kind: RowKind,
        seats: Vec<u32>,
    }
);

layout!(enum RowKind, "unknown kind of row" {
    1 = Line,
    2 = Table { centre: Point, whole: bool },
    3 = Booth { people: Option<u32> },
});

layout!(
    struct Area {
        label: String,
        capacity: u32,
        category: u16,
        outline: Option<Shape>,
    }
);

layout!(enum Figure, "unknown figure" {
    1 = Rectangle { width: f64, height: f64 },
    2 = Ellipse { radius_x: f64, radius_y: f64 },
    3 = Polygon { points: Vec<Point> },
    4 = Text,
});

layout!(
    struct Caption {
        text: String,
        position: Point,
        colour: String,
        size: f64,
    }
);

layout!(
    struct Shape {
        figure: Figure,
        centre: Point,
        rotation_deg: f64,
        fill: String,
        border: String,
        caption: Option<Caption>,
        floor: Option<u16>,
    }
);

const ACCESSIBLE: u8 = 1;
const COMPANION: u8 = 2;
const RESTRICTED_VIEW: u8 = 4;
const AISLE_AFTER: u8 = 8;
const WITHDRAWN: u8 = 16;
const PROPERTIES: u8 = ACCESSIBLE | COMPANION | RESTRICTED_VIEW | AISLE_AFTER | WITHDRAWN;

/// Label, position, row, category, then its properties in one byte.
impl Wire for Seat {
    const BYTES_MIN: usize = String::BYTES_MIN + Point::BYTES_MIN + u32::BYTES_MIN + u16::BYTES_MIN + 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        let Self { label, position, row, category, accessible, companion, restricted_view, aisle_after, withdrawn } = self;
        label.put(writer);
        position.put(writer);
        row.put(writer);
        category.put(writer);
        let bit = |set: &bool, bit: u8| if *set { bit } else { 0 };
        let seated = bit(accessible, ACCESSIBLE) | bit(companion, COMPANION) | bit(restricted_view, RESTRICTED_VIEW);
        writer.u8(seated | bit(aisle_after, AISLE_AFTER) | bit(withdrawn, WITHDRAWN));
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (label, position, row, category) = (Wire::get(reader)?, Wire::get(reader)?, Wire::get(reader)?, Wire::get(reader)?);
        let at = reader.at();
        let properties = reader.u8()?;
        if properties & !PROPERTIES != 0 {
            return Err(CodecError::Malformed { at, what: "unknown property of a seat" });
        }
        Ok(Self {
            label,
            position,
            row,
            category,
            accessible: properties & ACCESSIBLE != 0,
            companion: properties & COMPANION != 0,
            restricted_view: properties & RESTRICTED_VIEW != 0,
            aisle_after: properties & AISLE_AFTER != 0,
            withdrawn: properties & WITHDRAWN != 0,
        })
    }
}

layout!(
    struct ShowDefinition {
        id: ShowId,
        venue: VenueId,
        name: String,
        starts_at_unix_ms: Option<u64>,
        currency: Currency,
        products: Vec<Product>,
        quotas: Vec<Quota>,
        order_deadline_ms: u64,
        transfer_deadline_ms: u64,
        window: SaleWindow,
        per_buyer_max: Option<u32>,
        late_payment: LatePayment,
        cancellation_fees: Vec<CancellationFee>,
        check_in_lists: Vec<CheckInList>,
        seating: SeatingRules,
    }
);

layout!(
    struct SeatingRules {
        orphans: Orphans,
        accessible_released_before_start_ms: Option<u64>,
        accessible_released_when_sold_out: bool,
    }
);

layout!(enum Orphans, "unknown rule for seats left alone" {
    1 = Off,
    2 = Prefer,
    3 = Forbid,
});

layout!(
    struct SaleWindow {
        opens_at_unix_ms: Option<u64>,
        closes_at_unix_ms: Option<u64>,
    }
);

layout!(enum LatePayment, "unknown policy for late payments" {
    1 = SameSeat,
    2 = EquivalentSeat,
    3 = Refund,
});

layout!(
    struct CancellationFee {
        within_ms: u64,
        price_bp: u16,
        fixed_minor: i64,
    }
);

layout!(
    struct CheckInList {
        name: String,
        products: Vec<u16>,
    }
);

layout!(
    struct Product {
        name: String,
        price_minor: i64,
        admits: Admits,
        quotas: Vec<u16>,
        window: SaleWindow,
    }
);

layout!(enum Admits, "unknown kind of product" {
    1 = Seats { categories: Vec<u16> },
    2 = Quantity,
});

layout!(
    struct Quota {
        name: String,
        size: u32,
    }
);

layout!(enum SaleState, "unknown state of a sale" {
    1 = Draft,
    2 = Open,
    3 = Paused,
    4 = Closed,
});

/// Its three letters.
impl Wire for Currency {
    const BYTES_MIN: usize = 3;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        let mut letters = [b'?'; 3];
        letters.iter_mut().zip(self.code().bytes()).for_each(|(to, from)| *to = from);
        writer.array(&letters);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = reader.at();
        let letters: [u8; 3] = reader.array()?;
        let currency = std::str::from_utf8(&letters).ok().and_then(Self::from_code);
        currency.ok_or(CodecError::Malformed { at, what: "a currency is not three capital letters" })
    }
}
