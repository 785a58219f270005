//! Plans written in a format that is asked for by name.

use std::str::FromStr;

use guichet_domain::seating::SeatingPlan;
use thiserror::Error;

use crate::{PlanFormat, own, pretix};

/// A plan as text, and what the format could not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub text: String,
    /// What is not in the file, or not as it was, each with its path in Guichet's own form of the plan.
    pub lost: Vec<String>,
}

/// A name that is no format to write.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("plans are not written as \"{0}\"; the formats are \"guichet\" and \"pretix\"")]
pub struct UnknownFormat(String);

impl UnknownFormat {
    /// For a name that is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl FromStr for PlanFormat {
    type Err = UnknownFormat;

    /// `guichet`, `pretix` or `seatsio`.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        match name {
            "guichet" => Ok(Self::Guichet),
            "pretix" => Ok(Self::Pretix),
            "seatsio" => Ok(Self::SeatsIo),
            other => Err(UnknownFormat(other.to_owned())),
        }
    }
}

/// Writes a plan in `format`.
///
/// # Errors
/// For seats.io, whose charts are only read.
pub fn write_plan_as(format: PlanFormat, plan: &SeatingPlan) -> Result<Written, UnknownFormat> {
    match format {
        PlanFormat::Guichet => Ok(Written { text: own::write_plan(plan), lost: Vec::new() }),
        PlanFormat::Pretix => Ok(pretix::write(plan)),
        PlanFormat::SeatsIo => Err(UnknownFormat("seatsio".into())),
    }
}
