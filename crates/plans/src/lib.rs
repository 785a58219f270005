//! Seating plans from files, into `guichet_domain::seating::SeatingPlan`.
//!
//! Venues have their plans already, drawn in somebody else's designer. This crate reads them, so that nobody draws a venue
//! twice, and so that the domain knows no file format. A plan is sold for years and a fault in it is found at the door, so:
//!
//! - a file is read whole or not at all: never a plan with a row missing;
//! - all faults come at once, each with its path in the file;
//! - what the chart holds and the plan leaves out is named, never dropped in silence;
//! - a file is hostile until read: no recursion, bounded counts, no panic.
//!
//! Formats: Guichet's own ([`write_plan`] writes it), pretix plans, read and written ([`write_plan_as`]), and seats.io charts.
//!
//! ```
//! let chart = br##"{
//!   "name": "Cellar",
//!   "categories": {"list": [{"key": 1, "label": "Standing", "color": "#87A9CD"}]},
//!   "subChart": {"generalAdmissionAreas": [{"label": "Floor", "capacity": 120, "categoryKey": 1}]}
//! }"##;
//! let read = guichet_plans::read_plan(chart)?;
//! assert_eq!(read.format, guichet_plans::PlanFormat::SeatsIo);
//! assert_eq!(read.plan.areas[0].capacity, 120);
//! # Ok::<(), guichet_plans::PlanErrors>(())
//! ```

mod aisles;
mod document;
mod faults;
mod lenient;
mod own;
mod pretix;
mod seatsio;
mod written;

use std::fmt;

use guichet_domain::seating::SeatingPlan;

pub use faults::PlanErrors;
pub use own::write_plan;
pub use written::{UnknownFormat, Written, write_plan_as};

/// A file format that plans are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanFormat {
    /// Guichet's own.
    Guichet,
    /// A chart of seats.io.
    SeatsIo,
    /// A seating plan of pretix.
    Pretix,
}

impl fmt::Display for PlanFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guichet => "Guichet plan",
            Self::SeatsIo => "seats.io chart",
            Self::Pretix => "pretix plan",
        })
    }
}

/// A plan and what was learnt by reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadPlan {
    /// The plan; [`SeatingPlan::check`] finds nothing wrong with it.
    pub plan: SeatingPlan,
    /// The format of the file.
    pub format: PlanFormat,
    /// What the file holds and the plan leaves out, each with its path: `subChart.tables[0] "T1": a table without chairs is not sold`.
    pub unsold: Vec<String>,
}

/// Reads a plan from a file's bytes; the format is told from the content.
///
/// # Errors
/// Everything that is wrong with the file, each with its path. A file that is not JSON, is of no known format, or holds more
/// than a million objects is one fault, at `document`.
pub fn read_plan(bytes: &[u8]) -> Result<ReadPlan, PlanErrors> {
    let format = document::format(bytes)?;
    let (plan, unsold) = match format {
        PlanFormat::Guichet => (own::read(bytes)?, Vec::new()),
        PlanFormat::SeatsIo => seatsio::read(bytes)?,
        PlanFormat::Pretix => (pretix::read(bytes)?, Vec::new()),
    };
    Ok(ReadPlan { plan, format, unsold })
}
