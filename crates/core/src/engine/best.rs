//! Seats that the house chooses, by names: what a caller asks for, and what the shard is asked.

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::show::Admits;

use super::Invalid;
use super::holds::product_by_name;
use crate::read_model::ShowView;

/// A group for whom the house chooses the seats: together, and as near as possible to what they look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// How many of the item's product.
    pub quantity: u32,
    /// How many of other products sit with them: two adults, and with them a child.
    pub with: Vec<(String, u32)>,
    /// Products that would do instead of the item's own: the best seat of all is taken. `*` stands for every product with seats.
    pub alternatives: Vec<String>,
    /// Only products that cost at least this, in minor units.
    pub price_minor_min: Option<i64>,
    /// Only products that cost at most this, in minor units.
    pub price_minor_max: Option<i64>,
    /// Only seats of these categories; empty for all that the products admit.
    pub categories: Vec<String>,
    /// Only seats of these zones; empty for all.
    pub zones: Vec<String>,
    /// How many of the group need a wheelchair place.
    pub accessible: u32,
    /// An aisle may run through the group.
    pub across_aisles: bool,
    /// The group may be split, into as few parts as possible.
    pub split: bool,
}

impl Best {
    /// So many seats of one product.
    #[must_use]
    pub fn of(quantity: u32) -> Self {
        Self { quantity, ..Self::default() }
    }

    pub(super) fn resolve(&self, product: &str, show: &ShowView) -> Result<BestAvailable, Invalid> {
        let with: Vec<Part> = self
            .with
            .iter()
            .map(|(name, quantity)| Ok(Part { product: product_by_name(name, show)?, quantity: *quantity }))
            .collect::<Result<_, _>>()?;
        let mut products = vec![product_by_name(product, show)?];
        for name in &self.alternatives {
            match name.as_str() {
                "*" => products.extend(with_seats(show)),
                name => products.push(product_by_name(name, show)?),
            }
        }
        let mut choices: Vec<Vec<Part>> = Vec::new();
        for product in products {
            let choice = [&[Part { product, quantity: self.quantity }], with.as_slice()].concat();
            if self.affords(product, show) && !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        if choices.is_empty() {
            return Err(Invalid::NothingInPriceRange { product: product.to_owned() });
        }
        let categories = self.categories.iter().map(|name| show.plan.category(name).ok_or_else(|| unknown_category(name, show)));
        let zones = self.zones.iter().map(|name| show.plan.zone(name).ok_or_else(|| unknown_zone(name, show)));
        Ok(BestAvailable {
            choices,
            accessible: self.accessible,
            categories: categories.collect::<Result<_, _>>()?,
            zones: zones.collect::<Result<_, _>>()?,
            across_aisles: self.across_aisles,
            split: self.split,
        })
    }

    fn affords(&self, product: u16, show: &ShowView) -> bool {
        let price_minor = show.definition.products[usize::from(product)].price_minor;
        self.price_minor_min.is_none_or(|min| price_minor >= min) && self.price_minor_max.is_none_or(|max| price_minor <= max)
    }
}

fn with_seats(show: &ShowView) -> impl Iterator<Item = u16> + '_ {
    let numbered = (0..).zip(&show.definition.products);
    numbered.filter(|(_, product)| matches!(product.admits, Admits::Seats { .. })).map(|(index, _)| index)
}

fn unknown_category(category: &str, show: &ShowView) -> Invalid {
    let known = show.plan.categories.iter().map(|category| category.name.as_str());
    Invalid::UnknownCategory { category: category.to_owned(), known: listed(known) }
}

fn unknown_zone(zone: &str, show: &ShowView) -> Invalid {
    let known = show.plan.zones.iter().map(|zone| zone.name.as_str());
    Invalid::UnknownZone { zone: zone.to_owned(), known: listed(known) }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}
