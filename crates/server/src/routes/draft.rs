//! A show about to be made: from what a request says to what the engine takes.

use guichet_api as api;
use guichet_core::domain::show::{CancellationFee, SaleWindow, SeatingRules};
use guichet_core::{CheckInListDraft, Currency, ProductDraft, ShowDraft, VenueId};
use jiff::Timestamp;

use crate::extract::unix_ms;
use crate::failure::Failure;
use crate::view;

/// The draft of a request.
///
/// # Errors
/// For a currency that is none, a price in another currency, a time before 1970.
pub(super) fn of(venue: VenueId, request: api::CreateShow) -> Result<ShowDraft, Failure> {
    let currency = Currency::from_code(&request.currency)
        .ok_or_else(|| refused(format!("\"{}\" is not a currency; currencies are like EUR.", request.currency)))?;
    let window = window(request.sale_opens_at, request.sale_closes_at)?;
    let products = request.products.into_iter().map(|product| product_of(product, currency)).collect::<Result<_, _>>()?;
    let fees = request.cancellation_fees.into_iter().map(|fee| fee_of(fee, currency)).collect::<Result<_, _>>()?;
    let lists = request.check_in_lists.into_iter().map(|list| CheckInListDraft { name: list.name, products: list.products });
    Ok(ShowDraft {
        starts_at_unix_ms: request.starts_at.map(at).transpose()?,
        products,
        quotas: request.quotas.into_iter().map(|quota| (quota.name, quota.size)).collect(),
        order_deadline_ms: request.order_deadline_s.map(ms),
        transfer_deadline_ms: request.transfer_deadline_s.map(ms),
        window,
        per_buyer_max: request.per_buyer_max,
        late_payment: request.late_payment.map(view::late_payment_named).unwrap_or_default(),
        cancellation_fees: fees,
        check_in_lists: lists.collect(),
        seating: SeatingRules {
            orphans: view::orphans_named(request.seating.orphans),
            accessible_released_before_start_ms: request.seating.accessible_released_before_start_s.map(ms),
            accessible_released_when_sold_out: request.seating.accessible_released_when_sold_out,
        },
        ..ShowDraft::new(venue, request.name, currency)
    })
}

fn product_of(product: api::CreateProduct, currency: Currency) -> Result<ProductDraft, Failure> {
    let name = product.name;
    if product.price.currency != currency.code() {
        let other = product.price.currency;
        return Err(refused(format!("Product \"{name}\" has a price in {other}, the show is in {currency}.")));
    }
    Ok(ProductDraft {
        name,
        price_minor: product.price.amount_minor,
        categories: product.categories,
        quotas: product.quotas,
        window: window(product.sale_opens_at, product.sale_closes_at)?,
    })
}

fn fee_of(fee: api::CancellationFee, currency: Currency) -> Result<CancellationFee, Failure> {
    let api::CancellationFee { within_s, price_percent, fixed } = fee;
    if let Some(other) = fixed.as_ref().filter(|fixed| fixed.currency != currency.code()) {
        return Err(refused(format!("A cancellation fee is fixed in {}, the show is in {currency}.", other.currency)));
    }
    let fixed_minor = fixed.map_or(0, |fixed| fixed.amount_minor);
    Ok(CancellationFee { within_ms: ms(within_s), price_bp: price_percent.basis_points(), fixed_minor })
}

fn window(opens_at: Option<Timestamp>, closes_at: Option<Timestamp>) -> Result<SaleWindow, Failure> {
    Ok(SaleWindow { opens_at_unix_ms: opens_at.map(at).transpose()?, closes_at_unix_ms: closes_at.map(at).transpose()? })
}

fn at(time: Timestamp) -> Result<u64, Failure> {
    unix_ms(time).ok_or_else(|| refused(format!("{time} is before 1970.")))
}

fn ms(s: u64) -> u64 {
    s.saturating_mul(1_000)
}

fn refused(detail: String) -> Failure {
    Failure::new("invalid_show", detail)
}
