//! The catalogue: venues and shows. Each change is one plain call that returns when it is durable and visible.

use std::sync::Arc;

use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{
    Admits, CancellationFee, CheckInList, LatePayment, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition,
};
use guichet_domain::{Command, Event, OrganiserId, ShowId, VenueId, commands};

use super::submit::Sent;
use super::{CommandError, Fault, Guichet, Invalid, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};

/// Partition of the catalogue.
pub(super) const CATALOGUE: u16 = 0;
/// How long an order may take to be paid unless the show says otherwise, in milliseconds.
const ORDER_DEADLINE_MS_DEFAULT: u64 = 15 * 60 * 1_000;
/// How long an order may wait for a transfer unless the show says otherwise, in milliseconds: banks need days, and weekends count.
const TRANSFER_DEADLINE_MS_DEFAULT: u64 = 7 * 24 * 60 * 60 * 1_000;
/// The check-in list of a show that names none.
const CHECK_IN_LIST_DEFAULT: &str = "main";

/// A show about to be made, by names.
#[derive(Clone, Debug)]
pub struct ShowDraft {
    /// The venue.
    pub venue: VenueId,
    /// Whose it is; of nobody, it is reached by keys of no organiser.
    pub organiser: Option<OrganiserId>,
    /// Its name.
    pub name: String,
    /// When it starts.
    pub starts_at_unix_ms: Option<u64>,
    /// The currency of all its prices.
    pub currency: Currency,
    /// What is sold: name, price in minor units, seat categories (none for a product by quantity), quotas drawn on.
    pub products: Vec<ProductDraft>,
    /// Quotas by name and size. Every general-admission area of the plan has one of its own name and capacity already.
    pub quotas: Vec<(String, u32)>,
    /// How long an order may take to be paid, in milliseconds. Default: 15 minutes.
    pub order_deadline_ms: Option<u64>,
    /// How long an order may wait for a transfer, in milliseconds. Default: 7 days.
    pub transfer_deadline_ms: Option<u64>,
    /// When it is sold, as long as its sale is open.
    pub window: SaleWindow,
    /// Most places that one buyer may hold and own.
    pub per_buyer_max: Option<u32>,
    /// What happens to money that comes too late.
    pub late_payment: LatePayment,
    /// What late cancellations cost.
    pub cancellation_fees: Vec<CancellationFee>,
    /// Controls at the door. Default: one called `main` for all products.
    pub check_in_lists: Vec<CheckInListDraft>,
    /// Rules for its numbered seats.
    pub seating: SeatingRules,
}

/// A check-in list about to be made, by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckInListDraft {
    /// Its name.
    pub name: String,
    /// Products whose tickets may pass; none means all.
    pub products: Vec<String>,
}

impl ShowDraft {
    /// A show with nothing but defaults, to be filled in.
    #[must_use]
    pub fn new(venue: VenueId, name: impl Into<String>, currency: Currency) -> Self {
        Self {
            venue,
            organiser: None,
            name: name.into(),
            starts_at_unix_ms: None,
            currency,
            products: Vec::new(),
            quotas: Vec::new(),
            order_deadline_ms: None,
            transfer_deadline_ms: None,
            window: SaleWindow::default(),
            per_buyer_max: None,
            late_payment: LatePayment::default(),
            cancellation_fees: Vec::new(),
            check_in_lists: Vec::new(),
            seating: SeatingRules::default(),
        }
    }
}

/// A product about to be made, by names.
#[derive(Clone, Debug, Default)]
pub struct ProductDraft {
    /// Its name.
    pub name: String,
    /// Price of one in minor units.
    pub price_minor: i64,
    /// Categories of the seats that it sells; none for a product by quantity.
    pub categories: Vec<String>,
    /// Quotas that each one draws on.
    pub quotas: Vec<String>,
    /// When it is sold, inside the window of the show.
    pub window: SaleWindow,
}

impl ShowDraft {
    fn define(&self, plan: &SeatingPlan) -> Result<ShowDefinition, Invalid> {
        let mut quotas: Vec<Quota> = self.quotas.iter().map(|(name, size)| Quota { name: name.clone(), size: *size }).collect();
        for area in &plan.areas {
            if !quotas.iter().any(|quota| quota.name == area.label) {
                quotas.push(Quota { name: area.label.clone(), size: area.capacity });
            }
        }
        let products: Vec<Product> = self.products.iter().map(|product| product.define(plan, &quotas)).collect::<Result<_, _>>()?;
        let everybody = [CheckInListDraft { name: CHECK_IN_LIST_DEFAULT.into(), products: Vec::new() }];
        let lists = if self.check_in_lists.is_empty() { &everybody[..] } else { &self.check_in_lists };
        let check_in_lists = lists.iter().map(|list| list.define(&products)).collect::<Result<_, _>>()?;
        let nothing = IdParts { partition: 0, incarnation: 0, created_at_unix_ms: 0, sequence: 0 };
        Ok(ShowDefinition {
            id: ShowId::new(nothing),
            venue: self.venue,
            name: self.name.clone(),
            starts_at_unix_ms: self.starts_at_unix_ms,
            currency: self.currency,
            products,
            quotas,
            order_deadline_ms: self.order_deadline_ms.unwrap_or(ORDER_DEADLINE_MS_DEFAULT),
            transfer_deadline_ms: self.transfer_deadline_ms.unwrap_or(TRANSFER_DEADLINE_MS_DEFAULT),
            window: self.window,
            per_buyer_max: self.per_buyer_max,
            late_payment: self.late_payment,
            cancellation_fees: self.cancellation_fees.clone(),
            check_in_lists,
            seating: self.seating,
        })
    }
}

impl CheckInListDraft {
    fn define(&self, products: &[Product]) -> Result<CheckInList, Invalid> {
        let index = |name: &String| {
            let index = products.iter().position(|product| product.name == *name).and_then(|index| u16::try_from(index).ok());
            index.ok_or_else(|| {
                let known: Vec<&str> = products.iter().map(|product| product.name.as_str()).collect();
                Invalid::InvalidShow(format!("check-in list \"{}\" names the product \"{name}\", there is {}", self.name, known.join(", ")))
            })
        };
        Ok(CheckInList { name: self.name.clone(), products: self.products.iter().map(index).collect::<Result<_, _>>()? })
    }
}

impl ProductDraft {
    fn define(&self, plan: &SeatingPlan, quotas: &[Quota]) -> Result<Product, Invalid> {
        let missing = |what: &str, name: &str, known: Vec<&str>| {
            let product = &self.name;
            Invalid::InvalidShow(format!("product \"{product}\" names the {what} \"{name}\", there is {}", known.join(", ")))
        };
        let category = |name: &String| {
            let known = || plan.categories.iter().map(|category| category.name.as_str()).collect();
            plan.category(name).ok_or_else(|| missing("category", name, known()))
        };
        let quota = |name: &String| {
            let index = quotas.iter().position(|quota| quota.name == *name).and_then(|index| u16::try_from(index).ok());
            index.ok_or_else(|| missing("quota", name, quotas.iter().map(|quota| quota.name.as_str()).collect()))
        };
        let categories: Vec<u16> = self.categories.iter().map(category).collect::<Result<_, _>>()?;
        let admits = if categories.is_empty() { Admits::Quantity } else { Admits::Seats { categories } };
        let quotas = self.quotas.iter().map(quota).collect::<Result<_, _>>()?;
        Ok(Product { name: self.name.clone(), price_minor: self.price_minor, admits, quotas, window: self.window })
    }
}

impl Guichet {
    /// Registers a venue with its plan. One of an organiser is used by that organiser alone.
    ///
    /// # Errors
    /// [`Invalid::InvalidPlan`] with every fault of the plan.
    pub async fn register_venue(
        &self,
        plan: SeatingPlan,
        organiser: Option<OrganiserId>,
        caller: Caller,
        key: Option<IdempotencyKey>,
    ) -> Result<(VenueId, Receipt), CommandError> {
        let faults = plan.check();
        if !faults.is_empty() {
            return Err(Invalid::InvalidPlan { faults }.into());
        }
        let command = Command::RegisterVenue(commands::RegisterVenue { plan: Arc::new(plan), organiser });
        let receipt = self.administer(CATALOGUE, command, caller, key).await?;
        let made = receipt.events().iter().find_map(|event| match event {
            Event::VenueRegistered { venue, .. } => Some(*venue),
            _ => None,
        });
        Ok((made.ok_or_else(|| Fault::Journal("a venue's record has no venue".into()))?, receipt))
    }

    /// Creates a show in the catalogue and copies it, plan included, into the partition that will sell it.
    ///
    /// # Errors
    /// [`Invalid::InvalidShow`] when it names what the plan does not have.
    pub async fn create_show(
        &self,
        draft: ShowDraft,
        caller: Caller,
        key: Option<IdempotencyKey>,
    ) -> Result<(Arc<ShowDefinition>, Receipt), CommandError> {
        let plan = self.venue(draft.venue).ok_or_else(|| Invalid::InvalidShow(format!("there is no venue {}", draft.venue)))?;
        let organiser = draft.organiser;
        let draft = draft.define(&plan)?;
        let command = Command::CreateShow(commands::CreateShow { draft, partition: self.emptiest_partition(), organiser });
        let receipt = self.administer(CATALOGUE, command, caller, key).await?;
        let made = receipt.events().iter().find_map(|event| match event {
            Event::ShowCreated { definition } => Some(Arc::clone(definition)),
            _ => None,
        });
        let definition = made.ok_or_else(|| Fault::Journal("a show's record has no show".into()))?;
        self.adopt(Arc::clone(&definition), plan).await?;
        Ok((definition, receipt))
    }

    /// Opens, pauses or closes the sale of a show.
    ///
    /// # Errors
    /// `sale_state_conflict` when the sale cannot go there.
    pub async fn set_sale_state(
        &self,
        show: ShowId,
        state: SaleState,
        caller: Caller,
        key: Option<IdempotencyKey>,
    ) -> Result<Receipt, CommandError> {
        self.administer(show.partition(), Command::SetSaleState(commands::SetSaleState { show, state }), caller, key).await
    }

    /// After a crash between catalogue and partition: every show of the catalogue is where it is sold.
    pub(super) async fn complete_catalogue(&self) -> Result<(), CommandError> {
        for partition in &self.inner.partitions {
            self.caught_up(partition).await;
        }
        let shows: Vec<_> = self.catalogue().model.read().catalogue.shows.values().cloned().collect();
        for definition in shows {
            let there = self.partition(definition.id.partition())?.model.read().show(definition.id).is_some();
            if let Some(plan) = self.venue(definition.venue).filter(|_| !there) {
                self.adopt(definition, plan).await?;
            }
        }
        Ok(())
    }

    async fn adopt(&self, definition: Arc<ShowDefinition>, plan: Arc<SeatingPlan>) -> Result<Receipt, CommandError> {
        let partition = definition.id.partition();
        self.administer(partition, Command::AdoptShow(commands::AdoptShow { definition, plan }), Caller::EMBEDDER, None).await
    }

    /// Sends a command and waits until its effect can be seen.
    pub(super) async fn administer(
        &self,
        partition: u16,
        command: Command,
        caller: Caller,
        key: Option<IdempotencyKey>,
    ) -> Result<Receipt, CommandError> {
        let receipt = self.execute(Sent::new(partition, command, key, caller, 0)).await?;
        self.wait_for(&receipt.position).await?;
        Ok(receipt)
    }

    /// The partition with the fewest shows.
    fn emptiest_partition(&self) -> u16 {
        let mut shows = vec![0_u32; self.inner.partitions.len()];
        for show in self.catalogue().model.read().catalogue.shows.keys() {
            shows[usize::from(show.partition())] += 1;
        }
        (1..).zip(&shows[1..]).min_by_key(|(_, shows)| **shows).map_or(1, |(partition, _)| partition)
    }
}
