//! Watchers. A few read and understand every event as it comes; the rest are read now and then by one thread and only counted, so that
//! the cost of thousands of browsers is not taken from the server's cores.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use guichet_api::{Client, FollowedSeats, SeatState, StreamEvent};
use hdrhistogram::Histogram;
use tokio::io::AsyncReadExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::sale::Replied;
use crate::server::Server;

/// Watchers that understand what they are told.
const ASKED: usize = 50;
/// How often the others are read.
const SWEEP: Duration = Duration::from_millis(500);
/// Longest that the last changes may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// What those who understand have seen.
pub(crate) struct Told {
    pub(crate) delay: Histogram<u64>,
    pub(crate) deltas_per_second: f64,
    pub(crate) asked: usize,
    pub(crate) right: usize,
}

/// Everybody who watches.
pub(crate) struct Crowd {
    bytes: Arc<AtomicU64>,
    leave: Arc<AtomicBool>,
    counted: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
    asked: JoinSet<anyhow::Result<Asked>>,
}

impl Crowd {
    /// Comes together; everybody has been told the seats when this returns.
    pub(crate) async fn gather(server: &Server, watchers: usize, replied: Replied) -> anyhow::Result<Self> {
        let (bytes, told) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
        let (leave, stop) = (Arc::new(AtomicBool::new(false)), CancellationToken::new());
        let request = |version: &str| {
            let (path, secret) = (format!("/v1/shows/{}/seats/stream", server.show), &server.secret);
            format!("GET {path} HTTP/{version}\r\nhost: localhost\r\nauthorization: Bearer {secret}\r\n\r\n").into_bytes()
        };
        let mut asked = JoinSet::new();
        for _ in 0..ASKED.min(watchers) {
            // HTTP/1.0, so that the events come without chunks between them.
            let mut stream = TcpStream::connect(server.address)?;
            stream.write_all(&request("1.0"))?;
            stream.set_nonblocking(true)?;
            let stream = tokio::net::TcpStream::from_std(stream)?;
            let watcher = Asked::new(Arc::clone(&bytes), replied.clone());
            asked.spawn(watcher.watch(stream, stop.clone()));
        }
        let (address, request, others) = (server.address, request("1.1"), watchers.saturating_sub(ASKED));
        let counted = {
            let (bytes, told, leave) = (Arc::clone(&bytes), Arc::clone(&told), Arc::clone(&leave));
            std::thread::spawn(move || {
                let mut streams = Vec::with_capacity(others);
                for _ in 0..others {
                    let mut stream = TcpStream::connect(address)?;
                    stream.write_all(&request)?;
                    stream.set_nonblocking(true)?;
                    streams.push((stream, false));
                }
                while !leave.load(Ordering::Acquire) {
                    for (stream, was_told) in &mut streams {
                        let read = drain(stream)?;
                        bytes.fetch_add(read, Ordering::AcqRel);
                        if read > 0 && !std::mem::replace(was_told, true) {
                            told.fetch_add(1, Ordering::AcqRel);
                        }
                    }
                    std::thread::sleep(SWEEP);
                }
                Ok(())
            })
        };
        while told.load(Ordering::Acquire) < others && !counted.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Self { bytes, leave, counted, stop, asked })
    }

    /// Bytes that all have been told so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    /// Goes away, and says what was seen. The last changes must have come by then.
    pub(crate) async fn leave(mut self, server: &Server) -> anyhow::Result<Told> {
        let client = Client::new(&format!("http://{}", server.address), Some(&server.secret))?;
        let seats = client.seats(&server.show, false).await?.value.decode()?;
        tokio::time::sleep(PATIENCE / 5).await;
        self.stop.cancel();
        self.leave.store(true, Ordering::Release);
        let mut told = Told { delay: Histogram::new(3)?, deltas_per_second: 0.0, asked: 0, right: 0 };
        while let Some(watcher) = self.asked.join_next().await {
            let watcher = watcher??;
            told.asked += 1;
            told.right += usize::from(watcher.followed.states() == Some(&seats));
            told.deltas_per_second = watcher.deltas_per_second();
            told.delay.add(watcher.delay)?;
        }
        let counted = tokio::task::spawn_blocking(|| self.counted.join()).await?;
        counted.map_err(|_| anyhow::anyhow!("the watchers that are counted failed"))??;
        Ok(told)
    }
}

/// Reads what is there.
fn drain(stream: &mut TcpStream) -> anyhow::Result<u64> {
    let (mut all, mut buffer) = (0, [0; 65_536]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => anyhow::bail!("the server closed a watcher's connection"),
            Ok(read) => all += read as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(all),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A watcher who understands what it is told.
struct Asked {
    bytes: Arc<AtomicU64>,
    replied: Replied,
    followed: FollowedSeats,
    delay: Histogram<u64>,
    deltas: usize,
    first: Option<Instant>,
    last: Instant,
}

impl Asked {
    fn new(bytes: Arc<AtomicU64>, replied: Replied) -> Self {
        let delay = Histogram::new(3).unwrap_or_else(|_| unreachable!("3 digits are possible"));
        Self { bytes, replied, followed: FollowedSeats::default(), delay, deltas: 0, first: None, last: Instant::now() }
    }

    async fn watch(mut self, mut stream: tokio::net::TcpStream, stop: CancellationToken) -> anyhow::Result<Self> {
        let (mut text, mut buffer) = (String::new(), vec![0; 65_536]);
        while let Some(read) = stop.run_until_cancelled(stream.read(&mut buffer)).await {
            let read = read?;
            anyhow::ensure!(read > 0, "the server closed a watcher's connection");
            self.bytes.fetch_add(read as u64, Ordering::AcqRel);
            text.push_str(std::str::from_utf8(&buffer[..read])?);
            while let Some(end) = text.find("\n\n") {
                self.take(&text[..end])?;
                text.drain(..end + 2);
            }
        }
        Ok(self)
    }

    fn take(&mut self, event: &str) -> anyhow::Result<()> {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let (Some(id), Some(name), Some(data)) = (field("id: "), field("event: "), field("data: ")) else { return Ok(()) };
        let before = self.followed.states().cloned();
        self.followed.take(&StreamEvent { id, event: name, data })?;
        let (Some(before), Some(now)) = (before, self.followed.states()) else { return Ok(()) };
        self.deltas += 1;
        self.last = Instant::now();
        self.first.get_or_insert(self.last);
        for (seat, (before, now)) in (0..).zip(before.iter().zip(now.iter())) {
            if before != now && now == SeatState::Held {
                self.delay.record(self.replied.since(seat))?;
            }
        }
        Ok(())
    }

    fn deltas_per_second(&self) -> f64 {
        let seconds = self.first.map_or(0.0, |first| self.last.duration_since(first).as_secs_f64());
        if seconds > 0.0 { (self.deltas as f64 - 1.0) / seconds } else { 0.0 }
    }
}
