//! Everybody who watches the seats of a show, at the price of one.
//!
//! One task a watched show looks at the read model a few times a second ([`seats_every`](crate::ServerConfig)), writes down once what has changed, and wakes the watchers, who pass
//! the same bytes on. What must never be true:
//!
//! - work or memory for a watcher that grows with the seats or with the changes;
//! - a watcher that does not read makes anybody wait, or keeps anything but its own connection;
//! - something is told that is not durable: only the read model is looked at, which follows the journal.

mod frame;
mod recent;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use guichet_api::SeatStates;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::{Invalid, Position, ShowId, ShowView};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::app::App;
use crate::view;
use recent::{Next, Recent};

/// How long a show is looked at after its last watcher has gone: browsers come back after some 3 s, and then need only what they
/// missed. When a proxy restarts, that is everybody at once.
const LINGER: Duration = Duration::from_secs(10);

/// Watchers are woken in so many groups, one after another, spread over half of the time between two looks. Were thousands woken at
/// once, whoever wants to hold a seat would stand behind all of them: p99 of a hold was 127 ms beside 10,000 watchers.
const GROUPS: usize = 64;

/// What is told, and who is to be woken when there is something.
#[derive(Debug)]
struct Told {
    recent: watch::Sender<Recent>,
    groups: [watch::Sender<()>; GROUPS],
    joined: AtomicUsize,
}

impl Told {
    fn new(recent: Recent) -> Self {
        let groups = std::array::from_fn(|_| watch::Sender::new(()));
        Self { recent: watch::Sender::new(recent), groups, joined: AtomicUsize::new(0) }
    }

    fn join(&self) -> Ear {
        let group = self.joined.fetch_add(1, Ordering::Relaxed) % GROUPS;
        Ear { recent: self.recent.subscribe(), wake: self.groups[group].subscribe() }
    }

    /// Wakes everybody, over so long at most; nobody waits for groups that nobody is in.
    async fn wake(&self, over: Duration) {
        let pause = over / u32::try_from(GROUPS).unwrap_or(u32::MAX);
        for group in self.groups.iter().filter(|group| group.receiver_count() > 0) {
            group.send_replace(());
            tokio::time::sleep(pause).await;
        }
    }
}

/// Hears what is told.
struct Ear {
    recent: watch::Receiver<Recent>,
    wake: watch::Receiver<()>,
}

/// The shows that are watched. The task of each has what it tells; when that ends, so does what is here.
#[derive(Debug, Default)]
pub(crate) struct SeatWatches(Mutex<HashMap<ShowId, Weak<Told>>>);

impl SeatWatches {
    fn lock(&self) -> MutexGuard<'_, HashMap<ShowId, Weak<Told>>> {
        // The map is whole after each of its calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches the seats of a show: first all of them, or what has changed since a position whose steps are remembered; then what
/// changes. What is told first has seen everything that the read model had when it was asked for.
///
/// # Errors
/// When there is no such show.
pub(crate) async fn watch(app: &Arc<App>, show: ShowId, last: Option<Position>) -> Result<Body, Invalid> {
    let look = app.engine.with_show(show, |view| Look::at(show, view))?;
    let asked_at = look.position.clone();
    let ear = join(app, show, look);
    // Somebody else's watch may be a tick behind.
    while ear.wake.has_changed().is_ok() && !has_reached(ear.recent.borrow().seen(), &asked_at) {
        tokio::time::sleep(app.config.seats_every / 10).await;
    }
    let watcher = Watcher::new(ear, last.as_ref());
    Ok(Body::from_stream(stream::unfold(watcher, |mut watcher| async move {
        let bytes = watcher.next().await?;
        Some((Ok::<_, std::convert::Infallible>(bytes), watcher))
    })))
}

fn has_reached(position: &Position, other: &Position) -> bool {
    other.iter().all(|(partition, offset)| position.offset(partition).is_some_and(|reached| reached >= offset))
}

/// Joins the watchers of a show, or begins to look at it.
fn join(app: &Arc<App>, show: ShowId, look: Look) -> Ear {
    let mut watches = app.seat_watches.lock();
    if let Some(told) = watches.get(&show).and_then(Weak::upgrade) {
        return told.join();
    }
    let told = Arc::new(Told::new(Recent::new(look.position, look.states)));
    let ear = told.join();
    watches.insert(show, Arc::downgrade(&told));
    tokio::spawn(follow(Arc::clone(app), show, look.plan, told));
    ear
}

/// A show's seats at one moment.
struct Look {
    position: Position,
    plan: Arc<SeatingPlan>,
    states: SeatStates,
}

impl Look {
    fn at(show: ShowId, view: &ShowView) -> Self {
        Self { position: view::position(show, view), plan: Arc::clone(&view.plan), states: view::seat_states(view) }
    }
}

/// Looks at a show until nobody has watched it for a while, or the server shuts down.
async fn follow(app: Arc<App>, show: ShowId, mut plan: Arc<SeatingPlan>, told: Arc<Told>) {
    let mut ticks = tokio::time::interval(app.config.seats_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut last_watched, mut last_told) = (Instant::now(), Instant::now());
    while let Some(now) = app.shutdown.run_until_cancelled(ticks.tick()).await {
        if told.recent.receiver_count() > 0 {
            last_watched = now;
        } else if now.duration_since(last_watched) >= LINGER {
            let mut watches = app.seat_watches.lock();
            // Nobody can join as long as the lock is held.
            if told.recent.receiver_count() == 0 {
                watches.remove(&show);
                drop(told);
                return;
            }
        }
        let seen = told.recent.borrow().seen().clone();
        let look = app.engine.with_show(show, |view| (view::position(show, view) != seen).then(|| Look::at(show, view)));
        let Ok(look) = look else { return };
        let moved = look.is_some_and(|look| {
            let another_plan = !Arc::ptr_eq(&plan, &look.plan);
            plan = look.plan;
            told.recent.send_if_modified(|recent| recent.advance(look.position, look.states, another_plan))
        });
        let silent = !moved && now.duration_since(last_told) >= app.config.heartbeat;
        if silent {
            told.recent.send_modify(|recent| recent.beats += 1);
        }
        if moved || silent {
            last_told = now;
            told.wake(app.config.seats_every / 2).await;
        }
    }
}

/// One watcher's way through what is told.
struct Watcher {
    ear: Ear,
    /// Steps seen; `None` before the first snapshot.
    seen: Option<u64>,
    beats: u64,
    /// Still to be told that the stream is open.
    greet: bool,
}

impl Watcher {
    fn new(ear: Ear, last: Option<&Position>) -> Self {
        let (seen, beats) = {
            let recent = ear.recent.borrow();
            (last.and_then(|last| recent.steps_seen_at(last)), recent.beats)
        };
        Self { greet: seen.is_some(), ear, seen, beats }
    }

    /// What to send next; `None` when the server shuts down.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready() {
                return Some(bytes);
            }
            self.ear.wake.changed().await.ok()?;
        }
    }

    fn ready(&mut self) -> Option<Bytes> {
        // What comes from here on wakes again.
        self.ear.wake.mark_unchanged();
        let (next, beats) = {
            let recent = self.ear.recent.borrow();
            (self.seen.map_or_else(|| recent.whole(), |seen| recent.after(seen)), recent.beats)
        };
        let silent = std::mem::replace(&mut self.beats, beats) == beats && !std::mem::take(&mut self.greet);
        match next {
            Next::Event(frame, seen) => {
                self.seen = Some(seen);
                Some(frame)
            }
            // Written down by the first who needs it, and not while everybody else waits to look.
            Next::Whole(whole, seen) => {
                self.seen = Some(seen);
                Some(whole.frame())
            }
            Next::Nothing => (!silent).then_some(frame::SIGN_OF_LIFE),
        }
    }
}
