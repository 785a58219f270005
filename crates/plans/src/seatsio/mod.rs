//! Charts of seats.io, as its designer publishes them.
//!
//! Rows stand in the chart itself or in its sections. What was found in real charts and is relied on:
//!
//! - **Positions.** A seat in a section counts from the section's `topLeft`, in the same unit (`sectionScaleFactor` is 100 and
//!   scales nothing). Measured: with `topLeft` added, all 8,897 seats of the race track and all 71 of the chart with sections
//!   lie inside their section's polygon `points`, which is in chart units; without it none do, except where `topLeft` is the
//!   origin. `topLeft` is the polygon's upper left corner less half the border.
//! - **Categories.** A seat's own, else its section's. All seats in the charts with sections say null and inherit.
//! - **Zones.** A section names its zone by key; the zone has the focal point; `subChart.focalPoint` is the
//!   chart's own, for what is in no zone.
//! - **Labels.** The seats of a section may be labelled like those of another; the path `section-row-seat` is unique.
//!
//! Not in the charts at hand, read by what the designer offers: a `sectionLabel` on a row outside every section is a section
//! that has no outline; an area inside a section is named `section-area`, as two sections may each have an area of one name;
//! a table says `bookAsAWhole`, a booth is one place at its `center`, and so is an area that is booked as a whole; chairs of a table
//! count from where the seats of a row do; `floorName` is the floor of all that is in a `subChart`;
//! in charts of versions before seats had `accessible`, the category says it; a section that is not `published` is a draft, and left out.

mod categories;
mod chart;
mod drawing;
mod reader;
mod seats;
mod tables;
mod unread;

use guichet_domain::seating::SeatingPlan;

use crate::faults::PlanErrors;

/// What the objects of a chart that may come in any number take in memory while they are read.
pub(crate) const OBJECT_BYTES: [usize; 9] = [
    size_of::<(usize, chart::Table)>(),
    size_of::<(usize, chart::Booth)>(),
    size_of::<(usize, chart::Shape)>(),
    size_of::<(usize, chart::Text)>(),
    size_of::<(usize, chart::Seat)>(),
    size_of::<(usize, chart::Row)>(),
    size_of::<(usize, chart::Area)>(),
    size_of::<(usize, chart::Section)>(),
    size_of::<chart::SubChart<chart::Nested>>(),
];

/// Reads a chart into a plan and the names of what it holds that the plan leaves out.
pub(crate) fn read(bytes: &[u8]) -> Result<(SeatingPlan, Vec<String>), PlanErrors> {
    let chart: chart::Chart = crate::document::parse(bytes)?;
    let (plan, mut left_out) = reader::read(&chart)?;
    left_out.extend(unread::unread(bytes)?);
    Ok((plan, left_out))
}
