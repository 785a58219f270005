//! What is printed, and how: data on stdout, talk on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::{Deserialize, Serialize};

/// The form of the data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// For programs: the API's own JSON.
    Json,
}

/// Stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// The form of the data.
    pub(crate) output: Output,
    /// Whether only errors are wanted on stderr.
    pub(crate) quiet: bool,
}

impl Screen {
    pub(crate) fn new(output: Output, quiet: bool) -> Self {
        Self { output, quiet }
    }

    /// Prints data: as JSON, or as the text that is made of it.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn data<T: Serialize>(&self, data: &T, text: impl FnOnce(&T) -> String) -> io::Result<()> {
        match self.output {
            Output::Table => self.line(text(data)),
            Output::Json => self.line(serde_json::to_string_pretty(data)?),
        }
    }

    /// Prints a line of data; nothing when it is empty.
    ///
    /// # Errors
    /// When stdout cannot be written.
    #[allow(clippy::unused_self, reason = "stdout belongs to the screen")]
    pub(crate) fn line(&self, line: impl Display) -> io::Result<()> {
        let line = line.to_string();
        if line.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{}", line.trim_end())?;
        out.flush()
    }

    /// Says something to people.
    pub(crate) fn say(&self, text: impl Display) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }
}

/// Whether a stream takes colours: only a terminal does, and only if nobody minds.
pub(crate) fn colours_on(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A table about to be filled.
pub(crate) struct Rows(Table);

impl Rows {
    /// With these headings; those that end with `#` are over numbers, which are aligned to the right.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let bold = colours_on(&io::stdout());
        table.set_header(headings.iter().map(|heading| {
            let cell = Cell::new(heading.trim_end_matches('#').to_uppercase());
            if bold { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        for (column, heading) in table.column_iter_mut().zip(headings) {
            column.set_padding((0, 2));
            if heading.ends_with('#') {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self(table)
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: &[&dyn Display]) {
        self.0.add_row(cells.iter().map(|cell| {
            let text = cell.to_string();
            Cell::new(if text.is_empty() { "-".to_owned() } else { text })
        }));
    }

    /// The whole table.
    pub(crate) fn text(&self) -> String {
        self.0.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// Names and values, one a line; lines without a value are left out.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// One more line.
    pub(crate) fn field(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    /// One more line if there is something to say.
    pub(crate) fn maybe<T: Display>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The lines of another, after these.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let lines = self.0.iter().map(|(name, value)| format!("{name:width$}  {value}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}
