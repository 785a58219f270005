//! Prints the plan in a file as pretix JSON, and to the error output what pretix cannot hold.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

use std::error::Error;

use guichet_plans::{PlanFormat, read_plan, write_plan_as};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("which file?")?;
    let written = write_plan_as(PlanFormat::Pretix, &read_plan(&std::fs::read(file)?)?.plan)?;
    print!("{}", written.text);
    written.lost.iter().for_each(|lost| eprintln!("{lost}"));
    Ok(())
}
