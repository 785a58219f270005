//! A gate: scans tickets. Two of them stand side by side and are shown the same ones.

use guichet_domain::commands::CheckInTicket;
use guichet_domain::{Command, TicketId};

use super::{View, pick_order};
use crate::plan::Habits;
use crate::rng::Rng;

/// Orders that come by before the gate looks up.
const LOOKS: usize = 6;

/// A gate.
pub(crate) struct Gate {
    name: String,
}

impl Gate {
    pub(crate) fn new(number: usize) -> Self {
        Self { name: format!("gate {number}") }
    }

    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let nonsense = rng.chance(habits.nonsense);
        let order = pick_order(rng, view, LOOKS, |order| order.issued)?;
        // Nobody has a ticket of an order that was never issued; somebody may guess one.
        let first = order.first_ticket.filter(|_| order.issued).or_else(|| nonsense.then(|| TicketId::from_bits(order.id.bits())))?;
        let places = order.places().max(1);
        // Holders come together: the first tickets of an order are shown most.
        let front = 1 + rng.below(u64::from(places));
        let number = u32::try_from(rng.below(front)).unwrap_or(0);
        let ticket = if nonsense && rng.one_of(3) { first.later(places) } else { first.later(number) };
        let show = order.positions().nth(number as usize).map_or(order.show, |position| position.line.show);
        let show = if nonsense && rng.one_of(2) { rng.pick(&view.public.shows)?.definition.id } else { show };
        let list = if rng.one_of(4) { u16::try_from(rng.below(4)).unwrap_or(0) } else { 0 };
        let offline = rng.one_of(6);
        let command = CheckInTicket {
            ticket,
            show,
            list,
            gate: self.name.clone(),
            scanned_offline_at_unix_ms: offline.then(|| view.wall_unix_ms.saturating_sub(rng.below(600_000))),
        };
        Some((order.id.partition(), Command::CheckInTicket(command)))
    }
}
