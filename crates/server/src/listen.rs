//! Connections: taking them, serving them, and letting them end.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use guichet_core::Guichet;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::config::ServerConfig;
use crate::peer::Peer;
use crate::routes;
use crate::tls::Tls;

/// How long a connection may be idle or take to send its headers: longer than the 90 s that clients keep idle connections, so that the
/// client closes first and never writes into a closing connection.
const HEADERS_PATIENCE: Duration = Duration::from_secs(120);
/// How long a client may take to agree on TLS.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of the headers of a request; a whole page of cookies is a few thousand.
const HEADERS_BYTES_MAX: u32 = 64 << 10;
/// Requests at once on one HTTP/2 connection; a load generator has few connections with many requests.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_024;
/// What the kernel keeps of what a client does not read, before it doubles it; by itself it would keep up to 4 MiB. The watchers of a
/// show are many, and each that does not read costs this. On a way of 100 ms it still lets 1 to 2 MB/s through to each connection.
const SEND_BUFFER_BYTES: u32 = 128 << 10;
/// Connections that wait to be taken, as tokio has it.
const BACKLOG: u32 = 1_024;
/// Out of file descriptors, for instance: trying again at once would only burn a core.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// The server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Somebody listens there already.
    #[error("{address} is taken: another program listens there; stop it, or choose another address with --listen")]
    PortTaken {
        /// Where.
        address: SocketAddr,
    },
    /// The operating system keeps this port for privileged programs.
    #[error("{address} may not be used by this user; choose a port of 1024 or above with --listen")]
    NotPermitted {
        /// Where.
        address: SocketAddr,
    },
    /// No network interface has this address.
    #[error("this machine does not have the address {address}; choose one that it has with --listen, or 0.0.0.0 for all")]
    NoSuchAddress {
        /// Where.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Begins to listen; port 0 takes any free port. Do it before the engine opens: it fails fast.
///
/// # Errors
/// When the address cannot be listened on; the message says the way out.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    listen(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ServerError::PortTaken { address },
        ErrorKind::PermissionDenied => ServerError::NotPermitted { address },
        ErrorKind::AddrNotAvailable => ServerError::NoSuchAddress { address },
        _ => ServerError::Listen { address, source },
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // What was bound to it a moment ago may still have connections that end.
    socket.set_reuseaddr(true)?;
    // Connections have it from their listener.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown` is cancelled, then takes no more connections, ends streams of events, finishes requests in flight for as
/// long as the settings allow, and returns. The engine stays open.
///
/// # Errors
/// None so far: a connection that fails is its own business.
pub async fn serve(listener: TcpListener, engine: Guichet, config: ServerConfig, shutdown: CancellationToken) -> Result<(), ServerError> {
    let patience = config.shutdown_patience;
    let tls = config.tls.clone();
    let app = Arc::new(App::new(engine, config, shutdown.clone()));
    let router = TowerToHyperService::new(routes::router(app));
    let connections = TaskTracker::new();
    // Cancelled when patience is over: what is left of the connections is dropped.
    let abort = CancellationToken::new();
    let acceptor = tls.as_ref().map(Tls::acceptor);
    if let Some(tls) = tls {
        connections.spawn(tls.follow(shutdown.clone()));
    }
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let conversation = Conversation { peer, router: router.clone(), shutdown: shutdown.clone() };
                let connection = conversation.begin(stream, acceptor.clone());
                let abort = abort.clone();
                connections.spawn(async move {
                    abort.run_until_cancelled(connection).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(patience, connections.wait()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests did not end in time and are dropped; what they sent is decided all the same"
        );
        abort.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// One connection.
struct Conversation {
    peer: SocketAddr,
    router: TowerToHyperService<axum::Router>,
    shutdown: CancellationToken,
}

impl Conversation {
    async fn begin(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        // Answers are small and written whole: waiting for more to send would only cost time.
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = acceptor else { return self.go_on(stream).await };
        let peer = self.peer;
        match tokio::time::timeout(HANDSHAKE_PATIENCE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.go_on(stream).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS came about"),
            Err(_) => tracing::debug!(%peer, "no TLS came about in time"),
        }
    }

    async fn go_on(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { peer, router, shutdown } = self;
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.call(request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_PATIENCE).max_buf_size(HEADERS_BYTES_MAX as usize);
        let mut http2 = builder.http2();
        http2.timer(TokioTimer::new()).max_concurrent_streams(STREAMS_PER_CONNECTION_MAX).max_header_list_size(HEADERS_BYTES_MAX);
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "a connection broke");
        }
    }
}
