//! A deterministic simulator: the real shard pipeline and the real journal, over a simulated disk, clock, network and payment
//! provider, with crashes at every point.
//!
//! One seed is one run, exactly. A run draws a world and a set of faults ([`plan`]), lets callers and misfortune loose on it
//! (`world`), and holds every record, answer and recovery against what must be true (`oracle`). At the end the faults stop, and
//! everything must come to rest with balanced books.
//!
//! ```text
//! cargo run -p guichet-sim --release -- --seeds 0..500
//! cargo run -p guichet-sim --release -- --seed 916 --steps 8000 --shrink
//! cargo run -p guichet-sim --release -- --hours 8
//! cargo run -p guichet-sim --release --features planted-bugs -- --planted torn-tail-kept
//! ```
//!
//! What must never be true here: a number, an order of iteration or a time that does not come from the seed.
//!
//! Reading order: [`rng`], [`plan`], [`clock`], [`disk`], `clients`, `world`, `oracle`, [`run`], [`shrink`](mod@shrink).

mod clients;
pub mod clock;
pub mod disk;
mod oracle;
pub mod plan;
pub mod rng;
pub mod run;
pub mod shrink;
pub mod stats;
mod trace;
mod world;

pub use run::{Failure, STEPS_DEFAULT, Success, run_many, run_seed, run_seed_without, run_while};
pub use shrink::shrink;
pub use stats::Stats;
