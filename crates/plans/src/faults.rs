//! Faults and the paths that they carry.
//!
//! A plan is repaired by a person in another program, so each fault names its place in the file that the person has, and all
//! faults come at once. A path is built from borrowed steps and becomes text only for a fault: a chart without faults pays
//! nothing for it. A hostile file can hold more faults than memory, so only so many are kept; the rest are counted.

use std::collections::HashSet;
use std::fmt;

use guichet_domain::seating::PlanFault;

/// More faults than anybody repairs by hand, and about two megabytes of them.
const FAULTS_KEPT_MAX: usize = 10_000;

/// Lines that [`PlanErrors`] prints: what fits on a screen or two. The rest is counted.
const FAULTS_PRINTED_MAX: usize = 50;
const _: () = assert!(FAULTS_PRINTED_MAX <= FAULTS_KEPT_MAX);

/// Why a plan was refused: every fault with its path in the file, in the order of the checks.
///
/// Displayed, it is one fault a line, at most 50, then `and N more`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Listing(self))]
pub struct PlanErrors {
    faults: Vec<PlanFault>,
    omitted: usize,
}

impl PlanErrors {
    /// The faults, never empty; of a file with more than 10,000 faults, the first 10,000.
    #[must_use]
    pub fn faults(&self) -> &[PlanFault] {
        &self.faults
    }

    /// How many faults there are, those included that are not in [`PlanErrors::faults`].
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults.len().saturating_add(self.omitted)
    }

    /// One fault that makes looking for others pointless.
    pub(crate) fn one(path: impl Into<String>, what: impl Into<String>) -> Self {
        let fault = PlanFault { path: path.into(), what: what.into() };
        Self { faults: vec![fault], omitted: 0 }
    }
}

/// The printed form of [`PlanErrors`].
struct Listing<'a>(&'a PlanErrors);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printed = self.0.faults.len().min(FAULTS_PRINTED_MAX);
        for (index, fault) in self.0.faults[..printed].iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        match self.0.count() - printed {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// Collects faults while a plan is read.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    kept: Vec<PlanFault>,
    omitted: usize,
}

impl Faults {
    /// Notes a fault.
    pub(crate) fn add(&mut self, path: Path<'_>, what: impl Into<String>) {
        if self.kept.len() < FAULTS_KEPT_MAX {
            self.add_at(path.to_string(), what);
        } else {
            self.omitted += 1;
        }
    }

    /// Notes a fault at a path that is written already.
    pub(crate) fn add_at(&mut self, path: String, what: impl Into<String>) {
        self.add_fault(PlanFault { path, what: what.into() });
    }

    /// Notes a fault that another check has found.
    pub(crate) fn add_fault(&mut self, fault: PlanFault) {
        if self.kept.len() < FAULTS_KEPT_MAX {
            self.kept.push(fault);
        } else {
            self.omitted += 1;
        }
    }

    /// Notes the faults of a later check of the same thing: what is wrong at a place where something is wrong already follows from that.
    pub(crate) fn add_new(&mut self, later: impl IntoIterator<Item = PlanFault>) {
        let known: HashSet<String> = self.kept.iter().map(|fault| fault.path.clone()).collect();
        for fault in later {
            if !known.contains(&fault.path) {
                self.add_fault(fault);
            }
        }
    }

    /// Takes over the faults of a part.
    pub(crate) fn append(&mut self, part: Self) {
        for fault in part.kept {
            self.add_fault(fault);
        }
        self.omitted += part.omitted;
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.omitted
    }

    /// `value` when nothing was wrong, all faults otherwise.
    pub(crate) fn or<T>(self, value: T) -> Result<T, PlanErrors> {
        if self.kept.is_empty() { Ok(value) } else { Err(PlanErrors { faults: self.kept, omitted: self.omitted }) }
    }
}

/// A place in the file, such as `subChart.rows[3].seats[7].label`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl Path<'_> {
    /// The whole file.
    pub(crate) const DOCUMENT: Path<'static> = Path { parent: None, name: "document", index: None };

    /// A field of the object here.
    pub(crate) fn field<'b>(&'b self, name: &'static str) -> Path<'b> {
        Path { parent: Some(self), name, index: None }
    }

    /// A field whose name only the file knows; whatever is not plain text in it stays off the reader's screen.
    pub(crate) fn named(&self, name: &str) -> String {
        let name = name.escape_debug();
        if self.parent.is_some() { format!("{self}.{name}") } else { name.to_string() }
    }

    /// An entry of the list that is the field `name` of the object here.
    pub(crate) fn entry<'b>(&'b self, name: &'static str, index: usize) -> Path<'b> {
        Path { parent: Some(self), name, index: Some(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The document itself is named only when it is the place.
        if let Some(parent) = self.parent.filter(|parent| parent.parent.is_some()) {
            write!(f, "{parent}.")?;
        }
        match self.index {
            Some(index) => write!(f, "{}[{index}]", self.name),
            None => f.write_str(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_people_write_it() {
        let chart = Path::DOCUMENT.field("subChart");
        let row = chart.entry("rows", 3);
        assert_eq!(Path::DOCUMENT.to_string(), "document");
        assert_eq!(row.field("label").to_string(), "subChart.rows[3].label");
    }

    #[test]
    fn printing_stops_at_fifty_and_keeping_at_ten_thousand() {
        let mut faults = Faults::default();
        for index in 0..FAULTS_KEPT_MAX + 5 {
            faults.add(Path::DOCUMENT.entry("seats", index), "wrong");
        }
        let errors = faults.or(()).unwrap_err();
        assert_eq!(errors.faults().len(), FAULTS_KEPT_MAX);
        assert_eq!(errors.count(), FAULTS_KEPT_MAX + 5);
        let printed = errors.to_string();
        assert_eq!(printed.lines().count(), FAULTS_PRINTED_MAX + 1);
        assert_eq!(printed.lines().nth(49), Some("seats[49]: wrong"));
        assert!(printed.ends_with("\nand 9955 more"));
    }

    #[test]
    fn fifty_faults_are_printed_whole() {
        let mut faults = Faults::default();
        for index in 0..FAULTS_PRINTED_MAX {
            faults.add(Path::DOCUMENT.entry("seats", index), "wrong");
        }
        let printed = faults.or(()).unwrap_err().to_string();
        assert_eq!(printed.lines().count(), 50);
        assert!(!printed.contains("more"));
    }
}
