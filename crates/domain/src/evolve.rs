//! How each event changes the state. Never fails: an event was decided on the very state that it meets here. Where that is not so,
//! the journal and this code disagree, and the panic stops the partition before anything is sold on a wrong state.

use std::sync::Arc;

use crate::hold::Hold;
use crate::inventory::{Inventory, Move};
use crate::order::{Order, OrderState, PaymentState};
use crate::saga::Saga;
use crate::show::SaleState;
use crate::state::{Show, State, Timer};
use crate::{Event, HoldId, OrderId, SagaId};

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
            Event::ApiKeyCreated { key } => {
                self.sequences.api_key = key.id.sequence();
                self.api_keys.insert(key.id, key.clone());
            }
            Event::ApiKeyRevoked { key } => {
                self.api_keys.remove(key);
            }
            Event::ShowAdopted { definition, plan } => {
                let inventory = Inventory::new(plan, &definition.quotas);
                let show = Show { definition: Arc::clone(definition), plan: Arc::clone(plan), sale: SaleState::Draft, inventory };
                self.shows.insert(definition.id, show);
            }
            Event::SaleStateChanged { show, state } => {
                if let Some(show) = self.shows.get_mut(show) {
                    show.sale = *state;
                }
            }

            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, .. } => {
                self.sequences.hold = hold.sequence();
                let hold = Hold {
                    id: *hold,
                    show: *show,
                    items: Arc::clone(items),
                    expires_at_unix_ms: *expires_at_unix_ms,
                    order: None,
                    keys: Vec::new(),
                };
                self.shift(&hold, Move::Hold);
                self.timers.insert((hold.expires_at_unix_ms, Timer::HoldEnds(hold.id)));
                self.holds.insert(hold.id.sequence(), hold);
            }
            Event::HoldExtended { hold, expires_at_unix_ms } => self.reschedule(*hold, *expires_at_unix_ms, None),
            Event::HoldReleased { hold } | Event::HoldExpired { hold } => {
                let hold = self.end_hold(*hold);
                self.shift(&hold, Move::Release);
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
                let items = holds.iter().filter_map(|hold| self.hold(*hold)).map(|hold| Arc::clone(&hold.items)).collect();
                for hold in holds {
                    self.reschedule(*hold, *deadline_unix_ms, Some(*order));
                }
                self.orders.insert(
                    order.sequence(),
                    Order {
                        id: *order,
                        show: *show,
                        holds: holds.clone(),
                        items,
                        total_minor: *total_minor,
                        payment_request: payment.clone(),
                        state: OrderState::Placed,
                        payment: PaymentState::None,
                        saga: *saga,
                        first_ticket: None,
                        cancel_reason: None,
                    },
                );
            }
            Event::SeatsBooked { order, first_ticket, tickets } => {
                self.sequences.ticket = first_ticket.sequence() + u64::from(*tickets) - 1;
                let holds = self.order(*order).map(|order| order.holds.clone()).unwrap_or_default();
                for hold in holds {
                    let hold = self.end_hold(hold);
                    self.shift(&hold, Move::Book);
                }
                self.with_order(*order, |order| order.first_ticket = Some(*first_ticket));
            }
            Event::BookingReversed { order } => {
                let booked = self.order(*order).map(|order| (order.show, order.items.clone()));
                if let Some((show, items)) = booked
                    && let Some(show) = self.shows.get_mut(&show)
                {
                    items.iter().for_each(|items| show.inventory.shift(&show.definition, items, Move::Unbook));
                }
                self.with_order(*order, |order| order.first_ticket = None);
            }
            Event::PaymentAuthorised { order } => self.set_payment(*order, PaymentState::Authorised),
            Event::PaymentDeclined { order } => self.set_payment(*order, PaymentState::Declined),
            Event::PaymentUnknown { order } => self.set_payment(*order, PaymentState::Unknown),
            Event::PaymentCaptured { order } => self.set_payment(*order, PaymentState::Captured),
            Event::PaymentVoided { order } => self.set_payment(*order, PaymentState::Voided),
            Event::PaymentRefunded { order } => self.set_payment(*order, PaymentState::Refunded),
            Event::TicketsIssued { .. } => {}
            Event::OrderConfirmed { order } => self.with_order(*order, |order| order.state = OrderState::Confirmed),
            Event::OrderCancelled { order, reason } => self.with_order(*order, |order| {
                order.state = OrderState::Cancelled;
                order.cancel_reason = Some(*reason);
            }),
            Event::OrderStuck { order } => self.with_order(*order, |order| order.state = OrderState::Stuck),

            Event::SagaStarted { saga, definition, order } => {
                self.sequences.saga = saga.sequence();
                self.sagas.insert(saga.sequence(), Saga::new(*saga, *definition, *order));
            }
            Event::EffectIntended { saga, .. } => {
                self.evolve_saga(*saga, event);
                let order = self.saga(*saga).map(|saga| saga.order);
                order.into_iter().for_each(|order| {
                    self.with_order(order, |order| {
                        if order.payment == PaymentState::None {
                            order.payment = PaymentState::Authorising;
                            order.state = OrderState::AwaitingPayment;
                        }
                    });
                });
            }
            Event::StepDone { saga, .. } | Event::StepFailed { saga, .. } | Event::SagaStuck { saga, .. } => self.evolve_saga(*saga, event),
            Event::RetryScheduled { saga, at_unix_ms, .. } => {
                self.evolve_saga(*saga, event);
                self.timers.insert((*at_unix_ms, Timer::RetryDue(*saga)));
            }
            Event::SagaCompleted { saga } | Event::SagaCompensated { saga } => {
                self.sagas.remove(saga.sequence());
            }
        }
    }

    fn shift(&mut self, hold: &Hold, way: Move) {
        if let Some(show) = self.shows.get_mut(&hold.show) {
            show.inventory.shift(&show.definition, &hold.items, way);
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
