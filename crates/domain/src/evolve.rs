//! How each event changes the state. Never fails: an event was decided on the very state that it meets here. Where that is not so,
//! the journal and this code disagree, and the panic stops the partition before anything is sold on a wrong state.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::across::{Across, HomeOf, OVERDUE_AFTER_MS, PartOf};
use crate::after_sale::{CheckIn, Late, Refund};
use crate::best::Memo;
use crate::hold::{BuyerRef, Hold, HoldItem, places_of};
use crate::inventory::{Inventory, Move};
use crate::key::{self, ApiKey};
use crate::order::{Order, OrderLine, OrderState, PaymentRequest, PaymentState};
use crate::saga::{Effect, Progress, Saga};
use crate::show::SaleState;
use crate::state::{Show, State, Timer};
use crate::{Event, HoldId, OrderId, SagaId, ShowId, TicketId};

impl State {
    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::VenueRegistered { venue, plan } => {
                self.sequences.venue = venue.sequence();
                self.venues.insert(*venue, Arc::clone(plan));
            }
            Event::ShowCreated { definition } => {
                self.sequences.show = definition.id.sequence();
                self.catalogue.insert(definition.id, Arc::clone(definition));
            }
            Event::ApiKeyCreated { key: ApiKey { id, .. } } => {
                self.sequences.api_key = id.sequence();
                key::evolve(&mut self.api_keys, event);
            }
            Event::ApiKeyRotated { .. } | Event::ApiKeysUsed { .. } | Event::ApiKeyRevoked { .. } => key::evolve(&mut self.api_keys, event),
            Event::OrganiserCreated { organiser } => {
                self.sequences.organiser = organiser.id.sequence();
                self.organisers.evolve(event);
            }
            Event::VenueOwned { .. } | Event::ShowOwned { .. } => self.organisers.evolve(event),
            Event::ShowAdopted { definition, plan } => {
                let inventory = Inventory::new(plan, &definition.quotas);
                let (definition, plan) = (Arc::clone(definition), Arc::clone(plan));
                let (buyers, best) = (FxHashMap::default(), Memo::default());
                let show = Show { definition, plan, sale: SaleState::Draft, inventory, buyers, best };
                self.shows.insert(show.definition.id, show);
            }
            Event::SaleStateChanged { show, state } => {
                if let Some(show) = self.shows.get_mut(show) {
                    show.sale = *state;
                }
            }

            Event::PlanRevised { show, plan, added, withdrawn, moved: _ } => {
                if let Some(show) = self.shows.get_mut(show) {
                    show.inventory.revise(plan, added, withdrawn);
                    (show.plan, show.best) = (Arc::clone(plan), Memo::default());
                }
            }
            Event::SeatsBlocked { show, seats, .. } => self.block(*show, seats, true),
            Event::SeatsUnblocked { show, seats } => self.block(*show, seats, false),

            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, buyer_ref } => {
                self.sequences.hold = hold.sequence();
                let limited = self.shows.get(show).is_some_and(|show| show.definition.per_buyer_max.is_some());
                let hold = Hold {
                    id: *hold,
                    show: *show,
                    items: Arc::clone(items),
                    expires_at_unix_ms: *expires_at_unix_ms,
                    order: None,
                    buyer_ref: buyer_ref.filter(|_| limited).map(Box::new),
                    keys: Vec::new(),
                };
                self.shift_hold(&hold, Move::Hold);
                self.timers.insert((hold.expires_at_unix_ms, Timer::HoldEnds(hold.id)));
                self.holds.insert(hold.id.sequence(), hold);
            }
            Event::HoldExtended { hold, expires_at_unix_ms } => self.reschedule(*hold, *expires_at_unix_ms, None),
            Event::HoldReleased { hold } | Event::HoldExpired { hold } => {
                let hold = self.end_hold(*hold);
                self.shift_hold(&hold, Move::Release);
            }
            Event::ReopenGraceGranted { until_unix_ms } => {
                let short: Vec<HoldId> = self
                    .timers
                    .iter()
                    .take_while(|(at, _)| at < until_unix_ms)
                    .filter_map(|(_, timer)| if let Timer::HoldEnds(hold) = timer { Some(*hold) } else { None })
                    .collect();
                for hold in short {
                    self.reschedule(hold, *until_unix_ms, None);
                }
            }

            Event::OrderPlaced { order, saga, show, holds, total_minor, payment, deadline_unix_ms, .. } => {
                self.sequences.order = order.sequence();
                let line = |hold: &Hold| OrderLine { show: hold.show, items: Arc::clone(&hold.items), buyer_ref: hold.buyer_ref.clone() };
                let lines = holds.iter().filter_map(|hold| self.hold(*hold)).map(line).collect();
                for hold in holds {
                    self.reschedule(*hold, *deadline_unix_ms, Some(*order));
                }
                self.orders.insert(
                    order.sequence(),
                    Order {
                        id: *order,
                        show: *show,
                        holds: holds.clone(),
                        lines,
                        total_minor: *total_minor,
                        payment_request: payment.clone(),
                        state: OrderState::Placed,
                        stuck: false,
                        payment: PaymentState::None,
                        authorisation: None,
                        saga: *saga,
                        first_ticket: None,
                        issued: false,
                        cancel_reason: None,
                        after: None,
                        across: None,
                    },
                );
            }
            Event::SeatsBooked { order, first_ticket, tickets } => {
                let holds = self.order(*order).map(|order| order.holds.clone()).unwrap_or_default();
                for hold in holds {
                    let hold = self.end_hold(hold);
                    self.shift_hold(&hold, Move::Book);
                }
                self.number_tickets(*order, *first_ticket, *tickets);
            }
            Event::BookingReversed { order } => {
                let lines = self.order(*order).map(|order| order.lines.clone()).unwrap_or_default();
                lines.iter().for_each(|line| self.shift(line.show, &line.items, line.buyer_ref.as_deref(), Move::Unbook));
                if let Some(first) = self.order(*order).and_then(|order| order.first_ticket) {
                    self.tickets.remove(&first.sequence());
                }
                self.with_order(*order, |order| {
                    (order.first_ticket, order.issued) = (None, false);
                    // Late money that found places and lost them again.
                    if order.payment == PaymentState::Captured {
                        order.payment = PaymentState::PaidUnfulfilled;
                    }
                });
            }
            Event::PaymentAuthorised { order, authorisation } => self.with_order(*order, |order| {
                order.payment = PaymentState::Authorised;
                order.authorisation = Some(authorisation.clone());
            }),
            Event::PaymentDeclined { order } => self.set_payment(*order, PaymentState::Declined),
            Event::PaymentUnknown { order } => self.set_payment(*order, PaymentState::Unknown),
            Event::PaymentCaptured { order } => self.set_payment(*order, PaymentState::Captured),
            Event::PaymentVoided { order } => self.set_payment(*order, PaymentState::Voided),
            Event::PaymentRefunded { order, saga, amount_minor } => self.with_order(*order, |order| order.refunded(*saga, *amount_minor)),
            Event::TicketsIssued { order, .. } => self.with_order(*order, |order| order.issued = true),
            Event::OrderConfirmed { order } => {
                self.part_ends(*order);
                self.with_order(*order, |order| {
                    order.state = OrderState::Confirmed;
                    order.cancel_reason = None;
                });
            }
            Event::OrderCancelled { order, reason } => {
                self.part_ends(*order);
                self.with_order(*order, |order| {
                    order.state = OrderState::Cancelled;
                    order.cancel_reason = Some(*reason);
                });
            }
            Event::OrderStuck { order } => self.with_order(*order, |order| order.stuck = true),

            Event::CancelRequested { order, reason } => {
                self.with_order(*order, |order| order.after_mut().cancel_requested = Some(*reason));
            }
            Event::PositionsCancelled { order, positions, fees_minor, .. } => {
                self.cancel_positions(*order, positions, fees_minor.iter().sum());
            }
            Event::RefundStarted { order, saga, amount_minor, .. } => self.with_order(*order, |order| {
                order.after_mut().refunds.push(Refund { saga: *saga, amount_minor: *amount_minor, done: false });
            }),
            Event::PaymentArrivedLate { order, saga, amount_minor, reference, policy } => self.with_order(*order, |order| {
                order.payment = PaymentState::PaidUnfulfilled;
                order.saga = *saga;
                let before = order.authorisation.replace(reference.clone());
                let after = order.after_mut();
                after.earlier_payments.extend(before);
                after.late = Some(Late { amount_minor: *amount_minor, policy: *policy });
            }),
            Event::LatePolicyChosen { order, policy } => self.with_order(*order, |order| {
                if let Some(late) = &mut order.after_mut().late {
                    late.policy = *policy;
                }
            }),
            Event::OrderReinstated { order, items, first_ticket, tickets } => {
                self.with_order(*order, |order| {
                    order.lines.iter_mut().zip(items).for_each(|(line, items)| line.items = Arc::clone(items));
                    order.payment = PaymentState::Captured;
                });
                let lines = self.order(*order).map(|order| order.lines.clone()).unwrap_or_default();
                lines.iter().for_each(|line| self.shift(line.show, &line.items, line.buyer_ref.as_deref(), Move::Sell));
                self.number_tickets(*order, *first_ticket, *tickets);
            }
            Event::TicketCheckedIn { order, ticket, list, gate, scanned_at_unix_ms, .. } => self.with_order(*order, |order| {
                let position = order.first_ticket.map_or(0, |first| ticket.sequence() - first.sequence());
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                let (list, gate, scanned_at_unix_ms) = (*list, gate.clone(), *scanned_at_unix_ms);
                order.after_mut().check_ins.push(CheckIn { position, list, gate, scanned_at_unix_ms });
            }),

            Event::PartsWanted { order, parts, deadline_unix_ms } => {
                let (wanted, deadline_unix_ms) = (parts.clone(), *deadline_unix_ms);
                let home = HomeOf { wanted, deadline_unix_ms, parts: Vec::new(), waive_fee: false, refunds_taken: Vec::new() };
                self.with_order(*order, |order| order.across = Some(Box::new(Across::Home(home))));
            }
            Event::PartsReserved { order, parts } => self.with_home(*order, |home| home.parts.clone_from(parts)),
            Event::PartsCancelled { order, waive_fee, .. } => self.with_home(*order, |home| home.waive_fee = *waive_fee),
            Event::PartRefundTaken { order, by, .. } => self.with_home(*order, |home| home.refunds_taken.push(*by)),
            Event::PartPlaced { order, home, saga, show, holds, total_minor, deadline_unix_ms } => {
                let (home, deadline_unix_ms, saga) = (*home, *deadline_unix_ms, *saga);
                let part = PartOf { home, saga, deadline_unix_ms, due_unix_ms: deadline_unix_ms.saturating_add(OVERDUE_AFTER_MS) };
                self.place_part(*order, part, *show, holds, *total_minor);
            }
            Event::PartBarred { saga, until_unix_ms, .. } => drop(self.barred.insert((*until_unix_ms, *saga))),
            Event::PartOverdue { order, ask_again_at_unix_ms } => {
                if let Some(part) = self.orders.get_mut(order.sequence()).and_then(Order::part_of_mut) {
                    self.timers.remove(&(part.due_unix_ms, Timer::PartDue(*order)));
                    part.due_unix_ms = *ask_again_at_unix_ms;
                    self.timers.insert((*ask_again_at_unix_ms, Timer::PartDue(*order)));
                }
            }
            Event::RefundHandedOver { order, saga } => self.with_order(*order, |order| {
                let refunds = order.after_mut().refunds.iter_mut();
                refunds.filter(|refund| refund.saga == *saga).for_each(|refund| refund.done = true);
            }),

            Event::SagaStarted { saga, definition, order } => {
                self.sequences.saga = saga.sequence();
                self.sagas.insert(saga.sequence(), Saga::new(*saga, *definition, *order));
            }
            Event::EffectIntended { saga, effect, .. } => {
                self.evolve_saga(*saga, event);
                if let Effect::Authorise { order, .. } = effect {
                    self.with_order(*order, |order| {
                        if order.payment == PaymentState::None {
                            order.payment = PaymentState::Authorising;
                            order.state = OrderState::AwaitingPayment;
                        }
                    });
                }
            }
            Event::StepDone { saga, .. } | Event::StepFailed { saga, .. } | Event::SagaStuck { saga, .. } => self.evolve_saga(*saga, event),
            Event::SagaResumed { saga, .. } => {
                self.evolve_saga(*saga, event);
                if let Some(order) = self.saga(*saga).map(|saga| saga.order) {
                    // Two of its refunds may be stuck, and one alone goes on.
                    let stuck = self.sagas.values().any(|saga| saga.order == order && matches!(saga.progress, Progress::Stuck { .. }));
                    self.with_order(order, |order| order.stuck = stuck);
                }
            }
            Event::RetryScheduled { saga, at_unix_ms, .. } => {
                self.evolve_saga(*saga, event);
                self.timers.insert((*at_unix_ms, Timer::RetryDue(*saga)));
            }
            Event::SagaCompleted { saga } | Event::SagaCompensated { saga } => {
                self.sagas.remove(saga.sequence());
            }
        }
    }

    fn shift_hold(&mut self, hold: &Hold, way: Move) {
        self.shift(hold.show, &hold.items, hold.buyer_ref.as_deref(), way);
    }

    fn shift(&mut self, show: ShowId, items: &[HoldItem], buyer: Option<&BuyerRef>, way: Move) {
        let Some(show) = self.shows.get_mut(&show) else { return };
        show.inventory.shift(&show.definition, items, way);
        // Held or booked is all the same to whoever looks for a free seat.
        if way != Move::Book {
            items.iter().for_each(|item| show.best.changed(&show.plan, item.seats()));
        }
        if let Some(buyer) = buyer {
            show.count_buyer(*buyer, places_of(items), way);
        }
    }

    fn block(&mut self, show: ShowId, seats: &[u32], blocked: bool) {
        if let Some(show) = self.shows.get_mut(&show) {
            show.inventory.block(seats, blocked);
            show.best.changed(&show.plan, seats);
        }
    }

    fn number_tickets(&mut self, order: OrderId, first: TicketId, tickets: u32) {
        self.sequences.ticket = first.sequence() + u64::from(tickets) - 1;
        self.tickets.insert(first.sequence(), order);
        self.with_order(order, |order| order.first_ticket = Some(first));
    }

    fn cancel_positions(&mut self, order: OrderId, positions: &[u32], fee_minor: i64) {
        let Some(row) = self.orders.get_mut(order.sequence()) else { return };
        let freed: Vec<_> = row
            .positions()
            .filter(|position| positions.binary_search(&position.number).is_ok())
            .map(|position| (position.line.show, position.item, position.line.buyer_ref.clone()))
            .collect();
        let after = row.after_mut();
        after.cancelled.extend(positions);
        after.cancelled.sort_unstable();
        after.fees_minor += fee_minor;
        for (show, item, buyer) in freed {
            self.shift(show, &[item], buyer.as_deref(), Move::Unbook);
        }
    }

    /// Pins the holds: they end only with their part. So that no part is forgotten, it asks for its home from the deadline on.
    fn place_part(&mut self, id: OrderId, part: PartOf, show: ShowId, holds: &[HoldId], total_minor: i64) {
        self.sequences.order = id.sequence();
        let line = |hold: &Hold| OrderLine { show: hold.show, items: Arc::clone(&hold.items), buyer_ref: hold.buyer_ref.clone() };
        let lines = holds.iter().filter_map(|hold| self.hold(*hold)).map(line).collect();
        for hold in holds {
            if let Some(row) = self.holds.get_mut(hold.sequence()) {
                self.timers.remove(&(row.expires_at_unix_ms, Timer::HoldEnds(*hold)));
                (row.expires_at_unix_ms, row.order) = (part.deadline_unix_ms, Some(id));
            }
        }
        self.timers.insert((part.due_unix_ms, Timer::PartDue(id)));
        self.parts.insert(part.saga, id);
        let order = Order {
            id,
            show,
            holds: holds.to_vec(),
            lines,
            total_minor,
            payment_request: PaymentRequest { provider: String::new(), token: String::new() },
            state: OrderState::Placed,
            stuck: false,
            payment: PaymentState::None,
            authorisation: None,
            saga: part.saga,
            first_ticket: None,
            issued: false,
            cancel_reason: None,
            after: None,
            across: Some(Box::new(Across::Part(part))),
        };
        self.orders.insert(id.sequence(), order);
    }

    /// A part that is decided asks no more.
    fn part_ends(&mut self, order: OrderId) {
        if let Some(part) = self.order(order).and_then(Order::part_of) {
            let due = (part.due_unix_ms, Timer::PartDue(order));
            self.timers.remove(&due);
        }
    }

    fn with_home(&mut self, order: OrderId, change: impl FnOnce(&mut HomeOf)) {
        if let Some(home) = self.orders.get_mut(order.sequence()).and_then(Order::home_of_mut) {
            change(home);
        }
    }

    fn reschedule(&mut self, id: HoldId, expires_at_unix_ms: u64, order: Option<OrderId>) {
        if let Some(hold) = self.holds.get_mut(id.sequence()) {
            self.timers.remove(&(hold.expires_at_unix_ms, Timer::HoldEnds(id)));
            hold.expires_at_unix_ms = expires_at_unix_ms;
            hold.order = order.or(hold.order);
            self.timers.insert((expires_at_unix_ms, Timer::HoldEnds(id)));
        }
    }

    /// Takes a hold out. Its keys stay known for the retention, counted from now.
    #[allow(clippy::expect_used, reason = "see the module's header: this is where a contradiction stops the partition")]
    fn end_hold(&mut self, id: HoldId) -> Hold {
        let hold = self.holds.remove(id.sequence()).expect("an event ends a live hold");
        self.timers.remove(&(hold.expires_at_unix_ms, Timer::HoldEnds(id)));
        let now_unix_ms = self.logged_unix_ms();
        for key in &hold.keys {
            self.dedup.leave(*key, now_unix_ms);
        }
        hold
    }

    fn evolve_saga(&mut self, saga: SagaId, event: &Event) {
        if let Some(saga) = self.sagas.get_mut(saga.sequence()) {
            // A retry that is no longer waited for must not fire.
            if let Some(at) = saga.pending.as_ref().and_then(|pending| pending.retry_at_unix_ms) {
                self.timers.remove(&(at, Timer::RetryDue(saga.id)));
            }
            saga.evolve(event);
        }
    }

    fn set_payment(&mut self, order: OrderId, payment: PaymentState) {
        self.with_order(order, |order| order.payment = payment);
    }

    fn with_order(&mut self, order: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(order.sequence()) {
            change(order);
        }
    }
}
