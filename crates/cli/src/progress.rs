//! What takes longer than a second says so, on a terminal and only there, and is gone when it is done.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Screen;

/// Nobody wonders sooner.
const SILENT: Duration = Duration::from_secs(1);
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Something that is under way, until it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped with this, which ends the wait for the first second.
    _over: Sender<()>,
}

impl Progress {
    /// Begins; `doing` is what people read, such as `checking the journal`.
    pub(crate) fn begin(screen: Screen, doing: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_message(doing);
        let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        let (over, waits) = mpsc::channel::<()>();
        if !screen.quiet {
            let shown = bar.clone();
            std::thread::spawn(move || {
                if waits.recv_timeout(SILENT) == Err(RecvTimeoutError::Timeout) {
                    // Hidden all the same where stderr is no terminal.
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(REDRAW_EVERY);
                    let _ = waits.recv();
                }
            });
        }
        Self { bar, _over: over }
    }

    /// So many of them are done.
    pub(crate) fn done(&self, count: usize, what: &str) {
        self.bar.set_prefix(format!("{count} {what}"));
        let style = ProgressStyle::with_template("{spinner} {msg}: {prefix}, {elapsed}");
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
