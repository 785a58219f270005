//! Seating plans from files, into `guichet_domain::seating::SeatingPlan`.
//!
//! Venues have their plans already, drawn in somebody else's designer. This crate reads them, so that nobody draws a venue
//! twice, and so that the domain knows no file format. A plan is sold for years and a fault in it is found at the door, so:
//!
//! - a file is read whole or not at all: never a plan with a row missing;
//! - all faults come at once, each with its path in the file;
//! - what the chart holds and cannot be sold yet (tables, booths) is named, never dropped in silence;
//! - a file is hostile until read: no recursion, bounded counts, no panic.
//!
//! Formats: Guichet's own ([`write_plan`] writes it) and seats.io charts. pretix plans are not read yet: that is a later piece
//! of work, one more module and one more [`PlanFormat`].
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
mod seatsio;

use std::fmt;

use guichet_domain::seating::SeatingPlan;

pub use faults::PlanErrors;
pub use own::write_plan;

/// A file format that plans are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanFormat {
    /// Guichet's own.
    Guichet,
    /// A chart of seats.io.
    SeatsIo,
}

impl fmt::Display for PlanFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guichet => "Guichet plan",
            Self::SeatsIo => "seats.io chart",
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
    /// What the file holds that cannot be sold yet, each with its path: `subChart.tables[0] "T1": tables are not sold yet`.
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
    };
    Ok(ReadPlan { plan, format, unsold })
}
