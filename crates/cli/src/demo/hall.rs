//! What is sold: a plan, with a product for each of its categories, and general admission beside it.

use std::path::Path;

use anyhow::Context;
use guichet_api::{Client, CreateProduct, CreateShow, Money, Quota};
use guichet_core::domain::seating::SeatingPlan;

/// The race track of 8,897 seats, in seats.io's chart format (MIT).
const RACE_TRACK: &[u8] = include_bytes!("../../../../examples/data/race-track.json");
/// Places without numbers beside the seats.
const INFIELD_PLACES: u32 = 2_000;
/// Name of the product for them.
pub(super) const INFIELD: &str = "Infield";
const CURRENCY: &str = "EUR";
/// Price of the first category; each further one costs as much more, in minor units.
const PRICE_MINOR: i64 = 4_500;
const INFIELD_PRICE_MINOR: i64 = 1_500;
/// Time to pay, in seconds: short, so that an order caught by the outage still ends within the demo.
const ORDER_DEADLINE_S: u64 = 15;

/// A hall to be sold.
pub(super) struct Hall {
    document: Vec<u8>,
    plan: SeatingPlan,
}

/// A show on sale, with all that buyers need to know of it.
pub(super) struct OnSale {
    /// Its id.
    pub(super) id: String,
    /// Blocks of seats that stand beside each other, each with the product that sells them.
    pub(super) rows: Vec<SeatRow>,
    /// The label of every seat, in plan order.
    pub(super) labels: Vec<String>,
}

/// Seats beside each other, all of one product.
pub(super) struct SeatRow {
    pub(super) product: String,
    pub(super) first_seat: usize,
    pub(super) seats: usize,
}

impl Hall {
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let document = match file {
            Some(file) => std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?,
            None => RACE_TRACK.to_vec(),
        };
        let read = guichet_plans::read_plan(&document).context("the plan cannot be sold")?;
        Ok(Self { document, plan: read.plan })
    }

    pub(super) fn name(&self) -> &str {
        &self.plan.name
    }

    pub(super) fn seats(&self) -> usize {
        self.plan.seats.len()
    }

    pub(super) fn places(&self) -> u64 {
        self.plan.seats.len() as u64 + u64::from(INFIELD_PLACES)
    }

    pub(super) fn standing_line(&self) -> String {
        format!("{INFIELD_PLACES} places in the infield beside them")
    }

    /// Imports the plan, creates the show and opens its sale, over HTTP like anybody else.
    pub(super) async fn put_on_sale(&self, admin: &Client) -> anyhow::Result<OnSale> {
        let venue = admin.create_venue(self.document.clone()).await?.value.venue;
        let used = |category: usize| self.plan.seats.iter().any(|seat| usize::from(seat.category) == category);
        let categories = self.plan.categories.iter().enumerate().filter(|(index, _)| used(*index)).map(|(_, category)| &category.name);
        let mut products: Vec<CreateProduct> = categories
            .zip(1..)
            .map(|(name, number)| CreateProduct {
                name: name.clone(),
                price: Money::new(PRICE_MINOR * number, CURRENCY),
                categories: vec![name.clone()],
                ..CreateProduct::default()
            })
            .collect();
        products.push(CreateProduct {
            name: INFIELD.into(),
            price: Money::new(INFIELD_PRICE_MINOR, CURRENCY),
            quotas: vec!["infield".into()],
            ..CreateProduct::default()
        });
        let show = CreateShow {
            venue,
            name: format!("{}, opening night", self.plan.name),
            currency: CURRENCY.into(),
            products,
            quotas: vec![Quota { name: "infield".into(), size: INFIELD_PLACES }],
            order_deadline_s: Some(ORDER_DEADLINE_S),
            ..CreateShow::default()
        };
        let id = admin.create_show(&show).await?.value.show;
        admin.open_show(&id).await?;
        let labels = admin.seats(&id, true).await?.value.labels.unwrap_or_default();
        Ok(OnSale { id, rows: self.rows(), labels })
    }

    /// Rows, cut where the category changes.
    fn rows(&self) -> Vec<SeatRow> {
        let mut rows: Vec<SeatRow> = Vec::new();
        for row in &self.plan.rows {
            let mut last = None;
            for seat in row.seats.iter().map(|seat| *seat as usize) {
                let category = self.plan.seats[seat].category;
                match rows.last_mut().filter(|_| last == Some(category)) {
                    Some(open) => open.seats += 1,
                    None => {
                        let product = self.plan.categories[usize::from(category)].name.clone();
                        rows.push(SeatRow { product, first_seat: seat, seats: 1 });
                    }
                }
                last = Some(category);
            }
        }
        rows
    }
}
