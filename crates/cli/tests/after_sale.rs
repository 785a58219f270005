//! After the sale: what is cancelled, refunded, stuck and late, and how orders are found for it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_core::domain::key::Scope;
use guichet_core::domain::saga::{EffectOutcome, StepError};
use guichet_core::{
    Answer, Authorisation, Config, EffectId, Guichet, Item, LookUp, OrderId, PaymentProvider, PaymentRequest, SimulatedProvider,
};
use serde_json::{Value, json};
use support::{PATIENCE, Run, Stage, guichet};
use tokio_util::sync::CancellationToken;

const STANDS: &str = "Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2";

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn a_sale_is_taken_back_in_parts_and_the_show_keeps_its_fee() {
    let stage = Stage::open();
    let show = stage.open_show(&["--starts-at", "in 2h", "--cancellation-fee", "24h=50%+2.00", "--cancellation-fee", "2d=10%"]);
    let shown = stage.run(&["show", "show", &show]).stdout;
    assert!(shown.contains("less than 1d before the start: 50 % of each price and 2.00 EUR for each place"), "{shown}");
    let order = stage.order(&show, &[STANDS, "Infield:1"], "simulated");
    let (id, code, token) = (text(&order, "order"), text(&order, "code"), text(&order, "hold_token"));

    // Stdin is no terminal here: without --yes nothing is even asked of the server.
    for verb in [["order", "cancel", id].as_slice(), &["order", "refund", id, "100"]] {
        stage.run(&[&["--server", "http://127.0.0.1:9"], verb].concat()).fails(2, &["--yes", "terminal"]);
    }
    // A shop cancels for the buyer, with the token, and waives nothing.
    let secret = text(&stage.json(&["key", "create", "--name", "shop", "--scope", "shop"]), "secret").to_owned();
    let shop = |args: &[&str]| Run::of(stage.command().env("GUICHET_KEY", &secret).args(args));
    shop(&["order", "cancel", id, "--yes"]).fails(1, &["hold_token_required"]);
    shop(&["order", "cancel", id, "--token", token, "--waive-fee", "--yes"]).fails(1, &["scope_missing"]);
    let cancel = ["--output", "json", "order", "cancel", code, "--position", "1", "--token", token, "--yes"];
    let part = shop(&cancel).json();
    assert_eq!((text(&part, "state"), &part["positions"][1]["cancelled"], &part["tickets"]), ("confirmed", &json!(true), &json!(2)));
    // 45.00, half of it and 2.00 kept.
    assert_eq!((&part["fees"]["amount_minor"], &part["refunds"][0]["amount"]["amount_minor"]), (&json!(2_450), &json!(2_050)));
    shop(&cancel).fails(1, &["position_cancelled"]);
    stage.run(&["order", "cancel", id, "--position", "7", "--yes"]).fails(1, &["unknown_position"]);
    let tickets = stage.json(&["ticket", "list", code]);
    assert_eq!(tickets["tickets"].as_array().unwrap().len(), 2);
    // Its place is on sale again.
    stage.json(&["hold", "place", &show, "--item", "Goal Stands:Goal Stand 3-A-2"]);

    let rest = stage.json(&["order", "cancel", &code.to_lowercase(), "--waive-fee", "--yes"]);
    assert_eq!(
        (text(&rest, "state"), text(&rest, "cancel_reason"), &rest["fees"]["amount_minor"]),
        ("cancelled", "by_operator", &json!(2_450))
    );
    let refunded = stage.until(id, "all is given back", |order| order["refunded"]["amount_minor"] == 8_050);
    assert_eq!(refunded["payment"]["state"], "partially_refunded");
    let shown = stage.run(&["order", "show", code]).stdout;
    for said in ["fees kept", "24.50 EUR", "80.50 EUR", "20.50 EUR", "60.00 EUR", "by_operator", "cancelled", "Goal Stand 3-A-2"] {
        assert!(shown.contains(said), "\"{said}\" is missing: {shown}");
    }
    stage.run(&["order", "cancel", id, "--yes"]).fails(1, &["order_already_cancelled"]);

    // Money back, places stay sold.
    let order = stage.order(&show, &["Infield:2"], "simulated");
    let id = text(&order, "order");
    let refund =
        |amount: &str| stage.run(&["--output", "json", "order", "refund", id, amount, "--note", "rain", "--yes", "--idempotency-key", "r"]);
    for wrong in ["ten", "10.5", "10.00 USD", "-5"] {
        assert_eq!(stage.run(&["order", "refund", "--yes", "--", id, wrong]).code, 2, "{wrong}");
    }
    assert_eq!(refund("10.00").json()["refunds"][0]["amount"]["amount_minor"], 1_000);
    assert_eq!(refund("1000").json()["refunds"].as_array().unwrap().len(), 1, "the same key is the same refund");
    stage.run(&["order", "refund", id, "20.01", "--yes"]).fails(1, &["refund_too_large"]);
    let seen = stage.until(id, "it is given back", |order| order["refunds"][0]["done"] == true);
    assert_eq!((&seen["tickets"], &seen["refunds"][0]["note"]), (&json!(2), &json!("rain")));
    assert_eq!(stage.json(&["verify"])["ok"], true);

    // The journal tells it all, and nothing that it must not.
    let data = stage.data();
    let (directory, _) = stage.stop();
    let log = Run::of(guichet(directory.path()).args(["log", "cat", "--data"]).arg(&data));
    let events: Vec<Value> = log
        .stdout
        .lines()
        .flat_map(|line| serde_json::from_str::<Value>(line).unwrap()["events"].as_array().cloned().unwrap_or_default())
        .collect();
    let of = |kind: &str| events.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("no {kind}"));
    assert_eq!(of("positions_cancelled")["fees"][0], json!({"amount_minor": 2_450, "currency": "EUR"}));
    assert_eq!(of("positions_cancelled")["positions"], json!([1]));
    assert_eq!(
        (&of("refund_started")["amount"]["amount_minor"], &of("payment_refunded")["amount"]["currency"]),
        (&json!(2_050), &json!("EUR"))
    );
    assert!(of("refund_started")["order"].is_string() && of("saga_completed")["saga"].is_string());
    assert_eq!(of("show_adopted")["late_payment"], "same_seat");
    assert!(!log.stdout.contains("sim_") && !log.stdout.contains(token), "the journal's text tells too much");
}

#[test]
fn orders_are_found_by_what_is_known_of_them() {
    let stage = Stage::open();
    let show = stage.show.clone();
    let other = stage.open_show(&[]);
    let paid = stage.order(&show, &[STANDS], "simulated");
    let waiting = stage.order(&show, &["Infield:1"], "manual");
    let elsewhere = stage.order(&other, &["Infield:1"], "simulated");
    let list = |args: &[&str]| -> Vec<String> {
        let list = stage.json(&[&["order", "list"], args].concat());
        list["orders"].as_array().unwrap().iter().map(|order| text(order, "order").to_owned()).collect()
    };
    let ids = |orders: &[&Value]| orders.iter().map(|order| text(order, "order").to_owned()).collect::<Vec<_>>();

    // The latest first, those under way among them.
    assert_eq!(list(&[]), ids(&[&elsewhere, &waiting, &paid]));
    assert_eq!(list(&["--show", &show]), ids(&[&waiting, &paid]));
    assert_eq!(list(&["--state", "awaiting_payment"]), ids(&[&waiting]));
    assert_eq!(list(&["--payment", "captured", "--show", &show]), ids(&[&paid]));
    assert_eq!(list(&["--provider", "manual"]), ids(&[&waiting]));
    let at = text(&waiting, "placed_at");
    assert_eq!(list(&["--since", at]), ids(&[&elsewhere, &waiting]));
    assert_eq!(list(&["--until", at]), ids(&[&paid]));
    let page = stage.json(&["order", "list", "--limit", "2"]);
    assert_eq!(list(&["--limit", "2", "--after", text(&page, "next")]), ids(&[&paid]));
    assert_eq!(stage.run(&["order", "list", "--since", "yesterday"]).code, 2);

    // By id, by a prefix of it, by the short code in any case.
    let id = text(&paid, "order");
    for name in [id, &id[..14], text(&paid, "code"), &text(&paid, "code").to_lowercase()] {
        assert_eq!(stage.json(&["order", "show", name])["order"], paid["order"], "{name}");
    }
    stage.run(&["order", "show", &id[..2]]).fails(2, &["3 orders begin with", text(&paid, "code"), text(&elsewhere, "order")]);
    stage.run(&["order", "show", "00000000-0000"]).fails(3, &["order list"]);
    stage.run(&["order", "show", "nothing"]).fails(3, &["order list"]);
    // Nothing of it is stuck, and no late money waits.
    stage.run(&["order", "retry", id]).fails(1, &["stuck"]);
    stage.run(&["order", "resolve", id, "refund"]).fails(1, &["no_late_payment"]);
    assert_eq!(stage.run(&["order", "resolve", id, "keep"]).code, 2);
}

#[test]
fn late_money_finds_its_places_or_goes_back_by_hand() {
    let stage = Stage::open();
    let show = stage.open_show(&["--transfer-deadline", "1s"]);
    let seat = |number: u32| format!("Goal Stands:Goal Stand 3-A-{number}");
    let orders: Vec<Value> = [1, 2].map(|number| stage.order(&show, &[&seat(number)], "manual")).into();
    let ids: Vec<&str> = orders.iter().map(|order| text(order, "order")).collect();
    for id in &ids {
        stage.until(id, "its time is over", |order| order["state"] == "cancelled");
    }
    // Somebody has the second one's seat.
    stage.json(&["hold", "place", &show, "--item", &seat(2)]);
    for id in &ids {
        stage.json(&["payment", "confirm", id, "45.00", "--reference", &format!("bank {id}")]);
    }
    let sold = stage.until(ids[0], "it is sold after all", |order| order["state"] == "confirmed");
    assert_eq!((&sold["tickets"], &sold["late_payment"]["amount"]["amount_minor"]), (&json!(1), &json!(4_500)));
    let back = stage.until(ids[1], "it goes back", |order| order["saga"]["unwinding"] == true);
    assert_eq!((text(&back, "state"), &back["payment"]["state"]), ("cancelled", &json!("paid_unfulfilled")));
    stage.run(&["payment", "payout", ids[1], "44.00", "--reference", "out"]).fails(1, &["no_payout_pending"]);
    stage.json(&["payment", "payout", ids[1], "45.00", "--reference", "out"]);
    let done = stage.until(ids[1], "it is paid out", |order| order["refunds"][0]["done"] == true);
    assert_eq!(done["payment"]["state"], "refunded");
    assert!(stage.run(&["order", "show", ids[1]]).stdout.contains("late payment"));
}

/// Refunds nothing until it is willing, and takes its time to say so.
#[derive(Default)]
struct Stubborn {
    inner: SimulatedProvider,
    willing: AtomicBool,
}

impl PaymentProvider for Stubborn {
    fn authorise<'a>(&'a self, id: &'a EffectId, authorisation: &'a Authorisation) -> Answer<'a> {
        self.inner.authorise(id, authorisation)
    }

    fn capture<'a>(&'a self, id: &'a EffectId, authorisation: &'a str) -> Answer<'a> {
        self.inner.capture(id, authorisation)
    }

    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, authorisation: Option<&'a str>) -> Answer<'a> {
        self.inner.void(id, order, authorisation)
    }

    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a> {
        if self.willing.load(Ordering::Acquire) {
            return self.inner.refund(id, authorisation, amount_minor);
        }
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            Some(EffectOutcome::Refused { error: StepError::Failed("not today".into()) })
        })
    }

    fn look_up<'a>(&'a self, id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        self.inner.look_up(id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stuck_goes_on_when_an_operator_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let provider = Arc::new(Stubborn::default());
    let config = Config::at(directory.path().join("data")).payment_provider("stubborn", Arc::clone(&provider) as _);
    let engine = Guichet::open(config).await.unwrap();
    let key = engine.create_api_key(guichet_core::ApiKeyDraft::new("admin", Scope::Admin)).await.unwrap().secret;
    let listener = guichet_server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(guichet_server::serve(listener, engine.clone(), guichet_server::ServerConfig::default(), shutdown.clone()));
    let run = |args: &[&str]| {
        Run::of(guichet(directory.path()).env("GUICHET_SERVER", &base).env("GUICHET_KEY", &key).args(["--output", "json"]).args(args))
    };
    let until = |order: &str, state: &str| {
        let started = std::time::Instant::now();
        loop {
            let seen = run(&["order", "show", order]).json();
            if seen["state"] == state {
                return seen;
            }
            assert!(started.elapsed() < PATIENCE, "not {state}: {seen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let venue = run(&["venue", "import", support::race_track().to_str().unwrap()]).json();
    let made = run(&[&["show", "create", "--venue", text(&venue, "venue"), "--late-payment", "refund"], support::SHOW].concat()).json();
    let show = text(&made, "show");
    run(&["show", "open", show]).json();
    let show_id = show.parse().unwrap();
    let mut orders = Vec::new();
    for (seat, token) in [("Goal Stand 3-A-1", "approve"), ("Goal Stand 3-A-2", "decline")] {
        let hold = engine.place_hold(show_id, [Item::seats("Goal Stands", [seat])]).await.unwrap();
        let payment = PaymentRequest { provider: "stubborn".into(), token: token.into() };
        let order = engine.place_order(&[hold.id], None, payment).await.unwrap();
        orders.push(order.settled(PATIENCE).await.unwrap());
    }

    // Two refunds at once: both are stuck, and the order names only the second as what drives it.
    let order = orders[0].code.as_str();
    for amount_minor in [1_000, 500] {
        engine.refund_order(orders[0].id, amount_minor, "").await.unwrap();
    }
    std::thread::sleep(Duration::from_millis(1_500));
    let stuck = until(order, "stuck");
    assert!(stuck["saga"]["last_error"].as_str().unwrap().contains("not today"), "{stuck}");
    run(&["order", "cancel", order, "--yes"]).fails(1, &["order_stuck"]);

    // Late money that is stuck, and is kept for a sale after all.
    let late = orders[1].code.as_str();
    run(&["payment", "confirm", late, "45.00", "--reference", "late", "--provider", "stubborn"]).json();
    let waits = until(late, "stuck");
    assert_eq!((&waits["payment"]["state"], &waits["late_payment"]["policy"]), (&json!("paid_unfulfilled"), &json!("refund")));
    run(&["order", "resolve", late, "same_seat"]).json();
    assert_eq!(until(late, "confirmed")["tickets"], 1);

    provider.willing.store(true, Ordering::Release);
    run(&["order", "retry", order]).json();
    std::thread::sleep(Duration::from_millis(500));
    let done = until(order, "confirmed");
    assert_eq!((&done["refunded"]["amount_minor"], &done["tickets"]), (&json!(1_500), &json!(1)));
    run(&["order", "retry", order]).fails(1, &["stuck"]);
    shutdown.cancel();
    server.await.unwrap().unwrap();
    engine.close().await;
}
