//! Data that the examples, the demo, the benches and the tests share.

mod stadium;

pub use stadium::stadium;

/// The race track: 8,897 seats in seats.io's chart format (MIT, see `data/README.md`).
pub static RACE_TRACK: &[u8] = include_bytes!("data/race-track.json");
