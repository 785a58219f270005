//! What a check says.

use std::fmt;

use serde::Serialize;

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// Something does not work, or will lose something.
    Problem,
    /// Something is not as it should be in earnest.
    Warning,
    /// As it should be.
    Fine,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// What was looked at.
    about: &'static str,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.level {
            Level::Problem => "PROBLEM",
            Level::Warning => "warning",
            Level::Fine => "fine",
        };
        write!(f, "{mark:<8} {:<10} {}", self.about, self.found)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n{:<20}{advice}", ""))
    }
}

/// Everything that was looked at.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn problem(&mut self, about: &'static str, found: impl fmt::Display, advice: impl fmt::Display) {
        self.add(Level::Problem, about, &found, Some(advice.to_string()));
    }

    pub(super) fn warning(&mut self, about: &'static str, found: impl fmt::Display, advice: impl fmt::Display) {
        self.add(Level::Warning, about, &found, Some(advice.to_string()));
    }

    pub(super) fn fine(&mut self, about: &'static str, found: impl fmt::Display) {
        self.add(Level::Fine, about, &found, None);
    }

    fn add(&mut self, level: Level, about: &'static str, found: &impl fmt::Display, advice: Option<String>) {
        self.0.push(Finding { level, about, found: found.to_string(), advice });
    }

    pub(super) fn worst_first(mut self) -> Vec<Finding> {
        // Stable: what belongs together stays together.
        self.0.sort_by_key(|finding| finding.level);
        self.0
    }
}
