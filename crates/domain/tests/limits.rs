//! What one buyer may have, and when anything is sold at all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::ReleaseHold;
use guichet_domain::show::{Admits, SaleState, SaleWindow, ShowDefinition};
use guichet_domain::{Command, HoldId, Rejection};

use support::{
    DEADLINE_MS, LIMIT, Run, START_MS, TTL_MS, cancel_of, declined, definition, done, hold_for, plan, product, refused, show, standing,
};

const ANNA: [u8; 16] = [1; 16];
const BERT: [u8; 16] = [2; 16];

/// Show 2 sells no more than this to anybody.
fn limited() -> Run {
    let mut run = Run::empty();
    run.sell(ShowDefinition { per_buyer_max: Some(LIMIT), ..definition(2) }, plan());
    run
}

fn ask(run: &mut Run, places: u32, buyer: Option<[u8; 16]>) -> Result<HoldId, Rejection> {
    run.ask(&hold_for(2, &[standing(0, places)], TTL_MS, buyer).into()).map(|_| run.last_hold())
}

/// How many places the buyer has, as a refusal says it.
fn has(run: &Run, buyer: [u8; 16]) -> u32 {
    match ask(&mut run.clone(), LIMIT + 1, Some(buyer)) {
        Err(Rejection::LimitExceeded { limit: LIMIT, has, requested, .. }) if requested == LIMIT + 1 => has,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limit_is_inclusive_and_each_buyers_own() {
    let mut run = limited();
    assert_eq!(ask(&mut run, 1, None), Err(Rejection::BuyerRefRequired { show: show(2) }));
    assert_eq!(
        ask(&mut run, LIMIT + 1, Some(ANNA)),
        Err(Rejection::LimitExceeded { show: show(2), limit: LIMIT, has: 0, requested: LIMIT + 1 })
    );
    ask(&mut run, LIMIT, Some(ANNA)).unwrap();
    assert_eq!(ask(&mut run, 1, Some(ANNA)), Err(Rejection::LimitExceeded { show: show(2), limit: LIMIT, has: LIMIT, requested: 1 }));
    // Bert's limit has room, the quota of five has two.
    assert_eq!(ask(&mut run, LIMIT, Some(BERT)).unwrap_err().code(), "sold_out");
    ask(&mut run, 2, Some(BERT)).unwrap();
    assert_eq!((has(&run, ANNA), has(&run, BERT)), (LIMIT, 2));
    run.agrees();
}

#[test]
fn all_items_of_a_hold_count_together() {
    let mut run = limited();
    let items = [standing(0, 2), standing(0, 2)];
    let said = run.refuse(hold_for(2, &items, TTL_MS, Some(ANNA)));
    assert_eq!(said, Rejection::LimitExceeded { show: show(2), limit: LIMIT, has: 0, requested: 4 });
}

#[test]
fn a_show_without_a_limit_counts_nobody() {
    let mut run = Run::on_sale();
    ask(&mut run, 5, Some(ANNA)).unwrap();
    assert!(run.state.show(show(2)).unwrap().buyers.is_empty());
}

/// What happens to a hold of two places, and how many of them its buyer has afterwards.
type Way = (&'static str, fn(&mut Run, HoldId), u32);

#[test]
fn a_place_counts_while_it_is_held_or_owned_and_no_longer() {
    let ways: [Way; 9] = [
        ("nothing", |_, _| (), 2),
        ("released", |run, hold| drop(run.accept(Command::ReleaseHold(ReleaseHold { hold }))), 0),
        ("expired", |run, _| drop(run.pass(TTL_MS)), 0),
        ("ordered", |run, hold| assert!(run.order(&[hold]).sequence() > 0), 2),
        (
            "the deadline of its order passed",
            |run, hold| {
                run.order(&[hold]);
                run.pass(DEADLINE_MS);
            },
            0,
        ),
        (
            "declined",
            |run, hold| {
                run.order(&[hold]);
                run.report(declined());
            },
            0,
        ),
        (
            "sold",
            |run, hold| {
                run.order(&[hold]);
                (0..3).for_each(|_| drop(run.report(done())));
            },
            2,
        ),
        (
            "the booking was reversed",
            |run, hold| {
                run.order(&[hold]);
                [done(), done(), refused(), done()].into_iter().for_each(|outcome| drop(run.report(outcome)));
            },
            0,
        ),
        (
            "one of them cancelled",
            |run, hold| {
                let order = run.order(&[hold]);
                (0..3).for_each(|_| drop(run.report(done())));
                run.accept(cancel_of(order, Some(&[1])));
            },
            1,
        ),
    ];
    for (name, way, left) in ways {
        let mut run = limited();
        let hold = ask(&mut run, 2, Some(ANNA)).unwrap();
        way(&mut run, hold);
        assert_eq!(has(&run, ANNA), left, "{name}");
        assert_eq!(run.state.show(show(2)).unwrap().buyers.len(), usize::from(left > 0), "{name}");
        run.agrees();
    }
}

#[test]
fn a_window_is_open_from_its_first_instant_to_before_its_last() {
    let (opens, closes) = (START_MS + 10, START_MS + 20);
    let window = |opens_at_unix_ms, closes_at_unix_ms| SaleWindow { opens_at_unix_ms, closes_at_unix_ms };
    let cases = [
        (window(None, None), [true, true, true, true]),
        (window(Some(opens), None), [false, true, true, true]),
        (window(None, Some(closes)), [true, true, true, false]),
        (window(Some(opens), Some(closes)), [false, true, true, false]),
    ];
    for (window, expected) in cases {
        for of_product in [false, true] {
            let mut run = Run::empty();
            let mut windowed = definition(2);
            if of_product {
                windowed.products[0].window = window
            } else {
                windowed.window = window
            }
            // The other product is always sold, as long as the show is.
            windowed.products.push(product("other", 1, Admits::Quantity, vec![0]));
            run.sell(windowed, plan());
            for (at, open) in [opens - 1, opens, closes - 1, closes].into_iter().zip(expected) {
                run.pass(at - run.now_unix_ms);
                let refusal = Rejection::OutsideSaleWindow {
                    show: show(2),
                    product: of_product.then_some(0),
                    opens_at_unix_ms: window.opens_at_unix_ms,
                    closes_at_unix_ms: window.closes_at_unix_ms,
                };
                let said = run.ask(&hold_for(2, &[standing(0, 1)], TTL_MS, None).into()).map(drop);
                assert_eq!(said, if open { Ok(()) } else { Err(refusal) }, "{window:?} at {at}");
                let other = run.ask(&hold_for(2, &[standing(1, 1)], TTL_MS, None).into()).is_ok();
                assert_eq!(other, open || of_product, "{window:?} at {at}");
                // Places are few, and this is not about them.
                run.pass(0);
                run.release_all();
            }
        }
    }
}

#[test]
fn a_window_that_closes_ends_no_hold_and_no_order() {
    let mut run = Run::empty();
    let window = SaleWindow { opens_at_unix_ms: None, closes_at_unix_ms: Some(START_MS + 1_000) };
    run.sell(ShowDefinition { window, ..definition(2) }, plan());
    let hold = ask(&mut run, 1, None).unwrap();
    run.pass(1_000);
    assert_eq!(ask(&mut run, 1, None).unwrap_err().code(), "outside_sale_window");
    let order = run.order(&[hold]);
    (0..3).for_each(|_| drop(run.report(done())));
    assert_eq!(run.tickets(order).len(), 1);
    // The state of the sale is said first.
    run.set_sale(2, SaleState::Paused);
    assert_eq!(ask(&mut run, 1, None).unwrap_err().code(), "sale_not_open");
}
