//! Seating plans of pretix, read and written.
//!
//! What maps to what:
//!
//! - A zone with a name is a section, and zones of one name are one section; the rows of a zone without a name are in no section. A pretix
//!   zone is the first part of a seat's name, which is what a section is here; our zones, which have focal points, are unknown there.
//! - Positions of zones and rows are added up: a seat stands where it is drawn.
//! - `seat_guid` is kept, and written again as it was.
//! - A pretix area is drawn and not sold: it is a shape. A rectangle turns around its corner there, so it becomes a polygon.
//! - Fields that only say how seats are drawn or described (`radius`, `row_label`, `uuid`...) must be right, but are not kept.
//!
//! pretix refuses fields that it does not know; so do we, or a plan that we accept would be refused there.

mod file;
mod reader;
mod writer;

use guichet_domain::seating::SeatingPlan;

use crate::faults::PlanErrors;

pub(crate) use writer::write;

/// What objects of a plan that may come in any number take in memory while they are read.
pub(crate) const OBJECT_BYTES: [usize; 4] =
    [size_of::<(usize, file::Seat)>(), size_of::<(usize, file::Row)>(), size_of::<(usize, file::Zone)>(), size_of::<(usize, file::Area)>()];

/// Reads a plan.
pub(crate) fn read(bytes: &[u8]) -> Result<SeatingPlan, PlanErrors> {
    let plan: file::Plan = crate::document::parse(bytes)?;
    reader::read(&plan)
}
