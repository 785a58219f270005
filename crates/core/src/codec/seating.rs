//! Plans and shows: the large records, written once for each venue and twice for each show.

use guichet_domain::money::Currency;
use guichet_domain::seating::{Area, Category, Point, Row, Seat, SeatingPlan, Section, Zone};
use guichet_domain::show::{Admits, CancellationFee, CheckInList, LatePayment, Product, Quota, SaleState, SaleWindow, ShowDefinition};
use guichet_domain::{ShowId, VenueId};

use super::CodecError;
use super::layout::{Wire, layout};
use super::wire::{Reader, Writer};

layout!(
    struct SeatingPlan {
        name: String,
        categories: Vec<Category>,
        zones: Vec<Zone>,
        sections: Vec<Section>,
        rows: Vec<Row>,
        seats: Vec<Seat>,
        areas: Vec<Area>,
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
        first_seat: u32,
        seat_count: u32,
    }
);

layout!(
    struct Area {
        label: String,
        capacity: u32,
        category: u16,
    }
);

const ACCESSIBLE: u8 = 1;
const COMPANION: u8 = 2;
const RESTRICTED_VIEW: u8 = 4;

/// Label, position, category, then its three properties in one byte.
impl Wire for Seat {
    const BYTES_MIN: usize = String::BYTES_MIN + Point::BYTES_MIN + u16::BYTES_MIN + 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        let Self { label, position, category, accessible, companion, restricted_view } = self;
        label.put(writer);
        position.put(writer);
        category.put(writer);
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        writer.u8(bit(*accessible, ACCESSIBLE) | bit(*companion, COMPANION) | bit(*restricted_view, RESTRICTED_VIEW));
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (label, position, category) = (String::get(reader)?, Point::get(reader)?, u16::get(reader)?);
        let at = reader.at();
        let properties = reader.u8()?;
        if properties & !(ACCESSIBLE | COMPANION | RESTRICTED_VIEW) != 0 {
            return Err(CodecError::Malformed { at, what: "unknown property of a seat" });
        }
        Ok(Self {
            label,
            position,
            category,
            accessible: properties & ACCESSIBLE != 0,
            companion: properties & COMPANION != 0,
            restricted_view: properties & RESTRICTED_VIEW != 0,
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
    }
);

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
