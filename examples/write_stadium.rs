//! Prints the plan of a stadium of 80,000 seats, in Guichet's own format, to try out what a large house costs.
//!
//! `cargo run -p guichet-examples --example write_stadium > stadium.json`, then `guichet venue show stadium.json`.

use std::io::Write;

fn main() -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(guichet_plans::write_plan(&guichet_examples::stadium()).as_bytes())?;
    Ok(())
}
