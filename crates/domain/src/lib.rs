//! Guichet's rules, and nothing else.
//!
//! A command is decided against a [`State`] into events or a [`Rejection`]; events change the state. There is no I/O, no clock, no
//! randomness and no serialisation here: the time is an argument, ids are counted, and the same records in the same order always
//! give the same state. That is what makes replay equal to what happened.
//!
//! Read in this order: [`seating`], [`revision`], [`show`], [`inventory`], [`best`], [`hold`], [`order`], [`commands`], [`event`], [`saga`],
//! [`state`].

pub mod across;
pub mod after_sale;
pub mod best;
pub mod commands;
pub mod dedup;
pub mod dense;
pub mod event;
mod evolve;
pub mod hold;
pub mod id;
pub mod inventory;
pub mod key;
pub mod money;
mod neighbours;
pub mod order;
pub mod organiser;
pub mod parts;
pub mod record;
pub mod rejection;
pub mod revision;
pub mod saga;
pub mod seating;
pub mod show;
pub mod state;

pub use commands::Command;
pub use event::Event;
pub use id::{ApiKeyId, HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};
pub use record::{KeyStamp, Record};
pub use rejection::Rejection;
pub use state::State;
