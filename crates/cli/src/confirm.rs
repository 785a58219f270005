//! Asking before something is done that nobody can bring back.
//!
//! What must never be true: it is done and nobody has confirmed it.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};

use crate::failure::Failure;

/// Refuses what would have to ask and cannot. Before anything is asked of the server: a script must fail the same way whatever is there.
pub(crate) fn can_ask(yes: bool, what: &str) -> Result<(), Failure> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(format!("{what} needs a confirmation, and stdin is no terminal")))
}

/// Says what will happen and asks on the terminal, also when quiet was asked for: it is no talk.
pub(crate) fn ask(happens: impl Display, question: &str) -> io::Result<bool> {
    let mut err = io::stderr().lock();
    writeln!(err, "{happens}")?;
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    drop(err);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
