//! Holds at a steady rate, whatever the server makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::server::{PRODUCT, SEATS, Server, label};

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// Seats of a hold.
pub(crate) const PARTY: u32 = 2;
const CONNECTIONS: u32 = 32;
/// Has no divisor in common with the number of parties, so every party gets other seats, all over the house.
const STRIDE: u32 = 16_381;
/// Of a hold that has not been answered.
const NEVER: u64 = u64::MAX;

/// When the hold of a seat was answered.
#[derive(Clone)]
pub(crate) struct Replied {
    began: Instant,
    micros: Arc<[AtomicU64]>,
}

impl Replied {
    fn record(&self, seat: u32) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(NEVER);
        if let Some(at) = self.micros.get(seat as usize) {
            at.store(micros, Ordering::Release);
        }
    }

    /// Microseconds since then; none when the answer is still on its way.
    pub(crate) fn since(&self, seat: u32) -> u64 {
        let at = self.micros.get(seat as usize).map_or(NEVER, |at| at.load(Ordering::Acquire));
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(NEVER).saturating_sub(at)
    }
}

/// Buyers on their connections.
pub(crate) struct Sale {
    senders: Vec<Sender>,
    path: String,
    authorization: String,
    per_second: u32,
    next_party: u32,
    replied: Replied,
}

impl Sale {
    pub(crate) async fn new(server: &Server, per_second: u32) -> anyhow::Result<Self> {
        let mut senders = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(server.address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            senders.push(sender);
        }
        Ok(Self {
            senders,
            path: format!("/v1/shows/{}/holds", server.show),
            authorization: format!("Bearer {}", server.secret),
            per_second,
            next_party: 0,
            replied: Replied { began: Instant::now(), micros: (0..SEATS).map(|_| AtomicU64::new(NEVER)).collect() },
        })
    }

    pub(crate) fn replied(&self) -> Replied {
        self.replied.clone()
    }

    /// Holds for so long. Each connection has every so-manyth hold; one that is late goes on at once, and the lateness counts.
    pub(crate) async fn run(&mut self, part: Duration) -> anyhow::Result<(usize, Histogram<u64>)> {
        let (began, interval) = (Instant::now(), Duration::from_secs(1) / self.per_second);
        let holds = u32::try_from(part.as_micros() / interval.as_micros())?;
        let (first, parties) = (self.next_party, SEATS / PARTY);
        anyhow::ensure!(first + holds <= parties, "the house is too small for so many holds: fewer --holds or --seconds");
        self.next_party += holds;
        let mut buyers = JoinSet::new();
        for (number, mut sender) in (0..).zip(self.senders.drain(..)) {
            let (path, authorization, replied) = (self.path.clone(), self.authorization.clone(), self.replied.clone());
            buyers.spawn(async move {
                let mut latencies = Vec::new();
                for hold in (number..holds).step_by(CONNECTIONS as usize) {
                    let due = began + interval * hold;
                    tokio::time::sleep_until(due.into()).await;
                    let seat = u64::from(first + hold) * u64::from(STRIDE) % u64::from(parties) * u64::from(PARTY);
                    let seats = u32::try_from(seat)?..u32::try_from(seat)? + PARTY;
                    let labels: Vec<_> = seats.clone().map(label).collect();
                    let body = serde_json::json!({"items": [{"product": PRODUCT, "seats": labels}], "ttl_s": 600}).to_string();
                    let request = Request::post(&path)
                        .header("host", "localhost")
                        .header("authorization", &authorization)
                        .header("content-type", "application/json")
                        .body(Full::new(Bytes::from(body)))?;
                    let answer = sender.send_request(request).await?;
                    anyhow::ensure!(answer.status().is_success(), "answered {}", answer.status());
                    answer.into_body().collect().await?;
                    latencies.push(due.elapsed());
                    seats.for_each(|seat| replied.record(seat));
                }
                Ok::<_, anyhow::Error>((sender, latencies))
            });
        }
        let mut latency = Histogram::new(3)?;
        while let Some(bought) = buyers.join_next().await {
            let (sender, latencies) = bought??;
            self.senders.push(sender);
            for one in latencies {
                latency.record(u64::try_from(one.as_micros())?)?;
            }
        }
        Ok((holds as usize, latency))
    }
}
