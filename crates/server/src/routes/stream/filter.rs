//! Which events a client wants to hear of.

use guichet_api::StreamFilter;
use guichet_core::{Event, Guichet, HoldId, OrderId, OrderView, SagaId, ShowId, TopicEvent};

use crate::access::Identity;
use crate::app::App;
use crate::extract::{OrderName, parse_id, reached};
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
    /// `driver` is the order of the saga that the event is a step of.
    pub(super) fn of(event: &Event, driver: Option<OrderId>) -> Self {
        let about = Self { show: None, hold: None, order: event.order().or(driver), saga: event.saga() };
        match event {
            Event::ShowOwned { show, .. } => Self { show: Some(*show), ..about },
            Event::ShowCreated { definition } | Event::ShowAdopted { definition, .. } => Self { show: Some(definition.id), ..about },
            Event::SaleStateChanged { show, .. }
            | Event::PlanRevised { show, .. }
            | Event::SeatsBlocked { show, .. }
            | Event::SeatsUnblocked { show, .. } => Self { show: Some(*show), ..about },
            Event::HoldPlaced { hold, show, .. } => Self { show: Some(*show), hold: Some(*hold), ..about },
            Event::HoldExtended { hold, .. } | Event::HoldReleased { hold } | Event::HoldExpired { hold } => {
                Self { hold: Some(*hold), ..about }
            }
            Event::OrderPlaced { saga, show, .. } => Self { show: Some(*show), saga: Some(*saga), ..about },
            Event::RefundStarted { saga, .. } | Event::PaymentRefunded { saga, .. } | Event::PaymentArrivedLate { saga, .. } => {
                Self { saga: Some(*saga), ..about }
            }
            _ => about,
        }
    }
}

/// What a client asked for.
pub(super) struct Filter {
    show: Option<ShowId>,
    order: Option<OrderId>,
    identity: Identity,
}

impl Filter {
    pub(super) async fn new(app: &App, identity: Identity, asked: &StreamFilter) -> Result<Self, Failure> {
        let show = asked.show.as_deref().map(|show| parse_id::<ShowId>(&app.engine, show)).transpose()?;
        if let Some(show) = show {
            reached(&app.engine, identity, show)?;
            app.engine.with_show(show, |_| ())?;
        }
        let order = match asked.order.as_deref() {
            Some(order) => {
                let name = OrderName::parse(&app.engine, order)?;
                let order = name.find(app).await?.filter(|order| identity.reaches_order(&app.engine, order));
                Some(order.ok_or_else(|| name.not_found())?.id)
            }
            None => None,
        };
        Ok(Self { show, order, identity })
    }

    /// Whether the caller's key is still good.
    pub(super) fn may_go_on(&self, engine: &Guichet) -> bool {
        engine.has_api_key(self.identity.key)
    }

    pub(super) fn wants(&self, engine: &Guichet, event: &TopicEvent, subject: Subject) -> bool {
        let of_order = self.order.is_none_or(|order| subject.order == Some(order));
        of_order && self.show.is_none_or(|show| is_of_show(engine, event, subject, show)) && self.reaches(engine, event, subject)
    }

    /// Whether the caller's organiser may hear of it. What is of no show is of the house.
    fn reaches(&self, engine: &Guichet, event: &TopicEvent, subject: Subject) -> bool {
        let Identity { organiser: Some(organiser), .. } = self.identity else { return true };
        match subject {
            Subject { order: Some(order), .. } => {
                engine.order(order).ok().flatten().is_some_and(|order| self.identity.reaches_order(engine, &order))
            }
            Subject { show: Some(show), .. } => engine.organiser_of_show(show) == Some(organiser),
            Subject { hold: Some(hold), .. } => {
                let hold = engine.hold(hold).ok().flatten();
                hold.is_some_and(|hold| engine.organiser_of_show(hold.show) == Some(organiser))
            }
            // The grace is for every hold of the partition.
            _ => matches!(event.event, Event::ReopenGraceGranted { .. }),
        }
    }
}

/// Whether an event is about a show, one of its holds, or an order that buys places of it.
fn is_of_show(engine: &Guichet, event: &TopicEvent, subject: Subject, show: ShowId) -> bool {
    // The grace is for every hold of the partition.
    let concerns_all = matches!(event.event, Event::ReopenGraceGranted { .. }) && event.partition == show.partition();
    let buys = |order: OrderView| order.lines.iter().any(|line| line.show == show);
    concerns_all
        || subject.show == Some(show)
        || match subject {
            Subject { order: Some(order), .. } => engine.order(order).ok().flatten().is_some_and(buys),
            Subject { hold: Some(hold), show: None, .. } => engine.hold(hold).ok().flatten().is_some_and(|hold| hold.show == show),
            _ => false,
        }
}
