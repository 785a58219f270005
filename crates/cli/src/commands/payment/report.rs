//! What became of the rows of a statement.

use guichet_api::Money;
use serde::Serialize;

use crate::money::readable;
use crate::output::Rows;

/// All of it, as programs get it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Nothing was booked: this is what would be.
    pub(super) dry_run: bool,
    /// Whether every row is booked or was before.
    pub(super) ok: bool,
    /// Rows in the file.
    pub(super) rows: usize,
    pub(super) booked: Vec<Booking>,
    /// Booked before.
    pub(super) known: Vec<Booking>,
    pub(super) unmatched: Vec<Miss>,
}

/// A row that is booked.
#[derive(Debug, Serialize)]
pub(super) struct Booking {
    pub(super) line: u64,
    /// The order's short code.
    pub(super) order: String,
    pub(super) amount: Money,
}

/// A row that is not.
#[derive(Debug, Serialize)]
pub(super) struct Miss {
    pub(super) line: u64,
    /// For programs: `no_order_code`, `unknown_order`, `wrong_amount`, ...
    pub(super) reason: String,
    /// For people.
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) received: Option<Money>,
}

impl Miss {
    pub(super) fn new(reason: &str, detail: String) -> Self {
        Self { line: 0, reason: reason.to_owned(), detail, order: None, expected: None, received: None }
    }

    fn sentence(&self) -> String {
        match (&self.expected, &self.received) {
            (Some(expected), Some(received)) => {
                format!("{}: {} expected, {} received", self.reason, readable(expected), readable(received))
            }
            _ => format!("{}: {}", self.reason, self.detail),
        }
    }
}

impl Report {
    /// For people: row by row as in the file, then the sums.
    pub(super) fn table(&self) -> String {
        let booked = if self.dry_run { "would be booked" } else { "booked" };
        let done = self.booked.iter().map(|row| (row, booked)).chain(self.known.iter().map(|row| (row, "already known")));
        let mut lines: Vec<(u64, String, String, String)> =
            done.map(|(row, what)| (row.line, row.order.clone(), readable(&row.amount), what.to_owned())).collect();
        lines.extend(
            self.unmatched.iter().map(|miss| {
                (miss.line, miss.order.clone().unwrap_or_default(), String::new(), format!("NOT MATCHED, {}", miss.sentence()))
            }),
        );
        lines.sort_unstable_by_key(|(line, ..)| *line);
        let mut rows = Rows::new(&["line#", "order", "amount#", "outcome"]);
        for (line, order, amount, outcome) in &lines {
            rows.row(&[line, order, amount, outcome]);
        }
        let sums = format!("{} {booked}, {} already known, {} not matched", self.booked.len(), self.known.len(), self.unmatched.len());
        format!("{}\n\n{sums}", rows.text())
    }
}
