//! The network's tasks and the clock. Each sends what it learns; none ends before the dashboard does.
//!
//! - [`poll`] asks for status, shows and metrics, again and again.
//! - [`follow`] reads the stream of events, and goes on after the last one that it saw when the stream breaks.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use guichet_api::{Client, ClientError, SaleState, Show, ShowFilter, StreamFilter};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};

use crate::events::{Event, Happened, Polled};

/// A round of questions that takes longer has no answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Shows that are followed, those on sale first: a request each per round.
const SHOWS_MAX: usize = 50;
/// Requests on their way at once: few, for the server has buyers to serve.
const REQUESTS_MAX: usize = 4;
/// Pause before a broken stream is opened again, doubled from try to try.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Starts the tasks.
pub(crate) fn start(tasks: &mut JoinSet<()>, client: Client, refresh: Duration, events: &Sender<Event>) {
    let recovered = Arc::new(Notify::new());
    tasks.spawn(poll(client.clone(), refresh, events.clone(), Arc::clone(&recovered)));
    tasks.spawn(follow(client, events.clone(), recovered));
    tasks.spawn(tick(events.clone()));
}

async fn tick(events: Sender<Event>) {
    loop {
        let now = Timestamp::now();
        if events.send(Event::Tick { now }).await.is_err() {
            return;
        }
        // At the beginning of the next second, so that a second that is shown as over is over.
        let into_ms = u64::try_from(now.as_millisecond().rem_euclid(1_000)).unwrap_or(0);
        time::sleep(Duration::from_millis(1_000 - into_ms)).await;
    }
}

/// Asks at every `refresh`. Tells `recovered` when the server answers again: a stream from before may be dead without knowing it.
async fn poll(client: Client, refresh: Duration, events: Sender<Event>, recovered: Arc<Notify>) {
    let mut rounds = time::interval(refresh);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = false;
    loop {
        rounds.tick().await;
        let answer = time::timeout(PATIENCE, ask(&client)).await;
        let at = Timestamp::now();
        let event = match answer {
            Ok(Ok(polled)) => {
                if std::mem::take(&mut failed) {
                    recovered.notify_one();
                }
                Event::Polled { at, polled: Box::new(polled) }
            }
            Ok(Err(error)) => Event::PollFailed { at, why: why(&error) },
            Err(_) => Event::PollFailed { at, why: format!("nothing within {} s", PATIENCE.as_secs()) },
        };
        failed |= matches!(event, Event::PollFailed { .. });
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// What a failure comes from, in a line: the address stands above it, and the outer errors of a broken connection say nothing else.
fn why(error: &ClientError) -> String {
    let cause = std::iter::successors(error.source(), |cause| (*cause).source()).last();
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

/// One round.
async fn ask(client: &Client) -> Result<Polled, ClientError> {
    let status = client.status().await?.value;
    // An admin's key may read them; a server without a recorder has none. Either way the rest is worth showing.
    let holds_refused = client.metrics().await.ok().and_then(|text| holds_refused(&text));
    let mut shows = client.shows(&ShowFilter::default()).all().await?;
    shows.sort_by_key(|show| show.sale != SaleState::Open);
    let shows_not_followed = shows.len().saturating_sub(SHOWS_MAX);
    shows.truncate(SHOWS_MAX);
    let answer = async |show: Show| Ok((client.availability(&show.show).await?.value, show));
    let answers = stream::iter(shows).map(answer).buffered(REQUESTS_MAX);
    let shows = answers.map_ok(|(availability, show)| (show, availability)).try_collect().await?;
    Ok(Polled { status, shows, shows_not_followed, holds_refused })
}

/// Requests for a hold that were answered with a refusal, from metrics in Prometheus' text form. A server that has not served any
/// request for a hold yet has refused none; `None` when it does not count requests.
fn holds_refused(metrics: &str) -> Option<u64> {
    let counts = metrics.lines().filter(|line| line.starts_with("guichet_http_request_seconds_count{"));
    counts.fold(None, |sum: Option<u64>, line| {
        let refused = line.contains("route=\"/v1/shows/{show}/holds\"") && line.contains("status=\"4xx\"");
        let count = line.rsplit(' ').next().and_then(|count| count.parse().ok()).filter(|_| refused);
        Some(sum.unwrap_or(0) + count.unwrap_or(0))
    })
}

/// Reads the stream, and opens it again when it breaks.
async fn follow(client: Client, events: Sender<Event>, recovered: Arc<Notify>) {
    let mut filter = StreamFilter::default();
    let mut pause = PAUSE_MIN;
    loop {
        let broken = tokio::select! {
            broken = read(&client, &mut filter, &events, &mut pause) => broken,
            () = recovered.notified() => continue,
        };
        let Some(why) = broken else { return };
        if events.send(Event::StreamLost { at: Timestamp::now(), why }).await.is_err() {
            return;
        }
        tokio::select! {
            () = time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
            () = recovered.notified() => {}
        }
    }
}

/// Reads the stream until it breaks; why it did, or `None` when nobody listens any more.
async fn read(client: &Client, filter: &mut StreamFilter, events: &Sender<Event>, pause: &mut Duration) -> Option<String> {
    let mut stream = match client.stream(filter).await {
        Ok(stream) => stream,
        Err(error) => {
            if error.code() == Some("malformed_position") {
                // Another server answers there now: its events are counted otherwise, so what is to come is all there is.
                filter.last_event_id = None;
            }
            return Some(why(&error));
        }
    };
    events.send(Event::StreamOpened).await.ok()?;
    *pause = PAUSE_MIN;
    loop {
        match stream.next().await {
            Ok(Some(told)) => {
                // Sent before it is remembered: an event is rather counted twice than lost. One that is not understood is a newer server's.
                if let Ok(happened) = serde_json::from_str::<Happened>(&told.data) {
                    events.send(Event::Happened { received_at: Timestamp::now(), happened: Box::new(happened) }).await.ok()?;
                }
                filter.last_event_id = Some(told.id);
            }
            Ok(None) => return Some("the server ended it".into()),
            Err(error) => return Some(why(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;

    use super::*;

    /// Answers each request by its path and its number; keeps each path with its `Last-Event-ID`.
    async fn serve(listener: TcpListener, answer: fn(&str, usize) -> String, asked: mpsc::UnboundedSender<(String, Option<String>)>) {
        for number in 0.. {
            let (mut connection, _) = listener.accept().await.unwrap();
            let (path, last_event_id) = request(&mut connection).await;
            let body = answer(&path, number);
            asked.send((path, last_event_id)).unwrap();
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
            connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    }

    async fn request(connection: &mut TcpStream) -> (String, Option<String>) {
        let mut lines = BufReader::new(connection).lines();
        let first = lines.next_line().await.unwrap().unwrap();
        let path = first.split(' ').nth(1).unwrap().to_owned();
        let mut last_event_id = None;
        loop {
            match lines.next_line().await.unwrap().unwrap() {
                line if line.is_empty() => return (path, last_event_id),
                line => last_event_id = line.strip_prefix("last-event-id: ").map(str::to_owned).or(last_event_id),
            }
        }
    }

    async fn server(answer: fn(&str, usize) -> String) -> (Client, mpsc::UnboundedReceiver<(String, Option<String>)>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), None).unwrap();
        let (asked, requests) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, answer, asked));
        (client, requests)
    }

    #[tokio::test]
    async fn a_stream_that_breaks_goes_on_after_the_last_event() {
        let (client, mut requests) = server(|_, number| {
            let event = |offset| {
                let data = format!(r#"{{"type":"hold_placed","partition":1,"offset":{offset},"at":"2026-05-01T12:00:00Z","new":[]}}"#);
                format!("id: p1.{offset}\nevent: hold_placed\ndata: {data}\n\n")
            };
            // The second of the first two is nothing that is understood; it has been told all the same.
            if number == 0 { format!(": following\n\n{}id: p1.8\ndata: {{}}\n\n", event(7)) } else { event(8 + number) }
        })
        .await;
        let (events, mut incoming) = mpsc::channel(16);
        let task = tokio::spawn(follow(client, events, Arc::default()));
        let mut told = Vec::new();
        while told.len() < 6 {
            told.push(match incoming.recv().await.unwrap() {
                Event::StreamOpened => "opened".to_owned(),
                Event::StreamLost { why, .. } => why,
                Event::Happened { happened, .. } => format!("{} of partition {}", happened.kind, happened.partition),
                other => panic!("{other:?}"),
            });
        }
        task.abort();
        let round = ["opened", "hold_placed of partition 1", "the server ended it"];
        assert_eq!(told, [round, round].concat());
        assert_eq!(requests.recv().await.unwrap(), ("/v1/stream".to_owned(), None));
        assert_eq!(requests.recv().await.unwrap().1.as_deref(), Some("p1.8"));
    }

    #[tokio::test]
    async fn a_server_that_answers_again_gets_its_stream_opened_again() {
        // A stream that stays silent for ever: its length is never reached.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), None).unwrap();
        let (events, mut incoming) = mpsc::channel(16);
        let recovered = Arc::new(Notify::new());
        let task = tokio::spawn(follow(client, events, Arc::clone(&recovered)));
        let mut silent = Vec::new();
        for _ in 0..2 {
            let accepted = time::timeout(Duration::from_secs(5), listener.accept()).await;
            let (mut connection, _) = accepted.expect("the stream was not opened again").unwrap();
            request(&mut connection).await;
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n").await.unwrap();
            silent.push(connection);
            assert!(matches!(incoming.recv().await.unwrap(), Event::StreamOpened));
            recovered.notify_one();
        }
        task.abort();
    }

    #[tokio::test]
    async fn a_round_gathers_everything_and_one_without_an_answer_says_why() {
        let (client, _requests) = server(|path, _| {
            let rules =
                r#""order_deadline_s":9,"transfer_deadline_s":9,"late_payment":"refund","cancellation_fees":[],"check_in_lists":[]"#;
            let show =
                format!(r#"{{"show":"s","venue":"v","name":"Night","sale":"draft","currency":"EUR","products":[],"quotas":[],{rules}}}"#);
            match path.split('?').next().unwrap_or_default() {
                "/v1/status" => r#"{"version":"1","durability":"os","position":"p0.1","ready":true,"partitions":[]}"#.into(),
                "/v1/shows" => format!(r#"{{"shows":[{}]}}"#, vec![show; SHOWS_MAX + 2].join(",")),
                "/v1/shows/s/availability" => {
                    let seats = r#"{"free":1,"held":2,"booked":3,"blocked":4,"by_category":[]}"#;
                    format!(r#"{{"position":"p0.1","sale":"open","seats":{seats},"quotas":[],"products":[]}}"#)
                }
                _ => "guichet_http_request_seconds_count{route=\"/v1/shows/{show}/holds\",status=\"4xx\"} 5\n".into(),
            }
        })
        .await;
        let polled = ask(&client).await.unwrap();
        assert_eq!((polled.shows.len(), polled.shows_not_followed, polled.holds_refused), (SHOWS_MAX, 2, Some(5)));
        assert_eq!((polled.shows[0].0.name.as_str(), polled.shows[0].1.seats.total.held), ("Night", 2));

        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (events, mut incoming) = mpsc::channel(16);
        let client = Client::new(&format!("http://{nobody}"), None).unwrap();
        let task = tokio::spawn(poll(client, Duration::from_millis(10), events, Arc::default()));
        let event = incoming.recv().await.unwrap();
        assert!(matches!(&event, Event::PollFailed { why, .. } if why.contains("refused")), "{event:?}");
        task.abort();
    }

    #[test]
    fn refusals_are_those_of_requests_for_a_hold() {
        let metrics = "# TYPE guichet_http_request_seconds histogram\n\
            guichet_http_request_seconds_bucket{route=\"/v1/shows/{show}/holds\",status=\"4xx\",le=\"1\"} 8\n\
            guichet_http_request_seconds_count{route=\"/v1/shows/{show}/holds\",status=\"4xx\"} 9\n\
            guichet_http_request_seconds_count{status=\"2xx\",route=\"/v1/shows/{show}/holds\"} 100\n\
            guichet_http_request_seconds_count{status=\"4xx\",route=\"/v1/orders\"} 1000\n";
        assert_eq!(holds_refused(metrics), Some(9));
        assert_eq!(holds_refused("guichet_http_request_seconds_count{route=\"/v1/status\",status=\"2xx\"} 1\n"), Some(0));
        assert_eq!(holds_refused("guichet_partition_mailbox{partition=\"0\"} 4\n"), None);
    }
}
