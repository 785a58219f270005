//! Guichet's own format: a plan as a JSON file that people can read and version.
//!
//! It mirrors `SeatingPlan`, but for two things: seats stand in their row, so that nobody counts them by hand, and seats that a
//! revision has withdrawn are left out. Sections, zones, floors and categories are referred to by their index, as in the plan.
//! Fields that the format does not have are refused: here they are misspellings, and a misspelt `accessible` would sell a wheelchair
//! place to anybody.
//!
//! All faults come at once, by path: values of the wrong type, misspelt fields, and whatever the plan's rules refuse.

mod file;
mod reader;
mod writer;

use guichet_domain::seating::{self, SeatingPlan};

use crate::document;
use crate::faults::PlanErrors;
use crate::lenient::Leaf;

pub use writer::write_plan;

/// The value of `format`.
pub(crate) const FORMAT: &str = "guichet-plan";
/// The value of `version`: the only one so far.
pub(crate) const VERSION: u16 = 1;
/// What an object of each kind that may come in any number takes in memory while it is read.
pub(crate) const OBJECT_BYTES: [usize; 4] = [
    size_of::<(usize, file::Seat)>() + size_of::<seating::Seat>(),
    size_of::<(usize, file::Row)>(),
    size_of::<(usize, file::Shape)>(),
    size_of::<(usize, file::Area)>(),
];

/// Refuses versions that this program does not read, before their new fields are called misspellings.
pub(crate) fn check_version(version: &Leaf) -> Result<(), PlanErrors> {
    let what = match version {
        Leaf::Integer(number) if *number == i64::from(VERSION) => return Ok(()),
        Leaf::Integer(number) => format!("is {number}; this program reads version {VERSION}"),
        Leaf::Nothing => format!("missing; this program reads version {VERSION}"),
        other => format!("a whole number is needed, found {}", other.kind()),
    };
    Err(PlanErrors::one("version", what))
}

/// Reads a plan.
pub(crate) fn read(bytes: &[u8]) -> Result<SeatingPlan, PlanErrors> {
    let file: file::Plan = document::parse(bytes)?;
    reader::read(&file)
}
