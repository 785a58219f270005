//! Seating plans drawn from their real coordinates: in the cells of a terminal ([`picture`]), and as SVG ([`svg()`]).
//!
//! Somebody who has drawn a venue elsewhere wants to see that it arrived, and somebody who sells it wants to see what is left. So:
//!
//! - positions are those of the plan, with its proportions; nothing is arranged anew;
//! - colour repeats what a sign says already: without it the picture can still be read;
//! - labels come from files of other people: whatever they hold, no control character reaches a terminal and no markup an SVG;
//! - any plan is drawn: seats on one spot, absurd coordinates, indices that lead nowhere. Drawing never panics and never refuses.
//!
//! Reading order: `scene` (a plan as things with a place; the only module that knows the plan), `keys` (signs and colours), then
//! `terminal` and `svg`.

mod colour;
mod keys;
mod label;
mod picture;
mod scene;
mod svg;
mod terminal;

pub use colour::Rgb;
pub use guichet_domain::inventory::SeatState;
pub use guichet_domain::seating::SeatingPlan;
pub use picture::{COVERED, Cell, Colours, Picture};
pub use svg::svg;
pub use terminal::{Room, picture};

/// What the signs and colours of the seats say.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Their categories.
    Category,
    /// Their states, by number. A seat without one counts as blocked: nothing is promised that is not known to be free.
    State(&'a [SeatState]),
}
