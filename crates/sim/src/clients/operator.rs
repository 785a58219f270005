//! The operator: makes the venue and the shows, opens the sales, and pauses them now and then.

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_domain::commands::{AdoptShow, CreateShow, RegisterVenue, SetSaleState};
use guichet_domain::seating::{Area, Category, Point, Row, Seat, SeatingPlan, Section};
use guichet_domain::show::{SaleState, ShowDefinition};
use guichet_domain::{Command, Event, Record, ShowId};

use super::{Listed, Public, shows};
use crate::plan::{Habits, Plan};
use crate::rng::Rng;

/// Seats in a row of the simulated venue.
const ROW_SEATS: u32 = 20;

/// The seat of a row, from 0, behind which an aisle runs.
const AISLE_AFTER: u32 = 7;

/// What it has to do, in order.
pub(crate) struct Operator {
    plan: Arc<SeatingPlan>,
    drafts: Vec<(u16, ShowDefinition)>,
    todo: VecDeque<(u16, Command)>,
}

impl Operator {
    /// One with a world to set up.
    pub(crate) fn new(rng: &mut Rng, world: &Plan) -> Self {
        let plan = Arc::new(seating(u32::try_from(rng.between(20, 200)).unwrap_or(20)));
        let draft = |number: usize| {
            let partition = u16::try_from(1 + number % usize::from(world.show_partitions)).unwrap_or(1);
            (partition, shows::draft(rng, world, number, plan.seats.len()))
        };
        let drafts = (0..world.shows).map(draft).collect();
        let todo = VecDeque::from([(0, Command::RegisterVenue(RegisterVenue { plan: Arc::clone(&plan), organiser: None }))]);
        Self { plan, drafts, todo }
    }

    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, public: &Public) -> Option<(u16, Command)> {
        if let Some(next) = self.todo.pop_front() {
            return Some(next);
        }
        let show = rng.pick(&public.shows)?.definition.id;
        if !rng.chance(habits.pause) {
            return None;
        }
        let state = [SaleState::Open, SaleState::Open, SaleState::Paused, SaleState::Draft][rng.index(4)];
        // A sale that stays paused is a dull one.
        if state == SaleState::Paused {
            self.todo.push_back(set_sale(show, SaleState::Open));
        }
        Some(set_sale(show, state))
    }

    pub(super) fn learn(&mut self, command: &Command, record: &Record, public: &mut Public) {
        for event in record.events() {
            match event {
                Event::VenueRegistered { venue, .. } => {
                    for (partition, draft) in self.drafts.drain(..) {
                        let draft = ShowDefinition { venue: *venue, ..draft };
                        self.todo.push_back((0, Command::CreateShow(CreateShow { draft, partition, organiser: None })));
                    }
                }
                Event::ShowCreated { definition } => {
                    let adopt = AdoptShow { definition: Arc::clone(definition), plan: Arc::clone(&self.plan) };
                    self.todo.push_back((definition.id.partition(), Command::AdoptShow(adopt)));
                }
                Event::ShowAdopted { definition, .. } => self.todo.push_back(set_sale(definition.id, SaleState::Open)),
                _ => {}
            }
        }
        if let (Command::AdoptShow(adopt), Record::Accepted { .. }) = (command, record) {
            public.shows.push(Listed { definition: Arc::clone(&adopt.definition), plan: Arc::clone(&adopt.plan) });
        }
    }
}

fn set_sale(show: ShowId, state: SaleState) -> (u16, Command) {
    (show.partition(), Command::SetSaleState(SetSaleState { show, state }))
}

/// Seats of two categories in rows, with an aisle, wheelchair places and companions beside them; and an area.
pub(super) fn seating(seats: u32) -> SeatingPlan {
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    let seat = |index: u32| Seat {
        label: (index % ROW_SEATS + 1).to_string().into(),
        position: Point { x: f64::from(index % ROW_SEATS), y: f64::from(index / ROW_SEATS) },
        category: u16::from(index % 5 == 4),
        accessible: index % 40 == 20,
        companion: index % 40 == 21,
        restricted_view: index % 7 == 6,
        aisle_after: index % ROW_SEATS == AISLE_AFTER,
        ..Seat::default()
    };
    let mut plan = SeatingPlan {
        name: "Globe".into(),
        categories: vec![category("stalls"), category("box")],
        sections: vec![Section { label: "A".into(), zone: None, entrance: None }],
        areas: vec![Area { label: "yard".into(), capacity: 100, ..Area::default() }],
        ..SeatingPlan::default()
    };
    for row in 0..seats.div_ceil(ROW_SEATS) {
        let numbers = row * ROW_SEATS..seats.min((row + 1) * ROW_SEATS);
        plan.push_row(Row { label: (row + 1).to_string(), section: Some(0), ..Row::default() }, numbers.map(seat));
    }
    plan
}
