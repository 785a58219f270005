//! `guichet top`: a live picture of a server, drawn in the terminal.
//!
//! Everything that happens is an `events::Event` on one bounded channel: the keyboard, the clock and the network's tasks send,
//! `state::State` takes in, `draw` makes a picture of it. Drawing never waits for the network, and the state and its picture are
//! pure: a test gives events and reads the screen.
//!
//! Reading order: `events`, `state` with `rates` and `sales`, `draw` with `theme`, `feed`, `terminal`.

mod draw;
mod events;
mod feed;
mod rates;
mod sales;
#[cfg(test)]
mod screens;
mod state;
mod terminal;
mod theme;

use std::io;
use std::time::Duration;

use guichet_api::Client;
use jiff::Timestamp;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{self, Instant};

use events::Event;
use state::State;
use terminal::Screen;
use theme::Theme;

/// Events that may wait for the state: some milliseconds of a rush. When it is full the stream is read more slowly, and nothing is lost.
const EVENTS_WAITING_MAX: usize = 4_096;
/// Time from one picture to the next: ten a second is as much as eyes follow.
const PICTURE_EVERY: Duration = Duration::from_millis(100);
/// Asking more often than this costs the server more than it tells.
const REFRESH_MIN: Duration = Duration::from_millis(200);

/// How the dashboard behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopOptions {
    /// Time from one question about status and shows to the next, at least 200 ms; the events of the stream come at once in any case.
    pub refresh: Duration,
}

impl Default for TopOptions {
    fn default() -> Self {
        Self { refresh: Duration::from_secs(1) }
    }
}

/// The dashboard could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// There is nothing to draw on.
    #[error("stdout is not a terminal; run this in one, or ask for the same numbers over HTTP at /v1/status and /metrics")]
    NotATerminal,
    /// The terminal failed.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// Some part of the process panicked; its message has been printed.
    #[error("the dashboard ended because a part of the program panicked; the message above says where")]
    Panicked,
    /// A task of the dashboard ended before its time.
    #[error("a task of the dashboard broke: {0}")]
    Task(#[from] JoinError),
}

/// Shows the dashboard until `q`, Ctrl-C or a signal ends it. A server that does not answer is shown as such, and asked again.
///
/// The terminal is as it was when this returns, fails, panics or is dropped.
///
/// # Errors
/// When stdout is not a terminal, or the terminal fails.
pub async fn run(client: Client, options: TopOptions) -> Result<(), TuiError> {
    let mut screen = Screen::open()?;
    let mut state = State::new(client.base(), Timestamp::now());
    let (events, mut incoming) = mpsc::channel(EVENTS_WAITING_MAX);
    let mut tasks = JoinSet::new();
    feed::start(&mut tasks, client, options.refresh.max(REFRESH_MIN), &events);
    terminal::start(&mut tasks, events);
    live(&mut screen, &mut state, &mut incoming, &mut tasks, Theme::of_environment()).await
}

async fn live(
    screen: &mut Screen,
    state: &mut State,
    incoming: &mut Receiver<Event>,
    tasks: &mut JoinSet<()>,
    theme: Theme,
) -> Result<(), TuiError> {
    let mut waiting = Vec::with_capacity(EVENTS_WAITING_MAX);
    let (mut changed, mut next_picture) = (true, Instant::now());
    while !state.quit() {
        tokio::select! {
            () = time::sleep_until(next_picture), if changed => {
                screen.draw(|frame| draw::draw(frame, state, theme))?;
                (changed, next_picture) = (false, Instant::now() + PICTURE_EVERY);
            }
            _ = incoming.recv_many(&mut waiting, EVENTS_WAITING_MAX) => {
                for event in waiting.drain(..) {
                    changed |= state.apply(event);
                }
            }
            // The tasks have no end of their own. One that ends has panicked, or has lost the terminal's input: then so has the user.
            Some(ended) = tasks.join_next() => return Ok(ended?),
        }
    }
    Ok(())
}
