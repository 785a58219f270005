//! The terminal: taken over while a [`Screen`] lives, and given back as it was, whatever happens. Also its keys, and the signals that
//! would end the process without giving it back.

use std::io::{self, IsTerminal, Stdout};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{Event as Input, EventStream, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use futures_util::StreamExt;
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use crate::TuiError;
use crate::events::{Event, Key};

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The terminal, taken over.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    guard: Guard,
}

impl Screen {
    /// Takes the terminal over.
    pub(crate) fn open() -> Result<Self, TuiError> {
        if !io::stdout().is_terminal() {
            return Err(TuiError::NotATerminal);
        }
        // Made first: what fails after it is undone by it.
        let guard = Guard::new();
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen)?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self { terminal, guard })
    }

    /// Draws a picture; only what differs from the last one is written. After a panic anywhere the terminal is not ours any more.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> Result<(), TuiError> {
        if self.guard.panicked.load(Ordering::Acquire) {
            return Err(TuiError::Panicked);
        }
        self.terminal.draw(picture)?;
        Ok(())
    }
}

/// Gives the terminal back, at its end or before the message of a panic, which would be lost with the alternate screen.
struct Guard {
    hook_before: Arc<Hook>,
    panicked: Arc<AtomicBool>,
}

impl Guard {
    fn new() -> Self {
        let hook_before: Arc<Hook> = Arc::from(panic::take_hook());
        let panicked = Arc::<AtomicBool>::default();
        let (next, flag) = (Arc::clone(&hook_before), Arc::clone(&panicked));
        panic::set_hook(Box::new(move |info| {
            // Once only: leaving the alternate screen again would put the cursor back over the message.
            if !flag.swap(true, Ordering::AcqRel) {
                give_back();
            }
            next(info);
        }));
        Self { hook_before, panicked }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.panicked.load(Ordering::Acquire) {
            give_back();
        }
        // Hooks cannot be changed by a thread that panics.
        if !std::thread::panicking() {
            let hook_before = Arc::clone(&self.hook_before);
            panic::set_hook(Box::new(move |info| hook_before(info)));
        }
    }
}

/// Nothing can be done about an error here: the terminal is gone.
fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
}

/// Starts the tasks that listen to keys and to signals.
pub(crate) fn start(tasks: &mut JoinSet<()>, events: Sender<Event>) {
    tasks.spawn(signals(events.clone()));
    tasks.spawn(async move {
        let mut inputs = EventStream::new();
        while let Some(Ok(input)) = inputs.next().await {
            if let Some(event) = understood(&input)
                && events.send(event).await.is_err()
            {
                return;
            }
        }
    });
}

/// The signals that ask the process to end, and would leave the terminal as it is.
#[cfg(unix)]
async fn signals(events: Sender<Event>) {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
    if let [Ok(mut terminate), Ok(mut hangup), Ok(mut interrupt)] = kinds.map(signal) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = events.send(Event::Key(Key::Quit)).await;
    }
    // This task's end would end the dashboard before it has taken the key in; without signals it goes on.
    std::future::pending().await
}

#[cfg(not(unix))]
async fn signals(events: Sender<Event>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        let _ = events.send(Event::Key(Key::Quit)).await;
    }
    std::future::pending().await
}

/// What an input means, if anything.
fn understood(input: &Input) -> Option<Event> {
    let key = match input {
        Input::Resize(..) => return Some(Event::Resized),
        Input::Key(key) if key.kind != KeyEventKind::Release => key,
        _ => return None,
    };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(Event::Key(match key.code {
        KeyCode::Char('c') if control => Key::Quit,
        _ if control => return None,
        KeyCode::Char('q' | 'Q') => Key::Quit,
        KeyCode::Char('?' | 'h') => Key::Help,
        KeyCode::Esc => Key::Escape,
        KeyCode::Up | KeyCode::Char('k') => Key::Up,
        KeyCode::Down | KeyCode::Char('j') => Key::Down,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    #[test]
    fn keys_mean_what_the_help_says() {
        let press = |code, modifiers| match understood(&Input::Key(KeyEvent::new(code, modifiers))) {
            Some(Event::Key(key)) => Some(key),
            _ => None,
        };
        let plain = KeyModifiers::NONE;
        assert_eq!(press(KeyCode::Char('q'), plain), Some(Key::Quit));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(press(KeyCode::Char('c'), plain), None);
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
        assert_eq!(press(KeyCode::Char('?'), KeyModifiers::SHIFT), Some(Key::Help));
        assert_eq!(press(KeyCode::Esc, plain), Some(Key::Escape));
        assert_eq!(press(KeyCode::Down, plain), Some(Key::Down));
        assert!(matches!(understood(&Input::Resize(90, 30)), Some(Event::Resized)));
    }
}
