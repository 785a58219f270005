//! Seats: a circle each, what is accessible a square, a booth a larger and round one, and a stroke through what has a restricted view.
//!
//! States differ in form too: free is hollow, held is half full, booked is full, blocked has a cross.

use guichet_domain::inventory::SeatState;
use guichet_domain::seating::{Point, RowKind};

use super::INK;
use super::frame::Frame;
use super::markup::Markup;
use crate::keys::{Key, Keys, colour_of, name_of};
use crate::scene::{Scene, Spot};

/// Half the width of a booth, by that of a seat.
const BOOTH: f64 = 1.25;

/// Draws all seats, those that look alike in one group, which says how they look.
pub(super) fn draw(markup: &mut Markup, scene: &Scene<'_>, keys: &Keys<'_>, frame: &Frame) {
    let mut spots: Vec<&Spot> = scene.spots.iter().collect();
    // Stable: within a group they stay in the order of the plan.
    spots.sort_by_key(|spot| keys.index(spot));
    for alike in spots.chunk_by(|one, other| keys.index(one) == keys.index(other)) {
        group(markup, keys.get(keys.index(alike[0])), frame.radius);
        for spot in alike {
            let form = Form::of(spot);
            open(markup, form, frame.at(spot.at), frame.radius);
            markup.raw("><title>");
            tooltip(markup, scene, spot, keys.state(spot));
            markup.raw("</title></").raw(form.element()).raw(">\n");
        }
        markup.raw("</g>\n");
    }
    strokes(markup, spots.iter().filter(|spot| spot.restricted_view).map(|spot| frame.at(spot.at)), frame.radius);
}

/// The forms of what is sold as one place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Seat,
    Accessible,
    Booth,
}

impl Form {
    fn of(spot: &Spot) -> Self {
        match spot {
            Spot { booth: true, .. } => Self::Booth,
            Spot { accessible: true, .. } => Self::Accessible,
            _ => Self::Seat,
        }
    }

    fn element(self) -> &'static str {
        match self {
            Self::Seat => "circle",
            Self::Accessible | Self::Booth => "rect",
        }
    }
}

/// Names the fillings of states, which differ in form too; each covers the seat that it fills.
pub(super) fn fillings(markup: &mut Markup) {
    const WHOLE: &str = " width=\"1\" height=\"1\" patternContentUnits=\"objectBoundingBox\"><path";
    markup.raw("<defs>\n<pattern id=\"held\"").raw(WHOLE).raw(" d=\"M0 0H.5V1H0z\"");
    markup.colour("fill", colour_of(SeatState::Held)).raw("/></pattern>\n<pattern id=\"blocked\"").raw(WHOLE);
    markup.raw(" d=\"M.2 .2L.8 .8M.2 .8L.8 .2\" stroke-width=\".15\"").colour("stroke", colour_of(SeatState::Blocked));
    markup.raw("/></pattern>\n</defs>\n");
}

/// Opens the group of seats that have one key.
pub(super) fn group(markup: &mut Markup, key: &Key, radius: f64) {
    markup.raw("<g");
    match key.state {
        None | Some(SeatState::Booked) => markup.colour("fill", key.colour),
        Some(SeatState::Free) => markup.raw(" fill=\"#fff\""),
        Some(SeatState::Held) => markup.raw(" fill=\"url(#held)\""),
        Some(SeatState::Blocked) => markup.raw(" fill=\"url(#blocked)\""),
    };
    if key.state.is_some() {
        markup.colour("stroke", key.colour).attribute("stroke-width", radius / 5.0);
    }
    markup.raw(">\n");
}

/// Opens the element of a seat.
pub(super) fn open(markup: &mut Markup, form: Form, Point { x, y }: Point, radius: f64) {
    markup.raw("<").raw(form.element());
    if form == Form::Seat {
        markup.attribute("cx", x).attribute("cy", y).attribute("r", radius);
        return;
    }
    let half = if form == Form::Booth { BOOTH * radius } else { radius };
    if form == Form::Booth {
        markup.attribute("rx", half / 2.0);
    }
    markup.attribute("x", x - half).attribute("y", y - half).attribute("width", 2.0 * half).attribute("height", 2.0 * half);
}

/// Draws a stroke through seats.
pub(super) fn strokes(markup: &mut Markup, seats: impl Iterator<Item = Point>, radius: f64) {
    let mut seats = seats.peekable();
    if seats.peek().is_none() {
        return;
    }
    markup.raw("<path fill=\"none\" pointer-events=\"none\" stroke=\"").raw(INK).raw("\"").attribute("stroke-width", radius / 4.0);
    markup.raw(" d=\"");
    for Point { x, y } in seats {
        markup.raw("M").number(x - radius).raw(" ").number(y + radius).raw("L").number(x + radius).raw(" ").number(y - radius);
    }
    markup.raw("\"/>\n");
}

fn tooltip(markup: &mut Markup, scene: &Scene<'_>, spot: &Spot, state: Option<SeatState>) {
    for (index, part) in scene.label_path(spot).enumerate() {
        markup.raw(if index == 0 { "" } else { "-" }).text(part);
    }
    if let Some(state) = state {
        markup.raw(", ").raw(name_of(state));
    }
    let whole = matches!(scene.row(spot).kind, RowKind::Table { whole: true, .. });
    for (is, words) in [(spot.accessible, ", accessible"), (spot.restricted_view, ", restricted view"), (whole, ", whole table")] {
        markup.raw(if is { words } else { "" });
    }
}
