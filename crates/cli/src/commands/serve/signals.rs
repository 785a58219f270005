//! What an operator says to a running server by signals.

use std::io;

use guichet_server::Tls;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::output::Screen;

/// A hangup reads the certificate again. Without one there is nothing to read, and no reason to end.
pub(super) async fn read_again(mut hangup: Signal, tls: Option<Tls>) {
    while hangup.recv().await.is_some() {
        match &tls {
            Some(tls) => tls.reload_and_say(),
            None => tracing::info!("there is nothing that could be read again"),
        }
    }
}

/// What ends a server.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first signal lets requests in flight end, the second does not.
    pub(super) async fn cancel(mut self, shutdown: CancellationToken, screen: Screen) {
        self.next().await;
        screen.say("stopping: requests in flight may end; a second signal stops at once");
        shutdown.cancel();
        self.next().await;
        screen.say("stopped at once; what was answered is durable");
        std::process::exit(1);
    }
}
