//! Which events a client wants to hear of.

use guichet_api::StreamFilter;
use guichet_core::{Event, Guichet, HoldId, OrderId, OrderView, SagaId, ShowId, TopicEvent};

use crate::app::App;
use crate::extract::parse_id;
use crate::failure::Failure;

/// What an event is about, as far as it says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) show: Option<ShowId>,
    pub(super) hold: Option<HoldId>,
    pub(super) order: Option<OrderId>,
    pub(super) saga: Option<SagaId>,
}

impl Subject {
    pub(super) fn of(event: &Event) -> Self {
        let nothing = Self::default();
        match event {
            Event::ShowCreated { definition } | Event::ShowAdopted { definition, .. } => Self { show: Some(definition.id), ..nothing },
            Event::SaleStateChanged { show, .. } => Self { show: Some(*show), ..nothing },
            Event::HoldPlaced { hold, show, .. } => Self { show: Some(*show), hold: Some(*hold), ..nothing },
            Event::HoldExtended { hold, .. } | Event::HoldReleased { hold } | Event::HoldExpired { hold } => {
                Self { hold: Some(*hold), ..nothing }
            }
            Event::OrderPlaced { order, saga, show, .. } => Self { show: Some(*show), order: Some(*order), saga: Some(*saga), hold: None },
            Event::SeatsBooked { order, .. }
            | Event::BookingReversed { order }
            | Event::PaymentAuthorised { order }
            | Event::PaymentDeclined { order }
            | Event::PaymentUnknown { order }
            | Event::PaymentCaptured { order }
            | Event::PaymentVoided { order }
            | Event::PaymentRefunded { order }
            | Event::TicketsIssued { order }
            | Event::OrderConfirmed { order }
            | Event::OrderCancelled { order, .. }
            | Event::OrderStuck { order } => Self { order: Some(*order), ..nothing },
            Event::SagaStarted { saga, order, .. } => Self { order: Some(*order), saga: Some(*saga), ..nothing },
            Event::EffectIntended { saga, .. }
            | Event::StepDone { saga, .. }
            | Event::StepFailed { saga, .. }
            | Event::RetryScheduled { saga, .. }
            | Event::SagaCompleted { saga }
            | Event::SagaCompensated { saga }
            | Event::SagaStuck { saga, .. } => Self { saga: Some(*saga), ..nothing },
            Event::VenueRegistered { .. }
            | Event::ApiKeyCreated { .. }
            | Event::ApiKeyRevoked { .. }
            | Event::ReopenGraceGranted { .. } => nothing,
        }
    }
}

/// What a client asked for.
pub(super) struct Filter {
    show: Option<ShowId>,
    /// An order with its saga.
    order: Option<(OrderId, SagaId)>,
}

impl Filter {
    pub(super) async fn new(app: &App, asked: &StreamFilter) -> Result<Self, Failure> {
        let show = asked.show.as_deref().map(|show| parse_id::<ShowId>(&app.engine, show)).transpose()?;
        if let Some(show) = show {
            app.engine.with_show(show, |_| ())?;
        }
        let order = match asked.order.as_deref() {
            Some(order) => {
                let id: OrderId = parse_id(&app.engine, order)?;
                let order = app.found(id.partition(), |engine| engine.order(id)).await?;
                let order = order.ok_or_else(|| Failure::not_found("order_not_found", format!("There is no order {id}.")))?;
                Some((id, order.saga))
            }
            None => None,
        };
        Ok(Self { show, order })
    }

    pub(super) fn wants(&self, engine: &Guichet, event: &TopicEvent) -> bool {
        let subject = Subject::of(&event.event);
        let of_order = self.order.is_none_or(|(order, saga)| subject.order == Some(order) || subject.saga == Some(saga));
        of_order && self.show.is_none_or(|show| is_of_show(engine, event, subject, show))
    }
}

/// Whether an event is about a show, one of its holds, or one of its orders.
fn is_of_show(engine: &Guichet, event: &TopicEvent, subject: Subject, show: ShowId) -> bool {
    // The grace is for every hold of the partition.
    let concerns_all = matches!(event.event, Event::ReopenGraceGranted { .. }) && event.partition == show.partition();
    let order_is = |order: OrderView| order.show == show;
    let order = |id| engine.order(id).ok().flatten();
    concerns_all
        || match subject {
            Subject { show: Some(of), .. } => of == show,
            Subject { hold: Some(hold), .. } => engine.hold(hold).ok().flatten().is_some_and(|hold| hold.show == show),
            Subject { order: Some(of), .. } => order(of).is_some_and(order_is),
            // An order and its saga are made in one instant and counted alike; whether it is the one is looked up.
            Subject { saga: Some(saga), .. } => {
                order(OrderId::from_bits(saga.bits())).filter(|order| order.saga == saga).is_some_and(order_is)
            }
            _ => false,
        }
}
