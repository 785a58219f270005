//! The callers: each wants one thing at a time, and asks for it with the same key until it has an answer.

mod administrator;
mod buyer;
mod cancellations;
mod clerk;
mod closing;
mod gate;
mod house;
mod office;
mod operator;
mod shows;

pub(crate) use administrator::Administrator;
pub(crate) use buyer::Buyer;
pub(crate) use clerk::Clerk;
pub(crate) use closing::Closing;
pub(crate) use gate::Gate;
pub(crate) use house::House;
pub(crate) use office::Office;
pub(crate) use operator::Operator;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use guichet_core::codec;
use guichet_domain::commands::Request;
use guichet_domain::hold::HoldItem;
use guichet_domain::money::Currency;
use guichet_domain::order::Order;
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::saga::Effect;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, SagaId, State};

use crate::plan::Habits;
use crate::rng::Rng;

/// Answered requests that a caller remembers, to send them again.
const REMEMBERED: usize = 6;
/// Things of one kind that are talked about; older ones are forgotten.
const TALKED_ABOUT: usize = 64;
/// The provider of payments by hand.
pub(crate) const MANUAL: &str = "manual";
/// The provider that answers by itself.
pub(crate) const SIMULATED: &str = "simulated";

/// A show that is known to the public.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) definition: Arc<ShowDefinition>,
    pub(crate) plan: Arc<SeatingPlan>,
}

/// What the callers know of each other.
#[derive(Default)]
pub(crate) struct Public {
    pub(crate) shows: Vec<Listed>,
    /// A hold that somebody placed lately: others may try to use it.
    pub(crate) overheard: Option<HoldId>,
    /// Orders that were placed lately.
    orders: Vec<OrderId>,
    /// Sagas that asked for money to be paid out by hand.
    payouts: Vec<SagaId>,
    /// Orders that were stuck lately.
    stuck: Vec<OrderId>,
}

impl Public {
    /// What everybody can read in the journal.
    pub(crate) fn watch(&mut self, event: &Event) {
        match event {
            Event::OrderPlaced { order, .. } | Event::PartPlaced { order, .. } => remember(&mut self.orders, *order),
            Event::PlanRevised { show, plan, .. } => {
                let listed = self.shows.iter_mut().find(|listed| listed.definition.id == *show);
                listed.into_iter().for_each(|listed| listed.plan = Arc::clone(plan));
            }
            Event::OrderStuck { order } => remember(&mut self.stuck, *order),
            Event::EffectIntended { saga, effect: Effect::Refund { provider, .. }, .. } if provider == MANUAL => {
                remember(&mut self.payouts, *saga);
            }
            _ => {}
        }
    }
}

fn remember<T>(list: &mut Vec<T>, item: T) {
    if list.len() == TALKED_ABOUT {
        list.remove(0);
    }
    list.push(item);
}

/// What a caller can look up before it decides.
pub(crate) struct View<'a> {
    pub(crate) public: &'a Public,
    /// What is durable, partition by partition.
    pub(crate) states: Vec<&'a State>,
    /// The sagas that have not ended, and the orders that they drive, partition by partition.
    pub(crate) sagas: Vec<&'a BTreeMap<SagaId, OrderId>>,
    pub(crate) wall_unix_ms: u64,
}

impl<'a> View<'a> {
    fn order(&self, id: OrderId) -> Option<&'a Order> {
        self.states.get(usize::from(id.partition()))?.order(id)
    }

    /// What a hold costs, if it can be seen.
    fn price(&self, hold: HoldId) -> Option<(i64, Currency)> {
        let state = self.states.get(usize::from(hold.partition()))?;
        let hold = state.hold(hold)?;
        let show = &state.show(hold.show)?.definition;
        let price = |item: &HoldItem| Some(show.products.get(usize::from(item.product))?.price_minor * i64::from(item.claim.quantity()));
        Some((hold.items.iter().filter_map(price).sum(), show.currency))
    }

    fn some_order(&self, rng: &mut Rng) -> Option<&'a Order> {
        self.order(*rng.pick(&self.public.orders)?)
    }

    /// One of those that are stuck now.
    fn stuck_order(&self, rng: &mut Rng) -> Option<&'a Order> {
        let stuck: Vec<&Order> = self.public.stuck.iter().filter_map(|order| self.order(*order)).filter(|order| order.stuck).collect();
        rng.pick(&stuck).copied()
    }
}

/// Looks at so many orders for a good one; the last, if there is none.
fn pick_order<'a>(rng: &mut Rng, view: &View<'a>, looks: usize, good: impl Fn(&Order) -> bool) -> Option<&'a Order> {
    let mut chosen = view.some_order(rng)?;
    for _ in 1..looks {
        if good(chosen) {
            break;
        }
        chosen = view.some_order(rng)?;
    }
    Some(chosen)
}

/// What a caller wants.
#[derive(Clone)]
pub(crate) struct Intent {
    pub(crate) partition: u16,
    pub(crate) request: Rc<Request>,
    pub(crate) tries: u32,
}

pub(crate) enum Kind {
    Operator(Operator),
    Buyer(Buyer),
    Office(Office),
    Clerk(Clerk),
    Gate(Gate),
    House(House),
    Administrator(Box<Administrator>),
    Closing(Closing),
}

impl Kind {
    /// Whether it goes on when no wishes are left: what has begun is brought to its end.
    pub(crate) fn stays(&self) -> bool {
        matches!(self, Self::Operator(_) | Self::Closing(_))
    }

    /// Whether it begins only then.
    pub(crate) fn comes_last(&self) -> bool {
        matches!(self, Self::Closing(_))
    }

    /// Whether it works on what buyers leave behind.
    pub(crate) fn is_staff(&self) -> bool {
        matches!(self, Self::Office(_) | Self::Clerk(_) | Self::Gate(_) | Self::House(_) | Self::Administrator(_))
    }
}

/// A caller.
pub(crate) struct Client {
    number: u64,
    serial: u64,
    pub(crate) rng: Rng,
    pub(crate) kind: Kind,
    pub(crate) intent: Option<Intent>,
    /// Counts what it wanted, so that an answer to something else is recognised.
    pub(crate) turn: u64,
    /// When it acts next.
    pub(crate) due_us: u64,
    answered: Vec<(u16, Rc<Request>)>,
}

impl Client {
    pub(crate) fn new(number: u64, rng: Rng, kind: Kind) -> Self {
        Self { number, serial: 0, rng, kind, intent: None, turn: 0, due_us: 0, answered: Vec::new() }
    }

    fn key(&mut self, command: &Command) -> KeyStamp {
        self.serial += 1;
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.number.to_be_bytes());
        key[8..].copy_from_slice(&self.serial.to_be_bytes());
        KeyStamp { key: KeyHash(key), fingerprint: codec::fingerprint(command) }
    }

    /// Decides what it wants next; nothing for now is possible, too.
    pub(crate) fn choose(&mut self, habits: &Habits, view: &View<'_>) {
        let old = (!self.kind.stays() && !self.answered.is_empty()).then(|| self.rng.index(self.answered.len()));
        let old = old.and_then(|old| self.answered.get(old).cloned());
        if let Some((partition, request)) = old.clone()
            && self.rng.chance(habits.repeat)
        {
            self.intent = Some(Intent { partition, request, tries: 0 });
            return;
        }
        let wanted = match &mut self.kind {
            Kind::Operator(operator) => operator.want(&mut self.rng, habits, view.public),
            Kind::Buyer(buyer) => buyer.want(&mut self.rng, habits, view),
            Kind::Office(office) => office.want(&mut self.rng, habits, view),
            Kind::Clerk(clerk) => clerk.want(&mut self.rng, habits, view),
            Kind::Gate(gate) => gate.want(&mut self.rng, habits, view),
            Kind::House(house) => house.want(&mut self.rng, habits, view),
            Kind::Administrator(administrator) => administrator.want(&mut self.rng, habits, view),
            Kind::Closing(closing) => closing.want(view),
        };
        let Some((partition, command)) = wanted else { return };
        let mut key = self.key(&command);
        if let Some(KeyStamp { key: reused, .. }) = old.and_then(|(_, request)| request.key)
            && self.rng.chance(habits.reuse)
        {
            key.key = reused;
        }
        let key_made_at_unix_ms = self.rng.one_of(2).then_some(view.wall_unix_ms);
        let request = Rc::new(Request { key: Some(key), key_made_at_unix_ms, command });
        self.intent = Some(Intent { partition, request, tries: 0 });
    }

    /// Its request was answered.
    pub(crate) fn learn(&mut self, record: &Record, public: &mut Public) {
        let Some(intent) = self.intent.take() else { return };
        self.turn += 1;
        match &mut self.kind {
            Kind::Operator(operator) => operator.learn(&intent.request.command, record, public),
            Kind::Buyer(buyer) => buyer.learn(record, public),
            Kind::House(house) => house.learn(record),
            Kind::Administrator(administrator) => administrator.learn(record),
            Kind::Office(_) | Kind::Clerk(_) | Kind::Gate(_) | Kind::Closing(_) => {}
        }
        if self.answered.len() == REMEMBERED {
            self.answered.remove(0);
        }
        self.answered.push((intent.partition, intent.request));
    }
}
