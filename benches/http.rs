//! Durable holds over HTTP, one per request, and whole orders of two requests each, beside a bare axum echo of the same body, with the
//! same client, interleaved in one run.
//!
//! `cargo bench --bench http`, with `-- --rounds N` for more than 5 rounds. Client and server share the machine's cores.
#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use axum::Json;
use axum::routing::post;
use bytes::Bytes;
use guichet_benches::{Measured, STANDING, open_sale, rounds};
use guichet_core::domain::key::Scope;
use guichet_core::{Config, Guichet};
use guichet_server::ServerConfig;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// Requests of one round.
const REQUESTS: usize = 20_000;
/// Orders of one round: two requests each, answered when they are confirmed.
const ORDERS: usize = 5_000;

fn main() -> anyhow::Result<()> {
    let rounds = rounds(5)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(rounds))
}

async fn run(rounds: usize) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(".")?;
    let engine = Guichet::open(Config::at(directory.path().join("data"))).await?;
    let show = open_sale(&engine, "one hot show").await?;
    let secret = engine.create_api_key(guichet_core::ApiKeyDraft::new("bench", Scope::Admin)).await?.secret;
    let listener = guichet_server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let guichet = listener.local_addr()?;
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(guichet_server::serve(listener, engine.clone(), ServerConfig::default(), shutdown.clone()));
    let echo = start_echo().await?;

    let body = serde_json::json!({"items": [{"product": STANDING, "quantity": 1}]}).to_string();
    let path = format!("/v1/shows/{show}/holds");
    println!("{rounds} rounds, interleaved; median (smallest to largest)");
    for connections in [64, 256] {
        let mut base = Measured::new("bare axum echo");
        let mut holds = Measured::new("holds over HTTP, fsync");
        let mut orders = Measured::new("whole orders over HTTP, fsync");
        let mut latency = Histogram::<u64>::new(3)?;
        for _ in 0..rounds {
            base.round(REQUESTS, load(echo, "/echo", &secret, &body, connections, None).await?);
            holds.round(REQUESTS, load(guichet, &path, &secret, &body, connections, Some(&mut latency)).await?);
            orders.round(ORDERS, buy(guichet, &path, &secret, &body, connections).await?);
        }
        println!("{connections} connections");
        base.print(None);
        holds.print(Some(&base));
        orders.print(Some(&holds));
        let ms = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1_000.0;
        println!("{:<44} p50 {:.2} ms  p99 {:.2} ms", "hold over HTTP", ms(0.5), ms(0.99));
    }
    let verification = engine.verify().await?;
    println!("verify: ok {}, {} events", verification.ok(), verification.checked_events());
    shutdown.cancel();
    server.await??;
    engine.close().await;
    Ok(())
}

async fn start_echo() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let echo = axum::Router::new().route("/echo", post(|Json(body): Json<serde_json::Value>| async move { Json(body) }));
    tokio::spawn(async move { axum::serve(listener, echo).await });
    Ok(address)
}

/// Sends the same request over so many connections, one after another on each, and checks every answer's status.
async fn load(
    address: SocketAddr,
    path: &str,
    secret: &str,
    body: &str,
    connections: usize,
    latency: Option<&mut Histogram<u64>>,
) -> anyhow::Result<Duration> {
    let senders = connect(address, connections).await?;
    let began = Instant::now();
    let workers: Vec<_> = senders
        .into_iter()
        .map(|mut sender| {
            let (path, authorization, body) = (path.to_owned(), format!("Bearer {secret}"), Bytes::from(body.to_owned()));
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(REQUESTS / connections);
                for _ in 0..REQUESTS / connections {
                    let request = Request::post(&path)
                        .header("host", "localhost")
                        .header("authorization", &authorization)
                        .header("content-type", "application/json")
                        .body(Full::new(body.clone()))?;
                    let asked = Instant::now();
                    let answer = sender.send_request(request).await?;
                    anyhow::ensure!(answer.status().is_success(), "answered {}", answer.status());
                    answer.into_body().collect().await?;
                    latencies.push(asked.elapsed());
                }
                Ok::<_, anyhow::Error>(latencies)
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    let took = began.elapsed();
    if let Some(latency) = latency {
        for one in all {
            latency.record(u64::try_from(one.as_micros())?)?;
        }
    }
    Ok(took)
}

async fn connect(address: SocketAddr, connections: usize) -> anyhow::Result<Vec<Sender>> {
    let mut senders = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        senders.push(sender);
    }
    Ok(senders)
}

/// Holds, orders and waits for the confirmation, over and over on each connection.
async fn buy(address: SocketAddr, path: &str, secret: &str, body: &str, connections: usize) -> anyhow::Result<Duration> {
    let senders = connect(address, connections).await?;
    let began = Instant::now();
    let workers: Vec<_> = senders
        .into_iter()
        .map(|mut sender| {
            let (path, authorization, body) = (path.to_owned(), format!("Bearer {secret}"), Bytes::from(body.to_owned()));
            tokio::spawn(async move {
                for _ in 0..ORDERS / connections {
                    let hold = ask(&mut sender, &path, &authorization, body.clone()).await?;
                    let payment = serde_json::json!({"provider": "simulated", "token": "approve"});
                    let order = serde_json::json!({"holds": [hold["hold"]], "payment": payment}).to_string();
                    let order = ask(&mut sender, "/v1/orders", &authorization, Bytes::from(order)).await?;
                    anyhow::ensure!(order["state"] == "confirmed", "an order is {}", order["state"]);
                }
                Ok::<_, anyhow::Error>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(began.elapsed())
}

async fn ask(sender: &mut Sender, path: &str, authorization: &str, body: Bytes) -> anyhow::Result<serde_json::Value> {
    let request = Request::post(path)
        .header("host", "localhost")
        .header("authorization", authorization)
        .header("content-type", "application/json")
        .header("prefer", "wait=10")
        .body(Full::new(body))?;
    let answer = sender.send_request(request).await?;
    anyhow::ensure!(answer.status().is_success(), "answered {}", answer.status());
    Ok(serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?)
}
